"""Every kind of endpoint on the embedded AWS, from its first deployment to the last thing that is deleted.

It is made and asked; its next model takes over as far as AWS has steps for the kind; the one after that is sent back by
an alarm; it is stopped and started by the commands; and its stack is destroyed in the right order.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from botocore.exceptions import ClientError

from studio_infra.cli.app import run
from studio_infra.rehearsal.server import EmbeddedAws
from studio_infra.workloads import (
    AsyncInference,
    BacklogScaling,
    Capacity,
    ComponentUpdate,
    CopyScaling,
    DataCapture,
    EndpointLifetime,
    EndpointMetrics,
    EndpointUpdate,
    InferenceComponent,
    InstanceScaling,
    InstanceVariant,
    Model,
    ModelContainer,
    ModelEndpoint,
    ServerlessVariant,
    SharedInstances,
)
from tests.deployment import Deployment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.slow

NAME, BUCKET, ALARM = "churn", "research", "churn-errors"
REGISTRY: Final = "123456789012.dkr.ecr.us-east-1.amazonaws.com/churn"
#: As long as everything that an update here waits for.
LONG: Final = 4 * 3600
SCALING_POLICY, TARGET = (
    f"AWS::ApplicationAutoScaling::{kind}" for kind in ("ScalingPolicy", "ScalableTarget")
)
ENDPOINT, CONFIG, MODEL, COMPONENT = (
    f"AWS::SageMaker::{kind}" for kind in ("Endpoint", "EndpointConfig", "Model", "InferenceComponent")
)
ROLE: Final = "AWS::IAM::Role"
#: What must be gone before what, where a kind has both.
ORDER: Final = ((SCALING_POLICY, TARGET), (TARGET, ENDPOINT), (ENDPOINT, CONFIG))
ORDER_OF_MODELS: Final = ((CONFIG, MODEL), (MODEL, ROLE))
#: Models and configurations know nothing of each other there, and have a role each.
ORDER_OF_COMPONENTS: Final = (
    (TARGET, COMPONENT),
    (COMPONENT, ENDPOINT),
    (COMPONENT, MODEL),
    (COMPONENT, ROLE),
)


@dataclass(frozen=True)
class Place:
    """What the stacks stand on, which is somebody else's."""

    vpc: ec2.IVpc
    group: ec2.ISecurityGroup
    key: kms.IKey


@dataclass(frozen=True)
class World:
    """The embedded AWS, and what is in it before the first deployment."""

    aws: EmbeddedAws
    domain: str
    vpc: str
    subnet: str
    group: str
    key: str

    def place(self, stack: cdk.Stack) -> Place:
        """The same in a stack."""
        return Place(
            ec2.Vpc.from_vpc_attributes(
                stack, "Vpc", vpc_id=self.vpc, availability_zones=["a"], private_subnet_ids=[self.subnet]
            ),
            ec2.SecurityGroup.from_security_group_id(stack, "Group", self.group),
            kms.Key.from_key_arn(stack, "Key", self.key),
        )

    def left(self) -> dict[str, list[str]]:
        """Everything that a stack could leave over."""
        sagemaker, scaling = self.aws.client("sagemaker"), self.aws.client("application-autoscaling")
        targets = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
        alarms = self.aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
        roles = self.aws.client("iam").list_roles()["Roles"]
        policies = self.aws.client("iam").list_policies(Scope="Local")["Policies"]
        components = sagemaker.list_inference_components()["InferenceComponents"]
        return {
            "endpoints": [one["EndpointName"] for one in sagemaker.list_endpoints()["Endpoints"]],
            "configs": [
                one["EndpointConfigName"] for one in sagemaker.list_endpoint_configs()["EndpointConfigs"]
            ],
            "models": [one["ModelName"] for one in sagemaker.list_models()["Models"]],
            "components": [one["InferenceComponentName"] for one in components],
            "targets": [one["ResourceId"] for one in targets],
            "alarms": [one["AlarmName"] for one in alarms],
            "roles": [one["RoleName"] for one in roles],
            "policies": [one["PolicyName"] for one in policies],
        }


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sagemaker.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    with EmbeddedAws() as aws:
        network = aws.client("ec2")
        vpc = network.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = network.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
        group = network.create_security_group(GroupName="g", Description="g", VpcId=vpc)["GroupId"]
        role = aws.client("iam").create_role(RoleName="studio", AssumeRolePolicyDocument=json.dumps(trust))[
            "Role"
        ]["Arn"]
        domain = aws.client("sagemaker").create_domain(
            DomainName="research",
            AuthMode="IAM",
            VpcId=vpc,
            SubnetIds=[subnet],
            DefaultUserSettings={"ExecutionRole": role},
        )["DomainId"]
        aws.client("s3").create_bucket(Bucket=BUCKET)
        key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
        yield World(aws, domain, vpc, subnet, group, key)


