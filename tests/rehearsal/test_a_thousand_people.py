"""A company on the embedded AWS: thirty edits in a row, and nobody else's home changes.

`STUDIO_INFRA_PEOPLE` says how many people, 1,000 by `make soak`. The templates are those that CDK synthesizes;
CloudFormation gets them through a bucket, as the CDK CLI gives them to it: the CLI itself would synthesize and
compare everybody thirty times over.
"""

from __future__ import annotations

import json
import os
import random
import time
from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from studio_infra.access import role_json
from studio_infra.settings import Person
from studio_infra.studio.domain.domain import StudioDomain
from studio_infra.studio.domain.user_settings import UserSettings
from studio_infra.studio.people.people import StudioPeople
from studio_infra.studio.people.person import TeamDefaults

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.rehearsal.conftest import Studio

PEOPLE: Final = int(os.environ.get("STUDIO_INFRA_PEOPLE", "200"))
IN_A_STACK: Final = 100
EDITS: Final = 30
#: A stack that takes longer hangs.
_PATIENCE_SECONDS: Final = 600.0
TEAMS = {
    name: TeamDefaults(team=name, execution_role=role_json(), settings=UserSettings())
    for name in ("vision", "speech")
}

#: Since when a profile is the same one, and who owns the files.
Home = tuple[Any, Any]


class Company:
    """People in stacks of a hundred."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._cloudformation = studio.aws.client("cloudformation")
        self._s3 = studio.aws.client("s3")
        self._s3.create_bucket(Bucket="templates")
        #: Whether a stack is there, by number.
        self._there: set[int] = set()

    def deploy(self, number: int, people: Iterable[Person]) -> str:
        """Make a stack, or bring it up to date, and say how it ended."""
        name, key = f"users-{number}", f"users-{number}.json"
        self._s3.put_object(Bucket="templates", Key=key, Body=json.dumps(self.template(people)).encode())
        change = (
            self._cloudformation.update_stack if number in self._there else self._cloudformation.create_stack
        )
        change(
            StackName=name,
            TemplateURL=f"https://s3.us-east-1.amazonaws.com/templates/{key}",
            Capabilities=["CAPABILITY_IAM"],
        )
        self._there.add(number)
        give_up = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < give_up:
            status: str = self._cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
            if not status.endswith("PROGRESS"):
                return status
            time.sleep(0.05)
        raise TimeoutError(name)

    def template(self, people: Iterable[Person]) -> dict[str, Any]:
        """What CDK makes of people."""
        # Nobody has bootstrapped this account: the CDK CLI would.
        synthesizer = cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False)
        stack = cdk.Stack(cdk.App(), "Users", synthesizer=synthesizer)
        domain = StudioDomain.from_domain_id(stack, "Domain", self._studio.domain_id)
        StudioPeople(stack, "People", domain=domain, name_prefix="research", people=list(people), teams=TEAMS)
        return dict(Template.from_stack(stack).to_json())

    def seen(self) -> dict[str, tuple[Any, Any]]:
        """Of everybody in the domain: since when they are there, and when they were changed last."""
        pages = self._studio.sm.get_paginator("list_user_profiles").paginate(
            DomainIdEquals=self._studio.domain_id, PaginationConfig={"PageSize": 100}
        )
        found = [profile for page in pages for profile in page["UserProfiles"]]
        return {one["UserProfileName"]: (one["CreationTime"], one["LastModifiedTime"]) for one in found}

    def homes(self, names: Iterable[str]) -> dict[str, Home]:
        """What must never change of these people."""
        where = {"DomainId": self._studio.domain_id}
        described = {
            name: self._studio.sm.describe_user_profile(**where, UserProfileName=name) for name in names
        }
        return {name: (one["HomeEfsFileSystemUid"], one["CreationTime"]) for name, one in described.items()}


def person(name: str, **more: Any) -> Person:
    return Person(user_name=name, team="vision", full_name=name, email=f"{name}@example.com", **more)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_thirty_edits_of_a_company_touch_nobody_else(studio: Studio) -> None:
    choose = random.Random(30)  # noqa: S311 - a test that is the same every day
    company = Company(studio)
    stacks = {
        first // IN_A_STACK: {
            f"p-{number}": person(f"p-{number}") for number in range(first, min(first + IN_A_STACK, PEOPLE))
        }
        for first in range(0, PEOPLE, IN_A_STACK)
    }
    for number, people in stacks.items():
        assert company.deploy(number, people.values()) == "CREATE_COMPLETE"
    everybody = [name for people in stacks.values() for name in people]
    assert len(everybody) == PEOPLE
    first = homes = company.homes(everybody)
    assert len({uid for uid, _ in homes.values()}) == PEOPLE

    after = company.seen()
    for edit in range(EDITS):
        number, before = choose.choice(sorted(stacks)), after
        people, touched = edited(stacks[number], edit, choose)
        stacks[number] = people
        shuffled = choose.sample(sorted(people), len(people))
        assert company.deploy(number, [people[name] for name in shuffled]) == "UPDATE_COMPLETE", edit
        after = company.seen()
        # Nobody is gone, who left included; nobody else is changed, not even in place.
        assert {name: after[name] for name in before if name != touched} == {
            name: seen for name, seen in before.items() if name != touched
        }
        homes |= company.homes(people)
        known = {name: homes[name] for name in first}
        assert known == first, f"edit {edit}, about {touched}"
        assert touched in after
    assert company.homes(first) == first


def edited(people: dict[str, Person], edit: int, choose: random.Random) -> tuple[dict[str, Person], str]:
    """One edit of the people of a stack, and whom it is about."""
    name = choose.choice(sorted(people))
    old = people[name]
    match edit % 5:
        case 0:
            return {**people, f"new-{edit}": person(f"new-{edit}")}, f"new-{edit}"
        case 1:
            return {one: who for one, who in people.items() if one != name}, name
        case 2:
            change: dict[str, Any] = {"team": "speech" if old.team == "vision" else "vision"}
        case 3:
            change = {"status": "active" if old.status == "suspended" else "suspended"}
        case _:
            change = {"ebs_gb": (old.ebs_gb or 20) + 10}
    return {**people, name: old.model_copy(update=change)}, name
