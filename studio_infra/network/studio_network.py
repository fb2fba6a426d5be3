"""Where Studio lives: subnets, security groups, and private ways to the AWS services it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from studio_infra.errors import InvalidInput, located
from studio_infra.network.egress import (
    GIT_ANYWHERE,
    HTTPS_PORT,
    GitEgress,
    Outbound,
    also_by_ipv6,
    prefix_list,
)
from studio_infra.network.flow_logs import VpcFlowLogs
from studio_infra.network.place import check_addresses, make_place, use_place, vpc_cidr
from studio_infra.network.private_links import PrivateLinks
from studio_infra.network.security_groups import job_group, person_group, studio_group
from studio_infra.settings.facts.vpc_endpoints import (
    DEFAULT_FEATURES,
    NETWORK_MODES,
    Endpoint,
    missing_endpoints,
    required_endpoints,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from aws_cdk import aws_kms as kms

    from studio_infra.settings.facts.vpc_endpoints import Feature, NetworkMode

#: Part of the public contract: people acknowledge it by this name.
UNKNOWN_ENDPOINTS_WARNING: Final = "studio-infra:StudioNetwork.unknownEndpoints"


class _Network:
    """What a network says of itself, whoever made it."""

    vpc: ec2.IVpc
    subnets: list[ec2.ISubnet]
    job_subnets: list[ec2.ISubnet]
    studio_security_group: ec2.ISecurityGroup
    job_security_group: ec2.ISecurityGroup

    @property
    def subnet_ids(self) -> list[str]:
        """Where Studio's apps run."""
        return [subnet.subnet_id for subnet in self.subnets]

    @property
    def job_subnet_ids(self) -> list[str]:
        """Where training jobs and model containers run."""
        return [subnet.subnet_id for subnet in self.job_subnets]

    @property
    def security_group_ids(self) -> list[str]:
        """What Studio's apps wear unless a person has a group of their own."""
        return [self.studio_security_group.security_group_id]


class ImportedStudioNetwork(_Network):
    """A network that another app made: see ``StudioNetwork.from_network_attributes``."""

    def __init__(
        self,
        *,
        vpc: ec2.IVpc,
        subnets: Sequence[ec2.ISubnet],
        job_subnets: Sequence[ec2.ISubnet],
        studio_security_group: ec2.ISecurityGroup,
        job_security_group: ec2.ISecurityGroup,
    ) -> None:
        self.vpc = vpc
        self.subnets = [*subnets]
        self.job_subnets = [*job_subnets]
        self.studio_security_group = studio_security_group
        self.job_security_group = job_security_group


