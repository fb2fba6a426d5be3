"""Where trained models are registered, compared, approved and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import jsii
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk.interfaces import aws_sagemaker as refs

from studio_infra.errors import InvalidInput, located
from studio_infra.settings.facts.limits import is_account
from studio_infra.settings.facts.regions import require_types
from studio_infra.storage.removal import effective_removal_policy
from studio_infra.workloads import limits
from studio_infra.workloads.names import checked_name, generated_name, name_in_arn
from studio_infra.workloads.policy_files import Permissions
from studio_infra.workloads.registry.model_approval import ModelApproval
from studio_infra.workloads.registry.model_registry_grants import ModelRegistryGrants

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_events as events
    from constructs import Construct


@jsii.implements(refs.IModelPackageGroupRef)
class ModelRegistry(cdk.Resource):
    """A model package group: the versions of one model.

    It is retained when it leaves the template: what runs in production came from here. Deploying it again
    under the same name needs `cdk import`, or another name.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of `scope`. Renaming it makes a new, empty group, unless
            `group_name` is given.
        group_name: 1-63 letters, digits or inner hyphens. Changing it makes a new, empty group.
            Defaults to a name made of the stack's and the construct's.
        description: At most 1024 characters. Changing it makes a new, empty group: the service cannot change
            it.
        reading_accounts: Accounts that may look at the versions, deploy them and say whether they are
            approved. Defaults to this account alone.
        removal_policy: `DESTROY` deletes the group with the stack, if it is empty and the app consents; see
            `effective_removal_policy`. Defaults to `RETAIN`.

    Attributes:
        group_name: Its name: what a `RegisterModelStep` takes.

    Raises:
        InvalidInput: A name, a description or an account that the service does not take.

    """

    @staticmethod
    def from_group_arn(scope: Construct, construct_id: str, group_arn: str) -> refs.IModelPackageGroupRef:
        """A group that exists already, also in another account."""
        return _ImportedGroup(scope, construct_id, group_arn)

    @staticmethod
    def from_group_name(scope: Construct, construct_id: str, group_name: str) -> refs.IModelPackageGroupRef:
        """A group that exists already, in this account and region."""
        name = checked_name(scope, "group_name", group_name)
        arn = cdk.Stack.of(scope).format_arn(
            service="sagemaker",
            resource="model-package-group",
            resource_name=name_in_arn(name),
        )
        return _ImportedGroup(scope, construct_id, arn)

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        group_name: str | None = None,
        description: str | None = None,
        reading_accounts: Sequence[str] = (),
        removal_policy: cdk.RemovalPolicy | None = None,
    ) -> None:
        super().__init__(scope, construct_id, physical_name=group_name)
        with located(self):
            require_types(cdk.Stack.of(self).region, "AWS::SageMaker::ModelPackageGroup")
        self.group_name: str = (
            generated_name(self) if group_name is None else checked_name(self, "group_name", group_name)
        )
        self._check(description, reading_accounts)
        self._resource = sagemaker.CfnModelPackageGroup(
            self,
            "Resource",
            model_package_group_name=self.group_name,
            model_package_group_description=description,
            model_package_group_policy=self._policy(reading_accounts),
        )
        self._resource.apply_removal_policy(effective_removal_policy(self, removal_policy))

    @property
    def model_package_group_ref(self) -> refs.ModelPackageGroupReference:
        """What other constructs take as `IModelPackageGroupRef`."""
        return self._resource.model_package_group_ref

    @property
    def group_arn(self) -> str:
        """Its ARN."""
        return self.model_package_group_ref.model_package_group_arn

    @property
    def grants(self) -> ModelRegistryGrants:
        """Permissions on this group and its versions."""
        return ModelRegistryGrants.from_group(self)

    def on_approved(
        self,
        construct_id: str,
        *,
        pipeline: refs.IPipelineRef | None = None,
        parameters: Mapping[str, str] | None = None,
        target: events.IRuleTarget | None = None,
    ) -> ModelApproval:
        """Start a pipeline, or tell somebody, when a version of this model is approved.

        Args:
            construct_id: Unique among the children of this group.
            pipeline: Started for every approved version.
            parameters: Values for its parameters: `{"ModelPackage": APPROVED_MODEL_ARN}`.
            target: Told of every approved version, instead of `pipeline`.

        Raises:
            InvalidInput: Neither a pipeline nor a target, or both.

        """
        return ModelApproval(
            self,
            construct_id,
            group_name=self.group_name,
            pipeline=pipeline,
            parameters=parameters,
            target=target,
        )

    def _policy(self, accounts: Sequence[str]) -> dict[str, object] | None:
        if not accounts:
            return None
        stack = cdk.Stack.of(self)
        readers = {"AWS": [f"arn:{stack.partition}:iam::{account}:root" for account in accounts]}
        values = {
            "Partition": stack.partition,
            "Region": stack.region,
            "Account": stack.account,
            "Group": name_in_arn(self.group_name),
        }
        statements = [
            statement | {"Principal": readers}
            for statement in Permissions.own("group_readers", values).statements
        ]
        return {"Version": "2012-10-17", "Statement": statements}

    def _check(self, description: str | None, accounts: Sequence[str]) -> None:
        known = description is not None and not cdk.Token.is_unresolved(description)
        if known and not 1 <= len(description or "") <= limits.DESCRIPTION_MAX:
            raise InvalidInput(
                "ModelRegistryDescription",
                f"description must be 1-{limits.DESCRIPTION_MAX} characters, got {len(description or '')}",
                scope=self,
            )
        for account in accounts:
            if not cdk.Token.is_unresolved(account) and not is_account(account):
                raise InvalidInput(
                    "ModelRegistryAccount",
                    f"an account is written as its 12 digits, got {account!r}",
                    scope=self,
                )


@jsii.implements(refs.IModelPackageGroupRef)
class _ImportedGroup(cdk.Resource):
    """A group that somebody else owns."""

    def __init__(self, scope: Construct, construct_id: str, group_arn: str) -> None:
        super().__init__(scope, construct_id)
        self._reference = refs.ModelPackageGroupReference(model_package_group_arn=group_arn)

    @property
    def model_package_group_ref(self) -> refs.ModelPackageGroupReference:
        """What other constructs take as `IModelPackageGroupRef`."""
        return self._reference
