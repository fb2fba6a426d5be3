"""Physical names: only where the service or a caller needs one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import aws_cdk as cdk

from studio_infra.errors import InvalidInput
from studio_infra.settings.facts import limits

if TYPE_CHECKING:
    from constructs import Construct


def generated_name(scope: Construct, *, longest: int = limits.NAME_MAX) -> str:
    """A name made of the stack's and the construct's, known at synthesis and the same in every one.

    In lower case, as SageMaker writes names in ARNs.
    """
    name = cdk.Names.unique_resource_name(
        scope, max_length=longest, separator="-", allowed_special_characters="-"
    )
    return name.lower()


def checked_name(scope: Construct, what: str, name: str, *, longest: int = limits.NAME_MAX) -> str:
    """`name`, if SageMaker takes it. Tokens pass.

    Raises:
        InvalidInput: It does not.

    """
    if not cdk.Token.is_unresolved(name):
        well_formed = re.fullmatch("[a-zA-Z0-9](?:-*[a-zA-Z0-9])*", name, re.ASCII) is not None
        if len(name) > longest or not well_formed:
            code = "".join(part.capitalize() for part in what.split("_"))
            raise InvalidInput(
                code,
                f"{what} must be 1-{longest} ASCII letters, digits or inner hyphens, got {name!r}",
                scope=scope,
            )
    return name


def name_in_arn(name: str) -> str:
    """`name` as SageMaker writes it in ARNs: in lower case, and policies compare it exactly."""
    return name if cdk.Token.is_unresolved(name) else name.lower()
