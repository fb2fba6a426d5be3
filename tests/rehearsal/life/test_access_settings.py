"""`[access]` of the settings, deployed by the real CDK CLI and used by the people it is about."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from studio_infra.rehearsal.life.life import LIFE, set_the_stage
from studio_infra.rehearsal.life.stage import play
from studio_infra.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio_infra.rehearsal.life.stage import Stage

ROOT = Path(__file__).parents[3]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

GROUP = "94482488-3041-7091-8f3a-0f0d5b2ac51d"
BOUNDARY = "arn:aws:iam::210987654321:policy/platform/studio-boundary"
SETTINGS = """\
name = "lab"

[domain]
auth_mode = "{auth_mode}"
network = "VpcOnly"
availability_zones = 1

[access]
{access}

[git]
hosts = ["github.com"]

[teams.vision]
persona = "data_scientist"
instance_types = ["ml.t3.medium"]

[teams.serving]
persona = "ml_engineer"
instance_types = ["ml.t3.medium", "ml.m5.large"]

[people]
roster = "users.csv"

[training.churn]
team = "vision"
image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/churn:1"
instance_type = "ml.m5.large"
input_prefix = "churn/train"
"""
ROSTER = """\
user_name,team,full_name,email,sso_user_name
ana,vision,Ana Silva,ana@example.com,ana@corp.example
ben,vision,Ben Kim,ben@example.com,ben@corp.example
eva,serving,Eva Roth,eva@example.com,eva@corp.example
"""
#: The life from an empty account to people at work.
AT_WORK = next(number for number, step in enumerate(LIFE) if step.title.startswith("training")) + 1


@contextmanager
def stage_of(folder: Path, *, auth_mode: str, access: str, strict: bool) -> Iterator[Stage]:
    file = folder / "lab.toml"
    file.write_text(SETTINGS.format(auth_mode=auth_mode, access=access), encoding="utf-8")
    (folder / "users.csv").write_text(ROSTER, encoding="utf-8")
    with set_the_stage(file, load_settings(file), project=ROOT, strict=strict) as stage:
        yield stage


def play_until_at_work(stage: Stage) -> dict[str, str]:
    """What each step saw; every one of them has passed, and the synthesis without a finding."""
    results = list(play(LIFE[:AT_WORK], stage))
    assert [result for result in results if result.outcome != "passed"] == []
    # CDK's own rules, our guard rules, and every warning, as `cdk synth` found them.
    report = json.loads((stage.cli.assembly / "validation-report.json").read_text(encoding="utf-8"))
    # A plugin that acknowledged findings reports itself, without any.
    found = [one for one in report["pluginReports"] if one["violations"] or one["conclusion"] != "success"]
    assert found == []
    return {result.title: result.detail for result in results}


def test_people_of_identity_center_are_there_and_their_group_is_let_in(tmp_path: Path) -> None:
    access = f'sso_groups = ["{GROUP}"]'
    with stage_of(tmp_path, auth_mode="SSO", access=access, strict=False) as stage:
        seen = play_until_at_work(stage)
        assert "Identity Center" in seen["a presigned URL opens Studio"]
        assert stage.domain["AuthMode"] == "SSO"
        (assignment,) = [
            resource
            for resource in resources(stage, "lab-studio")
            if resource["ResourceType"] == "AWS::SSO::ApplicationAssignment"
        ]
        application = stage.domain["SingleSignOnApplicationArn"]
        assert assignment["PhysicalResourceId"] == f"{application}|GROUP|{GROUP}"


def test_a_team_shares_a_role_within_a_boundary_and_still_nobody_gets_at_a_colleagues_things(
    tmp_path: Path,
) -> None:
    access = f'role_sharing = "per_team"\npermissions_boundary = "{BOUNDARY}"\npath = "/studio/"\n'
    access += "security_group_per_person = true"
    with stage_of(tmp_path, auth_mode="IAM", access=access, strict=True) as stage:
        seen = play_until_at_work(stage)
        assert "3 profiles, 2 roles" in seen["everybody is there, with the right role and settings"]
        assert seen["people do their own work, and get at nobody else's"].endswith("colleagues' refused")
        groups = {
            name: profile(stage, name)["UserSettings"]["SecurityGroups"] for name in ("ana", "ben", "eva")
        }
        assert len({group for (group,) in groups.values()}) == 3
        role = profile(stage, "ana")["UserSettings"]["ExecutionRole"]
        assert ":role/studio/" in role
        found = stage.client("iam").get_role(RoleName=role.rpartition("/")[2])["Role"]
        assert found["PermissionsBoundary"]["PermissionsBoundaryArn"] == BOUNDARY


def resources(stage: Stage, stack: str) -> list[dict[str, Any]]:
    found = stage.client("cloudformation").describe_stack_resources(StackName=stack)["StackResources"]
    return list(found)


def profile(stage: Stage, name: str) -> dict[str, Any]:
    domain = stage.domain["DomainId"]
    return dict(stage.sagemaker.describe_user_profile(DomainId=domain, UserProfileName=name))
