"""The states that resources pass through. Which of these words a kind uses is in its enumeration."""

from __future__ import annotations

from typing import Final

#: The first of these that a kind's enumeration has is its state during a transition.
UNDER_WAY: Final = {
    "create": ("Creating", "CREATING", "CreateInProgress", "Pending", "InProgress", "INPROGRESS",
               "Initializing", "PENDING"),
    "update": ("Updating", "UPDATING", "UpdateInProgress"),
    "delete": ("Deleting", "DELETING", "DeleteInProgress"),
    "stop": ("Stopping", "STOPPING"),
    "start": ("Pending", "Starting"),
    "rollback": ("RollingBack",),
}  # fmt: skip

#: The first of these that a kind's enumeration has is its state after it.
DONE: Final = {
    "create": ("InService", "Active", "Available", "Created", "CREATED", "CreateCompleted", "Completed",
               "COMPLETED", "Scheduled", "Running"),
    "update": ("InService", "Active", "Available", "Updated", "CREATED", "UpdateCompleted", "Created",
               "Completed", "Scheduled", "Running"),
    "stop": ("Stopped", "STOPPED"),
    "start": ("InService", "Created", "Started", "Scheduled", "Running"),
}  # fmt: skip

#: Kinds that still show a state after they were deleted, and for how many seconds. AWS lists a deleted app
#: for a day.
LINGERS: Final = {"App": ("Deleted", 86_400.0)}

#: States that mean "no longer there" for whoever waits on the resource.
DEAD: Final = frozenset({"Deleted"})
