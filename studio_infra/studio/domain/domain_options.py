"""What a domain has for all its apps: Docker, RStudio, identities, addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk

from studio_infra.errors import InvalidInput
from studio_infra.settings.facts.limits import is_account

if TYPE_CHECKING:
    from studio_infra.studio.domain.apps import Json

_ACCOUNTS_MAX: Final = 20
_URL: Final = re.compile(r"https://\S{3,1000}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class DockerAccess:
    """Docker in people's spaces, for local mode and for building images.

    What runs in a container runs with the rights of the person's role.
    https://docs.aws.amazon.com/sagemaker/latest/dg/studio-updated-local.html

    Args:
        trusted_accounts: In a domain that is in the VPC only, accounts from whose registries images may be pulled
            besides AWS's own; at most 20. Defaults to none.

    Raises:
        InvalidInput: More accounts, or what is no account number.

    """

    trusted_accounts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        wrong = [a for a in self.trusted_accounts if not cdk.Token.is_unresolved(a) and not is_account(a)]
        if wrong or len(self.trusted_accounts) > _ACCOUNTS_MAX:
            raise InvalidInput(
                "DockerAccounts",
                f"trusted_accounts must be at most {_ACCOUNTS_MAX} account numbers of 12 digits, got "
                f"{wrong[0] if wrong else len(self.trusted_accounts)!r}",
            )

    def as_json(self) -> Json:
        """`DockerSettings` of CloudFormation."""
        accounts = {"VpcOnlyTrustedAccounts": list(self.trusted_accounts)} if self.trusted_accounts else {}
        return {"EnableDockerAccess": "ENABLED", **accounts}


@dataclass(frozen=True, slots=True, kw_only=True)
class RStudioServer:
    """RStudio for a domain. It needs a licence in AWS License Manager, and cannot be added to a domain later.

    https://docs.aws.amazon.com/sagemaker/latest/dg/rstudio-create-cli.html

    Args:
        execution_role_arn: What RStudio's server runs as.
        connect_url: RStudio Connect of the company. Defaults to none.
        package_manager_url: RStudio Package Manager of the company. Defaults to none.
        instance_type: What the server runs on. Changing it replaces the domain. Defaults to the service's own, which is
            free.

    Raises:
        InvalidInput: An address that is not https.

    """

    execution_role_arn: str
    connect_url: str | None = None
    package_manager_url: str | None = None
    instance_type: str | None = None

    def __post_init__(self) -> None:
        for name, url in (
            ("connect_url", self.connect_url),
            ("package_manager_url", self.package_manager_url),
        ):
            if url is not None and not cdk.Token.is_unresolved(url) and _URL.fullmatch(url) is None:
                raise InvalidInput("RStudioUrl", f"{name} must begin with https://, got {url!r}")

    def as_json(self) -> Json:
        """`RStudioServerProDomainSettings` of CloudFormation."""
        settings: Json = {"DomainExecutionRoleArn": self.execution_role_arn}
        if self.connect_url is not None:
            settings["RStudioConnectUrl"] = self.connect_url
        if self.package_manager_url is not None:
            settings["RStudioPackageManagerUrl"] = self.package_manager_url
        if self.instance_type is not None:
            settings["DefaultResourceSpec"] = {"InstanceType": self.instance_type}
        return settings


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainOptions:
    """What a domain has for all its apps; everything left out is off.

    Args:
        docker: Docker in people's spaces.
        rstudio: RStudio Server.
        rstudio_security_group_ids: With RStudio in a domain that is in the VPC only, the groups through which its
            server and people's sessions talk; at most 3. Left out, SageMaker makes and keeps them.
        dual_stack: Whether apps speak IPv6 besides IPv4: the subnets must have addresses of both.
        propagate_user_identity: Whether calls with a shared execution role carry the person's name as source identity.
            The role must allow `sts:SetSourceIdentity`. Changing it needs all apps stopped.

    """

    docker: DockerAccess | None = None
    rstudio: RStudioServer | None = None
    rstudio_security_group_ids: tuple[str, ...] = ()
    dual_stack: bool = False
    propagate_user_identity: bool = False

    def as_json(self) -> Json:
        """`DomainSettings` of CloudFormation; empty when everything is off."""
        settings: Json = {}
        if self.propagate_user_identity:
            settings["ExecutionRoleIdentityConfig"] = "USER_PROFILE_NAME"
        if self.dual_stack:
            settings["IpAddressType"] = "DUALSTACK"
        if self.docker is not None:
            settings["DockerSettings"] = self.docker.as_json()
        if self.rstudio is not None:
            settings["RStudioServerProDomainSettings"] = self.rstudio.as_json()
        if self.rstudio_security_group_ids:
            settings["SecurityGroupIds"] = list(self.rstudio_security_group_ids)
        return settings

    @property
    def security_group_management(self) -> str | None:
        """`AppSecurityGroupManagement` of CloudFormation: asked for with RStudio only."""
        if self.rstudio is None:
            return None
        return "Customer" if self.rstudio_security_group_ids else "Service"
