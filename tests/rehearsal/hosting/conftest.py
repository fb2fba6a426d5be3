"""Models, configurations and endpoints in few words, and who answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.rehearsal.conftest import make_role

if TYPE_CHECKING:
    from studio_infra.rehearsal.server import EmbeddedAws

BUCKET = "research"


class Host:
    """Makes what a test serves, and asks it.

    Args:
        aws: The server, empty.
        sm: Its SageMaker.

    """

    def __init__(self, aws: EmbeddedAws, sm: Any) -> None:
        self.aws, self.sm = aws, sm
        self.runtime, self.s3 = aws.client("sagemaker-runtime"), aws.client("s3")
        self.cloudwatch = aws.client("cloudwatch")
        self.role = make_role(aws)
        self.s3.create_bucket(Bucket=BUCKET)

    def model(self, name: str, **more: Any) -> None:
        """A model with one container, unless more is said."""
        what = more or {"PrimaryContainer": {"Image": "image"}}
        self.sm.create_model(ModelName=name, ExecutionRoleArn=self.role, **what)

    def variant(self, name: str = "primary", model: str | None = "old", **more: Any) -> dict[str, Any]:
        """A variant on two instances."""
        machine = {"InstanceType": "ml.m5.large", "InitialInstanceCount": 2}
        kind = more.pop("serverless", None)
        named = {"ModelName": model} if model else {}
        return {"VariantName": name} | named | ({"ServerlessConfig": kind} if kind else machine) | more

    def config(self, name: str, *variants: dict[str, Any], **more: Any) -> None:
        """A configuration."""
        self.sm.create_endpoint_config(EndpointConfigName=name, ProductionVariants=list(variants), **more)

    def serve_two(self) -> None:
        """An endpoint `e` that answers with `old`, and a configuration `new` for the model `new`."""
        for name in ("old", "new"):
            self.model(name)
            self.config(name, self.variant(model=name))
        self.sm.create_endpoint(EndpointName="e", EndpointConfigName="old")

    def ask(self, **more: Any) -> str:
        """Who answers now: `model=…; config=…`."""
        answer = self.runtime.invoke_endpoint(EndpointName="e", Body=b"1,2", ContentType="text/csv", **more)
        assert answer["Body"].read() == b"1,2"
        return str(answer["CustomAttributes"])

    def models(self, times: int) -> list[str]:
        """The models that answer the next requests."""
        return [self.ask().partition(";")[0].removeprefix("model=") for _ in range(times)]

    def alarm(self, name: str = "errors", state: str | None = None) -> dict[str, Any]:
        """An alarm, in a state if one is given; how a deployment names it."""
        if state is None:
            self.cloudwatch.put_metric_alarm(
                AlarmName=name,
                MetricName="Invocation5XXErrors",
                Namespace="AWS/SageMaker",
                Statistic="Sum",
                Period=60,
                EvaluationPeriods=1,
                Threshold=5,
                ComparisonOperator="GreaterThanThreshold",
                TreatMissingData="notBreaching",
            )
        else:
            self.cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="said the test")
        return {"Alarms": [{"AlarmName": name}]}

    def objects(self, prefix: str) -> dict[str, bytes]:
        """What lies in the bucket below a prefix."""
        found = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
        return {one["Key"]: self.s3.get_object(Bucket=BUCKET, Key=one["Key"])["Body"].read() for one in found}


@pytest.fixture
def host(aws: EmbeddedAws, sm: Any) -> Host:
    """An empty server with a bucket and a role."""
    return Host(aws, sm)
