"""What only the API can give a domain, from the settings: one custom resource in the studio stack, or none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from studio_infra.settings import load_settings
from studio_infra.settings.findings import InvalidSettings
from studio_infra.stacks import add_stacks

SETTINGS = Path(__file__).parents[2] / "settings" / "sandbox.toml"
CUSTOM = "AWS::CloudFormation::CustomResource"
IMAGE = "arn:aws:sagemaker:us-east-1:081325390199:image/datascience-1.0"


def studio(tmp_path: Path, more: str) -> Template:
    text = SETTINGS.read_text(encoding="utf-8").replace("[domain]\n", f"{more}\n", 1)
    text = text.replace('apps = ["JupyterLab"]\n', "") if "\napps" in more else text
    (tmp_path / "sandbox.toml").write_text(text, encoding="utf-8")
    roster = SETTINGS.with_name("sandbox-users.csv").read_text(encoding="utf-8")
    (tmp_path / "sandbox-users.csv").write_text(roster, encoding="utf-8")
    return Template.from_stack(add_stacks(cdk.App(), load_settings(tmp_path / "sandbox.toml")).studio)


def settings_of_domain(template: Template) -> dict[str, Any]:
    (domain,) = template.find_resources("AWS::SageMaker::Domain").values()
    found: dict[str, Any] = domain["Properties"]["DefaultUserSettings"]
    return found


def test_every_setting_reaches_the_custom_resource(tmp_path: Path) -> None:
    made = studio(
        tmp_path,
        """
[domain.canvas]
s3_uri = "s3://example-canvas/work"
direct_deploy = false
forecast_role_arn = "arn:aws:iam::123456789012:role/forecast"
data_sources.Snowflake = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:snowflake"
[domain.amazon_q]
[domain]
docker = true
rootless_docker = true
user_identity_sessions = true
features_revision = 2
""",
    )
    (found,) = made.find_resources(CUSTOM).values()
    assert found["Properties"]["Revision"] == "2"
    assert found["Properties"]["Settings"] == {
        "DefaultUserSettings": {
            "CanvasAppSettings": {
                "WorkspaceSettings": {"S3ArtifactPath": "s3://example-canvas/work"},
                "DirectDeploySettings": {"Status": "DISABLED"},
                "TimeSeriesForecastingSettings": {
                    "AmazonForecastRoleArn": "arn:aws:iam::123456789012:role/forecast"
                },
                "IdentityProviderOAuthSettings": [
                    {
                        "DataSourceName": "Snowflake",
                        "Status": "ENABLED",
                        "SecretArn": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:snowflake",
                    }
                ],
            },
            "StudioWebPortalSettings": {"ExecutionRoleSessionNameMode": "USER_IDENTITY"},
        },
        "DomainSettings": {
            "AmazonQSettings": {"Status": "ENABLED"},
            "DockerSettings": {"RootlessDocker": "ENABLED"},
        },
    }
    assert "Canvas" not in settings_of_domain(made)["StudioWebPortalSettings"]["HiddenAppTypes"]


def test_without_them_there_is_no_function_and_canvas_is_hidden(tmp_path: Path) -> None:
    made = studio(tmp_path, "[domain]")
    made.resource_count_is(CUSTOM, 0)
    made.resource_count_is("AWS::Lambda::Function", 0)
    assert "Canvas" in settings_of_domain(made)["StudioWebPortalSettings"]["HiddenAppTypes"]


def test_canvas_can_be_shown_and_otherwise_left_alone(tmp_path: Path) -> None:
    made = studio(tmp_path, "[domain.canvas]\n[domain]")
    made.resource_count_is(CUSTOM, 0)
    assert "Canvas" not in settings_of_domain(made)["StudioWebPortalSettings"]["HiddenAppTypes"]


def test_apps_start_from_the_images_that_the_settings_name_classic_ones_too(tmp_path: Path) -> None:
    made = studio(
        tmp_path,
        f"""
[domain.default_images.KernelGateway]
image_arn = "{IMAGE}"
version_arn = "arn:aws:sagemaker:us-east-1:081325390199:image-version/datascience-1.0/2"
[domain.default_images.JupyterServer]
image_arn = "arn:aws:sagemaker:us-east-1:081325390199:image/jupyter-server-3"
[domain]
apps = ["JupyterLab", "JupyterServer", "KernelGateway"]
""",
    )
    found = settings_of_domain(made)
    spec = found["KernelGatewayAppSettings"]["DefaultResourceSpec"]
    assert spec["SageMakerImageArn"] == IMAGE
    assert spec["SageMakerImageVersionArn"].endswith("/datascience-1.0/2")
    server = found["JupyterServerAppSettings"]["DefaultResourceSpec"]
    assert (server["SageMakerImageArn"].rpartition("/")[2], server["InstanceType"]) == (
        "jupyter-server-3",
        "system",
    )
    assert "SageMakerImageArn" not in found["JupyterLabAppSettings"]["DefaultResourceSpec"]


PORTFOLIO = """[access]
role_sharing = "per_team"
projects_portfolio = "port-abcdefghijklm"
[teams.sandbox]
projects = true
"""


def with_projects(tmp_path: Path, text: str) -> Template:
    settings = SETTINGS.read_text(encoding="utf-8").replace("[teams.sandbox]\n", text, 1)
    (tmp_path / "sandbox.toml").write_text(settings, encoding="utf-8")
    roster = SETTINGS.with_name("sandbox-users.csv").read_text(encoding="utf-8")
    (tmp_path / "sandbox-users.csv").write_text(roster, encoding="utf-8")
    return Template.from_stack(add_stacks(cdk.App(), load_settings(tmp_path / "sandbox.toml")).studio)


def test_a_team_with_projects_is_in_the_portfolio(tmp_path: Path) -> None:
    made = with_projects(tmp_path, PORTFOLIO)
    (found,) = made.find_resources("AWS::ServiceCatalog::PortfolioPrincipalAssociation").values()
    assert found["Properties"]["PrincipalARN"]["Fn::GetAtt"][0].startswith("TeamSandboxSharedRole")


def test_projects_need_a_role_of_the_team(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match="needs a role of the team"):
        with_projects(tmp_path, PORTFOLIO.replace('role_sharing = "per_team"\n', ""))
