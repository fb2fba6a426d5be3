"""VPC endpoints: AWS services that answer inside the VPC, to principals that belong there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from studio_infra.errors import InvalidInput
from studio_infra.network.security_groups import endpoint_group
from studio_infra.settings.facts.limits import is_account

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studio_infra.settings.facts.vpc_endpoints import Endpoint


class PrivateLinks(Construct):
    """The VPC endpoints of a network, and the group of those that are network interfaces.

    Every endpoint whose service takes a policy answers only principals of this account and of
    ``trusted_accounts``: credentials that somebody brought along do not carry data out through it.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of ``scope``.
        vpc: Where they are made.
        endpoints: Which ones. Adding or removing one leaves the others alone.
        subnets: Where the interfaces stand: one address per endpoint in each of them.
        routed_subnets: Whose route tables lead to the gateway endpoints.
        trusted_accounts: Other accounts whose roles people here assume and then work with.

    Raises:
        InvalidInput: One of ``trusted_accounts`` is no account number.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: ec2.IVpc,
        endpoints: Sequence[Endpoint],
        subnets: Sequence[ec2.ISubnet],
        routed_subnets: Sequence[ec2.ISubnet],
        trusted_accounts: Sequence[str],
    ) -> None:
        super().__init__(scope, construct_id)
        for account in trusted_accounts:
            if not cdk.Token.is_unresolved(account) and not is_account(account):
                raise InvalidInput(
                    "TrustedAccount",
                    f"a trusted account must be an account number of 12 digits, got {account!r}",
                    scope=self,
                )
        self._vpc = vpc
        self._subnets = list(subnets)
        self._routed_subnets = list(routed_subnets)
        self._accounts = [cdk.Stack.of(self).account, *trusted_accounts]
        interfaces = [endpoint for endpoint in endpoints if not endpoint.gateway]
        self.security_group = endpoint_group(self, "SecurityGroup", vpc) if interfaces else None
        for endpoint in endpoints:
            made = self._gateway(endpoint) if endpoint.gateway else self._interface(endpoint)
            if endpoint.takes_policy:
                for statement in self._policy(endpoint):
                    made.add_to_policy(statement)

    def _gateway(self, endpoint: Endpoint) -> ec2.VpcEndpoint:
        return ec2.GatewayVpcEndpoint(
            self,
            endpoint.construct_id,
            vpc=self._vpc,
            service=ec2.GatewayVpcEndpointAwsService(endpoint.name),
            subnets=[ec2.SubnetSelection(subnets=self._routed_subnets)],
        )

    def _interface(self, endpoint: Endpoint) -> ec2.VpcEndpoint:
        return ec2.InterfaceVpcEndpoint(
            self,
            endpoint.construct_id,
            vpc=self._vpc,
            service=ec2.InterfaceVpcEndpointAwsService(
                endpoint.name, None if endpoint.owner == "com.amazonaws" else endpoint.owner
            ),
            subnets=ec2.SubnetSelection(subnets=self._subnets),
            security_groups=[self.security_group] if self.security_group is not None else None,
            # Who may reach them is said by security group, not by the VPC's addresses.
            open=False,
        )

    def _policy(self, endpoint: Endpoint) -> list[iam.PolicyStatement]:
        ours = iam.PolicyStatement(
            sid="TrustedAccounts",
            principals=[iam.AnyPrincipal()],
            actions=["*"],
            resources=["*"],
            conditions={"StringEquals": {"aws:PrincipalAccount": self._accounts}},
        )
        if endpoint.name != "s3":
            return [ours]
        # ECR hands out image layers by links that it signs itself.
        # https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-minimum-s3-perms
        stack = cdk.Stack.of(self)
        layers = f"prod-{stack.region}-starport-layer-bucket"
        return [
            ours,
            iam.PolicyStatement(
                sid="ImageLayers",
                principals=[iam.AnyPrincipal()],
                actions=["s3:GetObject"],
                resources=[
                    stack.format_arn(service="s3", region="", account="", resource=layers, resource_name="*")
                ],
            ),
        ]
