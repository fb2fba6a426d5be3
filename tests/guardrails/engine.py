"""CDK's Guard engine, without CDK around it: hundreds of templates and rules in a second."""

from __future__ import annotations

import json
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aws_cdk

_PACKAGE = "package/node_modules/@aws/cloudformation-validate"

#: Template → rule → logical ids; None where a finding belongs to no resource.
Findings = dict[str, dict[str, list[str | None]]]


@dataclass(frozen=True)
class Job:
    """Guard sources by name, and the templates that they look at by name."""

    sources: dict[str, str]
    templates: dict[str, Any]


#: Python 3.11.2, which is Debian's, cannot be asked yet; the archive is one of our own packages.
SAFELY: Final[dict[str, Any]] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}


def unpack(folder: Path) -> Path:
    """The engine's package, out of the archive that aws-cdk-lib ships."""
    (archive,) = (Path(aws_cdk.__file__).parent / "_jsii").glob("*.tgz")
    with tarfile.open(archive) as files:
        for member in files:
            if member.name.startswith(_PACKAGE):
                files.extract(member, folder, **SAFELY)
    return folder / _PACKAGE


def run(package: Path, jobs: list[Job]) -> list[Findings]:
    request = {"package": str(package), "jobs": [vars(job) for job in jobs]}
    done = subprocess.run(
        ["node", Path(__file__).with_name("engine.js")],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    found: list[Findings] = json.loads(done.stdout)
    for one in found:
        assert "error" not in one, one["error"]
    return found
