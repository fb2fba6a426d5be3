from __future__ import annotations

import botocore.session
import pytest
from botocore.model import StringShape

from studio_infra.access import has_own_disks, hidden_instance_types


def service_enum(shape: str) -> set[str]:
    model = botocore.session.get_session().get_service_model("sagemaker")
    found = model.shape_for(shape)
    assert isinstance(found, StringShape)
    return set(found.enum)


def test_what_is_hidden_and_what_is_allowed_are_all_that_the_service_knows() -> None:
    allowed = {"ml.t3.medium", "ml.g5.xlarge"}
    hidden = hidden_instance_types(allowed)
    assert set(hidden) | allowed | {"system"} == service_enum("AppInstanceType")
    assert not set(hidden) & (allowed | {"system"})


def test_hidden_types_have_an_order_that_does_not_change() -> None:
    assert hidden_instance_types(["ml.t3.medium"]) == sorted(hidden_instance_types(["ml.t3.medium"]))


@pytest.mark.parametrize(
    "family",
    [
        "c5d",
        "g4dn",
        "g5",
        "g6",
        "g6e",
        "gr6",
        "m5d",
        "m6id",
        "p3dn",
        "p4d",
        "p4de",
        "p5",
        "p5en",
        "p6-b200",
        "r7gd",
        "trn1",
        "trn1n",
    ],
)
def test_families_with_disks_of_their_own(family: str) -> None:
    assert has_own_disks(f"ml.{family}.xlarge")


@pytest.mark.parametrize(
    "family", ["c5", "c5n", "c7i-flex", "geospatial", "inf1", "inf2", "m5", "m6g", "p2", "p3", "r6i", "t3"]
)
def test_families_that_need_a_volume(family: str) -> None:
    assert not has_own_disks(f"ml.{family}.xlarge")
