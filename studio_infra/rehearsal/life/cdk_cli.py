"""The real CDK CLI, aimed at the embedded AWS."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Final

from studio_infra.rehearsal.errors import RehearsalError
from studio_infra.settings.sections.domain import ALLOW_DESTROY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: A rehearsal that takes longer hangs: the production settings need about a minute for everything.
_TIMEOUT_SECONDS: Final = 600.0
_LAST_LINES: Final = 25
_QUIET: Final = ("--no-notices", "--ci", "--no-color")


class CdkCli:
    """Runs `cdk` commands on an app.

    Args:
        project: The folder with `cdk.json`.
        environment: The whole environment of the commands; it names the embedded AWS.
        assembly: Where the app is synthesized to.

    Raises:
        RehearsalError: There is no `cdk` on PATH, or a command failed; the end of its output is in the error.

    """

    def __init__(self, *, project: Path, environment: Mapping[str, str], assembly: Path) -> None:
        program = shutil.which("cdk", path=environment.get("PATH"))
        if program is None:
            raise RehearsalError(
                "the CDK CLI is not on PATH; run 'make setup', which installs it into node_modules"
            )
        self._program = program
        self._project = project
        self._environment = dict(environment)
        self.assembly: Final = assembly

    def bootstrap(self, account: str, region: str) -> None:
        """Make the bucket and the roles that deployments need."""
        # Outside the project: the CLI would synthesize the app only to find out where it goes.
        self._run("bootstrap", f"aws://{account}/{region}", app=None, folder=self.assembly.parent)

    def synth(self, settings: Path, *, allow_destroy: bool = False) -> None:
        """Synthesize the app with `settings`; later commands use the result.

        Args:
            settings: The settings file.
            allow_destroy: Whether the app consents to the destruction that the settings ask for.

        """
        context = ["--context", f"settings={settings}"]
        if allow_destroy:
            context += ["--context", f"{ALLOW_DESTROY}=true"]
        self._run("synth", "--quiet", *context, "--output", str(self.assembly), app=None)

    def deploy(self) -> str:
        """Deploy every stack of the last synthesis, and return what the CLI said."""
        return self._run("deploy", "--all", "--require-approval", "never", app=self.assembly)

    def destroy(self) -> None:
        """Destroy every stack of the last synthesis."""
        self._run("destroy", "--all", "--force", app=self.assembly)

    def _run(self, *arguments: str, app: Path | None, folder: Path | None = None) -> str:
        command = [self._program, *arguments, *_QUIET]
        if app is not None:
            command += ["--app", str(app)]
        try:
            done = subprocess.run(  # noqa: S603 - the pinned CLI, with arguments of our own
                command,
                cwd=folder if folder is not None else self._project,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=_TIMEOUT_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise RehearsalError(
                f"'cdk {arguments[0]}' did not end within {_TIMEOUT_SECONDS:.0f} s"
            ) from error
        if done.returncode != 0:
            failure = RehearsalError(f"'cdk {arguments[0]}' failed: {_cause(done.stdout)}")
            failure.log = "\n".join(done.stdout.splitlines()[-_LAST_LINES:])
            raise failure
        return done.stdout


def _cause(output: str) -> str:
    """The line of the CLI's output that says most."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for mark in ("FAILED", "failed:", "❌", "Error"):
        for line in lines:
            if mark in line:
                return line
    return lines[-1] if lines else "it said nothing"
