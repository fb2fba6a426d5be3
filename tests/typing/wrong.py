"""Wrong uses of the public names: mypy must refuse each line that says with what, and no other.

It is read by mypy and never run.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import aws_cdk as cdk

import studio_infra as studio

if TYPE_CHECKING:
    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_sns as sns


def wrong(
    stack: cdk.Stack, vpc: ec2.IVpc, key: kms.IKey, topic: sns.ITopic, variant: studio.InstanceVariant
) -> None:
    """Each call has one mistake."""
    forever = studio.EndpointLifetime.forever()
    domain = studio.StudioDomain.from_domain_id(stack, "Domain", "d-1")

    # What must be said.
    studio.ModelEndpoint(stack, "E", variants=[variant], owner="ana", key=key)  # refused: "lifetime"
    studio.ModelEndpoint(stack, "E", variants=[variant], lifetime=forever, key=key)  # refused: "owner"
    studio.Model(stack, "M", containers=[], key=key)  # refused: "vpc"
    studio.StudioDomain(stack, "D", vpc=vpc)  # refused: "domain_name"
    studio.UserProfile(stack, "U", user_name="ana")  # refused: "domain"
    studio.TrainingStep(image="i", instance_type="ml.m5.large")  # refused: "max_runtime"
    studio.TeamBudget(stack, "B", name_prefix="p", team="t", alerts=topic)  # refused: "monthly_usd"
    studio.StudioKey(stack)  # refused: "construct_id"

    # What does not exist.
    studio.StudioNetwork(stack, "N", mode="Internet")  # refused: "mode"
    studio.StudioNetwork(stack, "N", nat_gateway=0)  # refused: "nat_gateway"
    studio.Persona.intern()  # refused: "intern"
    studio.Feature.TELEX  # refused: "TELEX"  # noqa: B018 - not run
    studio.Nothing  # refused: "Nothing"  # noqa: B018 - not run

    # What is something else.
    studio.StudioDomain(stack, "D", domain_name="d", vpc="vpc-1")  # refused: "vpc"
    studio.StudioDomain(stack, "D", domain_name="d", vpc=vpc, auth_mode="IAM")  # refused: "auth_mode"
    studio.UserProfile(stack, "U", domain="d-1", user_name="ana")  # refused: "domain"
    studio.Model(stack, "M", vpc=vpc, key=key, containers=[], role="arn:aws:iam::1:role/r")  # refused: "role"
    studio.IdleShutdown(after=60)  # refused: "after"
    studio.EndpointLifetime.for_days("30")  # refused: "for_days"
    studio.EndpointLifetime.forever().or_idle(cdk.Duration.hours(1))  # refused: "or_idle"
    studio.EndpointKeeper(stack, "K", key=key, alerts=topic, every=timedelta(minutes=15))  # refused: "every"
    studio.Model(stack, "M", vpc=vpc, key=key, containers="image")  # refused: "containers"

    # What is said by its name, never by its place.
    studio.StudioDomain(stack, "D", "research", vpc=vpc)  # refused: positional
    studio.InstanceVariant(variant.model, instance_type="ml.m5.large")  # refused: positional
    studio.UserProfile(stack, "U", domain, user_name="ana")  # refused: positional

    # What is fixed when it is made.
    forever.expires = "2027-06-30"  # refused: "expires"
    variant.instance_type = "ml.m5.xlarge"  # refused: "instance_type"
