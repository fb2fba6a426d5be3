"""Empties a domain when the stack that holds both is deleted, so that the stack can be deleted in one go."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from studio_infra.access import PolicyFile
from studio_infra.access.wildcards import acknowledge_wildcards
from studio_infra.errors import InvalidInput
from studio_infra.operations.alert_topic import AlertTopic
from studio_infra.operations.drain.final_copy import FinalCopy
from studio_infra.operations.runtime_function import RuntimeFunction
from studio_infra.storage.removal import effective_removal_policy

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_sns as sns
    from aws_cdk.interfaces import aws_ec2 as network_refs
    from aws_cdk.interfaces import aws_sagemaker as refs

_POLICY: Final = Path(__file__).parents[1] / "policies" / "domain_drain.json"
#: How long CloudFormation waits for an answer, in seconds: the longest that it does.
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-cloudformation-customresource.html
TIMEOUT_SECONDS: Final = 3600


class DomainDrain(Construct):
    """A custom resource that drains a domain when its stack is deleted: apps, spaces, profiles, domain, network.

    CloudFormation deletes it before the domain, and finds the domain gone. Volumes of spaces are lost, and homes if
    they shall go. Nothing happens while the stack is not being deleted: who takes the construct out of the app, or
    whose update is rolled back, keeps the domain.

    It is a custom resource with a function. `studio-infra drain` does the same from outside, and shows a plan first:
    prefer it where somebody can run it.

    Args:
        scope: The construct this one belongs to, in the stack of the domain.
        construct_id: Unique among the children of `scope`.
        domain: The domain.
        home_file_system_id: Its home file system.
        vpc: The VPC that the domain is in: nothing outside of it is touched.
        key: Encrypts the function's log and environment, and is that of `alerts`.
        alerts: Where people hear what the function could not do. Defaults to a topic of its own.
        delete_homes: Whether everybody's home goes too. Defaults to no: the file system stays, and nothing mounts it.
        final_copy: Whether homes that go are copied once more before anything is deleted, into a vault that stays.
            Defaults to yes.
        removal_policy: The first consent: only with DESTROY anything is made here. It counts only with the second
            one, that of the app, see `effective_removal_policy`. Defaults to RETAIN.

    Raises:
        InvalidInput: The domain is in another stack: that one would be deleted with the domain still full.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        domain: refs.IDomainRef,
        home_file_system_id: str,
        vpc: network_refs.IVPCRef,
        key: kms.IKey,
        alerts: sns.ITopic | None = None,
        delete_homes: bool = False,
        final_copy: bool = True,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.RETAIN,
    ) -> None:
        super().__init__(scope, construct_id)
        if cdk.Stack.of(domain) is not cdk.Stack.of(self):
            raise InvalidInput(
                "DomainDrain", "a drain must be in the stack of its domain; make it there", scope=self
            )
        #: Whether both consents are given. Without them nothing is made.
        self.consented: Final = effective_removal_policy(self, removal_policy) is cdk.RemovalPolicy.DESTROY
        #: Where homes are copied to before they go, if they are.
        self.final_copy: Final = (
            FinalCopy(self, "FinalCopy", home_file_system_id=home_file_system_id)
            if self.consented and delete_homes and final_copy
            else None
        )
        if not self.consented:
            return
        topic = alerts if alerts is not None else AlertTopic(self, "Alerts", key=key).topic
        self._function = RuntimeFunction(
            self,
            "Function",
            name="domain_drain",
            description="Drains a Studio domain when its stack is deleted",
            key=key,
            alerts=topic,
            environment=self._environment(domain, home_file_system_id, delete_homes=delete_homes),
            timeout=cdk.Duration.minutes(15),
        )
        self._permit(domain, home_file_system_id, vpc, delete_homes=delete_homes)
        self._make_resource(self._let_it_go_on())

    def _environment(
        self, domain: refs.IDomainRef, home_file_system_id: str, *, delete_homes: bool
    ) -> dict[str, str]:
        environment = {
            "DOMAIN_ID": domain.domain_ref.domain_id,
            "HOME_ID": home_file_system_id,
            "STACK_ID": cdk.Aws.STACK_ID,
            "TIMEOUT_SECONDS": str(TIMEOUT_SECONDS),
            "HOMES": "Delete" if delete_homes else "Retain",
        }
        if self.final_copy is not None:
            environment["VAULT"] = self.final_copy.vault.backup_vault_name
            environment["ROLE_ARN"] = self.final_copy.role.role_arn
        return environment

    def _permit(
        self,
        domain: refs.IDomainRef,
        home_file_system_id: str,
        vpc: network_refs.IVPCRef,
        *,
        delete_homes: bool,
    ) -> None:
        stack, copy = cdk.Stack.of(self), self.final_copy
        home = stack.format_arn(
            service="elasticfilesystem", resource="file-system", resource_name=home_file_system_id
        )
        copies = stack.format_arn(
            service="backup",
            resource="recovery-point",
            resource_name="*",
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )
        file = PolicyFile.from_path(_POLICY)
        statements = file.filled(
            {
                "Partition": cdk.Aws.PARTITION,
                "Region": cdk.Aws.REGION,
                "Account": cdk.Aws.ACCOUNT_ID,
                "DomainId": domain.domain_ref.domain_id,
                "HomeId": home_file_system_id,
                "VpcId": vpc.vpc_ref.vpc_id,
                "StackId": cdk.Aws.STACK_ID,
                # A statement about nothing is left out.
                "HomesToDelete": [home] if delete_homes else [],
                "Vaults": [copy.vault.backup_vault_arn] if copy is not None else [],
                "Copies": [copies] if copy is not None else [],
                "Jobs": ["*"] if copy is not None else [],
                "BackupRoles": [copy.role.role_arn] if copy is not None else [],
            }
        )
        self._function.allow(*(iam.PolicyStatement.from_json(statement) for statement in statements))
        policy = self._function.node.find_child("Policy").node.default_child
        assert isinstance(policy, iam.CfnManagedPolicy)  # noqa: S101 - narrows the type
        acknowledge_wildcards(policy, statements, file.reasons)

    def _let_it_go_on(self) -> iam.ManagedPolicy:
        """Let a run call the next one: an app can take longer to go than one run."""
        function = self._function.function
        role = function.role
        assert role is not None  # noqa: S101 - a function that we made has one
        # Five runs at most fit into the time that CloudFormation waits: Lambda stops what calls itself after sixteen.
        # https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
        # Not in the function's policy, which must be there before the function is.
        return iam.ManagedPolicy(
            self,
            "GoOn",
            description="Lets a run of a drain call the next one",
            roles=[role],
            statements=[
                iam.PolicyStatement(
                    sid="CallTheNextRun", actions=["lambda:InvokeFunction"], resources=[function.function_arn]
                )
            ],
        )

    def _make_resource(self, go_on: iam.ManagedPolicy) -> None:
        # Not the L2, which writes the time-out as a text.
        resource = cdk.CfnCustomResource(
            self,
            "Resource",
            service_token=self._function.function.function_arn,
            service_timeout=TIMEOUT_SECONDS,
        )
        # What stands behind a resource is deleted after it: everything that a run needs.
        resource.node.add_dependency(self._function, go_on)
        if self.final_copy is not None:
            resource.node.add_dependency(self.final_copy)
