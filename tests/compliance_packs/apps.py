"""What is judged: every settings file that ships, and every example there is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk

from studio_infra.settings import load_settings
from studio_infra.stacks import add_stacks
from tests import examples
from tests.examples import EXAMPLES, ROOT

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = sorted(str(file.relative_to(ROOT)) for file in (ROOT / "settings").glob("*.toml"))
EVERYTHING = [*SETTINGS, *EXAMPLES]
#: The same, with all examples as one app: for judges that take seconds to read their rules.
TOGETHER = [*SETTINGS, "examples"]
#: What `cdk.json` says, less what makes a finding an error: here it is looked at, not thrown. And the consent without
#: which the sandbox is warned about.
CONTEXT: dict[str, Any] = {
    key: value
    for key, value in examples.recommended().items()
    if key not in ("@aws-cdk/core:validateAgainstDefaultRules", "@aws-cdk/core:strictCfnValidateErrors")
} | {"@studio-infra/allow-destroy": True}


@dataclass(frozen=True)
class Acknowledged:
    """A finding that stands on purpose: where, which rule of which pack, and why."""

    path: str
    rule: str
    reason: str


def build(source: str, out: Path | None = None) -> cdk.App:
    """The app of a settings file, of an example or of all examples, before its synthesis."""
    if source == "examples":
        return examples.build_together(context=CONTEXT, out=out)
    if source in EXAMPLES:
        return examples.build(source, context=CONTEXT, out=out)
    app = cdk.App(context=CONTEXT, analytics_reporting=False, outdir=None if out is None else str(out))
    add_stacks(app, load_settings(ROOT / source))
    return app


def stacks(app: cdk.App) -> list[cdk.Stack]:
    """Every stack of an app, also those in stages."""
    return [construct for construct in app.node.find_all() if isinstance(construct, cdk.Stack)]


def acknowledgements(app: cdk.App) -> list[Acknowledged]:
    """Everything that constructs of the app have acknowledged, less that of our own guardrails: they have tests."""
    return [
        Acknowledged(construct.node.path, name.partition("::")[2], reason)
        for construct in app.node.find_all()
        for entry in construct.node.metadata
        if entry.type == "aws:cdk:acknowledged-rules"
        for name, reason in entry.data.items()
        if not name.partition("::")[2].startswith("STUDIO_")
    ]
