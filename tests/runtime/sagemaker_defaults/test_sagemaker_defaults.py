"""The script as it ships, run for real: what the SDK finds at the first start, at the next one, and without AWS."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from studio_infra.errors import InvalidInput
from studio_infra.studio.git.git_host import GitHost
from studio_infra.studio.git.git_ssh import GitSsh
from studio_infra.studio.lifecycle.lifecycle_script import LifecycleScript
from studio_infra.studio.lifecycle.sagemaker_defaults import SageMakerDefaults

if TYPE_CHECKING:
    from pathlib import Path

DEFAULTS = SageMakerDefaults(people="/research/people", teams="/research/teams")
VISION, FORECASTING = (
    json.dumps({"SchemaVersion": "1.0", "SageMaker": {"TrainingJob": {"RoleArn": f"role-of-{team}"}}})
    for team in ("vision", "forecasting")
)
#: Answers from files named like parameters, with % for /; `down` makes it fail as without a network.
AWS = """#!/bin/bash
echo "$*" >>"$FAKE_AWS/calls"
[[ ! -e $FAKE_AWS/down ]] || { echo 'Could not connect to the endpoint URL' >&2; exit 255; }
[[ ! -e $FAKE_AWS/hang ]] || sleep 60
case $1 in
  sagemaker) echo ana ;;
  ssm) file="$FAKE_AWS/${4//\\//%}"; [[ -e $file ]] || { echo 'ParameterNotFound' >&2; exit 254; }; cat "$file" ;;
