from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest

from studio_infra.errors import InvalidInput
from studio_infra.review.assembly import templates

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
