"""Templates in the shape of public Studio projects: what a quick start leaves open is found, and nothing is guessed.

The shapes were written for this test. The rules were tried on the templates of those projects by hand, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from studio_infra.guardrails.rules import merged, rules
from tests.guardrails.cases.parts import resource
from tests.guardrails.engine import Job, run

if TYPE_CHECKING:
    from pathlib import Path

_ROLE: Final = resource(
    "IAM::Role",
    AssumeRolePolicyDocument={
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": ["sagemaker.amazonaws.com"]},
                "Action": ["sts:AssumeRole"],
            }
        ]
    },
    ManagedPolicyArns=[{"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/AmazonSageMakerFullAccess"}],
)
#: A default VPC from parameters, one role with everything, a domain and a profile.
QUICK_START: Final[dict[str, Any]] = {
    "Parameters": {"VpcId": {"Type": "AWS::EC2::VPC::Id"}, "SubnetIds": {"Type": "CommaDelimitedList"}},
    "Resources": {
        "Role": _ROLE,
        "Domain": resource(
            "SageMaker::Domain",
            AuthMode="IAM",
            DomainName={"Fn::Sub": "studio-${AWS::StackName}"},
            VpcId={"Ref": "VpcId"},
            SubnetIds={"Ref": "SubnetIds"},
            DefaultUserSettings={"ExecutionRole": {"Fn::GetAtt": ["Role", "Arn"]}},
        ),
        "Profile": resource(
            "SageMaker::UserProfile",
            DomainId={"Ref": "Domain"},
            UserProfileName={"Ref": "UserName"},
            UserSettings={"ExecutionRole": {"Fn::GetAtt": ["Role", "Arn"]}},
        ),
    },
}
_SELF: Final = {"Fn::GetAtt": ["Group", "GroupId"]}
#: The same in a VPC, with one open group, Classic apps and a serving stack that names everything as text.
IN_A_VPC: Final[dict[str, Any]] = {
    "Resources": {
        "Group": resource("EC2::SecurityGroup", GroupDescription="everybody"),
        "Ingress": resource(
            "EC2::SecurityGroupIngress", GroupId=_SELF, SourceSecurityGroupId=_SELF, IpProtocol="-1"
        ),
        "Domain": resource(
            "SageMaker::Domain",
            AppNetworkAccessType="VpcOnly",
            AuthMode="SSO",
            DomainName="studio_domain",
            DefaultUserSettings={"SecurityGroups": [_SELF]},
        ),
        "App": resource("SageMaker::App", AppType="JupyterServer", AppName="default"),
        "Model": resource(
            "SageMaker::Model",
            PrimaryContainer={"Image": "docker.io/serving:latest"},
            ExecutionRoleArn="arn:x",
        ),
        "Config": resource(
            "SageMaker::EndpointConfig",
            ProductionVariants=[{"InstanceType": "ml.m5.large", "InitialInstanceCount": 1}],
            DataCaptureConfig={"EnableCapture": True, "DestinationS3Uri": "s3://captured"},
        ),
        "Endpoint": resource("SageMaker::Endpoint", EndpointConfigName="config"),
        "Target": resource(
            "ApplicationAutoScaling::ScalableTarget",
            ServiceNamespace="sagemaker",
            ResourceId="endpoint/e/variant/v",
        ),
    }
}
_EVERY_DOMAIN: Final = {
    *("DATA_RETAINED", "DOMAIN_CUSTOMER_KEY", "DOMAIN_SOURCE_IDENTITY", "DOMAIN_TAG_PROPAGATION"),
    *("DOMAIN_VOLUME_MAXIMUM", "IDLE_CODE_EDITOR", "IDLE_JUPYTERLAB"),
}


@pytest.mark.slow
def test_a_quick_start_and_a_serving_stack_show_what_they_leave_open(engine: Path) -> None:
    (found,) = run(
        engine, [Job({"rules": merged(rules())}, {"quick start": QUICK_START, "in a VPC": IN_A_VPC})]
    )
    short = {name: {rule.removeprefix("STUDIO_") for rule in those} for name, those in found.items()}
    assert short == {
        "quick start": _EVERY_DOMAIN | {"DOMAIN_VPC_ONLY", "ROLE_NO_FULL_ACCESS", "ROLE_SOURCE_ACCOUNT"},
        "in a VPC": _EVERY_DOMAIN
        | {
            *("ENDPOINT_CAPTURE_KEY", "ENDPOINT_CUSTOMER_KEY", "ENDPOINT_LIFETIME", "ENDPOINT_OWNER"),
            *("ENDPOINT_SCALING_ORDER", "ENDPOINT_TWO_INSTANCES", "MODEL_IN_VPC", "MODEL_ISOLATED"),
            *("MODEL_PRIVATE_REGISTRY", "NAMES", "NO_CLASSIC_APPS", "PEOPLE_APART", "SSO_ASSIGNMENT"),
        },
    }
    assert set(found["quick start"]["STUDIO_DATA_RETAINED"]) == {"Domain", "Profile"}
