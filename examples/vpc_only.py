"""No way to the internet at all: for a bank, a hospital, or anybody whose data must not leave.

One idea: the network decides. No route leads out, AWS answers through VPC endpoints that know this account alone,
code comes from CodeCommit, and nobody's apps reach another person's ports. The prefix list is the region's own:
`aws ec2 describe-managed-prefix-lists` shows it as `com.amazonaws.us-east-1.s3`.

    cdk deploy --app "python3 examples/vpc_only.py" --context s3_prefix_list=pl-63a5400a
"""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from studio_infra import (
    CodeCommitHost,
    Feature,
    GitSsh,
    IdleShutdown,
    StudioDomain,
    StudioExecutionRole,
    StudioKey,
    StudioNetwork,
    UserProfile,
)

REGION = "us-east-1"

app = cdk.App()
env = cdk.Environment(region=REGION)
stack = cdk.Stack(app, "ClosedStudio", env=env, description="SageMaker Studio without a way to the internet")

key = StudioKey(stack, "Key").key
network = StudioNetwork(
    stack, "Network", nat_gateways=0, people_apart=True, flow_log_key=key,
    features=[Feature.JOBS, Feature.CUSTOMER_KEYS, Feature.PARAMETERS, Feature.CODE_COMMIT],
    s3_prefix_list=app.node.get_context("s3_prefix_list"),
)
git = GitSsh(hosts=[CodeCommitHost(region=REGION, repositories=["churn"])])
domain = StudioDomain(
    stack, "Domain", domain_name="closed",
    vpc=network.vpc, subnets=network.subnets, security_groups=[network.studio_security_group],
    key=key, git=git, idle=IdleShutdown(after=cdk.Duration.hours(1)),
)

repositories = iam.ManagedPolicy(stack, "Repositories", statements=git.policy_statements(stack))
role = StudioExecutionRole(
    stack, "AnaRole", user_name="ana", managed_policies=[repositories], description="Apps of ana run as this"
)
group = network.add_person_security_group(stack, "AnaGroup")
UserProfile(stack, "Ana", domain=domain, user_name="ana", execution_role=role, security_groups=[group])

app.synth()
