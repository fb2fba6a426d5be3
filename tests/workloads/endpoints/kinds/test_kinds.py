"""Every kind of endpoint: what CloudFormation is told, that the service understands it, and in which order it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns

from studio_infra.errors import InvalidInput
from studio_infra.workloads import (
    AsyncInference,
    BacklogScaling,
    Capacity,
    ComponentUpdate,
    CopyScaling,
    DataCapture,
    EndpointLifetime,
    EndpointUpdate,
    InferenceComponent,
    InstanceScaling,
    InstanceVariant,
    Model,
    ModelContainer,
    ModelEndpoint,
    ScheduledScaling,
    ServerlessVariant,
    SharedInstances,
)
from tests import compliance
from tests.workloads.botocore_shapes import problems
from tests.workloads.conftest import IMAGE, Place, imported_place
from tests.workloads.templates import needs, only, resources, statements, text, texts

if TYPE_CHECKING:
    from collections.abc import Callable

ENDPOINT, CONFIG = "AWS::SageMaker::Endpoint", "AWS::SageMaker::EndpointConfig"
COMPONENT = "AWS::SageMaker::InferenceComponent"
TARGET, POLICY = "AWS::ApplicationAutoScaling::ScalableTarget", "AWS::ApplicationAutoScaling::ScalingPolicy"
ALARM = "AWS::CloudWatch::Alarm"
ALARM_ARN = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:errors"
TOPICS = ["arn:aws:sns:eu-west-1:123456789012:yes", "arn:aws:sns:eu-west-1:123456789012:not"]
OTHER_KEY = "arn:aws:kms:eu-west-1:123456789012:key/99999999-0a1b-0a1b-0a1b-0a1b2c3d4e5f"


def model(stack: cdk.Stack, place: Place, construct_id: str = "Model", **options: Any) -> Model:
    given: dict[str, Any] = {
        "containers": [ModelContainer(image=IMAGE, model_data="s3://artifacts/models/1/model.tar.gz")],
        "vpc": place.vpc,
        "security_groups": [place.group],
        "key": place.key,
    }
    return Model(stack, construct_id, **(given | options))


def variant(stack: cdk.Stack, place: Place, **options: Any) -> InstanceVariant:
    given: dict[str, Any] = {"model": options.pop("model", None) or model(stack, place)}
    return InstanceVariant(**(given | {"instance_type": "ml.m5.large"} | options))


def endpoint(stack: cdk.Stack, place: Place, *variants: Any, **options: Any) -> ModelEndpoint:
    given: dict[str, Any] = {
        "variants": variants or (variant(stack, place),),
        "owner": "ana",
        "lifetime": EndpointLifetime.forever(),
        "key": place.key,
    }
    return ModelEndpoint(stack, "Churn", **(given | options))


def shared(place: Place, **options: Any) -> SharedInstances:
    given: dict[str, Any] = {
        "instance_type": "ml.g5.xlarge",
        "max_instances": 4,
        "vpc": place.vpc,
        "security_groups": [place.group],
    }
    return SharedInstances(**(given | options))


def queue(place: Place, **options: Any) -> AsyncInference:
    return AsyncInference(results="s3://artifacts/answers/", key=place.key, **options)


def tags(template: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in only(template, ENDPOINT)["Tags"]}


def by_name(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = [one["Properties"] for one in template.values() if one["Type"] == POLICY]
    return {one["PolicyName"]: one for one in found}


def id_of(template: dict[str, Any], kind: str) -> str:
    (found,) = [logical_id for logical_id, resource in template.items() if resource["Type"] == kind]
    return found


def id_of_policy(template: dict[str, Any], part: str) -> str:
    kind = "AWS::IAM::ManagedPolicy"
    (found,) = [name for name, one in template.items() if one["Type"] == kind and name.startswith(part)]
    return found


def test_an_asynchronous_endpoint_answers_into_s3_and_tells_topics(stack: cdk.Stack, imported: Place) -> None:
    good, bad = (sns.Topic.from_topic_arn(stack, arn[-3:], arn) for arn in TOPICS)
    asynchronous = queue(
        imported,
        failures="s3://artifacts/failed/",
        success_topic=good,
        error_topic=bad,
        max_concurrent=4,
    )
    endpoint(stack, imported, asynchronous=asynchronous)
    template = resources(stack)
    config = only(template, CONFIG)["AsyncInferenceConfig"]
    assert list(problems("AsyncInferenceConfig", config)) == []
    assert config["OutputConfig"]["S3FailurePath"] == "s3://artifacts/failed/"
    assert config["ClientConfig"] == {"MaxConcurrentInvocationsPerInstance": 4}
    assert tags(template)["studio:kind"] == "async"
    found = statements(template, "ChurnPolicies")
    assert texts(found["TellWhatIsAnswered"]["Resource"]) == TOPICS
    written = next(one for sid, one in found.items() if "s3:PutObject" in one["Action"])
    assert [arn.rpartition(":::")[2] for arn in texts(written["Resource"])] == [
        "artifacts/answers/*",
        "artifacts/failed/*",
    ]
    # The role can write before the endpoint exists.
    assert "AWS::IAM::ManagedPolicy" in {
        template[one]["Type"] for one in needs(template, id_of(template, ENDPOINT)) if "ChurnPolicies" in one
    }


def test_an_asynchronous_endpoint_goes_to_none_and_comes_back_for_the_first_request(
    stack: cdk.Stack, imported: Place
) -> None:
    endpoint(
        stack,
        imported,
        variant(stack, imported, scaling=BacklogScaling(max_instances=4, backlog_per_instance=3)),
        asynchronous=queue(imported),
    )
    template = resources(stack)
    target = only(template, TARGET)
    assert (target["MinCapacity"], target["MaxCapacity"]) == (0, 4)
    # Security Hub SageMaker.4 looks at how it begins.
    assert only(template, CONFIG)["ProductionVariants"][0]["InitialInstanceCount"] == 2
    backlog = by_name(template)["BacklogPerInstance"]["TargetTrackingScalingPolicyConfiguration"]
    assert backlog["CustomizedMetricSpecification"]["MetricName"] == "ApproximateBacklogSizePerInstance"
    assert backlog["TargetValue"] == 3
    first = by_name(template)["FromNone"]
    assert first["PolicyType"] == "StepScaling"
    assert first["StepScalingPolicyConfiguration"]["StepAdjustments"] == [
        {"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}
    ]
    alarm = only(template, ALARM)
    assert alarm["MetricName"] == "HasBacklogWithoutCapacity"
    step = next(
        one for one, made in template.items() if made["Type"] == POLICY and made["Properties"] == first
    )
    assert alarm["AlarmActions"] == [{"Ref": step}]


def test_requests_and_answers_are_kept_under_a_key_of_their_own(stack: cdk.Stack, imported: Place) -> None:
    own = kms.Key.from_key_arn(stack, "Own", OTHER_KEY)
    endpoint(
        stack,
        imported,
        capture=DataCapture(place="s3://artifacts/kept/", key=own, percent=20, requests=False),
    )
    template = resources(stack)
    config = only(template, CONFIG)["DataCaptureConfig"]
    assert list(problems("DataCaptureConfig", config)) == []
    assert config == {
        "EnableCapture": True,
        "InitialSamplingPercentage": 20,
        "DestinationS3Uri": "s3://artifacts/kept/",
        "KmsKeyId": OTHER_KEY,
        "CaptureOptions": [{"CaptureMode": "Output"}],
    }
    found = statements(template, "ChurnPolicies")
    assert OTHER_KEY in {arn for one in found.values() for arn in texts(one["Resource"])}


def test_a_shadow_answers_the_same_requests_beside_one_variant(stack: cdk.Stack, imported: Place) -> None:
    first = variant(stack, imported)
    shadow = InstanceVariant(model=first.model, instance_type="ml.c5.large", name="next")
    endpoint(stack, imported, first, shadow=shadow)
    (hidden,) = only(resources(stack), CONFIG)["ShadowProductionVariants"]
    assert (hidden["VariantName"], hidden["InitialInstanceCount"]) == ("next", 2)


def test_a_container_can_hold_many_models_with_or_without_keeping_them(
    stack: cdk.Stack, imported: Place
) -> None:
    many = ModelContainer(
        image=IMAGE, model_data="s3://artifacts/models/", many_models=True, keep_models=False
    )
    endpoint(stack, imported, variant(stack, imported, model=model(stack, imported, containers=[many])))
    made = only(resources(stack), "AWS::SageMaker::Model")["PrimaryContainer"]
    assert made["Mode"] == "MultiModel"
    assert made["MultiModelConfig"] == {"ModelCacheSetting": "Disabled"}
    with pytest.raises(InvalidInput, match="keep_models is about many_models"):
        ModelContainer(image=IMAGE, keep_models=False)


@pytest.mark.parametrize(("direct", "mode"), [(True, {"Mode": "Direct"}), (False, None)])
def test_several_containers_answer_in_turn_or_by_name(
    stack: cdk.Stack,
    imported: Place,
    direct: bool,
    mode: object,
) -> None:
    two = [ModelContainer(image=IMAGE, name=name) for name in ("first", "second")]
    several = model(stack, imported, containers=two, direct=direct)
    endpoint(stack, imported, variant(stack, imported, model=several))
    made = only(resources(stack), "AWS::SageMaker::Model")
    assert [one["ContainerHostname"] for one in made["Containers"]] == ["first", "second"]
    assert made.get("InferenceExecutionConfig") == mode


def test_components_share_instances_that_go_when_none_is_used(stack: cdk.Stack, imported: Place) -> None:
    made = endpoint(stack, imported, shared(imported))
    component = InferenceComponent(
        stack,
        "Churn7b",
        endpoint=made,
        model=model(stack, imported),
        memory_mb=8192,
        cpus=2,
        accelerators=1,
        scaling=CopyScaling(max_copies=3),
    )
    template = resources(stack)
    config = only(template, CONFIG)
    (variant_made,) = config["ProductionVariants"]
    assert list(problems("ProductionVariant", variant_made)) == []
    assert variant_made["ManagedInstanceScaling"] == {
        "Status": "ENABLED",
        "MinInstanceCount": 0,
        "MaxInstanceCount": 4,
    }
    assert "ModelName" not in variant_made
    assert config["EnableNetworkIsolation"] is True
    assert config["VpcConfig"]["Subnets"]
    assert text(config["ExecutionRoleArn"]).startswith("<ChurnRole")
    assert tags(template)["studio:kind"] == "components"
    piece = only(template, COMPONENT)
    assert piece["InferenceComponentName"] == component.component_name
    assert piece["Specification"]["ComputeResourceRequirements"] == {
        "MinMemoryRequiredInMb": 8192,
        "NumberOfCpuCoresRequired": 2,
        "NumberOfAcceleratorDevicesRequired": 1,
    }
    assert only(template, TARGET)["ScalableDimension"] == "sagemaker:inference-component:DesiredCopyCount"
    assert by_name(template).keys() == {"InvocationsPerCopy", "FromNone"}
    assert only(template, ALARM)["MetricName"] == "NoCapacityInvocationFailures"
    order = needs(template, id_of(template, TARGET))
    assert {COMPONENT, ENDPOINT, CONFIG} <= {template[one]["Type"] for one in order}


def test_a_component_rolls_to_its_next_model_watched_by_an_alarm(stack: cdk.Stack, imported: Place) -> None:
    alarm = cloudwatch.Alarm.from_alarm_arn(stack, "Alarm", ALARM_ARN)
    made = endpoint(stack, imported, shared(imported))
    update = ComponentUpdate.rolling(Capacity.copies(1), wait=cdk.Duration.minutes(5), rollback_on=[alarm])
    InferenceComponent(
        stack, "C", endpoint=made, model=model(stack, imported), memory_mb=1024, copies=2, update=update
    )
    template = resources(stack)
    config = only(template, COMPONENT)["DeploymentConfig"]
    assert list(problems("InferenceComponentDeploymentConfig", config)) == []
    assert config["RollingUpdatePolicy"] == {
        "MaximumBatchSize": {"Type": "COPY_COUNT", "Value": 1},
        "WaitIntervalInSeconds": 300,
    }
    assert config["AutoRollbackConfiguration"] == {"Alarms": [{"AlarmName": "errors"}]}
    (allowed,) = statements(template, "CPolicies").values()
    assert (allowed["Action"], allowed["Resource"]) == ("cloudwatch:DescribeAlarms", [ALARM_ARN])
    policy = id_of_policy(template, "CPolicies")
    assert text(template[policy]["Properties"]["Roles"][0]).startswith("<ChurnRole")
    assert policy in needs(template, id_of(template, COMPONENT))


@pytest.mark.parametrize("which", ["real_time", "components"])
def test_the_role_may_look_at_the_alarms_that_send_an_update_back(
    stack: cdk.Stack, imported: Place, which: str
) -> None:
    alarm = cloudwatch.Alarm.from_alarm_arn(stack, "Alarm", ALARM_ARN)
    update = EndpointUpdate.canary(Capacity.percent(10), rollback_on=[alarm])
    one = shared(imported) if which == "components" else variant(stack, imported)
    endpoint(stack, imported, one, update=update)
    template = resources(stack)
    allowed = statements(template, "Churn")["LookAtAlarmsOfUpdates"]
    assert (allowed["Action"], allowed["Resource"]) == ("cloudwatch:DescribeAlarms", [ALARM_ARN])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ComponentUpdate.rolling(Capacity.instances(1)), "of copies or percent, got instances"),
        (lambda: ComponentUpdate.rolling(Capacity.percent(51)), "a batch must be 5-50 percent, got 51"),
        (
            lambda: ComponentUpdate.rolling(Capacity.copies(1), wait=cdk.Duration.hours(2)),
            "wait can be an hour long",
        ),
        (lambda: Capacity.copies(0), "at least 1 copy, got 0"),
        (lambda: EndpointUpdate.canary(Capacity.copies(1)), "of instances or percent, got copies"),
    ],
)
def test_updates_of_components_that_the_service_does_not_take_are_refused(
    make: Callable[[], object], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        make()


def test_other_bounds_come_with_the_clock(stack: cdk.Stack, imported: Place) -> None:
    night = ScheduledScaling(
        name="Night",
        expression="cron(0 20 * * ? *)",
        time_zone="Europe/Zurich",
        min_instances=1,
        max_instances=1,
    )
    endpoint(
        stack, imported, variant(stack, imported, scaling=InstanceScaling(max_instances=4, schedule=(night,)))
    )
    assert only(resources(stack), TARGET)["ScheduledActions"] == [
        {
            "ScheduledActionName": "Night",
            "Schedule": "cron(0 20 * * ? *)",
            "Timezone": "Europe/Zurich",
            "ScalableTargetAction": {"MinCapacity": 1, "MaxCapacity": 1},
        }
    ]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: BacklogScaling(max_instances=0), "instances go from 0 or more to 1 or more, got 0 to 0"),
        (lambda: BacklogScaling(max_instances=2, min_instances=3), "got 3 to 2"),
        (lambda: BacklogScaling(max_instances=2, backlog_per_instance=0), "must be above 0"),
        (lambda: CopyScaling(max_copies=0), "copies go from 0 or more to 1 or more"),
        (lambda: ScheduledScaling(name="a", expression="daily", min_instances=1), "must be like cron"),
        (lambda: ScheduledScaling(name="a", expression="rate(1 day)"), "a changes nothing"),
        (
            lambda: ScheduledScaling(name="a", expression="rate(1 day)", min_instances=1, time_zone="Zurick"),
            "must be a name like Europe/Zurich",
        ),
    ],
)
def test_scaling_that_makes_no_sense_is_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        make()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"results": "answers"}, "results must be"),
        ({"results": "s3://a/b", "max_concurrent": 1001}, "max_concurrent must be 1-1000"),
    ],
)
def test_answers_that_could_go_nowhere_are_refused(
    imported: Place, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        AsyncInference(key=imported.key, **options)


def test_a_capture_of_nothing_is_refused(imported: Place) -> None:
    with pytest.raises(InvalidInput, match="neither requests nor answers"):
        DataCapture(place="s3://a/b", key=imported.key, requests=False, answers=False)
    with pytest.raises(InvalidInput, match="percent must be 0-100, got 101"):
        DataCapture(place="s3://a/b", key=imported.key, percent=101)


def test_kinds_that_cannot_share_an_endpoint_are_refused(stack: cdk.Stack, imported: Place) -> None:
    first = variant(stack, imported)
    other = InstanceVariant(model=first.model, instance_type="ml.m5.large", name="other")
    inf1 = InstanceVariant(model=first.model, instance_type="ml.inf1.xlarge")
    open_model = model(stack, imported, "Open", vpc=None, security_groups=[], network_isolation=False)
    serverless = ServerlessVariant(model=open_model)
    rolling = EndpointUpdate.rolling(Capacity.percent(50))
    cases: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
        ("shared instances must be the only variant", (shared(imported, name="s"), first), {}),
        ("models on instances alone", (shared(imported),), {"asynchronous": queue(imported)}),
        (
            "a queue that only an asynchronous endpoint has",
            (variant(stack, imported, model=first.model, scaling=BacklogScaling(max_instances=2)),),
            {},
        ),
        ("a shadow needs a single variant", (shared(imported),), {"shadow": first}),
        ("got primary twice", (first,), {"shadow": first}),
        ("no shadows beside a queue", (first,), {"shadow": other, "asynchronous": queue(imported)}),
        ("captures nothing", (serverless,), {"capture": DataCapture(place="s3://a/b/", key=imported.key)}),
        ("looks at no alarm", (inf1,), {"update": EndpointUpdate.canary(Capacity.percent(10))}),
        ("rolling update needs a single variant on instances, got 2", (first, other), {"update": rolling}),
        ("got a serverless endpoint", (serverless,), {"update": rolling}),
    ]
    for number, (message, variants, options) in enumerate(cases):
        with pytest.raises(InvalidInput, match=message):
            ModelEndpoint(
                stack,
                f"E{number}",
                variants=variants,
                owner="ana",
                lifetime=EndpointLifetime.forever(),
                key=imported.key,
                **options,
            )


def test_a_component_that_no_instance_could_hold_is_refused(stack: cdk.Stack, imported: Place) -> None:
    made = endpoint(stack, imported, shared(imported))
    with pytest.raises(InvalidInput, match="memory_mb must be at least 128, got 64"):
        InferenceComponent(stack, "C", endpoint=made, model=model(stack, imported), memory_mb=64)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["async", "components", "capture", "serverless"])
def test_no_compliance_pack_and_no_validator_finds_anything(kind: str) -> None:
    strict = compliance.strict_app()
    stack = cdk.Stack(strict, "S")
    place = imported_place(stack)
    if kind == "async":
        scaled = variant(stack, place, scaling=BacklogScaling(max_instances=2))
        endpoint(stack, place, scaled, asynchronous=queue(place))
    elif kind == "components":
        made = endpoint(stack, place, shared(place, instance_type="ml.m5.large"))
        scaling = CopyScaling(max_copies=2)
        InferenceComponent(
            stack, "C", endpoint=made, model=model(stack, place), memory_mb=1024, scaling=scaling
        )
    elif kind == "capture":
        endpoint(stack, place, capture=DataCapture(place="s3://artifacts/kept/", key=place.key))
    else:
        open_model = model(stack, place, vpc=None, security_groups=[], network_isolation=False)
        endpoint(stack, place, ServerlessVariant(model=open_model))
    # Packs want the key of volumes, which a serverless endpoint has none of; it is given all the same.
    assert compliance.findings(stack) == set()
    strict.synth()
