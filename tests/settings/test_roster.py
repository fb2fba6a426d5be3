"""Rosters of every kind: what was written is what is read, and what is wrong has a place."""

from __future__ import annotations

import csv
import datetime as dt
import io
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from studio_infra.settings import Finding, InvalidSettings, Person, load_settings
from studio_infra.settings.reading.roster_file import COLUMNS
from studio_infra.settings.roster.collisions import skeleton
from tests.settings.conftest import HEADER, PATIENTLY, ROSTER, SETTINGS

NAMES = st.lists(st.text("abxyXY019", min_size=1, max_size=4), min_size=1, max_size=4).map("-".join)
#: What people are called, in many scripts, without spaces at the ends, which no spreadsheet keeps.
FULL_NAMES = st.text("aZ éßñÇøπж李박ﬁ'\".,;-()", min_size=1, max_size=30).map(str.strip).filter(bool)
PEOPLE = st.builds(
    Person,
    user_name=NAMES,
    team=st.sampled_from(["vision", "platform"]),
    full_name=FULL_NAMES,
    email=st.builds("{}@{}.example".format, NAMES, NAMES.map(str.lower)),
    sso_user_name=st.none() | NAMES,
    stack=st.integers(1, 999),
    posix_uid=st.none() | st.integers(10_000, 4_000_000),
    expires=st.none() | st.dates(dt.date(2000, 1, 1)),
    status=st.sampled_from(["active", "suspended"]),
    instance_type=st.none() | st.just("ml.t3.medium"),
    ebs_gb=st.none() | st.integers(5, 16_384),
    idle_after_minutes=st.none() | st.integers(60, 79),
    private_space=st.none() | st.booleans(),
    policies=st.lists(NAMES.map("arn:aws:iam::123456789012:policy/{}".format), max_size=3).map(tuple),
)


ROSTERS = st.lists(PEOPLE, min_size=1, max_size=8, unique_by=(
    lambda person: skeleton(person.user_name),
    lambda person: person.user_name.lower(),
    lambda person: (person.sso_user_name or person.user_name + "!").lower(),
    lambda person: person.posix_uid or person.user_name,
))  # fmt: skip


def cells(person: Person) -> dict[str, object]:
    """A person as they stand in a roster."""
    answer = {None: "", True: "yes", False: "no"}[person.private_space]
    return {**dict(person), "private_space": answer, "policies": ";".join(person.policies)}


def as_csv(people: list[Person]) -> str:
    """A roster as a spreadsheet would save it."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(map(cells, people))
    return text.getvalue()


def load(roster: str) -> tuple[Person, ...]:
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "settings.toml"
        settings.write_text(SETTINGS.split("[training")[0], encoding="utf-8")
        settings.with_name("users.csv").write_bytes(roster.encode())
        return load_settings(settings).roster


@PATIENTLY
@given(ROSTERS)
def test_what_was_written_is_what_is_read(people: list[Person]) -> None:
    assert list(load(as_csv(people))) == people


def findings_of(path: Path) -> tuple[Finding, ...]:
    try:
        load_settings(path)
    except InvalidSettings as error:
        return error.findings
    return ()


def assert_every_finding_has_a_place(settings: bytes, roster: bytes) -> None:
    lines = max(settings.count(b"\n"), roster.count(b"\n")) + 1
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "settings.toml"
        path.write_bytes(settings)
        path.with_name("users.csv").write_bytes(roster)
        for finding in findings_of(path):
            assert Path(finding.file).name in {"settings.toml", "users.csv"}
            assert 1 <= finding.line <= lines
            assert finding.field
            assert finding.message
            assert str(finding).isprintable()


CELLS = st.text(max_size=12) | st.sampled_from(
    ["ana", "vision", "a@b.c", "", '"', "1", "2027-01-01", "\x00", "\r\n"]
)


@PATIENTLY
@given(st.lists(st.lists(CELLS, max_size=10).map(",".join), max_size=6))
def test_a_roster_of_anything_ends_in_findings_with_a_place(rows: list[str]) -> None:
    roster = "\n".join([HEADER, *rows])
    assert_every_finding_has_a_place(SETTINGS.encode(), roster.encode("utf-8", "surrogatepass"))


@PATIENTLY
@given(st.binary(max_size=200))
def test_a_file_of_any_bytes_ends_in_findings_with_a_place(data: bytes) -> None:
    assert_every_finding_has_a_place(SETTINGS.encode(), data)
    assert_every_finding_has_a_place(SETTINGS.encode(), HEADER.encode() + b"\n" + data)
    assert_every_finding_has_a_place(data, ROSTER.encode())


def roster_of(people: int) -> str:
    row = "person-{0},vision,Person {0},person.{0}@example.com,person.{0}@corp.example,{1},{2},2027-12-31\n"
    return f"{HEADER}\n" + "".join(row.format(n, n // 60 + 1, 10_000 + n) for n in range(people))


def test_ten_thousand_people_are_read() -> None:
    assert len(load(roster_of(10_000))) == 10_000


def test_what_a_person_has_of_their_own_is_read() -> None:
    header = (
        "user_name,team,full_name,email,status,instance_type,ebs_gb,idle_after_minutes,private_space,policies"
    )
    arn = "arn:aws:iam::123456789012:policy"
    rows = [
        f"ana,vision,Ana,ana@example.com,suspended,ml.g5.xlarge,200,90,no,{arn}/a; {arn}/b",
        "bo,vision,Bo,bo@example.com,,,,,,",
    ]
    ana, bo = load("\n".join([header, *rows]))
    assert (ana.status, ana.instance_type, ana.ebs_gb, ana.private_space) == (
        "suspended",
        "ml.g5.xlarge",
        200,
        False,
    )
    assert (ana.idle_after_minutes, bo.idle_after_minutes) == (90, None)
    assert ana.policies == (f"{arn}/a", f"{arn}/b")
    assert (bo.status, bo.instance_type, bo.ebs_gb, bo.private_space, bo.policies) == (
        "active",
        None,
        None,
        None,
        (),
    )


def test_access_ends_on_the_day_it_expires_or_when_it_is_suspended() -> None:
    header = "user_name,team,full_name,email,status,expires"
    rows = [
        "ana,vision,Ana,ana@example.com,,2027-01-31",
        "bo,vision,Bo,bo@example.com,suspended,",
        "cy,vision,Cy,cy@example.com,active,",
    ]
    ana, bo, cy = load("\n".join([header, *rows]))
    assert ana.has_access(dt.date(2027, 1, 30))
    assert not ana.has_access(dt.date(2027, 1, 31))
    assert ana.has_access()
    assert not bo.has_access()
    assert cy.has_access(dt.date(2999, 1, 1))
