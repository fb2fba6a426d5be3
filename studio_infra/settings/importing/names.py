"""Names of user profiles for people who come from elsewhere: no two people ever get one name.

A profile that two people share is a home that two people share. So a name that somebody else has, or would look like
another's, gets a suffix from a hash of what the identity provider calls the person: the same for every order of lines
and every run, and nobody who has a name is ever given another.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from studio_infra.settings.facts.limits import NAME_MAX
from studio_infra.settings.roster.collisions import skeleton

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

#: Who has no letter that could be in a name.
_NOBODY: Final = "person"
#: How many digits of the hash a name may have: the first that make it unlike all others.
_DIGITS: Final = (0, 6, 10, 16, 24, 32, 40)
#: No more of a name is looked at, so that a hostile one costs nothing.
_LONGEST_READ: Final = 320
_FOLDED: Final = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "\u0131": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}
)
_OTHER: Final = re.compile("[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Somebody new.

    Args:
        identity: What the identity provider calls the person: different for every two people.
        source: What the name is made from: an address, a user principal name.

    """

    identity: str
    source: str


@dataclass(frozen=True, slots=True)
class Given:
    """A name, and in words why it is not what the identity provider calls the person; empty if it is."""

    user_name: str
    why: str


def plain_name(source: str) -> str:
    """The name that somebody would have if they were alone: `José.García@example.com` is `jose-garcia`."""
    local = _local_part(source)
    letters = unicodedata.normalize("NFKD", local.casefold().translate(_FOLDED))
    unmarked = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return _OTHER.sub("-", unmarked).strip("-")[:NAME_MAX].rstrip("-") or _NOBODY


def give_names(people: Sequence[Wanted], taken: Collection[str]) -> list[Given]:
    """A name for everybody, in the order of `people`, which means nothing.

    Args:
        people: Everybody without a name, each identity once.
        taken: Names that others have.

    Raises:
        ValueError: Two identities cannot be told apart by 40 digits of their hash: somebody is in the list twice.

    """
    others = {skeleton(name) for name in taken}
    plain = [plain_name(one.source) for one in people]
    hashes = [hashlib.sha256(one.identity.encode()).hexdigest() for one in people]
    lengths = [0] * len(people)
    while True:
        names = [
            _name(*parts) for parts in zip(plain, hashes, (_DIGITS[one] for one in lengths), strict=True)
        ]
        looks = [skeleton(name) for name in names]
        crowd = Counter(looks)
        clash = [place for place, look in enumerate(looks) if look in others or crowd[look] > 1]
        if not clash:
            break
        for place in clash:
            lengths[place] += 1
            if lengths[place] == len(_DIGITS):
                raise ValueError(people[place].identity)
    alone = Counter(skeleton(name) for name in plain)
    whose = {skeleton(name): name for name in sorted(taken, reverse=True)} | {name: name for name in taken}
    return [
        Given(name, _why(one.source, base, name, whose.get(base, whose.get(skeleton(base))), alone))
        for one, base, name in zip(people, plain, names, strict=True)
    ]


def _local_part(source: str) -> str:
    """What stands before the last @ of an address."""
    return (source.rpartition("@")[0] or source)[:_LONGEST_READ]


def _name(plain: str, digest: str, digits: int) -> str:
    if digits == 0:
        return plain
    return f"{plain[: NAME_MAX - 1 - digits].rstrip('-')}-{digest[:digits]}"


def _why(source: str, plain: str, name: str, twin: str | None, alone: Mapping[str, int]) -> str:
    local = _local_part(source)
    reasons = []
    if plain == _NOBODY and _OTHER.sub("", local.casefold()) != _NOBODY:
        reasons.append("has no letter that SageMaker takes")
    elif plain != local.casefold():
        reasons.append("SageMaker takes ASCII letters, digits and inner hyphens, at most 63")
    elif plain != local:
        reasons.append("names differ in more than upper and lower case")
    if name != plain:
        if twin is not None:
            reasons.append(f"{plain} is, or looks like, {twin} of the roster")
        elif alone[skeleton(plain)] > 1:
            reasons.append(f"{alone[skeleton(plain)]} new people would be, or look like, {plain}")
        else:
            reasons.append(f"{plain} looks like the name of another new person")
    return "; ".join(reasons)
