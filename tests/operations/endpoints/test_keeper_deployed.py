"""The keeper on the embedded AWS: it is deployed, Lambda runs it, and it may do what it needs with IAM enforced."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from studio_infra.rehearsal.server import EmbeddedAws

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

APP = """
import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from studio_infra import (
    EndpointLifetime, InstanceScaling, InstanceVariant, Model, ModelContainer, ModelEndpoint, StudioKey,
)
from studio_infra.operations import AlertTopic, EndpointKeeper

app = cdk.App()
work = cdk.Stack(app, "work")
key = StudioKey(work, "Key", alias="test/keeper")
vpc = ec2.Vpc(work, "Vpc", max_azs=2, nat_gateways=0, subnet_configuration=[
    ec2.SubnetConfiguration(name="Private", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)])
group = ec2.SecurityGroup(work, "Group", vpc=vpc)
image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/churn:" + app.node.try_get_context("version")
model = Model(work, "Model", containers=[ModelContainer(image=image)], vpc=vpc, security_groups=[group],
              key=key.key)
ModelEndpoint(work, "Endpoint", endpoint_name="churn", owner="ana", key=key.key,
              lifetime=EndpointLifetime.until("2020-01-01"),
              variants=[InstanceVariant(model=model, instance_type="ml.m5.large",
                                        scaling=InstanceScaling(max_instances=4))])
watch = cdk.Stack(app, "watch")
alerts = AlertTopic(watch, "Alerts", key=key.key)
keeper = EndpointKeeper(watch, "Keeper", key=key.key, alerts=alerts.topic)
cdk.CfnOutput(watch, "Function", value=keeper.function.function.function_name)
app.synth()
"""


class World:
    """Both stacks, deployed by the real CDK CLI."""

    def __init__(self, aws: EmbeddedAws, folder: Path) -> None:
        self.aws = aws
        (folder / "app.py").write_text(APP, encoding="utf-8")
        (folder / "cdk.json").write_text(json.dumps({"app": f"{sys.executable} app.py"}), encoding="utf-8")
        self.folder = folder
        self.sagemaker, self.cloudformation = aws.client("sagemaker"), aws.client("cloudformation")

    def cdk(self, *arguments: str, version: str = "1") -> subprocess.CompletedProcess[str]:
        program = shutil.which("cdk")
        assert program is not None
        return subprocess.run(
            [program, *arguments, "--context", f"version={version}", "--no-notices", "--ci", "--no-color"],
            cwd=self.folder,
            env=self.aws.subprocess_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    def deploy(self, version: str = "1") -> subprocess.CompletedProcess[str]:
        return self.cdk("deploy", "--all", "--require-approval", "never", version=version)

    def start(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).with_name("studio-infra")), "start", *arguments]
        return subprocess.run(
            command,
            env=self.aws.subprocess_environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def sweep(self) -> dict[str, Any]:
        outputs = self.cloudformation.describe_stacks(StackName="watch")["Stacks"][0]["Outputs"]
        name = next(one["OutputValue"] for one in outputs if one["OutputKey"] == "Function")
        answer = self.aws.client("lambda").invoke(FunctionName=name, Payload=b"{}")
        said = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, said
        return dict(said)

    def status(self, stack: str) -> str:
        return str(self.cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])

    def exists(self) -> bool:
        try:
            self.sagemaker.describe_endpoint(EndpointName="churn")
        except ClientError:
            return False
        return True

    def targets(self) -> list[str]:
        found = self.aws.client("application-autoscaling").describe_scalable_targets(
            ServiceNamespace="sagemaker"
        )
        return [target["ResourceId"] for target in found["ScalableTargets"]]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with EmbeddedAws(strict=True) as aws:
        yield World(aws, tmp_path_factory.mktemp("keeper"))


@pytest.mark.timeout(1500)  # six runs of the CDK CLI
def test_a_stopped_endpoint_survives_deployments_that_do_not_touch_it_and_comes_back_whole(
    world: World,
) -> None:
    """One life, because each part stands on the one before."""
    done = world.cdk("bootstrap", f"aws://{world.aws.account}/{world.aws.region}")
    assert done.returncode == 0, done.stdout + done.stderr
    done = world.deploy()
    assert done.returncode == 0, done.stdout + done.stderr
    before = world.sagemaker.describe_endpoint(EndpointName="churn")
    assert world.targets() == ["endpoint/churn/variant/primary"]

    # Over long ago, and nobody was told: the first sweep tells, the second one stops.
    assert world.sweep()["warned"] == {"churn": "its lifetime is over"}
    assert world.exists()
    assert world.sweep()["stopped"] == {"churn": "its lifetime is over"}
    assert not world.exists()
    assert world.targets() == []
    world.sagemaker.describe_endpoint_config(EndpointConfigName=before["EndpointConfigName"])

    # CloudFormation does not look at what did not change.
    done = world.deploy()
    assert done.returncode == 0, done.stdout + done.stderr
    assert not world.exists()

    # A change of an endpoint that is not there fails as a whole, and changes nothing.
    done = world.deploy(version="2")
    assert done.returncode != 0
    assert "churn does not exist" in done.stdout + done.stderr
    assert world.status("work").endswith("ROLLBACK_COMPLETE")

    # Started by hand, it can be changed, and scales as before.
    done = world.start("churn", "--until", "2099-12-31")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (
        world.sagemaker.describe_endpoint(EndpointName="churn")["EndpointConfigName"]
        == (before["EndpointConfigName"])
    )
    assert world.targets() == ["endpoint/churn/variant/primary"]
    done = world.deploy(version="2")
    assert done.returncode == 0, done.stdout + done.stderr
    after = world.sagemaker.describe_endpoint(EndpointName="churn")
    assert after["EndpointConfigName"] != before["EndpointConfigName"]

    # The deployment gave it the end of the template again: it is over. Its stack can be destroyed without it.
    assert world.sweep()["stopped"] == {"churn": "its lifetime is over"}
    done = world.cdk("destroy", "--all", "--force")
    assert done.returncode == 0, done.stdout + done.stderr
    assert world.sagemaker.list_endpoint_configs()["EndpointConfigs"] == []
    assert world.sagemaker.list_models()["Models"] == []
