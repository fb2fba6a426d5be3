"""An endpoint that cannot be forgotten: for an ML engineer who serves a model, beside Studio or without it.

One idea: the end is decided at the beginning. The endpoint has an owner and a last day, runs in office hours, and
stops when nobody asks it anything; the keeper sees to all of it, and warns the owner first.

    cdk deploy --app "python3 examples/endpoint_with_lifetime.py"
"""

import aws_cdk as cdk

from studio_infra import (
    AlertTopic,
    EndpointKeeper,
    EndpointLifetime,
    InstanceVariant,
    Model,
    ModelContainer,
    ModelEndpoint,
    OfficeHours,
    StudioKey,
    StudioNetwork,
)

HOURS = OfficeHours(start="08:00", end="18:00", time_zone="Europe/Zurich")

app = cdk.App()
stack = cdk.Stack(app, "ChurnEndpoint", description="The churn model, until its last day")

key = StudioKey(stack, "Key").key
network = StudioNetwork(stack, "Network", nat_gateways=0, flow_log_key=key)
model = Model(
    stack, "Model",
    # From a registry that only the VPC reaches; for an image in Amazon ECR leave `private_registry` out.
    containers=[ModelContainer(image="registry.corp.example/churn:1.4", private_registry=True)],
    vpc=network.vpc, subnets=network.job_subnets, security_groups=[network.job_security_group], key=key,
)
ModelEndpoint(
    stack, "Endpoint", endpoint_name="churn",
    variants=[InstanceVariant(model=model, instance_type="ml.m5.large")],
    owner="ana",
    lifetime=EndpointLifetime.until("2027-06-30").in_hours(HOURS).or_idle(12),
    key=key,
)
EndpointKeeper(stack, "Keeper", key=key, alerts=AlertTopic(stack, "Alerts", key=key).topic)

app.synth()
