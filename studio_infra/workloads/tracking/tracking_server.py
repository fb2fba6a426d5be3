"""An MLflow tracking server: machines that run until somebody stops them."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
import jsii
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk.interfaces import aws_sagemaker as refs

from studio_infra.errors import InvalidInput, one_of
from studio_infra.settings.facts.regions import require_types
from studio_infra.storage.removal import effective_removal_policy
from studio_infra.workloads.endpoints.endpoint_lifetime import OWNER_TAG
from studio_infra.workloads.names import checked_name, generated_name
from studio_infra.workloads.tracking.tracking_grants import TrackingServerGrants
from studio_infra.workloads.tracking.tracking_store import (
    NAME_MAX,
    artifact_place,
    check_window,
    tracking_role,
)

if TYPE_CHECKING:
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_s3 as s3
    from constructs import Construct

_TYPE: Final = "AWS::SageMaker::MlflowTrackingServer"


class TrackingServerSize(StrEnum):
    """How many people log at once."""

    SMALL = "Small"
    """Up to 25 people."""
    MEDIUM = "Medium"
    """Up to 50 people."""
    LARGE = "Large"
    """Up to 100 people."""


@jsii.implements(refs.IMlflowTrackingServerRef)
class TrackingServer(cdk.Resource):
    """An MLflow tracking server for a team.

    It costs money every hour, whether anybody logs or not, until it is stopped or deleted. So it has an owner, and
    `IdleSweeper` and `studio-infra status` know it by its tags. Stopping keeps everything in it; a `TrackingApp` needs
    no stopping.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of `scope`. Renaming it makes a new, empty server, unless `server_name`
            is given.
        team: Whose it is: the tag by which IAM lets the team's people in.
        owner: Who is asked before it is stopped.
        bucket: Takes artifacts: models, plots, files.
        key: Encrypts the bucket.
        prefix: Folder in the bucket. Defaults to `teams/<team>/mlflow`. Changing it leaves older artifacts where they
            are, and runs that point to them.
        server_name: 1-256 letters, digits or inner hyphens. Changing it makes a new, empty server. Defaults to a name
            made of the stack's and the construct's.
        size: How many people log at once. Defaults to the smallest.
        mlflow_version: `"3.0"`. Defaults to the service's newest. Changing it updates in place and cannot be undone.
        register_models: Copy registered models of MLflow into SageMaker's registry.
        maintenance_start: When it may be updated, every week, in UTC: `"Sun:03:30"`. Defaults to the service's choice.
        role: As whom it keeps artifacts. It gets a policy for its folder. Defaults to a new role.
        removal_policy: What happens when it leaves the template. Defaults to RETAIN: runs and figures live in it, and
            it goes on costing money. DESTROY needs the app's consent too, see `effective_removal_policy`.

    Attributes:
        server_name: Its name.
        role: As whom it keeps artifacts.

    Raises:
        InvalidInput: A name, a folder or a window that the service does not take, or a region without servers.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        team: str,
        owner: str,
        bucket: s3.IBucket,
        key: kms.IKey,
        prefix: str | None = None,
        server_name: str | None = None,
        size: TrackingServerSize | str = TrackingServerSize.SMALL,
        mlflow_version: str | None = None,
        register_models: bool = False,
        maintenance_start: str | None = None,
        role: iam.IRole | None = None,
        removal_policy: cdk.RemovalPolicy | None = None,
    ) -> None:
        super().__init__(scope, construct_id, physical_name=server_name)
        self._check(owner, maintenance_start)
        self.server_name: str = (
            generated_name(self, longest=NAME_MAX)
            if server_name is None
            else checked_name(self, "server_name", server_name, longest=NAME_MAX)
        )
        place = artifact_place(self, bucket, f"teams/{team}/mlflow" if prefix is None else prefix)
        self.role, needed = tracking_role(
            self,
            given=role,
            place=place,
            key=key,
            register_models=register_models,
            what=f"The tracking server {self.server_name}: keeps its artifacts",
        )
        self._resource = sagemaker.CfnMlflowTrackingServer(
            self,
            "Resource",
            tracking_server_name=self.server_name,
            artifact_store_uri=place,
            role_arn=self.role.role_arn,
            tracking_server_size=one_of(TrackingServerSize, "size", size, scope=self),
            mlflow_version=mlflow_version,
            automatic_model_registration=register_models,
            weekly_maintenance_window_start=maintenance_start,
        )
        self._resource.node.add_dependency(*needed)
        self._resource.apply_removal_policy(effective_removal_policy(self, removal_policy))
        for tag, value in (("studio:team", team), (OWNER_TAG, owner)):
            cdk.Tags.of(self).add(tag, value)

    @property
    def mlflow_tracking_server_ref(self) -> refs.MlflowTrackingServerReference:
        """What other constructs take as `IMlflowTrackingServerRef`."""
        return self._resource.mlflow_tracking_server_ref

    @property
    def tracking_uri(self) -> str:
        """What code gives to `mlflow.set_tracking_uri`: the server's ARN."""
        return self._resource.attr_tracking_server_arn

    @property
    def grants(self) -> TrackingServerGrants:
        """Permissions on this server."""
        return TrackingServerGrants(self._resource.attr_tracking_server_arn, kind="TrackingServer")

    def _check(self, owner: str, maintenance_start: str | None) -> None:
        require_types(cdk.Stack.of(self).region, _TYPE)
        check_window(self, maintenance_start)
        if not owner.strip():
            raise InvalidInput("TrackingOwner", "a server needs an owner who is asked about it", scope=self)
