"""`[files]`, and the numbers that people and teams have on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_infra.settings import Person, load_settings
from studio_infra.settings.checks.posix import group_of
from studio_infra.settings.derived.network_features import features_in_use
from studio_infra.settings.facts.limits import DEFAULT_GID, LUSTRE_THROUGHPUTS
from studio_infra.settings.facts.vpc_endpoints import Feature
from studio_infra.settings.roster.seats import resources_of
from tests.settings.conftest import PATIENTLY, SETTINGS, Find, Write

if TYPE_CHECKING:
    from studio_infra.settings import StudioSettings

HEADER = "user_name,team,full_name,email,posix_uid,posix_gid"
GROUP = '\n[network]\nstudio_nfs_group = "sg-0123456789abcdef0"\n'
EFS = f'{SETTINGS}{GROUP}[files.data]\nkind = "efs"\n'


def with_gid(text: str, gid: int) -> str:
    return text.replace('persona = "data_scientist"', f'persona = "data_scientist"\nposix_gid = {gid}')


def roster(*people: str) -> str:
    return "\n".join((HEADER, *people, "ana,platform,Ana,ana@example.com,,", ""))


def ben(numbers: str = ",", team: str = "vision") -> str:
    return roster(f"ben,{team},Ben,ben@example.com,{numbers}")


def loaded(write: Write, text: str, people: str) -> StudioSettings:
    return load_settings(write(text, people))


def test_files_are_for_every_team_unless_they_name_some(write: Write) -> None:
    settings = loaded(write, EFS, ben())
    assert [*settings.files_of("vision")] == [*settings.files_of("platform")] == ["data"]
    settings = loaded(write, f'{EFS}teams = ["vision"]\n', ben())
    assert ([*settings.files_of("vision")], [*settings.files_of("platform")]) == (["data"], [])


def test_spaces_mount_file_systems_and_no_folder_of_s3_unless_they_are_told(write: Write) -> None:
    text = f'{EFS}[files.raw]\nkind = "s3"\ns3_uri = "s3://bucket/raw/"\n'
    settings = loaded(write, text, ben())
    assert {name: one.is_mounted for name, one in settings.files.items()} == {"data": True, "raw": False}
    told = loaded(write, text.replace('"efs"', '"efs"\nmount = false') + "mount = true\n", ben())
    assert {name: one.is_mounted for name, one in told.files.items()} == {"data": False, "raw": True}
    # Whoever may mount it in a space of their own finds it in the profile.
    assert [one.is_offered for one in (*settings.files.values(), *told.files.values())] == [
        True, False, True, True,
    ]  # fmt: skip


def test_files_bring_the_endpoints_that_find_them(write: Write) -> None:
    found = features_in_use(loaded(write, EFS, ben()))
    assert Feature.FILE_SYSTEMS in found
    assert Feature.LUSTRE not in found
    lustre = f'{SETTINGS}[files.fast]\nkind = "lustre"\nfile_system_id = "fs-01234567"\n'
    assert Feature.LUSTRE in features_in_use(loaded(write, lustre, ben()))


def test_one_brought_along_needs_no_group_of_studio(find: Find) -> None:
    text = f'{SETTINGS}[files.data]\nkind = "efs"\nfile_system_id = "fs-01234567"\npath = "/datasets"\n'
    assert find(text, ben()) == ()


def test_a_person_gets_ten_file_systems_and_no_eleventh(find: Find) -> None:
    many = "".join(
        f'[files.f{number}]\nkind = "efs"\nmount = false\nfile_system_id = "fs-0123456{number:x}"\n'
        for number in range(11)
    )
    assert find(f"{SETTINGS}{many.rpartition('[files')[0]}", ben()) == ()
    (finding,) = find(SETTINGS + many, ben())
    assert (finding.field, finding.line) == ("files.f10.teams", len((SETTINGS + many).splitlines()) - 3)
    assert "would get 11, a person has at most 10" in finding.message


@pytest.mark.parametrize("deployment", LUSTRE_THROUGHPUTS)
def test_every_throughput_of_a_deployment_is_taken(deployment: str, find: Find) -> None:
    for throughput in LUSTRE_THROUGHPUTS[deployment]:
        text = f'{SETTINGS}{GROUP}[files.fast]\nkind = "lustre"\ndeployment = "{deployment}"\n'
        assert find(f"{text}throughput = {throughput}\ncapacity_gb = 4800\n", ben()) == ()


def test_teams_have_volumes_of_their_own_size(write: Write) -> None:
    own = SETTINGS.replace(
        'persona = "data_scientist"', 'persona = "data_scientist"\ndefault_ebs_gb = 200\nmax_ebs_gb = 500'
    )
    settings = loaded(write, own, ben())
    assert (settings.space_sizes("vision"), settings.space_sizes("platform")) == ((200, 500), (20, 100))


@pytest.mark.parametrize(
    ("text", "people", "field", "says"),
    [
        (SETTINGS, ben(",2001"), "posix_gid", "has no posix_uid (got 2001), give the person a posix_uid too"),
        (SETTINGS, ben("10001,1000"), "posix_gid", "use at least 1001"),
        (SETTINGS, ben("10001,4000001"), "posix_gid", "use at most 4000000"),
        (
            with_gid(SETTINGS, 2001),
            ben("10001,2001", "platform"),
            "posix_gid",
            "is the group of team vision, the person is in team platform",
        ),
        (
            with_gid(SETTINGS, 10001),
            ben("10001,", "platform"),
            "posix_uid",
            "is the group of team vision (got 10001)".replace(" (got 10001)", ", the person is in"),
        ),
        (
            EFS,
            ben("10001,"),
            "posix_gid",
            "the group is 10001, the person's directory of files.data belongs to 1001",
        ),
        (with_gid(EFS, 2001), ben(), "posix_gid", "let posix_gid be 2001, with a posix_uid"),
        (with_gid(EFS, 2001), ben("10001,1001"), "posix_gid", "the group is 1001"),
        (
            with_gid(f'{EFS}directories = "shared"\n', 2001),
            ben("10001,2001"),
            "posix_gid",
            "belongs to 1001, let posix_gid be 1001, with a posix_uid, or leave both out",
        ),
        (
            f'{EFS}directories = "person"\nteams = ["vision"]\n',
            ben(),
            "posix_uid",
            "missing, although files.data has a directory for each person",
        ),
    ],
)
def test_a_number_that_would_open_the_wrong_directory_is_found(
    text: str, people: str, field: str, says: str, find: Find
) -> None:
    (finding,) = find(text, people)
    assert (finding.line, finding.field) == (2, field)
    assert says in finding.message


@pytest.mark.parametrize(
    ("text", "people"),
    [
        (EFS, ben()),
        (EFS, ben("10001,1001")),
        (with_gid(EFS, 2001), ben("10001,2001")),
        (with_gid(EFS, 2001), ben("10001,1001", "platform")),
        (with_gid(f'{EFS}teams = ["platform"]\n', 2001), ben()),
        (f'{EFS}directories = "person"\nteams = ["vision"]\n', ben("10001,")),
        (SETTINGS, ben("10001,")),
    ],
)
def test_numbers_that_fit_are_taken(text: str, people: str, find: Find) -> None:
    assert find(text, people) == ()


def test_two_teams_have_no_group_in_common(find: Find) -> None:
    text = with_gid(SETTINGS, 2001).replace(
        'persona = "ml_engineer"', 'persona = "ml_engineer"\nposix_gid = 2001'
    )
    (finding,) = find(text, roster())
    assert finding.field == "teams.platform.posix_gid"
    assert "already the group of team vision (got 2001)" in finding.message


def test_a_directory_for_each_person_takes_a_place_in_their_stack(write: Write) -> None:
    own = loaded(write, f'{EFS}directories = "person"\nteams = ["vision"]\n', ben("10001,"))
    people = {person.user_name: resources_of(person, own) for person in own.roster}
    assert people["ben"] == people["ana"] + 1


NUMBERS = st.one_of(
    st.tuples(st.none(), st.none()),
    st.tuples(st.integers(10_000, 4_000_000), st.none() | st.integers(1001, 4_000_000)),
)


@PATIENTLY
@given(numbers=NUMBERS, team=st.sampled_from(["vision", "platform"]))
def test_a_persons_group_is_what_their_line_says_and_nothing_else_decides(
    numbers: tuple[int | None, int | None], team: str
) -> None:
    uid, gid = numbers
    person = Person(
        user_name="ana", team=team, full_name="A", email="a@example.com", posix_uid=uid, posix_gid=gid
    )
    assert group_of(person) == (gid or uid or DEFAULT_GID)
