"""A pipeline as the target of an EventBridge rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker

from studio_infra.workloads.pipelines.pipeline_grants import PipelineGrants

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk.interfaces import aws_sagemaker as refs
    from constructs import Construct


def starting_role(scope: Construct, pipeline: refs.IPipelineRef, service: str) -> iam.Role:
    """A role that only `service`, for this account, can take, and that may start `pipeline`."""
    account = {"StringEquals": {"aws:SourceAccount": cdk.Stack.of(scope).account}}
    role = iam.Role(scope, "Role", assumed_by=iam.ServicePrincipal(service, conditions=account))
    policy = iam.ManagedPolicy(scope, "Policy")
    PipelineGrants.from_pipeline(pipeline).start(policy)
    role.add_managed_policy(policy)
    return role


def start_rule(
    scope: Construct,
    pattern: Mapping[str, object],
    pipeline: refs.IPipelineRef,
    parameters: Mapping[str, str],
) -> events.CfnRule:
    """A rule that starts `pipeline` for every event like `pattern`."""
    rule = events.CfnRule(
        scope,
        "Resource",
        event_pattern=dict(pattern),
        targets=[start_target(scope, pipeline, parameters)],
    )
    cdk.Validations.of(rule).acknowledge(
        cdk.Acknowledgment(
            id="Serverless-EventBusDLQ",
            reason="EventBridge tries for a day, and a pipeline can be started by hand at any time",
        )
    )
    return rule


def start_target(
    scope: Construct, pipeline: refs.IPipelineRef, parameters: Mapping[str, str]
) -> events.CfnRule.TargetProperty:
    """What a rule starts. A value like `$.detail.object.key` is taken from the event.

    On the L1: CDK's own targets know no pipelines.
    """
    values = [
        events.CfnRule.SageMakerPipelineParameterProperty(name=name, value=value)
        for name, value in parameters.items()
    ]
    return events.CfnRule.TargetProperty(
        id="Pipeline",
        arn=sagemaker.CfnPipeline.arn_for_pipeline(pipeline),
        role_arn=starting_role(scope, pipeline, "events.amazonaws.com").role_arn,
        sage_maker_pipeline_parameters=(
            events.CfnRule.SageMakerPipelineParametersProperty(pipeline_parameter_list=values)
            if values
            else None
        ),
    )
