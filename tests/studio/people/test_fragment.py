from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest

from studio_infra.studio.people.fragment import Fragment


def test_plain_text_never_asks_node(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking is what made a roster of thousands slow: once for each text of each person."""
    asked: list[Any] = []
    monkeypatch.setattr(cdk.Token, "is_unresolved", asked.append)
    plain = {
        "Type": "AWS::SNS::Topic",
        "Properties": {"TopicName": "${AWS::StackName}-a", "Tags": [{"Key": "{"}]},
    }
    Fragment().add("Topic", plain)
    assert asked == []


@pytest.mark.parametrize("around", ["{}", "a-{}", "{}-b"])
def test_every_token_becomes_a_parameter(around: str) -> None:
    fragment = Fragment()
    for token in (cdk.Token.as_string({"Ref": "X"}), cdk.Aws.REGION, cdk.Fn.get_att("X", "Arn").to_string()):
        topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": around.format(token)}}
        before = len(fragment._parameters())
        fragment.add(f"Topic{before}", topic)
        assert len(fragment._parameters()) == before + 1
