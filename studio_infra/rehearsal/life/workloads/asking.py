"""Asking the endpoints of the settings, as a member of their team."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from studio_infra.rehearsal.life.acting import acting_as, member_of
from studio_infra.rehearsal.life.stage import expect, expect_same

if TYPE_CHECKING:
    from studio_infra.rehearsal.life.stage import Stage

#: Personas whose members invoke their team's endpoints.
_INVOKES: Final = frozenset({"data_scientist", "ml_engineer", "analyst"})
_BODY: Final = b"1,2,3\n"


def endpoints(stage: Stage) -> list[str]:
    """The names of the endpoints that are there."""
    return [
        endpoint["EndpointName"]
        for endpoint in stage.pages("list_endpoints")
        if endpoint["EndpointStatus"] != "Deleting"
    ]


def check_answer(stage: Stage, endpoint: str) -> str:
    """Let a member of its team ask an endpoint; the configuration that answered.

    Raises:
        StepFailed: It does not answer, or they may not ask.

    """
    named = {f"{stage.settings.name}-{name}": one for name, one in stage.settings.endpoints.items()}
    wanted = named[endpoint]
    queued = wanted.kind == "async"
    operation = "invoke_endpoint_async" if queued else "invoke_endpoint"
    request = {"EndpointName": endpoint, "ContentType": "text/csv", "Body": _BODY}
    member = member_of(stage, wanted.team)
    if member is None or stage.settings.teams[wanted.team].persona not in _INVOKES:
        answer = getattr(stage.client("sagemaker-runtime"), operation)(**request)
        return _told(stage, endpoint, answer, queued=queued)
    with acting_as(stage, member) as actor:
        ask = partial(getattr(actor.client("sagemaker-runtime"), operation), **request)
        return _told(stage, endpoint, actor.may(f"invoke {endpoint}", ask), queued=queued)


def _told(stage: Stage, endpoint: str, answer: dict[str, Any], *, queued: bool) -> str:
    status = answer["ResponseMetadata"]["HTTPStatusCode"]
    expect_same(f"status of the answer of {endpoint}", status, 202 if queued else 200)
    if queued:
        bucket, _, key = answer["OutputLocation"].removeprefix("s3://").partition("/")
        found = stage.client("s3").get_object(Bucket=bucket, Key=key)
        body, said = found["Body"].read(), found["Metadata"]["custom-attributes"]
    else:
        body, said = answer["Body"].read(), answer["CustomAttributes"]
    expect(bool(body), f"endpoint {endpoint} answered with nothing")
    attributes = dict(pair.split("=", 1) for pair in said.split("; "))
    return str(attributes["config"])
