"""Asks AWS what facts are judged by. Every call reads; what is handed on of what people wrote are kinds and counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from studio_infra.cli.probe.account.seen import Refused, Seen
from studio_infra.runtime.functions.shared import aws
from studio_infra.runtime.functions.shared.calls import Calls
from studio_infra.runtime.functions.shared.clock import SystemClock
from studio_infra.runtime.functions.shared.errors import code

#: So many of a kind tell as much as all of them would.
MANY: Final = 20
_ATTEMPTS: Final = 4
#: Services that answer in one region alone, whatever region a domain is in.
_HOMES_OF_SERVICES: Final = {"ce": "us-east-1", "pricing": "us-east-1"}


@dataclass
class Account:
    """One region of an account, and what it has answered.

    Args:
        region: The region. Left out, the one of the credentials.
        say: Told what happens.

    """

    region: str | None
    say: Callable[[str], None] = lambda _: None
    answers: dict[str, Any] = field(default_factory=dict)
    calls: Calls = field(default_factory=lambda: Calls(SystemClock(), attempts=_ATTEMPTS), repr=False)
    _clients: dict[str, Any] = field(default_factory=dict, repr=False)

    def client(self, service: str) -> Any:
        """A client, made once."""
        if service not in self._clients:
            region = _HOMES_OF_SERVICES.get(service, self.region)
            self._clients[service] = aws.client(service, region=region)
        return self._clients[service]

    def read(self, service: str, operation: str, **arguments: Any) -> dict[str, Any]:
        """One answer."""
        answer: dict[str, Any] = self.calls.read(getattr(self.client(service), operation), **arguments)
        return answer

    def pages(self, service: str, operation: str, key: str, **more: Any) -> Iterator[Any]:
        """Every entry of a list."""
        return self.calls.pages(getattr(self.client(service), operation), key, **more)

    def ask(self, name: str, operation: str, question: Callable[[], Any]) -> Any:
        """Keep an answer under its name, or that it was refused; what later questions need is given back."""
        self.say(f"waiting: {operation}")
        try:
            self.answers[name] = question()
        except (BotoCoreError, ClientError) as error:
            self.answers[name] = Refused(operation, code(error))
            return None
        except (LookupError, TypeError, ValueError) as error:
            # What AWS says today need not be what it said when this was written.
            self.answers[name] = Refused(operation, f"{type(error).__name__}, its answer has another shape")
            return None
        return self.answers[name]

    @property
    def seen(self) -> Seen:
        """The answers."""
        return Seen(self.answers)


def names_of(answers: dict[str, Any]) -> set[str]:
    """Every name in the answers that must not be told: of people, spaces, stacks, streams, and the domain's."""
    found = set[str]()
    for key, answer in answers.items():
        if key not in _NAMELESS:
            found |= set(_names(answer))
    return {name for name in found if not name.startswith("AWS::")}


#: Answers of AWS's own words.
_NAMELESS: Final = frozenset({"known_types", "schemas", "quotas", "instance_types", "made_here", "trials"})
_NAMED: Final = frozenset(
    {
        "DomainName",
        "UserProfileName",
        "SpaceName",
        "SingleSignOnUserValue",
        "AppName",
        "name",
        "stream",
        "DomainId",
    }
)
#: Of every domain, and of nobody.
_COMMON: Final = frozenset({"default"})


def _names(answer: Any) -> Iterator[str]:
    if isinstance(answer, dict):
        for key, value in answer.items():
            if key in _NAMED and isinstance(value, str) and value not in _COMMON:
                yield value
            yield from _names(value)
    elif isinstance(answer, list):
        for one in answer:
            yield from _names(one)
