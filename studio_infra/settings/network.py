"""The network: what people reach from it, what it is made of, or what the VPC brought along offers."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Annotated, Final, Literal, get_args

from annotated_types import MaxLen
from pydantic import AfterValidator

from studio_infra.errors import InvalidInput
from studio_infra.settings import limits
from studio_infra.settings.base import Many, Section
from studio_infra.settings.findings import Problem, did_you_mean, repeated
from studio_infra.settings.texts import Account, PrefixListId, RouteTableId, SubnetId, refuse
from studio_infra.settings.vpc_endpoints import (
    DEFAULT_FEATURES,
    KNOWN_ENDPOINTS,
    Feature,
    known_endpoint,
    missing_endpoints,
    required_endpoints,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio_infra.settings.consistency import Draft
    from studio_infra.settings.studio_settings import SettingsFile

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

    def checks(self) -> tuple[Iterator[Problem], ...]:
        """Things named twice."""
        return tuple(
            self._repeated(name)
            for name in ("features", "existing_endpoints", "trusted_accounts", "job_subnet_ids")
        )

    def _repeated(self, name: str) -> Iterator[Problem]:
        yield from repeated(getattr(self, name) or (), (name,))


#: What says something about a VPC that is made, and what about one that is brought along.
_OF_A_NEW_VPC: Final = ("cidr", "dual_stack", "flow_logs")
_OF_AN_OLD_VPC: Final = (
    "existing_endpoints",
    "create_endpoints",
    "route_table_ids",
    "vpc_cidr",
    "subnet_cidrs",
    "job_subnet_ids",
)


def features_in_use(settings: SettingsFile) -> frozenset[Feature]:
    """What people do in the network: what `[network]` names, and what other sections cannot do without."""
    return _features(settings.network, settings.git, settings.domain, settings.people)


def network_contradictions(draft: Draft) -> Iterator[Problem]:
    """What `[network]` says of the wrong kind of VPC, and endpoints that one brought along lacks."""
    network, domain = draft.network, draft.domain
    if not isinstance(network, NetworkSettings) or domain is None or not hasattr(domain, "vpc_id"):
        return
    wrong = _OF_A_NEW_VPC if domain.vpc_id is not None else _OF_AN_OLD_VPC
    kind = "is for a VPC that is made here" if domain.vpc_id is not None else "is for a VPC brought along"
    way = (
        "leave it out, or leave out domain.vpc_id"
        if domain.vpc_id is not None
        else "name it in domain.vpc_id"
    )
    for name in wrong:
        if name in network.model_fields_set and hasattr(network, name):
            yield Problem(("network", name), kind, way, getattr(network, name))
    if domain.vpc_id is not None:
        yield from _sizes(network, getattr(domain, "subnet_ids", ()))
        yield from _lacking(draft, network, getattr(domain, "network", None))
        yield from _routes(network, getattr(domain, "subnet_ids", ()))


def _sizes(network: NetworkSettings, subnet_ids: tuple[str, ...]) -> Iterator[Problem]:
    cidrs = getattr(network, "subnet_cidrs", ())
    if cidrs and len(cidrs) != len(subnet_ids):
        yield Problem(
            ("network", "subnet_cidrs"),
            f"{len(cidrs)} for {len(subnet_ids)} subnets",
            "give one for each of domain.subnet_ids, in the same order",
        )
    if getattr(network, "s3_prefix_list", None) is not None and getattr(network, "vpc_cidr", None) is None:
        yield Problem(
            ("network", "s3_prefix_list"),
            "HTTPS would not lead to the endpoints that the VPC has",
            "give the VPC's addresses in vpc_cidr",
        )


def _routes(network: NetworkSettings, subnet_ids: tuple[str, ...]) -> Iterator[Problem]:
    tables, jobs = getattr(network, "route_table_ids", None), getattr(network, "job_subnet_ids", None)
    if tables is None or jobs is None:
        return
    subnets = len(subnet_ids) + len(jobs)
    existing = getattr(network, "existing_endpoints", None) or ()
    makes_gateway = getattr(network, "create_endpoints", False) and "s3" not in existing
    if makes_gateway and not tables:
        yield Problem(
            ("network", "create_endpoints"),
            "the gateway endpoint of S3 needs route tables that lead to it",
            'name them in route_table_ids, or name "s3" in existing_endpoints if the VPC has it',
        )
    elif tables and len(tables) != subnets:
        yield Problem(
            ("network", "route_table_ids"),
            f"{len(tables)} for {subnets} subnets",
            "give one for each of domain.subnet_ids, then one for each of job_subnet_ids",
        )


def _lacking(draft: Draft, network: NetworkSettings, mode: object) -> Iterator[Problem]:
    existing = getattr(network, "existing_endpoints", None)
    if existing is None or mode != "VpcOnly" or getattr(network, "create_endpoints", True):
        return
    features = _features(network, draft.git, draft.domain, draft.people)
    missing = missing_endpoints(required_endpoints(features, mode), existing)
    if missing:
        region = getattr(draft.aws, "region", None)
        names = ", ".join(one.service_name(region) if region else one.service_name() for one in missing)
        yield Problem(
            ("network", "existing_endpoints"),
            f"the VPC lacks {names}",
            "make them there and name them here, or let create_endpoints be true",
        )


def _features(network: NetworkSettings, git: object, domain: object, people: object) -> frozenset[Feature]:
    found = {*DEFAULT_FEATURES, *(Feature(name) for name in getattr(network, "features", ()))}
    if getattr(git, "key_store", None) == "secret":
        found.add(Feature.SECRETS)
    if getattr(git, "codecommit", ()):
        found.add(Feature.CODE_COMMIT)
    if getattr(domain, "docker", False):
        found.add(Feature.CONTAINERS)
    if getattr(people, "remote_access", False):
        found.add(Feature.REMOTE_IDE)
    return frozenset(found)
