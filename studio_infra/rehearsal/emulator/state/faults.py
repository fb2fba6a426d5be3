"""Trouble on order: errors at dispatch, and resources that end up failed."""

from __future__ import annotations

import fnmatch
import random
from dataclasses import asdict, dataclass, field
from typing import Any

from studio_infra.rehearsal.emulator.service.errors import ServiceError


@dataclass
class Fault:
    """An error that calls get instead of, or after, their effect.

    Args:
        operation: Which calls; ``*`` and ``?`` are wildcards.
        code: The error code.
        count: How many calls still get it; ``None`` is all of them.
        message: The error's sentence.
        status: The HTTP status.
        probability: The part of the calls that get it.
        seed: Makes ``probability`` repeatable.
        after: The effect happens and the answer is lost, as when a connection breaks.

    """

    operation: str
    code: str
    count: int | None = 1
    message: str = "Injected by the rehearsal."
    status: int = 400
    probability: float = 1.0
    seed: int = 0
    after: bool = False
    _dice: random.Random = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)  # noqa: S311 - repeatable on purpose

    def strikes(self, operation: str, *, after: bool) -> bool:
        """Whether this call is hit; counts it if so."""
        if self.after != after or self.count == 0 or not fnmatch.fnmatchcase(operation, self.operation):
            return False
        if self._dice.random() >= self.probability:
            return False
        if self.count is not None:
            self.count -= 1
        return True


@dataclass
class Outcome:
    """A resource that does not end in the state that was hoped for.

    Args:
        kind: Which kind, for example ``TrainingJob``.
        status: The state it ends in.
        reason: Its ``FailureReason``.
        transition: ``create``, ``update`` or ``delete``.
        count: How many times; ``None`` is always.

    """

    kind: str
    status: str = "Failed"
    reason: str = "Injected by the rehearsal."
    transition: str = "create"
    count: int | None = 1


_faults: list[Fault] = []
_outcomes: list[Outcome] = []


def strike(operation: str, *, after: bool = False) -> None:
    """Raise the error that is on order for this call, if there is one.

    Raises:
        ServiceError: It is.

    """
    for fault in _faults:
        if fault.strikes(operation, after=after):
            raise ServiceError(fault.code, fault.message, fault.status)


def outcome(kind: str, transition: str) -> Outcome | None:
    """The bad end that is on order for this transition, if there is one; counts it."""
    for wanted in _outcomes:
        if wanted.count != 0 and (wanted.kind, wanted.transition) == (kind, transition):
            if wanted.count is not None:
                wanted.count -= 1
            return wanted
    return None


def order(faults: list[dict[str, Any]]) -> None:
    """Add faults to those on order."""
    _faults.extend([Fault(**fault) for fault in faults])


def order_outcomes(outcomes: list[dict[str, Any]]) -> None:
    """Add outcomes to those on order."""
    _outcomes.extend([Outcome(**wanted) for wanted in outcomes])


def current() -> dict[str, list[dict[str, Any]]]:
    """What is on order, with the counts that are left."""
    faults = [{k: getattr(f, k) for k in f.__dataclass_fields__ if not k.startswith("_")} for f in _faults]
    return {"faults": faults, "outcomes": [asdict(o) for o in _outcomes]}


def reset() -> None:
    """Cancel every order."""
    _faults.clear()
    _outcomes.clear()
