from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest

from studio_infra.cli.app import run
from studio_infra.review.deployer_policy import MAX_POLICY_SIZE, DeployerPolicy, deployer_policy
from studio_infra.review.handlers import permissions_of

if TYPE_CHECKING:
    from pathlib import Path

ROLE = {"Type": "AWS::IAM::Role", "Properties": {}}
DOMAIN = {"Type": "AWS::SageMaker::Domain", "Properties": {}}
BUCKET = {"Type": "AWS::S3::Bucket", "Properties": {}}
VPC = {"Type": "AWS::EC2::VPC", "Properties": {}}


def found(stack: str = "research-studio", boundary: str | None = None, **resources: Any) -> DeployerPolicy:
    return deployer_policy({stack: {"Resources": resources}}, permissions_boundary=boundary)


def statements(policy: DeployerPolicy) -> dict[str, dict[str, Any]]:
    return {statement["Sid"]: statement for one in policy.policies for statement in one["Statement"]}


def actions(policy: DeployerPolicy) -> set[str]:
    return {action for statement in statements(policy).values() for action in statement["Action"]}


def test_a_type_brings_what_its_handlers_call_and_no_more() -> None:
    policy = found(Domain=DOMAIN)
    assert {"sagemaker:CreateDomain", "sagemaker:DeleteDomain", "iam:PassRole"} <= actions(policy)
    assert not {action for action in actions(policy) if action.startswith(("ec2:", "kms:Put"))}
    assert "sagemaker:ListDomains" not in actions(policy)
    assert policy.unknown == []


def test_a_type_whose_schema_names_no_handlers_is_not_taken_for_one_that_needs_nothing() -> None:
    policy = found(Files={"Type": "AWS::FSx::FileSystem", "Properties": {}})
    calls = {one.removeprefix("fsx:") for one in actions(policy) if one.startswith("fsx:")}
    assert {"CreateFileSystem", "UpdateFileSystem", "DeleteFileSystem"} <= calls
    assert calls <= set(botocore.session.get_session().get_service_model("fsx").operation_names)


def test_actions_are_called_as_iam_calls_them() -> None:
    assert "elasticfilesystem:CreateFileSystem" in actions(found(Domain=DOMAIN))
    assert not {
        action for action in actions(found(Bucket=BUCKET)) if "REST" in action or "DeleteBucketCors" in action
    }
    assert "s3:PutBucketCORS" in actions(found(Bucket=BUCKET))


def test_roles_are_those_that_the_stacks_make() -> None:
    path = {"Type": "AWS::IAM::Role", "Properties": {"Path": "/studio/"}}
    named = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "given"}}
    managed = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {}}
    own = statements(found(One=ROLE, Two=ROLE, Path=path, Named=named, Managed=managed))["ManageOwnRoles"]
    assert own["Resource"] == [
        "arn:*:iam::*:policy/research-studio-*",
        "arn:*:iam::*:role/given",
        "arn:*:iam::*:role/research-studio-*",
        "arn:*:iam::*:role/studio/research-studio-*",
    ]


def test_a_role_that_comes_from_elsewhere_may_be_lent() -> None:
    own = "arn:aws:iam::123456789012:role/own"
    domain = {"Type": "AWS::SageMaker::Domain", "Properties": {"DefaultUserSettings": {"ExecutionRole": own}}}
    assert statements(found(Domain=domain))["LendOwnRoles"]["Resource"] == [own]


def test_iam_is_never_allowed_on_everything_but_to_look() -> None:
    for sid, statement in statements(found(Role=ROLE, Domain=DOMAIN)).items():
        if any(action.startswith("iam:") for action in statement["Action"]) and statement["Resource"] == "*":
            assert sid == "LookForRoles"
            assert set(statement["Action"]) <= {"iam:ListRoles", "iam:ListPolicies"}


def test_with_a_boundary_no_role_can_be_made_without_it() -> None:
    boundary = "arn:aws:iam::123456789012:policy/boundary"
    made = statements(found(Role=ROLE, boundary=boundary))
    assert made["ManageBoundedRoles"]["Condition"] == {"StringEquals": {"iam:PermissionsBoundary": boundary}}
    assert {"iam:CreateRole", "iam:AttachRolePolicy", "iam:PutRolePolicy"} <= set(
        made["ManageBoundedRoles"]["Action"]
    )
    assert "iam:CreateRole" not in made["ManageOwnRoles"]["Action"]
    assert "iam:DeleteRolePermissionsBoundary" not in actions(found(Role=ROLE, boundary=boundary))
    assert "iam:DeleteRolePermissionsBoundary" in actions(found(Role=ROLE))


@pytest.mark.parametrize("roles", [1, 90, 900])
def test_every_policy_fits_and_nothing_is_lost_when_statements_are_cut(roles: int) -> None:
    names = [f"given-{number}" for number in range(roles)]
    resources = {name: {"Type": "AWS::IAM::Role", "Properties": {"RoleName": name}} for name in names}
    template = {"Resources": resources | {"Domain": DOMAIN, "Bucket": BUCKET, "Vpc": VPC}}
    policy = deployer_policy({"S": template})
    assert (len(policy.policies) > 1) == (roles > 1)
    for one in policy.policies:
        assert len(json.dumps(one, separators=(",", ":"))) <= MAX_POLICY_SIZE
    for resource in ("AWS::SageMaker::Domain", "AWS::S3::Bucket", "AWS::EC2::VPC", "AWS::IAM::Role"):
        assert (permissions_of(resource) or set()) <= actions(policy)
    creating = [one for one in statements(policy).values() if "iam:CreateRole" in one["Action"]]
    assert {f"arn:*:iam::*:role/{name}" for name in names} == {
        arn for one in creating for arn in one["Resource"]
    }


def test_a_type_that_nobody_wrote_down_is_named() -> None:
    metadata = {"Type": "AWS::CDK::Metadata"}
    assert found(Thing={"Type": "Custom::Thing"}, Metadata=metadata).unknown == ["Custom::Thing"]


@pytest.fixture
def assembly(tmp_path: Path) -> Path:
    manifest = {
        "artifacts": {"S": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "s.json"}}}
    }
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    template = {"Resources": {"Domain": DOMAIN, "Role": ROLE, "Thing": {"Type": "Custom::Thing"}}}
    (tmp_path / "s.json").write_text(json.dumps(template), encoding="utf-8")
    return tmp_path


def test_the_command_prints_the_policies_and_says_what_it_does_not_know(
    assembly: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["deployer-policy", str(assembly)]) == 0
    printed = capsys.readouterr()
    assert [set(policy) for policy in json.loads(printed.out)] == [{"Version", "Statement"}]
    assert printed.err == "no permissions are known for Custom::Thing; add what they need yourself\n"


def test_the_command_writes_a_file_for_each_policy(assembly: Path, tmp_path: Path) -> None:
    assert run(["deployer-policy", str(assembly), "--out", str(tmp_path / "policies")]) == 0
    (written,) = (tmp_path / "policies").iterdir()
    assert written.name == "deployer-1.json"
    assert json.loads(written.read_text(encoding="utf-8"))["Version"] == "2012-10-17"


def test_a_folder_that_is_no_assembly_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["deployer-policy", str(tmp_path / "missing")]) == 1
    assert capsys.readouterr().err.count("\n") == 1
