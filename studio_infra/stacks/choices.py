"""What settings choose on purpose, said to the guardrails: a choice is no accident, and a reviewer reads of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from studio_infra.guardrails.acknowledge import acknowledge_guardrail

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio_infra.settings import StudioSettings
    from studio_infra.stacks.studio_stacks import StudioStacks

_IDLE: Final = ("STUDIO_IDLE_CODE_EDITOR", "STUDIO_IDLE_JUPYTERLAB", "STUDIO_IDLE_SHARED_SPACES")
_CLASSIC: Final = {"JupyterServer", "KernelGateway"}


def acknowledge_choices(stacks: StudioStacks, settings: StudioSettings) -> None:
    """Acknowledge the guardrails that settings do not follow because somebody chose so."""
    for stack in (stacks.studio, *stacks.users):
        for rule, reason in _of_everybody(settings):
            acknowledge_guardrail(stack, rule, reason)
    for rule, reason in _of_studio(settings):
        acknowledge_guardrail(stacks.studio, rule, reason)
    if stacks.workloads is not None:
        for name, endpoint in settings.endpoints.items():
            if endpoint.min_instances == 1:
                reason = f"endpoints.{name}.min_instances is 1: cheaper, and away while its one machine is"
                acknowledge_guardrail(
                    stacks.workloads.endpoints[name], "STUDIO_ENDPOINT_TWO_INSTANCES", reason
                )


def _of_everybody(settings: StudioSettings) -> Iterator[tuple[str, str]]:
    if settings.domain.removal == "destroy":
        yield "STUDIO_DATA_RETAINED", 'domain.removal is "destroy": a Studio to throw away'
    if classic := sorted(_CLASSIC & set(settings.domain.apps)):
        yield (
            "STUDIO_NO_CLASSIC_APPS",
            f"domain.apps names {', '.join(classic)}, which this domain still runs",
        )


def _of_studio(settings: StudioSettings) -> Iterator[tuple[str, str]]:
    access, domain = settings.access, settings.domain
    if domain.network == "PublicInternetOnly":
        yield "STUDIO_DOMAIN_VPC_ONLY", 'domain.network is "PublicInternetOnly": apps use AWS\'s own way out'
    if access.role_sharing == "per_person":
        why = 'access.role_sharing is "per_person": the role itself says who acts'
        yield "STUDIO_DOMAIN_SOURCE_IDENTITY", why
    if not access.security_group_per_person:
        why = "access.security_group_per_person is false: who is in the VPC's Studio group is trusted"
        yield "STUDIO_PEOPLE_APART", why
    if settings.idle_shutdown.engine == "watcher":
        for rule in _IDLE:
            yield rule, 'idle_shutdown.engine is "watcher": a process in each app stops it'
