"""The `studio-infra` command."""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command: the entry point of `studio-infra`.

    Args:
        arguments: What stands behind the command's name. Defaults to the process's own.

    Returns:
        The exit code: 0 good, 1 bad input or finding, 2 usage, 3 would lose data.

    """
    from studio_infra.cli.app import run  # noqa: PLC0415 - `import studio_infra.cli.…` must not pay for typer

    return run(arguments)
