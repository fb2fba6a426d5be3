"""The settings as far as they are right by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio_infra.settings.findings import Problem

if TYPE_CHECKING:
    from studio_infra.settings.roster.collisions import RosterRow
    from studio_infra.settings.sections.access import AccessSettings
    from studio_infra.settings.sections.aws import AwsSettings
    from studio_infra.settings.sections.domain import DomainSettings
    from studio_infra.settings.sections.endpoints.endpoint import EndpointSettings
    from studio_infra.settings.sections.files import FilesSettings
    from studio_infra.settings.sections.git import GitSettings
    from studio_infra.settings.sections.idle import IdleSettings
    from studio_infra.settings.sections.images import ImageSettings
    from studio_infra.settings.sections.network import NetworkSettings
    from studio_infra.settings.sections.operations import OperationsSettings
    from studio_infra.settings.sections.people import PeopleSettings
    from studio_infra.settings.sections.teams import TeamSettings
    from studio_infra.settings.sections.tracking import TrackingSettings
    from studio_infra.settings.sections.workloads import TrainingSettings

#: Questions to a draft, each for itself: one ends where it asks for a field that is not there.
Checks = Iterator[Iterable[Problem]]


@dataclass(frozen=True, kw_only=True)
class Draft:
    """Sections of the settings, each without the fields that are wrong by themselves: asking for one is `NotThere`."""

    aws: AwsSettings
    domain: DomainSettings
    network: NetworkSettings
    access: AccessSettings
    git: GitSettings
    idle_shutdown: IdleSettings
    operations: OperationsSettings
    people: PeopleSettings
    teams: Mapping[str, TeamSettings]
    files: Mapping[str, FilesSettings]
    images: Mapping[str, ImageSettings]
    training: Mapping[str, TrainingSettings]
    endpoints: Mapping[str, EndpointSettings]
    tracking: Mapping[str, TrackingSettings]
    roster: Sequence[RosterRow]
    #: Whether the roster has more people, on lines that could not be read.
    roster_goes_on: bool = False
