"""Whatever is done to a roster, nobody is touched whom it is not about: from the file to CloudFormation.

`STUDIO_INFRA_EXAMPLES` says how many rosters are tried, 1,000 by `make soak`.
"""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio_infra.access import role_json
from studio_infra.settings.reading.roster_file import parse_roster
from studio_infra.studio.domain.apps import CURRENT_APPS, AppSettings
from studio_infra.studio.domain.user_settings import UserSettings
from studio_infra.studio.people.person import TeamDefaults, logical_id, person_resources
from studio_infra.studio.people.waves import in_waves

ROOT = Path(__file__).parents[3]
EXAMPLES = int(os.environ.get("STUDIO_INFRA_EXAMPLES", "150"))
TEAMS = ("vision", "speech", "pricing")
IDLE_MINUTES = (90, 480)
#: What a change would replace, with the home or the role that others trust.
IDENTITY = {
    "AWS::SageMaker::UserProfile": (
        "DomainId",
        "UserProfileName",
        "SingleSignOnUserIdentifier",
        "SingleSignOnUserValue",
    ),
    "AWS::SageMaker::Space": ("DomainId", "SpaceName"),
    "AWS::IAM::Role": ("RoleName", "Path"),
    "AWS::SSM::Parameter": ("Name",),
}

Row = dict[str, str]
Rendered = dict[str, tuple[str, str, str]]


def defaults(team: str, policy: str) -> TeamDefaults:
    arn = f"arn:aws:iam::123456789012:policy/{policy}"
    return TeamDefaults(
        team=team,
        execution_role=role_json(managed_policy_arns=[arn]),
        settings=UserSettings(hidden_instance_types=[f"ml.{policy}.large"]),
        apps_by_idle_minutes={
            minutes: [
                AppSettings(app=app, built_in_lifecycle_config_arn=f"arn:idle-{minutes}")
                for app in CURRENT_APPS
            ]
            for minutes in IDLE_MINUTES
        },
    )


def as_csv(rows: list[Row]) -> str:
    text = io.StringIO()
    columns = sorted({column for row in rows for column in row} | {"user_name", "team", "full_name", "email"})
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def render(rows: list[Row], policies: dict[str, str], *, wave_width: int = 20) -> Rendered:
    """Of each person: the stack and logical ids, the identity properties, and all bytes of their resources."""
    reading = parse_roster(as_csv(rows))
    assert reading.problems == []
    teams = {name: defaults(name, policies[name]) for name in TEAMS}
    stacks: dict[int, dict[str, Any]] = {}
    for row in reading.rows:
        assert row.person is not None
        made = person_resources(row.person, teams[row.person.team], name_prefix="research", domain_id="d-1")
        stacks.setdefault(row.person.stack, {})[row.person.user_name] = made
    found: Rendered = {}
    for stack, people in stacks.items():
        in_stack = in_waves(people, width=wave_width)
        for name, ids in people.items():
            resources = {key: in_stack[key] for key in ids}
            identity = {
                key: {name: resource["Properties"].get(name) for name in IDENTITY[resource["Type"]]}
                for key, resource in resources.items()
            }
            assert all(key.startswith(logical_id(name)) for key in resources)
            found[name] = json.dumps([stack, list(resources)]), json.dumps(identity), json.dumps(resources)
    return found


NAMES = st.from_regex(r"[a-z0-9](-?[a-z0-9]){0,15}", fullmatch=True)


def rows_of(names: list[str]) -> st.SearchStrategy[list[Row]]:
    return st.tuples(*(row_of(name) for name in names)).map(list)


def row_of(name: str) -> st.SearchStrategy[Row]:
    return st.fixed_dictionaries(
        {
            "user_name": st.just(name),
            "team": st.sampled_from(TEAMS),
            "full_name": st.sampled_from(["Ana Silva", "李伟", "O'Brien, Jr."]),
            "email": st.just(f"{name}@example.com"),
            "stack": st.sampled_from(["", "1", "2", "3"]),
            "status": st.sampled_from(["", "active", "suspended"]),
            "ebs_gb": st.sampled_from(["", "50"]),
            "idle_after_minutes": st.sampled_from(["", *map(str, IDLE_MINUTES)]),
        }
    )


