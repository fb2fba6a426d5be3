"""What SageMaker's API has and CloudFormation lacks is a feature, or on the page of exceptions: by code, both ways."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest

from studio_infra.studio.domain.connections import EmrAccess
from studio_infra.studio.domain.features import AmazonQ, Canvas, CanvasDataSource, DomainFeatures
from tests.studio.domain.properties import KINDS, api_paths, exceptions, paths, set_in

HEADING = "What only SageMaker's API has"
ROLE = "arn:aws:iam::123456789012:role/canvas"
SOURCE = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:snowflake"
EVERY = DomainFeatures(
    canvas=Canvas(
        s3_uri="s3://bucket/canvas",
        key_id="key-1",
        direct_deploy=True,
        document_query=True,
        model_register=True,
        model_register_role_arn=ROLE,
        forecasts=True,
        forecast_role_arn=ROLE,
        bedrock_role_arn=ROLE,
        emr_serverless_role_arn=ROLE,
        data_sources=(CanvasDataSource(name="Snowflake", secret_arn=SOURCE),),
    ),
    amazon_q=AmazonQ(profile_arn="arn:aws:codewhisperer:us-east-1:123456789012:profile/A"),
    trusted_identity_propagation=True,
    rootless_docker=True,
    user_identity_sessions=True,
    emr=EmrAccess(assumable_role_arns=(ROLE,), execution_role_arns=(ROLE,)),
    classic_code_repositories=("https://github.com/example/templates",),
)
REACHED = {"Domain": set_in(EVERY.as_json()), "UserProfile": set[str](), "Space": set[str]()}


@pytest.mark.parametrize("kind", KINDS)
def test_what_only_the_api_has_is_a_feature_or_on_the_page(kind: str) -> None:
    left = api_paths(kind) - paths(kind) - REACHED[kind]
    assert {
        one for one in left if not any(fnmatchcase(one, row) for row in exceptions(HEADING)[kind])
    } == set()


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_names_nothing_that_cloudformation_has_or_that_is_a_feature(kind: str) -> None:
    lacking = api_paths(kind) - paths(kind)
    for row in exceptions(HEADING)[kind]:
        assert any(fnmatchcase(one, row) for one in lacking), row
        assert not any(fnmatchcase(one, row) for one in REACHED[kind]), row


def test_a_feature_is_something_that_cloudformation_cannot_say() -> None:
    assert REACHED["Domain"] <= api_paths("Domain") - paths("Domain")
