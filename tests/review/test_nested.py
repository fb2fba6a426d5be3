"""Nested stacks stand in the report like others; one whose template is not there is named."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest

from studio_infra.errors import InvalidInput
from studio_infra.review.nested import MOST, nested_templates
from studio_infra.review.report.markdown import markdown
from studio_infra.review.report.report import report_of
from studio_infra.review.sources import read_folder

if TYPE_CHECKING:
    from pathlib import Path

HASH = "a" * 64


def nest(url: Any) -> dict[str, Any]:
    return {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}}


def write(folder: Path, assets: Any, *, template: Any = None) -> Path:
    """An assembly with one stack, which holds a nested one."""
    stack = {
        "type": "aws:cloudformation:stack",
        "properties": {"templateFile": "t.json", "stackName": "Outer"},
    }
    listed = {"type": "cdk:asset-manifest", "properties": {"file": "assets.json"}}
    (folder / "manifest.json").write_text(
        json.dumps({"artifacts": {"A": stack, "B": listed}}), encoding="utf-8"
    )
    (folder / "assets.json").write_text(json.dumps(assets), encoding="utf-8")
    own = {"Resources": {"In": nest(f"https://s3/{HASH}.json")}} if template is None else template
    (folder / "t.json").write_text(json.dumps(own), encoding="utf-8")
    return folder


def test_what_is_in_nested_stacks_is_in_the_report(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path))
    for scope, name in ((app, "Outer"), (cdk.Stage(app, "Prod"), "Other")):
        inner = cdk.NestedStack(cdk.Stack(scope, name), "Inner")
        cdk.CfnResource(inner, "Key", type="AWS::KMS::Key")
        cdk.CfnResource(cdk.NestedStack(inner, "Deep"), "Group", type="AWS::EFS::FileSystem")
    app.synth()
    report = report_of(tmp_path)
    names = [
        row[0][0].rpartition("/")[2].partition("NestedStack")[0] for row in report.sections[0].tables[0].rows
    ]
    assert sorted(names) == ["Deep", "Deep", "Inner", "Inner", "Outer", "Prod-Other"]
    assert report.sections[0].lines == ()
    text = markdown(report)
    assert text.count("rotation off") == 2
    assert "2 resources are not encrypted." in text


def test_a_nested_stack_whose_template_is_not_there_is_named(tmp_path: Path) -> None:
    found = {"Resources": {f"In{number}": nest({"Ref": "Url"}) for number in range(9)}}
    (tmp_path / "outer.json").write_text(json.dumps(found), encoding="utf-8")
    report = report_of(tmp_path)
    said = (
        "9 nested stacks are not in this report, their templates are not here: outer/In0, outer/In1, outer/In2, "
        "outer/In3, outer/In4, outer/In5, and 3 more."
    )
    assert report.sections[0].lines == (said,)
    assert report.summary[0] == said


@pytest.mark.parametrize(
    "assets",
    [
        {},
        {"files": []},
        {"files": {HASH: 1}},
        {"files": {HASH: {"source": 1}}},
        {"files": {HASH: {"source": {"path": 1}}}},
        {"files": {HASH: {"source": {"path": "code.zip"}}}},
        {"files": {"b" * 64: {"source": {"path": "t.json"}}}},
    ],
)
def test_assets_that_say_nothing_of_it_leave_it_unseen(tmp_path: Path, assets: Any) -> None:
    write(tmp_path, assets)
    assert nested_templates(tmp_path, read_folder(tmp_path)) == ({}, ["Outer/In"])


@pytest.mark.parametrize("resources", [[], {"In": 1}, {"In": {"Type": "AWS::CloudFormation::Stack"}}])
def test_odd_templates_are_no_reason_to_fail(tmp_path: Path, resources: Any) -> None:
    write(tmp_path, {}, template={"Resources": resources})
    found, missing = nested_templates(tmp_path, read_folder(tmp_path))
    assert found == {}
    assert missing in ([], ["Outer/In"])


def test_a_nested_template_outside_of_the_assembly_is_not_read(tmp_path: Path) -> None:
    folder = tmp_path / "assembly"
    folder.mkdir()
    (tmp_path / "private.json").write_text("{}", encoding="utf-8")
    write(folder, {"files": {HASH: {"source": {"path": "../private.json"}}}})
    with pytest.raises(InvalidInput, match="only what is in the folder is read"):
        report_of(folder)


def test_a_stack_that_holds_itself_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"files": {HASH: {"source": {"path": "t.json"}}}})
    with pytest.raises(InvalidInput, match=f"more than {MOST} nested stacks; look for one that holds itself"):
        report_of(tmp_path)
