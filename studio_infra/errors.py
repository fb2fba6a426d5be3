"""The one error that callers of this library meet: a value that could never deploy.

``InvalidInput`` is raised by constructs (its path is the construct's) and by the settings loader (its path is
``file:line``). It always says what was got, what is allowed and what to change.
"""

from __future__ import annotations

from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs import IConstruct

E = TypeVar("E", bound=StrEnum)


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


def one_of(kind: type[E], name: str, value: str, *, scope: IConstruct) -> E:
    """`value` as a member of `kind`; its text is as good as the member itself.

    Raises:
        InvalidInput: No member has this text.

    """
    try:
        return kind(value)
    except ValueError:
        raise InvalidInput(
            kind.__name__, f"{name} must be one of {', '.join(kind)}, got {str(value)!r}", scope=scope
        ) from None


@contextmanager
def located(scope: IConstruct) -> Iterator[None]:
    """Let what plain values refuse inside this block name the construct that was handed them."""
    try:
        yield
    except InvalidInput as error:
        raise InvalidInput(error.code, error.message, path=error.path or scope.node.path) from None
