"""The catalogue of facts: what each of them names is there, and what says that it reads does."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import botocore.session
import pytest
from pydantic import BaseModel

from studio_infra.cli.probe import account as room
from studio_infra.cli.probe.account import facts as of_accounts
from studio_infra.cli.probe.space import facts as of_spaces
from studio_infra.cli.probe.space.script import PARTS, space_script
from studio_infra.settings.studio_settings import SettingsFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio_infra.cli.probe.record import Fact

ROOT = Path(__file__).parents[3]
FACTS = [*of_accounts.FACTS, *of_spaces.FACTS]
SETTING = re.compile(r"`\[(?P<section>[\w.]+)\](?: (?P<key>\w+))?")
FILE = re.compile(r"`((?:\w+/)+[\w./-]*\w)`")
WRITES = re.compile(r"(?:create|update|delete|put|start|stop|add|remove|tag|untag)_")

every_fact = pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.id)


def section(path: str) -> type[BaseModel]:
    """The model behind `[teams.NAME]`: a name in capitals is one of people's own."""
    model: Any = SettingsFile
    for word in path.split("."):
        if word != word.upper():
            model = _models(model.model_fields[word].annotation)[-1]
    assert issubclass(model, BaseModel), path
    return model  # type: ignore[no-any-return]


def _models(annotation: Any) -> list[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models(part)]


@every_fact
def test_the_settings_and_files_that_a_fact_names_are_there(fact: Fact) -> None:
    text = f"{fact.relied_on} {fact.change}"
    for found in SETTING.finditer(text):
        model = section(found["section"])
        assert found["key"] is None or found["key"] in model.model_fields, f"{found[0]} is no setting"
    for name in FILE.findall(text):
        assert any((base / name).exists() for base in (ROOT, ROOT / "studio_infra")), f"{name} is not there"


@every_fact
def test_a_fact_is_a_sentence_and_says_what_to_change(fact: Fact) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", fact.id)
    assert fact.sentence[0].isupper() or fact.sentence[0] == "`"
    assert fact.sentence.endswith(".")
    assert fact.change.endswith(".")


def test_ids_are_unique_in_each_place() -> None:
    for facts in (of_accounts.FACTS, of_spaces.FACTS):
        assert len({fact.id for fact in facts}) == len(facts)


def calls(folder: Path) -> Iterator[tuple[str, str]]:
    """Service and operation of each call that the questions make."""
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                words = [arg.value for arg in node.args[:2] if isinstance(arg, ast.Constant)]
                if node.func.attr in ("read", "pages") and len(words) == 2:
                    yield str(words[0]), str(words[1])


def test_without_apply_only_calls_are_made_that_read_and_that_aws_has() -> None:
    session = botocore.session.get_session()
    asked = set(calls(Path(str(room.__file__)).parent / "questions"))
    assert len(asked) > 20
    for service, operation in asked:
        names = {
            re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
            for name in session.get_service_model(service).operation_names
        }
        assert operation in names, f"{service} has no {operation}"
        assert not WRITES.match(operation), operation


# -- the script ------------------------------------------------------------------------------------


def test_the_script_needs_nothing_but_python_and_no_part_hides_a_name_of_another(tmp_path: Path) -> None:
    text = space_script()
    assert "studio_infra." not in re.sub(r'"[^"\n]*"|`[^`]*`', "", text)
    names: list[str] = []
    for node in ast.parse(text).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.append(node.name)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names += [target.id for target in targets if isinstance(target, ast.Name)]
    assert len(names) == len(set(names)), sorted(name for name in names if names.count(name) > 1)
    file = tmp_path / "probe.py"
    file.write_text(text, encoding="utf-8")
    asked = subprocess.run(
        [sys.executable, "-I", "-S", file, "--help"],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin"},
    )
    assert asked.returncode == 0, asked.stderr
    assert "--apply" in asked.stdout


def test_the_script_is_the_parts_as_they_are() -> None:
    text = space_script()
    for part in PARTS:
        for line in part.read_text(encoding="utf-8").splitlines():
            if line.startswith(("def ", "class ", "    return ")):
                assert line in text
