"""What compliance packs and our own rules are told about findings that stand on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aws_cdk as cdk

if TYPE_CHECKING:
    from constructs import IConstruct

# The packs of cdk-nag that know the same rule, each under its own name.
_PACKS: Final = ("HIPAA.Security", "NIST.800.53.R4", "NIST.800.53.R5", "PCI.DSS.321")


def acknowledge(construct: IConstruct, rule: str, reason: str) -> None:
    """Say why ``construct`` does not follow ``rule``; whoever runs no pack sees nothing of it."""
    cdk.Validations.of(construct).acknowledge(
        *(cdk.Acknowledgment(id=f"{pack}-{rule}", reason=reason) for pack in _PACKS)
    )


def acknowledge_guardrail(construct: IConstruct, rule: str, reason: str) -> None:
    """Say why ``construct`` does not follow one of our own rules."""
    cdk.Validations.of(construct).acknowledge(
        cdk.Acknowledgment(id=f"CloudFormation-Validate::{rule}", reason=reason)
    )
