"""Which column of an export is which field of the roster."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from studio_infra.settings.findings import Finding, InvalidSettings, did_you_mean, show
from studio_infra.settings.sections.identity_provider import ExportColumns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from studio_infra.settings.importing.export import Export, Record

FIELDS: Final = tuple(ExportColumns.model_fields)
#: Headers that need no mapping, without case and signs; several in a row are put together. The first that is there.
_CALLED: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "email": (("mail",), ("email",), ("emailaddress",), ("primaryemail",)),
    "sso_user_name": (("userprincipalname",), ("login",), ("username",)),
    "full_name": (
        ("displayname",),
        ("fullname",),
        ("givenname", "surname"),
        ("givenname", "familyname"),
        ("firstname", "lastname"),
    ),
}
_SIGNS: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Mapped:
    """Where each field of the roster stands in an export."""

    places: Mapping[str, tuple[int, ...]]

    def value(self, record: Record, field: str) -> str:
        """A field of a record; empty where the export does not have it."""
        return " ".join(
            cell for place in self.places.get(field, ()) if (cell := " ".join(record.cells[place].split()))
        )


def map_columns(export: Export, wanted: Mapping[str, Sequence[str]]) -> Mapped:
    """Find the columns of an export.

    Args:
        export: The export.
        wanted: Headers by field of the roster. Fields that are left out are looked for under usual headers.

    Raises:
        InvalidSettings: A column is not there or there twice, or there is none for a field that everybody needs.

    """
    findings: list[Finding] = []
    places: dict[str, tuple[int, ...]] = {}
    for field, headers in wanted.items():
        found = [_place(export, field, header, findings) for header in headers]
        if found and None not in found:
            places[field] = tuple(place for place in found if place is not None)
    plain = [_SIGNS.sub("", header.casefold()) for header in export.headers]
    for field, ways in _CALLED.items():
        if wanted.get(field):
            continue
        if way := next((way for way in ways if all(plain.count(name) == 1 for name in way)), None):
            places[field] = tuple(plain.index(name) for name in way)
    missing = [field for field in ("full_name", "email") if field not in places and not wanted.get(field)]
    for field in missing:
        message = f"no column is called like it, name it with --map {field}=HEADER"
        findings.append(export.finding(1, field, f"{message}, the headers are {_listed(export.headers)}"))
    if findings:
        raise InvalidSettings(findings)
    source = places.get("sso_user_name") or places["email"]
    return Mapped({**places, "user_name": places.get("user_name") or source})


def _place(export: Export, field: str, header: str, findings: list[Finding]) -> int | None:
    """The place of a header, exactly as it is written or else in upper and lower case."""
    for same in (str, str.casefold):
        found = [place for place, one in enumerate(export.headers) if same(one) == same(header)]
        if len(found) == 1:
            return found[0]
        if found:
            findings.append(export.finding(1, field, f"{len(found)} columns are called {show(header)}"))
            return None
    hint = did_you_mean(header, export.headers)
    message = f"no column {show(header)}, the headers are {_listed(export.headers)}{hint}"
    findings.append(export.finding(1, field, message))
    return None


def _listed(headers: Sequence[str]) -> str:
    most = 12
    more = f" and {len(headers) - most} more" if len(headers) > most else ""
    return f"{', '.join(map(show, headers[:most]))}{more}"
