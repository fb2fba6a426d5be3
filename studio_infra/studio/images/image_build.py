"""A new version of an image for every push."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import aws_cdk as cdk
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from studio_infra import runtime
from studio_infra.access.policy_file import PolicyFile
from studio_infra.access.policy_packing import policy_document
from studio_infra.access.wildcards import acknowledge_wildcards
from studio_infra.errors import InvalidInput
from studio_infra.guardrails.acknowledge import acknowledge
from studio_infra.network.log_encryption import let_cloudwatch_use
from studio_infra.storage.studio_key import StudioKeyGrants

if TYPE_CHECKING:
    from aws_cdk import aws_events as events
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_sns as sns
    from aws_cdk.interfaces import aws_sagemaker as refs

_BUILD: Final = Path(runtime.__file__).parent / "builds" / "studio_image.json"
#: Images that no version needs any more still cost storage.
_KEPT: Final = 30


class ImageBuild(Construct):
    """Builds a container image from a Dockerfile and makes it the newest version of an image of Studio.

    It keeps what it built in a repository of its own, scanned, encrypted, with tags that never move. Apps that start
    afterwards start from the new version; those that run go on with theirs.

    Builds run Docker, so their machine is privileged: who may push to the source decides what runs there. Versions that
    builds make are not part of the stack, and go with the image.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of `scope`. Renaming it makes a new repository; the old one is retained.
        image: Which image gets the versions: a `StudioImage`, an L1 `CfnImage`, or an imported one.
        image_name: Its name.
        source: Where the Dockerfile is: any source of CodeBuild.
        key: Encrypts images, results and the log,.
        context: Folder of the Dockerfile in the source. Defaults to its root.

    Raises:
        InvalidInput: `context` leads out of the source.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        image: refs.IImageRef,
        image_name: str,
        source: codebuild.ISource,
        key: kms.IKey,
        context: str = ".",
    ) -> None:
        super().__init__(scope, construct_id)
        if context.startswith("/") or ".." in Path(context).parts:
            raise InvalidInput(
                "ImageContext", f"context must be a folder inside the source, got {context!r}", scope=self
            )
        #: What was built, newest 30 images.
        self.repository: Final = ecr.Repository(
            self,
            "Repository",
            encryption=ecr.RepositoryEncryption.KMS,
            encryption_key=key,
            image_scan_on_push=True,
            image_tag_mutability=ecr.TagMutability.IMMUTABLE,
            lifecycle_rules=[ecr.LifecycleRule(description="The newest", max_image_count=_KEPT)],
            removal_policy=cdk.RemovalPolicy.RETAIN,
        )
        let_cloudwatch_use(self, key)
        log_group = logs.LogGroup(
            self,
            "Log",
            encryption_key=key,
            retention=logs.RetentionDays.THREE_MONTHS,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        role = iam.Role(
            self,
            "Role",
            description="Builds an image for Studio",
            assumed_by=iam.ServicePrincipal(
                "codebuild.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": cdk.Stack.of(self).account}},
            ),
        )
        self._policy = self._allow(role, image, log_group, key)
        #: The build. `grants` on its source go to `project.role`.
        self.project: Final = codebuild.Project(
            self,
            "Resource",
            description=f"Versions of the Studio image {image_name}",
            source=source,
            role=role,
            grant_report_group_permissions=False,
            encryption_key=key,
            build_spec=codebuild.BuildSpec.from_object(json.loads(_BUILD.read_text(encoding="utf-8"))),
            environment=codebuild.BuildEnvironment(
                build_image=codebuild.LinuxBuildImage.STANDARD_7_0, privileged=True
            ),
            environment_variables={
                name: codebuild.BuildEnvironmentVariable(value=value)
                for name, value in (
                    ("REPOSITORY", self.repository.repository_uri),
                    ("IMAGE_NAME", image_name),
                    ("CONTEXT", context),
                )
            },
            # Two builds at once would race for which version is the newest.
            concurrent_build_limit=1,
            logging=codebuild.LoggingOptions(
                cloud_watch=codebuild.CloudWatchLoggingOptions(log_group=log_group)
            ),
        )
        self.project.node.add_dependency(self._policy)
        self._acknowledge(role)

    def on(self, pushes: events.Rule, *, alerts: sns.ITopic) -> None:
        """Build whenever a rule of EventBridge says so: `repository.on_commit("Pushes", branches=["main"])`.

        Args:
            pushes: The rule.
            alerts: Where people hear of builds that failed.

        """
        role = iam.Role(
            self,
            "PushRole",
            description="Starts the build of an image for Studio",
            assumed_by=iam.ServicePrincipal("events.amazonaws.com"),
        )
        iam.ManagedPolicy(
            self,
            "PushPolicy",
            description="Starts the build of an image for Studio",
            roles=[role],
            statements=[
                iam.PolicyStatement(actions=["codebuild:StartBuild"], resources=[self.project.project_arn])
            ],
        )
        pushes.add_target(targets.CodeBuildProject(self.project, event_role=role.without_policy_updates()))
        self.project.notify_on_build_failed("Failed", alerts)
        cdk.Validations.of(pushes).acknowledge(
            cdk.Acknowledgment(
                id="Serverless-EventBusDLQ", reason="a push whose event is lost is built with the next one"
            )
        )

    def _acknowledge(self, role: iam.Role) -> None:
        why = "what CDK's constructs grant to a build: its source, its own log, its results and the key for them"
        acknowledge(role, "IAMNoInlinePolicy", why)
        acknowledge(
            self.project, "CodeBuildProjectSourceRepoUrl", "the caller names the source by its construct"
        )
        log_group = cdk.Stack.of(self).resolve(self.project.node.default_child.ref)["Ref"]  # type: ignore[union-attr]
        own_log = f"arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:/aws/codebuild/<{log_group}>:*"
        cdk.Validations.of(role).acknowledge(
            *(
                cdk.Acknowledgment(id=f"AwsSolutions-IAM5[{wildcard}]", reason=why)
                for wildcard in (
                    f"Resource::{own_log}",
                    "Action::kms:ReEncrypt*",
                    "Action::kms:GenerateDataKey*",
                )
            )
        )

    def _allow(
        self, role: iam.Role, image: refs.IImageRef, log_group: logs.ILogGroup, key: kms.IKey
    ) -> iam.ManagedPolicy:
        file = PolicyFile.shipped("image_build")
        statements = file.filled(
            {
                "Repository": self.repository.repository_arn,
                "Image": image.image_ref.image_arn,
                "LogGroup": log_group.log_group_arn,
            }
        )
        policy = iam.ManagedPolicy(
            self,
            "Policy",
            description="Builds an image for Studio",
            roles=[role],
            document=iam.PolicyDocument.from_json(policy_document(statements)),
        )
        StudioKeyGrants.from_key(key).use(policy)
        acknowledge_wildcards(
            cast("iam.CfnManagedPolicy", policy.node.default_child), statements, file.reasons
        )
        return policy
