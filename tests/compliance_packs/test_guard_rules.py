"""AWS's own Guard rules, by CDK's own engine, on what ships.

The rules are those of AWS Control Tower's proactive controls, which AWS publishes as a package; they are read from it
and not kept here. The same engine says in the same run what CDK's default rules think.
"""

from __future__ import annotations

import functools
import json
import re
import tarfile
from importlib import resources
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_sagemaker as sagemaker

from tests.compliance_packs import apps
from tests.compliance_packs.acknowledged import Finding, entries, without

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

RULE = re.compile(r"^rule (\w+_check)\b", re.MULTILINE)


@functools.cache
def rules() -> dict[str, str]:
    """AWS's rules: their text by the name of their file."""
    folder = resources.files("cdklabs.cdk_validator_cfnguard") / "_jsii"
    (packed,) = (file for file in folder.iterdir() if file.name.endswith(".jsii.tgz"))
    with resources.as_file(packed) as file, tarfile.open(file) as archive:
        return {
            Path(member.name).stem: archive.extractfile(member).read().decode("utf-8")  # type: ignore[union-attr]
            for member in archive.getmembers()
            if member.name.startswith("package/rules/") and member.name.endswith(".guard")
        }


@functools.cache
def judge() -> cdk.CloudFormationValidatePlugin:
    """One for all tests, as `tests.compliance.validator` is."""
    sources = [cdk.ValidationRuleSource(name=name, content=text) for name, text in sorted(rules().items())]
    return cdk.CloudFormationValidatePlugin(guard_rules=sources)


def judged(app: cdk.App, out: Path) -> tuple[set[Finding], set[Finding]]:
    """What AWS's rules find, and what CDK's default rules find: rule and construct."""
    cdk.Validations.of(app).add_plugins(judge())
    app.synth()
    report = json.loads((out / "validation-report.json").read_text("utf-8"))
    found = {
        (violation["ruleName"], where.get("constructPath") or "")
        for plugin in report["pluginReports"]
        for violation in plugin["violations"]
        for where in violation["violatingConstructs"]
    }
    ours = {name for text in rules().values() for name in RULE.findall(text)}
    guard = {finding for finding in found if finding[0] in ours}
    # A finding about a whole template stands beside the same finding about its resource.
    whole = {"", *(stack.node.path for stack in apps.stacks(app))}
    return {finding for finding in guard if finding[1] not in whole}, found - guard


@functools.cache
def judgement(source: str, out: Path) -> tuple[set[Finding], set[Finding]]:
    return judged(apps.build(source, out), out)


@pytest.fixture(scope="module")
def everywhere(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[set[Finding], set[Finding]]]:
    """What is found in each app, each judged once."""
    return {source: judgement(source, tmp_path_factory.mktemp("out")) for source in apps.TOGETHER}


def test_the_package_has_the_rules_that_aws_publishes() -> None:
    assert len(rules()) >= 230
    assert {"ct-sagemaker-pr-1", "ct-s3-pr-1", "ct-iam-pr-1"} <= set(rules())


def test_aws_rules_find_nothing_that_nobody_acknowledged(
    everywhere: dict[str, tuple[set[Finding], set[Finding]]],
) -> None:
    left = {source: without(found, entries("guard")) for source, (found, _) in everywhere.items()}
    assert {source: found for source, found in left.items() if found} == {}


def test_cdks_default_rules_find_nothing(everywhere: dict[str, tuple[set[Finding], set[Finding]]]) -> None:
    assert {source: found for source, (_, found) in everywhere.items() if found} == {}


def test_every_acknowledgement_is_needed(everywhere: dict[str, tuple[set[Finding], set[Finding]]]) -> None:
    found = {finding for findings, _ in everywhere.values() for finding in findings}
    known = entries("guard")
    for entry in known:
        assert without(found, [other for other in known if other is not entry]), entry
        assert len(entry.reason) > 15


def test_rules_that_sleep_would_be_noticed(tmp_path: Path) -> None:
    """The canary: something bad beside what ships is found by AWS's rules and by CDK's."""
    app = apps.build("settings/sandbox.toml", tmp_path)
    stack = cdk.Stack(app, "Canary")
    dynamodb.CfnTable(
        stack,
        "Table",
        key_schema=[dynamodb.CfnTable.KeySchemaProperty(attribute_name="k", key_type="HASH")],
        attribute_definitions=[
            dynamodb.CfnTable.AttributeDefinitionProperty(attribute_name="k", attribute_type="S")
        ],
        billing_mode="PAY_PER_REQUEST",
    )
    sagemaker.CfnNotebookInstance(
        stack, "Notebook", instance_type="ml.t3.medium", role_arn="arn:aws:iam::123456789012:role/r"
    )
    ec2.CfnSubnet(stack, "Subnet", vpc_id="nonsense", cidr_block="10.0.0.0/24")
    guard, default = judged(app, tmp_path)
    assert ("sagemaker_notebook_instance_root_access_check", "Canary/Notebook") in guard
    assert ("dynamodb_table_pitr_enabled_check", "Canary/Table") in guard
    assert "Canary/Subnet" in {where for _, where in default}
