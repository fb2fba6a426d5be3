"""One ordinary week in the roster: one person joins, one leaves, one changes team."""

from __future__ import annotations

import csv
import io
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from studio_infra.rehearsal.errors import RehearsalError

if TYPE_CHECKING:
    from pathlib import Path

    from studio_infra.settings import Person, StudioSettings

_JOINER: Final = "rehearsal-joiner"


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterEdit:
    """Who joins, who leaves, and who moves to which team; `None` where the settings leave no room for it."""

    joiner: str
    joiner_team: str
    leaver: str | None
    mover: str | None
    mover_team: str | None

    @property
    def touched(self) -> set[str]:
        """User names that the edit is about."""
        return {name for name in (self.joiner, self.leaver, self.mover) if name is not None}

    @classmethod
    def of(cls, settings: StudioSettings) -> RosterEdit:
        """Choose from `settings`: nobody who owns an endpoint leaves."""
        owners = {endpoint.owner for endpoint in settings.endpoints.values()}
        free = [person for person in settings.roster if person.user_name not in owners]
        leaver = free[0] if len(settings.roster) > 1 and free else None
        others = [person for person in settings.roster if person is not leaver]
        mover, team = _move(others, list(settings.teams))
        return cls(
            joiner=_unused(_JOINER, {person.user_name.lower() for person in settings.roster}),
            joiner_team=settings.roster[0].team,
            leaver=leaver.user_name if leaver is not None else None,
            mover=mover,
            mover_team=team,
        )

    def write(self, settings_file: Path, settings: StudioSettings, folder: Path) -> Path:
        """Write settings and edited roster into `folder`, and return the settings' file. The originals stay."""
        folder.mkdir(parents=True, exist_ok=True)
        copy = folder / settings_file.name
        shutil.copyfile(settings_file, copy)
        source = settings_file.parent / settings.people.roster
        target = folder / settings.people.roster
        if not target.resolve().is_relative_to(folder.resolve()):
            raise RehearsalError(
                f"the roster {settings.people.roster!r} must stand beside or below its settings file"
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(self._edited(source.read_text(encoding="utf-8-sig")), encoding="utf-8")
        return copy

    def _edited(self, roster: str) -> str:
        reader = csv.DictReader(io.StringIO(roster))
        fields = [field.strip() for field in reader.fieldnames or []]
        reader.fieldnames = fields
        rows = [row for row in reader if row["user_name"] != self.leaver]
        for row in rows:
            if row["user_name"] == self.mover and self.mover_team is not None:
                row["team"] = self.mover_team
        joiner = {
            "user_name": self.joiner,
            "team": self.joiner_team,
            "full_name": "Rehearsal Joiner",
            "email": f"{self.joiner}@example.com",
            "sso_user_name": f"{self.joiner}@example.com",
        }
        # In front, because a place in the file must not mean anything.
        rows.insert(0, {field: joiner.get(field, "") for field in fields})
        out = io.StringIO()
        writer = csv.DictWriter(out, fields, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return out.getvalue()


def _unused(name: str, taken: set[str]) -> str:
    """`name`, or the first of `name-2`, `name-3`, … that nobody has."""
    candidates = (name, *(f"{name}-{number}" for number in range(2, len(taken) + 3)))
    return next(candidate for candidate in candidates if candidate not in taken)


def _move(people: list[Person], teams: list[str]) -> tuple[str | None, str | None]:
    """The last person who is not the only one, and the next team after theirs."""
    if not people or len(teams) < 2:  # noqa: PLR2004 - a move needs two teams
        return None, None
    person = people[-1]
    return person.user_name, teams[(teams.index(person.team) + 1) % len(teams)]
