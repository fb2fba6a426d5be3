"""Stands in for `make` and `cdk` on a reader's machine: `synth.py MAKE REPOSITORY make synth OUT=…`.

A synthesis takes 14 s of processor. Here the real make plans it, and what would be written is laid down from
`tests/golden`, which holds the same templates to what they were. It imports nothing of ours, so that it starts fast.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final

#: `name` in the settings -> the folder with their templates.
GOLDEN: Final = {"research": "production", "sandbox": "sandbox"}


def planned(make: str, arguments: list[str]) -> str:
    """The command that make would run."""
    command = [make, "--dry-run", "--assume-old=.venv/.setup-done", *arguments]
    return subprocess.run(command, text=True, stdout=subprocess.PIPE, check=True).stdout


def lay_down(command: str, repository: Path) -> None:
    """Do what `cdk synth` does."""
    found = re.search(r"cdk synth .*--output (\S+) .*settings=(\S+)", command)
    assert found is not None, f"what would be synthesized? {command}"
    out, settings = map(Path, found.groups())
    golden = repository / "tests/golden" / GOLDEN[tomllib.loads(settings.read_text(encoding="utf-8"))["name"]]
    artifacts = {
        file.stem: {"type": "aws:cloudformation:stack", "properties": {"templateFile": file.name}}
        for file in golden.glob("*.json")
    }
    shutil.copytree(golden, out, dirs_exist_ok=True)
    manifest = {"version": "1.0.0", "artifacts": artifacts}
    (out / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


if __name__ == "__main__":
    make, repository, program, *arguments = sys.argv[1:]
    lay_down(
        planned(make, arguments) if program == "make" else f"cdk {' '.join(arguments)}", Path(repository)
    )
