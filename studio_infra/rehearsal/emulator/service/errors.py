"""Errors in the words of the SageMaker API."""

from __future__ import annotations


class ServiceError(Exception):
    """What a caller of the API gets.

    Args:
        code: AWS's error code, for example ``ResourceNotFound``.
        message: AWS's sentence.
        status: The HTTP status.

    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        self.code = code
        self.message = message
        self.status = status
        super().__init__(f"{message} ({code})")


def invalid(message: str) -> ServiceError:
    """The request asks for something that the service refuses."""
    return ServiceError("ValidationException", message)


def in_use(message: str) -> ServiceError:
    """The name is taken, or something still depends on the resource."""
    return ServiceError("ResourceInUse", message)


def unsupported(what: str) -> ServiceError:
    """The rehearsal has no such thing: said clearly, never passed over."""
    return ServiceError(
        "NotRehearsed", f"The rehearsal does not have {what}. AWS does: try this step there.", 501
    )
