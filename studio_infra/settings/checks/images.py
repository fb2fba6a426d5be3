"""Images against the apps and the idle engine of the domain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio_infra.settings.findings import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio_infra.settings.checks.draft import Draft


def images_that_do_not_fit(draft: Draft) -> Iterator[Problem]:
    """Images for apps that the domain does not offer, or that Studio would never see idle."""
    offered = getattr(draft.domain, "apps", None)
    engine = getattr(draft.idle_shutdown, "engine", None)
    for name, image in draft.images.items():
        apps = getattr(image, "apps", None)
        if apps and offered and not set(apps) & set(offered):
            allowed = f"use {' or '.join(offered)}, or add the app to domain.apps"
            yield Problem(("images", name, "apps"), "none of them is offered by the domain", allowed, apps)
        if engine not in {None, "watcher"} and getattr(image, "idle_extension", True) is False:
            yield Problem(
                ("images", name, "idle_extension"),
                f'engine "{engine}" never sees its apps idle',
                "install jupyter-activity-monitor-extension 0.3.1 or newer and say true, or let "
                'idle_shutdown.engine be "watcher"',
                False,
            )
