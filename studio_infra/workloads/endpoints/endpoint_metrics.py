"""What CloudWatch knows about an endpoint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch

#: https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
_REQUESTS: Final = "AWS/SageMaker"
_INSTANCES: Final = "/aws/sagemaker/Endpoints"
_MINUTE: Final = cdk.Duration.minutes(1)


@dataclass(frozen=True)
class EndpointMetrics:
    """The metrics of one variant of an endpoint: SageMaker counts by variant, never for all of them together.

    Args:
        endpoint_name: The endpoint.
        variant_name: The variant.

    """

    endpoint_name: str
    variant_name: str

    def invocations(self, *, period: cdk.Duration = _MINUTE) -> cloudwatch.Metric:
        """Requests. No data means none."""
        return self._metric(_REQUESTS, "Invocations", "Sum", period)

    def client_errors(self, *, period: cdk.Duration = _MINUTE) -> cloudwatch.Metric:
        """Requests that were answered with 4xx."""
        return self._metric(_REQUESTS, "Invocation4XXErrors", "Sum", period)

    def server_errors(self, *, period: cdk.Duration = _MINUTE) -> cloudwatch.Metric:
        """Requests that were answered with 5xx."""
        return self._metric(_REQUESTS, "Invocation5XXErrors", "Sum", period)

    def model_latency(self, *, statistic: str = "p90", period: cdk.Duration = _MINUTE) -> cloudwatch.Metric:
        """How long the container took, in microseconds."""
        return self._metric(_REQUESTS, "ModelLatency", statistic, period)

    def overhead_latency(
        self, *, statistic: str = "p90", period: cdk.Duration = _MINUTE
    ) -> cloudwatch.Metric:
        """How long SageMaker itself took, in microseconds."""
        return self._metric(_REQUESTS, "OverheadLatency", statistic, period)

    def cpu(self, *, statistic: str = "Average", period: cdk.Duration = _MINUTE) -> cloudwatch.Metric:
        """Use of the processors in percent; 200 is two of them at work."""
        return self._metric(_INSTANCES, "CPUUtilization", statistic, period)

    def memory(self, *, statistic: str = "Average", period: cdk.Duration = _MINUTE) -> cloudwatch.Metric:
        """Use of the memory in percent."""
        return self._metric(_INSTANCES, "MemoryUtilization", statistic, period)

    def gpu(self, *, statistic: str = "Average", period: cdk.Duration = _MINUTE) -> cloudwatch.Metric:
        """Use of the GPUs in percent; instances without one do not report it."""
        return self._metric(_INSTANCES, "GPUUtilization", statistic, period)

    def _metric(self, namespace: str, name: str, statistic: str, period: cdk.Duration) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=namespace,
            metric_name=name,
            dimensions_map={"EndpointName": self.endpoint_name, "VariantName": self.variant_name},
            statistic=statistic,
            period=period,
        )