# -- the kinds -----------------------------------------------------------------------------------------


def container(version: int, **options: Any) -> ModelContainer:
    return ModelContainer(image=f"{REGISTRY}:{version}", **options)


def model(stack: cdk.Stack, place: Place, *containers: ModelContainer, **options: Any) -> Model:
    given: dict[str, Any] = {"vpc": place.vpc, "security_groups": [place.group], "key": place.key}
    return Model(stack, options.pop("id", "Model"), containers=containers, **(given | options))


def canary(stack: cdk.Stack, percent: int = 50) -> EndpointUpdate:
    """Half of the requests first, so that few requests show it."""
    errors = EndpointMetrics(NAME, "primary").server_errors()
    alarm = errors.create_alarm(stack, "Errors", alarm_name=ALARM, threshold=5, evaluation_periods=1)
    return EndpointUpdate.canary(Capacity.percent(percent), rollback_on=[alarm])


def endpoint(stack: cdk.Stack, place: Place, *variants: Any, **options: Any) -> ModelEndpoint:
    return ModelEndpoint(
        stack,
        "Endpoint",
        endpoint_name=NAME,
        variants=variants,
        owner="ana",
        lifetime=EndpointLifetime.forever(),
        key=place.key,
        **options,
    )


def machines(answers: Model, name: str = "primary", **options: Any) -> InstanceVariant:
    return InstanceVariant(model=answers, name=name, instance_type="ml.m5.large", **options)


def real_time(stack: cdk.Stack, place: Place, version: int) -> None:
    answers = model(stack, place, container(version))
    several = [
        machines(answers, name, scaling=InstanceScaling(max_instances=4)) for name in ("primary", "second")
    ]
    endpoint(stack, place, *several, update=canary(stack))


def serverless(stack: cdk.Stack, place: Place, version: int) -> None:
    answers = model(stack, place, container(version), vpc=None, security_groups=[], network_isolation=False)
    endpoint(stack, place, ServerlessVariant(model=answers), update=canary(stack))


def asynchronous(stack: cdk.Stack, place: Place, version: int) -> None:
    answers = model(stack, place, container(version))
    endpoint(
        stack,
        place,
        machines(answers, scaling=BacklogScaling(max_instances=2)),
        asynchronous=AsyncInference(results=f"s3://{BUCKET}/answers/", key=place.key),
        update=canary(stack),
    )


def many_models(stack: cdk.Stack, place: Place, version: int) -> None:
    many = container(version, model_data=f"s3://{BUCKET}/models/", many_models=True)
    endpoint(stack, place, machines(model(stack, place, many)), update=canary(stack))


def several_containers(stack: cdk.Stack, place: Place, version: int) -> None:
    both = [container(version, name=name) for name in ("first", "last")]
    endpoint(stack, place, machines(model(stack, place, *both, direct=True)), update=canary(stack))


def shadow(stack: cdk.Stack, place: Place, version: int) -> None:
    hidden = model(stack, place, container(version + 100), id="Hidden")
    endpoint(
        stack,
        place,
        machines(model(stack, place, container(version))),
        shadow=machines(hidden, "hidden"),
        capture=DataCapture(place=f"s3://{BUCKET}/captured/", key=place.key),
        update=canary(stack),
    )


def components(stack: cdk.Stack, place: Place, version: int) -> None:
    """AWS has no canary for a component: its copies are exchanged batch by batch."""
    made = endpoint(
        stack,
        place,
        SharedInstances(
            instance_type="ml.m5.large",
            max_instances=4,
            vpc=place.vpc,
            security_groups=[place.group],
        ),
    )
    errors = EndpointMetrics(NAME, "primary").server_errors()
    alarm = errors.create_alarm(stack, "Errors", alarm_name=ALARM, threshold=5, evaluation_periods=1)
    InferenceComponent(
        stack,
        "Component",
        endpoint=made,
        model=model(stack, place, container(version)),
        memory_mb=1024,
        copies=2,
        scaling=CopyScaling(max_copies=4),
        update=ComponentUpdate.rolling(Capacity.percent(50), rollback_on=[alarm]),
    )


# -- asking --------------------------------------------------------------------------------------------


