"""A serverless MLflow app: nothing runs while nobody logs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
import jsii
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk.interfaces import aws_sagemaker as refs

from studio_infra.settings.facts.regions import require_types
from studio_infra.storage.removal import effective_removal_policy
from studio_infra.workloads.names import checked_name, generated_name
from studio_infra.workloads.tracking.tracking_grants import TrackingGrants
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

_TYPE: Final = "AWS::SageMaker::MlflowApp"


@jsii.implements(refs.IMlflowAppRef)
class TrackingApp(cdk.Resource):
    """A serverless MLflow app for a team: SageMaker looks after the machines.

    CloudFormation cannot give it a key of one's own yet: what MLflow keeps outside the bucket is encrypted with AWS's.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of `scope`. Renaming it makes a new, empty app, unless `app_name` is
            given.
        team: Whose it is: the tag by which IAM lets the team's people in.
        bucket: Takes artifacts: models, plots, files.
        key: Encrypts the bucket.
        prefix: Folder in the bucket. Defaults to `teams/<team>/mlflow`. Changing it leaves older artifacts where they
            are, and runs that point to them.
        app_name: 1-256 letters, digits or inner hyphens. Changing it makes a new, empty app. Defaults to a name made
            of the stack's and the construct's.
        register_models: Copy registered models of MLflow into SageMaker's registry.
        maintenance_start: When it may be updated, every week, in UTC: `"Sun:03:30"`. Defaults to the service's choice.
        role: As whom it keeps artifacts. It gets a policy for its folder. Changing it makes a new, empty app. Defaults
            to a new role.
        removal_policy: What happens when it leaves the template. Defaults to RETAIN: runs and figures live in it.
            DESTROY needs the app's consent too, see `effective_removal_policy`.

    Attributes:
        app_name: Its name.
        role: As whom it keeps artifacts.

    Raises:
        InvalidInput: A name, a folder or a window that the service does not take, or a region without apps.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        team: str,
        bucket: s3.IBucket,
        key: kms.IKey,
        prefix: str | None = None,
        app_name: str | None = None,
        register_models: bool = False,
        maintenance_start: str | None = None,
        role: iam.IRole | None = None,
        removal_policy: cdk.RemovalPolicy | None = None,
    ) -> None:
        super().__init__(scope, construct_id, physical_name=app_name)
        require_types(cdk.Stack.of(self).region, _TYPE)
        check_window(self, maintenance_start)
        self.app_name: str = (
            generated_name(self, longest=NAME_MAX)
            if app_name is None
            else checked_name(self, "app_name", app_name, longest=NAME_MAX)
        )
        place = artifact_place(self, bucket, f"teams/{team}/mlflow" if prefix is None else prefix)
        self.role, needed = tracking_role(
            self,
            given=role,
            place=place,
            key=key,
            register_models=register_models,
            what=f"The tracking app {self.app_name}: keeps its artifacts",
        )
        mode = "Enabled" if register_models else "Disabled"
        self._resource = sagemaker.CfnMlflowApp(
            self,
            "Resource",
            name=self.app_name,
            artifact_store_uri=place,
            role_arn=self.role.role_arn,
            model_registration_mode=f"AutoModelRegistration{mode}",
            weekly_maintenance_window_start=maintenance_start,
        )
        self._resource.node.add_dependency(*needed)
        self._resource.apply_removal_policy(effective_removal_policy(self, removal_policy))
        cdk.Tags.of(self).add("studio:team", team)

    @property
    def mlflow_app_ref(self) -> refs.MlflowAppReference:
        """What other constructs take as `IMlflowAppRef`."""
        return self._resource.mlflow_app_ref

    @property
    def tracking_uri(self) -> str:
        """What code gives to `mlflow.set_tracking_uri`: the app's ARN."""
        return self._resource.attr_arn

    @property
    def grants(self) -> TrackingGrants:
        """Permissions on this app."""
        return TrackingGrants(self._resource.attr_arn, kind="App")
