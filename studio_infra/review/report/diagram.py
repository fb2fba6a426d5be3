"""The drawn picture: stacks with what is in them, who refers to whom, and which roles reach what."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

from markupsafe import Markup, escape

from studio_infra.review.replacement.effects import references
from studio_infra.review.report.access.matrix import principals
from studio_infra.review.report.text import listed, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from studio_infra.review.replacement.resolver import Address
    from studio_infra.review.replacement.resources import Resource

    Resources = Mapping[Address, Resource]

_WIDTH, _LINE, _GAP = 400, 18, 26
_KINDS: Final = 7
_PRINCIPALS: Final = 12
_LETTERS: Final = 40


def diagram(resources: Resources, stacks: Iterable[str], *, roles: bool = True) -> str:
    """The picture as SVG, in the colours of the page around it. It is narrow, so that it can be read on a telephone.

    Args:
        resources: Of all stacks.
        stacks: Their names, in the order in which they are drawn.
        roles: Whether which roles reach which services is drawn below.

    """
    parts: list[Markup] = []
    top = 4
    places: dict[str, int] = {}
    for stack in stacks:
        lines = _contents(resources, stack)
        height = _LINE * (len(lines) + 1) + 10
        places[stack] = top + height // 2
        parts.append(_box(top, height, [stack, *lines]))
        top += height + _GAP
    parts += _arrows(resources, places)
    label = f"{len(places)} stacks, what is in them, and the references between them"
    if roles:
        drawn, top = _reaches(resources, top)
        parts += drawn
        label = f"{len(places)} stacks, the references between them, and which roles reach which services"
    return str(
        Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">').format(_WIDTH, top, label)
        + Markup(
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        )
        + Markup('orient="auto-start-reverse"><path class="tip" d="M0 0L8 4L0 8z"/></marker></defs>')
        + Markup("").join(parts)
        + Markup("</svg>")
    )


def _contents(resources: Resources, stack: str) -> list[str]:
    counted = Counter(
        one.type.removeprefix("AWS::") for address, one in resources.items() if address.stack == stack
    )
    # What Studio is about comes first, then what there is most of.
    order = sorted(
        counted.items(), key=lambda item: (not item[0].startswith("SageMaker::"), -item[1], item[0])
    )
    named = [f"{count} {kind}" for kind, count in order[:_KINDS]]
    rest = len(counted) - len(named)
    return [*named, *([f"and {rest} other kinds"] if rest else [])]


def _box(top: int, height: int, lines: list[str]) -> Markup:
    texts = Markup("").join(
        Markup('<text x="14" y="{}"{}>{}</text>').format(
            top + 20 + number * _LINE, Markup(' class="head"') if number == 0 else "", _cut(line)
        )
        for number, line in enumerate(lines)
    )
    return (
        Markup('<rect class="box" x="4" y="{}" width="320" height="{}" rx="8"/>').format(top, height) + texts
    )


def _arrows(resources: Resources, places: Mapping[str, int]) -> list[Markup]:
    """A curve from each stack to the ones that it refers to, with the number of references."""
    counted: Counter[tuple[str, str]] = Counter()
    for address, one in resources.items():
        for _, reference in references(one.properties):
            if (
                reference.to.stack != address.stack
                and reference.to.stack in places
                and address.stack in places
            ):
                counted[address.stack, reference.to.stack] += 1
    found = []
    for number, ((source, target), count) in enumerate(sorted(counted.items())):
        start, end, out = places[source], places[target], 340 + 9 * (number % 4)
        found.append(
            Markup('<path class="arrow" d="M324 {} C{} {} {} {} 326 {}" marker-end="url(#tip)"/>').format(
                start, out + 24, start, out + 24, end, end
            )
            + Markup('<text x="{}" y="{}" class="small">{}</text>').format(
                out + 8, (start + end) // 2 + 12 * (number % 3), count
            )
        )
    return found


def _reaches(resources: Resources, top: int) -> tuple[list[Markup], int]:
    """Roles on the left, services on the right, a line for every service that a role may use."""
    groups = [group for group in principals(resources) if group.statements]
    services: defaultdict[str, None] = defaultdict()
    reached = []
    for group in groups[:_PRINCIPALS]:
        names = {
            action.partition(":")[0]
            for one in group.statements
            if one.get("Effect") == "Allow"
            for action in listed(one.get("Action", "*" if one.get("NotAction") is not None else None))
        }
        reached.append((group.name, names))
        services.update(dict.fromkeys(sorted(names)))
    if not reached:
        return [], top
    rows = {service: top + 46 + number * _LINE for number, service in enumerate(services)}
    found = [Markup('<text x="4" y="{}" class="head">Who reaches what</text>').format(top + 16)]
    for number, (name, names) in enumerate(reached):
        y = top + 46 + number * _LINE
        found += [
            Markup('<path class="line" d="M216 {} L300 {}"/>').format(y - 4, rows[service] - 4)
            for service in sorted(names)
        ]
        found.append(Markup('<text x="4" y="{}" class="small">{}</text>').format(y, _cut(name, 30)))
    found += [
        Markup('<text x="304" y="{}" class="small">{}</text>').format(y, _cut(service, 14))
        for service, y in rows.items()
    ]
    if len(groups) > _PRINCIPALS:
        found.append(
            Markup('<text x="4" y="{}" class="small">and {} more</text>').format(
                top + 46 + len(reached) * _LINE, len(groups) - _PRINCIPALS
            )
        )
    return found, top + 64 + _LINE * (max(len(rows), len(reached) + 1))


def _cut(text: str, letters: int = _LETTERS) -> Markup:
    seen = shown(text)
    return escape(seen if len(seen) <= letters else f"{seen[: letters - 1]}…")
