"""The `studio-infra` command."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command: the entry point of `studio-infra`.

    Args:
        arguments: What stands behind the command's name. Defaults to the process's own.

    Returns:
        The exit code: 0 good, 1 bad input or finding, 2 usage, 3 would lose data.

    """
    try:
        from studio_infra.cli.app import run
    except ModuleNotFoundError as error:
        if (error.name or __name__).partition(".")[0] == __name__.partition(".")[0]:
            raise
        sys.stderr.write(
            f"studio-infra needs the package {error.name}; install it: pip install 'studio-infra[cli]'\n"
        )
        return 1
    return run(arguments)
