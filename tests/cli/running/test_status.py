"""`studio-infra status` against the embedded AWS: what runs in one of two domains."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest

from studio_infra.cli.running.status import span
from tests.cli.running.conftest import start

if TYPE_CHECKING:
    from tests.cli.running.conftest import Command

pytestmark = pytest.mark.slow


def said(studio: Command, *arguments: str) -> list[dict[str, Any]]:
    done = studio("status", "--json", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_it_says_what_runs_whose_it_is_on_what_and_since_when(studio: Command) -> None:
    done = studio("status")
    assert (done.returncode, done.stderr) == (0, "")
    head, *lines = [line.split() for line in done.stdout.splitlines()]
    assert head == ["name", "owner", "runs", "on", "status", "age", "idle", "for"]
    assert [" ".join(line) for line in lines] == [
        "app JupyterLab default of space ana-lab ana ml.t3.medium InService 0 min 0 min",
        "app JupyterLab default of space bela-lab bela ml.t3.medium InService 0 min 0 min",
        "app JupyterLab default of space bela shared space bela ml.t3.medium InService 0 min 0 min",
        "space bela shared 20 GB InService 0 min 0 min",
        "space ana-lab ana 20 GB InService 0 min 0 min",
        "space bela-lab bela 20 GB InService 0 min 0 min",
    ]


def test_programs_get_the_same_with_moments(studio: Command, domains: dict[str, str]) -> None:
    first = said(studio, "--domain", domains["other"], "--only", "app", "--owner", "ana")
    (row,) = first
    created = dt.datetime.fromisoformat(row.pop("created"))
    used = dt.datetime.fromisoformat(row.pop("idle_since"))
    assert abs(dt.datetime.now(dt.UTC) - created) < dt.timedelta(minutes=5)
    assert abs(used - created) < dt.timedelta(minutes=5)
    assert row == {
        "kind": "app",
        "name": "JupyterLab default of space ana-lab",
        "owner": "ana",
        "instance_type": "ml.t3.medium",
        "status": "InService",
    }


def test_it_shows_what_is_asked_for(studio: Command, sagemaker: Any, domains: dict[str, str]) -> None:
    sagemaker.delete_app(
        DomainId=domains["sandbox"], SpaceName="ana-lab", AppType="JupyterLab", AppName="default"
    )
    start(sagemaker, domains["sandbox"], "ana-lab", "ml.g5.xlarge")
    assert [row["name"] for row in said(studio, "--only", "space", "--owner", "bela")] == ["bela-lab"]
    gpu = said(studio, "--instance-type", "ml.g5")
    assert [(row["kind"], row["owner"]) for row in gpu] == [("app", "ana")]
    assert said(studio, "--instance-type", "ml.g") == []
    for hours in ("1", "1e300", "inf"):
        assert said(studio, "--only", "app", "--older-than-hours", hours) == []
    assert said(studio, "--only", "endpoint", "--only", "tracking server") == []


def test_endpoints_are_the_domains_by_their_tags(studio: Command, sagemaker: Any) -> None:
    role = "arn:aws:iam::123456789012:role/studio"
    image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/serve:1"
    sagemaker.create_model(ModelName="m", ExecutionRoleArn=role, PrimaryContainer={"Image": image})
    variant = {"VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant])
    for name, tags in (
        ("churn", {"studio:domain": "sandbox", "studio:owner": "ana"}),
        ("sandbox-lookalike", {"studio:domain": "other"}),
        ("untagged", {}),
    ):
        sagemaker.create_endpoint(
            EndpointName=name,
            EndpointConfigName="c",
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )
    (row,) = said(studio, "--only", "endpoint")
    assert (row["name"], row["owner"], row["instance_type"]) == ("churn", "ana", "ml.m5.large")
    assert row["status"] == "InService"


def test_nothing_is_said_in_one_line(studio: Command) -> None:
    done = studio("status", "--owner", "nobody")
    assert (done.returncode, done.stdout, done.stderr) == (0, "nothing runs that this asks for\n", "")


def test_a_domain_that_is_not_there_is_one_line(studio: Command, domains: dict[str, str]) -> None:
    done = studio("status", "--domain", "d-missing")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("there is no domain 'd-missing', there are: ")
    assert all(domain in done.stderr for domain in domains.values())


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(-3, "0 min"), (119, "119 min"), (120, "2 h"), (71 * 60, "71 h"), (72 * 60, "3 days")],
)
def test_times_are_said_in_one_unit(minutes: int, said: str) -> None:
    assert span(dt.timedelta(minutes=minutes)) == said
