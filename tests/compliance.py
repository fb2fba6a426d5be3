"""What the strict tests of every room share: CDK's validator at its strictest, and six compliance packs."""

from __future__ import annotations

import functools

import aws_cdk as cdk
import cdk_nag

PACKS = (
    cdk_nag.AwsSolutionsChecks,
    cdk_nag.HIPAASecurityChecks,
    cdk_nag.NIST80053R4Checks,
    cdk_nag.NIST80053R5Checks,
    cdk_nag.PCIDSS321Checks,
    cdk_nag.ServerlessChecks,
)


def findings(stack: cdk.Stack) -> set[str]:
    """The rules of all packs that something in ``stack`` breaks without saying why."""
    app = cdk.App.of(stack)
    return {violation.rule_name for pack in PACKS for violation in pack(app).validate_scope(stack).violations}


def strict_app() -> cdk.App:
    """An app whose synthesis fails at any finding of CDK's validator, be it a warning.

    ``CDK_VALIDATION=false`` of the other tests is read by a Node process that runs already, so switching it
    on for one test does nothing; the plugin, which that switch leaves out, is added by hand.
    """
    app = cdk.App(
        context={
            "@aws-cdk/core:validateAgainstDefaultRules": True,
            "@aws-cdk/core:strictCfnValidateErrors": True,
        }
    )
    cdk.Validations.of(app).add_plugins(validator())
    return app


@functools.cache
def validator() -> cdk.CloudFormationValidatePlugin:
    """CDK's validator, one for all tests of a process: each new one reads its rules for seconds and keeps 160 MB."""
    return cdk.CloudFormationValidatePlugin()
