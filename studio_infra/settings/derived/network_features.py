"""What people do in the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from studio_infra.settings.facts.vpc_endpoints import DEFAULT_FEATURES, Feature
from studio_infra.settings.fields.partial import known, where

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from studio_infra.settings.sections.access import AccessSettings
    from studio_infra.settings.sections.domain import DomainSettings
    from studio_infra.settings.sections.files import FilesSettings
    from studio_infra.settings.sections.git import GitSettings
    from studio_infra.settings.sections.network import NetworkSettings
    from studio_infra.settings.sections.people import PeopleSettings


class Sections(Protocol):
    """Settings, or a draft of them whose sections may lack fields."""

    @property
    def network(self) -> NetworkSettings:
        """What people say they do."""

    @property
    def git(self) -> GitSettings:
        """Where keys are kept."""

    @property
    def domain(self) -> DomainSettings:
        """Whether it runs containers."""

    @property
    def people(self) -> PeopleSettings:
        """Whether they come from editors outside."""

    @property
    def access(self) -> AccessSettings:
        """Whether teams make projects."""

    @property
    def files(self) -> Mapping[str, FilesSettings]:
        """What is mounted, by name; S3 is always in reach."""


#: What other sections than `[network]` cannot do without.
_SHOWN: Final[Mapping[Feature, Callable[[Sections], bool]]] = {
    Feature.SECRETS: lambda settings: settings.git.key_store == "secret",
    Feature.CODE_COMMIT: lambda settings: bool(settings.git.codecommit),
    Feature.CONTAINERS: lambda settings: settings.domain.docker,
    Feature.REMOTE_IDE: lambda settings: settings.people.remote_access,
    Feature.PROJECTS: lambda settings: settings.access.projects_portfolio is not None,
    Feature.FILE_SYSTEMS: lambda settings: bool(where(settings.files, lambda one: one.kind == "efs")),
    Feature.LUSTRE: lambda settings: bool(where(settings.files, lambda one: one.kind == "lustre")),
}


def features_in_use(settings: Sections) -> frozenset[Feature]:
    """What people do in the network: what `[network]` names, and what other sections cannot do without.

    Of a draft, what is sure: more may be in use.
    """
    named = known(lambda: settings.network.features) or ()
    shown = (feature for feature, is_shown in _SHOWN.items() if known(is_shown, settings))
    return frozenset((*DEFAULT_FEATURES, *map(Feature, named), *shown))
