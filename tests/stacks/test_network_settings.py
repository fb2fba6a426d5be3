"""What `[network]` of the settings does to the stacks of the production settings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from studio_infra.settings import StudioSettings
from tests.stacks.test_access_settings import PRODUCTION, of_type, templates

if TYPE_CHECKING:
    from collections.abc import Mapping

VPC = {
    "auth_mode": "IAM",
    "network": "VpcOnly",
    "vpc_id": "vpc-0123456789abcdef0",
    "subnet_ids": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
}


def studio(network: Mapping[str, Any], **other: Any) -> dict[str, Any]:
    values = dict(PRODUCTION) | {"roster": PRODUCTION.roster[:3], "endpoints": {}, "training": {}} | other
    made = templates(StudioSettings.model_validate(values | {"network": network}))
    return made["research-studio"]


def services(template: dict[str, Any]) -> set[str]:
    return {json.dumps(one["ServiceName"]) for one in of_type("AWS::EC2::VPCEndpoint", template)}


def test_a_feature_brings_its_endpoints() -> None:
    more = services(studio({"features": ["mlflow", "containers"]})) - services(studio({}))
    assert sorted(name.rpartition(".")[2].strip('"]}') for name in more) == ["api", "dkr", "experiments"]


def test_keys_in_secrets_bring_the_endpoint_that_reads_them() -> None:
    git = {"hosts": ["github.com"], "key_store": "secret"}
    assert any("secretsmanager" in name for name in services(studio({}, git=git)))


def test_a_vpc_brought_along_gets_the_endpoints_that_it_lacks() -> None:
    network = {
        "existing_endpoints": ["sagemaker.api", "sagemaker.runtime", "studio"],
        "create_endpoints": True,
        "route_table_ids": ["rtb-0123456789abcdef0", "rtb-0123456789abcdef1"],
    }
    made = services(studio(network, domain=VPC))
    assert {name.rpartition(".")[2].strip('"]}') for name in made} == {"kms", "logs", "ssm", "sts", "s3"}


def test_jobs_have_subnets_of_their_own_where_the_settings_name_them() -> None:
    template = studio({"job_subnet_ids": ["subnet-0123456789abcdef9"]}, domain=VPC)
    (domain,) = of_type("AWS::SageMaker::Domain", template)
    assert domain["SubnetIds"] == VPC["subnet_ids"]
    assert "subnet-0123456789abcdef9" in json.dumps(of_type("AWS::IAM::ManagedPolicy", template))


def test_a_domain_of_two_stacks_stands_in_subnets_of_two_stacks() -> None:
    template = studio({"dual_stack": True})
    (domain,) = of_type("AWS::SageMaker::Domain", template)
    assert domain["DomainSettings"] == {"IpAddressType": "DUALSTACK"}
    assert of_type("AWS::EC2::EgressOnlyInternetGateway", template)


def test_a_prefix_list_closes_https_to_the_rest_of_the_world() -> None:
    template = studio({"s3_prefix_list": "pl-6da54004"}, git={"hosts": []})
    rules = of_type("AWS::EC2::SecurityGroupEgress", template)
    assert {rule["DestinationPrefixListId"] for rule in rules if "DestinationPrefixListId" in rule} == {
        "pl-6da54004"
    }
    jobs = next(
        g for g in of_type("AWS::EC2::SecurityGroup", template) if "jobs" in g["GroupDescription"].lower()
    )
    assert "0.0.0.0/0" not in json.dumps(jobs)


def test_addresses_of_a_new_vpc_are_those_of_the_settings() -> None:
    (vpc,) = of_type("AWS::EC2::VPC", studio({"cidr": "10.77.0.0/20", "flow_logs": False}))
    assert vpc["CidrBlock"] == "10.77.0.0/20"
