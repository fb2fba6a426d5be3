"""Experiment tracking: MLflow of a team."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from studio_infra.settings.fields.base import Section
from studio_infra.settings.fields.texts import TeamName, UserName
from studio_infra.settings.findings import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

TrackingKind = Literal["serverless", "server"]
TrackingSize = Literal["Small", "Medium", "Large"]


class TrackingSettings(Section):
    """`[tracking.NAME]`: MLflow for a team, in its folder of the artifact bucket."""

    team: TeamName
    """Team whose people and jobs use it."""

    kind: TrackingKind = "serverless"
    """A serverless app, for which nothing runs while nobody logs; or a server, which costs money every hour until it is
    stopped."""

    owner: UserName | None = None
    """Person of the roster who is asked about a server. Needed for one."""

    size: TrackingSize | None = None
    """Size of a server. Left out, the smallest."""

    register_models: bool = False
    """Whether models that MLflow registers are copied into SageMaker's registry."""

    def checks(self) -> tuple[Iterator[Problem], ...]:
        """A server that could be forgotten, and what only a server has."""
        return (self._server(),)

    def _server(self) -> Iterator[Problem]:
        if self.kind == "server":
            if self.owner is None:
                yield Problem(("owner",), "missing", "name the person who is asked about the server")
            return
        for field in ("owner", "size"):
            value = getattr(self, field)
            if value is not None:
                yield Problem((field,), "is for servers", 'leave it out, or say kind = "server"', value)
