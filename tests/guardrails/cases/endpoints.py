"""Cases of the rules about endpoints and models."""

from __future__ import annotations

from typing import Any

from tests.guardrails.cases.parts import CHOICE, GET, REF, Cases, Json, joined, other, resource

_ECR = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/image:1"
_HUB = "docker.io/library/image:1"


def _tagged(*keys: Any) -> Json:
    return resource("SageMaker::Endpoint", Tags=[{"Key": key, "Value": "v"} for key in keys])


def _config(*variants: Json, **more: Any) -> Json:
    return resource("SageMaker::EndpointConfig", ProductionVariants=list(variants), **more)


def _variant(count: Any = 2, kind: Any = "ml.m5.large") -> Json:
    return {"InstanceType": kind, "InitialInstanceCount": count}


_SERVERLESS = {"ServerlessConfig": {"MaxConcurrency": 5}}


def _of_tag(key: str, *others: str) -> Cases:
    return Cases(
        passes={
            "the tag is there": {"E": _tagged("team", key)},
            **{f"{other_key} says it": {"E": _tagged("team", other_key)} for other_key in others},
            "another resource": {"O": other(_tagged("team"))},
        },
        fails={
            "other tags": {"Bad": _tagged("team", "cost"), "Good": _tagged(key)},
            "no tags": {"Bad": resource("SageMaker::Endpoint", EndpointName="e")},
        },
        tokens={
            "its value is a parameter": {
                "E": resource(
                    "SageMaker::Endpoint", Tags=[{"Key": "team", "Value": REF}, {"Key": key, "Value": REF}]
                )
            },
            "a condition decides about its value": {
                "E": resource("SageMaker::Endpoint", Tags=[{"Key": key, "Value": CHOICE}])
            },
        },
    )


def _capture(**settings: Any) -> Json:
    return _config(_variant(), DataCaptureConfig=settings)


def _target(name: Any, service: Any = "sagemaker", **more: Any) -> Json:
    found = resource(
        "ApplicationAutoScaling::ScalableTarget", ResourceId=name, ServiceNamespace=service, MaxCapacity=2
    )
    return {**found, **more}


def _model(**properties: Any) -> Json:
    return resource("SageMaker::Model", **properties)


def _container(image: Any, mode: Any = None) -> Json:
    return (
        {"Image": image} if mode is None else {"Image": image, "ImageConfig": {"RepositoryAccessMode": mode}}
    )


def _images(prefix: str, *containers: Json) -> Json:
    return {
        f"{prefix}One": _model(PrimaryContainer=containers[-1]),
        f"{prefix}Many": _model(Containers=list(containers)),
    }


_OWN_DISKS = (
    *(
        "ml.g4dn.xlarge",
        "ml.p4d.24xlarge",
        "ml.p4de.24xlarge",
        "ml.c5d.large",
        "ml.m6id.large",
        "ml.c6gdn.large",
    ),
    *("ml.g5.xlarge", "ml.g6.xlarge", "ml.g6e.xlarge", "ml.gr6.4xlarge", "ml.g7.2xlarge", "ml.g7e.2xlarge"),
    *("ml.p5.48xlarge", "ml.p5e.48xlarge", "ml.p5en.48xlarge", "ml.p6-b200.48xlarge", "ml.dl1.24xlarge"),
    *("ml.trn1.2xlarge", "ml.trn1n.32xlarge", "ml.trn2.48xlarge"),
)

