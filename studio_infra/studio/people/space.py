"""A space: the volume and the app settings that a person, or a team, works in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
import jsii
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk.interfaces import aws_sagemaker as refs

from studio_infra.errors import InvalidInput, located
from studio_infra.settings.facts.limits import EBS_GB, SPACE_FILE_SYSTEMS_MAX, is_name
from studio_infra.settings.facts.regions import require_types
from studio_infra.storage.removal import effective_removal_policy
from studio_infra.studio.domain.apps import CURRENT_APPS, Json, StudioApp
from studio_infra.studio.domain.file_systems import check_file_systems
from studio_infra.studio.people.l1 import properties

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

    from studio_infra.studio.domain.file_systems import CustomFileSystem


def space_settings(
    app: StudioApp,
    *,
    volume_gb: int | None = None,
    instance_type: str | None = None,
    file_systems: Sequence[CustomFileSystem] | None = None,
    remote_access: bool = False,
) -> Json:
    """`SpaceSettings` of CloudFormation: the app a space runs, its volume and what it runs on.

    An empty list of file systems takes away what a space has; left out, it keeps that.
    """
    settings: Json = {"AppType": str(app)}
    if volume_gb is not None:
        settings["SpaceStorageSettings"] = {"EbsStorageSettings": {"EbsVolumeSizeInGb": volume_gb}}
    if instance_type is not None:
        settings[f"{app}AppSettings"] = {"DefaultResourceSpec": {"InstanceType": instance_type}}
    if file_systems is not None:
        settings["CustomFileSystems"] = [one.for_space() for one in file_systems]
    if remote_access:
        settings["RemoteAccess"] = "ENABLED"
    return settings


@jsii.implements(refs.ISpaceRef)
class Space(cdk.Resource):
    """A private or shared space of a domain, with an EBS volume of its own as home.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of `scope`. Renaming it replaces the space and loses its volume.
        domain: The domain of the space.
        space_name: The name people see. Changing it replaces the space and loses its volume.
        owner: The profile the space belongs to. Changing it replaces the space.
        shared: Whether others than `owner` work in it, too; their roles say who may start it, see `TeamSpaces`.
            Defaults to private. Changing it replaces the space.
        app: What the space runs. Defaults to JupyterLab.
        volume_gb: Size of the volume in GB, 5 to 16,384. It can grow, never shrink. Defaults to the domain's default.
        instance_type: What the space runs on unless the person chooses. Defaults to the owner's default.
        file_systems: What is mounted besides the home, at most one; the owner's profile, or the domain, must allow it.
            Defaults to none.
        remote_access: Whether an IDE on somebody's own machine may connect. It needs at least 8 GiB of memory, and in a
            closed network the endpoints of feature `remote_ide`. Defaults to no.
            https://docs.aws.amazon.com/sagemaker/latest/dg/remote-access.html
        display_name: What people read in the list of spaces. Defaults to the name.
        removal_policy: What happens to the space when it leaves the template. Defaults to RETAIN: the volume is
            somebody's work. DESTROY needs the app's consent too, see `effective_removal_policy`.

    Raises:
        InvalidInput: A value that SageMaker would refuse.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        domain: refs.IDomainRef,
        space_name: str,
        owner: refs.IUserProfileRef,
        shared: bool = False,
        app: StudioApp = StudioApp.JUPYTER_LAB,
        volume_gb: int | None = None,
        instance_type: str | None = None,
        file_systems: Sequence[CustomFileSystem] = (),
        remote_access: bool = False,
        display_name: str | None = None,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.RETAIN,
    ) -> None:
        super().__init__(scope, construct_id, physical_name=space_name)
        with located(self):
            require_types(cdk.Stack.of(self).region, "AWS::SageMaker::Space")
        self._check(space_name, app, volume_gb)
        with located(self):
            check_file_systems(file_systems, most=SPACE_FILE_SYSTEMS_MAX)
        #: The name people see.
        self.space_name: Final = space_name
        self._resource = sagemaker.CfnSpace(
            self,
            "Resource",
            domain_id=domain.domain_ref.domain_id,
            space_name=space_name,
            ownership_settings=sagemaker.CfnSpace.OwnershipSettingsProperty(
                owner_user_profile_name=owner.user_profile_ref.user_profile_name
            ),
            space_sharing_settings=sagemaker.CfnSpace.SpaceSharingSettingsProperty(
                sharing_type="Shared" if shared else "Private"
            ),
            space_settings=properties(
                sagemaker.CfnSpace.SpaceSettingsProperty,
                space_settings(
                    app,
                    volume_gb=volume_gb,
                    instance_type=instance_type,
                    file_systems=file_systems if len(file_systems) > 0 else None,
                    remote_access=remote_access,
                ),
            ),
            space_display_name=display_name,
        )
        # The owner's name is a plain text, so CloudFormation cannot see the order by itself.
        self.node.add_dependency(owner)
        self._resource.apply_removal_policy(effective_removal_policy(self, removal_policy))

    @property
    def space_ref(self) -> refs.SpaceReference:
        """What other constructs take as `ISpaceRef`."""
        # The L1 takes its name out of what `Ref` returns, which AWS does not document for this type.
        return refs.SpaceReference(
            domain_id=self._resource.domain_id, space_name=self.space_name, space_arn=self.space_arn
        )

    @property
    def space_arn(self) -> str:
        """ARN of the space."""
        return self._resource.attr_space_arn

    def _check(self, space_name: str, app: StudioApp, volume_gb: int | None) -> None:
        if not cdk.Token.is_unresolved(space_name) and not is_name(space_name):
            raise InvalidInput(
                "SpaceName",
                f"space_name must be 1-63 letters, digits or inner hyphens, got {space_name!r}",
                scope=self,
            )
        if app not in CURRENT_APPS:
            raise InvalidInput(
                "SpaceApp",
                f"a space runs JupyterLab or CodeEditor, got {str(app)!r}: Classic has no spaces",
                scope=self,
            )
        smallest, largest = EBS_GB
        if (
            volume_gb is not None
            and not cdk.Token.is_unresolved(volume_gb)
            and not smallest <= volume_gb <= largest
        ):
            raise InvalidInput(
                "SpaceVolume", f"volume_gb must be {smallest} to {largest:,} GB, got {volume_gb}", scope=self
            )
