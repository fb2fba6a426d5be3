"""Looks at the space that this runs in. Changes nothing, unless asked for the one write on the EFS home.

Needs Python 3.10 and nothing else: it is part of the script that runs in a space. Values stay here: what is handed
on is whether something is there, of what kind it is, and figures.
"""

from __future__ import annotations

import calendar
import glob
import itertools
import json
import os
import pwd
import re
import shutil
import socket
import time
from typing import Any, NamedTuple

METADATA_KEYS = ("AppType", "DomainId", "ResourceName", "SpaceName", "UserProfileName")
VARIABLES = (
    "AWS_ACCOUNT_ID",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "SAGEMAKER_APP_TYPE",
    "SAGEMAKER_SPACE_NAME",
    "SAGEMAKER_SPACE_TYPE_LOWERCASE",
)
TOOLS = ("aws", "bash", "curl", "getent", "git", "python3", "setsid", "ssh", "ssh-keygen", "timeout")
#: Of the detector that comes with Jupyter; the first one that reads the heartbeat file is 0.3.2.
EXTENSION = "jupyter_activity_monitor_extension"
_NAME = re.compile(r"[A-Za-z0-9](?:-*[A-Za-z0-9]){0,62}")
_MOST = 1 << 20
#: Programs of which one serves the app, as they are called in the image.
_SERVERS = (b"jupyter-lab", b"sagemaker-code-editor")


class Places(NamedTuple):
    """Where things are in Studio's images."""

    home: str = ""
    passwd_home: str = ""
    metadata: str = "/opt/ml/metadata/resource-metadata.json"
    script: str = "/opt/ml/lifecycleconfig/lifecycle_script.sh"
    app_log: str = "/var/log/apps/app_container.log"
    heartbeat: str = "/tmp/.sagemaker-last-active-timestamp"  # noqa: S108 - AWS's detector reads a fixed place
    sdk_defaults: str = "/etc/xdg/sagemaker/config.yaml"
    packages: str = "/opt/conda/lib/python3*/site-packages"
    proc: str = "/proc"
    port: int = 8888


class Process(NamedTuple):
    """A process as far as it tells something: when it started, in ticks, and which variables it has."""

    engine: str
    started: int
    leads_session: bool
    variables: tuple[str, ...]


class Mount(NamedTuple):
    """The EFS home as the space shows it."""

    mounted: bool
    mode: int
    owned: bool
    group_root: bool
    writable: bool
    written: str = ""


class Space(NamedTuple):
    """What was seen."""

    metadata: dict[str, bool] | None
    metadata_fault: str
    app_type: str
    space_type: str
    variables: tuple[str, ...]
    keepers: tuple[Process, ...]
    server_started: int | None
    uid: int
    gid: int
    same_home: bool
    efs: Mount | None
    heartbeat: float | None
    has_heartbeat: bool
    idle_base: str
    idle_stamp: bool
    extension: str
    script: str
    tools: tuple[str, ...]
    restart: bool
    app_log: bool
    git_log: str
    sdk_defaults: bool
    polls: tuple[float, ...]


