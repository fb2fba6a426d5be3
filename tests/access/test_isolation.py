"""What five people may do to each other's things: one row for each rule, judged by the rehearsal's own IAM.

The policies are those of the template; the judge is MiniStack's evaluator, which the rehearsal uses as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from ministack.core import iam_evaluator as iam

from studio_infra.access import EfsAccess, FileAccess, FolderAccess, Persona, RoleSharing, TeamAccess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Policies = dict[str, dict[str, Any]]
Context = dict[str, Any]
#: Action, resource, what IAM is told about the request, and who may: all others may not.
Row = tuple[str, str, Context, str]

#: Ana and Ben are in one team, Eva is an engineer in another, Amy an analyst in Ana's, Ada an admin.
PEOPLE = {
    "ana": ("vision", Persona.data_scientist()),
    "ben": ("vision", Persona.data_scientist()),
    "eva": ("speech", Persona.ml_engineer()),
    "amy": ("numbers", Persona.analyst()),
    "ada": ("platform", Persona.admin()),
}
#: Spaces that teams share.
SHARED = {"vision": ["vision-lab"], "speech": ["speech-lab", "speech-demo"]}
HERE = "eu-west-1:123456789012"
#: Files that the settings share: an EFS file system of two teams, a folder that one writes and another reads.
EFS = f"arn:aws:elasticfilesystem:{HERE}"
FILES: dict[str, list[FileAccess]] = {
    "vision": [
        EfsAccess(
            name="data", file_system_id="fs-01234567", access_point_arn=f"{EFS}:access-point/fsap-vision"
        ),
        FolderAccess(name="raw", s3_uri="s3://raw-example/tables/"),
    ],
    "speech": [
        EfsAccess(
            name="data", file_system_id="fs-01234567", access_point_arn=f"{EFS}:access-point/fsap-speech"
        )
    ],
    "numbers": [FolderAccess(name="raw", s3_uri="s3://raw-example/tables", read_only=True)],
}
SM = f"arn:aws:sagemaker:{HERE}"
#: Stands for the key of the domain, whatever its logical id.
KEY = "{key}"
OWNER = "sagemaker:OwnerUserProfileArn"
SHARING = "sagemaker:SpaceSharingType"
TYPES = "sagemaker:InstanceTypes"
TEAM = "aws:ResourceTag/studio:team"
ASKED = "aws:RequestTag/studio:team"
EVERYBODY = "ana ben eva amy ada"
ARN_PARTS = {
    "TrainingJob": "training-job",
    "HyperParameterTuningJob": "hyper-parameter-tuning-job",
    "ProcessingJob": "processing-job",
    "TransformJob": "transform-job",
}


def profile(name: str) -> str:
    return f"{SM}:user-profile/d-research/{name}"


def space_of(owner: str, **more: Any) -> Context:
    return {OWNER: profile(owner), SHARING: "Private", TYPES: ["ml.t3.medium"]} | more


def tagging(action: str, team: str = "vision") -> Context:
    return {"sagemaker:TaggingAction": action, ASKED: team}


def studio_rows() -> Iterator[Row]:
    space, app = f"{SM}:space/d-research/work", f"{SM}:app/d-research/work/JupyterLab/default"
    shared, large = {SHARING: "Shared"}, {TYPES: ["ml.p5.48xlarge"]}
    yield "sagemaker:ListSpaces", "*", {}, EVERYBODY
    for action in ("sagemaker:CreateSpace", "sagemaker:UpdateSpace"):
        yield action, space, space_of("ana"), "ana"
        yield action, space, space_of("ana", **shared), ""
        yield action, space, shared | {TYPES: ["ml.t3.medium"]}, ""
        yield action, space, space_of("ana", **large), ""
        yield action, space, space_of("ana", **{TYPES: ["ml.t3.medium", "ml.p5.48xlarge"]}), ""
        yield action, f"{SM}:space/d-other/work", space_of("ana"), ""
    yield "sagemaker:CreateApp", app, space_of("ana"), "ana"
    yield "sagemaker:CreateApp", app, space_of("ben", **{TYPES: ["ml.g5.xlarge"]}), "ben"
    yield "sagemaker:CreateApp", app, space_of("ana", **large), ""
    yield "sagemaker:CreateApp", app, space_of("ana", **shared), ""
    yield "sagemaker:CreateApp", f"{SM}:app/d-research/work/KernelGateway/default", space_of("ana"), ""
    yield "sagemaker:CreateApp", f"{SM}:app/d-research/ana/JupyterServer/default", {}, ""
    for action, resource in (("sagemaker:DeleteApp", app), ("sagemaker:DeleteSpace", space)):
        yield action, resource, space_of("ana"), "ana ada"
        yield action, resource, space_of("ana", **shared), "ada"
    yield "sagemaker:DeleteApp", f"{SM}:app/d-research/ana/JupyterServer/default", {}, "ana ada"
    # A space that is called like somebody is not their profile.
    yield "sagemaker:DeleteApp", f"{SM}:app/d-research/ana/JupyterLab/default", space_of("ben"), "ben ada"
    yield "sagemaker:DescribeApp", app, {}, EVERYBODY
    yield "sagemaker:DescribeSpace", space, {}, EVERYBODY
    yield "sagemaker:CreatePresignedDomainUrl", profile("ana"), {}, "ana"
    yield "sagemaker:CreatePresignedDomainUrl", profile("ana-b"), {}, ""
    yield "sagemaker:CreatePresignedDomainUrl", f"{SM}:user-profile/d-other/ana", {}, ""
    yield "sagemaker:DescribeUserProfile", profile("ben"), {}, "ben ada"
    yield "sagemaker:UpdateUserProfile", profile("ana"), {}, ""
    yield "sagemaker:DeleteUserProfile", profile("ana"), {}, ""
    yield "sagemaker:UpdateDomain", f"{SM}:domain/d-research", {}, ""
    yield "sagemaker:DeleteDomain", f"{SM}:domain/d-research", {}, ""
    yield "sagemaker:AddTags", app, {"sagemaker:TaggingAction": "CreateApp"}, EVERYBODY
    yield "sagemaker:AddTags", app, tagging("CreateApp"), "ana ben"
    yield "sagemaker:AddTags", app, {}, ""
    as_eva = {"sagemaker:TaggingAction": "CreateApp", "aws:RequestTag/studio:user": "eva"}
    yield "sagemaker:AddTags", app, as_eva, "eva"


def shared_rows() -> Iterator[Row]:
    space, app = f"{SM}:space/d-research/vision-lab", f"{SM}:app/d-research/vision-lab/JupyterLab/default"
    ours: Context = {OWNER: profile("team-vision"), SHARING: "Shared", TYPES: ["ml.t3.medium"]}
    for action, resource in (
        ("sagemaker:CreateApp", app),
        ("sagemaker:UpdateSpace", space),
        ("sagemaker:DeleteApp", app),
    ):
        starts, stops = action != "sagemaker:DeleteApp", " ada" if action == "sagemaker:DeleteApp" else ""
        yield action, resource, ours, f"ana ben{stops}"
        yield action, resource, ours | {TYPES: ["ml.p5.48xlarge"]}, "" if starts else "ana ben ada"
        yield action, resource, ours | {SHARING: "Private"}, stops
        yield action, resource, ours | {OWNER: profile("team-speech")}, stops
        yield action, resource, ours | {OWNER: profile("ben")}, stops
        yield action, resource, {SHARING: "Shared"}, stops
        # What another team shares, what no team shares, and the same names in another domain.
        for name, people in (("speech-lab", "eva"), ("vision-lab-2", "")):
            theirs = ours | {OWNER: profile("team-speech" if people else "team-vision")}
            yield action, resource.replace("vision-lab", name), theirs, f"{people}{stops}"
        yield action, resource.replace("d-research", "d-other"), ours, ""
    yield "sagemaker:CreateSpace", space, ours, ""
    yield "sagemaker:DeleteSpace", space, ours, "ada"
    yield "sagemaker:CreateApp", f"{SM}:app/d-research/vision-lab/JupyterLab/default", space_of("ben"), "ben"
    yield "sagemaker:CreatePresignedDomainUrl", profile("team-vision"), {}, ""


def person_rows() -> Iterator[Row]:
    parameter = f"arn:aws:ssm:{HERE}:parameter/research/people"
    yield "ssm:GetParameter", f"{parameter}/ana/git-identity", {}, "ana"
    yield "ssm:PutParameter", f"{parameter}/ana/git-identity", {}, ""
    yield "ssm:PutParameter", f"{parameter}/ana/ssh-public-key", {}, "ana"
    yield "ssm:GetParameter", f"{parameter}/ana/ssh-public-key", {}, "ana ada"
    yield "ssm:PutParameter", f"{parameter}/ben/ssh-public-key", {}, "ben"
    yield "ssm:PutParameter", f"{parameter}/ana/ssh-public-key/space-1", {}, "ana"
    yield "ssm:GetParameter", f"{parameter}/ana/ssh-public-key/space-1", {}, "ana ada"
    yield "ssm:GetParameter", f"{parameter}/ana-b/git-identity", {}, ""
    yield "ssm:GetParameter", f"arn:aws:ssm:{HERE}:parameter/other/people/ana/git-identity", {}, ""
    teams = f"arn:aws:ssm:{HERE}:parameter/research/teams"
    yield "ssm:GetParameter", f"{teams}/vision/sagemaker-defaults", {}, "ana ben"
    yield "ssm:PutParameter", f"{teams}/vision/sagemaker-defaults", {}, ""
    yield "ssm:GetParameter", f"{teams}/vision-2/sagemaker-defaults", {}, ""
    yield "ssm:DeleteParameter", f"{parameter}/ana/ssh-public-key", {}, ""
    secret = f"arn:aws:secretsmanager:{HERE}:secret:research/people"
    yield "secretsmanager:GetSecretValue", f"{secret}/ana/git-AbCdEf", {}, "ana"
    yield "secretsmanager:GetSecretValue", f"{secret}/eva/git-AbCdEf", {}, "eva"
    yield "secretsmanager:PutSecretValue", f"{secret}/ana/git-AbCdEf", {}, ""
    logs = f"arn:aws:logs:{HERE}:log-group:/aws/sagemaker"
    yield "logs:CreateLogGroup", f"{logs}/studio", {}, EVERYBODY
    yield "logs:PutLogEvents", f"{logs}/studio:log-stream:d-research/work/JupyterLab/default", {}, EVERYBODY
    yield "logs:PutLogEvents", f"{logs}/studio:log-stream:d-other/work/JupyterLab/default", {}, ""
    yield "logs:GetLogEvents", f"{logs}/studio:log-stream:d-research/work/JupyterLab/default", {}, "ada"
    yield "logs:GetLogEvents", f"{logs}/TrainingJobs:log-stream:churn/algo-1", {}, "ana ben eva ada"


def file_rows() -> Iterator[Row]:
    bucket = "arn:aws:s3:::bucket"
    yield "s3:GetObject", f"{bucket}/teams/vision/data.csv", {}, "ana ben"
    yield "s3:PutObject", f"{bucket}/teams/vision/data.csv", {}, "ana ben"
    yield "s3:GetObject", f"{bucket}/teams/numbers/data.csv", {}, "amy"
    yield "s3:PutObject", f"{bucket}/teams/numbers/data.csv", {}, ""
    yield "s3:GetObject", f"{bucket}/teams/vision-2/data.csv", {}, ""
    yield "s3:GetObject", f"{bucket}/other/data.csv", {}, ""
    yield "s3:ListBucket", bucket, {"s3:prefix": "teams/vision/"}, "ana ben"
    yield "s3:ListBucket", bucket, {"s3:prefix": "teams/"}, ""
    yield "s3:ListBucket", bucket, {}, ""
    yield "s3:GetBucketLocation", bucket, {}, "ana ben eva amy"
    yield "s3:DeleteBucket", bucket, {}, ""
    yield "s3:PutBucketPolicy", bucket, {}, ""
    yield "kms:CreateGrant", KEY, {}, EVERYBODY
    yield "kms:Decrypt", KEY, {}, EVERYBODY
    yield "kms:Decrypt", f"{KEY}-other", {}, ""
    yield "kms:ScheduleKeyDeletion", KEY, {}, ""
    yield "kms:PutKeyPolicy", KEY, {}, ""


def job_rows() -> Iterator[Row]:
    keys: Context = {"sagemaker:OutputKmsKey": KEY, "sagemaker:VolumeKmsKey": KEY}
    job: Context = keys | {
        "sagemaker:VpcSubnets": ["subnet-a"],
        "sagemaker:VpcSecurityGroupIds": ["sg-jobs"],
        "sagemaker:MaxRuntimeInSeconds": "86400",
    }
    kinds: dict[str, Context] = {
        "TrainingJob": job,
        "HyperParameterTuningJob": job,
        "ProcessingJob": job,
        "TransformJob": keys | {"sagemaker:ModelArn": f"{SM}:model/vision--churn"},
    }
    wrong: Context = {
        TYPES: ["ml.p5.48xlarge"],
        "sagemaker:VpcSubnets": ["subnet-a", "subnet-public"],
        "sagemaker:VpcSecurityGroupIds": ["sg-other"],
        "sagemaker:OutputKmsKey": f"{KEY}-other",
        "sagemaker:VolumeKmsKey": f"{KEY}-other",
        "sagemaker:MaxRuntimeInSeconds": "86401",
        "sagemaker:ModelArn": f"{SM}:model/vision-2--churn",
    }
    for kind, needed in kinds.items():
        action, resource = f"sagemaker:Create{kind}", f"{SM}:{ARN_PARTS[kind]}/churn"
        for machine in ("ml.t3.medium", "ml.g5.xlarge"):
            right = needed | {ASKED: "vision", TYPES: [machine]}
            yield action, resource, right, "ana ben"
            yield action, resource, right | {ASKED: "speech"}, "eva" if kind != "TransformJob" else ""
            for key in (ASKED, TYPES, *needed):
                # A machine with disks of its own has no volume to encrypt.
                fine = key == "sagemaker:VolumeKmsKey" and machine == "ml.g5.xlarge"
                yield action, resource, _without(right, key), "ana ben" if fine else ""
                if key in wrong:
                    yield action, resource, right | {key: wrong[key]}, ""
            if kind in {"TrainingJob", "HyperParameterTuningJob"}:
                # The file system with everybody's home is in the same VPC.
                yield action, resource, right | {"sagemaker:FileSystemId": "fs-homes"}, ""
        yield f"sagemaker:Stop{kind}", resource, {TEAM: "vision"}, "ana ben ada"
        yield f"sagemaker:Stop{kind}", resource, {TEAM: "speech"}, "eva ada"
        yield f"sagemaker:Stop{kind}", resource, {}, "ada"
        yield f"sagemaker:Describe{kind}", resource, {TEAM: "vision"}, "ana ben ada"
        yield "sagemaker:AddTags", resource, tagging(f"Create{kind}"), "ana ben"
        yield "sagemaker:AddTags", resource, tagging("AddTags"), ""
        yield "sagemaker:AddTags", resource, tagging(f"Create{kind}", "numbers"), ""
    yield "sagemaker:ListTrainingJobs", "*", {}, "ana ben eva ada"
    yield (
        "sagemaker:Search",
        "*",
        {"sagemaker:SearchVisibilityCondition/Tags.studio:team": "vision"},
        "ana ben",
    )
    yield "sagemaker:Search", "*", {}, ""
    yield "sagemaker:CreateNotebookInstance", f"{SM}:notebook-instance/mine", {}, ""
    yield "ec2:RunInstances", "arn:aws:ec2:eu-west-1:123456789012:instance/*", {}, ""


def pipeline_rows() -> Iterator[Row]:
    pipeline = f"{SM}:pipeline/churn"
    yield "sagemaker:CreatePipeline", pipeline, {ASKED: "vision"}, "ana ben"
    yield "sagemaker:CreatePipeline", pipeline, {}, ""
    yield "sagemaker:StartPipelineExecution", pipeline, {TEAM: "speech"}, "eva"
    yield "sagemaker:StartPipelineExecution", pipeline, {}, ""
    yield "sagemaker:StopPipelineExecution", f"{pipeline}/execution/1", {TEAM: "vision"}, "ana ben ada"
    yield "sagemaker:StopPipelineExecution", f"{pipeline}/execution/1", {}, "ada"
    yield "sagemaker:AddTags", pipeline, tagging("CreatePipeline"), "ana ben"
    yield "sagemaker:AddTags", pipeline, tagging("AddTags"), ""
    yield "sagemaker:AddTags", pipeline, tagging("CreatePipeline", "numbers"), ""
    yield "sagemaker:ListPipelines", "*", {}, "ana ben eva ada"


def role_rows() -> Iterator[Row]:
    to_sagemaker = {"iam:PassedToService": "sagemaker.amazonaws.com"}
    to_lambda = {"iam:PassedToService": "lambda.amazonaws.com"}
    for team, kind, people in (
        ("vision", "job", "ana ben"),
        ("speech", "job", "eva"),
        ("speech", "inference", "eva"),
    ):
        yield "iam:PassRole", f"{{{team}-{kind}-role}}", to_sagemaker, people
        yield "iam:PassRole", f"{{{team}-{kind}-role}}", to_lambda, ""
    yield "iam:PassRole", "arn:aws:iam::123456789012:role/Admin", to_sagemaker, ""
    yield "iam:CreateRole", "arn:aws:iam::123456789012:role/mine", {}, ""
    yield "iam:TagRole", "arn:aws:iam::123456789012:role/AnaRole", {}, ""
    yield "sts:AssumeRole", "arn:aws:iam::123456789012:role/BenRole", {}, ""


def registry_rows() -> Iterator[Row]:
    group, package = f"{SM}:model-package-group/churn", f"{SM}:model-package/churn/1"
    status = "sagemaker:ModelApprovalStatus"
    yield "sagemaker:CreateModelPackageGroup", group, {ASKED: "vision"}, "ana ben"
    yield "sagemaker:CreateModelPackageGroup", group, {}, ""
    yield "sagemaker:AddTags", group, tagging("CreateModelPackageGroup"), "ana ben"
    yield "sagemaker:AddTags", group, tagging("AddTags"), ""
    yield "sagemaker:AddTags", group, tagging("CreateModelPackageGroup", "numbers"), ""
    yield "sagemaker:DescribeModelPackageGroup", group, {TEAM: "numbers"}, "amy"
    yield "sagemaker:DescribeModelPackageGroup", group, {}, ""
    yield "sagemaker:CreateModelPackage", group, {TEAM: "vision"}, "ana ben"
    yield "sagemaker:CreateModelPackage", group, {}, ""
    yield "sagemaker:CreateModelPackage", package, {status: "PendingManualApproval"}, "ana ben eva"
    yield "sagemaker:CreateModelPackage", package, {status: "Approved"}, ""
    yield "sagemaker:UpdateModelPackage", package, {TEAM: "speech", status: "Approved"}, "eva"
    yield "sagemaker:UpdateModelPackage", package, {TEAM: "vision", status: "Approved"}, ""
    yield "sagemaker:DescribeModelPackage", package, {TEAM: "numbers"}, "amy"
    yield "sagemaker:DescribeModelPackage", package, {}, ""
    yield "sagemaker:ListModelPackages", group, {}, "ana ben eva amy"
    yield "sagemaker:ListModelPackageGroups", "*", {}, "ana ben eva amy"


def tracking_rows() -> Iterator[Row]:
    app, server = f"{SM}:mlflow-app/app-1", f"{SM}:mlflow-tracking-server/tracking"
    for action, resource in (
        ("sagemaker:CallMlflowAppApi", app),
        ("sagemaker:CreatePresignedMlflowTrackingServerUrl", server),
        ("sagemaker-mlflow:LogMetric", server),
    ):
        yield action, resource, {TEAM: "vision"}, "ana ben"
        yield action, resource, {}, ""
    yield "sagemaker-mlflow:AccessUI", "*", {}, "ana ben eva"
    yield "sagemaker:DeleteMlflowTrackingServer", server, {TEAM: "vision"}, ""


def serving_rows() -> Iterator[Row]:
    things = {kind: f"{SM}:{kind}/speech--asr" for kind in ("model", "endpoint-config", "endpoint")}
    requests: dict[str, Context] = {
        "model": {"sagemaker:VpcSubnets": ["subnet-a"], "sagemaker:VpcSecurityGroupIds": ["sg-jobs"]},
        "endpoint-config": {TYPES: ["ml.t3.medium"], "sagemaker:ModelArn": things["model"]},
        "endpoint": {},
    }
    wrong: Context = {
        "sagemaker:VpcSubnets": ["subnet-public"],
        "sagemaker:VpcSecurityGroupIds": ["sg-other"],
        "sagemaker:ModelArn": f"{SM}:model/vision--churn",
        "sagemaker:VolumeKmsKey": f"{KEY}-other",
        TYPES: ["ml.p5.48xlarge"],
    }
    for kind, request in requests.items():
        word = kind.title().replace("-", "")
        action, right = f"sagemaker:Create{word}", request | {ASKED: "speech"}
        yield action, things[kind], right, "eva"
        yield action, f"{SM}:{kind}/vision--asr", right, ""
        yield action, f"{SM}:{kind}/speech-2--asr", right, ""
        yield action, things[kind], request, ""
        for key in request:
            yield action, things[kind], right | {key: wrong[key]}, ""
            if key != TYPES:
                yield action, things[kind], _without(right, key), ""
        yield f"sagemaker:Delete{word}", things[kind], {TEAM: "vision"}, "ada" if kind == "endpoint" else ""
        yield "sagemaker:AddTags", things[kind], tagging(action.partition(":")[2], "speech"), "eva"
        yield "sagemaker:AddTags", things[kind], tagging("AddTags", "speech"), ""
        yield "sagemaker:AddTags", things[kind], tagging(action.partition(":")[2], "numbers"), ""
    served = requests["endpoint-config"] | {ASKED: "speech"}
    key = "sagemaker:VolumeKmsKey"
    yield "sagemaker:CreateEndpointConfig", things["endpoint-config"], served | {key: KEY}, "eva"
    yield "sagemaker:CreateEndpointConfig", things["endpoint-config"], served | {key: wrong[key]}, ""
    yield "sagemaker:UpdateEndpoint", things["endpoint"], {}, "eva"
    yield "sagemaker:UpdateEndpoint", f"{SM}:endpoint/vision--asr", {}, ""
    # `studio-infra extend`: that one tag, of the team's own endpoints.
    longer: Context = {TEAM: "speech", "aws:TagKeys": ["studio:extended-until"]}
    yield "sagemaker:AddTags", f"{SM}:endpoint/research-asr", longer, "eva"
    yield "sagemaker:AddTags", f"{SM}:endpoint/research-asr", longer | {TEAM: "numbers"}, ""
    # `None` is a request without tags: left out, this judge would take the key for an empty list, which is there.
    for keys in (["studio:expires"], ["studio:extended-until", "studio:extendable-days"], None):
        yield "sagemaker:AddTags", f"{SM}:endpoint/research-asr", longer | {"aws:TagKeys": keys}, ""
    yield "sagemaker:DeleteEndpoint", things["endpoint"], {TEAM: "speech"}, "eva ada"
    yield "sagemaker:DeleteEndpoint", things["endpoint"], {}, "ada"
    yield "sagemaker:InvokeEndpoint", things["endpoint"], {TEAM: "vision"}, "ana ben"
    yield "sagemaker:InvokeEndpoint", things["endpoint"], {TEAM: "numbers"}, "amy"
    yield "sagemaker:InvokeEndpoint", things["endpoint"], {}, ""
    yield "sagemaker:DescribeModel", things["model"], {TEAM: "numbers"}, "amy"
    yield "sagemaker:DescribeModel", things["model"], {}, ""
    yield "sagemaker:ListEndpoints", "*", {}, EVERYBODY


def _without(context: Context, key: str) -> Context:
    return {name: value for name, value in context.items() if name != key}


def mount_rows() -> Iterator[Row]:
    data, point = f"{EFS}:file-system/fs-01234567", "elasticfilesystem:AccessPointArn"
    for action in ("elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"):
        for team, people in (("vision", "ana ben"), ("speech", "eva"), ("numbers", "")):
            yield action, data, {point: f"{EFS}:access-point/fsap-{team}"}, people
        yield action, data, {}, ""
        yield action, f"{EFS}:file-system/fs-89abcdef", {point: f"{EFS}:access-point/fsap-vision"}, ""
    yield "elasticfilesystem:ClientRootAccess", data, {point: f"{EFS}:access-point/fsap-vision"}, ""
    yield "elasticfilesystem:DescribeMountTargets", data, {}, "ana ben eva"
    yield "elasticfilesystem:DescribeMountTargets", f"{EFS}:file-system/fs-89abcdef", {}, ""


def folder_rows() -> Iterator[Row]:
    bucket, readers = "arn:aws:s3:::raw-example", "ana ben amy"
    for prefix, people in (("tables", readers), ("tables/2026", readers), ("", ""), ("tables-of-others", "")):
        yield "s3:ListBucket", bucket, {"s3:prefix": prefix}, people
    yield "s3:ListBucket", bucket, {}, ""
    yield "s3:ListBucket", f"{bucket}-2", {"s3:prefix": "tables"}, ""
    yield "s3:GetBucketLocation", bucket, {}, readers
    for action in ("s3:GetObject", "s3:GetObjectTagging", "s3:GetObjectVersion"):
        yield action, f"{bucket}/tables/2026.csv", {}, readers
        yield action, f"{bucket}/tables-of-others/1", {}, ""
    for action in (
        "s3:PutObject",
        "s3:DeleteObject",
        "s3:AbortMultipartUpload",
        "s3:ListMultipartUploadParts",
    ):
        yield action, f"{bucket}/tables/2026.csv", {}, "ana ben"
        yield action, f"{bucket}/2026.csv", {}, ""


ROWS: list[Row] = [
    *studio_rows(),
    *shared_rows(),
    *person_rows(),
    *file_rows(),
    *mount_rows(),
    *folder_rows(),
    *job_rows(),
    *pipeline_rows(),
    *role_rows(),
    *registry_rows(),
    *tracking_rows(),
    *serving_rows(),
]


class World:
    """A domain with five people in four teams, and what the role of each may do."""

    def __init__(
        self, sharing: RoleSharing, options: dict[str, Any], deployed: Callable[..., Policies]
    ) -> None:
        stack = cdk.Stack.of(options["bucket"])
        teams = {
            team: TeamAccess(
                stack,
                team,
                **options | {"team": team, "persona": persona},
                shared_spaces=SHARED.get(team, ()),
                files=FILES.get(team, ()),
                role_sharing=sharing,
            )
            for team, persona in dict(PEOPLE.values()).items()
        }
        policies = deployed(stack)
        self.key = f"arn:aws:kms:eu-west-1:123456789012:key/{_logical_id(options['key'])}"
        self.lent = {
            f"{{{team}-{kind}-role}}": f"arn:aws:iam::123456789012:role/{_logical_id(role)}"
            for team, access in teams.items()
            for kind, role in (("job", access.job_role), ("inference", access.inference_role))
            if role is not None
        }
        self._statements = {
            person: [
                iam.parse_policy_document(json.dumps(policy).replace(sharing.value, person))
                for name, policy in policies.items()
                if name.startswith(f"{team}Policy")
            ]
            for person, (team, _) in PEOPLE.items()
        }

    def who_may(self, action: str, resource: str, context: dict[str, Any]) -> set[str]:
        found = {key.lower(): _with(KEY, self.key, value) for key, value in context.items()}
        where = self.lent.get(resource, _with(KEY, self.key, resource))
        return {
            person
            for person, statements in self._statements.items()
            if iam.evaluate(_request(person, action, where, found), statements).decision == "Allow"
        }

    def by_sid(self) -> dict[str, list[iam.ParsedStatement]]:
        """Every statement with its likes in other people's policies."""
        found: dict[str, list[iam.ParsedStatement]] = {}
        for policies in self._statements.values():
            for statement in (statement for policy in policies for statement in policy):
                found.setdefault(statement.sid, []).append(statement)
        return found

    def notices(self, statements: list[iam.ParsedStatement], change: dict[str, Any]) -> bool:
        """Whether the matrix would fail if a policy file said this instead."""
        before = [dict(vars(statement)) for statement in statements]
        for statement in statements:
            vars(statement).update(change)
        try:
            return any(
                self.who_may(action, resource, context) != set(people.split())
                for action, resource, context, people in ROWS
                if any(iam.fnmatch_iam(action, allowed) for allowed in statements[0].actions)
            )
        finally:
            for statement, values in zip(statements, before, strict=True):
                vars(statement).update(values)


