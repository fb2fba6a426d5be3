"""`studio-infra roster import`: the real command on real files."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path

import pytest

from studio_infra.cli import main
from studio_infra.settings import load_settings

ROOT = Path(__file__).parents[2]
HEADER = "user_name,team,full_name,email"
PROVIDER = """
[people.identity_provider]
default_team = "sandbox"

[people.identity_provider.columns]
full_name = ["First name", "Last name"]
email = "Primary email"
team = "Groups"

[people.identity_provider.teams]
"Studio Guests" = "guests"
"""
GUESTS = '\n[teams.guests]\npersona = "analyst"\ninstance_types = ["ml.t3.medium"]\n'
EXPORT = """\
Login;First name;Last name;Primary email;Groups
ana@corp.example;Ana;Silva;ana@example.com;Studio Guests
neo@corp.example;Neo;Nguyễn;neo.nguyen@example.com;
"""


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """The sandbox with a second team, two people and an identity provider; an export lies beside it."""
    text = (ROOT / "settings/sandbox.toml").read_text(encoding="utf-8")
    text = re.sub(r'roster = ".*?"', 'roster = "users.csv"', text)
    file = tmp_path / "settings.toml"
    file.write_text(text + PROVIDER + GUESTS, encoding="utf-8")
    roster(file).write_bytes(
        f"\ufeff{HEADER}\r\nana,sandbox,Ana Silva,ana@example.com\r\nbo,sandbox,Bo,bo@example.com\r\n".encode()
    )
    (tmp_path / "export.csv").write_text(EXPORT, encoding="utf-8")
    return file


def roster(settings: Path) -> Path:
    return settings.with_name("users.csv")


def imported(settings: Path, *options: str) -> int:
    return main(["roster", "import", str(settings), str(settings.with_name("export.csv")), *options])


AFTER = (
    "\ufeffuser_name,team,full_name,email,sso_user_name,stack\r\n"
    "ana,guests,Ana Silva,ana@example.com,ana@corp.example,\r\n"
    "bo,sandbox,Bo,bo@example.com,,\r\n"
    "neo,sandbox,Neo Nguyễn,neo.nguyen@example.com,neo@corp.example,1\r\n"
)


def test_nothing_is_written_unless_it_is_asked_for(
    settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = roster(settings).read_bytes()
    assert imported(settings) == 0
    assert roster(settings).read_bytes() == before
    assert capsys.readouterr().out.splitlines() == [
        'email: from "Primary email"',
        'full_name: from "First name" and "Last name"',
        'sso_user_name: from "Login"',
        'team: from "Groups"',
        'user_name: from "Login"',
        "new: neo, team sandbox, stack 1, line 3",
        'changed: ana, sso_user_name, team from "sandbox" to "guests"',
        "not in the export: bo, left as they are",
        f"{roster(settings)}: 1 added, 1 changed, 0 unchanged, 1 left; nothing written, add --write",
    ]


def test_what_is_written_keeps_everything_else_and_a_second_time_nothing_is(
    settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    roster(settings).chmod(0o640)
    assert imported(settings, "--write") == 0
    assert roster(settings).read_bytes() == AFTER.encode()
    assert stat.S_IMODE(roster(settings).stat().st_mode) == 0o640
    people = load_settings(settings).roster
    assert [(one.user_name, one.team, one.stack) for one in people] == [
        ("ana", "guests", 1),
        ("bo", "sandbox", 1),
        ("neo", "sandbox", 1),
    ]
    capsys.readouterr()
    assert imported(settings, "--write", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["written"], report["unchanged"], report["left"]) == (False, ["ana", "neo"], ["bo"])
    assert roster(settings).read_bytes() == AFTER.encode()
    assert sorted(one.name for one in settings.parent.iterdir()) == [
        "export.csv",
        "settings.toml",
        "users.csv",
    ]


def test_programs_get_the_same_report(settings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export = settings.with_name("export.csv")
    export.write_text(
        f"{EXPORT}ana@other.example;Ana;Other;ana@other.example;Studio Guests\n", encoding="utf-8"
    )
    assert imported(settings, "--suspend-missing", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    (name,) = (one["user_name"] for one in report["added"] if one["line"] == 4)
    assert re.fullmatch("ana-[0-9a-f]{6}", name)
    assert report == {
        "roster": str(roster(settings)),
        "written": False,
        "columns": {
            "email": ["Primary email"],
            "full_name": ["First name", "Last name"],
            "sso_user_name": ["Login"],
            "team": ["Groups"],
            "user_name": ["Login"],
        },
        "added": [
            {"user_name": name, "team": "guests", "stack": 1, "line": 4},
            {"user_name": "neo", "team": "sandbox", "stack": 1, "line": 3},
        ],
        "changed": [
            {
                "user_name": "ana",
                "fields": {"sso_user_name": None, "team": {"from": "sandbox", "to": "guests"}},
            },
            {"user_name": "bo", "fields": {"status": {"from": "", "to": "suspended"}}},
        ],
        "unchanged": [],
        "left": ["bo"],
        "suspended": ["bo"],
        "still_suspended": [],
        "names": [{"user_name": name, "line": 4, "why": "ana is, or looks like, ana of the roster"}],
    }


def test_options_stand_above_the_settings(settings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--map", "full_name=Last name", "--map", "user_name=Primary email", "--default-team", "guests"]
    assert imported(settings, *options, "--group", "Studio Guests=sandbox", "--write") == 0
    last = roster(settings).read_text(encoding="utf-8").splitlines()[1:]
    assert last == [
        "ana,sandbox,Silva,ana@example.com,ana@corp.example,",
        "bo,sandbox,Bo,bo@example.com,,",
        "neo-nguyen,guests,Nguyễn,neo.nguyen@example.com,neo@corp.example,1",
    ]
    assert "SageMaker takes ASCII letters" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (
            ["--map", "mail=Primary email"],
            '--map "mail": no field of an import, use user_name, full_name, email',
        ),
        (["--map", "email"], '--map "email": no equals sign between two texts, write it like a=b'),
        (
            ["--map", "email=Mail"],
            'export.csv:1: email: no column "Mail", the headers are "Login", "First name"',
        ),
        (
            ["--group", "X=gusts"],
            '--group "gusts": no such team, use sandbox, guests; did you mean "guests"?',
        ),
        (["--default-team", "vision"], '--default-team "vision": no such team, use sandbox, guests'),
    ],
)
def test_a_wrong_option_is_one_line(
    options: list[str], says: str, settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imported(settings, *options, "--write") == 1
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1


def test_one_mistake_in_the_export_and_nothing_is_written(
    settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = roster(settings).read_bytes()
    settings.with_name("export.csv").write_text(f"{EXPORT}x@corp;=1+1;;x@example.com;\n", encoding="utf-8")
    assert imported(settings, "--write") == 1
    assert "export.csv:4: full_name: spreadsheets would run it as a formula" in capsys.readouterr().err
    assert roster(settings).read_bytes() == before


def test_an_export_that_lacks_most_people_suspends_nobody(
    settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imported(settings, "--suspend-missing", "--suspend-at-most", "0", "--write") == 1
    assert "1 of 2 people are not in" in capsys.readouterr().err
    assert imported(settings, "--suspend-missing", "--suspend-at-most", "1", "--write") == 0
    assert load_settings(settings).roster[1].status == "suspended"


def test_the_first_import_finds_nobody_in_the_roster(settings: Path) -> None:
    roster(settings).write_text(f"{HEADER}\n", encoding="utf-8")
    assert imported(settings, "--write") == 0
    assert [one.user_name for one in load_settings(settings).roster] == ["ana", "neo"]


def test_a_full_stack_is_followed_by_the_next(settings: Path) -> None:
    lines = [HEADER, *(f"p-{number},sandbox,P,p-{number}@example.com" for number in range(104))]
    roster(settings).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    assert imported(settings, "--write") == 0
    assert [one.stack for one in load_settings(settings).roster] == [1] * 104 + [2] * 2


def test_what_the_roster_would_refuse_as_a_whole_is_refused_before(
    settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = settings.read_text(encoding="utf-8").replace(
        '["ml.t3.medium"]', '["ml.t3.medium", "ml.t3.large"]', 1
    )
    settings.write_text(text, encoding="utf-8")
    roster(settings).write_text(
        f"{HEADER},instance_type\nana,sandbox,Ana Silva,ana@example.com,ml.t3.large\n", encoding="utf-8"
    )
    assert imported(settings, "--write") == 1
    assert "users.csv (as it would be):2: instance_type: not among the team's" in capsys.readouterr().err
