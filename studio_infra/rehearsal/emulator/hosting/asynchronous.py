"""Asynchronous endpoints: a request is taken, and its answer is written to S3 and told to a topic.

Nothing waits in the queue here: the answer is there before the request has ended.
https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-check-predictions.html
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import TYPE_CHECKING, Any, Final

from studio_infra.rehearsal.emulator import hooks
from studio_infra.rehearsal.emulator.hooks import services
from studio_infra.rehearsal.emulator.hosting import capture, routing
from studio_infra.rehearsal.emulator.state import clock

if TYPE_CHECKING:
    from studio_infra.rehearsal.emulator.state.store import Record

    Answer = tuple[int, dict[str, str], bytes]
    Members = dict[str, Any]

_HEADER: Final = "x-amzn-sagemaker-"
#: What botocore says of `Body`.
_INLINE_LONGEST: Final = 128_000


def take(record: Record, headers: dict[str, str], body: bytes) -> Answer:
    """Take a request.

    Raises:
        ServiceError: It says not where its data is, or twice.

    """
    source = headers.get(_HEADER + "inputlocation")
    if bool(source) == bool(body):
        raise routing.refusal("Exactly one of InputLocation and Body must be given.")
    if len(body) > _INLINE_LONGEST:
        raise routing.refusal(f"Body must be at most {_INLINE_LONGEST} bytes long, got {len(body)}.")
    one = routing.choose(record, headers)
    wanted = one.fleet["async"]["OutputConfig"]
    number = headers.get(_HEADER + "inference-id") or str(uuid.uuid4())
    name = headers.get(_HEADER + "filename") or f"{uuid.uuid4()}.out"
    extension = headers.get(_HEADER + "s3outputpathextension", "")
    good, bad = (
        _below(wanted.get(where) or wanted["S3OutputPath"], extension, name)
        for where in ("S3OutputPath", "S3FailurePath")
    )
    data = services.read_object(source) if source else body
    kind = headers.get(_HEADER + "content-type") or "application/octet-stream"
    problem = None
    if data is None:
        problem = f"The input at {source} cannot be read."
    elif not services.write_object(good, data, content_type=kind, metadata={"custom-attributes": str(one)}):
        problem = f"The answer cannot be written to {good}."
    else:
        capture.keep(record, one, data, content_type=kind, event=number)
    if problem is not None:
        said = json.dumps({"message": problem}).encode()
        services.write_object(bad, said, content_type="application/json", metadata={})
    _tell(record, wanted, source=source, kind=kind, number=number, good=good, bad=bad, problem=problem)
    about = {
        f"X-Amzn-SageMaker-{side}Location": place for side, place in (("Output", good), ("Failure", bad))
    }
    return 202, {"Content-Type": "application/json"} | about, json.dumps({"InferenceId": number}).encode()


def _below(folder: str, extension: str, name: str) -> str:
    return "/".join(filter(None, (folder.rstrip("/"), extension.strip("/"), name)))


def _tell(
    record: Record,
    wanted: Members,
    *,
    source: str | None,
    kind: str,
    number: str,
    good: str,
    bad: str,
    problem: str | None,
) -> None:
    topics = wanted.get("NotificationConfig") or {}
    topic = topics.get("SuccessTopic" if problem is None else "ErrorTopic")
    if topic is None:
        return
    now = dt.datetime.fromtimestamp(clock.now(), dt.UTC).isoformat(timespec="milliseconds")
    asked: Members = {"endpointName": record.key[1]} | ({"inputLocation": source} if source else {})
    message: Members = {
        "awsRegion": hooks.region(),
        "eventTime": now.replace("+00:00", "Z"),
        "receivedTime": now.replace("+00:00", "Z"),
        "invocationStatus": "Completed" if problem is None else "Failed",
        "requestParameters": asked,
        "inferenceId": number,
        "eventVersion": "1.0",
        "eventSource": "aws:sagemaker",
        "eventName": "InferenceResult",
    }
    if problem is None:
        message["responseParameters"] = {"contentType": kind, "outputLocation": good}
    else:
        message |= {"failureReason": problem, "failureLocation": bad}
    services.publish(topic, message)
