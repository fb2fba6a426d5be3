"""Two domains of one account in the AWS in memory, and a sweeper of one of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from studio_infra.runtime.functions.idle_sweeper import handler
from tests.runtime.fake_aws.aws import FakeAws, Trouble
from tests.runtime.shared.fake_clock import FakeClock

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping

OWN, FOREIGN = "d-own", "d-foreign"
HOUR, DAY = 3600.0, 86400.0
RULES: dict[str, Any] = {
    "lifetime_days": 7,
    "idle_hours": 24,
    "unopened_days": 30,
    "protected_hours": None,
    "notice_hours": 24,
    "dry_run_days": 7,
    "summary_hour": 6,
    "stops": ["apps", "notebook_instances"],
}
ENVIRONMENT = {
    "DOMAIN_ID": OWN,
    "DOMAIN_ARN": "arn:aws:sagemaker:eu-central-1:123456789012:domain/d-own",
    "DOMAIN_NAME": "research",
    "STACKS": '["research-workloads"]',
    "TEAMS": '["vision"]',
    "MEMORY_BUCKET": "artifacts",
    "MEMORY_KEY": "operations/sweeper.json",
    "ALERTS_TOPIC_ARN": "arn:aws:sns:eu-central-1:123456789012:alerts",
}


class Lambda:
    """What Lambda says about a run that began now."""

    def __init__(self, clock: FakeClock, seconds: float) -> None:
        self._clock, self.end = clock, clock.passed + seconds

    def get_remaining_time_in_millis(self) -> int:
        return round((self.end - self._clock.passed) * 1000)


class World:
    """An account, and the function in it."""

    def __init__(
        self, *, seed: int = 0, trouble: Trouble | None = None, start: dt.datetime | None = None, **rules: Any
    ) -> None:
        self.clock = FakeClock(seed=seed) if start is None else FakeClock(start, seed=seed)
        self.aws = FakeAws(self.clock, seed=seed, trouble=trouble)
        self.rules = {**RULES, **rules}
        self.timeout = 900.0
        self.sm = self.aws.sagemaker
        for domain in (OWN, FOREIGN):
            self.sm.add_domain(domain)
            self.sm.add_profile(domain, "ana")

    def sweep(self, *, patch: pytest.MonkeyPatch | None = None) -> dict[str, Any]:
        """One delivery of the schedule's event."""
        with pytest.MonkeyPatch.context() as own:
            for name, value in self.environment().items():
                (patch or own).setenv(name, value)
            clients = handler.Clients(
                self.aws.client("sagemaker"),
                self.aws.client("resourcegroupstaggingapi"),
                self.aws.client("s3"),
                self.aws.client("sns"),
            )
            context = Lambda(self.clock, self.timeout)
            try:
                return handler.handle({}, context, clock=self.clock, clients=clients)
            finally:
                if not self.aws.dead:
                    assert self.clock.passed <= context.end - 5, "Lambda would have ended it"

    def environment(self) -> Mapping[str, str]:
        return {**ENVIRONMENT, "RULES": json.dumps(self.rules)}

    def hourly(self, hours: float) -> None:
        """Sweep now, and every hour until some hours have passed."""
        end = self.clock.passed + hours * HOUR
        while True:
            following = self.clock.passed + HOUR
            self.sweep()
            if following > end:
                return
            self.clock.passed = following

    def statuses(self, domain: str = OWN) -> dict[str, str]:
        """Status of apps, by name of their space or profile."""
        return {
            state.get("SpaceName") or state["UserProfileName"]: state["Status"]
            for _, state in self.sm.apps.seen(self.clock.passed)
            if state["DomainId"] == domain
        }

    def running(self) -> set[str]:
        return {name for name, status in self.statuses().items() if status == "InService"}

    @property
    def messages(self) -> list[tuple[str, str]]:
        return self.aws.sns.messages

    def changes(self) -> Iterator[tuple[float, str, dict[str, Any]]]:
        for call in self.aws.calls:
            if call.service == "sagemaker" and call.changes:
                yield call.at, call.operation, call.arguments
