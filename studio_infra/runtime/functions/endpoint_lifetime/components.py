"""Inference components: taken away before their endpoint, which SageMaker deletes only without them, and made again.

A component cannot live without its endpoint, and CloudFormation finds it again by its name. So what it is made of is
written down beside the endpoint's own tags, in the words of `CreateInferenceComponent`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..shared.errors import Kind, kind
from . import core

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..shared.calls import Calls

_IN_SERVICE, _FAILED = "InService", "Failed"
#: States in which SageMaker takes no deletion.
CHANGING = frozenset({"Creating", "Updating"})
_RESERVED = "aws:"
_PARTS = ("InferenceComponentName", "VariantName")
#: What `DescribeInferenceComponent` answers of the parts that `CreateInferenceComponent` takes under the same names.
_SPECIFICATION = (
    "InstanceType",
    "ModelName",
    "StartupParameters",
    "ComputeResourceRequirements",
    "BaseInferenceComponentName",
    "DataCacheConfig",
    "SchedulingConfig",
)
_CONTAINER = ("ArtifactUrl", "Environment")


class CannotTake(Exception):  # noqa: N818 - named for what happened
    """A component that nobody answers for: its endpoint stays."""


class CannotMake(Exception):  # noqa: N818 - named for what happened
    """A component did not come into service."""


class Components:
    """Reads, deletes and makes them.

    Args:
        calls: Of this run.
        sagemaker: A client of SageMaker.

    """

    def __init__(self, calls: Calls, *, sagemaker: Any) -> None:
        self._calls = calls
        self._sagemaker = sagemaker

    def of(self, endpoint: str) -> dict[str, str]:
        """The components of an endpoint: name to status."""
        found = self._calls.pages(
            self._sagemaker.list_inference_components,
            "InferenceComponents",
            EndpointNameEquals=endpoint,
            MaxResults=100,
        )
        return {one["InferenceComponentName"]: one["InferenceComponentStatus"] for one in found}

    def read(self, names: Iterable[str]) -> list[dict[str, Any]]:
        """What makes them again, without the endpoint; those that are gone meanwhile are left out.

        Raises:
            CannotTake: One has no owner: the function may delete none of those.

        """
        return [made for name in names if (made := self._read(name)) is not None]

    def _read(self, name: str) -> dict[str, Any] | None:
        try:
            found = self._calls.read(
                self._sagemaker.describe_inference_component, InferenceComponentName=name
            )
            tags = [
                tag
                for tag in self._calls.pages(
                    self._sagemaker.list_tags, "Tags", ResourceArn=found["InferenceComponentArn"]
                )
                if not tag["Key"].startswith(_RESERVED)
            ]
        except Exception as error:
            if kind(error) is Kind.GONE:
                return None
            raise
        if core.OWNER not in {tag["Key"] for tag in tags}:
            raise CannotTake(f"its component {name} has no owner: give it the tag {core.OWNER}")
        made = {part: found[part] for part in _PARTS if found.get(part)} | {"Tags": tags}
        if found.get("Specifications"):
            made["Specifications"] = [_specification(one) for one in found["Specifications"]]
        elif found.get("Specification"):
            made["Specification"] = _specification(found["Specification"])
        copies = found.get("RuntimeConfig", {}).get("DesiredCopyCount")
        if copies is not None:
            made["RuntimeConfig"] = {"CopyCount": copies}
        return made

    def delete(self, there: Mapping[str, str], known: Iterable[Mapping[str, Any]]) -> None:
        """Delete those that are there; one that others are built on only when they are gone."""
        bases = {
            base for one in known if one["InferenceComponentName"] in there for base in [base_of(one)] if base
        }
        for name, status in there.items():
            if status == "Deleting" or name in bases:
                continue
            try:
                self._calls.change(self._sagemaker.delete_inference_component, InferenceComponentName=name)
            except Exception as error:
                if kind(error) is not Kind.GONE:
                    raise

    def make(self, endpoint: str, known: Iterable[Mapping[str, Any]]) -> bool:
        """Make those that are missing; one that is built on another only when that one is in service.

        Returns:
            Whether all are in service.

        Raises:
            CannotMake: One has failed.

        """
        wanted = list(known)
        if not wanted:
            return True
        there = self.of(endpoint)
        for one in wanted:
            name, base = one["InferenceComponentName"], base_of(one)
            if there.get(name) == _FAILED:
                raise CannotMake(f"its component {name} has failed: SageMaker says why")
            if name not in there and (base is None or there.get(base) == _IN_SERVICE):
                self._make(endpoint, one)
        return all(there.get(one["InferenceComponentName"]) == _IN_SERVICE for one in wanted)

    def _make(self, endpoint: str, one: Mapping[str, Any]) -> None:
        try:
            self._calls.change(self._sagemaker.create_inference_component, EndpointName=endpoint, **one)
        except Exception as error:
            # An answer that was lost on the way: the first attempt made it.
            if "already exist" not in str(error):
                raise


def base_of(made: Mapping[str, Any]) -> str | None:
    """The component that one is built on: adapters have one."""
    every = made.get("Specifications") or [made.get("Specification", {})]
    found: str | None = every[0].get("BaseInferenceComponentName")
    return found


def _specification(found: Mapping[str, Any]) -> dict[str, Any]:
    made = {name: found[name] for name in _SPECIFICATION if found.get(name)}
    container = found.get("Container")
    if container:
        made["Container"] = {name: container[name] for name in _CONTAINER if container.get(name)}
        image = container.get("DeployedImage", {}).get("SpecifiedImage")
        if image:
            made["Container"]["Image"] = image
    return made
