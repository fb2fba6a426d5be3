"""Descriptions for the outputs that CDK makes for other stacks, which it leaves without any."""

from __future__ import annotations

from typing import Any, Final

import aws_cdk as cdk
import jsii
from constructs import IValidation

_SCOPE: Final = "Publish"


def describe_outputs(stack: cdk.Stack) -> None:
    """Say in each output of ``stack`` that other stacks read what it is for.

    CDK makes these outputs after aspects have run, when it resolves references; validation is the only hook between
    that and the template.
    """
    stack.node.add_validation(_Descriptions(stack))


@jsii.implements(IValidation)
class _Descriptions:
    def __init__(self, stack: cdk.Stack) -> None:
        self._stack = stack

    def validate(self) -> list[str]:
        """Find nothing wrong, and describe what CDK has made."""
        scope = self._stack.node.try_find_child(_SCOPE)
        for output in scope.node.children if scope is not None else ():
            if isinstance(output, cdk.CfnOutput) and output.description is None:
                output.description = f"For other stacks: {_named(self._stack.resolve(output.value))}"
        return []


def _named(value: Any) -> str:
    """What an output holds, in words."""
    match value:
        case {"Ref": str(logical_id)}:
            return logical_id
        case {"Fn::GetAtt": [str(logical_id), str(attribute)]}:
            return f"{attribute} of {logical_id}"
    return "several values"
