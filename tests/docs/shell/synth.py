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
    """Do what `cdk synth` does with settings, or with an example."""
    example = re.search(r"cdk synth .*--app python3 examples/(\w+)", command)
    settings = re.search(r"cdk synth .*settings=(\S+)", command)
    out = re.search(r"--output (\S+)", command)
    assert example or settings, f"what would be synthesized? {command}"
    name = f"examples/{example[1]}" if example else ""
    if settings:
        name = GOLDEN[tomllib.loads(Path(settings[1]).read_text(encoding="utf-8"))["name"]]
    golden, folder = repository / "tests/golden" / name, Path(out[1] if out else "cdk.out")
    artifacts = {
        file.stem: {"type": "aws:cloudformation:stack", "properties": {"templateFile": file.name}}
        for file in golden.glob("*.json")
    }
    shutil.copytree(golden, folder, dirs_exist_ok=True)
    manifest = {"version": "1.0.0", "artifacts": artifacts}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


if __name__ == "__main__":
    make, repository, program, *arguments = sys.argv[1:]
    lay_down(
        planned(make, arguments) if program == "make" else f"cdk {' '.join(arguments)}", Path(repository)
    )
