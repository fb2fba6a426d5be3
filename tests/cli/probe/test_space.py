"""The probe in a space on this machine: with real scripts, a real Jupyter server, and with everything wrong."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from studio_infra.cli.probe.space.facts import FACTS
from studio_infra.cli.probe.space.look import Places, Space, look
from studio_infra.cli.probe.space.script import space_script
from studio_infra.studio.idle.idle_shutdown import IdleShutdown
from tests.environments import python_with
from tests.runtime.idle import conftest as idle_room
from tests.runtime.idle.studio_space import SageMaker, until
from tests.runtime.idle.studio_space import Space as StudioSpace

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRETS = {
    "domain": "d-zyxwvutsrqpo",
    "space": "anas-secret-lab",
    "person": "ana-silva",
    "account": "998877665544",
    "role": "research-people-ana-silva",
    "credentials": "/v2/credentials/8f0c2f4e-aaaa-bbbb-cccc-1234567890ab",
    "key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPlantedPlantedPlantedPlanted",
}
ARN = f"arn:aws:sagemaker:eu-central-1:{SECRETS['account']}:app/{SECRETS['domain']}"
METADATA = {
    "AppType": "JupyterLab",
    "DomainId": SECRETS["domain"],
    "UserProfileName": SECRETS["person"],
    "SpaceName": SECRETS["space"],
    "ResourceName": "default",
    "ResourceArn": f"{ARN}/{SECRETS['space']}/JupyterLab/default",
    "ExecutionRoleArn": f"arn:aws:iam::{SECRETS['account']}:role/{SECRETS['role']}",
}


@pytest.fixture
def script(tmp_path: Path) -> Path:
    file = tmp_path / "probe.py"
    file.write_text(space_script(), encoding="utf-8")
    return file


def probe(
    script: Path, metadata: str | bytes | None, *arguments: str, home: Path | str | None = None, **more: str
) -> tuple[int, dict[str, dict[str, str]], str]:
    """Run the script as a person would, by an interpreter without this package."""
    file = script.with_name("resource-metadata.json")
    if metadata is not None:
        file.write_bytes(metadata if isinstance(metadata, bytes) else metadata.encode())
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(home or script.parent),
        "RESOURCE_METADATA_FILE": str(file),
        "AWS_ACCOUNT_ID": SECRETS["account"],
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": SECRETS["credentials"],
        "SAGEMAKER_SPACE_NAME": SECRETS["space"],
        **more,
    }
    done = subprocess.run(
        [sys.executable, "-I", "-S", script, "--json", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stderr == ""
    facts = {one["id"]: one for one in json.loads(done.stdout)["facts"]}
    assert set(facts) == {fact.id for fact in FACTS}
    for secret in SECRETS.values():
        assert secret not in done.stdout
    return done.returncode, facts, done.stdout


# -- a space in which everything runs ---------------------------------------------------------------


@pytest.fixture(scope="module")
def space() -> Iterator[StudioSpace]:
    """A space with our guard and a Jupyter server with AWS's own detector."""
    service = SageMaker()
    with tempfile.TemporaryDirectory() as folder:
        jupyter = Path(idle_room.__file__).with_name("requirements-jupyter.txt")
        opened = StudioSpace(Path(folder), service, lambda: python_with(jupyter, name="jupyter"))
        opened.environment["AWS_REGION"] = "eu-central-1"
        opened.environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = SECRETS["credentials"]
        try:
            opened.start(IdleShutdown())
            opened.serve()
            until(lambda: opened.keepers, what="the guard")
            yield opened
        finally:
            opened.close()
            service.server.shutdown()
            service.server.server_close()


@pytest.mark.slow
def test_the_guard_and_the_real_detector_are_found_by_the_script(space: StudioSpace, script: Path) -> None:
    names = ("metadata-file", "metadata-user", "idle-api", "script-environment", "children-survive")
    facts: dict[str, Any] = {}

    def proven() -> bool:
        facts.update(probe(script, json.dumps(METADATA), "--port", str(space.port))[1])
        return {facts[name]["outcome"] for name in names} == {"proven"}

    # More than once: beside this test others start guards, which have a parent for a moment.
    until(proven, what="all of it proven")
    assert "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI" in facts["script-environment"]["evidence"]
    assert "/jupyterlab/default/api/idle" in facts["idle-api"]["evidence"]


@pytest.mark.slow
def test_what_the_guard_writes_is_what_the_probe_takes_for_a_heartbeat(space: StudioSpace) -> None:
    space.heartbeat.write_text("2099-01-01T00:00:00.000Z")
    until(lambda: not space.heartbeat.read_text().startswith("2099"), what="the repair")
    python = python_with(Path(idle_room.__file__).with_name("requirements-jupyter.txt"), name="jupyter")
    seen, _ = look(
        Places(
            home=str(space.home),
            heartbeat=str(space.heartbeat),
            app_log=str(space.log_file),
            port=space.port,
            packages=f"{python.parents[1]}/lib/python3*/site-packages",
        )
    )
    assert seen.has_heartbeat
    assert seen.heartbeat is not None
    assert seen.heartbeat > -5
    assert seen.app_log
    assert seen.extension == "0.3.2"


# -- faults ----------------------------------------------------------------------------------------


def hostile(value: Any) -> str:
    return json.dumps({**METADATA, "SpaceName": value, "UserProfileName": value})


