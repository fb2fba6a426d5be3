from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest

from studio_infra.errors import InvalidInput
from studio_infra.review.assembly import metadata, templates

if TYPE_CHECKING:
    from pathlib import Path


def test_the_templates_of_an_assembly_and_of_its_stages_are_found(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path))
    cdk.CfnOutput(cdk.Stack(app, "A", stack_name="one"), "X", value="1")
    cdk.CfnOutput(cdk.Stack(cdk.Stage(app, "Prod"), "B"), "Y", value="2")
    app.synth()
    found = templates(tmp_path)
    assert set(found) == {"one", "Prod-B"}
    assert found["one"]["Outputs"] == {"X": {"Value": "1"}}


def test_a_folder_that_is_no_assembly_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="name a folder that 'cdk synth' wrote"):
        templates(tmp_path)
    (tmp_path / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(InvalidInput, match="cannot be read as JSON") as caught:
        templates(tmp_path)
    assert "\n" not in str(caught.value)
    (tmp_path / "manifest.json").write_text("[]", encoding="utf-8")
    with pytest.raises(InvalidInput, match="is no JSON object"):
        templates(tmp_path)


@pytest.mark.parametrize(
    ("artifact", "private"),
    [
        ({"properties": {"templateFile": "../private.json"}}, "private.json"),
        ({"properties": {"templateFile": "{outside}/private.json"}}, "private.json"),
        ({"properties": {"templateFile": "link.json"}}, "link.json"),
        (
            {"properties": {"templateFile": "t.json"}, "additionalMetadataFile": "../private.json"},
            "private.json",
        ),
        ({"type": "cdk:cloud-assembly", "properties": {"directoryName": ".."}}, ".."),
    ],
)
def test_an_assembly_names_no_file_outside_of_itself(
    tmp_path: Path, artifact: dict[str, Any], private: str
) -> None:
    folder = tmp_path / "assembly"
    folder.mkdir()
    (tmp_path / "private.json").write_text('{"token": [{"secret": "s3cr3t"}]}', encoding="utf-8")
    (tmp_path / "manifest.json").write_text("{}", encoding="utf-8")
    (folder / "link.json").symlink_to(tmp_path / "private.json")
    (folder / "t.json").write_text("{}", encoding="utf-8")
    written = json.dumps({"artifacts": {"A": {"type": "aws:cloudformation:stack", **artifact}}})
    (folder / "manifest.json").write_text(written.replace("{outside}", str(tmp_path)), encoding="utf-8")
    with pytest.raises(InvalidInput, match="only what is in the folder is read") as caught:
        [*templates(folder), *metadata(folder)]
    assert private in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize("name", ["nul\x00.json", "round.json", "x" * 300])
def test_a_file_that_cannot_be_is_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "round.json").symlink_to(tmp_path / "round.json")
    artifact = {"type": "aws:cloudformation:stack", "properties": {"templateFile": name}}
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": {"A": artifact}}), encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        templates(tmp_path)
    assert len(str(caught.value).splitlines()) == 1
