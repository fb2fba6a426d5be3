"""What a domain can have and CloudFormation cannot say: it takes a custom resource, made only where it is named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from studio_infra.settings.fields.aws_ids import (
    KeyId,
    QProfileArn,
    RoleArn,
    SageMakerImageArn,
    SageMakerImageVersionArn,
    SecretArn,
)
from studio_infra.settings.fields.base import Section
from studio_infra.settings.fields.texts import S3Place

DataSource = Literal["SalesforceGenie", "Snowflake"]


class CanvasSettings(Section):
    """`[domain.canvas]`: SageMaker Canvas, shown and allowed. What is left out stays as it is; false turns it off."""

    s3_uri: S3Place | None = None
    """Where Canvas keeps what it makes. Changing it takes people's work out of their sight.
    Left out, the bucket of SageMaker in the account."""

    key_id: KeyId | None = None
    """Id or ARN of the key that encrypts it. Left out, a key of AWS."""

    direct_deploy: bool | None = None
    """Whether people may deploy models from Canvas. Such endpoints cost money until somebody deletes them."""

    document_query: bool | None = None
    """Whether people may ask Amazon Kendra about documents."""

    model_register: bool | None = None
    """Whether people may register models in the model registry."""

    model_register_role_arn: RoleArn | None = None
    """Role with which models go to the registry of another account."""

    forecasts: bool | None = None
    """Whether people may forecast time series."""

    forecast_role_arn: RoleArn | None = None
    """Role that Canvas passes to Amazon Forecast. Left out, the person's own."""

    bedrock_role_arn: RoleArn | None = None
    """Role that tunes models in Amazon Bedrock."""

    emr_serverless_role_arn: RoleArn | None = None
    """Role that prepares large data in EMR Serverless. Left out, there are no such jobs."""

    data_sources: Mapping[DataSource, SecretArn] = {}
    """Sources that people sign in to, "Snowflake" or "SalesforceGenie", each with the secret that says how."""


class AmazonQSettings(Section):
    """`[domain.amazon_q]`: Amazon Q Developer in JupyterLab and Code Editor. People's roles must allow it, too."""

    profile_arn: QProfileArn | None = None
    """Profile of the Pro tier, which needs a domain with Identity Center. Left out, the free tier."""


class DefaultImageSettings(Section):
    """`[domain.default_images.APP]`: what an app starts from unless the person chooses."""

    image_arn: SageMakerImageArn
    """An image in SageMaker, of your own or of AWS."""

    version_arn: SageMakerImageVersionArn | None = None
    """One of its versions. Left out, the newest."""
