"""What stays when stacks are deleted, what is lost, and what changes against a baseline."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from studio_infra.review.replacement.changes import Level
from studio_infra.review.replacement.pairs import name_of
from studio_infra.review.replacement.stateful import stateful_types
from studio_infra.review.report.section import Section, Table
from studio_infra.review.report.text import few, shown, words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from studio_infra.review.assembly import Template
    from studio_infra.review.replacement.guard import Verdict
    from studio_infra.review.replacement.resolver import Address
    from studio_infra.review.replacement.resources import Resource

    Resources = Mapping[Address, Resource]

_NAMED: Final = 8
_KEPT: Final = frozenset({"Retain", "RetainExceptOnCreate"})


def survival(resources: Resources) -> Section:
    """What deleting the stacks leaves, and what it destroys."""
    alike: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    for address, one in resources.items():
        if one.type in stateful_types():
            name = name_of(one)
            label = name if isinstance(name, str) else address.logical_id
            alike[one.type, one.deletion_policy, one.update_replace_policy].append(words(label))
    rows = []
    for (kind, deletion, replacement), names in sorted(alike.items(), key=lambda item: item[0][1] in _KEPT):
        known = stateful_types()[kind]
        stays = deletion in _KEPT
        verdict = "stays" if stays else "is lost" if deletion == "Delete" else f"ends as {words(deletion)}"
        what = known.kept if stays else known.lost
        replaced = "stays" if replacement in _KEPT else "is lost"
        rows.append(((kind,), few(names, _NAMED), (verdict,), (what,), (replaced,)))
    lost = sum(row[2] != ("stays",) for row in rows)
    header = ("type", "resources", "when its stack is deleted", "which means", "the old one, when replaced")
    lines = (f"{lost} of {len(rows)} kinds of data are lost with their stacks.",) if rows else ()
    table = Table(caption="What survives deletion", header=header, rows=tuple(rows))
    return Section(
        name="survival", title="What survives, and what is lost", lines=lines, tables=(table,) if rows else ()
    )


def changes(
    old: Mapping[str, Template] | None, new: Mapping[str, Template], verdict: Verdict | None
) -> Section:
    """What changes against a baseline, with replacement in words."""
    if old is None or verdict is None:
        lines: tuple[str, ...] = ("No baseline was given: --baseline OLD says what changes.",)
        return Section(name="changes", title="What changes", lines=lines)
    rows = []
    for stack in sorted({*old, *new}):
        before, after = _resources(old.get(stack)), _resources(new.get(stack))
        added, gone = after.keys() - before.keys(), before.keys() - after.keys()
        changed = sum(before[one] != after[one] for one in before.keys() & after.keys())
        if added or gone or changed:
            rows.append(((words(stack),), (str(len(added)),), (str(changed),), (str(len(gone)),)))
    judged = [
        ((level.value,), (shown(line),))
        for level in (Level.BLOCKED, Level.WARNING, Level.SAFE)
        for line in verdict.lines(level)
    ]
    tables = []
    if judged:
        header = ("treated as", "what happens")
        tables.append(Table(caption="Resources that hold data", header=header, rows=tuple(judged)))
    if rows:
        header4 = ("stack", "added", "changed", "removed")
        tables.append(Table(caption="Resources by stack", header=header4, rows=tuple(rows)))
    blocked = len(verdict.blocked)
    lines = (
        f"{blocked} changes would lose data." if blocked else "Nothing that holds data is lost.",
        *(shown(warning) for warning in verdict.warnings),
    )
    return Section(name="changes", title="What changes", lines=lines, tables=tuple(tables))


def _resources(template: Template | None) -> Mapping[str, object]:
    found = (template or {}).get("Resources")
    return found if isinstance(found, dict) else {}
