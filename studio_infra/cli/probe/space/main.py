"""The probe of a space as a program of its own; `studio-infra probe space` calls the same.

Needs Python 3.10 and nothing else: it is the end of the script that runs in a space.
"""

from __future__ import annotations

import argparse
import json
import os
import sys

from studio_infra.cli.probe.record import Result, as_json, is_refuted, judge_all, markdown
from studio_infra.cli.probe.space.facts import FACTS
from studio_infra.cli.probe.space.look import Places, look

TITLE = "studio-infra probe space"


def is_space() -> bool:
    """Whether this runs in a space, or in something that says so."""
    told = any(name.startswith("SAGEMAKER_") for name in os.environ)
    return told or os.path.isdir("/opt/ml/metadata") or "RESOURCE_METADATA_FILE" in os.environ


def probe_space(*, write: bool = False, port: int = 8888) -> list[Result]:
    """Look at the space that this runs in, and judge each fact."""
    seen, private = look(Places(port=port), write=write)
    return judge_all(FACTS, seen, private)


def main() -> int:
    """Look, print, and say with the exit code whether something is refuted."""
    parser = argparse.ArgumentParser(
        prog=TITLE, description="Checks what the scripts of studio-infra rely on."
    )
    parser.add_argument(
        "--apply", action="store_true", help="write one file to the EFS home, too, and take it away again"
    )
    parser.add_argument("--port", type=int, default=8888, help="of the app's server")
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args()
    if not is_space():
        print(
            "this is no terminal of a space: there is no metadata and no SAGEMAKER_ variable", file=sys.stderr
        )
        return 2
    results = probe_space(write=given.apply, port=given.port)
    for stream in (sys.stdout, sys.stderr):
        getattr(stream, "reconfigure", lambda **_: None)(errors="backslashreplace")
    print(json.dumps(as_json(TITLE, results), indent=2) if given.json else markdown(TITLE, results))
    return 1 if is_refuted(results) else 0


if __name__ == "__main__":
    sys.exit(main())
