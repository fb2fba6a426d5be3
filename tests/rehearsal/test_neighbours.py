"""The services around SageMaker: what MiniStack lacks, and what it lets pass that AWS refuses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.rehearsal.test_cloudformation import Resources, att, ref, resource, serving

if TYPE_CHECKING:
    from studio_infra.rehearsal.server import EmbeddedAws
    from tests.rehearsal.conftest import Stacks

pytestmark = pytest.mark.slow


def vpc() -> Resources:
    return {
        "Vpc": resource("EC2.VPC", CidrBlock="10.0.0.0/16", Tags=[{"Key": "Name", "Value": "ours"}]),
        "Subnet": resource("EC2.Subnet", VpcId=ref("Vpc"), CidrBlock="10.0.0.0/24"),
        "Gateway": resource("EC2.InternetGateway"),
        "Attachment": resource(
            "EC2.VPCGatewayAttachment", VpcId=ref("Vpc"), InternetGatewayId=ref("Gateway")
        ),
    }


def test_a_vpc_shows_what_it_was_made_with(stacks: Stacks) -> None:
    stacks.create(vpc(), {"Cidr": att("Vpc", "CidrBlock"), "Zone": att("Subnet", "AvailabilityZone")})
    assert stacks.outputs() == {"Cidr": "10.0.0.0/16", "Zone": "us-east-1a"}


def test_a_nat_gateway_and_its_address_come_and_go(stacks: Stacks, aws: EmbeddedAws) -> None:
    made = vpc() | {
        "Address": resource("EC2.EIP", Domain="vpc", Tags=[{"Key": "Name", "Value": "nat"}]),
        "Nat": resource(
            "EC2.NatGateway", SubnetId=ref("Subnet"), AllocationId=att("Address", "AllocationId")
        ),
    }
    assert stacks.create(made, {"Ip": ref("Address"), "Nat": ref("Nat")}) == "CREATE_COMPLETE", (
        stacks.reasons()
    )
    ec2 = aws.client("ec2")
    address = ec2.describe_addresses()["Addresses"][0]
    assert address["PublicIp"] == stacks.outputs()["Ip"]
    assert {"Key": "Name", "Value": "nat"} in address["Tags"]
    made["Address"]["Properties"]["Tags"] = [{"Key": "Name", "Value": "other"}]
    assert stacks.update(made) == "UPDATE_COMPLETE"
    assert ec2.describe_addresses()["Addresses"][0]["AllocationId"] == address["AllocationId"]
    assert {"Key": "Name", "Value": "other"} in ec2.describe_addresses()["Addresses"][0]["Tags"]
    assert stacks.delete() == "DELETE_COMPLETE", stacks.reasons()
    assert ec2.describe_addresses()["Addresses"] == []


def test_a_subnet_has_ipv6_addresses_only_of_a_vpc_that_has_them_already(
    stacks: Stacks, aws: EmbeddedAws
) -> None:
    made = vpc() | {"Ipv6": resource("EC2.VPCCidrBlock", VpcId=ref("Vpc"), AmazonProvidedIpv6CidrBlock=True)}
    whole = {"Fn::Select": [0, att("Vpc", "Ipv6CidrBlocks")]}
    block = {"Fn::Select": [3, {"Fn::Cidr": [whole, 8, "64"]}]}
    made["Subnet"]["Properties"]["Ipv6CidrBlock"] = block
    # As in AWS, where a template forgets to say that the subnet waits for the addresses.
    assert stacks.create({name: one for name, one in made.items() if name != "Ipv6"}) == "ROLLBACK_COMPLETE"
    assert "has no IPv6 CIDR block" in stacks.reasons()["Subnet"]
    stacks.delete()
    made["Subnet"]["DependsOn"] = "Ipv6"
    assert stacks.create(made) == "CREATE_COMPLETE", stacks.reasons()
    (subnet,) = aws.client("ec2").describe_subnets(SubnetIds=[stacks.physical_ids()["Subnet"]])["Subnets"]
    (shown,) = subnet["Ipv6CidrBlockAssociationSet"]
    assert shown["Ipv6CidrBlock"].endswith("03::/64")
    assert stacks.delete() == "DELETE_COMPLETE", stacks.reasons()


def groups(port: int = 2049, description: str = "NFS") -> Resources:
    rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "Description": description}
    return vpc() | {
        "Studio": resource("EC2.SecurityGroup", GroupDescription="studio", VpcId=ref("Vpc")),
        "Jobs": resource("EC2.SecurityGroup", GroupDescription="jobs", VpcId=ref("Vpc")),
        "In": resource(
            "EC2.SecurityGroupIngress", GroupId=ref("Studio"), SourceSecurityGroupId=ref("Jobs"), **rule
        ),
        "Out": resource(
            "EC2.SecurityGroupEgress", GroupId=ref("Jobs"), DestinationSecurityGroupId=ref("Studio"), **rule
        ),
    }


def ingress(aws: EmbeddedAws, group: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = aws.client("ec2").describe_security_groups(GroupIds=[group])[
        "SecurityGroups"
    ][0]["IpPermissions"]
    return found


def test_a_changed_rule_leaves_nothing_of_the_old_one(stacks: Stacks, aws: EmbeddedAws) -> None:
    stacks.create(groups())
    studio = stacks.physical_ids()["Studio"]
    assert stacks.changes(groups(port=988))["In"] == "True"
    assert stacks.update(groups(port=988)) == "UPDATE_COMPLETE"
    assert [rule["FromPort"] for rule in ingress(aws, studio)] == [988]
    assert stacks.changes(groups(port=988, description="Lustre"))["In"] == "False"
    assert stacks.update(groups(port=988, description="Lustre")) == "UPDATE_COMPLETE"
    assert ingress(aws, studio)[0]["UserIdGroupPairs"][0]["Description"] == "Lustre"
    assert stacks.delete() == "DELETE_COMPLETE", stacks.reasons()


def test_a_group_that_another_one_names_stays(stacks: Stacks, aws: EmbeddedAws) -> None:
    stacks.create(groups())
    with pytest.raises(Exception, match=r"DependencyViolation.*has a dependent object"):
        aws.client("ec2").delete_security_group(GroupId=stacks.physical_ids()["Jobs"])


def test_a_subnet_with_a_mount_target_stays(stacks: Stacks, aws: EmbeddedAws) -> None:
    stacks.create(vpc())
    subnet = stacks.physical_ids()["Subnet"]
    efs = aws.client("efs")
    system = efs.create_file_system(CreationToken="t")["FileSystemId"]
    target = efs.create_mount_target(FileSystemId=system, SubnetId=subnet)["MountTargetId"]
    with pytest.raises(Exception, match=target):
        aws.client("ec2").delete_subnet(SubnetId=subnet)
    efs.delete_mount_target(MountTargetId=target)
    assert stacks.delete() == "DELETE_COMPLETE"


def test_a_flow_log_is_a_real_one(stacks: Stacks, aws: EmbeddedAws) -> None:
    log = resource(
        "EC2.FlowLog",
        ResourceId=ref("Vpc"),
        ResourceType="VPC",
        TrafficType="ALL",
        LogDestinationType="cloud-watch-logs",
        LogGroupName="flow",
    )
    stacks.create(vpc() | {"Log": log})
    found = aws.client("ec2").describe_flow_logs()["FlowLogs"]
    assert [entry["FlowLogId"] for entry in found] == [stacks.physical_ids()["Log"]]
    assert stacks.delete() == "DELETE_COMPLETE"
    assert aws.client("ec2").describe_flow_logs()["FlowLogs"] == []


def test_the_tags_of_a_bucket_are_kept(stacks: Stacks, aws: EmbeddedAws) -> None:
    def bucket(value: str) -> Resources:
        return {"Bucket": resource("S3.Bucket", BucketName="ours", Tags=[{"Key": "team", "Value": value}])}

    s3 = aws.client("s3")
    stacks.create(bucket("vision"))
    assert {"Key": "team", "Value": "vision"} in s3.get_bucket_tagging(Bucket="ours")["TagSet"]
    stacks.update(bucket("speech"))
    assert {"Key": "team", "Value": "speech"} in s3.get_bucket_tagging(Bucket="ours")["TagSet"]


# -- scaling, budgets, alarms ----------------------------------------------------------------------------


def scaled(target: float = 10) -> Resources:
    where = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": "endpoint/churn/variant/all",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    tracking = {
        "TargetValue": target,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
    }
    return serving() | {
        "Target": resource("ApplicationAutoScaling.ScalableTarget", MinCapacity="1", MaxCapacity="4", **where)
        | {"DependsOn": "Endpoint"},
        "Policy": resource(
            "ApplicationAutoScaling.ScalingPolicy",
            PolicyName="track",
            PolicyType="TargetTrackingScaling",
            ScalingTargetId=ref("Target"),
            TargetTrackingScalingPolicyConfiguration=tracking,
        ),
    }


def test_scaling_of_an_endpoint_can_be_read_back(stacks: Stacks, aws: EmbeddedAws) -> None:
    assert stacks.create(scaled()) == "CREATE_COMPLETE", stacks.reasons()
    scaling = aws.client("application-autoscaling")
    target = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"][0]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 4)
    assert stacks.update(scaled(target=20)) == "UPDATE_COMPLETE"
    policy = scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"][0]
    assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 20
    assert stacks.delete() == "DELETE_COMPLETE", stacks.reasons()
    assert scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"] == []


def test_a_scaled_endpoint_refuses_another_instance_type_and_rolls_back(stacks: Stacks) -> None:
    stacks.create(scaled())
    changed = scaled()
    changed["EndpointConfig"]["Properties"]["ProductionVariants"][0]["InstanceType"] = "ml.m5.xlarge"
    assert stacks.update(changed) == "UPDATE_ROLLBACK_COMPLETE"
    assert "must be deregistered as scalable targets" in stacks.reasons()["Endpoint"]


def test_a_budget_is_a_real_one(stacks: Stacks, aws: EmbeddedAws) -> None:
    def budget(amount: int) -> Resources:
        wanted = {
            "BudgetType": "COST",
            "TimeUnit": "MONTHLY",
            "BudgetLimit": {"Amount": amount, "Unit": "USD"},
        }
        alert = {
            "Notification": {
                "NotificationType": "ACTUAL",
                "ComparisonOperator": "GREATER_THAN",
                "Threshold": 80,
            },
            "Subscribers": [{"SubscriptionType": "EMAIL", "Address": "team@example.com"}],
        }
        return {"Budget": resource("Budgets.Budget", Budget=wanted, NotificationsWithSubscribers=[alert])}

    budgets = aws.client("budgets")
    assert stacks.create(budget(100)) == "CREATE_COMPLETE", stacks.reasons()
    assert stacks.update(budget(200)) == "UPDATE_COMPLETE", stacks.reasons()
    found = budgets.describe_budgets(AccountId="123456789012")["Budgets"][0]
    assert found["BudgetName"] == stacks.physical_ids()["Budget"]
    assert float(found["BudgetLimit"]["Amount"]) == 200
    assert stacks.delete() == "DELETE_COMPLETE"
    assert budgets.describe_budgets(AccountId="123456789012").get("Budgets", []) == []


def test_a_composite_alarm_is_a_real_one(stacks: Stacks, aws: EmbeddedAws) -> None:
    metric = {"Namespace": "n", "MetricName": "m", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1}
    made = {
        "Alarm": resource(
            "CloudWatch.Alarm",
            AlarmName="one",
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
            **metric,
        ),
        "All": resource("CloudWatch.CompositeAlarm", AlarmName="all", AlarmRule="ALARM(one)")
        | {"DependsOn": "Alarm"},
    }
    assert stacks.create(made, {"Arn": att("All", "Arn")}) == "CREATE_COMPLETE", stacks.reasons()
    cloudwatch = aws.client("cloudwatch")
    found = cloudwatch.describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    assert [alarm["AlarmArn"] for alarm in found] == [stacks.outputs()["Arn"]]
    assert stacks.delete() == "DELETE_COMPLETE", stacks.reasons()
    assert cloudwatch.describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"] == []


# -- what is kept and not emulated -------------------------------------------------------------------------


def anomaly(name: str = "spend") -> Resources:
    return {"Monitor": resource("CE.AnomalyMonitor", MonitorName=name, MonitorType="DIMENSIONAL")}


def test_what_is_not_emulated_is_listed_until_it_is_gone(stacks: Stacks, aws: EmbeddedAws) -> None:
    assert stacks.create(anomaly(), {"Arn": att("Monitor", "MonitorArn")}) == "CREATE_COMPLETE", (
        stacks.reasons()
    )
    assert stacks.outputs()["Arn"].startswith("arn:aws:ce:")
    entry = aws.control.state_only()
    assert [(e["type"], e["stack"], e["logical_id"]) for e in entry] == [
        ("AWS::CE::AnomalyMonitor", "s", "Monitor")
    ]
    assert stacks.update(anomaly("other")) == "UPDATE_COMPLETE"
    assert stacks.delete() == "DELETE_COMPLETE"
    assert aws.control.state_only() == []


def test_what_is_emulated_is_not_listed(stacks: Stacks, aws: EmbeddedAws) -> None:
    stacks.create(scaled() | {k: v for k, v in groups().items() if k not in serving()})
    assert aws.control.state_only() == []


def test_a_lustre_file_system_is_kept_under_an_id_that_studio_takes(stacks: Stacks, aws: EmbeddedAws) -> None:
    fast = {"Fast": resource("FSx.FileSystem", FileSystemType="LUSTRE", SubnetIds=["subnet-1"])}
    assert stacks.create(fast, {"Dns": att("Fast", "DNSName")}) == "CREATE_COMPLETE", stacks.reasons()
    assert re.fullmatch("fs-[0-9a-f]{17}", stacks.physical_ids()["Fast"])
    assert [entry["type"] for entry in aws.control.state_only()] == ["AWS::FSx::FileSystem"]
    assert stacks.changes(
        {"Fast": {**fast["Fast"], "Properties": {**fast["Fast"]["Properties"], "SubnetIds": ["x"]}}}
    ) == {"Fast": "True"}


def test_single_sign_on_assignments_are_kept_and_listed(stacks: Stacks, aws: EmbeddedAws) -> None:
    wanted = {"ApplicationArn": "arn:aws:sso::123456789012:application/a/b", "PrincipalType": "GROUP"}
    assert (
        stacks.create({"A": resource("SSO.ApplicationAssignment", PrincipalId="g-1", **wanted)})
        == "CREATE_COMPLETE"
    )
    assert [e["type"] for e in aws.control.state_only()] == ["AWS::SSO::ApplicationAssignment"]


@pytest.mark.parametrize("kind", ["IAM.OIDCProvider", "RAM.ResourceShare", "Events.EventBusPolicy"])
def test_nothing_that_gives_permissions_is_only_kept(stacks: Stacks, kind: str) -> None:
    with pytest.raises(Exception, match="Unrecognized resource types"):
        stacks.create({"It": resource(kind)})
