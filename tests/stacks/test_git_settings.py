"""What `[git]` of the settings does to the stacks of the production settings."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from studio_infra.settings import StudioSettings
from tests.stacks.test_access_settings import PRODUCTION, of_type, templates

if TYPE_CHECKING:
    from collections.abc import Mapping

CODECOMMIT = {"region": "eu-west-1", "repositories": ["churn", "pricing"]}


def made(git: Mapping[str, Any], **access: Any) -> dict[str, dict[str, Any]]:
    values = dict(PRODUCTION) | {"roster": PRODUCTION.roster[:3], "endpoints": {}}
    return templates(StudioSettings.model_validate(values | {"git": git, "access": access}))


def repositories_policies(stacks: Mapping[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        policy
        for policy in of_type("AWS::IAM::ManagedPolicy", *stacks.values())
        if "codecommit:GitPush" in json.dumps(policy["PolicyDocument"])
    ]


def test_repositories_in_codecommit_are_opened_to_everybody_and_no_other_is() -> None:
    stacks = made({"hosts": [], "codecommit": [CODECOMMIT]})
    (policy,) = repositories_policies(stacks)
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["codecommit:GitPull", "codecommit:GitPush"]
    assert len(statement["Resource"]) == 2
    for arn, name in zip(statement["Resource"], ("churn", "pricing"), strict=True):
        assert f":{name}" in json.dumps(arn)
    assert not any("*" in json.dumps(arn) for arn in statement["Resource"])
    for role in of_type("AWS::IAM::Role", stacks["research-users-1"]):
        assert "CodeCommit" in json.dumps(role["ManagedPolicyArns"])


def test_the_shared_role_of_a_team_may_use_them_too() -> None:
    stacks = made({"codecommit": [CODECOMMIT]}, role_sharing="per_team")
    shared = [
        role
        for role in of_type("AWS::IAM::Role", stacks["research-studio"])
        if "CodeCommit" in json.dumps(role.get("ManagedPolicyArns", []))
    ]
    assert len(shared) == len(PRODUCTION.teams)


def test_without_codecommit_there_is_no_such_policy() -> None:
    assert repositories_policies(made({})) == []


@pytest.mark.parametrize("store", ["home", "space", "secret"])
def test_the_key_store_reaches_the_script(store: str) -> None:
    stacks = made({"key_store": store})
    configs = of_type("AWS::SageMaker::StudioLifecycleConfig", stacks["research-studio"])
    scripts = [base64.b64decode(one["StudioLifecycleConfigContent"]).decode() for one in configs]
    assert [text for text in scripts if f"STORE={store}" in text]


@pytest.mark.parametrize("brought", [False, True])
def test_the_port_of_a_git_host_is_open_in_a_vpc_made_here_and_in_one_brought_along(*, brought: bool) -> None:
    place = {"vpc_id": "vpc-0123456789abcdef0", "subnet_ids": ["subnet-0123456789abcdef0"]} if brought else {}
    host = {"host": "git.corp.example", "port": 7999, "trust_on_first_use": True}
    domain = {"auth_mode": "IAM", "network": "VpcOnly", "default_instance_type": "ml.t3.medium", **place}
    values = dict(PRODUCTION) | {"roster": PRODUCTION.roster[:3], "endpoints": {}}
    stacks = templates(
        StudioSettings.model_validate(values | {"domain": domain, "git": {"custom_hosts": [host]}})
    )
    inline = [
        rule
        for group in of_type("AWS::EC2::SecurityGroup", stacks["research-studio"])
        for rule in group.get("SecurityGroupEgress", [])
    ]
    rules = [*inline, *of_type("AWS::EC2::SecurityGroupEgress", stacks["research-studio"])]
    assert 7999 in {rule.get("FromPort") for rule in rules}