def _request(person: str, action: str, resource: str, context: dict[str, Any]) -> iam.EvalContext:
    return iam.EvalContext(
        principal_arn=f"arn:aws:sts::123456789012:assumed-role/{person}/SageMaker",
        principal_type="AssumedRole",
        principal_account="123456789012",
        action=action,
        resource_arn=resource,
        region="eu-west-1",
        service_context=context,
    )


def _with(name: str, real: str, value: Any) -> Any:
    return value.replace(name, real) if isinstance(value, str) else value


def _logical_id(construct: Any) -> str:
    return str(cdk.Stack.of(construct).get_logical_id(construct.node.default_child))


@pytest.fixture(scope="module", params=list(RoleSharing), ids=lambda sharing: sharing.name.lower())
def world(
    request: pytest.FixtureRequest,
    options_in: Callable[[cdk.Stack], dict[str, Any]],
    deployed: Callable[[cdk.Stack], Policies],
) -> World:
    return World(request.param, options_in(cdk.Stack(cdk.App(), "World")), deployed)


@pytest.mark.parametrize(("action", "resource", "context", "people"), ROWS)
def test_those_may_and_nobody_else(
    world: World, action: str, resource: str, context: dict[str, Any], people: str
) -> None:
    assert world.who_may(action, resource, context) == set(people.split())


def test_the_matrix_asks_at_least_sixty_different_things_of_each_person() -> None:
    assert len({(action, resource, str(context)) for action, resource, context, _ in ROWS}) >= 60


def test_no_statement_and_no_condition_could_be_left_out_without_a_row_that_notices(world: World) -> None:
    unnoticed = []
    for sid, same in world.by_sid().items():
        changes = [({"effect": "None"}, "itself")]
        for test, keys in same[0].conditions.items():
            for key in keys:
                left = same[0].conditions | {test: {name: keys[name] for name in keys if name != key}}
                changes.append(({"conditions": left}, f"{test} {key}"))
        unnoticed += [f"{sid}: {name}" for change, name in changes if not world.notices(same, change)]
    assert unnoticed == []
