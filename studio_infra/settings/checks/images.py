"""Images against the apps and the idle engine of the domain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio_infra.settings.findings import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio_infra.settings.checks.draft import Checks, Draft
    from studio_infra.settings.sections.images import ImageSettings


def image_checks(draft: Draft) -> Checks:
    """Images for apps that the domain does not offer, or that Studio would never see idle."""
    for name, image in draft.images.items():
        yield _not_offered(draft, name, image)
        yield _never_seen_idle(draft, name, image)


def _not_offered(draft: Draft, name: str, image: ImageSettings) -> Iterator[Problem]:
    apps, offered = image.apps, draft.domain.apps
    if not set(apps) & set(offered):
        allowed = f"use {' or '.join(offered)}, or add the app to domain.apps"
        yield Problem(("images", name, "apps"), "none of them is offered by the domain", allowed, apps)


def _never_seen_idle(draft: Draft, name: str, image: ImageSettings) -> Iterator[Problem]:
    engine = draft.idle_shutdown.engine
    if engine != "watcher" and not image.idle_extension:
        yield Problem(
            ("images", name, "idle_extension"),
            f'engine "{engine}" never sees its apps idle',
            "install jupyter-activity-monitor-extension 0.3.1 or newer and say true, or let "
            'idle_shutdown.engine be "watcher"',
            False,
        )
