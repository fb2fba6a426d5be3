"""What apps start with: idle shutdown in the slot nobody can deselect, git in the default slot."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from constructs import Construct

from studio_infra.errors import InvalidInput
from studio_infra.studio.domain.apps import CURRENT_APPS, AppSettings, CustomImage, DefaultImage, StudioApp
from studio_infra.studio.domain.classic import warn_about_classic
from studio_infra.studio.lifecycle.lifecycle_config import StudioLifecycleConfig
from studio_infra.studio.lifecycle.lifecycle_script import LifecycleScript

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from studio_infra.studio.git.git_ssh import GitSsh
    from studio_infra.studio.idle.idle_shutdown import IdleShutdown
    from studio_infra.studio.images import StudioImage
    from studio_infra.studio.lifecycle.sagemaker_defaults import SageMakerDefaults


class AppDefaults(Construct):
    """The lifecycle configurations of a set of apps, and the settings that put them into the right slots.

    JupyterLab and Code Editor have two slots: the built-in script always runs first, the default script is a choice
    that a person can undo. Studio Classic has one slot; both scripts are composed into it.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of `scope`.
        prefix: Start of the lifecycle configurations' names; unique in the account and region.
        apps: The apps to serve. Defaults to JupyterLab and Code Editor.
        default_instance_type: What apps run on unless the person chooses. Defaults to the service's own default.
        git: Git over SSH. Defaults to no script.
        sdk_defaults: The SageMaker SDK's defaults of each person's team, in JupyterLab and Code Editor. Defaults to no
            script.
        idle: How apps stop when nobody uses them. Defaults to never.
        code_repositories: https URLs that JupyterLab suggests for cloning. Defaults to none.
        images: Images of one's own that apps can start from. Defaults to none.
        default_images: What an app starts from unless the person chooses. Defaults to the service's own.
        lifecycle_revision: Raise it when scripts return to what they were before, see `StudioLifecycleConfig`.
        removal_policy: What happens to the configurations when their stack goes, see `StudioLifecycleConfig`. Defaults
            to RETAIN.

    Raises:
        InvalidInput: No app was given.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        prefix: str,
        apps: Sequence[StudioApp] = CURRENT_APPS,
        default_instance_type: str | None = None,
        git: GitSsh | None = None,
        sdk_defaults: SageMakerDefaults | None = None,
        idle: IdleShutdown | None = None,
        code_repositories: Sequence[str] = (),
        images: Sequence[StudioImage] = (),
        default_images: Mapping[StudioApp, DefaultImage] | None = None,
        lifecycle_revision: int = 0,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.RETAIN,
    ) -> None:
        super().__init__(scope, construct_id)
        self._removal_policy = removal_policy
        if not apps:
            raise InvalidInput(
                "StudioApps", "a domain without apps has no use; name at least one", scope=self
            )
        self._prefix = prefix
        self._default_instance_type = default_instance_type
        self._git = git
        self._sdk_defaults = sdk_defaults
        self._idle = idle
        self._revision = lifecycle_revision
        self._code_repositories = tuple(code_repositories)
        self._images = tuple(images)
        self._default_images = dict(default_images) if default_images is not None else {}
        self._check_images(apps)
        if any(app.is_classic for app in apps):
            warn_about_classic(self)
        #: What each app starts with, ready for a domain or a profile.
        self.apps: Final[tuple[AppSettings, ...]] = tuple(self._settings(app) for app in apps)

    def with_idle(self, construct_id: str, idle: IdleShutdown) -> tuple[AppSettings, ...]:
        """The same apps with another idle script: for the people of a team, or for one person.

        The limit that Studio itself keeps stays the domain's, because CloudFormation cannot set it for a profile. The
        guard makes up the difference to a longer one; the watcher keeps any.

        Args:
            construct_id: Unique among the children of this construct.
            idle: When apps of these people stop.

        Raises:
            InvalidInput: A limit that nothing would keep in this domain.

        """
        scope, idle = Construct(self, construct_id), self._kept(idle)
        return tuple(self._with(scope, settings, idle) for settings in self.apps)

    def _kept(self, idle: IdleShutdown) -> IdleShutdown:
        """The same, with the difference to the limit that Studio keeps for the whole domain."""
        domain = self._idle
        if domain is None or idle.is_watcher != domain.is_watcher:
            theirs = "none" if domain is None else repr(str(domain.engine))
            raise InvalidInput(
                "IdleEngineOfSome",
                f"the domain's idle engine is {theirs}, so nothing would keep a limit of engine "
                f"{str(idle.engine)!r} for some people; give the domain an engine of the same kind",
                scope=self,
            )
        if idle.is_watcher or idle.after.to_seconds() == domain.after.to_seconds():
            return idle
        return replace(idle, studio_limit=domain.after)

    def _with(self, scope: Construct, settings: AppSettings, idle: IdleShutdown) -> AppSettings:
        app, script = settings.app, idle.script(settings.app)
        if self._idle is not None and script == self._idle.script(app):
            return settings
        if app.is_classic:
            return replace(settings, lifecycle_config_arn=self._start(scope, app, script))
        return replace(settings, built_in_lifecycle_config_arn=self._config(scope, "Idle", app, script))

    def _settings(self, app: StudioApp) -> AppSettings:
        idle = self._idle.script(app) if self._idle is not None else None
        if app.is_classic:
            return AppSettings(
                app=app,
                default_instance_type=self._default_instance_type,
                lifecycle_config_arn=self._start(self, app, idle),
                custom_images=self._images_of(app),
                default_image=self._default_images.get(app),
            )
        return AppSettings(
            app=app,
            default_instance_type=self._default_instance_type,
            lifecycle_config_arn=self._config(self, "Git", app, self._personal()),
            built_in_lifecycle_config_arn=self._config(self, "Idle", app, idle),
            idle_settings=self._idle.idle_settings() if self._idle is not None else None,
            code_repositories=self._code_repositories if app is StudioApp.JUPYTER_LAB else (),
            custom_images=self._images_of(app),
            default_image=self._default_images.get(app),
        )

    def _personal(self) -> LifecycleScript | None:
        """What a space brings to its owner: git, and the defaults of their team's jobs."""
        scripts = [part.script() for part in (self._git, self._sdk_defaults) if part is not None]
        return LifecycleScript.compose(*scripts) if len(scripts) > 1 else next(iter(scripts), None)

    def _images_of(self, app: StudioApp) -> tuple[CustomImage, ...] | None:
        """Said out loud where there are none: what a template leaves out, SageMaker leaves as it is."""
        if app is StudioApp.JUPYTER_SERVER:
            return None
        named = (image.for_app(app) for image in self._images)
        return tuple(image for image in named if image is not None)

    def _check_images(self, apps: Sequence[StudioApp]) -> None:
        for image in self._images:
            if not set(image.apps) & set(apps):
                raise InvalidInput(
                    "ImageWithoutApp",
                    f"image {image.image_name!r} is for {', '.join(image.apps)}, which the domain does not offer; "
                    f"it offers {', '.join(apps)}",
                    scope=self,
                )
            if self._idle is not None and not self._idle.is_watcher and not image.idle_extension:
                raise InvalidInput(
                    "ImageWithoutIdleExtension",
                    f"Studio would never see apps of image {image.image_name!r} idle: install "
                    "jupyter-activity-monitor-extension 0.3.1 or newer in it, or build it on SageMaker Distribution 2 "
                    "or newer, and say idle_extension=True; or let the idle engine be the watcher",
                    scope=self,
                )

    def _start(self, scope: Construct, app: StudioApp, idle: LifecycleScript | None) -> str | None:
        """What fits into the one slot of Studio Classic: both scripts, one after the other."""
        git = self._git.script() if self._git is not None else None
        scripts = [script for script in (idle, git) if script is not None]
        return self._config(scope, "Start", app, LifecycleScript.compose(*scripts) if scripts else None)

    def _config(
        self, scope: Construct, purpose: str, app: StudioApp, script: LifecycleScript | None
    ) -> str | None:
        if script is None:
            return None
        return StudioLifecycleConfig(
            scope,
            f"{purpose}{app}",
            app_type=app,
            script=script,
            prefix=self._prefix,
            revision=self._revision,
            removal_policy=self._removal_policy,
        ).arn
