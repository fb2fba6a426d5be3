"""The configuration of an endpoint: what answers, on what, and where its answers and its requests are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from studio_infra.workloads.endpoints.kinds.shared_instances import SharedInstances
from studio_infra.workloads.endpoints.model import Model
from studio_infra.workloads.endpoints.variants import InstanceVariant, Variant
from studio_infra.workloads.permissions import for_alarms, for_container, for_data, for_key
from studio_infra.workloads.policy_files import Permissions
from studio_infra.workloads.roles import sagemaker_role
from studio_infra.workloads.vpc_placement import placement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_kms as kms

    from studio_infra.workloads.endpoints.data_capture import DataCapture
    from studio_infra.workloads.endpoints.endpoint_update import EndpointUpdate
    from studio_infra.workloads.endpoints.kinds.asynchronous import AsyncInference
    from studio_infra.workloads.endpoints.variants import ServerlessVariant
    from studio_infra.workloads.vpc_placement import VpcPlacement

    Variants = Sequence[InstanceVariant | ServerlessVariant | SharedInstances]

#: Part of the public contract: people acknowledge it by this name.
OWN_DISKS_WARNING: Final = "studio-infra:ModelEndpoint.keyRefusedByOwnDisks"


def make_config(
    scope: Construct,
    *,
    variants: Variants,
    key: kms.IKey,
    asynchronous: AsyncInference | None,
    capture: DataCapture | None,
    shadow: InstanceVariant | None,
    update: EndpointUpdate | None,
) -> tuple[sagemaker.CfnEndpointConfig, iam.IRole | None]:
    """Make the configuration, and let the models' roles do what it asks of them.

    Returns:
        The configuration, and the role of its instances where models come as components.

    """
    alarms = for_alarms(() if update is None else update.rollback_on)
    shared = next((one for one in variants if isinstance(one, SharedInstances)), None)
    network = (
        placement(scope, vpc=shared.vpc, subnets=shared.subnets, security_groups=shared.security_groups)
        if shared is not None
        else None
    )
    role = None if network is None else _role(scope, key, network, alarms)
    config = sagemaker.CfnEndpointConfig(
        scope,
        "Config",
        production_variants=[variant.to_property() for variant in variants],
        shadow_production_variants=None if shadow is None else [shadow.to_property()],
        kms_key_id=_volume_key(scope, variants, key),
        async_inference_config=None if asynchronous is None else asynchronous.to_property(),
        data_capture_config=None if capture is None else capture.to_property(),
        execution_role_arn=None if role is None else role.role_arn,
        vpc_config=(
            sagemaker.CfnEndpointConfig.VpcConfigProperty(
                subnets=list(network.subnet_ids), security_group_ids=list(network.security_group_ids)
            )
            if network is not None
            else None
        ),
        enable_network_isolation=None if shared is None else shared.network_isolation,
    )
    models = [one.model for one in (*variants, *([shadow] if shadow else [])) if isinstance(one, Variant)]
    roles = {one.role.node.addr: one.role for one in models if isinstance(one, Model)}
    kept = _needs(cdk.Stack.of(scope), asynchronous, capture)
    what = "Where models put what an endpoint keeps" if kept.statements else "Alarms that send an update back"
    _allow(scope, config, list(roles.values()), kept + alarms, description=what)
    return config, role


def _role(scope: Construct, key: kms.IKey, network: VpcPlacement, alarms: Permissions) -> iam.Role:
    """What the shared instances do; what a model needs besides stands in the model's role."""
    needs = for_container(
        cdk.Stack.of(scope),
        logs=["Endpoints", "InferenceComponents"],
        subnet_ids=network.subnet_ids,
        security_group_ids=network.security_group_ids,
        key_arn=key.key_arn,
    )
    return sagemaker_role(
        scope, "Role", needs + alarms, description="Instances that inference components share"
    )


def _allow(
    scope: Construct,
    config: sagemaker.CfnEndpointConfig,
    roles: Sequence[iam.IRole],
    needs: Permissions,
    *,
    description: str,
) -> None:
    """Let the roles of our own models do what the endpoint asks of them beside answering."""
    if roles and needs.statements:
        policies = Construct(scope, "Policies")
        names = [role.role_name for role in roles]
        needs.policies(policies, description=description, roles=names)
        config.node.add_dependency(policies)


def _needs(stack: cdk.Stack, asynchronous: AsyncInference | None, capture: DataCapture | None) -> Permissions:
    """To put answers and captured requests where they belong."""
    needs = Permissions()
    if asynchronous is not None:
        needs += for_data(stack, written=asynchronous.written).numbered(1)
        needs += asynchronous.permissions() + for_key(asynchronous.key.key_arn).numbered(1)
    if capture is not None:
        needs += for_data(stack, written=[capture.place]).numbered(2)
        needs += for_key(capture.key.key_arn).numbered(2)
    return needs


def _volume_key(scope: Construct, variants: Variants, key: kms.IKey) -> str | None:
    instances = [variant for variant in variants if isinstance(variant, InstanceVariant | SharedInstances)]
    local = [variant.name for variant in instances if variant.has_own_disks]
    if local and len(local) < len(instances):
        cdk.Validations.of(scope).add_warning(
            OWN_DISKS_WARNING,
            f"{', '.join(local)} has disks of its own: the service refuses the key for all variants, "
            "and encrypts the others' volumes with a key of its own; use an endpoint for each",
        )
    return None if local else key.key_arn
