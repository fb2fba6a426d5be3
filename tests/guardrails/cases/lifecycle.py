"""Cases of the rules about lifecycle configurations and names."""

from __future__ import annotations

import base64
from typing import Any

from tests.guardrails.cases.parts import (
    CHOICE,
    GET,
    REF,
    Cases,
    Json,
    domain,
    profile,
    resource,
    with_settings,
    with_space_settings,
    with_user_settings,
)


def _config(**properties: Any) -> Json:
    return resource(
        "SageMaker::StudioLifecycleConfig",
        **{f"StudioLifecycleConfig{name}": value for name, value in properties.items()},
    )


def _script(text: str) -> Json:
    return _config(Content=base64.b64encode(text.encode()).decode())


def _other(**properties: Any) -> Json:
    """A resource of another type with the same properties."""
    return {
        "Type": "Custom::Other",
        "Properties": {f"StudioLifecycleConfig{name}": value for name, value in properties.items()},
    }


def _app(default: Any = None, *listed: Any) -> Json:
    settings: Json = {"LifecycleConfigArns": list(listed)} if listed else {}
    return (
        settings if default is None else {**settings, "DefaultResourceSpec": {"LifecycleConfigArn": default}}
    )


def _everywhere(settings: Json, prefix: str) -> Json:
    return {
        f"{prefix}Lab": with_settings(JupyterLabAppSettings=settings),
        f"{prefix}Editor": with_settings(CodeEditorAppSettings=settings),
        f"{prefix}Shared": with_space_settings(JupyterLabAppSettings=settings),
        f"{prefix}OneLab": with_user_settings(JupyterLabAppSettings=settings),
        f"{prefix}OneEditor": with_user_settings(CodeEditorAppSettings=settings),
    }


_ONE, _TWO = {"Fn::GetAtt": ["One", "Arn"]}, {"Fn::GetAtt": ["Two", "Arn"]}
_FULL, _LONG = "#!/bin/sh\n" + "a" * 12278, "#!/bin/sh\n" + "a" * 12279


def _named(name: Any, prefix: str = "") -> Json:
    return {
        f"{prefix}Domain": domain(DomainName=name),
        f"{prefix}Profile": profile(UserProfileName=name),
        f"{prefix}Space": resource("SageMaker::Space", SpaceName=name),
        f"{prefix}Config": _config(Name=name),
    }


