"""A team beside a domain of each kind, and the judges of IAM policies."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk.assertions import Template

from studio_infra.access import Persona
from tests.environments import python_with

if TYPE_CHECKING:
    import aws_cdk as cdk

Policies = dict[str, dict[str, Any]]
Judge = Callable[[Policies], list[list[str]]]

ROOT = Path(__file__).parents[2]
_PSEUDO = {"AWS::Partition": "aws", "AWS::Region": "eu-west-1", "AWS::AccountId": "123456789012"}
_ARNS = {
    "AWS::IAM::Role": "arn:aws:iam::123456789012:role/{id}",
    "AWS::KMS::Key": "arn:aws:kms:eu-west-1:123456789012:key/{id}",
    "AWS::S3::Bucket": "arn:aws:s3:::bucket",
    "AWS::SageMaker::Domain": "d-research",
}


@pytest.fixture
def team_options(stack: cdk.Stack, options_in: Callable[[cdk.Stack], dict[str, Any]]) -> dict[str, Any]:
    """What `TeamAccess` needs, with a domain, a key and a bucket of the same stack."""
    return options_in(stack)


@pytest.fixture(scope="session")
def options_in() -> Callable[[cdk.Stack], dict[str, Any]]:
    """Makes a domain, a key and a bucket in a stack, and says what `TeamAccess` needs beside them."""

    def options(stack: cdk.Stack) -> dict[str, Any]:
        role = "arn:aws:iam::123456789012:role/nothing"
        return {
            "name_prefix": "research",
            "team": "vision",
            "persona": Persona.data_scientist(),
            "instance_types": ["ml.t3.medium", "ml.g5.xlarge"],
            "domain": sagemaker.CfnDomain(
                stack,
                "Domain",
                auth_mode="IAM",
                domain_name="research",
                default_user_settings=sagemaker.CfnDomain.UserSettingsProperty(execution_role=role),
            ),
            "subnet_ids": ["subnet-a", "subnet-b"],
            "security_group_ids": ["sg-jobs"],
            "key": kms.Key(stack, "Key"),
            "bucket": s3.Bucket(stack, "Bucket"),
        }

    return options


@pytest.fixture(scope="session")
def deployed() -> Callable[[cdk.Stack], Policies]:
    """The managed policies of a stack by logical id, as AWS would have them: every reference filled in."""

    def policies(stack: cdk.Stack) -> Policies:
        resources = Template.from_stack(stack).to_json()["Resources"]
        return {
            logical_id: _filled_in(resource["Properties"]["PolicyDocument"], resources)
            for logical_id, resource in resources.items()
            if resource["Type"] == "AWS::IAM::ManagedPolicy"
        }

    return policies


def _filled_in(node: Any, resources: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_filled_in(item, resources) for item in node]
    if not isinstance(node, dict):
        return node
    if "Fn::Join" in node:
        delimiter, items = node["Fn::Join"]
        return delimiter.join(_filled_in(items, resources))
    if "Fn::GetAtt" in node:
        return _ARNS[resources[node["Fn::GetAtt"][0]]["Type"]].format(id=node["Fn::GetAtt"][0])
    if "Ref" in node:
        return _PSEUDO.get(node["Ref"]) or _ARNS[resources[node["Ref"]]["Type"]].format(id=node["Ref"])
    return {key: _filled_in(value, resources) for key, value in node.items()}


@pytest.fixture(scope="session")
def judge() -> Judge:
    """Findings of parliament, cloudsplaining and policy_sentry, as `[policy, judge, finding]`."""
    python = python_with(ROOT / "requirements-policies.txt", name="policies")

    def findings(policies: Policies) -> list[list[str]]:
        judged = subprocess.run(
            [python, "-W", "ignore", Path(__file__).with_name("judge.py")],
            input=json.dumps(policies),
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert judged.returncode == 0, judged.stderr
        return list(json.loads(judged.stdout))

    return findings
