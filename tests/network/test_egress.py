"""Where git hosts may be reached."""

from __future__ import annotations

import aws_cdk as cdk
import pytest

from studio_infra.errors import InvalidInput
from studio_infra.network.egress import GitEgress, prefix_list


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_refuses_what_is_no_tcp_port(port: int) -> None:
    with pytest.raises(InvalidInput, match=f"between 1 and 65535, got {port}") as caught:
        GitEgress(ports=(port,))
    assert caught.value.code == "GitPort"


@pytest.mark.parametrize(
    "network",
    ["github.com", "10.0.0.1", "10.0.0.1/8", "::/0", "pl-xyz", "pl-6da54004\n", "", "10.0.0.0/8 ", "pl-"],
)
def test_refuses_what_a_security_group_cannot_name(network: str) -> None:
    with pytest.raises(InvalidInput, match="must be an IPv4 network like") as caught:
        GitEgress(networks=(network,))
    assert caught.value.code == "GitNetwork"


def test_every_port_is_open_to_every_network() -> None:
    git = GitEgress(ports=(22, 7999), networks=("10.1.0.0/16", "pl-6da54004"))
    assert [(way.peer.unique_id, way.port) for way in git.outbound()] == [
        ("10.1.0.0/16", 22),
        ("10.1.0.0/16", 7999),
        ("pl-6da54004", 22),
        ("pl-6da54004", 7999),
    ]


def test_values_that_only_cloudformation_knows_pass() -> None:
    token = cdk.Token.as_string({"Ref": "GitNetwork"})
    assert (
        len(GitEgress(ports=(int(cdk.Token.as_number({"Ref": "Port"})),), networks=(token,)).outbound()) == 1
    )
    prefix_list("s3_prefix_list", token)


@pytest.mark.parametrize("bad", ["pl-123", "sg-6da54004", "pl-6DA54004", " pl-6da54004"])
def test_refuses_what_is_no_prefix_list_and_names_the_option(bad: str) -> None:
    with pytest.raises(InvalidInput, match=r"s3_prefix_list must be the id of a prefix list") as caught:
        prefix_list("s3_prefix_list", bad)
    assert caught.value.code == "PrefixList"
