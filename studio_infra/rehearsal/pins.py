"""The versions whose insides the emulator knows."""

from __future__ import annotations

import importlib.metadata
from typing import Final

from studio_infra.rehearsal.errors import RehearsalError

#: MiniStack for its private names, cfn-lint for the layout of its schema files.
PINS: Final = {"ministack": "1.5.33", "cfn-lint": "1.58.0"}


def check_pins() -> None:
    """Refuse to start on versions whose insides are not known.

    Raises:
        RehearsalError: A package of ``PINS`` is missing or has another version.

    """
    for package, wanted in PINS.items():
        try:
            found = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found = "none"
        if found != wanted:
            raise RehearsalError(
                f"a rehearsal needs {package} {wanted}, found {found}; "
                "install it: pip install 'studio-infra[rehearsal]'"
            )
