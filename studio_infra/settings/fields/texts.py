"""Texts of the settings that the service or git must be able to take: one type each."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Annotated

from annotated_types import MaxLen, MinLen
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from studio_infra.settings.facts import limits

if TYPE_CHECKING:
    from collections.abc import Callable

#: The type of pydantic errors that say themselves what is allowed.
REFUSED = "refused"
SSO_USER_NAME_MAX = 128


def refuse(wrong: str, allowed: str) -> PydanticCustomError:
    """An error that says what is wrong and what is allowed."""
    return PydanticCustomError(REFUSED, "{wrong}, {allowed}", {"wrong": wrong, "allowed": allowed})


def _strange(text: str) -> str:
    """The first character nobody would see, or would take for another one; empty if there is none."""
    for char in text:
        if not (char.isascii() and char.isprintable()):
            name = unicodedata.name(char, "a control character")
            return f"U+{ord(char):04X} {name}"
    return ""


def checked(accepts: Callable[[str], bool], wrong: str, allowed: str) -> AfterValidator:
    """A validator for text that ``accepts`` must take."""

    def check(text: str) -> str:
        if accepts(text):
            return text
        strange = _strange(text[: limits.URL_MAX])
        raise refuse(f"{wrong}: it has {strange} in it" if strange else wrong, allowed)

    return AfterValidator(check)


def _sso_name(text: str) -> str:
    if " " in text or not text.isprintable():  # of all spaces, only this one is printable
        raise refuse("not a user name of IAM Identity Center", "leave out spaces and invisible characters")
    return text


UserName = Annotated[
    str,
    checked(
        limits.is_name,
        "not a name that SageMaker takes",
        "use 1 to 63 ASCII letters, digits and inner hyphens",
    ),
    Field(json_schema_extra={"pattern": limits.NAME_PATTERN, "maxLength": limits.NAME_MAX}),
]
SpaceName = UserName
SsoUserName = Annotated[str, MinLen(1), MaxLen(SSO_USER_NAME_MAX), AfterValidator(_sso_name)]
Prefix = Annotated[
    str,
    checked(
        limits.is_prefix,
        "not a prefix for stack names",
        "use 1 to 20 lower-case letters, digits and inner hyphens, a letter first",
    ),
    Field(json_schema_extra={"pattern": limits.PREFIX_PATTERN, "maxLength": limits.PREFIX_MAX}),
]
TeamName = Annotated[
    str,
    checked(
        limits.is_team_name,
        "not a team name",
        "use 1 to 32 lower-case letters, digits and inner hyphens, a letter first",
    ),
    Field(json_schema_extra={"pattern": limits.PREFIX_PATTERN, "maxLength": limits.TEAM_MAX}),
]
WorkloadName = Annotated[
    str,
    checked(
        limits.is_team_name,
        "not a name for a pipeline or an endpoint",
        "use 1 to 32 lower-case letters, digits and inner hyphens, a letter first",
    ),
    Field(json_schema_extra={"pattern": limits.PREFIX_PATTERN, "maxLength": limits.TEAM_MAX}),
]
InstanceType = Annotated[
    str,
    checked(limits.is_instance_type, "not an instance type", 'write it like "ml.g5.xlarge"'),
    Field(json_schema_extra={"pattern": limits.INSTANCE_TYPE_PATTERN}),
]
InstanceFamily = Annotated[
    str,
    checked(
        limits.is_instance_family, "not an instance type or family", 'write it like "ml.g5" or "ml.g5.xlarge"'
    ),
    Field(json_schema_extra={"pattern": limits.INSTANCE_FAMILY_PATTERN}),
]
Region = Annotated[
    str,
    checked(limits.is_region, "not a region", 'write it like "eu-central-1"'),
    Field(json_schema_extra={"pattern": limits.REGION_PATTERN}),
]
Account = Annotated[
    str,
    checked(limits.is_account, "not an account number", "use its 12 digits, in quotes"),
    Field(json_schema_extra={"pattern": limits.ACCOUNT_PATTERN}),
]
ImageVersion = Annotated[
    str,
    checked(limits.is_image_version, "not a version of SageMaker Distribution", 'write it like "2.1"'),
    Field(json_schema_extra={"pattern": limits.IMAGE_VERSION_PATTERN}),
]
VpcId = Annotated[
    str,
    checked(limits.is_vpc_id, "not the id of a VPC", 'write it like "vpc-0123456789abcdef0"'),
    Field(json_schema_extra={"pattern": limits.VPC_ID_PATTERN}),
]
SubnetId = Annotated[
    str,
    checked(limits.is_subnet_id, "not the id of a subnet", 'write it like "subnet-0123456789abcdef0"'),
    Field(json_schema_extra={"pattern": limits.SUBNET_ID_PATTERN}),
]
SecurityGroupId = Annotated[
    str,
    checked(
        limits.is_security_group_id, "not the id of a security group", 'write it like "sg-0123456789abcdef0"'
    ),
    Field(json_schema_extra={"pattern": limits.SECURITY_GROUP_ID_PATTERN}),
]
FileSystemId = Annotated[
    str,
    checked(limits.is_file_system_id, "not the id of a file system", 'write it like "fs-0123456789abcdef0"'),
    Field(json_schema_extra={"pattern": limits.FILE_SYSTEM_ID_PATTERN}),
]
Directory = Annotated[
    str,
    checked(
        limits.is_directory,
        "not a directory that Studio can mount",
        'write it from the root, like "/datasets", without spaces and ".."',
    ),
    Field(json_schema_extra={"pattern": limits.DIRECTORY_PATTERN, "maxLength": limits.DIRECTORY_MAX}),
]
RouteTableId = Annotated[
    str,
    checked(limits.is_route_table_id, "not the id of a route table", 'write it like "rtb-0123456789abcdef0"'),
    Field(json_schema_extra={"pattern": limits.ROUTE_TABLE_ID_PATTERN}),
]
PrefixListId = Annotated[
    str,
    checked(limits.is_prefix_list_id, "not the id of a prefix list", 'write it like "pl-6da54004"'),
    Field(json_schema_extra={"pattern": limits.PREFIX_LIST_ID_PATTERN}),
]
PrincipalId = Annotated[
    str,
    checked(
        limits.is_principal_id,
        "not an id in IAM Identity Center",
        'write it like "94482488-3041-7091-8f3a-0f0d5b2ac51d", it is no name',
    ),
    Field(json_schema_extra={"pattern": limits.PRINCIPAL_ID_PATTERN}),
]
PolicyArn = Annotated[
    str,
    checked(
        limits.is_policy_arn,
        "not the ARN of a managed policy",
        'write it like "arn:aws:iam::123456789012:policy/studio-boundary"',
    ),
    Field(json_schema_extra={"pattern": limits.POLICY_ARN_PATTERN, "maxLength": limits.URL_MAX}),
]
RoleArn = Annotated[
    str,
    checked(
        limits.is_role_arn, "not the ARN of a role", 'write it like "arn:aws:iam::123456789012:role/canvas"'
    ),
    Field(json_schema_extra={"pattern": limits.ROLE_ARN_PATTERN, "maxLength": limits.ARN_MAX}),
]
PortfolioId = Annotated[
    str,
    checked(limits.is_portfolio_id, "not the id of a portfolio", 'write it like "port-abcdefghijklm"'),
    Field(json_schema_extra={"pattern": limits.PORTFOLIO_ID_PATTERN}),
]
SecretArn = Annotated[
    str,
    checked(
        limits.is_secret_arn,
        "not the ARN of a secret",
        'write it like "arn:aws:secretsmanager:eu-west-1:123456789012:secret:snowflake"',
    ),
    Field(json_schema_extra={"pattern": limits.SECRET_ARN_PATTERN, "maxLength": limits.ARN_MAX}),
]
KeyId = Annotated[
    str,
    checked(limits.is_key_id, "not a key", "write its id or its ARN"),
    Field(json_schema_extra={"pattern": limits.KEY_ID_PATTERN, "maxLength": limits.ARN_MAX}),
]
QProfileArn = Annotated[
    str,
    checked(
        limits.is_q_profile_arn,
        "not the ARN of a profile of Amazon Q Developer",
        'write it like "arn:aws:codewhisperer:us-east-1:123456789012:profile/ABCDEFGHIJKL"',
    ),
    Field(json_schema_extra={"pattern": limits.Q_PROFILE_ARN_PATTERN, "maxLength": limits.ARN_MAX}),
]
SageMakerImageArn = Annotated[
    str,
    checked(
        limits.is_sagemaker_image_arn,
        "not the ARN of an image in SageMaker",
        'write it like "arn:aws:sagemaker:us-east-1:081325390199:image/sagemaker-data-science-38"',
    ),
    Field(
        json_schema_extra={"pattern": limits.SAGEMAKER_IMAGE_ARN_PATTERN, "maxLength": limits.IMAGE_ARN_MAX}
    ),
]
SageMakerImageVersionArn = Annotated[
    str,
    checked(
        limits.is_sagemaker_image_version_arn,
        "not the ARN of a version of an image in SageMaker",
        'write it like "arn:aws:sagemaker:us-east-1:123456789012:image-version/lab/3"',
    ),
    Field(
        json_schema_extra={
            "pattern": limits.SAGEMAKER_IMAGE_VERSION_ARN_PATTERN,
            "maxLength": limits.IMAGE_ARN_MAX,
        }
    ),
]
RolePath = Annotated[
    str,
    checked(limits.is_role_path, "not a path of IAM", 'begin and end it with a slash, like "/studio/"'),
    Field(json_schema_extra={"pattern": limits.ROLE_PATH_PATTERN, "maxLength": limits.ROLE_PATH_MAX}),
]
Image = Annotated[
    str,
    checked(
        limits.is_image,
        "not an image in Amazon ECR",
        'write it like "123456789012.dkr.ecr.us-east-1.amazonaws.com/churn:1.4.0"',
    ),
    Field(json_schema_extra={"pattern": limits.IMAGE_PATTERN, "maxLength": limits.IMAGE_MAX}),
]
S3Uri = Annotated[
    str,
    checked(limits.is_s3_uri, "not a place in S3", 'write it like "s3://bucket/folder/model.tar.gz"'),
    Field(json_schema_extra={"pattern": limits.S3_URI_PATTERN, "maxLength": limits.S3_URI_MAX}),
]
S3Place = Annotated[
    str,
    checked(limits.is_s3_place, "not a place in S3", 'write it like "s3://bucket/canvas"'),
    Field(json_schema_extra={"pattern": limits.S3_PLACE_PATTERN, "maxLength": limits.S3_URI_MAX}),
]
S3Prefix = Annotated[
    str,
    checked(
        limits.is_s3_prefix,
        "not a folder inside a bucket",
        'write it like "churn/train", without a leading slash',
    ),
    Field(json_schema_extra={"pattern": limits.S3_PREFIX_PATTERN, "maxLength": limits.S3_URI_MAX}),
]
CodeRepository = Annotated[
    str,
    checked(
        limits.is_code_repository,
        "not an address that Studio can suggest for cloning",
        "use https:// without user name or query (the git script turns it into SSH)",
    ),
    Field(json_schema_extra={"pattern": limits.CODE_REPOSITORY_PATTERN, "maxLength": limits.URL_MAX}),
]
Host = Annotated[
    str,
    checked(
        limits.is_host,
        "not a host name",
        'use lower-case ASCII like "git.corp.example", without a port; xn-- for others',
    ),
    Field(json_schema_extra={"pattern": limits.HOST_PATTERN, "maxLength": limits.HOST_MAX}),
]
Email = Annotated[
    str,
    checked(limits.is_email, "not an e-mail address", 'write it like "ana.silva@example.com"'),
    Field(json_schema_extra={"pattern": limits.EMAIL_PATTERN, "maxLength": limits.EMAIL_MAX}),
]
