"""Acting as a person: with the credentials that code in their own app has."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from studio_infra.rehearsal.life.stage import Stage, StepFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import boto3

    from studio_infra.settings import Person

#: Starting an app takes a minute or two in AWS; here it takes what the embedded AWS is told, by default nothing.
_APP_SECONDS: Final = 60.0
_DENIED: Final = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})


class Acting:
    """One person at work, in an app of their own.

    Args:
        stage: Where they work.
        person: Who they are.
        session: Their credentials, as SageMaker gives them to the app.
        app: The app: the arguments that name it.

    """

    def __init__(self, stage: Stage, person: Person, session: boto3.Session, app: dict[str, str]) -> None:
        self.person: Final = person
        self.app: Final = app
        self._stage = stage
        self._session = session
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """A boto3 client with the person's credentials."""
        if service not in self._clients:
            self._clients[service] = self._stage.aws.client(service, session=self._session)
        return self._clients[service]

    def may(self, what: str, call: Callable[[], Any]) -> Any:
        """Make a call that the person's role must allow, and return the answer.

        Raises:
            StepFailed: It is denied.

        """
        try:
            return call()
        except ClientError as error:
            if _is_denied(error):
                raise StepFailed(f"{self.person.user_name} may not {what}: {error}") from error
            raise

    def may_not(self, what: str, call: Callable[[], Any]) -> None:
        """Make a call that the person's role must not allow. Asked where IAM is enforced, else not made.

        Raises:
            StepFailed: It is allowed, or fails for another reason.

        """
        if not self._stage.aws.strict:
            return
        try:
            call()
        except ClientError as error:
            if _is_denied(error):
                return
            raise StepFailed(
                f"{self.person.user_name} was to be denied to {what}, but it failed otherwise: {error}"
            ) from error
        raise StepFailed(f"{self.person.user_name} may {what}, and nobody should")


@contextmanager
def acting_as(stage: Stage, person: Person) -> Iterator[Acting]:
    """Start JupyterLab in the person's private space, lend its credentials, and stop it at the end."""
    app = app_of(stage, person)
    stage.sagemaker.create_app(**app)
    try:
        wait_for_app(stage, app, "InService")
        yield Acting(stage, person, stage.aws.notebook(stage.sagemaker.describe_app(**app)["AppArn"]), app)
    finally:
        # Stopped again, as idle shutdown would do: an app that runs would be in the way of what follows.
        if stage.sagemaker.describe_app(**app)["Status"] not in {"Deleted", "Deleting"}:
            stage.sagemaker.delete_app(**app)
        wait_for_app(stage, app, "Deleted")


def member_of(stage: Stage, team: str) -> Person | None:
    """Somebody of a team who has access; nobody if there is none."""
    return next((one for one in stage.settings.roster if one.team == team and one.has_access()), None)


def app_of(stage: Stage, person: Person) -> dict[str, str]:
    """The JupyterLab of a person's private space: the arguments that name it."""
    domain = stage.domain["DomainId"]
    for space in stage.pages("list_spaces", DomainIdEquals=domain):
        owner = space.get("OwnershipSettingsSummary", {}).get("OwnerUserProfileName")
        if owner == person.user_name and space["SpaceSharingSettingsSummary"]["SharingType"] == "Private":
            return _app(domain, space["SpaceName"])
    everybody = stage.settings.people.private_spaces
    if everybody if person.private_space is None else person.private_space:
        raise StepFailed(f"{person.user_name} has no private space, although the settings ask for one")
    name = f"rehearsal-{person.user_name}"[:63].rstrip("-")
    stage.sagemaker.create_space(
        DomainId=domain,
        SpaceName=name,
        OwnershipSettings={"OwnerUserProfileName": person.user_name},
        SpaceSharingSettings={"SharingType": "Private"},
        SpaceSettings={"AppType": "JupyterLab"},
    )
    return _app(domain, name)


def wait_for_app(stage: Stage, app: dict[str, str], status: str) -> None:
    """Wait until the app has the status.

    Raises:
        StepFailed: It does not come.

    """
    give_up = time.monotonic() + _APP_SECONDS
    while (now := stage.sagemaker.describe_app(**app)["Status"]) != status:
        if now == "Failed" or time.monotonic() > give_up:
            raise StepFailed(f"the app in space {app['SpaceName']} is {now}, expected {status}")
        time.sleep(0.2)


def _app(domain_id: str, space: str) -> dict[str, str]:
    return {"DomainId": domain_id, "SpaceName": space, "AppType": "JupyterLab", "AppName": "default"}


def _is_denied(error: ClientError) -> bool:
    return error.response["Error"]["Code"] in _DENIED
