"""The same question as in `test_isolation`, asked of a deployed domain by the code of people's own apps.

IAM is enforced by the embedded AWS; credentials are those that SageMaker gives to a notebook.
"""

from __future__ import annotations

import json
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template
from botocore.exceptions import ClientError

from studio_infra.access import Persona, RoleSharing, StudioExecutionRole, TeamAccess
from studio_infra.rehearsal.server import EmbeddedAws
from studio_infra.studio.domain.domain import StudioDomain
from studio_infra.studio.domain.domain_options import DomainOptions
from studio_infra.studio.people.user_profile import UserProfile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.slow

TEAMS = {"vision": Persona.data_scientist(), "speech": Persona.ml_engineer()}
#: Lea has left: her app's credentials are an hour old, her role is gone.
PEOPLE = {"ana": "vision", "ben": "vision", "eva": "speech", "lea": "vision"}
STAFF = ("ana", "ben", "eva")
ML = {"vision": "", "speech": "eva"}
TEAM = {"vision": "ana ben", "speech": "eva"}
_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/train:1"

#: A call of one person, and who may make it.
Row = tuple[str, str, "Callable[[], Any]"]


def stack_of(sharing: RoleSharing) -> cdk.Stack:
    """A domain with two teams, as a platform team would write it."""
    plain = cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False)
    stack = cdk.Stack(cdk.App(), "World", synthesizer=plain)
    private = ec2.SubnetConfiguration(name="Private", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    vpc = ec2.Vpc(
        stack, "Vpc", max_azs=1, subnet_configuration=[private], restrict_default_security_group=False
    )
    group = ec2.SecurityGroup(stack, "Jobs", vpc=vpc)
    key, bucket = kms.Key(stack, "Key"), s3.Bucket(stack, "Bucket")
    domain = StudioDomain(
        stack,
        "Domain",
        domain_name="research",
        vpc=vpc,
        subnets=vpc.isolated_subnets,
        security_groups=[group],
        options=DomainOptions(propagate_user_identity=sharing is RoleSharing.PER_TEAM),
    )
    teams = {
        team: TeamAccess(
            stack,
            team,
            name_prefix="research",
            team=team,
            persona=persona,
            instance_types=["ml.t3.medium", "ml.m5.large"],
            domain=domain,
            subnet_ids=[subnet.subnet_id for subnet in vpc.isolated_subnets],
            security_group_ids=[group.security_group_id],
            key=key,
            bucket=bucket,
            role_sharing=sharing,
        )
        for team, persona in TEAMS.items()
    }
    for person, team in PEOPLE.items():
        access = teams[team]
        role = access.shared_role or StudioExecutionRole(
            stack, f"{person}Role", user_name=person, team=team, managed_policies=access.managed_policies
        )
        UserProfile(stack, person, domain=domain, user_name=person, execution_role=role)
    outputs = {"Domain": domain.domain_id, "Key": key.key_arn, "Bucket": bucket.bucket_name}
    outputs |= {"Subnet": vpc.isolated_subnets[0].subnet_id, "Group": group.security_group_id}
    outputs |= {f"{team}Job": access.job_role.role_arn for team, access in teams.items() if access.job_role}
    for name, value in outputs.items():
        cdk.CfnOutput(stack, f"Out{name}", value=value)
    return stack


class World:
    """The deployed domain, everybody's things in it, and everybody's credentials."""

    def __init__(self, aws: EmbeddedAws, sharing: RoleSharing) -> None:
        self.aws = aws
        self.sm = aws.client("sagemaker")
        cloudformation = aws.client("cloudformation")
        stack = stack_of(sharing)
        # Too large to be sent along with the call.
        body = json.dumps(Template.from_stack(stack).to_json())
        aws.client("s3").create_bucket(Bucket="templates")
        aws.client("s3").put_object(Bucket="templates", Key="world.json", Body=body)
        url = f"{aws.endpoint}/templates/world.json"
        cloudformation.create_stack(StackName="world", TemplateURL=url, Capabilities=["CAPABILITY_IAM"])
        cloudformation.get_waiter("stack_create_complete").wait(
            StackName="world", WaiterConfig={"Delay": 1, "MaxAttempts": 120}
        )
        (found,) = cloudformation.describe_stacks(StackName="world")["Stacks"]
        self.out = {output["OutputKey"][3:]: output["OutputValue"] for output in found["Outputs"]}
        self.domain = self.out["Domain"]
        self.people = [name for name in PEOPLE if sharing is RoleSharing.PER_PERSON or name != "lea"]
        self.sessions = {name: self._open(name) for name in self.people}
        for team in TEAMS:
            self._things_of(team)
        if "lea" in self.people:
            self._leaves("lea")

    def _open(self, person: str) -> Any:
        for space in (f"{person}-space", f"{person}-spare"):
            self.sm.create_space(DomainId=self.domain, SpaceName=space, **private(person))
        self.sm.create_app(**self.app(f"{person}-space"))
        while self.sm.describe_app(**self.app(f"{person}-space"))["Status"] != "InService":
            time.sleep(0.1)
        people = f"/research/people/{person}"
        self.aws.client("ssm").put_parameter(Name=f"{people}/git-identity", Value="{}", Type="String")
        self.aws.client("secretsmanager").create_secret(
            Name=f"research/people/{person}/token", SecretString="x"
        )
        return self.aws.notebook(self.sm.describe_app(**self.app(f"{person}-space"))["AppArn"])

    def _things_of(self, team: str) -> None:
        self.aws.client("s3").put_object(Bucket=self.out["Bucket"], Key=f"teams/{team}/data", Body=b"x")
        self.sm.create_training_job(**self.training(f"{team}-runs", team))
        self.sm.create_pipeline(**self.pipeline(f"{team}-pipeline", team))
        self.sm.create_model(**self.model(f"{team}--live", team))
        self.sm.create_endpoint_config(**self.endpoint_config(f"{team}--live", team))
        self.sm.create_endpoint(
            EndpointName=f"{team}--live", EndpointConfigName=f"{team}--live", Tags=tags(team)
        )
        while self.sm.describe_endpoint(EndpointName=f"{team}--live")["EndpointStatus"] != "InService":
            time.sleep(0.1)

    def _leaves(self, person: str) -> None:
        role = self.sm.describe_user_profile(DomainId=self.domain, UserProfileName=person)["UserSettings"]
        name = role["ExecutionRole"].rpartition("/")[2]
        iam = self.aws.client("iam")
        for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
            iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
        iam.delete_role(RoleName=name)

    # -- requests as the rules want them -------------------------------------------------------------

    def app(self, space: str) -> dict[str, Any]:
        return {"DomainId": self.domain, "SpaceName": space, "AppType": "JupyterLab", "AppName": "default"}

    def training(self, name: str, team: str, **changes: Any) -> dict[str, Any]:
        request = {
            "TrainingJobName": name,
            "RoleArn": self.out[f"{team}Job"],
            "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            "OutputDataConfig": {
                "S3OutputPath": f"s3://{self.out['Bucket']}/teams/{team}/",
                "KmsKeyId": self.out["Key"],
            },
            "ResourceConfig": {
                "InstanceType": "ml.m5.large",
                "InstanceCount": 1,
                "VolumeSizeInGB": 5,
                "VolumeKmsKeyId": self.out["Key"],
            },
            "VpcConfig": {"Subnets": [self.out["Subnet"]], "SecurityGroupIds": [self.out["Group"]]},
            "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
            "Tags": tags(team),
        }
        return {key: value for key, value in (request | changes).items() if value is not None}

    def processing(self, name: str, team: str) -> dict[str, Any]:
        cluster = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5}
        training = self.training(name, team)
        return {
            "ProcessingJobName": name,
            "RoleArn": self.out[f"{team}Job"],
            "AppSpecification": {"ImageUri": IMAGE},
            "ProcessingResources": {"ClusterConfig": cluster | {"VolumeKmsKeyId": self.out["Key"]}},
            "ProcessingOutputConfig": {"Outputs": [], "KmsKeyId": self.out["Key"]},
            "NetworkConfig": {"VpcConfig": training["VpcConfig"]},
            "StoppingCondition": training["StoppingCondition"],
            "Tags": tags(team),
        }

    def pipeline(self, name: str, team: str) -> dict[str, Any]:
        step = {"Name": "Stop", "Type": "Fail", "Arguments": {"ErrorMessage": "enough"}}
        return {
            "PipelineName": name,
            "PipelineDefinition": json.dumps({"Version": "2020-12-01", "Steps": [step]}),
            "ClientRequestToken": "0" * 32 + name,
            "RoleArn": self.out[f"{team}Job"],
            "Tags": tags(team),
        }

    def model(self, name: str, team: str) -> dict[str, Any]:
        return {
            "ModelName": name,
            "ExecutionRoleArn": self.out[f"{team}Job"],
            "PrimaryContainer": {"Image": IMAGE},
            "VpcConfig": self.training(name, team)["VpcConfig"],
            "Tags": tags(team),
        }

    def endpoint_config(self, name: str, team: str) -> dict[str, Any]:
        variant = {"VariantName": "a", "ModelName": f"{team}--live", "InitialInstanceCount": 1}
        return {
            "EndpointConfigName": name,
            "ProductionVariants": [variant | {"InstanceType": "ml.m5.large"}],
            "Tags": tags(team),
        }


