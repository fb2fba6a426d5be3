"""Who may do what, on what, and when: every role with every statement, those that are alike told once."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from studio_infra.review.replacement.resolver import Address, Reference
from studio_infra.review.report.access.resource_policies import openings
from studio_infra.review.report.access.statements import conditions_of, or_all_but, statements_of, who
from studio_infra.review.report.section import Section, Table
from studio_infra.review.report.text import as_list, few, listed, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from studio_infra.review.replacement.resources import Resource
    from studio_infra.review.report.section import Cell

    Resources = Mapping[Address, Resource]

_POLICIES: Final = frozenset({"AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::RolePolicy"})
#: More names in one line help nobody.
_NAMED: Final = 12


class Principals(NamedTuple):
    """Roles that may do the same.

    Args:
        roles: Where they stand.
        trusted: Who may assume them.
        statements: What they may do.
        foreign: Managed policies that the assembly does not hold.

    """

    roles: tuple[Address, ...]
    trusted: Cell
    statements: tuple[Any, ...]
    foreign: Cell

    @property
    def name(self) -> str:
        """One name for all."""
        first = words(self.roles[0].logical_id)
        return first if len(self.roles) == 1 else f"{len(self.roles)} roles like {first}"


def principals(resources: Resources) -> list[Principals]:
    """Every role of the assembly, those with the same trust and the same policies as one."""
    attached = _attached(resources)
    alike: defaultdict[str, list[Address]] = defaultdict(list)
    found: dict[str, Principals] = {}
    for address, role in resources.items():
        if role.type != "AWS::IAM::Role":
            continue
        statements, foreign = _statements(address, role, resources, attached)
        trusted = _trusted(role.properties.get("AssumeRolePolicyDocument"))
        key = words({"a": trusted, "b": foreign}) + repr(statements)
        alike[key].append(address)
        found[key] = Principals((), trusted, tuple(statements), foreign)
    return [one._replace(roles=tuple(alike[key])) for key, one in found.items()]


def access(resources: Resources) -> Section:
    """The access matrix."""
    groups = principals(resources)
    overview = tuple(
        (
            (group.name,),
            _names(group.roles),
            group.trusted,
            (str(len(group.statements)),),
            _wide(group.statements) or ("nothing",),
            group.foreign or ("none",),
        )
        for group in groups
    )
    header = (
        *("principal", "roles", "assumed by", "statements", "allowed on every resource"),
        "policies from elsewhere",
    )
    tables = [Table(caption="Principals", header=header, rows=overview)] if groups else []
    tables += [
        Table(
            caption=f"What {group.name} may do",
            header=("effect", "actions", "resources", "conditions"),
            rows=tuple(_rows(group.statements)),
            folded=True,
        )
        for group in groups
        if group.statements
    ]
    lines, opened = openings(resources)
    lines = lines if groups else ("The assembly has no role.", *lines)
    tables += opened
    return Section(name="access", title="Who may do what", lines=lines, tables=tuple(tables))


def _attached(resources: Resources) -> dict[Address, list[Address]]:
    """Role → policies that name it, rather than it them."""
    found: defaultdict[Address, list[Address]] = defaultdict(list)
    for address, policy in resources.items():
        if policy.type in _POLICIES:
            named = policy.properties.get("Roles") or [policy.properties.get("RoleName")]
            for role in as_list(named):
                if isinstance(role, Reference):
                    found[role.to].append(address)
    return found


def _statements(
    address: Address, role: Resource, resources: Resources, attached: Mapping[Address, list[Address]]
) -> tuple[list[Any], Cell]:
    found: list[Any] = []
    foreign = []
    for inline in as_list(role.properties.get("Policies")):
        found += statements_of(inline.get("PolicyDocument") if isinstance(inline, dict) else None)
    known = [*attached.get(address, ())]
    for managed in as_list(role.properties.get("ManagedPolicyArns")):
        if isinstance(managed, Reference) and managed.to in resources:
            known.append(managed.to)
        else:
            foreign.append(words(managed))
    for policy in dict.fromkeys(known):
        found += statements_of(resources[policy].properties.get("PolicyDocument"))
    return found, tuple(foreign)


def _trusted(document: Any) -> Cell:
    return tuple(dict.fromkeys(name for one in statements_of(document) for name in who(one)))


def _rows(statements: Iterable[Any]) -> Iterator[tuple[Cell, ...]]:
    """Statements that differ in their actions only are one row."""
    alike: dict[tuple[Cell, ...], dict[str, None]] = {}
    for one in statements:
        key = (
            (words(one.get("Effect", "Allow")),),
            or_all_but(one, "Resource"),
            tuple(conditions_of(one.get("Condition"))),
        )
        alike.setdefault(key, {}).update(dict.fromkeys(or_all_but(one, "Action")))
    for (effect, on, conditions), names in alike.items():
        yield effect, tuple(sorted(names)), on, conditions or ("none",)


def _wide(statements: Iterable[Any]) -> Cell:
    """Actions that are allowed on `*`, or on all but some resources, and without a condition."""
    return tuple(
        sorted(
            {
                action
                for one in statements
                if one.get("Effect") == "Allow"
                and not one.get("Condition")
                and ("*" in listed(one.get("Resource")) or one.get("NotResource") is not None)
                for action in or_all_but(one, "Action")
            }
        )
    )


def _names(roles: tuple[Address, ...]) -> Cell:
    return few([words(role.logical_id) for role in roles], _NAMED)
