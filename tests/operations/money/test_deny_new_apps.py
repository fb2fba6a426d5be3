"""A spent budget lets nothing new start, touches nothing that runs, and reaches the roles that were named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import botocore.session
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Template

from studio_infra.errors import InvalidInput
from studio_infra.operations import AlertTopic, ApprovalModel, TeamBudget
from studio_infra.operations.money import deny_new_apps as module
from tests import compliance

DENIAL = json.loads((Path(module.__file__).parents[1] / "policies" / "deny_new_work.json").read_text("utf-8"))
BUDGETS: Any = botocore.session.get_session().get_service_model("budgets")


def action(stack: cdk.Stack, *, roles: int = 1, **options: Any) -> None:
    alerts = AlertTopic(stack, "Alerts", key=kms.Key(stack, "Key", enable_key_rotation=True))
    alerts.allow("budgets.amazonaws.com")
    budget = TeamBudget(
        stack, "Budget", name_prefix="research", team="vision", monthly_usd=100, alerts=alerts.topic
    )
    made = [iam.Role.from_role_name(stack, f"R{number}", f"people-{number}") for number in range(roles)]
    budget.deny_new_apps(roles=made, **options)


def made(stack: cdk.Stack, kind: str) -> list[dict[str, Any]]:
    return [dict(found) for found in Template.from_stack(stack).find_resources(kind).values()]


def test_nothing_that_stops_deletes_or_reads_is_denied() -> None:
    (statement,) = DENIAL["Statement"]
    assert statement["Effect"] == "Deny"
    verbs = {name.partition(":")[2] for name in statement["Action"]}
    assert not [verb for verb in verbs if not verb.startswith(("Create", "Start", "Retry"))]


def test_every_denied_action_is_one_of_sagemakers() -> None:
    known = set(botocore.session.get_session().get_service_model("sagemaker").operation_names)
    (statement,) = DENIAL["Statement"]
    denied = [name.removeprefix("sagemaker:") for name in statement["Action"]]
    assert set(denied) <= known
    assert denied == sorted(denied)
    assert {"CreateApp", "CreateTrainingJob", "CreateEndpoint", "StartPipelineExecution"} <= set(denied)


def test_the_denial_is_put_on_the_roles_when_the_money_is_spent_and_a_person_agrees(stack: cdk.Stack) -> None:
    action(stack, roles=2)
    (found,) = made(stack, "AWS::Budgets::BudgetsAction")
    properties = found["Properties"]
    assert properties["ActionType"] == "APPLY_IAM_POLICY"
    assert properties["ActionThreshold"] == {"Type": "PERCENTAGE", "Value": 100}
    assert (properties["ApprovalModel"], properties["NotificationType"]) == ("MANUAL", "ACTUAL")
    assert properties["BudgetName"] == "research-vision"
    definition = properties["Definition"]["IamActionDefinition"]
    assert definition["Roles"] == ["people-0", "people-1"]
    denial = made(stack, "AWS::IAM::ManagedPolicy")
    names = list(Template.from_stack(stack).find_resources("AWS::IAM::ManagedPolicy"))
    deny = names[
        [one["Properties"]["PolicyDocument"]["Statement"][0]["Effect"] for one in denial].index("Deny")
    ]
    assert definition["PolicyArn"] == {"Ref": deny}
    # Nobody has it until the action is taken.
    assert "Roles" not in denial[names.index(deny)]["Properties"]


def test_the_budget_is_there_before_its_action(stack: cdk.Stack) -> None:
    action(stack)
    (found,) = made(stack, "AWS::Budgets::BudgetsAction")
    (budget,) = Template.from_stack(stack).find_resources("AWS::Budgets::Budget")
    assert budget in found["DependsOn"]


def test_can_be_taken_without_a_person_and_before_the_end(stack: cdk.Stack) -> None:
    action(stack, approval=ApprovalModel.AUTOMATIC, at_percent=90)
    (found,) = made(stack, "AWS::Budgets::BudgetsAction")
    assert found["Properties"]["ApprovalModel"] == "AUTOMATIC"
    assert found["Properties"]["ActionThreshold"]["Value"] == 90


def test_budgets_may_put_this_policy_on_these_roles_and_do_nothing_else(stack: cdk.Stack) -> None:
    action(stack)
    lent = [
        statement
        for policy in made(stack, "AWS::IAM::ManagedPolicy")
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
    ]
    (statement,) = lent
    assert statement["Action"] == ["iam:AttachRolePolicy", "iam:DetachRolePolicy"]
    assert "role/people-0" in json.dumps(statement["Resource"])
    assert "*" not in json.dumps(statement["Resource"])
    assert [*statement["Condition"]["ArnEquals"]] == ["iam:PolicyARN"]
    (role,) = made(stack, "AWS::IAM::Role")
    (trust,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "budgets.amazonaws.com"}
    assert {*trust["Condition"]} == {"StringEquals", "ArnLike"}
    assert "budget/research-vision" in json.dumps(trust["Condition"]["ArnLike"])


def test_the_limit_and_the_words_are_the_services() -> None:
    assert BUDGETS.shape_for("Roles").metadata == {"min": 1, "max": module.ROLES_MAX}
    assert set(BUDGETS.shape_for("ApprovalModel").enum) == set(ApprovalModel)
    assert "APPLY_IAM_POLICY" in BUDGETS.shape_for("ActionType").enum


@pytest.mark.parametrize("roles", [0, 101])
def test_refuses_roles_that_budgets_cannot_name(stack: cdk.Stack, roles: int) -> None:
    with pytest.raises(InvalidInput, match=f"roles must be 1 to 100, got {roles}") as caught:
        action(stack, roles=roles)
    assert caught.value.code == "BudgetActionRoles"


def test_a_hundred_roles_are_taken(stack: cdk.Stack) -> None:
    action(stack, roles=100)
    (found,) = made(stack, "AWS::Budgets::BudgetsAction")
    assert len(found["Properties"]["Definition"]["IamActionDefinition"]["Roles"]) == 100


def test_refuses_an_approval_and_a_threshold_that_are_none(stack: cdk.Stack) -> None:
    with pytest.raises(InvalidInput, match="approval must be one of MANUAL, AUTOMATIC, got 'sometimes'"):
        action(stack, approval="sometimes")


def test_refuses_to_act_before_anything_is_spent(stack: cdk.Stack) -> None:
    with pytest.raises(InvalidInput, match="at_percent must be more than 0, got 0"):
        action(stack, at_percent=0)


@pytest.mark.slow
def test_no_pack_and_no_rule_of_cdk_finds_anything() -> None:
    app = compliance.strict_app()
    stack = cdk.Stack(app, "S")
    action(stack)
    assert compliance.findings(stack) == set()
    app.synth()
