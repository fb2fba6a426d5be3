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

    from studio_infra.studio.git_ssh import GitSsh

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
        stack = cdk.Stack(cdk.App(), "S", env=cdk.Environment(account=aws.account, region=aws.region))
        document = {
            "Version": "2012-10-17",
            "Statement": [
                json.loads(
                    json.dumps(stack.resolve(one.to_statement_json())).replace(
                        '{"Ref": "AWS::Partition"}', '"aws"'
                    )
                )
                for one in closed.policy_statements(stack)
            ],
        }
        document = flattened(document)
        iam = aws.client("iam")
        for name in ("ana", "bob"):
            role = iam.create_role(
                RoleName=name,
                AssumeRolePolicyDocument=json.dumps(
                    {
                        "Version": "2012-10-17",
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Principal": {"AWS": f"arn:aws:iam::{aws.account}:root"},
                                "Action": "sts:AssumeRole",
                            }
                        ],
                    }
                ),
                Tags=[{"Key": "studio:user", "Value": name}],
            )["Role"]
            iam.put_role_policy(RoleName=name, PolicyName="git", PolicyDocument=json.dumps(document))
            aws.client("ssm").put_parameter(Name=f"{PEOPLE}/{name}/git-identity", Value="{}", Type="String")
            aws.client("ssm").put_parameter(Name=f"{PEOPLE}/{name}/ssh-private-key", Value="x", Type="String")
            del role
        ana = aws.client("ssm", session=aws.session(f"arn:aws:iam::{aws.account}:role/ana"))

        mine = [f"{PEOPLE}/ana/git-identity", f"{PEOPLE}/ana/ssh-public-key"]
        assert [found["Name"] for found in ana.get_parameters(Names=mine)["Parameters"]] == mine[:1]
        for name in (mine[1], f"{mine[1]}/lab"):
            ana.put_parameter(Name=name, Value="ssh-ed25519 AAAA", Type="String", Overwrite=True)
        for refused in (
            lambda: ana.get_parameters(Names=[f"{PEOPLE}/bob/git-identity"]),
            lambda: ana.get_parameters(Names=[f"{PEOPLE}/ana/ssh-private-key"]),
            lambda: ana.put_parameter(Name=mine[0], Value="{}", Type="String", Overwrite=True),
            lambda: ana.put_parameter(Name=f"{PEOPLE}/bob/ssh-public-key", Value="x", Type="String"),
        ):
            with pytest.raises(ClientError) as caught:
                refused()
            assert caught.value.response["Error"]["Code"] == "AccessDeniedException"


def flattened(value: Any) -> Any:
    """The document with CloudFormation's joins done, as deploying it does."""
    if isinstance(value, dict):
        if value.keys() == {"Fn::Join"}:
            return "".join(value["Fn::Join"][1])
        return {key: flattened(item) for key, item in value.items()}
    return [flattened(item) for item in value] if isinstance(value, list) else value
