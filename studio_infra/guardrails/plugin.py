"""The rules of this folder, run by CDK's own engine at every synthesis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk

from studio_infra.guardrails.rules import merged, rules

if TYPE_CHECKING:
    from collections.abc import Sequence


class StudioGuardrails(cdk.CloudFormationValidatePlugin):
    """What a good Studio template looks like, checked by CDK itself.

    It is CDK's `CloudFormationValidatePlugin` with our rules in it, so an app registers it once, with
    `Validations.of(app).add_plugins(StudioGuardrails())`, and CDK's own rules stay on. With the feature flag
    `@aws-cdk/core:validateAgainstDefaultRules` a finding fails the synthesis; without it, it is a warning. A finding
    that stands on purpose is acknowledged as `CloudFormation-Validate::STUDIO_…`, with a reason.

    An app can have one such plugin. Rules of your own go in here, or ours into yours: `rule_source()`.

    Args:
        guard_rules: Rules of your own in the language of CloudFormation Guard. Defaults to none.
        rego_rules: Rules of your own in Rego. Defaults to none.
        include_default_rules: Whether the Rego rules that ship with CDK stay on.

    """

    def __init__(
        self,
        *,
        guard_rules: Sequence[cdk.ValidationRuleSource] = (),
        rego_rules: Sequence[cdk.ValidationRuleSource] = (),
        include_default_rules: bool = True,
    ) -> None:
        super().__init__(
            guard_rules=[self.rule_source(), *guard_rules],
            rego_rules=list(rego_rules),
            include_default_rules=include_default_rules,
        )

    @staticmethod
    def rule_source() -> cdk.ValidationRuleSource:
        """All rules as one source, for a `CloudFormationValidatePlugin` of your own."""
        return cdk.ValidationRuleSource(name="studio-infra", content=merged(rules()))
