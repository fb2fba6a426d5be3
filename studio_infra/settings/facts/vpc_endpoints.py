"""Which AWS services a Studio network must reach privately: a table and the questions that are asked of it.

Sources: SageMaker developer guide, "Connect Studio in a VPC to external resources" (what Studio itself and
    jobs from
notebooks need) and each service's "interface VPC endpoints" page (names, whether a policy can be attached).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal

from studio_infra.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: SageMaker's words for how apps reach the world: ``AppNetworkAccessType`` of a domain.
NetworkMode = Literal["VpcOnly", "PublicInternetOnly"]
NETWORK_MODES: Final[tuple[NetworkMode, ...]] = ("VpcOnly", "PublicInternetOnly")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One VPC endpoint.

    Attributes:
        construct_id: Its id in the network; logical ids hang on it.
        name: What follows the region in the service's name, for example ``"sagemaker.api"``.
        owner: What stands before the region.
        gateway: A gateway endpoint is free and sits in route tables; the others are network interfaces.
        takes_policy: Whether the service accepts an endpoint policy.

    """

    construct_id: str
    name: str
    owner: str = "com.amazonaws"
    gateway: bool = False
    takes_policy: bool = True

    def service_name(self, region: str = "<region>") -> str:
        """Spell the full name, as ``aws ec2 describe-vpc-endpoint-services`` prints it."""
        return f"{self.owner}.{region}.{self.name}"


class Feature(StrEnum):
    """What people do in the network; each needs services that must then be reachable.

    Studio itself is no feature: it is always there.
    """

    BEDROCK = "bedrock"
    CODE_COMMIT = "code_commit"
    CONTAINERS = "containers"
    CUSTOMER_KEYS = "customer_keys"
    DATA_CATALOG = "data_catalog"
    FEATURE_STORE = "feature_store"
    FILE_SYSTEMS = "file_systems"
    JOBS = "jobs"
    LUSTRE = "lustre"
    METRICS = "metrics"
    MLFLOW = "mlflow"
    PACKAGES = "packages"
    PARAMETERS = "parameters"
    PROJECTS = "projects"
    REMOTE_IDE = "remote_ide"
    SECRETS = "secrets"


_S3: Final = Endpoint(construct_id="S3", name="s3", gateway=True)
_SSM: Final = Endpoint(construct_id="Ssm", name="ssm")

_STUDIO: Final = (
    Endpoint(construct_id="SageMakerApi", name="sagemaker.api"),
    Endpoint(construct_id="SageMakerRuntime", name="sagemaker.runtime"),
    # No endpoint policy is documented for the Studio UI: access is decided by the presigned URL.
    Endpoint(construct_id="SageMakerStudio", name="studio", owner="aws.sagemaker", takes_policy=False),
    _S3,
)

FEATURE_ENDPOINTS: Final[Mapping[Feature, tuple[Endpoint, ...]]] = {
    Feature.BEDROCK: (Endpoint(construct_id="BedrockRuntime", name="bedrock-runtime"),),
    Feature.CODE_COMMIT: (
        Endpoint(construct_id="CodeCommit", name="codecommit"),
        Endpoint(construct_id="GitCodeCommit", name="git-codecommit"),
    ),
    # Docker in Studio (local mode) and image tools; SageMaker itself pulls app and job images outside the
    # VPC.
    Feature.CONTAINERS: (
        Endpoint(construct_id="EcrApi", name="ecr.api"),
        Endpoint(construct_id="EcrDocker", name="ecr.dkr"),
    ),
    Feature.CUSTOMER_KEYS: (Endpoint(construct_id="Kms", name="kms"),),
    Feature.DATA_CATALOG: (
        Endpoint(construct_id="Athena", name="athena"),
        Endpoint(construct_id="Glue", name="glue"),
        Endpoint(construct_id="LakeFormation", name="lakeformation"),
    ),
    Feature.FEATURE_STORE: (
        Endpoint(construct_id="SageMakerFeatureStore", name="sagemaker.featurestore-runtime"),
    ),
    Feature.FILE_SYSTEMS: (Endpoint(construct_id="Efs", name="elasticfilesystem"),),
    # What the SageMaker SDK needs to start a remote job and to follow its log.
    Feature.JOBS: (Endpoint(construct_id="Sts", name="sts"), Endpoint(construct_id="Logs", name="logs")),
    Feature.LUSTRE: (Endpoint(construct_id="Fsx", name="fsx"),),
    Feature.METRICS: (Endpoint(construct_id="Monitoring", name="monitoring"),),
    Feature.MLFLOW: (Endpoint(construct_id="SageMakerMlflow", name="experiments", owner="aws.sagemaker"),),
    Feature.PACKAGES: (
        Endpoint(construct_id="CodeArtifactApi", name="codeartifact.api"),
        Endpoint(construct_id="CodeArtifactRepositories", name="codeartifact.repositories"),
    ),
    # Where the git set-up finds a person's identity and publishes the public half of their key.
    Feature.PARAMETERS: (_SSM,),
    Feature.PROJECTS: (Endpoint(construct_id="ServiceCatalog", name="servicecatalog"),),
    # https://docs.aws.amazon.com/sagemaker/latest/dg/remote-access-local-ide-setup-vpc-no-internet.html
    Feature.REMOTE_IDE: (
        _SSM,
        Endpoint(construct_id="SsmMessages", name="ssmmessages"),
        Endpoint(construct_id="Ec2Messages", name="ec2messages"),
    ),
    Feature.SECRETS: (Endpoint(construct_id="SecretsManager", name="secretsmanager"),),
}

