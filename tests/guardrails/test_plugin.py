"""The rules inside CDK: findings stop a synthesis, and are acknowledged as any CDK user knows."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sagemaker as sagemaker

from studio_infra import StudioGuardrails
from studio_infra.guardrails.rules import rules
from studio_infra.settings import load_settings
from studio_infra.stacks import add_stacks
from tests.guardrails.cases import CASES
from tests.guardrails.test_rules import expected

ROOT = Path(__file__).parents[2]
ERRORS = {"@aws-cdk/core:validateAgainstDefaultRules": True}

pytestmark = pytest.mark.slow


def guarded(context: dict[str, Any] | None = None, **options: Any) -> cdk.App:
    app = cdk.App(context=ERRORS if context is None else context, analytics_reporting=False)
    cdk.Validations.of(app).add_plugins(StudioGuardrails(**options) if options else guardrails())
    return app


@functools.cache
def guardrails() -> StudioGuardrails:
    """One for all tests, as `tests.compliance.validator` is."""
    return StudioGuardrails()


def report(app: cdk.App) -> dict[tuple[str, str], set[str]]:
    """Stack and rule → logical ids, of our rules; the synthesis may fail."""
    try:
        app.synth()
    except RuntimeError as error:
        assert "ValidationFailed" in str(error)  # noqa: PT017 - a failure is expected, but only this one
    written = json.loads((Path(app.outdir) / "validation-report.json").read_text(encoding="utf-8"))
    found: dict[tuple[str, str], set[str]] = {}
    for plugin in written["pluginReports"]:
        for violation in plugin["violations"]:
            if violation["ruleName"].startswith("STUDIO_"):
                for where in violation["violatingConstructs"]:
                    stack = where["constructPath"].partition("/")[0]
                    logical_id = where["cloudFormationResource"]["logicalId"]
                    found.setdefault((stack, violation["ruleName"]), set()).add(logical_id)
    return found


def model(app: cdk.App) -> sagemaker.CfnModel:
    """A canary: it breaks one rule."""
    return sagemaker.CfnModel(
        cdk.Stack(app, "Models"),
        "Model",
        enable_network_isolation=True,
        execution_role_arn="arn:aws:iam::111122223333:role/model",
    )


def test_a_model_outside_the_vpc_is_found() -> None:
    app = guarded()
    model(app)
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()


def test_an_acknowledged_finding_stands() -> None:
    app = guarded()
    cdk.Validations.of(model(app)).acknowledge(
        cdk.Acknowledgment(id="CloudFormation-Validate::STUDIO_MODEL_IN_VPC", reason="public data only")
    )
    app.synth()


def test_without_the_feature_flag_a_finding_is_a_warning() -> None:
    app = guarded({})
    model(app)
    app.synth()
    assert (
        (Path(app.outdir) / "validation-report.json").read_text(encoding="utf-8").count("STUDIO_MODEL_IN_VPC")
    )


def test_ones_own_rules_run_beside_ours_and_cdks_own_stay_on() -> None:
    mine = cdk.ValidationRuleSource(
        name="mine.guard",
        content="let all = some Resources.*[ Type == 'AWS::SageMaker::Model' ]\n"
        "rule MINE { %all { Properties.ModelName exists <<name it>> } }",
    )
    app = guarded(guard_rules=[mine])
    model(app).add_property_override("Tags", "no list")
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()
    written = (Path(app.outdir) / "validation-report.json").read_text(encoding="utf-8")
    names = {
        violation["ruleName"]
        for plugin in json.loads(written)["pluginReports"]
        for violation in plugin["violations"]
    }
    assert {"MINE", "STUDIO_MODEL_IN_VPC"} < names
    assert any(name.startswith(("E", "F", "W")) for name in names)


def test_ours_fit_into_a_plugin_of_ones_own() -> None:
    app = cdk.App(context=ERRORS)
    cdk.Validations.of(app).add_plugins(
        cdk.CloudFormationValidatePlugin(guard_rules=[StudioGuardrails.rule_source()])
    )
    model(app)
    assert report(app) == {("Models", "STUDIO_MODEL_IN_VPC"): {"Model"}}


def test_an_empty_stack_has_no_finding_of_ours() -> None:
    app = guarded()
    cdk.Stack(app, "Empty")
    assert report(app) == {}


def test_cdk_reports_what_the_rules_find_in_all_bad_cases() -> None:
    """A failing template of every rule as a stack of one app: one synthesis."""
    app = guarded()
    wanted = {}
    for number, (rule_id, cases) in enumerate(sorted(CASES.items())):
        name, case = next(iter(cases.fails.items()))
        stack = cdk.Stack(app, f"S{number}")
        for logical_id, one in case.items():
            made = cdk.CfnResource(stack, logical_id, type=one["Type"], properties=one["Properties"])
            made.override_logical_id(logical_id)
            for key in one.keys() - {"Type", "Properties"}:
                made.add_override(key, one[key])
        wanted[f"S{number}", rule_id] = expected(rule_id)[f"fails: {name}"]
    found = report(app)
    assert {key: found.get(key) for key in wanted} == wanted
    assert len(wanted) == len(rules())


@pytest.mark.parametrize("name", ["production", "sandbox"])
def test_the_shipped_settings_acknowledge_what_they_choose_and_nothing_else_is_found(name: str) -> None:
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    app = guarded(context | {"@studio-infra/allow-destroy": True})
    add_stacks(app, load_settings(ROOT / "settings" / f"{name}.toml"))
    assembly = app.synth()
    written = json.loads((Path(assembly.directory) / "validation-report.json").read_text(encoding="utf-8"))
    suppressed = {
        one["ruleName"]
        for plugin in written["pluginReports"]
        for one in plugin.get("suppressedViolations", ())
    }
    ours = {rule for rule in suppressed if rule.startswith("STUDIO_")}
    chosen = {"STUDIO_DOMAIN_SOURCE_IDENTITY", "STUDIO_PEOPLE_APART"}
    if name == "sandbox":
        chosen |= {"STUDIO_DATA_RETAINED", "STUDIO_DOMAIN_VPC_ONLY"}
    assert ours == chosen


def test_every_other_choice_of_a_settings_file_is_acknowledged_too(tmp_path: Path) -> None:
    """Classic apps, the watcher, one machine for an endpoint: chosen, so no finding."""
    text = (ROOT / "settings" / "production.toml").read_text(encoding="utf-8")
    for old, new in (
        ('["JupyterLab", "CodeEditor"]', '["JupyterLab", "CodeEditor", "JupyterServer", "KernelGateway"]'),
        ('engine = "native_with_guard"', 'engine = "watcher"'),
        ("allowed_range_minutes", "# allowed_range_minutes"),
        ("min_instances = 2", "min_instances = 1"),
    ):
        assert old in text
        text = text.replace(old, new)
    (tmp_path / "s.toml").write_text(text, encoding="utf-8")
    (tmp_path / "users.csv").write_bytes((ROOT / "settings" / "users.csv").read_bytes())
    app = guarded()
    add_stacks(app, load_settings(tmp_path / "s.toml"))
    assert report(app) == {}
