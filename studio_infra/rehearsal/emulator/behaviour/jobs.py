"""Jobs: they start, run for the time that was ordered, and end by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studio_infra.rehearsal.emulator import behaviour
from studio_infra.rehearsal.emulator.service import views
from studio_infra.rehearsal.emulator.service.errors import ServiceError, invalid
from studio_infra.rehearsal.emulator.state import clock, delays

if TYPE_CHECKING:
    from studio_infra.rehearsal.emulator.state.store import Record

    Members = dict[str, Any]

_LIMIT = "MaxRuntimeInSeconds"
#: What a tuning hands to each of its trainings as it is.
_OF_A_TRAINING = (
    "AlgorithmSpecification",
    "RoleArn",
    "InputDataConfig",
    "VpcConfig",
    "OutputDataConfig",
    "StoppingCondition",
    "EnableNetworkIsolation",
    "EnableInterContainerTrafficEncryption",
    "EnableManagedSpotTraining",
    "CheckpointConfig",
    "Environment",
)
_ENDED = frozenset({"Completed", "Failed", "Stopped"})


def _prepare_training(members: Members) -> None:
    stopping = members.get("StoppingCondition") or {}
    if members.get("EnableManagedSpotTraining"):
        wait, run = stopping.get("MaxWaitTimeInSeconds"), stopping.get(_LIMIT, 86_400)
        if wait is None or wait < run:
            raise invalid(
                "MaxWaitTimeInSeconds must be given, and at least MaxRuntimeInSeconds, for spot training."
            )
    elif "MaxWaitTimeInSeconds" in stopping:
        raise invalid("MaxWaitTimeInSeconds is only valid with EnableManagedSpotTraining.")
    channels = [channel["ChannelName"] for channel in members.get("InputDataConfig") or []]
    if len(set(channels)) != len(channels):
        raise invalid("Channel names must be unique.")


def _created_training(record: Record) -> None:
    """A job that would run longer than it may is stopped at its limit."""
    limit = (record.members.get("StoppingCondition") or {}).get(_LIMIT, 86_400)
    if delays.of("TrainingJob", "create") > limit:
        record.phases = [*record.phases[:1], (record.created + limit, "Stopped")]
        record.hidden["limited"] = True


def _training_facts(record: Record) -> Members:
    ended = record.status in _ENDED
    end = record.settles_at if ended else clock.now()
    seconds = max(0, int(end - record.created))
    facts: Members = {
        "TrainingStartTime": record.created,
        "TrainingTimeInSeconds": seconds,
        "BillableTimeInSeconds": seconds,
        "SecondaryStatus": _secondary(record),
        "SecondaryStatusTransitions": [
            {"Status": "Starting", "StartTime": record.created, "StatusMessage": "Starting the job"},
        ],
    }
    if ended:
        facts["TrainingEndTime"] = end
        facts["LastModifiedTime"] = end
    if record.status == "Completed":
        path = record.members["OutputDataConfig"]["S3OutputPath"].rstrip("/")
        facts["ModelArtifacts"] = {"S3ModelArtifacts": f"{path}/{record.key[1]}/output/model.tar.gz"}
    return facts


def _created_tuning(record: Record) -> None:
    """One training stands for all of them: it is the best, and a training job like any other."""
    definition = record.members.get("TrainingJobDefinition") or {}
    machines = definition.get("ResourceConfig") or definition.get("HyperParameterTuningResourceConfig")
    if machines is None:
        return
    config = record.members["HyperParameterTuningJobConfig"]
    tuned = {
        one["Name"]: one["Values"][0] if "Values" in one else one["MinValue"]
        for ranges in (config.get("ParameterRanges") or {}).values()
        for one in ranges
    }
    metric = (config.get("HyperParameterTuningJobObjective") or {}).get("MetricName", "objective")
    name = f"{record.key[1]}-001-{record.key[1][-8:]}"
    training = {member: definition[member] for member in _OF_A_TRAINING if member in definition}
    training |= {
        "TrainingJobName": name,
        "HyperParameters": (definition.get("StaticHyperParameters") or {}) | tuned,
        "ResourceConfig": definition.get("ResourceConfig")
        or definition["HyperParameterTuningResourceConfig"],
    }
    # Not at the top: it knows every kind, and this is one of them.
    from studio_infra.rehearsal.emulator.service import model, verbs  # noqa: PLC0415 - these import it

    made = verbs.new(model.kinds()["TrainingJob"], training)
    record.hidden["best"] = {
        "TrainingJobName": name,
        "TrainingJobArn": made.arn,
        "CreationTime": made.created,
        "TrainingJobStatus": "Completed",
        "TunedHyperParameters": tuned,
        "FinalHyperParameterTuningJobObjectiveMetric": {"MetricName": metric, "Value": 0.0},
    }


def _tuning_facts(record: Record) -> Members:
    done = record.status == "Completed"
    facts: Members = {
        "TrainingJobStatusCounters": {
            "Completed": int(done),
            "InProgress": int(record.status == "InProgress"),
        },
        "ObjectiveStatusCounters": {"Succeeded": int(done), "Pending": int(not done), "Failed": 0},
    }
    if record.status in _ENDED:
        facts["HyperParameterTuningEndTime"] = record.settles_at
    return facts | ({"BestTrainingJob": record.hidden["best"]} if done and "best" in record.hidden else {})


def _secondary(record: Record) -> str:
    if record.hidden.get("limited") and record.status == "Stopped":
        return "MaxRuntimeExceeded"
    return {"InProgress": "Training"}.get(record.status or "", record.status or "")


def _processing_facts(record: Record) -> Members:
    facts = {"ProcessingStartTime": record.created}
    return facts | ({"ProcessingEndTime": record.settles_at} if record.status in _ENDED else {})


def _transform_facts(record: Record) -> Members:
    facts = {"TransformStartTime": record.created}
    return facts | ({"TransformEndTime": record.settles_at} if record.status in _ENDED else {})


def _stopping(record: Record) -> None:
    if record.status in _ENDED:
        raise invalid(f"The request was rejected because {record.arn} is in status {record.status}.")


def _stopping_instance(record: Record) -> None:
    if record.status != "InService":
        raise _no_way(record, "InService", "Stopping")


def _starting_instance(record: Record) -> None:
    if record.status not in ("Stopped", "Failed"):
        raise _no_way(record, "Failed, Stopped", "Pending")


def _no_way(record: Record, from_states: str, to_state: str) -> ServiceError:
    return invalid(
        f"Status ({record.status}) not in ([{from_states}]). "
        f"Unable to transition to ({to_state}). ({record.arn})"
    )


behaviour.PREPARE["TrainingJob"] = _prepare_training
behaviour.CREATED["TrainingJob"] = _created_training
behaviour.CREATED["HyperParameterTuningJob"] = _created_tuning
behaviour.STOPPING |= dict.fromkeys(
    ("HyperParameterTuningJob", "TrainingJob", "ProcessingJob", "TransformJob"), _stopping
)
behaviour.STOPPING["NotebookInstance"] = _stopping_instance
behaviour.STARTING["NotebookInstance"] = _starting_instance
views.COMPUTED |= {
    "TrainingJob": _training_facts,
    "ProcessingJob": _processing_facts,
    "TransformJob": _transform_facts,
    "HyperParameterTuningJob": _tuning_facts,
}
