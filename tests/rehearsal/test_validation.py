"""Requests against the service model: AWS's sentences, any input, and never for ever."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio_infra.rehearsal.emulator.jobs import expressions
from studio_infra.rehearsal.emulator.rules import patterns
from studio_infra.rehearsal.emulator.service import model, paging, validation
from studio_infra.rehearsal.emulator.service.errors import ServiceError

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=10,
)


def _check(operation: str, params: dict[str, Any]) -> str:
    try:
        validation.check(params, model.input_shape(operation))
    except ServiceError as error:
        return f"{error.code}: {error.message}"
    return ""


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({}, "Value null at 'modelPackageGroupName' failed to satisfy constraint: Member must not be null"),
        (
            {"ModelPackageGroupName": "a_b"},
            "Value 'a_b' at 'modelPackageGroupName' failed to satisfy constraint",
        ),
        ({"ModelPackageGroupName": "a" * 64}, "Member must have length less than or equal to 63"),
        ({"ModelPackageGroupName": 7}, "SerializationException: modelPackageGroupName must be a string"),
        ({"ModelPackageGroupName": "a", "Tags": [{"Key": "k"}]}, "Value null at 'tags.1.member.value'"),
        ({"ModelPackageGroupName": "a", "NoSuchMember": 1}, ""),
    ],
)
def test_refusals_are_in_awss_words(params: dict[str, Any], said: str) -> None:
    found = _check("CreateModelPackageGroup", params)
    assert said in found
    assert bool(said) == bool(found)


def test_every_broken_constraint_is_named_at_once() -> None:
    found = _check("CreateApp", {"DomainId": "x", "AppType": "Paint", "AppName": "a_b"})
    assert found.startswith("ValidationException: 3 validation errors detected: ")


@pytest.mark.parametrize("name", ["name\n", "ｎａｍｅ１", "na\u200bme", "-name", "name-"])
def test_names_are_matched_whole_and_in_ascii(name: str) -> None:
    assert "regular expression pattern" in _check("CreateModelPackageGroup", {"ModelPackageGroupName": name})


@given(
    st.dictionaries(
        st.sampled_from(["DomainName", "AuthMode", "Tags", "SubnetIds", "DefaultUserSettings"]), _JSON
    )
)
@settings(max_examples=200, deadline=None)
def test_any_json_is_either_taken_or_refused(params: dict[str, Any]) -> None:
    _check("CreateDomain", params)  # raises nothing but a ServiceError


def service_patterns() -> set[str]:
    found: set[str] = set()
    seen: set[str] = set()

    def walk(shape: Any) -> None:
        if shape is None or shape.name in seen:
            return
        seen.add(shape.name)
        found.update(filter(None, [shape.metadata.get("pattern")]))
        for inner in (getattr(shape, "members", None) or {}).values():
            walk(inner)
        for part in ("member", "key", "value"):
            walk(getattr(shape, part, None))

    for name in model.service().operation_names:
        walk(model.input_shape(name))
    return found


#: Long, and wrong only at their end: an exponential pattern never comes to an end with one of them.
HOSTILE_TEXTS = [
    start + body * 4000 + "!?\n" for start in ("", "https://", "arn:aws:") for body in ("a", "a-", "a/", "a.")
]


def test_every_pattern_of_the_service_model_comes_to_an_end() -> None:
    """How long the slowest takes is measured by `make bench`."""
    for pattern in service_patterns():
        for text in HOSTILE_TEXTS:
            validation.matches(pattern, text)


def test_the_pattern_that_is_checked_by_hand_is_still_in_the_service_model() -> None:
    assert set(patterns.BY_HAND) <= service_patterns()


@given(st.text("ab./-_?:", max_size=9).map("https://".__add__) | st.text("htps:/ab", max_size=12))
@settings(max_examples=500, deadline=None)
def test_the_check_by_hand_is_the_pattern(url: str) -> None:
    pattern = r"https://([.\-_a-zA-Z0-9]+/?){3,1016}"
    assert patterns.repository_url(url) == bool(re.fullmatch(pattern, url))


@given(st.lists(st.integers(), max_size=60), st.integers(1, 100))
def test_the_pages_of_a_list_are_the_list(items: list[int], size: int) -> None:
    found: list[int] = []
    params: dict[str, Any] = {"MaxResults": size}
    while True:
        page = paging.page(items, params, into="Items", default=10)
        assert len(page["Items"]) <= size
        found += page["Items"]
        if "NextToken" not in page:
            break
        params["NextToken"] = page["NextToken"]
    assert found == items


@given(st.text(min_size=1))
def test_a_token_that_is_not_ours_is_refused(token: str) -> None:
    with pytest.raises(ServiceError, match="pagination token"):
        paging.page([1, 2, 3], {"NextToken": token}, into="Items", default=10)


@given(_JSON)
def test_what_has_no_expression_stays_as_it_is(value: Any) -> None:
    assert expressions.resolve(value, {}) == value


def test_an_expression_that_stands_for_nothing_is_refused() -> None:
    with pytest.raises(ServiceError, match=r"Steps\.Train\.Nothing stands for nothing"):
        expressions.resolve({"Get": "Steps.Train.Nothing"}, {"Steps": {"Train": {}}})
