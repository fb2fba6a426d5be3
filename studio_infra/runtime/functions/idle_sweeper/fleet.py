"""What there is in one domain, from as few calls as pages need: the sweeper and `studio-infra status` see the same.

Apps and spaces are asked for by the id of their domain. Endpoints, notebook instances and tracking servers belong to an
account: here they belong to the domain whose ARN Studio tagged them with, whose name the tag `studio:domain` says, or
whose stacks made them. A name that looks like the domain's proves nothing: `research-eu-churn` is not of `research`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .core import KEEP_TAG, OWNER_TAG, Kind, Thing

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping

    from ..shared.calls import Calls

DOMAIN_ARN_TAG = "sagemaker:domain-arn"
DOMAIN_TAG = "studio:domain"
STACK_TAG = "aws:cloudformation:stack-name"
TEAM_TAG = "studio:team"

_PAGE = 100
_IN_ACCOUNTS = ("sagemaker:endpoint", "sagemaker:notebook-instance", "sagemaker:mlflow-tracking-server")
_IN_DOMAINS = ("sagemaker:app", "sagemaker:space", "sagemaker:user-profile")


@dataclass(frozen=True)
class Domain:
    """Which domain, and what makes things of the account its own.

    Args:
        id: `d-…`.
        arn: Its ARN.
        name: As the tag `studio:domain` says it.
        stacks: Names of stacks whose resources are its own.
        teams: Its teams. An endpoint with the tag of one, and no other domain's, is reported too; nothing of an
            account is ever stopped because of a team's name, two domains may have the same.

    """

    id: str
    arn: str
    name: str
    stacks: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()

    def owns(self, tags: Mapping[str, str]) -> bool:
        """Whether tags say that something of the account belongs to it."""
        if DOMAIN_ARN_TAG in tags:
            return tags[DOMAIN_ARN_TAG] == self.arn
        if DOMAIN_TAG in tags:
            return tags[DOMAIN_TAG] == self.name
        return tags.get(STACK_TAG) in self.stacks

    def may_own(self, tags: Mapping[str, str]) -> bool:
        """Whether it does, or nothing says that another domain does and a team of its has it."""
        elsewhere = DOMAIN_ARN_TAG in tags or DOMAIN_TAG in tags
        return self.owns(tags) or (not elsewhere and tags.get(TEAM_TAG) in self.teams)

    def arns_of(self, thing: Thing, spaces: Mapping[str, Space]) -> tuple[str, ...]:
        """ARNs of an app, of its space and of its person: a tag on any of them counts for it."""
        space, person = thing.names.get("SpaceName"), thing.names.get("UserProfileName")
        place = self.arn.rpartition(":domain/")[0]
        own = f"{space or person}/{thing.names['AppType']}/{thing.names['AppName']}"
        arns = [f"{place}:app/{self.id}/{own}"]
        if space is not None:
            arns.append(f"{place}:space/{self.id}/{space}")
            person = spaces[space].owner if space in spaces else None
        return (*arns, f"{place}:user-profile/{self.id}/{person}") if person is not None else tuple(arns)

    def queries(self) -> Iterator[dict[str, Any]]:
        """Tag filters that find all of it: one query each, because filters of one query narrow each other."""
        yield {"Key": DOMAIN_ARN_TAG, "Values": [self.arn]}
        yield {"Key": DOMAIN_TAG, "Values": [self.name]}
        for key, values in ((STACK_TAG, self.stacks), (TEAM_TAG, self.teams)):
            if values:
                yield {"Key": key, "Values": list(values)}


@dataclass(frozen=True)
class Space:
    """A space: `owner` is None for a shared one."""

    name: str
    owner: str | None
    status: str
    created: dt.datetime
    modified: dt.datetime
    gigabytes: int | None


@dataclass(frozen=True)
class Endpoint:
    """An endpoint of the domain."""

    name: str
    status: str
    created: dt.datetime
    tags: Mapping[str, str]


@dataclass(frozen=True)
class Fleet:
    """All of a domain."""

    spaces: Mapping[str, Space]
    things: tuple[Thing, ...]
    endpoints: tuple[Endpoint, ...] = ()
    #: Tags of notebook instances and tracking servers, by key.
    tags: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    #: The tag `studio:keep` of apps, spaces and people, by ARN.
    keeps: Mapping[str, str] = field(default_factory=dict)


class Reader:
    """Looks at one domain.

    Args:
        calls: Of this run.
        sagemaker: A client of SageMaker.
        tagging: A client of the Resource Groups Tagging API. It is some seconds behind.
        domain: The domain.

    """

    def __init__(self, calls: Calls, *, sagemaker: Any, tagging: Any, domain: Domain) -> None:
        self._calls = calls
        self._sagemaker = sagemaker
        self._tagging = tagging
        self._domain = domain

    def fleet(self) -> Fleet:
        """Everything."""
        spaces = self.spaces()
        tags = self._tags()
        things = [*self.apps(spaces)]
        own = {arn: found for arn, found in tags.items() if self._domain.owns(found)}
        notebooks = [*self._notebooks(own)]
        servers = [*self._servers(own)]
        by_key = {thing.key: own[arn] for arn, thing in (*notebooks, *servers)}
        things += [thing for _, thing in (*notebooks, *servers)]
        return Fleet(spaces, tuple(things), tuple(self._endpoints(tags)), by_key, self._keeps())

    def spaces(self) -> dict[str, Space]:
        """Spaces by name."""
        pages = self._calls.pages(
            self._sagemaker.list_spaces, "Spaces", DomainIdEquals=self._domain.id, MaxResults=_PAGE
        )
        return {
            one["SpaceName"]: Space(
                one["SpaceName"],
                one.get("OwnershipSettingsSummary", {}).get("OwnerUserProfileName")
                if one.get("SpaceSharingSettingsSummary", {}).get("SharingType") != "Shared"
                else None,
                one["Status"],
                one["CreationTime"],
                one.get("LastModifiedTime", one["CreationTime"]),
                one.get("SpaceSettingsSummary", {})
                .get("SpaceStorageSettings", {})
                .get("EbsStorageSettings", {})
                .get("EbsVolumeSizeInGb"),
            )
            for one in pages
        }

    def apps(self, spaces: Mapping[str, Space]) -> Iterator[Thing]:
        """Apps, deleted ones that AWS still lists included."""
        for one in self._calls.pages(
            self._sagemaker.list_apps, "Apps", DomainIdEquals=self._domain.id, MaxResults=_PAGE
        ):
            if one["DomainId"] == self._domain.id:
                yield app_of(one, spaces)

    def _keeps(self) -> dict[str, str]:
        """Who is kept, from one page: few things have the tag."""
        own = f"/{self._domain.id}/"
        return {
            arn: tags[KEEP_TAG]
            for arn, tags in self._tagged(_IN_DOMAINS, {"Key": KEEP_TAG})
            if own in arn and KEEP_TAG in tags
        }

    def _tags(self) -> dict[str, dict[str, str]]:
        """Tags of what is, or may be, the domain's among the things of the account."""
        return {
            arn: tags
            for query in self._domain.queries()
            for arn, tags in self._tagged(_IN_ACCOUNTS, query)
            if self._domain.may_own(tags)
        }

    def _tagged(
        self, types: tuple[str, ...], query: Mapping[str, Any]
    ) -> Iterator[tuple[str, dict[str, str]]]:
        for one in self._calls.pages(
            self._tagging.get_resources,
            "ResourceTagMappingList",
            token="PaginationToken",  # noqa: S106 - of the next page
            ResourceTypeFilters=list(types),
            TagFilters=[query],
            ResourcesPerPage=_PAGE,
        ):
            yield one["ResourceARN"], {tag["Key"]: tag["Value"] for tag in one["Tags"]}

    def _of_account(self, kind: str, tags: Mapping[str, Any], operation: str, key: str) -> Iterator[Any]:
        """Entries of an account-wide list, if any of them can be the domain's."""
        if any(f":{kind}/" in arn for arn in tags):
            yield from self._calls.pages(getattr(self._sagemaker, operation), key, MaxResults=_PAGE)

    def _endpoints(self, tags: Mapping[str, Mapping[str, str]]) -> Iterator[Endpoint]:
        for one in self._of_account("endpoint", tags, "list_endpoints", "Endpoints"):
            if one["EndpointArn"] in tags:
                yield Endpoint(
                    one["EndpointName"], one["EndpointStatus"], one["CreationTime"], tags[one["EndpointArn"]]
                )

    def _notebooks(self, tags: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, Thing]]:
        for one in self._of_account(
            "notebook-instance", tags, "list_notebook_instances", "NotebookInstances"
        ):
            arn, name = one["NotebookInstanceArn"], one["NotebookInstanceName"]
            if arn in tags:
                yield (
                    arn,
                    Thing(
                        Kind.NOTEBOOK,
                        f"notebook/{name}",
                        f"notebook instance {name}",
                        tags[arn].get(OWNER_TAG, ""),
                        one.get("InstanceType", ""),
                        one["NotebookInstanceStatus"],
                        whole(one["CreationTime"]),
                        {"NotebookInstanceName": name},
                    ),
                )

    def _servers(self, tags: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, Thing]]:
        for one in self._of_account(
            "mlflow-tracking-server", tags, "list_mlflow_tracking_servers", "TrackingServerSummaries"
        ):
            arn, name = one["TrackingServerArn"], one["TrackingServerName"]
            if arn in tags:
                yield (
                    arn,
                    Thing(
                        Kind.SERVER,
                        f"server/{name}",
                        f"tracking server {name}",
                        tags[arn].get(OWNER_TAG, ""),
                        "MLflow",
                        one["TrackingServerStatus"],
                        whole(one["CreationTime"]),
                        {"TrackingServerName": name},
                    ),
                )


def app_of(one: Mapping[str, Any], spaces: Mapping[str, Space]) -> Thing:
    """An entry of `ListApps`, or the answer of `DescribeApp`."""
    space_name, person = one.get("SpaceName"), one.get("UserProfileName")
    if space_name is not None:
        space = spaces.get(space_name)
        # A space that was made since spaces were listed is nobody's yet.
        owner = "" if space is None else space.owner or f"shared space {space_name}"
        place, names = f"space {space_name}", {"SpaceName": space_name}
    else:
        owner = str(person)
        place, names = f"profile {person}", {"UserProfileName": str(person)}
    return Thing(
        Kind.APP,
        f"{place.replace(' ', '/')}/{one['AppType']}/{one['AppName']}",
        f"{one['AppType']} {one['AppName']} of {place}",
        owner,
        one.get("ResourceSpec", {}).get("InstanceType", ""),
        one["Status"],
        whole(one["CreationTime"]),
        {"DomainId": one["DomainId"], "AppType": one["AppType"], "AppName": one["AppName"], **names},
    )


def whole(moment: dt.datetime) -> dt.datetime:
    """Without parts of a second: what is remembered has none, and is compared with this."""
    return moment.replace(microsecond=0)
