"""Many teams in one domain: for a platform team whose people change every week, and whose rules do not.

One idea: a team is a row, and a person is a line. What a team may do is said once; `people.csv` says who is in it,
and no edit of that file touches anybody whom it is not about.

    cdk deploy --all --app "python3 examples/many_teams/app.py"
"""

import csv
from pathlib import Path

import aws_cdk as cdk

import studio_infra as studio
from studio_infra import Persona

TEAMS = {
    "vision": (Persona.data_scientist(), ["ml.t3.medium", "ml.g5.xlarge"]),
    "forecasting": (Persona.ml_engineer(), ["ml.t3.medium", "ml.m5.2xlarge"]),
    "analytics": (Persona.analyst(), ["ml.t3.medium"]),
}
with Path(__file__).with_name("people.csv").open(encoding="utf-8", newline="") as roster:
    PEOPLE = [studio.Person.model_validate(line) for line in csv.DictReader(roster)]

app = cdk.App()
stack = cdk.Stack(app, "TeamsStudio", description="SageMaker Studio for many teams")
key = studio.StudioKey(stack, "Key").key
bucket = studio.ArtifactBucket(stack, "Artifacts", key=key).bucket
network = studio.StudioNetwork(stack, "Network", people=len(PEOPLE), flow_log_key=key)
domain = studio.StudioDomain(
    stack, "Domain", domain_name="teams",
    vpc=network.vpc, subnets=network.subnets, security_groups=[network.studio_security_group],
    key=key, idle=studio.IdleShutdown(after=cdk.Duration.hours(1)),
)


def team(name: str) -> studio.TeamDefaults:
    """What the members of a team have in common."""
    persona, instance_types = TEAMS[name]
    access = studio.TeamAccess(
        stack, f"Team{name.capitalize()}", name_prefix="teams", team=name,
        persona=persona, instance_types=instance_types, domain=domain, key=key, bucket=bucket,
        subnet_ids=network.job_subnet_ids,
        security_group_ids=[network.job_security_group.security_group_id],
    )
    hidden = studio.UserSettings(hidden_instance_types=access.hidden_instance_types)
    return studio.TeamDefaults(team=name, execution_role=access.member_role, settings=hidden)


people = cdk.Stack(app, "TeamsPeople", description="The people of the roster")
teams = {name: team(name) for name in TEAMS}
studio.StudioPeople(people, "People", domain=domain, name_prefix="teams", people=PEOPLE, teams=teams)

app.synth()
