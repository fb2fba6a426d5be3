"""What happens when a budget is spent: nothing new starts, and nothing that runs is touched."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_iam as iam
from constructs import Construct

from studio_infra.access import PolicyFile
from studio_infra.access.policy_packing import policy_document
from studio_infra.access.wildcards import acknowledge_wildcards
from studio_infra.errors import InvalidInput, one_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_sns as sns

_POLICIES: Final = Path(__file__).parents[1] / "policies"
#: AWS Budgets names roles one by one, and no more than this:
#: https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_IamActionDefinition.html
ROLES_MAX: Final = 100


class ApprovalModel(StrEnum):
    """Who decides that the action is taken."""

    MANUAL = "MANUAL"
    """A person, in the console or with `aws budgets execute-budget-action`."""
    AUTOMATIC = "AUTOMATIC"
    """Nobody: it is taken as soon as AWS knows that the money is spent."""


class DenyNewApps(Construct):
    """Puts a denial on a team's roles when its budget is spent: no new app, job, endpoint or pipeline execution.

    What runs goes on, and everybody can still stop and delete. AWS knows spending with 8 to 12 hours' delay, so this
    is a brake and no limit. A person takes the denial off again, or raises the budget:
    `aws budgets execute-budget-action --execution-type REVERSE_BUDGET_ACTION`.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of `scope`.
        budget_name: Name of the budget, deployed before this.
        team: The team, for who reads the list of policies.
        roles: What the team's people run as: 1 to 100 roles. A role that is made later is not reached until it
            stands here. Each needs room for one more managed policy.
        alerts: Where it is told that the action waits for approval or was taken.
        approval: Who decides. Defaults to a person.
        at_percent: Per cent of the budget that was really spent. Defaults to 100.

    Raises:
        InvalidInput: No role, more than AWS Budgets takes, or a percentage that is not more than 0.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        budget_name: str,
        team: str,
        roles: Sequence[iam.IRole],
        alerts: sns.ITopic,
        approval: ApprovalModel = ApprovalModel.MANUAL,
        at_percent: float = 100,
    ) -> None:
        super().__init__(scope, construct_id)
        approval = one_of(ApprovalModel, "approval", approval, scope=self)
        self._check(roles, at_percent)
        denial = self._policy(
            "Denial", "deny_new_work", {}, f"Team {team}: nothing new while its budget is spent"
        )
        lender = iam.Role(
            self,
            "Role",
            description=f"Lets AWS Budgets put one denial on the roles of team {team}",
            assumed_by=iam.ServicePrincipal(
                "budgets.amazonaws.com",
                conditions={
                    "StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID},
                    "ArnLike": {"aws:SourceArn": self._budget_arn(budget_name)},
                },
            ),
        )
        allowed = self._policy(
            "Policy",
            "budget_action",
            {"Roles": [role.role_arn for role in roles], "Denial": denial.ref},
            f"What AWS Budgets may do to the roles of team {team}",
            roles=[lender.role_name],
        )
        action = budgets.CfnBudgetsAction(
            self,
            "Resource",
            budget_name=budget_name,
            action_type="APPLY_IAM_POLICY",
            action_threshold=budgets.CfnBudgetsAction.ActionThresholdProperty(
                type="PERCENTAGE", value=at_percent
            ),
            notification_type="ACTUAL",
            approval_model=approval,
            execution_role_arn=lender.role_arn,
            definition=budgets.CfnBudgetsAction.DefinitionProperty(
                iam_action_definition=budgets.CfnBudgetsAction.IamActionDefinitionProperty(
                    policy_arn=denial.ref, roles=[role.role_name for role in roles]
                )
            ),
            subscribers=[
                budgets.CfnBudgetsAction.SubscriberProperty(type="SNS", address=alerts.topic_arn),
            ],
        )
        action.node.add_dependency(allowed)

    def _policy(
        self,
        construct_id: str,
        file: str,
        values: Mapping[str, str | Sequence[str]],
        description: str,
        *,
        roles: Sequence[str] | None = None,
    ) -> iam.CfnManagedPolicy:
        found = PolicyFile.from_path(_POLICIES / f"{file}.json")
        statements = found.filled(values)
        policy = iam.CfnManagedPolicy(
            self,
            construct_id,
            policy_document=policy_document(statements),
            description=description,
            roles=roles,
        )
        acknowledge_wildcards(policy, statements, found.reasons)
        return policy

    def _budget_arn(self, budget_name: str) -> str:
        return cdk.Stack.of(self).format_arn(
            service="budgets", region="", resource="budget", resource_name=budget_name
        )

    def _check(self, roles: Sequence[iam.IRole], at_percent: float) -> None:
        if not 1 <= len(roles) <= ROLES_MAX:
            raise InvalidInput(
                "BudgetActionRoles",
                f"roles must be 1 to {ROLES_MAX}, got {len(roles)}; AWS Budgets names each role, so give the "
                "people of a larger team one role",
                scope=self,
            )
        if not cdk.Token.is_unresolved(at_percent) and at_percent <= 0:
            raise InvalidInput(
                "BudgetActionThreshold", f"at_percent must be more than 0, got {at_percent}", scope=self
            )
