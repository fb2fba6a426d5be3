"""Tuning, batch transform and many machines: what the service is asked for, and what could never run."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from studio_infra.errors import InvalidInput
from studio_infra.workloads.pipelines.pipeline_definition import (
    Cache,
    Choice,
    DataParallel,
    FloatRange,
    IntegerRange,
    Mpi,
    Parameter,
    ParameterServer,
    PipelineDefinition,
    Scaling,
    Split,
    StepProperty,
    Strategy,
    Torchrun,
    TrainingScript,
)
from tests.workloads.pipelines.test_pipeline_definition import (
    AROUND,
    HOUR,
    arguments,
    render,
    train,
    transform,
    tune,
)

if TYPE_CHECKING:
    from collections.abc import Callable

SOURCE = "s3://b/code/sourcedir.tar.gz"


# -- tuning ----------------------------------------------------------------------------------------


def test_trainings_of_a_tuning_stop_by_themselves_and_are_closed_in() -> None:
    request = arguments(tune())["TrainingJobDefinition"]
    assert request["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 7200}
    assert request["EnableManagedSpotTraining"] is True
    assert request["EnableNetworkIsolation"] is True
    assert request["EnableInterContainerTrafficEncryption"] is True
    assert request["VpcConfig"]["SecurityGroupIds"] == ["sg-1"]
    assert request["OutputDataConfig"]["KmsKeyId"] == AROUND.key_arn
    assert request["HyperParameterTuningResourceConfig"]["VolumeKmsKeyId"] == AROUND.key_arn
    assert arguments(tune())["Tags"] == [{"Key": "studio:team", "Value": "vision"}]


def test_no_training_of_a_tuning_can_go_on_from_the_checkpoint_of_another() -> None:
    assert "CheckpointConfig" not in arguments(tune())["TrainingJobDefinition"]
    needs = PipelineDefinition(steps=(tune(),)).access(AROUND)
    assert needs.writes == ("s3://artifacts/pipelines/churn/models/",)
    assert needs.creates == {"hyper-parameter-tuning-job"}


def test_ranges_stand_in_the_list_of_their_kind() -> None:
    step = tune(ranges={"a": IntegerRange(1, 2), "b": FloatRange(0.1, 1), "c": IntegerRange(1, 3)})
    ranges = arguments(step)["HyperParameterTuningJobConfig"]["ParameterRanges"]
    assert {kind: [each["Name"] for each in found] for kind, found in ranges.items()} == {
        "IntegerParameterRanges": ["a", "c"],
        "ContinuousParameterRanges": ["b"],
    }


def test_framework_images_get_choices_as_json_and_others_as_text() -> None:
    plain = tune(ranges={"o": Choice(("adam", 3))})
    framework = tune(
        training=train(metrics={"auc": "x"}, script=TrainingScript(source=SOURCE)),
        ranges={"o": Choice(("adam", 3))},
    )

    def values(step: object) -> object:
        ranges = arguments(step)["HyperParameterTuningJobConfig"]["ParameterRanges"]  # type: ignore[arg-type]
        return ranges["CategoricalParameterRanges"][0]["Values"]

    assert values(plain) == ["adam", "3"]
    assert values(framework) == ['"adam"', "3"]


def test_the_best_model_is_where_its_training_wrote_it() -> None:
    model = render(tune(), transform(model_name="m", data="s3://b/x", environment={"M": tune().model}))
    assert model["Steps"][1]["Arguments"]["Environment"]["M"] == {
        "Std:Join": {
            "On": "/",
            "Values": [
                {"Get": "Steps.Tune.TrainingJobDefinition.OutputDataConfig.S3OutputPath"},
                {"Get": "Steps.Tune.BestTrainingJob.TrainingJobName"},
                "output/model.tar.gz",
            ],
        }
    }
    assert tune().model.steps == {"Tune"}
    assert tune().best_value.path.endswith("ObjectiveMetric.Value")


def test_what_a_tuned_training_uses_is_waited_for() -> None:
    inner = train(metrics={"auc": "x"}, environment={"M": StepProperty("Check", "Model")})
    assert tune(training=inner).waits_for == {"Check"}


REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "no range": (lambda: tune(ranges={}), "1-30 ranges of each kind"),
    "31 ranges": (lambda: tune(ranges={f"r{n}": IntegerRange(1, 2) for n in range(31)}), "got 31"),
    "upside down": (lambda: IntegerRange(3, 3), "from less to more, got 3 to 3"),
    "logarithm of nothing": (lambda: FloatRange(0, 1, Scaling.LOGARITHMIC), "begins above 0"),
    "no choice": (lambda: Choice(()), "between 1-30 values, got 0"),
    "grid of numbers": (lambda: tune(strategy=Strategy.GRID, max_jobs=None), "use Choice for every range"),
    "grid that is counted": (
        lambda: tune(strategy=Strategy.GRID, ranges={"a": Choice((1, 2))}),
        "max_jobs is None for GRID",
    ),
    "not counted": (lambda: tune(max_jobs=None), "a number otherwise, got None"),
    "no trainings": (lambda: tune(max_jobs=0), "max_jobs must be at least 1"),
    "none at a time": (lambda: tune(max_parallel_jobs=0), "max_parallel_jobs must be at least 1"),
    "tuned and told": (
        lambda: tune(training=train(metrics={"auc": "x"}, hyperparameters={"depth": 3})),
        "depth is a hyperparameter of the training",
    ),
    "unknown metric": (lambda: tune(metric="loss"), "no metric 'loss' is read .* known are: auc"),
    "warm": (
        lambda: tune(training=train(metrics={"auc": "x"}, spot=False, keep_warm=HOUR)),
        "a training that is tuned cannot have keep_warm",
    ),
    "cached training": (
        lambda: tune(training=train(metrics={"auc": "x"}, cache=Cache(valid_for=HOUR))),
        "cannot have cache",
    ),
    "entry point": (
        lambda: tune(training=train(metrics={"auc": "x"}, entrypoint=("python",))),
        "cannot have entrypoint",
    ),
    "49 variables": (
        lambda: tune(training=train(metrics={"auc": "x"}, environment={f"V{n}": "x" for n in range(49)})),
        "at most 48 environment variables",
    ),
    "stopped twice": (
        lambda: tune(strategy=Strategy.HYPERBAND, stop_early=True),
        "HYPERBAND stops trainings by itself",
    ),
    "a minute": (lambda: tune(max_runtime=timedelta(minutes=1)), "2 minutes to 182 days"),
    # -- transform
    "wrong machine": (lambda: transform(instance_type="m5.large"), "instance_type must be written like"),
    "no machine": (lambda: transform(instance_count=0), "instance_count must be at least 1"),
    "no place": (lambda: transform(data="b/x"), "must be like s3://bucket/folder|must be a place in S3"),
    "long wait": (lambda: transform(timeout=2 * HOUR), "timeout must be 1 second to 1 hour"),
    "many retries": (lambda: transform(retries_per_request=4), "retries_per_request must be 0-3"),
    "joined records": (
        lambda: transform(join_input=True, split=Split.RECORD_IO),
        "join_input needs split NONE or LINE, got RECORD_IO",
    ),
    "17 variables": (
        lambda: transform(environment={f"V{n}": "x" for n in range(17)}),
        "at most 16 environment variables",
    ),
    "negative payload": (lambda: transform(max_payload_mb=-1), "max_payload_mb must be at least 0"),
    # -- many machines
    "wrong machines for SMDDP": (
        lambda: train(instance_type="ml.g5.48xlarge", distribution=DataParallel()),
        r"runs on ml.p3.16xlarge, .* got 'ml.g5.48xlarge'; use Torchrun\(\) on others",
    ),
    "p5 without torchrun": (
        lambda: train(instance_type="ml.p5.48xlarge", distribution=DataParallel()),
        "runs on",
    ),
    "no process": (lambda: Mpi(processes_per_host=0), "processes_per_host must be at least 1"),
    "somebody else's name": (
        lambda: train(distribution=Torchrun(), hyperparameters={"sagemaker_instance_type": "x"}),
        "sagemaker_instance_type is set by script and distribution",
    ),
    "somebody else's channel": (
        lambda: train(script=TrainingScript(source=SOURCE), inputs={"code": "s3://b/x"}),
        "the channel 'code' belongs to script",
    ),
    "another archive": (lambda: TrainingScript(source="s3://b/code.zip"), "called sourcedir.tar.gz"),
    "no script": (
        lambda: TrainingScript(source=SOURCE, entry_point="train"),
        "must be a .py or .sh file",
    ),
    "outside": (lambda: TrainingScript(source=SOURCE, entry_point="/bin/x.sh"), "inside the source"),
}


@pytest.mark.parametrize(("make", "message"), REFUSED.values(), ids=REFUSED)
def test_what_could_never_run_is_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        make()


# -- transform -------------------------------------------------------------------------------------


def test_a_transform_answers_into_a_place_of_this_execution_alone() -> None:
    request = arguments(transform())
    assert request["TransformOutput"]["S3OutputPath"] == {
        "Std:Join": {
            "On": "/",
            "Values": ["s3://artifacts/pipelines/churn/Transform", {"Get": "Execution.PipelineExecutionId"}],
        }
    }
    assert request["TransformOutput"]["KmsKeyId"] == AROUND.key_arn
    assert request["TransformResources"]["VolumeKmsKeyId"] == AROUND.key_arn
    assert transform().output.to_json() == {"Get": "Steps.Transform.TransformOutput.S3OutputPath"}


def test_a_transform_needs_its_data_and_its_answers_and_nothing_else() -> None:
    needs = PipelineDefinition(steps=(transform(place="s3://b/answers"),)).access(AROUND)
    assert needs.creates == {"transform-job"}
    assert (needs.reads, needs.writes) == (("s3://b/questions",), ("s3://b/answers",))


@pytest.mark.parametrize(
    ("split", "strategy", "together"),
    [
        (Split.LINE, "MultiRecord", "Line"),
        (Split.NONE, "SingleRecord", "None"),
        (Split.TF_RECORD, "MultiRecord", "None"),
    ],
)
def test_questions_are_split_and_answers_put_together_alike(
    split: Split, strategy: str, together: str
) -> None:
    request = arguments(transform(split=split))
    assert (request["BatchStrategy"], request["TransformOutput"]["AssembleWith"]) == (strategy, together)


# -- many machines ---------------------------------------------------------------------------------


def test_torchrun_is_told_to_the_image() -> None:
    told = arguments(train(instance_type="ml.g5.12xlarge", instance_count=4, distribution=Torchrun()))
    assert told["HyperParameters"] == {
        "sagemaker_torch_distributed_enabled": "true",
        "sagemaker_instance_type": '"ml.g5.12xlarge"',
    }
    assert told["ResourceConfig"]["InstanceCount"] == 4
    assert told["EnableInterContainerTrafficEncryption"] is True


def test_the_machines_of_a_parameter_are_told_when_it_runs() -> None:
    step = train(instance_type=Parameter("Kind", "ml.p4d.24xlarge"), distribution=DataParallel())
    assert arguments(step)["HyperParameters"]["sagemaker_instance_type"] == {"Get": "Parameters.Kind"}


def test_parameter_servers_and_mpi_are_told_to_the_image() -> None:
    assert train(distribution=ParameterServer()).told == {"sagemaker_parameter_server_enabled": "true"}
    assert train(distribution=Mpi()).told == {
        "sagemaker_mpi_enabled": "true",
        "sagemaker_mpi_custom_mpi_options": '""',
    }


def test_code_comes_as_data_because_jobs_have_no_network() -> None:
    step = train(script=TrainingScript(source=SOURCE), hyperparameters={"name": "10"})
    request = arguments(step)
    assert [channel["ChannelName"] for channel in request["InputDataConfig"]] == ["code"]
    assert request["HyperParameters"] == {
        "name": '"10"',
        "sagemaker_submit_directory": '"/opt/ml/input/data/code/sourcedir.tar.gz"',
        "sagemaker_program": '"train.py"',
        "sagemaker_container_log_level": "20",
    }
    assert step.access(AROUND).reads[0] == SOURCE
