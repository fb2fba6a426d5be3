"""A place like a reader's: a clone, a home, a host for git and a mounted file system, all in one folder."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from typing import TYPE_CHECKING, Final

from tests.docs.pages import ROOT
from tests.docs.shell.judges import MAKE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_LINKED: Final = (
    *("Makefile", "app.py", "cdk.json", "constraints.txt", "docs", "package-lock.json"),
    *("package.json", "pyproject.toml", "requirements-dev.txt", "requirements.txt", "studio_infra", "tests"),
)
#: What a line prints stands behind this and its number.
_MARK: Final = "\x1e"
_GITCONFIG: Final = """
[user]
name = Ana Silva
email = ana@example.com
[commit]
gpgsign = false
[url "{hosted}/"]
insteadOf = git@github.com:
"""


class Sandbox:
    """One reader's machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clone, self.home = folder / "clone", folder / "home"
        self.bin = self.clone / "node_modules/.bin"
        for name in (
            "home/.ssh",
            "home/.studio-infra",
            "tmp",
            "mnt",
            "clone/node_modules/.bin",
            "hosted/acme",
        ):
            (folder / name).mkdir(parents=True)
        for name in _LINKED:
            (self.clone / name).symlink_to(ROOT / name)
        (self.clone / ".venv").symlink_to(sys.prefix)
        shutil.copytree(ROOT / "settings", self.clone / "settings")
        self._tools()
        self._person()

    def run(self, lines: Iterable[tuple[str, str, int]]) -> list[str]:
        """Type lines into one shell, and return what each printed.

        Args:
            lines: What is done by hand before it, the line, and how it ends.

        """
        script = ["exec 2>&1"]
        for number, (before, line, ends) in enumerate(lines):
            script += [
                f"{{ {self._here(before) or ':'}\n}} || exit 91",
                f"printf '{_MARK}'",
                f"{self._here(line)}",
                f'ended=$?; if [ "$ended" != {ends} ]; then echo "line {number} ended with $ended"; exit 92; fi',
            ]
        done = subprocess.run(
            ["bash", "-c", "\n".join(script)],
            cwd=self.clone,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            text=True,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:]
        return done.stdout.split(_MARK)[1:]

    def _here(self, text: str) -> str:
        """A line with the machine's own folders changed to ours."""
        return re.sub(r"(?<![\w./])/(tmp|mnt)(?=[/\s]|$)", rf"{self.folder}/\1", text)

    def _environment(self) -> dict[str, str]:
        path = f"{self.bin}:{sys.prefix}/bin:{os.environ['PATH']}"
        # What lines that need an account would have answered.
        answers = {"ACCOUNT": "123456789012", "FS": "fs-EXAMPLE", "UID_": "200005"}
        ours = {"HOME": str(self.home), "PATH": path, "PYTHONPATH": str(ROOT), "COLUMNS": "200", **answers}
        kept = {name: os.environ[name] for name in ("LANG", "LC_ALL", "TMPDIR") if name in os.environ}
        return {**kept, **ours, "AWS_EC2_METADATA_DISABLED": "true", "GIT_CONFIG_NOSYSTEM": "1"}

    def _tools(self) -> None:
        """A synthesis lays down the golden templates after make has planned it; `sudo` needs no password."""
        this = f"{sys.executable} -I {ROOT / 'tests/docs/shell/synth.py'} {MAKE} {ROOT}"
        for name, text in {"cdk": f"{this} cdk", "make": f"{this} make", "sudo": ""}.items():
            file = self.bin / name
            file.write_text(f'#!/bin/sh\nexec {text} "$@"\n', encoding="utf-8")
            file.chmod(file.stat().st_mode | stat.S_IXUSR)

    def _person(self) -> None:
        """What stands in a home, at a host of git, in a mounted file system, and in an export of people."""
        hosted = self.folder / "hosted"
        (self.home / ".gitconfig").write_text(_GITCONFIG.format(hosted=hosted), encoding="utf-8")
        (self.home / ".ssh/studio_key.pub").write_text("ssh-ed25519 AAAAC3Nz ana@studio\n", encoding="utf-8")
        (self.home / ".studio-infra/git-ssh.log").write_text(
            "2026-11-23T15:53:38Z git-ssh INFO github.com: authenticated\n", encoding="utf-8"
        )
        for place in ("200005", "aws-backup-restore_EXAMPLE/200005"):
            (self.folder / "mnt" / place / "notebooks").mkdir(parents=True)
            (self.folder / "mnt" / place / "notebooks/a.ipynb").write_text("{}\n", encoding="utf-8")
        (self.clone / "export.csv").write_text(
            "userPrincipalName,displayName,mail\nana.silva@corp.example,Ana da Silva,ana.silva@example.com\n",
            encoding="utf-8",
        )
        for command in (
            ("init", "--quiet", "--bare", "--initial-branch=main", str(hosted / "acme/churn.git")),
            ("init", "--quiet", "--initial-branch=main", "."),
            ("add", "settings"),
            ("commit", "--quiet", "--message", "As deployed"),
        ):
            subprocess.run(["git", *command], cwd=self.clone, env=self._environment(), check=True)
