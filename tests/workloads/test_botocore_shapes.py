"""The yardstick of the other tests measures: a wrong request is found out."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workloads.botocore_shapes import problems

NAMELESS = frozenset({"TrainingJobName"})


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"Colour": "red"}, ".Colour is unknown"),
        ({"ResourceConfig": {"InstanceType": "ml.none.large"}}, "none of the values"),
        ({"ResourceConfig": {"InstanceCount": "1"}}, "should be a integer"),
        ({"EnableNetworkIsolation": "true"}, "should be a boolean"),
        ({"VpcConfig": {"Subnets": [], "SecurityGroupIds": ["sg-1"]}}, "is outside"),
        ({"VpcConfig": {"Subnets": ["subnet-1"]}}, "SecurityGroupIds is missing"),
        ({"HyperParameters": {"a": 1}}, "should be a string"),
        ({"CheckpointConfig": {"S3Uri": "ftp://x"}}, "does not match"),
    ],
)
def test_a_wrong_request_is_found_out(wrong: dict[str, Any], expected: str) -> None:
    right = {
        "RoleArn": "arn:aws:iam::123456789012:role/job",
        "OutputDataConfig": {"S3OutputPath": {"Get": "Parameters.Place"}},
    }
    assert list(problems("CreateTrainingJobRequest", right, without=NAMELESS)) == []
    assert any(
        expected in problem
        for problem in problems("CreateTrainingJobRequest", right | wrong, without=NAMELESS)
    )
