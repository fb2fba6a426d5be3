"""An assembly that somebody wrote to harm its reviewer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

ATTACKS: Final = (
    "<script>window.stolen = 1</script>",
    '"><img src=x onerror="window.stolen = 1">',
    "</text></svg><script>window.stolen = 1</script>",
    "{{ 7 * 7 }}{% raw %}",
    "[link](javascript:window.stolen=1) @everybody ![](http://x/y)",
    "`code` | cell |\n# heading\n</details>",
    "\u202eright to left\u2066",
    "nul\x00bell\x07esc\x1b[31m\x9b",
    "lone \ud800 surrogate",
    "a" * 400,
    "</style><style>body { display: none }",
)


def hostile_template() -> dict[str, Any]:
    """A template with an attack in every place that a report shows."""
    resources: dict[str, Any] = {}
    for number, attack in enumerate(ATTACKS):
        statement = {
            "Effect": attack,
            "Action": [attack, f"{attack}:x"],
            "Resource": attack,
            "Condition": {attack: {attack: attack}},
        }
        resources[f"{attack}{number}"] = {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {
                    "Statement": [{"Principal": {"Service": attack}, "Action": attack}]
                },
                "ManagedPolicyArns": [attack],
                "Policies": [{"PolicyDocument": {"Statement": [statement]}}],
            },
        }
        resources[f"Group{attack}{number}"] = {
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {
                "SecurityGroupIngress": [{"CidrIp": attack, "IpProtocol": attack, "Description": attack}]
            },
        }
        resources[f"Profile{attack}{number}"] = {
            "Type": "AWS::SageMaker::UserProfile",
            "DeletionPolicy": attack,
            "Properties": {"UserProfileName": attack, "DomainId": attack},
        }
        resources[f"Config{attack}{number}"] = {
            "Type": "AWS::SageMaker::EndpointConfig",
            "Properties": {"ProductionVariants": [{"InstanceType": attack, "InitialInstanceCount": attack}]},
        }
        resources[f"Other{attack}{number}"] = {"Type": f"Custom::{attack}", "Properties": {}}
    return {"Description": "<b>" + "x" * 1_000_000, "Resources": resources}


def write_hostile(folder: Path) -> Path:
    """The assembly, with the attacks as names of stacks and reasons, too."""
    folder.mkdir()
    artifacts = {}
    for number, attack in enumerate(ATTACKS):
        (folder / f"{number}.json").write_text(json.dumps(hostile_template()), encoding="utf-8")
        entry = {"type": "aws:cdk:acknowledged-rules", "data": {attack: attack}}
        artifacts[f"a{number}"] = {
            "type": "aws:cloudformation:stack",
            "environment": "aws://unknown-account/unknown-region",
            "properties": {"templateFile": f"{number}.json", "stackName": attack},
            "metadata": {attack: [entry, {"type": attack}, attack]},
        }
    (folder / "manifest.json").write_text(
        json.dumps({"version": "1", "artifacts": artifacts}), encoding="utf-8"
    )
    return folder
