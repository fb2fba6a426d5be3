"""What stands in a lifecycle configuration that a template holds."""

from __future__ import annotations

import base64
import gzip
import json
import re
from typing import Any


def script_in(content: str) -> str:
    """The script in `StudioLifecycleConfigContent`, unpacked if it had to be packed."""
    text = base64.b64decode(content).decode()
    packed = re.search(r"<<'PACKED\.'[^\n]*\n(.*)^PACKED\.$", text, re.MULTILINE | re.DOTALL)
    return text if packed is None else gzip.decompress(base64.b64decode(packed[1])).decode()


def idle_settings_in(content: str) -> dict[str, Any]:
    """What the idle program in it was told."""
    found = re.search(r"^readonly IDLE='(.*)'$", script_in(content), re.MULTILINE)
    assert found is not None
    return dict(json.loads(found[1]))
