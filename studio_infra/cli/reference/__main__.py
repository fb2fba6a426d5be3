"""``python -m studio_infra.cli.reference docs/reference``."""

from __future__ import annotations

import sys
from pathlib import Path

from studio_infra.cli.reference.writing import write_reference

if __name__ == "__main__":
    write_reference(Path(sys.argv[1]))
