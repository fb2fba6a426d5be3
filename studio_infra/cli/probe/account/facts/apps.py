"""What is taken for granted about apps that run: their names, times, logs, tags and roles. Pure."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any, Final

from studio_infra.cli.probe.record import Fact, Unanswered, Verdict, decide, not_testable, proven, refuted

if TYPE_CHECKING:
    from studio_infra.cli.probe.account.seen import Seen

TEAM_TAG: Final = "studio:team"
_HOUR: Final = dt.timedelta(hours=1)
#: Seconds: the guard complains when Studio is later than that.
_OVERDUE: Final = 300
_FEW: Final = 3
_START: Final = re.compile(r"[^/]+/[^/]+/(?:JupyterLab|CodeEditor)/default/LifecycleConfigOnStart")
_CLASSIC: Final = re.compile(r"[^/]+/[^/]+/(?:JupyterServer|KernelGateway)/[^/]+/LifecycleConfigOnStart")


def _apps(seen: Seen) -> list[dict[str, Any]]:
    apps: list[dict[str, Any]] = seen["apps"]
    if not apps:
        raise Unanswered("no app runs in the domain")
    return apps


def _app_arn(seen: Seen) -> Verdict:
    apps = _apps(seen)
    good = sum(app["AppArn"].split(":", 5)[5] in _expected(app) for app in apps)
    return decide(holds=good == len(apps), evidence=f"{good} of {len(apps)} apps have such an ARN")


def _expected(app: dict[str, Any]) -> tuple[str, ...]:
    owner, kind = app.get("SpaceName") or app.get("UserProfileName"), str(app["AppType"])
    return tuple(f"app/{app['DomainId']}/{owner}/{word}/{app['AppName']}" for word in (kind, kind.lower()))


def _space_app_type(seen: Seen) -> Verdict:
    pairs = seen["app_types"]
    if not pairs:
        raise Unanswered("no app runs in a space")
    same = sum(space == app for space, app in pairs)
    return decide(
        holds=same == len(pairs), evidence=f"{same} of {len(pairs)} apps are of the type of their space"
    )


def _tags_reach(seen: Seen) -> Verdict:
    _apps(seen)
    if seen["domain"].get("TagPropagation") != "ENABLED":
        return not_testable("the domain does not pass tags on by its own settings")
    tags = seen["app_tags"]
    tagged = sum(TEAM_TAG in keys for keys in tags)
    return decide(
        holds=tagged == len(tags), evidence=f"{tagged} of {len(tags)} running apps have the tag {TEAM_TAG}"
    )


def _made_here(seen: Seen) -> Verdict:
    kinds = seen["made_here"]
    if not kinds:
        raise Unanswered("nothing but the domain's own has the tag: start a training job in a notebook first")
    return proven("these kinds have the tag sagemaker:domain-arn of this domain: " + ", ".join(sorted(kinds)))


def _start_streams(seen: Seen) -> Verdict:
    ours = [stream for stream in seen["streams"] if stream["name"].endswith("LifecycleConfigOnStart")]
    if not ours:
        raise Unanswered("no lifecycle script has written a log yet")
    good = sum(any(form.fullmatch(one["name"]) for form in (_START, _CLASSIC)) for one in ours)
    return decide(holds=good == len(ours), evidence=f"{good} of {len(ours)} streams are named like that")


def _guard_lines(seen: Seen) -> Verdict:
    lines = seen["guard_lines"]
    if not lines:
        raise Unanswered("no line of the guard or the watcher is in the log group")
    good = sum(line["stream"].endswith("/default") for line in lines)
    return decide(holds=good > 0, evidence=f"{good} of {len(lines)} lines are in the stream of their app")


def _creation_kept(seen: Seen) -> Verdict:
    started = {one["name"]: _time(one["last"]) for one in seen["streams"] if one.get("last")}
    for app in _apps(seen):
        stream = f"{app['DomainId']}/{app.get('SpaceName')}/{app['AppType']}/default/LifecycleConfigOnStart"
        if stream in started and started[stream] - app["CreationTime"] > _HOUR:
            return proven("an app's script ran more than an hour after the time at which the app was made")
    raise Unanswered("no app that runs was started again: stop one, start it within a day, then try again")


def _health_checks(seen: Seen) -> Verdict:
    apps = [
        app
        for app in _apps(seen)
        if app.get("LastHealthCheckTimestamp") and app.get("LastUserActivityTimestamp")
    ]
    if not apps:
        raise Unanswered("no app that runs has both times")
    gap = max(app["LastHealthCheckTimestamp"] - app["LastUserActivityTimestamp"] for app in apps)
    if gap > dt.timedelta(minutes=10):
        return refuted(f"an app was checked {gap.total_seconds() / 60:.0f} min after its last activity")
    quiet = {line["stream"]: _time(line["at"]) for line in seen["guard_lines"] if line["quiet"]}
    for app in apps:
        stream = f"{app['DomainId']}/{app.get('SpaceName')}/{app['AppType']}/default"
        if stream in quiet and app["LastUserActivityTimestamp"] - quiet[stream] > _HOUR:
            return proven("an app that our guard calls quiet for more than an hour has a newer activity")
    raise Unanswered("somebody may be at work: try again when an app was left alone for more than an hour")


def _polled(seen: Seen) -> Verdict:
    steps = [step for steps in seen["watched"] for step in steps]
    if len(steps) < _FEW:
        return not_testable("it takes a while: add --watch 15 while an app runs")
    middle = sorted(steps)[len(steps) // 2]
    return decide(
        holds=middle <= _OVERDUE,
        evidence=f"{len(steps)} times between checks: {middle:.0f} s in the middle, {max(steps):.0f} s at most",
    )


def _studio_stops(seen: Seen) -> Verdict:
    ended = [one for one in seen["deletions"] if one["by_service"]]
    if not ended:
        raise Unanswered(
            "CloudTrail has no DeleteApp by the service itself: leave an app alone for longer than the limit"
        )
    return proven(f"{len(ended)} apps were stopped by the service itself")


def _source_identity(seen: Seen) -> Verdict:
    if seen["domain"].get("DomainSettings", {}).get("ExecutionRoleIdentityConfig") != "USER_PROFILE_NAME":
        return not_testable("the domain does not ask for it")
    taken = seen["sessions"]
    if not taken:
        raise Unanswered("CloudTrail has no AssumeRole by SageMaker of a role of this domain")
    named = sum(bool(one["source_identity"]) for one in taken)
    return decide(
        holds=named > 0,
        evidence=f"{named} of {len(taken)} sessions that SageMaker began have a source identity",
    )


def _source_arn(seen: Seen) -> Verdict:
    _apps(seen)
    strict = seen["strict_trusts"]
    if not strict:
        raise Unanswered("no app runs with a role whose trust asks for aws:SourceArn")
    return proven(f"{strict} apps run with roles whose trust asks for aws:SourceArn")


def _time(milliseconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(milliseconds / 1000, dt.UTC)


FACTS: Final = (
    Fact(
        "app-arn",
        "An app's ARN is app/DOMAIN/SPACE-OR-PROFILE/TYPE/NAME; the `AppType` may be in lower case, no name is.",
        "`access/policies/studio.json`, `operations/policies/idle_sweeper.json`, `rehearsal/emulator`",
        "sagemaker:DescribeApp",
        "People's policies and the sweeper's do not match apps: do not deploy further, and say so in an issue.",
        _app_arn,
    ),
    Fact(
        "space-app-type",
        "A space runs apps of its own `AppType` and no others.",
        "`studio/people/space.py` (`[domain] apps`)",
        "sagemaker:DescribeSpace, sagemaker:DescribeApp",
        "Do not count on `AppType` to keep an app out: leave it out of `[domain] apps`.",
        _space_app_type,
    ),
    Fact(
        "tags-propagate",
        "Apps carry the tags of their domain, person and space.",
        "`TagPropagation` (`[teams.NAME] monthly_budget_usd`, `[operations] anomalies_from_usd`, `studio-infra costs`)",
        "sagemaker:ListTags",
        "Budgets by team see nothing: set budgets by account until tags arrive.",
        _tags_reach,
    ),
    Fact(
        "made-here-tagged",
        "Studio tags what people make in it with the domain's ARN.",
        "`runtime/functions/idle_sweeper/fleet.py` (`[operations.sweeper]`, `studio-infra status`)",
        "tag:GetResources",
        "Tag what the sweeper shall see with `studio:domain`.",
        _made_here,
    ),
    Fact(
        "script-streams",
        "Scripts write to DOMAIN/SPACE/TYPE/default/LifecycleConfigOnStart of /aws/sagemaker/studio.",
        "`operations/monitoring/lifecycle_failures.py` (`[operations] studio_log_group`)",
        "logs:DescribeLogStreams",
        "Look for the lines in the whole group; the alarm does so already.",
        _start_streams,
    ),
    Fact(
        "app-log-shipped",
        "What our programs write into an app's log file arrives in the app's stream.",
        "`runtime/lifecycle/idle.py`, `[operations.alarms] lifecycle_failures`",
        "logs:FilterLogEvents, of which only places and times are kept",
        "Alarms see only what scripts say before they end; look into /var/tmp/studio-idle.log in the space.",
        _guard_lines,
    ),
    Fact(
        "creation-time-kept",
        "An app that is started again within a day keeps its CreationTime.",
        "`runtime/functions/idle_sweeper/core.py`, `docs/decisions/sweeper.md`",
        "sagemaker:DescribeApp, compared with the log of its script",
        "Nothing: the sweeper counts from what it has seen in either case.",
        _creation_kept,
    ),
    Fact(
        "health-checks-count",
        "AWS's health checks move LastUserActivityTimestamp.",
        "`runtime/functions/idle_sweeper/core.py` (`[operations.sweeper] idle_hours`)",
        "sagemaker:DescribeApp, compared with the guard's lines",
        "Good news: `[operations.sweeper] idle_hours` finds idle apps that answer, too. Raise it if that is too early.",
        _health_checks,
    ),
    Fact(
        "idle-polled",
        "Studio looks at an app at least every five minutes.",
        "`runtime/lifecycle/idle_guard.py`: `overdue` (`[idle_shutdown] after_minutes`)",
        "sagemaker:DescribeApp every 20 seconds, with --watch",
        "Expect apps to stop later than `[idle_shutdown] after_minutes` by that long.",
        _polled,
    ),
    Fact(
        "idle-acted-on",
        "Studio itself stops an app that is idle for longer than the limit.",
        '`[idle_shutdown] engine = "native_with_guard"` or `"native"`',
        "cloudtrail:LookupEvents",
        'Set `[idle_shutdown] engine = "watcher"`.',
        _studio_stops,
    ),
    Fact(
        "source-identity",
        "Sessions of people in spaces carry the profile's name as source identity.",
        "`propagate_user_identity`, `access/execution_role.py` (`[access] role_sharing`)",
        "cloudtrail:LookupEvents",
        'Set `[access] role_sharing = "per_person"`: then the role says who it was.',
        _source_identity,
    ),
    Fact(
        "source-arn",
        "SageMaker says aws:SourceArn whenever it takes a person's role.",
        "`access/execution_role.py`, `guardrails/role_source_account.guard`",
        "iam:GetRole of roles with which apps run",
        "Nothing: apps would not start. Trust by aws:SourceAccount alone if they do not.",
        _source_arn,
    ),
)
