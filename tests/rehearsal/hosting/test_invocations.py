"""Who answers, and what else becomes of a request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.rehearsal.hosting.conftest import BUCKET
from tests.rehearsal.test_workloads_api import refused

if TYPE_CHECKING:
    from tests.rehearsal.hosting.conftest import Host

pytestmark = pytest.mark.slow

SERVERLESS = {"MemorySizeInMB": 2048, "MaxConcurrency": 5}


def said(message: str) -> Any:
    """A refusal of the runtime."""
    return pytest.raises(ClientError, match=rf"\(ValidationError\).*{message}")


def endpoint(host: Host, *variants: dict[str, Any], **more: Any) -> None:
    host.config("c", *variants, **more)
    host.sm.create_endpoint(EndpointName="e", EndpointConfigName="c")


def test_requests_are_shared_by_weight_unless_they_name_their_variant(host: Host) -> None:
    for name in ("old", "new"):
        host.model(name)
    weights = {"new": 1.0, "old": 3.0}
    endpoint(host, *(host.variant(name, name, InitialVariantWeight=weights[name]) for name in weights))
    assert sorted(host.models(8)) == ["new"] * 2 + ["old"] * 6
    assert host.ask(TargetVariant="new") == "model=new; config=c"
    wanted = [{"VariantName": "new", "DesiredWeight": 0.0}]
    host.sm.update_endpoint_weights_and_capacities(EndpointName="e", DesiredWeightsAndCapacities=wanted)
    assert host.models(3) == ["old"] * 3
    with said("Variant none does not exist"):
        host.ask(TargetVariant="none")
    with said("is not a multi-model endpoint and does not support target model header"):
        host.ask(TargetModel="a.tar.gz")


def test_it_goes_on_without_its_model_and_its_configuration(host: Host) -> None:
    host.model("old")
    endpoint(host, host.variant())
    host.sm.delete_endpoint_config(EndpointConfigName="c")
    host.sm.delete_model(ModelName="old")
    assert host.models(2) == ["old", "old"]


def test_of_many_models_the_request_names_one(host: Host) -> None:
    place = {"Image": "image", "Mode": "MultiModel", "ModelDataUrl": f"s3://{BUCKET}/models/"}
    host.model("many", PrimaryContainer=place)
    endpoint(host, host.variant(model="many"))
    assert host.ask(TargetModel="a.tar.gz") == "model=many; config=c; target=a.tar.gz"
    with said("is missing a target model header"):
        host.ask()


def test_of_several_containers_the_request_names_one_where_the_model_says_so(host: Host) -> None:
    pair = [{"Image": "image", "ContainerHostname": name} for name in ("first", "second")]
    host.model("direct", Containers=pair, InferenceExecutionConfig={"Mode": "Direct"})
    host.model("serial", Containers=pair)
    endpoint(host, host.variant("direct", "direct"), host.variant("serial", "serial"))
    answer = host.ask(TargetVariant="direct", TargetContainerHostname="second")
    assert answer == "model=direct; config=c; container=second"
    assert host.ask(TargetVariant="serial") == "model=serial; config=c"
    with said("needs a target container hostname header"):
        host.ask(TargetVariant="direct")
    with said("has no container with the hostname third"):
        host.ask(TargetVariant="direct", TargetContainerHostname="third")
    with said("is not configured for direct invocation"):
        host.ask(TargetVariant="serial", TargetContainerHostname="first")
    with refused("ValidationException", "for every container, or for none"):
        host.model("half", Containers=[pair[0], {"Image": "image"}])
    with refused("ValidationException", "must be unique"):
        host.model("twice", Containers=[pair[0], pair[0]])


def test_components_answer_as_long_as_they_have_copies(host: Host) -> None:
    host.model("old")
    endpoint(host, host.variant(model=None))
    with said("Inference Component Name header is required"):
        host.ask()
    made = {
        "InferenceComponentName": "i",
        "EndpointName": "e",
        "VariantName": "primary",
        "Specification": {
            "ModelName": "old",
            "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 128},
        },
        "RuntimeConfig": {"CopyCount": 1},
    }
    with refused("ValidationException", "variant name none does not exist"):
        host.sm.create_inference_component(**made | {"VariantName": "none"})
    scaling = host.aws.client("application-autoscaling")
    target = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": "inference-component/i",
        "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount",
    }
    with refused("ValidationException", "inference-component/i does not exist"):
        scaling.register_scalable_target(**target, MinCapacity=0, MaxCapacity=2)
    host.sm.create_inference_component(**made)
    scaling.register_scalable_target(**target, MinCapacity=0, MaxCapacity=2)
    assert host.ask(InferenceComponentName="i") == "model=old; config=c; component=i"
    with said("Inference Component other of endpoint e not found"):
        host.ask(InferenceComponentName="other")

    def copies(count: int) -> None:
        host.sm.update_inference_component_runtime_config(
            InferenceComponentName="i", DesiredRuntimeConfig={"CopyCount": count}
        )

    copies(0)
    with said("Inference Component has no capacity to process this request"):
        host.ask(InferenceComponentName="i")
    copies(2)
    found = host.sm.describe_inference_component(InferenceComponentName="i")["RuntimeConfig"]
    assert found == {"DesiredCopyCount": 2, "CurrentCopyCount": 2}
    assert "component=i" in host.ask(InferenceComponentName="i")
    with refused("ValidationException", "is associated with it"):
        host.sm.delete_endpoint(EndpointName="e")
    host.config("plain", host.variant())
    host.sm.create_endpoint(EndpointName="plain", EndpointConfigName="plain")
    with refused("ValidationException", "takes no components"):
        host.sm.create_inference_component(**made | {"EndpointName": "plain", "InferenceComponentName": "j"})
    with said("header is not allowed for endpoints to which you dont plan"):
        host.runtime.invoke_endpoint(EndpointName="plain", Body=b"", InferenceComponentName="i")


def test_an_asynchronous_answer_lies_in_s3_and_topics_hear_of_it(host: Host) -> None:
    sns, sqs = host.aws.client("sns"), host.aws.client("sqs")
    topics = {name: sns.create_topic(Name=name)["TopicArn"] for name in ("good", "bad")}
    url = sqs.create_queue(QueueName="heard")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    for topic in topics.values():
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})

    def heard() -> dict[str, Any]:
        (one,) = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10)["Messages"]
        sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
        return dict(json.loads(one["Body"]))

    host.model("old")
    output = {
        "S3OutputPath": f"s3://{BUCKET}/answers/",
        "S3FailurePath": f"s3://{BUCKET}/failed/",
        "NotificationConfig": {"SuccessTopic": topics["good"], "ErrorTopic": topics["bad"]},
    }
    endpoint(host, host.variant(), AsyncInferenceConfig={"OutputConfig": output})
    assert host.sm.describe_endpoint(EndpointName="e")["AsyncInferenceConfig"]["OutputConfig"] == output
    host.s3.put_object(Bucket=BUCKET, Key="in/one.csv", Body=b"1,2,3")
    ask = host.runtime.invoke_endpoint_async
    source = f"s3://{BUCKET}/in/one.csv"
    answer = ask(EndpointName="e", InputLocation=source, ContentType="text/csv", InferenceId="mine")
    assert answer["InferenceId"] == "mine"
    key = answer["OutputLocation"].removeprefix(f"s3://{BUCKET}/")
    found = host.s3.get_object(Bucket=BUCKET, Key=key)
    assert found["Body"].read() == b"1,2,3"
    assert found["Metadata"] == {"custom-attributes": "model=old; config=c"}
    message = heard()
    assert message["invocationStatus"] == "Completed"
    assert message["requestParameters"] == {"endpointName": "e", "inputLocation": source}
    assert message["responseParameters"]["outputLocation"] == answer["OutputLocation"]

    answer = ask(EndpointName="e", InputLocation=f"s3://{BUCKET}/in/none.csv")
    message = heard()
    assert message["invocationStatus"] == "Failed"
    assert message["failureLocation"] == answer["FailureLocation"]
    assert answer["FailureLocation"].startswith(f"s3://{BUCKET}/failed/")

    answer = ask(EndpointName="e", Body=b"inline", S3OutputPathExtension="today", Filename="x.out")
    assert answer["OutputLocation"] == f"s3://{BUCKET}/answers/today/x.out"
    assert host.objects("answers/today/") == {"answers/today/x.out": b"inline"}
    with said("Exactly one of InputLocation and Body"):
        ask(EndpointName="e")
    with said("is asynchronous and takes InvokeEndpointAsync alone"):
        host.ask()
    host.config("plain", host.variant())
    host.sm.create_endpoint(EndpointName="plain", EndpointConfigName="plain")
    with said("has no AsyncInferenceConfig"):
        ask(EndpointName="plain", Body=b"x")


def test_a_shadow_gets_its_part_of_the_requests_and_nobody_hears_it(host: Host) -> None:
    for name in ("old", "new"):
        host.model(name)
    capture = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{BUCKET}/captured/",
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
    }
    endpoint(
        host,
        host.variant(InitialVariantWeight=2.0),
        ShadowProductionVariants=[host.variant("next", "new", InitialVariantWeight=1.0)],
        DataCaptureConfig=capture,
    )
    described = host.sm.describe_endpoint(EndpointName="e")
    assert described["ShadowProductionVariants"][0]["VariantName"] == "next"
    assert described["DataCaptureConfig"]["CaptureStatus"] == "Started"
    assert host.models(4) == ["old"] * 4
    with said("Variant next does not exist"):
        host.ask(TargetVariant="next")
    kept = {name: list(host.objects(f"captured/e/{name}/").values()) for name in ("primary", "next")}
    assert [len(found) for found in kept.values()] == [4, 2]
    line = json.loads(kept["next"][0])
    assert line["captureData"]["endpointInput"] == {
        "observedContentType": "text/csv", "mode": "INPUT", "data": "1,2", "encoding": "CSV",
    }  # fmt: skip
    assert line["captureData"]["endpointOutput"]["mode"] == "OUTPUT"


@pytest.mark.parametrize(
    ("model", "more", "words"),
    [
        ({"EnableNetworkIsolation": True}, {}, "network isolation"),
        ({"VpcConfig": {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}}, {}, "VPC configurations"),
        (
            {"PrimaryContainer": {"Image": "i", "Mode": "MultiModel", "ModelDataUrl": "s3://b/m/"}},
            {},
            "multi-model endpoints",
        ),
        ({}, {"extra": True}, "multiple production variants"),
        ({}, {"capture": True}, "data capture"),
        ({}, {"queue": True}, "needs models on instances"),
    ],
)
def test_serverless_is_refused_what_its_documentation_excludes(
    host: Host, model: dict[str, Any], more: dict[str, Any], words: str
) -> None:
    host.model("old", **{"PrimaryContainer": {"Image": "i"}} | model)
    variants = [host.variant(serverless=SERVERLESS)]
    given: dict[str, Any] = {}
    if more.get("extra"):
        variants.append(host.variant("b"))
    if more.get("capture"):
        given["DataCaptureConfig"] = {
            "EnableCapture": True,
            "InitialSamplingPercentage": 100,
            "DestinationS3Uri": f"s3://{BUCKET}/captured/",
            "CaptureOptions": [{"CaptureMode": "Input"}],
        }
    if more.get("queue"):
        given["AsyncInferenceConfig"] = {"OutputConfig": {"S3OutputPath": f"s3://{BUCKET}/answers/"}}
    with refused("ValidationException", words):
        host.config("c", *variants, **given)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ({"PrimaryContainer": {"Image": "i"}}, "asynchronous inference"),
        ({"Containers": [{"Image": "i"}, {"Image": "i"}]}, "multi-container endpoints"),
        (
            {"PrimaryContainer": {"Image": "i", "Mode": "MultiModel", "ModelDataUrl": "s3://b/m/"}},
            "multi-model endpoints",
        ),
    ],
)
def test_shadows_are_refused_what_their_documentation_excludes(
    host: Host, model: dict[str, Any], words: str
) -> None:
    host.model("old", **model)
    queue = {"AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": f"s3://{BUCKET}/answers/"}}}
    with refused("ValidationException", words):
        host.config(
            "c",
            host.variant(),
            ShadowProductionVariants=[host.variant("next")],
            **(queue if words.startswith("asynchronous") else {}),
        )
    with refused("ValidationException", "one of each"):
        host.config("c", host.variant(), host.variant("b"), ShadowProductionVariants=[host.variant("next")])
