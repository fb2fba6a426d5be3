"""The instance types of SageMaker, by purpose, as botocore's service model of this release lists them."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Literal

Purpose = Literal["apps", "training", "endpoints"]

_FILE = Path(__file__).with_suffix(".json")


@functools.cache
def _all() -> dict[str, frozenset[str]]:
    return {
        purpose: frozenset(names) for purpose, names in json.loads(_FILE.read_text(encoding="ascii")).items()
    }


def known(purpose: Purpose) -> frozenset[str]:
    """The instance types that this release of the library knows for ``purpose``."""
    return _all()[purpose]
