"""`docs/reference/guardrails.md`: every rule, from the rules themselves."""

from __future__ import annotations

from typing import Final

from studio_infra.guardrails.rules import rules

_INTRODUCTION: Final = """\
<!-- Made by `make docs` from the files in studio_infra/guardrails. -->

# Guardrails

What a good Studio template looks like. [How to use them](../how-to/guardrails.md), with CDK and without. A value that
only the deployment knows (`Ref`, `Fn::GetAtt`, `Fn::If`) is no finding. Ids are for ever.

| rule | asks for | because |
|---|---|---|
"""


def guardrails_page() -> str:
    """The page in Markdown."""
    rows = (f"| `{rule.id}` | {_cell(rule.what)} | {_cell(rule.why)} |\n" for rule in rules())
    return _INTRODUCTION + "".join(rows)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
