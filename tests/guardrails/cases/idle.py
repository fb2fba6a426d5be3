"""Cases of the rules about apps that nobody uses."""

from __future__ import annotations

from typing import Any

from tests.guardrails.cases.parts import (
    CHOICE,
    REF,
    Cases,
    Json,
    domain,
    other,
    profile,
    with_settings,
    with_space_settings,
    with_user_settings,
)


def _app(**settings: Any) -> Json:
    return {"AppLifecycleManagement": {"IdleSettings": settings}}


_ON = _app(LifecycleManagement="ENABLED")
_OFF = _app(LifecycleManagement="DISABLED")


def _of_app(app: str, other: str) -> Cases:
    key = f"{app}AppSettings"
    hidden = {"HiddenAppTypes": ["Canvas", app]}
    return Cases(
        passes={
            "it is on": {"D": with_settings(**{key: _ON})},
            "the app is hidden": {"D": with_settings(StudioWebPortalSettings=hidden)},
        },
        fails={
            "it is off": {"Bad": with_settings(**{key: _OFF}), "Good": with_settings(**{key: _ON})},
            "nothing is said": {"Bad": with_settings()},
            "only the limit is said": {"Bad": with_settings(**{key: _app(IdleTimeoutInMinutes=60)})},
            "another app is hidden": {
                "Bad": with_settings(StudioWebPortalSettings={"HiddenAppTypes": ["Canvas", other]})
            },
        },
        tokens={
            "a parameter decides": {"D": with_settings(**{key: _app(LifecycleManagement=REF)})},
            "a condition decides": {"D": with_settings(**{key: _app(LifecycleManagement=CHOICE)})},
            "a condition decides about all settings": {"D": domain(DefaultUserSettings=CHOICE)},
        },
    )


def _everywhere(settings: Json, prefix: str) -> Json:
    """The settings in each place that has them."""
    return {
        f"{prefix}Lab": with_settings(JupyterLabAppSettings=settings),
        f"{prefix}Editor": with_settings(CodeEditorAppSettings=settings),
        f"{prefix}Shared": with_space_settings(JupyterLabAppSettings=settings),
        f"{prefix}OneLab": with_user_settings(JupyterLabAppSettings=settings),
        f"{prefix}OneEditor": with_user_settings(CodeEditorAppSettings=settings),
    }


def _limits(value: Any) -> Json:
    return _app(IdleTimeoutInMinutes=value, MinIdleTimeoutInMinutes=value, MaxIdleTimeoutInMinutes=value)


