"""checkov on the templates of what ships: a judge of templates that knows nothing of CDK."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.compliance_packs import apps
from tests.compliance_packs.acknowledged import Finding, entries, without

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]


def judged(python: Path, folder: Path) -> tuple[set[Finding], int]:
    """What fails in a folder of templates, and how many checks there were."""
    done = subprocess.run(
        [
            *(python, "-W", "ignore", "-m", "checkov.main", "-d", folder, "--framework", "cloudformation"),
            *("--compact", "--quiet", "--output", "json", "--skip-download"),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        # Nothing is asked of anybody outside.
        env={key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "BC_"))},
    )
    report: dict[str, Any] = json.loads(done.stdout)
    failed = {(one["check_id"], one["resource"]) for one in report["results"]["failed_checks"]}
    return failed, report["summary"]["passed"] + len(failed)


@pytest.fixture(scope="module")
def found(checkov: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[set[Finding], int]:
    """What it says about the templates of everything that ships."""
    folder = tmp_path_factory.mktemp("templates")
    for source in apps.TOGETHER:
        assembly = apps.build(source).synth()
        for stack in assembly.stacks_recursively:
            name = f"{source.replace('/', '-')}-{stack.stack_name}.json"
            (folder / name).write_text(json.dumps(stack.template), encoding="utf-8")
    return judged(checkov, folder)


def test_checkov_finds_nothing_that_nobody_acknowledged(found: tuple[set[Finding], int]) -> None:
    failed, checks = found
    assert checks > 300
    assert without(failed, entries("checkov")) == set()


def test_every_acknowledgement_is_needed(found: tuple[set[Finding], int]) -> None:
    known = entries("checkov")
    for entry in known:
        assert without(found[0], [other for other in known if other is not entry]), entry
        assert len(entry.reason) > 15


def test_checkov_is_awake(checkov: Path, tmp_path: Path) -> None:
    """The canary: a domain without a key, and a bucket that anybody may reach."""
    resources = {
        "Domain": {
            "Type": "AWS::SageMaker::Domain",
            "Properties": {
                "DomainName": "d",
                "AuthMode": "IAM",
                "VpcId": "vpc-1",
                "SubnetIds": ["subnet-1"],
                "DefaultUserSettings": {"ExecutionRole": "arn:aws:iam::123456789012:role/r"},
            },
        },
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {}},
    }
    (tmp_path / "bad.json").write_text(
        json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}), encoding="utf-8"
    )
    failed, _ = judged(checkov, tmp_path)
    assert ("CKV_AWS_187", "AWS::SageMaker::Domain.Domain") in failed
    assert ("CKV_AWS_53", "AWS::S3::Bucket.Bucket") in failed
