"""What CloudFormation calls for a resource type: the permissions of its handlers, as the registry lists them.

The registry's schemas come with cfn-lint and are read from its files: importing it takes a second.
"""

from __future__ import annotations

import importlib.util
import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from studio_infra.errors import InvalidInput

_REGION: Final = "us-east-1"
#: What a deployment runs. `list` is for finding resources that no stack knows.
_HANDLERS: Final = ("create", "read", "update", "delete")
#: The registry knows these by the name of an API call or of a service; IAM knows them by another.
_IAM_NAMES: Final = {
    "s3:DeleteBucketAnalyticsConfiguration": "s3:PutAnalyticsConfiguration",
    "s3:DeleteBucketCors": "s3:PutBucketCORS",
    "s3:DeleteBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:DeleteBucketLifecycle": "s3:PutLifecycleConfiguration",
    "s3:DeleteBucketMetricsConfiguration": "s3:PutMetricsConfiguration",
    "s3:DeleteBucketReplication": "s3:PutReplicationConfiguration",
    "s3:PutBucketReplication": "s3:PutReplicationConfiguration",
    "s3:PutObjectLockConfiguration": "s3:PutBucketObjectLockConfiguration",
    "s3:REST.PUT.OBJECT": "s3:PutObject",
    "s3:UpdateBucketMetadataAnnotationTableConfiguration": None,
    "vpc-lattice:DescribeServiceNetworkVpcEndpointAssociation": None,
}
_IAM_SERVICES: Final = {"efs": "elasticfilesystem"}
#: Types whose schema names no handlers: the calls behind them, and what these look for. Not proved without an account.
_WITHOUT_HANDLERS: Final = {
    "AWS::FSx::FileSystem": frozenset(
        {
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
            "fsx:CreateFileSystem",
            "fsx:DeleteFileSystem",
            "fsx:DescribeFileSystems",
            "fsx:ListTagsForResource",
            "fsx:TagResource",
            "fsx:UntagResource",
            "fsx:UpdateFileSystem",
            "iam:CreateServiceLinkedRole",
            "kms:CreateGrant",
            "kms:DescribeKey",
        }
    )
}


@cache
def permissions_of(resource_type: str) -> frozenset[str] | None:
    """IAM actions that CloudFormation needs to create, read, update and delete a resource; None if unknown.

    Raises:
        InvalidInput: cfn-lint is not installed.

    """
    if resource_type not in _index():
        return None
    schema = schema_of(resource_type)
    if resource_type in _WITHOUT_HANDLERS:
        return _WITHOUT_HANDLERS[resource_type]
    handlers = schema.get("handlers", {})
    listed = {action for name in _HANDLERS for action in handlers.get(name, {}).get("permissions", [])}
    return frozenset(action for action in map(_in_iams_words, listed) if action is not None)


def resource_types() -> list[str]:
    """Every type that the registry knows.

    Raises:
        InvalidInput: cfn-lint is not installed.

    """
    return sorted(_index())


def schema_of(resource_type: str) -> dict[str, Any]:
    """The registry's schema of a type that it knows.

    Raises:
        InvalidInput: cfn-lint is not installed.

    """
    file = _folder() / "resources" / f"{_index()[resource_type]}.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def _in_iams_words(action: str) -> str | None:
    if action in _IAM_NAMES:
        return _IAM_NAMES[action]
    service, _, name = action.partition(":")
    return f"{_IAM_SERVICES.get(service, service)}:{name}"


@cache
def _index() -> dict[str, str]:
    found: dict[str, str] = json.loads(
        (_folder() / "providers" / f"{_REGION}.json").read_text(encoding="utf-8")
    )
    return found


@cache
def _folder() -> Path:
    found = importlib.util.find_spec("cfnlint")
    if found is None or found.origin is None:
        raise InvalidInput(
            "CfnLint", "the registry's schemas come with cfn-lint; install 'studio-infra[rehearsal]'"
        )
    return Path(found.origin).parent / "data" / "schemas"
