"""Looks at a domain, says what is missing, waits until it is in service, and looks again."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from ..shared.errors import Kind, code, kind
from .core import Plan, places, plan

if TYPE_CHECKING:
    from ..shared.calls import Calls
    from .core import Settings

_LOG = logging.getLogger(__name__)

#: Seconds between two looks, from the first to the longest: a domain takes a minute or some.
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 15.0
#: Seconds after an update in which a look may still show what was before it: nothing is said again meanwhile.
SETTLED: Final = 60.0
#: How often an update is taken without effect before people are told.
PATIENCE: Final = 3
_READY: Final = frozenset({"InService", "Update_Failed"})
_UNDER_WAY: Final = frozenset({"Pending", "Updating"})


class Stuck(Exception):  # noqa: N818 - named for what happened
    """What is wanted cannot be had by waiting."""


class Gone(Exception):  # noqa: N818 - named for what happened
    """The domain is not there, or goes."""


class Application:
    """One run that brings a domain to what is wanted.

    Args:
        domain_id: The domain.
        calls: How AWS is called, and until when.
        sagemaker: With what.

    """

    def __init__(self, domain_id: str, *, calls: Calls, sagemaker: Any) -> None:
        self._domain_id, self._calls, self._sagemaker = domain_id, calls, sagemaker
        #: Updates that were taken, and when the last one was.
        self.updates = 0
        self._last = float("-inf")

    def run(self, want: Settings, had: Settings) -> None:
        """Do it, and wait until the domain shows it.

        Raises:
            Gone: There is no such domain, or it is being deleted.
            OutOfTime: The deadline of `calls` has come.
            Stuck: SageMaker refuses, or takes it without effect.

        """
        pause = FIRST_PAUSE
        while True:
            domain = self._look()
            if domain["Status"] in _READY:
                step = plan(domain, want, had)
                if not step.open and (not step.members or self.updates):
                    return
                if self._calls.clock.monotonic() >= self._last + SETTLED:
                    self._say(domain, step)
            elif domain["Status"] not in _UNDER_WAY:
                raise Gone(f"domain {self._domain_id} is {domain['Status']}")
            self._calls.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _look(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = self._calls.read(
                self._sagemaker.describe_domain, DomainId=self._domain_id
            )
        except Exception as error:
            if kind(error) is Kind.GONE:
                raise Gone(f"there is no domain {self._domain_id}") from error
            if kind(error) is Kind.DENIED:
                raise Stuck(f"AWS refuses to show domain {self._domain_id}: {code(error)}") from error
            raise
        return found

    def _say(self, domain: dict[str, Any], step: Plan) -> None:
        names = ", ".join(step.open) or "what is not wanted any more"
        if self.updates and domain["Status"] == "Update_Failed":
            raise Stuck(
                f"SageMaker could not set {names}: {domain.get('FailureReason', 'it does not say why')}"
            )
        if self.updates >= PATIENCE:
            raise Stuck(f"SageMaker took it {PATIENCE} times and does not show {names}")
        _LOG.info("setting blocks with %s", ", ".join(places(step.members)))
        try:
            self._calls.change(self._sagemaker.update_domain, DomainId=self._domain_id, **step.members)
        except Exception as error:
            # Somebody else changes the domain, or deletes it: the next look shows which.
            if kind(error) in (Kind.IN_USE, Kind.GONE):
                return
            if hasattr(error, "response"):
                _LOG.warning("refused: %s", error)
                raise Stuck(f"AWS refuses to set {names}: {code(error)}; its words are in the log") from error
            raise
        self.updates += 1
        self._last = self._calls.clock.monotonic()
