"""The double lock on data."""

from __future__ import annotations

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Annotations, Match
from constructs import Construct

from studio_infra.errors import InvalidInput
from studio_infra.storage import effective_removal_policy
from studio_infra.storage.removal import ALLOW_DESTROY, NOT_CONSENTED_WARNING

KEEP = [cdk.RemovalPolicy.RETAIN, cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE]
LOSE = [cdk.RemovalPolicy.DESTROY, cdk.RemovalPolicy.SNAPSHOT]


def place(consent: object) -> tuple[cdk.Stack, Construct]:
    stack = cdk.Stack(cdk.App(context={} if consent is None else {ALLOW_DESTROY: consent}), "S")
    return stack, Construct(stack, "Data")


def warnings(stack: cdk.Stack) -> int:
    return len(
        Annotations.from_stack(stack).find_warning("/S/Data", Match.string_like_regexp(NOT_CONSENTED_WARNING))
    )


def test_the_public_names_are_what_they_always_were() -> None:
    assert ALLOW_DESTROY == "@studio-infra/allow-destroy"
    assert NOT_CONSENTED_WARNING == "studio-infra:RemovalPolicy.notConsented"


@pytest.mark.parametrize("consent", [None, True, False])
def test_what_is_not_asked_for_is_retained_without_a_word(*, consent: bool | None) -> None:
    stack, data = place(consent)
    assert effective_removal_policy(data) is cdk.RemovalPolicy.RETAIN
    assert warnings(stack) == 0


@pytest.mark.parametrize("consent", [None, False, "false"])
@pytest.mark.parametrize("wanted", LOSE)
def test_one_consent_is_not_enough_and_says_so(wanted: cdk.RemovalPolicy, consent: object) -> None:
    stack, data = place(consent)
    assert effective_removal_policy(data, wanted) is cdk.RemovalPolicy.RETAIN
    assert warnings(stack) == 1


@pytest.mark.parametrize("consent", [True, "true"], ids=["cdk.json", "command line"])
@pytest.mark.parametrize("wanted", LOSE)
def test_two_consents_are(wanted: cdk.RemovalPolicy, consent: object) -> None:
    stack, data = place(consent)
    assert effective_removal_policy(data, wanted) is wanted
    assert warnings(stack) == 0


@pytest.mark.parametrize("consent", [None, True])
@pytest.mark.parametrize("wanted", KEEP)
def test_keeping_needs_no_consent(wanted: cdk.RemovalPolicy, consent: object) -> None:
    stack, data = place(consent)
    assert effective_removal_policy(data, wanted) is wanted
    assert warnings(stack) == 0


@pytest.mark.parametrize("consent", ["yes", "True", "", 0, 1, {"a": 1}, [True]])
def test_a_consent_that_is_neither_true_nor_false_is_refused(consent: object) -> None:
    _, data = place(consent)
    with pytest.raises(InvalidInput, match="must be true or false, got") as caught:
        effective_removal_policy(data, cdk.RemovalPolicy.DESTROY)
    assert (caught.value.code, caught.value.path) == ("AllowDestroy", "S/Data")