def private(owner: str, **more: Any) -> dict[str, Any]:
    return {
        "OwnershipSettings": {"OwnerUserProfileName": owner},
        "SpaceSharingSettings": {"SharingType": "Private"},
        "SpaceSettings": {"AppType": "JupyterLab"},
    } | more


def tags(team: str) -> list[dict[str, str]]:
    return [{"Key": "studio:team", "Value": team}]


def rows(world: World, me: str) -> Iterator[Row]:
    """What one person tries, and who may: ``(what it is, who may, the call)``."""
    yield from studio_rows(world, me)
    yield from person_rows(world, me)
    yield from team_rows(world, me)
    yield from job_rows(world, me)
    yield from forbidden_rows(world, me)


def client(world: World, me: str, service: str) -> Any:
    return world.aws.client(service, session=world.sessions[me])


def studio_rows(world: World, me: str) -> Iterator[Row]:
    sm, domain = client(world, me, "sagemaker"), world.domain
    for who in STAFF:
        profile = {"DomainId": domain, "UserProfileName": who}
        storage = {"SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": 10}}}
        space = {"DomainId": domain, "SpaceName": f"{who}-space", "SpaceSettings": storage}
        made = {"DomainId": domain, "SpaceName": f"{who}-by-{me}", **private(who)}
        spare = world.app(f"{who}-spare")
        yield f"read profile of {who}", who, partial(sm.describe_user_profile, **profile)
        yield f"open Studio as {who}", who, partial(sm.create_presigned_domain_url, **profile)
        yield f"change space of {who}", who, partial(sm.update_space, **space)
        yield f"make space for {who}", who, partial(sm.create_space, **made)
        yield f"start app of {who}", who, partial(sm.create_app, **spare)
        yield f"stop app of {who}", who, partial(sm.delete_app, **spare)
        yield f"change profile of {who}", "", partial(sm.update_user_profile, **profile)
        yield f"delete profile of {who}", "", partial(sm.delete_user_profile, **profile)


