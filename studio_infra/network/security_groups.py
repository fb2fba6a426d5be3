"""The security groups of a Studio network: what is not needed is closed, in both directions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from aws_cdk import aws_ec2 as ec2

from studio_infra.guardrails.acknowledge import acknowledge

if TYPE_CHECKING:
    from collections.abc import Iterable

    from constructs import Construct

    from studio_infra.network.egress import Outbound

#: What SageMaker asks for between the apps of one domain, and between them and their files.
#: https://docs.aws.amazon.com/sagemaker/latest/dg/studio-updated-and-internet-access.html
APP_PORTS: Final = (8192, 65535)
NFS_PORT: Final = 2049

# A description is part of a group's identity: changing one replaces the group.
_STUDIO: Final = "Studio apps: NFS and app ports among themselves, HTTPS to AWS, git"
_APART: Final = "Studio apps: HTTPS to AWS, git; nothing among themselves"
_PERSON: Final = "Studio apps of one person, among themselves"
_JOBS: Final = "Training jobs and model containers: among themselves, HTTPS to AWS"
_AMONG_THEMSELVES: Final = "Apps among themselves"
#: A group without a rule for ways out would let everything out; CDK says the same rule for that reason.
_NOWHERE: Final = {
    "CidrIp": "255.255.255.255/32",
    "Description": "Disallow all traffic",
    "FromPort": 252,
    "IpProtocol": "icmp",
    "ToPort": 86,
}
_ENDPOINTS: Final = "VPC endpoints: HTTPS from Studio apps and jobs"


def studio_group(
    scope: Construct, construct_id: str, vpc: ec2.IVpc, outbound: Iterable[Outbound], *, apart: bool = False
) -> ec2.SecurityGroup:
    """Make the group of all Studio apps: open within itself, unless people are to be kept apart."""
    group = _closed(scope, construct_id, vpc, _APART if apart else _STUDIO)
    if not apart:
        _within(group, ec2.Port.tcp(NFS_PORT), "NFS within Studio")
        _within(group, ec2.Port.tcp_range(*APP_PORTS), _AMONG_THEMSELVES)
    _let_out(group, outbound)
    return group


def person_group(scope: Construct, construct_id: str, vpc: ec2.IVpc) -> ec2.SecurityGroup:
    """Make a group for the apps of one person: what they need beside the group of all apps."""
    group = _closed(scope, construct_id, vpc, _PERSON)
    _within(group, ec2.Port.tcp_range(*APP_PORTS), _AMONG_THEMSELVES)
    # CDK leaves it out once there is another rule, although that one stands outside the group.
    cast("ec2.CfnSecurityGroup", group.node.default_child).add_property_override(
        "SecurityGroupEgress", [_NOWHERE]
    )
    return group


def person_group_json(logical_id: str, *, vpc_id: str) -> dict[str, dict[str, Any]]:
    """The resources of `person_group` in CloudFormation's words, by logical id: for rosters.

    The group is retained, because SageMaker's profile of the person is, and names it.
    """
    group = {"Fn::GetAtt": [logical_id, "GroupId"]}
    ports = {"IpProtocol": "tcp", "FromPort": APP_PORTS[0], "ToPort": APP_PORTS[1]}
    rule = {**ports, "GroupId": group, "Description": _AMONG_THEMSELVES}
    retain = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    properties = {"GroupDescription": _PERSON, "SecurityGroupEgress": [_NOWHERE], "VpcId": vpc_id}
    return {
        logical_id: {"Type": "AWS::EC2::SecurityGroup", **retain, "Properties": properties},
        f"{logical_id}In": {
            "Type": "AWS::EC2::SecurityGroupIngress",
            "Properties": {**rule, "SourceSecurityGroupId": group},
        },
        f"{logical_id}Out": {
            "Type": "AWS::EC2::SecurityGroupEgress",
            "Properties": {**rule, "DestinationSecurityGroupId": group},
        },
    }


def job_group(
    scope: Construct, construct_id: str, vpc: ec2.IVpc, outbound: Iterable[Outbound]
) -> ec2.SecurityGroup:
    """Make a group for training jobs and model containers."""
    group = _closed(scope, construct_id, vpc, _JOBS)
    # Distributed training opens ports of its own choice, and EFA is a protocol without ports.
    why = "Instances of a job among themselves"
    group.add_egress_rule(group, ec2.Port.all_traffic(), why)
    within = ec2.CfnSecurityGroupIngress(
        group,
        "Within",
        group_id=group.security_group_id,
        source_security_group_id=group.security_group_id,
        ip_protocol="-1",
        description=why,
    )
    acknowledge(
        within, "EC2RestrictedCommonPorts", "open to the instances of the group itself, to nobody else"
    )
    _let_out(group, outbound)
    return group


def endpoint_group(scope: Construct, construct_id: str, vpc: ec2.IVpc) -> ec2.SecurityGroup:
    """Make the group of the interface endpoints; whoever is let in brings the rule along."""
    return _closed(scope, construct_id, vpc, _ENDPOINTS)


def _closed(scope: Construct, construct_id: str, vpc: ec2.IVpc, description: str) -> ec2.SecurityGroup:
    return ec2.SecurityGroup(scope, construct_id, vpc=vpc, description=description, allow_all_outbound=False)


def _within(group: ec2.SecurityGroup, port: ec2.Port, why: str) -> None:
    group.add_ingress_rule(group, port, why)
    group.add_egress_rule(group, port, why)


def _let_out(group: ec2.SecurityGroup, outbound: Iterable[Outbound]) -> None:
    # EC2 refuses a second rule for the same peer and port.
    ways = {(way.peer.unique_id, way.port): way for way in reversed([*outbound])}
    for way in reversed(ways.values()):
        if isinstance(way.peer, ec2.SecurityGroup):
            # Both ends. For a person's group in another stack, both rules stand in that stack.
            group.connections.allow_to(way.peer, ec2.Port.tcp(way.port), way.why)
        else:
            group.add_egress_rule(way.peer, ec2.Port.tcp(way.port), way.why)
