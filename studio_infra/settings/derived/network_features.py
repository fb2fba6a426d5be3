"""What people do in the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from studio_infra.settings.facts.vpc_endpoints import DEFAULT_FEATURES, Feature

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What finds a file system; S3 is always in reach.
_OF_FILES: Final = {"efs": Feature.FILE_SYSTEMS, "lustre": Feature.LUSTRE}


class Sections(Protocol):
    """Settings, or a draft of them whose sections may lack fields."""

    @property
    def network(self) -> object:
        """What people say they do."""

    @property
    def git(self) -> object:
        """Where keys are kept."""

    @property
    def domain(self) -> object:
        """Whether it runs containers."""

    @property
    def people(self) -> object:
        """Whether they come from editors outside."""

    @property
    def access(self) -> object:
        """Whether teams make projects."""

    @property
    def files(self) -> Mapping[str, object]:
        """What is mounted, by name."""


def features_in_use(settings: Sections) -> frozenset[Feature]:
    """What people do in the network: what `[network]` names, and what other sections cannot do without."""
    found = {*DEFAULT_FEATURES, *(Feature(name) for name in getattr(settings.network, "features", ()))}
    if getattr(settings.git, "key_store", None) == "secret":
        found.add(Feature.SECRETS)
    if getattr(settings.git, "codecommit", ()):
        found.add(Feature.CODE_COMMIT)
    if getattr(settings.domain, "docker", False):
        found.add(Feature.CONTAINERS)
    if getattr(settings.people, "remote_access", False):
        found.add(Feature.REMOTE_IDE)
    if getattr(settings.access, "projects_portfolio", None) is not None:
        found.add(Feature.PROJECTS)
    found.update(
        _OF_FILES[kind]
        for one in settings.files.values()
        if (kind := getattr(one, "kind", None)) in _OF_FILES
    )
    return frozenset(found)
