"""Monitors: what is looked at in the requests that are kept, and how often."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from annotated_types import Ge, Le

from studio_infra.settings.fields.aws_ids import Image, InstanceType
from studio_infra.settings.fields.base import Section
from studio_infra.settings.fields.rules import Text
from studio_infra.settings.fields.texts import S3Uri

if TYPE_CHECKING:
    from collections.abc import Iterator

#: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-schedule-expression.html
Hours = Annotated[
    str,
    Text.like(
        r"^cron\(0 (\*|[0-9]{1,2}(/[0-9]{1,2})?) \? \* \* \*\)$",
        "not a schedule that Model Monitor takes",
        'write it like "cron(0 * ? * * *)", every hour, or "cron(0 6 ? * * *)", once a day',
    ),
]


class MonitorSettings(Section):
    """What all monitors have."""

    image: Image
    """AWS's image for it in this region: of Model Monitor, or of Clarify for bias and explainability."""

    constraints: S3Uri | None = None
    """What is normal: a JSON file in S3 that a baseline job wrote. Left out, nothing is a violation."""

    schedule: Hours = "cron(0 * ? * * *)"
    """How often it looks: whole hours, "cron(0 * ? * * *)" for each or "cron(0 6 ? * * *)" for once a day, in UTC."""

    instance_type: InstanceType = "ml.m5.large"
    """What its job runs on."""

    max_runtime_minutes: Annotated[int, Ge(1), Le(60)] = 50
    """Minutes after which a job is stopped."""


class DataQualitySettings(MonitorSettings):
    """`[endpoints.NAME.monitors.data_quality]`: whether requests still look like the training data."""

    statistics: S3Uri | None = None
    """How the training data looked: a JSON file in S3 that a baseline job wrote."""


class ModelQualitySettings(MonitorSettings):
    """`[endpoints.NAME.monitors.model_quality]`: whether answers turn out to be right."""

    problem: Literal["BinaryClassification", "MulticlassClassification", "Regression"]
    """What kind of answers it gives."""

    ground_truth: S3Uri
    """Folder in S3 with what was right, written later by whoever knows."""

    answer: str | None = None
    """Index or JSONPath of the answer in what was captured."""

    probability: str | None = None
    """Index or JSONPath of the probability."""


class BiasSettings(MonitorSettings):
    """`[endpoints.NAME.monitors.bias]`: whether answers treat groups of people differently."""

    config: S3Uri
    """Clarify's analysis configuration: a JSON file in S3."""

    ground_truth: S3Uri
    """Folder in S3 with what was right."""


class ExplainabilitySettings(MonitorSettings):
    """`[endpoints.NAME.monitors.explainability]`: whether other features decide than did in the training."""

    config: S3Uri
    """Clarify's analysis configuration: a JSON file in S3."""

    network_isolation: bool = True
    """No network for the containers. Clarify explains a model by asking an endpoint of its own: it may need `false`."""


class MonitorsSettings(Section):
    """`[endpoints.NAME.monitors]`: what looks at the requests that are kept. Needs `data_capture_percent`."""

    data_quality: DataQualitySettings | None = None
    """Whether requests still look like the training data."""

    model_quality: ModelQualitySettings | None = None
    """Whether answers turn out to be right."""

    bias: BiasSettings | None = None
    """Whether answers treat groups of people differently."""

    explainability: ExplainabilitySettings | None = None
    """Whether other features decide than did in the training."""

    def each(self) -> Iterator[tuple[str, MonitorSettings]]:
        """Those that are wanted, by name."""
        for name in type(self).model_fields:
            wanted = getattr(self, name)
            if wanted is not None:
                yield name, wanted
