"""What answers: containers, more variants, a shadow, components that share machines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge, Le, MaxLen

from studio_infra.settings.fields.aws_ids import Image, InstanceType
from studio_infra.settings.fields.base import Section
from studio_infra.settings.fields.rules import Text
from studio_infra.settings.fields.texts import S3Uri, UserName
from studio_infra.settings.findings import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

VARIABLES_MAX = 100
VariableName = Annotated[
    str,
    Text.like(
        "^[a-zA-Z_][a-zA-Z0-9_]{0,1023}$",
        "not a name of an environment variable",
        'write it like "LOG_LEVEL"',
    ),
]
VariableText = Annotated[str, MaxLen(1024)]
Machines = Annotated[int, Ge(1), Le(100)]
Copies = Annotated[int, Ge(1), Le(100)]


class ContainerSettings(Section):
    """`[[endpoints.NAME.containers]]`: one of several containers."""

    name: UserName | None = None
    """What requests call it. Needed with `direct`; all containers have names, or none has."""

    image: Image
    """Image in Amazon ECR."""

    model_data: S3Uri | None = None
    """Model in S3. Left out, the image has the model inside."""

    environment: Annotated[Mapping[VariableName, VariableText], MaxLen(VARIABLES_MAX)] = {}
    """Environment variables of the container."""


class VariantSettings(Section):
    """`[endpoints.NAME.variants.VARIANT]`: another model beside the endpoint's own, which is the variant "primary"."""

    image: Image | None = None
    """Image in Amazon ECR that serves the model. Left out, the endpoint's."""

    model_data: S3Uri | None = None
    """Model in S3. Left out, the endpoint's if the image is, too; else the image has the model inside."""

    environment: Annotated[Mapping[VariableName, VariableText], MaxLen(VARIABLES_MAX)] = {}
    """Environment variables of the container. Left out, the endpoint's."""

    instance_type: InstanceType | None = None
    """Instance type of its machines. Left out, the endpoint's."""

    weight: Annotated[float, Ge(0), Le(1000)] = 1.0
    """Its share of the requests, against the weights of the other variants."""

    min_instances: Machines | None = None
    """Fewest machines. Left out, the endpoint's."""

    max_instances: Machines | None = None
    """Most machines. Left out, the endpoint's."""

    def checks(self) -> tuple[Iterator[Problem], ...]:
        """A model that is not there, and scaling that contradicts itself."""
        return nothing_different(self, ("image", "model_data", "environment", "instance_type")), order(
            self.min_instances, self.max_instances, ("min_instances", "max_instances")
        )


class ShadowSettings(Section):
    """`[endpoints.NAME.shadow]`: a model that gets the same requests, and whose answers nobody hears."""

    image: Image | None = None
    """Image in Amazon ECR that serves the model. Left out, the endpoint's."""

    model_data: S3Uri | None = None
    """Model in S3. Left out, the endpoint's if the image is, too; else the image has the model inside."""

    environment: Annotated[Mapping[VariableName, VariableText], MaxLen(VARIABLES_MAX)] = {}
    """Environment variables of the container. Left out, the endpoint's."""

    instance_type: InstanceType | None = None
    """Instance type of its machines. Left out, the endpoint's."""

    instances: Machines = 1
    """Number of its machines."""

    def checks(self) -> tuple[Iterator[Problem], ...]:
        """A shadow that differs in nothing."""
        return (nothing_different(self, ("image", "model_data", "environment", "instance_type")),)


class ComponentSettings(Section):
    """`[endpoints.NAME.components.COMPONENT]`: a model on machines that it shares with others. Requests name it."""

    image: Image
    """Image in Amazon ECR that serves the model."""

    model_data: S3Uri | None = None
    """Model in S3. Left out, the image has the model inside."""

    environment: Annotated[Mapping[VariableName, VariableText], MaxLen(VARIABLES_MAX)] = {}
    """Environment variables of the container."""

    memory_mb: Annotated[int, Ge(128), Le(4_000_000)]
    """Memory in MB that one copy needs."""

    cpus: Annotated[float, Ge(0.25), Le(1000)] | None = None
    """Processors that one copy needs. Left out, what is free."""

    accelerators: Annotated[int, Ge(1), Le(64)] | None = None
    """GPUs or Neuron devices that one copy needs. Left out, none."""

    min_copies: Annotated[int, Ge(0), Le(100)] = 0
    """Fewest copies. With 0, the first request after a silence fails, and the copy that it starts answers the next."""

    max_copies: Copies = 1
    """Most copies."""

    invocations_per_copy: Annotated[int, Ge(1), Le(1_000_000)] = 60
    """Invocations a minute that one copy should answer; more starts another one."""

    def checks(self) -> tuple[Iterator[Problem], ...]:
        """Copies that contradict each other."""
        return (order(self.min_copies, self.max_copies, ("min_copies", "max_copies")),)


def nothing_different(section: Section, fields: Sequence[str]) -> Iterator[Problem]:
    """A second model that says nothing of its own."""
    if not section.model_fields_set & set(fields):
        yield Problem(
            (fields[1],), "missing", f"give one of {', '.join(fields)}; else it is the endpoint's own model"
        )


def order(least: int | None, most: int | None, names: tuple[str, str]) -> Iterator[Problem]:
    """Bounds the wrong way round."""
    if least is not None and most is not None and least > most:
        yield Problem((names[0],), f"more than {names[1]}", f"use at most {names[1]}, {most}", least)


#: Texts that name variants and components.
PartName = Annotated[
    str,
    Text.like(
        "^[a-z][a-z0-9]{0,15}$",
        "not a name for one of several models",
        "use 1 to 16 lower-case letters and digits, a letter first",
    ),
]
