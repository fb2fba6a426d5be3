"""FSx for Lustre in CloudFormation's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import botocore.session
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Template

from studio_infra.errors import InvalidInput
from studio_infra.settings.facts.limits import LUSTRE_THROUGHPUTS
from studio_infra.storage import LustreDeployment, LustreFileSystem
from tests.storage.test_team_file_system import of_type

if TYPE_CHECKING:
    from collections.abc import Callable

DESTROYABLE = {"@studio-infra/allow-destroy": True}
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234"


def lustre(stack: cdk.Stack, **options: Any) -> LustreFileSystem:
    vpc = ec2.Vpc.from_vpc_attributes(
        stack, "Vpc", vpc_id="vpc-1", availability_zones=["a"], private_subnet_ids=["subnet-1"]
    )
    given: dict[str, Any] = {
        "vpc": vpc,
        "subnet": vpc.private_subnets[0],
        "studio_nfs_group": ec2.SecurityGroup.from_security_group_id(
            stack, "Nfs", "sg-01234567", mutable=False
        ),
        "key": kms.Key.from_key_arn(stack, "Key", KEY),
    }
    return LustreFileSystem(stack, "Fast", **(given | options))


def test_it_is_encrypted_with_the_key_copied_and_outlives_the_stack(stack: cdk.Stack) -> None:
    made = lustre(stack)
    template = Template.from_stack(stack)
    template.has_resource(
        "AWS::FSx::FileSystem", {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    )
    (found,) = of_type(stack, "AWS::FSx::FileSystem")
    own = stack.resolve(made.security_group.security_group_id)
    assert found == {
        "FileSystemType": "LUSTRE",
        "FileSystemTypeVersion": "2.15",
        "KmsKeyId": KEY,
        "LustreConfiguration": {
            "AutomaticBackupRetentionDays": 30,
            "DataCompressionType": "LZ4",
            "DeploymentType": "PERSISTENT_2",
            "PerUnitStorageThroughput": 125,
        },
        "SecurityGroupIds": [own, "sg-01234567"],
        "StorageCapacity": 1200,
        "StorageType": "SSD",
        "SubnetIds": ["subnet-1"],
        "Tags": [{"Key": "Name", "Value": "S/Fast"}],
    }


def test_its_servers_and_clients_speak_lustre_and_nothing_else(stack: cdk.Stack) -> None:
    vpc = ec2.Vpc.from_vpc_attributes(stack, "Own", vpc_id="vpc-1", availability_zones=["a"])
    hosts = ec2.SecurityGroup(stack, "Hosts", vpc=vpc, allow_all_outbound=False)
    made = lustre(stack, clients=[hosts])
    own, theirs = (stack.resolve(one.security_group_id) for one in (made.security_group, hosts))
    ways_in = of_type(stack, "AWS::EC2::SecurityGroupIngress")
    ports = {(988, 988), (1018, 1023)}
    for source in (own, theirs):
        rules = [rule for rule in ways_in if rule["SourceSecurityGroupId"] == source]
        assert {(rule["FromPort"], rule["ToPort"]) for rule in rules} == ports
        assert all(rule["GroupId"] == own and rule["IpProtocol"] == "tcp" for rule in rules)
    assert len(ways_in) == 4
    ways_out = of_type(stack, "AWS::EC2::SecurityGroupEgress")
    assert {(rule["FromPort"], rule["ToPort"]) for rule in ways_out} == ports
    (group,) = (
        one for one in of_type(stack, "AWS::EC2::SecurityGroup") if "Lustre" in one["GroupDescription"]
    )
    # Without it, the group would let everything out.
    assert [rule["CidrIp"] for rule in group["SecurityGroupEgress"]] == ["255.255.255.255/32"]


def test_its_ports_are_open_before_fsx_looks_for_them(stack: cdk.Stack) -> None:
    lustre(stack)
    template = Template.from_stack(stack)
    (found,) = template.find_resources("AWS::FSx::FileSystem").values()
    rules = [
        *template.find_resources("AWS::EC2::SecurityGroupIngress"),
        *template.find_resources("AWS::EC2::SecurityGroupEgress"),
    ]
    assert set(rules) <= set(found["DependsOn"])
    assert len(rules) == 4


def test_one_that_shows_a_folder_of_s3_follows_it_and_writes_nothing_back(stack: cdk.Stack) -> None:
    lustre(stack, s3_uri="s3://raw-example/images/")
    (linked,) = of_type(stack, "AWS::FSx::DataRepositoryAssociation")
    assert (linked["DataRepositoryPath"], linked["FileSystemPath"]) == ("s3://raw-example/images/", "/")
    assert linked["S3"] == {"AutoImportPolicy": {"Events": ["NEW", "CHANGED", "DELETED"]}}
    (found,) = of_type(stack, "AWS::FSx::FileSystem")
    # Said, not left out: one that is linked later has its copies turned off, and FSx makes none of linked ones.
    assert found["LustreConfiguration"]["AutomaticBackupRetentionDays"] == 0


def test_a_temporary_one_takes_neither_key_nor_throughput_nor_copies(stack: cdk.Stack) -> None:
    lustre(stack, deployment=LustreDeployment.SCRATCH_2)
    (found,) = of_type(stack, "AWS::FSx::FileSystem")
    assert "KmsKeyId" not in found
    assert found["LustreConfiguration"] == {"DataCompressionType": "LZ4", "DeploymentType": "SCRATCH_2"}


@pytest.mark.parametrize("app", [DESTROYABLE], indirect=True)
def test_two_consents_let_the_files_go(stack: cdk.Stack) -> None:
    lustre(stack, removal_policy=cdk.RemovalPolicy.DESTROY)
    Template.from_stack(stack).has_resource("AWS::FSx::FileSystem", {"DeletionPolicy": "Delete"})


def test_one_consent_does_not(stack: cdk.Stack) -> None:
    lustre(stack, removal_policy=cdk.RemovalPolicy.DESTROY)
    Template.from_stack(stack).has_resource("AWS::FSx::FileSystem", {"DeletionPolicy": "Retain"})


def test_a_client_is_told_where_it_is(stack: cdk.Stack) -> None:
    found = stack.resolve(lustre(stack).attributes.dns_name)
    assert found["Fn::GetAtt"][1] == "DNSName"
    brought = LustreFileSystem.from_file_system_attributes(
        file_system_id="fs-01234567",
        dns_name="fs-01234567.fsx.eu-west-1.amazonaws.com",
        mount_name="fsx",
    )
    assert (brought.directory_path(), brought.directory_path("/images/")) == ("/fsx", "/fsx/images")


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (
            {"capacity_gib": 3000},
            "LustreCapacity",
            "capacity_gib must be 1200 or a multiple of 2400, got 3000",
        ),
        ({"capacity_gib": 0}, "LustreCapacity", "got 0"),
        (
            {"throughput_per_tib": 50},
            "LustreThroughput",
            "one of 125, 250, 500, 1000 with PERSISTENT_2, got 50",
        ),
        (
            {"deployment": "SCRATCH_2", "throughput_per_tib": 125},
            "LustreThroughput",
            "must be left out with SCRATCH_2",
        ),
        ({"deployment": "SCRATCH_1"}, "LustreDeployment", "got 'SCRATCH_1'"),
        ({"s3_uri": "https://bucket/x"}, "LustreRepository", "must be like s3://bucket/folder/"),
    ],
)
def test_refuses_what_could_never_deploy(
    stack: cdk.Stack, options: dict[str, Any], code: str, message: str
) -> None:
    with pytest.raises(InvalidInput, match=message) as caught:
        lustre(stack, **options)
    assert (caught.value.code, caught.value.path) == (code, "S/Fast")


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (
            lambda: LustreFileSystem.from_file_system_attributes(
                file_system_id="lustre", dns_name="d", mount_name="fsx"
            ),
            "FileSystemId",
        ),
        (
            lambda: LustreFileSystem.from_file_system_attributes(
                file_system_id="fs-01234567", dns_name="d", mount_name="/fsx"
            ),
            "LustreMountName",
        ),
    ],
)
def test_refuses_what_fsx_never_gave(make: Callable[[], object], code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        make()
    assert caught.value.code == code


def test_the_kinds_and_throughputs_are_among_those_of_the_service() -> None:
    model: Any = botocore.session.get_session().get_service_model("fsx")
    assert (
        set(LustreDeployment) == set(LUSTRE_THROUGHPUTS) <= set(model.shape_for("LustreDeploymentType").enum)
    )
    limits = model.shape_for("PerUnitStorageThroughput").metadata
    known = [one for values in LUSTRE_THROUGHPUTS.values() for one in values]
    assert limits["min"] <= min(known) <= max(known) <= limits["max"]
