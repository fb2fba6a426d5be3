"""Data capture: requests and answers in S3, in the files that the model monitors read.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import uuid
from typing import TYPE_CHECKING, Any, Final

from studio_infra.rehearsal.emulator.hooks import services
from studio_infra.rehearsal.emulator.hosting import routing
from studio_infra.rehearsal.emulator.state import clock

if TYPE_CHECKING:
    from studio_infra.rehearsal.emulator.hosting.routing import Answerer
    from studio_infra.rehearsal.emulator.state.store import Record

    Members = dict[str, Any]

_SIDES: Final = {"Input": ("endpointInput", "INPUT"), "Output": ("endpointOutput", "OUTPUT")}


def keep(record: Record, one: Answerer, body: bytes, *, content_type: str, event: str) -> None:
    """Keep a request and its answer where the configuration asks for it: of who answers, and of a shadow beside it.

    A shadow gets the requests in proportion to its weight. What cannot be written is lost: nobody's answer waits for
    it.
    """
    weight = one.fleet["variants"][one.variant]["weight"]
    heard = [one.variant]
    for name, shadow in one.fleet["shadows"].items():
        if routing.share(record, f"shadow {name}", 100 * shadow["weight"] / weight if weight else 100):
            heard.append(name)
    wanted = one.fleet["capture"]
    if not wanted or not wanted.get("EnableCapture", True):
        return
    if not routing.share(record, f"capture {one.config}", wanted["InitialSamplingPercentage"]):
        return
    sides = [option["CaptureMode"] for option in wanted["CaptureOptions"]]
    now = dt.datetime.fromtimestamp(clock.now(), dt.UTC)
    line = json.dumps(_line(sides, body, content_type=content_type, event=event, now=now)) + "\n"
    for name in heard:
        folder = f"{wanted['DestinationS3Uri'].rstrip('/')}/{record.key[1]}/{name}"
        place = f"{folder}/{now:%Y/%m/%d/%H}/{now:%M-%S-%f}-{uuid.uuid4()}.jsonl"
        services.write_object(place, line.encode(), content_type="application/jsonlines", metadata={})


def _line(sides: list[str], body: bytes, *, content_type: str, event: str, now: dt.datetime) -> Members:
    try:
        data, encoding = (
            body.decode(),
            {"text/csv": "CSV", "application/json": "JSON"}.get(content_type, "BASE64"),
        )
    except UnicodeDecodeError:
        data, encoding = "", "BASE64"
    if encoding == "BASE64":
        data = base64.b64encode(body).decode()
    captured = {
        name: {"observedContentType": content_type, "mode": mode, "data": data, "encoding": encoding}
        for side, (name, mode) in _SIDES.items()
        if side in sides or "InputAndOutput" in sides
    }
    moment = now.isoformat(timespec="seconds").replace("+00:00", "Z")
    return {
        "captureData": captured,
        "eventMetadata": {"eventId": event, "inferenceTime": moment},
        "eventVersion": "0",
    }
