"""What an error of AWS means for who called: gone, in use, denied, later, or a bug."""

from __future__ import annotations

import enum
from typing import Final

from botocore.exceptions import ClientError, HTTPClientError, NoCredentialsError
from botocore.exceptions import ConnectionError as NoConnection


class Kind(enum.Enum):
    """What to do about an error."""

    #: What was asked for is not there: for a deletion that is success.
    GONE = "gone"
    #: Somebody else still uses it, or it changes right now: later, not at once.
    IN_USE = "in use"
    #: We may not: trying again changes nothing, people must hear of it.
    DENIED = "denied"
    #: Too many calls: again, more slowly.
    THROTTLED = "throttled"
    #: The service or the way to it failed: again. Whether the call had an effect is not known.
    UNAVAILABLE = "unavailable"
    #: Anything else, a mistake of ours most likely.
    OTHER = "other"


#: These are tried again by `Calls`.
TRANSIENT: Final = frozenset({Kind.THROTTLED, Kind.UNAVAILABLE})

_GONE: Final = frozenset(
    {
        "BackupPlanNotFoundException",
        "FileSystemNotFound",
        "InvalidGroup.NotFound",
        "MountTargetNotFound",
        "NotFoundException",
        "ObjectNotFoundException",
        "ResourceNotFound",
        "ResourceNotFoundException",
    }
)
_IN_USE: Final = frozenset(
    {"ConflictException", "DependencyViolation", "FileSystemInUse", "ResourceInUse", "ResourceInUseException"}
)
_DENIED: Final = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "UnauthorizedOperation",
        "UnrecognizedClientException",
    }
)
_THROTTLED: Final = frozenset(
    {
        "RequestLimitExceeded",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
    }
)
_UNAVAILABLE: Final = frozenset(
    {
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "ServiceUnavailable",
        "ServiceUnavailableException",
    }
)
_SERVER_ERROR: Final = 500
_TOO_MANY_REQUESTS: Final = 429

#: SageMaker says most of "there is none" and some of "not now" with the one code of bad input: the words tell them
#: apart. A message that nobody knows stays bad input, so that no mistake of ours passes for success.
_GONE_WORDS: Final = ("could not find", "does not exist", "not found", "unable to find")
_IN_USE_WORDS: Final = ("in progress", "in-progress", "cannot be deleted while", "is being", "status (")
_MALFORMED_WORDS: Final = ("failed to satisfy", "validation error")


def kind(error: BaseException) -> Kind:
    """What `error`, which a client of boto3 raised, means."""
    if isinstance(error, ClientError):
        return _answered(error)
    if isinstance(error, NoCredentialsError):
        return Kind.DENIED
    # No answer at all: refused, cut or timed out. All that botocore raises about the way there is one of these two.
    if isinstance(error, (HTTPClientError, NoConnection)):
        return Kind.UNAVAILABLE
    return Kind.OTHER


def code(error: BaseException) -> str:
    """The service's own word for the error, or the name of its class: never what it says, that may be private."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "")) or type(error).__name__
    return type(error).__name__


def _answered(error: ClientError) -> Kind:
    name = code(error)
    for names, meaning in (
        (_GONE, Kind.GONE),
        (_IN_USE, Kind.IN_USE),
        (_DENIED, Kind.DENIED),
        (_THROTTLED, Kind.THROTTLED),
        (_UNAVAILABLE, Kind.UNAVAILABLE),
    ):
        if name in names:
            return meaning
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if status == _TOO_MANY_REQUESTS:
        return Kind.THROTTLED
    if status >= _SERVER_ERROR:
        return Kind.UNAVAILABLE
    if name == "ValidationException":
        return _by_words(str(error.response.get("Error", {}).get("Message", "")).lower())
    return Kind.OTHER


def _by_words(message: str) -> Kind:
    if any(words in message for words in _MALFORMED_WORDS):
        return Kind.OTHER
    if any(words in message for words in _GONE_WORDS):
        return Kind.GONE
    if any(words in message for words in _IN_USE_WORDS):
        return Kind.IN_USE
    return Kind.OTHER
