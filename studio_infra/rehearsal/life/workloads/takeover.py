"""The next image of every model: an update of the deployed stack, and back to what it was."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any, Final

from studio_infra.rehearsal.life.stage import wait_until

if TYPE_CHECKING:
    from studio_infra.rehearsal.life.stage import Stage

_MODEL: Final = "AWS::SageMaker::Model"


class Takeover:
    """Updates a stack as a deployment with other images would: CDK's own part in it is played by other steps.

    Args:
        stage: Where it is.
        stack: Its name.

    """

    def __init__(self, stage: Stage, stack: str) -> None:
        self._cloudformation = stage.client("cloudformation")
        self._stack = stack
        self._template: Final[dict[str, Any]] = self._cloudformation.get_template(StackName=stack)[
            "TemplateBody"
        ]
        self._before: Final[dict[str, Any]] = self._described()

    def change(self, tag: str) -> str:
        """Deploy each model with an image of this tag; the stack's status afterwards."""
        changed = copy.deepcopy(self._template)
        for resource in changed["Resources"].values():
            if resource["Type"] == _MODEL:
                properties = resource["Properties"]
                for container in (properties.get("PrimaryContainer"), *properties.get("Containers", ())):
                    if container is not None:
                        container["Image"] = _tagged(container["Image"], tag)
        return self._update(changed)

    def undo(self) -> str:
        """Deploy what was there; the stack's status afterwards."""
        return self._update(self._template)

    def _update(self, template: dict[str, Any]) -> str:
        kept = [
            {"ParameterKey": one["ParameterKey"], "UsePreviousValue": True}
            for one in self._before.get("Parameters", [])
        ]
        self._cloudformation.update_stack(
            StackName=self._stack,
            TemplateBody=json.dumps(template),
            Parameters=kept,
            Capabilities=["CAPABILITY_NAMED_IAM"],
            Tags=self._before.get("Tags", []),
        )
        wait_until(
            lambda: not self._described()["StackStatus"].endswith("IN_PROGRESS"),
            f"the update of {self._stack} did not end",
        )
        return str(self._described()["StackStatus"])

    def _described(self) -> dict[str, Any]:
        return dict(self._cloudformation.describe_stacks(StackName=self._stack)["Stacks"][0])


def _tagged(image: Any, tag: str) -> Any:
    """An image with another tag; one that is put together by the template gets it at its end."""
    if isinstance(image, str):
        repository, colon, _ = image.rpartition(":")
        return f"{repository if colon else image}:{tag}"
    return {"Fn::Join": ["", [image, f"-{tag}"]]}
