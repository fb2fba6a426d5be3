from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_infra.access import PolicyFile
from studio_infra.errors import InvalidInput

SHIPPED = sorted(path.stem for path in Path("studio_infra/access/policies").glob("*.json"))
GOOD = {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}


def written(tmp_path: Path, policy: Any) -> Path:
    path = tmp_path / "own.json"
    path.write_text(policy if isinstance(policy, str) else json.dumps(policy), encoding="utf-8")
    return path


def statement(**changes: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [GOOD | changes]}


def filled(values: Any, **changes: Any) -> list[dict[str, Any]]:
    return PolicyFile("own", (GOOD | changes,)).filled(values)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_wildcard_of_a_shipped_file_has_its_reason_and_nothing_else_has_one(name: str) -> None:
    for shipped in PolicyFile.shipped(name).statements:
        texts = json.dumps([shipped["Action"], shipped["Resource"]])
        assert ("*" in texts) == ("Why" in shipped), shipped["Sid"]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_file_is_written_as_json_is(name: str) -> None:
    text = Path("studio_infra/access/policies", f"{name}.json").read_text(encoding="utf-8")
    assert text == json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_file_names_its_own_account_except_for_images_buckets_and_templates_of_aws(
    name: str,
) -> None:
    for shipped in PolicyFile.shipped(name).statements:
        for arn in shipped["Resource"] if isinstance(shipped["Resource"], list) else [shipped["Resource"]]:
            # Templates of projects are products of an account of AWS, and the portfolio says which of them.
            if arn.startswith("arn:") and ":ecr:" not in arn and ":catalog:" not in arn:
                assert arn.split(":")[1:5:2] == ["${Partition}", "${Region}"]
                assert arn.split(":")[4] == "${Account}"


def test_a_placeholder_in_a_text_is_filled() -> None:
    (found,) = filled({"Bucket": "arn:aws:s3:::b", "Team": "vision"}, Resource="${Bucket}/teams/${Team}/*")
    assert found["Resource"] == "arn:aws:s3:::b/teams/vision/*"


def test_a_list_fills_a_place_with_each_of_its_texts() -> None:
    (found,) = filled(
        {"Ids": ["a", "b"]}, Resource="x/${Ids}", Condition={"StringEquals": {"k": ["${Ids}", "c"]}}
    )
    assert found["Resource"] == ["x/a", "x/b"]
    assert found["Condition"] == {"StringEquals": {"k": ["a", "b", "c"]}}


def test_a_statement_about_an_empty_list_is_left_out() -> None:
    assert filled({"Ids": []}, Resource=["x/${Ids}"]) == []
    assert filled({"Ids": []}, Condition={"StringEquals": {"k": "${Ids}"}}) == []


def test_variables_of_iam_and_reasons_are_left_alone() -> None:
    (found,) = filled({}, Resource="x/${aws:PrincipalTag/studio:user}/${*}", Why="because")
    assert found["Resource"] == "x/${aws:PrincipalTag/studio:user}/${*}"
    assert "Why" not in found


def test_a_filled_file_is_as_it_was_before() -> None:
    file = PolicyFile.shipped("jobs")
    before = json.dumps(file.statements)
    file.filled(dict.fromkeys(file.placeholders, "x"))
    assert json.dumps(file.statements) == before


@given(st.text())
def test_a_value_is_never_read_as_a_placeholder_or_as_json(value: str) -> None:
    (found,) = filled({"Team": value, "Key": "secret"}, Resource="a/${Team}/b")
    assert found == GOOD | {"Resource": f"a/{value}/b"}


def test_a_placeholder_without_a_value_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidInput, match=r"placeholder \$\{Taem\} is unknown, known ones: Key, Team"):
        filled({"Team": "x", "Key": "y"}, Resource="${Taem}")


@pytest.mark.parametrize(
    ("policy", "complaint"),
    [
        ("not json", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ('{"Version": "2012-10-17", "Version": "2012-10-17", "Statement": []}', "'Version' is there twice"),
        ([], "must be"),
        ({"Statement": [GOOD]}, "must be"),
        ({"Version": "2008-10-17", "Statement": [GOOD]}, "must be"),
        ({"Version": "2012-10-17", "Statement": [GOOD], "Id": "x"}, "must be"),
        ({"Version": "2012-10-17", "Statement": []}, "no statements"),
        ({"Version": "2012-10-17", "Statement": GOOD}, "no statements"),
        ({"Version": "2012-10-17", "Statement": ["x"]}, "statement 1 must be an object with a Sid"),
        (
            {"Version": "2012-10-17", "Statement": [GOOD, GOOD]},
            "'Read' must be letters and digits, and there only once",
        ),
        (statement(Sid="with space"), "letters and digits"),
        (statement(Sid="Read\n"), "letters and digits"),
        (statement(Effect="allow"), "must be Allow or Deny"),
        (statement(Action="*"), "name actions"),
        (statement(Action=["s3:GetObject", "s3:*"]), "name actions"),
        (statement(Action="s3:*Object"), "name actions"),
        (statement(Action="s3:Get?bject"), "name actions"),
        (statement(Action="${Anything}"), "name actions"),
        (statement(Action=[1]), "name actions"),
        (statement(NotResource="x"), "NotResource"),
        (statement(Principal="*"), "Principal"),
        (statement(Resource="${two words}"), "neither a placeholder"),
        (statement(Resource="${Näme}"), "neither a placeholder"),
        (statement(Resource="${}"), "neither a placeholder"),
    ],
)
def test_a_file_that_is_no_policy_or_allows_too_much_is_refused(
    tmp_path: Path, policy: Any, complaint: str
) -> None:
    with pytest.raises(InvalidInput, match=complaint) as caught:
        PolicyFile.from_path(written(tmp_path, policy))
    assert caught.value.path.endswith("own.json")
    assert "\n" not in str(caught.value)


def test_a_deny_may_name_everything(tmp_path: Path) -> None:
    file = PolicyFile.from_path(written(tmp_path, statement(Effect="Deny", Action="*", Resource="*")))
    assert file.filled({})[0]["Action"] == "*"


def test_a_file_that_is_missing_or_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be read as UTF-8 text"):
        PolicyFile.from_path(tmp_path / "missing.json")
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidInput, match="cannot be read as UTF-8 text"):
        PolicyFile.from_path(tmp_path / "binary.json")
