"""`studio-infra start` and `extend` against the embedded AWS: as it was, later than it was, or one line why not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from studio_infra.cli import app
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
def extend(aws: EmbeddedAws, capsys: pytest.CaptureFixture[str]) -> Start:
    """In this process: a program of its own costs two seconds each time."""
    del aws

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        code = app.run(["extend", *arguments])
        said = capsys.readouterr()
        return subprocess.CompletedProcess([], code, said.out, said.err)

    return run


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
    variant = {"VariantName": "primary", "InstanceType": "ml.m5.large", "InitialInstanceCount": 2}
    # Machines for components have a role of their own, others a model with one.
    components = tags.get("studio:kind") == "components"
    more = {"ExecutionRoleArn": role} if components else {}
    variant |= {} if components else {"ModelName": f"{name}-model"}
    sagemaker.create_endpoint_config(
        EndpointConfigName=f"{name}-Config", ProductionVariants=[variant], **more
    )
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
    import datetime as dt

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


def test_an_endpoint_with_components_is_stopped_and_comes_back_with_all_of_them(
    aws: EmbeddedAws, start: Start
) -> None:
    sagemaker = endpoint(aws, **{"studio:kind": "components"})
    owner = [{"Key": "studio:owner", "Value": "ana"}]
    asked = {
        "ModelName": "Churn-model",
        "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 1024, "NumberOfCpuCoresRequired": 1.0},
    }
    for name in ("Small", "Large"):
        sagemaker.create_inference_component(
            InferenceComponentName=name,
            EndpointName="Churn",
            VariantName="primary",
            Specification=asked,
            RuntimeConfig={"CopyCount": 2},
            Tags=owner,
        )
    scaling = aws.client("application-autoscaling")
    where = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": "inference-component/Small",
        "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount",
    }
    scaling.register_scalable_target(**where, MinCapacity=0, MaxCapacity=3)
    with pytest.raises(sagemaker.exceptions.ClientError):
        sagemaker.delete_endpoint(EndpointName="Churn")
    Switch().stop("Churn", why="by hand")
    assert sagemaker.list_endpoints()["Endpoints"] == []
    assert sagemaker.list_inference_components()["InferenceComponents"] == []
    assert scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"] == []
    done = start("Churn")
    assert done.returncode == 0, done.stderr
    found = sagemaker.list_inference_components(EndpointNameEquals="Churn")["InferenceComponents"]
    assert sorted(one["InferenceComponentName"] for one in found) == ["Large", "Small"]
    small = sagemaker.describe_inference_component(InferenceComponentName="Small")
    assert small["Specification"] == asked
    assert sagemaker.list_tags(ResourceArn=small["InferenceComponentArn"])["Tags"] == owner
    targets = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert {one["ResourceId"] for one in targets} == {
        "endpoint/Churn/variant/primary",
        "inference-component/Small",
    }


def test_an_owner_extends_an_endpoint_as_far_as_was_allowed(aws: EmbeddedAws, extend: Start) -> None:
    sagemaker = endpoint(aws, **{"studio:expires": "2098-06-30", "studio:extendable-days": "30"})
    done = extend("Churn", "--until", "2098-07-15", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "endpoint": "Churn",
        "was": "2098-07-01T00:00:00+00:00",
        "until": "2098-07-16T00:00:00+00:00",
        "latest": "2098-07-31T00:00:00+00:00",
    }
    tags = tags_of(sagemaker)
    # What the settings say stays: a deploy has nothing to undo.
    assert (tags["studio:expires"], tags["studio:extended-until"]) == ("2098-06-30", "2098-07-15")
    assert refused(extend("Churn", "--until", "2098-07-31")) == (
        "endpoint Churn can be extended to 2098-07-31T00:00:00+00:00 at most, got 2098-07-31: "
        "a later end stands in the settings\n"
    )
    assert refused(extend("Churn", "--until", "2098-07-01")) == (
        "endpoint Churn ends at 2098-07-16T00:00:00+00:00 already, give it a later end\n"
    )
    assert tags_of(sagemaker) == tags
    Switch().stop("Churn", why="by hand")
    assert refused(extend("Churn", "--until", "2098-07-20")) == (
        "endpoint Churn is stopped: 'studio-infra start Churn --until …' brings it back with a new end\n"
    )


def test_a_start_goes_no_further_than_an_extension(aws: EmbeddedAws, start: Start) -> None:
    sagemaker = endpoint(aws, **{"studio:expires": "2098-06-30", "studio:extendable-days": "30"})
    Switch().stop("Churn", why="by hand")
    for wrong, said in (("forever", "has an end"), ("2099-01-01", "can be extended to 2098-07-31")):
        assert said in refused(start("Churn", "--until", wrong))
    assert start("Churn", "--until", "2098-07-15").returncode == 0
    assert tags_of(sagemaker)["studio:extended-until"] == "2098-07-15"


NOT_EXTENDED: list[tuple[dict[str, str], tuple[str, ...], int, str]] = [
    ({}, ("--until", "2098-07-15"), 1, "may not be extended: give it extendable_days in the settings"),
    ({"studio:expires": "forever"}, ("--days", "3"), 1, "has no end, there is nothing to extend"),
    ({}, ("--until", "forever"), 2, "--until takes a day: what has no end is said in the settings"),
    ({}, ("--until", "yesterday"), 2, "--until takes a day to come, as 2027-03-31, got 'yesterday'"),
    ({}, (), 2, "say until when: --until or --days, one of the two"),
]


@pytest.mark.parametrize("case", NOT_EXTENDED, ids=["not allowed", "no end", "forever", "no day", "nothing"])
def test_an_extension_that_cannot_be_is_refused_with_one_line(
    aws: EmbeddedAws, extend: Start, case: tuple[dict[str, str], tuple[str, ...], int, str]
) -> None:
    tags, arguments, code, message = case
    endpoint(aws, **tags)
    assert message in refused(extend("Churn", *arguments), code=code)
