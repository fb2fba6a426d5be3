"""Checking the sections of a settings file: a mistake in one does not hide those in another."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, ValidationError, create_model

from studio_infra.settings.checks.draft import Draft
from studio_infra.settings.fields.base import Section
from studio_infra.settings.fields.partial import known, problems_of
from studio_infra.settings.reading.explain import explain
from studio_infra.settings.sections.endpoints.endpoint import EndpointSettings
from studio_infra.settings.sections.files import FilesSettings
from studio_infra.settings.sections.images import ImageSettings
from studio_infra.settings.sections.teams import TeamSettings
from studio_infra.settings.sections.tracking import TrackingSettings
from studio_infra.settings.sections.workloads import TrainingSettings
from studio_infra.settings.studio_settings import SettingsFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from studio_infra.settings.findings import Path, Problem
    from studio_infra.settings.roster.collisions import RosterRow
    from studio_infra.settings.sections.people import PeopleSettings

#: Sections that hold one table for each name.
_NAMED: Final[Mapping[str, type[Section]]] = {
    "teams": TeamSettings,
    "files": FilesSettings,
    "images": ImageSettings,
    "training": TrainingSettings,
    "endpoints": EndpointSettings,
    "tracking": TrackingSettings,
}


@dataclass
class Sections:
    """A settings file, section by section."""

    values: dict[str, Any]
    problems: list[Problem]
    parts: dict[str, Any] = field(default_factory=dict)

    @property
    def roster(self) -> str | None:
        """The roster's path, where the file names one."""
        people: PeopleSettings = self.parts["people"]
        return known(lambda: people.roster)

    def draft(self, roster: Sequence[RosterRow], *, roster_goes_on: bool) -> Draft:
        """What can be compared with each other."""
        return Draft(**self.parts, roster=roster, roster_goes_on=roster_goes_on)


def read_sections(document: Mapping[str, Any]) -> Sections:
    """Everything that is right and everything that is wrong about the sections themselves."""
    problems: list[Problem] = []
    values: dict[str, Any] = {}
    try:
        values = dict(SettingsFile.model_validate(document))
    except ValidationError as error:
        problems += explain(error, SettingsFile)
    wrong = {problem.path for problem in problems}
    sections = Sections(values, problems)
    for name, info in SettingsFile.model_fields.items():
        raw = document.get(name)
        if name in _NAMED:
            tables = raw.items() if isinstance(raw, dict) else ()
            entries = {key: (_NAMED[name], (name, key), table) for key, table in tables}
            sections.parts[name] = {key: _partial(*entry, wrong, problems) for key, entry in entries.items()}
        elif isinstance(info.annotation, type) and issubclass(info.annotation, Section):
            raw = {} if name not in document and not info.is_required() else raw
            sections.parts[name] = _partial(info.annotation, (name,), raw, wrong, problems)
    return sections


def _partial(
    model: type[Section], place: Path, raw: object, wrong: set[Path], problems: list[Problem]
) -> Section:
    """A section without the fields that are wrong; contradictions in the rest join the problems."""
    table = raw if isinstance(raw, dict) else {}
    bad = {path[len(place)] for path in wrong if path[: len(place)] == place and len(path) > len(place)}
    good = {name: value for name, value in table.items() if name not in bad}
    try:
        section = model.model_validate(good)
    except ValidationError:
        values = _values(model, good)
        section = model.model_construct(**values)
        bad |= good.keys() - values.keys()
    for name in bad if isinstance(raw, dict) else model.model_fields:
        vars(section).pop(str(name), None)
    if bad:
        problems += _contradictions(section, place, bad)
    return section


def _values(model: type[Section], table: Mapping[str, Any]) -> dict[str, Any]:
    """The values of fields that are right by themselves, of a section that is not right without the others."""
    try:
        read = _loose(model).model_validate(table)
    except ValidationError:  # more mistakes than are listed
        return {}
    return {name: getattr(read, name) for name in read.model_fields_set}


@cache
def _loose(model: type[Section]) -> type[BaseModel]:
    """The same fields, of which none is needed and none is held against another."""
    fields: dict[str, Any] = {
        name: (info.rebuild_annotation(), None) for name, info in model.model_fields.items()
    }
    return create_model(model.__name__, __config__=Section.model_config, **fields)


def _contradictions(section: Section, place: Path, bad: set[Any]) -> Iterator[Problem]:
    """What the checks say that need none of the fields that are wrong."""
    for problem in problems_of(section.checks()):
        if problem.path[0] not in bad:
            yield replace(problem, path=(*place, *problem.path))