CASES = {
    "STUDIO_IDLE_JUPYTERLAB": _of_app("JupyterLab", "CodeEditor"),
    "STUDIO_IDLE_CODE_EDITOR": _of_app("CodeEditor", "JupyterLab"),
    "STUDIO_IDLE_SHARED_SPACES": Cases(
        passes={
            "it is on": {"D": with_space_settings(JupyterLabAppSettings=_ON)},
            "there are no settings for shared spaces": {"D": with_settings()},
            "another resource": {"O": other(with_space_settings(JupyterLabAppSettings=_OFF))},
        },
        fails={
            "it is off": {
                "Bad": with_space_settings(JupyterLabAppSettings=_OFF),
                "Good": with_space_settings(JupyterLabAppSettings=_ON),
            },
            "nothing is said": {"Bad": with_space_settings(ExecutionRole="r")},
        },
        tokens={
            "a parameter decides": {
                "D": with_space_settings(JupyterLabAppSettings=_app(LifecycleManagement=REF))
            },
            "a condition decides about all settings": {
                "D": domain(DefaultUserSettings={}, DefaultSpaceSettings=CHOICE)
            },
        },
    ),
    "STUDIO_IDLE_PROFILES": Cases(
        passes={
            "profiles say nothing": {"P": with_user_settings(ExecutionRole="r")},
            "profiles say on": {
                "P": with_user_settings(JupyterLabAppSettings=_ON, CodeEditorAppSettings=_ON)
            },
            "another resource": {
                "O": other(with_user_settings(JupyterLabAppSettings=_OFF, CodeEditorAppSettings=_OFF))
            },
            "the domain says off, which another rule sees": {
                "D": with_settings(JupyterLabAppSettings=_OFF, CodeEditorAppSettings=_OFF)
            },
        },
        fails={
            "one profile switches it off for JupyterLab": {
                "Bad": with_user_settings(JupyterLabAppSettings=_OFF),
                "Good": with_user_settings(JupyterLabAppSettings=_ON),
            },
            "one profile switches it off for Code Editor": {
                "Bad": with_user_settings(CodeEditorAppSettings=_OFF),
                "Good": with_user_settings(CodeEditorAppSettings=_ON),
            },
        },
        tokens={
            "a parameter decides": {
                "P": with_user_settings(
                    JupyterLabAppSettings=_app(LifecycleManagement=REF),
                    CodeEditorAppSettings=_app(LifecycleManagement=REF),
                )
            },
            "a condition decides about all settings": {"P": profile(UserSettings=CHOICE)},
        },
    ),
    "STUDIO_IDLE_LIMITS": Cases(
        passes={
            "the shortest limits": _everywhere(_limits(60), ""),
            "the longest limits": _everywhere(_limits(525600), ""),
            "no limits": _everywhere(_ON, ""),
            "nothing is said": {"D": with_settings(), "P": with_user_settings()},
            "other settings have other words": {
                "D": with_settings(OtherAppSettings=_limits(1)),
                "P": with_user_settings(OtherAppSettings=_limits(1)),
            },
            "a range": _everywhere(_app(MinIdleTimeoutInMinutes=60, MaxIdleTimeoutInMinutes=480), ""),
            "half a range": _everywhere(_app(MinIdleTimeoutInMinutes=60), ""),
            "the other half": _everywhere(_app(MaxIdleTimeoutInMinutes=60), ""),
            "other resources have other limits": {
                "O": {
                    "Type": "Custom::Domain",
                    "Properties": {
                        "DefaultUserSettings": {"JupyterLabAppSettings": _limits(1)},
                        "UserSettings": {"JupyterLabAppSettings": _limits(1)},
                    },
                }
            },
        },
        fails={
            "a limit too short": _everywhere(_app(IdleTimeoutInMinutes=59), "Bad"),
            "a limit too long": _everywhere(_app(IdleTimeoutInMinutes=525601), "Bad"),
            "a shortest limit too short": _everywhere(_app(MinIdleTimeoutInMinutes=59), "Bad"),
            "a shortest limit too long": _everywhere(_app(MinIdleTimeoutInMinutes=525601), "Bad"),
            "a longest limit too short": _everywhere(_app(MaxIdleTimeoutInMinutes=59), "Bad"),
            "a longest limit too long": _everywhere(_app(MaxIdleTimeoutInMinutes=525601), "Bad"),
            "a range upside down": _everywhere(
                _app(MinIdleTimeoutInMinutes=481, MaxIdleTimeoutInMinutes=480), "Bad"
            ),
            "among good ones": {
                "Bad": with_settings(JupyterLabAppSettings=_limits(60), CodeEditorAppSettings=_limits(59)),
                "Good": with_user_settings(JupyterLabAppSettings=_limits(60)),
            },
        },
        tokens={
            "parameters decide": _everywhere(_limits(REF), ""),
            "conditions decide": _everywhere(_limits(CHOICE), ""),
            "half of the range is a parameter": _everywhere(
                _app(MinIdleTimeoutInMinutes=REF, MaxIdleTimeoutInMinutes=60), ""
            ),
            "the other half is one": _everywhere(
                _app(MinIdleTimeoutInMinutes=60, MaxIdleTimeoutInMinutes=REF), ""
            ),
            "a condition decides about all settings": {
                "D": domain(DefaultUserSettings=CHOICE, DefaultSpaceSettings=CHOICE),
                "P": profile(UserSettings=CHOICE),
            },
        },
    ),
}
