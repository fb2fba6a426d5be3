"""The facts that ship with the library are those of the registry, and the guard needs nothing else."""

from __future__ import annotations

import subprocess
import sys
import tomllib

import pytest

from studio_infra.review.handlers import schema_of
from studio_infra.review.replacement.registry_facts import FACTS, written
from studio_infra.review.replacement.stateful import facts_of, second_opinion, stateful_types


def test_the_shipped_facts_are_those_of_the_pinned_registry() -> None:
    """After an upgrade of cfn-lint: `python -m studio_infra.review.replacement.registry_facts`, and read it."""
    assert FACTS.read_text(encoding="utf-8") == written()


@pytest.mark.parametrize("name", sorted(stateful_types()))
def test_what_holds_data_is_known_to_the_registry_and_described(name: str) -> None:
    known, schema = stateful_types()[name], schema_of(name)
    facts = facts_of(name)
    assert facts is not None
    assert facts.properties == set(schema["properties"])
    assert {known.name, *known.within} - {None} <= set(schema["properties"])
    assert known.lost
    assert known.kept


def test_the_types_that_issue_and_design_name_are_watched() -> None:
    named = "Domain UserProfile Space StudioLifecycleConfig Endpoint EndpointConfig Model ModelPackageGroup Pipeline"
    named += " Image ImageVersion MlflowTrackingServer"
    types = {f"AWS::SageMaker::{name}" for name in named.split()}
    assert types | {"AWS::EFS::FileSystem", "AWS::KMS::Key", "AWS::S3::Bucket"} <= set(stateful_types())


def test_the_second_source_says_more_than_the_registry() -> None:
    for name in ("AWS::SageMaker::Domain", "AWS::SageMaker::UserProfile"):
        facts = facts_of(name)
        assert facts is not None
        assert second_opinion(name)
        assert not set(second_opinion(name)) & set(facts.create_only)


def test_a_diff_works_without_cfn_lint_cdk_and_boto3() -> None:
    program = (
        "import sys\n"
        "sys.modules.update(dict.fromkeys(('cfnlint', 'aws_cdk', 'constructs', 'boto3', 'botocore')))\n"
        "from studio_infra.cli.app import run\n"
        "sys.exit(run(['diff', 'tests/golden/production', 'tests/golden/production']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (0, "Nothing that holds data changes\n"), done.stderr


def test_the_table_of_types_is_toml_that_says_nothing_twice() -> None:
    text = FACTS.with_name("stateful_types.toml").read_text(encoding="utf-8")
    assert len(tomllib.loads(text)) == text.count('["AWS::') - text.count('= ["AWS::') + 1
