from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from studio_infra.rehearsal.errors import RehearsalError
from studio_infra.rehearsal.life.end_steps import compare, thing_of
from studio_infra.rehearsal.life.stage import Outcome, Step, StepFailed, expect, expect_same, play

STAGE: Any = object()


def good(_: object) -> str:
    return "seen"


def failing(error: Exception) -> Any:
    def step(_: object) -> str:
        raise error

    return step


def outcomes(*steps: Any) -> list[tuple[Outcome, str]]:
    named = [Step(title=str(number), play=step) for number, step in enumerate(steps)]
    return [(result.outcome, result.detail) for result in play(named, STAGE)]


def test_every_step_is_played_in_order() -> None:
    assert outcomes(good, good) == [(Outcome.PASSED, "seen"), (Outcome.PASSED, "seen")]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (StepFailed("two people share a role"), "two people share a role"),
        (RehearsalError("the embedded AWS ended"), "the embedded AWS ended"),
        (KeyError("UserSettings"), "AWS said nothing about 'UserSettings'"),
        (
            ClientError({"Error": {"Code": "ResourceNotFound", "Message": "gone"}}, "DescribeDomain"),
            "An error occurred (ResourceNotFound) when calling the DescribeDomain operation: gone",
        ),
    ],
)
def test_after_a_failure_the_rest_is_not_run_and_the_cause_is_said(error: Exception, said: str) -> None:
    assert outcomes(good, failing(error), good) == [
        (Outcome.PASSED, "seen"),
        (Outcome.FAILED, said),
        (Outcome.NOT_RUN, ""),
    ]


def test_a_mistake_of_ours_is_not_taken_for_a_failed_step() -> None:
    with pytest.raises(ZeroDivisionError):
        outcomes(failing(ZeroDivisionError()))


def test_the_log_of_a_failed_command_is_kept() -> None:
    error = RehearsalError("'cdk deploy' failed", log="line 1\nline 2")
    (result,) = play([Step(title="deploy", play=failing(error))], STAGE)
    assert result.log == "line 1\nline 2"


def test_an_expectation_says_what_was_wanted_and_what_was_found() -> None:
    expect(condition=True, message="fine")
    expect_same("team", "a", "a")
    with pytest.raises(StepFailed, match="nobody is there"):
        expect(condition=False, message="nobody is there")
    with pytest.raises(StepFailed, match="team: expected 'b', found 'a'"):
        expect_same("team", "a", "b")


PROFILE = {"Type": "AWS::SageMaker::UserProfile", "Properties": {"UserProfileName": "ana"}}


def test_a_thing_has_the_name_that_its_template_says_or_else_the_end_of_its_id() -> None:
    assert thing_of(PROFILE, "ana|d-1") == ("profiles", "ana")
    assert thing_of({"Type": "AWS::SageMaker::Domain"}, "d-1") == ("domains", "d-1")
    assert thing_of({"Type": "AWS::Logs::LogGroup"}, "/aws/flow") == ("log groups", "/aws/flow")
    group = {"Type": "AWS::SageMaker::ModelPackageGroup", "Properties": {}}
    assert thing_of(group, "arn:aws:sagemaker:us-east-1:1:model-package-group/churn") == (
        "model package groups",
        "churn",
    )


def test_a_kept_resource_that_nobody_looks_at_fails_the_step() -> None:
    with pytest.raises(StepFailed, match="AWS::RDS::DBCluster, which no inventory looks at"):
        thing_of({"Type": "AWS::RDS::DBCluster"}, "x")


@pytest.mark.parametrize(
    ("left", "unexpected", "lost"),
    [
        ({"domains": {"d-1"}, "profiles": {"ana"}, "spaces": {"ana"}}, [], []),
        # Neither the domain nor a space of the same name stands for a lost profile.
        ({"domains": {"d-1"}, "spaces": {"ana"}}, [], [("profiles", "ana")]),
        ({"domains": {"d-1"}, "profiles": {"ana"}}, [], [("spaces", "ana")]),
        (
            {"domains": {"d-1"}, "profiles": {"ana", "bo"}, "spaces": {"ana"}, "file systems": {"fs-1"}},
            [("profiles", "bo")],
            [],
        ),
    ],
)
def test_what_is_left_is_compared_by_kind_and_name(
    left: dict[str, set[str]], unexpected: list[tuple[str, str]], lost: list[tuple[str, str]]
) -> None:
    promised = {("domains", "d-1"), ("profiles", "ana"), ("spaces", "ana")}
    assert compare(left, promised, made_by_sagemaker={"fs-1"}) == (unexpected, lost)
