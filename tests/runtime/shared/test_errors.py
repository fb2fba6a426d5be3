"""What errors mean, held against what botocore's own models and classes say exists."""

from __future__ import annotations

import botocore.exceptions
import botocore.session
import pytest
from botocore.exceptions import ClientError

from studio_infra.runtime.functions.shared.errors import Kind, code, kind


def answered(name: str, message: str = "", status: int = 400) -> ClientError:
    return ClientError(
        {
            "Error": {"Code": name, "Message": message},
            "ResponseMetadata": {
                "HTTPStatusCode": status,
                "RequestId": "r",
                "HostId": "h",
                "HTTPHeaders": {},
                "RetryAttempts": 0,
            },
        },
        "DeleteApp",
    )


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (answered("ResourceNotFound"), Kind.GONE),
        (answered("ValidationException", 'Could not find endpoint "x".'), Kind.GONE),
        (answered("ValidationException", "RecordNotFound: it does not exist"), Kind.GONE),
        (answered("ResourceInUse"), Kind.IN_USE),
        (answered("ValidationException", "Cannot update in-progress endpoint"), Kind.IN_USE),
        (
            answered("ValidationException", "Status (Stopping) not in ([Stopped, Failed])"),
            Kind.IN_USE,
        ),
        (answered("AccessDeniedException"), Kind.DENIED),
        (answered("ThrottlingException"), Kind.THROTTLED),
        (answered("Anything", status=429), Kind.THROTTLED),
        (answered("InternalFailure", status=500), Kind.UNAVAILABLE),
        (answered("", status=503), Kind.UNAVAILABLE),
        (answered("ValidationException", "1 validation error detected: …"), Kind.OTHER),
        # What a bad request says of itself is no state of a resource, whatever words are in it.
        (
            answered("ValidationException", "Value 'not found' at 'status (x)' failed to satisfy constraint"),
            Kind.OTHER,
        ),
        (answered("ResourceLimitExceeded"), Kind.OTHER),
        (botocore.exceptions.NoCredentialsError(), Kind.DENIED),
        (botocore.exceptions.ParamValidationError(report="x"), Kind.OTHER),
        (ValueError("x"), Kind.OTHER),
    ],
)
def test_an_error_means_one_thing(error: Exception, meaning: Kind) -> None:
    assert kind(error) is meaning


@pytest.mark.parametrize(
    "name",
    [
        "ConnectTimeoutError",
        "ConnectionClosedError",
        "EndpointConnectionError",
        "ReadTimeoutError",
        "SSLError",
    ],
)
def test_no_answer_is_no_refusal(name: str) -> None:
    error = getattr(botocore.exceptions, name)(endpoint_url="https://x", error="cut")
    assert kind(error) is Kind.UNAVAILABLE


def test_whatever_sagemaker_says_of_what_is_missing_or_used_is_known() -> None:
    model = botocore.session.get_session().get_service_model("sagemaker")
    said = {
        shape.name: kind(answered(shape.name))
        for name in model.operation_names
        for shape in model.operation_model(name).error_shapes
    }
    assert said == {
        "ConflictException": Kind.IN_USE,
        "ResourceInUse": Kind.IN_USE,
        "ResourceLimitExceeded": Kind.OTHER,
        "ResourceNotFound": Kind.GONE,
    }


def test_a_code_says_nothing_private() -> None:
    assert code(answered("AccessDenied", "user ana@example.com may not")) == "AccessDenied"
    assert code(botocore.exceptions.NoCredentialsError()) == "NoCredentialsError"
    assert code(answered("")) == "ClientError"
