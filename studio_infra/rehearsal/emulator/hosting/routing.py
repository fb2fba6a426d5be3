"""Who answers a request: which of the old and the new instances, which variant, model, container or component.

What the service leaves to chance goes by turns here, in the same proportions: of ten requests with a canary of ten
percent, the first is the canary's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from studio_infra.rehearsal.emulator.hosting import fleet, rollout
from studio_infra.rehearsal.emulator.service.errors import ServiceError
from studio_infra.rehearsal.emulator.state import store

if TYPE_CHECKING:
    from studio_infra.rehearsal.emulator.state.store import Record

    Members = dict[str, Any]

_HEADER: Final = "x-amzn-sagemaker-"


@dataclass(frozen=True)
class Answerer:
    """Who answers.

    Args:
        variant: The production variant.
        model: The model's name.
        config: The configuration that put it there.
        fleet: Everything that this configuration put there.
        container: The one that the request named.
        target: The model in the folder that the request named.
        component: The inference component that the request named.

    """

    variant: str
    model: str
    config: str
    fleet: Members
    container: str | None = None
    target: str | None = None
    component: str | None = None

    def __str__(self) -> str:
        """What the echo says of itself: the custom attributes of its answer."""
        more = {"container": self.container, "target": self.target, "component": self.component}
        said = {"model": self.model, "config": self.config} | {n: v for n, v in more.items() if v is not None}
        return "; ".join(f"{name}={value}" for name, value in said.items())


def refusal(message: str) -> ServiceError:
    """The runtime's own code for what it refuses."""
    return ServiceError("ValidationError", message)


def choose(record: Record, headers: dict[str, str]) -> Answerer:
    """Who answers a request.

    Raises:
        ServiceError: The request names something that is not there, or does not name what it must.

    """
    asked = {name: headers.get(_HEADER + name) for name in ("target-variant", "target-model")}
    serving, shown = _fleet(record)
    component = headers.get(_HEADER + "inference-component")
    if fleet.shares_instances(serving) or component is not None:
        return _component(record, serving, component)
    name = asked["target-variant"] or _by_weight(record, shown)
    variant = serving["variants"].get(name)
    if variant is None:
        raise refusal(f"Variant {name} does not exist for endpoint {record.key[1]}.")
    return Answerer(
        name,
        variant["model"],
        serving["config"],
        serving,
        container=_container(record, variant, headers.get(_HEADER + "target-container-hostname")),
        target=_target(record, variant, asked["target-model"]),
    )


def share(record: Record, what: str, percent: float) -> bool:
    """Whether this one is among so many percent, by turns."""
    turns = record.hidden.setdefault("turns", {}).setdefault(what, [0, 0])
    turns[0] += 1
    if turns[1] * 100 >= percent * turns[0]:
        return False
    turns[1] += 1
    return True


def _fleet(record: Record) -> tuple[Members, list[Members]]:
    """The instances of this request, and what is shown of them."""
    under_way = rollout.of(record)
    if under_way is not None:
        percent = rollout.percent_of_new(under_way)
        if share(record, f"{under_way['start']} {percent}", percent):
            return under_way["hidden"]["fleet"], under_way["members"]["ProductionVariants"]
    return fleet.of_endpoint(record), record.members["ProductionVariants"]


def _by_weight(record: Record, shown: list[Members]) -> str:
    weights = {one["VariantName"]: one["CurrentWeight"] for one in shown if one["CurrentWeight"] > 0}
    if not weights:
        return str(shown[0]["VariantName"])
    served = record.hidden.setdefault("served", {})
    name: str = min(weights, key=lambda one: (served.get(one, 0) + 1) / weights[one])
    served[name] = served.get(name, 0) + 1
    return name


def _target(record: Record, variant: Members, asked: str | None) -> str | None:
    # Both sentences were seen by users: https://github.com/aws/amazon-sagemaker-examples/issues/1026
    # and https://github.com/aws/sagemaker-tensorflow-serving-container/issues/166
    if asked is not None and not variant["many"]:
        raise refusal(
            f"Endpoint {record.key[1]} is not a multi-model endpoint and does not support target model header."
        )
    if asked is None and variant["many"]:
        raise refusal("Request is missing a target model header.")
    return asked


def _container(record: Record, variant: Members, asked: str | None) -> str | None:
    # Documented without words: https://docs.aws.amazon.com/sagemaker/latest/dg/multi-container-direct.html
    if not variant["direct"]:
        if asked is not None:
            raise refusal(f"Endpoint {record.key[1]} is not configured for direct invocation of containers.")
        return None
    if asked is None:
        raise refusal(f"Endpoint {record.key[1]} needs a target container hostname header.")
    if asked not in variant["containers"]:
        raise refusal(f"Endpoint {record.key[1]} has no container with the hostname {asked}.")
    return asked


def _component(record: Record, serving: Members, asked: str | None) -> Answerer:
    if not fleet.shares_instances(serving):
        raise refusal(
            "Inference Component Name header is not allowed for endpoints to which you dont plan to deploy "
            "inference components. Please remove the Inference Component Name header and try again."
        )
    if asked is None:
        raise refusal(
            "Inference Component Name header is required for endpoints to which you plan to deploy inference "
            "components. Please include Inference Component Name header or consider using SageMaker models."
        )
    component = store.find(("InferenceComponent", asked))
    if component is None or component.members["EndpointName"] != record.key[1]:
        raise refusal(f"Inference Component {asked} of endpoint {record.key[1]} not found.")
    if component.members["RuntimeConfig"]["CurrentCopyCount"] < 1:
        raise refusal(
            "Inference Component has no capacity to process this request. ApplicationAutoScaling may be "
            "in-progress (if configured) or try to increase the capacity by invoking "
            "UpdateInferenceComponentRuntimeConfig API."
        )
    specification = component.members["Specification"]
    under_way = rollout.of(component)
    if under_way is not None:
        percent = rollout.percent_of_new(under_way)
        if share(component, f"{under_way['start']} {percent}", percent):
            specification = under_way["members"]["Specification"]
    model = specification.get("ModelName") or specification.get("Container", {}).get("Image", "")
    variant = component.members["VariantName"]
    return Answerer(variant, model, serving["config"], serving, component=asked)
