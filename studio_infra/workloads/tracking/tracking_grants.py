"""Permissions on MLflow, given to somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker

from studio_infra.workloads.names import name_in_arn

if TYPE_CHECKING:
    from aws_cdk.interfaces import aws_sagemaker as refs

#: MLflow's own API has some sixty actions. These beginnings are all that read, and all that write.
_READS: Final = ("Get", "List", "Search")
_WRITES: Final = (
    "Create",
    "Delete",
    "End",
    "Finalize",
    "Log",
    "Rename",
    "Restore",
    "Set",
    "Start",
    "Transition",
)
_UPDATES: Final = ("Update",)


class TrackingGrants:
    """Permissions on a tracking server or a tracking app.

    Works on any: a `TrackingServer`, a `TrackingApp`, an L1, or an imported one.
    """

    @classmethod
    def from_server(cls, server: refs.IMlflowTrackingServerRef) -> TrackingGrants:
        """Start granting on `server`."""
        arn = cdk.Stack.of(server).format_arn(
            service="sagemaker",
            resource="mlflow-tracking-server",
            resource_name=name_in_arn(server.mlflow_tracking_server_ref.tracking_server_name),
        )
        return cls(arn, kind="TrackingServer")

    @classmethod
    def from_app(cls, app: refs.IMlflowAppRef) -> TrackingGrants:
        """Start granting on `app`."""
        return cls(sagemaker.CfnMlflowApp.arn_for_mlflow_app(app), kind="App")

    def __init__(self, arn: str, *, kind: str) -> None:
        self._arn = arn
        self._kind = kind

    def open(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` open the web page and look at everything in it."""
        return self._grant(
            grantee,
            f"sagemaker:CreatePresignedMlflow{self._kind}Url",
            f"sagemaker:DescribeMlflow{self._kind}",
        ).combine(self._api(grantee, _READS))

    def log(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee`, usually the role of jobs, read and write experiments, runs and models."""
        return self._grant(grantee, f"sagemaker:DescribeMlflow{self._kind}").combine(
            self._api(grantee, (*_READS, *_WRITES, *_UPDATES))
        )

    def _api(self, grantee: iam.IGrantable, beginnings: tuple[str, ...]) -> iam.Grant:
        if self._kind == "App":
            # The app has one action for the whole of MLflow's API.
            return self._grant(grantee, "sagemaker:CallMlflowAppApi")
        return self._grant(grantee, *(f"sagemaker-mlflow:{beginning}*" for beginning in sorted(beginnings)))

    def _grant(self, grantee: iam.IGrantable, *actions: str) -> iam.Grant:
        return iam.Grant.add_to_principal(grantee=grantee, actions=list(actions), resource_arns=[self._arn])


class TrackingServerGrants(TrackingGrants):
    """Permissions on a tracking server, which can also be switched off and on."""

    def stop_and_start(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` stop the server, so that it costs nothing, and start it again with everything in it."""
        return self._grant(
            grantee,
            "sagemaker:DescribeMlflowTrackingServer",
            "sagemaker:StartMlflowTrackingServer",
            "sagemaker:StopMlflowTrackingServer",
        )
