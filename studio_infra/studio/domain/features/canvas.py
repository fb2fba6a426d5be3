"""SageMaker Canvas: machine learning without code, for everybody in a domain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from studio_infra.errors import InvalidInput
from studio_infra.settings.facts.limits import is_key_id, is_s3_place, is_secret_arn
from studio_infra.studio.domain.features.checks import check_role, check_text

if TYPE_CHECKING:
    from studio_infra.studio.domain.apps import Json

_SOURCES: Final = ("SalesforceGenie", "Snowflake")


@dataclass(frozen=True, slots=True, kw_only=True)
class CanvasDataSource:
    """A source that people sign in to from Canvas, through the company's own identity provider.

    Args:
        name: `"Snowflake"` or `"SalesforceGenie"`, as the API spells them.
        secret_arn: Secret with client id, client secret and addresses of the identity provider.

    Raises:
        InvalidInput: Another source, or what is no ARN of a secret.

    """

    name: str
    secret_arn: str

    def __post_init__(self) -> None:
        if self.name not in _SOURCES:
            raise InvalidInput(
                "CanvasDataSource", f"name must be one of {', '.join(_SOURCES)}, got {self.name!r}"
            )
        example = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:name"
        check_text("secret_arn", self.secret_arn, is_secret_arn, example)

    def as_json(self) -> Json:
        """One of `IdentityProviderOAuthSettings`."""
        return {"DataSourceName": self.name, "Status": "ENABLED", "SecretArn": self.secret_arn}


@dataclass(frozen=True, slots=True, kw_only=True)
class Canvas:
    """What Canvas may do. What is left out stays as it is in the domain; `False` turns it off.

    People also need `Portal(canvas=True)` to see it, and what it does to be allowed by their roles.
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CanvasAppSettings.html

    Args:
        s3_uri: Where Canvas keeps what it makes: `s3://bucket/prefix`. Changing it takes people's work out of their
            sight. Defaults to the bucket of SageMaker in the account.
        key_id: Id or ARN of the key that encrypts it.
        direct_deploy: Whether people may deploy models from Canvas. Endpoints cost money until somebody deletes them.
        document_query: Whether people may ask Amazon Kendra about documents.
        model_register: Whether people may register models in the model registry.
        model_register_role_arn: Role with which models go to the registry of another account.
        forecasts: Whether people may forecast time series.
        forecast_role_arn: Role that Canvas passes to Amazon Forecast. Defaults to the person's own.
        bedrock_role_arn: Role that tunes models in Amazon Bedrock.
        emr_serverless_role_arn: Role that prepares large data in EMR Serverless. Defaults to no such jobs.
        data_sources: Sources that people sign in to; at most one of each name.

    Raises:
        InvalidInput: A text that the API would refuse, or a source that is named twice.

    """

    s3_uri: str | None = None
    key_id: str | None = None
    direct_deploy: bool | None = None
    document_query: bool | None = None
    model_register: bool | None = None
    model_register_role_arn: str | None = None
    forecasts: bool | None = None
    forecast_role_arn: str | None = None
    bedrock_role_arn: str | None = None
    emr_serverless_role_arn: str | None = None
    data_sources: tuple[CanvasDataSource, ...] = ()

    def __post_init__(self) -> None:
        check_text("s3_uri", self.s3_uri, is_s3_place, "s3://bucket/prefix")
        check_text("key_id", self.key_id, is_key_id, "1234abcd-12ab-34cd-56ef-1234567890ab")
        for name in (
            "model_register_role_arn",
            "forecast_role_arn",
            "bedrock_role_arn",
            "emr_serverless_role_arn",
        ):
            check_role(name, getattr(self, name))
        names = [source.name for source in self.data_sources]
        if len(set(names)) < len(names):
            raise InvalidInput("CanvasDataSource", f"data_sources names {', '.join(names)}; use each once")

    @property
    def role_arns(self) -> tuple[str, ...]:
        """The roles that who sets this passes on."""
        roles = (
            self.model_register_role_arn,
            self.forecast_role_arn,
            self.bedrock_role_arn,
            self.emr_serverless_role_arn,
        )
        return tuple(role for role in roles if role is not None)

    def as_json(self) -> Json:
        """`CanvasAppSettings` of the API; empty when nothing is said."""
        emr = True if self.emr_serverless_role_arn is not None else None
        parts: dict[str, Json] = {
            "WorkspaceSettings": _said(S3ArtifactPath=self.s3_uri, S3KmsKeyId=self.key_id),
            "DirectDeploySettings": _said(Status=_switch(self.direct_deploy)),
            "KendraSettings": _said(Status=_switch(self.document_query)),
            "ModelRegisterSettings": _said(
                Status=_switch(self.model_register),
                CrossAccountModelRegisterRoleArn=self.model_register_role_arn,
            ),
            "TimeSeriesForecastingSettings": _said(
                Status=_switch(self.forecasts), AmazonForecastRoleArn=self.forecast_role_arn
            ),
            "GenerativeAiSettings": _said(AmazonBedrockRoleArn=self.bedrock_role_arn),
            "EmrServerlessSettings": _said(
                Status=_switch(emr), ExecutionRoleArn=self.emr_serverless_role_arn
            ),
        }
        settings: Json = {name: part for name, part in parts.items() if part}
        if self.data_sources:
            settings["IdentityProviderOAuthSettings"] = [source.as_json() for source in self.data_sources]
        return settings


def _said(**values: str | None) -> Json:
    return {name: value for name, value in values.items() if value is not None}


def _switch(on: bool | None) -> str | None:  # noqa: FBT001 - what the API calls a status
    return None if on is None else "ENABLED" if on else "DISABLED"
