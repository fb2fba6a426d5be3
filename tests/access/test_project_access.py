"""A team makes projects from templates: its role is in the portfolio and may use it, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Template

from studio_infra.access import ProjectAccess
from studio_infra.errors import InvalidInput
from tests import compliance

if TYPE_CHECKING:
    from collections.abc import Callable


def role(stack: cdk.Stack) -> iam.Role:
    return iam.Role(stack, "Team", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))


def test_the_role_is_in_the_portfolio_and_may_use_it(stack: cdk.Stack) -> None:
    ProjectAccess(stack, "Projects", role=role(stack), portfolio_id="port-abcdefghijklm")
    template = Template.from_stack(stack)
    (team,) = template.find_resources("AWS::IAM::Role")
    template.has_resource_properties(
        "AWS::ServiceCatalog::PortfolioPrincipalAssociation",
        {
            "PortfolioId": "port-abcdefghijklm",
            "PrincipalARN": {"Fn::GetAtt": [team, "Arn"]},
            "PrincipalType": "IAM",
        },
    )
    template.has_resource_properties("AWS::IAM::ManagedPolicy", {"Roles": [{"Ref": team}]})


def test_what_is_no_portfolio_is_refused(stack: cdk.Stack) -> None:
    with pytest.raises(InvalidInput, match="portfolio_id must be like port-") as caught:
        ProjectAccess(stack, "Projects", role=role(stack), portfolio_id="ML Ops products")
    assert caught.value.path == "S/Projects"


@pytest.mark.slow
def test_no_judge_finds_fault_with_the_policy(
    stack: cdk.Stack,
    deployed: Callable[[cdk.Stack], dict[str, dict[str, Any]]],
    judge: Callable[[dict[str, dict[str, Any]]], list[list[str]]],
) -> None:
    ProjectAccess(stack, "Projects", role=role(stack), portfolio_id="port-abcdefghijklm")
    assert judge(deployed(stack)) == []


@pytest.mark.slow
def test_no_pack_finds_anything() -> None:
    app = compliance.strict_app()
    stack = cdk.Stack(app, "S")
    ProjectAccess(stack, "Projects", role=role(stack), portfolio_id="port-abcdefghijklm")
    assert compliance.findings(stack) == set()
    app.synth()
