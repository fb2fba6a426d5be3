"""Looks, does what can be done, waits, and looks again, until nothing of the domain is left."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from ..shared.calls import Calls, OutOfTime
from ..shared.errors import Kind, code, kind
from .act import act
from .core import Action, Step, Verb, next_step
from .observe import Clients, observe
from .world import Domain, Homes, Wish, World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Seconds between two looks, from the first to the longest: a domain takes minutes, an app up to twenty.
FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 30.0
#: How often the same thing may be refused for a reason that waiting does not mend, before people are told.
PATIENCE: Final = 4
#: EC2's word for a rule that was revoked already.
_NO_SUCH_RULE: Final = "InvalidPermission.NotFound"
#: Copies that one run asks for.
_COPIES: Final = 3


class Stuck(Exception):  # noqa: N818 - named for what happened
    """Something is refused again and again, for a reason that waiting does not mend."""


class Drain:
    """Empties one domain.

    Args:
        domain_id: The domain. Nothing of any other is looked for.
        wish: What somebody consented to.
        calls: How AWS is called, and until when.
        clients: With what.
        home_id: Its home file system, if somebody knows.
        say: Hears each action before it is done, and what AWS answered if it refused.

    """

    def __init__(
        self,
        domain_id: str,
        wish: Wish,
        *,
        calls: Calls,
        clients: Clients,
        home_id: str | None = None,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._domain_id, self._wish = domain_id, wish
        self._calls, self._clients, self._say = calls, clients, say
        self._home_id = home_id
        #: What AWS showed when it was looked at last.
        self.world = World(domain_id)
        self._tried: set[str] = set()
        self._refused: Counter[str] = Counter()
        self._copies = self._failed = 0

    def look(self) -> World:
        """What AWS shows now."""
        self.world = world = observe(
            self._calls,
            self._clients,
            self._domain_id,
            copies=self._wish.homes is Homes.DELETE and self._wish.vault is not None,
            home_id=self._home_id,
        )
        if world.home is not None:
            # Known for the rest of this run, whatever becomes of the domain and of tags.
            self._home_id = world.home.file_system_id
        return world

    def run(self) -> Iterator[Step]:
        """Drain, and tell each step before it is done. The last one is `done`.

        Raises:
            OutOfTime: The deadline of `calls` has come.
            Stuck: Something is refused for a reason that waiting does not mend.

        """
        pause, before = FIRST_PAUSE, None
        while True:
            world = self.look()
            step = next_step(world, self._wish, now=self._calls.clock.now(), tried=self._tried)
            yield step
            if step.done:
                return
            for action in step.actions:
                self._do(action)
            pause = FIRST_PAUSE if step != before else min(2 * pause, LONGEST_PAUSE)
            before = step
            self._calls.wait(pause)

    def _do(self, action: Action) -> None:
        if action.optional:
            self._tried.add(str(action))
        if action.verb is Verb.COPY_HOME:
            self._copies += 1
            if self._copies > _COPIES:
                raise Stuck(f"{action.thing} was not copied {_COPIES} times: see the jobs in AWS Backup")
        if action.verb is Verb.DELETE_DOMAIN:
            self._check_domain(action.thing)
        self._say(str(action))
        try:
            act(self._calls, self._clients, action, domain_id=self._domain_id, wish=self._wish)
        except OutOfTime:
            raise
        except Exception as error:  # noqa: BLE001 - what it means is decided there, the rest is raised again
            self._judge(action, error)

    def _judge(self, action: Action, error: Exception) -> None:
        """What a refusal means: it was done already, it comes too early, or people must hear of it."""
        meaning = kind(error)
        if code(error) == _NO_SUCH_RULE or (meaning is Kind.GONE and action.verb is not Verb.COPY_HOME):
            return
        if action.optional or meaning is Kind.IN_USE:
            self._say(f"not yet: {action} ({code(error)})")
            return
        if meaning is Kind.OTHER and not _is_answer(error):
            raise error
        self._refused[str(action)] += 1
        if meaning is Kind.DENIED or action.verb is Verb.COPY_HOME or self._refused[str(action)] >= PATIENCE:
            raise Stuck(f"AWS refuses to {action}: {code(error)}") from error
        self._say(f"refused: {action} ({code(error)})")

    def _check_domain(self, domain: Domain) -> None:
        """A domain that cannot be deleted says why; asking again and again says nothing more."""
        if domain.status == "Delete_Failed":
            self._failed += 1
            if self._failed > PATIENCE:
                raise Stuck(f"SageMaker cannot delete {domain}: {domain.problem or 'it does not say why'}")


def _is_answer(error: Exception) -> bool:
    """Whether AWS said it, and no bug of ours."""
    return hasattr(error, "response")
