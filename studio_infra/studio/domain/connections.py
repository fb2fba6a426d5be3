"""What one person's apps connect to: EMR clusters, RStudio's server."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk

from studio_infra.errors import InvalidInput

if TYPE_CHECKING:
    from studio_infra.studio.domain.apps import Json

_ROLE: Final = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/?[a-zA-Z_0-9+=,.@_/-]+", re.ASCII)
_ROLES_MAX: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class EmrAccess:
    """Roles with which JupyterLab finds and uses EMR clusters; the person's own role must be allowed to take them.

    Args:
        assumable_role_arns: Roles that the person's role takes to find clusters, also of other accounts; at most 5.
        execution_role_arns: Roles as which work runs on the clusters; at most 5.

    Raises:
        InvalidInput: More roles, or what is no ARN of a role.

    """

    assumable_role_arns: tuple[str, ...] = ()
    execution_role_arns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, arns in (
            ("assumable_role_arns", self.assumable_role_arns),
            ("execution_role_arns", self.execution_role_arns),
        ):
            wrong = [arn for arn in arns if not cdk.Token.is_unresolved(arn) and _ROLE.fullmatch(arn) is None]
            if wrong or len(arns) > _ROLES_MAX:
                raise InvalidInput(
                    "EmrRoles",
                    f"{name} must be at most {_ROLES_MAX} ARNs of roles, got {wrong[0] if wrong else len(arns)!r}",
                )

    def as_json(self) -> Json:
        """`EmrSettings` of CloudFormation."""
        return {
            "AssumableRoleArns": list(self.assumable_role_arns),
            "ExecutionRoleArns": list(self.execution_role_arns),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class RStudioAccess:
    """What a person may do in RStudio. Changing it replaces the profile, which loses its home.

    Args:
        admin: Whether they see RStudio's administrative dashboard. Defaults to no.

    """

    admin: bool = False

    def as_json(self) -> Json:
        """`RStudioServerProAppSettings` of CloudFormation."""
        return {"AccessStatus": "ENABLED", "UserGroup": "R_STUDIO_ADMIN" if self.admin else "R_STUDIO_USER"}
