"""An endpoint that answers with models, and that somebody owns until a day that is known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
import jsii
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk.interfaces import aws_sagemaker as refs
from constructs import Construct

from studio_infra.errors import InvalidInput, located
from studio_infra.settings.facts.regions import require_types
from studio_infra.workloads import limits
from studio_infra.workloads.endpoints.autoscaling import VariantScaling
from studio_infra.workloads.endpoints.endpoint_config import make_config
from studio_infra.workloads.endpoints.endpoint_grants import EndpointGrants
from studio_infra.workloads.endpoints.endpoint_metrics import EndpointMetrics
from studio_infra.workloads.endpoints.kinds.checks import check_kind
from studio_infra.workloads.endpoints.kinds.shared_instances import SharedInstances
from studio_infra.workloads.endpoints.variants import InstanceVariant, ServerlessVariant
from studio_infra.workloads.names import checked_name, generated_name, name_in_arn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_kms as kms

    from studio_infra.workloads.endpoints.data_capture import DataCapture
    from studio_infra.workloads.endpoints.endpoint_lifetime import EndpointLifetime
    from studio_infra.workloads.endpoints.endpoint_update import EndpointUpdate
    from studio_infra.workloads.endpoints.kinds.asynchronous import AsyncInference

KIND_TAG: Final = "studio:kind"
VARIANTS_TAG: Final = "studio:variants"

_TAG_LONGEST: Final = 256
_OWNER: Final = re.compile(r"[\w .:/=+@-]{1,256}")


@jsii.implements(refs.IEndpointRef)
class ModelEndpoint(cdk.Resource):
    """An endpoint with its configuration and its scaling.

    The configuration has no name of its own: any change makes a new one under a new name, the endpoint moves
    over without losing a request, and the old one is deleted. The endpoint keeps its name.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of `scope`. Renaming it replaces the endpoint, unless
            `endpoint_name` is given.
        variants: What answers: one or more on instances, a single serverless one, or the instances that
            inference components share.
        owner: Who is asked before it is switched off: a person's user name, or an address.
        lifetime: How long it is wanted. Nothing is the default, so that it is decided. Written into its tags.
        key: Encrypts the instances' volumes. Not used where volumes are local disks, which encrypt
            themselves.
        update: How the next configuration takes over. Defaults to all requests at once, when it is ready.
        asynchronous: Where answers go that nobody waits for. Defaults to answers at once. Variants scale with
            `BacklogScaling`, down to none.
        capture: What is kept of requests and answers. Defaults to nothing.
        shadow: Answers the same requests, and nobody hears it: its metrics are compared. Needs a single variant beside
            it. Defaults to none.
        endpoint_name: 1-63 letters, digits or inner hyphens. Changing it replaces the endpoint, and callers
            must follow. Defaults to a name made of the stack's and the construct's.

    Attributes:
        endpoint_name: What callers use. Known at synthesis, so that alarms can stand in `update`.
        owner: Who is asked before it is switched off.
        lifetime: How long it is wanted.
        capture: What is kept of requests and answers: monitors look at it.
        instance_role: What the instances do that inference components share; nothing where models have roles of their
            own.

    Raises:
        InvalidInput: No variant, too many, two of one name, or kinds that cannot share an endpoint; a name or
            an owner that the service does not take.

    """

    @staticmethod
    def from_endpoint_name(scope: Construct, construct_id: str, endpoint_name: str) -> refs.IEndpointRef:
        """An endpoint that exists already, in this account and region."""
        name = checked_name(scope, "endpoint_name", endpoint_name)
        arn = cdk.Stack.of(scope).format_arn(
            service="sagemaker",
            resource="endpoint",
            resource_name=name_in_arn(name),
        )
        return _ImportedEndpoint(scope, construct_id, arn)

    @staticmethod
    def from_endpoint_arn(scope: Construct, construct_id: str, endpoint_arn: str) -> refs.IEndpointRef:
        """An endpoint that exists already."""
        return _ImportedEndpoint(scope, construct_id, endpoint_arn)

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        variants: Sequence[InstanceVariant | ServerlessVariant | SharedInstances],
        owner: str,
        lifetime: EndpointLifetime,
        key: kms.IKey,
        update: EndpointUpdate | None = None,
        asynchronous: AsyncInference | None = None,
        capture: DataCapture | None = None,
        shadow: InstanceVariant | None = None,
        endpoint_name: str | None = None,
    ) -> None:
        super().__init__(scope, construct_id, physical_name=endpoint_name)
        with located(self):
            require_types(
                cdk.Stack.of(self).region, "AWS::SageMaker::EndpointConfig", "AWS::SageMaker::Endpoint"
            )
        self.endpoint_name: str = (
            generated_name(self)
            if endpoint_name is None
            else checked_name(self, "endpoint_name", endpoint_name)
        )
        self.owner = owner
        self.lifetime = lifetime
        self.capture = capture
        self._variants = tuple(variants)
        self._kind = self._kind_of(asynchronous)
        self._check(owner)
        check_kind(
            self,
            variants,
            shadow,
            asynchronous=asynchronous is not None,
            captured=capture is not None,
            update=update,
        )
        scaled = [
            (variant.name, variant.scaling)
            for variant in variants
            if isinstance(variant, InstanceVariant) and variant.scaling is not None
        ]
        config, self.instance_role = make_config(
            self,
            variants=variants,
            key=key,
            asynchronous=asynchronous,
            capture=capture,
            shadow=shadow,
            update=update,
        )
        self._resource = sagemaker.CfnEndpoint(
            self,
            "Resource",
            endpoint_name=self.endpoint_name,
            endpoint_config_name=config.attr_endpoint_config_name,
            deployment_config=None if update is None else update.config,
            # An update must not undo what the scaling has just decided; weights are ours to decide.
            retain_all_variant_properties=True if scaled else None,
            exclude_retained_variant_properties=[_retain_not("DesiredWeight")] if scaled else None,
        )
        for name, value in (lifetime.tags(owner) | self._shape()).items():
            cdk.Tags.of(self._resource).add(name, value)
        scaling = Construct(self, "Scaling")
        for name, wanted in scaled:
            VariantScaling(scaling, name, endpoint=self._resource, variant_name=name, wanted=wanted)

    @property
    def endpoint_ref(self) -> refs.EndpointReference:
        """What other constructs take as `IEndpointRef`."""
        return self._resource.endpoint_ref

    @property
    def endpoint_arn(self) -> str:
        """Its ARN."""
        return self.endpoint_ref.endpoint_arn

    @property
    def made_name(self) -> str:
        """Its name once it is made: what refers to it by this is made after it, and deleted before."""
        return self._resource.attr_endpoint_name

    @property
    def grants(self) -> EndpointGrants:
        """Permissions on this endpoint."""
        return EndpointGrants.from_endpoint(self)

    def metrics(self, variant_name: str | None = None) -> EndpointMetrics:
        """What CloudWatch knows about a variant.

        Args:
            variant_name: The variant. Defaults to the first.

        Raises:
            InvalidInput: There is no such variant.

        """
        names = [variant.name for variant in self._variants]
        if variant_name is not None and variant_name not in names:
            raise InvalidInput(
                "VariantName",
                f"there is no variant {variant_name!r}, known are: {', '.join(names)}",
                scope=self,
            )
        return EndpointMetrics(self.endpoint_name, names[0] if variant_name is None else variant_name)

    def metric_invocations(self, variant_name: str | None = None) -> cloudwatch.Metric:
        """Requests in a minute."""
        return self.metrics(variant_name).invocations()

    def metric_server_errors(self, variant_name: str | None = None) -> cloudwatch.Metric:
        """Requests in a minute that were answered with 5xx."""
        return self.metrics(variant_name).server_errors()

    def metric_model_latency(self, variant_name: str | None = None) -> cloudwatch.Metric:
        """How long the container took for nine of ten requests, in microseconds."""
        return self.metrics(variant_name).model_latency()

    def _shape(self) -> dict[str, str]:
        """What saves whoever sweeps a look at each endpoint."""
        names = " ".join(variant.name for variant in self._variants)
        return {KIND_TAG: self._kind} | ({VARIANTS_TAG: names} if len(names) <= _TAG_LONGEST else {})

    def _kind_of(self, asynchronous: AsyncInference | None) -> str:
        if asynchronous is not None:
            return "async"
        kinds = {ServerlessVariant: "serverless", SharedInstances: "components"}
        return next((kinds[type(one)] for one in self._variants if type(one) in kinds), "real_time")

    def _check(self, owner: str) -> None:
        names = [variant.name for variant in self._variants]
        if not 1 <= len(names) <= limits.VARIANTS_MAX:
            raise InvalidInput(
                "EndpointVariants",
                f"1-{limits.VARIANTS_MAX} variants are possible, got {len(names)}",
                scope=self,
            )
        if len(set(names)) < len(names):
            raise InvalidInput(
                "EndpointVariants",
                f"each variant needs a name of its own, got {', '.join(names)}",
                scope=self,
            )
        if len(names) > 1 and any(isinstance(variant, ServerlessVariant) for variant in self._variants):
            raise InvalidInput(
                "EndpointVariants", "a serverless variant must be the only one of its endpoint", scope=self
            )
        if not cdk.Token.is_unresolved(owner) and _OWNER.fullmatch(owner) is None:
            raise InvalidInput(
                "EndpointOwner",
                f"owner must be 1-256 letters, digits, spaces or _.:/=+-@, got {owner!r}",
                scope=self,
            )


def _retain_not(kind: str) -> sagemaker.CfnEndpoint.VariantPropertyProperty:
    return sagemaker.CfnEndpoint.VariantPropertyProperty(variant_property_type=kind)


@jsii.implements(refs.IEndpointRef)
class _ImportedEndpoint(cdk.Resource):
    """An endpoint that somebody else owns."""

    def __init__(self, scope: Construct, construct_id: str, endpoint_arn: str) -> None:
        super().__init__(scope, construct_id)
        self._reference = refs.EndpointReference(endpoint_arn=endpoint_arn)

    @property
    def endpoint_ref(self) -> refs.EndpointReference:
        """What other constructs take as `IEndpointRef`."""
        return self._reference
