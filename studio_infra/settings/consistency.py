"""What has to fit together between the sections of the settings and the roster.

The checks look at a draft, in which a field that is wrong by itself counts as not there. So a mistake in one
field does not hide the contradictions between the others, and one run finds everything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from studio_infra.settings.collisions import RosterRow, collisions
from studio_infra.settings.findings import Path, Problem, did_you_mean, show
from studio_infra.settings.idle import OWN_LIMITS_MAX, DomainLimit
from studio_infra.settings.images import images_that_do_not_fit
from studio_infra.settings.instance_types import Purpose, known
from studio_infra.settings.limits import is_team_name
from studio_infra.settings.network import network_contradictions
from studio_infra.settings.regions import types_the_region_lacks
from studio_infra.settings.roster_import.section import IdentityProvider
from studio_infra.settings.shared_spaces import shared_space_contradictions
from studio_infra.settings.sweeper import sweeper_contradictions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from studio_infra.settings.base import Section
    from studio_infra.settings.studio_settings import StudioSettings

T = TypeVar("T")


@dataclass(frozen=True)
class Draft:
    """Sections of the settings; each may lack the fields that are wrong by themselves."""

    aws: Section | None = None
    domain: Section | None = None
    network: Section | None = None
    access: Section | None = None
    git: Section | None = None
    idle_shutdown: Section | None = None
    operations: Section | None = None
    teams: Mapping[str, Section] = field(default_factory=dict)
    people: Section | None = None
    images: Mapping[str, Section] = field(default_factory=dict)
    training: Mapping[str, Section] = field(default_factory=dict)
    endpoints: Mapping[str, Section] = field(default_factory=dict)
    tracking: Mapping[str, Section] = field(default_factory=dict)
    roster: Sequence[RosterRow] = ()
    #: Whether the roster has more people, on lines that could not be read.
    roster_goes_on: bool = False

    @classmethod
    def of(cls, settings: StudioSettings) -> Draft:
        """A draft of settings whose sections are all right."""
        rows = [
            RosterRow({name: str(value) for name, value in dict(person).items() if value is not None}, person)
            for person in settings.roster
        ]
        return cls(
            aws=settings.aws,
            domain=settings.domain,
            network=settings.network,
            access=settings.access,
            git=settings.git,
            idle_shutdown=settings.idle_shutdown,
            operations=settings.operations,
            teams=settings.teams,
            people=settings.people,
            images=settings.images,
            training=settings.training,
            endpoints=settings.endpoints,
            tracking=settings.tracking,
            roster=rows,
        )


def contradictions(draft: Draft) -> Iterator[Problem]:
    """Everything that does not fit together."""
    yield from _unknown_teams(draft)
    yield from _defaults_outside_allow_lists(draft)
    yield from _limits_no_engine_can_keep(draft)
    yield from _too_many_limits(draft)
    yield from _names_that_become_the_same(draft)
    yield from _owners_not_in_the_roster(draft)
    yield from _people_without_sso_name(draft)
    yield from _nobody_let_in(draft)
    yield from _groups_that_keep_nothing_apart(draft)
    yield from _unknown_instance_types(draft)
    yield from _types_outside_the_team(draft)
    yield from _policies_of_a_shared_role(draft)
    yield from network_contradictions(draft)
    yield from images_that_do_not_fit(draft)
    yield from types_the_region_lacks(draft)
    yield from _actions_that_reach_nobody(draft)
    yield from _alarms_that_hear_nothing(draft)
    yield from shared_space_contradictions(draft)
    yield from sweeper_contradictions(draft)
    yield from collisions(draft.roster)


def _get(section: Section | None, name: str, kind: type[T]) -> T | None:
    """A field that is there and right."""
    value = getattr(section, name, None)
    return value if isinstance(value, kind) else None


def _unknown_teams(draft: Draft) -> Iterator[Problem]:
    places: list[tuple[Path, str | None]] = [
        *((("training", name, "team"), _get(job, "team", str)) for name, job in draft.training.items()),
        *((("endpoints", name, "team"), _get(end, "team", str)) for name, end in draft.endpoints.items()),
        *((("tracking", name, "team"), _get(one, "team", str)) for name, one in draft.tracking.items()),
        *((("roster", row, "team"), person.cells.get("team")) for row, person in enumerate(draft.roster)),
        *_teams_of_an_export(_get(draft.people, "identity_provider", IdentityProvider)),
    ]
    known_teams = ", ".join(draft.teams)
    for path, team in places:
        if draft.teams and team is not None and is_team_name(team) and team not in draft.teams:
            yield Problem(
                path, "no such team", f"use one of {known_teams}{did_you_mean(team, draft.teams)}", team
            )


def _teams_of_an_export(provider: IdentityProvider | None) -> Iterator[tuple[Path, str | None]]:
    """Where an export's groups lead."""
    if provider is not None:
        yield ("people", "identity_provider", "default_team"), provider.default_team
        for group, team in provider.teams.items():
            yield ("people", "identity_provider", "teams", group), team


