"""The custom resource as CloudFormation sees it: always an answer, in time; stopped anywhere, it ends right.

`STUDIO_INFRA_CRASHES` says how many runs; half of them are played here.
"""

from __future__ import annotations

import json
import os
import random
import threading
from copy import deepcopy
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from studio_infra.runtime.functions.domain_update.core import plan
from studio_infra.runtime.functions.domain_update.handler import Orders
from studio_infra.runtime.functions.domain_update.whole import WholeSageMaker
from tests.runtime.domain_update.test_core import after, facts
from tests.runtime.domain_update.worlds import FOREIGN, OTHER, OWN, WANT, Platform, settings, world
from tests.runtime.fake_aws.aws import Trouble

if TYPE_CHECKING:
    from tests.runtime.fake_aws.aws import FakeAws

RUNS = int(os.environ.get("STUDIO_INFRA_CRASHES", "200")) // 2
pytestmark = pytest.mark.timeout(max(300, RUNS))
HAS = after(FOREIGN, plan(FOREIGN, WANT, {}).members, 1)
LESS = {"DomainSettings": {"AmazonQSettings": {"Status": "ENABLED"}}}


def changes(aws: FakeAws) -> list[str]:
    return [call.operation for call in aws.calls if call.changes and not call.error]


@pytest.mark.parametrize("keeps", [1, 9])
def test_a_domain_gets_what_is_wanted_and_keeps_the_rest_in_one_update(keeps: int) -> None:
    aws = world(keeps=keeps)
    assert Platform(aws).ask("Create", WANT)["Status"] == "SUCCESS"
    assert settings(aws) == HAS
    assert settings(aws, OTHER) == FOREIGN
    assert changes(aws) == ["update_domain"]


def test_what_is_there_already_is_not_said_again() -> None:
    aws = world()
    platform = Platform(aws)
    platform.ask("Create", WANT)
    aws.calls.clear()
    assert platform.ask("Update", WANT, WANT)["Reason"] == f"{OWN} has it, after 0 updates"
    assert changes(aws) == []


def test_an_update_of_the_domain_itself_that_reset_everything_is_made_good() -> None:
    aws = world()
    platform = Platform(aws)
    platform.ask("Create", WANT)
    entity = aws.sagemaker.domains.get(OWN)
    assert entity is not None
    entity.change(aws.clock.passed, **deepcopy(dict(FOREIGN)))
    platform.ask("Update", WANT, WANT)
    assert settings(aws) == HAS


def test_an_option_that_goes_is_taken_back_and_the_others_stay() -> None:
    aws = world()
    platform = Platform(aws)
    platform.ask("Create", WANT)
    assert platform.ask("Update", LESS, WANT)["Status"] == "SUCCESS"
    now = facts(settings(aws))
    assert facts(FOREIGN).items() <= now.items()
    assert now[("DomainSettings", "AmazonQSettings", "Status")] == "ENABLED"
    assert now[("DomainSettings", "DockerSettings", "RootlessDocker")] == "DISABLED"
    assert "arn:ours" not in str(settings(aws))


def test_a_rollback_is_an_update_back() -> None:
    aws = world()
    platform = Platform(aws)
    platform.ask("Create", LESS)
    before = settings(aws)
    platform.ask("Update", WANT, LESS)
    platform.ask("Update", LESS, WANT)
    now = facts(settings(aws))
    assert facts(before).items() <= now.items()
    assert {value for place, value in now.items() if place not in facts(before)} <= {"DISABLED"}


def test_the_resource_that_goes_takes_its_settings_back_but_not_while_the_stack_goes() -> None:
    aws = world()
    platform = Platform(aws)
    platform.ask("Create", WANT)
    aws.cloudformation.status = "DELETE_IN_PROGRESS"
    assert (
        platform.ask("Delete", WANT)["Reason"] == "the stack is being deleted: the domain keeps what it has"
    )
    assert settings(aws) == HAS
    aws.cloudformation.status = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
    assert platform.ask("Delete", WANT)["Status"] == "SUCCESS"
    left = facts(settings(aws)).items() - facts(FOREIGN).items()
    assert {value for _, value in left} == {"DISABLED"}


