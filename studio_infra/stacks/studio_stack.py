"""The stack that changes rarely: network, key, domain, and what each team may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from studio_infra.access import Persona, ProjectAccess, SsoAssignment, TeamAccess
from studio_infra.operations import DomainDrain, DomainUpdate
from studio_infra.stacks.files import StudioFiles
from studio_infra.stacks.network import studio_network
from studio_infra.stacks.values import (
    default_images,
    domain_features,
    domain_options,
    git_ssh,
    idle_shutdown,
    pascal,
    portal,
    removal_policy,
    role_sharing,
    sagemaker_defaults,
)
from studio_infra.storage import ArtifactBucket, StudioBackup, StudioKey, effective_removal_policy
from studio_infra.studio.domain.apps import AppSettings, StudioApp
from studio_infra.studio.domain.domain import AuthMode, NetworkMode, StudioDomain
from studio_infra.studio.domain.user_settings import SpaceStorage
from studio_infra.studio.images import AppContainer, Kernel, StudioImage
from studio_infra.studio.people.team_spaces import SharedSpace, TeamSpaces
from studio_infra.workloads.environment.training_environment import TrainingEnvironment

if TYPE_CHECKING:
    from constructs import Construct

    from studio_infra.settings import StudioSettings


class StudioStack(cdk.Stack):
    """The domain and everything it stands on.

    Deleting this stack is the dangerous act, so what holds people's work is retained.

    Args:
        scope: The app.
        construct_id: Name of the stack.
        settings: What the platform team decided.
        **kwargs: Options of any stack.

    """

    def __init__(
        self, scope: Construct, construct_id: str, *, settings: StudioSettings, **kwargs: Any
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self._settings = settings
        removal = removal_policy(settings)
        self.key: Final = StudioKey(self, "Key", removal_policy=removal).key
        self.network: Final = studio_network(
            self, "Network", settings, key=self.key, removal=effective_removal_policy(self, removal)
        )
        self.artifacts: Final = ArtifactBucket(
            self,
            "Artifacts",
            key=self.key,
            event_bridge=any(one.start_on_new_data for one in settings.training.values()),
            removal_policy=removal,
        )
        #: Images of one's own, by name.
        self.images: Final = {name: self._image(name) for name in settings.images}
        self.domain: Final = self._domain(removal)
        features = domain_features(settings)
        if features is not None:
            DomainUpdate(
                self,
                "Features",
                domain=self.domain,
                features=features,
                key=self.key,
                revision=settings.domain.features_revision,
            )
        if settings.domain.home_backup:
            backup = StudioBackup(self, "Backup", key=self.key, removal_policy=removal)
            backup.add_home("Homes", self.domain.home_file_system_id)
        if settings.domain.drain_on_delete:
            DomainDrain(
                self,
                "Drain",
                domain=self.domain,
                home_file_system_id=self.domain.home_file_system_id,
                vpc=self.network.vpc,
                key=self.key,
                delete_homes=True,
                final_copy=settings.domain.final_copy,
                removal_policy=removal,
            )
        if settings.domain.auth_mode == "SSO":
            SsoAssignment(
                self,
                "SignIn",
                application_arn=self.domain.single_sign_on_application_arn,
                groups=settings.access.sso_groups,
                users=settings.access.sso_users,
            )
        #: Files that people share.
        self.files: Final = StudioFiles(self, settings, network=self.network, key=self.key)
        #: What each team may do, by team name.
        self.teams: Final = {name: self._team(name) for name in settings.teams}
        self._projects()
        #: The spaces that each team shares, by team name; teams that share none are left out.
        self.team_spaces: Final = {
            name: self._spaces(name, removal) for name, team in settings.teams.items() if team.shared_spaces
        }
        #: What jobs use that people start by hand, by name of the team: those whose persona starts jobs.
        self.training: Final = {
            name: self._training(name, team.job_role)
            for name, team in self.teams.items()
            if team.job_role is not None and settings.domain.sdk_defaults
        }
        #: Lets everybody use the repositories in CodeCommit that the settings name, if any.
        self.code_commit: Final = self._code_commit()
        #: What each team's apps start with, by team name.
        self.team_apps: Final = {name: self._apps_of(name) for name in settings.teams}
        self._limits = {minutes: self._apps_within(minutes) for minutes in settings.own_idle_limits}

    def apps_by_idle_minutes(self, team: str) -> dict[int, tuple[AppSettings, ...]]:
        """What apps of members with an idle limit of their own start with, by that limit."""
        same = self._settings.idle_after_minutes(team)
        own_type = self._settings.teams[team].default_instance_type
        return {
            minutes: self.team_apps[team] if minutes == same else tuple(app.on(own_type) for app in apps)
            for minutes, apps in self._limits.items()
        }

    def _domain(self, removal: cdk.RemovalPolicy) -> StudioDomain:
        domain = self._settings.domain
        return StudioDomain(
            self,
            "Domain",
            domain_name=self._settings.name,
            vpc=self.network.vpc,
            subnets=self.network.subnets,
            security_groups=[self.network.studio_security_group],
            key=self.key,
            auth_mode=AuthMode(domain.auth_mode),
            network_mode=NetworkMode(domain.network),
            apps=[StudioApp(app) for app in domain.apps],
            default_instance_type=domain.default_instance_type,
            space_storage=SpaceStorage(default_gb=domain.space_ebs_gb, maximum_gb=domain.space_ebs_max_gb),
            git=git_ssh(self._settings),
            sdk_defaults=sagemaker_defaults(self._settings),
            idle=idle_shutdown(self._settings),
            code_repositories=self._settings.git.code_repositories,
            images=list(self.images.values()),
            default_images=default_images(self._settings),
            lifecycle_revision=domain.lifecycle_revision,
            portal=portal(self._settings),
            options=domain_options(self._settings),
            removal_policy=removal,
        )

    def _image(self, name: str) -> StudioImage:
        image = self._settings.images[name]
        started = image.entrypoint is not None or image.arguments or image.environment
        return StudioImage(
            self,
            f"Image{pascal(name)}",
            image_name=f"{self._settings.name}-{name}",
            container_image=image.image,
            apps=[StudioApp(app) for app in image.apps],
            container=AppContainer(
                entrypoint=image.entrypoint, arguments=image.arguments, environment=image.environment
            )
            if started
            else None,
            kernel=Kernel(name=image.kernel) if image.kernel is not None else None,
            idle_extension=image.idle_extension,
            display_name=image.display_name if image.display_name is not None else name,
            description=image.description,
        )

    def _team(self, name: str) -> TeamAccess:
        team = self._settings.teams[name]
        return TeamAccess(
            self,
            f"Team{pascal(name)}",
            name_prefix=self._settings.name,
            team=name,
            persona=Persona.named(team.persona),
            instance_types=team.instance_types,
            domain=self.domain,
            subnet_ids=self.network.job_subnet_ids,
            security_group_ids=[self.network.job_security_group.security_group_id],
            key=self.key,
            bucket=self.artifacts.bucket,
            app_types=self._settings.domain.apps,
            shared_spaces=tuple(team.shared_spaces),
            files=self.files.for_roles(name),
            max_job_runtime=cdk.Duration.minutes(self._settings.access.max_job_runtime_minutes),
            role_sharing=role_sharing(self._settings),
            path=self._settings.access.path,
        )

    def _spaces(self, name: str, removal: cdk.RemovalPolicy) -> TeamSpaces:
        """Here, because people come and go in the stacks of people, and a space must not go with them."""
        team = self._settings.teams[name]
        return TeamSpaces(
            self,
            f"Spaces{pascal(name)}",
            domain=self.domain,
            team=name,
            spaces=[
                SharedSpace(name=space, volume_gb=one.ebs_gb, instance_type=one.instance_type)
                for space, one in team.shared_spaces.items()
            ],
            owner_sso_user_name=team.shared_spaces_sso_user,
            path=self._settings.access.path,
            removal_policy=removal,
        )

    def _training(self, name: str, job_role: iam.IRole) -> TrainingEnvironment:
        return TrainingEnvironment(
            self,
            f"Training{pascal(name)}",
            name_prefix=self._settings.name,
            team=name,
            subnet_ids=self.network.job_subnet_ids,
            security_group_ids=[self.network.job_security_group.security_group_id],
            key=self.key,
            bucket=self.artifacts.bucket,
            role=job_role,
            model_role=self.teams[name].inference_role,
        )

    def _projects(self) -> None:
        portfolio = self._settings.access.projects_portfolio
        for name, team in self.teams.items():
            # The settings refuse projects without a portfolio, and for people with a role each.
            if self._settings.teams[name].projects and portfolio is not None and team.shared_role is not None:
                ProjectAccess(
                    self,
                    f"Projects{pascal(name)}",
                    role=team.shared_role,
                    portfolio_id=portfolio,
                    path=self._settings.access.path,
                )

    def _code_commit(self) -> iam.ManagedPolicy | None:
        git = git_ssh(self._settings)
        statements = git.repository_statements(self) if git is not None else []
        if not statements:
            return None
        policy = iam.ManagedPolicy(
            self, "CodeCommit", statements=statements, description="Git repositories of everybody in Studio"
        )
        for team in self.teams.values():
            if team.shared_role is not None:
                team.shared_role.add_managed_policy(policy)
        return policy

    def _apps_of(self, name: str) -> tuple[AppSettings, ...]:
        """The domain's apps, or the team's own where the team differs: a profile replaces whole app settings."""
        team, apps = self._settings.teams[name], self.domain.apps
        if team.idle_after_minutes is not None:
            idle = idle_shutdown(self._settings, after_minutes=team.idle_after_minutes)
            apps = self.domain.app_defaults.with_idle(pascal(name), idle)
        elif team.default_instance_type is None:
            return ()
        return tuple(settings.on(team.default_instance_type) for settings in apps)

    def _apps_within(self, minutes: int) -> tuple[AppSettings, ...]:
        """The domain's apps with another idle limit: one set for all people who have it, whatever their team."""
        # No team is called so: the hyphen keeps the two kinds of names apart.
        idle = idle_shutdown(self._settings, after_minutes=minutes)
        return self.domain.app_defaults.with_idle(f"People-{minutes}", idle)
