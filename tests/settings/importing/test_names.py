"""Names for people who come from elsewhere: nobody ever shares one, and nothing but the people decides them."""

from __future__ import annotations

from typing import ClassVar

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from studio_infra.settings.facts.limits import NAME_MAX, is_name
from studio_infra.settings.importing.names import Wanted, give_names, plain_name
from studio_infra.settings.roster.collisions import skeleton
from tests.settings.conftest import PATIENTLY


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("ana.silva@example.com", "ana-silva"),
        ("Ana_Silva@corp.example", "ana-silva"),
        ("José.García@example.com", "jose-garcia"),
        ("søren.kjær@example.com", "soren-kjaer"),
        ("Wójcik-Łukasz@example.com", "wojcik-lukasz"),
        ("straße@example.com", "strasse"),
        ("ana_partner.example#EXT#@tenant.example", "ana-partner-example-ext"),
        ("--a..b--@example.com", "a-b"),
        ("оксана@example.com", "person"),
        ("@", "person"),
        ("", "person"),
        ("no-address", "no-address"),
        (f"{'a' * 62}.b@example.com", "a" * 62),
        (f"{'a' * 80}@example.com", "a" * 63),
        ("=cmd|'/c calc'!a0", "cmd-c-calc-a0"),
        ("a\x00b\nc", "a-b-c"),
        ("\u202eana\u200b", "ana"),
    ],
)
def test_a_name_is_what_sagemaker_takes_of_an_address(source: str, name: str) -> None:
    assert plain_name(source) == name
    assert is_name(name)


def given_names(*sources: str, taken: tuple[str, ...] = ()) -> list[str]:
    return [one.user_name for one in give_names([Wanted(source, source) for source in sources], taken)]


def test_two_new_people_of_one_name_both_get_a_suffix_so_neither_takes_it_from_the_other() -> None:
    assert given_names("ana.silva@a.example", "ana-silva@b.example") == [
        "ana-silva-0271f0",
        "ana-silva-82f320",
    ]


def test_who_has_a_name_keeps_it_and_the_new_person_gets_another() -> None:
    assert given_names("ana@a.example", taken=("Ana",)) == ["ana-d52fcc"]


def test_a_name_that_only_looks_the_same_is_another_person_too() -> None:
    (name,) = given_names("bill1@a.example", taken=("billl",))
    assert name.startswith("bill1-")


def test_a_suffix_that_somebody_has_already_grows() -> None:
    (first,) = given_names("ana@a.example", taken=("ana",))
    (second,) = given_names("ana@a.example", taken=("ana", first))
    assert second.startswith(f"{first}")
    assert len(second) == len(first) + 4


def test_the_reason_is_said_and_only_where_there_is_one() -> None:
    people = ["ana", "Bo", "zoé", "ana-b@x", "ana_b@y", "оля"]
    reasons = {
        one.user_name: one.why for one in give_names([Wanted(one, one) for one in people], ("person",))
    }
    assert reasons["ana"] == ""
    assert "upper and lower case" in reasons["bo"]
    assert "ASCII letters" in reasons["zoe"]
    assert sum("2 new people would be, or look like, ana-b" in why for why in reasons.values()) == 2
    (nameless,) = (why for name, why in reasons.items() if name.startswith("person"))
    assert nameless == "has no letter that SageMaker takes; person is, or looks like, person of the roster"


def test_two_people_who_are_one_to_the_identity_provider_are_refused() -> None:
    with pytest.raises(ValueError, match="ana@a"):
        give_names([Wanted("ana@a", "ana"), Wanted("ana@a", "ana")], ())


#: Few letters that look alike, so that names collide all the time.
SOURCES = st.text("aAáä1lI0oO.-_@ñ", max_size=8)
PEOPLE = st.dictionaries(st.text(max_size=6), SOURCES, max_size=14)


@PATIENTLY
@given(PEOPLE, st.sets(SOURCES.map(plain_name), max_size=6), st.randoms(use_true_random=False))
@example({"a": "ana", "b": "ana", "c": "ana-ca9781"}, {"ana"}, None)
def test_nobody_shares_a_name_whatever_the_order(
    people: dict[str, str], taken: set[str], random: object
) -> None:
    wanted = [Wanted(identity, source) for identity, source in people.items()]
    names = dict(zip(people, give_names(wanted, taken), strict=True))
    looks = [skeleton(name) for name in taken] + [skeleton(one.user_name) for one in names.values()]
    assert len({*looks}) == len({skeleton(name) for name in taken}) + len(names)
    assert all(is_name(one.user_name) and len(one.user_name) <= NAME_MAX for one in names.values())
    shuffle = getattr(random, "shuffle", list.reverse)
    shuffle(wanted)
    again = {
        one.identity: given for one, given in zip(wanted, give_names(wanted, sorted(taken)), strict=True)
    }
    assert again == names
    assert all(one.why or one.user_name == plain_name(people[who]) for who, one in names.items())


@pytest.mark.parametrize(
    "letter", ["a", ".", "@", "\u0301", "\u0323\u0301", "é", "ß", "\x00", "оо", "\U0001f600"]
)
def test_no_more_of_a_hostile_address_is_read_than_an_address_has(letter: str) -> None:
    class Counting(str):
        """Counts how much of it is asked for."""

        __slots__ = ()
        read: ClassVar[list[int]] = []

        def rpartition(self, sep: str) -> tuple[str, str, str]:
            head, mid, tail = super().rpartition(sep)
            return Counting(head), mid, tail

        def __getitem__(self, key: object) -> str:
            part = super().__getitem__(key)  # type: ignore[index]
            self.read.append(len(part))
            return part

    hostile = Counting(letter * (100_000 // len(letter)))
    Counting.read = []
    assert is_name(plain_name(hostile))
    assert Counting.read
    assert max(Counting.read) <= 320
