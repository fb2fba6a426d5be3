"""Permissions on a model package group, given to somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

if TYPE_CHECKING:
    from aws_cdk.interfaces import aws_sagemaker as refs


class ModelRegistryGrants:
    """Permissions on a model package group and its versions.

    Works on any group: a `ModelRegistry`, an L1 `CfnModelPackageGroup`, or an imported one.
    """

    @classmethod
    def from_group(cls, group: refs.IModelPackageGroupRef) -> ModelRegistryGrants:
        """Start granting on `group`."""
        return cls(group)

    def __init__(self, group: refs.IModelPackageGroupRef) -> None:
        self._arn = group.model_package_group_ref.model_package_group_arn

    def read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` see the group and its versions."""
        return self._grant(grantee, "DescribeModelPackageGroup", "ListModelPackages", "DescribeModelPackage")

    def register(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` add versions."""
        return self._grant(grantee, "CreateModelPackage", "DescribeModelPackage")

    def approve(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` say which versions may be deployed."""
        return self._grant(grantee, "DescribeModelPackage", "UpdateModelPackage")

    def _grant(self, grantee: iam.IGrantable, *actions: str) -> iam.Grant:
        # arn:aws:sagemaker:region:account:model-package-group/name -> …:model-package/name/*
        account, name = (
            cdk.Fn.select(part, cdk.Fn.split(":model-package-group/", self._arn)) for part in (0, 1)
        )
        versions = f"{account}:model-package/{name}/*"
        return iam.Grant.add_to_principal(
            grantee=grantee,
            actions=[f"sagemaker:{action}" for action in actions],
            resource_arns=[self._arn, versions],
        )
