"""One person's place in a Studio domain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
import jsii
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk.interfaces import aws_sagemaker as refs

from studio_infra.access import StudioExecutionRole
from studio_infra.errors import InvalidInput, located
from studio_infra.settings.facts.limits import POSIX_GID, POSIX_UID, PROFILE_FILE_SYSTEMS_MAX, is_name
from studio_infra.settings.facts.regions import require_types
from studio_infra.storage.removal import effective_removal_policy
from studio_infra.studio.domain.file_systems import check_file_systems
from studio_infra.studio.domain.user_settings import SpaceStorage, UserSettings
from studio_infra.studio.people.l1 import properties
from studio_infra.studio.people.user_profile_grants import UserProfileGrants

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_ec2 as ec2
    from constructs import Construct

    from studio_infra.studio.domain.apps import AppSettings
    from studio_infra.studio.domain.file_systems import CustomFileSystem


@jsii.implements(refs.IUserProfileRef, iam.IGrantable)
class UserProfile(cdk.Resource):
    """A user profile with a home directory on the domain's EFS file system.

    For one person beside others' code. Many people come from a roster, see `StudioPeople`.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of `scope`. Renaming it replaces the profile, and the person loses
            their home directory.
        domain: The domain to join: a `StudioDomain`, a `CfnDomain` or an imported one.
        user_name: The name people see. SageMaker cannot rename a profile: changing it replaces the profile, and the
            person loses their home directory.
        execution_role: What this person's code may do. Defaults to a new role without permissions.
        sso_user_name: The person's user name in IAM Identity Center; required in SSO domains, refused in others by
            SageMaker. Changing it replaces the profile.
        apps: What each app starts with. Defaults to the domain's settings.
        security_groups: Networks of the person's apps. Defaults to the domain's.
        hidden_instance_types: Instance types the launcher does not offer. Defaults to the domain's.
        space_storage: Sizes of a space's volume. Defaults to the domain's.
        posix_uid: Numeric owner of the person's files on custom file systems, 10,000 to 4,000,000. Defaults to one that
            SageMaker chooses. SageMaker takes it with a new profile and never changes it.
        posix_gid: Numeric group of those files, 1,001 to 4,000,000, with `posix_uid`: their team's, where a team shares
            a directory. Defaults to the number of `posix_uid`. Never changed either.
        file_systems: File systems besides the home that the person may mount, at most ten; a space mounts one of them
            when its own settings say so, too. An empty list takes away what the profile had. Defaults to the domain's.
        removal_policy: What happens to the profile when it leaves the template. Defaults to RETAIN. DESTROY needs the
            app's consent too, see `effective_removal_policy`.

    Raises:
        InvalidInput: A value that SageMaker would refuse.

    """

    @classmethod
    def from_user_profile_attributes(
        cls, scope: Construct, construct_id: str, *, domain: refs.IDomainRef, user_name: str
    ) -> refs.IUserProfileRef:
        """Refer to a profile that somebody else made in `domain`."""
        return _ImportedUserProfile(scope, construct_id, domain=domain, user_name=user_name)

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        domain: refs.IDomainRef,
        user_name: str,
        execution_role: iam.IRole | None = None,
        sso_user_name: str | None = None,
        apps: Sequence[AppSettings] = (),
        security_groups: Sequence[ec2.ISecurityGroup] = (),
        hidden_instance_types: Sequence[str] = (),
        space_storage: SpaceStorage | None = None,
        posix_uid: int | None = None,
        posix_gid: int | None = None,
        file_systems: Sequence[CustomFileSystem] | None = None,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.RETAIN,
    ) -> None:
        super().__init__(scope, construct_id, physical_name=user_name)
        with located(self):
            require_types(cdk.Stack.of(self).region, "AWS::SageMaker::UserProfile")
        self._check(user_name, posix_uid, posix_gid)
        with located(self):
            check_file_systems(
                file_systems if file_systems is not None else (), most=PROFILE_FILE_SYSTEMS_MAX
            )
        #: What this person's code may do.
        self.execution_role: Final[iam.IRole] = (
            execution_role
            if execution_role is not None
            else StudioExecutionRole(
                self, "ExecutionRole", user_name=user_name, description=f"Apps of {user_name} run as this"
            )
        )
        settings = UserSettings(
            execution_role_arn=self.execution_role.role_arn,
            apps=apps,
            security_group_ids=[group.security_group_id for group in security_groups],
            hidden_instance_types=hidden_instance_types,
            space_storage=space_storage,
            posix_uid=posix_uid,
            posix_gid=posix_gid,
            file_systems=file_systems,
        )
        self._resource = sagemaker.CfnUserProfile(
            self,
            "Resource",
            domain_id=domain.domain_ref.domain_id,
            user_profile_name=user_name,
            single_sign_on_user_identifier="UserName" if sso_user_name is not None else None,
            single_sign_on_user_value=sso_user_name,
            user_settings=properties(
                sagemaker.CfnUserProfile.UserSettingsProperty, settings.for_user_profile()
            ),
        )
        self._resource.node.add_dependency(self.execution_role)
        self._resource.apply_removal_policy(effective_removal_policy(self, removal_policy))

    @property
    def user_profile_ref(self) -> refs.UserProfileReference:
        """What other constructs take as `IUserProfileRef`."""
        # The L1 takes its name out of what `Ref` returns, which AWS does not document for this type.
        return refs.UserProfileReference(
            domain_id=self._resource.domain_id,
            user_profile_name=self.user_name,
            user_profile_arn=self.user_profile_arn,
        )

    @property
    def user_profile_arn(self) -> str:
        """ARN of the profile."""
        return self._resource.attr_user_profile_arn

    @property
    def user_name(self) -> str:
        """The name people see."""
        return self._resource.user_profile_name

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """The execution role: granting to a profile grants to the person's code."""
        return self.execution_role.grant_principal

    @property
    def grants(self) -> UserProfileGrants:
        """Permissions on this profile, for others."""
        return UserProfileGrants.from_user_profile(self)

    def _check(self, user_name: str, posix_uid: int | None, posix_gid: int | None) -> None:
        if not cdk.Token.is_unresolved(user_name) and not is_name(user_name):
            raise InvalidInput(
                "UserProfileName",
                f"user_name must be 1-63 letters, digits or inner hyphens, got {user_name!r}",
                scope=self,
            )
        if posix_gid is not None and posix_uid is None:
            raise InvalidInput(
                "UserProfilePosixGid",
                "SageMaker takes both numbers or none; give posix_uid, too",
                scope=self,
            )
        numbers = (("Uid", posix_uid, POSIX_UID), ("Gid", posix_gid, POSIX_GID))
        for kind, number, (smallest, largest) in numbers:
            if (
                number is not None
                and not cdk.Token.is_unresolved(number)
                and not smallest <= number <= largest
            ):
                raise InvalidInput(
                    f"UserProfilePosix{kind}",
                    f"posix_{kind.lower()} must be {smallest:,} to {largest:,}, got {number}",
                    scope=self,
                )


@jsii.implements(refs.IUserProfileRef)
class _ImportedUserProfile(cdk.Resource):
    """A profile made elsewhere: its name is known, its role is not."""

    def __init__(
        self, scope: Construct, construct_id: str, *, domain: refs.IDomainRef, user_name: str
    ) -> None:
        super().__init__(scope, construct_id, physical_name=user_name)
        domain_id = domain.domain_ref.domain_id
        self._reference = refs.UserProfileReference(
            domain_id=domain_id,
            user_profile_name=user_name,
            user_profile_arn=self.stack.format_arn(
                service="sagemaker", resource="user-profile", resource_name=f"{domain_id}/{user_name}"
            ),
        )

    @property
    def user_profile_ref(self) -> refs.UserProfileReference:
        return self._reference
