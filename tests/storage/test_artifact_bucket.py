"""The bucket in CloudFormation's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Match, Template

from studio_infra.errors import InvalidInput
from studio_infra.storage import ArtifactBucket, ArtifactBucketGrants, StudioKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.interfaces import aws_s3 as refs

DESTROYABLE = {"@studio-infra/allow-destroy": "true"}
KEY_ARN = "arn:aws:kms:eu-west-1:111122223333:key/1234"


def key(stack: cdk.Stack) -> kms.IKey:
    return kms.Key.from_key_arn(stack, "Key", KEY_ARN)


def role(stack: cdk.Stack) -> iam.Role:
    return iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))


def granted(stack: cdk.Stack) -> list[dict[str, Any]]:
    (policy,) = Template.from_stack(stack).find_resources("AWS::IAM::Policy").values()
    statements: list[dict[str, Any]] = policy["Properties"]["PolicyDocument"]["Statement"]
    return statements


def test_a_bucket_is_private_versioned_and_encrypted_with_the_key(stack: cdk.Stack) -> None:
    ArtifactBucket(stack, "Artifacts", key=key(stack))
    Template.from_stack(stack).has_resource_properties(
        "AWS::S3::Bucket",
        {
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [
                    {
                        "BucketKeyEnabled": True,
                        "ServerSideEncryptionByDefault": {
                            "KMSMasterKeyID": KEY_ARN,
                            "SSEAlgorithm": "aws:kms",
                        },
                    }
                ]
            },
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": True,
            },
            "VersioningConfiguration": {"Status": "Enabled"},
        },
    )


def test_only_tls_1_2_and_later_reaches_any_bucket(stack: cdk.Stack) -> None:
    ArtifactBucket(stack, "Artifacts", key=key(stack))
    policies = Template.from_stack(stack).find_resources("AWS::S3::BucketPolicy").values()
    assert len(policies) == 2
    for policy in policies:
        statements = policy["Properties"]["PolicyDocument"]["Statement"]
        denied = [s["Condition"] for s in statements if s["Effect"] == "Deny"]
        assert {"Bool": {"aws:SecureTransport": "false"}} in denied
        assert {"NumericLessThan": {"s3:TlsVersion": 1.2}} in denied


def test_buckets_and_what_guards_them_outlive_the_stack(stack: cdk.Stack) -> None:
    ArtifactBucket(stack, "Artifacts", key=key(stack))
    kept = Template.from_stack(stack).to_json()["Resources"].values()
    assert {(r["Type"], r["DeletionPolicy"], r["UpdateReplacePolicy"]) for r in kept} == {
        ("AWS::S3::Bucket", "Retain", "Retain"),
        ("AWS::S3::BucketPolicy", "Retain", "Retain"),
    }


@pytest.mark.parametrize("app", [DESTROYABLE], indirect=True)
def test_two_consents_let_them_go_without_a_lambda_function(stack: cdk.Stack) -> None:
    ArtifactBucket(stack, "Artifacts", key=key(stack), removal_policy=cdk.RemovalPolicy.DESTROY)
    resources = Template.from_stack(stack).to_json()["Resources"].values()
    assert {(r["Type"], r["DeletionPolicy"]) for r in resources} == {
        ("AWS::S3::Bucket", "Delete"),
        ("AWS::S3::BucketPolicy", "Delete"),
    }


def test_old_versions_and_broken_uploads_do_not_cost_money_for_ever(stack: cdk.Stack) -> None:
    ArtifactBucket(stack, "Artifacts", key=key(stack), old_versions=cdk.Duration.days(30))
    Template.from_stack(stack).has_resource_properties(
        "AWS::S3::Bucket",
        {
            "LifecycleConfiguration": {
                "Rules": Match.array_with(
                    [
                        Match.object_like({"NoncurrentVersionExpiration": {"NoncurrentDays": 30}}),
                        Match.object_like({"ExpiredObjectDeleteMarker": True}),
                        Match.object_like({"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}),
                    ]
                )
            }
        },
    )


def test_other_constructs_take_it_by_reference(stack: cdk.Stack) -> None:
    bucket = ArtifactBucket(stack, "Artifacts", key=key(stack))
    assert bucket.bucket_ref.bucket_arn == bucket.bucket.bucket_arn


def test_nothing_current_ever_expires(stack: cdk.Stack) -> None:
    bucket = ArtifactBucket(stack, "Artifacts", key=key(stack))
    (properties,) = [
        r["Properties"]
        for name, r in Template.from_stack(stack).find_resources("AWS::S3::Bucket").items()
        if name == stack.resolve(bucket.bucket.bucket_name)["Ref"]
    ]
    assert not [r for r in properties["LifecycleConfiguration"]["Rules"] if "ExpirationInDays" in r]


def test_refuses_to_forget_old_versions_at_once(stack: cdk.Stack) -> None:
    with pytest.raises(InvalidInput, match="old_versions must be at least 1 day") as caught:
        ArtifactBucket(stack, "Artifacts", key=key(stack), old_versions=cdk.Duration.hours(23))
    assert (caught.value.code, caught.value.path) == ("OldVersions", "S/Artifacts")


def test_s3_may_write_access_logs_of_this_bucket_and_of_no_other(stack: cdk.Stack) -> None:
    bucket = ArtifactBucket(stack, "Artifacts", key=key(stack))
    source = stack.resolve(bucket.bucket.bucket_arn)
    template = Template.from_stack(stack)
    template.has_resource_properties(
        "AWS::S3::Bucket",
        {
            "LoggingConfiguration": {
                "DestinationBucketName": {"Ref": Match.string_like_regexp("AccessLogs")},
                "LogFilePrefix": "Artifacts/",
            }
        },
    )
    template.has_resource_properties(
        "AWS::S3::BucketPolicy",
        {
            "PolicyDocument": {
                "Statement": Match.array_with(
                    [
                        Match.object_like(
                            {
                                "Action": "s3:PutObject",
                                "Principal": {"Service": "logging.s3.amazonaws.com"},
                                "Condition": {
                                    "ArnLike": {"aws:SourceArn": source},
                                    "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
                                },
                            }
                        )
                    ]
                )
            }
        },
    )


def test_access_logs_may_go_to_the_companys_bucket(stack: cdk.Stack) -> None:
    logs = s3.Bucket.from_bucket_name(stack, "Logs", "company-access-logs")
    ArtifactBucket(stack, "Artifacts", key=key(stack), access_logs=logs)
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::S3::Bucket", 1)
    template.has_resource_properties(
        "AWS::S3::Bucket",
        {"LoggingConfiguration": Match.object_like({"DestinationBucketName": logs.bucket_name})},
    )


def test_a_name_may_be_fixed(stack: cdk.Stack) -> None:
    ArtifactBucket(stack, "Artifacts", key=key(stack), bucket_name="research-artifacts")
    Template.from_stack(stack).has_resource_properties(
        "AWS::S3::Bucket", {"BucketName": "research-artifacts"}
    )


# -- grants ----------------------------------------------------------------------------------------


def owned(stack: cdk.Stack) -> refs.IBucketRef:
    return ArtifactBucket(stack, "Artifacts", key=key(stack)).bucket


def imported(stack: cdk.Stack) -> refs.IBucketRef:
    return ArtifactBucket.from_bucket_name(stack, "Artifacts", "company-artifacts")


def l1(stack: cdk.Stack) -> refs.IBucketRef:
    return s3.CfnBucket(stack, "Artifacts")


@pytest.mark.parametrize("bucket", [owned, imported, l1])
def test_a_team_reaches_its_own_prefix_and_no_other(
    stack: cdk.Stack, bucket: Callable[[cdk.Stack], refs.IBucketRef]
) -> None:
    target = bucket(stack)
    ArtifactBucketGrants.from_bucket(target).read_write_team(role(stack), "vision").assert_success()
    arn = target.bucket_ref.bucket_arn
    listing, location, objects = granted(stack)
    assert listing == {
        "Action": "s3:ListBucket",
        "Condition": {"StringLike": {"s3:prefix": ["teams/vision/", "teams/vision/*"]}},
        "Effect": "Allow",
        "Resource": stack.resolve(arn),
    }
    assert location["Action"] == "s3:GetBucketLocation"
    assert objects["Resource"] == stack.resolve(f"{arn}/teams/vision/*")
    assert "s3:DeleteObject" in objects["Action"]
    assert not [a for a in objects["Action"] if "*" in a or "Version" in a or "Policy" in a or "Acl" in a]


def test_reading_does_not_include_writing(stack: cdk.Stack) -> None:
    ArtifactBucket(stack, "Artifacts", key=key(stack)).grants.read_team(role(stack), "vision")
    actions = [
        a for s in granted(stack) for a in ([s["Action"]] if isinstance(s["Action"], str) else s["Action"])
    ]
    assert sorted(actions) == [
        "kms:Decrypt",
        "kms:DescribeKey",
        "s3:GetBucketLocation",
        "s3:GetObject",
        "s3:GetObjectTagging",
        "s3:ListBucket",
    ]


def test_writing_includes_the_key(stack: cdk.Stack) -> None:
    ArtifactBucket(stack, "Artifacts", key=StudioKey(stack, "Own").key).grants.read_write_team(
        role(stack), "a"
    )
    assert [s for s in granted(stack) if "kms:GenerateDataKey" in s["Action"]]


@pytest.mark.parametrize(
    "team", ["", "A", "a_b", "a/b", "..", "a*", "a?", "${aws:username}", "a b", "ä", "-a", "a\n", "a" * 33]
)
def test_a_team_is_one_plain_path_segment(stack: cdk.Stack, team: str) -> None:
    bucket = ArtifactBucket(stack, "Artifacts", key=key(stack))
    for use in (lambda: bucket.grants.read_team(role(stack), team), lambda: bucket.team_url(team)):
        with pytest.raises(InvalidInput, match="team must be 1-32 lower-case letters") as caught:
            use()
        assert caught.value.code == "TeamName"
        stack.node.try_remove_child("Role")


def test_a_team_may_be_known_to_cloudformation_alone(stack: cdk.Stack) -> None:
    team = cdk.CfnParameter(stack, "Team").value_as_string
    bucket = ArtifactBucket(stack, "Artifacts", key=key(stack), bucket_name="artifacts")
    bucket.grants.read_team(role(stack), team).assert_success()
    assert stack.resolve(bucket.team_url(team))["Fn::Join"][1][-2:] == [{"Ref": "Team"}, "/"]
