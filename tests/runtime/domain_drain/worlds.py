"""Two domains in one VPC, one of which has to go, and an account in which things go wrong."""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from studio_infra.runtime.functions.domain_drain.observe import Clients
from studio_infra.runtime.functions.domain_drain.world import Homes, Wish
from tests.runtime.fake_aws.aws import FakeAws, Trouble
from tests.runtime.shared.fake_clock import FakeClock

if TYPE_CHECKING:
    import datetime as dt

    from tests.runtime.fake_aws.entities import Entity

#: One id is the beginning of the other: what matches by pattern hits both.
OWN, OTHER = "d-own", "d-own2"
CONFIG = "arn:aws:sagemaker:eu-central-1:123456789012:studio-lifecycle-config/git"
SETTINGS = {
    "ExecutionRole": "arn:aws:iam::123456789012:role/studio",
    "JupyterLabAppSettings": {
        "BuiltInLifecycleConfigArn": CONFIG,
        "DefaultResourceSpec": {"InstanceType": "ml.t3.medium", "LifecycleConfigArn": CONFIG},
        "LifecycleConfigArns": [CONFIG],
    },
}
KEEP = Wish()
COPY = Wish(Homes.DELETE, vault="vault", role_arn="arn:aws:iam::123456789012:role/backup")
LOSE = Wish(Homes.DELETE)
#: Seconds after the start of the calendar at which a test begins: what is there then was made long before.
BEGIN = 100_000.0


def clients(aws: FakeAws) -> Clients:
    return Clients(*(aws.client(name) for name in ("sagemaker", "efs", "ec2", "backup")))


def add_studio(aws: FakeAws, domain_id: str, *, people: int = 2, settings: bool = True) -> None:
    """A domain with people who have a space with an app each, one of Classic's apps, and a shared space."""
    home = aws.efs.add_home(domain_id)
    more: dict[str, Any] = {"DefaultUserSettings": SETTINGS} if settings else {}
    aws.sagemaker.add_domain(domain_id, HomeEfsFileSystemId=home, **more)
    for number in range(people):
        person = f"p{number}"
        aws.sagemaker.add_profile(domain_id, person)
        aws.sagemaker.add_space(domain_id, f"{person}-lab", owner=person)
        aws.sagemaker.add_app(domain_id, space=f"{person}-lab")
    aws.sagemaker.add_app(domain_id, profile="p0", kind="KernelGateway", name="kernel")
    aws.sagemaker.add_space(domain_id, "shared")


def two_domains(*, seed: int = 0, trouble: Trouble | None = None) -> FakeAws:
    """Both domains, and a clock long after they were made."""
    aws = FakeAws(FakeClock(seed=seed), seed=seed, trouble=trouble)
    add_studio(aws, OWN)
    add_studio(aws, OTHER)
    aws.clock.passed = BEGIN
    return aws


@dataclass
class Meanwhile:
    """People who start apps while the domain goes, for a while."""

    aws: FakeAws
    chance: float
    most: int = 3

    def __call__(self) -> None:
        dice, sagemaker, now = self.aws.random, self.aws.sagemaker, self.aws.clock.passed
        if self.most == 0 or dice.random() >= self.chance:
            return
        spaces = [
            state
            for _, state in sagemaker.spaces.seen(now)
            if state["DomainId"] == OWN and state["Status"] == "InService"
        ]
        if spaces:
            space = dice.choice(spaces)["SpaceName"]
            self.most -= 1
            sagemaker.add_app(OWN, space=space, kind="CodeEditor", name=f"late-{self.most}")


