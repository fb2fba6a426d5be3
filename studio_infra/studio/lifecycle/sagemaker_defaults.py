"""The SageMaker SDK's defaults in every space: which script brings them, and where it finds them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from studio_infra.errors import InvalidInput
from studio_infra.studio.lifecycle.lifecycle_script import SHIPPED_SCRIPTS, LifecycleScript

_PATH: Final = re.compile(r"/(?!aws|ssm)[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+){0,10}", re.ASCII)
# What the shell does not read. No value has tabs, or a line that begins with '#'.
_UNREAD: Final = re.compile(r"(?m)^\t*#(?!!).*\n|^\n|^\t+")


@dataclass(frozen=True, slots=True, kw_only=True)
class SageMakerDefaults:
    """Brings the defaults of a person's team to the SageMaker SDK in their spaces.

    `TrainingEnvironment` writes a team's defaults into a parameter; the roster writes into a parameter of each person
    which team that is. Both are read after the app has started, and what was read last is there from the first moment
    of the next start.

    Args:
        people: Path of the people's parameters: `"/research/people"`.
        teams: Path of the teams' parameters: `"/research/teams"`.

    Raises:
        InvalidInput: A path that no parameter can have.

    """

    people: str
    teams: str

    def __post_init__(self) -> None:
        for option, path in (("people", self.people), ("teams", self.teams)):
            if _PATH.fullmatch(path) is None:
                raise InvalidInput(
                    "SageMakerDefaultsPath",
                    f"{option} is a parameter path like '/research/{option}', not below /aws or /ssm, got {path!r}",
                )

    def script(self) -> LifecycleScript:
        """The lifecycle script for JupyterLab and Code Editor."""
        script = LifecycleScript.from_file(
            SHIPPED_SCRIPTS / "sagemaker_defaults.sh", values={"PEOPLE": self.people, "TEAMS": self.teams}
        )
        return replace(script, text=_UNREAD.sub("", script.text))
