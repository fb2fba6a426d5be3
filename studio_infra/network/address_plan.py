"""How the addresses of a VPC are shared out, and for how many people they last."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from studio_infra.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable

#: More zones than three cost endpoints and bring Studio nothing: an app lives in one.
MAX_ZONES: Final = 3

#: Below /22 the endpoints of a zone would no longer fit; above /16 AWS makes no VPC.
PREFIXES: Final = (16, 22)

#: SageMaker: "We recommend between 2 and 4 IP addresses per user."
ADDRESSES_PER_PERSON: Final = (2, 4)

# Of every subnet AWS keeps five addresses, and the home file system takes one.
_RESERVED: Final = 5 + 1


@dataclass(frozen=True, slots=True)
class ZonePlan:
    """The subnets of one availability zone."""

    studio: str
    jobs: str
    public: str


@dataclass(frozen=True, slots=True)
class AddressPlan:
    """A VPC's addresses, with room for three zones from the first day.

    Each zone has a quarter for Studio; the last quarter is shared by jobs (a sixteenth of the VPC for each
    zone) and NAT gateways. A zone that is added later renumbers, and so replaces, no subnet of the others.

    Raises:
        InvalidInput: ``cidr`` is no private-sized IPv4 network between /16 and /22.

    """

    cidr: str

    def __post_init__(self) -> None:
        self._network()

    def zone(self, index: int) -> ZonePlan:
        """Share out the zone with this number, from 0 to 2."""
        network = self._network()
        quarters = list(network.subnets(prefixlen_diff=2))
        *jobs, rest = quarters[MAX_ZONES].subnets(prefixlen_diff=2)
        public = list(rest.subnets(prefixlen_diff=2))
        return ZonePlan(studio=str(quarters[index]), jobs=str(jobs[index]), public=str(public[index]))

    def _network(self) -> ipaddress.IPv4Network:
        lowest, highest = PREFIXES
        try:
            network = ipaddress.IPv4Network(self.cidr)
        except ValueError as error:
            raise InvalidInput(
                "Cidr", f"cidr must be an IPv4 network like 10.0.0.0/16, got {self.cidr!r}: {error}"
            ) from None
        if not lowest <= network.prefixlen <= highest:
            raise InvalidInput(
                "Cidr",
                f"cidr must be between /{lowest} and /{highest} in size, got {self.cidr!r}: "
                "choose another, or bring a VPC of your own",
            )
        return network


def capacity(cidrs: Iterable[str]) -> int:
    """Count the addresses that are left for people's apps in subnets of these networks."""
    return sum(max(0, ipaddress.IPv4Network(cidr).num_addresses - _RESERVED) for cidr in cidrs)
