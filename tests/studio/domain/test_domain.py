from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Annotations, Match, Template

from studio_infra.access import trust_policy
from studio_infra.errors import InvalidInput
from studio_infra.studio.domain.apps import CLASSIC_APPS, CURRENT_APPS, StudioApp
from studio_infra.studio.domain.domain import AuthMode, NetworkMode, StudioDomain
from studio_infra.studio.domain.domain_grants import DomainGrants
from studio_infra.studio.domain.domain_options import DomainOptions
from studio_infra.studio.domain.user_settings import SpaceStorage
from studio_infra.studio.git.git_host import GitHost
from studio_infra.studio.git.git_ssh import GitSsh

if TYPE_CHECKING:
    from aws_cdk.interfaces import aws_sagemaker as refs

DOMAIN = "AWS::SageMaker::Domain"


def properties_of_domain(stack: cdk.Stack) -> dict[str, Any]:
    domains = Template.from_stack(stack).find_resources(DOMAIN)
    assert len(domains) == 1
    return dict(next(iter(domains.values()))["Properties"])


def test_is_retained_when_it_leaves_the_template_or_would_be_replaced(
    stack: cdk.Stack, domain_options: dict[str, Any]
) -> None:
    StudioDomain(stack, "Domain", **domain_options)
    Template.from_stack(stack).has_resource(
        DOMAIN, {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    )


def test_makes_the_home_file_system_and_mounts_it(stack: cdk.Stack, domain_options: dict[str, Any]) -> None:
    StudioDomain(stack, "Domain", **domain_options)
    domain = properties_of_domain(stack)
    assert domain["HomeEfsFileSystemCreation"] == "Enabled"
    assert domain["DefaultUserSettings"]["AutoMountHomeEFS"] == "Enabled"


def test_lives_in_the_private_subnets_and_reaches_the_internet_only_through_the_vpc(
    stack: cdk.Stack, domain_options: dict[str, Any]
) -> None:
    StudioDomain(stack, "Domain", **domain_options)
    domain = properties_of_domain(stack)
    assert domain["AppNetworkAccessType"] == "VpcOnly"
    assert domain["VpcId"] == "vpc-1"
    assert domain["SubnetIds"] == ["subnet-a", "subnet-b"]
    assert domain["DefaultUserSettings"]["SecurityGroups"] == ["sg-1"]
    assert domain["DefaultSpaceSettings"]["SecurityGroups"] == ["sg-1"]


def test_offers_jupyterlab_and_code_editor_and_hides_every_other_app(
    stack: cdk.Stack, domain_options: dict[str, Any]
) -> None:
    StudioDomain(stack, "Domain", **domain_options)
    hidden = properties_of_domain(stack)["DefaultUserSettings"]["StudioWebPortalSettings"]["HiddenAppTypes"]
    assert not {str(app) for app in CURRENT_APPS} & set(hidden)
    assert "JupyterServer" in hidden


def test_a_person_without_a_role_of_their_own_can_do_nothing(
    stack: cdk.Stack, domain_options: dict[str, Any]
) -> None:
    StudioDomain(stack, "Domain", **domain_options)
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::IAM::Role", 1)
    template.resource_count_is("AWS::IAM::Policy", 0)
    template.has_resource_properties("AWS::IAM::Role", {"ManagedPolicyArns": Match.absent()})


def test_only_sagemaker_working_for_this_account_may_take_the_default_role(
    stack: cdk.Stack, domain_options: dict[str, Any]
) -> None:
    StudioDomain(stack, "Domain", **domain_options)
    Template.from_stack(stack).has_resource_properties(
        "AWS::IAM::Role", {"AssumeRolePolicyDocument": stack.resolve(trust_policy())}
    )


def test_takes_a_role_and_waits_for_its_policies(stack: cdk.Stack, domain_options: dict[str, Any]) -> None:
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    role.add_to_policy(iam.PolicyStatement(actions=["logs:PutLogEvents"], resources=["arn:aws:logs:::x"]))
    StudioDomain(stack, "Domain", **domain_options, execution_role=role)
    Template.from_stack(stack).has_resource(
        DOMAIN, {"DependsOn": Match.array_with([Match.string_like_regexp("^RoleDefaultPolicy")])}
    )


def test_takes_an_imported_role(stack: cdk.Stack, domain_options: dict[str, Any]) -> None:
    arn = "arn:aws:iam::123456789012:role/brought"
    StudioDomain(stack, "Domain", **domain_options, execution_role=iam.Role.from_role_arn(stack, "Role", arn))
    domain = properties_of_domain(stack)
    assert domain["DefaultUserSettings"]["ExecutionRole"] == arn
    assert domain["DefaultSpaceSettings"]["ExecutionRole"] == arn


def test_encrypts_with_the_key_it_is_given(stack: cdk.Stack, domain_options: dict[str, Any]) -> None:
    key = kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:eu-west-1:123456789012:key/abc")
    StudioDomain(stack, "Domain", **domain_options, key=key)
    assert properties_of_domain(stack)["KmsKeyId"] == "abc"


def test_can_sign_people_in_through_identity_center(stack: cdk.Stack, domain_options: dict[str, Any]) -> None:
    domain = StudioDomain(stack, "Domain", **domain_options, auth_mode=AuthMode.SSO)
    assert (
        stack.resolve(domain.single_sign_on_application_arn)["Fn::GetAtt"][1] == "SingleSignOnApplicationArn"
    )
    assert properties_of_domain(stack)["AuthMode"] == "SSO"


def test_can_leave_the_internet_to_sagemaker_and_then_needs_no_security_group(
    stack: cdk.Stack, vpc: ec2.IVpc
) -> None:
    StudioDomain(stack, "Domain", domain_name="x", vpc=vpc, network_mode=NetworkMode.PUBLIC_INTERNET)
    domain = properties_of_domain(stack)
    assert domain["AppNetworkAccessType"] == "PublicInternetOnly"
    assert "SecurityGroups" not in domain["DefaultUserSettings"]


def test_sizes_of_volumes_reach_people_and_shared_spaces(
    stack: cdk.Stack, domain_options: dict[str, Any]
) -> None:
    StudioDomain(stack, "Domain", **domain_options, space_storage=SpaceStorage(default_gb=7, maximum_gb=9))
    sizes = {"DefaultEbsStorageSettings": {"DefaultEbsVolumeSizeInGb": 7, "MaximumEbsVolumeSizeInGb": 9}}
    domain = properties_of_domain(stack)
    assert domain["DefaultUserSettings"]["SpaceStorageSettings"] == sizes
    assert domain["DefaultSpaceSettings"]["SpaceStorageSettings"] == sizes


def test_default_instance_type_reaches_every_app(stack: cdk.Stack, domain_options: dict[str, Any]) -> None:
    StudioDomain(stack, "Domain", **domain_options, default_instance_type="ml.t3.large")
    settings = properties_of_domain(stack)["DefaultUserSettings"]
    for app in CURRENT_APPS:
        assert settings[f"{app}AppSettings"]["DefaultResourceSpec"] == {"InstanceType": "ml.t3.large"}


def test_hides_instance_types_and_suggests_repositories(
    stack: cdk.Stack, domain_options: dict[str, Any]
) -> None:
    StudioDomain(
        stack,
        "Domain",
        **domain_options,
        hidden_instance_types=["ml.p5.48xlarge"],
        code_repositories=["https://github.com/example/templates"],
    )
    settings = properties_of_domain(stack)["DefaultUserSettings"]
    assert settings["StudioWebPortalSettings"]["HiddenInstanceTypes"] == ["ml.p5.48xlarge"]
    assert settings["JupyterLabAppSettings"]["CodeRepositories"] == [
        {"RepositoryUrl": "https://github.com/example/templates"}
    ]
    assert "CodeRepositories" not in settings["CodeEditorAppSettings"]


def test_can_carry_the_persons_name_through_a_shared_role(
    stack: cdk.Stack, domain_options: dict[str, Any]
) -> None:
    StudioDomain(stack, "Domain", **domain_options, options=DomainOptions(propagate_user_identity=True))
    assert properties_of_domain(stack)["DomainSettings"] == {
        "ExecutionRoleIdentityConfig": "USER_PROFILE_NAME"
    }


def test_classic_apps_are_expressible_and_warned_about_once(
    stack: cdk.Stack, domain_options: dict[str, Any]
) -> None:
    StudioDomain(
        stack,
        "Domain",
        **domain_options,
        apps=[*CURRENT_APPS, *CLASSIC_APPS],
        default_instance_type="ml.t3.medium",
    )
    settings = properties_of_domain(stack)["DefaultUserSettings"]
    # The Classic server runs on an instance type of its own, whatever the default for notebooks is.
    assert settings["JupyterServerAppSettings"]["DefaultResourceSpec"]["InstanceType"] == "system"
    assert settings["KernelGatewayAppSettings"]["DefaultResourceSpec"]["InstanceType"] == "ml.t3.medium"
    warnings = Annotations.from_stack(stack).find_warning("*", Match.string_like_regexp("Studio Classic"))
    assert len(warnings) == 1


def test_tags_reach_the_apps_of_the_domain(stack: cdk.Stack, domain_options: dict[str, Any]) -> None:
    StudioDomain(stack, "Domain", **domain_options)
    assert properties_of_domain(stack)["TagPropagation"] == "ENABLED"


def test_destroying_needs_the_apps_consent_too(stack: cdk.Stack, domain_options: dict[str, Any]) -> None:
    StudioDomain(stack, "Domain", **domain_options, removal_policy=cdk.RemovalPolicy.DESTROY)
    Template.from_stack(stack).has_resource(DOMAIN, {"DeletionPolicy": "Retain"})


@pytest.mark.parametrize("app", [{"@studio-infra/allow-destroy": True}], indirect=True)
def test_is_destroyed_with_both_consents(stack: cdk.Stack, domain_options: dict[str, Any]) -> None:
    StudioDomain(stack, "Domain", **domain_options, removal_policy=cdk.RemovalPolicy.DESTROY)
    Template.from_stack(stack).has_resource(DOMAIN, {"DeletionPolicy": "Delete"})


@pytest.mark.parametrize("bad", ["", "my_domain", "-a", "a" * 64, "a\n", "a b", "名前"])
def test_refuses_a_name_that_sagemaker_would_refuse(
    stack: cdk.Stack, domain_options: dict[str, Any], bad: str
) -> None:
    with pytest.raises(InvalidInput, match="domain_name must be 1-63") as caught:
        StudioDomain(stack, "Domain", **{**domain_options, "domain_name": bad})
    assert caught.value.code == "DomainName"
    assert caught.value.path == "S/Domain"


def test_takes_a_name_that_is_known_only_at_deployment(
    stack: cdk.Stack, domain_options: dict[str, Any]
) -> None:
    parameter = cdk.CfnParameter(stack, "Name")
    StudioDomain(stack, "Domain", **{**domain_options, "domain_name": parameter.value_as_string})
    assert properties_of_domain(stack)["DomainName"] == {"Ref": "Name"}


def test_refuses_a_vpc_only_domain_without_a_security_group(stack: cdk.Stack, vpc: ec2.IVpc) -> None:
    with pytest.raises(InvalidInput, match="at least one security group"):
        StudioDomain(stack, "Domain", domain_name="x", vpc=vpc)


def test_refuses_a_vpc_without_private_subnets(stack: cdk.Stack, group: ec2.ISecurityGroup) -> None:
    vpc = ec2.Vpc.from_vpc_attributes(stack, "Bare", vpc_id="vpc-2", availability_zones=["a"])
    with pytest.raises(InvalidInput, match="at least one private subnet"):
        StudioDomain(stack, "Domain", domain_name="x", vpc=vpc, security_groups=[group])


def test_refuses_a_domain_without_apps(stack: cdk.Stack, domain_options: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="name at least one"):
        StudioDomain(stack, "Domain", **domain_options, apps=[])


@pytest.mark.parametrize(
    ("grant", "action", "kind"),
    [
        ("open_studio", "sagemaker:CreatePresignedDomainUrl", "user-profile"),
        ("stop_apps", "sagemaker:DeleteApp", "app"),
        ("describe", "sagemaker:DescribeSpace", "space"),
    ],
)
def test_a_grant_names_the_resources_of_this_domain_only(
    stack: cdk.Stack, any_domain: refs.IDomainRef, grant: str, action: str, kind: str
) -> None:
    portal = iam.Role(stack, "Portal", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    getattr(DomainGrants.from_domain(any_domain), grant)(portal)
    policies = Template.from_stack(stack).find_resources("AWS::IAM::Policy")
    statements = [
        statement
        for policy in policies.values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if action in statement["Action"]
    ]
    assert len(statements) == 1
    resource = str(statements[0]["Resource"])
    assert f":{kind}/" in resource
    assert resource != "*"


def test_grants_of_our_domain_are_at_hand(stack: cdk.Stack, domain_options: dict[str, Any]) -> None:
    domain = StudioDomain(stack, "Domain", **domain_options)
    role = iam.Role(stack, "Portal", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    domain.grants.stop_apps(role)
    Template.from_stack(stack).resource_count_is("AWS::IAM::Policy", 1)


def test_an_imported_domain_knows_its_arn_and_id(stack: cdk.Stack) -> None:
    arn = "arn:aws:sagemaker:eu-west-1:123456789012:domain/d-abc"
    domain = StudioDomain.from_domain_arn(stack, "Imported", arn)
    assert domain.domain_ref.domain_arn == arn
    assert stack.resolve(domain.domain_ref.domain_id) == "d-abc"


def test_attributes_are_those_of_the_resource(stack: cdk.Stack, domain_options: dict[str, Any]) -> None:
    domain = StudioDomain(stack, "Domain", **domain_options)
    assert stack.resolve(domain.domain_id)["Fn::GetAtt"][1] == "DomainId"
    assert stack.resolve(domain.domain_arn)["Fn::GetAtt"][1] == "DomainArn"
    assert stack.resolve(domain.home_file_system_id)["Fn::GetAtt"][1] == "HomeEfsFileSystemId"
    assert [settings.app for settings in domain.apps] == [StudioApp.JUPYTER_LAB, StudioApp.CODE_EDITOR]


def test_takes_the_text_of_a_mode_as_well_as_the_mode(stack: cdk.Stack, vpc: ec2.IVpc) -> None:
    with pytest.raises(InvalidInput, match="at least one security group"):
        StudioDomain(stack, "Domain", domain_name="x", vpc=vpc, network_mode="VpcOnly")  # type: ignore[arg-type] # as text


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("auth_mode", "SS0", "auth_mode must be one of IAM, SSO, got 'SS0'"),
        ("network_mode", "Public", "network_mode must be one of VpcOnly, PublicInternetOnly, got 'Public'"),
        (
            "apps",
            ["Jupyter"],
            "apps must be one of JupyterLab, CodeEditor, JupyterServer, KernelGateway, got 'Jupyter'",
        ),
    ],
)
def test_refuses_a_word_that_the_service_does_not_know(
    stack: cdk.Stack, domain_options: dict[str, Any], option: str, value: object, message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        StudioDomain(stack, "Domain", **{**domain_options, option: value})


def test_a_revision_gives_every_script_a_new_name() -> None:
    git = GitSsh(hosts=[GitHost.github()])
    names = set()
    for revision in (0, 1):
        app = cdk.App()
        other = cdk.Stack(app, "S")
        vpc = ec2.Vpc.from_vpc_attributes(
            other, "Vpc", vpc_id="vpc-1", availability_zones=["a"], private_subnet_ids=["subnet-a"]
        )
        group = ec2.SecurityGroup.from_security_group_id(other, "Group", "sg-1")
        StudioDomain(
            other,
            "Domain",
            domain_name="x",
            vpc=vpc,
            security_groups=[group],
            git=git,
            lifecycle_revision=revision,
        )
        configs = Template.from_stack(other).find_resources("AWS::SageMaker::StudioLifecycleConfig")
        names |= {config["Properties"]["StudioLifecycleConfigName"] for config in configs.values()}
    assert len(names) == 4
