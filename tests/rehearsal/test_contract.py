"""MiniStack's insides are touched in one place, and every name that is touched there is checked at start."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import studio_infra.rehearsal as room

_EMULATOR = Path(room.__file__).parent / "emulator"
_HOOKS = _EMULATOR / "hooks"


def _run(code: str) -> str:
    # MiniStack changes hypercorn when it is imported: not in the process of all other tests.
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _used() -> set[tuple[str, str]]:
    """Every ``module.name`` of MiniStack that the hooks say."""
    used = set()
    for file in _HOOKS.glob("*.py"):
        tree = ast.parse(file.read_text())
        modules: dict[str, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ministack"):
                modules |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id in modules
            ):
                used.add((modules[node.value.id], node.attr))
    return used


def test_the_hooks_alone_import_ministack() -> None:
    guilty = [
        file.name
        for file in _EMULATOR.rglob("*.py")
        if file.parent != _HOOKS and "ministack" in {n.split(".")[0] for n in _imports(file)}
    ]
    assert guilty == []


def _imports(file: Path) -> set[str]:
    tree = ast.parse(file.read_text())
    found = {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    return found | {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}


def test_every_private_name_that_is_used_is_in_the_contract() -> None:
    listed = json.loads(
        _run(
            "import json; from studio_infra.rehearsal.emulator.hooks.contract import NAMES;"
            "print(json.dumps([[m, n] for m, names in NAMES.items() for n in names]))"
        )
    )
    assert _used() == {(module, name) for module, name in listed}


def test_the_pinned_version_keeps_the_contract() -> None:
    assert _run("from studio_infra.rehearsal.emulator.hooks.contract import broken; print(broken())") == "[]"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("del provisioners._RESOURCE_HANDLERS", "_RESOURCE_HANDLERS is NoneType, not dict"),
        ("provisioners._physical_name = {}", "_physical_name is dict, not function"),
        ("c.PINNED = '1.0'", "this is ministack 1.5.33"),
    ],
)
def test_a_broken_contract_ends_the_start_and_names_what_broke(change: str, said: str) -> None:
    code = (
        "from studio_infra.rehearsal.emulator.hooks import contract as c\n"
        "from ministack.services.cloudformation import provisioners\n"
        f"{change}\n"
        "try:\n    c.check()\nexcept SystemExit as end:\n    print(end)\n"
    )
    assert said in _run(code)


def test_the_server_is_importable_without_cdk_and_without_ministack() -> None:
    code = (
        "import sys; import studio_infra.rehearsal.server;"
        "print([m for m in ('aws_cdk', 'jsii', 'ministack', 'cfnlint', 'boto3') if m in sys.modules])"
    )
    assert _run(code) == "[]"
