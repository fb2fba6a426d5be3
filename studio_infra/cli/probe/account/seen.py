"""What AWS answered, by name; a question that was refused says so when a fact needs its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from studio_infra.cli.probe.record import Unanswered


@dataclass(frozen=True, slots=True)
class Refused:
    """A question without an answer.

    Args:
        operation: What was asked.
        code: AWS's own word for why not, never its message: that has names in it.

    """

    operation: str
    code: str


@dataclass(frozen=True, slots=True)
class Seen:
    """Answers by name."""

    answers: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        """The answer.

        Raises:
            Unanswered: AWS refused, or nobody asked.

        """
        answer = self.answers.get(name)
        if isinstance(answer, Refused):
            raise Unanswered(f"{answer.operation} got no answer: {answer.code}")
        if answer is None:
            raise Unanswered("it was not asked for")
        return answer
