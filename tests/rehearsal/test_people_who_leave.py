"""People come and go on the embedded AWS: homes stay, access does not."""

from __future__ import annotations

import datetime as dt
import random
from typing import TYPE_CHECKING, Any

from studio_infra.access import role_json
from studio_infra.settings import Person
from studio_infra.studio.domain.user_settings import UserSettings
from studio_infra.studio.people.person import TeamDefaults, logical_id, person_resources

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.rehearsal.conftest import Stacks, Studio

DAY = dt.date(2027, 1, 31)
TEAMS = {
    name: TeamDefaults(team=name, execution_role=role_json(), settings=UserSettings())
    for name in ("vision", "speech")
}


def person(name: str, team: str = "vision", **more: Any) -> Person:
    return Person(user_name=name, team=team, full_name=name, email=f"{name}@example.com", **more)


def resources(studio: Studio, people: Iterable[Person], today: dt.date | None = None) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for one in people:
        made |= person_resources(
            one, TEAMS[one.team], name_prefix="research", domain_id=studio.domain_id, today=today
        )
    return made


def profile(studio: Studio, name: str) -> dict[str, Any]:
    return dict(studio.sm.describe_user_profile(DomainId=studio.domain_id, UserProfileName=name))


def home(studio: Studio, name: str) -> tuple[Any, ...]:
    """What must never change: the owner of the files, and since when the profile is the same one."""
    found = profile(studio, name)
    return found["HomeEfsFileSystemUid"], found["CreationTime"]


def policies(studio: Studio, role: str) -> list[str]:
    attached = studio.aws.client("iam").list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    return [policy["PolicyArn"] for policy in attached]


def test_who_leaves_keeps_the_home_and_loses_the_access(studio: Studio, stacks: Stacks) -> None:
    people = [person("bo", expires=DAY), person("cy")]
    day_before = DAY - dt.timedelta(days=1)
    assert stacks.create(resources(studio, people, day_before)) == "CREATE_COMPLETE"
    ids, homes = stacks.physical_ids(), {name: home(studio, name) for name in ("bo", "cy")}
    space = studio.sm.describe_space(DomainId=studio.domain_id, SpaceName="bo")
    role = ids[f"{logical_id('bo')}Role"]
    assert policies(studio, role) == []

    assert stacks.update(resources(studio, people, DAY)) == "UPDATE_COMPLETE"
    assert stacks.physical_ids() == ids
    assert {name: home(studio, name) for name in ("bo", "cy")} == homes
    assert policies(studio, role) == ["arn:aws:iam::aws:policy/AWSDenyAll"]
    assert profile(studio, "bo")["UserSettings"]["StudioWebPortal"] == "DISABLED"
    assert "StudioWebPortal" not in profile(studio, "cy")["UserSettings"]
    kept = studio.sm.describe_space(DomainId=studio.domain_id, SpaceName="bo")
    assert kept["CreationTime"] == space["CreationTime"]

    back = [person("bo"), person("cy")]
    assert stacks.update(resources(studio, back, DAY)) == "UPDATE_COMPLETE"
    assert policies(studio, role) == []
    assert home(studio, "bo") == homes["bo"]


def test_who_is_taken_out_of_the_roster_keeps_profile_and_home(studio: Studio, stacks: Stacks) -> None:
    assert stacks.create(resources(studio, [person("bo"), person("cy")])) == "CREATE_COMPLETE"
    before = home(studio, "bo")
    assert stacks.update(resources(studio, [person("cy")])) == "UPDATE_COMPLETE"
    assert f"{logical_id('bo')}Profile" not in stacks.physical_ids()
    assert home(studio, "bo") == before


def test_thirty_edits_in_a_row_touch_nobody_else(studio: Studio, stacks: Stacks) -> None:
    choose = random.Random(6)  # noqa: S311 - a test that is the same every day
    roster = {f"p-{number}": person(f"p-{number}") for number in range(12)}
    assert stacks.create(resources(studio, roster.values())) == "CREATE_COMPLETE"
    homes = {name: home(studio, name) for name in roster}
    for edit in range(30):
        name = choose.choice(sorted(roster))
        old = roster[name]
        match edit % 5:
            case 0:
                roster[f"new-{edit}"] = person(f"new-{edit}")
            case 1:
                del roster[name]
            case 2:
                roster[name] = old.model_copy(update={"team": "speech" if old.team == "vision" else "vision"})
            case 3:
                status = "active" if old.status == "suspended" else "suspended"
                roster[name] = old.model_copy(update={"status": status})
            case _:
                roster[name] = old.model_copy(update={"ebs_gb": (old.ebs_gb or 20) + 10})
        shuffled = choose.sample(sorted(roster), len(roster))
        done = stacks.update(resources(studio, [roster[one] for one in shuffled]))
        assert done == "UPDATE_COMPLETE", (edit, stacks.reasons())
        assert {one: home(studio, one) for one in homes} == homes
        homes |= {one: home(studio, one) for one in roster}