CASES = {
    "STUDIO_LIFECYCLE_NAME_HASHED": Cases(
        passes={
            "eight digits of a hash": {"L": _config(Name="git-ssh-jupyterlab-794156d8")},
            "a whole hash": {"L": _config(Name="git-" + "0af9" * 10)},
            "another resource": {"O": _other(Name="git")},
        },
        fails={
            "a plain name": {"Bad": _config(Name="git"), "Good": _config(Name="git-794156d8")},
            "a number of seven digits": {"Bad": _config(Name="git-7941560")},
            "a hash in the middle": {"Bad": _config(Name="git-794156d8-lab")},
        },
        tokens={
            "the name is a parameter": {"L": _config(Name=REF)},
            "the name is joined": {"L": _config(Name={"Fn::Join": ["-", ["git", REF]]})},
        },
    ),
    "STUDIO_LIFECYCLE_CONTENT": Cases(
        passes={
            "a script": {"L": _script("#!/bin/sh\necho")},
            "a script with one padding character": {"L": _script("#!/bin/sh\nec")},
            "a script with two": {"L": _script("#!/bin/sh\ne")},
            "another resource": {"O": _other(Content="plain text")},
        },
        fails={
            "plain text": {"Bad": _config(Content="#!/bin/sh"), "Good": _script("#!/bin/sh\n")},
            "plain letters that are no base64": {"Bad": _config(Content="echos")},
            "base64 with text before it": {"Bad": _config(Content="?IyEvYmluL3No")},
            "base64 with text after it": {"Bad": _config(Content="IyEvYmluL3No?")},
        },
        tokens={
            "the script is a parameter": {"L": _config(Content=REF)},
            "the script is encoded by CloudFormation": {"L": _config(Content={"Fn::Base64": "#!/bin/sh"})},
        },
    ),
    "STUDIO_LIFECYCLE_SIZE": Cases(
        passes={
            "the longest script": {"L": _script(_FULL)},
            "another resource": {"O": _other(Content="a" * 16385)},
        },
        fails={
            "one byte too many": {"Bad": _script(_LONG), "Good": _script(_FULL)},
            "one character too many": {"Bad": _config(Content="a" * 16385)},
            "twice as much": {"Bad": _script(_FULL * 2)},
        },
        tokens={
            "the script is a parameter": {"L": _config(Content=REF)},
            "the script is encoded by CloudFormation": {"L": _config(Content={"Fn::Base64": "a" * 16385})},
        },
    ),
    "STUDIO_LIFECYCLE_SHEBANG": Cases(
        passes={
            "a shebang": {"L": _script("#!/bin/bash\n")},
            "another resource": {"O": _other(Content="ZWNobw==")},
        },
        fails={
            "no shebang": {"Bad": _script("echo"), "Good": _script("#!/bin/sh\n")},
            "a blank line before it": {"Bad": _script("\n#!/bin/sh\n")},
            "the same letters further on": {"Bad": _config(Content="ZWNoIyEv")},
        },
        tokens={
            "the script is a parameter": {"L": _config(Content=REF)},
            "the script is encoded by CloudFormation": {"L": _config(Content={"Fn::Base64": "echo"})},
        },
    ),
    "STUDIO_LIFECYCLE_LINE_ENDINGS": Cases(
        passes={
            "LF": {"L": _script("#!/bin/sh\necho\n" + "".join(map(chr, range(14, 127))))},
            "every byte but CR at each place": {
                f"L{shift}": _script(
                    "x" * shift + "".join(f"{chr(code)}yz" for code in range(128) if code != 13)
                )
                for shift in range(3)
            },
            "another resource": {"O": _other(Content="DQ==")},
        },
        fails={
            f"CR LF at place {place} of three": {
                "Bad": _script("#!/bin/sh" + "x" * place + "\r\n"),
                "BadAlone": _script("x" * place + "\r~~"),
                "Good": _script("#!/bin/sh\n"),
            }
            for place in range(3)
        },
        tokens={
            "the script is a parameter": {"L": _config(Content=REF)},
            "the script is encoded by CloudFormation": {"L": _config(Content={"Fn::Base64": "a\r\n"})},
        },
    ),
    "STUDIO_LIFECYCLE_ATTACHED": Cases(
        passes={
            "in both places": _everywhere(_app("one", "two", "one"), ""),
            "in no place": _everywhere({"CodeRepositories": []}, ""),
            "an empty list": _everywhere({"LifecycleConfigArns": []}, ""),
            "a default instance type alone": _everywhere({"DefaultResourceSpec": {"InstanceType": "t"}}, ""),
            "nothing is said": {"D": with_settings(), "P": with_user_settings()},
            "other settings": {
                "D": with_settings(OtherAppSettings=_app("one")),
                "S": with_space_settings(CodeEditorAppSettings=_app("one")),
                "P": with_user_settings(OtherAppSettings=_app("one")),
            },
            "another resource": {
                "O": {
                    "Type": "Custom::Other",
                    "Properties": {
                        "DefaultUserSettings": {"JupyterLabAppSettings": _app("one")},
                        "UserSettings": {"JupyterLabAppSettings": _app("one")},
                    },
                }
            },
        },
        fails={
            "in the list alone": _everywhere(_app(None, "one"), "Bad"),
            "the default alone": _everywhere(_app("one"), "Bad"),
            "another one in the list": _everywhere(_app("one", "two"), "Bad"),
            "among good ones": {
                "Bad": with_settings(
                    JupyterLabAppSettings=_app("one", "one"), CodeEditorAppSettings=_app("one", "two")
                ),
                "Good": with_user_settings(JupyterLabAppSettings=_app("one", "one")),
            },
            "another resource in the list": _everywhere(_app(_ONE, _TWO), "Bad"),
        },
        tokens={
            "resources in both places": _everywhere(_app(_ONE, _TWO, _ONE), ""),
            "a parameter in both places": _everywhere(_app(REF, REF), ""),
            "a condition decides about all settings": {
                "D": domain(DefaultUserSettings=CHOICE, DefaultSpaceSettings=CHOICE),
                "P": profile(UserSettings=CHOICE),
            },
        },
    ),
    "STUDIO_NAMES": Cases(
        passes={
            "letters, digits, hyphens": _named("a-B--9"),
            "one letter": _named("a"),
            "63 letters": _named("a" * 63),
            "no names": {
                "D": domain(),
                "P": profile(),
                "S": resource("SageMaker::Space"),
                "L": _config(AppType="JupyterLab"),
            },
            "other resources": {
                "O": {
                    "Type": "Custom::Other",
                    "Properties": {
                        "DomainName": "a_b",
                        "UserProfileName": "a_b",
                        "SpaceName": "a_b",
                        "StudioLifecycleConfigName": "a_b",
                    },
                }
            },
        },
        fails={
            name: {**_named(name, "Bad"), **_named("good", "Good")}
            for name in ("", "a_b", "-a", "a-", "a b!;rm", "a_b/../c", "alice\n", "a" * 64, "é", "_", "a.b")
        },
        tokens={
            "names are parameters": _named(REF),
            "names are attributes": _named(GET),
            "conditions decide": _named(CHOICE),
        },
    ),
    "STUDIO_NO_CLASSIC_APPS": Cases(
        passes={
            "JupyterLab": {
                "D": with_settings(JupyterLabAppSettings={}),
                "P": with_user_settings(JupyterLabAppSettings={}),
                "L": _config(AppType="JupyterLab"),
                "A": resource("SageMaker::App", AppType="CodeEditor"),
            },
            "another resource": {
                "O": {
                    "Type": "Custom::Other",
                    "Properties": {
                        "AppType": "JupyterServer",
                        "StudioLifecycleConfigAppType": "JupyterServer",
                        "DefaultUserSettings": {"JupyterServerAppSettings": {}},
                        "UserSettings": {"JupyterServerAppSettings": {}},
                    },
                }
            },
        },
        fails={
            name: found
            for kind in ("JupyterServer", "KernelGateway")
            for name, found in {
                f"an app {kind}": {
                    "Bad": resource("SageMaker::App", AppType=kind),
                    "Good": resource("SageMaker::App", AppType="JupyterLab"),
                },
                f"a configuration for {kind}": {
                    "Bad": _config(AppType=kind),
                    "Good": _config(AppType="CodeEditor"),
                },
                f"settings of a domain for {kind}": {
                    "Bad": with_settings(**{f"{kind}AppSettings": {"LifecycleConfigArns": []}}),
                    "Good": with_settings(),
                },
                f"settings of a profile for {kind}": {
                    "Bad": with_user_settings(**{f"{kind}AppSettings": {"LifecycleConfigArns": []}}),
                    "Good": with_user_settings(),
                },
            }.items()
        },
        tokens={
            "a parameter decides": {
                "L": _config(AppType=REF),
                "A": resource("SageMaker::App", AppType=REF),
            },
            "a condition decides": {
                "D": domain(DefaultUserSettings=CHOICE),
                "P": profile(UserSettings=CHOICE),
                "L": _config(AppType=CHOICE),
            },
        },
    ),
}
