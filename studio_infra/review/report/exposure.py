"""What is reachable from where, and what is encrypted with whose key."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from studio_infra.review.replacement.resolver import Reference
from studio_infra.review.report.section import Section, Table
from studio_infra.review.report.text import as_list, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from studio_infra.review.replacement.resolver import Address
    from studio_infra.review.replacement.resources import Resource
    from studio_infra.review.report.section import Cell

    Resources = Mapping[Address, Resource]

_EVERYBODY: Final = frozenset({"0.0.0.0/0", "::/0"})
_PEERS: Final = (
    *("CidrIp", "CidrIpv6", "SourceSecurityGroupId", "DestinationSecurityGroupId"),
    *("SourcePrefixListId", "DestinationPrefixListId"),
)
#: Type → where its key stands. Where nothing stands there, AWS's own key is used.
_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "AWS::DynamoDB::Table": ("SSESpecification", "KMSMasterKeyId"),
    "AWS::ECR::Repository": ("EncryptionConfiguration", "KmsKey"),
    "AWS::EFS::FileSystem": ("KmsKeyId",),
    "AWS::FSx::FileSystem": ("KmsKeyId",),
    "AWS::Lambda::Function": ("KmsKeyArn",),
    "AWS::Logs::LogGroup": ("KmsKeyId",),
    "AWS::S3::Bucket": ("BucketEncryption", "ServerSideEncryptionConfiguration"),
    "AWS::SNS::Topic": ("KmsMasterKeyId",),
    "AWS::SQS::Queue": ("KmsMasterKeyId",),
    "AWS::SageMaker::Domain": ("KmsKeyId",),
    "AWS::SageMaker::EndpointConfig": ("KmsKeyId",),
    "AWS::SageMaker::NotebookInstance": ("KmsKeyId",),
    "AWS::SecretsManager::Secret": ("KmsKeyId",),
    "AWS::Backup::BackupVault": ("EncryptionKeyArn",),
}
NOT_ENCRYPTED: Final = "none: not encrypted"
#: Without a key of their own these are not encrypted at all; file systems may say so nevertheless.
_PLAIN: Final = {"AWS::EFS::FileSystem": "Encrypted", "AWS::SNS::Topic": None}


def network(resources: Resources) -> Section:
    """Network exposure."""
    lines = []
    for address, one in resources.items():
        if one.type == "AWS::SageMaker::Domain":
            mode = words(one.properties.get("AppNetworkAccessType", "PublicInternetOnly"))
            lines.append(f"Apps of {words(address.logical_id)}: {mode}.")
    counted = {
        "internet gateways": "AWS::EC2::InternetGateway",
        "NAT gateways": "AWS::EC2::NatGateway",
        "VPC endpoints": "AWS::EC2::VPCEndpoint",
        "function URLs": "AWS::Lambda::Url",
        "load balancers": "AWS::ElasticLoadBalancingV2::LoadBalancer",
    }
    numbers = {name: sum(one.type == kind for one in resources.values()) for name, kind in counted.items()}
    lines.append(", ".join(f"{number} {name}" for name, number in numbers.items()) + ".")
    rows = tuple(_rules(resources))
    world = sum("from the whole internet" in row[-1] for row in rows)
    # What a reviewer has to know in any case is what comes first.
    lines.insert(0 if world else len(lines), f"{world} rules let the whole internet in.")
    header = ("group", "direction", "protocol and ports", "peer", "so that")
    table = Table(caption="Rules of security groups", header=header, rows=rows)
    return Section(
        name="network", title="Network exposure", lines=tuple(lines), tables=(table,) if rows else ()
    )


def encryption(resources: Resources) -> Section:
    """What is encrypted, and with whose key."""
    alike: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for address, one in resources.items():
        if one.type in _KEYS:
            alike[one.type, _key(one)].append(words(address.logical_id))
    rows = tuple(((words(kind),), tuple(names), (key,)) for (kind, key), names in sorted(alike.items()))
    own = [
        f"{words(address.logical_id)}: rotation {_switch(one.properties.get('EnableKeyRotation'))}."
        for address, one in resources.items()
        if one.type == "AWS::KMS::Key"
    ]
    plain = sum(len(names) for _, names, (key,) in rows if key == NOT_ENCRYPTED)
    lines = [f"{plain} resources are not encrypted.", *own] if plain else own
    table = Table(caption="Keys", header=("type", "resources", "key"), rows=rows)
    return Section(name="encryption", title="Encryption", lines=tuple(lines), tables=(table,) if rows else ())


def _switch(value: Any) -> str:
    said = "false" if value is None else words(value)
    return {"true": "on", "false": "off"}.get(said.lower(), said)


def _key(one: Resource) -> str:
    value: Any = one.properties
    for name in _KEYS[one.type]:
        value = value.get(name) if isinstance(value, dict) else None
    if isinstance(value, list):  # the rules of a bucket
        rule = value[0] if value and isinstance(value[0], dict) else {}
        default = rule.get("ServerSideEncryptionByDefault") or {}
        default = default if isinstance(default, dict) else {}
        return words(
            default.get("KMSMasterKeyID", f"AWS's own ({words(default.get('SSEAlgorithm', 'AES256'))})")
        )
    if value is not None:
        return words(value)
    switch = _PLAIN.get(one.type)
    encrypted = one.type not in _PLAIN or (
        switch is not None and _switch(one.properties.get(switch)) != "off"
    )
    return "AWS's own" if encrypted else NOT_ENCRYPTED


def _rules(resources: Resources) -> Iterator[tuple[Cell, ...]]:
    for address, one in resources.items():
        if one.type == "AWS::EC2::SecurityGroup":
            for direction in ("Ingress", "Egress"):
                for rule in as_list(one.properties.get(f"SecurityGroup{direction}")):
                    if isinstance(rule, dict):
                        yield _rule(address.logical_id, direction, rule)
        elif one.type in {"AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"}:
            group = one.properties.get("GroupId")
            name = group.to.logical_id if isinstance(group, Reference) else words(group)
            yield _rule(name, one.type.removeprefix("AWS::EC2::SecurityGroup"), one.properties)


def _rule(group: str, direction: str, rule: Mapping[str, Any]) -> tuple[Cell, ...]:
    peer = next((words(rule[key]) for key in _PEERS if rule.get(key) is not None), "unknown")
    protocol = words(rule.get("IpProtocol", "unknown"))
    ports = words(rule.get("FromPort", "all")), words(rule.get("ToPort", "all"))
    where = ports[0] if ports[0] == ports[1] else "-".join(ports)
    text = "everything" if protocol == "-1" else f"{protocol} {where}"
    why = [words(rule["Description"])] if rule.get("Description") is not None else []
    if peer in _EVERYBODY and direction == "Ingress":
        why.append("from the whole internet")
    return (words(group),), ("in" if direction == "Ingress" else "out",), (text,), (peer,), tuple(why)
