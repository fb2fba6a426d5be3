"""Text that wants to be executed, in every place where somebody can put text."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio_infra.errors import InvalidInput
from studio_infra.studio.git.git_host import GitHost
from studio_infra.studio.git.git_ssh import GitSsh
from tests.runtime.git_ssh.world import PEOPLE, Space, executable

KEY = GitHost.github().host_keys[0]
#: What each attack would leave behind.
MARK = "PWNED"

attacks = st.sampled_from(
    [
        f"$(touch {MARK})",
        f"`touch {MARK}`",
        f"'; touch {MARK}; '",
        f'"; touch {MARK}; "',
        f"\ntouch {MARK}\n",
        f"|touch {MARK}",
        f"a b & touch {MARK} &",
        f"-oProxyCommand=touch {MARK}",
        "--upload-pack=touch " + MARK,
        f"\n ProxyCommand touch {MARK}\n",
        f"\nHost *\n ProxyCommand touch {MARK}\n",
        f"ext::sh -c touch% {MARK}",
        f"${{IFS}}touch${{IFS}}{MARK}",
        f"\n[core]\n\tsshCommand = touch {MARK}\n",
        f'"\n[alias]\nx = !touch {MARK}\n',
        f"\\\n; touch {MARK}",
        "\\",
        '"',
        "%h%n",
        "~/x",
        "\t",
        "\r\n",
        "\u2028",
        "\u202e",
        "\U0001f600",
    ]
)
hostile = st.lists(
    st.one_of(attacks, st.text(max_size=8), st.sampled_from(["ana", "Ana Sílva", "git", "-", "--"])),
    max_size=3,
).map("".join)


def values(base: str) -> st.SearchStrategy[str]:
    """Sometimes good, sometimes hostile, sometimes good with something hostile in it."""
    return st.one_of(
        st.just(base),
        hostile,
        st.builds(lambda bad: base + bad, hostile),
        hostile.map(lambda bad: bad + base),
    )


payloads = st.fixed_dictionaries(
    {
        "host": values("git.corp.example"),
        "port": st.one_of(st.integers(-1, 70_000), hostile),
        "user": values("git"),
        "key": st.one_of(values(KEY), hostile.map(lambda comment: f"{KEY} {comment}")),
        "page": values("https://git.corp.example/keys"),
        "people": values("/research/people"),
        "clone": values("git@git.corp.example:group/name.git"),
        "name": values("Ana"),
        "email": values("ana@example.com"),
        "profile": values("ana"),
    }
)


def accepted(payload: dict[str, Any]) -> GitSsh:
    """What the values make of the payload; a part that they refuse is replaced by a good one."""
    good = {
        "key_page": payload["page"],
        "port": payload["port"],
        "user": payload["user"],
        "host": payload["host"],
    }
    host: dict[str, Any] = {"host": "git.corp.example", "host_keys": [KEY]}
    for name, value in good.items():
        try:
            GitHost(**{**host, name: value})
        except InvalidInput:
            continue
        host[name] = value
    try:
        GitHost(**{**host, "host_keys": [payload["key"]]})
        host["host_keys"] = [payload["key"]]
    except InvalidInput:
        pass
    whole: dict[str, Any] = {"hosts": [GitHost(**host)], "people": PEOPLE, "sign_commits": True}
    for name, value in (("people", payload["people"]), ("clone", [payload["clone"]])):
        try:
            GitSsh(**{**whole, name: value})
        except InvalidInput:
            continue
        whole[name] = value
    return GitSsh(**whole)


# Everything but the network: it would make of 500 payloads an hour.
OFFLINE = 'probe() { :; }\nclone() { echo "$1 $2" >"clone-$1"; }\n'


#: Answers for whoever it is, and quickly.
AWS = """#!/bin/sh
case $2 in describe-space) echo ana ;; get-parameters) cat "$FAKE_AWS/answer" ;; esac
"""
#: What git is told besides the identity; a value that broke out of its place would add to it.
OURS = {"include.path", "user.signingkey", "gpg.format", "gpg.ssh.allowedsignersfile", "commit.gpgsign"}


@pytest.mark.slow
@pytest.mark.timeout(900)
@settings(
    max_examples=500,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(payload=payloads)
def test_no_payload_is_executed_and_what_is_accepted_comes_out_as_it_went_in(payload: dict[str, Any]) -> None:
    git_ssh = accepted(payload)
    folder = Path(tempfile.mkdtemp(prefix="hostile-"))
    try:
        lab = Space(folder / "lab", None, user=payload["profile"])
        executable(lab.bin / "aws", AWS)
        identity = json.dumps({"name": payload["name"], "email": payload["email"]})
        (lab.aws / "answer").write_text(f"{git_ssh.people}/ana/git-identity\t{identity}\n")
        script = git_ssh.script().text
        place = script.index("set_up() {")
        run = lab.start(script[:place] + OFFLINE + script[place:])

        assert run.code == 0
        assert not list(folder.rglob(f"*{MARK}*"))
        assert (lab.home / ".ssh/config").read_text() == "Include studio_config\n"
        assert (lab.home / ".gitconfig").read_text() == "[include] path = ~/.studio-infra/gitconfig\n"

        (host,) = git_ssh.hosts
        assert isinstance(host, GitHost)
        shown = lab.shell(f"ssh -G {host.host} && echo && git config --list -z").stdout
        config, _, listed = shown.partition("\n\n")
        ssh = dict(line.partition(" ")[::2] for line in config.splitlines())
        assert (ssh["hostname"], ssh["port"], ssh["user"]) == (host.host, str(host.port), host.user)
        assert "proxycommand" not in ssh
        git = dict(entry.partition("\n")[::2] for entry in listed.split("\0") if entry)
        for url in git_ssh.clone:
            (note,) = lab.home.glob("clone-*")
            assert note.read_text() == f"{note.name.removeprefix('clone-')} {url}\n"

        given = (payload["name"], payload["email"])
        usable = all(value.isprintable() for value in given)
        assert (lab.home / ".studio-infra/identity").exists() == usable
        assert (git.get("user.name"), git.get("user.email")) == (given if usable else (None, None))
        assert git.keys() - {"user.name", "user.email"} == OURS
    finally:
        shutil.rmtree(folder)


@pytest.mark.parametrize(
    "url",
    [
        "--upload-pack=touch x",
        "-oProxyCommand=x:y",
        "ext::sh -c x",
        "git@git.corp.example:-x",
        "git@git.corp.example:a/-x",
        "git@git.corp.example:..",
        "git@other.example:a/b.git",
        "http://git.corp.example/a/b.git",
        "https://ana:pass@git.corp.example/a/b.git",
        "git@git.corp.example:a/b.git\n",
        "git@git.corp.example:a b",
        "file:///etc",
        "",
    ],
)
def test_a_clone_that_git_could_misread_is_refused(url: str) -> None:
    host = GitHost.custom("git.corp.example", host_keys=[KEY])
    with pytest.raises(InvalidInput, match="GitSshClone"):
        GitSsh(hosts=[host], clone=[url])


def test_what_is_executed_is_seen(tmp_path: Path) -> None:
    """The test above can fail: the same payload, unquoted, leaves its mark."""
    subprocess.run(["bash", "-c", f"X=$(touch {MARK})"], cwd=tmp_path, check=True)
    assert list(tmp_path.rglob(f"*{MARK}*"))
