"""Clients that `Calls` can drive: they do not try again themselves, and no call hangs."""

from __future__ import annotations

import os
from typing import Any, Final

#: Seconds. SageMaker's APIs answer within one; a connection that says nothing for ten will not.
_CONNECT, _READ = 5, 10
_AGENT: Final = "studio-infra"


def client(service: str, *, region: str | None = None) -> Any:
    """A client of boto3 for `Calls`.

    Args:
        service: As boto3 names it: `"sagemaker"`.
        region: Defaults to the one of the function, or of the person's configuration.

    """
    from botocore.config import Config  # noqa: PLC0415 - decisions need no SDK

    config = Config(
        connect_timeout=_CONNECT,
        read_timeout=_READ,
        retries={"total_max_attempts": 1},
        user_agent_extra=_AGENT,
    )
    return session(region).client(service, config=config)


def session(region: str | None = None) -> Any:
    """A session of boto3, which itself does not look at `AWS_REGION` as the AWS CLI and CDK do.

    Args:
        region: Defaults to the one of the function, or of the person's configuration.

    """
    # Half a second that a command's `--help` need not wait for.
    import boto3  # noqa: PLC0415 - decisions need no SDK

    configured: Any = boto3.Session(region_name=region)  # its stubs know literal service names alone
    if configured.region_name is None:
        return boto3.Session(region_name=os.environ.get("AWS_REGION"))
    return configured
