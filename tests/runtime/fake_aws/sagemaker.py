"""SageMaker: domains and what is in them, endpoints, notebook instances, tracking servers."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from tests.runtime.fake_aws.entities import Entity, State, Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.runtime.fake_aws.aws import FakeAws

#: Apps that stand in nobody's way: AWS asks that there be no app that has not failed.
#: https://docs.aws.amazon.com/sagemaker/latest/dg/gs-studio-delete-domain.html
DEAD = {"Deleted", "Failed"}
_NOBODY = Entity((), 0, {})


class FakeSageMaker:
    """The part of SageMaker that the functions use, by the names of boto3."""

    def __init__(self, aws: FakeAws) -> None:
        self.aws = aws
        self.domains, self.profiles, self.spaces, self.apps = Store(), Store(), Store(), Store()
        self.endpoints, self.notebooks, self.servers = Store(), Store(), Store()
        #: How long a deletion takes, in seconds. An app that is stuck takes 20 minutes.
        self.deletion = {"app": 90.0, "space": 30.0, "profile": 30.0, "domain": 120.0}
        #: How deep an update of a domain keeps what it does not name: 0 is sections, 1 is blocks of them, 2 is all.
        self.keeps = 0
        #: Seconds that an update of a domain takes.
        self.update = 20.0
        self._page_of: dict[str, list[Any]] = {}

    # -- what a test puts there ------------------------------------------------------------------

    def add_domain(self, domain_id: str, *, name: str = "research", **more: Any) -> Entity:
        state = {"DomainId": domain_id, "DomainName": name, "Status": "InService", **more}
        return self._add(self.domains, (domain_id,), state, DomainArn=self.aws.arn("domain", domain_id))

    def add_profile(self, domain_id: str, name: str, **tags: str) -> Entity:
        state = {"DomainId": domain_id, "UserProfileName": name, "Status": "InService"}
        arn = self.aws.arn("user-profile", domain_id, name)
        return self._add(self.profiles, (domain_id, name), state, tags, UserProfileArn=arn)

    def add_space(
        self,
        domain_id: str,
        name: str,
        *,
        owner: str | None = None,
        created: float | None = None,
        **tags: str,
    ) -> Entity:
        """A private space of `owner`, or a shared one."""
        state: State = {"DomainId": domain_id, "SpaceName": name, "Status": "InService"}
        if owner is not None:
            state["OwnershipSettings"] = {"OwnerUserProfileName": owner}
        state["SpaceSharingSettings"] = {"SharingType": "Private" if owner is not None else "Shared"}
        arn = self.aws.arn("space", domain_id, name)
        return self._add(self.spaces, (domain_id, name), state, tags, created, SpaceArn=arn)

    def add_app(
        self,
        domain_id: str,
        *,
        space: str | None = None,
        profile: str | None = None,
        kind: str = "JupyterLab",
        name: str = "default",
        status: str = "InService",
        instance: str = "ml.t3.medium",
        created: float | None = None,
        active: float | None = None,
        live: bool = False,
        **tags: str,
    ) -> Entity:
        """An app of a space or of a profile.

        Args:
            domain_id: Its domain.
            space: Its space, or
            profile: its profile.
            kind: Its type.
            name: Its name.
            status: Its status.
            instance: Its instance type.
            created: In seconds of the clock, perhaps negative. Defaults to now.
            active: Its last sign of life. Defaults to when it was created.
            live: Whether it gives signs of life as long as it runs.
            **tags: Its tags; two underscores are a colon.

        """
        owner = {"SpaceName": space} if space is not None else {"UserProfileName": profile}
        begun = created if created is not None else self.aws.clock.passed
        state = {
            "DomainId": domain_id,
            "AppType": kind,
            "AppName": name,
            "Status": status,
            "ResourceSpec": {"InstanceType": instance},
            **owner,
        }
        key = (domain_id, space or "", profile or "", kind, name)
        arn = self.aws.arn("app", domain_id, space or profile or "", kind, name)
        entity = self._add(self.apps, key, state, tags, begun, AppArn=arn)
        entity.live = live
        entity.change(begun, LastUserActivityTimestamp=self._when(active if active is not None else begun))
        return entity

    def add_endpoint(
        self, name: str, *, status: str = "InService", created: float | None = None, **tags: str
    ) -> Entity:
        state = {"EndpointName": name, "EndpointStatus": status}
        arn = self.aws.arn("endpoint", name)
        return self._add(self.endpoints, (name,), state, tags, created, EndpointArn=arn)

    def add_notebook(
        self, name: str, *, status: str = "InService", created: float | None = None, **tags: str
    ) -> Entity:
        state = {
            "NotebookInstanceName": name,
            "NotebookInstanceStatus": status,
            "InstanceType": "ml.t3.medium",
        }
        arn = self.aws.arn("notebook-instance", name)
        return self._add(self.notebooks, (name,), state, tags, created, NotebookInstanceArn=arn)

    def add_server(
        self, name: str, *, status: str = "Created", created: float | None = None, **tags: str
    ) -> Entity:
        state = {"TrackingServerName": name, "TrackingServerStatus": status, "IsActive": "Active"}
        arn = self.aws.arn("mlflow-tracking-server", name)
        return self._add(self.servers, (name,), state, tags, created, TrackingServerArn=arn)

    def running(self, domain_id: str) -> list[State]:
        """Apps of a domain that cost money now, whatever reads may see."""
        return [
            state
            for _, state in self.apps.seen(self.aws.clock.passed)
            if state["DomainId"] == domain_id and state["Status"] in {"InService", "Pending"}
        ]

    # -- domains, profiles, spaces ---------------------------------------------------------------

    def list_domains(self, **more: Any) -> State:
        return self._listed(
            self.domains, "Domains", {}, ("DomainId", "DomainName", "DomainArn", "Status"), more
        )

    def describe_domain(self, *, DomainId: str) -> State:
        return dict(self._read(self.domains, DomainId))

    def delete_domain(self, *, DomainId: str, RetentionPolicy: Any = None) -> State:
        for store in (self.profiles, self.spaces, self.apps):
            self._refuse_while_used(store, DomainId=DomainId)
        state = (self.domains.get(DomainId) or _NOBODY).at(self.aws.clock.passed) or {}
        if state.get("Status") == "Updating":
            raise self._error("ResourceInUse", f"{DomainId} is being updated.")
        self._delete(self.domains, "domain", DomainId)
        home = state.get("HomeEfsFileSystemId")
        going = state.get("Status") == "Deleting"
        if home is not None and not going and (RetentionPolicy or {}).get("HomeEfsFileSystem") == "Delete":
            self.aws.efs.go_with_domain(home, at=self.aws.clock.passed + self.deletion["domain"])
        return {}

    def update_domain(self, *, DomainId: str, **changes: Any) -> State:
        entity, now = self.domains.get(DomainId), self.aws.clock.passed
        state = entity.at(now) if entity is not None else None
        if entity is None or state is None:
            raise self._error("ResourceNotFound", f"{DomainId} does not exist.")
        if state["Status"] != "InService":
            raise self._error("ResourceInUse", f"{DomainId} is in status {state['Status']}.")
        changes = {name.removesuffix("ForUpdate"): value for name, value in changes.items()}
        told = {name: _laid_over(state.get(name), value, self.keeps) for name, value in changes.items()}
        entity.change(now, Status="Updating", **told)
        entity.later(now + self.update, Status="InService")
        return {}

    def list_user_profiles(self, *, DomainIdEquals: str, **more: Any) -> State:
        fields = ("DomainId", "UserProfileName", "Status", "CreationTime", "LastModifiedTime")
        return self._listed(self.profiles, "UserProfiles", {"DomainId": DomainIdEquals}, fields, more)

    def describe_user_profile(self, *, DomainId: str, UserProfileName: str) -> State:
        return dict(self._read(self.profiles, DomainId, UserProfileName))

    def delete_user_profile(self, *, DomainId: str, UserProfileName: str) -> State:
        self._refuse_while_used(self.apps, DomainId=DomainId, UserProfileName=UserProfileName)
        self._refuse_while_used(
            self.spaces, DomainId=DomainId, OwnershipSettings={"OwnerUserProfileName": UserProfileName}
        )
        self._delete(self.profiles, "profile", DomainId, UserProfileName)
        return {}

    def list_spaces(self, *, DomainIdEquals: str, **more: Any) -> State:
        fields = ("DomainId", "SpaceName", "Status", "CreationTime", "LastModifiedTime")
        page = self._listed(self.spaces, "Spaces", {"DomainId": DomainIdEquals}, None, more)
        page["Spaces"] = [
            {field: state[field] for field in fields}
            | {
                f"{field}Summary": state[field]
                for field in ("OwnershipSettings", "SpaceSharingSettings")
                if field in state
            }
            for state in page["Spaces"]
        ]
        return page

    def describe_space(self, *, DomainId: str, SpaceName: str) -> State:
        return dict(self._read(self.spaces, DomainId, SpaceName))

    def delete_space(self, *, DomainId: str, SpaceName: str) -> State:
        self._refuse_while_used(self.apps, DomainId=DomainId, SpaceName=SpaceName)
        self._delete(self.spaces, "space", DomainId, SpaceName)
        return {}

    # -- apps ------------------------------------------------------------------------------------

    def list_apps(
        self,
        *,
        DomainIdEquals: str | None = None,
        UserProfileNameEquals: str | None = None,
        SpaceNameEquals: str | None = None,
        **more: Any,
    ) -> State:
        wanted = {
            "DomainId": DomainIdEquals,
            "UserProfileName": UserProfileNameEquals,
            "SpaceName": SpaceNameEquals,
        }
        fields = (
            "DomainId",
            "UserProfileName",
            "SpaceName",
            "AppType",
            "AppName",
            "Status",
            "CreationTime",
            "ResourceSpec",
        )
        asked = {key: value for key, value in wanted.items() if value is not None}
        return self._listed(self.apps, "Apps", asked, fields, more)

    def describe_app(self, **key: str) -> State:
        state = dict(self._read(self.apps, *_app_key(key)))
        entity = self.apps.get(*_app_key(key))
        if entity is not None and entity.live and state["Status"] == "InService":
            state["LastUserActivityTimestamp"] = self._when(self.aws.read_at())
        state.pop("LastModifiedTime")
        return state

    def delete_app(self, **key: str) -> State:
        entity = self.apps.get(*_app_key(key))
        now = entity.at(self.aws.clock.passed) if entity is not None else None
        if now is None or now["Status"] == "Deleted":
            raise self._error("ResourceNotFound", "App does not exist.")
        if now["Status"] == "Failed":
            raise self._error("ValidationException", "App in status (Failed) cannot be deleted.")
        assert entity is not None
        if now["Status"] != "Deleting":
            self._delete_app(entity)
        return {}

    def _delete_app(self, entity: Entity) -> None:
        now = self.aws.clock.passed
        entity.change(now, Status="Deleting")
        gone = now + (entity.at(now) or {}).get("_deletion", self.deletion["app"])
        entity.later(gone, Status="Deleted")
        # Listed as deleted for a day.
        entity.vanish_later(gone + 24 * 3600)

    # -- endpoints, notebook instances, tracking servers -----------------------------------------

    def list_endpoints(self, **more: Any) -> State:
        fields = ("EndpointName", "EndpointArn", "CreationTime", "LastModifiedTime", "EndpointStatus")
        return self._listed(self.endpoints, "Endpoints", {}, fields, more)

    def list_notebook_instances(self, **more: Any) -> State:
        fields = (
            "NotebookInstanceName",
            "NotebookInstanceArn",
            "NotebookInstanceStatus",
            "InstanceType",
            "CreationTime",
            "LastModifiedTime",
        )
        return self._listed(self.notebooks, "NotebookInstances", {}, fields, more)

    def describe_notebook_instance(self, *, NotebookInstanceName: str) -> State:
        return dict(self._read(self.notebooks, NotebookInstanceName))

    def stop_notebook_instance(self, *, NotebookInstanceName: str) -> State:
        entity = self.notebooks.get(NotebookInstanceName)
        now = entity.at(self.aws.clock.passed) if entity is not None else None
        if entity is None or now is None:
            raise self._error("ValidationException", "RecordNotFound")
        if now["NotebookInstanceStatus"] != "InService":
            status = now["NotebookInstanceStatus"]
            raise self._error("ValidationException", f"Status ({status}) not in ([InService]).")
        entity.change(self.aws.clock.passed, NotebookInstanceStatus="Stopping")
        entity.later(self.aws.clock.passed + 60, NotebookInstanceStatus="Stopped")
        return {}

    def list_mlflow_tracking_servers(self, **more: Any) -> State:
        fields = (
            "TrackingServerArn",
            "TrackingServerName",
            "CreationTime",
            "LastModifiedTime",
            "TrackingServerStatus",
            "IsActive",
        )
        return self._listed(self.servers, "TrackingServerSummaries", {}, fields, more)

    def describe_mlflow_tracking_server(self, *, TrackingServerName: str) -> State:
        return dict(self._read(self.servers, TrackingServerName))

    def stop_mlflow_tracking_server(self, *, TrackingServerName: str) -> State:
        entity = self.servers.get(TrackingServerName)
        now = entity.at(self.aws.clock.passed) if entity is not None else None
        if entity is None or now is None:
            raise self._error("ResourceNotFound", "It does not exist.")
        if now["TrackingServerStatus"] not in {"Created", "Started"}:
            raise self._error("ConflictException", "It is changing.")
        entity.change(self.aws.clock.passed, TrackingServerStatus="Stopping")
        entity.later(self.aws.clock.passed + 60, TrackingServerStatus="Stopped")
        return {}

    # -- tags ------------------------------------------------------------------------------------

    def list_tags(self, *, ResourceArn: str, **more: Any) -> State:
        entity = self._by_arn(ResourceArn)
        tags = [{"Key": key, "Value": value} for key, value in entity.tags.items()]
        return self._page(tags, "Tags", more)

    def tagged(self) -> Iterator[tuple[str, dict[str, str]]]:
        """Whatever has tags, for the tagging API."""
        for store, member in (
            (self.endpoints, "EndpointArn"),
            (self.notebooks, "NotebookInstanceArn"),
            (self.servers, "TrackingServerArn"),
            (self.apps, "AppArn"),
            (self.spaces, "SpaceArn"),
            (self.profiles, "UserProfileArn"),
        ):
            for entity, state in store.seen(self.aws.read_at()):
                if entity.tags:
                    yield state[member], entity.tags

    # -- inside ----------------------------------------------------------------------------------

    def _add(
        self,
        store: Store,
        key: tuple[str, ...],
        state: State,
        tags: dict[str, str] | None = None,
        created: float | None = None,
        **more: Any,
    ) -> Entity:
        at = created if created is not None else self.aws.clock.passed
        when = self._when(at)
        entity = Entity(key, at, {**state, "CreationTime": when, "LastModifiedTime": when, **more})
        entity.tags = {name.replace("__", ":"): value for name, value in (tags or {}).items()}
        return store.add(entity)

    def _when(self, passed: float) -> dt.datetime:
        return self.aws.clock.start + dt.timedelta(seconds=passed)

    def _read(self, store: Store, *key: str) -> State:
        entity = store.get(*key)
        state = entity.at(self.aws.read_at()) if entity is not None else None
        if state is None:
            raise self._error("ResourceNotFound", f"{'/'.join(key)} does not exist.")
        return {name: value for name, value in state.items() if not name.startswith("_")}

    def _listed(
        self, store: Store, name: str, wanted: State, fields: tuple[str, ...] | None, more: State
    ) -> State:
        if "NextToken" in more:
            return self._page([], name, more)
        found = [
            {field: state[field] for field in fields if field in state} if fields is not None else state
            for _, state in store.seen(self.aws.read_at(), **wanted)
        ]
        return self._page(found, name, more)

    def _page(self, found: list[Any], name: str, more: State) -> State:
        """A page of a list that was made when its first page was asked for."""
        token = more.get("NextToken")
        listed, start = (found, 0)
        if token is not None:
            which, _, offset = token.partition(":")
            listed, start = self._page_of[which], int(offset)
        size = more.get("MaxResults", 10)
        answer: State = {name: listed[start : start + size]}
        if start + size < len(listed):
            which = token.partition(":")[0] if token is not None else str(len(self._page_of))
            self._page_of[which] = listed
            answer["NextToken"] = f"{which}:{start + size}"
        return answer

    def _refuse_while_used(self, store: Store, **where: Any) -> None:
        for _, state in store.seen(self.aws.clock.passed, **where):
            if store is not self.apps or state["Status"] not in DEAD:
                raise self._error("ResourceInUse", "It is in use.")

    def _delete(self, store: Store, kind: str, *key: str) -> None:
        entity = store.get(*key)
        now = self.aws.clock.passed
        state = entity.at(now) if entity is not None else None
        if entity is None or state is None:
            raise self._error("ResourceNotFound", f"{'/'.join(key)} does not exist.")
        if state["Status"] != "Deleting":
            entity.change(now, Status="Deleting")
            entity.vanish_later(now + state.get("_deletion", self.deletion[kind]))

    def _by_arn(self, arn: str) -> Entity:
        kind, *names = arn.split(":", 5)[5].split("/")
        stores = {
            "app": self.apps,
            "space": self.spaces,
            "user-profile": self.profiles,
            "domain": self.domains,
            "endpoint": self.endpoints,
            "notebook-instance": self.notebooks,
            "mlflow-tracking-server": self.servers,
        }
        now = self.aws.clock.passed
        if kind == "app":
            domain, owner, app_type, app = names
            found = self.apps.get(domain, owner, "", app_type, app) or self.apps.get(
                domain, "", owner, app_type, app
            )
        else:
            found = stores[kind].get(*names)
        if found is None or found.at(now) is None:
            raise self._error("ValidationException", f"The resource with ARN {arn} does not exist.")
        return found

    def _error(self, code: str, message: str) -> Exception:
        from tests.runtime.fake_aws.aws import error_of

        return error_of(code, message, 400, "")


def _app_key(key: dict[str, str]) -> tuple[str, ...]:
    return (
        key["DomainId"],
        key.get("SpaceName", ""),
        key.get("UserProfileName", ""),
        key["AppType"],
        key["AppName"],
    )


def _laid_over(old: Any, new: Any, depth: int) -> Any:
    """What an update leaves: `new`, and down to a depth what it does not name of `old`."""
    if depth == 0 or not isinstance(old, dict) or not isinstance(new, dict):
        return new
    return {**old, **{name: _laid_over(old.get(name), value, depth - 1) for name, value in new.items()}}
