"""What AWS Backup copies: MiniStack has vaults and plans as resource types, and of selections the API alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from studio_infra.rehearsal.emulator.hooks import cloudformation as engine
from studio_infra.rehearsal.emulator.hooks import services

if TYPE_CHECKING:
    from studio_infra.rehearsal.emulator.hooks.cloudformation import Made, Props

_SELECTION: Final = "AWS::Backup::BackupSelection"


def register() -> None:
    """Teach the engine the type, unless it knows it already."""
    if not engine.has_type(_SELECTION):
        engine.register_type(
            engine.Type(
                name=_SELECTION,
                create=_create,
                update=lambda change: engine.replace(_SELECTION, change),
                delete=_delete,
                replacing=("BackupPlanId", "BackupSelection"),
            )
        )


def _create(logical_id: str, props: Props, stack: str) -> Made:
    del logical_id, stack
    plan = props["BackupPlanId"]
    made = services.call_rest(
        "backup", "PUT", f"/backup/plans/{plan}/selections/", {"BackupSelection": props["BackupSelection"]}
    )
    # What the registry calls the identifier: both ids, the selection's first.
    physical_id = f"{made['SelectionId']}_{plan}"
    return physical_id, {"Id": physical_id, "SelectionId": made["SelectionId"], "BackupPlanId": plan}


def _delete(physical_id: str, props: Props) -> None:
    del props
    selection, _, plan = physical_id.partition("_")
    try:
        services.call_rest("backup", "DELETE", f"/backup/plans/{plan}/selections/{selection}")
    except ValueError as error:
        if "NotFound" not in str(error):
            raise
