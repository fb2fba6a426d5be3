"""What people do in the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from studio_infra.settings.facts.vpc_endpoints import DEFAULT_FEATURES, Feature

if TYPE_CHECKING:
    from collections.abc import Mapping

    from studio_infra.settings.studio_settings import SettingsFile

#: What finds a file system; S3 is always in reach.
_OF_FILES: Final = {"efs": Feature.FILE_SYSTEMS, "lustre": Feature.LUSTRE}


def features_in_use(settings: SettingsFile) -> frozenset[Feature]:
    """What people do in the network: what `[network]` names, and what other sections cannot do without."""
    return features_of(
        settings.network,
        settings.git,
        settings.domain,
        settings.people,
        settings.files,
        access=settings.access,
    )


def features_of(
    network: object,
    git: object,
    domain: object,
    people: object,
    files: Mapping[str, object],
    *,
    access: object,
) -> frozenset[Feature]:
    """The same of sections that may lack fields."""
    found = {*DEFAULT_FEATURES, *(Feature(name) for name in getattr(network, "features", ()))}
    if getattr(git, "key_store", None) == "secret":
        found.add(Feature.SECRETS)
    if getattr(git, "codecommit", ()):
        found.add(Feature.CODE_COMMIT)
    if getattr(domain, "docker", False):
        found.add(Feature.CONTAINERS)
    if getattr(people, "remote_access", False):
        found.add(Feature.REMOTE_IDE)
    if getattr(access, "projects_portfolio", None) is not None:
        found.add(Feature.PROJECTS)
    found.update(
        _OF_FILES[kind] for one in files.values() if (kind := getattr(one, "kind", None)) in _OF_FILES
    )
    return frozenset(found)