def troubled(seed: int) -> tuple[FakeAws, Wish]:
    """An account in which much goes wrong: each seed another one."""
    dice = random.Random(seed)  # noqa: S311 - a test that can be run again
    trouble = Trouble(
        throttled=dice.choice([0, 0.3, 0.9]),
        unavailable=dice.choice([0, 0.05]),
        lost=dice.choice([0, 0.05]),
        lag=dice.choice([0, 20, 60]),
    )
    if trouble.throttled > 0.5:
        trouble = Trouble(throttled=0.9, unavailable=0.02, lost=0.02, lag=trouble.lag)
    aws = FakeAws(FakeClock(seed=seed), seed=seed, trouble=trouble)
    add_studio(aws, OWN, people=dice.randint(0, 3), settings=dice.random() < 0.5)
    add_studio(aws, OTHER, people=2)
    for entity, _ in aws.sagemaker.apps.seen(0):
        if entity.key[0] == OWN and dice.random() < 0.3:
            # AWS says that deleting an app can take as long.
            entity.change(0, _deletion=1200.0)
        elif entity.key[0] == OWN and dice.random() < 0.2:
            entity.change(0, Status=dice.choice(["Failed", "Pending", "Deleted"]))
    aws.clock.passed = BEGIN
    aws.meanwhile = Meanwhile(aws, chance=dice.choice([0, 0.02]))
    aws.backup.failures = dice.choice([0, 0, 1])
    return aws, dice.choice([KEEP, COPY, LOSE])


def of(aws: FakeAws, domain_id: str) -> dict[str, list[str]]:
    """Everything of a domain that is there now, by kind, whatever reads may see."""
    now = aws.clock.passed
    found = {
        "domains": [e for e, _ in aws.sagemaker.domains.seen(now) if e.key[0] == domain_id],
        "profiles": [e for e, _ in aws.sagemaker.profiles.seen(now) if e.key[0] == domain_id],
        "spaces": [e for e, _ in aws.sagemaker.spaces.seen(now) if e.key[0] == domain_id],
        "apps": [
            e
            for e, state in aws.sagemaker.apps.seen(now)
            if e.key[0] == domain_id and state["Status"] not in ("Deleted", "Failed")
        ],
        "file systems": [e for e, _ in aws.efs.file_systems.seen(now) if e.key[0] == f"fs-of-{domain_id}"],
        "mount targets": [
            e for e, s in aws.efs.targets.seen(now) if s["FileSystemId"] == f"fs-of-{domain_id}"
        ],
        "security groups": [
            e for e, s in aws.ec2.groups.seen(now) if s["GroupName"].endswith(f"-nfs-{domain_id}")
        ],
    }
    return {kind: ["/".join(entity.key) for entity in entities] for kind, entities in found.items()}


def portrait(aws: FakeAws, domain_id: str) -> list[object]:
    """All that is known about a domain's things now, to be compared with later."""
    now = aws.clock.passed
    stores = (
        aws.sagemaker.domains,
        aws.sagemaker.profiles,
        aws.sagemaker.spaces,
        aws.sagemaker.apps,
        aws.efs.file_systems,
        aws.efs.targets,
        aws.ec2.groups,
    )
    mine = {domain_id, f"fs-of-{domain_id}"}
    return [
        (entity.key, state)
        for store in stores
        for entity, state in store.seen(now)
        if mine & {*entity.key, state.get("FileSystemId", "")} or entity.key[0].endswith(f"-{domain_id}")
    ]


def touched(aws: FakeAws, domain_id: str) -> list[object]:
    """Calls that name anything of a domain, wherever in what they say: everything of it has its id in its name."""
    named = re.compile(rf"\b{re.escape(domain_id)}\b")
    return [call for call in aws.calls if named.search(json.dumps(call.arguments, default=str))]


def lost_writes(aws: FakeAws) -> list[str]:
    """Apps that could still write to the homes after the copy that was said to be the last one."""
    copies = [
        state["CreationDate"]
        for entity, state in aws.backup.jobs.seen(aws.clock.passed)
        if state["State"] == "COMPLETED" and entity.tags.get("studio:final-copy") == OWN
    ]
    last: dt.datetime = max(copies)
    late = []
    for entity in aws.sagemaker.apps.every():
        if entity.key[0] == OWN and (ended := _ended(entity)) is not None:
            when = aws.clock.start.timestamp() + ended
            late += ["/".join(entity.key)] if when > last.timestamp() else []
    return late


def _ended(entity: Entity) -> float | None:
    """When an app was gone, if it ever ran."""
    states = [(since, state["Status"]) for since, state in entity._history if state is not None]
    if not any(status in ("InService", "Pending", "Deleting") for _, status in states):
        return None
    return min((since for since, status in states if status in ("Deleted", "Failed")), default=None)
