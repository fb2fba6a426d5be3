"""`studio-infra stop ENDPOINT` and `studio-infra start ENDPOINT` against the embedded AWS: there and back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.rehearsal.conftest import make_role

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from studio_infra.rehearsal.server import EmbeddedAws

    Command = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.slow


def endpoint(aws: EmbeddedAws, sagemaker: Any, name: str = "churn", **tags: str) -> None:
    role = make_role(aws, f"role-{name}")
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=role, PrimaryContainer={"Image": "i"})
    variant = {
        "VariantName": "primary",
        "ModelName": name,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 2,
    }
    sagemaker.create_endpoint_config(EndpointConfigName=f"{name}-Config", ProductionVariants=[variant])
    given = [{"Key": key.replace("_", ":"), "Value": value} for key, value in tags.items()]
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=f"{name}-Config", Tags=given)


def names(sagemaker: Any) -> list[str]:
    return [one["EndpointName"] for one in sagemaker.list_endpoints()["Endpoints"]]


def test_an_endpoint_is_stopped_and_what_it_is_made_of_stays(
    aws: EmbeddedAws, studio: Command, sagemaker: Any, domains: dict[str, str]
) -> None:
    assert domains
    endpoint(aws, sagemaker, studio_owner="ana", studio_expires="forever", studio_kind="real_time")
    done = studio("stop", "churn", "--json", "--wait")
    assert done.returncode == 0, done.stderr
    (said,) = json.loads(done.stdout)
    assert said == {
        "kind": "endpoint",
        "name": "churn",
        "owner": "ana",
        "instance_type": "real_time",
        "status": "stopped",
    }
    assert names(sagemaker) == []
    sagemaker.describe_endpoint_config(EndpointConfigName="churn-Config")
    sagemaker.describe_model(ModelName="churn")
    again = studio("stop", "churn")
    assert again.returncode == 1
    assert again.stderr == "endpoint churn is stopped already; 'studio-infra start churn' brings it back\n"


def test_one_that_nobody_answers_for_is_refused(
    aws: EmbeddedAws, studio: Command, sagemaker: Any, domains: dict[str, str]
) -> None:
    assert domains
    endpoint(aws, sagemaker)
    done = studio("stop", "churn", "--endpoint")
    assert done.returncode == 1
    assert done.stderr.startswith("endpoint churn has no owner: give it the tag studio:owner")
    assert names(sagemaker) == ["churn"]
