"""What is said to everybody who still uses Studio Classic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aws_cdk as cdk

if TYPE_CHECKING:
    from constructs import Construct

#: Part of the public contract: people acknowledge it by this name.
CLASSIC_WARNING: Final = "studio-infra:StudioDomain.classicApps"


def warn_about_classic(scope: Construct) -> None:
    """Warn once for the stack of `scope`: a domain and its four lifecycle configurations are still one fact."""
    cdk.Validations.of(cdk.Stack.of(scope)).add_warning(
        CLASSIC_WARNING,
        "JupyterServer and KernelGateway are Studio Classic: AWS creates no new apps of these kinds, they only keep "
        "running in domains that have them; use JupyterLab and CodeEditor for everybody else",
    )