def look(places: Places, *, write: bool = False) -> tuple[Space, list[str]]:
    """What is there, and the names that must not be told."""
    metadata, fault = _see_metadata(os.environ.get("RESOURCE_METADATA_FILE") or places.metadata)
    home = places.home or os.environ.get("HOME") or "/"
    kind = str((metadata or {}).get("AppType", ""))
    base, stamp = _see_idle(places.port, kind)
    processes = [
        found for found in map(_see_process, glob.glob(places.proc + "/[0-9]*")) if found is not None
    ]
    beat = _read(places.heartbeat)
    log = _read(os.path.join(home, ".studio-infra", "git-ssh.log")).strip().splitlines()
    space = Space(
        metadata=None if metadata is None else {key: bool(_word(metadata.get(key))) for key in METADATA_KEYS},
        metadata_fault=fault,
        app_type=kind if kind in ("JupyterLab", "CodeEditor", "JupyterServer", "KernelGateway") else "",
        space_type=_one_of(os.environ.get("SAGEMAKER_SPACE_TYPE_LOWERCASE", ""), ("private", "shared")),
        variables=tuple(name for name in VARIABLES if os.environ.get(name)),
        keepers=tuple(found for found in processes if found.engine != "server"),
        server_started=min((found.started for found in processes if found.engine == "server"), default=None),
        uid=os.getuid(),
        gid=os.getgid(),
        same_home=os.path.realpath(home) == os.path.realpath(places.passwd_home or _passwd_home()),
        efs=_see_efs(os.path.join(home, "user-default-efs"), write=write),
        heartbeat=_age(beat.strip()),
        has_heartbeat=os.path.exists(places.heartbeat),
        idle_base=base,
        idle_stamp=stamp,
        extension=_see_extension(places.packages),
        script=_see_script(places.script),
        tools=tuple(tool for tool in TOOLS if shutil.which(tool)),
        restart=shutil.which("restart-jupyter-server") is not None,
        app_log=os.access(places.app_log, os.W_OK),
        git_log=_ending(log),
        sdk_defaults=_read(places.sdk_defaults).startswith("# The SageMaker SDK's defaults"),
        polls=_see_polls(_read(places.app_log)),
    )
    return space, _private(metadata, home)


def _see_metadata(path: str) -> tuple[dict[str, Any] | None, str]:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            found = json.loads(file.read(_MOST))
    except OSError as error:
        return None, "it is not there" if isinstance(error, FileNotFoundError) else "it cannot be read"
    except ValueError:
        return None, "it is no JSON"
    return (found, "") if isinstance(found, dict) else (None, "it is no object")


def _word(value: object) -> str:
    """A name as SageMaker allows it; nothing of anything else."""
    return value if isinstance(value, str) and _NAME.fullmatch(value) else ""


def _private(metadata: dict[str, Any] | None, home: str) -> list[str]:
    told = {"JupyterLab", "CodeEditor", "JupyterServer", "KernelGateway", "default"}
    texts = [text for text in (metadata or {}).values() if isinstance(text, str) and text not in told]
    values = [os.environ.get(name, "") for name in VARIABLES]
    values = [
        value for value in values if value.lower() not in ("private", "shared", "jupyterlab", "codeeditor")
    ]
    return [text for text in [*texts, *values, home, socket.gethostname()] if text and text != "/"]


def _one_of(value: str, allowed: tuple[str, ...]) -> str:
    return value if value in allowed else ("another" if value else "")


