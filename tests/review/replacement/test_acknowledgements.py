from __future__ import annotations

import datetime as dt
import os
from typing import TYPE_CHECKING, Any

import pytest

from studio_infra.errors import InvalidInput
from studio_infra.review.replacement.acknowledgements import read_acknowledgements
from studio_infra.review.replacement.changes import Level
from studio_infra.review.replacement.guard import Verdict, guard

if TYPE_CHECKING:
    from pathlib import Path

ANA = {"Type": "AWS::SageMaker::UserProfile", "Properties": {"DomainId": "d-1", "UserProfileName": "ana"}}
SCRIPT = {
    "Type": "AWS::SageMaker::StudioLifecycleConfig",
    "Properties": {"StudioLifecycleConfigName": "git-1"},
}
OLD = {"users": {"Resources": {"Ana": ANA, "Git": SCRIPT}}}
LEFT = {"users": {"Resources": {"Git": SCRIPT}}}
NEWER = {"Properties": {"StudioLifecycleConfigName": "git-2"}}
SCRIPTED = {"users": {"Resources": {"Ana": ANA, "Git": {**SCRIPT, **NEWER}}}}
TODAY = dt.date(2026, 11, 23)
ENTRY = '[[change]]\nstack = "users"\nlogical_id = "Ana"\nkind = "deleted"\nreason = "left; home archived"\n'
ROUTINE = ENTRY.replace('logical_id = "Ana"', 'type = "AWS::SageMaker::StudioLifecycleConfig"').replace(
    "deleted", "replaced"
)


def judged(tmp_path: Path, text: str, new: Any = LEFT) -> Verdict:
    file = tmp_path / "accepted.toml"
    file.write_text(text, encoding="utf-8")
    return guard(OLD, new, acknowledged=file, today=TODAY)


def test_a_loss_is_blocked_until_somebody_accepts_it_with_a_reason(tmp_path: Path) -> None:
    assert [change.logical_id for change in guard(OLD, LEFT, today=TODAY).blocked] == ["Ana"]
    verdict = judged(tmp_path, ENTRY)
    assert (verdict.blocked, verdict.warnings) == ([], [])
    assert "Acknowledged: left; home archived" in verdict.lines(Level.WARNING)[0]


@pytest.mark.parametrize(
    ("given", "other"),
    [('"Ana"', '"Bob"'), ('"users"', '"users-2"'), ('"deleted"', '"replaced"'), ('"deleted"', '"moved"')],
)
def test_it_is_accepted_for_one_resource_one_stack_and_one_kind_alone(
    tmp_path: Path, given: str, other: str
) -> None:
    verdict = judged(tmp_path, ENTRY.replace(given, other))
    assert [change.logical_id for change in verdict.blocked] == ["Ana"]
    assert "is not needed: take it out" in verdict.warnings[0]


def test_it_lasts_to_its_last_day(tmp_path: Path) -> None:
    assert judged(tmp_path, f"{ENTRY}until = 2026-11-23\n").blocked == []
    over = judged(tmp_path, f"{ENTRY}until = 2026-11-22\n")
    assert len(over.blocked) == 1
    assert over.warnings == ["acknowledgement of users/Ana deleted is over since 2026-11-22"]


def test_what_is_replaced_by_design_is_accepted_once_for_its_type(tmp_path: Path) -> None:
    assert [change.logical_id for change in guard(OLD, SCRIPTED).blocked] == ["Git"]
    accepted = judged(tmp_path, ROUTINE, SCRIPTED)
    assert (accepted.blocked, accepted.warnings) == ([], [])
    waiting = judged(tmp_path, ROUTINE, OLD)
    assert (waiting.changes, waiting.warnings) == ([], [])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[change", "cannot be read as TOML"),
        ("other = 1", "must hold [[change]] tables and nothing else"),
        ("change = 1", "must hold [[change]] tables and nothing else"),
        ("change = [1]", "must be a table of"),
        (ENTRY + 'who = "me"', "must be a table of"),
        (ENTRY.replace('"left; home archived"', '" "'), "must be a text that says something"),
        (ENTRY.replace('reason = "left; home archived"\n', ""), "says no reason"),
        (ENTRY.replace('stack = "users"\n', ""), "says no stack"),
        (ENTRY.replace('logical_id = "Ana"\n', ""), "either a logical_id or a type"),
        (ENTRY + 'type = "AWS::SageMaker::Model"', "either a logical_id or a type"),
        (ENTRY.replace("deleted", "gone"), "kind must be one of"),
        (ENTRY.replace("deleted", "in place"), "kind must be one of"),
        (ROUTINE.replace("StudioLifecycleConfig", "UserProfile"), "a whole type can only be"),
        (ROUTINE.replace("replaced", "deleted"), "a whole type can only be"),
        (ENTRY + 'until = "soon"', "until must be a date"),
        (ENTRY + "until = 2026-11-23T10:00:00Z", "until must be a date"),
    ],
)
def test_a_file_that_says_something_else_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InvalidInput, match="accepted.toml") as caught:
        judged(tmp_path, text)
    assert message in str(caught.value)


def refused(path: Path) -> tuple[str, str, str]:
    with pytest.raises(InvalidInput) as caught:
        read_acknowledgements(path)
    return caught.value.code, caught.value.path, caught.value.message


def test_what_is_no_small_file_is_refused_before_anything_of_it_is_read(tmp_path: Path) -> None:
    pipe, huge = tmp_path / "pipe", tmp_path / "huge"
    os.mkfifo(pipe)
    huge.write_bytes(b"#" * (1024 * 1024 + 1))
    for path in (tmp_path, pipe, huge):
        assert refused(path) == ("Acknowledgement", str(path), "is no file of at most 1 MiB")
    huge.write_bytes(b"#" * (1024 * 1024))
    assert read_acknowledgements(huge) == []


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    missing = tmp_path / "missing.toml"
    why = f"[Errno 2] No such file or directory: '{missing}'"
    assert refused(missing) == ("Acknowledgement", str(missing), f"cannot be read as TOML: {why}")
    for name, content, why in (
        ("bytes", b"\xff\xfe", "'utf-8' codec can't decode byte 0xff in position 0"),
        ("half", b"[[change", "Expected ']]' at the end of an array declaration"),
        ("deep", b"x = " + b"[" * 100_000, ""),
    ):
        path = tmp_path / name
        path.write_bytes(content)
        code, where, message = refused(path)
        assert (code, where) == ("Acknowledgement", str(path))
        assert message.startswith(f"cannot be read as TOML: {why}")


def test_a_file_without_an_entry_accepts_nothing(tmp_path: Path) -> None:
    verdict = judged(tmp_path, "# nobody has accepted anything yet\n")
    assert ([change.logical_id for change in verdict.blocked], verdict.warnings) == (["Ana"], [])


def test_a_reason_in_any_language_is_said_as_it_was_written(tmp_path: Path) -> None:
    verdict = judged(tmp_path, ENTRY.replace("left; home archived", "Größe geändert – 済"))
    assert verdict.lines(Level.WARNING)[0].endswith(". Acknowledged: Größe geändert – 済")


def test_the_file_in_the_current_folder_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert len(guard(OLD, LEFT, today=TODAY).blocked) == 1
    (tmp_path / "acknowledged-changes.toml").write_text(ENTRY, encoding="utf-8")
    assert guard(OLD, LEFT, today=TODAY).blocked == []
