"""Every fact that an account can tell about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from studio_infra.cli.probe.account.facts import apps, domain, services, trials

if TYPE_CHECKING:
    from studio_infra.cli.probe.record import Fact

FACTS: Final[tuple[Fact, ...]] = (*domain.FACTS, *apps.FACTS, *services.FACTS, *trials.FACTS)
