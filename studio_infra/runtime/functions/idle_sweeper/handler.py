"""Sweeps one domain: stops what is over, warns a day ahead, and tells people once a day what happened.

Environment:
    DOMAIN_ID, DOMAIN_ARN, DOMAIN_NAME: The domain. Nothing of another one is ever asked about or changed.
    STACKS, TEAMS: JSON lists: stacks whose resources are the domain's own, and its teams.
    MEMORY_BUCKET, MEMORY_KEY: Where sweeps remember what they saw.
    ALERTS_TOPIC_ARN: Where the summary goes.
    RULES: JSON, see `rules_of`.

What it says to CloudWatch, in its log and as metrics of the namespace `StudioInfra` with the dimension `Domain`:
`Sweeps` (that came to an end), `RunningApps` (also by `InstanceType`), `Stopped`, `Failed`, `Stuck`, `Unfinished`.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..shared.aws import client
from ..shared.calls import Calls, Context, Deadline, OutOfTime
from ..shared.clock import Clock, SystemClock
from ..shared.errors import Kind, code, kind
from ..shared.hours import Hours
from . import core
from .core import Phase, Rules
from .fleet import Domain
from .memory import Memory
from .sweep import Sweep

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOG = logging.getLogger(__name__)
_LOG.setLevel(logging.INFO)
#: Seconds before Lambda's timeout at which nothing is stopped any more, and by which it is written what was.
_ACTS_END, _WRITING_ENDS = 60.0, 20.0
_NAMESPACE = "StudioInfra"


class NotDone(RuntimeError):  # noqa: N818 - named for what happened
    """Some of it could not be done: Lambda tries again, and tells people in the end."""


@dataclass
class Clients:
    """AWS, as this function needs it."""

    sagemaker: Any = field(default_factory=lambda: client("sagemaker"))
    tagging: Any = field(default_factory=lambda: client("resourcegroupstaggingapi"))
    s3: Any = field(default_factory=lambda: client("s3"))
    sns: Any = field(default_factory=lambda: client("sns"))


@dataclass
class Store:
    """Where sweeps remember."""

    calls: Calls
    s3: Any
    bucket: str
    key: str

    def read(self) -> Memory | None:
        """What is remembered; None before the first sweep, or when nobody can read it: then all begins anew."""
        try:
            body = self.calls.read(self.s3.get_object, Bucket=self.bucket, Key=self.key)["Body"].read()
        except Exception as error:
            if code(error) == "NoSuchKey" or (kind(error) is Kind.DENIED and self._is_missing()):
                return None
            raise
        try:
            return Memory.from_json(body)
        except ValueError as error:
            _LOG.warning("what was remembered cannot be read, and is begun anew: %s", error)
            return None

    def _is_missing(self) -> bool:
        """Whether there is none: S3 denies reading what is not there to whom may not list the whole bucket."""
        listed = self.calls.read(self.s3.list_objects_v2, Bucket=self.bucket, Prefix=self.key, MaxKeys=1)
        return not any(one["Key"] == self.key for one in listed.get("Contents", ()))

    def write(self, memory: Memory) -> None:
        """Remember."""
        self.calls.read(
            self.s3.put_object,
            Bucket=self.bucket,
            Key=self.key,
            Body=memory.to_json(),
            ContentType="application/json",
        )


def handle(
    event: Mapping[str, Any],
    context: Context,
    *,
    clock: Clock | None = None,
    clients: Clients | None = None,
) -> dict[str, Any]:
    """Sweep once.

    Raises:
        NotDone: Something could not be done; everything else was.

    """
    del event  # a tick of the schedule: what counts is what there is now
    clock = SystemClock() if clock is None else clock
    aws = Clients() if clients is None else clients
    writing = Calls(clock, deadline=Deadline.of(context, clock, margin=_WRITING_ENDS))
    store = Store(writing, aws.s3, os.environ["MEMORY_BUCKET"], os.environ["MEMORY_KEY"])
    rules, dry_run, summary_hour = rules_of(json.loads(os.environ["RULES"]))
    sweep = Sweep(
        Calls(clock, deadline=Deadline.of(context, clock, margin=_ACTS_END)),
        sagemaker=aws.sagemaker,
        tagging=aws.tagging,
        domain=domain_of(os.environ),
        rules=rules,
        dry_run=dry_run,
        summary_hour=summary_hour,
    )
    finished = False
    try:
        sweep.look(store.read())
        if sweep.summary_due:
            _tell(sweep, writing, aws.sns)
        sweep.plan()
        store.write(sweep.memory)
        try:
            sweep.act()
        finally:
            # Also what a run that ends early has learnt.
            store.write(sweep.memory)
        finished = True
    except OutOfTime:
        _LOG.warning("no time left: the rest is for the next sweep")
    said = _said(sweep, finished=finished)
    if sweep.failed:
        raise NotDone(json.dumps(sweep.failed))
    return said


def domain_of(environment: Mapping[str, str]) -> Domain:
    """The domain that the environment names."""
    return Domain(
        environment["DOMAIN_ID"],
        environment["DOMAIN_ARN"],
        environment["DOMAIN_NAME"],
        tuple(json.loads(environment["STACKS"])),
        tuple(json.loads(environment["TEAMS"])),
    )


def rules_of(said: Mapping[str, Any]) -> tuple[Rules, dt.timedelta, int]:
    """Rules, how long nothing is stopped after the first sweep, and the hour of the summary.

    `lifetime_days`, `idle_hours`, `unopened_days` and `protected_hours` may be null; `notice_hours`, `dry_run_days` and
    `summary_hour` are numbers; `stops` is a list of `apps`, `notebook_instances`, `tracking_servers`.
    """

    def span(key: str, unit: str) -> dt.timedelta | None:
        return dt.timedelta(**{unit: said[key]}) if said[key] is not None else None

    hours = said["protected_hours"]
    rules = Rules(
        lifetime=span("lifetime_days", "days"),
        idle=span("idle_hours", "hours"),
        notice=dt.timedelta(hours=said["notice_hours"]),
        unopened=span("unopened_days", "days"),
        hours=Hours.from_text(hours) if hours is not None else None,
        stops=frozenset(core.Kind(stopped) for stopped in said["stops"]),
    )
    return rules, dt.timedelta(days=said["dry_run_days"]), int(said["summary_hour"])


def _tell(sweep: Sweep, calls: Calls, sns: Any) -> None:
    def publish(subject: str, text: str) -> None:
        calls.read(sns.publish, TopicArn=os.environ["ALERTS_TOPIC_ARN"], Subject=subject, Message=text)

    try:
        sweep.tell(publish)
    except OutOfTime:
        raise
    except Exception as error:  # noqa: BLE001 - apps are stopped even if nobody can be told; the run fails at its end
        sweep.failed["the summary"] = code(error)


def _said(sweep: Sweep, *, finished: bool) -> dict[str, Any]:
    """Say what was done in the log, where people read it and CloudWatch counts it."""
    up = Counter(
        thing.instance
        for thing in sweep.fleet.things
        if thing.kind is core.Kind.APP and thing.phase is Phase.UP
    )
    said: dict[str, Any] = {
        "dry_run_until": sweep.dry_until.isoformat() if sweep.dry_until is not None else None,
        "stopped": [f"{deed.label} ({deed.owner}): {deed.why}" for deed in sweep.stopped],
        "failed": sweep.failed,
        "finished": finished,
    }
    domain = os.environ["DOMAIN_NAME"]
    counts = {
        "Sweeps": int(finished),
        "RunningApps": sum(up.values()),
        "Stopped": len(sweep.stopped),
        "Failed": len(sweep.failed),
        "Stuck": len(sweep.findings().stuck),
        "Unfinished": int(not finished),
    }
    lines = [_metrics(sweep, {"Domain": domain}, counts, said)]
    lines += [
        _metrics(sweep, {"Domain": domain, "InstanceType": instance}, {"RunningApps": count})
        for instance, count in sorted(up.items())
    ]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return said


def _metrics(
    sweep: Sweep,
    dimensions: Mapping[str, str],
    values: Mapping[str, int],
    more: Mapping[str, Any] | None = None,
) -> str:
    """A line that CloudWatch takes for metrics: no call, and no permission.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    directive = {
        "Namespace": _NAMESPACE,
        "Dimensions": [list(dimensions)],
        "Metrics": [{"Name": name, "Unit": "Count"} for name in values],
    }
    stamp = round(sweep.now.timestamp() * 1000)
    about = {"_aws": {"Timestamp": stamp, "CloudWatchMetrics": [directive]}}
    return json.dumps({**about, **dimensions, **values, **(more or {})})
