"""What SageMaker accepts of jobs, models and endpoints.

The numbers are compared with botocore's model in ``tests/workloads/test_limits_match_the_service.py``; those
that only the developer guide knows carry its page.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

#: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StoppingCondition.html
TRAINING_LONGEST: Final = timedelta(days=28)
KEEP_WARM_LONGEST: Final = timedelta(hours=6)
TRAINING_CHANNELS_MAX: Final = 20
PROCESSING_LONGEST: Final = timedelta(days=9)
PROCESSING_INPUTS_MAX: Final = 10
PROCESSING_OUTPUTS_MAX: Final = 10
ENVIRONMENT_MAX: Final = 100
#: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateHyperParameterTuningJob.html
TUNING_RANGES_MAX: Final = 30
TUNING_CHOICES_MAX: Final = 30
TUNING_ENVIRONMENT_MAX: Final = 48
TUNING_RUNTIME: Final = (timedelta(minutes=2), timedelta(seconds=15_768_000))
TRANSFORM_ENVIRONMENT_MAX: Final = 16
TRANSFORM_TIMEOUT: Final = (timedelta(seconds=1), timedelta(hours=1))
TRANSFORM_RETRIES: Final = (0, 3)
#: A job's, a model's and an endpoint's network.
SECURITY_GROUPS_MAX: Final = 5
SUBNETS_MAX: Final = 16

PIPELINE_DEFINITION_MAX: Final = 1_048_576
PIPELINE_NAME_MAX: Final = 256
DESCRIPTION_MAX: Final = 1024

#: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html
VARIANTS_MAX: Final = 10
CONTAINERS_MAX: Final = 15
ENDPOINT_VOLUME_GB: Final = (1, 512)
SERVERLESS_MEMORY_MB: Final = (1024, 6144)
SERVERLESS_CONCURRENCY: Final = (1, 200)
MODEL_TIMEOUT: Final = (timedelta(seconds=60), timedelta(hours=1))
ROLLBACK_ALARMS_MAX: Final = 10
UPDATE_WAIT_LONGEST: Final = timedelta(hours=1)
UPDATE_TIMEOUT: Final = (timedelta(minutes=10), timedelta(hours=8))
ASYNC_CONCURRENCY: Final = (1, 1000)
CAPTURE_PERCENT: Final = (0, 100)
