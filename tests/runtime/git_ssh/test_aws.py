"""The script's calls to AWS: with the AWS CLI itself, and with no more than the permissions it is given."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from botocore.exceptions import ClientError

from studio_infra.rehearsal.server import EmbeddedAws
from tests.runtime.git_ssh.world import PEOPLE, Space

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio_infra.studio.git.git_ssh import GitSsh

    MakeSpace = Callable[..., Space]

pytestmark = pytest.mark.slow
AWS_CLI = shutil.which("aws")


@pytest.mark.skipif(
    AWS_CLI is None, reason="the AWS CLI is not installed here; its stand-in serves the other tests"
)
def test_the_aws_cli_itself_understands_the_calls(closed: GitSsh, make_space: MakeSpace) -> None:
    lab = make_space("lab")
    (lab.bin / "aws").unlink()
    with EmbeddedAws() as aws:
        ssm = aws.client("ssm")
        identity = json.dumps({"name": 'Ana "Ani" Sílva \\', "email": "ana@example.com"})
        ssm.put_parameter(Name=f"{PEOPLE}/ana/git-identity", Value=identity, Type="String")
        environment = aws.environment() | {"HOME": os.environ["HOME"]}
        for _ in range(2):
            assert lab.start(closed.script().text, environment=environment).code == 0
        published = ssm.get_parameter(Name=f"{PEOPLE}/ana/ssh-public-key")["Parameter"]
    assert published["Value"] == lab.public_key.strip()
    assert published["Version"] == 1
    assert lab.log.count("INFO public key published") == 1
    assert "aws" not in "".join(line for line in lab.log.splitlines() if "WARN" in line)
    assert lab.shell("git config user.name").stdout == 'Ana "Ani" Sílva \\\n'


def test_one_person_s_role_reaches_no_other_person_s_parameters(closed: GitSsh) -> None:
    with EmbeddedAws(strict=True) as aws:
        roles = make_roles(aws, closed, "ana", "bob")
        root = aws.client("ssm")
        for name in ("ana/git-identity", "ana/anything-else", "bob/git-identity", "bob/ssh-public-key"):
            root.put_parameter(Name=f"{PEOPLE}/{name}", Value="{}", Type="String")
        ana = aws.client("ssm", session=aws.session(roles["ana"]))

        assert ana.get_parameter(Name=f"{PEOPLE}/ana/git-identity")["Parameter"]["Value"] == "{}"
        for own in ("ana/ssh-public-key", "ana/ssh-public-key/lab"):
            ana.put_parameter(Name=f"{PEOPLE}/{own}", Value="ssh-ed25519 AAAA", Type="String", Overwrite=True)
            ana.get_parameter(Name=f"{PEOPLE}/{own}")
        for name in ("bob/git-identity", "bob/ssh-public-key", "ana/anything-else"):
            refused(ana.get_parameter, Name=f"{PEOPLE}/{name}")
        for name in ("bob/ssh-public-key", "bob/git-identity", "ana/git-identity"):
            refused(ana.put_parameter, Name=f"{PEOPLE}/{name}", Value="x", Type="String", Overwrite=True)


def refused(call: Callable[..., Any], **arguments: Any) -> None:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException", arguments


def make_roles(aws: EmbeddedAws, git_ssh: GitSsh, *people: str) -> dict[str, str]:
    """A role for each person, with the tag that every person's role has and the script's permissions."""
    stack = cdk.Stack(cdk.App(), "S", env=cdk.Environment(account=aws.account, region=aws.region))
    statements = [
        as_deployed(stack.resolve(one.to_statement_json())) for one in git_ssh.policy_statements(stack)
    ]
    # The embedded AWS looks at the resource of a call for one parameter, not at those of a call for several.
    statements[0]["Action"] = ["ssm:GetParameters", "ssm:GetParameter"]
    iam, roles = aws.client("iam"), {}
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{aws.account}:root"},
        "Action": "sts:AssumeRole",
    }
    for name in people:
        made = iam.create_role(
            RoleName=name,
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
            Tags=[{"Key": "studio:user", "Value": name}],
        )
        roles[name] = made["Role"]["Arn"]
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_role_policy(RoleName=name, PolicyName="git", PolicyDocument=policy)
    return roles


def as_deployed(value: Any) -> Any:
    """What CloudFormation makes of it."""
    if value == {"Ref": "AWS::Partition"}:
        return "aws"
    if isinstance(value, dict) and value.keys() == {"Fn::Join"}:
        return "".join(map(as_deployed, value["Fn::Join"][1]))
    if isinstance(value, dict):
        return {key: as_deployed(item) for key, item in value.items()}
    return [as_deployed(item) for item in value] if isinstance(value, list) else value
