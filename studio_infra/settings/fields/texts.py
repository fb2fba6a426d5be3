"""Texts of the settings that the service or git must be able to take: one type each."""

from __future__ import annotations

from typing import Annotated

from annotated_types import MaxLen, MinLen
from pydantic import AfterValidator

from studio_infra.settings.facts import limits
from studio_infra.settings.fields.rules import Text, refuse

SSO_USER_NAME_MAX = 128


def _sso_name(text: str) -> str:
    if " " in text or not text.isprintable():  # of all spaces, only this one is printable
        raise refuse("not a user name of IAM Identity Center", "leave out spaces and invisible characters")
    return text


UserName = Annotated[
    str,
    Text(
        limits.is_name,
        "not a name that SageMaker takes",
        "use 1 to 63 ASCII letters, digits and inner hyphens",
        limits.NAME_PATTERN,
        limits.NAME_MAX,
    ),
]
SpaceName = UserName
SsoUserName = Annotated[str, MinLen(1), MaxLen(SSO_USER_NAME_MAX), AfterValidator(_sso_name)]
Prefix = Annotated[
    str,
    Text(
        limits.is_prefix,
        "not a prefix for stack names",
        "use 1 to 20 lower-case letters, digits and inner hyphens, a letter first",
        limits.PREFIX_PATTERN,
        limits.PREFIX_MAX,
    ),
]
TeamName = Annotated[
    str,
    Text(
        limits.is_team_name,
        "not a team name",
        "use 1 to 32 lower-case letters, digits and inner hyphens, a letter first",
        limits.PREFIX_PATTERN,
        limits.TEAM_MAX,
    ),
]
WorkloadName = Annotated[
    str,
    Text(
        limits.is_team_name,
        "not a name for a pipeline or an endpoint",
        "use 1 to 32 lower-case letters, digits and inner hyphens, a letter first",
        limits.PREFIX_PATTERN,
        limits.TEAM_MAX,
    ),
]
Directory = Annotated[
    str,
    Text(
        limits.is_directory,
        "not a directory that Studio can mount",
        'write it from the root, like "/datasets", without spaces and ".."',
        limits.DIRECTORY_PATTERN,
        limits.DIRECTORY_MAX,
    ),
]
RolePath = Annotated[
    str,
    Text(
        limits.is_role_path,
        "not a path of IAM",
        'begin and end it with a slash, like "/studio/"',
        limits.ROLE_PATH_PATTERN,
        limits.ROLE_PATH_MAX,
    ),
]
S3Uri = Annotated[
    str,
    Text(
        limits.is_s3_uri,
        "not a place in S3",
        'write it like "s3://bucket/folder/model.tar.gz"',
        limits.S3_URI_PATTERN,
        limits.S3_URI_MAX,
    ),
]
S3Place = Annotated[
    str,
    Text(
        limits.is_s3_place,
        "not a place in S3",
        'write it like "s3://bucket/canvas"',
        limits.S3_PLACE_PATTERN,
        limits.S3_URI_MAX,
    ),
]
S3Prefix = Annotated[
    str,
    Text(
        limits.is_s3_prefix,
        "not a folder inside a bucket",
        'write it like "churn/train", without a leading slash',
        limits.S3_PREFIX_PATTERN,
        limits.S3_URI_MAX,
    ),
]
CodeRepository = Annotated[
    str,
    Text(
        limits.is_code_repository,
        "not an address that Studio can suggest for cloning",
        "use https:// without user name or query (the git script turns it into SSH)",
        limits.CODE_REPOSITORY_PATTERN,
        limits.URL_MAX,
    ),
]
Host = Annotated[
    str,
    Text(
        limits.is_host,
        "not a host name",
        'use lower-case ASCII like "git.corp.example", without a port; xn-- for others',
        limits.HOST_PATTERN,
        limits.HOST_MAX,
    ),
]
Email = Annotated[
    str,
    Text(
        limits.is_email,
        "not an e-mail address",
        'write it like "ana.silva@example.com"',
        limits.EMAIL_PATTERN,
        limits.EMAIL_MAX,
    ),
]