def test_a_domain_that_is_gone_is_in_nobodys_way() -> None:
    aws = world()
    platform = Platform(aws)
    platform.ask("Create", WANT)
    entity = aws.sagemaker.domains.get(OWN)
    assert entity is not None
    entity.vanish(aws.clock.passed)
    aws.cloudformation.status = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
    assert platform.ask("Delete", WANT)["Reason"] == "the domain is gone, or goes"
    assert platform.ask("Update", WANT, LESS)["Reason"] == f"there is no domain {OWN}"
    assert platform.answers[-1][1]["Status"] == "FAILED"


def test_a_domain_that_never_comes_back_into_service_is_answered_in_time() -> None:
    aws = world()
    aws.sagemaker.update = 1e6
    answer = Platform(aws).ask("Create", WANT)
    assert answer["Status"] == "FAILED"
    assert "is not in service with it yet" in answer["Reason"]


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("ValidationException", "AWS refuses to set DefaultUserSettings.CanvasAppSettings, "),
        ("AccessDeniedException", "AccessDeniedException; its words are in the log"),
    ],
)
def test_what_is_refused_fails_at_once_and_says_which(
    code: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws = world()

    def refuse(**_: object) -> None:
        raise aws.error(code, "secret")

    monkeypatch.setattr(aws.sagemaker, "update_domain", refuse)
    answer = Platform(aws).ask("Create", WANT)
    assert answer["Status"] == "FAILED"
    assert says in answer["Reason"]
    assert "secret" not in answer["Reason"]
    assert sum(call.operation == "update_domain" for call in aws.calls) == 1


def test_what_is_taken_without_effect_is_not_said_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    aws = world()
    monkeypatch.setattr(aws.sagemaker, "update_domain", lambda **_: {})
    answer = Platform(aws).ask("Create", WANT)
    assert answer["Reason"].startswith(
        "SageMaker took it 3 times and does not show DefaultUserSettings.Canvas"
    )


def test_an_update_that_failed_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    aws = world()
    update = aws.sagemaker.update_domain

    def fail(**_: Any) -> Any:
        entity = aws.sagemaker.domains.get(OWN)
        assert entity is not None
        entity.change(aws.clock.passed, Status="Update_Failed", FailureReason="no licence")
        return {}

    monkeypatch.setattr(aws.sagemaker, "update_domain", fail)
    platform = Platform(aws)
    assert "no licence" in platform.ask("Create", WANT)["Reason"]
    # A domain whose last update failed can be updated again.
    monkeypatch.setattr(aws.sagemaker, "update_domain", update)
    state = aws.sagemaker.domains.get(OWN)
    assert state is not None
    state.change(aws.clock.passed, Status="InService")
    assert platform.ask("Update", WANT, WANT)["Status"] == "SUCCESS"


def test_a_request_that_comes_after_cloudformation_gave_up_changes_nothing() -> None:
    aws = world()
    platform = Platform(aws)
    event = {
        "RequestType": "Create",
        "ResponseURL": f"https://answer?X-Amz-Date={aws.clock.now():%Y%m%dT%H%M%SZ}",
        "StackId": "stack",
        "RequestId": "request",
        "LogicalResourceId": "Update",
        "ResourceProperties": {"Settings": WANT},
    }
    aws.clock.passed += 1700
    platform.execute(event)
    assert platform.answers[-1][1]["Reason"] == "the request came too late: deploy again"
    assert aws.calls == []


def test_a_bug_is_answered_too(monkeypatch: pytest.MonkeyPatch) -> None:
    aws = world()
    monkeypatch.setattr(aws.sagemaker, "describe_domain", lambda **_: {})
    platform = Platform(aws)
    with pytest.raises(KeyError):
        platform.ask("Create", WANT)
    assert platform.answers[0][1]["Reason"] == "KeyError: see the log of update"


def test_stopped_before_and_after_every_call_it_ends_right() -> None:
    whole = world()
    Platform(whole).ask("Create", WANT)
    assert len(whole.calls) >= 4
    for number in range(len(whole.calls)):
        for stop in ("before", "after"):
            aws = world()
            getattr(aws, f"crash_{stop}")(number)
            answer = Platform(aws).ask("Create", WANT, deliveries=2)
            assert answer["Status"] == "SUCCESS", (number, stop)
            assert settings(aws) == HAS, (number, stop)
            assert settings(aws, OTHER) == FOREIGN


def test_in_an_account_where_much_goes_wrong_it_always_answers_and_loses_nothing() -> None:
    for seed in range(RUNS):
        dice = random.Random(seed)  # noqa: S311 - a test that can be run again
        trouble = Trouble(
            throttled=dice.choice([0, 0.3, 0.8]), unavailable=dice.choice([0, 0.05]),
            lost=dice.choice([0, 0.05]), lag=dice.choice([0, 20, 55]),
        )  # fmt: skip
        aws = world(keeps=dice.choice([1, 9]), seed=seed, trouble=trouble)
        aws.sagemaker.update = dice.choice([5.0, 60.0, 200.0])
        if dice.random() < 0.7:
            getattr(aws, dice.choice(["crash_before", "crash_after"]))(dice.randrange(8))
        platform = Platform(aws)
        for request, new, old in (("Create", WANT, None), ("Update", LESS, WANT), ("Update", WANT, LESS)):
            # What was not done in time is done by the next deployment.
            for _ in range(12):
                # CloudFormation has seen the domain in service before it asks: looks show that, or what is newer.
                aws.clock.passed += trouble.lag
                answer = platform.ask(request, new, old, deliveries=dice.choice([1, 2]))
                if answer["Status"] == "SUCCESS":
                    break
            assert answer["Status"] == "SUCCESS", (seed, answer)
            assert facts(new).items() <= facts(settings(aws)).items(), seed
            assert facts(FOREIGN).items() <= facts(settings(aws)).items(), seed
        assert settings(aws, OTHER) == FOREIGN


def test_the_environment_names_one_domain() -> None:
    least = {"DOMAIN_ID": "d-own", "STACK_ID": "s", "TIMEOUT_SECONDS": "1800"}
    assert Orders.read(least) == Orders("d-own", "s", 1800.0)


def test_a_setting_that_this_boto3_does_not_know_is_neither_lost_nor_refused() -> None:
    heard: list[tuple[str, Any]] = []
    has = {
        "DomainId": "d-1",
        "Status": "InService",
        "DomainSettings": {"TomorrowSettings": {"Status": "ENABLED"}},
    }

    class Server(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            heard.append((self.headers["X-Amz-Target"], body))
            assert self.headers["Authorization"].startswith("AWS4-HMAC-SHA256")
            answer = json.dumps(has if "Describe" in self.headers["X-Amz-Target"] else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Server) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        client: Any = boto3.client(
            "sagemaker",
            region_name="eu-central-1",
            endpoint_url=f"http://127.0.0.1:{server.server_port}",
            aws_access_key_id="a",
            aws_secret_access_key="b",  # noqa: S106 - of nobody
        )
        sagemaker = WholeSageMaker(client)
        shown = sagemaker.describe_domain(DomainId="d-1")
        said = {"TomorrowSettings": {"Status": "DISABLED", "Newer": "x"}}
        sagemaker.update_domain(DomainId="d-1", DomainSettingsForUpdate=said)
        server.shutdown()
        thread.join(timeout=10)
    assert shown["DomainSettings"] == has["DomainSettings"]
    assert heard == [
        ("SageMaker.DescribeDomain", {"DomainId": "d-1"}),
        ("SageMaker.UpdateDomain", {"DomainId": "d-1", "DomainSettingsForUpdate": said}),
    ]
