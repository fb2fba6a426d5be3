"""Roles come from somebody else: for a company whose security team makes them, by a process of its own.

One idea: people's code runs as a role that is there already; nothing here makes one for them or changes it. Its
trust must let `sagemaker.amazonaws.com` do `sts:AssumeRole` and `sts:SetSourceIdentity`, and whoever deploys must
be allowed to pass it on.

    cdk deploy --app "python3 examples/bring_your_own_role.py" --context role_arn=arn:aws:iam::123456789012:role/people
"""

import aws_cdk as cdk

from studio_infra import (
    DomainOptions,
    IdleShutdown,
    StudioDomain,
    StudioExecutionRole,
    StudioKey,
    StudioNetwork,
    UserProfile,
)

app = cdk.App()
stack = cdk.Stack(app, "OwnRoleStudio", description="SageMaker Studio with a role that somebody else made")

role = StudioExecutionRole.from_role_arn(stack, "Role", app.node.get_context("role_arn"), mutable=False)
key = StudioKey(stack, "Key").key
network = StudioNetwork(stack, "Network", flow_log_key=key)
domain = StudioDomain(
    stack, "Domain", domain_name="own-role",
    vpc=network.vpc, subnets=network.subnets, security_groups=[network.studio_security_group],
    key=key, idle=IdleShutdown(after=cdk.Duration.hours(1)),
    execution_role=role,
    # One role for many people: each call carries the name of the person, and CloudTrail shows it.
    options=DomainOptions(propagate_user_identity=True),
)
UserProfile(stack, "Ana", domain=domain, user_name="ana", execution_role=role)
UserProfile(stack, "Bela", domain=domain, user_name="bela", execution_role=role)

app.synth()
