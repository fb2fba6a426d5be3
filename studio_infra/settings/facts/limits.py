"""What the service accepts: its numbers, and predicates for its names.

Every number and pattern that is the service's own is compared with botocore's model in
``tests/meta/test_limits_match_the_service.py``. The predicates take any text, look at ASCII only, match
all of it (a trailing newline is part of the text) and take time that grows no faster than the text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Profiles, spaces, domains, lifecycle configs, endpoints. Use it with `fullmatch`.
NAME_PATTERN: Final = "^[a-zA-Z0-9](?:-*[a-zA-Z0-9]){0,62}$"
NAME_MAX: Final = 63

#: Our own prefix and team names: they become parts of names, tags and parameter paths.
PREFIX_PATTERN: Final = "^[a-z](?:-?[a-z0-9])*$"
PREFIX_MAX: Final = 20
TEAM_MAX: Final = 32

#: ``ml.g5.xlarge``. Which of them exist is in ``instance_types``.
INSTANCE_TYPE_PATTERN: Final = r"^ml\.[a-z][a-z0-9-]*\.[a-z0-9-]+$"
INSTANCE_FAMILY_PATTERN: Final = r"^ml\.[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)?$"
REGION_PATTERN: Final = "^[a-z]{2,3}(?:-[a-z]{2,12}){1,3}-[0-9]{1,2}$"
ACCOUNT_PATTERN: Final = "^[0-9]{12}$"
#: A version of SageMaker Distribution, as the launcher can hide it.
IMAGE_VERSION_PATTERN: Final = r"^(?:0|[1-9][0-9]{0,4})\.(?:0|[1-9][0-9]{0,4})$"
VPC_ID_PATTERN: Final = "^vpc-[0-9a-f]{8,17}$"
ROUTE_TABLE_ID_PATTERN: Final = "^rtb-[0-9a-f]{8,17}$"
PREFIX_LIST_ID_PATTERN: Final = "^pl-[0-9a-f]{8,17}$"
SUBNET_ID_PATTERN: Final = "^subnet-[0-9a-f]{8,17}$"
SECURITY_GROUP_ID_PATTERN: Final = "^sg-[0-9a-f]{8,17}$"
#: A file system of EFS or of FSx for Lustre, and a directory on it.
FILE_SYSTEM_ID_PATTERN: Final = "^fs-[0-9a-f]{8,18}$"
DIRECTORY_PATTERN: Final = r"^/[!-~]*$"
DIRECTORY_MAX: Final = 256
#: A user or a group in IAM Identity Center: an id, never a name.
PRINCIPAL_ID_PATTERN: Final = "^(?:[0-9a-f]{10}-)?[A-Fa-f0-9]{8}(?:-[A-Fa-f0-9]{4}){3}-[A-Fa-f0-9]{12}$"
POLICY_ARN_PATTERN: Final = (
    "^arn:aws(?:-[a-z]+)*:iam::(?:[0-9]{12}|aws):policy/(?:[!-.0-~]+/)*[A-Za-z0-9_+=,.@-]{1,128}$"
)
ROLE_ARN_PATTERN: Final = "^arn:aws[a-z-]*:iam::[0-9]{12}:role/[a-zA-Z0-9_+=,.@/-]+$"
PORTFOLIO_ID_PATTERN: Final = "^port-[a-z0-9]{1,95}$"
SECRET_ARN_PATTERN: Final = "^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]*:[0-9]{12}:secret:[!-~]+$"  # noqa: S105 - no secret
KEY_ID_PATTERN: Final = "^[a-zA-Z0-9:/_-]+$"
Q_PROFILE_ARN_PATTERN: Final = "^arn:[-.a-z0-9]{1,63}:codewhisperer:[-.a-z0-9]*:[-.a-z0-9]*:[a-zA-Z0-9_:/-]+$"
#: An image in SageMaker, of one's own or of AWS, and a version of one.
SAGEMAKER_IMAGE_ARN_PATTERN: Final = (
    r"^arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:[0-9]{12}:image/[a-zA-Z0-9](?:[-.]?[a-zA-Z0-9])*$"
)
SAGEMAKER_IMAGE_VERSION_ARN_PATTERN: Final = (
    r"^arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:[0-9]{12}:image-version/[a-z0-9](?:[-.]?[a-z0-9])*/[0-9]+$"
)
ARN_MAX: Final = 2048
IMAGE_ARN_MAX: Final = 256
ROLE_PATH_PATTERN: Final = "^/(?:[!-.0-~]+/)*$"
ROLE_PATH_MAX: Final = 512
#: An image in Amazon ECR: registry, region, repository, and a tag or a digest.
IMAGE_PATTERN: Final = (
    r"^[0-9]{12}\.dkr\.ecr(?:-fips)?\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?"
    r"/[a-z0-9][a-z0-9._/-]*(?::[A-Za-z0-9_][A-Za-z0-9._-]*)?(?:@sha256:[0-9a-f]{64})?$"
)
IMAGE_MAX: Final = 255
S3_URI_PATTERN: Final = r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/[A-Za-z0-9!_.*'()/=+@:-]+$"
#: A bucket, or a prefix in one.
S3_PLACE_PATTERN: Final = r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:/[A-Za-z0-9!_.*'()/=+@:-]*)?$"
S3_PREFIX_PATTERN: Final = r"^[A-Za-z0-9!_.*'()=+@-]+(?:/[A-Za-z0-9!_.*'()=+@-]+)*/?$"
S3_URI_MAX: Final = 1024
#: `CodeRepositories` of a domain take only https. The service's own pattern backtracks exponentially.
CODE_REPOSITORY_PATTERN: Final = r"^https://[.\-_a-zA-Z0-9]{3,}(?:/[.\-_a-zA-Z0-9]+)*/?$"
URL_MAX: Final = 1024
CODE_REPOSITORIES_MAX: Final = 10

#: CloudFormation takes 500 resources a stack; the rest is room for what a platform team adds.
STACK_RESOURCES: Final = 450
#: Rungs of the ladder that people are made on, see `waves`. Another number would put everybody on another rung.
WAVES: Final = 32
#: What is left for people.
PEOPLE_RESOURCES: Final = STACK_RESOURCES - WAVES

MAX_LIFECYCLE_CONTENT: Final = 16384
#: 28 days.
JOB_MINUTES_MAX: Final = 40320
IDLE_MINUTES: Final = (60, 525600)
EBS_GB: Final = (5, 16384)
POSIX_UID: Final = (10000, 4000000)
POSIX_GID: Final = (1001, 4000000)
#: The group of everybody who has no numbers of their own: SageMaker's default.
#: https://docs.aws.amazon.com/sagemaker/latest/dg/domain-custom-file-system.html
DEFAULT_GID: Final = 1001
#: Numbers of days after which EFS moves files to cheaper storage; it knows no others.
EFS_DAYS: Final = (1, 7, 14, 30, 60, 90, 180, 270, 365)
#: What FSx for Lustre takes on SSD: GiB of the smallest file system, the steps above it, and by kind of deployment
#: the MB/s for each TiB, the least first; none for temporary file systems.
#: https://docs.aws.amazon.com/fsx/latest/APIReference/API_CreateFileSystemLustreConfiguration.html
LUSTRE_SMALLEST: Final = 1200
LUSTRE_STEP: Final = 2400
LUSTRE_THROUGHPUTS: Final[Mapping[str, tuple[int, ...]]] = {
    "SCRATCH_2": (),
    "PERSISTENT_1": (50, 100, 200),
    "PERSISTENT_2": (125, 250, 500, 1000),
}
#: File systems besides the home. CloudFormation's limits are narrower than those of the API.
DOMAIN_FILE_SYSTEMS_MAX: Final = 2
PROFILE_FILE_SYSTEMS_MAX: Final = 10
SPACE_FILE_SYSTEMS_MAX: Final = 1
SUBNETS: Final = (1, 16)
TAG_KEY_MAX: Final = 128
TAG_VALUE_MAX: Final = 256
TAGS_MAX: Final = 50
HYPERPARAMETERS_MAX: Final = 100
HYPERPARAMETER_KEY_MAX: Final = 256
HYPERPARAMETER_VALUE_MAX: Final = 2500

EMAIL_MAX: Final = 254
HOST_MAX: Final = 253
EMAIL_PATTERN: Final = (
    r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@[A-Za-z0-9](?:-*[A-Za-z0-9])*(?:\.[A-Za-z0-9](?:-*[A-Za-z0-9])*)+$"
)
HOST_PATTERN: Final = r"^[a-z0-9](?:-*[a-z0-9])*(?:\.[a-z0-9](?:-*[a-z0-9])*)*$"
_LABEL_MAX: Final = 63
_LOCAL_PART_MAX: Final = 64


def matches(pattern: str, text: str, *, longest: int = URL_MAX) -> bool:
    """Whether the whole of ``text`` is what ``pattern`` says and no longer than ``longest`` characters."""
    return len(text) <= longest and re.fullmatch(pattern, text, re.ASCII) is not None


def is_name(text: str) -> bool:
    """Whether SageMaker takes it as the name of a profile, a space, a domain or an endpoint."""
    return matches(NAME_PATTERN, text, longest=NAME_MAX)


def is_prefix(text: str) -> bool:
    """Whether it can stand in front of the name of every stack."""
    return matches(PREFIX_PATTERN, text, longest=PREFIX_MAX)


def is_team_name(text: str) -> bool:
    """Whether it can name a team: in tags, in parameter paths and in bucket prefixes."""
    return matches(PREFIX_PATTERN, text, longest=TEAM_MAX)


def is_instance_type(text: str) -> bool:
    """Whether it is written like an instance type: ``ml.g5.xlarge``."""
    return matches(INSTANCE_TYPE_PATTERN, text, longest=NAME_MAX)


def is_instance_family(text: str) -> bool:
    """Whether it is written like an instance type or a family of them: ``ml.g5``."""
    return matches(INSTANCE_FAMILY_PATTERN, text, longest=NAME_MAX)


def is_region(text: str) -> bool:
    """Whether it is written like a region: ``eu-central-1``."""
    return matches(REGION_PATTERN, text, longest=NAME_MAX)


def is_account(text: str) -> bool:
    """Whether it is an account number."""
    return matches(ACCOUNT_PATTERN, text)


def is_image_version(text: str) -> bool:
    """Whether it is written like a version of SageMaker Distribution: ``2.1``."""
    return matches(IMAGE_VERSION_PATTERN, text)


def is_vpc_id(text: str) -> bool:
    """Whether it is the id of a VPC."""
    return matches(VPC_ID_PATTERN, text)


def is_route_table_id(text: str) -> bool:
    """Whether it is the id of a route table."""
    return matches(ROUTE_TABLE_ID_PATTERN, text)


def is_prefix_list_id(text: str) -> bool:
    """Whether it is the id of a prefix list."""
    return matches(PREFIX_LIST_ID_PATTERN, text)


def is_subnet_id(text: str) -> bool:
    """Whether it is the id of a subnet."""
    return matches(SUBNET_ID_PATTERN, text)


def is_security_group_id(text: str) -> bool:
    """Whether it is the id of a security group."""
    return matches(SECURITY_GROUP_ID_PATTERN, text)


def is_file_system_id(text: str) -> bool:
    """Whether it is the id of a file system of EFS or of FSx."""
    return matches(FILE_SYSTEM_ID_PATTERN, text)


def is_directory(text: str) -> bool:
    """Whether SageMaker mounts it: a path from the root of a file system, without spaces and without ``..``."""
    return matches(DIRECTORY_PATTERN, text, longest=DIRECTORY_MAX) and ".." not in text.split("/")


def is_principal_id(text: str) -> bool:
    """Whether it is the id of a user or a group in IAM Identity Center."""
    return matches(PRINCIPAL_ID_PATTERN, text)


def is_policy_arn(text: str) -> bool:
    """Whether it is the ARN of a managed policy."""
    return matches(POLICY_ARN_PATTERN, text)


def is_role_arn(text: str) -> bool:
    """Whether it names a role."""
    return matches(ROLE_ARN_PATTERN, text, longest=ARN_MAX)


def is_portfolio_id(text: str) -> bool:
    """Whether it names a portfolio of Service Catalog."""
    return matches(PORTFOLIO_ID_PATTERN, text)


def is_secret_arn(text: str) -> bool:
    """Whether it names a secret in Secrets Manager."""
    return matches(SECRET_ARN_PATTERN, text, longest=ARN_MAX)


def is_key_id(text: str) -> bool:
    """Whether SageMaker takes it as the id or the ARN of a key."""
    return matches(KEY_ID_PATTERN, text, longest=ARN_MAX)


def is_q_profile_arn(text: str) -> bool:
    """Whether it names a profile of Amazon Q Developer."""
    return matches(Q_PROFILE_ARN_PATTERN, text, longest=ARN_MAX)


def is_sagemaker_image_arn(text: str) -> bool:
    """Whether it names an image in SageMaker."""
    return matches(SAGEMAKER_IMAGE_ARN_PATTERN, text, longest=IMAGE_ARN_MAX)


def is_sagemaker_image_version_arn(text: str) -> bool:
    """Whether it names a version of an image in SageMaker."""
    return matches(SAGEMAKER_IMAGE_VERSION_ARN_PATTERN, text, longest=IMAGE_ARN_MAX)


def is_role_path(text: str) -> bool:
    """Whether IAM takes it as the path of a role: it begins and ends with a slash."""
    return matches(ROLE_PATH_PATTERN, text, longest=ROLE_PATH_MAX)


def is_image(text: str) -> bool:
    """Whether it is an image in Amazon ECR."""
    return matches(IMAGE_PATTERN, text, longest=IMAGE_MAX)


def is_s3_uri(text: str) -> bool:
    """Whether it is an object, or a prefix of objects, in S3."""
    return matches(S3_URI_PATTERN, text, longest=S3_URI_MAX)


def is_s3_place(text: str) -> bool:
    """Whether it is a bucket, or a prefix in one."""
    return matches(S3_PLACE_PATTERN, text, longest=S3_URI_MAX)


def is_s3_prefix(text: str) -> bool:
    """Whether it is a folder inside a bucket: no leading slash, no ``..``."""
    return matches(S3_PREFIX_PATTERN, text) and ".." not in text.split("/")


def is_code_repository(text: str) -> bool:
    """Whether Studio can suggest it for cloning: ``https://``, no query, no user name."""
    return matches(CODE_REPOSITORY_PATTERN, text)


def is_host(text: str) -> bool:
    """Whether it is a host name in lower case, without a port; an address in dotted form is one, too."""
    labels = text.split(".") if len(text) <= HOST_MAX else [text]
    return all(len(label) <= _LABEL_MAX for label in labels) and matches(HOST_PATTERN, text, longest=HOST_MAX)


def is_email(text: str) -> bool:
    """Whether it is an e-mail address that every mail system and git understand."""
    local, _, host = text.rpartition("@") if len(text) <= EMAIL_MAX else ("", "", text)
    return (
        len(local) <= _LOCAL_PART_MAX
        and is_host(host.lower())
        and matches(EMAIL_PATTERN, text, longest=EMAIL_MAX)
    )