def _defaults_outside_allow_lists(draft: Draft) -> Iterator[Problem]:
    default = _get(draft.domain, "default_instance_type", str)
    for name, team in draft.teams.items():
        types = _get(team, "instance_types", tuple)
        if (
            "default_instance_type" in team.model_fields_set
            or default is None
            or types is None
            or default in types
        ):
            continue
        yield Problem(
            ("teams", name, "instance_types"),
            f"the domain's default_instance_type {show(default)} is not among them",
            "add it, or give the team a default_instance_type of its own",
        )


def construct_id(name: str) -> str:
    """What a team or workload is called in templates: `data-science` as `DataScience`."""
    return "".join(part.capitalize() for part in name.split("-"))


def _names_that_become_the_same(draft: Draft) -> Iterator[Problem]:
    for section, names in (
        ("teams", draft.teams),
        ("images", draft.images),
        ("training", draft.training),
        ("endpoints", draft.endpoints),
        ("tracking", draft.tracking),
    ):
        first: dict[str, str] = {}
        for name in names:
            other = first.setdefault(construct_id(name), name)
            if other != name:
                text = f'becomes {construct_id(name)} in templates, as "{other}" does'
                yield Problem(
                    (section, name), text, "give one of them a name that differs in more than hyphens"
                )


def _limits_no_engine_can_keep(draft: Draft) -> Iterator[Problem]:
    idle, field_name = draft.idle_shutdown, "idle_after_minutes"
    domain = DomainLimit(
        engine=_get(idle, "engine", str),
        after=_get(idle, "after_minutes", int),
        allowed_range=_get(idle, "allowed_range_minutes", tuple),
    )
    places: list[tuple[Path, int | None]] = [
        *((("teams", name, field_name), _get(team, field_name, int)) for name, team in draft.teams.items()),
        *(
            (("roster", row, field_name), _get(one.person, field_name, int))
            for row, one in enumerate(draft.roster)
        ),
    ]
    for path, minutes in places:
        if minutes is not None:
            yield from domain.problems(path, minutes)


def _too_many_limits(draft: Draft) -> Iterator[Problem]:
    limits: set[int] = set()
    for row, one in enumerate(draft.roster):
        minutes = _get(one.person, "idle_after_minutes", int)
        if minutes is None or minutes in limits:
            continue
        if len(limits) == OWN_LIMITS_MAX:
            allowed = f"use one of {', '.join(map(str, sorted(limits)))}"
            yield Problem(
                ("roster", row, "idle_after_minutes"),
                f"the roster has {OWN_LIMITS_MAX} other limits already, and each is a script of its own",
                allowed,
                minutes,
            )
            return
        limits.add(minutes)


def _owners_not_in_the_roster(draft: Draft) -> Iterator[Problem]:
    if draft.roster_goes_on:
        return
    names = {row.cells.get("user_name", "") for row in draft.roster}
    for section, workloads in (("endpoints", draft.endpoints), ("tracking", draft.tracking)):
        for name, one in workloads.items():
            owner = _get(one, "owner", str)
            if owner is not None and owner not in names:
                allowed = f"use the user_name of a person in it{did_you_mean(owner, names)}"
                yield Problem((section, name, "owner"), "not in the roster", allowed, owner)


def _people_without_sso_name(draft: Draft) -> Iterator[Problem]:
    if _get(draft.domain, "auth_mode", str) != "SSO":
        return
    for row, person in enumerate(draft.roster):
        if not person.cells.get("sso_user_name"):
            allowed = "give the person's user name in IAM Identity Center"
            yield Problem(("roster", row, "sso_user_name"), 'missing, although auth_mode is "SSO"', allowed)


