"""How apps stop when nobody uses them, and never while work runs."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from studio_infra.errors import InvalidInput
from studio_infra.settings.facts.limits import is_instance_family
from studio_infra.settings.sections.idle import minutes_allowed
from studio_infra.studio.domain.apps import CURRENT_APPS, Json, StudioApp
from studio_infra.studio.idle.idle_program import idle_program
from studio_infra.studio.lifecycle.lifecycle_script import SHIPPED_SCRIPTS, LifecycleScript

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs import IConstruct

#: A policy's way to say: the person whose role this is.
THE_PERSON: Final = "${aws:PrincipalTag/studio:user}"


class IdleEngine(StrEnum):
    """What stops an app that nobody uses."""

    NATIVE = "native"
    """Studio's own idle shutdown. It does not see work that is silent: a long cell is killed."""
    NATIVE_WITH_GUARD = "native_with_guard"
    """Studio's own, and in each app a guard that tells it about running work. Needs no permission."""
    WATCHER = "watcher"
    """A process in the app that deletes its own app: for limits under 60 minutes, for images without Studio's
    detector, and for Studio Classic. Needs the permission of `policy_statements`."""


#: Used when nothing is said.
DEFAULT_AFTER: Final = cdk.Duration.minutes(60)
DEFAULT_HOLD_CAP: Final = cdk.Duration.hours(12)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleShutdown:
    """When an app that nobody uses stops.

    In use means: a cell runs or ran, a terminal was typed in or printed something, a foreground job holds a
    terminal, a kernel computes, the editor was used, or the person asked to keep the app (`touch
    ~/.studio-keep-alive`). An open kernel, an open quiet terminal and an open browser tab are not use.

    Args:
        after: How long nothing may happen: 60 minutes to a year, from 5 minutes with the watcher. Defaults to
            60 minutes.
        engine: What stops the app. Defaults to Studio's own idle shutdown with our guard.
        allowed_range: Shortest and longest limit that people may choose for their spaces; not with the
            watcher. Defaults to no choice.
        by_instance_type: Other limits for a type (`ml.g5.xlarge`) or a family (`ml.g5`); the watcher only.
            Defaults to one limit for all.
        busy_cap: How long one piece of work keeps an app alive before it counts as stuck. Defaults to for
            ever.
        terminal_jobs: Whether a foreground job in a terminal counts as use. Defaults to yes.
        hold_cap: How long a hold file keeps an app after it was last saved; zero for never. Defaults to 12
            hours.
        studio_limit: The limit that Studio itself keeps for these people, if it is shorter than `after`: the
            domain's, which CloudFormation cannot change for a profile. The guard makes up the difference, and
            no other engine could. Defaults to `after`.

    Raises:
        InvalidInput: A limit that the engine cannot keep, or options that the engine does not have.

    """

    after: cdk.Duration = DEFAULT_AFTER
    engine: IdleEngine | str = IdleEngine.NATIVE_WITH_GUARD
    allowed_range: tuple[cdk.Duration, cdk.Duration] | None = None
    by_instance_type: Mapping[str, cdk.Duration] = field(default_factory=dict)
    busy_cap: cdk.Duration | None = None
    terminal_jobs: bool = True
    hold_cap: cdk.Duration = DEFAULT_HOLD_CAP
    studio_limit: cdk.Duration | None = None

    def __post_init__(self) -> None:
        if self.engine not in tuple(IdleEngine):
            raise InvalidInput(
                "IdleEngine", f"engine must be one of {', '.join(IdleEngine)}, got {str(self.engine)!r}"
            )
        self._check_limit("after", self.after)
        self._check_range()
        self._check_types()
        self._check_studio_limit()
        if self.busy_cap is not None and self.busy_cap.to_seconds() == 0:
            raise InvalidInput(
                "IdleBusyCap", "busy_cap of zero would make no work count; leave it out for none"
            )

    @property
    def is_watcher(self) -> bool:
        """Whether our own watcher stops apps, not Studio."""
        return self.engine == IdleEngine.WATCHER

    def script(self, app: StudioApp | str) -> LifecycleScript | None:
        """Make what the app's built-in slot has to run.

        Studio's own shutdown does not serve Studio Classic, so a Classic kernel gets the watcher unless the
        engine is `NATIVE`. The Classic server costs nothing and is left alone.
        """
        app = StudioApp(app)
        if self.engine == IdleEngine.NATIVE or app is StudioApp.JUPYTER_SERVER:
            return None
        keeper = "watcher" if self.is_watcher or app not in CURRENT_APPS else "guard"
        text = (SHIPPED_SCRIPTS / "idle.sh").read_text(encoding="utf-8")
        text = text.replace("#program\n", idle_program(keeper))
        return LifecycleScript.with_values(text, {"IDLE": self._settings(app, keeper)}, name=f"idle-{keeper}")

    def idle_settings(self) -> Json:
        """Return `IdleSettings` of a domain's or a profile's app settings, for JupyterLab and Code Editor."""
        if self.is_watcher:
            # Said out loud: a profile would inherit the domain's.
            return {"LifecycleManagement": "DISABLED"}
        settings: Json = {"LifecycleManagement": "ENABLED", "IdleTimeoutInMinutes": _minutes(self.after)}
        if self.allowed_range is not None:
            least, most = map(_minutes, self.allowed_range)
            settings |= {"MinIdleTimeoutInMinutes": least, "MaxIdleTimeoutInMinutes": most}
        return settings

    def space_idle_settings(self) -> Json | None:
        """Return `IdleSettings` of one space: only where people may choose, the service takes any at all."""
        if self.is_watcher or self.allowed_range is None:
            return None
        return {"IdleTimeoutInMinutes": _minutes(self.after)}

    def policy_statements(
        self,
        scope: IConstruct,
        *,
        user_name: str = THE_PERSON,
        domain_id: str = "*",
        apps: Sequence[StudioApp] = CURRENT_APPS,
    ) -> list[iam.PolicyStatement]:
        """Return what a person's role needs so that their apps can stop themselves; the guard needs nothing.

        Args:
            scope: A construct of the stack in whose account and region the apps run.
            user_name: Whose role it is. Defaults to what the role's tag `studio:user` says, so that one
                policy serves everybody.
            domain_id: The domain of the apps. Defaults to any.
            apps: The apps that people run. Defaults to JupyterLab and Code Editor.

        """
        stack = cdk.Stack.of(scope)

        def arn(resource: str, name: str) -> str:
            name = f"{domain_id}/{name}"
            return stack.format_arn(service="sagemaker", resource=resource, resource_name=name)

        statements = []
        if self.is_watcher and any(app in CURRENT_APPS for app in apps):
            statements.append(
                iam.PolicyStatement(
                    sid="StopMyIdleApps",
                    actions=["sagemaker:DeleteApp"],
                    resources=[arn("app", "*")],
                    conditions={
                        "ArnLike": {"sagemaker:OwnerUserProfileArn": arn("user-profile", user_name)},
                        "StringEquals": {"sagemaker:SpaceSharingType": "Private"},
                    },
                )
            )
        if self.engine != IdleEngine.NATIVE and StudioApp.KERNEL_GATEWAY in apps:
            # Apps of Studio Classic have no space: they belong to the profile in their ARN.
            statements.append(
                iam.PolicyStatement(
                    sid="StopMyIdleKernels",
                    actions=["sagemaker:DeleteApp"],
                    resources=[arn("app", f"{user_name}/{StudioApp.KERNEL_GATEWAY}/*")],
                )
            )
        if self.by_instance_type:
            statements.append(
                iam.PolicyStatement(
                    sid="SeeInstanceTypes", actions=["sagemaker:DescribeApp"], resources=[arn("app", "*")]
                )
            )
        return statements

    def _settings(self, app: StudioApp, keeper: str) -> str:
        """Say what the program in the app has to know, in seconds."""
        # People may have chosen the longest: before that, the guard must not think that Studio failed.
        limit = self.after if self.allowed_range is None or keeper == "watcher" else self.allowed_range[1]
        return json.dumps(
            {
                "engine": keeper,
                "app": str(app),
                "limit": limit.to_seconds(),
                "limits": {kind: own.to_seconds() for kind, own in sorted(self.by_instance_type.items())},
                "busy_cap": self.busy_cap.to_seconds() if self.busy_cap is not None else None,
                "hold_cap": self.hold_cap.to_seconds(),
                "terminal_jobs": self.terminal_jobs,
                **({"longer": self._longer_seconds} if self._longer_seconds else {}),
            },
            separators=(",", ":"),
        )

    @property
    def _longer_seconds(self) -> float:
        """By how much the limit is longer than the one that Studio keeps."""
        return 0 if self.studio_limit is None else self.after.to_seconds() - self.studio_limit.to_seconds()

    def _check_studio_limit(self) -> None:
        if self.studio_limit is None:
            return
        if self.engine != IdleEngine.NATIVE_WITH_GUARD:
            raise InvalidInput(
                "IdleStudioLimit",
                f"studio_limit needs engine 'native_with_guard': with {str(self.engine)!r} no guard makes up "
                "the difference",
            )
        if self._longer_seconds < 0:
            raise InvalidInput(
                "IdleStudioLimit",
                f"after must be at least studio_limit, {_minutes(self.studio_limit)} minutes, which a guard "
                f"can only make longer, got {_minutes(self.after)}",
            )

    def _check_limit(self, name: str, limit: cdk.Duration) -> None:
        least, most = minutes_allowed(str(self.engine))
        minutes = limit.to_minutes(integral=False)
        if minutes != int(minutes) or not least <= minutes <= most:
            raise InvalidInput(
                "IdleMinutes",
                f"{name} must be {least} to {most:,} whole minutes with engine {str(self.engine)!r}, "
                f"got {minutes:g}" + ("" if self.is_watcher else "; for less, use engine 'watcher'"),
            )

    def _check_range(self) -> None:
        if self.allowed_range is None:
            return
        if self.is_watcher:
            raise InvalidInput(
                "IdleRange", "allowed_range needs Studio's own idle shutdown; take it out, or change engine"
            )
        for limit in self.allowed_range:
            self._check_limit("allowed_range", limit)
        least, most = map(_minutes, self.allowed_range)
        if not least <= _minutes(self.after) <= most:
            raise InvalidInput(
                "IdleRange",
                f"after must lie in allowed_range, {least} to {most} minutes, got {_minutes(self.after)}",
            )

    def _check_types(self) -> None:
        if self.by_instance_type and not self.is_watcher:
            raise InvalidInput(
                "IdleInstanceTypes",
                f"by_instance_type needs engine 'watcher': {str(self.engine)!r} has one limit for all types",
            )
        for kind, limit in self.by_instance_type.items():
            if not is_instance_family(kind):
                raise InvalidInput(
                    "IdleInstanceTypes",
                    f"by_instance_type takes types (ml.g5.xlarge) and families (ml.g5), got {kind!r}",
                )
            self._check_limit(kind, limit)


def _minutes(duration: cdk.Duration) -> int:
    return int(duration.to_minutes())
