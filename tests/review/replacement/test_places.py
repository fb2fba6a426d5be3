"""Where two values differ, where a value refers to something, and what a change of such a place does."""

from __future__ import annotations

import importlib.metadata
from typing import TYPE_CHECKING, Any

import pytest

from studio_infra.review.replacement.effects import (
    Effect,
    Judgement,
    Place,
    changed_places,
    judge,
    references,
)
from studio_infra.review.replacement.resolver import Address, Reference
from studio_infra.review.replacement.stateful import facts_of, second_opinion, sources

if TYPE_CHECKING:
    from collections.abc import Iterator

ROLE = Reference(Address("s", "Role"), "Arn")
OTHER = Reference(Address("s", "Other"), "Arn")
REGISTRY = f"registry schemas of cfn-lint {importlib.metadata.version('cfn-lint')}"
SECOND = "aws-service-spec 0.1.216"
RSTUDIO = ("DomainSettings", "RStudioServerProDomainSettings", "DefaultResourceSpec")
PEER = "AWS::EC2::TransitGatewayConnectPeer"


@pytest.fixture
def read_anew() -> Iterator[None]:
    """Facts are kept for the life of a process; here they are read from the tables once more."""
    for known in (facts_of, second_opinion):
        known.cache_clear()
    yield
    for known in (facts_of, second_opinion):
        known.cache_clear()


def plain(*path: str) -> Place:
    return Place(path, opaque=False)


def unknown(*path: str) -> Place:
    return Place(path, opaque=True)


@pytest.mark.parametrize(
    ("old", "new", "places"),
    [
        ({"A": "1", "B": "2"}, {"A": "1", "B": "3"}, [plain("B")]),
        ({"A": {"B": "1", "C": "2"}}, {"A": {"B": "3", "C": "4"}}, [plain("A", "B"), plain("A", "C")]),
        # A single value that comes or goes.
        ({}, {"A": "1"}, [plain("A")]),
        ({"A": "1"}, {}, [plain("A")]),
        # A whole that comes or goes, does so part by part.
        ({}, {"A": {"B": "1", "C": {"D": "2"}}}, [plain("A", "B"), plain("A", "C", "D")]),
        ({"A": {"B": "1", "C": {"D": "2"}}}, {}, [plain("A", "B"), plain("A", "C", "D")]),
        ({"A": [{"B": "1"}]}, {}, [plain("A", "B")]),
        ({"A": [{"B": "1"}]}, {"A": [{"B": "1"}, {"C": "2"}]}, [plain("A", "C")]),
        ({"A": [{"B": "1"}, {"C": "2"}]}, {"A": [{"B": "1"}]}, [plain("A", "C")]),
        # What has no parts, comes and goes as it is.
        ({}, {"A": {}}, [plain("A")]),
        ({"A": []}, {}, [plain("A")]),
        # Below a value that only the deployment knows, nothing can be told.
        ({"A": ROLE}, {"A": OTHER}, [unknown("A")]),
        ({"A": "text"}, {"A": ROLE}, [unknown("A")]),
        ({"A": {"B": ROLE}}, {}, [unknown("A", "B")]),
        ({}, {"A": {"Ref": "AWS::Region"}}, [unknown("A")]),
        (
            {"A": {"Fn::Join": ["-", ["a", "b"]]}},
            {"A": {"Fn::Join": ["-", ["a", "c"]]}},
            [unknown("A")],
        ),
        ({"A": {"B": "1"}}, {"A": {"Ref": "AWS::Region"}}, [unknown("A")]),
        # Values of two kinds have no parts in common: anything that is in one of them may change.
        ({"A": {"B": "1"}}, {"A": ["1"]}, [unknown("A")]),
        ({"A": {"B": "1"}}, {"A": "text"}, [unknown("A")]),
        ({"A": "text"}, {"A": ["1"]}, [unknown("A")]),
        ({"A": {}}, {"A": "text"}, [plain("A")]),
    ],
)
def test_a_change_is_found_as_deep_down_as_can_be_told(old: Any, new: Any, places: list[Place]) -> None:
    assert list(changed_places(old, new)) == places
    assert list(changed_places(new, old)) == places


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"A": ROLE}, ("A",)),
        ({"A": {"B": ROLE}}, ("A", "B")),
        ({"A": [{"B": ROLE}]}, ("A", "B")),
        # Inside a function the property is as far as a place goes, however deep the function is.
        ({"A": {"Fn::Join": ["", ["arn:", ROLE]]}}, ("A",)),
        ({"A": {"Fn::Sub": "${Role.Arn}/x", "Values": {"Role.Arn": ROLE}}}, ("A",)),
        ({"A": {"Fn::If": [{"Condition": "On"}, {"B": ROLE}, None]}}, ("A",)),
        ({"A": {"Fn::If": [{"Condition": "On"}, {"B": {"C": [{"D": ROLE}]}}, None]}}, ("A",)),
        ({"A": [{"B": {"Fn::Select": ["0", [ROLE]]}}]}, ("A", "B")),
    ],
)
def test_a_reference_stands_where_only_the_deployment_knows_what_is(
    value: Any, path: tuple[str, ...]
) -> None:
    assert list(references(value)) == [(Place(path, opaque=True), ROLE)]


@pytest.mark.usefixtures("read_anew")
@pytest.mark.parametrize(
    ("resource_type", "place", "effect", "because"),
    [
        ("Custom::X", plain("A"), Effect.MAY_REPLACE, f"nothing is known about Custom::X ({REGISTRY})"),
        (
            "AWS::SageMaker::Domain",
            plain("Brand"),
            Effect.MAY_REPLACE,
            f"the property is unknown ({REGISTRY})",
        ),
        ("AWS::SageMaker::Domain", plain("AuthMode"), Effect.REPLACES, "create-only"),
        ("AWS::SageMaker::Domain", plain(*RSTUDIO), Effect.REPLACES, "create-only"),
        ("AWS::SageMaker::Domain", plain(*RSTUDIO, "InstanceType"), Effect.REPLACES, "create-only"),
        ("AWS::SageMaker::Domain", plain("DomainSettings"), Effect.IN_PLACE, "updated in place"),
        (
            "AWS::SageMaker::Domain",
            unknown("DomainSettings"),
            Effect.MAY_REPLACE,
            "what is create-only in it cannot be told",
        ),
        (
            "AWS::SageMaker::MlflowTrackingServer",
            plain("RoleArn"),
            Effect.MAY_REPLACE,
            "create-only under conditions that the registry does not tell",
        ),
        (
            "AWS::SageMaker::Domain",
            plain("Tags", "Key"),
            Effect.MAY_REPLACE,
            f"{SECOND} calls this a replacement, the registry an update in place",
        ),
    ],
)
def test_what_a_change_does_is_said_with_whoever_says_so(
    resource_type: str, place: Place, effect: Effect, because: str
) -> None:
    assert judge(resource_type, place) == Judgement(effect, because)
    assert sources() == (REGISTRY, SECOND)


@pytest.mark.usefixtures("read_anew")
def test_a_path_of_the_registry_is_its_names_without_the_places_of_list_items() -> None:
    facts = facts_of(PEER)  # `ConnectPeerConfiguration/BgpConfigurations/*/PeerAsn`
    assert facts is not None
    assert ("ConnectPeerConfiguration", "BgpConfigurations", "PeerAsn") in facts.create_only
    assert second_opinion("AWS::SageMaker::UserProfile") == (("Tags",),)
    assert second_opinion(PEER) == ()
