"""Everything that a platform engineer decides, as checked values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated

from annotated_types import MaxLen, MinLen

from studio_infra.settings.checks.consistency import contradictions
from studio_infra.settings.checks.draft import Draft
from studio_infra.settings.fields.base import Section
from studio_infra.settings.fields.texts import Prefix, TeamName, WorkloadName
from studio_infra.settings.roster.collisions import RosterRow
from studio_infra.settings.roster.person import Person
from studio_infra.settings.roster.seats import over_full_stacks
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
from studio_infra.settings.sections.tags import TAGS_MAX, TagKey, TagValue
from studio_infra.settings.sections.teams import TeamSettings
from studio_infra.settings.sections.tracking import TrackingSettings
from studio_infra.settings.sections.workloads import TrainingSettings

if TYPE_CHECKING:
    from studio_infra.settings.findings import Problem


class SettingsFile(Section):
    """Settings of a SageMaker Studio domain, its people and its workloads, as they stand in a TOML file."""

    name: Prefix
    """Prefix of every stack and parameter. Changing it makes everything anew."""

    aws: AwsSettings = AwsSettings()
    """Account and region."""

    domain: DomainSettings
    """The Studio domain and its network."""

    network: NetworkSettings = NetworkSettings()
    """What must be reachable, and the VPC."""

    access: AccessSettings = AccessSettings()
    """Execution roles, and who is let in."""

    git: GitSettings = GitSettings()
    """Git over SSH."""

    idle_shutdown: IdleSettings = IdleSettings()
    """When an app that nobody uses stops."""

    teams: Annotated[Mapping[TeamName, TeamSettings], MinLen(1)]
    """Teams, by name."""

    people: PeopleSettings
    """The roster, and what everybody in it gets."""

    files: Mapping[WorkloadName, FilesSettings] = {}
    """File systems besides people's homes, by name."""

    images: Mapping[WorkloadName, ImageSettings] = {}
    """Images of one's own in Studio's launcher, by name."""

    training: Mapping[WorkloadName, TrainingSettings] = {}
    """Training pipelines, by name."""

    endpoints: Mapping[WorkloadName, EndpointSettings] = {}
    """Endpoints, by name."""

    tracking: Mapping[WorkloadName, TrackingSettings] = {}
    """Experiment tracking, by name."""

    operations: OperationsSettings = OperationsSettings()
    """What keeps watch over money and machines."""

    tags: Annotated[Mapping[TagKey, TagValue], MaxLen(TAGS_MAX)] = {}
    """Tags for everything that is deployed."""


class StudioSettings(SettingsFile):
    """Settings and roster together: what the stacks are made from.

    ``load_settings`` reads them from files; in Python they are made like any pydantic model.
    """

    roster: Annotated[tuple[Person, ...], MinLen(1)]
    """The people, in the order of their file."""

    def checks(self) -> tuple[Iterator[Problem], ...]:
        """What does not fit together between the sections."""
        draft = self._draft()
        return contradictions(draft), over_full_stacks(draft)

    def _draft(self) -> Draft:
        """What the checks between sections look at: here all of it is right by itself."""
        rows = [
            RosterRow({name: str(value) for name, value in dict(person).items() if value is not None}, person)
            for person in self.roster
        ]
        return Draft(
            aws=self.aws,
            domain=self.domain,
            network=self.network,
            access=self.access,
            git=self.git,
            idle_shutdown=self.idle_shutdown,
            operations=self.operations,
            teams=self.teams,
            people=self.people,
            files=self.files,
            images=self.images,
            training=self.training,
            endpoints=self.endpoints,
            tracking=self.tracking,
            roster=rows,
        )

    def default_instance_type(self, team: str) -> str:
        """The instance type that a team's app gets when nobody chooses one."""
        own = self.teams[team].default_instance_type
        return own if own is not None else self.domain.default_instance_type

    def idle_after_minutes(self, team: str) -> int:
        """The minutes without activity after which a team's app stops."""
        own = self.teams[team].idle_after_minutes
        return own if own is not None else self.idle_shutdown.after_minutes

    def space_sizes(self, team: str) -> tuple[int, int]:
        """The size in GB that a new space of a team's member gets, and the largest that they can choose."""
        own = self.teams[team]
        most = own.max_ebs_gb if own.max_ebs_gb is not None else self.domain.space_ebs_max_gb
        usual = own.default_ebs_gb if own.default_ebs_gb is not None else min(self.domain.space_ebs_gb, most)
        return usual, most

    def files_of(self, team: str) -> dict[str, FilesSettings]:
        """The file systems that a team gets, by name."""
        return {name: files for name, files in self.files.items() if files.is_for(team)}

    @property
    def own_idle_limits(self) -> tuple[int, ...]:
        """The different limits, in minutes, that people have of their own."""
        own = {person.idle_after_minutes for person in self.roster}
        return tuple(sorted(minutes for minutes in own if minutes is not None))
