"""A stack with a full domain deletes in one go on the embedded AWS: CloudFormation, Lambda and the drain for real."""

from __future__ import annotations

import io
import json
import time
import zipfile
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

from studio_infra.operations import DomainDrain
from studio_infra.rehearsal.server import EmbeddedAws
from studio_infra.settings.sections.domain import ALLOW_DESTROY
from studio_infra.studio.domain.domain import StudioDomain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow
NAME = "one-go"


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws(strict=True) as embedded:
        yield embedded


def template(aws: EmbeddedAws, folder: Path, *, drain: bool = True, **more: Any) -> str:
    """A VPC with a domain and its drain; what the function is made of is uploaded as the CDK CLI would."""
    app = cdk.App(context={ALLOW_DESTROY: True}, outdir=str(folder))
    synthesizer = cdk.DefaultStackSynthesizer(
        generate_bootstrap_version_rule=False, file_assets_bucket_name="assets"
    )
    stack = cdk.Stack(app, NAME, synthesizer=synthesizer)
    destroy = cdk.RemovalPolicy.DESTROY
    key = kms.Key(stack, "Key", enable_key_rotation=True, removal_policy=destroy)
    vpc = ec2.Vpc(
        stack,
        "Vpc",
        nat_gateways=0,
        max_azs=1,
        subnet_configuration=[ec2.SubnetConfiguration(name="p", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)],
        restrict_default_security_group=False,
    )
    domain = StudioDomain(
        stack,
        "Domain",
        domain_name=NAME,
        vpc=vpc,
        subnets=vpc.isolated_subnets,
        security_groups=[ec2.SecurityGroup(stack, "Group", vpc=vpc)],
        key=key,
        execution_role=iam.Role(stack, "People", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com")),
        removal_policy=destroy,
    )
    if drain:
        DomainDrain(
            stack,
            "Drain",
            domain=domain,
            home_file_system_id=domain.home_file_system_id,
            vpc=vpc,
            key=key,
            **{"delete_homes": True, "final_copy": False, "removal_policy": destroy, **more},
        )
    app.synth()
    for asset in folder.glob("asset.*"):
        upload(aws, asset)
    return (folder / f"{NAME}.template.json").read_text("utf-8")


def upload(aws: EmbeddedAws, asset: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for file in sorted(path for path in asset.rglob("*") if path.is_file()):
            archive.write(file, file.relative_to(asset))
    aws.client("s3").put_object(
        Bucket="assets", Key=f"{asset.name.partition('.')[2]}.zip", Body=buffer.getvalue()
    )


def settle(aws: EmbeddedAws, name: str = NAME) -> str:
    give_up = time.monotonic() + 120
    while time.monotonic() < give_up:
        (stack,) = aws.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
        status: str = stack["StackStatus"]
        if not status.endswith("PROGRESS"):
            return status
        time.sleep(0.2)
    raise TimeoutError(name)


def create(aws: EmbeddedAws, body: str) -> str:
    cloudformation = aws.client("cloudformation")
    made: str = cloudformation.create_stack(
        StackName=NAME, TemplateBody=body, Capabilities=["CAPABILITY_IAM"]
    )["StackId"]
    assert settle(aws) == "CREATE_COMPLETE"
    return made


def fill(aws: EmbeddedAws) -> str:
    """People with spaces and apps that no template knows of. Returns the domain's id."""
    sagemaker = aws.client("sagemaker")
    (domain,) = sagemaker.list_domains()["Domains"]
    domain_id: str = domain["DomainId"]
    for person in ("ana", "bela"):
        sagemaker.create_user_profile(DomainId=domain_id, UserProfileName=person)
        sagemaker.create_space(
            DomainId=domain_id,
            SpaceName=f"{person}-lab",
            OwnershipSettings={"OwnerUserProfileName": person},
            SpaceSharingSettings={"SharingType": "Private"},
            SpaceSettings={"AppType": "JupyterLab"},
        )
        sagemaker.create_app(
            DomainId=domain_id, SpaceName=f"{person}-lab", AppType="JupyterLab", AppName="default"
        )
    return domain_id


@pytest.fixture
def empty(aws: EmbeddedAws) -> EmbeddedAws:
    aws.control.reset()
    aws.control.wipe()
    aws.client("s3").create_bucket(Bucket="assets")
    return aws


def left(aws: EmbeddedAws) -> dict[str, int]:
    ec2_client = aws.client("ec2")
    return {
        "domains": len(aws.client("sagemaker").list_domains()["Domains"]),
        "file systems": len(aws.client("efs").describe_file_systems()["FileSystems"]),
        "groups": len(
            [g for g in ec2_client.describe_security_groups()["SecurityGroups"] if "nfs" in g["GroupName"]]
        ),
        "vpcs": len([v for v in ec2_client.describe_vpcs()["Vpcs"] if not v["IsDefault"]]),
        "functions": len(aws.client("lambda").list_functions()["Functions"]),
    }


NOTHING = {"domains": 0, "file systems": 0, "groups": 0, "vpcs": 0, "functions": 0}


def test_a_stack_with_a_full_domain_deletes_in_one_go_and_leaves_nothing(
    empty: EmbeddedAws, tmp_path: Path
) -> None:
    stack_id = create(empty, template(empty, tmp_path))
    fill(empty)
    assert left(empty)["domains"] == left(empty)["vpcs"] == 1
    empty.client("cloudformation").delete_stack(StackName=NAME)
    assert settle(empty, stack_id) == "DELETE_COMPLETE"
    assert left(empty) == NOTHING


def test_without_a_drain_the_same_stack_cannot_be_deleted(empty: EmbeddedAws, tmp_path: Path) -> None:
    stack_id = create(empty, template(empty, tmp_path, drain=False))
    fill(empty)
    empty.client("cloudformation").delete_stack(StackName=NAME)
    assert settle(empty, stack_id) == "DELETE_FAILED"
    assert left(empty)["domains"] == 1


def test_taking_the_drain_out_of_the_template_keeps_the_domain_and_everybody_in_it(
    empty: EmbeddedAws, tmp_path: Path
) -> None:
    create(empty, template(empty, tmp_path / "with"))
    domain_id = fill(empty)
    empty.client("cloudformation").update_stack(
        StackName=NAME,
        TemplateBody=template(empty, tmp_path / "without", drain=False),
        Capabilities=["CAPABILITY_IAM"],
    )
    assert settle(empty) == "UPDATE_COMPLETE"
    sagemaker = empty.client("sagemaker")
    assert sagemaker.describe_domain(DomainId=domain_id)["Status"] == "InService"
    apps = sagemaker.list_apps(DomainIdEquals=domain_id)["Apps"]
    assert [app["Status"] for app in apps] == ["InService", "InService"]
    assert len(sagemaker.list_user_profiles(DomainIdEquals=domain_id)["UserProfiles"]) == 2


def test_what_it_may_not_do_fails_the_deletion_with_the_reason_and_what_is_left(
    empty: EmbeddedAws, tmp_path: Path
) -> None:
    stack_id = create(empty, template(empty, tmp_path))
    fill(empty)
    empty.control.order_fault("DeleteUserProfile", "AccessDeniedException", count=None, status=403)
    cloudformation = empty.client("cloudformation")
    cloudformation.delete_stack(StackName=NAME)
    assert settle(empty, stack_id) == "DELETE_FAILED"
    events = cloudformation.describe_stack_events(StackName=stack_id)["StackEvents"]
    reasons = json.dumps([event.get("ResourceStatusReason", "") for event in events])
    assert "AWS refuses to delete profile" in reasons
    assert "Left: profile" in reasons
    empty.control.reset()
    # In AWS what a resource stands on stays while it cannot be deleted, so another deletion calls the function again.
    # The embedded engine deletes the function all the same: here this ends with the reason.
    assert left(empty)["domains"] == 1
