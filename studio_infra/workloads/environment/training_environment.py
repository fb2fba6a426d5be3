"""What jobs need that people start by hand from a notebook, said once for each team."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from studio_infra.errors import InvalidInput
from studio_infra.settings.facts.limits import is_prefix, is_team_name
from studio_infra.storage.artifact_bucket import team_prefix
from studio_infra.workloads.environment.sdk_defaults import SdkDefaults
from studio_infra.workloads.permissions import for_data
from studio_infra.workloads.policy_files import Permissions
from studio_infra.workloads.roles import sagemaker_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_iam as iam
    from aws_cdk.interfaces import aws_kms as kms_refs
    from aws_cdk.interfaces import aws_s3 as s3_refs

    from studio_infra.workloads.policy_files import Values

#: What every job needs: images, logs and metrics, the VPC, the key.
_NEEDS: Final = ("runtime", "network_interfaces", "key_use", "key_grant")


class TrainingEnvironment(Construct):
    """Role, network, key and folder of a team's jobs, and the SageMaker SDK's defaults made of them.

    The defaults stand in the parameter `/<name_prefix>/teams/<team>/sagemaker-defaults`. With `SageMakerDefaults` in
    the domain, each space of the team's people brings them to the SDK: `Estimator(image, instance_count=1,
    instance_type="ml.m5.xlarge")` then uses them without a line of configuration.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of `scope`.
        name_prefix: First part of the parameter's name.
        team: Name of the team: its tag on jobs, and its folder `teams/<team>/` in the bucket.
        subnet_ids: Where jobs run.
        security_group_ids: What they may talk to: 1-5 groups.
        key: Encrypts volumes and results.
        bucket: Takes code and results.
        role: What jobs may do: `TeamAccess.job_role`. Defaults to a new role that may read and write the team's
            folder and pull images of this account.
        model_role: What models and endpoints may do: `TeamAccess.inference_role`. Defaults to the role of jobs.
        network_isolation: No network for the containers themselves: code cannot ask S3 or install packages then.

    Attributes:
        role: The role of jobs.
        defaults: What the SDK uses.
        parameter: The parameter with the defaults.

    Raises:
        InvalidInput: A name that cannot be part of a parameter's, or no network.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name_prefix: str,
        team: str,
        subnet_ids: Sequence[str],
        security_group_ids: Sequence[str],
        key: kms_refs.IKeyRef,
        bucket: s3_refs.IBucketRef,
        role: iam.IRole | None = None,
        model_role: iam.IRole | None = None,
        network_isolation: bool = False,
    ) -> None:
        super().__init__(scope, construct_id)
        self._check(name_prefix, team, subnet_ids, security_group_ids)
        key_arn, bucket_name = key.key_ref.key_arn, bucket.bucket_ref.bucket_name
        stack = cdk.Stack.of(self)
        self.role: iam.IRole = (
            role
            if role is not None
            else self._job_role(
                team,
                {
                    "Partition": stack.partition,
                    "Region": stack.region,
                    "Account": stack.account,
                    "SubnetIds": list(subnet_ids),
                    "SecurityGroupIds": list(security_group_ids),
                    "Key": key_arn,
                },
                folder=f"s3://{bucket_name}/{team_prefix(team)}",
            )
        )
        self.defaults: Final = SdkDefaults(
            role_arn=self.role.role_arn,
            model_role_arn=None if model_role is None else model_role.role_arn,
            subnet_ids=tuple(subnet_ids),
            security_group_ids=tuple(security_group_ids),
            key_arn=key_arn,
            bucket=bucket_name,
            prefix=team_prefix(team).rstrip("/"),
            tags={"studio:team": team},
            network_isolation=network_isolation,
        )
        self.parameter: Final = ssm.CfnParameter(
            self,
            "Resource",
            name=f"/{name_prefix}/teams/{team}/sagemaker-defaults",
            type="String",
            # Free up to 4 KB, which many subnets pass.
            tier="Intelligent-Tiering",
            description=f"Defaults of the SageMaker SDK for team {team}, read by its people's spaces",
            value=stack.to_json_string(self.defaults.to_json()),
        )

    def _job_role(self, team: str, values: Values, *, folder: str) -> iam.Role:
        allowed = for_data(cdk.Stack.of(self), read=[folder], written=[folder])
        for name in _NEEDS:
            allowed += Permissions.teams(name, values)
        return sagemaker_role(self, "JobRole", allowed, description=f"Jobs that team {team} starts by hand")

    def _check(
        self, name_prefix: str, team: str, subnet_ids: Sequence[str], security_group_ids: Sequence[str]
    ) -> None:
        for option, value, fits in (("name_prefix", name_prefix, is_prefix), ("team", team, is_team_name)):
            if not fits(value):
                raise InvalidInput(
                    "TrainingEnvironmentName",
                    f"{option} must be lower-case letters, digits or single inner hyphens, got {value!r}",
                    scope=self,
                )
        if not subnet_ids or not security_group_ids:
            raise InvalidInput(
                "TrainingEnvironmentNetwork",
                "jobs need at least one subnet and one security group; "
                f"got {len(subnet_ids)} and {len(security_group_ids)}",
                scope=self,
            )
