"""Every fault: the app starts, one line names the cause, nothing is cut short, nothing private is shown."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from studio_infra.studio.git.git_ssh import KeyStore
from tests.runtime.git_ssh.world import PEOPLE, Run, Space, executable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from studio_infra.studio.git.git_ssh import GitSsh

    MakeSpace = Callable[..., Space]

ROOT = os.geteuid() == 0

#: Commands of the image that the script may use; a test leaves one of them out.
COMMANDS = (
    *(
        "bash",
        "cat",
        "chmod",
        "cmp",
        "cp",
        "date",
        "env",
        "find",
        "getent",
        "git",
        "grep",
        "ln",
        "mkdir",
        "mktemp",
    ),
    *("mv", "python3", "readlink", "rm", "sed", "setsid", "sh", "sleep", "ssh", "ssh-keygen", "tail", "tee"),
    *("timeout", "tr", "wc"),
)


def warnings_of(run: Run, space: Space) -> list[str]:
    """The causes, of the foreground and of the detached part; the closed port of the tests is none."""
    lines = {line[21:] for line in (run.output + space.log).splitlines() if "git-ssh WARN" in line}
    return [line for line in sorted(lines) if "port 9: Connection refused" not in line]


def private_lines(folder: Path) -> set[str]:
    """Lines of every private key below `folder`, those aside that hold nothing but its public half."""
    texts = [path.read_text("latin-1") for path in folder.rglob("*") if path.is_file()]
    public = "".join(text for text in texts if text.startswith(("ssh-", "ecdsa-")))
    keys = [text for text in texts if text.startswith("-----BEGIN")]
    lines = {line for key in keys for line in key.splitlines() if len(line) > 20 and "KEY---" not in line}
    return {line for line in lines if line not in public}


@pytest.fixture(autouse=True)
def _nothing_private_is_shown(tmp_path: Path) -> Iterator[None]:
    """After every fault: no byte of a private key in any output, log, or AWS call."""
    outputs: list[str] = []
    start = Space.start

    def recorded(self: Space, *args: object, **kwargs: object) -> Run:
        run = start(self, *args, **kwargs)  # type: ignore[arg-type]
        outputs.append(run.output)
        return run

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Space, "start", recorded)
        yield
    shown = "".join(outputs) + "".join(path.read_text() for path in tmp_path.rglob("git-ssh.log"))
    shown += "".join(path.read_text() for path in tmp_path.rglob("calls"))
    assert "PRIVATE KEY" not in shown
    assert not [line for line in private_lines(tmp_path) if line in shown]


def test_a_missing_command_is_named(closed: GitSsh, make_space: MakeSpace) -> None:
    script = closed.script().text
    for missing in ("git", "ssh", "ssh-keygen", "setsid", "aws"):
        lab = make_space(f"no-{missing}")
        for name in COMMANDS:
            if name != missing and not (lab.bin / name).exists():
                (lab.bin / name).symlink_to(shutil.which(name) or "/nowhere")
        (lab.bin / missing).unlink(missing_ok=True)
        run = lab.start(script, wait=missing == "aws", environment={"PATH": str(lab.bin)})
        assert run.code == 0
        (line,) = warnings_of(run, lab)
        assert missing in line


def test_without_getent_home_is_what_home_says(closed: GitSsh, make_space: MakeSpace) -> None:
    lab = make_space("lab")
    executable(lab.bin / "getent", "#!/bin/sh\nexit 127\n")
    assert lab.start(closed.script().text, environment={"HOME": str(lab.home)}).code == 0
    assert lab.public_key.startswith("ssh-ed25519 ")


@pytest.mark.parametrize("prepared", [False, True], ids=["first start", "later start"])
def test_a_read_only_home_is_named(closed: GitSsh, make_space: MakeSpace, *, prepared: bool) -> None:
    lab = make_space("lab")
    if prepared:
        lab.start(closed.script().text)
    before = lab.contents()
    if ROOT:  # permissions do not hold root back
        mounts = f'mount --bind {lab.home} {lab.home} && mount -o remount,bind,ro {lab.home} && exec "$@"'
        run = lab.start(
            closed.script().text, wait=False, wrapper=[*namespace("-m"), "sh", "-c", mounts, "sh"]
        )
    else:
        folders = [lab.home, *(lab.home / name for name in (".ssh", ".studio-infra") if prepared)]
        for folder in folders:
            folder.chmod(0o500)
        run = lab.start(closed.script().text, wait=False)
        for folder in folders:
            folder.chmod(0o700)
    assert run.code == 0
    lines = run.lines("WARN")
    assert lines
    assert all(re.search(r"Read-only file system|Permission denied", line) for line in lines)
    # A file system says it once; folders that may not be written say it one by one.
    assert len(lines) == 1 or not ROOT
    assert lab.contents() == before


def namespace(*kinds: str) -> list[str]:
    """`unshare` for root; skips where the machine forbids it even to root."""
    command = ["unshare", *kinds]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*command, "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip(f"this machine does not let the tests run `unshare {' '.join(kinds)}`")
    return command


#: Any write to a file fails, as on a full disk: no root and no quota needed.
NO_SPACE = (
    sys.executable,
    "-c",
    (
        "import os, resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "size = int(sys.argv[1]); resource.setrlimit(resource.RLIMIT_FSIZE, (size, size));"
        "os.execvp(sys.argv[2], sys.argv[2:])"
    ),
)


@pytest.mark.parametrize("prepared", [False, True], ids=["first start", "later start"])
def test_a_full_disk_is_named_and_truncates_nothing(
    closed: GitSsh, make_space: MakeSpace, *, prepared: bool
) -> None:
    lab = make_space("lab")
    if prepared:
        lab.start(closed.script().text)
    before = lab.contents()
    run = lab.start(closed.script().text, wait=False, wrapper=[*NO_SPACE, "0"])
    assert run.code == 0
    (line,) = run.lines("WARN")
    assert "File too large" in line  # what a disk says in the words "No space left on device"
    assert lab.contents() == before
    lab.start(closed.script().text)
    assert not warnings_of(lab.start(closed.script().text), lab)[1:]


@pytest.mark.skipif(not ROOT, reason="only root can mount a small disk; RLIMIT_FSIZE above stands in")
@pytest.mark.parametrize("pages", [1, 2, 3, 4, 5, 6, 8, 10])
def test_a_disk_that_fills_up_on_the_way_leaves_whole_files(
    closed: GitSsh, make_space: MakeSpace, pages: int
) -> None:
    reference = make_space("reference")
    reference.start(closed.script().text)
    lab = make_space("lab")
    mounts = (
        f"mount -t tmpfs -o size={pages * 4096} tmpfs {lab.home} && mkdir {lab.home}/user-default-efs && "
    )
    mounts += f'mount --bind {lab.efs} {lab.home}/user-default-efs && "$@"; code=$?; sleep 3; '
    mounts += f"cp -a {lab.home} {lab.folder}/after; exit $code"
    run = lab.start(
        closed.script().text, wait=False, wrapper=[*namespace("-m"), "bash", "-c", mounts, "bash"]
    )
    assert run.code == 0
    if pages < 6:
        assert run.lines("WARN")
        assert "No space left on device" in run.output
    wanted = reference.contents()
    lab.home = lab.folder / "after"
    for name, (_, content) in lab.contents().items():
        if "studio~" not in name:
            assert content == wanted[name][1], f"{name} is cut short"


def test_without_network_the_cause_is_named_and_the_key_is_there(
    closed: GitSsh, make_space: MakeSpace
) -> None:
    lab = make_space("lab")
    (lab.aws / "mode").write_text("offline")
    wrapper = namespace("-n") if ROOT else []
    run = lab.start(closed.script().text, wrapper=wrapper)
    assert run.code == 0
    lines = [line for line in lab.log.splitlines() if "WARN" in line]
    assert len(lines) == 2
    assert any("aws ssm get-parameters: Could not connect to the endpoint URL" in line for line in lines)
    assert any("localhost: ssh: connect to host" in line or "Could not resolve" in line for line in lines)
    assert lab.public_key


@pytest.mark.slow
def test_look_ups_that_never_end_are_given_up(closed: GitSsh, make_space: MakeSpace) -> None:
    lab = make_space("lab")
    (lab.aws / "mode").write_text("hang")
    executable(lab.bin / "ssh", "#!/bin/sh\nexec sleep 600\n")
    run = lab.start(closed.script().text)
    assert warnings_of(run, lab) == [
        "git-ssh WARN aws ssm get-parameters: no answer in 9 s",
        "git-ssh WARN localhost: no answer in 12 s",
    ]


@pytest.mark.parametrize(
    ("mode", "cause"), [("denied", "AccessDeniedException"), ("throttled", "ThrottlingException")]
)
def test_a_refused_or_throttled_call_is_one_line(
    closed: GitSsh, make_space: MakeSpace, mode: str, cause: str
) -> None:
    lab = make_space("lab")
    (lab.aws / "mode").write_text(mode)
    run = lab.start(closed.script().text)
    assert run.code == 0
    (line,) = warnings_of(run, lab)
    assert line.startswith("git-ssh WARN aws ssm get-parameters: ")
    assert cause in line


@pytest.mark.parametrize(
    "identity", ["no json", '{"name": "Ana"}', '{"name": "A\\u001b[2J", "email": "a@b.c"}', "[]"]
)
def test_an_unusable_identity_is_one_line_and_git_works_on(
    closed: GitSsh, make_space: MakeSpace, identity: str
) -> None:
    lab = make_space("lab")
    lab.parameter("git-identity", identity)
    run = lab.start(closed.script().text)
    (line,) = warnings_of(run, lab)
    assert ".studio-infra/identity cannot be written: " in line
    assert lab.shell("git config --list").returncode == 0


def test_dot_ssh_may_not_be_a_file(closed: GitSsh, make_space: MakeSpace) -> None:
    lab = make_space("lab")
    (lab.home / ".ssh").write_text("mine")
    run = lab.start(closed.script().text, wait=False)
    assert run.code == 0
    (line,) = run.lines("WARN")
    assert ".ssh" in line
    assert "File exists" in line
    assert (lab.home / ".ssh").read_text() == "mine"


def test_links_out_of_the_home_are_not_followed(
    closed: GitSsh, make_space: MakeSpace, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    lab = make_space("lab")
    (lab.home / ".ssh").symlink_to(outside)
    run = lab.start(closed.script().text, wait=False)
    assert run.code == 0
    (line,) = run.lines("WARN")
    assert ".ssh leads out of the home: left alone" in line
    assert not list(outside.iterdir())

    code = make_space("code")
    (outside / "gitconfig").write_text("[alias]\n")
    (code.home / ".gitconfig").symlink_to(outside / "gitconfig")
    (line,) = warnings_of(code.start(closed.script().text), code)
    assert ".gitconfig leads out of the home: left alone" in line
    assert (outside / "gitconfig").read_text() == "[alias]\n"


def test_a_person_may_keep_dot_ssh_on_their_efs_home(closed: GitSsh, make_space: MakeSpace) -> None:
    lab = make_space("lab")
    assert lab.efs is not None
    (lab.efs / "dot-ssh").mkdir()
    (lab.home / ".ssh").symlink_to("user-default-efs/dot-ssh")
    run = lab.start(closed.script().text)
    assert not warnings_of(run, lab)
    assert (lab.efs / "dot-ssh/studio_config").exists()


def test_wrong_permissions_are_put_right(closed: GitSsh, make_space: MakeSpace) -> None:
    lab = make_space("lab")
    lab.start(closed.script().text)
    assert lab.efs is not None
    lab.home.chmod(0o777)
    for path in (".ssh", ".ssh/config", ".ssh/studio_key"):
        (lab.home / path).chmod(0o777)
    shared = lab.efs / ".studio-infra/ssh/id_ed25519"
    shared.chmod(0o644)
    run = lab.start(closed.script().text)
    assert not warnings_of(run, lab)
    assert (lab.home / ".ssh").stat().st_mode & 0o022 == 0
    assert (lab.home / ".ssh/config").stat().st_mode & 0o022 == 0
    assert [path.stat().st_mode & 0o777 for path in (lab.home / ".ssh/studio_key", shared)] == [0o600] * 2


@pytest.mark.parametrize("damage", ["cut", "locked", "empty line"])
def test_a_damaged_key_is_named_and_left_alone(closed: GitSsh, make_space: MakeSpace, damage: str) -> None:
    lab = make_space("lab")
    assert lab.efs is not None
    shared = lab.efs / ".studio-infra/ssh/id_ed25519"
    shared.parent.mkdir(parents=True)
    if damage == "empty line":
        shared.write_text("\n")
    else:
        passphrase = "secret" if damage == "locked" else ""
        subprocess.run(["ssh-keygen", "-qt", "ed25519", "-N", passphrase, "-f", shared], check=True)
        shared.write_bytes(shared.read_bytes()[: 200 if damage == "cut" else None])
    before = shared.read_bytes()
    run = lab.start(closed.script().text)
    assert run.code == 0
    (line,) = warnings_of(run, lab)
    assert "the key in " in line
    assert "id_ed25519 cannot be used: " in line
    assert shared.read_bytes() == before
    assert (lab.home / ".ssh/studio_known_hosts").exists()
    assert "gpgSign" not in (lab.home / ".studio-infra/gitconfig").read_text(), "commits would fail"


def test_strict_keeps_the_app_from_starting(closed: GitSsh, make_space: MakeSpace) -> None:
    lab = make_space("lab")
    (lab.home / ".ssh").write_text("mine")
    assert lab.start(replace(closed, strict=True).script().text, wait=False).code == 1
    (lab.home / ".ssh").unlink()
    assert lab.start(replace(closed, strict=True).script().text).code == 0


# -- the key from Secrets Manager ------------------------------------------------------------------------


@pytest.fixture
def from_secret(closed: GitSsh) -> GitSsh:
    return replace(closed, key_store=KeyStore.SECRET)


def new_key(folder: Path, *options: str) -> str:
    subprocess.run(
        ["ssh-keygen", "-q", "-N", "", "-f", folder / "given", *(options or ["-ted25519"])], check=True
    )
    (folder / "given.pub").unlink()
    text = (folder / "given").read_text()
    (folder / "given").unlink()
    return text


@pytest.mark.parametrize("options", [("-ted25519",), ("-trsa", "-b2048", "-mPEM"), ("-tecdsa",)])
def test_a_secret_with_windows_line_ends_becomes_a_key(
    from_secret: GitSsh, make_space: MakeSpace, tmp_path: Path, options: tuple[str, ...]
) -> None:
    key = new_key(tmp_path, *options)
    lab = make_space("lab")
    lab.secret("ssh-private-key", key.strip().replace("\n", "\r\n"))
    run = lab.start(from_secret.script().text)
    assert not warnings_of(run, lab)
    assert (lab.home / ".ssh/studio_key").read_text() == key
    assert (lab.home / ".ssh/studio_key").stat().st_mode & 0o777 == 0o600
    assert lab.efs is not None
    assert not list(lab.efs.iterdir()), "a key from elsewhere is not copied further"
    assert "gpgSign" in (lab.home / ".studio-infra/gitconfig").read_text()


def test_the_key_that_came_before_is_used_when_the_secret_cannot_be_read(
    from_secret: GitSsh, make_space: MakeSpace, tmp_path: Path
) -> None:
    lab = make_space("lab")
    lab.secret("ssh-private-key", new_key(tmp_path))
    lab.start(from_secret.script().text)
    before = lab.contents()
    (lab.aws / "mode").write_text("offline")
    run = lab.start(from_secret.script().text)
    assert run.code == 0
    assert lab.contents() == before, "signing included"


def test_a_rotated_secret_replaces_the_key_and_keeps_the_old_one(
    from_secret: GitSsh, make_space: MakeSpace, tmp_path: Path
) -> None:
    lab = make_space("lab")
    first, second = new_key(tmp_path), new_key(tmp_path)
    for key in (first, second):
        lab.secret("ssh-private-key", key)
        lab.start(from_secret.script().text)
    assert (lab.home / ".ssh/studio_key").read_text() == second
    (kept,) = (lab.home / ".ssh").glob("studio_key.[0-9]*")
    assert kept.read_text() == first


@pytest.mark.parametrize("secret", [None, "hunter2-no-key-at-all", '{"private_key": "hunter2"}'])
def test_a_missing_or_wrong_secret_is_one_line_and_not_shown(
    from_secret: GitSsh, make_space: MakeSpace, secret: str | None
) -> None:
    lab = make_space("lab")
    if secret is not None:
        lab.secret("ssh-private-key", secret)
    run = lab.start(from_secret.script().text)
    assert run.code == 0
    (line,) = warnings_of(run, lab)
    assert (
        "can't find the specified secret" if secret is None else "research/people/ana/ssh-private-key"
    ) in line
    assert "hunter2" not in run.output + lab.log
    assert not (lab.home / ".ssh/studio_key").exists()


# -- whose space it is -----------------------------------------------------------------------------------


def test_nothing_personal_comes_into_a_shared_space(closed: GitSsh, make_space: MakeSpace) -> None:
    lab = make_space("lab")
    run = lab.start(
        closed.script().text, wait=False, environment={"SAGEMAKER_SPACE_TYPE_LOWERCASE": "shared"}
    )
    assert run.code == 0
    assert "shared space: nothing personal is put here" in run.output
    assert [path.name for path in lab.home.iterdir()] == ["user-default-efs"]
    assert lab.efs is not None
    assert not list(lab.efs.iterdir())


def test_a_space_that_cannot_be_told_from_a_shared_one_is_treated_as_one(
    closed: GitSsh, make_space: MakeSpace
) -> None:
    lab = make_space("lab", user=None, efs=False)
    run = lab.start(closed.script().text, wait=False, environment={"SAGEMAKER_SPACE_TYPE_LOWERCASE": ""})
    assert "shared space" in run.output
    assert not list(lab.home.iterdir())


def test_the_owner_is_asked_for_where_studio_does_not_say(closed: GitSsh, make_space: MakeSpace) -> None:
    lab = make_space("lab", user=None)
    (lab.aws / "owner").write_text("ana")
    run = lab.start(closed.script().text)
    assert not warnings_of(run, lab)
    published = lab.aws / f"{PEOPLE}/ana/ssh-public-key".replace("/", "%")
    assert published.read_text() == lab.public_key.strip()
    calls = [json.loads(call) for call in (lab.aws / "calls").read_text().splitlines()]
    assert calls[0][:6] == ["sagemaker", "describe-space", "--domain-id", "d-1", "--space-name", "lab"]


def test_where_nobody_says_whose_space_it_is_nothing_is_asked_for_or_published(
    closed: GitSsh, make_space: MakeSpace
) -> None:
    lab = make_space("lab", user=None)
    (lab.aws / "mode").write_text("denied")
    (line,) = warnings_of(lab.start(closed.script().text), lab)
    assert "aws sagemaker describe-space: " in line
    assert lab.public_key
    assert len((lab.aws / "calls").read_text().splitlines()) == 1


def test_without_efs_a_space_has_its_own_key_until_efs_comes(closed: GitSsh, make_space: MakeSpace) -> None:
    lab = make_space("lab", efs=False)
    (line,) = warnings_of(lab.start(closed.script().text), lab)
    assert "no EFS home, so this space has its own key: not mounted" in line
    own = lab.public_key
    assert (lab.aws / f"{PEOPLE}/ana/ssh-public-key/lab".replace("/", "%")).read_text() == own.strip()

    # The registered key stays the person's key when their EFS home is empty ...
    efs = lab.folder.parent / "efs-late"
    efs.mkdir()
    (lab.home / "user-default-efs").symlink_to(efs)
    lab.start(closed.script().text)
    assert lab.public_key == own
    code = make_space("code", efs=False)
    (code.home / "user-default-efs").symlink_to(efs)
    code.start(closed.script().text)
    assert code.public_key == own

    # ... and gives way, without being lost, where the EFS home has another.
    other = make_space("other", efs=False)
    other.start(closed.script().text)
    left = (other.home / ".ssh/studio_key").read_text()
    (other.home / "user-default-efs").symlink_to(efs)
    other.start(closed.script().text)
    assert other.public_key == own
    (kept,) = (other.home / ".ssh").glob("studio_key.[0-9]*")
    assert kept.read_text() == left


def test_classic_keeps_the_key_in_the_home_which_is_efs(closed: GitSsh, make_space: MakeSpace) -> None:
    classic = make_space(None, efs=False)
    run = classic.start(closed.script().text, environment={"SAGEMAKER_SPACE_TYPE_LOWERCASE": ""})
    assert not warnings_of(run, classic)
    assert (classic.aws / f"{PEOPLE}/ana/ssh-public-key".replace("/", "%")).exists()
    first = classic.public_key
    classic.start(closed.script().text)
    assert classic.public_key == first


def test_another_person_cannot_read_the_key(closed: GitSsh, make_space: MakeSpace) -> None:
    lab = make_space("lab")
    lab.start(closed.script().text)
    assert lab.efs is not None
    places = [lab.efs / ".studio-infra/ssh/id_ed25519", lab.home / ".ssh/studio_key"]
    for path in places:
        assert path.stat().st_mode & 0o077 == 0
        assert path.parent.stat().st_mode & 0o077 == 0
    if ROOT and shutil.which("setpriv"):
        bob: Sequence[str] = ["setpriv", "--reuid=12345", "--regid=12345", "--clear-groups"]
        assert subprocess.run([*bob, "true"], check=False).returncode == 0
        for path in places:
            assert subprocess.run([*bob, "cat", path], capture_output=True, check=False).returncode != 0
