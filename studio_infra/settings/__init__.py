"""Settings (TOML) and roster (CSV), read into checked values. No CDK here.

``load_settings`` is the door, ``StudioSettings`` the result, ``InvalidSettings`` everything that is wrong.
"""

from __future__ import annotations

from studio_infra.settings.findings import Finding, InvalidSettings
from studio_infra.settings.reading.loader import load_settings
from studio_infra.settings.roster.person import Person
from studio_infra.settings.sections.access import AccessSettings
from studio_infra.settings.sections.aws import AwsSettings
from studio_infra.settings.sections.domain import DomainSettings
from studio_infra.settings.sections.endpoints.endpoint import EndpointSettings
from studio_infra.settings.sections.files import FilesSettings
from studio_infra.settings.sections.git import CustomGitHost, GitSettings
from studio_infra.settings.sections.idle import IdleSettings
from studio_infra.settings.sections.operations import AlarmSettings, OperationsSettings
from studio_infra.settings.sections.people import PeopleSettings
from studio_infra.settings.sections.teams import TeamSettings
from studio_infra.settings.sections.tracking import TrackingSettings
from studio_infra.settings.sections.workloads import TrainingSettings
from studio_infra.settings.studio_settings import StudioSettings

__all__ = [
    "AccessSettings",
    "AlarmSettings",
    "AwsSettings",
    "CustomGitHost",
    "DomainSettings",
    "EndpointSettings",
    "FilesSettings",
    "Finding",
    "GitSettings",
    "IdleSettings",
    "InvalidSettings",
    "OperationsSettings",
    "PeopleSettings",
    "Person",
    "StudioSettings",
    "TeamSettings",
    "TrackingSettings",
    "TrainingSettings",
    "load_settings",
]
