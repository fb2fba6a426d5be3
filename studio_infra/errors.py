"""The one error that callers of this library meet: a value that could never deploy.

``InvalidInput`` is raised by constructs (its path is the construct's) and by the settings loader (its path is
``file:line``). It always says what was got, what is allowed and what to change.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs import IConstruct


class InvalidInput(ValueError):  # noqa: N818 - named for what happened
    """A caller passed a value that could never deploy.

    Args:
        code: Stable name of the rule that was broken, for example ``"UserProfileName"``.
        message: Lower case, no full stop: what was got, what is allowed, what to change.
        scope: The construct that refused, when it was a construct.
        path: Where the value stands, when it was not: ``"settings/production.toml:12"``.

    """

    def __init__(
        self, code: str, message: str, *, scope: IConstruct | None = None, path: str | None = None
    ) -> None:
        self.code: Final = code
        self.path: Final = path if path is not None else (scope.node.path if scope is not None else "")
        self.message: Final = message
        super().__init__(f"[{self.path}] {message} ({code})" if self.path else f"{message} ({code})")


@contextmanager
def located(scope: IConstruct) -> Iterator[None]:
    """Let what plain values refuse inside this block name the construct that was handed them."""
    try:
        yield
    except InvalidInput as error:
        raise InvalidInput(error.code, error.message, path=error.path or scope.node.path) from None
