"""Every figure with its bar, one after the other: `make bench`. Ends with 1 if a bar is missed."""

from __future__ import annotations

import sys

from benchmarks import git_ssh, hostile_input, idle, review, roster, sweep


def main() -> int:
    """Measure everything, also after a bar was missed."""
    good = [part() for part in (idle.main, git_ssh.main, hostile_input.main, review.main, sweep.main)]
    print("\nLarge rosters\n")
    return 1 if roster.main() or not all(good) else 0


if __name__ == "__main__":
    sys.exit(main())
