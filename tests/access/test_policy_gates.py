"""What three judges that know nothing of this project say about its policies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk.assertions import Template

from studio_infra.access import (
    EfsAccess,
    FolderAccess,
    Persona,
    PolicyFile,
    RoleSharing,
    TeamAccess,
)
from studio_infra.settings.sections.domain import ALLOW_DESTROY
from tests.operations.drain.test_domain_drain import drain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import aws_cdk as cdk

pytestmark = pytest.mark.slow

Policies = dict[str, dict[str, Any]]
GOLDEN = Path(__file__).parents[1] / "golden"
POINT = "arn:aws:elasticfilesystem:eu-west-1:123456789012:access-point/fsap-0123456789abcdef0"
EVERYTHING = {"ml-engineer": Persona.ml_engineer(), "data-scientist": Persona.data_scientist()}
EVERYTHING |= {"analyst": Persona.analyst(), "admin": Persona.admin()}


def canary(**changes: Any) -> dict[str, Any]:
    found = {
        "Sid": "Canary",
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::b/*",
    } | changes
    return {"Version": "2012-10-17", "Statement": [found]}


def for_parliament(policies: Policies) -> Policies:
    """The colon in a variable's name makes parliament read the rest of the ARN as one more part of it."""
    variable = RoleSharing.PER_PERSON.value

    def named(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: named(value) for key, value in node.items()}
        if isinstance(node, list):
            return [named(item) for item in node]
        return node.replace(variable, "ana") if isinstance(node, str) else node

    return {name: named(policy) for name, policy in policies.items()}


def test_no_judge_finds_fault_with_any_policy_of_any_persona(
    stack: cdk.Stack,
    team_options: dict[str, Any],
    deployed: Callable[[cdk.Stack], Policies],
    judge: Callable[[Policies], list[list[str]]],
) -> None:
    files = [
        EfsAccess(name="data", file_system_id="fs-01234567", access_point_arn=POINT),
        FolderAccess(name="raw", s3_uri="s3://raw-example/tables"),
    ]
    for team, persona in EVERYTHING.items():
        TeamAccess(stack, team, **team_options | {"team": team, "persona": persona, "files": files})
    policies = deployed(stack)
    assert len(policies) > len(EVERYTHING)
    assert judge(for_parliament(policies)) == []


#: What the references in the templates of the shipped settings stand for.
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1a2b3c4d-1a2b-1a2b-1a2b-1a2b3c4d5e6f"
VALUES = {
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-1",
    "AWS::AccountId": "123456789012",
    "AWS::StackId": "arn:aws:cloudformation:eu-west-1:123456789012:stack/research/1a2b3c4d",
    "AWS::Backup::BackupVault": "arn:aws:backup:eu-west-1:123456789012:backup-vault:homes",
    "AWS::CloudWatch::Alarm": "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:errors",
    "AWS::EC2::SecurityGroup": "sg-0123456789abcdef0",
    "AWS::EC2::Subnet": "subnet-0123456789abcdef0",
    "AWS::IAM::Role": "arn:aws:iam::123456789012:role/role",
    "AWS::KMS::Key": KEY,
    "AWS::Lambda::Function": "arn:aws:lambda:eu-west-1:123456789012:function:one",
    "AWS::Logs::LogGroup": "arn:aws:logs:eu-west-1:123456789012:log-group:flow:*",
    "AWS::S3::Bucket": "arn:aws:s3:::bucket",
    "AWS::SNS::Topic": "arn:aws:sns:eu-west-1:123456789012:alerts",
    "AWS::SageMaker::Domain": "d-research",
}
#: References to another stack, by what their outputs' names begin with.
OUTPUTS = {
    "PublishOutputFnGetAttArtifacts": VALUES["AWS::S3::Bucket"],
    "PublishOutputFnGetAttKey": KEY,
    "PublishOutputRefArtifacts": "bucket",
    "PublishOutputRefDomain": VALUES["AWS::SageMaker::Domain"],
    "PublishOutputFnGetAttNetworkJobGroup": VALUES["AWS::EC2::SecurityGroup"],
    "PublishOutputRefNetworkVpcJobs": VALUES["AWS::EC2::Subnet"],
}


