"""The stack that changes weekly: people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk

from studio_infra.access import role_json
from studio_infra.stacks.values import portal
from studio_infra.studio.domain.user_settings import SpaceStorage, UserSettings
from studio_infra.studio.people.people import StudioPeople
from studio_infra.studio.people.person import TeamDefaults

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from constructs import Construct

    from studio_infra.settings import Person, StudioSettings
    from studio_infra.stacks.studio_stack import StudioStack


class UsersStack(cdk.Stack):
    """Profiles, execution roles, spaces and git identities of the people with one stack number.

    Args:
        scope: The app.
        construct_id: Name of the stack.
        settings: What the platform team decided.
        people: The part of the roster that belongs here.
        studio: The stack with the domain and the teams' policies.
        today: The day of the deployment: whose `expires` is not after it has no access. Left out, only `status` counts.
        **kwargs: Options of any stack.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: StudioSettings,
        people: Sequence[Person],
        studio: StudioStack,
        today: dt.date | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self.people: Final = StudioPeople(
            self,
            "People",
            domain=studio.domain,
            name_prefix=settings.name,
            people=people,
            teams={name: _team_defaults(name, settings, studio) for name in settings.teams},
            wave_width=settings.people.wave_width,
            today=today,
        )


def _team_defaults(name: str, settings: StudioSettings, studio: StudioStack) -> TeamDefaults:
    access = studio.teams[name]
    shared = access.shared_role
    policies = [*access.managed_policies, *([studio.code_commit] if studio.code_commit is not None else [])]
    return TeamDefaults(
        team=name,
        execution_role=shared.role_arn
        if shared is not None
        else role_json(
            managed_policy_arns=[policy.managed_policy_arn for policy in policies],
            path=settings.access.path,
        ),
        settings=UserSettings(
            apps=studio.team_apps[name],
            hidden_instance_types=access.hidden_instance_types,
            # Said again: where a profile says something of the portal, nobody documents what of the domain's is left.
            portal=portal(settings),
            space_storage=_space_storage(name, settings),
            # Said of everybody once there are any: whoever moves to a team without must not keep those of the old.
            file_systems=studio.files.for_people(name) if settings.files else None,
        ),
        apps_in_full=studio.team_apps[name] or studio.domain.apps,
        apps_by_idle_minutes=studio.apps_by_idle_minutes(name),
        space_maximum_gb=settings.space_sizes(name)[1],
        mounted=studio.files.mounted(name),
        own_directories=studio.files.for_each_person(name),
        private_spaces=settings.people.private_spaces,
        remote_access=settings.people.remote_access,
        single_sign_on=settings.domain.auth_mode == "SSO",
        own_group_in=studio.network.vpc.vpc_id if settings.access.security_group_per_person else None,
    )


def _space_storage(name: str, settings: StudioSettings) -> SpaceStorage | None:
    """The sizes of volumes where a team has its own; the domain says the others."""
    team = settings.teams[name]
    if team.default_ebs_gb is None and team.max_ebs_gb is None:
        return None
    usual, most = settings.space_sizes(name)
    return SpaceStorage(default_gb=usual, maximum_gb=most)
