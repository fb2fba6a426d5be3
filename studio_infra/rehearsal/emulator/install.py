"""Puts our services and types into MiniStack, before it starts."""

from __future__ import annotations

import importlib

from studio_infra.rehearsal.emulator import api, hooks
from studio_infra.rehearsal.emulator.cfn import sagemaker
from studio_infra.rehearsal.emulator.hooks import cloudformation as engine

_BEHAVIOURS = ("domain", "people", "endpoint", "jobs", "catalogue")


def install() -> None:
    """Register everything."""
    for name in _BEHAVIOURS:
        importlib.import_module(f"studio_infra.rehearsal.emulator.behaviour.{name}")
    hooks.register_service(
        "sagemaker", target_prefix="SageMaker", scope="sagemaker", handler=api.handle_request, state=api
    )
    sagemaker.register()
    engine.let_slow_types_wait()
