"""A SageMaker Studio domain."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
import jsii
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk.interfaces import aws_sagemaker as refs

from studio_infra.access import StudioExecutionRole
from studio_infra.errors import InvalidInput, located, one_of
from studio_infra.settings.facts.limits import DOMAIN_FILE_SYSTEMS_MAX, is_name
from studio_infra.settings.facts.regions import require_types
from studio_infra.storage.removal import effective_removal_policy
from studio_infra.studio.domain.app_defaults import AppDefaults
from studio_infra.studio.domain.apps import CURRENT_APPS, AppSettings, DefaultImage, Json, StudioApp
from studio_infra.studio.domain.domain_grants import DomainGrants
from studio_infra.studio.domain.domain_options import DomainOptions
from studio_infra.studio.domain.file_systems import check_file_systems
from studio_infra.studio.domain.user_settings import SpaceStorage, UserSettings
from studio_infra.studio.people.l1 import properties

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_kms as kms
    from constructs import Construct

    from studio_infra.studio.domain.file_systems import CustomFileSystem
    from studio_infra.studio.domain.portal import NotebookSharing, Portal
    from studio_infra.studio.git.git_ssh import GitSsh
    from studio_infra.studio.idle.idle_shutdown import IdleShutdown
    from studio_infra.studio.images import StudioImage
    from studio_infra.studio.lifecycle.sagemaker_defaults import SageMakerDefaults


class AuthMode(StrEnum):
    """How people prove who they are."""

    IAM = "IAM"
    """Through the AWS console or a presigned URL."""
    SSO = "SSO"
    """Through IAM Identity Center. Needs an organization instance of it in the domain's region."""


class NetworkMode(StrEnum):
    """How apps reach the internet."""

    VPC_ONLY = "VpcOnly"
    """Only through the VPC: what it allows, and nothing else."""
    PUBLIC_INTERNET = "PublicInternetOnly"
    """Through a network that SageMaker manages; the VPC carries the file system only."""


#: A space's volume when nothing else is said, in GB: the service's own default is 5, which one environment fills.
DEFAULT_SPACE_STORAGE: Final = SpaceStorage(default_gb=20, maximum_gb=100)