#: What the library's own parts need: training from notebooks, a customer key, git over SSH.
DEFAULT_FEATURES: Final = frozenset({Feature.CUSTOMER_KEYS, Feature.JOBS, Feature.PARAMETERS})

# List prices of us-east-1 in USD; the other regions cost up to about twice as much.
_ENDPOINT_USD_PER_HOUR_AND_ZONE: Final = 0.01
_NAT_GATEWAY_USD_PER_HOUR: Final = 0.045

_FULL_NAME: Final = re.compile(
    r"(?:(?:cn\.)?com\.amazonaws|aws\.sagemaker)\.[a-z]{2}[a-z0-9-]*-[0-9]+\.(?P<name>.+)"
)


def required_endpoints(features: Iterable[Feature], network_mode: NetworkMode) -> tuple[Endpoint, ...]:
    """List what a VPC must offer, sorted by construct id.

    Args:
        features: What people do in it.
        network_mode: With ``"PublicInternetOnly"`` apps reach AWS through SageMaker's own network, whatever
            they do. What is left in the VPC are jobs and endpoints, and SageMaker's platform serves these
            outside the VPC with all but their data, which is in S3.

    Raises:
        InvalidInput: One of ``features`` is none.

    """
    wanted = {*_STUDIO}
    for feature in features:
        if feature not in FEATURE_ENDPOINTS:
            raise InvalidInput(
                "NetworkFeature", f"unknown feature {feature!r}, known are {', '.join(sorted(Feature))}"
            )
        wanted.update(FEATURE_ENDPOINTS[feature])
    if network_mode == "PublicInternetOnly":
        return (_S3,)
    return tuple(sorted(wanted, key=lambda endpoint: endpoint.construct_id))


def missing_endpoints(required: Iterable[Endpoint], existing: Iterable[str]) -> tuple[Endpoint, ...]:
    """Find out which of ``required`` are not among ``existing``.

    Args:
        required: What ``required_endpoints`` said.
        existing: Names of endpoints, short (``"sagemaker.api"``) or full
            (``"com.amazonaws.eu-west-1.sagemaker.api"``).

    Raises:
        InvalidInput: One of ``existing`` is no endpoint that this library knows: a slip of the pen would
            otherwise look like a missing endpoint of another name.

    """
    present = {known_endpoint(name) for name in existing}
    return tuple(endpoint for endpoint in required if endpoint.name not in present)


def network_usd_per_hour(endpoints: Iterable[Endpoint], *, zones: int, nat_gateways: int) -> float:
    """Estimate what the network costs while nobody uses it, by the list prices of us-east-1."""
    interfaces = sum(1 for endpoint in endpoints if not endpoint.gateway)
    return interfaces * zones * _ENDPOINT_USD_PER_HOUR_AND_ZONE + nat_gateways * _NAT_GATEWAY_USD_PER_HOUR


def known_endpoint(name: str) -> str:
    """The short name of an endpoint that this library knows, from its short or its full name.

    Raises:
        InvalidInput: It knows no endpoint of this name.

    """
    match = _FULL_NAME.fullmatch(name)
    short = match["name"] if match is not None else name
    if short not in KNOWN_ENDPOINTS:
        raise InvalidInput(
            "EndpointName",
            f"unknown endpoint {name!r}, known are {', '.join(sorted(KNOWN_ENDPOINTS))}, with or without "
            "what AWS writes before and including the region",
        )
    return short


#: Short names of all endpoints that some feature needs.
KNOWN_ENDPOINTS: Final = frozenset(
    endpoint.name for group in (_STUDIO, *FEATURE_ENDPOINTS.values()) for endpoint in group
)
