"""Property files of processing steps: JSON in S3 that conditions look into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studio_infra.rehearsal.emulator.hooks import services
from studio_infra.rehearsal.emulator.jobs import conditions
from studio_infra.rehearsal.emulator.service.errors import invalid
from studio_infra.rehearsal.emulator.state import store

if TYPE_CHECKING:
    from collections.abc import Callable

    Params = dict[str, Any]


def reader(definition: Params, states: Params) -> Callable[[str, str], Any]:
    """What reads a property file of a step that has run, by the names of both.

    No container runs here: whoever rehearses puts the file where the step would have written it.
    """

    def read(step: str, name: str) -> Any:
        found = {one["Name"]: one for one in conditions.every_step(definition["Steps"])}.get(step, {})
        file = {one["PropertyFileName"]: one for one in found.get("PropertyFiles", [])}.get(name)
        job = store.find_arn(states.get(step, {}).get("arn", ""))
        if file is None or job is None:
            raise invalid(f"Step {step} has no property file {name}.")
        outputs = (job.members.get("ProcessingOutputConfig") or {}).get("Outputs", [])
        (place,) = [one["S3Output"]["S3Uri"] for one in outputs if one["OutputName"] == file["OutputName"]]
        path = f"{place.rstrip('/')}/{file['FilePath']}"
        try:
            return services.call_rest("s3", "GET", path.removeprefix("s3:/"))
        except ValueError as error:
            raise invalid(f"The property file {path} of step {step} cannot be read: {error}") from error

    return read
