"""Endpoints: in the stack beside Studio, and never without an end that somebody decided."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from annotated_types import Ge, Le, MaxLen, MultipleOf
from pydantic import BeforeValidator

from studio_infra.settings.fields.aws_ids import Image, InstanceType
from studio_infra.settings.fields.base import Many, Section
from studio_infra.settings.fields.rules import refuse
from studio_infra.settings.fields.texts import S3Uri, TeamName, UserName
from studio_infra.settings.findings import NOTHING, Problem
from studio_infra.settings.sections.endpoints.models import (
    VARIABLES_MAX,
    ComponentSettings,
    ContainerSettings,
    PartName,
    ShadowSettings,
    VariableName,
    VariableText,
    VariantSettings,
)
from studio_infra.settings.sections.endpoints.monitors import MonitorsSettings
from studio_infra.settings.sections.endpoints.office_hours import OfficeHoursSettings
from studio_infra.settings.sections.endpoints.scaling import AsynchronousSettings, ScalingSettings
from studio_infra.settings.sections.workloads import Count

FOREVER = "forever"
#: Fields that mean something for some kinds alone.
_ON_MACHINES = ("real_time", "async")
#: Kinds whose machines all go while there is nothing to do.
_TO_NONE = ("async", "components")
_ONLY_OF = {
    "image": (*_ON_MACHINES, "serverless"),
    "model_data": (*_ON_MACHINES, "serverless"),
    "environment": (*_ON_MACHINES, "serverless"),
    "private_registry": (*_ON_MACHINES, "components"),
    "many_models": _ON_MACHINES,
    "keep_models": _ON_MACHINES,
    "containers": _ON_MACHINES,
    "direct": _ON_MACHINES,
    "variants": ("real_time",),
    "weight": ("real_time",),
    "shadow": ("real_time",),
    "components": ("components",),
    "asynchronous": ("async",),
    "scaling": _ON_MACHINES,
    "monitors": _ON_MACHINES,
    "instance_type": (*_ON_MACHINES, "components"),
    "min_instances": (*_ON_MACHINES, "components"),
    "max_instances": (*_ON_MACHINES, "components"),
    "target_invocations_per_instance": ("real_time",),
    "backlog_per_instance": ("async",),
    "memory_mb": ("serverless",),
    "max_concurrency": ("serverless",),
    "update": _ON_MACHINES,
    "data_capture_percent": _ON_MACHINES,
}


def _expiry(value: object) -> object:
    """A date, or the word that has to be said out loud."""
    if isinstance(value, dt.datetime) or (isinstance(value, str) and value != FOREVER):
        raise refuse("not a date", f'write it without quotes and time, as 2027-03-31, or say "{FOREVER}"')
    return value


class EndpointSettings(Section):
    """`[endpoints.NAME]`: a model that answers over HTTPS, and costs money until it is stopped."""

    team: TeamName
    """Team whose budget it uses."""

    owner: UserName
    """Person of the roster who is asked before it is stopped."""

    image: Image | None = None
    """Image in Amazon ECR that serves the model. Needed, unless `containers` or `components` name theirs."""

    model_data: S3Uri | None = None
    """Model in S3. Left out, the image has the model inside."""

    environment: Annotated[Mapping[VariableName, VariableText], MaxLen(VARIABLES_MAX)] = {}
    """Environment variables of the container."""

    private_registry: bool = False
    """Pull images through the VPC, from a registry that only it can reach: Security Hub's SageMaker.16 and .19.
    `false` where the images are in Amazon ECR, from which SageMaker pulls them itself."""

    many_models: bool = False
    """`model_data` is a folder, ending with a slash, with many models; each request names the one it means."""

    keep_models: bool = True
    """Of many models, keep those in memory that were asked for. `false` is for models that are rarely asked twice."""

    containers: Annotated[Many[ContainerSettings], MaxLen(15)] = ()
    """Several containers instead of `image`: each request goes through them in this order."""

    direct: bool = False
    """Requests name the container they mean, instead of going through all of them."""

    variants: Annotated[Mapping[PartName, VariantSettings], MaxLen(9)] = {}
    """More models beside the endpoint's own, which is the variant "primary", by name; requests are shared by weight."""

    weight: Annotated[float, Ge(0), Le(1000)] = 1.0
    """Share of the requests of the variant "primary", against the weights of `variants`."""

    shadow: ShadowSettings | None = None
    """A model that gets the same requests, and whose answers nobody hears."""

    components: Annotated[Mapping[PartName, ComponentSettings], MaxLen(50)] = {}
    """Of "components": the models, by name."""

    kind: Literal["real_time", "serverless", "async", "components"] = "real_time"
    """How it answers: "real_time" at once, on machines that run all the time; "serverless" at once, on machines that
    AWS finds when somebody asks, without a VPC; "async" into S3, from a queue, on machines that go when it is empty;
    "components" at once, with models that share machines."""

    instance_type: InstanceType | None = None
    """Instance type of the serving machines. A serverless endpoint has none."""

    min_instances: Annotated[int, Ge(0), Le(100)] | None = None
    """Fewest machines. Left out, 2, which stay available while one is replaced; 0 for "async" and "components"."""

    max_instances: Count = 4
    """Most machines."""

    target_invocations_per_instance: Annotated[int, Ge(1), Le(1_000_000)] = 750
    """Invocations a minute that one machine should answer; more starts another one."""

    backlog_per_instance: Annotated[int, Ge(1), Le(10_000)] = 5
    """Of "async": requests that may wait for each machine; more start another one."""

    scaling: ScalingSettings | None = None
    """How fast machines come and go, and other bounds at certain times."""

    asynchronous: AsynchronousSettings | None = None
    """Of "async": how much a machine works on at a time, and who hears of answers."""

    memory_mb: Annotated[int, Ge(1024), Le(6144), MultipleOf(1024)] = 2048
    """Of "serverless": memory in MB, in steps of 1024."""

    max_concurrency: Annotated[int, Ge(1), Le(200)] = 10
    """Of "serverless": requests at the same time."""

    data_capture_percent: Annotated[int, Ge(1), Le(100)] | None = None
    """Requests in a hundred that are kept with their answers, in the team's part of the artifact bucket. Left out,
    none."""

    monitors: MonitorsSettings | None = None
    """What looks at the requests that are kept."""

    update: Literal["all_at_once", "canary", "linear", "rolling"] | None = None
    """How a new model takes over. Each goes back by itself when answers 5xx come from it. Left out, all at once, and
    nothing goes back."""

    expires: Annotated[dt.date | Literal["forever"], BeforeValidator(_expiry)] | None = None
    """Day on which it is stopped, or "forever", which has to be said out loud."""

    lifetime_days: Annotated[int, Ge(1), Le(3650)] | None = None
    """Days after its creation on which it is stopped, instead of `expires`."""

    extendable_days: Annotated[int, Ge(1), Le(365)] | None = None
    """Days beyond its end to which its team may extend it with `studio-infra extend`. Left out, nobody may."""

    office_hours: OfficeHoursSettings | None = None
    """When it is wanted. Left out, always."""

    stop_after_idle_hours: Annotated[int, Ge(1), Le(24 * 90)] | None = None
    """Hours without a request after which it is stopped as well. Left out, silence does not matter."""

    def checks(self) -> tuple[Iterator[Problem], ...]:
        """An endpoint that could be forgotten, and scaling that contradicts itself."""
        return (
            self._kinds(),
            self._lifetime(),
            self._scaling(),
            self._models(),
            self._many(),
            self._parts(),
            self._bounds(),
        )

    @property
    def least_instances(self) -> int:
        """Fewest machines."""
        if self.min_instances is not None:
            return self.min_instances
        return 0 if self.kind in _TO_NONE else min(2, self.max_instances)

    def _lifetime(self) -> Iterator[Problem]:
        if self.expires is None and self.lifetime_days is None:
            yield Problem(("expires",), "missing", f'give a date, "{FOREVER}", or lifetime_days')
        if self.expires is not None and self.lifetime_days is not None:
            yield Problem(
                ("lifetime_days",), "expires is given as well", "leave one of the two out", self.lifetime_days
            )

        if self.expires == FOREVER and self.extendable_days is not None:
            yield Problem(
                ("extendable_days",),
                "there is no end to extend",
                "leave one of the two out",
                self.extendable_days,
            )

    def _scaling(self) -> Iterator[Problem]:
        if self.min_instances == 0 and self.kind not in _TO_NONE:
            allowed = "use at least 1"
            yield Problem(("min_instances",), 'only kind = "async" or "components" goes to none', allowed, 0)
        if self.min_instances is not None and self.min_instances > self.max_instances:
            allowed = f"use at most max_instances, {self.max_instances}"
            yield Problem(("min_instances",), "more than max_instances", allowed, self.min_instances)

    def _kinds(self) -> Iterator[Problem]:
        if self.kind != "serverless" and self.instance_type is None:
            yield Problem(
                ("instance_type",),
                "missing",
                f'give one like ml.m5.large; kind = "{self.kind}" needs machines',
            )
        for field, kinds in _ONLY_OF.items():
            if field in self.model_fields_set and self.kind not in kinds:
                allowed = f"leave it out, or use kind = {' or '.join(f'{kind!r}' for kind in kinds)}"
                value = getattr(self, field)
                yield Problem(
                    (field,),
                    f"says nothing about kind = {self.kind!r}",
                    allowed,
                    NOTHING if isinstance(value, Section | Mapping | tuple) else value,
                )

    def _models(self) -> Iterator[Problem]:
        if self.kind == "components":
            if not self.components:
                yield Problem(
                    ("components",), "missing", "give each model a table of its own, components.NAME"
                )
            return
        if self.image is None and not self.containers:
            yield Problem(("image",), "missing", "name the image in Amazon ECR that serves the model")
        for field in ("image", "model_data", "environment"):
            if self.containers and field in self.model_fields_set:
                allowed = "leave it out: each of them has its own"
                yield Problem((field,), "there are containers", allowed)

    def _many(self) -> Iterator[Problem]:
        if self.many_models and (self.model_data is None or not self.model_data.endswith("/")):
            allowed = "name a folder that ends with a slash"
            yield Problem(("model_data",), "many_models needs a folder", allowed, self.model_data)
        if not self.keep_models and not self.many_models:
            yield Problem(
                ("keep_models",), "is about many_models", "leave it out, or say many_models = true", False
            )
        if self.many_models and self.containers:
            yield Problem(("many_models",), "is of one container", "leave one of the two out", True)
        if len(self.containers) == 1:
            yield Problem(("containers",), "there is one", "name it by image and model_data, or add another")
        if self.direct and not self.containers:
            yield Problem(
                ("direct",), "there is nothing to choose from", "give containers, or leave it out", True
            )

        names = [one.name for one in self.containers if one.name is not None]
        if self.containers and len(names) < len(self.containers) and (names or self.direct):
            yield Problem(("containers",), "some have no name", "give each one, for requests to name")
        if len(set(names)) < len(names):
            yield Problem(("containers",), "two have the same name", "give each a name of its own")

    def _parts(self) -> Iterator[Problem]:
        if self.shadow is not None and self.variants:
            yield Problem(("shadow",), "needs a single variant beside it", "leave one of the two out")
        if "primary" in self.variants:
            yield Problem(("variants", "primary"), "is the endpoint's own model", "use another name")
        if "weight" in self.model_fields_set and not self.variants:
            yield Problem(
                ("weight",), "there is nothing to share with", "leave it out, or give variants", self.weight
            )
        if self.containers and (self.variants or self.shadow is not None):
            yield Problem(("containers",), "other models stand beside them", "use an endpoint for each")
        if self.monitors is not None and self.data_capture_percent is None:
            yield Problem(("monitors",), "nothing is kept to look at", "give data_capture_percent as well")
        if self.kind == "async" and self.scaling is not None and self.scaling.schedule:
            allowed = "leave the schedule out: machines follow the queue"
            yield Problem(("scaling", "schedule"), "says nothing about kind = 'async'", allowed)

    def _bounds(self) -> Iterator[Problem]:
        for name, one in self.variants.items():
            least = self.least_instances if one.min_instances is None else one.min_instances
            most = self.max_instances if one.max_instances is None else one.max_instances
            if least > most:
                field = "max_instances" if one.min_instances is None else "min_instances"
                said = getattr(one, field)
                yield Problem(
                    ("variants", name, field), "the fewest are more than the most", "give both", said
                )
