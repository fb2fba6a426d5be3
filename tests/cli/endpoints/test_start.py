"""`studio-infra start` against the embedded AWS: what was stopped comes back as it was, or one line says why not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from studio_infra.cli.endpoints.switch import Switch
from studio_infra.rehearsal.server import EmbeddedAws
from tests.rehearsal.conftest import make_role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Start = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
COMMAND = Path(sys.executable).with_name("studio-infra")
OWN = {"studio:owner": "ana", "studio:expires": "2099-12-31", "studio:team": "platform"}


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedAws]:
    with EmbeddedAws() as aws:
        yield aws


@pytest.fixture
def aws(server: EmbeddedAws, monkeypatch: pytest.MonkeyPatch) -> EmbeddedAws:
    server.control.reset()
    server.control.wipe()
    for name, value in server.subprocess_environment().items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)
    return server


@pytest.fixture
def start(aws: EmbeddedAws) -> Start:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [COMMAND, "start", *arguments],
            cwd=ROOT,
            env=aws.subprocess_environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def endpoint(aws: EmbeddedAws, name: str = "Churn", **tags: str) -> Any:
    """A running endpoint that scales."""
    sagemaker, scaling = aws.client("sagemaker"), aws.client("application-autoscaling")
    role = make_role(aws, f"role-{name}")
    sagemaker.create_model(ModelName=f"{name}-model", ExecutionRoleArn=role, PrimaryContainer={"Image": "i"})
    variant = {
        "VariantName": "primary",
        "ModelName": f"{name}-model",
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 2,
    }
    sagemaker.create_endpoint_config(EndpointConfigName=f"{name}-Config", ProductionVariants=[variant])
    given = [{"Key": key, "Value": value} for key, value in (OWN | tags).items()]
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=f"{name}-Config", Tags=given)
    where = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{name}/variant/primary",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    scaling.register_scalable_target(**where, MinCapacity=2, MaxCapacity=4)
    scaling.put_scaling_policy(
        **where,
        PolicyName="Requests",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 600.0,
            "PredefinedMetricSpecification": {
                "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
            },
        },
    )
    return sagemaker


def tags_of(sagemaker: Any, name: str = "Churn") -> dict[str, str]:
    arn = sagemaker.describe_endpoint(EndpointName=name)["EndpointArn"]
    return {tag["Key"]: tag["Value"] for tag in sagemaker.list_tags(ResourceArn=arn)["Tags"]}


def refused(done: subprocess.CompletedProcess[str], code: int = 1) -> str:
    assert done.returncode == code, done.stdout + done.stderr
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_a_stopped_endpoint_comes_back_with_its_tags_and_its_scaling(aws: EmbeddedAws, start: Start) -> None:
    sagemaker = endpoint(aws)
    created = sagemaker.describe_endpoint(EndpointName="Churn")["CreationTime"]
    Switch().stop("Churn", why="by hand")
    scaling = aws.client("application-autoscaling")
    assert scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"] == []
    assert sagemaker.list_endpoints()["Endpoints"] == []
    done = start("Churn", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"endpoint": "Churn", "expires": None, "in_service": True}
    assert sagemaker.describe_endpoint(EndpointName="Churn")["EndpointConfigName"] == "Churn-Config"
    tags = tags_of(sagemaker)
    assert abs(created.timestamp() - _moment(tags.pop("studio:created"))) <= 1
    assert tags == OWN
    (target,) = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 4)
    (policy,) = scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
    assert policy["PolicyName"] == "Requests"
    config = sagemaker.describe_endpoint_config(EndpointConfigName="Churn-Config")["EndpointConfigArn"]
    assert sagemaker.list_tags(ResourceArn=config)["Tags"] == []


def _moment(text: str) -> float:
    import datetime as dt  # noqa: PLC0415

    return dt.datetime.fromisoformat(text).timestamp()


def test_one_whose_lifetime_is_over_needs_a_new_end(aws: EmbeddedAws, start: Start) -> None:
    sagemaker = endpoint(aws, **{"studio:expires": "2020-01-01"})
    Switch().stop("Churn", why="its lifetime is over")
    assert refused(start("Churn")) == (
        "the lifetime of Churn ended at 2020-01-02T00:00:00+00:00, it would be stopped again at once: "
        "give it a new end with --until or --days\n"
    )
    done = start("Churn", "--until", "2098-06-30")
    assert (done.returncode, done.stderr) == (0, "")
    assert "started Churn" in done.stdout
    assert tags_of(sagemaker)["studio:expires"] == "2098-06-30"


def test_one_that_starts_slowly_is_waited_for_only_on_request(aws: EmbeddedAws, start: Start) -> None:
    sagemaker = endpoint(aws)
    Switch().stop("Churn", why="by hand")
    aws.control.set_delays({"Endpoint.create": 300})
    done = start("Churn", "--no-wait", "--days", "3")
    assert (done.returncode, done.stdout) == (0, "Churn starts\n")
    assert sagemaker.describe_endpoint(EndpointName="Churn")["EndpointStatus"] == "Creating"
    # What is left to do is still remembered: the function does it when the endpoint is in service.
    config = sagemaker.describe_endpoint_config(EndpointConfigName="Churn-Config")["EndpointConfigArn"]
    assert sagemaker.list_tags(ResourceArn=config)["Tags"]


def test_what_is_not_stopped_is_refused_with_one_line(aws: EmbeddedAws, start: Start) -> None:
    endpoint(aws)
    assert refused(start("Churn")) == "endpoint Churn runs already\n"
    assert refused(start("Chrun")) == (
        "there is no endpoint 'Chrun', running or stopped; did you mean \"Churn\"?\n"
    )
    Switch().stop("Churn", why="by hand")
    aws.client("sagemaker").delete_endpoint_config(EndpointConfigName="Churn-Config")
    assert refused(start("Churn")).startswith("there is no endpoint 'Churn'")


def test_one_that_fails_to_start_says_why(aws: EmbeddedAws, start: Start) -> None:
    endpoint(aws)
    Switch().stop("Churn", why="by hand")
    aws.control.order_outcome("Endpoint", reason="no capacity in this zone")
    assert refused(start("Churn")) == "endpoint Churn did not start: no capacity in this zone\n"


@pytest.mark.parametrize("wrong", ["2020-01-01", "tomorrow", "2027-02-30"])
def test_an_end_that_is_none_is_refused(start: Start, wrong: str) -> None:
    said = refused(start("Churn", "--until", wrong), code=2)
    assert said == f"--until takes a day to come, as 2027-03-31, or forever, got {wrong!r}\n"


def test_two_ends_are_refused(start: Start) -> None:
    assert (
        refused(start("Churn", "--until", "forever", "--days", "3"), code=2)
        == "--until and --days: say one\n"
    )
