"""Ways out of a Studio network."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

from studio_infra.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable

HTTPS_PORT: Final = 443

_PREFIX_LIST: Final = re.compile(r"pl-[0-9a-f]{8,17}")
_PORTS: Final = range(1, 65536)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbound:
    """One way out.

    Attributes:
        peer: Where to.
        port: By which TCP port.
        why: For the reader of the rule.

    """

    peer: ec2.IPeer
    port: int
    why: str


def prefix_list(scope_of_use: str, prefix_list_id: str) -> ec2.IPeer:
    """Name the addresses that AWS keeps in a list.

    Raises:
        InvalidInput: ``prefix_list_id`` is no prefix list.

    """
    if not cdk.Token.is_unresolved(prefix_list_id) and not _PREFIX_LIST.fullmatch(prefix_list_id):
        raise InvalidInput(
            "PrefixList",
            f"{scope_of_use} must be the id of a prefix list like pl-6da54004, got {prefix_list_id!r}",
        )
    return ec2.Peer.prefix_list(prefix_list_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class GitEgress:
    """Where git hosts outside AWS may be reached.

    Attributes:
        ports: 22 for SSH, 443 for HTTPS and for SSH of hosts that offer it there. 443 to anywhere is also how
            pip and conda reach the internet.
        networks: IPv4 networks or prefix lists (``pl-…``). Defaults to anywhere, because public hosts change
            their addresses and security groups know no names.

    Raises:
        InvalidInput: A port or a network that EC2 would refuse.

    """

    ports: tuple[int, ...] = (22, HTTPS_PORT)
    networks: tuple[str, ...] = ("0.0.0.0/0",)

    def __post_init__(self) -> None:
        for port in self.ports:
            if not cdk.Token.is_unresolved(port) and port not in _PORTS:
                raise InvalidInput("GitPort", f"a port of git must be between 1 and 65535, got {port!r}")
        for network in self.networks:
            if not cdk.Token.is_unresolved(network) and not _is_network(network):
                raise InvalidInput(
                    "GitNetwork",
                    "a network of git must be an IPv4 network like 140.82.112.0/20 or the id of a prefix list"
                    f" like pl-6da54004, got {network!r}",
                )

    def outbound(self) -> list[Outbound]:
        """List the ways out."""
        return [
            Outbound(peer=_peer(network), port=port, why="git")
            for network in self.networks
            for port in self.ports
        ]


def _is_network(text: str) -> bool:
    if _PREFIX_LIST.fullmatch(text):
        return True
    try:
        ipaddress.IPv4Network(text)
    except ValueError:
        return False
    return "/" in text


def _peer(network: str) -> ec2.IPeer:
    if not cdk.Token.is_unresolved(network) and _PREFIX_LIST.fullmatch(network):
        return ec2.Peer.prefix_list(network)
    return ec2.Peer.ipv4(network)


def also_by_ipv6(ways: Iterable[Outbound]) -> list[Outbound]:
    """The same ways by IPv6, of those that lead anywhere: other networks are named by their own addresses."""
    anywhere = ec2.Peer.any_ipv4().unique_id
    return [replace(way, peer=ec2.Peer.any_ipv6()) for way in ways if way.peer.unique_id == anywhere]


#: Git over SSH and HTTPS, at any host.
GIT_ANYWHERE: Final = GitEgress()