CASES = {
    "STUDIO_ENDPOINT_LIFETIME": _of_tag("studio:expires", "studio:lifetime-days"),
    "STUDIO_ENDPOINT_OWNER": _of_tag("studio:owner"),
    "STUDIO_ENDPOINT_TWO_INSTANCES": Cases(
        passes={
            "two instances": {"C": _config(_variant(2))},
            "two instances, as a text": {"C": _config(_variant("2"))},
            "serverless": {"C": _config(_SERVERLESS)},
            "asynchronous": {"C": _config(_variant(1), AsyncInferenceConfig={"OutputConfig": {}})},
            "another resource": {"O": other(_config(_variant(1)))},
        },
        fails={
            "one instance": {"Bad": _config(_variant(1)), "Good": _config(_variant(2))},
            "none": {"Bad": _config(_variant(0))},
            "one variant of two": {"Bad": _config(_variant(2), _variant(1))},
            "one, as a text": {"Bad": _config(_variant("1"))},
            "none, as a text": {"Bad": _config(_variant("0"))},
            "a serverless one beside it": {"Bad": _config(_SERVERLESS, _variant(1))},
            "the number is left out": {"Bad": _config({"InstanceType": "ml.m5.large"})},
        },
        tokens={
            "the number is a parameter": {"C": _config(_variant(REF))},
            "a condition decides": {"C": _config(_variant(CHOICE))},
        },
    ),
    "STUDIO_ENDPOINT_CUSTOMER_KEY": Cases(
        passes={
            "a key": {"C": _config(_variant(), KmsKeyId="1234")},
            "serverless has no volumes": {"C": _config(_SERVERLESS)},
            "another resource": {"O": other(_config(_variant()))},
            **{f"{kind} has disks of its own": {"C": _config(_variant(kind=kind))} for kind in _OWN_DISKS},
            "one of two has disks of its own": {"C": _config(_variant(), _variant(kind="ml.g5.xlarge"))},
        },
        fails={
            "no key": {"Bad": _config(_variant()), "Good": _config(_variant(), KmsKeyId="1234")},
            **{
                f"no key for {kind}": {"Bad": _config(_variant(kind=kind))}
                for kind in ("ml.c5.large", "ml.p3.2xlarge", "ml.c7g.large", "ml.c5n.large", "ml.inf1.xlarge")
            },
            "an unknown type that only ends like one": {"Bad": _config(_variant(kind="x.ml.g5.xlarge"))},
        },
        tokens={
            "the key is a resource": {"C": _config(_variant(), KmsKeyId=GET)},
            "a condition decides": {"C": _config(_variant(), KmsKeyId=CHOICE)},
        },
    ),
    "STUDIO_ENDPOINT_CAPTURE_KEY": Cases(
        passes={
            "capture with a key": {"C": _capture(EnableCapture=True, KmsKeyId="1234")},
            "capture is off": {"C": _capture(EnableCapture=False)},
            "no capture": {"C": _config(_variant())},
            "another resource": {"O": other(_capture(EnableCapture=True))},
        },
        fails={
            "capture without a key": {
                "Bad": _capture(EnableCapture=True, DestinationS3Uri="s3://b"),
                "Good": _capture(EnableCapture=False),
            }
        },
        tokens={
            "the key is a resource": {"C": _capture(EnableCapture=REF, KmsKeyId=GET)},
            "a condition decides about the key": {"C": _capture(EnableCapture=True, KmsKeyId=CHOICE)},
        },
    ),
    "STUDIO_ENDPOINT_SCALING_ORDER": Cases(
        passes={
            "it says what it waits for": {"T": _target("endpoint/e/variant/v", DependsOn=["E"])},
            "another service": {"T": _target("service/c/s", "ecs")},
            "another resource": {"O": other(_target("endpoint/e/variant/v"))},
        },
        fails={
            "the endpoint is a text": {
                "Bad": _target("endpoint/e/variant/v"),
                "Good": _target(joined("endpoint/", GET, "/variant/v")),
                "Other": _target("service/c/s", "ecs"),
            }
        },
        tokens={
            "the endpoint is a resource": {"T": _target(joined("endpoint/", GET, "/variant/v"))},
            "the endpoint is put together": {
                "T": _target({"Fn::Sub": "endpoint/${E.EndpointName}/variant/v"})
            },
            "the service is a parameter": {"T": _target("endpoint/e/variant/v", REF)},
            "a condition decides": {"T": _target(CHOICE)},
        },
    ),
    "STUDIO_MODEL_ISOLATED": Cases(
        passes={
            "isolated": {"M": _model(EnableNetworkIsolation=True)},
            "another resource": {"O": other(_model(EnableNetworkIsolation=False))},
        },
        fails={
            "not isolated": {
                "Bad": _model(EnableNetworkIsolation=False),
                "Good": _model(EnableNetworkIsolation=True),
            },
            "nothing is said": {"Bad": _model(ModelName="m")},
        },
        tokens={
            "a parameter decides": {"M": _model(EnableNetworkIsolation=REF)},
            "a condition decides": {"M": _model(EnableNetworkIsolation=CHOICE)},
        },
    ),
    "STUDIO_MODEL_IN_VPC": Cases(
        passes={
            "in a VPC": {"M": _model(VpcConfig={"Subnets": ["subnet-1"]})},
            "another resource": {"O": other(_model(ModelName="m"))},
        },
        fails={"nothing is said": {"Bad": _model(ModelName="m"), "Good": _model(VpcConfig={})}},
        tokens={
            "subnets are parameters": {"M": _model(VpcConfig={"Subnets": [REF]})},
            "a condition decides": {"M": _model(VpcConfig=CHOICE)},
        },
    ),
    "STUDIO_MODEL_PRIVATE_REGISTRY": Cases(
        passes={
            "images in ECR": _images("M", _container(_ECR), _container(_ECR, "Platform")),
            "an endpoint of ECR with FIPS": _images("M", _container(_ECR.replace(".ecr.", ".ecr-fips."))),
            "ECR of every partition": _images(
                "M",
                *(
                    _container(f"111122223333.dkr.ecr.x-y-1.{suffix}/image:1")
                    for suffix in (
                        "amazonaws.com",
                        "amazonaws.com.cn",
                        "amazonaws.eu",
                        "c2s.ic.gov",
                        "cloud.adc-e.uk",
                    )
                ),
            ),
            "ECR by IPv6 as well": _images(
                "M",
                *(
                    _container(f"111122223333.dkr-ecr{fips}.x-y-1.on.{suffix}/image:1")
                    for fips in ("", "-fips")
                    for suffix in ("aws", "amazonwebservices.com.cn")
                ),
            ),
            "a registry in the VPC": _images("M", _container(_HUB, "Vpc")),
            "no image": _images("M", {"ModelPackageName": "p"}),
            "another resource": {
                "O": other(_model(PrimaryContainer=_container(_HUB), Containers=[_container(_HUB)]))
            },
        },
        fails={
            "an image of others": _images("Bad", _container(_ECR), _container(_HUB)),
            **{
                f"the registry {host}": _images("Bad", _container(f"{host}/image:1"))
                for host in (
                    "111122223333.dkr.ecr.evil.example",
                    "111122223333.dkr.ecr.eu-west-1.amazonaws.com.evil.example",
                    "111122223333.dkr.ecr.eu-west-1.amazonaws.com:8080",
                    "x.111122223333.dkr.ecr.eu-west-1.amazonaws.com",
                    "111122223333.dkr-ecr.eu-west-1.on.aws.evil.example",
                    "x.111122223333.dkr-ecr.eu-west-1.on.aws",
                )
            },
            "an image of others, by the platform": _images("Bad", _container(_HUB, "Platform")),
            "ECR in the name only": _images("Bad", _container(f"example.com/{_ECR}")),
            "a registry with a short number": _images("Bad", _container(_ECR[1:])),
            "a registry with a long number": _images("Bad", _container(f"1{_ECR}")),
            "the public ECR": _images("Bad", _container("public.ecr.aws/image:1")),
            "among good ones": {
                **_images("Bad", _container(_HUB), _container(_HUB)),
                **_images("Good", _container(_ECR)),
            },
        },
        tokens={
            "the image is joined": _images("M", _container(joined(REF, ".dkr.ecr.", REF, "/image"))),
            "the image is a parameter": _images("M", _container(REF)),
            "a condition decides about the registry": _images("M", _container(CHOICE, CHOICE)),
        },
    ),
}
