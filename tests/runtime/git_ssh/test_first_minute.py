"""A person's first minutes: two spaces, one key, clone, signed commit, push, pull, with real git and ssh."""

from __future__ import annotations

import getpass
import json
import shutil
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

from studio_infra.studio.git.git_host import GitHost
from studio_infra.studio.git.git_ssh import GitSsh
from studio_infra.studio.lifecycle.lifecycle_script import LifecycleScript
from tests.runtime.git_ssh.world import PEOPLE, GitServer, Space

if TYPE_CHECKING:
    from collections.abc import Callable

    MakeSpace = Callable[..., Space]


def test_one_registration_serves_every_space_of_a_person(
    server: GitServer, git_ssh: GitSsh, make_space: MakeSpace
) -> None:
    script = git_ssh.script().text
    lab, code = make_space("lab"), make_space("code")
    lab.parameter("git-identity", json.dumps({"name": 'Ana "Ani" Sílva', "email": "ana@example.com"}))
    repository = server.repository("churn.git")

    first = lab.start(script)
    assert first.code == 0
    assert "public key: ssh-ed25519 " in first.output
    assert "TODO localhost: this key is not registered there yet: add it at https://git/keys" in lab.log

    server.register(lab.public_key)
    lab.start(script)
    assert "INFO localhost: authenticated" in lab.log
    lab.shell(f"git clone -q localhost:{repository} churn")
    lab.shell("cd churn && echo 1 >a && git add a && git commit -qm one")
    lab.shell("cd churn && git push -q origin HEAD:main")
    shown = lab.shell("cd churn && git log -1 --format='%an|%ae|%G?|%GS'").stdout.strip()
    assert shown == 'Ana "Ani" Sílva|ana@example.com|G|ana@example.com'

    code.start(script)
    assert code.public_key == lab.public_key
    assert "INFO localhost: authenticated" in code.log
    assert not code.log.count("TODO")
    code.shell(f"git clone -q https://localhost/{repository} churn")
    assert code.shell("cd churn && git log -1 --format=%G?").stdout.strip() == "G"
    code.shell("cd churn && echo 2 >a && git commit -qam two && git push -q")
    lab.shell("cd churn && git pull -q origin main")
    assert (lab.home / "churn/a").read_text() == "2\n"


def test_the_public_key_is_published_once(git_ssh: GitSsh, make_space: MakeSpace) -> None:
    lab, code = make_space("lab"), make_space("code")
    for space in (lab, lab, code):
        space.start(git_ssh.script().text)
    published = (lab.aws / f"{PEOPLE}/ana/ssh-public-key".replace("/", "%")).read_text()
    assert published == lab.public_key.strip()
    calls = (lab.aws / "calls").read_text().splitlines()
    assert len([call for call in calls if "put-parameter" in call]) == 1


def test_repositories_are_cloned_in_the_background_unless_they_are_there(
    server: GitServer, git_ssh: GitSsh, make_space: MakeSpace
) -> None:
    lab = make_space("lab")
    server.register(new_key(lab))
    there, wanted, secret = (server.repository(f"{name}.git") for name in ("there", "wanted", "closed"))
    shutil.rmtree(secret)
    (lab.home / "there").mkdir()
    (lab.home / "there/mine").write_text("kept")
    urls = [f"ssh://{getpass.getuser()}@localhost{path}" for path in (there, wanted, secret)]
    lab.start(replace(git_ssh, clone=urls).script().text)
    assert f"INFO {urls[1]}: cloned" in lab.log
    assert lab.shell("git -C wanted remote get-url origin").stdout.strip() == urls[1]
    assert [path.name for path in (lab.home / "there").iterdir()] == ["mine"]
    assert f"WARN {urls[2]}: not cloned: " in lab.log
    assert not (lab.home / "closed").exists()
    assert not list((lab.home / ".studio-infra").glob("*studio~*"))


