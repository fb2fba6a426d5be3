"""What can be asked about people's apps that run: tags, logs, and what the trail has of them."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from typing import TYPE_CHECKING, Any, Final

from studio_infra.cli.probe.account.look import MANY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio_infra.cli.probe.account.look import Account

    Answer = dict[str, Any]

_LOGS: Final = "/aws/sagemaker/studio"
_DAYS: Final = 7
_LINES: Final = 2000


def ask_about_apps(account: Account, domain: Answer, apps: list[Answer]) -> None:
    """Tags, spaces and logs of apps, and what CloudTrail has of them."""
    domain_id = domain["DomainId"]

    def types() -> list[tuple[str, str]]:
        return [
            (
                account.read("sagemaker", "describe_space", DomainId=domain_id, SpaceName=app["SpaceName"])[
                    "SpaceSettings"
                ]["AppType"],
                app["AppType"],
            )
            for app in apps
            if app.get("SpaceName")
        ]

    def keys() -> list[list[str]]:
        return [
            [tag["Key"] for tag in account.pages("sagemaker", "list_tags", "Tags", ResourceArn=app["AppArn"])]
            for app in apps
        ]

    def streams() -> list[Answer]:
        found = account.pages(
            "logs",
            "describe_log_streams",
            "logStreams",
            token="nextToken",  # noqa: S106 - of the next page
            logGroupName=_LOGS,
            logStreamNamePrefix=f"{domain_id}/",
        )
        return [{"name": one["logStreamName"], "last": one.get("lastEventTimestamp")} for one in found]

    def lines() -> list[Answer]:
        since = account.calls.clock.now() - dt.timedelta(days=_DAYS)
        found = [
            {
                "stream": one["logStreamName"],
                "at": one["timestamp"],
                "quiet": " INFO quiet, " in one["message"],
            }
            for engine in ("guard", "watcher")
            for one in itertools.islice(
                account.pages(
                    "logs",
                    "filter_log_events",
                    "events",
                    token="nextToken",  # noqa: S106 - of the next page
                    logGroupName=_LOGS,
                    logStreamNamePrefix=f"{domain_id}/",
                    filterPattern=f'"idle-{engine}"',
                    startTime=int(since.timestamp() * 1000),
                ),
                _LINES,
            )
        ]
        # The newest of each stream: what is asked is what the guard thinks now.
        return list({one["stream"]: one for one in sorted(found, key=lambda line: line["at"])}.values())

    account.ask("app_types", "DescribeSpace", types)
    account.ask("app_tags", "ListTags", keys)
    account.ask("streams", "DescribeLogStreams", streams)
    account.ask("guard_lines", "FilterLogEvents", lines)
    _ask_the_trail(account, domain, apps)


def _ask_the_trail(account: Account, domain: Answer, apps: list[Answer]) -> None:
    profiles = account.answers["profiles"]
    people = profiles if isinstance(profiles, list) else []
    roles = {one.get("UserSettings", {}).get("ExecutionRole") for one in people}
    roles |= {
        domain.get(key, {}).get("ExecutionRole") for key in ("DefaultUserSettings", "DefaultSpaceSettings")
    }

    def sessions() -> list[Answer]:
        return [
            {"source_identity": bool(event["requestParameters"].get("sourceIdentity"))}
            for event in _events(account, "AssumeRole")
            if event.get("userIdentity", {}).get("invokedBy") == "sagemaker.amazonaws.com"
            and (event.get("requestParameters") or {}).get("roleArn") in roles
        ]

    def deletions() -> list[Answer]:
        return [
            {"by_service": _by_service(event.get("userIdentity", {}))}
            for event in _events(account, "DeleteApp")
            if (event.get("requestParameters") or {}).get("domainId") in (domain["DomainId"], None)
        ]

    def creations() -> list[Answer]:
        return [{"code": event.get("errorCode", "")} for event in _events(account, "CreateUserProfile")]

    def trusts() -> int:
        owners = {one["UserProfileName"]: one.get("UserSettings", {}).get("ExecutionRole") for one in people}
        used = {owners.get(app.get("UserProfileName", ""), "") for app in apps} - {"", None}
        found = [
            account.read("iam", "get_role", RoleName=str(arn).rpartition("/")[2])["Role"] for arn in used
        ]
        return sum("aws:SourceArn" in json.dumps(one["AssumeRolePolicyDocument"]) for one in found)

    account.ask("sessions", "LookupEvents", sessions)
    account.ask("deletions", "LookupEvents", deletions)
    account.ask("profile_creations", "LookupEvents", creations)
    account.ask("strict_trusts", "GetRole", trusts)


def _by_service(who: Answer) -> bool:
    return who.get("type") == "AWSService" or who.get("invokedBy") == "sagemaker.amazonaws.com"


def _events(account: Account, name: str) -> Iterator[Answer]:
    """The last week's calls of a name, a few pages of them at most."""
    since = account.calls.clock.now() - dt.timedelta(days=_DAYS)
    following: Answer = {}
    for _ in range(MANY):
        page = account.read(
            "cloudtrail",
            "lookup_events",
            LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": name}],
            StartTime=since,
            MaxResults=50,
            **following,
        )
        yield from (json.loads(one["CloudTrailEvent"]) for one in page["Events"])
        if not page.get("NextToken"):
            return
        following = {"NextToken": page["NextToken"]}
