"""Two domains in the embedded AWS with people, spaces and apps, and the command aimed at it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from studio_infra.rehearsal.server import EmbeddedAws

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Command = Callable[..., subprocess.CompletedProcess[str]]

ROOT = Path(__file__).parents[3]
COMMAND = Path(sys.executable).with_name("studio-infra")
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedAws]:
    with EmbeddedAws() as aws:
        yield aws


@pytest.fixture
def aws(server: EmbeddedAws) -> EmbeddedAws:
    server.control.reset()
    server.control.wipe()
    return server


@pytest.fixture
def sagemaker(aws: EmbeddedAws) -> Any:
    return aws.client("sagemaker")


@pytest.fixture
def domains(aws: EmbeddedAws, sagemaker: Any) -> dict[str, str]:
    """Ids by name: the domain of the sandbox settings, and another one with the same people and spaces."""
    ec2, iam = aws.client("ec2"), aws.client("iam")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    role = iam.create_role(RoleName="studio", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    made = {}
    for name in ("sandbox", "other"):
        domain = sagemaker.create_domain(
            DomainName=name,
            AuthMode="IAM",
            VpcId=vpc,
            SubnetIds=[subnet],
            DefaultUserSettings={"ExecutionRole": role},
            DefaultSpaceSettings={"ExecutionRole": role},
        )["DomainId"]
        made[name] = domain
        for person in ("ana", "bela"):
            sagemaker.create_user_profile(DomainId=domain, UserProfileName=person)
            space(sagemaker, domain, f"{person}-lab", owner=person)
        # A shared space that is called like a person.
        space(sagemaker, domain, "bela", owner="ana", sharing="Shared")
        for where in ("ana-lab", "bela-lab", "bela"):
            start(sagemaker, domain, where)
    return made


def space(sagemaker: Any, domain: str, name: str, *, owner: str, sharing: str = "Private") -> None:
    sagemaker.create_space(
        DomainId=domain,
        SpaceName=name,
        OwnershipSettings={"OwnerUserProfileName": owner},
        SpaceSharingSettings={"SharingType": sharing},
        SpaceSettings={
            "AppType": "JupyterLab",
            "SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": 20}},
        },
    )


def start(sagemaker: Any, domain: str, where: str, machine: str = "ml.t3.medium") -> None:
    sagemaker.create_app(
        DomainId=domain,
        SpaceName=where,
        AppType="JupyterLab",
        AppName="default",
        ResourceSpec={"InstanceType": machine},
    )


def running(sagemaker: Any, domain: str) -> set[str]:
    """Spaces whose app runs."""
    pages = sagemaker.get_paginator("list_apps").paginate(DomainIdEquals=domain)
    return {app["SpaceName"] for page in pages for app in page["Apps"] if app["Status"] == "InService"}


@pytest.fixture
def studio(aws: EmbeddedAws, domains: dict[str, str]) -> Command:
    assert domains

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        where = () if "--domain" in arguments else ("--settings", "settings/sandbox.toml")
        return subprocess.run(
            [COMMAND, *arguments, *where],
            cwd=ROOT,
            env={**aws.subprocess_environment(), "COLUMNS": "160", "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run
