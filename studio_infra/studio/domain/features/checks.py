"""What SageMaker's API asks of the texts that features are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk

from studio_infra.errors import InvalidInput
from studio_infra.settings.facts.limits import is_role_arn

if TYPE_CHECKING:
    from collections.abc import Callable


def check_text(name: str, text: str | None, is_right: Callable[[str], bool], example: str) -> None:
    """Refuse what does not look like `example`; tokens pass.

    Raises:
        InvalidInput: It does not.

    """
    if text is not None and not cdk.Token.is_unresolved(text) and not is_right(text):
        raise InvalidInput("DomainFeatures", f"{name} must be like {example}, got {text!r}")


def check_role(name: str, arn: str | None) -> None:
    """Refuse what is no ARN of a role; tokens pass.

    Raises:
        InvalidInput: It is none.

    """
    check_text(name, arn, is_role_arn, "arn:aws:iam::123456789012:role/name")
