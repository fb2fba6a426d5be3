"""`studio-infra diff` as a person or a program runs it, and the same check inside `app.py`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from studio_infra.cli.app import run
from studio_infra.rehearsal.server import EmbeddedAws

ROOT = Path(__file__).parents[2]
COMMAND = Path(sys.executable).with_name("studio-infra")
GOLDEN = ROOT / "tests/golden/production"


def diff(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, "diff", *arguments],
        cwd=ROOT,
        env={**os.environ, "NO_COLOR": "1", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """A copy of production's templates to change."""
    return Path(shutil.copytree(GOLDEN, tmp_path / "new"))


def edit(folder: Path, stack: str, old: str, new: str) -> None:
    file = folder / f"{stack}.json"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_no_change_is_good() -> None:
    result = diff(GOLDEN, GOLDEN)
    assert (result.returncode, result.stdout, result.stderr) == (0, "Nothing that holds data changes\n", "")


def test_a_loss_ends_with_3_and_says_what_would_be_lost(changed: Path) -> None:
    edit(changed, "research-studio", '"DomainName": "research"', '"DomainName": "other"')
    result = diff(GOLDEN, changed)
    assert result.returncode == 3
    assert result.stderr == "83 changes would lose data and nobody has acknowledged them\n"
    assert (
        "BLOCKED research-studio/Domain66AC69E0: SageMaker::Domain research replaced: DomainName changes"
        in result.stdout
    )
    assert "DomainId refers to Domain66AC69E0, which is replaced" in result.stdout
    assert "home" in result.stdout


def test_warnings_alone_are_good(changed: Path) -> None:
    edit(changed, "research-studio", '"TagPropagation": "ENABLED"', '"TagPropagation": "DISABLED"')
    edit(
        changed,
        "research-studio",
        '"AppNetworkAccessType": "VpcOnly"',
        '"AppNetworkAccessType": "PublicInternetOnly"',
    )
    result = diff(GOLDEN, changed)
    assert (result.returncode, result.stderr) == (0, "")
    assert (
        "WARNING research-studio/Domain66AC69E0: SageMaker::Domain research may be replaced" in result.stdout
    )
    assert "aws-service-spec" in result.stdout
    assert "BLOCKED" not in result.stdout


def test_programs_read_every_change(changed: Path) -> None:
    edit(changed, "research-users-1", '"UserProfileName": "ana"', '"UserProfileName": "anna"')
    result = diff("--json", GOLDEN, changed)
    found = json.loads(result.stdout)
    assert (result.returncode, found["blocked"]) == (3, 1)
    profile = found["changes"][0]
    assert profile["logical_id"] == "Ana24D4B96FProfile"
    assert (profile["kind"], profile["level"], profile["properties"]) == (
        "replaced",
        "blocked",
        ["UserProfileName"],
    )


def test_an_acknowledged_loss_is_good_and_a_needless_one_is_said(changed: Path, tmp_path: Path) -> None:
    edit(changed, "research-users-1", '"UserProfileName": "ana"', '"UserProfileName": "anna"')
    entry = '[[change]]\nstack = "research-users-1"\nlogical_id = "{}"\nkind = "replaced"\nreason = "never started"\n'
    file = tmp_path / "accepted.toml"
    file.write_text(entry.format("Ana24D4B96FProfile") + entry.format("Ana24D4B96FSpace"), encoding="utf-8")
    result = diff(GOLDEN, changed, "--acknowledge", file)
    assert result.returncode == 0
    assert "Acknowledged: never started" in result.stdout
    assert result.stderr == (
        "warning: acknowledgement of research-users-1/Ana24D4B96FSpace replaced is not needed: take it out\n"
    )


def test_two_templates_are_two_states_of_one_stack(tmp_path: Path) -> None:
    for name, mode in (("old", "IAM"), ("new", "SSO")):
        domain = {"Type": "AWS::SageMaker::Domain", "Properties": {"AuthMode": mode}}
        (tmp_path / f"{name}.json").write_text(
            json.dumps({"Resources": {"Domain": domain}}), encoding="utf-8"
        )
    result = diff(tmp_path / "old.json", tmp_path / "new.json")
    assert result.returncode == 3
    assert "new/Domain: SageMaker::Domain Domain replaced: AuthMode changes (create-only)" in result.stdout


