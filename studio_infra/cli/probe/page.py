"""`docs/reference/probe.md`: every fact that could not be proven without AWS, from the facts themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from studio_infra.cli.probe.account import facts as of_accounts
from studio_infra.cli.probe.space import facts as of_spaces

if TYPE_CHECKING:
    from collections.abc import Iterable

    from studio_infra.cli.probe.record import Fact

_INTRODUCTION: Final = """\
<!-- Made by `make docs` from the facts in studio_infra/cli/probe. -->

# What could not be proven without AWS

`studio-infra probe` checks each of these where it can be seen:
[the first hour in a real account](../how-to/first-hour.md) says how.
What is refuted asks for the change in the last column.
"""
_HEAD: Final = "| fact | relied on by | checked by | if it is refuted |\n|---|---|---|---|\n"


def probe_page() -> str:
    """The page in Markdown."""
    return "".join(
        (
            _INTRODUCTION,
            "\n## In an account\n\n",
            _table(of_accounts.FACTS),
            "\n## In a space\n\n",
            _table(of_spaces.FACTS),
        )
    )


def _table(facts: Iterable[Fact]) -> str:
    return _HEAD + "".join(
        f"| `{fact.id}`: {fact.sentence} | {fact.relied_on} "
        f"| {fact.checked_by}{'; only with `--apply`' if fact.writes else ''} | {fact.change} |\n"
        for fact in facts
    )
