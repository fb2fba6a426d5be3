"""The least that is right: for who has a CDK app already, and wants Studio in it for one person to begin with.

One idea: what is left out is not left open. Homes are encrypted, apps stop when nobody uses them, and the domain
outlives its stack.

    cdk deploy --app "python3 examples/minimal.py"
"""

import aws_cdk as cdk

from studio_infra import IdleShutdown, StudioDomain, StudioKey, StudioNetwork, UserProfile

app = cdk.App()
stack = cdk.Stack(app, "MinimalStudio", description="SageMaker Studio for one person to begin with")

key = StudioKey(stack, "Key").key
network = StudioNetwork(stack, "Network", flow_log_key=key)
domain = StudioDomain(
    stack, "Domain", domain_name="minimal",
    vpc=network.vpc, subnets=network.subnets, security_groups=[network.studio_security_group],
    key=key, idle=IdleShutdown(after=cdk.Duration.hours(1)),
)
UserProfile(stack, "Ana", domain=domain, user_name="ana")

app.synth()
