"""Lets a team make SageMaker Projects from the templates of Service Catalog."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_servicecatalog as servicecatalog
from constructs import Construct

from studio_infra.access.policy_file import PolicyFile
from studio_infra.access.policy_packing import policy_document
from studio_infra.access.wildcards import acknowledge_wildcards
from studio_infra.errors import InvalidInput

if TYPE_CHECKING:
    from aws_cdk.interfaces import aws_iam as iam_refs

_PORTFOLIO: Final = re.compile("[a-zA-Z0-9_-]{1,100}", re.ASCII)


class ProjectAccess(Construct):
    """Puts a role into the portfolio of templates, and lets it use what is there.

    The portfolio appears in an account and region once an administrator has turned SageMaker Projects on there, which
    belongs to no stack: `aws sagemaker enable-sagemaker-servicecatalog-portfolio`. What a template makes is made by
    the launch role of Service Catalog, never by the person's own role.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of `scope`.
        role: The role of everybody who may: a team's, as a portfolio takes few principals.
        portfolio_id: Id of the portfolio. Changing it puts the role into the other one instead.
        path: Path in front of the policy's name. Defaults to `/`.

    Raises:
        InvalidInput: It is no id of a portfolio.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        role: iam_refs.IRoleRef,
        portfolio_id: str,
        path: str | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        if not cdk.Token.is_unresolved(portfolio_id) and _PORTFOLIO.fullmatch(portfolio_id) is None:
            raise InvalidInput(
                "PortfolioId",
                f"portfolio_id must be like port-abcdefghijklm, got {portfolio_id!r}",
                scope=self,
            )
        file = PolicyFile.shipped("projects")
        statements = file.filled(
            {"Partition": cdk.Aws.PARTITION, "Region": cdk.Aws.REGION, "Account": cdk.Aws.ACCOUNT_ID}
        )
        policy = iam.CfnManagedPolicy(
            self,
            "Policy",
            policy_document=policy_document(statements),
            description="Makes SageMaker Projects from templates",
            path=path,
            roles=[role.role_ref.role_name],
        )
        acknowledge_wildcards(policy, statements, file.reasons)
        servicecatalog.CfnPortfolioPrincipalAssociation(
            self,
            "Resource",
            portfolio_id=portfolio_id,
            principal_arn=role.role_ref.role_arn,
            principal_type="IAM",
        )
