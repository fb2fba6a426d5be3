"""Predicates: what they take, what they refuse, and that they come to an end with a hostile text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from studio_infra.settings.facts import limits
from studio_infra.settings.fields import aws_ids
from studio_infra.settings.reading.toml_lines import toml_lines
from studio_infra.settings.roster.person import Person
from studio_infra.settings.sections import tags
from studio_infra.settings.sections.git import CustomGitHost, clone_host
from tests.settings.conftest import PATIENTLY

if TYPE_CHECKING:
    from collections.abc import Callable

CASES: dict[Callable[[str], bool], tuple[list[str], list[str]]] = {
    limits.is_name: (["a", "A-1", "a--b", "0", "a" * 63], ["a" * 64, "-a", "a-", "a_b", "a.b", "á", "a b"]),
    limits.is_prefix: (
        ["a", "research", "r2-d2", "a" * 20],
        ["a" * 21, "A", "2a", "a--b", "a-", "-a", "a_b"],
    ),
    limits.is_team_name: (["a", "a" * 32, "computer-vision"], ["a" * 33, "Vision", "1st", "a b"]),
    limits.is_instance_type: (
        ["ml.t3.medium", "ml.p4d.24xlarge", "ml.m8g-flex.large"],
        ["t3.medium", "ml.g5", "ml..x"],
    ),
    limits.is_instance_family: (["ml.g5", "ml.g5.xlarge"], ["ml", "ml.", "g5", "ml.g5.", "ml.G5"]),
    limits.is_region: (
        ["us-east-1", "us-gov-west-1", "eu-isoe-west-1", "ap-southeast-4"],
        ["us-east", "us_east_1", "1"],
    ),
    limits.is_account: (["123456789012"], ["12345678901", "1234567890123", "12345678901a"]),
    limits.is_principal_id: (
        [
            "94482488-3041-7091-8f3a-0f0d5b2ac51d",
            "9067642a2e-94482488-3041-7091-8f3a-0F0D5B2AC51D",
        ],
        [
            "ana",
            "data-science",
            "94482488-3041-7091-8f3a-0f0d5b2ac51",
            "94482488304170918f3a0f0d5b2ac51d",
            "",
        ],
    ),
    limits.is_policy_arn: (
        [
            "arn:aws:iam::123456789012:policy/boundary",
            "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess",
            "arn:aws-us-gov:iam::123456789012:policy/a/b/c+=,.@_-",
        ],
        [
            "boundary",
            "arn:aws:iam::123456789012:role/boundary",
            "arn:aws:iam::12345678901:policy/boundary",
            "arn:aws:iam::123456789012:policy/",
            "arn:aws:iam::123456789012:policy/a//b",
        ],
    ),
    limits.is_role_path: (
        ["/", "/studio/", "/a/b/", f"/{'a' * 510}/"],
        ["", "studio", "/studio", "studio/", "//", "/a b/", "/é/", f"/{'a' * 511}/"],
    ),
    limits.is_vpc_id: (["vpc-0123456789abcdef0", "vpc-1a2b3c4d"], ["vpc-", "vpc-xyz", "subnet-1a2b3c4d"]),
    limits.is_subnet_id: (
        ["subnet-0123456789abcdef0"],
        ["subnet-", "vpc-1a2b3c4d", "subnet-0123456789ABCDEF0"],
    ),
    limits.is_security_group_id: (["sg-0123456789abcdef0"], ["sg-", "vpc-1a2b3c4d", "sg-0123456789ABCDEF0"]),
    limits.is_file_system_id: (
        ["fs-01234567", "fs-0123456789abcdef0"],
        ["fs-", "fsx-01234567", "fs-0123456", "fs-0123456789abcdef012", "fs-0123456G"],
    ),
    limits.is_directory: (
        ["/", "/datasets", "/teams/vision/2026", f"/{'a' * 255}"],
        ["", "datasets", "/a b", "/..", "/a/../b", "/é", f"/{'a' * 256}"],
    ),
    limits.is_image: (
        [
            "123456789012.dkr.ecr.us-east-1.amazonaws.com/a",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com/a/b:1.0",
        ],
        ["python:3", "public.ecr.aws/a/b", "123456789012.dkr.ecr.us-east-1.amazonaws.com/a:", "x" * 300],
    ),
    limits.is_s3_uri: (
        ["s3://abc/x", "s3://abc/a/b=1/c.tar.gz"],
        ["s3://abc", "s3://abc/", "s3://a/x", "https://abc/x"],
    ),
    limits.is_s3_prefix: (
        ["churn", "churn/train/", "dt=2027-01-01"],
        ["", "/a", "a//b", "a/../b", "..", "a b"],
    ),
    limits.is_code_repository: (
        ["https://github.com/a/b", "https://git.example/a.git"],
        [
            "http://a.b/c",
            "https://a.b/c?d",
            "https://user@a.b/c",
            "git@a.b:c",
            "https:///a",
            "https://a.b//c",
        ],
    ),
    limits.is_host: (
        ["a", "git.corp.example", "10.0.0.1", "xn--bcher-kva.example"],
        ["", "A.b", "a..b", "-a", "a:22", "a_b"],
    ),
    limits.is_email: (
        ["a@b.c", "ana.silva+x@sub.example.com", f"{'a' * 64}@b.c"],
        [
            "a@b",
            "@b.c",
            "a@",
            "a b@c.d",
            "a@@b.c",
            ".a@b.c",
            "a.@b.c",
            "a..b@c.d",
            f"{'a' * 65}@b.c",
            "a@-b.c",
            "ä@b.c",
        ],
    ),
}
TAKEN = [(accepts, text) for accepts, (taken, _) in CASES.items() for text in taken]
REFUSED = [(accepts, text) for accepts, (_, refused) in CASES.items() for text in refused]
UNSEEN = ["\n", "\r", "\r\n", " ", "\0", "\u200b", "\u0661", "\uff11", "\ud800", "\u202e"]


@pytest.mark.parametrize(("accepts", "text"), TAKEN)
def test_a_predicate_takes_what_it_should(accepts: Callable[[str], bool], text: str) -> None:
    assert accepts(text)


@pytest.mark.parametrize(("accepts", "text"), REFUSED)
def test_a_predicate_refuses_everything_else(accepts: Callable[[str], bool], text: str) -> None:
    assert not accepts(text)


@pytest.mark.parametrize(("accepts", "text"), TAKEN)
@pytest.mark.parametrize("extra", UNSEEN)
def test_no_predicate_overlooks_a_character_at_either_end(
    accepts: Callable[[str], bool], text: str, extra: str
) -> None:
    assert not accepts(text + extra)
    assert not accepts(extra + text)


@PATIENTLY
@given(st.text(max_size=80))
def test_predicates_take_any_text_without_failing_and_only_ascii(text: str) -> None:
    for accepts in CASES:
        assert not accepts(text) or text.isascii()


ATTACKS = [
    "a",
    "-",
    "a-",
    "a.",
    "/a",
    "a/",
    "@a",
    "a@",
    "0",
    ":",
    "a:b@",
    "https://",
    "\n",
    "ml.",
    "é",
    "\u200b",
    '"',
    "[a.",
]


def refuses(adapter: TypeAdapter[Any]) -> Callable[[str], None]:
    def check(text: str) -> None:
        with pytest.raises(ValidationError):
            adapter.validate_python(text)

    return check


def person(field: str) -> Callable[[str], None]:
    row = {"user_name": "ana", "team": "vision", "full_name": "Ana", "email": "ana@example.com"}

    def check(text: str) -> None:
        with pytest.raises(ValidationError):
            Person.model_validate({**row, field: text})

    return check


def host_key(text: str) -> None:
    with pytest.raises(ValidationError):
        CustomGitHost(host="a.b", host_keys=(f"ssh-rsa {text}",))


VALIDATORS: dict[str, Callable[[str], object]] = {
    **{accepts.__name__: accepts for accepts in CASES},
    "InstanceType": refuses(TypeAdapter(aws_ids.InstanceType)),
    "TagKey": refuses(TypeAdapter(tags.TagKey)),
    "TagValue": refuses(TypeAdapter(tags.TagValue)),
    "clone_host": clone_host,
    "host_key": host_key,
    **{
        field: person(field)
        for field in ("user_name", "full_name", "email", "sso_user_name", "stack", "expires")
    },
}


STARTS = ("", "a@", "https://", "s3://abc/", "git@a.b:", "ml.a")


@pytest.mark.parametrize("name", VALIDATORS)
def test_every_validator_comes_to_an_end_with_a_hostile_text(name: str) -> None:
    """An exponential pattern would not. How long it takes is measured by `make bench`."""
    validate = VALIDATORS[name]
    for attack in ATTACKS:
        for start in STARTS:
            assert not validate(start + attack * (100_000 // len(attack)) + "!")


TOML_ATTACKS = ('"', "'", '"""', "'''", "[", "{", "#", "a.", "\\", "=", "a = 1\n", "[a]\n", '"\\')
TOML_STARTS = ("", "a = ", 'a = """', "a = '''")


def search_lines(text: str) -> None:
    with_error = ""
    try:
        toml_lines(text)
    except ValueError as error:
        with_error = str(error)
    assert with_error == "" or "deeper" in with_error


@pytest.mark.parametrize("attack", TOML_ATTACKS)
def test_the_search_for_lines_comes_to_an_end(attack: str) -> None:
    for start in TOML_STARTS:
        search_lines(start + attack * (100_000 // len(attack)))
