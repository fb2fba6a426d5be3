"""The watcher in a person's app, against the embedded AWS with IAM enforced."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from botocore.exceptions import ClientError

from studio_infra.rehearsal.server import EmbeddedAws
from studio_infra.studio.idle.idle_shutdown import IdleShutdown
from tests.runtime.idle.studio_space import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.runtime.idle.studio_space import Space

pytestmark = pytest.mark.slow

WATCHER = IdleShutdown(engine="watcher")
TRUST = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}


class Domain:
    """A domain with two people, each with a role of their own, and a private and a shared space of each."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self.aws, self.sm, self.iam = aws, aws.client("sagemaker"), aws.client("iam")
        ec2 = aws.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
        settings = {"ExecutionRole": self.role("nobody", [])}
        self.id: str = self.sm.create_domain(
            DomainName="studio",
            AuthMode="IAM",
            VpcId=vpc,
            SubnetIds=[subnet],
            DefaultUserSettings=settings,
            DefaultSpaceSettings=settings,
        )["DomainId"]
        self.apps: dict[str, dict[str, str]] = {}
        self.arns: dict[str, str] = {}
        for person in ("ana", "bo"):
            role = self.role(person, self.statements())
            self.sm.create_user_profile(
                DomainId=self.id, UserProfileName=person, UserSettings={"ExecutionRole": role}
            )
            for sharing in ("Private", "Shared"):
                self.open(person, sharing)

    def role(self, name: str, statements: list[Any]) -> str:
        arn: str = self.iam.create_role(
            RoleName=name,
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [TRUST]}),
            Tags=[{"Key": "studio:user", "Value": name}],
        )["Role"]["Arn"]
        if statements:
            policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
            self.iam.put_role_policy(RoleName=name, PolicyName="idle", PolicyDocument=policy)
        return arn

    def statements(self) -> list[Any]:
        """What the library gives, with the partition that only a deployment knows."""
        environment = cdk.Environment(account=self.aws.account, region=self.aws.region)
        stack = cdk.Stack(cdk.App(), "S", env=environment)
        made = WATCHER.policy_statements(stack, domain_id=self.id)
        return [resolved(stack.resolve(one.to_statement_json())) for one in made]

    def open(self, person: str, sharing: str) -> None:
        name = f"{person}-{sharing.lower()}"
        self.sm.create_space(
            DomainId=self.id,
            SpaceName=name,
            OwnershipSettings={"OwnerUserProfileName": person},
            SpaceSharingSettings={"SharingType": sharing},
            SpaceSettings={"AppType": "JupyterLab"},
        )
        app = {"DomainId": self.id, "SpaceName": name, "AppType": "JupyterLab", "AppName": "default"}
        self.apps[name], self.arns[name] = app, self.sm.create_app(**app)["AppArn"]

    def status(self, name: str) -> str:
        return str(self.sm.describe_app(**self.apps[name])["Status"])


def resolved(value: Any) -> Any:
    if isinstance(value, dict) and "Fn::Join" in value:
        return "".join("aws" if isinstance(part, dict) else part for part in value["Fn::Join"][1])
    if isinstance(value, dict):
        return {key: resolved(inner) for key, inner in value.items()}
    return value


@pytest.fixture(scope="module")
def domain() -> Iterator[Domain]:
    with EmbeddedAws(strict=True) as aws:
        yield Domain(aws)


def lives_in(space: Space, domain: Domain, name: str) -> None:
    """Give the space the identity and the credentials that Studio gives to an app."""
    arn = domain.arns[name]
    metadata = {"AppType": "JupyterLab", "DomainId": domain.id, "SpaceName": name, "ResourceName": "default"}
    Path(space.environment["RESOURCE_METADATA_FILE"]).write_text(json.dumps({**metadata, "ResourceArn": arn}))
    credentials = domain.aws.notebook(arn).get_credentials()
    assert credentials is not None
    keys = credentials.get_frozen_credentials()
    del space.environment["AWS_ENDPOINT_URL_SAGEMAKER"]
    space.environment |= domain.aws.environment() | {
        "AWS_ACCESS_KEY_ID": str(keys.access_key),
        "AWS_SECRET_ACCESS_KEY": str(keys.secret_key),
        "AWS_SESSION_TOKEN": str(keys.token),
        "HOME": str(space.home),
    }


def test_a_persons_role_deletes_apps_in_their_own_private_spaces_and_nothing_else(domain: Domain) -> None:
    ana = domain.aws.client("sagemaker", session=domain.aws.notebook(domain.arns["ana-private"]))
    for name in ("bo-private", "bo-shared", "ana-shared"):
        with pytest.raises(ClientError, match="AccessDenied"):
            ana.delete_app(**domain.apps[name])
    with pytest.raises(ClientError, match="AccessDenied"):
        ana.delete_space(DomainId=domain.id, SpaceName="ana-private")
    with pytest.raises(ClientError, match="AccessDenied"):
        ana.describe_app(**domain.apps["ana-private"])


def test_an_idle_server_leads_to_one_delete_app_with_the_apps_own_credentials(
    space: Space, domain: Domain
) -> None:
    lives_in(space, domain, "ana-private")
    space.serve()
    space.does("cell", "1")
    space.start(WATCHER, limit=1)
    until(lambda: domain.status("ana-private") == "Deleted")
    assert "ERROR" not in space.log
    assert space.log.count("stopping this app") == 1
    assert {domain.status(name) for name in domain.apps if name != "ana-private"} == {"InService"}


def test_in_a_shared_space_the_watcher_is_refused_and_says_what_is_missing(
    space: Space, domain: Domain
) -> None:
    lives_in(space, domain, "bo-shared")
    space.start(WATCHER, limit=1)
    until(lambda: "DeleteApp failed, next try after 15 looks" in space.log)
    assert "AccessDenied" in space.log
    assert domain.status("bo-shared") == "InService"
