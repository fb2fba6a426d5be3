"""What Cost Explorer knows about a month, added up by team and by usage type."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from studio_infra.cli.terminal.outcome import CommandFailed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TAG: Final = "studio:team"
_METRIC: Final = "UnblendedCost"
_PAGES_MAX: Final = 1000
_ACTIVATE: Final = (
    "the account that pays activates it in Billing, Cost allocation tags; costs show up a day later, and from "
    "then on only"
)


@dataclass(frozen=True)
class Spending:
    """What was spent in a month.

    Args:
        by_team: Amount by usage type, by team; the team "" is everything in the account without the tag.
        currency: What the amounts are in.
        estimated: Whether AWS may still change them.

    """

    by_team: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)
    currency: str = "USD"
    estimated: bool = False

    def of(self, team: str) -> Mapping[str, Decimal]:
        """A team's amounts by usage type."""
        return self.by_team.get(team, {})

    def total(self, team: str) -> Decimal:
        """A team's amount."""
        return sum(self.of(team).values(), Decimal(0))


def month_of(text: str | None, *, today: dt.date) -> dt.date:
    """The first day of a month, `2026-11`; of this one if nothing is said.

    Raises:
        ValueError: It is no month, or one that has not begun.

    """
    if text is None:
        return today.replace(day=1)
    parts = text.split("-")
    if [len(part) for part in parts] != [4, 2] or not all(
        part.isascii() and part.isdigit() for part in parts
    ):
        raise ValueError(f"a month is written like {today:%Y-%m}, got {text!r}")
    year, month = (int(part) for part in parts)
    if not 1 <= month <= 12 or year < 2000:  # noqa: PLR2004 - months of a year; before Cost Explorer
        raise ValueError(f"a month is written like {today:%Y-%m}, got {text!r}")
    first = today.replace(year=year, month=month, day=1)
    if first > today:
        raise ValueError(f"{text} has not begun, the last month is {today:%Y-%m}")
    return first


def read(client: Any, *, month: dt.date, team: str | None) -> Spending:
    """Ask Cost Explorer. AWS charges for each request; a month is one, unless it is very long.

    Args:
        client: A boto3 client of `ce`.
        month: First day of the month.
        team: The one team to ask about. None: all.

    Raises:
        CommandFailed: Costs may not be read, are not there, or do not carry the tag.

    """
    by_team: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    currency, estimated = "USD", False
    for result in _results(client, month, team):
        estimated = estimated or bool(result.get("Estimated"))
        for group in result["Groups"]:
            tagged, usage = group["Keys"]
            cost = group["Metrics"][_METRIC]
            # `studio:team$vision`, and nothing after the dollar sign where there is no tag.
            by_team[tagged.partition("$")[2]][usage] += Decimal(cost["Amount"])
            currency = cost["Unit"]
    if not any(name for name in by_team):
        _check_tag(client)
    return Spending({name: dict(found) for name, found in by_team.items()}, currency, estimated)


def _results(client: Any, month: dt.date, team: str | None) -> Iterator[dict[str, Any]]:
    following = (month + dt.timedelta(days=31)).replace(day=1)
    request: dict[str, Any] = {
        "TimePeriod": {"Start": month.isoformat(), "End": following.isoformat()},
        "Granularity": "MONTHLY",
        "Metrics": [_METRIC],
        "GroupBy": [{"Type": "TAG", "Key": TAG}, {"Type": "DIMENSION", "Key": "USAGE_TYPE"}],
    }
    if team is not None:
        request["Filter"] = {"Tags": {"Key": TAG, "Values": [team]}}
    for _ in range(_PAGES_MAX):
        answer = _asked(client, "get_cost_and_usage", request)
        yield from answer["ResultsByTime"]
        if not answer.get("NextPageToken"):
            return
        request["NextPageToken"] = answer["NextPageToken"]
    raise CommandFailed(
        f"Cost Explorer has more than {_PAGES_MAX} pages for a month, name a team to see less"
    )


def _asked(client: Any, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    from botocore.exceptions import ClientError

    try:
        answer: dict[str, Any] = getattr(client, operation)(**request)
    except ClientError as error:
        raise _said(error.response["Error"]) from error
    return answer


def _said(error: Mapping[str, Any]) -> Exception:
    code, message = error.get("Code", ""), error.get("Message", "")
    if code in {"AccessDeniedException", "AccessDenied"}:
        return CommandFailed(
            f"costs cannot be read: {message}; needed is ce:GetCostAndUsage, and in an organization the account "
            "that pays must let its accounts see their costs (Cost Management preferences)"
        )
    if code == "DataUnavailableException":
        return CommandFailed(
            "Cost Explorer has no data yet: it is switched on with its first use, and needs up to a day after that"
        )
    if code == "ValidationException":
        return CommandFailed(f"Cost Explorer does not know this month: {message}")
    return CommandFailed(f"AWS: {code}: {message}")


def _check_tag(client: Any) -> None:
    """Tell a team that has spent nothing from a tag that nobody counts."""
    try:
        answer = _asked(client, "list_cost_allocation_tags", {"TagKeys": [TAG]})
    except CommandFailed:
        # Only the account that pays may ask. Who cannot know is told what it may be.
        raise CommandFailed(
            f"no cost carries the tag {TAG}: nothing was spent, or the tag is not activated; {_ACTIVATE}"
        ) from None
    if not any(tag["Status"] == "Active" for tag in answer["CostAllocationTags"]):
        raise CommandFailed(f"the tag {TAG} is not activated, so costs do not carry it: {_ACTIVATE}")
