"""Puts our services and types into MiniStack, before it starts."""

from __future__ import annotations

import importlib
from typing import Final

from studio_infra.rehearsal.emulator import autoscaling, hooks
from studio_infra.rehearsal.emulator.cfn import (
    backup,
    ipv6,
    monitoring,
    network,
    patches,
    registry,
    sagemaker,
    scaling,
    state_only,
)
from studio_infra.rehearsal.emulator.hooks import authorization, contract, services, sessions
from studio_infra.rehearsal.emulator.hooks import cloudformation as engine
from studio_infra.rehearsal.emulator.hooks import network as hooks_network
from studio_infra.rehearsal.emulator.service import api, permissions, tags

_BEHAVIOURS: Final = (
    "domain",
    "people",
    "endpoint",
    "endpoint_config",
    "inference_component",
    "jobs",
    "catalogue",
)


def install() -> None:
    """Register everything. What is registered first is not taken over by what comes later."""
    contract.check()
    if (problem := registry.check()) is not None:
        raise SystemExit(problem)
    for name in _BEHAVIOURS:
        importlib.import_module(f"studio_infra.rehearsal.emulator.behaviour.{name}")
    hooks.register_service(
        "sagemaker", target_prefix="SageMaker", scope="sagemaker", handler=api.handle_request, state=api
    )
    hooks.register_service(
        "application-autoscaling",
        target_prefix="AnyScaleFrontendService",
        scope="application-autoscaling",
        handler=autoscaling.handle_request,
        state=autoscaling,
    )
    services.show_tags("sagemaker", tags.tagged)
    for family in (sagemaker, network, scaling, monitoring, backup, state_only):
        family.register()
    patches.apply()
    ipv6.register()
    patches.classify()
    engine.let_slow_types_wait()
    authorization.authorize(
        "sagemaker", models=("sagemaker", "sagemaker-runtime"), resolver=permissions.needed
    )
    authorization.name_file_systems(hooks_network.file_system_of)
    authorization.know_the_vpc(hooks_network.vpc_of)
    authorization.understand_policy_variables()
    sessions.remember_source_identities()
