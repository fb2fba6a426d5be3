"""`studio-infra keys`: what spaces have published, and registering it with a stand-in of each host's API."""

from __future__ import annotations

import http.server
import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from studio_infra.cli.people.keys import fingerprint
from studio_infra.rehearsal.server import EmbeddedAws

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Keys = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
COMMAND = Path(sys.executable).with_name("studio-infra")
#: GitHub's and GitLab's own host keys: keys whose fingerprints their owners publish.
ANA = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl ana@studio"
ANA_PRINT = "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU"
BOB = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAfuCHKVTjquxvt6CM6tdG4SLp1Btn/nOeHHE5UOzRdf lab@studio"
BOB_PRINT = "SHA256:eUXGGm1YGsMAS7vkcx6JOJdOGHPem5gQp4taiCfCLB8"
TOKEN = "token-that-nobody-may-see"  # noqa: S105 - of the stand-in


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws() as server:
        ssm = server.client("ssm", region_name="us-east-1")
        for name, value in {
            "ana/ssh-public-key": ANA,
            "ana/git-identity": '{"name": "Ana", "email": "ana@example.com"}',
            "bob/ssh-public-key/bob-lab": BOB,
            "cyd/ssh-public-key": "not a key",
        }.items():
            ssm.put_parameter(Name=f"/research/people/{name}", Value=value, Type="String")
        secrets = server.client("secretsmanager", region_name="us-east-1")
        secrets.create_secret(Name="git-token", SecretString=f"{TOKEN}\n")
        yield server


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    text = (ROOT / "settings/sandbox.toml").read_text(encoding="utf-8")
    text = text.replace("sandbox-users.csv", "users.csv").replace('name = "sandbox"', 'name = "research"', 1)
    (tmp_path / "settings.toml").write_text(text, encoding="utf-8")
    people = ("ana", "bob", "cyd", "dan")
    roster = "".join(f"{name},sandbox,{name.title()} S,{name}@example.com\n" for name in people)
    (tmp_path / "users.csv").write_text(f"user_name,team,full_name,email\n{roster}", encoding="utf-8")
    return tmp_path / "settings.toml"


