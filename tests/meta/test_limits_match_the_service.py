"""Our numbers and names are the service's own, as botocore's model has them."""

from __future__ import annotations

import json
import re
from typing import Any, get_args

import botocore.session
import pytest

from studio_infra.review.handlers import schema_of
from studio_infra.settings.facts import instance_types, limits
from studio_infra.settings.sections.domain import AppType, AuthMode, Network

MODEL = botocore.session.get_session().get_service_model("sagemaker")


def shape(name: str) -> Any:
    return MODEL.shape_for(name)


@pytest.mark.parametrize(
    "name",
    [
        "UserProfileName",
        "SpaceName",
        "DomainName",
        "StudioLifecycleConfigName",
        "EndpointName",
        "TrainingJobName",
    ],
)
def test_names_are_as_long_and_written_as_the_service_wants(name: str) -> None:
    metadata = shape(name).metadata
    assert metadata["max"] == limits.NAME_MAX
    assert f"^{metadata['pattern'].replace('(-', '(?:-')}$" == limits.NAME_PATTERN


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("IdleTimeoutInMinutes", *limits.IDLE_MINUTES),
        ("SpaceEbsVolumeSizeInGb", *limits.EBS_GB),
        ("Uid", *limits.POSIX_UID),
        ("Gid", *limits.POSIX_GID),
        ("Subnets", *limits.SUBNETS),
    ],
)
def test_ranges_are_the_services(name: str, least: int, most: int) -> None:
    metadata = shape(name).metadata
    assert (metadata["min"], metadata["max"]) == (least, most)


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("StudioLifecycleConfigContent", limits.MAX_LIFECYCLE_CONTENT),
        ("CodeRepositories", limits.CODE_REPOSITORIES_MAX),
        ("RepositoryUrl", limits.URL_MAX),
        ("ContainerImage", limits.IMAGE_MAX),
        ("AlgorithmImage", limits.IMAGE_MAX),
        ("S3Uri", limits.S3_URI_MAX),
        ("TagKey", limits.TAG_KEY_MAX),
        ("TagValue", limits.TAG_VALUE_MAX),
        ("TagList", limits.TAGS_MAX),
        ("FileSystemPath", limits.DIRECTORY_MAX),
        ("HyperParameters", limits.HYPERPARAMETERS_MAX),
        ("HyperParameterKey", limits.HYPERPARAMETER_KEY_MAX),
        ("HyperParameterValue", limits.HYPERPARAMETER_VALUE_MAX),
    ],
)
def test_sizes_are_the_services(name: str, most: int) -> None:
    assert shape(name).metadata["max"] == most


@pytest.mark.parametrize(
    ("choices", "name"), [(AppType, "AppType"), (AuthMode, "AuthMode"), (Network, "AppNetworkAccessType")]
)
def test_every_choice_is_one_the_service_knows(choices: Any, name: str) -> None:
    assert set(get_args(choices)) <= set(shape(name).enum)


@pytest.mark.parametrize(
    ("purpose", "name"),
    [
        ("apps", "AppInstanceType"),
        ("training", "TrainingInstanceType"),
        ("endpoints", "ProductionVariantInstanceType"),
    ],
)
def test_the_instance_types_are_the_services(purpose: instance_types.Purpose, name: str) -> None:
    service = {value for value in shape(name).enum if value.startswith("ml.")}
    assert instance_types.known(purpose) == service
    assert all(map(limits.is_instance_type, service))
    listed = json.loads(instance_types._FILE.read_text())[purpose]
    assert listed == sorted(listed), "keep the file sorted: reviewers read its differences"


#: Values near the edge of what we take, and the shape that the service checks them with.
TAKEN = [
    ("RepositoryUrl", limits.is_code_repository, "https://github.com/aws/x"),
    ("RepositoryUrl", limits.is_code_repository, "https://a.b"),
    ("RepositoryUrl", limits.is_code_repository, "https://git.corp.example/team-a/x_y.git/"),
    ("VpcId", limits.is_vpc_id, "vpc-0123456789abcdef0"),
    ("SubnetId", limits.is_subnet_id, "subnet-01234567"),
    ("S3Uri", limits.is_s3_uri, "s3://bucket/a/b.tar.gz"),
    ("FileSystemId", limits.is_file_system_id, "fs-01234567"),
    ("FileSystemId", limits.is_file_system_id, "fs-0123456789abcdef01"),
    ("FileSystemPath", limits.is_directory, "/"),
    ("FileSystemPath", limits.is_directory, "/teams/vision"),
    ("SecurityGroupId", limits.is_security_group_id, "sg-0123456789abcdef0"),
    (
        "ContainerImage",
        limits.is_image,
        "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/a/b:1@sha256:" + "0" * 64,
    ),
]


@pytest.mark.parametrize(
    ("kind", "where", "most"),
    [
        ("Domain", "UserSettings", limits.DOMAIN_FILE_SYSTEMS_MAX),
        ("Domain", "DefaultSpaceSettings", limits.DOMAIN_FILE_SYSTEMS_MAX),
        ("UserProfile", "UserSettings", limits.PROFILE_FILE_SYSTEMS_MAX),
        ("Space", "CustomFileSystems", limits.SPACE_FILE_SYSTEMS_MAX),
    ],
)
def test_as_many_file_systems_as_cloudformation_takes_where_the_api_takes_more(
    kind: str, where: str, most: int
) -> None:
    found = schema_of(f"AWS::SageMaker::{kind}")["definitions"][where]
    found = found.get("properties", {}).get("CustomFileSystemConfigs", found)
    assert found["maxItems"] == most
    assert (
        shape("CustomFileSystems" if kind == "Space" else "CustomFileSystemConfigs").metadata["max"] >= most
    )


@pytest.mark.parametrize(("name", "accepts", "value"), TAKEN)
def test_the_service_takes_what_we_take(name: str, accepts: Any, value: str) -> None:
    assert accepts(value)
    assert re.fullmatch(shape(name).metadata["pattern"], value)