@jsii.implements(refs.IDomainRef)
class StudioDomain(cdk.Resource):
    """A Studio domain with an encrypted home file system, mounted in every private space.

    People, their homes and their spaces belong to the domain, so it is retained when its stack goes. Replacing it
    replaces every profile and everybody loses their home: `domain_name`, `auth_mode` and `key` cannot be changed.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of `scope`. Renaming it replaces the domain.
        domain_name: Name of the domain, unique in the account and region. Changing it replaces the domain.
        vpc: Where the home file system lives, and with `VPC_ONLY` the apps too.
        subnets: Private subnets for apps and mount targets. Defaults to the private subnets of `vpc`. Removing one
            later needs all apps stopped.
        security_groups: Networks of people's apps. Required with `VPC_ONLY`.
        key: Encrypts the home file system and the volumes of spaces. Changing it replaces the domain. Defaults to
            keys that AWS manages.
        auth_mode: How people prove who they are. Defaults to IAM. Changing it replaces the domain.
        network_mode: How apps reach the internet. Defaults to the VPC only. Changing it needs all apps stopped.
        execution_role: What code may do for people without a role of their own, and in shared spaces. Defaults to a new
            role without permissions.
        apps: The apps people can run. Defaults to JupyterLab and Code Editor.
        default_instance_type: What apps run on unless the person chooses. Defaults to the service's own default.
        hidden_instance_types: Instance types the launcher does not offer. Hiding is comfort, not control.
        space_storage: Sizes of a space's volume. Defaults to 20 GB, up to 100 GB.
        git: Git over SSH in every app. Defaults to no script.
        sdk_defaults: The SageMaker SDK's defaults of each person's team, in JupyterLab and Code Editor. Defaults to no
            script.
        idle: How apps stop when nobody uses them. Defaults to never.
        code_repositories: https URLs that JupyterLab suggests for cloning. Defaults to none.
        images: Images of one's own that apps can start from. Defaults to none. One for which Studio itself cannot see
            idleness needs the watcher.
        default_images: What an app starts from unless the person chooses; kernels of Studio Classic have no other one.
            Defaults to the service's own.
        lifecycle_revision: Raise it by one when `git` or `idle` return to what they were before: SageMaker keeps the
            old scripts under their names. Defaults to 0.
        portal: What Studio's own pages show, and where people land. Defaults to everything, and to Studio's home.
        sharing: Where notebooks that people share are kept with their output. Defaults to sharing without output, which
            would leave the person's storage, past the key of the domain.
        file_systems: File systems besides the home that everybody may mount; at most 2. Defaults to none. A space
            mounts them when its own settings say so, too.
        options: Docker, RStudio, IPv6, identities. Defaults to none of them.
        removal_policy: What happens to the domain, and to its lifecycle configurations, when it leaves the template.
            Defaults to RETAIN. DESTROY needs the app's consent too, see `effective_removal_policy`.

    Raises:
        InvalidInput: A value that SageMaker would refuse, or a combination that cannot work.

    """

    @classmethod
    def from_domain_id(cls, scope: Construct, construct_id: str, domain_id: str) -> refs.IDomainRef:
        """Refer to a domain of this account and region that somebody else made."""
        return sagemaker.CfnDomain.from_domain_id(scope, construct_id, domain_id)

    @classmethod
    def from_domain_arn(cls, scope: Construct, construct_id: str, domain_arn: str) -> refs.IDomainRef:
        """Refer to a domain that somebody else made."""
        return sagemaker.CfnDomain.from_domain_arn(scope, construct_id, domain_arn)

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        domain_name: str,
        vpc: ec2.IVpc,
        subnets: Sequence[ec2.ISubnet] | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] = (),
        key: kms.IKey | None = None,
        auth_mode: AuthMode = AuthMode.IAM,
        network_mode: NetworkMode = NetworkMode.VPC_ONLY,
        execution_role: iam.IRole | None = None,
        apps: Sequence[StudioApp] = CURRENT_APPS,
        default_instance_type: str | None = None,
        hidden_instance_types: Sequence[str] = (),
        space_storage: SpaceStorage = DEFAULT_SPACE_STORAGE,
        git: GitSsh | None = None,
        sdk_defaults: SageMakerDefaults | None = None,
        idle: IdleShutdown | None = None,
        code_repositories: Sequence[str] = (),
        images: Sequence[StudioImage] = (),
        default_images: Mapping[StudioApp, DefaultImage] | None = None,
        lifecycle_revision: int = 0,
        portal: Portal | None = None,
        sharing: NotebookSharing | None = None,
        file_systems: Sequence[CustomFileSystem] = (),
        options: DomainOptions | None = None,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.RETAIN,
    ) -> None:
        super().__init__(scope, construct_id, physical_name=domain_name)
        with located(self):
            require_types(cdk.Stack.of(self).region, "AWS::SageMaker::Domain")
        auth_mode = one_of(AuthMode, "auth_mode", auth_mode, scope=self)
        network_mode = one_of(NetworkMode, "network_mode", network_mode, scope=self)
        options = options if options is not None else DomainOptions()
        apps = [one_of(StudioApp, "apps", app, scope=self) for app in apps]
        subnets = subnets if subnets is not None else vpc.private_subnets
        with located(self):
            check_file_systems(file_systems, most=DOMAIN_FILE_SYSTEMS_MAX)
        self._check(domain_name, network_mode, subnets, security_groups)

        #: What code may do for people without a role of their own.
        self.execution_role: Final[iam.IRole] = (
            execution_role
            if execution_role is not None
            else StudioExecutionRole(
                self,
                "ExecutionRole",
                description="Nothing is allowed: people have execution roles of their own",
            )
        )
        # Said once: what goes with the domain asks no second time.
        removal_policy = effective_removal_policy(self, removal_policy)
        #: What apps start with here.
        self.app_defaults: Final = AppDefaults(
            self,
            "Apps",
            prefix=domain_name,
            apps=apps,
            default_instance_type=default_instance_type,
            git=git,
            sdk_defaults=sdk_defaults,
            idle=idle,
            code_repositories=code_repositories,
            images=images,
            default_images=default_images,
            lifecycle_revision=lifecycle_revision,
            removal_policy=removal_policy,
        )
        self._domain_name = domain_name
        settings = UserSettings(
            execution_role_arn=self.execution_role.role_arn,
            apps=self.app_defaults.apps,
            security_group_ids=[group.security_group_id for group in security_groups],
            hidden_instance_types=hidden_instance_types,
            space_storage=space_storage,
            portal=portal,
            sharing=sharing,
            file_systems=file_systems if len(file_systems) > 0 else None,
        )
        #: What the domain is told about everybody, in CloudFormation's words. What is set on the L1 is not here.
        self.settings: Final[Json] = {
            "DefaultUserSettings": settings.for_domain(),
            "DefaultSpaceSettings": settings.for_spaces(),
            "DomainSettings": options.as_json(),
        }
        self._resource = sagemaker.CfnDomain(
            self,
            "Resource",
            domain_name=domain_name,
            auth_mode=auth_mode,
            app_network_access_type=network_mode,
            vpc_id=vpc.vpc_id,
            subnet_ids=[subnet.subnet_id for subnet in subnets],
            kms_key_id=key.key_id if key is not None else None,
            default_user_settings=properties(
                sagemaker.CfnDomain.UserSettingsProperty, self.settings["DefaultUserSettings"]
            ),
            default_space_settings=properties(
                sagemaker.CfnDomain.DefaultSpaceSettingsProperty, self.settings["DefaultSpaceSettings"]
            ),
            domain_settings=properties(
                sagemaker.CfnDomain.DomainSettingsProperty, self.settings["DomainSettings"]
            )
            if self.settings["DomainSettings"]
            else None,
            app_security_group_management=options.security_group_management,
            # Said out loud: the service's default differs between ways of making a domain.
            home_efs_file_system_creation="Enabled",
            tag_propagation="ENABLED",
        )
        # A domain checks its role while it is made, so the role's policies must be there first.
        self._resource.node.add_dependency(self.execution_role, *images)
        self._resource.apply_removal_policy(removal_policy)

    @property
    def resource(self) -> sagemaker.CfnDomain:
        """The L1, for what has no option here: `domain.resource.add_property_override(…)`."""
        return self._resource

    @property
    def domain_ref(self) -> refs.DomainReference:
        """What other constructs take as `IDomainRef`."""
        return self._resource.domain_ref

    @property
    def domain_id(self) -> str:
        """Id of the domain, `d-…`."""
        return self._resource.attr_domain_id

    @property
    def domain_arn(self) -> str:
        """ARN of the domain."""
        return self._resource.attr_domain_arn

    @property
    def home_file_system_id(self) -> str:
        """Id of the EFS that holds everybody's home. CloudFormation never deletes it."""
        return self._resource.attr_home_efs_file_system_id

    @property
    def single_sign_on_application_arn(self) -> str:
        """ARN of the Identity Center application that people or groups are assigned to; SSO domains only."""
        return self._resource.attr_single_sign_on_application_arn

    @property
    def apps(self) -> tuple[AppSettings, ...]:
        """What each app starts with, unless a profile says otherwise."""
        return self.app_defaults.apps

    @property
    def grants(self) -> DomainGrants:
        """Permissions on this domain, for others."""
        return DomainGrants.from_domain(self)

    def _check(
        self,
        domain_name: str,
        network_mode: NetworkMode,
        subnets: Sequence[ec2.ISubnet],
        security_groups: Sequence[ec2.ISecurityGroup],
    ) -> None:
        if not cdk.Token.is_unresolved(domain_name) and not is_name(domain_name):
            raise InvalidInput(
                "DomainName",
                f"domain_name must be 1-63 letters, digits or inner hyphens, got {domain_name!r}",
                scope=self,
            )
        if not subnets:
            raise InvalidInput(
                "DomainSubnets",
                "a domain needs at least one private subnet, the VPC has none; add one or pass subnets",
                scope=self,
            )
        if network_mode is NetworkMode.VPC_ONLY and not security_groups:
            raise InvalidInput(
                "DomainSecurityGroups",
                "apps in the VPC only need at least one security group, got none; pass security_groups",
                scope=self,
            )