esac
"""


@dataclass
class Space:
    """A person's space: its home outlives starts, the rest of its file system does not."""

    folder: Path
    metadata: dict[str, str] = field(
        default_factory=lambda: {"DomainId": "d-1", "SpaceName": "ana-lab", "UserProfileName": "ana"}
    )
    root: bool = True

    def __post_init__(self) -> None:
        for name in ("home", "bin", "aws", "etc"):
            (self.folder / name).mkdir()
        self.tool("aws", AWS)
        # ssh takes the home from the system's list of people, and so does the script of git.
        self.tool("getent", f"#!/bin/sh\necho me:x:$2:0::{self.folder}/home:/bin/bash\n")
        if not self.root:
            # Where nobody but root may write, and sudo asks for a password.
            (self.folder / "etc" / "sagemaker").write_text("no folder")
            self.tool("sudo", "#!/bin/bash\nexit 1\n")

    def tool(self, name: str, text: str) -> None:
        path = self.folder / "bin" / name
        path.write_text(text)
        path.chmod(0o755)

    def parameter(self, name: str, value: str) -> None:
        (self.folder / "aws" / name.replace("/", "%")).write_text(value)

    def member_of(self, team: str, defaults: str) -> None:
        self.parameter("/research/people/ana/git-identity", json.dumps({"name": "Ana", "team": team}))
        self.parameter(f"/research/teams/{team}/sagemaker-defaults", defaults)

    def start(self, script: LifecycleScript | None = None, **more: str) -> str:
        """Start an app in a fresh container; returns what the script says before the app starts."""
        if self.root:
            shutil.rmtree(self.folder / "etc")
            (self.folder / "etc").mkdir()
        metadata = self.folder / "metadata.json"
        metadata.write_text(json.dumps(self.metadata))
        text = (script if script is not None else DEFAULTS.script()).text
        done = subprocess.run(
            ["bash", "-c", text],
            env={
                "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
                "HOME": str(self.folder / "home"),
                "XDG_CONFIG_DIRS": f"{self.folder / 'etc'}:/nowhere",
                "RESOURCE_METADATA_FILE": str(metadata),
                "FAKE_AWS": str(self.folder / "aws"),
                **more,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
        assert done.returncode == 0, done.stderr
        return done.stderr

    @property
    def system_file(self) -> Path:
        return self.folder / "etc" / "sagemaker" / "config.yaml"

    @property
    def own_file(self) -> Path:
        return self.folder / "home" / ".config" / "sagemaker" / "config.yaml"

    def role(self, file: Path) -> str:
        """The role in the file, as any reader of YAML sees it; empty without a file."""
        if not file.exists():
            return ""
        first, rest = file.read_text().split("\n", 1)
        assert first.startswith("# ")
        role: str = json.loads(rest)["SageMaker"]["TrainingJob"]["RoleArn"]
        return role

    def wait_for(self, file: Path, role: str) -> None:
        until = time.monotonic() + 30
        while self.role(file) != role:
            assert time.monotonic() < until, f"{file} has {self.role(file)!r}, not {role!r}"
            time.sleep(0.02)

    def calls(self) -> list[str]:
        file = self.folder / "aws" / "calls"
        return file.read_text().splitlines() if file.exists() else []

    def wait_for_calls(self, number: int) -> None:
        until = time.monotonic() + 30
        while len(self.calls()) < number:
            assert time.monotonic() < until, self.calls()
            time.sleep(0.02)
        time.sleep(0.3)


@pytest.fixture
def space(tmp_path: Path) -> Space:
    return Space(tmp_path)


def test_the_first_start_brings_the_teams_defaults_to_where_the_sdk_looks(space: Space) -> None:
    space.member_of("vision", VISION)
    space.start()
    space.wait_for(space.system_file, "role-of-vision")
    assert space.system_file.stat().st_mode & 0o777 == 0o644
    assert not space.own_file.exists()


def test_the_next_start_has_them_at_once_and_without_aws(space: Space) -> None:
    space.member_of("vision", VISION)
    space.start()
    space.wait_for(space.system_file, "role-of-vision")
    (space.folder / "aws" / "down").touch()
    space.start()
    assert space.role(space.system_file) == "role-of-vision"


def test_who_moves_to_another_team_has_its_defaults_at_the_next_start(space: Space) -> None:
    space.member_of("vision", VISION)
    space.start()
    space.wait_for(space.system_file, "role-of-vision")
    space.member_of("forecasting", FORECASTING)
    space.start()
    space.wait_for(space.system_file, "role-of-forecasting")


def test_the_owner_of_a_space_is_asked_for_where_studio_does_not_name_them(space: Space) -> None:
    del space.metadata["UserProfileName"]
    space.member_of("vision", VISION)
    space.start()
    space.wait_for(space.system_file, "role-of-vision")
    assert space.calls()[0].startswith("sagemaker describe-space --domain-id d-1 --space-name ana-lab")


def test_without_the_right_to_write_for_everybody_the_file_is_the_persons(tmp_path: Path) -> None:
    space = Space(tmp_path, root=False)
    space.member_of("vision", VISION)
    space.start()
    space.wait_for(space.own_file, "role-of-vision")


def test_a_file_of_ones_own_is_never_touched(tmp_path: Path) -> None:
    space = Space(tmp_path, root=False)
    space.own_file.parent.mkdir(parents=True)
    space.own_file.write_text("SchemaVersion: '1.0'\n")
    space.member_of("vision", VISION)
    space.start()
    space.wait_for_calls(2)
    assert space.own_file.read_text() == "SchemaVersion: '1.0'\n"


def test_a_file_left_from_before_does_not_hide_the_new_one(tmp_path: Path) -> None:
    space = Space(tmp_path, root=False)
    space.member_of("vision", VISION)
    space.start()
    space.wait_for(space.own_file, "role-of-vision")
    (space.folder / "etc" / "sagemaker").unlink()
    space.root = True
    space.start()
    assert space.role(space.system_file) == "role-of-vision"
    assert not space.own_file.exists()


@pytest.mark.parametrize("fault", ["down", "hang"])
def test_without_an_answer_the_app_starts_at_once_and_without_a_file(space: Space, fault: str) -> None:
    (space.folder / "aws" / fault).touch()
    space.start()  # its time-out is the proof: the script does not wait for the answer
    space.wait_for_calls(1)
    assert not space.system_file.exists()
    assert not space.own_file.exists()


@pytest.mark.parametrize(
    ("identity", "defaults"),
    [
        ("{}", VISION),
        (json.dumps({"name": 'x", "team": "vision'}), VISION),
        (json.dumps({"team": "../people/bob"}), VISION),
        (json.dumps({"team": "vision"}), '{"SageMaker": '),
        (json.dumps({"team": "vision"}), "[]"),
    ],
    ids=["no team", "a name like a team", "a path", "half a file", "no defaults"],
)
def test_what_cannot_be_read_changes_nothing(space: Space, identity: str, defaults: str) -> None:
    space.parameter("/research/people/ana/git-identity", identity)
    space.parameter("/research/teams/vision/sagemaker-defaults", defaults)
    space.start()
    space.wait_for_calls(1)
    assert not space.system_file.exists()
    assert {call.split()[3] for call in space.calls()} <= {
        "/research/people/ana/git-identity",
        "/research/teams/vision/sagemaker-defaults",
    }


def test_a_shared_space_has_nobody_whose_team_it_could_ask_for(space: Space) -> None:
    space.member_of("vision", VISION)
    said = space.start(SAGEMAKER_SPACE_TYPE_LOWERCASE="shared")
    assert "shared space" in said
    assert space.calls() == []


def test_a_full_home_does_not_keep_the_app_from_starting(space: Space) -> None:
    home = space.folder / "home"
    home.rmdir()
    home.write_text("no folder")
    assert "cannot be written" in space.start()


def test_it_fits_into_one_slot_with_git_for_many_hosts(space: Space) -> None:
    git = GitSsh(
        hosts=[GitHost.github(), GitHost.gitlab(), GitHost.bitbucket()],
        people="/research/people",
        sign_commits=True,
    )
    both = LifecycleScript.compose(git.script(), DEFAULTS.script())
    assert both.size <= 16_384
    space.member_of("vision", VISION)
    space.tool("ssh", "#!/bin/sh\nexit 255\n")  # of the hosts nobody is asked
    space.start(both)
    space.wait_for(space.system_file, "role-of-vision")
    log = space.folder / "home/.studio-infra/git-ssh.log"
    until = time.monotonic() + 60
    while "INFO finished" not in log.read_text() and time.monotonic() < until:
        time.sleep(0.05)
    assert "INFO finished" in log.read_text()


@pytest.mark.parametrize("path", ["research/people", "/aws/people", "/research/people/", "/a b", ""])
def test_a_path_that_no_parameter_has_is_refused(path: str) -> None:
    with pytest.raises(InvalidInput, match="people is a parameter path like '/research/people'"):
        SageMakerDefaults(people=path, teams="/research/teams")
