"""Which stack holds whom: everybody keeps their place, and only people without one are given one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from studio_infra.settings.facts.limits import PEOPLE_RESOURCES
from studio_infra.settings.fields.partial import problems_of
from studio_infra.settings.findings import Problem
from studio_infra.settings.roster.person import STACK_MAX, Person
from studio_infra.settings.roster.waves import too_narrow_waves

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from studio_infra.settings.roster.collisions import RosterRow
    from studio_infra.settings.sections.access import AccessSettings
    from studio_infra.settings.sections.files import FilesSettings
    from studio_infra.settings.sections.people import PeopleSettings

#: The stack of a person whose `stack` cell is empty.
FIRST: Final = 1
#: Profile and git identity; what else a person is depends on the settings.
_ALWAYS: Final = 2
#: A security group, and the two rules that let its members talk to each other.
_GROUP: Final = 3
#: A person without anything of their own.
_ANYBODY: Final = Person(user_name="anybody", team="any", full_name="Anybody", email="anybody@example.com")


class Sections(Protocol):
    """The sections of the settings that say what a person is made of; those of a draft may lack fields."""

    @property
    def access(self) -> AccessSettings:
        """Whose the roles are."""

    @property
    def people(self) -> PeopleSettings:
        """What everybody gets."""

    @property
    def files(self) -> Mapping[str, FilesSettings]:
        """Where people have directories."""


class Draft(Sections, Protocol):
    """Sections and a roster."""

    @property
    def roster(self) -> Sequence[RosterRow]:
        """The rows."""


class NoSeat(ValueError):  # noqa: N818 - named for what happened
    """People cannot be given a stack: one line that says why, and what to do."""


def resources_of(person: Person, settings: Sections) -> int:
    """How many resources a person is, on any day."""
    everybody = settings.people.private_spaces
    space = everybody if person.private_space is None else person.private_space
    # Of those who share their team's role, only leavers get one of their own: one that may do nothing.
    shared = settings.access.role_sharing == "per_team"
    role = not shared or person.expires is not None or person.status == "suspended"
    group = _GROUP if settings.access.security_group_per_person else 0
    # A directory that is one person's alone has an access point.
    directories = sum(one.has_own_directories and one.is_for(person.team) for one in settings.files.values())
    return _ALWAYS + space + role + group + directories


def used(roster: Sequence[RosterRow], settings: Sections) -> Counter[int]:
    """How many resources each stack holds, by its number."""
    total = Counter[int]()
    for row in roster:
        if row.person is not None:
            total[row.person.stack] += resources_of(row.person, settings)
    return total


def over_full_stacks(draft: Draft) -> Iterator[Problem]:
    """Every stack with more people than it holds, at the first person too many; and waves that are too narrow."""
    yield from problems_of((_over_full(draft), _too_narrow(draft)))


def _over_full(draft: Draft) -> Iterator[Problem]:
    total, held = used(draft.roster, draft), Counter[int]()
    for place, row in enumerate(draft.roster):
        if row.person is None or held[row.person.stack] > PEOPLE_RESOURCES:
            continue
        stack = row.person.stack
        held[stack] += resources_of(row.person, draft)
        if held[stack] > PEOPLE_RESOURCES:
            yield Problem(
                ("roster", place, "stack"),
                f"the people of stack {stack} are {total[stack]} resources, it holds {PEOPLE_RESOURCES}",
                "run 'studio-infra roster assign SETTINGS', which gives those with an empty cell the next stack",
            )


def _too_narrow(draft: Draft) -> Iterator[Problem]:
    # Of a stack with too many people, some will be elsewhere.
    total = used(draft.roster, draft)
    names: dict[int, list[str]] = {stack: [] for stack in total if total[stack] <= PEOPLE_RESOURCES}
    for row in draft.roster:
        if row.person is not None and row.person.stack in names:
            names[row.person.stack].append(row.person.user_name)
    yield from too_narrow_waves(names, draft.people.wave_width)


def assign(
    roster: Sequence[RosterRow], settings: Sections, *, deployed: Collection[str] = ()
) -> Mapping[int, int]:
    """A stack for everybody whose `stack` cell is empty, by place in the roster.

    Nobody moves: who has a number keeps it, and who was deployed without one lives in the first stack. The others
    fill the stacks from the first on, in the order of the roster.

    Args:
        roster: Rows without mistakes.
        settings: What people are made of.
        deployed: User names of those who were deployed before.

    Raises:
        NoSeat: A stack is over-full by people who must not move, or all stacks are full.

    """
    waiting = {row: one.person for row, one in enumerate(roster) if one.person and not one.cells.get("stack")}
    given = {row: FIRST for row, person in waiting.items() if person.user_name in deployed}
    total = used([one for row, one in enumerate(roster) if row in given or row not in waiting], settings)
    for stack, resources in sorted(total.items()):
        if resources > PEOPLE_RESOURCES:
            raise NoSeat(
                f"stack {stack} holds {PEOPLE_RESOURCES} resources, those who live in it are {resources}, and nobody "
                "is moved: that would lose their homes; empty the stack cell of those who were never deployed"
            )
    stack = FIRST
    for row, person in waiting.items():
        if row in given:
            continue
        size = resources_of(person, settings)
        while total[stack] + size > PEOPLE_RESOURCES:
            stack += 1
        if stack > STACK_MAX:
            raise NoSeat(f"all {STACK_MAX} stacks are full; give these people a domain of their own")
        total[stack] += size
        given[row] = stack
    return dict(sorted(given.items()))


@dataclass(frozen=True)
class Stack:
    """How full a stack is.

    Args:
        stack: Its number.
        people: How many it holds.
        resources: How many resources they are.
        free: How many people still fit.

    """

    stack: int
    people: int
    resources: int
    free: int


def free_places(roster: Sequence[RosterRow], settings: Sections) -> list[Stack]:
    """Each stack of the roster, by number."""
    people = Counter(row.person.stack for row in roster if row.person is not None)
    total = used(roster, settings)
    size = resources_of(_ANYBODY, settings)
    return [
        Stack(stack, people[stack], total[stack], max(0, PEOPLE_RESOURCES - total[stack]) // size)
        for stack in sorted(people)
    ]
