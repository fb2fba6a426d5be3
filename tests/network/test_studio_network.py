"""The network in CloudFormation's words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Annotations, Match, Template

from studio_infra.errors import InvalidInput
from studio_infra.network import Feature, GitEgress, StudioNetwork, person_group_json
from studio_infra.network.place import FEW_ADDRESSES_WARNING
from studio_infra.network.studio_network import UNKNOWN_ENDPOINTS_WARNING
from studio_infra.settings.facts.vpc_endpoints import FEATURE_ENDPOINTS, required_endpoints

if TYPE_CHECKING:
    from collections.abc import Callable

Json = dict[str, Any]

ANYWHERE = "0.0.0.0/0"


def of_type(stack: cdk.Stack, kind: str) -> dict[str, Json]:
    found = Template.from_stack(stack).find_resources(kind)
    return {name: resource["Properties"] for name, resource in found.items()}


def existing_vpc(stack: cdk.Stack) -> ec2.IVpc:
    return ec2.Vpc.from_vpc_attributes(
        stack,
        "Existing",
        vpc_id="vpc-1",
        availability_zones=["eu-west-1a", "eu-west-1b"],
        vpc_cidr_block="10.9.0.0/16",
        private_subnet_ids=["subnet-1", "subnet-2"],
        private_subnet_route_table_ids=["rtb-1", "rtb-2"],
        private_subnet_ipv4_cidr_blocks=["10.9.0.0/24", "10.9.1.0/24"],
    )


def l1_vpc(stack: cdk.Stack) -> ec2.IVpc:
    vpc = ec2.CfnVPC(stack, "Own", cidr_block="10.9.0.0/16")
    one, two = (
        ec2.CfnSubnet(stack, f"Own{n}", vpc_id=vpc.ref, cidr_block=f"10.9.{n}.0/24").ref for n in (0, 1)
    )
    return ec2.Vpc.from_vpc_attributes(
        stack,
        "Existing",
        vpc_id=vpc.ref,
        availability_zones=["eu-west-1a", "eu-west-1b"],
        isolated_subnet_ids=[one, two],
        isolated_subnet_route_table_ids=["rtb-1", "rtb-2"],
    )


def owned_vpc(stack: cdk.Stack) -> ec2.IVpc:
    return ec2.Vpc(stack, "Existing", restrict_default_security_group=False)


NEIGHBOURS = [existing_vpc, l1_vpc, owned_vpc]
ALL_STUDIO = ["sagemaker.api", "sagemaker.runtime", "studio", "s3"]


# -- a new VPC -------------------------------------------------------------------------------------


def test_a_new_vpc_has_two_zones_with_a_subnet_for_apps_and_one_for_jobs(stack: cdk.Stack) -> None:
    network = StudioNetwork(stack, "Network")
    assert len(network.subnet_ids) == len(network.job_subnet_ids) == 2
    subnets = of_type(stack, "AWS::EC2::Subnet")
    assert {(s["CidrBlock"], json.dumps(s["AvailabilityZone"])) for s in subnets.values()} == {
        (cidr, json.dumps({"Fn::Select": [zone, {"Fn::GetAZs": ""}]}))
        for cidr, zone in [
            ("10.0.0.0/18", 0),
            ("10.0.64.0/18", 1),
            ("10.0.192.0/20", 0),
            ("10.0.208.0/20", 1),
            ("10.0.240.0/22", 0),
        ]
    }


def test_no_subnet_hands_out_public_addresses(stack: cdk.Stack) -> None:
    StudioNetwork(stack, "Network")
    assert {s["MapPublicIpOnLaunch"] for s in of_type(stack, "AWS::EC2::Subnet").values()} == {False}


def test_the_default_network_needs_no_lambda_function_and_no_custom_resource(stack: cdk.Stack) -> None:
    StudioNetwork(stack, "Network")
    kinds = {r["Type"] for r in Template.from_stack(stack).to_json()["Resources"].values()}
    assert not {kind for kind in kinds if kind.startswith(("Custom::", "AWS::Lambda", "AWS::CloudFormation"))}


def test_a_stack_that_names_its_account_is_synthesized_without_asking_aws(app: cdk.App) -> None:
    stack = cdk.Stack(app, "There", env=cdk.Environment(account="111122223333", region="eu-west-1"))
    StudioNetwork(stack, "Network", availability_zones=3)
    manifest = json.loads((Path(app.synth().directory) / "manifest.json").read_text())
    assert "missing" not in manifest
    assert "There" in manifest["artifacts"]


@pytest.mark.parametrize("zones", [1, 2])
def test_a_zone_that_is_added_leaves_every_resource_of_the_others_alone(zones: int) -> None:
    def resources(count: int) -> Json:
        stack = cdk.Stack(cdk.App(), "S")
        StudioNetwork(stack, "Network", availability_zones=count)
        found: Json = Template.from_stack(stack).to_json()["Resources"]
        return found

    before, after = resources(zones), resources(zones + 1)
    changed = {name for name in before if before[name] != after.get(name)}
    # Endpoints gain a subnet and the gateway a route table; both are updates in place.
    assert {before[name]["Type"] for name in changed} == {"AWS::EC2::VPCEndpoint"}


def test_zones_can_be_named(stack: cdk.Stack) -> None:
    StudioNetwork(stack, "Network", availability_zones=["eu-west-1a", "eu-west-1c"])
    zones = {s["AvailabilityZone"] for s in of_type(stack, "AWS::EC2::Subnet").values()}
    assert zones == {"eu-west-1a", "eu-west-1c"}


def test_apps_leave_through_nat_and_jobs_have_no_way_out(stack: cdk.Stack) -> None:
    network = StudioNetwork(stack, "Network", availability_zones=3, nat_gateways=2)
    template = Template.from_stack(stack)
    nat = sorted(template.find_resources("AWS::EC2::NatGateway"))
    routes = of_type(stack, "AWS::EC2::Route").values()
    tables = {stack.resolve(s.route_table.route_table_id)["Ref"]: s for s in network.subnets}
    out = [(r["RouteTableId"]["Ref"], r["NatGatewayId"]["Ref"]) for r in routes if "NatGatewayId" in r]
    assert {table for table, _ in out} == set(tables)
    assert [gateway for _, gateway in sorted(out)] == [nat[0], nat[1], nat[0]]
    to_the_internet = [r["RouteTableId"]["Ref"] for r in routes if "GatewayId" in r]
    assert all("Public" in table for table in to_the_internet)
    assert len(to_the_internet) == 2


def test_without_nat_there_is_no_way_to_the_internet_at_all(stack: cdk.Stack) -> None:
    network = StudioNetwork(stack, "Network", nat_gateways=0)
    template = Template.from_stack(stack)
    for kind in ("Route", "InternetGateway", "NatGateway", "EIP"):
        template.resource_count_is(f"AWS::EC2::{kind}", 0)
    assert len(network.vpc.isolated_subnets) == 4
    assert rules_out(stack, "StudioGroup") == {("EndpointsGroup", 443), (ANYWHERE, 443), *WITHIN_STUDIO}


def test_public_internet_mode_has_files_and_jobs_in_the_vpc_and_pays_for_nothing(stack: cdk.Stack) -> None:
    StudioNetwork(stack, "Network", mode="PublicInternetOnly", features=Feature)
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::EC2::NatGateway", 0)
    endpoints = of_type(stack, "AWS::EC2::VPCEndpoint").values()
    assert [e["VpcEndpointType"] for e in endpoints] == ["Gateway"]
    assert rules_out(stack, "StudioGroup") == WITHIN_STUDIO


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        ({"mode": "Public"}, "NetworkMode", "mode must be VpcOnly or PublicInternetOnly, got 'Public'"),
        ({"availability_zones": 0}, "AvailabilityZones", "number from 1 to 3 .* got 0"),
        ({"availability_zones": 4}, "AvailabilityZones", "got 4"),
        ({"availability_zones": "abc"}, "AvailabilityZones", "got 'abc'"),
        ({"availability_zones": ["a", "a"]}, "AvailabilityZones", "as many different names"),
        ({"availability_zones": []}, "AvailabilityZones", "got \\[\\]"),
        ({"nat_gateways": 3}, "NatGateways", r"between 0 and the number of zones \(2\), got 3"),
        ({"nat_gateways": -1}, "NatGateways", "got -1"),
        ({"cidr": "10.0.0.0/8"}, "Cidr", "between /16 and /22"),
        ({"features": ["gpu"]}, "NetworkFeature", "unknown feature 'gpu', known are bedrock, code_commit"),
        ({"people": -1}, "People", "must not be negative"),
        ({"people": 20_000}, "NetworkAddresses", "20000 people need at least 40000 addresses .* have 32756"),
        ({"trusted_accounts": ["*"]}, "TrustedAccount", r"12 digits, got '\*'"),
        ({"s3_prefix_list": "s3"}, "PrefixList", "s3_prefix_list must be"),
        ({"existing_endpoints": ["s3"]}, "NetworkOptions", "existing_endpoints describe a VPC that exists"),
        (
            {"subnets": [], "job_subnets": []},
            "NetworkOptions",
            "subnets, job_subnets describe a VPC that exists",
        ),
        (
            {"create_endpoints": False, "nat_gateways": 0},
            "NetworkEndpoints",
            r"lacks endpoints that Studio needs: .*aws\.sagemaker\.<region>\.studio",
        ),
    ],
)
def test_refuses_what_could_never_deploy(stack: cdk.Stack, options: Json, code: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message) as caught:
        StudioNetwork(stack, "Network", **options)
    assert (caught.value.code, caught.value.path.startswith("S/Network")) == (code, True)


@pytest.mark.parametrize(("people", "warned"), [(8_000, False), (9_000, True)])
def test_warns_when_addresses_are_few_and_not_before(stack: cdk.Stack, people: int, *, warned: bool) -> None:
    StudioNetwork(stack, "Network", people=people)
    found = Annotations.from_stack(stack).find_warning(
        "/S/Network", Match.string_like_regexp(f"may use up to {4 * people} .*{FEW_ADDRESSES_WARNING}")
    )
    assert bool(found) is warned


# -- flow logs -------------------------------------------------------------------------------------


def test_flow_logs_are_delivered_by_a_role_that_can_do_nothing_else(stack: cdk.Stack) -> None:
    StudioNetwork(stack, "Network")
    template = Template.from_stack(stack)
    (flow_log,) = of_type(stack, "AWS::EC2::FlowLog").values()
    assert flow_log["TrafficType"] == "ALL"
    role_id = flow_log["DeliverLogsPermissionArn"]["Fn::GetAtt"][0]
    role = of_type(stack, "AWS::IAM::Role")[role_id]
    assert "Policies" not in role
    conditions = role["AssumeRolePolicyDocument"]["Statement"][0]["Condition"]
    assert conditions["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    (policy,) = of_type(stack, "AWS::IAM::ManagedPolicy").values()
    assert policy["Roles"] == [{"Ref": role_id}]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Resource"] == {"Fn::GetAtt": [flow_log["LogGroupName"]["Ref"], "Arn"]}
    template.resource_count_is("AWS::IAM::Policy", 0)


def test_the_flow_log_waits_for_the_permission_to_deliver(stack: cdk.Stack) -> None:
    StudioNetwork(stack, "Network")
    template = Template.from_stack(stack)
    (policy_id,) = template.find_resources("AWS::IAM::ManagedPolicy")
    template.has_resource("AWS::EC2::FlowLog", {"DependsOn": Match.array_with([policy_id])})


def test_flow_logs_can_be_encrypted_with_a_key_that_then_lets_cloudwatch_in(stack: cdk.Stack) -> None:
    key = kms.Key(stack, "Key")
    StudioNetwork(stack, "Network", flow_log_key=key)
    template = Template.from_stack(stack)
    template.has_resource_properties("AWS::Logs::LogGroup", {"KmsKeyId": stack.resolve(key.key_arn)})
    (policy,) = of_type(stack, "AWS::KMS::Key").values()
    (statement,) = [s for s in policy["KeyPolicy"]["Statement"] if s.get("Sid") == "CloudWatchLogs"]
    assert statement["Principal"] == {
        "Service": {"Fn::Join": ["", ["logs.", {"Ref": "AWS::Region"}, ".amazonaws.com"]]}
    }
    assert "kms:EncryptionContext:aws:logs:arn" in statement["Condition"]["ArnLike"]


def test_flow_logs_can_be_left_out(stack: cdk.Stack) -> None:
    StudioNetwork(stack, "Network", flow_logs=False)
    for kind in ("AWS::EC2::FlowLog", "AWS::Logs::LogGroup", "AWS::IAM::Role"):
        Template.from_stack(stack).resource_count_is(kind, 0)


# -- endpoints -------------------------------------------------------------------------------------


@pytest.mark.parametrize("feature", [None, *Feature])
def test_a_new_vpc_has_every_endpoint_that_is_needed(stack: cdk.Stack, feature: Feature | None) -> None:
    features = set() if feature is None else {feature}
    StudioNetwork(stack, "Network", features=features)
    services = {json.dumps(e["ServiceName"]) for e in of_type(stack, "AWS::EC2::VPCEndpoint").values()}
    assert services == {
        json.dumps({"Fn::Join": ["", [f"{e.owner}.", {"Ref": "AWS::Region"}, f".{e.name}"]]})
        for e in required_endpoints(features, "VpcOnly")
    }


def test_interfaces_stand_in_the_job_subnets_and_answer_only_security_groups(stack: cdk.Stack) -> None:
    network = StudioNetwork(stack, "Network")
    interfaces = [
        e for e in of_type(stack, "AWS::EC2::VPCEndpoint").values() if e["VpcEndpointType"] == "Interface"
    ]
    assert {json.dumps(e["SubnetIds"]) for e in interfaces} == {
        json.dumps(stack.resolve(network.job_subnet_ids))
    }
    assert all(e["PrivateDnsEnabled"] for e in interfaces)
    groups = of_type(stack, "AWS::EC2::SecurityGroup")
    (endpoints,) = [g for name, g in groups.items() if "Endpoints" in name]
    assert "SecurityGroupIngress" not in endpoints
    ingress = of_type(stack, "AWS::EC2::SecurityGroupIngress").values()
    let_in = [r["SourceSecurityGroupId"] for r in ingress if "Endpoints" in json.dumps(r["GroupId"])]
    wanted = [network.studio_security_group, network.job_security_group]
    assert sorted(map(json.dumps, let_in)) == sorted(
        json.dumps(stack.resolve(group.security_group_id)) for group in wanted
    )


def test_the_gateway_serves_every_route_table(stack: cdk.Stack) -> None:
    StudioNetwork(stack, "Network")
    (gateway,) = [
        e for e in of_type(stack, "AWS::EC2::VPCEndpoint").values() if e["VpcEndpointType"] == "Gateway"
    ]
    tables = Template.from_stack(stack).find_resources("AWS::EC2::RouteTable")
    assert {t["Ref"] for t in gateway["RouteTableIds"]} == {name for name in tables if "Public" not in name}


def test_endpoints_answer_only_principals_of_trusted_accounts(stack: cdk.Stack) -> None:
    StudioNetwork(stack, "Network", features=Feature, trusted_accounts=["444455556666"])
    for name, endpoint in of_type(stack, "AWS::EC2::VPCEndpoint").items():
        if "SageMakerStudio" in name:  # the service documents no endpoint policy
            assert "PolicyDocument" not in endpoint
            continue
        first, *more = endpoint["PolicyDocument"]["Statement"]
        accounts = first["Condition"]["StringEquals"]["aws:PrincipalAccount"]
        assert accounts == [{"Ref": "AWS::AccountId"}, "444455556666"]
        # Image layers of ECR come by links that ECR signed.
        assert [s["Action"] for s in more] == (["s3:GetObject"] if "S3" in name else [])


def test_endpoints_can_be_left_to_the_nat_gateway_but_the_free_one_stays(stack: cdk.Stack) -> None:
    StudioNetwork(stack, "Network", create_endpoints=False)
    endpoints = of_type(stack, "AWS::EC2::VPCEndpoint").values()
    assert [e["VpcEndpointType"] for e in endpoints] == ["Gateway"]
    assert rules_out(stack, "StudioGroup") == {(ANYWHERE, 22), (ANYWHERE, 443), *WITHIN_STUDIO}


# -- security groups -------------------------------------------------------------------------------

WITHIN_STUDIO = {("StudioGroup", 2049), ("StudioGroup", 8192)}


def rules_out(stack: cdk.Stack, group: str) -> set[tuple[str, int | None]]:
    """Everything that leaves a group: the group, list or address it goes to, and the first port."""
    groups = of_type(stack, "AWS::EC2::SecurityGroup")
    rules = [rule for name in groups if group in name for rule in groups[name].get("SecurityGroupEgress", [])]
    apart = of_type(stack, "AWS::EC2::SecurityGroupEgress").values()
    rules += [rule for rule in apart if group in json.dumps(rule["GroupId"])]
    return {
        (_target(rule), rule.get("FromPort"))
        for rule in rules
        if rule.get("CidrIp") != "255.255.255.255/32"  # CDK's way to write "nothing"
    }


def _target(rule: Json) -> str:
    if "DestinationSecurityGroupId" not in rule:
        return str(rule.get("CidrIp") or rule["DestinationPrefixListId"])
    text = json.dumps(rule["DestinationSecurityGroupId"])
    known = {
        "StudioGroup": "StudioGroup",
        "JobGroup": "JobGroup",
        "Endpoints": "EndpointsGroup",
        "Ana": "Ana",
    }
    (found,) = [name for part, name in known.items() if part in text]
    return found


def test_apps_reach_each_other_their_files_aws_and_git_and_nothing_else(stack: cdk.Stack) -> None:
    StudioNetwork(stack, "Network")
    assert rules_out(stack, "StudioGroup") == {
        ("EndpointsGroup", 443),
        (ANYWHERE, 22),
        (ANYWHERE, 443),
        *WITHIN_STUDIO,
    }


def test_jobs_reach_each_other_and_aws_but_no_git_host(stack: cdk.Stack) -> None:
    StudioNetwork(stack, "Network")
    assert rules_out(stack, "JobGroup") == {("JobGroup", None), ("EndpointsGroup", 443), (ANYWHERE, 443)}


def test_nobody_from_outside_reaches_anything(stack: cdk.Stack) -> None:
    StudioNetwork(stack, "Network")
    assert all("SecurityGroupIngress" not in g for g in of_type(stack, "AWS::EC2::SecurityGroup").values())
    assert all("CidrIp" not in r for r in of_type(stack, "AWS::EC2::SecurityGroupIngress").values())
    studio = [
        (r["FromPort"], r["ToPort"])
        for r in of_type(stack, "AWS::EC2::SecurityGroupIngress").values()
        if "StudioGroup" in json.dumps(r["GroupId"])
    ]
    assert sorted(studio) == [(2049, 2049), (8192, 65535)]


def test_git_goes_only_where_it_is_told_and_https_only_to_s3(stack: cdk.Stack) -> None:
    git = GitEgress(ports=(22,), networks=("140.82.112.0/20", "pl-0123456789abcdef0"))
    StudioNetwork(stack, "Network", git=git, s3_prefix_list="pl-6da54004")
    assert rules_out(stack, "StudioGroup") == {
        ("EndpointsGroup", 443),
        ("pl-6da54004", 443),
        ("140.82.112.0/20", 22),
        ("pl-0123456789abcdef0", 22),
        *WITHIN_STUDIO,
    }


def test_git_can_be_left_out(stack: cdk.Stack) -> None:
    StudioNetwork(stack, "Network", git=None, s3_prefix_list="pl-6da54004")
    assert rules_out(stack, "StudioGroup") == {("EndpointsGroup", 443), ("pl-6da54004", 443), *WITHIN_STUDIO}


def test_a_persons_own_group_lets_in_their_own_apps_and_the_domains_group_lets_in_nobody(
    app: cdk.App,
) -> None:
    network_stack = cdk.Stack(app, "Studio")
    open_within = StudioNetwork(network_stack, "Open", s3_prefix_list="pl-6da54004")
    network = StudioNetwork(network_stack, "Network", s3_prefix_list="pl-6da54004", people_apart=True)
    users = cdk.Stack(app, "Users")
    ana = network.add_person_security_group(users, "AnaGroup")
    network.add_person_security_group(users, "BenGroup")
    # Ways out are the domain's group's, whose apps have it too; so the endpoints need no rule for each person.
    assert rules_out(users, "AnaGroup") == {("Ana", 8192)}
    own = json.dumps(users.resolve(ana.security_group_id))
    ingress = of_type(users, "AWS::EC2::SecurityGroupIngress").values()
    assert [json.dumps(r["SourceSecurityGroupId"]) for r in ingress if json.dumps(r["GroupId"]) == own] == [
        own
    ]
    within = [
        json.dumps(r["GroupId"])
        for r in of_type(network_stack, "AWS::EC2::SecurityGroupIngress").values()
        if r.get("FromPort") in {2049, 8192}
    ]
    names = [
        network_stack.resolve(one.studio_security_group.security_group_id) for one in (open_within, network)
    ]
    assert [within.count(json.dumps(name)) for name in names] == [2, 0]


def test_a_group_that_would_keep_nobody_out_is_refused(stack: cdk.Stack) -> None:
    with pytest.raises(InvalidInput, match="make the network with people_apart=True") as caught:
        StudioNetwork(stack, "Network").add_person_security_group(stack, "AnaGroup")
    assert caught.value.code == "NetworkPeopleApart"


def test_a_roster_makes_the_same_group_for_a_person_as_the_construct(stack: cdk.Stack) -> None:
    StudioNetwork(stack, "Network", people_apart=True).add_person_security_group(stack, "Ana")
    made = Template.from_stack(stack).to_json()["Resources"]
    mine = {name: one for name, one in made.items() if name.startswith("Ana")}
    (group,) = [name for name, one in mine.items() if one["Type"] == "AWS::EC2::SecurityGroup"]
    bulk = person_group_json(group, vpc_id=mine[group]["Properties"]["VpcId"])
    assert {one["Type"]: one["Properties"] for one in mine.values()} == {
        one["Type"]: one["Properties"] for one in bulk.values()
    }
    assert len(mine) == len(bulk) == 3


# -- a VPC that exists -----------------------------------------------------------------------------


@pytest.mark.parametrize("neighbour", NEIGHBOURS)
def test_an_existing_vpc_gains_security_groups_and_nothing_else(
    stack: cdk.Stack, neighbour: Callable[[cdk.Stack], ec2.IVpc]
) -> None:
    vpc = neighbour(stack)
    existing = ["kms", "logs", "ssm", "sts", *ALL_STUDIO]
    network = StudioNetwork(stack, "Network", vpc=vpc, existing_endpoints=existing)
    added = {node.cfn_resource_type for node in network.node.find_all() if isinstance(node, cdk.CfnResource)}
    assert added == {f"AWS::EC2::SecurityGroup{kind}" for kind in ("", "Ingress", "Egress")}
    assert network.subnet_ids == network.job_subnet_ids
    assert len(network.subnet_ids) == 2
    groups = of_type(stack, "AWS::EC2::SecurityGroup").values()
    assert all(g["VpcId"] == stack.resolve(vpc.vpc_id) for g in groups)
    assert not Annotations.from_stack(stack).find_warning("*", Match.any_value())


@pytest.mark.parametrize(
    "left_out", sorted({e.name for group in FEATURE_ENDPOINTS.values() for e in group} | set(ALL_STUDIO))
)
def test_an_endpoint_that_an_existing_vpc_lacks_is_named(stack: cdk.Stack, left_out: str) -> None:
    required = required_endpoints(Feature, "VpcOnly")
    (full,) = [e.service_name() for e in required if e.name == left_out]
    existing = [e.name for e in required if e.name != left_out]
    with pytest.raises(InvalidInput, match=r"the VPC lacks endpoints that Studio needs") as caught:
        StudioNetwork(
            stack, "Network", vpc=existing_vpc(stack), features=Feature, existing_endpoints=existing
        )
    assert f"needs: {full}; make them" in str(caught.value)
    assert caught.value.path == "S/Network"


def test_what_an_existing_vpc_lacks_can_be_made(stack: cdk.Stack) -> None:
    StudioNetwork(
        stack,
        "Network",
        vpc=existing_vpc(stack),
        existing_endpoints=["s3", "kms", "sts"],
        create_endpoints=True,
    )
    made = of_type(stack, "AWS::EC2::VPCEndpoint")
    assert {name.removeprefix("NetworkEndpoints")[:-8] for name in made} == {
        "Logs",
        "SageMakerApi",
        "SageMakerRuntime",
        "SageMakerStudio",
        "Ssm",
    }
    assert all(e["SubnetIds"] == ["subnet-1", "subnet-2"] for e in made.values())


def test_a_gateway_made_in_an_existing_vpc_sits_in_its_route_tables(stack: cdk.Stack) -> None:
    StudioNetwork(stack, "Network", vpc=existing_vpc(stack), mode="PublicInternetOnly", create_endpoints=True)
    (gateway,) = of_type(stack, "AWS::EC2::VPCEndpoint").values()
    assert gateway["RouteTableIds"] == ["rtb-1", "rtb-2"]


def test_whoever_does_not_say_what_the_vpc_has_is_told_what_it_must_have(stack: cdk.Stack) -> None:
    StudioNetwork(stack, "Network", vpc=existing_vpc(stack))
    Annotations.from_stack(stack).has_warning(
        "/S/Network",
        Match.string_like_regexp(rf"aws\.sagemaker\.<region>\.studio.*{UNKNOWN_ENDPOINTS_WARNING}"),
    )


def test_apps_and_jobs_can_live_in_different_subnets_of_an_existing_vpc(stack: cdk.Stack) -> None:
    one, two = (ec2.Subnet.from_subnet_id(stack, name, f"subnet-{name}") for name in ("a", "b"))
    network = StudioNetwork(stack, "Network", vpc=existing_vpc(stack), subnets=[one], job_subnets=[two])
    assert (network.subnet_ids, network.job_subnet_ids) == (["subnet-a"], ["subnet-b"])


def test_apps_in_an_existing_vpc_find_its_endpoints_wherever_they_stand(stack: cdk.Stack) -> None:
    StudioNetwork(stack, "Network", vpc=existing_vpc(stack), git=None, s3_prefix_list="pl-6da54004")
    assert rules_out(stack, "StudioGroup") == {("pl-6da54004", 443), ("10.9.0.0/16", 443), *WITHIN_STUDIO}


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (
            {"cidr": "10.0.0.0/16", "nat_gateways": 0},
            "NetworkOptions",
            "nat_gateways, cidr describe a new VPC",
        ),
        ({"availability_zones": 2}, "NetworkOptions", "availability_zones describe a new VPC"),
        ({"subnets": []}, "NetworkSubnets", "vpc names no private subnet"),
        ({"people": 300}, "NetworkAddresses", r"10\.9\.0\.0/24, 10\.9\.1\.0/24 have 500"),
        ({"existing_endpoints": ["s33"]}, "EndpointName", "unknown endpoint 's33'"),
    ],
)
def test_refuses_what_an_existing_vpc_cannot_carry(
    stack: cdk.Stack, options: Json, code: str, message: str
) -> None:
    with pytest.raises(InvalidInput, match=message) as caught:
        StudioNetwork(stack, "Network", vpc=existing_vpc(stack), **options)
    assert (caught.value.code, caught.value.path) == (code, "S/Network")


@pytest.mark.parametrize(("people", "outcome"), [(125, "fine"), (126, "few"), (250, "few"), (251, "too few")])
def test_the_limits_are_four_and_two_addresses_for_each_person(
    stack: cdk.Stack, people: int, outcome: str
) -> None:
    vpc = existing_vpc(stack)  # with 500 free addresses
    try:
        StudioNetwork(stack, "Network", vpc=vpc, people=people)
    except InvalidInput:
        assert outcome == "too few"
    else:
        few = Match.string_like_regexp(FEW_ADDRESSES_WARNING)
        warned = bool(Annotations.from_stack(stack).find_warning("/S/Network", few))
        assert outcome == ("few" if warned else "fine")


def test_a_vpc_that_names_no_private_subnet_is_refused(stack: cdk.Stack) -> None:
    vpc = ec2.Vpc.from_vpc_attributes(stack, "Existing", vpc_id="vpc-1", availability_zones=["a"])
    with pytest.raises(InvalidInput, match="import it with private_subnet_ids or isolated_subnet_ids"):
        StudioNetwork(stack, "Network", vpc=vpc)


def test_a_vpc_of_unknown_addresses_is_refused_only_when_they_are_needed(stack: cdk.Stack) -> None:
    vpc = l1_vpc(stack)
    StudioNetwork(stack, "Fine", vpc=vpc, people=1_000_000)
    with pytest.raises(InvalidInput, match="import it with vpc_cidr_block") as caught:
        StudioNetwork(stack, "Network", vpc=vpc, s3_prefix_list="pl-6da54004")
    assert caught.value.code == "VpcCidr"


def test_two_networks_can_share_one_vpc(stack: cdk.Stack) -> None:
    vpc = existing_vpc(stack)
    one, two = StudioNetwork(stack, "One", vpc=vpc), StudioNetwork(stack, "Two", vpc=vpc)
    assert one.security_group_ids != two.security_group_ids
    assert one.subnet_ids == two.subnet_ids


def test_another_app_can_join_a_network_and_changes_nothing_of_it(stack: cdk.Stack) -> None:
    vpc = existing_vpc(stack)
    groups = [
        ec2.SecurityGroup.from_security_group_id(stack, name, f"sg-{name}") for name in ("studio", "jobs")
    ]
    network = StudioNetwork.from_network_attributes(
        vpc=vpc, subnets=vpc.private_subnets, studio_security_group=groups[0], job_security_group=groups[1]
    )
    assert network.security_group_ids == ["sg-studio"]
    assert network.subnet_ids == network.job_subnet_ids == ["subnet-1", "subnet-2"]
    assert "Resources" not in Template.from_stack(stack).to_json()


def test_with_two_stacks_every_subnet_has_ipv6_and_apps_leave_by_a_gateway_that_lets_nobody_in(
    stack: cdk.Stack,
) -> None:
    StudioNetwork(stack, "Network", dual_stack=True, availability_zones=2)
    template = Template.from_stack(stack)
    template.has_resource_properties("AWS::EC2::VPCCidrBlock", {"AmazonProvidedIpv6CidrBlock": True})
    private = [
        subnet
        for name, subnet in of_type(stack, "AWS::EC2::Subnet").items()
        if "Studio" in name or "Jobs" in name
    ]
    blocks = {json.dumps(subnet["Ipv6CidrBlock"]) for subnet in private}
    assert len(blocks) == len(private) == 4
    assert all(subnet["AssignIpv6AddressOnCreation"] for subnet in private)
    template.resource_count_is("AWS::EC2::EgressOnlyInternetGateway", 1)
    routes = [route for route in of_type(stack, "AWS::EC2::Route").values() if "::/0" in route.values()]
    assert len(routes) == 2
    assert all("EgressOnlyInternetGatewayId" in route for route in routes)


def test_with_two_stacks_what_may_leave_by_ipv4_may_leave_by_ipv6(stack: cdk.Stack) -> None:
    StudioNetwork(stack, "Network", dual_stack=True)
    groups = of_type(stack, "AWS::EC2::SecurityGroup")
    (studio,) = (group for name, group in groups.items() if "StudioGroup" in name)
    by_ipv4 = {rule["FromPort"] for rule in studio["SecurityGroupEgress"] if rule.get("CidrIp") == ANYWHERE}
    by_ipv6 = {rule["FromPort"] for rule in studio["SecurityGroupEgress"] if rule.get("CidrIpv6") == "::/0"}
    assert by_ipv4 == by_ipv6 == {22, 443}


def test_with_two_stacks_a_closed_network_stays_closed(stack: cdk.Stack) -> None:
    StudioNetwork(stack, "Network", dual_stack=True, nat_gateways=0)
    assert "AWS::EC2::EgressOnlyInternetGateway" not in json.dumps(Template.from_stack(stack).to_json())


def test_two_stacks_are_a_matter_of_a_new_vpc(stack: cdk.Stack) -> None:
    with pytest.raises(InvalidInput, match="dual_stack describe a new VPC"):
        StudioNetwork(stack, "Network", vpc=existing_vpc(stack), dual_stack=True)
