"""One server for all tests of this room, emptied before each; another one that enforces IAM."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from studio_infra.rehearsal.server import EmbeddedAws

if TYPE_CHECKING:
    from collections.abc import Iterator

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedAws]:
    """The running server, with whatever the last test left in it."""
    with EmbeddedAws() as aws:
        yield aws


@pytest.fixture
def aws(server: EmbeddedAws) -> EmbeddedAws:
    """The server, empty."""
    server.control.reset()
    server.control.wipe()
    return server


@pytest.fixture
def sm(aws: EmbeddedAws) -> Any:
    """A SageMaker client that does not try again by itself."""
    from botocore.config import Config

    return aws.client("sagemaker", config=Config(retries={"total_max_attempts": 1}))


@dataclass
class Studio:
    """A domain with one person, and what they stand on."""

    aws: EmbeddedAws
    sm: Any
    role: str
    vpc: str
    subnets: list[str]
    domain_id: str

    def profile(self, name: str, **more: Any) -> str:
        arn: str = self.sm.create_user_profile(DomainId=self.domain_id, UserProfileName=name, **more)[
            "UserProfileArn"
        ]
        return arn

    def space(self, name: str, owner: str, app_type: str = "JupyterLab", **more: Any) -> None:
        self.sm.create_space(
            DomainId=self.domain_id,
            SpaceName=name,
            OwnershipSettings={"OwnerUserProfileName": owner},
            SpaceSharingSettings={"SharingType": "Private"},
            SpaceSettings={"AppType": app_type, **more},
        )

    def app(self, space: str, app_type: str = "JupyterLab") -> dict[str, str]:
        where = {"DomainId": self.domain_id, "SpaceName": space, "AppType": app_type, "AppName": "default"}
        self.sm.create_app(**where)
        return where


def make_role(
    aws: EmbeddedAws, name: str = "studio", policy: list[dict[str, Any]] | None = None, **more: Any
) -> str:
    """A role that SageMaker may assume."""
    iam = aws.client("iam")
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST), **more)["Role"][
        "Arn"
    ]
    if policy is not None:
        document = {"Version": "2012-10-17", "Statement": policy}
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps(document))
    return arn


def make_network(aws: EmbeddedAws) -> tuple[str, list[str]]:
    """A VPC with a subnet in two zones."""
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"us-east-1{zone}")[
            "Subnet"
        ]["SubnetId"]
        for n, zone in enumerate("ab")
    ]
    return vpc, subnets


def make_studio(aws: EmbeddedAws, sm: Any, **more: Any) -> Studio:
    """A domain with one person, ana."""
    role = make_role(aws)
    vpc, subnets = make_network(aws)
    settings = {"ExecutionRole": role}
    asked = {
        "DomainName": "studio",
        "AuthMode": "IAM",
        "VpcId": vpc,
        "SubnetIds": subnets,
        "DefaultUserSettings": settings,
        "DefaultSpaceSettings": settings,
    } | more
    domain_id = sm.create_domain(**asked)["DomainId"]
    studio = Studio(aws, sm, role, vpc, subnets, domain_id)
    if asked["AuthMode"] == "IAM":
        studio.profile("ana")
    return studio


@pytest.fixture
def studio(aws: EmbeddedAws, sm: Any) -> Studio:
    """A domain with one person, ana."""
    return make_studio(aws, sm)


class Stacks:
    """CloudFormation as a test wants it: do it, wait, and tell how it went."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self.cfn = aws.client("cloudformation")

    def create(self, resources: dict[str, Any], outputs: dict[str, Any] | None = None, **more: Any) -> str:
        body = self._template(resources, outputs)
        self.cfn.create_stack(StackName="s", TemplateBody=body, Capabilities=["CAPABILITY_IAM"], **more)
        return self.wait()

    def update(self, resources: dict[str, Any], outputs: dict[str, Any] | None = None, **more: Any) -> str:
        body = self._template(resources, outputs)
        self.cfn.update_stack(StackName="s", TemplateBody=body, Capabilities=["CAPABILITY_IAM"], **more)
        return self.wait()

    def delete(self) -> str:
        stack_id = self.cfn.describe_stacks(StackName="s")["Stacks"][0]["StackId"]
        self.cfn.delete_stack(StackName="s")
        return self.wait(stack_id)

    def wait(self, name: str = "s") -> str:
        give_up = time.monotonic() + 30
        while time.monotonic() < give_up:
            status: str = self.cfn.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
            if not status.endswith("PROGRESS"):
                return status
            time.sleep(0.02)
        raise TimeoutError(name)

    def outputs(self) -> dict[str, str]:
        found = self.cfn.describe_stacks(StackName="s")["Stacks"][0].get("Outputs", [])
        return {output["OutputKey"]: output["OutputValue"] for output in found}

    def physical_ids(self) -> dict[str, str]:
        found = self.cfn.describe_stack_resources(StackName="s")["StackResources"]
        return {r["LogicalResourceId"]: r["PhysicalResourceId"] for r in found}

    def reasons(self) -> dict[str, str]:
        events = self.cfn.describe_stack_events(StackName="s")["StackEvents"]
        failed = [e for e in events if e["ResourceStatus"].endswith("_FAILED")]
        return {e["LogicalResourceId"]: e.get("ResourceStatusReason", "") for e in failed}

    def changes(self, resources: dict[str, Any]) -> dict[str, str]:
        """What a change set says about each resource: False, True or Conditional replacement."""
        self.cfn.create_change_set(
            StackName="s",
            ChangeSetName="c",
            TemplateBody=self._template(resources, None),
            Capabilities=["CAPABILITY_IAM"],
        )
        self.cfn.get_waiter("change_set_create_complete").wait(
            StackName="s", ChangeSetName="c", WaiterConfig={"Delay": 0.05}
        )
        found = self.cfn.describe_change_set(StackName="s", ChangeSetName="c")["Changes"]
        self.cfn.delete_change_set(StackName="s", ChangeSetName="c")
        return {
            c["ResourceChange"]["LogicalResourceId"]: c["ResourceChange"].get("Replacement", "-")
            for c in found
        }

    @staticmethod
    def _template(resources: dict[str, Any], outputs: dict[str, Any] | None) -> str:
        shown = {name: {"Value": value} for name, value in (outputs or {}).items()}
        return json.dumps({"Resources": resources} | ({"Outputs": shown} if shown else {}))


@pytest.fixture
def stacks(aws: EmbeddedAws) -> Stacks:
    """CloudFormation of the empty server."""
    return Stacks(aws)
