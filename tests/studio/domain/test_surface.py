"""Every property of domains, profiles and spaces is a typed option, or on the page of exceptions."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Template

from studio_infra.access import role_json
from studio_infra.errors import InvalidInput
from studio_infra.settings import Person
from studio_infra.studio.domain.apps import CLASSIC_APPS, CURRENT_APPS, DefaultImage, StudioApp
from studio_infra.studio.domain.connections import EmrAccess, RStudioAccess
from studio_infra.studio.domain.domain import StudioDomain
from studio_infra.studio.domain.domain_options import DockerAccess, DomainOptions, RStudioServer
from studio_infra.studio.domain.file_systems import EfsDirectory, LustreDirectory, S3Folder
from studio_infra.studio.domain.portal import NotebookSharing, Portal, StudioTool
from studio_infra.studio.domain.user_settings import SpaceStorage, UserSettings
from studio_infra.studio.git.git_host import GitHost
from studio_infra.studio.git.git_ssh import GitSsh
from studio_infra.studio.idle.idle_shutdown import IdleShutdown
from studio_infra.studio.images import Kernel, StudioImage
from studio_infra.studio.people.person import TeamDefaults, person_resources
from studio_infra.studio.people.space import Space
from studio_infra.studio.people.user_profile import UserProfile
from tests.studio.domain.properties import exceptions, paths, set_in

ROLE = "arn:aws:iam::123456789012:role/rstudio"
FILES = (EfsDirectory(file_system_id="fs-01234567"), LustreDirectory(file_system_id="fs-89abcdef"))


def everything() -> dict[str, set[str]]:
    """What domains, profiles and spaces set when every option is used."""
    found: dict[str, set[str]] = {"Domain": set(), "UserProfile": set(), "Space": set()}
    # Three file systems, and SSO as well as IAM, do not fit into one domain.
    for sso, files in ((False, FILES), (True, (S3Folder(s3_uri="s3://bucket/x/", mount_path="/x"),))):
        app = cdk.App()
        stack = cdk.Stack(app, "S")
        vpc = ec2.Vpc.from_vpc_attributes(
            stack, "Vpc", vpc_id="vpc-1", availability_zones=["a"], private_subnet_ids=["subnet-a"]
        )
        group = ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-1")
        apps = [*CURRENT_APPS, *CLASSIC_APPS]
        image = StudioImage(
            stack,
            "Image",
            image_name="lab",
            container_image="123456789012.dkr.ecr.eu-west-1.amazonaws.com/lab:1",
            apps=[*CURRENT_APPS, StudioApp.KERNEL_GATEWAY],
            kernel=Kernel(name="ir"),
            idle_extension=True,
        )
        hour = cdk.Duration.hours(1)
        domain = StudioDomain(
            stack,
            "Domain",
            domain_name="research",
            vpc=vpc,
            security_groups=[group],
            key=kms.Key(stack, "Key"),
            apps=apps,
            default_instance_type="ml.t3.medium",
            hidden_instance_types=["ml.p5.48xlarge"],
            git=GitSsh(hosts=[GitHost.github()]),
            idle=IdleShutdown(after=hour, allowed_range=(hour, hour)),
            code_repositories=["https://github.com/example/templates"],
            images=[image],
            default_images={one: DefaultImage(image_arn="arn:i", version_arn="arn:v") for one in apps},
            portal=Portal(
                hidden_tools=(StudioTool.COMET,),
                hidden_image_versions=("1.0",),
                landing_uri="app:JupyterLab:",
            ),
            sharing=NotebookSharing(s3_uri="s3://bucket/shared", key_id="key-1"),
            file_systems=files,
            options=DomainOptions(
                docker=DockerAccess(trusted_accounts=("123456789012",)),
                rstudio=RStudioServer(
                    execution_role_arn=ROLE,
                    connect_url="https://connect.corp.example",
                    package_manager_url="https://packages.corp.example",
                    instance_type="ml.c5.4xlarge",
                ),
                rstudio_security_group_ids=("sg-2",),
                dual_stack=True,
                propagate_user_identity=True,
            ),
        )
        cdk.Tags.of(domain).add("a", "b")
        profile = UserProfile(
            stack, "Ana", domain=domain, user_name="ana", sso_user_name="ana@corp" if sso else None
        )
        team = TeamDefaults(
            team="vision",
            execution_role=role_json(),
            settings=UserSettings(
                apps=domain.apps,
                security_group_ids=["sg-1"],
                hidden_instance_types=["ml.p5.48xlarge"],
                space_storage=SpaceStorage(default_gb=5, maximum_gb=9),
                posix_gid=2001,
                portal=Portal(hidden_tools=(StudioTool.COMET,), hidden_image_versions=("1.0",)),
                sharing=NotebookSharing(s3_uri="s3://bucket/shared", key_id="key-1"),
                file_systems=files,
                rstudio=RStudioAccess(admin=True),
                emr=EmrAccess(assumable_role_arns=(ROLE,), execution_role_arns=(ROLE,)),
            ),
            mounted=files[-1],
            single_sign_on=sso,
        )
        bela = Person(
            user_name="bela", team="vision", full_name="B", email="b@example.com", posix_uid=10001, status="suspended",
            sso_user_name="bela@corp",
        )  # fmt: skip
        made = person_resources(bela, team, name_prefix="research", domain_id="d-1")
        for one, type_ in ((StudioApp.JUPYTER_LAB, "ml.t3.large"), (StudioApp.CODE_EDITOR, "ml.t3.large")):
            Space(
                stack, f"Space{one}", domain=domain, space_name=f"s-{one}", owner=profile, app=one, volume_gb=9,
                instance_type=type_, file_systems=files[:1], remote_access=True, display_name="Space",
            )  # fmt: skip
        cdk.Tags.of(stack).add("team", "vision")
        resources = [*Template.from_stack(stack).to_json()["Resources"].values(), *made.values()]
        for resource in resources:
            kind = resource["Type"].rpartition("::")[2]
            if kind in found:
                found[kind] |= set_in(resource["Properties"])
    return found


REACHED = everything()


@pytest.mark.parametrize("kind", ["Domain", "UserProfile", "Space"])
def test_every_property_is_a_typed_option_or_on_the_page(kind: str) -> None:
    left = paths(kind) - REACHED[kind]
    excepted = exceptions("What has no option")[kind]
    covered = {place for place in left if any(fnmatchcase(place, one) for one in excepted)}
    assert left - covered == set()


@pytest.mark.parametrize("kind", ["Domain", "UserProfile", "Space"])
def test_the_page_excepts_nothing_that_is_an_option_or_that_there_is_not(kind: str) -> None:
    for one in exceptions("What has no option")[kind]:
        assert any(fnmatchcase(place, one) for place in paths(kind)), one
        assert not any(fnmatchcase(place, one) for place in REACHED[kind]), one


def test_what_has_no_option_is_set_on_the_l1_and_deploys_with_the_rest(
    stack: cdk.Stack, domain_options: dict[str, Any]
) -> None:
    domain = StudioDomain(stack, "Domain", **domain_options)
    domain.resource.add_property_override("DomainSettings.UnifiedStudioSettings.DomainId", "dzd_1")
    Template.from_stack(stack).has_resource_properties(
        "AWS::SageMaker::Domain", {"DomainSettings": {"UnifiedStudioSettings": {"DomainId": "dzd_1"}}}
    )


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Portal(hidden_tools=("Paint",)), "hidden_tools must be among"),  # type: ignore[arg-type]
        (lambda: Portal(hidden_image_versions=("v2",)), "got 'v2'"),
        (lambda: Portal(hidden_image_versions=("2.1",) * 21), "got 21"),
        (lambda: Portal(landing_uri="https://example.com"), "landing_uri must be"),
        (lambda: DockerAccess(trusted_accounts=("1",)), "got '1'"),
        (
            lambda: RStudioServer(execution_role_arn=ROLE, connect_url="http://x.example"),
            "begin with https://",
        ),
        (lambda: EfsDirectory(file_system_id="efs-1"), "file_system_id must be like"),
        (lambda: EfsDirectory(file_system_id="fs-01234567", path="home"), "path must begin with a slash"),
        (lambda: LustreDirectory(file_system_id="fs-01234567", path="/a b"), "have no spaces"),
        (lambda: EmrAccess(assumable_role_arns=("admin",)), "got 'admin'"),
        (lambda: EmrAccess(execution_role_arns=(ROLE,) * 6), "got 6"),
        (lambda: S3Folder(s3_uri="https://bucket"), "s3_uri must be like"),
    ],
)
def test_values_that_the_service_refuses_are_refused(make: Any, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        make()


def test_a_third_file_system_is_refused(stack: cdk.Stack, domain_options: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="at most 2 file systems besides the home, got 3") as caught:
        StudioDomain(stack, "Domain", **domain_options, file_systems=[*FILES, FILES[0]])
    assert caught.value.path == "S/Domain"
