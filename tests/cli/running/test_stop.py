"""`studio-infra stop` against the embedded AWS: apps of a person or a space, of one of two domains."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.running.conftest import running, start

if TYPE_CHECKING:
    from studio_infra.rehearsal.server import EmbeddedAws
    from tests.cli.running.conftest import Command

pytestmark = pytest.mark.slow

EVERYTHING = {"ana-lab", "bela-lab", "bela"}


def test_a_person_is_all_their_own_spaces_and_no_shared_one(
    studio: Command, sagemaker: Any, domains: dict[str, str]
) -> None:
    done = studio("stop", "ana")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "JupyterLab default of space ana-lab, ml.t3.medium: stopping\n"
    assert running(sagemaker, domains["sandbox"]) == {"bela-lab", "bela"}
    assert running(sagemaker, domains["other"]) == EVERYTHING


def test_a_name_that_is_a_person_and_a_space_has_to_be_said(
    studio: Command, sagemaker: Any, domains: dict[str, str]
) -> None:
    done = studio("stop", "bela")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "'bela' is a person and a space: say --person or --space\n"
    assert running(sagemaker, domains["sandbox"]) == EVERYTHING
    assert studio("stop", "bela", "--space").returncode == 0
    assert running(sagemaker, domains["sandbox"]) == {"ana-lab", "bela-lab"}
    assert studio("stop", "bela", "--person").returncode == 0
    assert running(sagemaker, domains["sandbox"]) == {"ana-lab"}


def test_another_domain_is_named_by_its_id(studio: Command, sagemaker: Any, domains: dict[str, str]) -> None:
    assert studio("stop", "ana-lab", "--domain", domains["other"]).returncode == 0
    assert running(sagemaker, domains["other"]) == {"bela-lab", "bela"}
    assert running(sagemaker, domains["sandbox"]) == EVERYTHING


def test_waiting_ends_when_it_has_stopped(aws: EmbeddedAws, studio: Command) -> None:
    aws.control.set_delays({"App.delete": 3})
    done = studio("stop", "ana", "--wait", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == [
        {
            "kind": "app",
            "name": "JupyterLab default of space ana-lab",
            "owner": "ana",
            "instance_type": "ml.t3.medium",
            "status": "stopped",
        }
    ]


def test_stopping_twice_is_no_mistake(aws: EmbeddedAws, studio: Command) -> None:
    aws.control.set_delays({"App.delete": 600})
    assert studio("stop", "ana").returncode == 0
    done = studio("stop", "ana")
    assert done.stdout == "JupyterLab default of space ana-lab, ml.t3.medium: stopping\n"
    aws.control.advance_clock(700)
    done = studio("stop", "ana")
    assert (done.returncode, done.stdout) == (0, "person ana: nothing runs\n")


def test_throttling_is_waited_for(
    aws: EmbeddedAws, studio: Command, sagemaker: Any, domains: dict[str, str]
) -> None:
    for operation in ("ListApps", "DeleteApp", "ListSpaces"):
        aws.control.order_fault(operation, "ThrottlingException", count=2)
    assert studio("stop", "ana").returncode == 0
    assert running(sagemaker, domains["sandbox"]) == {"bela-lab", "bela"}


def test_what_changes_right_now_is_said(aws: EmbeddedAws, studio: Command) -> None:
    aws.control.order_fault("DeleteApp", "ResourceInUse", count=1)
    done = studio("stop", "ana")
    assert (done.returncode, done.stdout) == (
        1,
        "JupyterLab default of space ana-lab, ml.t3.medium: changing\n",
    )
    assert done.stderr == "1 could not be stopped: AWS changes them right now, try again in a minute\n"


def test_files_stay_and_the_app_can_be_started_again(
    studio: Command, sagemaker: Any, domains: dict[str, str]
) -> None:
    assert studio("stop", "ana", "--wait").returncode == 0
    assert sagemaker.describe_space(DomainId=domains["sandbox"], SpaceName="ana-lab")["Status"] == "InService"
    start(sagemaker, domains["sandbox"], "ana-lab")
    assert running(sagemaker, domains["sandbox"]) == EVERYTHING


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["anna"], 1, "there is no person or space or endpoint 'anna' in domain "),
        ([""], 1, "there is no person or space or endpoint '' in domain "),
        (["an*"], 1, "there is no person or space or endpoint 'an*' in domain "),
        (["a\x1b[31m"], 1, "there is no person or space or endpoint 'a\\x1b[31m' in domain "),
        (["a" * 9000], 1, f"there is no person or space or endpoint '{'a' * 63}' in domain "),
        (["ana-lab", "--person"], 1, "there is no person 'ana-lab' in domain "),
        (["ana", "--person", "--space"], 2, "--person and --space: say one"),
        ([], 2, "studio-infra stop: "),
    ],
)
def test_what_cannot_be_done_is_one_line(  # noqa: PLR0917 - a table's columns
    studio: Command, sagemaker: Any, domains: dict[str, str], arguments: list[str], code: int, said: str
) -> None:
    done = studio("stop", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == 1
    assert running(sagemaker, domains["sandbox"]) == EVERYTHING
