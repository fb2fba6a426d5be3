"""How the addresses of a VPC are shared out."""

from __future__ import annotations

import ipaddress
import itertools

import pytest

from studio_infra.errors import InvalidInput
from studio_infra.network.address_plan import AddressPlan, capacity


@pytest.mark.parametrize("prefix", range(16, 23))
def test_subnets_of_three_zones_lie_within_the_vpc_and_never_overlap(prefix: int) -> None:
    vpc = ipaddress.ip_network(f"10.32.0.0/{prefix}")
    zones = [AddressPlan(str(vpc)).zone(number) for number in range(3)]
    subnets = [ipaddress.ip_network(cidr) for zone in zones for cidr in (zone.studio, zone.jobs, zone.public)]
    assert all(isinstance(subnet, ipaddress.IPv4Network) for subnet in subnets)
    assert all(subnet.subnet_of(vpc) for subnet in subnets)  # type: ignore[arg-type]
    assert not any(one.overlaps(other) for one, other in itertools.combinations(subnets, 2))
    # AWS makes no subnet smaller than /28.
    assert max(subnet.prefixlen for subnet in subnets) <= 28


@pytest.mark.parametrize("prefix", range(16, 23))
def test_job_subnets_hold_every_endpoint_there_is_and_jobs_besides(prefix: int) -> None:
    jobs = AddressPlan(f"10.32.0.0/{prefix}").zone(0).jobs
    assert capacity([jobs]) >= 2 * 23


def test_the_default_vpc_is_shared_out_in_round_numbers() -> None:
    plan = AddressPlan("10.0.0.0/16")
    assert [plan.zone(n).studio for n in range(3)] == ["10.0.0.0/18", "10.0.64.0/18", "10.0.128.0/18"]
    assert [plan.zone(n).jobs for n in range(3)] == ["10.0.192.0/20", "10.0.208.0/20", "10.0.224.0/20"]
    assert [plan.zone(n).public for n in range(3)] == ["10.0.240.0/22", "10.0.244.0/22", "10.0.248.0/22"]


@pytest.mark.parametrize(
    ("cidr", "message"),
    [
        ("10.0.0.0/15", r"between /16 and /22 in size, got '10\.0\.0\.0/15'"),
        ("10.0.0.0/23", r"between /16 and /22 in size"),
        ("10.0.0.1/16", r"got '10\.0\.0\.1/16'.*host bits"),
        ("fd00::/16", r"must be an IPv4 network"),
        ("10.0.0.0", r"between /16 and /22"),
        ("", r"must be an IPv4 network"),
        ("10.0.0.0/16\n", r"must be an IPv4 network"),
        ("\uff11\uff10.0.0.0/16", r"must be an IPv4 network"),
        ("010.0.0.0/16", r"must be an IPv4 network"),
    ],
)
def test_refuses_addresses_that_make_no_vpc_of_ours(cidr: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message) as caught:
        AddressPlan(cidr)
    assert caught.value.code == "Cidr"
    assert "\n" not in str(caught.value)


def test_what_aws_and_the_home_file_system_keep_is_not_counted() -> None:
    assert capacity(["10.0.0.0/24", "10.0.1.0/28"]) == (256 - 6) + (16 - 6)
    assert capacity(["10.0.0.0/32"]) == 0
