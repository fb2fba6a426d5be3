"""Verdicts, their table, and what never gets into it."""

from __future__ import annotations

import json
import re

import pytest

from studio_infra.cli.probe.record import (
    Fact,
    Unanswered,
    Verdict,
    as_json,
    decide,
    is_refuted,
    judge_all,
    markdown,
    not_testable,
    proven,
    redact,
    refuted,
)

SECRETS = [
    "AKIAIOSFODNN7EXAMPLE",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "arn:aws:iam::123456789012:role/research-ana",
    "arn:aws-cn:sagemaker:cn-north-1:123456789012:domain/d-abcdefghijkl",
    "123456789012",
    "d-abcdefghijkl",
    "fs-0123456789abcdef0",
    "sg-0a1b2c3d",
    "10.0.17.4",
    "ana.silva@example.com",
    "https://d-abcdefghijkl.studio.eu-central-1.sagemaker.aws?token=abc",
    "s3://research-artifacts-123/x",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "glpat-abcdefghijklmnop",
    "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk",
    "3f2a91bc7d6e5f4a3b2c1d0e9f8a7b6c",
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
]


@pytest.mark.parametrize("secret", SECRETS)
def test_nothing_private_survives_in_a_text(secret: str) -> None:
    shown = redact(f"it said {secret} and went on")
    assert shown.startswith("it said …")
    for part in re.split(r"[^A-Za-z0-9]+", secret):
        assert len(part) < 6 or part not in shown.replace("went on", "")


def test_names_are_hidden_wherever_they_stand_as_words_of_their_own() -> None:
    shown = redact("of Ana-Silva, ana-silva/x and ana-silvana; lab, collab", ["ana-silva", "lab", "a"])
    assert shown == "of …, …/x and ana-silvana; …, collab"


def test_a_text_stays_on_one_line_without_what_a_terminal_would_obey() -> None:
    assert redact("one\n\x1b[31mtwo\u202e\tthree") == "one [31mtwo three"
    assert len(redact("word " * 1000)) <= 401


def fact(name: str, verdict: Verdict | Exception) -> Fact:
    def judge(_: object) -> Verdict:
        if isinstance(verdict, Exception):
            raise verdict
        return verdict

    return Fact(name, f"{name} | is so", "`[git]`", "looks", "Change it.", judge)


FACTS = [
    fact("good", proven("seen at 10.0.0.1")),
    fact("bad", refuted("<b>other</b> | way")),
    fact("later", not_testable("not here")),
    fact("unseen", Unanswered("DescribeApp got no answer: AccessDeniedException")),
    fact("strange", KeyError("arn:aws:iam::123456789012:role/x")),
]


def test_an_answer_in_another_shape_makes_one_fact_not_testable_and_tells_nothing_of_it() -> None:
    outcomes = {one.fact.id: one.verdict for one in judge_all(FACTS, None)}
    assert [one.outcome for one in outcomes.values()] == ["proven", "refuted", *["not testable"] * 3]
    assert outcomes["unseen"].evidence == "DescribeApp got no answer: AccessDeniedException"
    assert outcomes["strange"].evidence == "what was seen has another shape than expected: KeyError"


def test_a_mistake_of_ours_is_not_taken_for_an_answer() -> None:
    with pytest.raises(AssertionError):
        judge_all([fact("bug", AssertionError())], None)


def test_the_table_is_markdown_with_what_is_refuted_first_and_what_to_change_below() -> None:
    text = markdown("probe", judge_all(FACTS, None))
    lines = text.splitlines()
    assert lines[0] == "## probe: 1 refuted, 1 proven, 3 not testable"
    rows = [line for line in lines if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == ["bad", "good", "later", "unseen", "strange"]
    assert rows[0] == r"| `bad`: bad \| is so | **refuted** | &lt;b>other&lt;/b> \| way |"
    assert lines[-3:] == ["What to change:", "", "- `bad`: Change it. Relied on by `[git]`."]
    assert "10.0.0.1" not in text


def test_a_program_gets_the_same_and_only_what_is_refuted_asks_for_a_change() -> None:
    results = judge_all(FACTS, None)
    told = json.loads(json.dumps(as_json("probe", results)))
    assert told["refuted"] is is_refuted(results) is True
    assert {one["id"]: one["change"] for one in told["facts"]} == {
        "good": None,
        "bad": "Change it.",
        "later": None,
        "unseen": None,
        "strange": None,
    }
    assert not is_refuted([one for one in results if one.fact.id != "bad"])


def test_who_decides_without_other_words_gives_the_same_evidence_either_way() -> None:
    assert decide(holds=True, evidence="a", otherwise="b") == proven("a")
    assert decide(holds=False, evidence="a", otherwise="b") == refuted("b")
    assert decide(holds=False, evidence="a") == refuted("a")