ROSTERS = st.lists(NAMES, min_size=1, max_size=8, unique=True).flatmap(rows_of)


@settings(max_examples=EXAMPLES, deadline=None)
@given(before=ROSTERS, data=st.data())
def test_no_edit_touches_anybody_it_is_not_about(before: list[Row], data: st.DataObject) -> None:
    after, touched = [dict(row) for row in before], set[str]()
    names = {row["user_name"] for row in before}
    for _ in range(data.draw(st.integers(1, 6))):
        edit = data.draw(st.sampled_from(["insert", "delete", "rename", "change", "reorder"]))
        place = data.draw(st.integers(0, len(after)))
        row = after[place % len(after)]
        if edit == "reorder":
            after = data.draw(st.permutations(after))
        elif edit == "change":
            touched.add(row["user_name"])
            row.update(data.draw(row_of(row["user_name"])))
        elif edit == "delete" and len(after) > 1:
            after.remove(row)
        elif edit in {"insert", "rename"}:
            new = data.draw(NAMES.filter(lambda name: name not in names))
            names.add(new)
            if edit == "insert":
                after.insert(place, data.draw(row_of(new)))
            else:
                touched.add(row["user_name"])
                row["user_name"], row["email"] = new, f"{new}@example.com"
    policies = dict.fromkeys(TEAMS, "first")
    changed = data.draw(st.none() | st.sampled_from(TEAMS))
    # Wider than the roster is long, so that no rung is too crowded.
    widths = st.integers(20, 450)
    old = render(before, policies, wave_width=data.draw(widths))
    changed_policies = policies if changed is None else {**policies, changed: "second"}
    new_render = render(after, changed_policies, wave_width=data.draw(widths))
    teams = {row["user_name"]: row["team"] for row in before}
    for name in (set(old) & set(new_render)) - touched:
        assert new_render[name][:2] == old[name][:2]
        if teams[name] != changed:
            assert new_render[name] == old[name]


@settings(max_examples=EXAMPLES, deadline=None)
@given(roster=ROSTERS, data=st.data())
def test_nothing_that_changes_for_a_person_costs_the_home(roster: list[Row], data: st.DataObject) -> None:
    person = roster[0]
    changed = person | {
        "team": data.draw(st.sampled_from(TEAMS)),
        "status": data.draw(st.sampled_from(["", "active", "suspended"])),
        "ebs_gb": data.draw(st.sampled_from(["", "50", "500"])),
        "idle_after_minutes": data.draw(st.sampled_from(["", *map(str, IDLE_MINUTES)])),
        "full_name": "Somebody Else",
    }
    policies = dict.fromkeys(TEAMS, "first")
    old, new = render(roster, policies), render([changed, *roster[1:]], policies)
    assert new[person["user_name"]][:2] == old[person["user_name"]][:2]


def synthesize(out: Path, cwd: Path, **environment: str) -> dict[str, bytes]:
    """Every file that `app.py` makes of production's settings, in a process of its own."""
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    context |= {"settings": str(ROOT / "settings/production.toml"), "today": "2027-01-31"}
    subprocess.run(
        [sys.executable, ROOT / "app.py"],
        cwd=cwd,
        env={
            **os.environ,
            "CDK_OUTDIR": str(out),
            "CDK_CONTEXT_JSON": json.dumps(context),
            "PYTHONPATH": str(ROOT),
            **environment,
        },
        check=True,
        timeout=240,
    )
    return {file.name: file.read_bytes() for file in sorted(out.iterdir()) if file.is_file()}


@pytest.mark.slow
def test_neither_hash_seed_nor_locale_nor_time_zone_nor_folder_shows(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    one = synthesize(tmp_path / "one", ROOT, PYTHONHASHSEED="1", LC_ALL="C", TZ="UTC")
    other = synthesize(
        tmp_path / "two", elsewhere, PYTHONHASHSEED="4711", LC_ALL="tr_TR.UTF-8", TZ="Pacific/Kiritimati"
    )
    assert [name for name in one if name.endswith(".template.json")]
    assert one == other
