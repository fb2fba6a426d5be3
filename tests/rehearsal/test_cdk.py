"""The unchanged CDK CLI against the server: bootstrap, deploy, change, deploy again, destroy."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from studio_infra.rehearsal.server import EmbeddedAws

_CLI = Path(__file__).parents[2] / "node_modules" / ".bin" / "cdk"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not _CLI.exists(), reason="the CDK CLI is not installed; run make setup"),
]

APP = """
import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2, aws_iam as iam, aws_lambda as lambda_, aws_sagemaker as sagemaker

app = cdk.App()
network = cdk.Stack(app, "Network")
vpc = ec2.Vpc(network, "Vpc", max_azs=2, nat_gateways=1)
studio = cdk.Stack(app, "Studio")
role = iam.Role(studio, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
domain = sagemaker.CfnDomain(
    studio, "Domain", domain_name="studio", auth_mode="IAM", vpc_id=vpc.vpc_id,
    subnet_ids=[subnet.subnet_id for subnet in vpc.private_subnets],
    default_user_settings=sagemaker.CfnDomain.UserSettingsProperty(execution_role=role.role_arn),
)
for name in app.node.get_context("people").split(","):
    sagemaker.CfnUserProfile(studio, name, domain_id=domain.attr_domain_id, user_profile_name=name.lower())
lister = lambda_.Function(
    studio, "Lister", runtime=lambda_.Runtime.PYTHON_3_12, handler="index.handler", function_name="lister",
    code=lambda_.Code.from_inline(
        "import boto3\\n"
        "def handler(event, context):\\n"
        "    pages = boto3.client('sagemaker').get_paginator('list_user_profiles').paginate()\\n"
        "    return [p['UserProfileName'] for page in pages for p in page['UserProfiles']]\\n"
    ),
)
lister.add_to_role_policy(iam.PolicyStatement(actions=["sagemaker:ListUserProfiles"], resources=["*"]))
app.synth()
"""


@pytest.mark.parametrize("strict", [False, True], ids=["open", "strict"])
def test_the_cdk_cli_takes_an_app_through_its_life(tmp_path: Path, strict: bool) -> None:
    (tmp_path / "app.py").write_text(APP)

    with EmbeddedAws(strict=strict) as aws:
        environment = aws.subprocess_environment() | {
            "CDK_VALIDATION": "false",
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
            "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
        }

        def cdk(*words: str, people: str = "Ana,Bo") -> str:
            command = [str(_CLI), *words, "--no-notices", "--ci"]
            if words[0] != "bootstrap":
                command += ["--app", f"{sys.executable} app.py", "-c", f"people={people}"]
                command += ["-c", "@aws-cdk/core:defaultCrossStackReferences=weak"]
            done = subprocess.run(
                command,
                env=environment,
                cwd=tmp_path,
                capture_output=True,
                text=True,
                check=False,
                timeout=200,
            )
            said = done.stdout + done.stderr
            assert done.returncode == 0 or words[0] == "destroy", said
            return said

        def people() -> list[str]:
            found = aws.client("sagemaker").list_user_profiles()["UserProfiles"]
            return sorted(profile["UserProfileName"] for profile in found)

        cdk("bootstrap", "aws://123456789012/us-east-1")
        deploy = ("deploy", "--all", "--require-approval", "never")
        cdk(*deploy)
        assert people() == ["ana", "bo"]
        before = {
            p["UserProfileName"]: p["CreationTime"]
            for p in aws.client("sagemaker").list_user_profiles()["UserProfiles"]
        }
        said = aws.client("lambda").invoke(FunctionName="lister")["Payload"].read()
        assert said == b'["ana", "bo"]'
        assert "no differences" in cdk("diff", "--all")
        cdk(*deploy, people="Bo,Cy")
        assert people() == ["bo", "cy"]
        after = {
            p["UserProfileName"]: p["CreationTime"]
            for p in aws.client("sagemaker").list_user_profiles()["UserProfiles"]
        }
        assert after["bo"] == before["bo"]
        said = cdk("destroy", "--all", "--force", people="Bo,Cy")
        assert aws.client("sagemaker").list_domains()["Domains"] == []
        assert "security-group-for-inbound-nfs" in said  # the leak that AWS has, too
        assert aws.control.state_only() == []
