"""Lets people of IAM Identity Center into an SSO domain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_sso as sso
from constructs import Construct

from studio_infra.errors import InvalidInput
from studio_infra.settings.facts.limits import is_principal_id

if TYPE_CHECKING:
    from collections.abc import Sequence


class SsoAssignment(Construct):
    """Assigns users and groups of IAM Identity Center to a domain's application.

    A profile made by CloudFormation is not enough: without an assignment, Studio tells its owner "Access
    denied. Please check if user is assigned".

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of `scope`. Renaming it makes the assignments anew.
        application_arn: The domain's application: `StudioDomain.single_sign_on_application_arn`. Domains made
            before October 2023 have none.
        groups: Ids of groups in Identity Center. One group for all people is the least to look after.
        users: Ids of users in Identity Center.

    Raises:
        InvalidInput: An id that is none, one that is there twice, or nobody to assign.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        application_arn: str,
        groups: Sequence[str] = (),
        users: Sequence[str] = (),
    ) -> None:
        super().__init__(scope, construct_id)
        if not groups and not users:
            raise InvalidInput("SsoAssignmentNobody", "nobody is assigned, name groups or users", scope=self)
        for kind, ids in (("GROUP", groups), ("USER", users)):
            for principal_id in ids:
                self._assign(application_arn, kind, principal_id)

    def _assign(self, application_arn: str, kind: str, principal_id: str) -> None:
        if cdk.Token.is_unresolved(principal_id) or not is_principal_id(principal_id):
            raise InvalidInput(
                "SsoPrincipalId",
                f"{principal_id!r} is no id of a {kind.lower()}; they look like "
                "'94482488-3041-7091-8f3a-0f0d5b2ac51d', not like names",
                scope=self,
            )
        child = f"{kind.capitalize()}{principal_id.replace('-', '').lower()}"
        if self.node.try_find_child(child) is not None:
            raise InvalidInput("SsoPrincipalTwice", f"{principal_id!r} is assigned twice", scope=self)
        sso.CfnApplicationAssignment(
            self,
            child,
            application_arn=application_arn,
            principal_id=principal_id,
            principal_type=kind,
        )
