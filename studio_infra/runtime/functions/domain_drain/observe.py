"""Looks at AWS for everything of one domain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ..shared.errors import Kind, kind
from .core import FRESH
from .world import (
    COPY_TAG,
    OWNER_TAG,
    App,
    Copy,
    Domain,
    Group,
    Home,
    MountTarget,
    Profile,
    Space,
    World,
    group_names,
    is_owned_by,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from ..shared.calls import Calls

#: The most that SageMaker puts on a page.
_PAGE: Final = 100
_COMPLETED: Final = "COMPLETED"
_SETTINGS: Final = ("DefaultUserSettings", "DefaultSpaceSettings")


@dataclass(frozen=True)
class Clients:
    """boto3 clients of the region that the domain is in, as `shared.aws.client` makes them."""

    sagemaker: Any
    efs: Any
    ec2: Any
    backup: Any


def observe(
    calls: Calls, clients: Clients, domain_id: str, *, copies: bool = False, home_id: str | None = None
) -> World:
    """Everything of the domain that AWS shows now.

    Args:
        calls: How AWS is called.
        clients: With what.
        domain_id: Of which domain.
        copies: Whether to look for copies of its homes, too: only who deletes them needs to know.
        home_id: Its home file system, if somebody knows: after the domain is gone, only a tag tells.

    """
    read = clients.sagemaker
    domain = _domain(calls, read, domain_id)
    home = _home(calls, clients.efs, domain_id, home_id if domain is None else domain.home_id or home_id)

    def listed(operation: Any, key: str) -> list[dict[str, Any]]:
        """What is in the domain: nothing, if it is gone."""
        return (
            []
            if domain is None
            else list(calls.pages(operation, key, DomainIdEquals=domain_id, MaxResults=_PAGE))
        )

    return World(
        domain_id=domain_id,
        domain=domain,
        apps=tuple(_app(found) for found in listed(read.list_apps, "Apps")),
        spaces=tuple(_space(found) for found in listed(read.list_spaces, "Spaces")),
        profiles=tuple(
            Profile(found["UserProfileName"], found.get("Status", ""))
            for found in listed(read.list_user_profiles, "UserProfiles")
        ),
        home=home,
        groups=tuple(_groups(calls, clients.ec2, domain_id)),
        copies=tuple(_copies(calls, clients.backup, domain_id, home)) if copies and home is not None else (),
    )


def _app(found: dict[str, Any]) -> App:
    return App(
        kind=found["AppType"],
        name=found["AppName"],
        status=found["Status"],
        created=found["CreationTime"],
        space=found.get("SpaceName"),
        profile=found.get("UserProfileName"),
    )


def _space(found: dict[str, Any]) -> Space:
    owner = found.get("OwnershipSettingsSummary", {}).get("OwnerUserProfileName")
    return Space(found["SpaceName"], found.get("Status", ""), owner)


def _domain(calls: Calls, client: Any, domain_id: str) -> Domain | None:
    try:
        found = calls.read(client.describe_domain, DomainId=domain_id)
    except Exception as error:
        if kind(error) is not Kind.GONE:
            raise
        # Everything after the domain relies on its being gone: two answers must agree.
        if any(one["DomainId"] == domain_id for one in calls.pages(client.list_domains, "Domains")):
            return Domain(domain_id, "", "")
        return None
    return Domain(
        domain_id=domain_id,
        name=found["DomainName"],
        status=found["Status"],
        home_id=found.get("HomeEfsFileSystemId"),
        settings={name: found[name] for name in _SETTINGS if name in found},
        problem=found.get("FailureReason", ""),
    )


def _home(calls: Calls, client: Any, domain_id: str, home_id: str | None) -> Home | None:
    found = _file_system(calls, client, domain_id, home_id)
    if found is None or found["LifeCycleState"] == "deleted":
        return None
    targets = _mount_targets(calls, client, found["FileSystemId"])
    return Home(found["FileSystemId"], found["FileSystemArn"], found["LifeCycleState"], tuple(targets))


def _file_system(calls: Calls, client: Any, domain_id: str, home_id: str | None) -> dict[str, Any] | None:
    """The home file system: the one that the domain names, or the one whose tag names the domain."""
    pages = {"token": "Marker", "answer_token": "NextMarker"}
    if home_id is not None:
        try:
            found: list[dict[str, Any]] = list(
                calls.pages(client.describe_file_systems, "FileSystems", FileSystemId=home_id, **pages)
            )
        except Exception as error:
            if kind(error) is not Kind.GONE:
                raise
            return None
        return found[0] if found else None
    for one in calls.pages(client.describe_file_systems, "FileSystems", **pages):
        tags = {tag["Key"]: tag["Value"] for tag in one.get("Tags", [])}
        if is_owned_by(domain_id, tags.get(OWNER_TAG, "")):
            return dict(one)
    return None


def _mount_targets(calls: Calls, client: Any, file_system_id: str) -> Iterator[MountTarget]:
    try:
        for one in calls.pages(
            client.describe_mount_targets,
            "MountTargets",
            token="Marker",  # noqa: S106 - of the next page
            answer_token="NextMarker",  # noqa: S106 - of a page
            FileSystemId=file_system_id,
        ):
            if one["LifeCycleState"] != "deleted":
                yield MountTarget(one["MountTargetId"], one["LifeCycleState"])
    except Exception as error:
        if kind(error) is not Kind.GONE:
            raise


def _groups(calls: Calls, client: Any, domain_id: str) -> Iterator[Group]:
    names = group_names(domain_id)
    wanted = [{"Name": "group-name", "Values": list(names)}]
    for found in calls.pages(client.describe_security_groups, "SecurityGroups", Filters=wanted):
        # EC2 takes `*` and `?` in filters for patterns. An id holds neither, and what it answers is looked at again.
        if found["GroupName"] in names:
            yield Group(
                found["GroupId"],
                found["GroupName"],
                tuple(found.get("IpPermissions", ())),
                tuple(found.get("IpPermissionsEgress", ())),
            )


def _copies(calls: Calls, client: Any, domain_id: str, home: Home) -> Iterator[Copy]:
    """Copies of the homes that people or drains asked for lately: those of a plan go their own way."""
    since = calls.clock.now() - FRESH
    for job in calls.pages(
        client.list_backup_jobs, "BackupJobs", ByResourceArn=home.arn, ByCreatedAfter=since
    ):
        started: dt.datetime = job["CreationDate"]
        if job.get("CreatedBy", {}).get("BackupPlanId") or started <= since:
            continue
        final = job["State"] == _COMPLETED and _is_final(calls, client, domain_id, job["RecoveryPointArn"])
        yield Copy(started, job["State"], final=final, problem=job.get("StatusMessage", ""))


def _is_final(calls: Calls, client: Any, domain_id: str, recovery_point_arn: str) -> bool:
    """Whether the copy was made for a drain of this domain, and is still there."""
    try:
        tags: dict[str, str] = {}
        following: dict[str, Any] = {}
        while True:
            page = calls.read(client.list_tags, ResourceArn=recovery_point_arn, **following)
            tags |= page.get("Tags", {})
            if not page.get("NextToken"):
                return tags.get(COPY_TAG) == domain_id
            following = {"NextToken": page["NextToken"]}
    except Exception as error:
        if kind(error) is Kind.GONE:
            return False
        raise
