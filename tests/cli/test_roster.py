"""`studio-infra roster`: the real command on real files."""

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
FIT = 104


def person(name: str, more: str = "") -> str:
    return f"{name},sandbox,Somebody,{name}@example.com{more}"


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """A copy of the sandbox with 107 people, none of whom has a number."""
    text = (ROOT / "settings/sandbox.toml").read_text(encoding="utf-8")
    file = tmp_path / "settings.toml"
    file.write_text(re.sub(r'roster = ".*?"', 'roster = "users.csv"', text), encoding="utf-8")
    write(file, [HEADER, *(person(f"p-{number}") for number in range(FIT + 3))])
    return file


def write(settings: Path, lines: list[str], end: str = "\n") -> None:
    settings.with_name("users.csv").write_bytes("".join(line + end for line in lines).encode())


def roster(settings: Path) -> bytes:
    return settings.with_name("users.csv").read_bytes()


def test_settings_with_too_many_people_name_the_command_that_helps(
    settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["validate", str(settings)]) == 1
    assert "run 'studio-infra roster assign SETTINGS'" in capsys.readouterr().err


def test_assign_makes_them_good(settings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["roster", "assign", str(settings)]) == 0
    assert [one.stack for one in load_settings(settings).roster] == [1] * FIT + [2] * 3
    assert "stack 2: p-104, p-105, p-106" in capsys.readouterr().out
    written = roster(settings)
    assert main(["roster", "assign", str(settings)]) == 0
    assert roster(settings) == written


def test_assign_takes_a_company_whose_people_would_be_too_many_for_one_wave(settings: Path) -> None:
    write(settings, [HEADER, *(person(f"p-{number}") for number in range(1000))])
    assert main(["roster", "assign", str(settings)]) == 0
    stacks = [one.stack for one in load_settings(settings).roster]
    assert max(stacks) == 10
    assert max(stacks.count(stack) for stack in set(stacks)) == FIT


def test_assign_says_when_the_order_of_the_file_decided(
    settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["roster", "assign", str(settings), "--check"])
    assert "name the roster that was deployed last with --deployed" in capsys.readouterr().err


def test_who_was_deployed_stays_although_new_people_stand_above(settings: Path, tmp_path: Path) -> None:
    old = tmp_path / "deployed.csv"
    lines = [person(f"p-{number}") for number in range(FIT)]
    old.write_text("\n".join([HEADER, *lines]), encoding="utf-8")
    write(settings, [HEADER, person("new"), *lines])
    assert main(["roster", "assign", str(settings), "--deployed", str(old)]) == 0
    assert {one.user_name: one.stack for one in load_settings(settings).roster} == {
        "new": 2,
        **{f"p-{number}": 1 for number in range(FIT)},
    }


def test_check_writes_nothing_and_tells_the_shell(settings: Path) -> None:
    before = roster(settings)
    assert main(["roster", "assign", "--check", str(settings)]) == 1
    assert roster(settings) == before


def test_assign_leaves_the_rest_of_the_file_alone(settings: Path) -> None:
    lines = [
        "\ufeffuser_name,stack,team,full_name,email",
        'ana,3,sandbox,"Ana ""A"" Silva",ana@example.com',
        "",
    ]
    write(settings, [*lines, "bo,,sandbox, Bo ,bo@example.com"], end="\r\n")
    file = settings.with_name("users.csv")
    file.chmod(0o640)
    assert main(["roster", "assign", str(settings)]) == 0
    expected = "".join(line + "\r\n" for line in [*lines, "bo,1,sandbox, Bo ,bo@example.com"])
    assert roster(settings) == expected.encode()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert sorted(one.name for one in settings.parent.iterdir()) == ["settings.toml", "users.csv"]


def test_a_link_stays_a_link(settings: Path, tmp_path: Path) -> None:
    file, real = settings.with_name("users.csv"), tmp_path / "elsewhere" / "people.csv"
    real.parent.mkdir()
    file.rename(real)
    file.symlink_to(real)
    assert main(["roster", "assign", str(settings)]) == 0
    assert file.is_symlink()
    assert real.read_text(encoding="utf-8").startswith(f"{HEADER},stack\n")


def test_mistakes_come_first_and_nothing_is_written(
    settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(settings, [HEADER, person("-ana"), person("bo")])
    before = roster(settings)
    assert main(["roster", "assign", str(settings)]) == 1
    assert "users.csv:2: user_name: not a name" in capsys.readouterr().err
    assert roster(settings) == before


def test_a_stack_over_full_by_its_numbers_is_said(settings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(settings, [f"{HEADER},stack", *(person(f"p-{number}", ",4") for number in range(FIT + 1))])
    assert main(["roster", "assign", str(settings)]) == 1
    assert "stack 4 holds 418 resources" in capsys.readouterr().err


def test_check_says_who_is_where_and_who_leaves(settings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [
        person("ana", ",,2027-01-31"),
        person("bo", ",2,2027-02-01"),
        person("cy", ",2,2027-03-03"),
        person("di", ",2,2027-03-04"),
    ]
    write(settings, [f"{HEADER},stack,expires", *lines])
    assert main(["roster", "check", str(settings), "--json", "--today", "2027-02-01"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report == {
        "people": 4,
        "stacks": [
            {"stack": 1, "people": 1, "resources": 4, "free": 103},
            {"stack": 2, "people": 3, "resources": 12, "free": 101},
        ],
        "without_number": ["ana"],
        "ended": [
            {"user_name": "ana", "expires": "2027-01-31"},
            {"user_name": "bo", "expires": "2027-02-01"},
        ],
        "ending": [{"user_name": "cy", "expires": "2027-03-03"}],
    }
    assert main(["roster", "check", str(settings), "--today", "2027-02-01", "--days", "0"]) == 0
    shown = capsys.readouterr().out
    assert "access ended: ana, 2027-01-31" in shown
    assert "leaving" not in shown
