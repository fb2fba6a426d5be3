"""`studio-infra open` against the embedded AWS: links for people of IAM domains, one clear line for everybody else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from studio_infra.rehearsal.server import EmbeddedAws

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Open = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
COMMAND = Path(sys.executable).with_name("studio-infra")
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws() as server:
        yield server


@pytest.fixture(scope="module")
def domains(aws: EmbeddedAws) -> dict[str, str]:
    """An IAM and an SSO domain with two people each, who have a space each; by name."""
    ec2, iam, sagemaker = aws.client("ec2"), aws.client("iam"), aws.client("sagemaker")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    role = iam.create_role(RoleName="studio", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    made = {}
    for name, mode in (("sandbox", "IAM"), ("sso", "SSO")):
        made[name] = sagemaker.create_domain(
            DomainName=name,
            AuthMode=mode,
            VpcId=vpc,
            SubnetIds=[subnet],
            DefaultUserSettings={"ExecutionRole": role},
        )["DomainId"]
    for person in ("ana", "bela"):
        sagemaker.create_user_profile(DomainId=made["sandbox"], UserProfileName=person)
        sagemaker.create_space(
            DomainId=made["sandbox"],
            SpaceName=f"{person}-lab",
            OwnershipSettings={"OwnerUserProfileName": person},
            SpaceSharingSettings={"SharingType": "Private"},
            SpaceSettings={"AppType": "JupyterLab"},
        )
    return made


@pytest.fixture
def studio(aws: EmbeddedAws, domains: dict[str, str]) -> Open:
    assert domains

    def run(
        *arguments: str, settings: str | Path = "settings/sandbox.toml"
    ) -> subprocess.CompletedProcess[str]:
        where = () if "--domain" in arguments else ("--settings", str(settings))
        return subprocess.run(
            [COMMAND, "open", *arguments, *where],
            cwd=ROOT,
            env=aws.subprocess_environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def refused(done: subprocess.CompletedProcess[str], code: int = 1) -> str:
    assert done.returncode == code, done.stdout + done.stderr
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_a_link_opens_studio_as_the_person(studio: Open, domains: dict[str, str]) -> None:
    done = studio("ana", "--print")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("https://")
    assert done.stdout.count("\n") == 1
    answer = json.loads(studio("ana", "--json", "--expires", "30s").stdout)
    assert answer.pop("url").startswith("https://")
    assert answer == {"person": "ana", "domain": domains["sandbox"], "expires_in_seconds": 30}


def test_a_link_can_lead_to_an_app_of_a_space(studio: Open) -> None:
    done = studio("ana", "--print", "--landing", "jupyterlab", "--space", "ana-lab")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("https://")


def test_a_domain_can_be_named_without_settings(studio: Open, domains: dict[str, str]) -> None:
    assert studio("bela", "--print", "--domain", domains["sandbox"]).stdout.startswith("https://")
    said = refused(studio("bela", "--print", "--domain", "d-nowhere"))
    assert said.startswith("there is no domain 'd-nowhere', there are: d-")


def test_somebody_nobody_knows_is_refused_with_a_hint(studio: Open, domains: dict[str, str]) -> None:
    assert refused(studio("bella", "--print")) == (
        'bella is not in the roster of settings/sandbox.toml; did you mean "bela"?\n'
    )
    assert refused(studio("anna", "--print", "--domain", domains["sandbox"])) == (
        f'anna has no profile in domain {domains["sandbox"]}; did you mean "ana"?\n'
    )


def test_somebody_elses_space_is_refused_and_ones_own_are_named(studio: Open) -> None:
    said = refused(studio("ana", "--print", "--space", "bela-lab"))
    assert said == "'bela-lab' is no space that ana may open, there are: ana-lab\n"


def test_in_an_sso_domain_people_are_sent_to_their_portal(
    studio: Open, domains: dict[str, str], tmp_path: Path
) -> None:
    assert "through IAM Identity Center" in refused(studio("ana", "--print", "--domain", domains["sso"]))
    text = (ROOT / "settings/sandbox.toml").read_text(encoding="utf-8")
    text = text.replace('auth_mode = "IAM"', 'auth_mode = "SSO"').replace("sandbox-users.csv", "users.csv")
    group = '[access]\nsso_groups = ["94482488-3041-7091-8f3a-0f0d5b2ac51d"]\n'
    (tmp_path / "sso.toml").write_text(f"{text}\n{group}", encoding="utf-8")
    row = "ana,sandbox,Ana Silva,ana@example.com,ana@corp.example"
    (tmp_path / "users.csv").write_text(
        f"user_name,team,full_name,email,sso_user_name\n{row}\n", encoding="utf-8"
    )
    said = refused(studio("ana", "--print", settings=tmp_path / "sso.toml"))
    assert said.startswith("the domain signs people in through IAM Identity Center, so no link can be made")


def test_settings_that_were_not_deployed_are_refused(studio: Open) -> None:
    said = refused(studio("ana", "--print", settings="settings/production.toml"))
    assert said.startswith("there is no domain 'research' in us-east-1; deploy the settings first")


@pytest.mark.parametrize("wrong", ["4s", "6m", "5", "1h", "-1m", "0m", "٣m"])
def test_a_link_that_sagemaker_would_not_make_is_refused_before_it_is_asked(wrong: str, studio: Open) -> None:
    said = refused(studio("ana", "--print", f"--expires={wrong}"), code=2)
    assert said == f"--expires takes 5s to 5m, got {wrong!r}\n"


def test_a_landing_page_that_is_none_is_refused(studio: Open) -> None:
    said = refused(studio("ana", "--print", "--landing", "jupyter"), code=2)
    assert said.startswith("--landing takes studio, jupyterlab, codeeditor, classic, or a URI like")
