"""The custom resource as CloudFormation sees it: always an answer, in time, short, and it says what is left."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from studio_infra.runtime.functions.domain_drain.handler import Orders
from studio_infra.runtime.functions.domain_drain.world import Homes, Wish
from studio_infra.runtime.functions.shared.reply import asked_at, reply, send, summary
from tests.runtime.domain_drain.platform import Platform
from tests.runtime.domain_drain.worlds import COPY, KEEP, LOSE, OTHER, OWN, of, portrait, touched, two_domains

EVENT = {
    "RequestType": "Delete",
    "ResponseURL": "https://answer",
    "StackId": "stack",
    "RequestId": "request",
    "LogicalResourceId": "Drain",
}


@pytest.mark.parametrize("wish", [KEEP, COPY, LOSE], ids=["keep", "copy", "lose"])
def test_a_stack_that_is_deleted_drains_its_domain_and_no_other(wish: Wish) -> None:
    aws = two_domains()
    before = portrait(aws, OTHER)
    answer = Platform(aws, wish).delete_stack()
    assert answer == {
        "Status": "SUCCESS",
        "Reason": f"{OWN} is gone" + ("; its homes are kept" if wish is KEEP else ""),
        "PhysicalResourceId": "drain-Drain",
        "StackId": "stack",
        "RequestId": "request",
        "LogicalResourceId": "Drain",
    }
    assert of(aws, OWN)["domains"] == []
    assert portrait(aws, OTHER) == before
    assert touched(aws, OTHER) == []


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_nothing_happens_until_the_deletion(request_type: str) -> None:
    aws = two_domains()
    platform = Platform(aws, LOSE)
    platform.deliver(request_type, PhysicalResourceId="drain-Old")
    platform._execute(json.loads(aws.functions.queue.pop()))
    ((_, answer),) = platform.answers
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", "drain-Old")
    assert aws.calls == []


@pytest.mark.parametrize(
    "status", ["UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
               "ROLLBACK_IN_PROGRESS"]
)  # fmt: skip
def test_who_only_takes_the_resource_out_of_the_template_keeps_the_domain(status: str) -> None:
    aws = two_domains()
    platform, before = Platform(aws, LOSE), portrait(aws, OWN)
    platform.deliver("Delete")
    aws.cloudformation.status = status
    platform._execute(json.loads(aws.functions.queue.pop()))
    ((_, answer),) = platform.answers
    assert answer["Status"] == "SUCCESS"
    assert answer["Reason"] == "the stack is not being deleted: nothing was drained"
    assert portrait(aws, OWN) == before


@pytest.mark.parametrize("signed", [True, False])
def test_it_goes_on_in_the_next_run_while_apps_take_twenty_minutes(signed: bool) -> None:
    aws = two_domains()
    for entity, _ in aws.sagemaker.apps.seen(0):
        entity.change(0, _deletion=1200.0)
    platform = Platform(aws, KEEP, signed=signed)
    assert platform.delete_stack()["Status"] == "SUCCESS"
    assert platform.runs >= 2


def test_what_takes_too_long_is_answered_in_time_with_what_is_left() -> None:
    aws = two_domains()
    for entity, _ in aws.sagemaker.apps.seen(0):
        entity.change(0, _deletion=10_000.0)
    platform = Platform(aws, KEEP)
    begin = aws.clock.passed
    answer = platform.delete_stack()
    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith(
        "not finished in 54 minutes: delete the stack again to go on. Left: app"
    )
    assert "JupyterLab default of space p0-lab (Deleting)" in answer["Reason"]
    assert 3200 < platform.answers[0][0] - begin <= 3580
    # Deleted again, it goes on where it was.
    aws.clock.passed += 10_000
    assert platform.delete_stack()["Status"] == "SUCCESS"
    assert of(aws, OWN)["domains"] == []


def test_what_it_may_not_do_fails_at_once_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    aws = two_domains()

    def refuse(**_: object) -> None:
        raise aws.error("AccessDeniedException", "secret", status=403)

    monkeypatch.setattr(aws.sagemaker, "delete_space", refuse)
    answer = Platform(aws, KEEP).delete_stack()
    assert answer["Status"] == "FAILED"
    assert "AWS refuses to delete space" in answer["Reason"]
    assert "Left: " in answer["Reason"]
    assert "secret" not in answer["Reason"]


def test_a_bug_is_answered_too(monkeypatch: pytest.MonkeyPatch) -> None:
    aws = two_domains()
    monkeypatch.setattr(aws.sagemaker, "list_spaces", lambda **_: {"Spaces": [{}]})
    platform = Platform(aws, KEEP)
    with pytest.raises(KeyError):
        platform.delete_stack()
    assert platform.answers[0][1]["Status"] == "FAILED"
    assert platform.answers[0][1]["Reason"] == "KeyError: see the log of drain"


def test_an_answer_that_cannot_be_sent_is_sent_again_and_then_by_the_next_run() -> None:
    aws = two_domains()
    platform = Platform(aws, KEEP)
    platform.send_errors = [OSError("no route")] * 8
    assert platform.delete_stack()["Status"] == "SUCCESS"
    assert platform.runs == 2


@pytest.mark.parametrize("reason", ["x" * 9000, "…" * 9000, '"\\' * 4000, "𝕏" * 9000])
def test_an_answer_is_never_longer_than_cloudformation_takes(reason: str) -> None:
    event = EVENT | {"StackId": "s" * 200, "LogicalResourceId": "l" * 255}
    body = reply(event, good=False, reason=reason, name="drain")
    assert len(body) <= 4096
    assert json.loads(body)["Reason"].endswith("…")


def test_of_many_things_that_are_left_some_are_named_and_the_rest_counted() -> None:
    said = summary([f"space {number:040}" for number in range(1000)])
    assert len(said) < 300
    assert said.endswith("more")
    assert summary(["a", "b"]) == "a; b"
    assert summary(["x" * 400]) == "1 things"


def test_the_address_says_when_cloudformation_began_to_wait() -> None:
    assert str(asked_at("https://b.s3/k?X-Amz-Date=20261125T194432Z&X-Amz-Expires=7200")) == (
        "2026-11-25 19:44:32+00:00"
    )
    for url in ("http://127.0.0.1:4566/x", "https://b/?X-Amz-Date=", "https://b/?X-Amz-Date=yesterday"):
        assert asked_at(url) is None


def test_the_environment_names_one_domain_and_what_was_consented_to() -> None:
    least = {"DOMAIN_ID": "d-own", "STACK_ID": "s", "TIMEOUT_SECONDS": "3600", "HOMES": "Retain"}
    assert Orders.read(least) == Orders("d-own", None, "s", 3600.0, Wish())
    more = least | {"HOME_ID": "fs-1", "HOMES": "Delete", "VAULT": "v", "ROLE_ARN": "r"}
    assert Orders.read(more).wish == Wish(Homes.DELETE, "v", "r")


def test_the_answer_arrives_as_cloudformation_wants_it() -> None:
    seen: list[tuple[str, str, bytes, Any]] = []

    class Server(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.append((self.command, self.path, body, self.headers["Content-Type"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Server) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        send(f"http://127.0.0.1:{server.server_port}/answer?signature=1", b"{}")
        thread.join(timeout=10)
    assert seen == [("PUT", "/answer?signature=1", b"{}", "")]
