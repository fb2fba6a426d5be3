"""The expressions of pipeline definitions: ``{"Get": "Steps.Train.…"}`` and ``{"Std:Join": …}``."""

from __future__ import annotations

from typing import Any

from studio_infra.rehearsal.emulator.service.errors import invalid, unsupported


def resolve(value: Any, scope: dict[str, Any]) -> Any:
    """``value`` with every expression replaced by what it stands for.

    Args:
        value: A part of a pipeline definition.
        scope: ``Parameters``, ``Steps`` and ``Execution``.

    Raises:
        ServiceError: An expression names something that is not there, or is not rehearsed.

    """
    if isinstance(value, list):
        return [resolve(item, scope) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Get"}:
        return _get(value["Get"], scope)
    if set(value) == {"Std:Join"}:
        join = value["Std:Join"]
        return join.get("On", "").join(str(resolve(item, scope)) for item in join["Values"])
    if set(value) == {"Std:JsonGet"} and "PropertyFile" in value["Std:JsonGet"]:
        get = value["Std:JsonGet"]
        _, step, _, name = get["PropertyFile"]["Get"].split(".")
        return _get(f"File.{get['Path']}", {"File": scope["Files"](step, name)})
    unknown = next((name for name in value if name.startswith("Std:")), None)
    if unknown is not None:
        raise unsupported(f"the pipeline function {unknown}")
    return {name: resolve(inner, scope) for name, inner in value.items()}


def steps_named_in(value: Any) -> set[str]:
    """The steps whose results an expression uses: they must come first."""
    if isinstance(value, list):
        return set().union(*map(steps_named_in, value)) if value else set()
    if not isinstance(value, dict):
        return set()
    path = value.get("Get")
    # A property file is named like any other result: `Steps.Check.PropertyFiles.Figures`.
    if isinstance(path, str) and path.startswith("Steps."):
        return {path.split(".")[1]}
    return set().union(*map(steps_named_in, value.values())) if value else set()


def _get(path: str, scope: dict[str, Any]) -> Any:
    found: Any = scope
    for step in path.replace("['", ".").replace("']", "").split("."):
        try:
            found = found[int(step)] if isinstance(found, list) else found[step]
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise invalid(f"The pipeline expression {path} stands for nothing.") from error
    return found
