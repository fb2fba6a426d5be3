"""The network: what people reach from it, what it is made of, or what the VPC brought along offers."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Annotated, Final, Literal, get_args

from annotated_types import MaxLen
from pydantic import AfterValidator

from studio_infra.errors import InvalidInput
from studio_infra.settings.facts import limits
from studio_infra.settings.facts.vpc_endpoints import (
    KNOWN_ENDPOINTS,
    known_endpoint,
)
from studio_infra.settings.fields.aws_ids import (
    Account,
    PrefixListId,
    RouteTableId,
    SecurityGroupId,
    SubnetId,
)
from studio_infra.settings.fields.base import Many, Section
from studio_infra.settings.fields.rules import refuse
from studio_infra.settings.findings import Problem, did_you_mean, repeated

if TYPE_CHECKING:
    from collections.abc import Iterator


FeatureName = Literal[
    "bedrock",
    "code_commit",
    "containers",
    "customer_keys",
    "data_catalog",
    "feature_store",
    "file_systems",
    "jobs",
    "lustre",
    "metrics",
    "mlflow",
    "packages",
    "parameters",
    "projects",
    "remote_ide",
    "secrets",
]
FEATURE_NAMES: Final[tuple[str, ...]] = get_args(FeatureName)

#: The addresses of a VPC that is made, unless the settings say others.
DEFAULT_CIDR: Final = "10.0.0.0/16"
_VPC_PREFIXES: Final = (16, 22)
_TRUSTED_MAX: Final = 50


def _endpoint_name(text: str) -> str:
    try:
        return known_endpoint(text)
    except InvalidInput:
        hint = did_you_mean(text, KNOWN_ENDPOINTS)
        raise refuse("not an endpoint that Studio uses", f'write it like "sagemaker.api"{hint}') from None


def _network(text: str) -> ipaddress.IPv4Network:
    try:
        return ipaddress.IPv4Network(text)
    except ValueError:
        raise refuse("not an IPv4 network", 'write it like "10.0.0.0/16", its last bits zero') from None


def _vpc_cidr(text: str) -> str:
    least, most = _VPC_PREFIXES
    if not least <= _network(text).prefixlen <= most:
        raise refuse(
            f"not between /{least} and /{most} in size", "choose another, or bring a VPC of your own"
        )
    return text


def _cidr(text: str) -> str:
    _network(text)
    return text


EndpointName = Annotated[str, AfterValidator(_endpoint_name)]
Cidr = Annotated[str, AfterValidator(_cidr)]


class NetworkSettings(Section):
    """`[network]`: what must be reachable, what a VPC is made of, and what one brought along offers."""

    features: Many[FeatureName] = ()
    """What people use besides what the other sections show: each needs VPC endpoints.
    The how-to on networks lists them."""

    cidr: Annotated[str, AfterValidator(_vpc_cidr)] = DEFAULT_CIDR
    """Addresses of the VPC that is made, /16 to /22. Changing them replaces it."""

    dual_stack: bool = False
    """Whether the VPC that is made, and the domain in it, speak IPv6 too. Changing it later may replace subnets."""

    flow_logs: bool = True
    """Whether the VPC that is made logs who talks to whom."""

    s3_prefix_list: PrefixListId | None = None
    """Id of the region's prefix list of S3. Given, HTTPS leads to AWS and git hosts alone.
    Left out, it leads wherever a route does."""

    trusted_accounts: Annotated[Many[Account], MaxLen(_TRUSTED_MAX)] = ()
    """Other accounts whose roles people assume: the endpoints answer them too."""

    existing_endpoints: Many[EndpointName] | None = None
    """What `vpc_id` has endpoints for, like "sagemaker.api"; what Studio needs besides is an error, or made with
    `create_endpoints`. Left out, nobody checks, and a warning lists what must be there."""

    create_endpoints: bool = False
    """Whether endpoints that `vpc_id` lacks are made in it."""

    route_table_ids: Annotated[Many[RouteTableId], MaxLen(2 * limits.SUBNETS[1])] = ()
    """Route tables of `subnet_ids` and then of `job_subnet_ids`, in the same order: they lead to the gateway endpoint
    of S3. Needed when `create_endpoints` makes that one."""

    vpc_cidr: Cidr | None = None
    """Addresses of `vpc_id`: needed there together with `s3_prefix_list`."""

    subnet_cidrs: Annotated[Many[Cidr], MaxLen(limits.SUBNETS[1])] = ()
    """Addresses of `subnet_ids`, in the same order. Left out, nobody checks whether they last for all people."""

    job_subnet_ids: Annotated[Many[SubnetId], MaxLen(limits.SUBNETS[1])] = ()
    """Subnets of `vpc_id` for jobs and model containers. Left out, those of the apps."""

    studio_nfs_group: SecurityGroupId | None = None
    """Id of `security-group-for-inbound-nfs-<domain-id>`, which SageMaker makes with the domain: file systems in
    `[files]` wear it. CloudFormation cannot tell it, so it is known from the first deployment on. The how-to on shared
    files has the command that finds it."""

    def checks(self) -> tuple[Iterator[Problem], ...]:
        """Things named twice."""
        return tuple(
            self._repeated(name)
            for name in ("features", "existing_endpoints", "trusted_accounts", "job_subnet_ids")
        )

    def _repeated(self, name: str) -> Iterator[Problem]:
        yield from repeated(getattr(self, name) or (), (name,))
