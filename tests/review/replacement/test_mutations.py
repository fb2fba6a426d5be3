"""Every property of every type that holds data, mutated one at a time: the guard says what the registry says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from studio_infra.review.replacement.changes import Kind, Level
from studio_infra.review.replacement.comparison import diff
from studio_infra.review.replacement.stateful import stateful_types
from tests.review.replacement.mutations import SECOND_SOURCE, mutations, what_the_registry_says

if TYPE_CHECKING:
    from tests.review.replacement.mutations import Mutation

TYPES = sorted(name for name, known in stateful_types().items() if not known.contents_unseen)


def classified(mutation: Mutation, **attributes: Any) -> Kind | None:
    old, new = (
        {"s": {"Resources": {"It": {"Type": mutation.type, "Properties": properties, **attributes}}}}
        for properties in (mutation.old, mutation.new)
    )
    changes = diff(old, new)
    assert len(changes) == 1
    return changes[0].kind


@pytest.mark.parametrize("name", TYPES)
def test_every_mutation_of_one_property_is_classified_as_the_registry_says(name: str) -> None:
    wrong = [
        f"{one.pointer} {one.how}: {found}, not {one.expected}"
        for one in mutations(name)
        if (found := classified(one)) != one.expected
    ]
    assert wrong == []


def test_there_are_thousands_of_mutations_and_each_outcome_is_among_them() -> None:
    found = [one for name in TYPES for one in mutations(name)]
    outcomes = {
        outcome: sum(one.expected == outcome for one in found) for outcome in {one.expected for one in found}
    }
    assert len(TYPES) >= 30
    assert sum(outcomes.values()) > 4000
    assert outcomes["replaced"] > 1000
    assert outcomes["may be replaced"] > 40
    assert outcomes["in place"] > 2000


@pytest.mark.parametrize(
    "name", ["AWS::SageMaker::Domain", "AWS::SageMaker::UserProfile", "AWS::SageMaker::Space"]
)
def test_retention_makes_no_replacement_safe(name: str) -> None:
    retained = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    for one in mutations(name):
        if one.expected == "replaced":
            assert Kind(str(classified(one, **retained))).level is Level.BLOCKED, one.pointer


def test_what_only_the_second_source_calls_a_replacement_is_a_warning() -> None:
    for name, properties in SECOND_SOURCE.items():
        for key in properties:
            found = [one for one in mutations(name) if one.pointer == f"/properties/{key}"]
            assert {classified(one) for one in found} == {Kind.MAY_BE_REPLACED}
            assert what_the_registry_says(name, f"/properties/{key}") == "may be replaced"
    assert Kind.MAY_BE_REPLACED.level is Level.WARNING


@pytest.mark.parametrize("name", TYPES)
def test_a_value_that_only_the_deployment_knows_is_never_called_safe(name: str) -> None:
    """`Fn::If` around a property: whatever is create-only inside may change with it."""
    for one in mutations(name):
        parts = one.pointer.split("/")[2:]
        if one.how == "changed" and len(parts) == 1 and one.expected != "in place":
            unknown = {**one.new, parts[0]: {"Fn::GetAtt": ["Elsewhere", "Value"]}}
            assert classified(one._replace(new=unknown)) != Kind.IN_PLACE, one.pointer
