"""Right uses of the public names, as somebody else's typed app would write them: mypy has nothing to say.

It is read by mypy and never run.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker

import studio_infra as studio

if TYPE_CHECKING:
    from aws_cdk import aws_ec2 as ec2
    from aws_cdk.interfaces import aws_sagemaker as refs


class Platform(cdk.Stack):
    """A stack of somebody else's: constructs compose with CDK's own types, in both directions."""

    def __init__(self, scope: cdk.App, construct_id: str, *, vpc: ec2.IVpc) -> None:
        super().__init__(scope, construct_id)
        self.key = studio.StudioKey(self, "Key").key
        self.network = studio.StudioNetwork(self, "Network", vpc=vpc, features={studio.Feature.JOBS})
        self.domain = studio.StudioDomain(
            self,
            "Domain",
            domain_name="typed",
            vpc=self.network.vpc,
            subnets=self.network.subnets,
            security_groups=(self.network.studio_security_group,),
            key=self.key,
            auth_mode=studio.AuthMode.SSO,
            git=studio.GitSsh(hosts=[studio.GitHost.github(), studio.CodeCommitHost(region="us-east-1")]),
            idle=studio.IdleShutdown(after=cdk.Duration.hours(2), engine=studio.IdleEngine.WATCHER),
            removal_policy=cdk.RemovalPolicy.RETAIN,
        )

    def join(self, domain: refs.IDomainRef, role: iam.IRole) -> refs.IUserProfileRef:
        """A domain of anybody's is as good as ours, and so is a role."""
        ours: iam.IRole = studio.StudioExecutionRole(self, "Role", user_name="ana", team="vision")
        studio.UserProfile(self, "Bela", domain=domain, user_name="bela", execution_role=ours)
        return studio.UserProfile(self, "Ana", domain=domain, user_name="ana", execution_role=role)

    def train_and_serve(self, bucket: studio.ArtifactBucket) -> refs.IEndpointRef:
        """A pipeline and an endpoint."""
        group = self.network.job_security_group
        train = studio.TrainingStep(
            image="image",
            instance_type=studio.Parameter("Type", "ml.m5.xlarge"),
            max_runtime=timedelta(hours=1),
            inputs={"train": "s3://data/train/"},
            distribution=studio.Torchrun(),
        )
        pipeline = studio.TrainingPipeline(
            self,
            "Pipeline",
            steps=[train],
            vpc=self.network.vpc,
            security_groups=[group],
            key=self.key,
            bucket=bucket.bucket,
        )
        pipeline.grants.start(iam.AccountRootPrincipal())
        model = studio.Model(
            self,
            "Model",
            containers=[studio.ModelContainer(image="image", model_data="s3://data/model.tar.gz")],
            vpc=None,
            network_isolation=False,
            key=self.key,
        )
        return studio.ModelEndpoint(
            self,
            "Endpoint",
            variants=[studio.ServerlessVariant(model=model, memory_mb=4096)],
            owner="ana",
            lifetime=studio.EndpointLifetime.until("2027-06-30").or_idle(12),
            key=self.key,
        )


def teams(access: studio.TeamAccess, person: studio.Person) -> dict[str, studio.TeamDefaults]:
    """What a roster takes."""
    settings = studio.UserSettings(hidden_instance_types=access.hidden_instance_types)
    role = access.member_role
    return {person.team: studio.TeamDefaults(team=person.team, execution_role=role, settings=settings)}


def imported(scope: cdk.Stack) -> tuple[refs.IDomainRef, refs.IEndpointRef, iam.IRole]:
    """What somebody else made, by its name; and CDK's L1 where ours could stand."""
    mine = sagemaker.CfnDomain.from_domain_id(scope, "L1", "d-1")
    studio.UserProfile(scope, "Ana", domain=mine, user_name="ana")
    return (
        studio.StudioDomain.from_domain_id(scope, "Domain", "d-1"),
        studio.ModelEndpoint.from_endpoint_name(scope, "Endpoint", "churn"),
        studio.StudioExecutionRole.from_role_arn(scope, "Role", "arn:aws:iam::123456789012:role/r"),
    )
