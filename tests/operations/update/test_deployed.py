"""Features of a domain on the embedded AWS, with IAM enforced: set, made good, taken back, the rest left alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

from studio_infra.operations import DomainUpdate
from studio_infra.rehearsal.server import EmbeddedAws
from studio_infra.studio.domain.domain import StudioDomain
from studio_infra.studio.domain.domain_options import DockerAccess, DomainOptions
from studio_infra.studio.domain.features import AmazonQ, Canvas, DomainFeatures
from tests.deployment import Deployment

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.slow
FEATURES = DomainFeatures(
    canvas=Canvas(s3_uri="s3://bucket/canvas", direct_deploy=True), amazon_q=AmazonQ(), rootless_docker=True
)


def studio(features: DomainFeatures | None, *, hidden: tuple[str, ...] = ()) -> Callable[[cdk.Stack], None]:
    def build(stack: cdk.Stack) -> None:
        destroy = cdk.RemovalPolicy.DESTROY
        key = kms.Key(stack, "Key", enable_key_rotation=True, removal_policy=destroy)
        vpc = ec2.Vpc(
            stack,
            "Vpc",
            nat_gateways=0,
            max_azs=1,
            subnet_configuration=[
                ec2.SubnetConfiguration(name="p", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
            ],
            restrict_default_security_group=False,
        )
        role = iam.Role(stack, "Forecasts", assumed_by=iam.ServicePrincipal("forecast.amazonaws.com"))
        domain = StudioDomain(
            stack,
            "Domain",
            domain_name="featured",
            vpc=vpc,
            subnets=vpc.isolated_subnets,
            security_groups=[ec2.SecurityGroup(stack, "Group", vpc=vpc)],
            hidden_instance_types=hidden,
            options=DomainOptions(docker=DockerAccess()),
        )
        if features is not None and features.canvas is not None:
            canvas = replace(features.canvas, forecasts=True, forecast_role_arn=role.role_arn)
            more = replace(features, canvas=canvas)
            DomainUpdate(stack, "Features", domain=domain, features=more, key=key)

    return build


def test_features_are_set_made_good_and_taken_back_and_what_others_set_stays() -> None:
    with EmbeddedAws(strict=True) as aws:
        sagemaker, deployment = aws.client("sagemaker"), Deployment(aws, "featured")

        def shown() -> dict[str, Any]:
            (domain,) = sagemaker.list_domains()["Domains"]
            found: dict[str, Any] = sagemaker.describe_domain(DomainId=domain["DomainId"])
            assert found["Status"] == "InService"
            return found

        def by_hand(**changes: Any) -> None:
            sagemaker.update_domain(DomainId=shown()["DomainId"], **changes)
            while sagemaker.describe_domain(DomainId=domain_id)["Status"] != "InService":
                pass

        made = deployment.deploy(studio(FEATURES))
        domain_id = shown()["DomainId"]
        role_name = next(physical for logical, physical in made.items() if logical.startswith("Forecasts"))
        assert shown()["DomainSettings"] == {
            "AmazonQSettings": {"Status": "ENABLED"},
            "DockerSettings": {"EnableDockerAccess": "ENABLED", "RootlessDocker": "ENABLED"},
        }
        assert shown()["DefaultUserSettings"]["CanvasAppSettings"] == {
            "WorkspaceSettings": {"S3ArtifactPath": "s3://bucket/canvas"},
            "DirectDeploySettings": {"Status": "ENABLED"},
            "TimeSeriesForecastingSettings": {
                "Status": "ENABLED",
                "AmazonForecastRoleArn": aws.client("iam").get_role(RoleName=role_name)["Role"]["Arn"],
            },
        }

        # Somebody adds in the console to the same block, and undoes something of ours.
        by_hand(DefaultUserSettings={"CanvasAppSettings": {"KendraSettings": {"Status": "ENABLED"}}})
        by_hand(DomainSettingsForUpdate={"DockerSettings": {"RootlessDocker": "DISABLED"}})
        deployment.deploy(studio(FEATURES, hidden=("ml.p5.48xlarge",)))
        found = shown()
        assert found["DomainSettings"]["DockerSettings"]["RootlessDocker"] == "ENABLED"
        canvas = found["DefaultUserSettings"]["CanvasAppSettings"]
        assert canvas["KendraSettings"] == {"Status": "ENABLED"}
        assert found["DefaultUserSettings"]["StudioWebPortalSettings"]["HiddenInstanceTypes"] == [
            "ml.p5.48xlarge"
        ]

        # One feature goes, then the whole resource.
        less = DomainFeatures(canvas=Canvas(direct_deploy=True), rootless_docker=True)
        deployment.deploy(studio(less, hidden=("ml.p5.48xlarge",)))
        assert shown()["DomainSettings"]["AmazonQSettings"] == {"Status": "DISABLED"}
        assert shown()["DomainSettings"]["DockerSettings"]["RootlessDocker"] == "ENABLED"
        deployment.deploy(studio(None, hidden=("ml.p5.48xlarge",)))
        found = shown()
        assert found["DomainSettings"]["DockerSettings"] == {
            "EnableDockerAccess": "ENABLED",
            "RootlessDocker": "DISABLED",
        }
        canvas = found["DefaultUserSettings"]["CanvasAppSettings"]
        assert (canvas["DirectDeploySettings"], canvas["KendraSettings"]) == (
            {"Status": "DISABLED"},
            {"Status": "ENABLED"},
        )
        assert aws.client("lambda").list_functions()["Functions"] == []