class Asked:
    """Asks an endpoint, and tells which versions of the model answer.

    Args:
        world: Where it is.
        kind: Its kind.

    """

    def __init__(self, world: World, kind: str) -> None:
        self._world, self._kind = world, kind
        self._sagemaker = world.aws.client("sagemaker")
        self._runtime, self._s3 = world.aws.client("sagemaker-runtime"), world.aws.client("s3")

    def versions(self, times: int = 4) -> set[int]:
        """The versions that answer the next requests."""
        return {self._version(self.once()) for _ in range(times)}

    def once(self) -> str:
        """What the echo says of itself."""
        named = {
            "many_models": {"TargetModel": "a.tar.gz"},
            "several_containers": {"TargetContainerHostname": "last"},
        }
        more = named.get(self._kind, {})
        if self._kind == "components":
            more = {"InferenceComponentName": self.component()}
        if self._kind == "asynchronous":
            answer = self._runtime.invoke_endpoint_async(EndpointName=NAME, Body=b"1,2")
            bucket, _, key = answer["OutputLocation"].removeprefix("s3://").partition("/")
            found = self._s3.get_object(Bucket=bucket, Key=key)
            assert found["Body"].read() == b"1,2"
            return str(found["Metadata"]["custom-attributes"])
        answer = self._runtime.invoke_endpoint(EndpointName=NAME, Body=b"1,2", ContentType="text/csv", **more)
        assert answer["Body"].read() == b"1,2"
        said = str(answer["CustomAttributes"])
        assert all(value in said for value in more.values())
        return said

    def component(self) -> str:
        """The name of the one component."""
        (one,) = self._sagemaker.list_inference_components()["InferenceComponents"]
        return str(one["InferenceComponentName"])

    def _version(self, said: str) -> int:
        name = said.partition(";")[0].removeprefix("model=")
        found = self._sagemaker.describe_model(ModelName=name)
        return int((found.get("PrimaryContainer") or found["Containers"][0])["Image"].rpartition(":")[2])

    def status(self) -> str:
        """Of what is updated: the endpoint, or its component."""
        if self._kind == "components":
            found = self._sagemaker.describe_inference_component(InferenceComponentName=self.component())
            return str(found["InferenceComponentStatus"])
        return str(self._sagemaker.describe_endpoint(EndpointName=NAME)["EndpointStatus"])

    def wait_for(self, status: str) -> None:
        """Wait until it is there: what CloudFormation does before takes its time."""
        while self.status() != status:
            time.sleep(0.05)


# -- the life ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "build",
    [real_time, serverless, asynchronous, many_models, several_containers, shadow, components],
    ids=lambda build: build.__name__,
)
def test_it_is_made_asked_updated_sent_back_stopped_started_and_destroyed(
    world: World, monkeypatch: pytest.MonkeyPatch, build: Callable[[cdk.Stack, Place, int], None]
) -> None:
    """One life, because each part stands on the one before."""
    kind, control = build.__name__, world.aws.control
    stack = Deployment(world.aws, kind.replace("_", "-"))
    before, asked = world.left(), Asked(world, kind)

    def version(number: int) -> Callable[[cdk.Stack], None]:
        return lambda made: build(made, world.place(made), number)

    stack.deploy(version(1))
    assert asked.versions() == {1}
    made = world.left()
    scaled = [resource for resource in made["targets"] if resource not in before["targets"]]
    assert kind != "shadow" or heard(world, "hidden") == heard(world, "primary") == 4
    assert len(scaled) == {"real_time": 2, "asynchronous": 1, "components": 1}.get(kind, 0)

    check_roles(world, kind)

    # The next model gets half of the requests, then all of them; then the old one goes.
    control.set_delays({"Endpoint.waits": 1, "InferenceComponent.waits": 1})
    stack.begin(version(2))
    asked.wait_for("Updating")
    assert asked.versions() == {1, 2}
    control.advance_clock(LONG)
    assert stack.settle() == "UPDATE_COMPLETE"
    assert asked.versions() == {2}
    after = world.left()
    assert len(after["models"]) == len(made["models"])
    assert len(after["configs"]) == len(made["configs"]) == len(before["configs"]) + 1

    # The one after that answers with errors: an alarm rings, and everything goes back.
    stack.begin(version(3))
    asked.wait_for("Updating")
    assert asked.versions() == {2, 3}
    ring(world, "ALARM")
    assert stack.settle() == "UPDATE_ROLLBACK_COMPLETE"
    assert any(f"the alarm(s) {ALARM} went off during the deployment" in why for _, _, why in stack.events())
    ring(world, "OK")
    assert asked.versions() == {2}
    assert world.left() == after
    control.set_delays({"Endpoint.waits": 0, "InferenceComponent.waits": 0})

    if kind == "components":
        components_go_and_come_back(world, asked)
    stop_and_start(world, asked, monkeypatch, components=kind == "components")
    assert asked.versions() == {2}
    assert sorted(world.left()["targets"]) == sorted(after["targets"])

    stack.destroy()
    assert world.left() == before
    check_order(stack, (*ORDER, *(ORDER_OF_COMPONENTS if kind == "components" else ORDER_OF_MODELS)))


