"""What AWS shows of exactly one domain: the whole state of a drain, which remembers nothing itself."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping

#: The service's own pattern: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeDomain.html
_DOMAIN_ID: Final = re.compile("d-(-*[a-z0-9]){1,61}", re.ASCII)
#: The tag that SageMaker gives to what it makes for a domain. Its value is the ARN of the domain.
OWNER_TAG: Final = "ManagedByAmazonSageMakerResource"
#: The tag of a copy that was made for a drain. Its value is the id of the domain.
COPY_TAG: Final = "studio:final-copy"

DELETED, DELETING, FAILED = "Deleted", "Deleting", "Failed"


def is_domain_id(text: str) -> bool:
    """Whether `text` looks like the id of a domain."""
    return len(text) <= 63 and _DOMAIN_ID.fullmatch(text) is not None  # noqa: PLR2004 - the service's limit


def group_names(domain_id: str) -> tuple[str, ...]:
    """Names of the security groups that SageMaker makes for this domain: whole names, never patterns."""
    return (
        f"security-group-for-inbound-nfs-{domain_id}",
        f"security-group-for-outbound-nfs-{domain_id}",
        f"sagemaker-domain-boundary-{domain_id}",
    )


def is_owned_by(domain_id: str, owner: str) -> bool:
    """Whether the value of `OWNER_TAG` is the ARN of this domain, wherever it is."""
    parts = owner.split(":", 5)
    return len(parts) == 6 and parts[2] == "sagemaker" and parts[5] == f"domain/{domain_id}"  # noqa: PLR2004 - the parts of an ARN


class Homes(enum.Enum):
    """What happens to the file system with everybody's home: the words of SageMaker's `RetentionPolicy`."""

    RETAIN = "Retain"
    DELETE = "Delete"


@dataclass(frozen=True)
class Wish:
    """What somebody consented to.

    Args:
        homes: What happens to the homes.
        vault: The backup vault that takes a last copy of them before they go. None for no copy.
        role_arn: The role that AWS Backup copies with.

    """

    homes: Homes = Homes.RETAIN
    vault: str | None = None
    role_arn: str | None = None


@dataclass(frozen=True)
class App:
    """An app, which belongs to a space, or to a person directly."""

    kind: str
    name: str
    status: str
    created: dt.datetime
    space: str | None = None
    profile: str | None = None

    @property
    def live(self) -> bool:
        """Whether it stands in the way. A failed one does not, and SageMaker refuses to delete it."""
        return self.status not in (DELETED, FAILED)

    def __str__(self) -> str:
        """What people call it."""
        owner = f"space {self.space}" if self.space is not None else f"person {self.profile}"
        return f"app {self.kind} {self.name} of {owner}"


@dataclass(frozen=True)
class Space:
    """A space: its volume holds files that are nowhere else."""

    name: str
    status: str
    owner: str | None = None

    def __str__(self) -> str:
        """What people call it."""
        return f"space {self.name}"


@dataclass(frozen=True)
class Profile:
    """A person."""

    name: str
    status: str

    def __str__(self) -> str:
        """What people call it."""
        return f"profile {self.name}"


@dataclass(frozen=True)
class Domain:
    """The domain itself.

    Args:
        domain_id: Its id.
        name: Its name.
        status: Its status.
        home_id: Its home file system, if it has one.
        settings: `DefaultUserSettings` and `DefaultSpaceSettings`, as SageMaker tells them.
        problem: What SageMaker says about a deletion that failed.

    """

    domain_id: str
    name: str
    status: str
    home_id: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict, compare=False)
    problem: str = ""

    def __str__(self) -> str:
        """What people call it."""
        return f"domain {self.domain_id}"


@dataclass(frozen=True)
class MountTarget:
    """Where the home file system has an address in the network. It holds a subnet and a security group."""

    target_id: str
    status: str

    def __str__(self) -> str:
        """What people call it."""
        return f"mount target {self.target_id}"


@dataclass(frozen=True)
class Home:
    """The file system with everybody's home."""

    file_system_id: str
    arn: str
    status: str
    targets: tuple[MountTarget, ...] = ()

    def __str__(self) -> str:
        """What people call it."""
        return f"home file system {self.file_system_id}"


@dataclass(frozen=True)
class Group:
    """A security group that SageMaker made for the domain."""

    group_id: str
    name: str
    ingress: tuple[Mapping[str, Any], ...] = field(default=(), compare=False)
    egress: tuple[Mapping[str, Any], ...] = field(default=(), compare=False)

    @property
    def rules(self) -> int:
        """How many rules it has: they name the other group, and keep it from going."""
        return len(self.ingress) + len(self.egress)

    def __str__(self) -> str:
        """What people call it."""
        return f"security group {self.group_id} ({self.name})"


@dataclass(frozen=True)
class Copy:
    """A copy of the home file system that somebody asked for.

    Args:
        started: When.
        status: The word of AWS Backup for its job.
        final: Whether it was made for a drain.
        problem: What AWS Backup says about a job that failed.

    """

    started: dt.datetime
    status: str
    final: bool = False
    problem: str = ""


@dataclass(frozen=True)
class World:
    """What AWS shows of one domain now."""

    domain_id: str
    domain: Domain | None = None
    apps: tuple[App, ...] = ()
    spaces: tuple[Space, ...] = ()
    profiles: tuple[Profile, ...] = ()
    home: Home | None = None
    groups: tuple[Group, ...] = ()
    copies: tuple[Copy, ...] = ()

    @property
    def live_apps(self) -> tuple[App, ...]:
        """Apps that stand in the way."""
        return tuple(app for app in self.apps if app.live)

    def things(self) -> Iterator[object]:
        """Everything of the domain that is there, in the order in which it goes."""
        yield from self.live_apps
        yield from self.spaces
        yield from self.profiles
        if self.domain is not None:
            yield self.domain
        if self.home is not None:
            yield from self.home.targets
            yield self.home
        yield from self.groups
