"""What the script meets in Studio, on one machine: spaces, an EFS home, an SSH server, an AWS CLI."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

HERE = Path(__file__).parent
PEOPLE = "/research/people"

SSHD = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
#: Makes the system's list of people ours for one process tree; without it, getent and ssh are wrapped.
NSS_WRAPPER = next(
    (
        str(path)
        for folder in ("/usr/lib", "/usr/lib64", "/usr/local/lib")
        for path in Path(folder).glob("**/libnss_wrapper.so")
        if "WITHOUT_NSS_WRAPPER" not in os.environ
    ),
    None,
)
TOOLS = ("bash", "git", "ssh", "ssh-keygen", "setsid", "timeout")
MISSING = [tool for tool in TOOLS if shutil.which(tool) is None]


def executable(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def wait_for(what: str, found: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until `found()` is true."""
    until = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < until, f"{what} did not happen within {seconds} s"
        time.sleep(0.02)


def _listens_or_ended(process: subprocess.Popen[bytes], log: Path) -> bool:
    return process.poll() is not None or (log.exists() and "listening" in log.read_text())


@dataclass
class GitServer:
    """A git host on loopback: an SSH server, who may enter, and its repositories."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def host_key(self) -> str:
        return " ".join((self.folder / "host_key.pub").read_text().split()[:2])

    def register(self, public_key: str) -> None:
        with (self.folder / "authorized_keys").open("a") as keys:
            keys.write(public_key.strip() + "\n")

    def repository(self, name: str) -> str:
        """A new repository; returns its path for clone URLs."""
        path = self.folder / name
        subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", path], check=True)
        return str(path)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)

    @classmethod
    def start(cls, folder: Path, kind: str) -> GitServer:
        folder.mkdir()
        subprocess.run(
            ["ssh-keygen", "-qt", "ed25519", "-N", "", "-f", folder / "host_key"],
            check=True,
            stdin=subprocess.DEVNULL,
        )
        port_file = folder / "port"
        if kind == "asyncssh":
            process = subprocess.Popen([sys.executable, HERE / "ssh_server.py", folder])
            wait_for("the Python SSH server's start", port_file.exists)
            return cls(folder, int(port_file.read_text()), process)
        assert SSHD is not None
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        for port in range(22022, 22999):
            config = folder / "sshd_config"
            config.write_text(
                f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host_key\nPidFile none\nUsePAM no\n"
                f"AuthorizedKeysFile {folder}/authorized_keys\nStrictModes no\nPasswordAuthentication no\n"
                "KbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\nMaxStartups 100\n"
            )
            log = folder / f"sshd-{port}.log"
            process = subprocess.Popen([SSHD, "-D", "-E", log, "-f", config])
            wait_for("sshd's start", partial(_listens_or_ended, process, log))
            if process.poll() is None:
                return cls(folder, port, process)
        raise AssertionError("no free port for sshd")


@dataclass
class Run:
    """One start of an app."""

    code: int
    output: str
    seconds: float

    def lines(self, level: str) -> list[str]:
        return [line for line in self.output.splitlines() if f" git-ssh {level} " in line]


@dataclass
class Space:
    """A private space: a home of its own, a person's EFS home in it, and the tools of the image."""

    folder: Path
    efs: Path | None
    user: str | None = "ana"
    name: str | None = "ana-lab"
    bin: Path = field(init=False)
    home: Path = field(init=False)
    aws: Path = field(init=False)

    def __post_init__(self) -> None:
        self.home, self.bin = self.folder / "home", self.folder / "bin"
        self.aws = self.folder.parent / "aws"
        for folder in (self.home, self.bin, self.aws):
            folder.mkdir(parents=True, exist_ok=True)
        if self.efs is not None:
            (self.home / "user-default-efs").symlink_to(self.efs)
        executable(self.bin / "aws", f'#!/bin/sh\nexec "{sys.executable}" "{HERE}/aws_cli.py" "$@"\n')
        if NSS_WRAPPER is None:
            executable(self.bin / "getent", f'#!/bin/sh\necho "me:x:$2:0::{self.home}:/bin/bash"\n')
            # ssh would look for its configuration in the real home.
            ssh = shutil.which("ssh")
            executable(
                self.bin / "ssh",
                f"""#!/bin/bash
cd "{self.folder}" && for file in config studio_config; do
  sed "s|~/|{self.home}/|g; s|^Include |Include {self.folder}/|" "{self.home}/.ssh/$file" >"$file.$$"
  mv "$file.$$" "$file"
done 2>/dev/null
exec {ssh} -F "{self.folder}/config" "$@"
""",
            )
        metadata = {"DomainId": "d-1", "AppType": "JupyterLab", "ResourceName": "default"}
        metadata |= {"UserProfileName": self.user} if self.user is not None else {}
        metadata |= {"SpaceName": self.name} if self.name is not None else {}
        (self.folder / "metadata.json").write_text(json.dumps(metadata))
        (self.folder / "passwd").write_text(f"me:x:{os.geteuid()}:{os.getegid()}::{self.home}:/bin/bash\n")
        (self.folder / "group").write_text(f"me:x:{os.getegid()}:\n")

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": f"{self.bin}:{os.environ['PATH']}",
            "HOME": "/nowhere",
            "RESOURCE_METADATA_FILE": str(self.folder / "metadata.json"),
            "SAGEMAKER_SPACE_TYPE_LOWERCASE": "private",
            "FAKE_AWS": str(self.aws),
            "GIT_CONFIG_NOSYSTEM": "1",
        } | (
            {
                "LD_PRELOAD": NSS_WRAPPER,
                "NSS_WRAPPER_PASSWD": str(self.folder / "passwd"),
                "NSS_WRAPPER_GROUP": str(self.folder / "group"),
            }
            if NSS_WRAPPER is not None
            else {}
        )

    @property
    def log(self) -> str:
        path = self.home / ".studio-infra/git-ssh.log"
        return path.read_text() if path.exists() else ""

    @property
    def public_key(self) -> str:
        return (self.home / ".ssh/studio_key.pub").read_text()

    def parameter(self, name: str, value: str) -> None:
        """A parameter that AWS holds for Ana."""
        (self.aws / f"{PEOPLE}/ana/{name}".replace("/", "%")).write_bytes(value.encode())

    def secret(self, name: str, value: str) -> None:
        """A secret that AWS holds for Ana."""
        (self.aws / f"{PEOPLE[1:]}/ana/{name}".replace("/", "%")).write_bytes(value.encode())

    def start(
        self,
        script: str,
        *,
        wait: bool = True,
        environment: Mapping[str, str] | None = None,
        wrapper: Sequence[str] = (),
    ) -> Run:
        """Run the script as Studio does, and wait until its detached part has ended."""
        path = self.folder / "lifecycle_script.sh"
        executable(path, script)
        ends = self.log.count("INFO finished")
        began = time.monotonic()
        done = subprocess.run(
            [*wrapper, path],
            env=self.environment | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=60,
            check=False,
            text=True,
        )
        seconds = time.monotonic() - began
        if wait:
            wait_for("the end of the detached part", lambda: self.log.count("INFO finished") > ends)
        return Run(done.returncode, done.stdout, seconds)

    def shell(self, command: str, *, check: bool = True) -> subprocess.CompletedProcess[str]:
        """What the person types into a terminal."""
        done = subprocess.run(
            ["bash", "-c", command],
            env=self.environment | {"HOME": str(self.home)},
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert not check or done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done

    def contents(self) -> dict[str, tuple[int, bytes]]:
        """Mode and bytes of every file in the home, the log and what the person cloned aside."""
        return {
            str(path.relative_to(self.home)): (path.stat().st_mode, path.read_bytes())
            for top in (".ssh", ".studio-infra", ".gitconfig")
            for path in [self.home / top, *(self.home / top).rglob("*")]
            if path.is_file() and path.name != "git-ssh.log"
        }
