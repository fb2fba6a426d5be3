"""The people of a roster, in bulk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from constructs import Construct

from studio_infra.access.policy_packing import MAX_POLICIES
from studio_infra.errors import InvalidInput, located
from studio_infra.settings.facts.limits import PEOPLE_RESOURCES
from studio_infra.settings.facts.regions import require_types
from studio_infra.settings.roster.waves import WAVE_WIDTH
from studio_infra.studio.people.fragment import Fragment
from studio_infra.studio.people.person import TEAM_MAPPING, TeamDefaults, logical_id, person_resources
from studio_infra.studio.people.waves import in_waves

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from aws_cdk.interfaces import aws_sagemaker as refs

    from studio_infra.settings import Person
    from studio_infra.studio.domain.apps import Json

#: What the people of a stack may be.
MAX_RESOURCES: Final = PEOPLE_RESOURCES


class StudioPeople(Construct):
    """Profiles, execution roles, spaces and git identities of many people.

    A person's logical ids come from the user name alone: adding, removing, reordering or moving others leaves them byte
    for byte as they are. A team move changes the role and the settings in place; the home stays.

    Args:
        scope: The construct this one belongs to; one `StudioPeople` a stack.
        construct_id: Unique among the children of `scope`. Logical ids do not depend on it.
        domain: The domain to join.
        name_prefix: First part of the path of people's SSM parameters: `/<name_prefix>/people/<user_name>/…`. Changing
            it makes the parameters anew.
        people: The roster, or the part of it that belongs to this stack. The order means nothing.
        teams: What the members of each team have in common, by team name.
        wave_width: How many people are made at a time. Changing it touches nobody. Defaults to 20.
        today: The day of the deployment: whose `expires` is not after it has no access. Left out, only `status`
            counts, because constructs never read the clock.

    Raises:
        InvalidInput: A person's team is unknown, two people share a user name, a person without a name in
            IAM Identity Center is to sign in through it, nothing keeps somebody's idle limit, or there are more people
            than a stack can hold, or than `wave_width` can tell apart.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        domain: refs.IDomainRef,
        name_prefix: str,
        people: Sequence[Person],
        teams: Mapping[str, TeamDefaults],
        wave_width: int = WAVE_WIDTH,
        today: dt.date | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        with located(self):
            require_types(cdk.Stack.of(self).region, "AWS::SageMaker::UserProfile")
        self._check(people, teams)
        domain_id = domain.domain_ref.domain_id
        fragment = Fragment()
        present = sorted({person.team for person in people})
        rows = {
            name: teams[name].mapping_row() for name in present if teams[name].settings.hidden_instance_types
        }
        if rows:
            fragment.add_mapping(TEAM_MAPPING, rows)
        resources = {
            person.user_name: person_resources(
                person, teams[person.team], name_prefix=name_prefix, domain_id=domain_id, today=today
            )
            for person in people
        }
        number = sum(map(len, resources.values()))
        if number > MAX_RESOURCES:
            raise InvalidInput(
                "StackFull",
                f"{len(people)} people are {number} resources, a stack holds {MAX_RESOURCES}; run "
                "'studio-infra roster assign SETTINGS' to give new people the next stack",
                scope=self,
            )
        for resource_id, resource in self._in_waves(resources, wave_width).items():
            fragment.add(resource_id, resource)
        self._include = fragment.include_in(self, "Roster")

    def _in_waves(self, people: Mapping[str, Mapping[str, Json]], width: int) -> Mapping[str, Json]:
        try:
            return in_waves(people, width=width)
        except ValueError as error:
            raise InvalidInput(
                "WaveTooNarrow",
                f"wave_width must be at least {error}, as so many of these people are made together, got {width}",
                scope=self,
            ) from None

    def _check(self, people: Sequence[Person], teams: Mapping[str, TeamDefaults]) -> None:
        seen: set[str] = set()
        for person in people:
            if person.team not in teams:
                known = ", ".join(sorted(teams)) or "none"
                raise InvalidInput(
                    "PersonTeam",
                    f"{person.user_name!r} is in team {person.team!r}, known teams: {known}",
                    scope=self,
                )
            if person.user_name in seen:
                raise InvalidInput(
                    "PersonTwice",
                    f"user_name {person.user_name!r} is there twice; a profile can be made once",
                    scope=self,
                )
            if teams[person.team].single_sign_on and person.sso_user_name is None:
                raise InvalidInput(
                    "PersonSingleSignOn",
                    f"{person.user_name!r} has no sso_user_name, so nobody could open the profile; give the user "
                    "name in IAM Identity Center",
                    scope=self,
                )
            self._check_policies(person, teams[person.team])
            self._check_idle(person, teams[person.team])
            seen.add(person.user_name)

    def _check_policies(self, person: Person, team: TeamDefaults) -> None:
        if not person.policies:
            return
        if isinstance(team.execution_role, str):
            raise InvalidInput(
                "PersonPolicies",
                f"{person.user_name!r} shares the role of team {team.team!r}, so policies of their own have no place; "
                "give the team roles per person",
                scope=self,
            )
        total = len(team.execution_role.get("ManagedPolicyArns", ())) + len(person.policies)
        if total > MAX_POLICIES:
            raise InvalidInput(
                "PersonPolicies",
                f"{person.user_name!r} would have {total} managed policies, a role holds {MAX_POLICIES}; put what the "
                "person needs into fewer",
                scope=self,
            )

    def _check_idle(self, person: Person, team: TeamDefaults) -> None:
        if person.idle_after_minutes is None or person.idle_after_minutes in team.apps_by_idle_minutes:
            return
        known = ", ".join(map(str, sorted(team.apps_by_idle_minutes))) or "none"
        raise InvalidInput(
            "PersonIdle",
            f"{person.user_name!r} has an idle limit of {person.idle_after_minutes} minutes, team {team.team!r} has "
            f"apps for {known}; add it to apps_by_idle_minutes, see StudioDomain.app_defaults.with_idle",
            scope=self,
        )


__all__ = ["MAX_RESOURCES", "StudioPeople", "TeamDefaults", "logical_id"]
