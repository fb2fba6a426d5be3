"""What MLflow keeps in S3, and as whom."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk

from studio_infra.errors import InvalidInput
from studio_infra.workloads.permissions import for_data
from studio_infra.workloads.policy_files import Permissions
from studio_infra.workloads.roles import allow_given_role, sagemaker_role

if TYPE_CHECKING:
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_s3 as s3
    from constructs import Construct

_WINDOW: Final = re.compile(r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun):(?:[01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
#: Names of tracking servers and apps.
NAME_MAX: Final = 256


def artifact_place(scope: Construct, bucket: s3.IBucket, prefix: str) -> str:
    """The folder of the artifacts.

    Raises:
        InvalidInput: It would be the whole bucket, or has a wildcard.

    """
    folder = prefix.strip("/")
    if not cdk.Token.is_unresolved(folder) and (not folder or "*" in folder or ".." in folder.split("/")):
        raise InvalidInput(
            "TrackingPrefix", f"prefix must be a folder like teams/vision/mlflow, got {prefix!r}", scope=scope
        )
    return f"s3://{bucket.bucket_name}/{folder}"


def check_window(scope: Construct, window: str | None) -> None:
    """Refuse a maintenance window that the service would not read.

    Raises:
        InvalidInput: It is none.

    """
    if window is not None and not cdk.Token.is_unresolved(window) and _WINDOW.fullmatch(window) is None:
        raise InvalidInput(
            "TrackingMaintenance",
            f"maintenance_start must be like Sun:03:30, in UTC, got {window!r}",
            scope=scope,
        )


def tracking_role(
    scope: Construct,
    *,
    given: iam.IRole | None,
    place: str,
    key: kms.IKey,
    register_models: bool,
    what: str,
) -> tuple[iam.IRole, list[Construct]]:
    """The role that MLflow keeps its artifacts with, and what has to be there before it is used."""
    stack = cdk.Stack.of(scope)
    here = {"Partition": stack.partition, "Region": stack.region, "Account": stack.account}
    allowed = for_data(stack, read=[f"{place}/"], written=[f"{place}/"])
    allowed += Permissions.teams("key_use", {**here, "Key": key.key_arn})
    if register_models:
        allowed += Permissions.own("mlflow_models", here)
    if given is not None:
        return given, [allow_given_role(scope, "Policies", given, allowed, description=what)]
    role = sagemaker_role(scope, "Role", allowed, description=what)
    return role, [role]