class StudioNetwork(_Network, Construct):
    """A VPC, made or brought along, in which Studio and its jobs can work and reach no more than they need.

    A VPC made here has subnets for Studio's apps, which leave it through NAT gateways, and subnets for jobs
    and model containers, which never do. In both, AWS answers through VPC endpoints.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of ``scope``. Renaming it replaces the VPC, which fails while
            a domain lives in it.
        mode: How Studio's apps reach the world, as the domain will say. With ``"PublicInternetOnly"`` they do
            so through SageMaker's own network; the VPC then carries their files and the jobs.
        vpc: A VPC that exists, for example ``ec2.Vpc.from_vpc_attributes(…)``. Leaving it out makes one.
            Moving a domain from one VPC to another may replace the domain.
        subnets: Private subnets of ``vpc`` for Studio's apps. Defaults to those that ``vpc`` says it has.
        job_subnets: Subnets of ``vpc`` for jobs and model containers. Defaults to ``subnets``.
        availability_zones: How many zones a new VPC spans, 1 to 3, or their names. Defaults to 2. Not every
            service has its endpoints in every zone of a region: names avoid those zones. Adding a zone at the
            end leaves the others alone.
        nat_gateways: Ways out of a new VPC, at most one per zone. Defaults to 1, and to 0 with
            ``"PublicInternetOnly"``. With 0, git hosts and package indexes outside AWS are out of reach.
        cidr: The addresses of a new VPC, /16 to /22. Defaults to ``10.0.0.0/16``. Changing them replaces the
            VPC.
        dual_stack: Whether a new VPC speaks IPv6 too, with addresses that AWS gives it: apps then leave it by IPv6
            through a gateway that lets nobody in. The domain must be told as well. Defaults to no; changing it later
            may replace the subnets, which fails while a domain lives in them.
        people: For how many the addresses must last. Leaving it out skips the check.
        features: What people do here; decides which endpoints are needed. Defaults to what this library's own
            parts use: training from notebooks, a customer key, git over SSH.
        create_endpoints: Whether to make the endpoints. Defaults to making them in a new VPC and not in
            ``vpc``.
        existing_endpoints: What ``vpc`` has endpoints for already, by short or full service name. What is
            still missing is made with ``create_endpoints=True``, and an error without. Leaving it out trusts
            the VPC's owner, with a warning that lists what must be there.
        trusted_accounts: Other accounts whose roles people here assume. The endpoints refuse everybody else.
        git: Where git hosts may be reached. Defaults to anywhere by SSH and HTTPS; ``None`` leaves git out.
        s3_prefix_list: The region's prefix list of S3 (``pl-…``). Giving it lets HTTPS out to S3, the
            endpoints made here and ``git`` alone. Leaving it out lets HTTPS out to wherever a route leads:
            the gateway endpoint has no address of its own that a security group could name.
        flow_logs: Whether to log who talked to whom in a new VPC. Those of ``vpc`` are its owner's concern.
        flow_log_key: Encrypts the flow logs. Defaults to CloudWatch's own key.
        people_apart: Whether nobody's apps may reach another's ports. ``studio_security_group`` then lets nobody in,
            and whoever has more than one app gets a group of their own: ``add_person_security_group``. Changing it
            replaces that group, which needs all apps stopped. Defaults to no.
        removal_policy: What happens, when the stack goes, to the things that a domain stands in: the VPC, the subnets
            of the apps and their security group, which cost nothing, and the flow logs. Defaults to RETAIN, because a
            domain is retained, and AWS deletes none of them under it. What costs money (NAT gateways, endpoints) always
            goes.

    Raises:
        InvalidInput: A value that cannot deploy, options that exclude each other, subnets too small for
            ``people``, or endpoints that ``vpc`` lacks.

    """

    @classmethod
    def from_network_attributes(
        cls,
        *,
        vpc: ec2.IVpc,
        subnets: Sequence[ec2.ISubnet],
        studio_security_group: ec2.ISecurityGroup,
        job_security_group: ec2.ISecurityGroup,
        job_subnets: Sequence[ec2.ISubnet] | None = None,
    ) -> ImportedStudioNetwork:
        """Refer to a network that another app made, and change nothing about it."""
        return ImportedStudioNetwork(
            vpc=vpc,
            subnets=subnets,
            job_subnets=job_subnets if job_subnets is not None else subnets,
            studio_security_group=studio_security_group,
            job_security_group=job_security_group,
        )

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        mode: NetworkMode = "VpcOnly",
        vpc: ec2.IVpc | None = None,
        subnets: Sequence[ec2.ISubnet] | None = None,
        job_subnets: Sequence[ec2.ISubnet] | None = None,
        availability_zones: int | Sequence[str] | None = None,
        nat_gateways: int | None = None,
        cidr: str | None = None,
        dual_stack: bool = False,
        people: int | None = None,
        features: Iterable[Feature] = DEFAULT_FEATURES,
        create_endpoints: bool | None = None,
        existing_endpoints: Sequence[str] | None = None,
        trusted_accounts: Sequence[str] = (),
        git: GitEgress | None = GIT_ANYWHERE,
        s3_prefix_list: str | None = None,
        flow_logs: bool = True,
        flow_log_key: kms.IKey | None = None,
        people_apart: bool = False,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.RETAIN,
    ) -> None:
        super().__init__(scope, construct_id)
        self._people_apart = people_apart
        if mode not in NETWORK_MODES:
            raise InvalidInput(
                "NetworkMode", f"mode must be {' or '.join(NETWORK_MODES)}, got {mode!r}", scope=self
            )
        if vpc is None:
            brought = {
                "subnets": subnets,
                "job_subnets": job_subnets,
                "existing_endpoints": existing_endpoints,
            }
            self._refuse(brought, "describe a VPC that exists: give vpc too, or leave them out")
            self._place = make_place(
                self,
                mode=mode,
                availability_zones=availability_zones,
                nat_gateways=nat_gateways,
                cidr=cidr,
                dual_stack=dual_stack,
                removal_policy=removal_policy,
            )
        else:
            new = {
                "availability_zones": availability_zones,
                "nat_gateways": nat_gateways,
                "cidr": cidr,
                "dual_stack": dual_stack or None,
            }
            self._refuse(new, "describe a new VPC: leave them out, or leave out vpc")
            self._place = use_place(self, vpc, subnets=subnets, job_subnets=job_subnets)
        self.vpc = self._place.vpc
        self.subnets = self._place.subnets
        self.job_subnets = self._place.job_subnets
        if people is not None:
            check_addresses(self, self.subnets, people)
        if flow_logs and self._place.made:
            VpcFlowLogs(self, "FlowLogs", vpc=self.vpc, key=flow_log_key, removal_policy=removal_policy)

        #: What must be reachable from here, whoever made it so.
        with located(self):
            self.required_endpoints = required_endpoints(features, mode)
        self._links = self._make_links(
            create=create_endpoints, existing=existing_endpoints, trusted_accounts=trusted_accounts
        )
        with located(self):
            aws = self._ways_to_aws(s3_prefix_list)
        git_hosts = git.outbound() if git is not None and self._place.outward else []
        if dual_stack:
            git_hosts = [*git_hosts, *also_by_ipv6(git_hosts)]
            aws = [*aws, *also_by_ipv6(aws)]
        outbound = [*aws, *git_hosts] if mode == "VpcOnly" else []
        self.studio_security_group = studio_group(self, "StudioGroup", self.vpc, outbound, apart=people_apart)
        self.studio_security_group.apply_removal_policy(removal_policy)
        self.job_security_group = job_group(self, "JobGroup", self.vpc, aws)

    def add_person_security_group(self, scope: Construct, construct_id: str) -> ec2.SecurityGroup:
        """Make a group for the apps of one person, whose ports nobody else's apps reach.

        Give it to the person's profile. Apps have it beside the domain's group, which SageMaker adds to those of
        every profile: ways out are that group's, so no rule is needed for each person anywhere else.

        Raises:
            InvalidInput: The network does not keep people apart, so a group of one's own would change nothing.

        """
        if not self._people_apart:
            raise InvalidInput(
                "NetworkPeopleApart",
                "everybody's apps have studio_security_group too, which is open within itself, so a person's own "
                "group would keep nobody out; make the network with people_apart=True",
                scope=self,
            )
        return person_group(scope, construct_id, self.vpc)

    def _refuse(self, options: Mapping[str, object], why: str) -> None:
        given = [name for name, value in options.items() if value is not None]
        if given:
            raise InvalidInput("NetworkOptions", f"{', '.join(given)} {why}", scope=self)

    def _make_links(
        self, *, create: bool | None, existing: Sequence[str] | None, trusted_accounts: Sequence[str]
    ) -> PrivateLinks | None:
        with located(self):
            absent = missing_endpoints(self.required_endpoints, existing if existing is not None else ())
        made_here = self._place.made
        if not (create if create is not None else made_here):
            self._do_without(
                [endpoint for endpoint in absent if not (made_here and endpoint.gateway)], existing
            )
            # The gateway endpoint is free, and keeps what is in S3 off the NAT gateways.
            absent = tuple(endpoint for endpoint in absent if made_here and endpoint.gateway)
        if not absent:
            return None
        return PrivateLinks(
            self,
            "Endpoints",
            vpc=self.vpc,
            endpoints=absent,
            subnets=self.job_subnets,
            routed_subnets=[
                *{subnet.subnet_id: subnet for subnet in (*self.subnets, *self.job_subnets)}.values()
            ],
            trusted_accounts=trusted_accounts,
        )

    def _do_without(self, absent: Sequence[Endpoint], existing: Sequence[str] | None) -> None:
        names = ", ".join(endpoint.service_name() for endpoint in absent)
        if absent and (existing is not None or not self._place.outward):
            raise InvalidInput(
                "NetworkEndpoints",
                f"the VPC lacks endpoints that Studio needs: {names}; "
                "make them there, or here with create_endpoints=True",
                scope=self,
            )
        if absent and not self._place.made:
            cdk.Validations.of(self).add_warning(
                UNKNOWN_ENDPOINTS_WARNING,
                f"the VPC must reach these by endpoints or by a NAT gateway: {names}; "
                "say what it has with existing_endpoints",
            )

    def _ways_to_aws(self, s3_prefix_list: str | None) -> list[Outbound]:
        made = self._links.security_group if self._links is not None else None
        ways = [] if made is None else [Outbound(peer=made, port=HTTPS_PORT, why="AWS through VPC endpoints")]
        if s3_prefix_list is None:
            return [
                *ways,
                Outbound(peer=ec2.Peer.any_ipv4(), port=HTTPS_PORT, why="AWS, and S3 through its gateway"),
            ]
        ways.append(Outbound(peer=prefix_list("s3_prefix_list", s3_prefix_list), port=HTTPS_PORT, why="S3"))
        if not self._place.made:
            # Endpoints that were there before stand somewhere in the VPC.
            within = ec2.Peer.ipv4(vpc_cidr(self, self.vpc))
            ways.append(Outbound(peer=within, port=HTTPS_PORT, why="AWS through endpoints of the VPC"))
        return ways