@pytest.fixture
def keys(aws: EmbeddedAws, settings: Path) -> Keys:
    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [COMMAND, "keys", *arguments, "--settings", settings],
            env={**aws.subprocess_environment(), "COLUMNS": "140", "NO_COLOR": "1", **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


class GitHostApi(http.server.BaseHTTPRequestHandler):
    """What GitHub and GitLab document for adding a key to one's own account."""

    keys: ClassVar[set[str]] = set()
    asked: ClassVar[list[dict[str, Any]]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        GitHostApi.asked.append({"path": self.path, "headers": dict(self.headers), **body})
        gitlab = self.path == "/api/v4/user/keys"
        given = self.headers.get("PRIVATE-TOKEN") if gitlab else self.headers.get("Authorization")
        if self.path == "/moved/user/keys":
            self.send_response(302)
            self.send_header("Location", "/user/keys")
            self.end_headers()
            return
        if given not in {TOKEN, f"Bearer {TOKEN}"}:
            self.answer(401, {"message": f"Bad credentials: {given}"})
        elif body["key"] in self.keys:
            self.answer(
                *(400, {"message": {"fingerprint_sha256": ["has already been taken"]}})
                if gitlab
                else (422, {"message": "Validation Failed", "errors": [{"message": "key is already in use"}]})
            )
        else:
            self.keys.add(body["key"])
            self.answer(201, {"id": 1, "title": body["title"], "key": body["key"]})

    def answer(self, code: int, body: object) -> None:
        text = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Nothing: the test's output is the command's."""


@pytest.fixture
def api() -> Iterator[str]:
    GitHostApi.keys.clear()
    GitHostApi.asked.clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), GitHostApi) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_published_keys_are_listed_with_the_fingerprints_that_hosts_show(keys: Keys) -> None:
    result = keys()
    assert result.returncode == 0
    assert [line.split()[:3] for line in result.stdout.splitlines()[1:]] == [
        ["ana", "all", ANA_PRINT],
        ["bob", "bob-lab", BOB_PRINT],
    ]
    assert result.stderr == "/research/people/cyd/ssh-public-key does not hold a public key; it is left out\n"


def test_keys_are_listed_for_programs(keys: Keys) -> None:
    (key,) = json.loads(keys("bob", "--json").stdout)
    assert key | {"published": ""} == {
        "person": "bob",
        "space": "bob-lab",
        "fingerprint": BOB_PRINT,
        "published": "",
        "line": BOB,
    }


def test_the_line_to_paste_is_all_that_copy_prints(keys: Keys) -> None:
    result = keys("ana", "--copy")
    assert (result.returncode, result.stdout, result.stderr) == (0, f"{ANA}\n", "")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["eve"], 1, "eve is not in the roster of "),
        (["dan"], 1, "dan has no key yet: it is published when a space of theirs starts"),
        (["--copy"], 2, "say whose key: studio-infra keys PERSON …"),
        (["--register", "github"], 2, "say whose key"),
        (
            ["ana", "--register", "sourceforge"],
            2,
            "keys can be registered with github or gitlab, got 'sourceforge'",
        ),
        (["ana", "--register", "github"], 2, "no token: set GITHUB_TOKEN, or name a secret"),
        (["ana", "--register", "github", "--token-secret", "no-such"], 1, "AWS: "),
    ],
)
def test_what_cannot_be_done_is_one_line(keys: Keys, arguments: list[str], code: int, said: str) -> None:
    result = keys(*arguments, GITHUB_TOKEN="")
    assert (result.returncode, result.stdout) == (code, "")
    assert result.stderr.startswith(said)
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(("host", "path"), [("github", ""), ("gitlab", "/api/v4")])
def test_a_key_is_registered_once(keys: Keys, api: str, host: str, path: str) -> None:
    arguments = ("ana", "--register", host, "--api", api + path)
    first = keys(*arguments, **{f"{host.upper()}_TOKEN": TOKEN})
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.startswith(f"{ANA_PRINT}: registered with Git")
    again = keys(*arguments, "--token-secret", "git-token")
    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout.startswith(f"{ANA_PRINT}: was registered already with Git")
    assert {asked["path"] for asked in GitHostApi.asked} == {f"{path}/user/keys"}
    assert GitHostApi.asked[0]["title"] == "SageMaker Studio, ana"
    assert GitHostApi.asked[0]["key"] == ANA


def test_a_refusal_is_one_line_without_the_token(keys: Keys, api: str) -> None:
    result = keys("ana", "--register", "github", "--api", api, GITHUB_TOKEN="wrong-token-9")  # noqa: S106 - of the stand-in
    assert result.returncode == 1
    assert result.stderr == "GitHub refused the key (401): Bad credentials: Bearer ***\n"


def test_the_token_travels_encrypted_and_follows_no_redirect(keys: Keys, api: str) -> None:
    plain = keys("ana", "--register", "github", "--api", "http://git.example", GITHUB_TOKEN=TOKEN)
    assert plain.returncode == 1
    assert plain.stderr.startswith("the token would travel unencrypted to http://git.example")
    moved = keys("ana", "--register", "github", "--api", f"{api}/moved", GITHUB_TOKEN=TOKEN)
    assert moved.returncode == 1
    assert "302" in moved.stderr
    assert [asked["path"] for asked in GitHostApi.asked] == ["/moved/user/keys"]
    gone = keys("ana", "--register", "github", "--api", "http://127.0.0.1:9", GITHUB_TOKEN=TOKEN)
    assert gone.stderr.startswith("GitHub cannot be reached at http://127.0.0.1:9: ")
    assert TOKEN not in plain.stderr + moved.stderr + gone.stderr


@pytest.mark.parametrize(
    "line", ["", "ssh-ed25519", "ssh-ed25519 AAAA", "ssh-rsa " + ANA.split()[1], "x y z"]
)
def test_what_is_no_key_has_no_fingerprint(line: str) -> None:
    assert fingerprint(line) is None
