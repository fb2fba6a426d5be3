"""A SageMaker pipeline whose jobs stop by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk
import jsii
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk.interfaces import aws_sagemaker as refs

from studio_infra.errors import InvalidInput, located
from studio_infra.settings.facts.regions import require_types
from studio_infra.workloads import limits
from studio_infra.workloads.names import checked_name, generated_name
from studio_infra.workloads.permissions import for_jobs, for_pipeline
from studio_infra.workloads.pipelines.pipeline_definition import JobSurroundings, PipelineDefinition
from studio_infra.workloads.pipelines.pipeline_grants import PipelineGrants
from studio_infra.workloads.roles import allow_given_role, sagemaker_role
from studio_infra.workloads.vpc_placement import placement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_s3 as s3
    from constructs import Construct

    from studio_infra.workloads.pipelines.pipeline_definition import Step

_PREFIX_MAX: Final = 512


@jsii.implements(refs.IPipelineRef)
class TrainingPipeline(cdk.Resource):
    """A pipeline of training and the steps around it.

    Its jobs run in the VPC, encrypted, without a network of their own, in a role of their own; the pipeline
    has another role that can do nothing but make those jobs. Both roles are allowed what the steps need: the
    images they pull, the places in S3 they name, the groups they register in.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of `scope`. Renaming it replaces the pipeline and its history,
            unless `pipeline_name` is given.
        steps: What it does: `TrainingStep`, `ProcessingStep`, `RegisterModelStep`, …. A change is an update
            in place; running executions go on with the definition they were started with.
        vpc: Where the jobs run.
        security_groups: Of the jobs: 1-5. Jobs on several instances need one that lets its own members in.
        key: Encrypts volumes and results.
        bucket: Takes models, checkpoints and results of processing.
        subnets: Where the jobs run. Defaults to the private subnets of `vpc`.
        prefix: Folder in `bucket` that belongs to this pipeline alone. Defaults to `pipelines/<pipeline
            name>`.
        pipeline_name: 1-256 letters, digits or inner hyphens. Changing it replaces the pipeline.
            Defaults to a name made of the stack's and the construct's.
        job_role: What the jobs may do. It gets a policy with what the steps need, and is not changed
            otherwise. Defaults to a new role with that policy alone.
        job_tags: Put on every job and model that it makes: cost reports and team rules see them.
        max_parallel_steps: How many steps may run at the same time in one execution. Defaults to no limit.
        description: For people who look at it in Studio.

    Attributes:
        role: The pipeline's own role.
        job_role: The role of its jobs. Grant it what parameters may point to.
        pipeline_name: Its name.

    Raises:
        InvalidInput: A value that could never deploy: a name, the network, steps that contradict each other.

    """

    @staticmethod
    def from_pipeline_name(scope: Construct, construct_id: str, pipeline_name: str) -> refs.IPipelineRef:
        """A pipeline that exists already, in this account and region: for `PipelineGrants`."""
        return sagemaker.CfnPipeline.from_pipeline_name(scope, construct_id, pipeline_name)

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        steps: Sequence[Step],
        vpc: ec2.IVpc,
        security_groups: Sequence[ec2.ISecurityGroup],
        key: kms.IKey,
        bucket: s3.IBucket,
        subnets: Sequence[ec2.ISubnet] | None = None,
        prefix: str | None = None,
        pipeline_name: str | None = None,
        job_role: iam.IRole | None = None,
        job_tags: Mapping[str, str] | None = None,
        max_parallel_steps: int | None = None,
        description: str | None = None,
    ) -> None:
        super().__init__(scope, construct_id, physical_name=pipeline_name)
        with located(self):
            require_types(cdk.Stack.of(self).region, "AWS::SageMaker::Pipeline")
        self.pipeline_name: str = (
            generated_name(self, longest=limits.PIPELINE_NAME_MAX)
            if pipeline_name is None
            else checked_name(self, "pipeline_name", pipeline_name, longest=limits.PIPELINE_NAME_MAX)
        )
        self._check(prefix, max_parallel_steps)
        network = placement(self, vpc=vpc, subnets=subnets, security_groups=security_groups)
        definition = self._definition(steps)

        def around(role_arn: str) -> JobSurroundings:
            return JobSurroundings(
                role_arn=role_arn,
                subnet_ids=network.subnet_ids,
                security_group_ids=network.security_group_ids,
                key_arn=key.key_arn,
                bucket=bucket.bucket_name,
                prefix=f"pipelines/{self.pipeline_name}" if prefix is None else prefix.strip("/"),
                tags={} if job_tags is None else job_tags,
            )

        stack = cdk.Stack.of(self)
        needs = definition.access(around(""))
        needed = for_jobs(stack, needs, around(""))
        what = f"Jobs of the pipeline {self.pipeline_name}"
        self.job_role: iam.IRole = (
            sagemaker_role(self, "JobRole", needed, description=what) if job_role is None else job_role
        )
        surroundings = around(self.job_role.role_arn)
        self.role: iam.IRole = sagemaker_role(
            self,
            "Role",
            for_pipeline(stack, needs, surroundings),
            description=f"The pipeline {self.pipeline_name}: makes its jobs",
        )
        self._resource = sagemaker.CfnPipeline(
            self,
            "Resource",
            pipeline_name=self.pipeline_name,
            pipeline_description=description,
            # One text: CDK keeps the tokens in it and CloudFormation joins it together.
            pipeline_definition={
                "PipelineDefinitionBody": stack.to_json_string(definition.render(surroundings))
            },
            role_arn=self.role.role_arn,
            parallelism_configuration=_parallelism(max_parallel_steps),
        )
        if job_role is not None:
            policies = allow_given_role(self, "JobPolicies", job_role, needed, description=what)
            self._resource.node.add_dependency(policies)

    @property
    def pipeline_ref(self) -> refs.PipelineReference:
        """What other constructs take as `IPipelineRef`."""
        return self._resource.pipeline_ref

    @property
    def pipeline_arn(self) -> str:
        """Its ARN."""
        return sagemaker.CfnPipeline.arn_for_pipeline(self)

    @property
    def grants(self) -> PipelineGrants:
        """Permissions on this pipeline."""
        return PipelineGrants.from_pipeline(self)

    def _definition(self, steps: Sequence[Step]) -> PipelineDefinition:
        try:
            return PipelineDefinition(steps=tuple(steps))
        except InvalidInput as refusal:
            where = "/".join(filter(None, (self.node.path, refusal.path)))
            raise InvalidInput(refusal.code, refusal.message, path=where) from None

    def _check(self, prefix: str | None, max_parallel_steps: int | None) -> None:
        if prefix is not None and not cdk.Token.is_unresolved(prefix):
            folders = prefix.strip("/").split("/")
            if len(prefix) > _PREFIX_MAX or any(
                folder in {"", ".", ".."} or "*" in folder for folder in folders
            ):
                raise InvalidInput(
                    "PipelinePrefix",
                    f"prefix must be a folder like teams/vision/churn, got {prefix!r}",
                    scope=self,
                )
        if (
            max_parallel_steps is not None
            and not cdk.Token.is_unresolved(max_parallel_steps)
            and max_parallel_steps < 1
        ):
            raise InvalidInput(
                "PipelineParallelism",
                f"max_parallel_steps must be at least 1, got {max_parallel_steps}",
                scope=self,
            )


def _parallelism(steps: int | None) -> dict[str, Any] | None:
    return None if steps is None else {"MaxParallelExecutionSteps": steps}