def filled(node: Any, types: dict[str, str]) -> Any:
    """A policy with a value in place of every reference."""
    if isinstance(node, list):
        return [filled(item, types) for item in node]
    if not isinstance(node, dict):
        return node
    match node:
        case {"Fn::Join": [delimiter, items]}:
            return delimiter.join(filled(items, types))
        case {"Fn::GetStackOutput": {"OutputName": output}}:
            return next(value for start, value in OUTPUTS.items() if output.startswith(start))
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), _]}:
            return VALUES[types.get(name, name)]
    return {key: filled(value, types) for key, value in node.items()}


def shipped(template: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every identity policy of a template, by logical id: managed, inline, or attached."""
    types = {name: resource["Type"] for name, resource in template["Resources"].items()}
    for name, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        if "PolicyDocument" in properties and resource["Type"].startswith("AWS::IAM::"):
            yield name, filled(properties["PolicyDocument"], types)
        for inline in properties.get("Policies", ()) if resource["Type"] == "AWS::IAM::Role" else ():
            yield f"{name}-{inline['PolicyName']}", filled(inline["PolicyDocument"], types)


@pytest.mark.parametrize("settings", ["sandbox", "production"])
def test_no_judge_finds_fault_with_any_policy_of_the_shipped_settings(
    settings: str, judge: Callable[[Policies], list[list[str]]]
) -> None:
    policies: Policies = {}
    for file in sorted((GOLDEN / settings).glob("*.json")):
        policies |= {f"{file.stem}-{name}": one for name, one in shipped(json.loads(file.read_text("utf-8")))}
    assert len(policies) > 5
    assert judge(for_parliament(policies)) == []


@pytest.mark.parametrize(
    ("bad", "finding"),
    [
        (canary(Action="s3:GetObjekt"), ["parliament", "UNKNOWN_ACTION"]),
        (canary(Action="s3:GetObjekt"), ["policy_sentry", "no action is called s3:GetObjekt"]),
        (canary(Resource="arn:aws:s3:::b"), ["parliament", "RESOURCE_MISMATCH"]),
        (
            canary(Condition={"StringEquals": {"s3:prefix": "x"}}),
            ["policy_sentry", "no condition key s3:prefix"],
        ),
        (canary(Resource="*"), ["policy_sentry", "could name"]),
        (canary(Resource="*"), ["cloudsplaining", "data exfiltration: s3:GetObject"]),
        (canary(Action="s3:ListAllMyBuckets"), ["policy_sentry", "has no resource type"]),
        (canary(Action="iam:PutUserPolicy", Resource="*"), ["cloudsplaining", "privilege escalation"]),
        (
            canary(Action="kms:CreateGrant", Resource="*"),
            ["cloudsplaining", "resource exposure: kms:CreateGrant"],
        ),
        (canary(Action="sqs:*", Resource="*"), ["cloudsplaining", "all of a service: sqs"]),
        (canary(Action="ecr:GetAuthorizationToken", Resource="*"), []),
    ],
)
def test_the_judges_are_awake(
    judge: Callable[[Policies], list[list[str]]], bad: dict[str, Any], finding: list[str]
) -> None:
    found = judge({"canary": bad})
    if not finding:
        assert found == []
    else:
        name, words = finding
        assert [words in text for _, who, text in found if who == name].count(True) >= 1, found


def test_no_judge_finds_fault_with_what_a_spent_budget_does(
    judge: Callable[[Policies], list[list[str]]],
) -> None:
    folder = Path(__file__).parents[2] / "studio_infra" / "operations" / "policies"
    arns = "arn:aws:iam::123456789012:"
    values = {"Roles": [f"{arns}role/team"], "Denial": f"{arns}policy/denial"}
    policies = {
        name: {
            "Version": "2012-10-17",
            "Statement": PolicyFile.from_path(folder / f"{name}.json").filled(values),
        }
        for name in ("budget_action", "deny_new_work")
    }
    found = judge(for_parliament(policies))
    # The judge of wildcards reads a denial of everything as a permission for everything.
    assert [finding for finding in found if not finding[2].endswith("but is allowed on *")] == []
    assert {policy for policy, _, _ in found} <= {"deny_new_work"}


@pytest.mark.parametrize("app", [{ALLOW_DESTROY: True}], indirect=True)
def test_no_judge_finds_fault_with_what_deletes_a_domain_in_one_go(
    stack: cdk.Stack, judge: Callable[[Policies], list[list[str]]]
) -> None:
    drain(stack, delete_homes=True)
    policies = dict(shipped(dict(Template.from_stack(stack).to_json())))
    assert len(policies) == 3
    assert judge(for_parliament(policies)) == []
