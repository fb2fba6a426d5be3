"""IAM, enforced. Each grant is tried twice on the same resource: once where it must pass, once where it must not."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from studio_infra.rehearsal.errors import RehearsalError
from studio_infra.rehearsal.server import EmbeddedAws
from tests.rehearsal.conftest import TRUST, Stacks, Studio, make_role, make_studio

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.slow

ANYONE = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::123456789012:root", "Service": "sagemaker.amazonaws.com"},
            "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
        }
    ],
}
START = "arn:aws:sagemaker:us-east-1:123456789012"


@pytest.fixture(scope="module")
def strict() -> Iterator[EmbeddedAws]:
    """A server that enforces IAM."""
    with EmbeddedAws(strict=True) as aws:
        yield aws


@pytest.fixture
def guarded(strict: EmbeddedAws) -> EmbeddedAws:
    """The same, empty."""
    strict.control.reset()
    strict.control.wipe()
    return strict


Statement = dict[str, Any]


def allow(action: str | list[str], resource: str | list[str] = "*", /, **conditions: Any) -> Statement:
    made: Statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return made | ({"Condition": conditions} if conditions else {})


def deny(action: str, resource: str, /, **conditions: Any) -> Statement:
    return allow(action, resource, **conditions) | {"Effect": "Deny"}


def caller(aws: EmbeddedAws, *statements: Statement, service: str = "sagemaker", **more: Any) -> Any:
    """A client of a role with exactly these permissions."""
    iam = aws.client("iam")
    name = f"role-{len(iam.list_roles()['Roles'])}"
    tags = [{"Key": k, "Value": v} for k, v in more.pop("role_tags", {}).items()]
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(ANYONE), Tags=tags)["Role"][
        "Arn"
    ]
    if statements:
        document = {"Version": "2012-10-17", "Statement": list(statements)}
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps(document))
    return aws.client(service, session=aws.session(arn, **more))


def passes(call: Callable[[], Any]) -> bool:
    """Whether IAM lets a call through; any other refusal is the test's own fault."""
    try:
        call()
    except ClientError as error:
        if error.response["Error"]["Code"] == "AccessDeniedException":
            return False
        raise
    return True


def model(aws: EmbeddedAws, name: str) -> None:
    role = "arn:aws:iam::999999999999:role/elsewhere"
    aws.client("sagemaker").create_model(
        ModelName=name, ExecutionRoleArn=role, PrimaryContainer={"Image": "image"}
    )


# -- resources -------------------------------------------------------------------------------------------


def test_a_grant_on_one_resource_is_for_that_resource(guarded: EmbeddedAws) -> None:
    for name in ("mine", "other"):
        model(guarded, name)
    sm = caller(guarded, allow("sagemaker:DescribeModel", f"{START}:model/mine"))
    assert passes(lambda: sm.describe_model(ModelName="mine"))
    assert not passes(lambda: sm.describe_model(ModelName="other"))


def test_a_deny_on_one_resource_is_for_that_resource(guarded: EmbeddedAws) -> None:
    for name in ("open", "secret"):
        model(guarded, name)
    sm = caller(guarded, allow("sagemaker:*"), deny("sagemaker:DescribeModel", f"{START}:model/secret"))
    assert passes(lambda: sm.describe_model(ModelName="open"))
    assert not passes(lambda: sm.describe_model(ModelName="secret"))


def test_a_grant_on_a_file_system_is_for_that_one_also_in_a_query_and_of_its_mount_targets(
    guarded: EmbeddedAws,
) -> None:
    admin, ec2 = guarded.client("efs"), guarded.client("ec2")
    mine, other = (admin.create_file_system(CreationToken=token)["FileSystemId"] for token in ("a", "b"))
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    arn = f"arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/{mine}"
    efs = caller(guarded, allow("elasticfilesystem:*", arn), service="efs")
    targets = {
        one: admin.create_mount_target(FileSystemId=one, SubnetId=subnet)["MountTargetId"]
        for one in (mine, other)
    }
    assert passes(lambda: efs.describe_file_systems(FileSystemId=mine))
    assert not passes(lambda: efs.describe_file_systems(FileSystemId=other))
    assert not passes(efs.describe_file_systems)
    assert passes(lambda: efs.describe_mount_targets(FileSystemId=mine))
    assert not passes(lambda: efs.delete_mount_target(MountTargetId=targets[other]))
    assert passes(lambda: efs.delete_mount_target(MountTargetId=targets[mine]))


