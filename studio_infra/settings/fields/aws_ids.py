"""What AWS calls its own: regions, instance types, ids and ARNs, one type each."""

from __future__ import annotations

from typing import Annotated

from studio_infra.settings.facts import limits
from studio_infra.settings.fields.rules import Text

InstanceType = Annotated[
    str,
    Text(
        limits.is_instance_type,
        "not an instance type",
        'write it like "ml.g5.xlarge"',
        limits.INSTANCE_TYPE_PATTERN,
    ),
]
InstanceFamily = Annotated[
    str,
    Text(
        limits.is_instance_family,
        "not an instance type or family",
        'write it like "ml.g5" or "ml.g5.xlarge"',
        limits.INSTANCE_FAMILY_PATTERN,
    ),
]
Region = Annotated[
    str, Text(limits.is_region, "not a region", 'write it like "eu-central-1"', limits.REGION_PATTERN)
]
Account = Annotated[
    str,
    Text(limits.is_account, "not an account number", "use its 12 digits, in quotes", limits.ACCOUNT_PATTERN),
]
ImageVersion = Annotated[
    str,
    Text(
        limits.is_image_version,
        "not a version of SageMaker Distribution",
        'write it like "2.1"',
        limits.IMAGE_VERSION_PATTERN,
    ),
]
VpcId = Annotated[
    str,
    Text(
        limits.is_vpc_id,
        "not the id of a VPC",
        'write it like "vpc-0123456789abcdef0"',
        limits.VPC_ID_PATTERN,
    ),
]
SubnetId = Annotated[
    str,
    Text(
        limits.is_subnet_id,
        "not the id of a subnet",
        'write it like "subnet-0123456789abcdef0"',
        limits.SUBNET_ID_PATTERN,
    ),
]
SecurityGroupId = Annotated[
    str,
    Text(
        limits.is_security_group_id,
        "not the id of a security group",
        'write it like "sg-0123456789abcdef0"',
        limits.SECURITY_GROUP_ID_PATTERN,
    ),
]
FileSystemId = Annotated[
    str,
    Text(
        limits.is_file_system_id,
        "not the id of a file system",
        'write it like "fs-0123456789abcdef0"',
        limits.FILE_SYSTEM_ID_PATTERN,
    ),
]
RouteTableId = Annotated[
    str,
    Text(
        limits.is_route_table_id,
        "not the id of a route table",
        'write it like "rtb-0123456789abcdef0"',
        limits.ROUTE_TABLE_ID_PATTERN,
    ),
]
PrefixListId = Annotated[
    str,
    Text(
        limits.is_prefix_list_id,
        "not the id of a prefix list",
        'write it like "pl-6da54004"',
        limits.PREFIX_LIST_ID_PATTERN,
    ),
]
PrincipalId = Annotated[
    str,
    Text(
        limits.is_principal_id,
        "not an id in IAM Identity Center",
        'write it like "94482488-3041-7091-8f3a-0f0d5b2ac51d", it is no name',
        limits.PRINCIPAL_ID_PATTERN,
    ),
]
PolicyArn = Annotated[
    str,
    Text(
        limits.is_policy_arn,
        "not the ARN of a managed policy",
        'write it like "arn:aws:iam::123456789012:policy/studio-boundary"',
        limits.POLICY_ARN_PATTERN,
        limits.URL_MAX,
    ),
]
RoleArn = Annotated[
    str,
    Text(
        limits.is_role_arn,
        "not the ARN of a role",
        'write it like "arn:aws:iam::123456789012:role/canvas"',
        limits.ROLE_ARN_PATTERN,
        limits.ARN_MAX,
    ),
]
PortfolioId = Annotated[
    str,
    Text(
        limits.is_portfolio_id,
        "not the id of a portfolio",
        'write it like "port-abcdefghijklm"',
        limits.PORTFOLIO_ID_PATTERN,
    ),
]
SecretArn = Annotated[
    str,
    Text(
        limits.is_secret_arn,
        "not the ARN of a secret",
        'write it like "arn:aws:secretsmanager:eu-west-1:123456789012:secret:snowflake"',
        limits.SECRET_ARN_PATTERN,
        limits.ARN_MAX,
    ),
]
KeyId = Annotated[
    str, Text(limits.is_key_id, "not a key", "write its id or its ARN", limits.KEY_ID_PATTERN, limits.ARN_MAX)
]
QProfileArn = Annotated[
    str,
    Text(
        limits.is_q_profile_arn,
        "not the ARN of a profile of Amazon Q Developer",
        'write it like "arn:aws:codewhisperer:us-east-1:123456789012:profile/ABCDEFGHIJKL"',
        limits.Q_PROFILE_ARN_PATTERN,
        limits.ARN_MAX,
    ),
]
SageMakerImageArn = Annotated[
    str,
    Text(
        limits.is_sagemaker_image_arn,
        "not the ARN of an image in SageMaker",
        'write it like "arn:aws:sagemaker:us-east-1:081325390199:image/sagemaker-data-science-38"',
        limits.SAGEMAKER_IMAGE_ARN_PATTERN,
        limits.IMAGE_ARN_MAX,
    ),
]
SageMakerImageVersionArn = Annotated[
    str,
    Text(
        limits.is_sagemaker_image_version_arn,
        "not the ARN of a version of an image in SageMaker",
        'write it like "arn:aws:sagemaker:us-east-1:123456789012:image-version/lab/3"',
        limits.SAGEMAKER_IMAGE_VERSION_ARN_PATTERN,
        limits.IMAGE_ARN_MAX,
    ),
]
Image = Annotated[
    str,
    Text(
        limits.is_image,
        "not an image in Amazon ECR",
        'write it like "123456789012.dkr.ecr.us-east-1.amazonaws.com/churn:1.4.0"',
        limits.IMAGE_PATTERN,
        limits.IMAGE_MAX,
    ),
]
