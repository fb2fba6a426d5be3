"""Brings to a domain what CloudFormation cannot say, and takes it back when it is not wanted any more."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from constructs import Construct

from studio_infra.access import PolicyFile
from studio_infra.errors import InvalidInput
from studio_infra.operations.alert_topic import AlertTopic
from studio_infra.operations.runtime_function import RuntimeFunction
from studio_infra.operations.update.fingerprint import fingerprint
from studio_infra.studio.domain.domain import StudioDomain

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_sns as sns
    from aws_cdk.interfaces import aws_sagemaker as refs

    from studio_infra.studio.domain.features import DomainFeatures

_POLICY: Final = Path(__file__).parents[1] / "policies" / "domain_update.json"
#: How long CloudFormation waits for an answer, in seconds: one run on Lambda, and one that repeats it.
TIMEOUT_SECONDS: Final = 1800


class DomainUpdate(Construct):
    """A custom resource that gives a domain what CloudFormation cannot: Canvas, Amazon Q, rootless Docker, identities.

    It reads the domain, lays what is wanted over it, and leaves alone what others set. It runs when its features
    change, when the settings of its `StudioDomain` change (CloudFormation's update of the domain may have reset what it
    does not know), and when `revision` does. What somebody changes by hand meanwhile is not seen until then.

    A feature that goes is taken back, as far as the API can. While the stack is being deleted, nothing is: a domain
    that is retained keeps what it has.

    Args:
        scope: The construct this one belongs to, in the stack of the domain.
        construct_id: Unique among the children of `scope`.
        domain: The domain. For one that is no `StudioDomain`, raise `revision` when its settings change.
        features: What it shall have.
        key: Encrypts the function's log and environment, and is that of `alerts`.
        alerts: Where people hear what the function could not do. Defaults to a topic of its own.
        revision: Raise it by one to have everything applied once more. Defaults to 0.

    Raises:
        InvalidInput: No feature is wanted, or one that this domain cannot have.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        domain: refs.IDomainRef,
        features: DomainFeatures,
        key: kms.IKey,
        alerts: sns.ITopic | None = None,
        revision: int = 0,
    ) -> None:
        super().__init__(scope, construct_id)
        self._check(domain, features)
        topic = alerts if alerts is not None else AlertTopic(self, "Alerts", key=key).topic
        domain_id = domain.domain_ref.domain_id
        #: The function that talks to SageMaker.
        self.function: Final = RuntimeFunction(
            self,
            "Function",
            name="domain_update",
            description="Gives a Studio domain what CloudFormation cannot",
            key=key,
            alerts=topic,
            environment={
                "DOMAIN_ID": domain_id,
                "STACK_ID": cdk.Aws.STACK_ID,
                "TIMEOUT_SECONDS": str(TIMEOUT_SECONDS),
            },
            timeout=cdk.Duration.minutes(13),
        )
        self.function.allow_file(
            PolicyFile.from_path(_POLICY),
            {
                "Partition": cdk.Aws.PARTITION,
                "Region": cdk.Aws.REGION,
                "Account": cdk.Aws.ACCOUNT_ID,
                "DomainId": domain_id,
                "StackId": cdk.Aws.STACK_ID,
                # A statement about nothing is left out.
                "Roles": list(features.role_arns),
                "Images": self._images() if features.touches_apps else [],
            },
        )
        # Not the L2, which writes the time-out as a text.
        resource = cdk.CfnCustomResource(
            self,
            "Resource",
            service_token=self.function.function.function_arn,
            service_timeout=TIMEOUT_SECONDS,
        )
        resource.add_property_override("Settings", features.as_json())
        resource.add_property_override("Revision", str(revision))
        if isinstance(domain, StudioDomain):
            resource.add_property_override("After", fingerprint(self, domain.settings))
        # What stands behind a resource is updated before it and deleted after it: all that a run needs.
        resource.node.add_dependency(self.function)
        if cdk.Stack.of(domain) is cdk.Stack.of(self):
            resource.node.add_dependency(domain)

    def _images(self) -> list[str]:
        """What CloudFormation's own handler of a domain asks to see when it sends settings of apps."""
        kinds = ("image", "image-version")
        stack = cdk.Stack.of(self)
        return [stack.format_arn(service="sagemaker", resource=kind, resource_name="*") for kind in kinds]

    def _check(self, domain: refs.IDomainRef, features: DomainFeatures) -> None:
        if not features.as_json():
            raise InvalidInput(
                "DomainFeatures", "no feature is wanted; name one or leave the update out", scope=self
            )
        if not isinstance(domain, StudioDomain):
            return
        if features.trusted_identity_propagation and domain.resource.auth_mode != "SSO":
            raise InvalidInput(
                "DomainFeatures",
                "trusted_identity_propagation needs a domain with Identity Center (auth_mode SSO), "
                f"this one has {domain.resource.auth_mode}",
                scope=self,
            )
        if features.rootless_docker and "DockerSettings" not in domain.settings["DomainSettings"]:
            raise InvalidInput(
                "DomainFeatures",
                "rootless_docker needs Docker, which is off in this domain; give its options DockerAccess",
                scope=self,
            )
