"""The SageMaker SDK's defaults file: what `Estimator(...)` uses when nobody says otherwise.

https://sagemaker.readthedocs.io/en/stable/overview.html#configuring-and-using-defaults-with-the-sagemaker-python-sdk
The words and their nesting are the SDK's own schema, version 1.0, which versions 2 and 3 of the SDK read alike.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SCHEMA_VERSION: Final = "1.0"


@dataclass(frozen=True, kw_only=True)
class SdkDefaults:
    """What jobs and models are made with.

    Args:
        role_arn: The jobs' role.
        model_role_arn: The role of models and endpoints. Defaults to that of jobs.
        subnet_ids: Where jobs run.
        security_group_ids: What they may talk to.
        key_arn: Encrypts volumes and results.
        bucket: Takes code and results.
        prefix: Folder in it.
        tags: Put on every job, model and endpoint.
        network_isolation: No network for the containers themselves.

    """

    role_arn: str
    model_role_arn: str | None = None
    subnet_ids: Sequence[str]
    security_group_ids: Sequence[str]
    key_arn: str
    bucket: str
    prefix: str
    tags: Mapping[str, str] = field(default_factory=dict)
    network_isolation: bool = False

    def to_json(self) -> dict[str, Any]:
        """The file. JSON is YAML, too."""
        vpc = {"Subnets": list(self.subnet_ids), "SecurityGroupIds": list(self.security_group_ids)}
        key = {"KmsKeyId": self.key_arn}
        volume = {"VolumeKmsKeyId": self.key_arn}
        tags = [{"Key": name, "Value": value} for name, value in sorted(self.tags.items())]
        closed = {
            "EnableNetworkIsolation": self.network_isolation,
            "EnableInterContainerTrafficEncryption": True,
        }
        model_role = self.role_arn if self.model_role_arn is None else self.model_role_arn
        return {
            "SchemaVersion": SCHEMA_VERSION,
            "SageMaker": {
                "PythonSDK": {
                    "Modules": {
                        "Session": {
                            "DefaultS3Bucket": self.bucket,
                            "DefaultS3ObjectKeyPrefix": self.prefix,
                        },
                        # Debugger would write to the bucket of its own accord.
                        "Estimator": {"DebugHookConfig": False},
                        "RemoteFunction": {
                            "RoleArn": self.role_arn,
                            "S3KmsKeyId": self.key_arn,
                            "S3RootUri": f"s3://{self.bucket}/{self.prefix}",
                            **volume,
                            "VpcConfig": vpc,
                            "EnableInterContainerTrafficEncryption": True,
                            "Tags": tags,
                        },
                        # It would call home, and in a closed network wait for that.
                        "TelemetryOptOut": True,
                    }
                },
                "TrainingJob": {
                    "RoleArn": self.role_arn,
                    "VpcConfig": vpc,
                    "OutputDataConfig": key,
                    "ResourceConfig": volume,
                    "ProfilerConfig": {"DisableProfiler": True},
                    **closed,
                    "Tags": tags,
                },
                "ProcessingJob": {
                    "RoleArn": self.role_arn,
                    "NetworkConfig": {"VpcConfig": vpc, **closed},
                    "ProcessingOutputConfig": key,
                    "ProcessingResources": {"ClusterConfig": volume},
                    "Tags": tags,
                },
                "TransformJob": {
                    "TransformOutput": key,
                    "TransformResources": volume,
                    "Tags": tags,
                },
                "Model": {
                    "ExecutionRoleArn": model_role,
                    "VpcConfig": vpc,
                    "EnableNetworkIsolation": self.network_isolation,
                    "Tags": tags,
                },
                "EndpointConfig": {**key, "Tags": tags},
                "Endpoint": {"Tags": tags},
                "Pipeline": {"RoleArn": self.role_arn, "Tags": tags},
            },
        }
