"""The values of git over SSH: what they refuse, what they write, what they permit."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Template

from studio_infra.errors import InvalidInput
from studio_infra.studio.git.git_host import PINNED_KEYS, CodeCommitHost, GitHost
from studio_infra.studio.git.git_ssh import GitSsh, KeyStore
from studio_infra.studio.lifecycle.lifecycle_script import SHIPPED_SCRIPTS, LifecycleScript

if TYPE_CHECKING:
    from pathlib import Path

#: As the hosts publish them: Ed25519, ECDSA, RSA.
FINGERPRINTS = {
    "github.com": (
        "+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU",
        "p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM",
        "uNiVztksCsDhcc0u9e8BujQXVUpKZIDTMczCvj3tD2s",
    ),
    "gitlab.com": (
        "eUXGGm1YGsMAS7vkcx6JOJdOGHPem5gQp4taiCfCLB8",
        "HbW3g8zUjNSksFbqTiUWPWg2Bq1x8xdGUrliXFzSnUw",
        "ROQFvPThGrW4RuWLoL9tq9I9zJ42fK4XywyRtbOz/EQ",
    ),
    "bitbucket.org": (
        "ybgmFkzwOSotHTHLJgHO0QN8L0xErw6vd0VhFA9m3SM",
        "FC73VB6C4OQLSCrjEayhMp9UMxS97caD/Yyi2bhW/J0",
        "46OSHA1Rmj8E8ERTC6xkNcmGOw9oFxYr0WF6zWW8l1E",
    ),
}
ED25519 = GitHost.github().host_keys[0]
PUBLIC = (GitHost.github(), GitHost.gitlab(), GitHost.bitbucket())
EVERYTHING = GitSsh(hosts=PUBLIC, people="/research/people", sign_commits=True)


def settings_of(script: LifecycleScript) -> dict[str, str]:
    """The values as the shell reads them."""
    names = re.findall(r"(?m)^readonly ([A-Z_]+)=", script.text)
    header = script.text[: script.text.index("\nset -u\n")]
    show = "".join(f'\nprintf "%s\\0" "${name}"' for name in names)
    printed = subprocess.run(["bash", "-c", header + show], capture_output=True, text=True, check=True).stdout
    return dict(zip(names, printed.split("\0"), strict=False))


def statements(git_ssh: GitSsh, **options: str) -> list[dict[str, object]]:
    stack = cdk.Stack(cdk.App(), "S", env=cdk.Environment(account="123456789012", region="eu-west-1"))
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    for statement in git_ssh.policy_statements(stack, **options):
        role.add_to_policy(statement)
    text = json.dumps(Template.from_stack(stack).to_json()).replace('{"Ref": "AWS::Partition"}', '"aws"')
    text = re.sub(r'\{"Fn::Join": \["", \["([^"]*)", "aws", "([^"]*)"\]\]\}', r'"\1aws\2"', text)
    (policy,) = (r for r in json.loads(text)["Resources"].values() if r["Type"] == "AWS::IAM::Policy")
    found: list[dict[str, object]] = policy["Properties"]["PolicyDocument"]["Statement"]
    return found


# -- hosts -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", FINGERPRINTS)
def test_pinned_keys_have_the_fingerprints_that_the_hosts_publish(host: str) -> None:
    lines = [line.split() for line in PINNED_KEYS.read_text().splitlines() if line.startswith(f"{host} ")]
    assert [kind for _, kind, _ in lines] == ["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"]
    digests = [hashlib.sha256(base64.b64decode(key, validate=True)).digest() for _, _, key in lines]
    assert tuple(base64.b64encode(digest).decode().rstrip("=") for digest in digests) == FINGERPRINTS[host]


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed here")
def test_ssh_keygen_reads_the_pinned_keys_and_agrees() -> None:
    shown = subprocess.run(
        ["ssh-keygen", "-lf", PINNED_KEYS], capture_output=True, text=True, check=True
    ).stdout
    assert set(re.findall(r"SHA256:(\S+)", shown)) == {f for fs in FINGERPRINTS.values() for f in fs}


def test_the_public_hosts_are_pinned_to_their_ed25519_key() -> None:
    for host in PUBLIC:
        (key,) = host.host_keys
        assert f"{host.host} {key}\n" in PINNED_KEYS.read_text()


def test_a_custom_host_without_keys_is_refused_unless_trusted_on_first_use() -> None:
    with pytest.raises(InvalidInput, match=r"'ssh-keyscan git\.corp\.example'") as caught:
        GitHost.custom("git.corp.example")
    assert caught.value.code == "GitHostKeys"
    assert GitHost.custom("git.corp.example", trust_on_first_use=True).host_keys == ()


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ({"host": "Git.Corp"}, "GitHostName"),
        ({"host": "git.corp:22"}, "GitHostName"),
        ({"host": "-git"}, "GitHostName"),
        ({"host": "git.corp\n"}, "GitHostName"),
        ({"over_443": "x y"}, "GitHostName"),
        ({"port": 0}, "GitHostPort"),
        ({"port": 65_536}, "GitHostPort"),
        ({"port": "22"}, "GitHostPort"),
        ({"user": "-git"}, "GitHostUser"),
        ({"user": "git\n"}, "GitHostUser"),
        ({"key_page": "http://x"}, "GitHostKeyPage"),
        ({"key_page": "https://x y"}, "GitHostKeyPage"),
        ({"host_keys": ["AAAA"]}, "GitHostKey"),
        ({"host_keys": [f"git.corp.example {ED25519}"]}, "GitHostKey"),
        ({"host_keys": [ED25519.replace("ssh-ed25519", "ssh-rsa")]}, "GitHostKey"),
        ({"host_keys": [f"{ED25519}\nevil ssh-ed25519 AAAA"]}, "GitHostKey"),
        ({"host_keys": [f"@cert-authority * {ED25519}"]}, "GitHostKey"),
        ({"host_keys": ["ssh-dss AAAAB3NzaC1kc3M="]}, "GitHostKey"),
    ],
)
def test_a_host_that_could_not_be_reached_or_trusted_is_refused(part: dict[str, object], code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        GitHost(**{"host": "git.corp.example", "host_keys": [ED25519], **part})  # type: ignore[arg-type]
    assert caught.value.code == code


def test_a_comment_behind_a_host_key_is_dropped() -> None:
    host = GitHost.custom("git.corp.example", host_keys=[f"{ED25519} root@git $(id)"])
    assert host.host_keys == (ED25519,)


def test_codecommit_has_names_in_every_partition_and_takes_no_keys() -> None:
    assert CodeCommitHost(region="eu-west-1").host == "git-codecommit.eu-west-1.amazonaws.com"
    assert CodeCommitHost(region="cn-north-1").host == "git-codecommit.cn-north-1.amazonaws.com.cn"
    for wrong in ({"region": "mars"}, {"region": "eu-west-1", "repositories": ["a*"]}):
        with pytest.raises(InvalidInput, match="CodeCommit"):
            CodeCommitHost(**wrong)


# -- the whole -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ({"hosts": []}, "GitSshHosts"),
        ({"hosts": [GitHost.github(), GitHost.github()]}, "GitSshHosts"),
        ({"people": "research"}, "GitSshPeople"),
        ({"people": "/aws/x"}, "GitSshPeople"),
        ({"people": "/research/"}, "GitSshPeople"),
        ({"people": "/research\n"}, "GitSshPeople"),
        ({"key_store": "ebs"}, "GitSshKeyStore"),
        ({"key_store": KeyStore.SECRET, "people": None}, "GitSshKeyStore"),
        ({"clone": ["git@gitlab.com:a/b.git"]}, "GitSshClone"),
        ({"clone": ["git@github.com:a/x.git", "git@github.com:b/x"]}, "GitSshClone"),
        ({"clone": ["codecommit::eu-west-1://x"]}, "GitSshClone"),
    ],
)
def test_contradictions_are_refused(part: dict[str, object], code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        GitSsh(**{"hosts": [GitHost.github()], "people": "/research/people", **part})  # type: ignore[arg-type]
    assert caught.value.code == code


def test_key_store_may_be_written_as_settings_write_it() -> None:
    git_ssh = GitSsh(hosts=PUBLIC, key_store="space")  # type: ignore[arg-type]
    assert settings_of(git_ssh.script())["STORE"] == "space"


def test_the_script_with_everything_leaves_room_for_the_idle_script() -> None:
    assert EVERYTHING.script().size < 10_000


def test_what_ships_is_the_script_without_comments_and_indentation() -> None:
    source = (SHIPPED_SCRIPTS / "git_ssh.sh").read_text().splitlines()[1:]
    kept = [line.lstrip("\t") for line in source if line and not line.lstrip("\t").startswith("#")]
    assert EVERYTHING.script().text.endswith("\n" + "\n".join(kept) + "\n")
    assert EVERYTHING.script().text.startswith("#!/bin/bash\nreadonly PEOPLE=/research/people\n")


@pytest.mark.parametrize("git_ssh", [EVERYTHING, replace(EVERYTHING, via_443=True, strict=True)])
def test_what_ships_is_a_script_without_findings(git_ssh: GitSsh, tmp_path: Path) -> None:
    (path := tmp_path / "script.sh").write_text(git_ssh.script().text)
    assert subprocess.run(["bash", "-n", path], check=False).returncode == 0
    # Functions are called by name (the file says so in a comment); quotes in the values are meant literally.
    quiet = "--exclude=SC2329,SC2089,SC2090"
    found = subprocess.run(["shellcheck", quiet, path], capture_output=True, text=True, check=False)
    assert found.stdout == ""
    source = SHIPPED_SCRIPTS / "git_ssh.sh"
    assert subprocess.run(["shellcheck", source], capture_output=True, check=False).stdout == b""
    assert "set -x" not in source.read_text()


def test_ssh_meets_each_host_where_it_is_and_believes_only_its_pinned_key(tmp_path: Path) -> None:
    custom = GitHost.custom("git.corp.example", port=2222, user="gitea", host_keys=[ED25519])
    loose = GitHost.custom("new.corp.example", trust_on_first_use=True)
    git_ssh = GitSsh(
        hosts=[GitHost.github(), custom, loose, CodeCommitHost(region="eu-west-1")], via_443=True
    )
    values = settings_of(git_ssh.script())
    assert values["KEYS"].splitlines() == [
        f"[ssh.github.com]:443 {ED25519}",
        f"[git.corp.example]:2222 {ED25519}",
    ]
    assert values["HOSTS"].splitlines() == [
        "github.com github.com/settings/keys",
        "git.corp.example git.corp.example",
        "new.corp.example new.corp.example",
    ]
    if shutil.which("ssh") is None:
        pytest.skip("ssh is not installed here")
    (config := tmp_path / "config").write_text(values["SSH"] + "\n")

    def meets(host: str) -> dict[str, str]:
        command: list[str | Path] = ["ssh", "-G", "-F", config, host]
        shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return dict(line.split(" ", 1) for line in shown.splitlines() if " " in line)

    github, corp, new, other = map(
        meets, ("github.com", "git.corp.example", "new.corp.example", "elsewhere.example")
    )
    assert (github["hostname"], github["port"], github["user"]) == ("ssh.github.com", "443", "git")
    assert (corp["hostname"], corp["port"], corp["user"]) == ("git.corp.example", "2222", "gitea")
    for host in (github, corp):
        assert host["stricthostkeychecking"] == "true"
        assert host["userknownhostsfile"].endswith("/.ssh/studio_known_hosts")
        assert host["globalknownhostsfile"] == "/dev/null"
    assert new["stricthostkeychecking"] == "accept-new"
    assert new["userknownhostsfile"].endswith("/.ssh/known_hosts")
    for host in (github, corp, new):
        assert host["identitiesonly"] == "yes"
        assert host["identityfile"].endswith("/.ssh/studio_key")
    assert other["identitiesonly"] == "no"


def test_codecommit_urls_go_through_the_role() -> None:
    git_ssh = GitSsh(
        hosts=[CodeCommitHost(region="eu-west-1")],
        clone=["codecommit::eu-west-1://churn"],
        https_rewrite=True,
    )
    values = settings_of(git_ssh.script())
    assert values["HOSTS"] == ""
    assert values["CLONES"] == "churn codecommit::eu-west-1://churn"
    assert '[url "codecommit::eu-west-1://"] insteadOf=' in values["GIT"]
    off = settings_of(replace(git_ssh, https_rewrite=False).script())
    assert "insteadOf" not in off["GIT"]


def test_clones_are_named_as_git_names_them() -> None:
    urls = [
        "git@github.com:acme/churn.git",
        "ssh://git@github.com:22/acme/fraud",
        "git@github.com:/acme/a.b",
    ]
    values = settings_of(GitSsh(hosts=[GitHost.github()], clone=urls).script())
    folders = [line.split()[0] for line in values["CLONES"].splitlines()]
    assert folders == ["churn", "fraud", "a.b"]


def test_the_same_values_make_the_same_script() -> None:
    assert EVERYTHING.script() == GitSsh(hosts=PUBLIC, people="/research/people", sign_commits=True).script()
    assert hash(EVERYTHING) == hash(replace(EVERYTHING))


# -- permissions -----------------------------------------------------------------------------------------

SSM = "arn:aws:ssm:eu-west-1:123456789012:parameter/research/people"


def test_a_role_may_read_and_write_its_own_person_s_parameters_only() -> None:
    person = f"{SSM}/${{aws:PrincipalTag/studio:user}}"
    assert statements(EVERYTHING) == [
        {
            "Action": "ssm:GetParameters",
            "Effect": "Allow",
            "Resource": [f"{person}/git-identity", f"{person}/ssh-public-key", f"{person}/ssh-public-key/*"],
        },
        {
            "Action": "ssm:PutParameter",
            "Effect": "Allow",
            "Resource": [f"{person}/ssh-public-key", f"{person}/ssh-public-key/*"],
        },
        {
            "Action": "sagemaker:DescribeSpace",
            "Effect": "Allow",
            "Resource": "arn:aws:sagemaker:eu-west-1:123456789012:space/*/*",
        },
    ]
    named = json.dumps(statements(EVERYTHING, user_name="ana", domain_id="d-1"))
    assert f"{SSM}/ana/git-identity" in named
    assert "PrincipalTag" not in named
    assert "space/d-1/*" in named


def test_nothing_is_permitted_that_the_script_does_not_call() -> None:
    assert not GitSsh(hosts=PUBLIC).policy_statements(cdk.Stack(cdk.App(), "S"))
    silent = [s["Action"] for s in statements(replace(EVERYTHING, publish=False))]
    assert silent == ["ssm:GetParameters", "sagemaker:DescribeSpace"]

    calls = set(re.findall(r"\bcall (\w+) ([a-z]+-[a-z-]+)", (SHIPPED_SCRIPTS / "git_ssh.sh").read_text()))
    assert calls == {
        ("secretsmanager", "get-secret-value"),
        ("ssm", "get-parameters"),
        ("ssm", "put-parameter"),
        ("sagemaker", "describe-space"),
    }


def test_a_secret_and_its_key_are_permitted_only_where_the_key_comes_from_there() -> None:
    from_secret = replace(EVERYTHING, key_store=KeyStore.SECRET)
    key = "arn:aws:kms:eu-west-1:123456789012:key/1"
    *_, secret, decrypt = statements(from_secret, user_name="ana", key_arn=key)
    assert secret["Action"] == "secretsmanager:GetSecretValue"
    assert secret["Resource"] == (
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:research/people/ana/ssh-private-key-??????"
    )
    assert decrypt["Action"] == "kms:Decrypt"
    assert decrypt["Resource"] == key
    assert "kms:ViaService" in json.dumps(decrypt["Condition"])
    assert "secretsmanager" not in json.dumps(statements(EVERYTHING, key_arn=key))


def test_codecommit_repositories_are_permitted_one_by_one() -> None:
    git_ssh = GitSsh(hosts=[CodeCommitHost(region="eu-west-1", repositories=["churn", "fraud"])])
    (statement,) = statements(git_ssh)
    assert statement == {
        "Action": ["codecommit:GitPull", "codecommit:GitPush"],
        "Effect": "Allow",
        "Resource": [f"arn:aws:codecommit:eu-west-1:123456789012:{name}" for name in ("churn", "fraud")],
    }