def test_the_vpc_of_a_security_group_is_a_key(guarded: EmbeddedAws) -> None:
    admin = guarded.client("ec2")
    vpcs = [admin.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"] for cidr in ("10.0.0.0/16", "10.1.0.0/16")]
    mine, other = (
        admin.create_security_group(GroupName="g", Description="d", VpcId=vpc)["GroupId"] for vpc in vpcs
    )
    there = {"ArnLike": {"ec2:Vpc": f"arn:aws:ec2:us-east-1:*:vpc/{vpcs[0]}"}}
    ec2 = caller(guarded, allow("ec2:DeleteSecurityGroup", **there), service="ec2")
    with pytest.raises(ClientError, match="UnauthorizedOperation"):
        ec2.delete_security_group(GroupId=other)
    ec2.delete_security_group(GroupId=mine)
    assert [one for one in admin.describe_security_groups()["SecurityGroups"] if one["GroupId"] == mine] == []


def test_nothing_is_allowed_without_a_statement(guarded: EmbeddedAws) -> None:
    model(guarded, "m")
    assert passes(lambda: caller(guarded, allow("sagemaker:DescribeModel")).describe_model(ModelName="m"))
    assert not passes(lambda: caller(guarded).describe_model(ModelName="m"))
    assert not passes(lambda: caller(guarded).list_models())


def test_invoking_an_endpoint_is_asked_for_on_the_endpoint(guarded: EmbeddedAws) -> None:
    model(guarded, "m")
    sm = guarded.client("sagemaker")
    variant = {"VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sm.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant])
    for name in ("mine", "other"):
        sm.create_endpoint(EndpointName=name, EndpointConfigName="c")
    runtime = caller(
        guarded, allow("sagemaker:InvokeEndpoint", f"{START}:endpoint/mine"), service="sagemaker-runtime"
    )
    assert passes(lambda: runtime.invoke_endpoint(EndpointName="mine", Body=b"x"))
    assert not passes(lambda: runtime.invoke_endpoint(EndpointName="other", Body=b"x"))


def test_a_queue_is_asked_by_an_action_of_its_own_and_a_container_is_a_key(guarded: EmbeddedAws) -> None:
    sm, place = guarded.client("sagemaker"), f"{START}:endpoint/*"
    role = "arn:aws:iam::999999999999:role/elsewhere"
    both = [{"Image": "image", "ContainerHostname": name} for name in ("first", "last")]
    sm.create_model(
        ModelName="m", ExecutionRoleArn=role, Containers=both, InferenceExecutionConfig={"Mode": "Direct"}
    )
    model(guarded, "q")
    guarded.client("s3").create_bucket(Bucket="answers")
    queue = {"OutputConfig": {"S3OutputPath": "s3://answers/"}}
    for name, more in (("m", {}), ("q", {"AsyncInferenceConfig": queue})):
        variant = {"VariantName": "v", "ModelName": name, "InstanceType": "ml.m5.large"}
        sm.create_endpoint_config(
            EndpointConfigName=name, ProductionVariants=[variant | {"InitialInstanceCount": 1}], **more
        )
        sm.create_endpoint(EndpointName=name, EndpointConfigName=name)
    condition = {"StringEquals": {"sagemaker:TargetContainerHostname": "first"}}
    at_once = caller(
        guarded,
        allow("sagemaker:InvokeEndpoint", place) | {"Condition": condition},
        service="sagemaker-runtime",
    )
    assert passes(
        lambda: at_once.invoke_endpoint(EndpointName="m", Body=b"x", TargetContainerHostname="first")
    )
    assert not passes(
        lambda: at_once.invoke_endpoint(EndpointName="m", Body=b"x", TargetContainerHostname="last")
    )
    assert not passes(lambda: at_once.invoke_endpoint_async(EndpointName="q", Body=b"x"))
    later = caller(guarded, allow("sagemaker:InvokeEndpointAsync", place), service="sagemaker-runtime")
    assert passes(lambda: later.invoke_endpoint_async(EndpointName="q", Body=b"x"))


def test_an_endpoint_needs_its_config_as_well(guarded: EmbeddedAws) -> None:
    model(guarded, "m")
    variant = {"VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    guarded.client("sagemaker").create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant])
    half = caller(guarded, allow("sagemaker:CreateEndpoint", f"{START}:endpoint/*"))
    whole = caller(
        guarded, allow("sagemaker:CreateEndpoint", [f"{START}:endpoint/*", f"{START}:endpoint-config/c"])
    )
    assert not passes(lambda: half.create_endpoint(EndpointName="e", EndpointConfigName="c"))
    assert passes(lambda: whole.create_endpoint(EndpointName="e", EndpointConfigName="c"))


@pytest.fixture
def office(guarded: EmbeddedAws) -> Studio:
    """A domain with ana and bo, each with a space."""
    studio = make_studio(guarded, guarded.client("sagemaker"))
    studio.profile("bo", Tags=[{"Key": "studio:user", "Value": "bo"}])
    studio.space("anas", "ana")
    studio.space("bos", "bo")
    return studio


def test_a_url_is_asked_for_on_the_profile(office: Studio) -> None:
    sm = caller(
        office.aws,
        allow("sagemaker:CreatePresignedDomainUrl", f"{START}:user-profile/{office.domain_id}/ana"),
    )
    where = {"DomainId": office.domain_id}
    assert passes(lambda: sm.create_presigned_domain_url(**where, UserProfileName="ana"))
    assert not passes(lambda: sm.create_presigned_domain_url(**where, UserProfileName="bo"))


def test_an_app_is_asked_for_under_its_space(office: Studio) -> None:
    sm = caller(
        office.aws, allow("sagemaker:CreateApp", f"{START}:app/{office.domain_id}/anas/jupyterlab/default")
    )
    app = {"DomainId": office.domain_id, "AppType": "JupyterLab", "AppName": "default"}
    assert passes(lambda: sm.create_app(**app, SpaceName="anas"))
    assert not passes(lambda: sm.create_app(**app, SpaceName="bos"))


# -- condition keys --------------------------------------------------------------------------------------


def test_the_owner_of_a_space_is_a_key_of_its_apps(office: Studio) -> None:
    owner = {"ArnEquals": {"sagemaker:OwnerUserProfileArn": f"{START}:user-profile/{office.domain_id}/ana"}}
    sm = caller(office.aws, allow(["sagemaker:CreateApp", "sagemaker:DeleteApp"], **owner))
    app = {"DomainId": office.domain_id, "AppType": "JupyterLab", "AppName": "default"}
    assert passes(lambda: sm.create_app(**app, SpaceName="anas"))
    assert not passes(lambda: sm.create_app(**app, SpaceName="bos"))
    office.sm.create_app(**app, SpaceName="bos")
    assert passes(lambda: sm.delete_app(**app, SpaceName="anas"))
    assert not passes(lambda: sm.delete_app(**app, SpaceName="bos"))


def test_how_a_space_is_shared_is_a_key(office: Studio) -> None:
    sm = caller(
        office.aws, allow("sagemaker:CreateSpace", StringEquals={"sagemaker:SpaceSharingType": "Private"})
    )

    def create(name: str, sharing: str) -> None:
        sm.create_space(
            DomainId=office.domain_id,
            SpaceName=name,
            OwnershipSettings={"OwnerUserProfileName": "ana"},
            SpaceSharingSettings={"SharingType": sharing},
        )

    assert passes(lambda: create("one", "Private"))
    assert not passes(lambda: create("two", "Shared"))


JOB = {
    "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
    "RoleArn": "arn:aws:iam::123456789012:role/studio",
    "OutputDataConfig": {"S3OutputPath": "s3://bucket/", "KmsKeyId": "key-1"},
    "ResourceConfig": {
        "InstanceType": "ml.t3.medium",
        "InstanceCount": 1,
        "VolumeSizeInGB": 10,
        "VolumeKmsKeyId": "key-1",
    },
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    "VpcConfig": {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
    "EnableNetworkIsolation": True,
    "EnableInterContainerTrafficEncryption": True,
}


def _changed(path: str, value: Any) -> dict[str, Any]:
    changed: dict[str, Any] = json.loads(json.dumps(JOB))
    *parents, last = path.split(".")
    inner = changed
    for step in parents:
        inner = inner[step]
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    return changed


@pytest.mark.parametrize(
    "row",
    [
        (
            "ForAllValues:StringLike",
            "InstanceTypes",
            ["ml.t3.*"],
            "ResourceConfig.InstanceType",
            "ml.p4d.24xlarge",
        ),
        ("StringEquals", "VolumeKmsKey", "key-1", "ResourceConfig.VolumeKmsKeyId", "key-2"),
        ("StringEquals", "VolumeKmsKey", "key-1", "ResourceConfig.VolumeKmsKeyId", None),
        ("StringEquals", "OutputKmsKey", "key-1", "OutputDataConfig.KmsKeyId", "key-2"),
        (
            "NumericLessThanEquals",
            "MaxRuntimeInSeconds",
            "3600",
            "StoppingCondition.MaxRuntimeInSeconds",
            7200,
        ),
        ("Bool", "NetworkIsolation", "true", "EnableNetworkIsolation", False),
        ("Bool", "InterContainerTrafficEncryption", "true", "EnableInterContainerTrafficEncryption", None),
        ("ForAllValues:StringEquals", "VpcSubnets", ["subnet-1"], "VpcConfig.Subnets", ["subnet-2"]),
        ("ForAnyValue:StringEquals", "VpcSecurityGroupIds", ["sg-1"], "VpcConfig.SecurityGroupIds", ["sg-2"]),
        ("Null", "VpcSubnets", "false", "VpcConfig", None),
    ],
)
def test_a_job_must_meet_its_conditions(guarded: EmbeddedAws, row: tuple[str, str, Any, str, Any]) -> None:
    operator, key, wanted, path, other = row
    make_role(guarded)
    condition = {operator: {f"sagemaker:{key}": wanted}}
    sm = caller(guarded, allow("sagemaker:CreateTrainingJob", **condition), allow("iam:PassRole"))
    assert passes(lambda: sm.create_training_job(TrainingJobName="good", **JOB))
    assert not passes(lambda: sm.create_training_job(TrainingJobName="bad", **_changed(path, other)))


def test_only_the_teams_job_role_can_be_passed_and_only_to_sagemaker(guarded: EmbeddedAws) -> None:
    team, other = make_role(guarded), make_role(guarded, "other")
    job = allow("sagemaker:CreateTrainingJob")
    to_sagemaker = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    to_lambda = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    sm = caller(guarded, job, allow("iam:PassRole", team, **to_sagemaker))
    assert passes(lambda: sm.create_training_job(TrainingJobName="a", **JOB | {"RoleArn": team}))
    assert not passes(lambda: sm.create_training_job(TrainingJobName="b", **JOB | {"RoleArn": other}))
    elsewhere = caller(guarded, job, allow("iam:PassRole", team, **to_lambda))
    assert not passes(lambda: elsewhere.create_training_job(TrainingJobName="c", **JOB | {"RoleArn": team}))


def test_the_refusal_names_the_action_and_the_resource_that_were_missing(guarded: EmbeddedAws) -> None:
    team = make_role(guarded)
    sm = caller(guarded, allow("sagemaker:CreateTrainingJob"))
    with pytest.raises(ClientError, match=rf"not authorized to perform: iam:PassRole on resource: {team}"):
        sm.create_training_job(TrainingJobName="a", **JOB | {"RoleArn": team})


def test_tags_at_creation_need_the_permission_to_tag(guarded: EmbeddedAws) -> None:
    tags = [{"Key": "a", "Value": "b"}]
    create = allow("sagemaker:CreateModelPackageGroup")
    without = caller(guarded, create)
    with_it = caller(guarded, create, allow("sagemaker:AddTags"))
    assert passes(lambda: without.create_model_package_group(ModelPackageGroupName="plain"))
    assert not passes(lambda: without.create_model_package_group(ModelPackageGroupName="a", Tags=tags))
    assert passes(lambda: with_it.create_model_package_group(ModelPackageGroupName="a", Tags=tags))


def test_tags_of_a_request_and_of_a_resource_are_keys(office: Studio) -> None:
    own = {"StringEquals": {"aws:ResourceTag/studio:user": "bo"}}
    sm = caller(office.aws, allow("sagemaker:DescribeUserProfile", **own))
    where = {"DomainId": office.domain_id}
    assert passes(lambda: sm.describe_user_profile(**where, UserProfileName="bo"))
    assert not passes(lambda: sm.describe_user_profile(**where, UserProfileName="ana"))
    tagged = {"StringEquals": {"aws:RequestTag/studio:team": "vision"}}
    creator = caller(office.aws, allow(["sagemaker:CreateModelPackageGroup", "sagemaker:AddTags"], **tagged))
    for value, expected in (("vision", True), ("speech", False)):
        tags = [{"Key": "studio:team", "Value": value}]
        group = {"ModelPackageGroupName": value, "Tags": tags}
        assert passes(partial(creator.create_model_package_group, **group)) is expected


# -- variables and sessions --------------------------------------------------------------------------------


def test_a_principal_tag_stands_for_its_value_in_resources(office: Studio) -> None:
    own = allow(
        "sagemaker:CreatePresignedDomainUrl",
        f"{START}:user-profile/{office.domain_id}/${{aws:PrincipalTag/studio:user}}",
    )
    sm = caller(office.aws, own, role_tags={"studio:user": "ana"})
    where = {"DomainId": office.domain_id}
    assert passes(lambda: sm.create_presigned_domain_url(**where, UserProfileName="ana"))
    assert not passes(lambda: sm.create_presigned_domain_url(**where, UserProfileName="bo"))
    nobody = caller(office.aws, own)
    assert not passes(lambda: nobody.create_presigned_domain_url(**where, UserProfileName="ana"))


def test_a_principal_tag_stands_for_its_value_in_other_services(guarded: EmbeddedAws) -> None:
    ssm = guarded.client("ssm")
    for name in ("ana", "bo"):
        ssm.put_parameter(Name=f"/research/people/{name}/ssh-public-key", Value="k", Type="String")
    own = "arn:aws:ssm:us-east-1:123456789012:parameter/research/people/${aws:PrincipalTag/studio:user}/*"
    mine = caller(guarded, allow("ssm:GetParameter", own), service="ssm", role_tags={"studio:user": "ana"})
    assert passes(lambda: mine.get_parameter(Name="/research/people/ana/ssh-public-key"))
    assert not passes(lambda: mine.get_parameter(Name="/research/people/bo/ssh-public-key"))


def test_a_deny_with_an_unknown_variable_denies_nothing_and_an_allow_allows_nothing(
    guarded: EmbeddedAws,
) -> None:
    model(guarded, "m")
    unknown = f"{START}:model/${{aws:PrincipalTag/nothing}}"
    assert passes(
        lambda: caller(guarded, allow("sagemaker:*"), deny("sagemaker:*", unknown)).describe_model(
            ModelName="m"
        )
    )
    assert not passes(lambda: caller(guarded, allow("sagemaker:*", unknown)).describe_model(ModelName="m"))


def test_a_source_identity_is_a_key_and_stays_over_chained_roles(office: Studio) -> None:
    own = allow(
        "sagemaker:CreatePresignedDomainUrl",
        f"{START}:user-profile/{office.domain_id}/${{aws:SourceIdentity}}",
    )
    iam = office.aws.client("iam")
    target = iam.create_role(RoleName="target", AssumeRolePolicyDocument=json.dumps(ANYONE))["Role"]["Arn"]
    document = {"Version": "2012-10-17", "Statement": [own]}
    iam.put_role_policy(RoleName="target", PolicyName="own", PolicyDocument=json.dumps(document))
    sts = caller(office.aws, allow("sts:AssumeRole", target), service="sts", SourceIdentity="ana")
    given = sts.assume_role(RoleArn=target, RoleSessionName="chained")["Credentials"]
    sm = office.aws.client(
        "sagemaker",
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )
    where = {"DomainId": office.domain_id}
    assert passes(lambda: sm.create_presigned_domain_url(**where, UserProfileName="ana"))
    assert not passes(lambda: sm.create_presigned_domain_url(**where, UserProfileName="bo"))


def test_a_trust_policy_must_allow_the_source_identity(guarded: EmbeddedAws) -> None:
    trust = json.loads(json.dumps(ANYONE))
    trust["Statement"][0]["Action"] = "sts:AssumeRole"
    arn = guarded.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(trust))["Role"][
        "Arn"
    ]
    assert guarded.session(arn) is not None
    with pytest.raises(ClientError, match="AccessDenied"):
        guarded.session(arn, SourceIdentity="ana")


# -- what code in a notebook may do ------------------------------------------------------------------------


def person(office: Studio, name: str, *statements: Statement, trust: dict[str, Any] | None = None) -> str:
    """Gives a person a role of their own, starts their app and returns its ARN."""
    iam = office.aws.client("iam")
    role = iam.create_role(RoleName=f"studio-{name}", AssumeRolePolicyDocument=json.dumps(trust or ANYONE))[
        "Role"
    ]["Arn"]
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    iam.put_role_policy(RoleName=f"studio-{name}", PolicyName="own", PolicyDocument=json.dumps(document))
    office.sm.update_user_profile(
        DomainId=office.domain_id, UserProfileName=name, UserSettings={"ExecutionRole": role}
    )
    arn: str = office.sm.describe_app(**office.app(f"{name}s"))["AppArn"]
    return arn


def test_a_notebook_has_the_role_of_its_owner_and_knows_whose_it_is(office: Studio) -> None:
    own = f"{START}:user-profile/${{sagemaker:DomainId}}/${{sagemaker:UserProfileName}}"
    statement = allow("sagemaker:DescribeUserProfile", own)
    app = person(office, "ana", statement)
    sm = office.aws.client("sagemaker", session=office.aws.notebook(app))
    where = {"DomainId": office.domain_id}
    assert passes(lambda: sm.describe_user_profile(**where, UserProfileName="ana"))
    assert not passes(lambda: sm.describe_user_profile(**where, UserProfileName="bo"))
    identity = office.aws.client("sts", session=office.aws.notebook(app)).get_caller_identity()
    assert identity["Arn"] == "arn:aws:sts::123456789012:assumed-role/studio-ana/SageMaker"


def test_a_shared_role_tells_people_apart_by_source_identity(office: Studio) -> None:
    office.sm.update_domain(
        DomainId=office.domain_id,
        DomainSettingsForUpdate={"ExecutionRoleIdentityConfig": "USER_PROFILE_NAME"},
    )
    own = f"{START}:user-profile/{office.domain_id}/${{aws:SourceIdentity}}"
    app = person(office, "ana", allow("sagemaker:DescribeUserProfile", own))
    sm = office.aws.client("sagemaker", session=office.aws.notebook(app))
    where = {"DomainId": office.domain_id}
    assert passes(lambda: sm.describe_user_profile(**where, UserProfileName="ana"))
    assert not passes(lambda: sm.describe_user_profile(**where, UserProfileName="bo"))


@pytest.mark.parametrize(("account", "works"), [("123456789012", True), ("999999999999", False)])
def test_the_confused_deputy_condition_of_a_role_is_asked(office: Studio, account: str, works: bool) -> None:
    trust = json.loads(json.dumps(ANYONE))
    trust["Statement"][0]["Condition"] = {
        "StringEquals": {"aws:SourceAccount": account},
        "ArnLike": {"aws:SourceArn": f"arn:aws:sagemaker:*:{account}:*"},
    }
    app = person(office, "ana", allow("sagemaker:ListDomains"), trust=trust)
    if works:
        assert passes(lambda: office.aws.client("sagemaker", session=office.aws.notebook(app)).list_domains())
    else:
        with pytest.raises(RehearsalError, match="unable to assume the execution role"):
            office.aws.notebook(app)


def test_a_stopped_app_has_no_credentials(office: Studio) -> None:
    app = person(office, "ana", allow("sagemaker:ListDomains"))
    office.sm.delete_app(DomainId=office.domain_id, SpaceName="anas", AppType="JupyterLab", AppName="default")
    with pytest.raises(RehearsalError, match="does not exist"):
        office.aws.notebook(app)


def test_the_server_speaks_tls_alone(strict: EmbeddedAws) -> None:
    assert strict.endpoint.startswith("https://127.0.0.1:")
    given = strict.environment()
    assert given["AWS_CA_BUNDLE"] == given["NODE_EXTRA_CA_CERTS"] == str(strict.home / "server.crt")
    assert (strict.home / "server.key").stat().st_mode & 0o077 == 0


def test_a_role_of_a_stack_has_its_boundary_and_no_other(guarded: EmbeddedAws) -> None:
    stacks, iam = Stacks(guarded), guarded.client("iam")
    nothing = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
    arns = [
        iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(nothing))["Policy"]["Arn"]
        for name in ("one", "two")
    ]

    def role(**more: Any) -> dict[str, Any]:
        return {
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {"AssumeRolePolicyDocument": TRUST, **more},
            }
        }

    def boundary() -> Any:
        found = iam.get_role(RoleName=stacks.physical_ids()["Role"])["Role"]
        return found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")

    assert stacks.create(role(PermissionsBoundary=arns[0])) == "CREATE_COMPLETE", stacks.reasons()
    assert boundary() == arns[0]
    assert stacks.update(role(PermissionsBoundary=arns[1])) == "UPDATE_COMPLETE", stacks.reasons()
    assert boundary() == arns[1]
    assert stacks.update(role(PermissionsBoundary=f"{arns[1]}-nowhere")) == "UPDATE_ROLLBACK_COMPLETE"
    assert "does not exist or is not attachable" in stacks.reasons()["Role"]
    assert boundary() == arns[1]
    assert stacks.update(role()) == "UPDATE_COMPLETE", stacks.reasons()
    assert boundary() is None