def person_rows(world: World, me: str) -> Iterator[Row]:
    ssm, secrets = client(world, me, "ssm"), client(world, me, "secretsmanager")
    for who in STAFF:
        people, token = f"/research/people/{who}", {"SecretId": f"research/people/{who}/token"}
        value = {"Value": "new", "Type": "String", "Overwrite": True}
        identity, key = f"{people}/git-identity", f"{people}/ssh-public-key"
        yield f"read git identity of {who}", who, partial(ssm.get_parameter, Name=identity)
        yield f"publish key of {who}", who, partial(ssm.put_parameter, Name=key, **value)
        yield f"change git identity of {who}", "", partial(ssm.put_parameter, Name=identity, **value)
        yield f"read secret of {who}", who, partial(secrets.get_secret_value, **token)
        yield f"change secret of {who}", "", partial(secrets.put_secret_value, **token, SecretString="y")


def team_rows(world: World, me: str) -> Iterator[Row]:
    sm, files, bucket = client(world, me, "sagemaker"), client(world, me, "s3"), world.out["Bucket"]
    runtime = client(world, me, "sagemaker-runtime")
    for team, people in TEAM.items():
        thing = {"Bucket": bucket, "Key": f"teams/{team}/data"}
        folder = {"Bucket": bucket, "Prefix": f"teams/{team}/"}
        made = f"{team}--by-{me}"
        job, process = world.training(made, team), world.processing(made, team)
        pipeline, config = world.pipeline(made, team), world.endpoint_config(made, team)
        start = {"PipelineName": f"{team}-pipeline", "ClientRequestToken": "1" * 32 + me}
        live, runs = {"EndpointName": f"{team}--live"}, {"TrainingJobName": f"{team}-runs"}
        group = {"ModelPackageGroupName": made, "Tags": tags(team)}
        yield f"read file of {team}", people, partial(files.get_object, **thing)
        yield f"write file of {team}", people, partial(files.put_object, **thing, Body=b"y")
        yield f"list files of {team}", people, partial(files.list_objects_v2, **folder)
        yield f"train for {team}", people, partial(sm.create_training_job, **job)
        yield f"process for {team}", people, partial(sm.create_processing_job, **process)
        yield f"read job of {team}", people, partial(sm.describe_training_job, **runs)
        yield f"make pipeline of {team}", people, partial(sm.create_pipeline, **pipeline)
        yield f"start pipeline of {team}", people, partial(sm.start_pipeline_execution, **start)
        yield f"make model group of {team}", people, partial(sm.create_model_package_group, **group)
        yield f"read endpoint of {team}", people, partial(sm.describe_endpoint, **live)
        yield f"invoke endpoint of {team}", people, partial(runtime.invoke_endpoint, **live, Body=b"1")
        yield f"configure endpoint of {team}", ML[team], partial(sm.create_endpoint_config, **config)


