"""Settings (TOML) and roster (CSV), read into checked values. No CDK here.

``load_settings`` is the door, ``StudioSettings`` the result, ``InvalidSettings`` everything that is wrong.
"""

from __future__ import annotations

from studio_infra.settings.access import AccessSettings
from studio_infra.settings.aws import AwsSettings
from studio_infra.settings.domain import DomainSettings
from studio_infra.settings.endpoints import EndpointSettings
from studio_infra.settings.findings import Finding, InvalidSettings
from studio_infra.settings.git import CustomGitHost, GitSettings
from studio_infra.settings.idle import IdleSettings
from studio_infra.settings.loader import load_settings
from studio_infra.settings.operations import AlarmSettings, OperationsSettings
from studio_infra.settings.people import PeopleSettings
from studio_infra.settings.roster import Person
from studio_infra.settings.studio_settings import StudioSettings
from studio_infra.settings.teams import TeamSettings
from studio_infra.settings.tracking import TrackingSettings
from studio_infra.settings.workloads import TrainingSettings

__all__ = [
    "AccessSettings",
    "AlarmSettings",
    "AwsSettings",
    "CustomGitHost",
    "DomainSettings",
    "EndpointSettings",
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
