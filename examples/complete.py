"""Everything together, in three stacks that change at their own pace: for who wants to see how the parts meet.

One idea: nothing runs on when the team has gone home. Apps stop, jobs end, endpoints have a day, a sweeper has an eye.

    cdk deploy --all --app "python3 examples/complete.py"
"""

from datetime import timedelta

import aws_cdk as cdk

import studio_infra as studio

IMAGE, TEAM = "registry.corp.example/churn:1.4", "vision"

app = cdk.App()
cdk.Validations.of(app).add_plugins(studio.StudioGuardrails())
cdk.Tags.of(app).add("studio:team", TEAM)

home = cdk.Stack(app, "CompleteStudio", description="SageMaker Studio: where team vision is at home")
key = studio.StudioKey(home, "Key").key
network = studio.StudioNetwork(home, "Network", people_apart=True, flow_log_key=key)
apps, jobs = [network.studio_security_group], [network.job_security_group]
bucket = studio.ArtifactBucket(home, "Artifacts", key=key).bucket
domain = studio.StudioDomain(
    home, "Domain", domain_name="complete", vpc=network.vpc, subnets=network.subnets, security_groups=apps, key=key,
    git=studio.GitSsh(hosts=[studio.GitHost.github()], sign_commits=True), idle=studio.IdleShutdown(),
    options=studio.DomainOptions(propagate_user_identity=True),
)
studio.StudioBackup(home, "Backup", key=key).add_home("Homes", domain.home_file_system_id)
rights = studio.TeamAccess(
    home, "Vision", name_prefix="complete", team=TEAM, persona=studio.Persona.ml_engineer(),
    instance_types=["ml.t3.medium", "ml.m5.xlarge"], domain=domain, key=key, bucket=bucket,
    subnet_ids=network.job_subnet_ids, security_group_ids=[jobs[0].security_group_id],
).managed_policies
group = network.add_person_security_group(home, "AnaGroup")
role = studio.StudioExecutionRole(home, "AnaRole", user_name="ana", managed_policies=rights, description="Ana's apps")
studio.UserProfile(home, "Ana", domain=domain, user_name="ana", execution_role=role, security_groups=[group])

work = cdk.Stack(app, "CompleteWork", description="What team vision trains and serves")
studio.TrainingPipeline(
    work, "Training", vpc=network.vpc, subnets=network.job_subnets, security_groups=jobs, key=key, bucket=bucket,
    steps=[studio.TrainingStep(
        image=IMAGE, private_registry=True, instance_type="ml.m5.xlarge", max_runtime=timedelta(hours=1),
        inputs={"train": f"s3://{bucket.bucket_name}/teams/{TEAM}/churn/"},
    )],
)
model = studio.Model(
    work, "Model", containers=[studio.ModelContainer(image=IMAGE, private_registry=True)],
    vpc=network.vpc, subnets=network.job_subnets, security_groups=jobs, key=key,
)
studio.ModelEndpoint(
    work, "Endpoint", variants=[studio.InstanceVariant(model=model, instance_type="ml.m5.large")],
    owner="ana", lifetime=studio.EndpointLifetime.for_days(90), key=key,
)
watch = cdk.Stack(app, "CompleteWatch", description="What stops what team vision forgets")
alerts = studio.AlertTopic(watch, "Alerts", key=key).topic
studio.EndpointKeeper(watch, "Keeper", key=key, alerts=alerts)
studio.IdleSweeper(watch, "Sweeper", domain=domain, domain_name="complete", key=key, alerts=alerts, memory=bucket)
app.synth()