def test_a_host_with_another_key_than_the_pinned_one_is_not_believed(
    server: GitServer, make_space: MakeSpace
) -> None:
    lab = make_space("lab")
    server.register(new_key(lab))
    host = GitHost.custom("localhost", port=server.port, host_keys=GitHost.github().host_keys)
    lab.start(GitSsh(hosts=[host]).script().text)
    assert "WARN localhost: Host key verification failed." in lab.log
    refused = lab.shell(f"git ls-remote localhost:{server.repository('any.git')}", check=False)
    assert refused.returncode != 0
    assert "Host key verification failed" in refused.stderr


def test_what_a_person_set_up_themselves_stays_theirs(
    server: GitServer, git_ssh: GitSsh, make_space: MakeSpace
) -> None:
    lab = make_space("lab")
    (lab.home / ".ssh").mkdir(mode=0o700)
    config = "Host *\n  StrictHostKeyChecking no\n  ServerAliveInterval 7\n\nHost mine # no line end"
    (lab.home / ".ssh/config").write_text(config)
    git = "[user]\n\temail = own@example.com\n\tsigningKey = ABCDEF\n[commit]\n\tgpgSign = false\n"
    (lab.home / ".gitconfig").write_text(git)
    own = new_key(lab, ".ssh/id_ed25519")
    private = (lab.home / ".ssh/id_ed25519").read_bytes()
    server.register(own)
    lab.parameter("git-identity", json.dumps({"name": "Ana", "email": "ana@example.com"}))

    lab.start(git_ssh.script().text)
    assert (lab.home / ".ssh/config").read_text() == f"Include studio_config\n{config}\n"
    assert (lab.home / ".gitconfig").read_text() == f"[include] path = ~/.studio-infra/gitconfig\n{git}"
    assert (lab.home / ".ssh/id_ed25519").read_bytes() == private
    assert "INFO localhost: authenticated" in lab.log, "the key they had registered before still works"
    assert lab.shell("git config user.email").stdout == "own@example.com\n"
    assert lab.shell("git config user.name").stdout == "Ana\n"
    assert lab.shell("git config user.signingKey").stdout == "ABCDEF\n"
    assert lab.shell("git config gpg.format", check=False).stdout == ""
    seen = lab.shell("ssh -G localhost").stdout
    assert "stricthostkeychecking true" in seen
    assert "serveraliveinterval 7" in seen


def test_https_stays_https_until_the_host_has_accepted_the_key(
    server: GitServer, git_ssh: GitSsh, make_space: MakeSpace
) -> None:
    lab = make_space("lab")
    ask = "git config --get-urlmatch x https://localhost; git ls-remote --get-url https://localhost/a/b.git"
    lab.start(git_ssh.script().text)
    assert lab.shell(ask).stdout == "https://localhost/a/b.git\n"
    server.register(lab.public_key)
    lab.start(git_ssh.script().text)
    assert lab.shell(ask).stdout == "localhost:a/b.git\n"
    lab.start(replace(git_ssh, https_rewrite=False).script().text)
    assert lab.shell(ask).stdout == "https://localhost/a/b.git\n"

    # A key that is taken back must not leave public repositories unreadable.
    lab.start(git_ssh.script().text)
    (server.folder / "authorized_keys").write_text("")
    lab.start(git_ssh.script().text)
    assert lab.shell(ask).stdout == "https://localhost/a/b.git\n"


def new_key(space: Space, path: str = "user-default-efs/.studio-infra/ssh/id_ed25519") -> str:
    """A key that was made before; returns its public half."""
    file = space.home / path
    file.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["ssh-keygen", "-qt", "ed25519", "-N", "", "-f", file], check=True)
    return file.with_name(f"{file.name}.pub").read_text()


def test_it_works_the_same_behind_another_script_in_one_slot(
    server: GitServer, git_ssh: GitSsh, make_space: MakeSpace
) -> None:
    other = LifecycleScript(text="#!/bin/bash\nset -eux\necho before\nexit 3\n", name="other")
    lab = make_space("lab")
    run = lab.start(LifecycleScript.compose(other, git_ssh.script()).text)
    assert run.code == 0
    assert "before" in run.output
    server.register(lab.public_key)
    lab.start(LifecycleScript.compose(git_ssh.script(), other).text)
    assert "INFO localhost: authenticated" in lab.log
