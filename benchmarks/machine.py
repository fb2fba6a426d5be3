"""Which machine figures are of: they say nothing without it."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import os
import platform
import re
import subprocess
from pathlib import Path


def machine() -> list[str]:
    """Processor, memory, system, versions, and how busy it was, one a line."""
    one, five, _ = os.getloadavg()
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()  # noqa: S607 - the environment's own
    cdk = importlib.metadata.version("aws-cdk-lib")
    return [
        f"{_processor()}, {os.cpu_count()} cores, {_memory():.0f} GiB of memory",
        f"{_system()}, Python {platform.python_version()}, Node {node.removeprefix('v')}, aws-cdk-lib {cdk}",
        f"{dt.datetime.now(dt.UTC):%Y-%m-%d}; load when it began: {one:.1f}, in the five minutes before {five:.1f}",
    ]


def _processor() -> str:
    found = re.search(r"^model name\s*: (.+)$", _text("/proc/cpuinfo"), re.MULTILINE)
    return found[1] if found else platform.processor() or platform.machine()


def _memory() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def _system() -> str:
    found = re.search(r'^PRETTY_NAME="?([^"\n]+)', _text("/etc/os-release"), re.MULTILINE)
    return found[1] if found else platform.system()


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
