"""The update of a domain: off unless used, allowed one domain, run again when the domain changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Match, Template

from studio_infra.errors import InvalidInput
from studio_infra.operations import DomainUpdate
from studio_infra.operations.update.domain_update import TIMEOUT_SECONDS
from studio_infra.runtime.functions.domain_update.core import SECTIONS, plan
from studio_infra.runtime.functions.domain_update.handler import RESERVE, Orders
from studio_infra.studio.domain.connections import EmrAccess
from studio_infra.studio.domain.domain import AuthMode, StudioDomain
from studio_infra.studio.domain.domain_options import DockerAccess, DomainOptions
from studio_infra.studio.domain.features import AmazonQ, Canvas, CanvasDataSource, DomainFeatures
from studio_infra.studio.domain.portal import Portal
from tests import compliance
from tests.runtime.fake_aws.aws import shapes_of

if TYPE_CHECKING:
    from collections.abc import Mapping

CUSTOM = "AWS::CloudFormation::CustomResource"
ROLE = "arn:aws:iam::123456789012:role/forecast"
SOURCE = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:snowflake"
FEATURES = DomainFeatures(
    canvas=Canvas(s3_uri="s3://bucket/canvas", forecasts=True, forecast_role_arn=ROLE),
    amazon_q=AmazonQ(),
    rootless_docker=True,
)


def update(
    stack: cdk.Stack,
    *,
    features: DomainFeatures = FEATURES,
    domain: Mapping[str, Any] | None = None,
    **more: Any,
) -> DomainUpdate:
    vpc = ec2.Vpc.from_vpc_attributes(
        stack, "Vpc", vpc_id="vpc-1", availability_zones=["a"], private_subnet_ids=["subnet-a"]
    )
    group = ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-1")
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    options: dict[str, Any] = {
        "domain_name": "research",
        "vpc": vpc,
        "security_groups": [group],
        "options": DomainOptions(docker=DockerAccess()),
        **(domain or {}),
    }
    studio = StudioDomain(stack, "Domain", **options)
    return DomainUpdate(stack, "Update", domain=studio, features=features, key=key, **more)


def resource(**more: Any) -> dict[str, Any]:
    stack = cdk.Stack(cdk.App(), "S")
    update(stack, **more)
    (found,) = Template.from_stack(stack).find_resources(CUSTOM).values()
    properties: dict[str, Any] = found["Properties"]
    return properties


def test_a_domain_without_features_has_no_custom_resource(stack: cdk.Stack) -> None:
    with pytest.raises(InvalidInput, match="no feature is wanted"):
        update(stack, features=DomainFeatures())
    template = Template.from_stack(stack)
    template.resource_count_is(CUSTOM, 0)
    template.resource_count_is("AWS::Lambda::Function", 0)


def test_what_is_wanted_stands_in_the_template_in_the_apis_words() -> None:
    assert resource()["Settings"] == {
        "DefaultUserSettings": {
            "CanvasAppSettings": {
                "WorkspaceSettings": {"S3ArtifactPath": "s3://bucket/canvas"},
                "TimeSeriesForecastingSettings": {"Status": "ENABLED", "AmazonForecastRoleArn": ROLE},
            }
        },
        "DomainSettings": {
            "AmazonQSettings": {"Status": "ENABLED"},
            "DockerSettings": {"RootlessDocker": "ENABLED"},
        },
    }


def test_it_runs_again_when_the_domain_changes_and_only_then() -> None:
    before = resource()
    assert resource() == before
    assert resource(domain={"hidden_instance_types": ["ml.p5.48xlarge"]})["After"] != before["After"]
    assert resource(revision=1)["Revision"] == "1"


def test_it_runs_again_when_what_a_reference_means_changes(stack: cdk.Stack) -> None:
    role = iam.Role(stack, "People", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    update(stack, domain={"execution_role": role})
    template = Template.from_stack(stack)
    (found,) = template.find_resources(CUSTOM).values()
    people = next(iter(template.find_resources("AWS::IAM::Role", {"Properties": {"AssumeRolePolicyDocument": {
        "Statement": [{"Principal": {"Service": "sagemaker.amazonaws.com"}}]}}})))  # fmt: skip
    assert {"Fn::GetAtt": [people, "Arn"]} in found["Properties"]["After"]["Values"]


def test_it_comes_after_the_domain_and_goes_before_it(stack: cdk.Stack) -> None:
    update(stack)
    template = Template.from_stack(stack).to_json()["Resources"]
    (found,) = [one for one in template.values() if one["Type"] == CUSTOM]
    kinds = {template[name]["Type"] for name in found["DependsOn"]}
    assert kinds >= {"AWS::SageMaker::Domain", "AWS::Lambda::Function", "AWS::IAM::ManagedPolicy"}


def test_it_may_change_one_domain_and_pass_the_roles_that_it_names(stack: cdk.Stack) -> None:
    update(stack)
    (policy,) = (
        Template.from_stack(stack)
        .find_resources(
            "AWS::IAM::ManagedPolicy", {"Properties": {"Description": "What domain_update may do"}}
        )
        .values()
    )
    found = {one.get("Sid", ""): one for one in policy["Properties"]["PolicyDocument"]["Statement"]}
    assert set(found) == {
        "", "WriteItsLog", "SayWhatFailed", "UpdateOneDomain", "PassRolesOfFeatures", "SeeWhetherTheStackGoes"
    }  # fmt: skip
    assert found["UpdateOneDomain"]["Action"] == ["sagemaker:DescribeDomain", "sagemaker:UpdateDomain"]
    assert str(found["UpdateOneDomain"]["Resource"]).endswith("':domain/', {'Ref': 'Domain66AC69E0'}]]}")
    assert found["PassRolesOfFeatures"]["Resource"] == ROLE
    assert found["SeeWhetherTheStackGoes"]["Resource"] == {"Ref": "AWS::StackId"}
    assert "'Resource': '*'" not in str(policy)


def test_it_may_see_images_only_where_settings_of_apps_go_out(stack: cdk.Stack) -> None:
    emr = EmrAccess(assumable_role_arns=(ROLE,))
    update(stack, features=DomainFeatures(emr=emr))
    template = Template.from_stack(stack)
    assert "sagemaker:DescribeImageVersion" in str(template.to_json())
    template.has_resource_properties(
        CUSTOM,
        {
            "Settings": {
                "DefaultUserSettings": {
                    "JupyterLabAppSettings": {"EmrSettings": {"AssumableRoleArns": [ROLE]}}
                }
            }
        },
    )


def test_without_roles_it_may_pass_none(stack: cdk.Stack) -> None:
    update(stack, features=DomainFeatures(amazon_q=AmazonQ()))
    assert "iam:PassRole" not in str(Template.from_stack(stack).to_json())


def test_the_function_understands_its_environment_and_answers_before_cloudformation_gives_up(
    stack: cdk.Stack,
) -> None:
    update(stack)
    template = Template.from_stack(stack)
    (function,) = template.find_resources("AWS::Lambda::Function").values()
    variables = function["Properties"]["Environment"]["Variables"]
    orders = Orders.read({name: str(value) for name, value in variables.items()})
    template.has_resource_properties(CUSTOM, {"ServiceTimeout": TIMEOUT_SECONDS})
    assert orders.timeout == TIMEOUT_SECONDS
    assert RESERVE >= 20
    # A run that dies at its end is repeated after a minute, and still answers in time.
    assert 2 * function["Properties"]["Timeout"] + 60 <= TIMEOUT_SECONDS - RESERVE


@pytest.mark.parametrize(
    ("features", "domain", "says"),
    [
        (DomainFeatures(trusted_identity_propagation=True), {}, "needs a domain with Identity Center"),
        (DomainFeatures(rootless_docker=True), {"options": None}, "needs Docker, which is off"),
    ],
)
def test_a_feature_that_the_domain_cannot_have_is_refused(
    stack: cdk.Stack, features: DomainFeatures, domain: dict[str, Any], says: str
) -> None:
    with pytest.raises(InvalidInput, match=says) as caught:
        update(stack, features=features, domain=domain)
    assert caught.value.path == "S/Update"


def test_identities_propagate_in_a_domain_with_identity_center(stack: cdk.Stack) -> None:
    update(
        stack,
        features=DomainFeatures(trusted_identity_propagation=True, user_identity_sessions=True),
        domain={"auth_mode": AuthMode.SSO},
    )
    Template.from_stack(stack).has_resource_properties(
        CUSTOM,
        {
            "Settings": {
                "DomainSettings": {"TrustedIdentityPropagationSettings": {"Status": "ENABLED"}},
                "DefaultUserSettings": {
                    "StudioWebPortalSettings": {"ExecutionRoleSessionNameMode": "USER_IDENTITY"}
                },
            }
        },
    )


def test_canvas_is_shown_where_the_portal_says_so(stack: cdk.Stack) -> None:
    update(stack, domain={"portal": Portal(canvas=True)})
    Template.from_stack(stack).has_resource_properties(
        "AWS::SageMaker::Domain",
        {
            "DefaultUserSettings": {
                "StudioWebPortalSettings": {
                    "HiddenAppTypes": Match.array_equals(["JupyterServer", "TensorBoard", "RStudioServerPro"])
                }
            }
        },
    )


def test_every_feature_is_what_the_api_takes() -> None:
    every = DomainFeatures(
        canvas=Canvas(
            s3_uri="s3://bucket/canvas", key_id="key-1", direct_deploy=False, document_query=True,
            model_register=True, model_register_role_arn=ROLE, forecasts=True, forecast_role_arn=ROLE,
            bedrock_role_arn=ROLE, emr_serverless_role_arn=ROLE,
            data_sources=(CanvasDataSource(name="Snowflake", secret_arn=SOURCE),),
        ),
        amazon_q=AmazonQ(profile_arn="arn:aws:codewhisperer:us-east-1:123456789012:profile/A"),
        trusted_identity_propagation=True, rootless_docker=True, user_identity_sessions=True,
        classic_code_repositories=("https://github.com/example/templates",),
    )  # fmt: skip
    from botocore.validate import ParamValidator

    members = plan({}, every.as_json(), {}).members
    assert set(members) < set(SECTIONS.values())
    report = ParamValidator().validate(
        {"DomainId": "d-1", **members}, shapes_of("sagemaker", "update_domain").input_shape
    )
    assert not report.has_errors(), report.generate_report()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Canvas(s3_uri="https://bucket"), "s3_uri must be like s3://bucket/prefix"),
        (lambda: Canvas(forecast_role_arn="admin"), "forecast_role_arn must be like arn:aws:iam::"),
        (lambda: Canvas(bedrock_role_arn="arn:aws:iam::1:role/x"), "bedrock_role_arn must be like"),
        (
            lambda: CanvasDataSource(name="Excel", secret_arn=SOURCE),
            "name must be one of SalesforceGenie, Snowflake",
        ),
        (lambda: CanvasDataSource(name="Snowflake", secret_arn=ROLE), "secret_arn must be like"),
        (lambda: AmazonQ(profile_arn="profile"), "profile_arn must be like"),
        (lambda: DomainFeatures(classic_code_repositories=("git@x:y",)), "https URLs, got 'git@x:y'"),
    ],
)
def test_values_that_the_api_refuses_are_refused(make: Any, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        make()


@pytest.mark.slow
def test_no_pack_finds_anything() -> None:
    app = compliance.strict_app()
    stack = cdk.Stack(app, "S")
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    domain = StudioDomain.from_domain_id(stack, "Domain", "d-imported")
    DomainUpdate(stack, "Update", domain=domain, features=FEATURES, key=key)
    assert compliance.findings(stack) == set()
    app.synth()
