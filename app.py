"""Settings in, stacks out."""

from __future__ import annotations

import sys

import aws_cdk as cdk

from studio_infra.errors import InvalidInput
from studio_infra.settings import load_settings
from studio_infra.stacks import add_stacks


def main() -> None:
    """Synthesize the stacks of the settings file named by the context key `settings`."""
    app = cdk.App()
    try:
        add_stacks(app, load_settings(app.node.get_context("settings")))
    except InvalidInput as error:
        sys.exit(str(error))
    app.synth()


if __name__ == "__main__":
    main()
