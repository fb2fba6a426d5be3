"""Sections that lack what is wrong by itself: what they lack is told apart from what no section ever has."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from studio_infra.settings.fields.partial import NotThere, known, problems_of, where
from studio_infra.settings.findings import Problem
from studio_infra.settings.sections.files import FilesSettings
from tests.settings.conftest import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.settings.conftest import Find

WHOLE = FilesSettings(kind="efs")


def lacking(*names: str) -> FilesSettings:
    section = FilesSettings(kind="efs")
    for name in names:
        vars(section).pop(name)
    return section


def test_what_a_section_lacks_is_not_there() -> None:
    for section in (lacking("kind"), FilesSettings.model_construct()):
        with pytest.raises(NotThere, match="^kind$"):
            assert section.kind
        # A property says it, too, if it needs the field.
        with pytest.raises(NotThere, match="^kind$"):
            assert section.is_made
        assert (hasattr(section, "kind"), section.mount, section.is_for("vision")) == (False, None, True)


def test_what_no_section_has_is_a_mistake_of_whoever_asks() -> None:
    typo: Any = lacking("kind")
    with pytest.raises(AttributeError, match="has no attribute 'kinds'") as caught:
        typo.kinds  # noqa: B018 - asking is what raises
    assert not isinstance(caught.value, NotThere)
    with pytest.raises(AttributeError, match="kinds"):
        known(lambda: typo.kinds)


def test_a_section_that_lacks_something_can_be_copied_and_compared() -> None:
    section = lacking("kind")
    for twin in (copy.copy(section), copy.deepcopy(section), pickle.loads(pickle.dumps(section))):  # noqa: S301 - of our own making
        assert twin == section != WHOLE
        assert not hasattr(twin, "kind")


def test_a_check_ends_where_something_is_not_there_and_the_others_go_on() -> None:
    problems = [Problem((name,), "wrong", "right") for name in "abc"]

    def ends() -> Iterator[Problem]:
        yield problems[0]
        if lacking("kind").kind:
            yield problems[2]

    assert list(problems_of([ends(), [problems[1]]])) == problems[:2]

    def crashes() -> Iterator[Problem]:
        yield problems[0]
        raise AttributeError

    with pytest.raises(AttributeError):
        list(problems_of([crashes()]))


def test_of_sections_those_count_for_which_it_is_sure() -> None:
    sections = {
        "whole": WHOLE,
        "none": lacking("kind"),
        "s3": FilesSettings(kind="s3", s3_uri="s3://bucket/folder/"),
    }
    assert where(sections, lambda one: one.kind == "efs") == {"whole": WHOLE}
    assert known(lambda: sections["none"].kind) is None
    assert known(int, "11", base=2) == 3


def test_what_is_right_in_a_section_that_is_not_right_without_the_rest_is_held_against_the_others(
    find: Find,
) -> None:
    # `[people]` needs its roster: without it, what the section says besides is read nevertheless.
    settings = """
        name = "research"
        [domain]
        auth_mode = "IAM"
        network = "VpcOnly"
        [teams.vision]
        persona = "data_scientist"
        instance_types = ["ml.t3.medium"]
        [people]
        roster = 5
        [people.identity_provider]
        default_team = "visoin"
        [endpoints.churn]
        team = "vision"
        owner = "ana"
        image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/churn:1"
        instance_type = "ml.m5.large"
        expires = 5
        [endpoints.churn.variants.challenger]
        instance_type = "ml.m5.lrge"
        image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/churn:2"
        weight = 1
    """
    assert [finding.field for finding in find(settings)] == [
        "people.roster",
        "people.identity_provider.default_team",
        "endpoints.churn.expires",
        "endpoints.churn.variants.challenger.instance_type",
    ]


def test_more_mistakes_than_are_listed_make_no_others(find: Find) -> None:
    # Neither the thousand keys nor the type, which comes after them, are taken for what can be held against others.
    many = "\n".join(f"k{number} = 1" for number in range(1500))
    settings = SETTINGS.replace("[idle_shutdown]", f"[idle_shutdown]\n{many}").replace('"ml.m5.large"', "5")
    findings = find(settings)
    assert [finding.message for finding in findings if not finding.message.startswith("unknown key")] == [
        "501 more mistakes, correct these first; the rest is not listed"
    ]