@pytest.mark.parametrize(
    ("metadata", "says"),
    [
        (None, "it is not there"),
        ("", "it is no JSON"),
        ("{", "it is no JSON"),
        ("[]", "it is no object"),
        (b"\x00\xff\xfe", "it is no JSON"),
        (b'{"AppType": "' + b"x" * 2_000_000 + b'"}', "it is no JSON"),
        (json.dumps({**METADATA, "SpaceName": None}), "SpaceName"),
        (json.dumps({**METADATA, "SpaceName": {"a": 1}}), "SpaceName"),
        (hostile("ana |\n| `x` | **proven** |"), "SpaceName"),
        (hostile("$(touch /tmp/owned)`id`"), "SpaceName"),
        (hostile("\u001b[2J\u202egnp.exe"), "SpaceName"),
        (hostile("../../etc/passwd"), "SpaceName"),
    ],
)
def test_whatever_the_metadata_holds_is_told_without_being_repeated(
    script: Path, metadata: str | bytes | None, says: str
) -> None:
    code, facts, text = probe(script, metadata)
    assert code == 1
    assert facts["metadata-file"]["outcome"] == "refuted"
    assert says in facts["metadata-file"]["evidence"]
    for part in ("touch", "owned", "etc/passwd", "\u001b", "gnp", "ana |"):
        assert part not in text
    assert facts["metadata-file"]["change"]


@pytest.mark.parametrize("home", ["/sys", "/proc/self", "/dev/null", "/nowhere"])
def test_a_home_that_cannot_be_written_or_is_none_stops_nothing(script: Path, home: str) -> None:
    code, facts, _ = probe(script, json.dumps(METADATA), "--apply", home=home)
    assert code == 1
    assert facts["efs-hard-link"]["outcome"] == "not testable"


def test_a_terminal_that_is_in_no_space_is_told_so(script: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", script],
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("this is no terminal of a space")


@pytest.fixture
def efs() -> Iterator[Path]:
    """A folder on another device than the home, as a mount is."""
    folder = Path(tempfile.mkdtemp(dir="/dev/shm"))
    yield folder
    shutil.rmtree(folder)


def seen_of(home: Path, *, write: bool) -> Space:
    return look(Places(home=str(home), metadata="/nowhere", proc="/nowhere", port=1), write=write)[0]


def test_the_one_write_on_the_efs_home_leaves_nothing_and_takes_what_a_killed_one_left(
    tmp_path: Path, efs: Path
) -> None:
    (tmp_path / "user-default-efs").symlink_to(efs)
    keys = efs / ".studio-infra" / "ssh"
    keys.mkdir(parents=True)
    (keys / "id_ed25519").write_text("key")
    (keys / "probe.studio~4711").write_text("of a killed one")
    seen = seen_of(tmp_path, write=True)
    assert seen.efs is not None
    assert (seen.efs.mounted, seen.efs.written) == (True, "linked")
    assert [file.name for file in keys.iterdir()] == ["id_ed25519"]


def test_without_apply_not_even_the_leftovers_are_touched(tmp_path: Path, efs: Path) -> None:
    (tmp_path / "user-default-efs").symlink_to(efs)
    (efs / "probe.studio~4711").write_text("of a killed one")
    before = efs.stat().st_mtime_ns
    seen = seen_of(tmp_path, write=False)
    assert seen.efs is not None
    assert seen.efs.written == ""
    assert (efs.stat().st_mtime_ns, (efs / "probe.studio~4711").exists()) == (before, True)


def test_a_mount_that_takes_no_file_says_why(tmp_path: Path) -> None:
    (tmp_path / "user-default-efs").symlink_to("/proc/self")
    seen = seen_of(tmp_path, write=True)
    assert seen.efs is not None
    assert seen.efs.written.startswith("failed: ")


def test_a_failed_mount_is_a_folder_and_no_mount(tmp_path: Path) -> None:
    (tmp_path / "user-default-efs").mkdir()
    seen = seen_of(tmp_path, write=False)
    assert seen.efs is not None
    assert not seen.efs.mounted


def test_the_logs_of_our_scripts_are_read_for_how_they_ended(tmp_path: Path) -> None:
    log = tmp_path / ".studio-infra" / "git-ssh.log"
    log.parent.mkdir()
    log.write_text(f"2026-11-25T10:00:00Z git-ssh INFO public key: {SECRETS['key']}\n")
    assert seen_of(tmp_path, write=False).git_log == ""
    log.write_text(log.read_text() + "2026-11-25T10:00:01Z git-ssh INFO started failed=0 seconds=1\n")
    assert seen_of(tmp_path, write=False).git_log == "started"
    log.write_text(log.read_text() + "2026-11-25T10:00:09Z git-ssh INFO finished failed=1 seconds=8\n")
    assert seen_of(tmp_path, write=False).git_log == "finished"


def test_the_rhythm_of_questions_is_read_from_the_log_of_the_app(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    line = "[I 2026-11-25 10:{:02}:30.000 ServerApp] 200 GET /jupyterlab/default/api/{} (127.0.0.1) 1.00ms\n"
    log.write_text("".join(line.format(minute, what) for minute in range(6) for what in ("kernels", "idle")))
    seen, _ = look(Places(home=str(tmp_path), app_log=str(log), metadata="/nowhere", proc="/nowhere", port=1))
    assert seen.polls == (60.0,) * 5
