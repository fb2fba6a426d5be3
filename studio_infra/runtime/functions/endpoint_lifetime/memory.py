"""What has to be known to bring a stopped endpoint back, as tags of the configuration that stays.

The configuration is what the endpoint is made of again, so that the memory lives exactly as long as it is of
any use: it goes when the stack or a person deletes the configuration. What people look for stands in tags that
they can read; the rest (the endpoint's own tags, and how it scaled) is JSON, packed, because a tag holds 256
characters.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import zlib
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Found by this one: the endpoint that was stopped.
ENDPOINT = "studio:stopped-endpoint"
AT, WHY = "studio:stopped-at", "studio:stopped-why"
_PART = "studio:memory-"
#: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Tag.html
TAG_LONGEST, TAGS_MOST = 256, 50
#: AWS's own tags, which nobody else can set.
_RESERVED = "aws:"


class Forgotten(ValueError):  # noqa: N818 - named for what happened
    """The tags do not say how to start the endpoint again."""


class TooMuch(ValueError):  # noqa: N818 - named for what happened
    """More than fits into the tags that are left: such an endpoint is not stopped."""


@dataclass(frozen=True)
class Memory:
    """A stopped endpoint.

    Args:
        endpoint: Its name.
        config: The name of its configuration.
        at: When it was stopped.
        why: Why.
        tags: Its tags, without AWS's own.
        scaling: How its variants and components scaled, in the words of Application Auto Scaling: targets, policies and
            scheduled actions.
        components: Its inference components, in the words of `CreateInferenceComponent`, without the endpoint.
        asked: Whether a person stopped it: what has begun is then finished, whatever its tags say.

    """

    endpoint: str
    config: str
    at: dt.datetime
    why: str
    tags: Mapping[str, str] = field(default_factory=dict)
    scaling: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    components: Sequence[Mapping[str, Any]] = ()
    asked: bool = False

    def with_rest_of(self, before: Memory) -> Memory:
        """The same, and what an earlier memory knew of that is not there any more.

        Stopping and starting take several steps, and a second stop may come between them.
        """
        here = {one["InferenceComponentName"] for one in self.components}
        scaled = {target["ResourceId"] for target in self.scaling.get("targets", ())}
        kinds = dict.fromkeys([*self.scaling, *before.scaling])
        return replace(
            self,
            components=(
                *self.components,
                *(one for one in before.components if one["InferenceComponentName"] not in here),
            ),
            scaling={
                name: [
                    *self.scaling.get(name, ()),
                    *(one for one in before.scaling.get(name, ()) if one["ResourceId"] not in scaled),
                ]
                for name in kinds
            },
        )

    def to_tags(self, *, room: int = TAGS_MOST) -> dict[str, str]:
        """As tags, of which at most `room` fit.

        Raises:
            TooMuch: They do not.

        """
        own = {key: value for key, value in self.tags.items() if not key.startswith(_RESERVED)}
        text = json.dumps(asdict(self) | {"tags": own, "at": None}, separators=(",", ":"), default=_moment)
        packed = base64.b64encode(zlib.compress(text.encode(), 9)).decode()
        parts = [packed[start : start + TAG_LONGEST] for start in range(0, len(packed), TAG_LONGEST)]
        tags = {ENDPOINT: self.endpoint, AT: stamp(self.at), WHY: self.why[:TAG_LONGEST]}
        tags |= {f"{_PART}{number}": part for number, part in enumerate(parts, start=1)}
        if len(tags) > room:
            raise TooMuch(f"{len(tags)} tags are needed to remember it, and there is room for {room}")
        return tags

    @classmethod
    def from_tags(cls, tags: Mapping[str, str]) -> Memory:
        """Read back what `to_tags` wrote.

        Raises:
            Forgotten: Something is missing or was changed.

        """
        try:
            numbers = sorted(int(key.removeprefix(_PART)) for key in tags if key.startswith(_PART))
            packed = "".join(tags[f"{_PART}{number}"] for number in numbers)
            known = json.loads(zlib.decompress(base64.b64decode(packed, validate=True)))
            at = dt.datetime.fromisoformat(tags[AT])
            # A part that is left of an earlier, longer memory makes no sense with the others.
            if known["endpoint"] != tags[ENDPOINT] or at.tzinfo is None:
                raise Forgotten(f"{ENDPOINT}: {tags[ENDPOINT]!r} is not what was remembered")
            return cls(
                known["endpoint"],
                known["config"],
                at,
                tags.get(WHY, ""),
                known["tags"],
                known["scaling"],
                # What was written before there were these.
                tuple(known.get("components", ())),
                known.get("asked", False),
            )
        except (KeyError, TypeError, ValueError, binascii.Error, zlib.error) as error:
            raise Forgotten(f"the tags {ENDPOINT}, {AT} and {_PART}… do not fit together") from error


def of(endpoint: str, tags: Mapping[str, str]) -> Memory | None:
    """What the tags of a configuration remember of this endpoint; nothing if they do not fit together."""
    if tags.get(ENDPOINT) != endpoint:
        return None
    try:
        return Memory.from_tags(tags)
    except Forgotten:
        return None


def keys(tags: Mapping[str, str]) -> list[str]:
    """Those of `tags` that are memory: what to delete when it is of no use any more."""
    return sorted(key for key in tags if key in {ENDPOINT, AT, WHY} or key.startswith(_PART))


def others(tags: Mapping[str, str]) -> int:
    """How many of `tags` are not memory, and take room; AWS's own do not count."""
    return len([key for key in tags if not key.startswith(_RESERVED)]) - len(keys(tags))


def stamp(moment: dt.datetime) -> str:
    """A moment as tags say it: `2026-12-01T08:00:00+00:00`."""
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds")


def _moment(value: Any) -> str:
    """Times in the answers of AWS, which JSON does not know."""
    if isinstance(value, dt.datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be remembered")
