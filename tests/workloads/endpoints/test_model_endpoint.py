"""The endpoint construct: owned, encrypted, two of everything, and taken down in the right order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk.assertions import Annotations, Match

from studio_infra.errors import InvalidInput
from studio_infra.workloads import (
    Capacity,
    EndpointGrants,
    EndpointLifetime,
    EndpointMetrics,
    EndpointUpdate,
    InstanceScaling,
    InstanceVariant,
    Model,
    ModelContainer,
    ModelEndpoint,
    ServerlessVariant,
)
from studio_infra.workloads.endpoints.endpoint_config import OWN_DISKS_WARNING
from tests import compliance
from tests.workloads.conftest import IMAGE, Place, imported_place
from tests.workloads.templates import needs, only, resources, text, texts

if TYPE_CHECKING:
    from collections.abc import Callable

ENDPOINT, CONFIG = "AWS::SageMaker::Endpoint", "AWS::SageMaker::EndpointConfig"
TARGET, POLICY = "AWS::ApplicationAutoScaling::ScalableTarget", "AWS::ApplicationAutoScaling::ScalingPolicy"


def model(stack: cdk.Stack, place: Place, construct_id: str = "Model", **options: Any) -> Model:
    given: dict[str, Any] = {
        "containers": [ModelContainer(image=IMAGE, model_data="s3://artifacts/models/1/model.tar.gz")],
        "vpc": place.vpc,
        "security_groups": [place.group],
        "key": place.key,
    }
    return Model(stack, construct_id, **(given | options))


def variant(stack: cdk.Stack, place: Place, **options: Any) -> InstanceVariant:
    given: dict[str, Any] = {
        "model": options.pop("model", None) or model(stack, place),
        "instance_type": "ml.m5.large",
    }
    return InstanceVariant(**(given | options))


def endpoint(stack: cdk.Stack, place: Place, *variants: Any, **options: Any) -> ModelEndpoint:
    given: dict[str, Any] = {
        "variants": variants or (variant(stack, place),),
        "owner": "ana",
        "lifetime": EndpointLifetime.until("2027-03-31"),
        "key": place.key,
    }
    return ModelEndpoint(stack, "Churn", **(given | options))


def id_of(template: dict[str, Any], kind: str) -> str:
    (found,) = [logical_id for logical_id, resource in template.items() if resource["Type"] == kind]
    return found


def test_an_endpoint_has_two_instances_a_key_an_owner_and_an_end(stack: cdk.Stack, place: Place) -> None:
    endpoint(stack, place)
    template = resources(stack)
    config = only(template, CONFIG)
    assert text(config["KmsKeyId"]).startswith("<Key")
    (primary,) = config["ProductionVariants"]
    assert primary["InitialInstanceCount"] == 2
    assert primary["VariantName"] == "primary"
    assert text(primary["ModelName"]) == f"<{id_of(template, 'AWS::SageMaker::Model')}.ModelName>"
    properties = only(template, ENDPOINT)
    assert properties["Tags"] == [
        {"Key": "studio:expires", "Value": "2027-03-31"},
        {"Key": "studio:kind", "Value": "real_time"},
        {"Key": "studio:owner", "Value": "ana"},
        {"Key": "studio:variants", "Value": "primary"},
    ]
    assert "DeploymentConfig" not in properties
    assert "RetainAllVariantProperties" not in properties


def test_names_change_exactly_when_the_content_does() -> None:
    def template(**options: Any) -> dict[str, Any]:
        stack = cdk.Stack(cdk.App(), "S")
        place = imported_place(stack)
        endpoint(stack, place, variant(stack, place, **options))
        return resources(stack)

    first, second = template(), template(instance_type="ml.m5.xlarge")
    for kind in (CONFIG, "AWS::SageMaker::Model"):
        # CloudFormation makes a new name for whatever it replaces: a fixed one would be taken still.
        assert not {"EndpointConfigName", "ModelName"} & only(first, kind).keys()
    assert only(first, "AWS::SageMaker::Model") == only(second, "AWS::SageMaker::Model")
    assert only(first, ENDPOINT) == only(second, ENDPOINT)
    assert text(only(first, ENDPOINT)["EndpointConfigName"]) == f"<{id_of(first, CONFIG)}.EndpointConfigName>"
    assert only(first, ENDPOINT)["EndpointName"] == "s-churn-7350b46f"


def test_everything_is_deleted_in_the_right_order(stack: cdk.Stack, place: Place) -> None:
    endpoint(stack, place, variant(stack, place, scaling=InstanceScaling(max_instances=4)))
    template = resources(stack)

    def made_before(kind: str) -> set[str]:
        return {template[logical_id]["Type"] for logical_id in needs(template, id_of(template, kind))}

    assert made_before("AWS::SageMaker::Model") >= {
        "AWS::IAM::Role",
        "AWS::IAM::ManagedPolicy",
        "AWS::KMS::Key",
    }
    assert made_before(CONFIG) >= {"AWS::SageMaker::Model", "AWS::IAM::ManagedPolicy"}
    assert made_before(ENDPOINT) >= {
        CONFIG,
        "AWS::SageMaker::Model",
        "AWS::IAM::Role",
        "AWS::IAM::ManagedPolicy",
    }
    assert made_before(TARGET) >= {ENDPOINT}
    assert made_before(POLICY) >= {TARGET, ENDPOINT}
    assert TARGET not in made_before(ENDPOINT)


def test_scaling_follows_the_requests_and_updates_do_not_undo_it(stack: cdk.Stack, place: Place) -> None:
    scaling = InstanceScaling(
        min_instances=3,
        max_instances=9,
        invocations_per_instance=120,
        scale_out_seconds=30,
        scale_in_seconds=600,
    )
    endpoint(stack, place, variant(stack, place, name="blue", scaling=scaling))
    template = resources(stack)
    target = only(template, TARGET)
    assert (target["MinCapacity"], target["MaxCapacity"]) == (3, 9)
    assert text(target["ResourceId"]) == f"endpoint/<{id_of(template, ENDPOINT)}.EndpointName>/variant/blue"
    assert target["ScalableDimension"] == "sagemaker:variant:DesiredInstanceCount"
    # SageMaker's own service-linked role scales: nobody has to hand one over.
    assert "RoleARN" not in target
    assert only(template, POLICY)["TargetTrackingScalingPolicyConfiguration"] == {
        "TargetValue": 120,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
        "ScaleOutCooldown": 30,
        "ScaleInCooldown": 600,
    }
    assert only(template, CONFIG)["ProductionVariants"][0]["InitialInstanceCount"] == 3
    properties = only(template, ENDPOINT)
    assert properties["RetainAllVariantProperties"] is True
    assert properties["ExcludeRetainedVariantProperties"] == [{"VariantPropertyType": "DesiredWeight"}]


def test_every_option_of_a_variant_reaches_it(stack: cdk.Stack, imported: Place) -> None:
    made = variant(
        stack,
        imported,
        instance_count=1,
        weight=0,
        volume_gb=100,
        download_timeout=cdk.Duration.minutes(20),
        startup_timeout=cdk.Duration.minutes(5),
    )
    other = InstanceVariant(model=made.model, instance_type="ml.m5.large", name="next", weight=0.5)
    endpoint(stack, imported, made, other)
    first, second = only(resources(stack), CONFIG)["ProductionVariants"]
    assert first["InitialInstanceCount"] == 1
    # Zero is a weight like any other: nobody is sent there.
    assert first["InitialVariantWeight"] == 0
    assert first["VolumeSizeInGB"] == 100
    assert first["ModelDataDownloadTimeoutInSeconds"] == 1200
    assert first["ContainerStartupHealthCheckTimeoutInSeconds"] == 300
    assert (second["VariantName"], second["InitialVariantWeight"]) == ("next", 0.5)


@pytest.mark.parametrize("kind", ["ml.g5.xlarge", "ml.m5d.large", "ml.p4d.24xlarge"])
def test_no_key_is_asked_for_where_the_service_refuses_one(
    stack: cdk.Stack, imported: Place, kind: str
) -> None:
    endpoint(stack, imported, variant(stack, imported, instance_type=kind))
    assert "KmsKeyId" not in only(resources(stack), CONFIG)
    Annotations.from_stack(stack).has_no_warning("/S/Churn", Match.any_value())


def test_a_key_that_one_variant_costs_all_others_is_said_out_loud(stack: cdk.Stack, imported: Place) -> None:
    local = variant(stack, imported, instance_type="ml.g5.xlarge", name="fast")
    endpoint(stack, imported, local, InstanceVariant(model=local.model, instance_type="ml.m5.large"))
    assert "KmsKeyId" not in only(resources(stack), CONFIG)
    Annotations.from_stack(stack).has_warning(
        "/S/Churn", Match.string_like_regexp(f"fast has disks of its own.*{OWN_DISKS_WARNING}")
    )


def test_a_serverless_variant_has_memory_instead_of_instances(stack: cdk.Stack, imported: Place) -> None:
    open_model = model(stack, imported, vpc=None, security_groups=[], network_isolation=False)
    endpoint(
        stack,
        imported,
        ServerlessVariant(model=open_model, memory_mb=4096, max_concurrency=20, provisioned_concurrency=2),
    )
    template = resources(stack)
    (only_one,) = only(template, CONFIG)["ProductionVariants"]
    assert only_one["ServerlessConfig"] == {
        "MemorySizeInMB": 4096,
        "MaxConcurrency": 20,
        "ProvisionedConcurrency": 2,
    }
    assert not {"InstanceType", "InitialInstanceCount"} & only_one.keys()
    assert "VpcConfig" not in only(template, "AWS::SageMaker::Model")
    assert "JoinTheVpc" not in str(template)


@pytest.mark.parametrize("kind", ["l1", "imported"])
def test_a_model_that_somebody_else_made_is_called_by_its_name(
    stack: cdk.Stack, imported: Place, kind: str
) -> None:
    raw = sagemaker.CfnModel(stack, "Raw", execution_role_arn="arn:aws:iam::123456789012:role/r")
    other = raw if kind == "l1" else _Elsewhere(stack, "Elsewhere")
    endpoint(stack, imported, InstanceVariant(model=other, instance_type="ml.m5.large"))
    (only_one,) = only(resources(stack), CONFIG)["ProductionVariants"]
    arn = {"Ref": "Raw"} if kind == "l1" else None
    expected = {"Fn::Select": [1, {"Fn::Split": ["/", arn]}]} if arn else "theirs"
    assert only_one["ModelName"] == expected


def test_a_canary_is_rolled_back_by_an_alarm_on_the_endpoint_itself(
    stack: cdk.Stack, imported: Place
) -> None:
    only_variant = variant(stack, imported)
    name = "research-churn"
    errors = EndpointMetrics(name, "primary").server_errors()
    alarm = errors.create_alarm(stack, "Errors", threshold=5, evaluation_periods=1)
    endpoint(
        stack,
        imported,
        only_variant,
        endpoint_name=name,
        update=EndpointUpdate.canary(Capacity.percent(10), wait=cdk.Duration.minutes(5), rollback_on=[alarm]),
    )
    template = resources(stack)
    assert only(template, ENDPOINT)["DeploymentConfig"] == {
        "AutoRollbackConfiguration": {
            "Alarms": [{"AlarmName": {"Ref": id_of(template, "AWS::CloudWatch::Alarm")}}]
        },
        "BlueGreenUpdatePolicy": {
            "TerminationWaitInSeconds": 600,
            "TrafficRoutingConfiguration": {
                "Type": "CANARY",
                "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 10},
                "WaitIntervalInSeconds": 300,
            },
        },
    }
    # The alarm says the endpoint's name as text: with a reference, each would wait for the other.
    dimensions = only(template, "AWS::CloudWatch::Alarm")["Dimensions"]
    assert {"Name": "EndpointName", "Value": name} in dimensions


@pytest.mark.parametrize("kind", ["ours", "l1", "imported", "by name"])
def test_grants_work_on_any_endpoint(stack: cdk.Stack, imported: Place, kind: str) -> None:
    arn = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/churn"
    user = iam.User(stack, "Caller")
    if kind == "ours":
        grants = endpoint(stack, imported).grants
    elif kind == "l1":
        grants = EndpointGrants.from_endpoint(sagemaker.CfnEndpoint(stack, "Raw", endpoint_config_name="c"))
    elif kind == "imported":
        grants = EndpointGrants.from_endpoint(ModelEndpoint.from_endpoint_arn(stack, "Other", arn))
    else:
        grants = EndpointGrants.from_endpoint(ModelEndpoint.from_endpoint_name(stack, "Other", "Churn"))
    grants.invoke(user)
    grants.invoke_async(user)
    grants.read(user)
    grants.delete(user)
    template = resources(stack)
    found = only(template, "AWS::IAM::Policy")["PolicyDocument"]["Statement"]
    actions = {action for statement in found for action in texts(statement["Action"])}
    assert actions == {
        "sagemaker:InvokeEndpoint",
        "sagemaker:InvokeEndpointWithResponseStream",
        "sagemaker:InvokeEndpointAsync",
        "sagemaker:DescribeEndpoint",
        "sagemaker:ListTags",
        "sagemaker:DeleteEndpoint",
    }
    expected: dict[str, Callable[[], str]] = {
        "ours": lambda: f"<{id_of(template, ENDPOINT)}>",
        "l1": lambda: "<Raw>",
        "imported": lambda: arn,
        "by name": lambda: "arn:<AWS::Partition>:sagemaker:<AWS::Region>:<AWS::AccountId>:endpoint/churn",
    }
    assert {text(statement["Resource"]) for statement in found} == {expected[kind]()}


def test_metrics_are_those_of_one_variant(stack: cdk.Stack, imported: Place) -> None:
    first = variant(stack, imported)
    made = endpoint(
        stack, imported, first, InstanceVariant(model=first.model, instance_type="ml.m5.large", name="next")
    )
    for metric, name, who in (
        (made.metric_invocations(), "Invocations", "primary"),
        (made.metric_server_errors("next"), "Invocation5XXErrors", "next"),
        (made.metric_model_latency(), "ModelLatency", "primary"),
    ):
        assert isinstance(metric, cloudwatch.Metric)
        assert (metric.namespace, metric.metric_name) == ("AWS/SageMaker", name)
        assert metric.dimensions == {"EndpointName": made.endpoint_name, "VariantName": who}
    assert made.metrics().cpu().namespace == "/aws/sagemaker/Endpoints"
    with pytest.raises(InvalidInput, match="there is no variant 'x', known are: primary, next"):
        made.metrics("x")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"variants": []}, "EndpointVariants"),
        ({"endpoint_name": "a_b"}, "EndpointName"),
        ({"endpoint_name": "a" * 64}, "EndpointName"),
        ({"endpoint_name": "churn\n"}, "EndpointName"),
        ({"owner": ""}, "EndpointOwner"),
        ({"owner": "ana, bo"}, "EndpointOwner"),
        ({"owner": "ana\n"}, "EndpointOwner"),
    ],
)
def test_what_could_never_deploy_is_refused(
    stack: cdk.Stack, imported: Place, options: dict[str, Any], code: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        endpoint(stack, imported, **options)
    assert (caught.value.code, caught.value.path) == (code, "S/Churn")


def test_variants_that_cannot_share_an_endpoint_are_refused(stack: cdk.Stack, imported: Place) -> None:
    first = variant(stack, imported)
    open_model = model(stack, imported, "Open", vpc=None, security_groups=[], network_isolation=False)
    with pytest.raises(InvalidInput, match="a name of its own, got primary, primary"):
        endpoint(stack, imported, first, first)
    with pytest.raises(InvalidInput, match="must be the only one"):
        ModelEndpoint(
            stack,
            "Mixed",
            variants=[first, ServerlessVariant(model=open_model, name="less")],
            owner="ana",
            lifetime=EndpointLifetime.forever(),
            key=imported.key,
        )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "a_b"}, "a variant is named by"),
        ({"weight": -1}, "must not be negative, got -1"),
        ({"instance_type": "m5.large"}, "must be written like"),
        ({"instance_count": 0}, "instance_count must be at least 1"),
        ({"volume_gb": 513}, "volume_gb must be 1-512"),
        (
            {"startup_timeout": cdk.Duration.seconds(30)},
            "startup_timeout must be 1-60 minutes, got 30 seconds",
        ),
        ({"download_timeout": cdk.Duration.hours(2)}, "download_timeout must be 1-60 minutes"),
    ],
)
def test_a_variant_that_could_never_start_is_refused(
    stack: cdk.Stack, imported: Place, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        variant(stack, imported, **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"memory_mb": 1500}, "memory_mb must be 1024-6144 in steps of 1024"),
        ({"memory_mb": 7168}, "memory_mb must be"),
        ({"max_concurrency": 201}, "max_concurrency must be 1-200, got 201"),
        ({"provisioned_concurrency": 0}, "provisioned_concurrency must be 1-200"),
    ],
)
def test_a_serverless_variant_that_could_never_start_is_refused(
    stack: cdk.Stack, imported: Place, options: dict[str, Any], message: str
) -> None:
    open_model = model(stack, imported, vpc=None, security_groups=[], network_isolation=False)
    with pytest.raises(InvalidInput, match=message):
        ServerlessVariant(model=open_model, **options)


def test_a_serverless_variant_of_a_model_in_a_vpc_is_refused(stack: cdk.Stack, imported: Place) -> None:
    with pytest.raises(InvalidInput, match="vpc=None and network_isolation=False"):
        ServerlessVariant(model=model(stack, imported))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_instances": 1}, r"min_instances \(2\) must not exceed max_instances \(1\)"),
        ({"max_instances": 4, "min_instances": 0}, "at least 1, got 0"),
        ({"max_instances": 4, "invocations_per_instance": 0}, "must be above 0"),
        ({"max_instances": 4, "scale_in_seconds": -1}, "a wait is 0-3600 seconds"),
    ],
)
def test_scaling_that_contradicts_itself_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        InstanceScaling(**options)


def test_numbers_and_names_that_are_tokens_pass(stack: cdk.Stack, imported: Place) -> None:
    count = cdk.CfnParameter(stack, "Count", type="Number").value_as_number
    kind = cdk.CfnParameter(stack, "Kind").value_as_string
    scaling = InstanceScaling(max_instances=count, min_instances=count, invocations_per_instance=count)
    made = variant(
        stack, imported, instance_type=kind, instance_count=count, volume_gb=count, scaling=scaling
    )
    endpoint(stack, imported, made, owner=cdk.CfnParameter(stack, "Owner").value_as_string)
    assert only(resources(stack), CONFIG)["ProductionVariants"][0]["InstanceType"] == {"Ref": "Kind"}


def test_the_security_hub_controls_of_sagemaker_are_met(stack: cdk.Stack, imported: Place) -> None:
    private = [ModelContainer(image=IMAGE, private_registry=True)]
    endpoint(stack, imported, variant(stack, imported, model=model(stack, imported, containers=private)))
    template = resources(stack)
    served = only(template, "AWS::SageMaker::Model")
    assert only(template, CONFIG)["ProductionVariants"][0]["InitialInstanceCount"] > 1  # SageMaker.4
    assert served["EnableNetworkIsolation"] is True  # SageMaker.5, Config: SAGEMAKER_MODEL_ISOLATION_ENABLED
    assert served["PrimaryContainer"]["ImageConfig"]["RepositoryAccessMode"] == "Vpc"  # SageMaker.16, .19
    assert served["VpcConfig"]["Subnets"]  # Config: SAGEMAKER_MODEL_IN_VPC
    assert only(template, CONFIG)["KmsKeyId"]  # Config: SAGEMAKER_ENDPOINT_CONFIGURATION_KMS_KEY_CONFIGURED


@pytest.mark.slow
def test_no_compliance_pack_and_no_validator_finds_anything() -> None:
    strict = compliance.strict_app()
    stack = cdk.Stack(strict, "S")
    place = imported_place(stack)
    endpoint(stack, place, variant(stack, place, scaling=InstanceScaling(max_instances=4)))
    assert compliance.findings(stack) == set()
    strict.synth()


class _Elsewhere(cdk.Resource):
    """A model of another account or stack: known by its ARN alone."""

    @property
    def model_ref(self) -> Any:
        from aws_cdk.interfaces import aws_sagemaker as refs

        return refs.ModelReference(model_arn="arn:aws:sagemaker:eu-west-1:123456789012:model/theirs")
