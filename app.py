"""Settings in, stacks out."""

from __future__ import annotations

import datetime as dt
import sys
from typing import Final

import aws_cdk as cdk

from studio_infra import StudioGuardrails
from studio_infra.errors import InvalidInput
from studio_infra.review.baseline import DataWouldBeLost, check_baseline
from studio_infra.settings import load_settings
from studio_infra.stacks import add_stacks

#: What the shell is told when data would be lost, as by `studio-infra diff`.
WOULD_LOSE_DATA: Final = 3


def _today(app: cdk.App) -> dt.date:
    """The day whose leavers have no access: the context key `today`, or the day it is in UTC."""
    given = app.node.try_get_context("today")
    try:
        return dt.datetime.now(tz=dt.UTC).date() if given is None else dt.date.fromisoformat(str(given))
    except ValueError:
        raise InvalidInput(
            "Today", f"context key today must be a date like 2027-03-31, got {given!r}"
        ) from None


def main() -> None:
    """Synthesize the stacks of the settings file named by the context key `settings`, as of the day `today`.

    The context key `baseline` says what must not get lost: `deployed`, what AWS has deployed; a folder of reviewed
    templates; or `deployed:FOLDER`, the folder where AWS cannot be asked. A loss ends with exit code 3.
    """
    app = cdk.App()
    cdk.Validations.of(app).add_plugins(StudioGuardrails())
    try:
        add_stacks(app, load_settings(app.node.get_context("settings")), today=_today(app))
        check_baseline(app.synth().directory, app.node.try_get_context("baseline"))
    except DataWouldBeLost as loss:
        sys.stderr.write(f"{loss}\n")
        sys.exit(WOULD_LOSE_DATA)
    except InvalidInput as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
