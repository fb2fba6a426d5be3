"""Places in S3 that jobs read and write."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from studio_infra.errors import InvalidInput
from studio_infra.settings.facts import limits
from studio_infra.workloads.pipelines.pipeline_definition.values import Text, is_open, known_start


class InputMode(Enum):
    """How data gets to a job."""

    #: Copied to the volume before the job starts.
    FILE = "File"
    #: Looks like files, is streamed when it is read: starts at once.
    FAST_FILE = "FastFile"
    #: Streamed through a named pipe.
    PIPE = "Pipe"


_S3: Final = "s3://"


def check_place(place: Text, what: str) -> None:
    """Refuse what is not a place in S3."""
    start = known_start(place)
    if start is None or is_open(start):
        if isinstance(place, str) and not place.startswith((_S3, "${Token[")):
            raise InvalidInput(
                "S3Place", f"{what} must be a place in S3 like s3://bucket/folder, got {place!r}"
            )
        return
    longest = limits.S3_URI_MAX
    if not start.startswith(_S3) or len(start) > longest or start.removeprefix(_S3).startswith(("/", "*")):
        raise InvalidInput(
            "S3Place",
            f"{what} must be like s3://bucket/folder, at most {longest} characters long, got {start!r}",
        )
    if any(char in start for char in "*?\n") or len(start) == len(_S3):
        raise InvalidInput(
            "S3Place", f"{what} must name one place in S3, without wildcards or line breaks, got {start!r}"
        )


@dataclass(frozen=True, kw_only=True)
class TrainingInput:
    """A channel of training data.

    Args:
        place: An object or a folder in S3.
        mode: How the data gets to the job.
        content_type: What the algorithm is told: `"text/csv"`. Defaults to nothing.
        sharded: Give each instance its share of the objects. Defaults to all objects for every instance.

    """

    place: Text
    mode: InputMode = InputMode.FILE
    content_type: str | None = None
    sharded: bool = False

    def __post_init__(self) -> None:
        check_place(self.place, "an input")

    def to_json(self, channel: str) -> dict[str, Any]:
        """The channel in the words of the API."""
        source = {
            "S3DataType": "S3Prefix",
            "S3Uri": self.place,
            "S3DataDistributionType": "ShardedByS3Key" if self.sharded else "FullyReplicated",
        }
        return {
            "ChannelName": channel,
            "DataSource": {"S3DataSource": source},
            "InputMode": self.mode.value,
            "ContentType": self.content_type,
        }
