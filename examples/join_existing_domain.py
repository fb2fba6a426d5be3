"""Somebody's domain is there already: for a team that brings its own people into it, and leaves the rest alone.

One idea: a domain is a reference. Profile, role and space are this stack's; it neither sees nor changes the domain,
its network or anybody else in it. `aws sagemaker list-domains` shows the id.

    cdk deploy --app "python3 examples/join_existing_domain.py" --context domain_id=d-0123456789ab
"""

import aws_cdk as cdk

from studio_infra import Space, StudioDomain, StudioExecutionRole, UserProfile

TEAM = "vision"

app = cdk.App()
stack = cdk.Stack(app, "VisionPeople", description="People of team vision in the company's Studio domain")
cdk.Tags.of(stack).add("studio:team", TEAM)

domain = StudioDomain.from_domain_id(stack, "Domain", app.node.get_context("domain_id"))
role = StudioExecutionRole(
    stack, "AnaRole", user_name="ana", team=TEAM, description="Apps of ana run as this"
)
ana = UserProfile(stack, "Ana", domain=domain, user_name="ana", execution_role=role)
Space(stack, "AnaSpace", domain=domain, space_name="ana", owner=ana, volume_gb=50)

app.synth()
