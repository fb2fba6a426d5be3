"""A company of N people in stacks of 104, made by this library: `python benchmarks/roster_app.py N OUT`."""

from __future__ import annotations

import sys

import aws_cdk as cdk

from studio_infra.access import role_json
from studio_infra.settings import Person
from studio_infra.settings.facts.limits import PEOPLE_RESOURCES
from studio_infra.studio.domain.domain import StudioDomain
from studio_infra.studio.domain.user_settings import UserSettings
from studio_infra.studio.people.people import StudioPeople
from studio_infra.studio.people.person import TeamDefaults

PEOPLE_IN_A_STACK = PEOPLE_RESOURCES // 4
TEAM = TeamDefaults(
    team="vision",
    execution_role=role_json(managed_policy_arns=["arn:aws:iam::123456789012:policy/vision"]),
    settings=UserSettings(),
)


def main(people: int, out: str) -> None:
    """Build and synthesize."""
    app = cdk.App(outdir=out, analytics_reporting=False)
    roster = [
        Person(user_name=f"person-{n}", team="vision", full_name=f"Person {n}", email=f"p{n}@example.com")
        for n in range(people)
    ]
    for first in range(0, people, PEOPLE_IN_A_STACK):
        part = roster[first : first + PEOPLE_IN_A_STACK]
        stack = cdk.Stack(app, f"users-{first // PEOPLE_IN_A_STACK + 1}")
        domain = StudioDomain.from_domain_id(stack, "Domain", "d-1")
        StudioPeople(
            stack, "People", domain=domain, name_prefix="research", people=part, teams={"vision": TEAM}
        )
    app.synth()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
