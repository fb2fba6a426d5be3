"""How one training runs on many machines, and code that an AWS framework image runs.

AWS's framework images (PyTorch, TensorFlow, …) learn both from hyperparameters whose names begin with
`sagemaker_`. They are what the SageMaker SDK writes: https://github.com/aws/sagemaker-training-toolkit
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from studio_infra.errors import InvalidInput
from studio_infra.workloads.pipelines.pipeline_definition.data import TrainingInput, check_place
from studio_infra.workloads.pipelines.pipeline_definition.values import Reference, Text, as_text, is_open

if TYPE_CHECKING:
    from collections.abc import Mapping

    from studio_infra.workloads.pipelines.pipeline_definition.values import Scalar

#: Where the `smdistributed` library runs: the list in the SageMaker SDK, 2.257.7.
DATA_PARALLEL_INSTANCES: Final = (
    "ml.p3.16xlarge",
    "ml.p3dn.24xlarge",
    "ml.p4d.24xlarge",
    "ml.p4de.24xlarge",
)
#: With `torchrun` as its launcher it runs here, too.
TORCHRUN_DATA_PARALLEL_INSTANCES: Final = (*DATA_PARALLEL_INSTANCES, "ml.p5.48xlarge")

_INSTANCE_TYPE: Final = "sagemaker_instance_type"
_DATA_PARALLEL: Final = "sagemaker_distributed_dataparallel_enabled"
_DATA_PARALLEL_OPTIONS: Final = "sagemaker_distributed_dataparallel_custom_mpi_options"
_TORCHRUN: Final = "sagemaker_torch_distributed_enabled"


def as_json(value: Scalar | Reference) -> Text:
    """`value` as framework images read hyperparameters: JSON, so that `"10"` stays a text."""
    return as_text(value) if isinstance(value, Reference) else json.dumps(value)


class Distribution(ABC):
    """How the machines of a training job work together."""

    @abstractmethod
    def settings(self, instance_type: Text) -> Mapping[str, Scalar | Reference]:
        """What the framework image is told."""


@dataclass(frozen=True, kw_only=True)
class Torchrun(Distribution):
    """Starts PyTorch code with `torchrun` on every machine: one process for each GPU."""

    def settings(self, instance_type: Text) -> Mapping[str, Scalar | Reference]:
        """What the framework image is told."""
        return {_TORCHRUN: True, _INSTANCE_TYPE: instance_type}


@dataclass(frozen=True, kw_only=True)
class DataParallel(Distribution):
    """SageMaker's own data parallel library, SMDDP, on machines with eight large GPUs.

    Args:
        mpi_options: Given to `mpirun`. Defaults to nothing.
        torchrun: Start it with `torchrun` instead of `mpirun`.

    """

    mpi_options: str = ""
    torchrun: bool = False

    def settings(self, instance_type: Text) -> Mapping[str, Scalar | Reference]:
        """What the framework image is told.

        Raises:
            InvalidInput: The library does not run on these machines.

        """
        able = TORCHRUN_DATA_PARALLEL_INSTANCES if self.torchrun else DATA_PARALLEL_INSTANCES
        if isinstance(instance_type, str) and not is_open(instance_type) and instance_type not in able:
            raise InvalidInput(
                "DataParallelInstanceType",
                f"SageMaker's data parallel library runs on {', '.join(able)}, got {instance_type!r}; "
                "use Torchrun() on others",
            )
        settings: dict[str, Scalar | Reference] = {
            _DATA_PARALLEL: True,
            _INSTANCE_TYPE: instance_type,
            _DATA_PARALLEL_OPTIONS: self.mpi_options,
        }
        return settings | ({_TORCHRUN: True} if self.torchrun else {})


@dataclass(frozen=True, kw_only=True)
class Mpi(Distribution):
    """Starts the code with `mpirun`: Horovod, DeepSpeed, or anything else that speaks MPI.

    Args:
        processes_per_host: Usually the number of GPUs. Defaults to the image's own choice.
        options: Given to `mpirun`. Defaults to nothing.

    """

    processes_per_host: int | None = None
    options: str = ""

    def __post_init__(self) -> None:
        if self.processes_per_host is not None and self.processes_per_host < 1:
            raise InvalidInput(
                "MpiProcesses", f"processes_per_host must be at least 1, got {self.processes_per_host}"
            )

    def settings(self, instance_type: Text) -> Mapping[str, Scalar | Reference]:  # noqa: ARG002 - not asked for
        """What the framework image is told."""
        processes = self.processes_per_host
        return {
            "sagemaker_mpi_enabled": True,
            **({} if processes is None else {"sagemaker_mpi_num_of_processes_per_host": processes}),
            "sagemaker_mpi_custom_mpi_options": self.options,
        }


@dataclass(frozen=True, kw_only=True)
class ParameterServer(Distribution):
    """TensorFlow's parameter servers: one on every machine, beside the worker."""

    def settings(self, instance_type: Text) -> Mapping[str, Scalar | Reference]:  # noqa: ARG002 - not asked for
        """What the framework image is told."""
        return {"sagemaker_parameter_server_enabled": True}


@dataclass(frozen=True, kw_only=True)
class TrainingScript:
    """Code that a framework image of AWS runs.

    It comes as a channel of data, so that it needs no network: jobs have none.

    Args:
        source: A `sourcedir.tar.gz` in S3. The file must have this name.
        entry_point: The file in it that is run: `"train.py"`.

    """

    #: The name of its channel, and of the file in it.
    CHANNEL: ClassVar[str] = "code"
    FILE: ClassVar[str] = "sourcedir.tar.gz"

    source: Text
    entry_point: str = "train.py"

    def __post_init__(self) -> None:
        check_place(self.source, "a source")
        source = self.source
        if isinstance(source, str) and not is_open(source) and not source.endswith(f"/{self.FILE}"):
            raise InvalidInput(
                "TrainingScript", f"source must be an object called {self.FILE} in S3, got {source!r}"
            )
        if not self.entry_point.endswith((".py", ".sh")) or self.entry_point.startswith("/"):
            raise InvalidInput(
                "TrainingScript",
                f"entry_point must be a .py or .sh file inside the source, got {self.entry_point!r}",
            )

    @property
    def channel(self) -> TrainingInput:
        """The code as data."""
        return TrainingInput(place=self.source)

    @property
    def settings(self) -> Mapping[str, Scalar | Reference]:
        """What the framework image is told."""
        return {
            "sagemaker_submit_directory": f"/opt/ml/input/data/{self.CHANNEL}/{self.FILE}",
            "sagemaker_program": self.entry_point,
            "sagemaker_container_log_level": 20,
        }