def _nobody_let_in(draft: Draft) -> Iterator[Problem]:
    """Profiles alone are not enough: Studio denies whoever is not assigned to the domain's application."""
    mode = _get(draft.domain, "auth_mode", str)
    groups, users = (_get(draft.access, name, tuple) for name in ("sso_groups", "sso_users"))
    if mode == "SSO" and groups == users == ():
        allowed = "name groups in access.sso_groups, or users in access.sso_users"
        yield Problem(("domain", "auth_mode"), "lets nobody in by itself", allowed, mode)
    for name, ids in (("sso_groups", groups), ("sso_users", users)):
        if mode == "IAM" and ids:
            allowed = 'leave it out, or let auth_mode be "SSO"'
            yield Problem(("access", name), "is for people of IAM Identity Center", allowed, ids)


def _groups_that_keep_nothing_apart(draft: Draft) -> Iterator[Problem]:
    own, network = _get(draft.access, "security_group_per_person", bool), _get(draft.domain, "network", str)
    if own and network == "PublicInternetOnly":
        yield Problem(
            ("access", "security_group_per_person"),
            "keeps nothing apart, as apps are in a network of SageMaker's own",
            'leave it out, or let domain.network be "VpcOnly"',
            own,
        )


def _types_outside_the_team(draft: Draft) -> Iterator[Problem]:
    for row, one in enumerate(draft.roster):
        if one.person is None or one.person.instance_type is None:
            continue
        own, types = one.person.instance_type, _get(draft.teams.get(one.person.team), "instance_types", tuple)
        if types is not None and own not in types:
            allowed = f"use one of {', '.join(types)}, or add it to teams.{one.person.team}.instance_types"
            yield Problem(("roster", row, "instance_type"), "not among the team's", allowed, own)


def _policies_of_a_shared_role(draft: Draft) -> Iterator[Problem]:
    if _get(draft.access, "role_sharing", str) != "per_team":
        return
    for row, one in enumerate(draft.roster):
        if one.person is not None and one.person.policies:
            allowed = 'leave it empty, or let access.role_sharing be "per_person"'
            yield Problem(("roster", row, "policies"), "the person shares the role of the team", allowed)


def _actions_that_reach_nobody(draft: Draft) -> Iterator[Problem]:
    """AWS Budgets puts its policy on roles that are named one by one, at most 100, and only once."""
    if _get(draft.access, "role_sharing", str) != "per_person":
        return
    for name, team in draft.teams.items():
        action = _get(team, "budget_action", str)
        if action is not None:
            yield Problem(
                ("teams", name, "budget_action"),
                "cannot reach people with a role each, who come and go",
                'leave it out, or let access.role_sharing be "per_team"',
                action,
            )


def _alarms_that_hear_nothing(draft: Draft) -> Iterator[Problem]:
    alarms = getattr(draft.operations, "alarms", None)
    if alarms is None or getattr(draft.operations, "studio_log_group", None) is not None:
        return
    if "lifecycle_failures" in alarms.model_fields_set:
        yield Problem(
            ("operations", "alarms", "lifecycle_failures"),
            "nobody reads what the scripts log",
            'leave it out, or give operations.studio_log_group = "make" or "use"',
            alarms.lifecycle_failures,
        )


def _unknown_instance_types(draft: Draft) -> Iterator[Problem]:
    new = _get(draft.aws, "new_instance_types", tuple) or ()
    for path, purpose, value in _instance_types(draft):
        if value is not None and value not in new and value not in known(purpose):
            allowed = f"correct it, or add it to aws.new_instance_types{did_you_mean(value, known(purpose))}"
            yield Problem(path, f"no instance type for {purpose} that this release knows", allowed, value)


def _instance_types(draft: Draft) -> Iterator[tuple[Path, Purpose, str | None]]:
    """Every instance type with its place and purpose."""
    yield ("domain", "default_instance_type"), "apps", _get(draft.domain, "default_instance_type", str)
    for name, team in draft.teams.items():
        for place, value in enumerate(_get(team, "instance_types", tuple) or ()):
            yield ("teams", name, "instance_types", place), "apps", value
    for name, job in draft.training.items():
        yield ("training", name, "instance_type"), "training", _get(job, "instance_type", str)
    for name, endpoint in draft.endpoints.items():
        yield ("endpoints", name, "instance_type"), "endpoints", _get(endpoint, "instance_type", str)
