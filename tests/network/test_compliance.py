"""CDK's own rules and six compliance packs have nothing to say about a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2

from studio_infra.network import Feature, StudioNetwork
from studio_infra.storage import StudioKey
from tests.compliance import findings, strict_app

if TYPE_CHECKING:
    from collections.abc import Callable


def default(stack: cdk.Stack) -> None:
    StudioNetwork(stack, "Network", flow_log_key=StudioKey(stack, "Key").key)


def with_everything(stack: cdk.Stack) -> None:
    StudioNetwork(
        stack,
        "Network",
        availability_zones=3,
        nat_gateways=3,
        features=Feature,
        people=100,
        trusted_accounts=["444455556666"],
        s3_prefix_list="pl-6da54004",
        flow_log_key=StudioKey(stack, "Key").key,
    )


def closed_in(stack: cdk.Stack) -> None:
    StudioNetwork(stack, "Network", nat_gateways=0, flow_log_key=StudioKey(stack, "Key").key)


def public_internet(stack: cdk.Stack) -> None:
    StudioNetwork(stack, "Network", mode="PublicInternetOnly", flow_log_key=StudioKey(stack, "Key").key)


def existing_vpc(stack: cdk.Stack) -> None:
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "Existing",
        vpc_id="vpc-0123456789abcdef0",
        availability_zones=["eu-west-1a"],
        private_subnet_ids=["subnet-0123456789abcdef0"],
        private_subnet_route_table_ids=["rtb-0123456789abcdef0"],
    )
    StudioNetwork(stack, "Network", vpc=vpc, create_endpoints=True)


NETWORKS = [default, with_everything, closed_in, public_internet, existing_vpc]


@pytest.mark.slow
@pytest.mark.parametrize("network", NETWORKS)
def test_no_compliance_pack_has_a_finding(stack: cdk.Stack, network: Callable[[cdk.Stack], None]) -> None:
    network(stack)
    assert findings(stack) == set()


@pytest.mark.slow
def test_a_subnet_that_somebody_opens_beside_the_network_is_still_found(stack: cdk.Stack) -> None:
    network = StudioNetwork(stack, "Network", flow_logs=False)
    ec2.SecurityGroup(stack, "Open", vpc=network.vpc).add_ingress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(22))
    network.job_security_group.add_ingress_rule(ec2.Peer.any_ipv4(), ec2.Port.all_traffic())
    found = findings(stack)
    # What the network acknowledges are its own parts: the same rules speak about everything else.
    assert {"AwsSolutions-VPC7", "AwsSolutions-EC23", "HIPAA.Security-EC2RestrictedSSH"} <= found
    assert {"NIST.800.53.R5-EC2RestrictedCommonPorts", "PCI.DSS.321-VPCFlowLogsEnabled"} <= found


@pytest.mark.slow
@pytest.mark.parametrize("network", NETWORKS)
def test_cdks_own_validator_finds_nothing(network: Callable[[cdk.Stack], None]) -> None:
    app = strict_app()
    network(cdk.Stack(app, "S"))
    app.synth()


@pytest.mark.slow
def test_cdks_own_validator_is_awake() -> None:
    app = strict_app()
    ec2.CfnSubnet(cdk.Stack(app, "S"), "Subnet", vpc_id="nonsense", cidr_block="10.0.0.0/24")
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()
