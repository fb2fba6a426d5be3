"""Kinds with a number or a body of their own: model packages, image versions, pipelines, feature groups."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from studio_infra.rehearsal.emulator import behaviour
from studio_infra.rehearsal.emulator.service import identity, lookup
from studio_infra.rehearsal.emulator.service.errors import ServiceError, invalid
from studio_infra.rehearsal.emulator.state import store

if TYPE_CHECKING:
    from studio_infra.rehearsal.emulator.state.store import Record

    Members = dict[str, Any]

_DEFINITION_VERSION = "2020-12-01"


def _prepare_package(members: Members) -> None:
    group = members.get("ModelPackageGroupName")
    if bool(group) == bool(members.get("ModelPackageName")):
        raise invalid("Exactly one of ModelPackageName and ModelPackageGroupName must be given.")
    if group:
        group_record = lookup.require_named("ModelPackageGroup", ModelPackageGroupName=group)
        number = int(group_record.hidden.get("versions", 0)) + 1
        group_record.hidden["versions"] = number
        members["ModelPackageGroupName"] = group_record.key[1]
        members["ModelPackageVersion"] = number
        # A versioned package has no name: its ARN is what tells it apart.
        members["ModelPackageName"] = identity.arn("model-package", f"{group_record.key[1].lower()}/{number}")
        members.setdefault("ModelApprovalStatus", "PendingManualApproval")


def _created_package(record: Record) -> None:
    if record.key[1].startswith("arn:"):
        record.arn = record.key[1]


def _prepare_image_version(members: Members) -> None:
    image = lookup.require_named("Image", ImageName=members["ImageName"])
    number = int(image.hidden.get("versions", 0)) + 1
    image.hidden["versions"] = number
    members |= {"Version": number, "ImageArn": image.arn, "ContainerImage": members["BaseImage"]}


def _deleting_image(record: Record, request: Members) -> None:
    del request
    for version in store.every("ImageVersion", ImageName=record.key[1]):
        store.remove(version)


def _prepare_pipeline(members: Members) -> None:
    check_definition(members)


def check_definition(members: Members) -> None:
    """Refuse a pipeline definition that is not one.

    Raises:
        ServiceError: It is not.

    """
    text = members.get("PipelineDefinition")
    if text is None:
        return
    try:
        definition = json.loads(text)
        version, steps = definition["Version"], definition["Steps"]
        names = [step["Name"] for step in steps if step["Type"]]
    except (ValueError, KeyError, TypeError) as error:
        raise invalid(f"Invalid pipeline definition: {error}.") from error
    if version != _DEFINITION_VERSION:
        raise invalid(
            f"Invalid pipeline definition: version {version} is not supported, use {_DEFINITION_VERSION}."
        )
    if not names or len(set(names)) != len(names):
        raise invalid("Invalid pipeline definition: it needs steps, and their names must be unique.")


def _updating_pipeline(record: Record, changes: Members) -> None:
    del record
    check_definition(changes)


def _deleting_pipeline(record: Record, request: Members) -> None:
    del request
    for execution in store.every("PipelineExecution", PipelineName=record.key[1]):
        if execution.status in ("Executing", "Stopping"):
            raise ServiceError(
                "ConflictException", f"Pipeline {record.arn} has a running execution: {execution.arn}."
            )
        store.remove(execution)


def _created_server(record: Record) -> None:
    record.members["IsActive"] = "Active"
    record.members["TrackingServerUrl"] = f"https://{record.key[1].lower()}.mlflow.sagemaker.aws"


behaviour.PREPARE |= {
    "ModelPackage": _prepare_package,
    "ImageVersion": _prepare_image_version,
    "Pipeline": _prepare_pipeline,
}
behaviour.CREATED |= {"ModelPackage": _created_package, "MlflowTrackingServer": _created_server}
behaviour.UPDATING["Pipeline"] = _updating_pipeline
behaviour.DELETING["Pipeline"] = _deleting_pipeline
behaviour.DELETING["Image"] = _deleting_image
