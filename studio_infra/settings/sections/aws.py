"""The account and region that the stacks are made for."""

from __future__ import annotations

from studio_infra.settings.fields.aws_ids import Account, InstanceType, Region
from studio_infra.settings.fields.base import Many, Section


class AwsSettings(Section):
    """`[aws]`: where to deploy. Left out, the stacks fit every account and region."""

    account: Account | None = None
    """Account number, 12 digits in quotes. Left out, the one whose credentials deploy."""

    region: Region | None = None
    """Region, for example "us-east-1". Left out, the one that the credentials' profile names."""

    new_instance_types: Many[InstanceType] = ()
    """Instance types that are newer than this release of the library, which refuses unknown ones."""
