"""A person's first minutes: two spaces, one key, clone, signed commit, push, pull, with real git and ssh."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from runtime.git_ssh.world import PEOPLE, GitServer, Space

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio_infra.studio.git_ssh import GitSsh

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