def _read(path: str) -> str:
    """The last megabyte of a file; nothing of one that cannot be read."""
    try:
        with open(path, "rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _MOST))
            return file.read(_MOST).decode("utf-8", "replace")
    except (OSError, ValueError):
        return ""


def _passwd_home() -> str:
    """The home that ssh takes, whatever HOME says."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_dir
    except KeyError:
        return ""


def _see_process(folder: str) -> Process | None:
    """An idle program of ours, or the app's server; none of any other process."""
    words = _proc(folder + "/cmdline").split(b"\0")
    engine = ""
    if words[1:4] == [b"-I", b"-S", b"-"] and len(words) > 4:  # noqa: PLR2004 - the word after those
        try:
            engine = str(json.loads(words[4].decode())["engine"])
        except (ValueError, KeyError, TypeError):
            return None
        if engine not in ("guard", "watcher"):
            return None
    elif any(name in word.split(b"/") for word in words[:3] for name in _SERVERS):
        engine = "server"
    else:
        return None
    stat = _proc(folder + "/stat").decode("utf-8", "replace").rpartition(")")[2].split()
    if len(stat) < 20:  # noqa: PLR2004 - it has just ended
        return None
    names = {
        one.partition(b"=")[0].decode("utf-8", "replace") for one in _proc(folder + "/environ").split(b"\0")
    }
    leads = stat[3] == os.path.basename(folder)
    return Process(engine, int(stat[19]), leads, tuple(name for name in VARIABLES if name in names))


def _proc(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(_MOST)
    except OSError:
        return b""


def _see_efs(path: str, *, write: bool) -> Mount | None:
    try:
        seen = os.stat(path)
        above = os.stat(os.path.dirname(path))
    except OSError:
        return None
    # A mount that failed leaves a folder with a note of the error in it: only another device is a mount.
    return Mount(
        mounted=seen.st_dev != above.st_dev,
        mode=seen.st_mode & 0o777,
        owned=seen.st_uid == os.getuid(),
        group_root=seen.st_gid == 0,
        writable=os.access(path, os.W_OK | os.X_OK),
        written=_try_to_write(path) if write else "",
    )


def _try_to_write(folder: str) -> str:
    """Publish a file by a hard link, as the git script does, and take both away again.

    The script deletes what killed starts left (`*.studio~*`) from its own folder after an hour, so that is where and
    how these are called if that folder is there. Whatever an earlier probe left goes first.
    """
    ours = os.path.join(folder, ".studio-infra", "ssh")
    where = ours if os.path.isdir(ours) else folder
    for left in glob.glob(os.path.join(glob.escape(where), "probe.studio~*")):
        _remove(left)
    first = os.path.join(where, f"probe.studio~{os.getpid()}")
    second = first + "-linked"
    try:
        with open(os.open(first, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write("studio-infra probe\n")
        os.link(first, second)
        os.chmod(second, 0o600)
        same = os.stat(second).st_mode & 0o777 == 0o600  # noqa: PLR2004 - the mode that was asked for
    except OSError as error:
        return "failed: " + (os.strerror(error.errno) if error.errno else "no reason given")
    else:
        return "linked" if same else "linked, with another mode"
    finally:
        _remove(second)
        _remove(first)


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return


def _age(text: str) -> float | None:
    """Seconds since a time in the form that AWS's detector reads."""
    try:
        return time.time() - calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S"))
    except ValueError:
        return None


def _see_idle(port: int, kind: str) -> tuple[str, bool]:
    """Where the app answers for how long it was idle, and whether it says since when."""
    bases = {"CodeEditor": ("/codeeditor/default",), "JupyterLab": ("/jupyterlab/default",)}
    for base in bases.get(kind, ("/jupyterlab/default", "/codeeditor/default")):
        try:
            with socket.create_connection(("127.0.0.1", port), 5) as talk:
                talk.sendall(f"GET {base}/api/idle HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
                head, _, body = b"".join(iter(lambda: talk.recv(65536), b"")).partition(b"\r\n\r\n")
            if b" 200 " in head[:16]:
                return base, _age(str(json.loads(body.decode())["lastActiveTimestamp"])) is not None
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return "", False


def _see_extension(pattern: str) -> str:
    """The version of AWS's detector in the image."""
    for folder in sorted(glob.glob(os.path.join(pattern, EXTENSION + "-*.dist-info"))):
        version = os.path.basename(folder)[len(EXTENSION) + 1 : -len(".dist-info")]
        return version if re.fullmatch(r"[0-9.]{1,20}", version) else ""
    return ""


def _see_script(path: str) -> str:
    first = _read(path)[:2]
    return "" if not os.path.exists(path) else "starts with #!" if first == "#!" else "starts otherwise"


def _ending(lines: list[str]) -> str:
    """How the last run of the git script ended: `started`, `finished` or nothing."""
    for line in reversed(lines):
        found = re.search(r" git-ssh INFO (started|finished) failed=[01] seconds=\d+$", line)
        if found is not None:
            return found.group(1)
    return ""


def _see_polls(log: str) -> tuple[float, ...]:
    """Seconds between questions for idleness, where the app's log shows them."""
    stamps = re.findall(r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)[^\n]*GET [^\n]*/api/idle\b", log)
    times = [calendar.timegm(time.strptime(stamp.replace("T", " "), "%Y-%m-%d %H:%M:%S")) for stamp in stamps]
    return tuple(float(after - before) for before, after in itertools.pairwise(times) if after > before)
