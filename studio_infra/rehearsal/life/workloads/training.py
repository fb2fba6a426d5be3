"""The step about training: jobs that end by themselves."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from studio_infra.rehearsal.life.acting import acting_as, member_of
from studio_infra.rehearsal.life.stage import NOTHING, StepFailed, expect, expect_same, wait_until

if TYPE_CHECKING:
    from studio_infra.rehearsal.life.stage import Stage

#: Personas whose members start their team's pipelines.
_TRAINS: Final = frozenset({"data_scientist", "ml_engineer"})


def training_ends_by_itself(stage: Stage) -> str:
    """Every pipeline starts, and its training job ends without anybody stopping it."""
    if not stage.settings.training:
        return NOTHING
    pipelines = [pipeline["PipelineName"] for pipeline in stage.pages("list_pipelines")]
    wanted = {f"{stage.settings.name}-{name}": job.team for name, job in stage.settings.training.items()}
    expect_same("pipelines", sorted(pipelines), sorted(wanted))
    jobs = [job for pipeline in pipelines for job in _run(stage, pipeline, team=wanted[pipeline])]
    return f"{len(pipelines)} pipeline, {len(jobs)} training job: {', '.join(jobs)}"


def _run(stage: Stage, pipeline: str, *, team: str) -> list[str]:
    """Let its team run a pipeline to its end, and return the names of its training jobs."""
    execution = _start(stage, pipeline, team=team)["PipelineExecutionArn"]

    def ended() -> bool:
        status = stage.sagemaker.describe_pipeline_execution(PipelineExecutionArn=execution)[
            "PipelineExecutionStatus"
        ]
        if status == "Failed":
            raise StepFailed(f"pipeline {pipeline} failed")
        return bool(status == "Succeeded")

    wait_until(ended, f"pipeline {pipeline} did not end")
    jobs = []
    for step in stage.pages("list_pipeline_execution_steps", PipelineExecutionArn=execution):
        arn = step.get("Metadata", {}).get("TrainingJob", {}).get("Arn")
        if arn is not None:
            jobs.append(_check_job(stage, _name_of_job(stage, arn)))
    expect(bool(jobs), f"pipeline {pipeline} ran no training job")
    return jobs


def _start(stage: Stage, pipeline: str, *, team: str) -> dict[str, Any]:
    for other in stage.settings.teams:
        if other != team and (stranger := member_of(stage, other)) is not None:
            with acting_as(stage, stranger) as actor:
                start = partial(actor.client("sagemaker").start_pipeline_execution, PipelineName=pipeline)
                actor.may_not(f"start the pipeline {pipeline} of {team}", start)
            break
    member = member_of(stage, team)
    if member is None or stage.settings.teams[team].persona not in _TRAINS:
        return dict(stage.sagemaker.start_pipeline_execution(PipelineName=pipeline))
    with acting_as(stage, member) as actor:
        start = partial(actor.client("sagemaker").start_pipeline_execution, PipelineName=pipeline)
        return dict(actor.may(f"start the pipeline {pipeline}", start))


def _name_of_job(stage: Stage, arn: str) -> str:
    """The job's name as it was given: SageMaker writes names in ARNs in lower case."""
    for job in stage.pages("list_training_jobs"):
        if job["TrainingJobArn"] == arn:
            return str(job["TrainingJobName"])
    raise StepFailed(f"the pipeline says it ran {arn}, but there is no such training job")


def _check_job(stage: Stage, name: str) -> str:
    job: dict[str, Any] = stage.sagemaker.describe_training_job(TrainingJobName=name)
    expect_same(f"status of training job {name}", job["TrainingJobStatus"], "Completed")
    expect("TrainingEndTime" in job, f"training job {name} has no end")
    expect(
        job["StoppingCondition"].get("MaxRuntimeInSeconds", 0) > 0, f"training job {name} may run for ever"
    )
    expect(bool(job["VpcConfig"]["Subnets"]), f"training job {name} runs outside the VPC")
    expect(
        bool(job["OutputDataConfig"].get("KmsKeyId")), f"training job {name} writes its model without a key"
    )
    if job.get("EnableManagedSpotTraining"):
        expect(bool(job["CheckpointConfig"]["S3Uri"]), f"training job {name} uses spot without a checkpoint")
    return name
