from __future__ import annotations

import json
from pathlib import Path

import aws_cdk as cdk
import pytest

from studio_infra.access import EfsAccess, FolderAccess, Persona, PolicyFile
from studio_infra.errors import InvalidInput

SHIPPED = {path.stem for path in Path("studio_infra/access/policies").glob("*.json")}
LENT = {
    "image_build",
    "image_role",
    "job_role",
    "inference_role",
    "runtime",
    "network_interfaces",
    "tracking_jobs",
    "projects",
}


def own(tmp_path: Path, resource: str = "arn:aws:s3:::${Lake}/*", sid: str = "ReadTheLake") -> Path:
    path = tmp_path / f"{sid}.json"
    found = {"Sid": sid, "Effect": "Allow", "Action": "s3:GetObject", "Resource": resource}
    path.write_text(json.dumps({"Version": "2012-10-17", "Statement": [found]}), encoding="utf-8")
    return path


def files(persona: Persona) -> set[str]:
    return {file.name for file in persona.files}


def test_every_shipped_file_belongs_to_a_persona_or_to_a_lent_role() -> None:
    personas = Persona.data_scientist(), Persona.ml_engineer(), Persona.analyst(), Persona.admin()
    shared = EfsAccess(name="a", file_system_id="fs-01234567"), FolderAccess(name="b", s3_uri="s3://abc/x")
    about_files = {file.name for one in shared for file in one.files}
    assert set.union(*map(files, personas)) | LENT | about_files == SHIPPED


def test_an_engineer_approves_and_serves_on_top_of_what_a_scientist_may() -> None:
    more = files(Persona.ml_engineer()) - files(Persona.data_scientist())
    assert more == {"registry_approve", "serving"}
    assert files(Persona.data_scientist()) < files(Persona.ml_engineer())


def test_an_analyst_starts_no_job_and_writes_no_file() -> None:
    persona = Persona.analyst()
    assert "JobRole" not in persona.placeholders
    actions = json.dumps([s["Action"] for file in persona.files for s in file.statements])
    assert "Job" not in actions
    assert "s3:Put" not in actions
    assert "iam:PassRole" not in actions


def test_an_admin_reads_no_team_files() -> None:
    assert "Bucket" not in Persona.admin().placeholders


@pytest.mark.parametrize("name", ["data_scientist", "ml_engineer", "analyst", "admin"])
def test_nobody_touches_iam_but_to_lend_a_role_to_sagemaker(name: str) -> None:
    for file in Persona.named(name).files:
        for statement in file.statements:
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            if any(action.startswith(("iam:", "sts:")) for action in actions):
                assert actions == ["iam:PassRole"]
                assert statement["Resource"] in {"${JobRole}", "${InferenceRole}"}
                assert statement["Condition"]["StringEquals"] == {
                    "iam:PassedToService": "sagemaker.amazonaws.com"
                }


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        InvalidInput, match="no persona is called 'scientist', there are data_scientist, ml_engineer"
    ):
        Persona.named("scientist")


def test_a_persona_of_your_own_fills_your_placeholders_and_ours(tmp_path: Path) -> None:
    persona = Persona.custom(
        "reader", files=[own(tmp_path, "arn:aws:s3:::${Lake}/${Team}/*")], values={"Lake": "lake"}
    )
    (statement,) = persona.statements({"Team": "vision"})
    assert statement["Resource"] == "arn:aws:s3:::lake/vision/*"


def test_a_team_value_goes_before_your_own_so_that_nobody_becomes_another_team(tmp_path: Path) -> None:
    persona = Persona.custom("reader", files=[own(tmp_path, "x/${Team}")], values={"Team": "other"})
    assert persona.statements({"Team": "vision"})[0]["Resource"] == "x/vision"


def test_a_value_may_be_known_only_to_cloudformation(tmp_path: Path) -> None:
    token = cdk.Fn.ref("Lake")
    persona = Persona.custom("reader", files=[own(tmp_path)], values={"Lake": token})
    assert cdk.Stack().resolve(persona.statements({})[0]["Resource"]) == {
        "Fn::Join": ["", ["arn:aws:s3:::", {"Ref": "Lake"}, "/*"]]
    }


@pytest.mark.parametrize("value", ["*", "a*", "a?", "${aws:username}", "$", "", ["good", "b*"]])
def test_a_value_with_a_wildcard_or_a_variable_is_refused(tmp_path: Path, value: str | list[str]) -> None:
    with pytest.raises(InvalidInput, match=r"value of \$\{Lake\} must have no wildcard and no variable"):
        Persona.custom("reader", files=[own(tmp_path)], values={"Lake": value})


def test_a_value_that_no_file_uses_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"no file of persona 'reader' has a placeholder \$\{Laek\}"):
        Persona.custom("reader", files=[own(tmp_path)], values={"Lake": "x", "Laek": "y"})


def test_two_statements_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="Sid 'UseTheKey' is in persona 'data_scientist' twice"):
        Persona.data_scientist().with_shipped("key_use")
    Persona.custom("both", files=[own(tmp_path, sid="One"), own(tmp_path, sid="Two")], values={"Lake": "x"})


def test_shipped_files_can_be_added_and_taken_away() -> None:
    persona = Persona.data_scientist().with_shipped("serving").without("logs", "tracking")
    assert "serving" in files(persona)
    assert not files(persona) & {"logs", "tracking"}
    assert files(Persona.data_scientist()) >= {"logs", "tracking"}


def test_a_file_that_is_not_there_cannot_be_taken_away() -> None:
    with pytest.raises(InvalidInput, match="persona 'analyst' has no file 'jobs', only studio, person"):
        Persona.analyst().without("jobs")


def test_a_reason_is_found_by_its_statement() -> None:
    assert Persona.analyst().reasons["ReadTeamFiles"] == "the folder is the team's own"
    assert PolicyFile.shipped("key_use").reasons == {}
