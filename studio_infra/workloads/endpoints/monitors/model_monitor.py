"""Looks at what an endpoint was asked and answered, again and again."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from studio_infra.errors import InvalidInput
from studio_infra.settings.facts.limits import NAME_MAX
from studio_infra.workloads.names import generated_name
from studio_infra.workloads.permissions import for_container, for_data, for_images, for_key
from studio_infra.workloads.pipelines.pipeline_definition.data import check_place
from studio_infra.workloads.roles import sagemaker_role
from studio_infra.workloads.vpc_placement import placement

if TYPE_CHECKING:
    from collections.abc import Sequence

    import jsii
    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_kms as kms

    from studio_infra.workloads.endpoints.model_endpoint import ModelEndpoint
    from studio_infra.workloads.endpoints.monitors.kinds import Watched
    from studio_infra.workloads.vpc_placement import VpcPlacement

_OUTPUT: Final = "/opt/ml/processing/output"
#: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-schedule-expression.html
HOURLY: Final = "cron(0 * ? * * *)"
_LONGEST: Final = timedelta(hours=1)
_HASH: Final = 8


class ModelMonitor(Construct):
    """A monitoring schedule with its job definition: encrypted, in a VPC, isolated from the network.

    A job definition cannot be changed: its name carries a hash of what it says, so a change makes a new one, and the
    schedule follows.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of `scope`.
        endpoint: An endpoint that captures its requests.
        watches: What it looks at: `DataQuality`, `ModelQuality`, `ModelBias` or `ModelExplainability`.
        results: Folder in S3 for what it finds.
        key: Encrypts its volume and its results.
        vpc: Where the jobs run.
        security_groups: Of the jobs: 1-5.
        subnets: Where the jobs run. Defaults to the private subnets of `vpc`.
        schedule: How often: `"cron(0 * ? * * *)"`, the default, every hour; SageMaker takes whole hours and days.
        instance_type: What a job runs on.
        volume_gb: Its disk.
        max_runtime: After which a job is stopped: at most an hour. Defaults to 50 minutes.
        network_isolation: No network for the containers themselves. Clarify explains a model by asking an endpoint of
            its own: `ModelExplainability` may need `False`.

    Raises:
        InvalidInput: The endpoint captures nothing, or a job could run into the next one.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        endpoint: ModelEndpoint,
        watches: Watched,
        results: str,
        key: kms.IKey,
        vpc: ec2.IVpc,
        security_groups: Sequence[ec2.ISecurityGroup],
        subnets: Sequence[ec2.ISubnet] | None = None,
        schedule: str = HOURLY,
        instance_type: str = "ml.m5.large",
        volume_gb: jsii.Number = 20,
        max_runtime: timedelta = timedelta(minutes=50),
        network_isolation: bool = True,
    ) -> None:
        super().__init__(scope, construct_id)
        check_place(results, "results")
        if endpoint.capture is None:
            raise InvalidInput(
                "ModelMonitor", "the endpoint captures nothing to look at: give it capture", scope=self
            )
        if not timedelta(0) < max_runtime <= _LONGEST:
            raise InvalidInput(
                "ModelMonitor", f"max_runtime is at most an hour, got {max_runtime}", scope=self
            )
        network = placement(self, vpc=vpc, subnets=subnets, security_groups=security_groups)
        captured = (endpoint.capture.place, endpoint.capture.key)
        #: What its jobs may do.
        self.role: Final[iam.IRole] = self._role(watches, results, captured, key, network)
        properties = watches.properties(endpoint.made_name) | {
            "role_arn": self.role.role_arn,
            f"{watches.PREFIX}_job_output_config": {
                "kms_key_id": key.key_arn,
                "monitoring_outputs": [{"s3_output": {"local_path": _OUTPUT, "s3_uri": results}}],
            },
            "job_resources": {
                "cluster_config": {
                    "instance_count": 1,
                    "instance_type": instance_type,
                    "volume_size_in_gb": volume_gb,
                    "volume_kms_key_id": key.key_arn,
                }
            },
            "network_config": {
                "enable_network_isolation": network_isolation,
                "enable_inter_container_traffic_encryption": True,
                "vpc_config": {
                    "subnets": list(network.subnet_ids),
                    "security_group_ids": list(network.security_group_ids),
                },
            },
            "stopping_condition": {"max_runtime_in_seconds": int(max_runtime.total_seconds())},
        }
        name = self._name(properties)
        job = watches.job()(self, "Job", job_definition_name=name, **_nested(properties))
        made = sagemaker.CfnMonitoringSchedule
        self._resource = made(
            self,
            "Resource",
            monitoring_schedule_name=generated_name(self),
            monitoring_schedule_config=made.MonitoringScheduleConfigProperty(
                monitoring_job_definition_name=name,
                monitoring_type=watches.TYPE,
                schedule_config=made.ScheduleConfigProperty(schedule_expression=schedule),
            ),
        )
        self._resource.node.add_dependency(job)

    def _name(self, properties: dict[str, Any]) -> str:
        """A name that changes exactly when the job does."""
        said = json.dumps(cdk.Stack.of(self).resolve(properties), sort_keys=True)
        tail = hashlib.sha256(said.encode()).hexdigest()[:_HASH]
        return f"{generated_name(self, longest=NAME_MAX - _HASH - 1)}-{tail}"

    def _role(
        self,
        watches: Watched,
        results: str,
        captured: tuple[str, kms.IKey],
        key: kms.IKey,
        network: VpcPlacement,
    ) -> iam.Role:
        stack = cdk.Stack.of(self)
        place, captured_key = captured
        needs = (
            for_images(stack, [watches.image])
            + for_data(stack, read=[place, *watches.places().values()], written=[results])
            + for_container(
                stack,
                logs=["ProcessingJobs"],
                subnet_ids=network.subnet_ids,
                security_group_ids=network.security_group_ids,
                key_arn=key.key_arn,
            )
            + for_key(captured_key.key_arn).numbered(2)
        )
        return sagemaker_role(self, "Role", needs, description="Jobs that watch an endpoint")


def _nested(properties: dict[str, Any]) -> dict[str, Any]:
    """Keywords as Python has them, and in their values keys as jsii has them: the four L1s share no type."""
    return {name: _camel(value) for name, value in properties.items()}


def _camel(value: Any) -> Any:
    if isinstance(value, list):
        return [_camel(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {}
    for name, inner in value.items():
        first, *rest = name.split("_")
        found[first + "".join(word.capitalize() for word in rest)] = _camel(inner)
    return found
