"""What is judged: every settings file that ships, and every example there is."""

from __future__ import annotations

import json
import runpy
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk

from studio_infra.settings import load_settings
from studio_infra.stacks import add_stacks

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
SETTINGS = sorted(str(file.relative_to(ROOT)) for file in (ROOT / "settings").glob("*.toml"))
EXAMPLES = sorted(
    str(file.relative_to(ROOT))
    for pattern in ("*.py", "*/app.py")
    for file in (ROOT / "examples").glob(pattern)
    if not file.name.startswith("_")
)
EVERYTHING = [*SETTINGS, *EXAMPLES]
#: What `cdk.json` says, less what makes a finding an error: here it is looked at, not thrown. And the consent without
#: which the sandbox is warned about.
CONTEXT: dict[str, Any] = {
    key: value
    for key, value in json.loads((ROOT / "cdk.json").read_text("utf-8"))["context"].items()
    if key not in ("@aws-cdk/core:validateAgainstDefaultRules", "@aws-cdk/core:strictCfnValidateErrors")
} | {"@studio-infra/allow-destroy": True}


@dataclass(frozen=True)
class Acknowledged:
    """A finding that stands on purpose: where, which rule of which pack, and why."""

    path: str
    rule: str
    reason: str


def build(source: str, out: Path | None = None) -> cdk.App:
    """The app of a settings file, or of an example, before its synthesis."""
    where = None if out is None else str(out)
    if source in SETTINGS:
        app = cdk.App(context=CONTEXT, analytics_reporting=False, outdir=where)
        add_stacks(app, load_settings(ROOT / source))
        return app
    with _held_back(where) as made:
        runpy.run_path(str(ROOT / source), run_name="__main__")
    (app,) = made
    return app


@contextmanager
def _held_back(out: str | None) -> Iterator[list[cdk.App]]:
    """Let an example make its app as under the CDK CLI, and keep the app from its synthesis."""
    made: list[cdk.App] = []
    init, synth = cdk.App.__init__, cdk.App.synth

    def begin(app: cdk.App, **given: Any) -> None:
        context = CONTEXT | dict(given.pop("context", None) or {})
        init(app, **given | {"analytics_reporting": False, "outdir": out, "context": context})
        made.append(app)

    cdk.App.__init__, cdk.App.synth = begin, lambda *_, **__: None  # type: ignore[method-assign, assignment]
    try:
        yield made
    finally:
        cdk.App.__init__, cdk.App.synth = init, synth  # type: ignore[method-assign]


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
