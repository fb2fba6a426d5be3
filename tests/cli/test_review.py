"""`studio-infra review` as a person or a program runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from studio_infra.cli.app import run

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests/golden/sandbox"


def test_markdown_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["review", str(GOLDEN)]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("# `Review of sandbox`")
    assert "## Who may do what" in out
    assert err == ""


def test_a_page_is_written_to_the_file_that_was_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "review.html"
    assert run(["review", str(GOLDEN), "--html", str(file), "--baseline", str(GOLDEN)]) == 0
    assert file.read_text(encoding="utf-8").startswith("<!doctype html>")
    out, err = capsys.readouterr()
    assert out == ""
    assert err == f"wrote {file}\n"


def test_json_has_every_chapter(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["review", str(GOLDEN), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["title"] == "Review of sandbox"
    assert {section["name"] for section in found["sections"]} > {"access", "network", "survival", "costs"}
    assert "diagram" not in found


def test_a_file_that_cannot_be_written_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["review", str(GOLDEN), "--html", str(tmp_path / "none" / "review.html")]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "cannot be written" in line


def test_a_folder_without_templates_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["review", str(tmp_path)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "holds no templates" in line


def test_prices_need_a_region(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    assert run(["review", str(GOLDEN), "--prices"]) == 1
    assert "prices need a region" in capsys.readouterr().err


def test_prices_of_a_region_that_cannot_be_are_not_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["review", str(GOLDEN), "--prices", "--region", "bad\x1b region"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line == "--region takes a region like eu-central-1, got 'bad\\x1b region'"


def test_a_report_starts_neither_cdk_nor_the_aws_sdk() -> None:
    code = (
        "import sys; from studio_infra.cli.app import run; "
        f"run(['review', {str(GOLDEN)!r}]); sys.exit('aws_cdk' in sys.modules or 'boto3' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
