"""Calls to MiniStack's other services, as they would come in over HTTP."""

from __future__ import annotations

import importlib
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ministack import app as ministack_app
from ministack.services import backup, cloudwatch, lambda_svc, s3, sns, tagging

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def call_json(service: str, target: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Call a JSON service from inside the server.

    Args:
        service: MiniStack's name of its module.
        target: The ``X-Amz-Target`` header.
        payload: The request.

    Raises:
        ValueError: The service refused; the text is its message.

    """
    headers = {"x-amz-target": target, "content-type": "application/x-amz-json-1.0"}
    return _call(service, "POST", "/", headers, payload)


def call_rest(service: str, method: str, path: str, payload: dict[str, Any] | None = None) -> dict[str, Any]:
    """Call a service that has paths from inside the server.

    Args:
        service: MiniStack's name of its module.
        method: Of HTTP.
        path: As in the URL.
        payload: The request's body. Defaults to an empty one.

    Raises:
        ValueError: The service refused; the text is its message.

    """
    return _call(service, method, path, {"content-type": "application/json"}, payload or {})


def _call(
    service: str, method: str, path: str, headers: dict[str, str], payload: dict[str, Any]
) -> dict[str, Any]:
    status, body = _send(service, method, path, headers, json.dumps(payload).encode())
    answer: dict[str, Any] = json.loads(body) if body else {}
    if status >= 400:  # noqa: PLR2004 - HTTP
        message = answer.get("message") or answer.get("Message") or str(answer)
        raise ValueError(
            f"{message} (Service: {service}, Status Code: {status}, Error Code: {answer.get('__type')})"
        )
    return answer


def _send(service: str, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
    module = importlib.import_module(f"ministack.services.{service}")
    # Its handler must be known to the server, or its state would not be kept over a restart.
    ministack_app._loaded_modules.setdefault(service, module)
    call = module.handle_request(method, path, headers, body, {})
    try:
        call.send(None)
    except StopIteration as done:
        status, _, answer = done.value
        return int(status), answer if isinstance(answer, bytes) else str(answer).encode()
    call.close()
    what = headers.get("x-amz-target", f"{method} {path}")
    raise RuntimeError(f"{what} waits for something and cannot be called from here")


def read_object(place: str) -> bytes | None:
    """What lies at ``s3://bucket/key``; nothing when nothing does."""
    status, body = _send("s3", "GET", _path_of(place), {}, b"")
    return body if status < 400 else None  # noqa: PLR2004 - HTTP


def write_object(place: str, body: bytes, *, content_type: str, metadata: dict[str, str]) -> bool:
    """Put something to ``s3://bucket/key``; whether the bucket took it."""
    headers = {"content-type": content_type, "content-length": str(len(body))}
    headers |= {f"x-amz-meta-{name}": value for name, value in metadata.items()}
    status, _ = _send("s3", "PUT", _path_of(place), headers, body)
    return status < 400  # noqa: PLR2004 - HTTP


def publish(topic: str, message: dict[str, Any]) -> None:
    """Tell everybody who has subscribed to an SNS topic; one that is gone hears nothing."""
    sns.publish_internal(topic, json.dumps(message))


def alarms_in_alarm() -> set[str]:
    """The names of CloudWatch's alarms, composite ones among them, that are in ALARM now."""
    return {
        name
        for alarms in (cloudwatch._alarms, cloudwatch._composite_alarms)
        for name, alarm in list(alarms.items())
        if alarm["StateValue"] == "ALARM"
    }


def _path_of(place: str) -> str:
    return "/" + quote(place.removeprefix("s3://"))


def call_function(arn: str, event: dict[str, Any]) -> dict[str, Any]:
    """Run a Lambda function to its end. It may call this server, so the caller must not be what serves it.

    Raises:
        ValueError: There is no such function, it failed, or it answered with no object.

    """
    found, config, name = lambda_svc._get_func_record_for_ref(arn)
    if not found or not config:
        raise ValueError(f"Function not found: {name}")
    record = lambda_svc._execution_record_for_config(found, config)
    result = lambda_svc._execute_function_with_config_scope(record, event)
    body = result.get("body")
    if isinstance(body, str | bytes):
        body = json.loads(body or "null")
    if result.get("error") or not isinstance(body, dict):
        raise ValueError(f"Function {name} answered {json.dumps(body)[:200]}")
    return body


def set_bucket_tags(bucket: str, tags: dict[str, str]) -> None:
    """The tags of an S3 bucket."""
    s3._bucket_tags[bucket] = dict(tags)


def show_recovery_point_tags() -> None:
    """Let AWS Backup tell the tags of what a job made: MiniStack keeps them with the job and never shows them."""
    old = backup._resolve_resource

    def resolve(arn: str) -> dict[str, str] | None:
        for job in backup._jobs.values():
            if job["RecoveryPointArn"] == arn:
                return dict(job["RecoveryPointTags"])
        found: dict[str, str] | None = old(arn)
        return found

    backup._resolve_resource = resolve


def show_tags(service: str, tagged: Callable[[], Iterator[tuple[str, list[dict[str, str]]]]]) -> None:
    """Let the Resource Groups Tagging API find a service's resources.

    Args:
        service: As ARNs name it.
        tagged: ARN and tags of each of its resources, in the account and region of the request.

    """
    tagging._COLLECTORS[service] = tagged