def hostile(folder: Path) -> dict[str, Path]:
    """Things that are no template."""
    texts: dict[str, bytes] = {
        "not JSON": b"Resources: {}",
        "empty": b"",
        "a list": b"[]",
        "resources in a list": b'{"Resources": []}',
        "a resource without a type": b'{"Resources": {"A": {}}}',
        "a macro": b'{"Resources": {"Fn::ForEach::A": []}}',
        "properties in a list": b'{"Resources": {"A": {"Type": "X", "Properties": [1]}}}',
        "not text": b"\xff\xfe\x00",
        "deep": b'{"Resources": ' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"}",
        "a number of 200,000 digits": b'{"Resources": ' + b"1" * 200_000 + b"}",
        "a condition that is itself": b'{"Conditions": {"C": {"Condition": "C"}}, "Resources": {"A": {"Type": "X", '
        b'"Condition": "C"}}}',
    }
    for name, text in texts.items():
        (folder / name).write_bytes(text)
    with (folder / "huge").open("wb") as file:
        file.truncate(65 * 1024 * 1024)
    os.mkfifo(folder / "a pipe")
    (folder / "a folder").mkdir()
    loop = {"artifacts": {"a": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "."}}}}
    manifests = {"loop": loop, "wrong": {"artifacts": 1}, "wronger": {"artifacts": {"a": 1}}}
    manifests["nameless"] = {"artifacts": {"a": {"type": "aws:cloudformation:stack"}}}
    for name, manifest in manifests.items():
        (folder / name).mkdir()
        (folder / name / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return {one.name: one for one in folder.iterdir()} | {"missing": folder / "missing"}


def test_what_is_no_template_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = tmp_path / "good.json"
    good.write_text('{"Resources": {}}', encoding="utf-8")
    (tmp_path / "hostile").mkdir()
    for name, path in hostile(tmp_path / "hostile").items():
        for old in (good, GOLDEN):
            code = run(["diff", str(old), str(path)])
            said = capsys.readouterr()
            # A stage within itself ends, and holds no stack: everything would be gone.
            assert code == (3 if (name, old) == ("loop", GOLDEN) else 1), (name, said)
            assert len(said.err.splitlines()) == 1, (name, said.err)
            assert "bug of ours" not in said.err, (name, said.err)


@pytest.mark.parametrize("arguments", [[], ["one"], ["one", "two", "--deployed"], ["one", "two", "three"]])
def test_a_wrong_command_line_ends_with_2(arguments: list[str]) -> None:
    assert diff(*arguments).returncode == 2


def synthesize(
    tmp_path: Path, aws: dict[str, str] | None = None, **context: str
) -> subprocess.CompletedProcess[str]:
    cdk = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    given = {**cdk, "settings": "settings/sandbox.toml", "@studio-infra/allow-destroy": True, **context}
    environment = {"CDK_CONTEXT_JSON": json.dumps(given), "CDK_OUTDIR": str(tmp_path / "out")}
    return subprocess.run(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env={**(os.environ if aws is None else aws), "CDK_VALIDATION": "false", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.slow
def test_the_app_refuses_what_its_baseline_would_lose(tmp_path: Path) -> None:
    first = synthesize(tmp_path)
    assert first.returncode == 0, first.stderr
    baseline = tmp_path / "baseline"
    shutil.copytree(tmp_path / "out", baseline)
    same = synthesize(tmp_path, baseline=str(baseline))
    assert same.returncode == 0, same.stderr
    template = baseline / "sandbox-studio.template.json"
    text = template.read_text(encoding="utf-8").replace('"AuthMode": "IAM"', '"AuthMode": "SSO"')
    template.write_text(text, encoding="utf-8")
    result = synthesize(tmp_path, baseline=str(baseline))
    assert result.returncode == 3
    assert "AuthMode changes (create-only)" in result.stderr
    assert "DomainId refers to" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.slow
def test_the_app_refuses_what_the_deployed_stacks_would_lose(tmp_path: Path) -> None:
    with EmbeddedAws() as aws:
        environment = aws.subprocess_environment()
        first = synthesize(tmp_path, environment, baseline="deployed")
        assert first.returncode == 0, first.stderr
        template = json.loads((tmp_path / "out/sandbox-studio.template.json").read_text(encoding="utf-8"))
        buckets = [key for key, one in template["Resources"].items() if one["Type"] == "AWS::S3::Bucket"]
        name = min(buckets)
        before = {name: {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "made-before"}}}
        client = aws.client("cloudformation")
        client.create_stack(StackName="sandbox-studio", TemplateBody=json.dumps({"Resources": before}))
        client.get_waiter("stack_create_complete").wait(StackName="sandbox-studio", WaiterConfig={"Delay": 1})
        second = synthesize(tmp_path, environment, baseline="deployed")
    assert second.returncode == 3, second.stderr
    assert f"sandbox-studio/{name}: S3::Bucket made-before replaced: BucketName" in second.stderr
    assert "Traceback" not in second.stderr


@pytest.mark.slow
def test_without_credentials_the_app_says_so_in_one_line_or_takes_the_folder(tmp_path: Path) -> None:
    nobody = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | {
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
    }
    refused = synthesize(tmp_path, nobody, baseline="deployed")
    assert refused.returncode == 1
    (line,) = refused.stderr.splitlines()
    assert line.startswith(
        "[deployed] AWS does not say what is deployed: Unable to locate credentials; sign in, or"
    )
    same = synthesize(tmp_path, nobody, baseline=f"deployed:{tmp_path / 'out'}")
    assert (same.returncode, same.stderr.count("\n")) == (0, 1), same.stderr
    assert same.stderr.startswith("warning: AWS does not say what is deployed: Unable to locate credentials")


@pytest.mark.slow
def test_an_assembly_is_compared_with_what_aws_has(tmp_path: Path) -> None:
    def assembly(mode: str) -> Path:
        bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": mode}}
        topic: dict[str, Any] = {"Type": "AWS::SNS::Topic"}
        template = {"Resources": {"Bucket": bucket, "Topic": topic}}
        artifact = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "t.json"}}
        folder = tmp_path / mode
        folder.mkdir()
        (folder / "t.json").write_text(json.dumps(template), encoding="utf-8")
        manifest = {"artifacts": {"data": artifact, "not-there-yet": artifact}}
        (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        return folder

    with EmbeddedAws() as aws:
        same, other = assembly("data-one"), assembly("data-two")
        client = aws.client("cloudformation", region_name="us-east-1")
        client.create_stack(StackName="data", TemplateBody=(same / "t.json").read_text(encoding="utf-8"))
        client.get_waiter("stack_create_complete").wait(StackName="data", WaiterConfig={"Delay": 1})
        environment = aws.subprocess_environment()
        unchanged = diff("--deployed", same, "--region", "us-east-1", **environment)
        assert (unchanged.returncode, unchanged.stdout) == (0, "Nothing is lost by: 1 created\n"), (
            unchanged.stderr
        )
        result = diff("--deployed", other, "--region", "us-east-1", **environment)
    assert result.returncode == 3, result.stderr
    assert "BLOCKED data/Bucket: S3::Bucket data-one replaced: BucketName changes" in result.stdout
    assert "every object in the bucket" in result.stdout