def check_roles(world: World, kind: str) -> None:
    """The roles may do what the service does with them: look at the alarm, and write what is kept, there alone."""
    sagemaker, iam = world.aws.client("sagemaker"), world.aws.client("iam")
    (alarm,) = world.aws.client("cloudwatch").describe_alarms(AlarmNames=[ALARM])["MetricAlarms"]
    config = sagemaker.describe_endpoint_config(
        EndpointConfigName=sagemaker.describe_endpoint(EndpointName=NAME)["EndpointConfigName"]
    )
    variants = [*config["ProductionVariants"], *config.get("ShadowProductionVariants", [])]
    roles = {config.get("ExecutionRoleArn")} if kind == "components" else {
        sagemaker.describe_model(ModelName=one["ModelName"])["ExecutionRoleArn"] for one in variants
    }  # fmt: skip
    folder = {"asynchronous": "answers", "shadow": "captured"}.get(kind)
    wanted = [("cloudwatch:DescribeAlarms", alarm["AlarmArn"], True)]
    wanted += [("cloudwatch:DescribeAlarms", f"{alarm['AlarmArn']}-other", False)]
    wanted += [("s3:PutObject", f"arn:aws:s3:::{BUCKET}/elsewhere/x", False)]
    wanted += [("s3:PutObject", f"arn:aws:s3:::{BUCKET}/{folder}/x", True)] if folder else []
    assert roles
    for role in roles:
        for action, resource, allowed in wanted:
            (found,) = iam.simulate_principal_policy(
                PolicySourceArn=role, ActionNames=[action], ResourceArns=[resource]
            )["EvaluationResults"]
            assert (found["EvalDecision"] == "allowed") == allowed, (role, action, resource)


def check_order(stack: Deployment, order: tuple[tuple[str, str], ...]) -> None:
    """What is of the first type was deleted before what is of the second."""
    events = [(resource, status) for resource, status, _ in stack.events()]
    end = events.index(("AWS::CloudFormation::Stack", "DELETE_IN_PROGRESS"))
    gone = [resource for resource, status in events[end:] if status == "DELETE_COMPLETE"]
    assert {ENDPOINT, CONFIG, MODEL, ROLE} <= set(gone)
    for first, then in order:
        firsts, thens = ([n for n, one in enumerate(gone) if one == which] for which in (first, then))
        if firsts:  # where there are two of both, each goes before its own
            assert min(firsts) < min(thens), (first, then, gone)
            assert max(firsts) < max(thens), (first, then, gone)


def heard(world: World, variant: str) -> int:
    """How many requests a variant has got, as data capture tells it."""
    found = world.aws.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=f"captured/{NAME}/{variant}/")
    return int(found["KeyCount"])


def ring(world: World, state: str) -> None:
    world.aws.client("cloudwatch").set_alarm_state(
        AlarmName=ALARM, StateValue=state, StateReason="said the test"
    )


def stop_and_start(world: World, asked: Asked, monkeypatch: pytest.MonkeyPatch, *, components: bool) -> None:
    """By the commands that people give."""
    running = world.left()
    for name, value in world.aws.environment().items():
        monkeypatch.setenv(name, value)
    assert run(["stop", NAME, "--domain", world.domain, "--wait"]) == 0
    stopped = world.left()
    if components:
        assert stopped["components"] == []
    else:
        with pytest.raises(ClientError, match=f"Endpoint {NAME} of account"):
            asked.once()
    assert (stopped["endpoints"], stopped["targets"]) == ([], [])
    assert (stopped["configs"], stopped["models"]) == (running["configs"], running["models"])
    assert run(["start", NAME]) == 0


def components_go_and_come_back(world: World, asked: Asked) -> None:
    """Without a copy of any of its components, an endpoint has no instance and costs nothing."""
    scale = world.aws.client("sagemaker").update_inference_component_runtime_config
    name = asked.component()
    scale(InferenceComponentName=name, DesiredRuntimeConfig={"CopyCount": 0})
    with pytest.raises(ClientError, match="has no capacity to process this request"):
        asked.once()
    scale(InferenceComponentName=name, DesiredRuntimeConfig={"CopyCount": 2})
