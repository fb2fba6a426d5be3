"""SageMaker's types in the real CloudFormation engine: make, change, replace, roll back, drift, delete."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.rehearsal.conftest import TRUST, Stacks, make_network, make_role

if TYPE_CHECKING:
    from studio_infra.rehearsal.server import EmbeddedAws

pytestmark = pytest.mark.slow

Resources = dict[str, Any]

PIPELINE = {
    "Version": "2020-12-01",
    "Steps": [{"Name": "Register", "Type": "RegisterModel", "Arguments": {"ModelPackageGroupName": "churn"}}],
}


def att(name: str, attribute: str) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [name, attribute]}


def ref(name: str) -> dict[str, str]:
    return {"Ref": name}


def resource(kind: str, **props: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind.replace('.', '::')}", "Properties": props}


def network() -> Resources:
    return {
        "Vpc": resource("EC2.VPC", CidrBlock="10.0.0.0/16"),
        "Subnet": resource("EC2.Subnet", VpcId=ref("Vpc"), CidrBlock="10.0.0.0/24"),
        "Role": resource("IAM.Role", AssumeRolePolicyDocument=TRUST),
    }


def studio(idle: str = "60", content: str = "ZWNobyAx", name: str = "lcc-1") -> Resources:
    """A domain with one person; numbers as CloudFormation writes them, as text."""
    idle_settings = {"LifecycleManagement": "ENABLED", "IdleTimeoutInMinutes": idle}
    lab = {
        "LifecycleConfigArns": [att("Config", "StudioLifecycleConfigArn")],
        "AppLifecycleManagement": {"IdleSettings": idle_settings},
    }
    return network() | {
        "Config": resource(
            "SageMaker.StudioLifecycleConfig",
            StudioLifecycleConfigName=name,
            StudioLifecycleConfigAppType="JupyterLab",
            StudioLifecycleConfigContent=content,
        ),
        "Domain": resource(
            "SageMaker.Domain",
            DomainName="studio",
            AuthMode="IAM",
            VpcId=ref("Vpc"),
            SubnetIds=[ref("Subnet")],
            DefaultUserSettings={"ExecutionRole": att("Role", "Arn"), "JupyterLabAppSettings": lab},
        ),
        "Ana": resource(
            "SageMaker.UserProfile",
            DomainId=ref("Domain"),
            UserProfileName="ana",
            Tags=[{"Key": "studio:user", "Value": "ana"}],
        ),
        "Space": resource(
            "SageMaker.Space",
            DomainId=ref("Domain"),
            SpaceName="work",
            OwnershipSettings={"OwnerUserProfileName": "ana"},
            SpaceSharingSettings={"SharingType": "Private"},
            SpaceSettings={
                "AppType": "JupyterLab",
                "SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": "20"}},
            },
        )
        | {"DependsOn": "Ana"},
    }


def serving(instance: str = "ml.m5.large", **config: Any) -> Resources:
    """A model behind an endpoint; model and config have made-up names."""
    variant = {
        "ModelName": att("Model", "ModelName"),
        "VariantName": "all",
        "InitialInstanceCount": 1,
        "InstanceType": instance,
        "InitialVariantWeight": 1,
    }
    return {
        "Role": resource("IAM.Role", AssumeRolePolicyDocument=TRUST),
        "Model": resource(
            "SageMaker.Model", ExecutionRoleArn=att("Role", "Arn"), PrimaryContainer={"Image": "image"}
        ),
        "EndpointConfig": resource("SageMaker.EndpointConfig", ProductionVariants=[variant], **config),
        "Endpoint": resource(
            "SageMaker.Endpoint",
            EndpointName="churn",
            EndpointConfigName=att("EndpointConfig", "EndpointConfigName"),
        ),
    }


def test_a_studio_is_made_and_shows_its_attributes(stacks: Stacks, aws: EmbeddedAws) -> None:
    wanted = {
        "Efs": att("Domain", "HomeEfsFileSystemId"),
        "Url": att("Domain", "Url"),
        "Arn": att("Domain", "DomainArn"),
        "Boundary": att("Domain", "SecurityGroupIdForDomainBoundary"),
        "Profile": att("Ana", "UserProfileArn"),
        "Domain": ref("Domain"),
    }
    assert stacks.create(studio(), wanted) == "CREATE_COMPLETE"
    found = stacks.outputs()
    assert found["Efs"].startswith("fs-")
    assert found["Arn"].endswith(found["Domain"])
    assert found["Profile"].endswith(f"user-profile/{found['Domain']}/ana")
    assert found["Boundary"] == ""
    space = aws.client("sagemaker").describe_space(DomainId=found["Domain"], SpaceName="work")
    assert space["SpaceSettings"]["SpaceStorageSettings"]["EbsStorageSettings"]["EbsVolumeSizeInGb"] == 20


def test_a_change_of_settings_is_in_place(stacks: Stacks, aws: EmbeddedAws) -> None:
    stacks.create(studio(idle="60"))
    before = stacks.physical_ids()
    assert stacks.changes(studio(idle="90")) == {"Domain": "False"}
    assert stacks.update(studio(idle="90")) == "UPDATE_COMPLETE"
    assert stacks.physical_ids() == before
    domain = aws.client("sagemaker").describe_domain(DomainId=before["Domain"])
    settings = domain["DefaultUserSettings"]["JupyterLabAppSettings"]["AppLifecycleManagement"][
        "IdleSettings"
    ]
    assert settings["IdleTimeoutInMinutes"] == 90


def test_a_lifecycle_config_is_replaced_under_a_new_name_and_the_old_one_goes_last(
    stacks: Stacks, aws: EmbeddedAws
) -> None:
    stacks.create(studio())
    assert stacks.update(studio(content="ZWNobyAy", name="lcc-2")) == "UPDATE_COMPLETE"
    names = [
        c["StudioLifecycleConfigName"]
        for c in aws.client("sagemaker").list_studio_lifecycle_configs()["StudioLifecycleConfigs"]
    ]
    assert names == ["lcc-2"]


def test_a_lifecycle_config_is_not_replaced_under_its_old_name(stacks: Stacks) -> None:
    stacks.create(studio())
    assert stacks.update(studio(content="ZWNobyAy")) == "UPDATE_ROLLBACK_COMPLETE"
    assert (
        "CloudFormation cannot update a stack when a custom-named resource requires replacing"
        in (stacks.reasons()["Config"])
    )


def test_an_auto_named_config_is_replaced_and_the_endpoint_follows(stacks: Stacks, aws: EmbeddedAws) -> None:
    stacks.create(serving())
    before = stacks.physical_ids()
    changes = stacks.changes(serving("ml.m5.xlarge"))
    assert changes["EndpointConfig"] == "True"
    assert changes["Endpoint"] != "True"
    assert stacks.update(serving("ml.m5.xlarge")) == "UPDATE_COMPLETE"
    after = stacks.physical_ids()
    assert after["EndpointConfig"] != before["EndpointConfig"]
    assert after["Endpoint"] == before["Endpoint"]
    sm = aws.client("sagemaker")
    endpoint = sm.describe_endpoint(EndpointName="churn")
    assert endpoint["EndpointStatus"] == "InService"
    assert len(sm.list_endpoint_configs()["EndpointConfigs"]) == 1
    assert (
        sm.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])["ProductionVariants"][
            0
        ]["InstanceType"]
        == "ml.m5.xlarge"
    )


def test_a_domain_cannot_be_replaced_under_its_name_and_nothing_is_lost(
    stacks: Stacks, aws: EmbeddedAws
) -> None:
    stacks.create(studio())
    before = stacks.physical_ids()
    changed = studio()
    changed["Domain"]["Properties"]["KmsKeyId"] = "1234"
    assert stacks.changes(changed)["Domain"] == "True"
    assert stacks.update(changed) == "UPDATE_ROLLBACK_COMPLETE"
    assert "already exists" in stacks.reasons()["Domain"]
    assert stacks.physical_ids() == before
    assert aws.client("sagemaker").describe_user_profile(DomainId=before["Domain"], UserProfileName="ana")


def test_a_nested_create_only_member_replaces(stacks: Stacks) -> None:
    """`DomainSettings/RStudioServerProDomainSettings/DefaultResourceSpec`: only a change there replaces."""

    def with_rstudio(instance: str, url: str) -> Resources:
        made = studio()
        rstudio = {
            "DomainExecutionRoleArn": att("Role", "Arn"),
            "RStudioConnectUrl": url,
            "DefaultResourceSpec": {"InstanceType": instance},
        }
        made["Domain"]["Properties"]["DomainSettings"] = {"RStudioServerProDomainSettings": rstudio}
        return made

    stacks.create(with_rstudio("ml.t3.medium", "https://a"))
    before = stacks.physical_ids()["Domain"]
    assert stacks.changes(with_rstudio("ml.t3.large", "https://a"))["Domain"] == "Conditional"
    assert stacks.update(with_rstudio("ml.t3.medium", "https://b")) == "UPDATE_COMPLETE"
    assert stacks.physical_ids()["Domain"] == before
    assert stacks.update(with_rstudio("ml.t3.large", "https://b")) == "UPDATE_ROLLBACK_COMPLETE"
    assert "already exists" in stacks.reasons()["Domain"]


def test_what_cannot_be_made_is_rolled_back_with_the_reason(stacks: Stacks, aws: EmbeddedAws) -> None:
    lost = resource("SageMaker.UserProfile", DomainId="d-missing00000", UserProfileName="ana")
    lost["DependsOn"] = "Subnet"
    assert stacks.create(network() | {"Ana": lost}) == "ROLLBACK_COMPLETE"
    assert "Domain [d-missing00000] does not exist." in stacks.reasons()["Ana"]
    assert "HandlerErrorCode: NotFound" in stacks.reasons()["Ana"]
    assert [v for v in aws.client("ec2").describe_vpcs()["Vpcs"] if not v["IsDefault"]] == []


def test_a_rollback_leaves_the_file_system_of_a_domain_and_stops_at_the_network(stacks: Stacks) -> None:
    lost = studio()
    lost["Ana"]["Properties"]["UserProfileName"] = "a_n_a"
    assert stacks.create(lost) == "ROLLBACK_FAILED"
    assert "regular expression pattern" in stacks.reasons()["Ana"]
    assert "fsmt-" in stacks.reasons()["Subnet"]


def test_a_failed_update_brings_the_old_settings_back(stacks: Stacks, aws: EmbeddedAws) -> None:
    stacks.create(studio(idle="60"))
    broken = studio(idle="90")
    broken["Bo"] = resource("SageMaker.UserProfile", DomainId=ref("Domain"), UserProfileName="b_o")
    assert stacks.update(broken) == "UPDATE_ROLLBACK_COMPLETE"
    assert "regular expression pattern" in stacks.reasons()["Bo"]
    domain = aws.client("sagemaker").describe_domain(DomainId=stacks.physical_ids()["Domain"])
    settings = domain["DefaultUserSettings"]["JupyterLabAppSettings"]["AppLifecycleManagement"][
        "IdleSettings"
    ]
    assert settings["IdleTimeoutInMinutes"] == 60


def test_a_limit_on_order_fails_the_stack(stacks: Stacks, aws: EmbeddedAws) -> None:
    aws.control.order_fault(
        "CreateEndpoint", "ResourceLimitExceeded", message="0 instances of ml.p4d.24xlarge"
    )
    assert stacks.create(serving()) == "ROLLBACK_COMPLETE"
    assert "ServiceLimitExceeded" in stacks.reasons()["Endpoint"]
    assert aws.client("sagemaker").list_models()["Models"] == []


def test_a_stack_waits_for_what_takes_time(stacks: Stacks, aws: EmbeddedAws) -> None:
    aws.control.set_delays({"Endpoint.create": 1.0})
    assert stacks.create(serving()) == "CREATE_COMPLETE"
    assert aws.client("sagemaker").describe_endpoint(EndpointName="churn")["EndpointStatus"] == "InService"


def test_an_endpoint_that_fails_to_start_fails_the_stack(stacks: Stacks, aws: EmbeddedAws) -> None:
    aws.control.order_outcome("Endpoint", reason="The primary container did not pass the ping health check.")
    assert stacks.create(serving()) == "ROLLBACK_COMPLETE"
    assert "did not pass the ping health check" in stacks.reasons()["Endpoint"]


def test_stack_tags_reach_the_resources_and_a_resources_own_tag_wins(
    stacks: Stacks, aws: EmbeddedAws
) -> None:
    stacks.create(
        studio(), Tags=[{"Key": "cost", "Value": "research"}, {"Key": "studio:user", "Value": "nobody"}]
    )
    sm = aws.client("sagemaker")
    profile = sm.describe_user_profile(DomainId=stacks.physical_ids()["Domain"], UserProfileName="ana")
    found = {t["Key"]: t["Value"] for t in sm.list_tags(ResourceArn=profile["UserProfileArn"])["Tags"]}
    assert found == {"cost": "research", "studio:user": "ana"}


def test_a_changed_tag_is_in_place_and_foreign_tags_stay(stacks: Stacks, aws: EmbeddedAws) -> None:
    stacks.create(studio())
    sm = aws.client("sagemaker")
    arn = sm.describe_user_profile(DomainId=stacks.physical_ids()["Domain"], UserProfileName="ana")[
        "UserProfileArn"
    ]
    sm.add_tags(ResourceArn=arn, Tags=[{"Key": "by-hand", "Value": "1"}])
    changed = studio()
    changed["Ana"]["Properties"]["Tags"] = [{"Key": "studio:team", "Value": "vision"}]
    assert stacks.update(changed) == "UPDATE_COMPLETE"
    found = {t["Key"] for t in sm.list_tags(ResourceArn=arn)["Tags"]}
    assert found == {"by-hand", "studio:team"}


def test_drift_sees_what_was_changed_by_hand_and_nothing_else(stacks: Stacks, aws: EmbeddedAws) -> None:
    stacks.create(studio() | {k: v for k, v in serving().items() if k != "Role"})
    domain = stacks.physical_ids()["Domain"]

    def drifted() -> dict[str, str]:
        stacks.cfn.detect_stack_drift(StackName="s")
        found = stacks.cfn.describe_stack_resource_drifts(StackName="s")["StackResourceDrifts"]
        return {r["LogicalResourceId"]: r["StackResourceDriftStatus"] for r in found}

    assert set(drifted().values()) == {"IN_SYNC"}
    sm = aws.client("sagemaker")
    idle = {"AppLifecycleManagement": {"IdleSettings": {"IdleTimeoutInMinutes": 600}}}
    sm.update_domain(DomainId=domain, DefaultUserSettings={"JupyterLabAppSettings": idle})
    sm.delete_endpoint(EndpointName="churn")
    found = drifted()
    assert found.pop("Domain") == "MODIFIED"
    assert found.pop("Endpoint") == "DELETED"
    assert set(found.values()) == {"IN_SYNC"}


def test_deleting_a_studio_leaves_what_holds_the_vpc_and_says_so(stacks: Stacks, aws: EmbeddedAws) -> None:
    stacks.create(studio())
    stacks.cfn.delete_stack(StackName="s")
    assert stacks.wait() == "DELETE_FAILED"
    reasons = stacks.reasons()
    assert set(reasons) >= {"Vpc", "Subnet"}
    assert "security-group-for-inbound-nfs" in reasons["Vpc"]
    assert "fsmt-" in reasons["Subnet"]
    assert aws.client("sagemaker").list_domains()["Domains"] == []


def test_a_running_app_blocks_the_deletion_of_its_space(stacks: Stacks, aws: EmbeddedAws) -> None:
    stacks.create(studio())
    where = {"DomainId": stacks.physical_ids()["Domain"], "SpaceName": "work"}
    aws.client("sagemaker").create_app(**where, AppType="JupyterLab", AppName="default")
    stacks.cfn.delete_stack(StackName="s")
    assert stacks.wait() == "DELETE_FAILED"
    assert "App [" in stacks.reasons()["Space"]


def test_retained_people_can_be_imported_again(stacks: Stacks) -> None:
    made = studio()
    made["Ana"]["DeletionPolicy"] = "Retain"
    stacks.create(made)
    domain = stacks.physical_ids()["Domain"]
    without = {name: props for name, props in made.items() if name not in ("Ana", "Space")}
    assert stacks.update(without) == "UPDATE_COMPLETE"
    stacks.cfn.create_change_set(
        StackName="s",
        ChangeSetName="import",
        ChangeSetType="IMPORT",
        TemplateBody=json.dumps({"Resources": without | {"Ana": made["Ana"]}}),
        Capabilities=["CAPABILITY_IAM"],
        ResourcesToImport=[
            {
                "ResourceType": "AWS::SageMaker::UserProfile",
                "LogicalResourceId": "Ana",
                "ResourceIdentifier": {"DomainId": domain, "UserProfileName": "ana"},
            }
        ],
    )
    stacks.cfn.execute_change_set(StackName="s", ChangeSetName="import")
    assert stacks.wait() == "IMPORT_COMPLETE"
    assert stacks.physical_ids()["Ana"].split("|").count("ana") == 1


def test_a_type_that_is_not_there_is_refused_before_anything_is_made(
    stacks: Stacks, aws: EmbeddedAws
) -> None:
    with pytest.raises(Exception, match=r"Unrecognized resource types: \[AWS::Braket::QuantumTask"):
        stacks.create(network() | {"Q": resource("Braket.QuantumTask")})
    assert [v for v in aws.client("ec2").describe_vpcs()["Vpcs"] if not v["IsDefault"]] == []


ROLE = "arn:aws:iam::999999999999:role/elsewhere"  # another account's: cannot be looked at

#: Every other SageMaker type of the registry that the API can create and delete, with the least it takes.
OTHERS: dict[str, Any] = {
    "AppImageConfig": {"AppImageConfigName": "images"},
    "CodeRepository": {"GitConfig": {"RepositoryUrl": "https://github.com/example/repository"}},
    "DeviceFleet": {
        "DeviceFleetName": "fleet",
        "RoleArn": ROLE,
        "OutputConfig": {"S3OutputLocation": "s3://b/p"},
    },
    "Experiment": {"ExperimentName": "churn"},
    "FeatureGroup": {
        "FeatureGroupName": "features",
        "RecordIdentifierFeatureName": "id",
        "EventTimeFeatureName": "at",
        "FeatureDefinitions": [
            {"FeatureName": "id", "FeatureType": "String"},
            {"FeatureName": "at", "FeatureType": "String"},
        ],
    },
    "Hub": {"HubName": "hub", "HubDescription": "Our hub."},
    "Image": {"ImageName": "image", "ImageRoleArn": ROLE, "ImageDisplayName": "Image"},
    "MlflowApp": {"Name": "tracking", "RoleArn": ROLE, "ArtifactStoreUri": "s3://b/p"},
    "MlflowTrackingServer": {"TrackingServerName": "server", "RoleArn": ROLE, "ArtifactStoreUri": "s3://b/p"},
    "ModelCard": {"ModelCardName": "card", "ModelCardStatus": "Draft", "Content": {"model_overview": {}}},
    "ModelPackageGroup": {"ModelPackageGroupName": "churn"},
    "NotebookInstance": {"InstanceType": "ml.t3.medium", "RoleArn": ROLE},
    "NotebookInstanceLifecycleConfig": {},
    "Pipeline": {
        "PipelineName": "churn",
        "RoleArn": ROLE,
        "PipelineDefinition": {"PipelineDefinitionBody": json.dumps(PIPELINE)},
    },
    "Project": {"ProjectName": "project"},
    "TrialComponent": {"TrialComponentName": "component"},
}


@pytest.mark.parametrize("kind", OTHERS)
def test_every_other_type_is_made_and_deleted(stacks: Stacks, aws: EmbeddedAws, kind: str) -> None:
    made = {"It": resource(f"SageMaker.{kind}", **OTHERS[kind])}
    assert stacks.create(made) == "CREATE_COMPLETE", stacks.reasons()
    assert stacks.delete() == "DELETE_COMPLETE", stacks.reasons()
    assert aws.control.state_only() == []


def test_an_image_version_belongs_to_its_image(stacks: Stacks) -> None:
    made = {
        "Image": resource("SageMaker.Image", ImageName="image", ImageRoleArn=ROLE),
        "Version": resource("SageMaker.ImageVersion", ImageName="image", BaseImage="repository:1")
        | {"DependsOn": "Image"},
    }
    assert stacks.create(made, {"Version": att("Version", "Version")}) == "CREATE_COMPLETE", stacks.reasons()
    assert stacks.outputs() == {"Version": "1"}
    assert stacks.delete() == "DELETE_COMPLETE", stacks.reasons()


def test_names_are_made_up_as_cloudformation_does(stacks: Stacks, aws: EmbeddedAws) -> None:
    make_role(aws)
    make_network(aws)
    stacks.create(serving())
    name = aws.client("sagemaker").list_models()["Models"][0]["ModelName"]
    assert name.startswith("s-Model-")
    stacks.update(serving("ml.m5.xlarge"))
    assert aws.client("sagemaker").list_models()["Models"][0]["ModelName"] == name
