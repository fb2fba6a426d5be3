"""`drain_on_delete`: a function and a custom resource in the studio stack, with three consents and never by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from studio_infra.settings import load_settings
from studio_infra.settings.sections.domain import ALLOW_DESTROY
from studio_infra.stacks import add_stacks

SETTINGS = Path(__file__).parents[2] / "settings" / "sandbox.toml"
CUSTOM = "AWS::CloudFormation::CustomResource"


def studio(tmp_path: Path, more: str, *, consent: bool = True) -> Template:
    text = SETTINGS.read_text(encoding="utf-8").replace(
        'removal = "destroy"', f'removal = "destroy"\n{more}\n#'
    )
    (tmp_path / "sandbox.toml").write_text(text, encoding="utf-8")
    roster = SETTINGS.with_name("sandbox-users.csv").read_text(encoding="utf-8")
    (tmp_path / "sandbox-users.csv").write_text(roster, encoding="utf-8")
    app = cdk.App(context={ALLOW_DESTROY: True} if consent else {})
    return Template.from_stack(add_stacks(app, load_settings(tmp_path / "sandbox.toml")).studio)


def kinds(template: Template) -> list[str]:
    resources: dict[str, Any] = template.to_json()["Resources"]
    return [resource["Type"] for resource in resources.values()]


def test_the_studio_stack_drains_its_domain_and_copies_the_homes_first(tmp_path: Path) -> None:
    made = studio(tmp_path, "drain_on_delete = true")
    made.resource_count_is(CUSTOM, 1)
    made.resource_count_is("AWS::Lambda::Function", 1)
    made.resource_count_is("AWS::Backup::BackupVault", 1)


def test_the_copy_can_be_left_out(tmp_path: Path) -> None:
    made = studio(tmp_path, "drain_on_delete = true\nfinal_copy = false")
    made.resource_count_is(CUSTOM, 1)
    made.resource_count_is("AWS::Backup::BackupVault", 0)


@pytest.mark.parametrize(("more", "consent"), [("", True), ("drain_on_delete = true", False)])
def test_no_function_is_there_by_itself_or_without_the_apps_consent(
    tmp_path: Path,
    more: str,
    consent: bool,
) -> None:
    made = studio(tmp_path, more, consent=consent)
    assert not {CUSTOM, "AWS::Lambda::Function"} & set(kinds(made))