def job_rows(world: World, me: str) -> Iterator[Row]:
    """What is wrong with a job of one's own team, one thing at a time."""
    sm, team = client(world, me, "sagemaker"), PEOPLE[me]
    right = world.training(f"{me}-wrong", team)
    resources = right["ResourceConfig"]
    file_system = {
        "FileSystemId": "fs-01234567890abcdef",
        "FileSystemAccessMode": "ro",
        "FileSystemType": "EFS",
        "DirectoryPath": "/",
    }
    homes = [{"ChannelName": "homes", "DataSource": {"FileSystemDataSource": file_system}}]
    wrong: dict[str, dict[str, Any]] = {
        "on a machine that is not allowed": {
            "ResourceConfig": resources | {"InstanceType": "ml.p4d.24xlarge"}
        },
        "outside of the VPC": {"VpcConfig": None},
        "in another subnet": {"VpcConfig": right["VpcConfig"] | {"Subnets": ["subnet-other"]}},
        "in another group": {"VpcConfig": right["VpcConfig"] | {"SecurityGroupIds": ["sg-other"]}},
        "with open results": {"OutputDataConfig": {"S3OutputPath": "s3://elsewhere/"}},
        "on an open volume": {
            "ResourceConfig": {k: v for k, v in resources.items() if k != "VolumeKmsKeyId"}
        },
        "for two days": {"StoppingCondition": {"MaxRuntimeInSeconds": 172800}},
        "without the team": {"Tags": None},
        "with a role of the other team": {
            "RoleArn": world.out["speechJob" if team == "vision" else "visionJob"]
        },
        "with somebody's homes": {"InputDataConfig": homes},
    }
    for what, change in wrong.items():
        request = world.training(f"{me}-wrong", team, **change)
        yield f"train {what}", "", partial(sm.create_training_job, **request)


def forbidden_rows(world: World, me: str) -> Iterator[Row]:
    sm, domain = client(world, me, "sagemaker"), world.domain
    shared = private(me, SpaceSharingSettings={"SharingType": "Shared"})
    machine = {"DefaultResourceSpec": {"InstanceType": "ml.p4d.24xlarge"}}
    large = private(me, SpaceSettings={"JupyterLabAppSettings": machine})
    notebook = {"NotebookInstanceName": me, "InstanceType": "ml.t3.medium", "RoleArn": world.out["visionJob"]}
    profile = {"DomainId": domain, "UserProfileName": me}
    other_role = {"ExecutionRole": world.out["speechJob"]}
    trust = '{"Version": "2012-10-17", "Statement": []}'
    eva = [{"Key": "studio:user", "Value": "eva"}]
    bucket, key = world.out["Bucket"], world.out["Key"]
    iam, ssm, kms_ = (client(world, me, service) for service in ("iam", "ssm", "kms"))
    files, ec2_, sts = (client(world, me, service) for service in ("s3", "ec2", "sts"))
    calls: dict[str, Callable[[], Any]] = {
        "share a space": lambda: sm.create_space(DomainId=domain, SpaceName=f"{me}-shared", **shared),
        "make a large space": lambda: sm.create_space(DomainId=domain, SpaceName=f"{me}-large", **large),
        "delete the domain": lambda: sm.delete_domain(DomainId=domain),
        "give oneself a role": lambda: sm.update_user_profile(**profile, UserSettings=other_role),
        "make a notebook instance": lambda: sm.create_notebook_instance(**notebook),
        "make a role": lambda: iam.create_role(RoleName=me, AssumeRolePolicyDocument=trust),
        "be somebody else": lambda: iam.tag_role(RoleName="any", Tags=eva),
        "delete the key": lambda: kms_.schedule_key_deletion(KeyId=key),
        "list the whole bucket": lambda: files.list_objects_v2(Bucket=bucket),
        "read all parameters": lambda: ssm.get_parameters_by_path(Path="/research/people"),
        "start a machine": lambda: ec2_.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1),
        "assume a role": lambda: sts.assume_role(RoleArn=world.out["speechJob"], RoleSessionName=me),
    }
    for what, call in calls.items():
        yield what, "", call


@pytest.fixture(scope="module", params=list(RoleSharing), ids=lambda sharing: sharing.name.lower())
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with EmbeddedAws(strict=True) as aws:
        yield World(aws, request.param)


def test_code_in_an_app_may_do_its_persons_job_and_nothing_else(world: World) -> None:
    for me in world.people:
        asked = list(rows(world, me))
        assert len(asked) >= 60
        allowed = {what: _is_allowed(call) for what, _, call in asked}
        assert allowed == {what: me in people.split() for what, people, _ in asked}


def _is_allowed(call: Callable[[], Any]) -> bool:
    try:
        call()
    except ClientError as error:
        if error.response["Error"]["Code"] in _DENIED:
            return False
        raise
    return True
