"""What the SageMaker SDK asks for with nothing but a defaults file: the requests of jobs and models.

    python defaults.py requests.json

The file is found where the SDK looks for it: below $XDG_CONFIG_DIRS and $XDG_CONFIG_HOME.
"""

# The SDK is not where mypy runs.
# mypy: disable-error-code="import-not-found,import-untyped,no-any-return,no-untyped-call"

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import boto3
from sagemaker.estimator import Estimator
from sagemaker.model import Model
from sagemaker.processing import Processor
from sagemaker.session import Session
from sagemaker.transformer import Transformer

logging.disable(logging.CRITICAL)

IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/churn:1.4.0"


def requests() -> dict[str, Any]:
    """Request by kind of job."""
    client = mock.MagicMock()
    s3 = mock.MagicMock()
    session = Session(
        boto_session=boto3.Session(
            region_name="eu-west-1",
            aws_access_key_id="x",
            aws_secret_access_key="x",  # noqa: S106 - none is needed
        ),
        sagemaker_client=client,
    )
    session.s3_resource = s3
    for kind in ("ml.m5.xlarge", "ml.g5.xlarge"):
        Estimator(
            IMAGE, instance_count=2, instance_type=kind, base_job_name="churn", sagemaker_session=session
        ).fit("s3://data/train", wait=False)
    Processor(
        image_uri=IMAGE,
        instance_count=1,
        instance_type="ml.m5.large",
        base_job_name="check",
        sagemaker_session=session,
    ).run(wait=False, logs=False)
    Transformer(
        "churn", 1, "ml.m5.large", base_transform_job_name="answer", sagemaker_session=session
    ).transform("s3://data/questions", wait=False)
    Model(IMAGE, model_data="s3://data/model.tar.gz", sagemaker_session=session).create("ml.m5.large")
    train, own_disks = (call.kwargs for call in client.create_training_job.call_args_list)
    return {
        "train": train,
        "own disks": own_disks,
        "process": client.create_processing_job.call_args.kwargs,
        "transform": client.create_transform_job.call_args.kwargs,
        "model": client.create_model.call_args.kwargs,
        "bucket asked": [call.kwargs for call in s3.meta.client.list_objects_v2.call_args_list],
    }


if __name__ == "__main__":
    # A file, as the SDK itself writes to the standard output.
    Path(sys.argv[1]).write_text(json.dumps(requests()), encoding="utf-8")
