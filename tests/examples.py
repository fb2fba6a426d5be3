"""The apps in `examples/`: found, and built as the command in their docstring would build them."""

from __future__ import annotations

import ast
import functools
import json
import re
import runpy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest

import studio_infra
from studio_infra import StudioGuardrails

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted(
    str(file.relative_to(ROOT))
    for pattern in ("*.py", "*/app.py")
    for file in (ROOT / "examples").glob(pattern)
    if not file.name.startswith("_")
)
COMMAND = re.compile(r'^    (cdk deploy .*--app "python3 (examples/\S+)".*)$', re.MULTILINE)


def name_of(source: str) -> str:
    """`examples/minimal.py` and `examples/many_teams/app.py` as `minimal` and `many_teams`."""
    file = Path(source)
    return file.parent.name if file.stem == "app" else file.stem


def docstring(source: str) -> str:
    """What an example says of itself."""
    return ast.get_docstring(ast.parse((ROOT / source).read_text("utf-8")), clean=False) or ""


def command(source: str) -> str:
    """How an example says that it is deployed."""
    (found,) = COMMAND.finditer(docstring(source))
    assert found[2] == source
    return found[1]


def given(source: str) -> dict[str, str]:
    """The context that this command gives."""
    pairs = re.findall(r"--context (\S+?)=(\S+)", command(source))
    return dict(pairs)


def recommended() -> dict[str, Any]:
    """The context of `cdk.json`, which the CDK CLI reads before anything else."""
    context: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text("utf-8"))["context"]
    return context


def build(source: str, *, context: Mapping[str, Any], out: Path | None = None) -> cdk.App:
    """The app of an example before its synthesis, with its own context beside `context`."""
    app = _app({**given(source), **context}, out)
    _run(source, app)
    return app


def build_together(*, context: Mapping[str, Any], out: Path | None = None) -> cdk.App:
    """All examples as stages of one app: what judges an app by hundreds of rules reads them once."""
    app = _app(context, out)
    for source in EXAMPLES:
        stage = cdk.Stage(app, name_of(source).replace("_", "-"))
        for key, value in given(source).items():
            stage.node.set_context(key, value)
        _run(source, stage)
    return app


def _app(context: Mapping[str, Any], out: Path | None) -> cdk.App:
    return cdk.App(context=context, analytics_reporting=False, outdir=None if out is None else str(out))


def _run(source: str, app: cdk.Stage) -> None:
    """Let an example build into `app` when it makes its own, and keep it from the synthesis."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cdk, "App", lambda: app)
        patch.setattr(type(app), "synth", lambda *_, **__: None)
        # It reads all of its rules when it is made: once is enough for the tests.
        patch.setattr(studio_infra, "StudioGuardrails", _guardrails)
        runpy.run_path(str(ROOT / source), run_name="__main__")


@functools.cache
def _guardrails() -> StudioGuardrails:
    return StudioGuardrails()
