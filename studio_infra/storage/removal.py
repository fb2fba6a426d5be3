"""The double lock on data: destroying takes the construct's consent and the app's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aws_cdk as cdk

from studio_infra.errors import InvalidInput
from studio_infra.settings.sections.domain import ALLOW_DESTROY

__all__ = ["ALLOW_DESTROY", "NOT_CONSENTED_WARNING", "effective_removal_policy"]

if TYPE_CHECKING:
    from constructs import IConstruct

#: Part of the public contract: people acknowledge the warning by this name.
NOT_CONSENTED_WARNING: Final = "studio-infra:RemovalPolicy.notConsented"

# The CLI hands context over as text, cdk.json as JSON.
_CONSENT: Final = {True: True, "true": True, False: False, "false": False, None: False}
_DESTRUCTIVE: Final = (cdk.RemovalPolicy.DESTROY, cdk.RemovalPolicy.SNAPSHOT)


def effective_removal_policy(scope: IConstruct, wanted: cdk.RemovalPolicy | None = None) -> cdk.RemovalPolicy:
    """Decide what happens to data when its resource leaves the template.

    Args:
        scope: The construct that holds the data; the warning, if any, stands on it.
        wanted: What its user asked for. Defaults to ``RETAIN``.

    Returns:
        ``wanted``, except that a policy which deletes the resource becomes ``RETAIN``, with a warning, unless
        the context key ``@studio-infra/allow-destroy`` is true as well.

    Raises:
        InvalidInput: The context key is neither true nor false.

    """
    if wanted is None:
        return cdk.RemovalPolicy.RETAIN
    if wanted not in _DESTRUCTIVE or _is_consented(scope):
        return wanted
    cdk.Validations.of(scope).add_warning(
        NOT_CONSENTED_WARNING,
        f"removal policy {wanted.name} was asked for, but the app does not consent: "
        f"the resource is retained; set the context key {ALLOW_DESTROY} to true to let it be destroyed",
    )
    return cdk.RemovalPolicy.RETAIN


def _is_consented(scope: IConstruct) -> bool:
    value = scope.node.try_get_context(ALLOW_DESTROY)
    if not isinstance(value, bool | str | None) or value not in _CONSENT:
        raise InvalidInput(
            "AllowDestroy", f"context key {ALLOW_DESTROY} must be true or false, got {value!r}", scope=scope
        )
    return _CONSENT[value]
