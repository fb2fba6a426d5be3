"""The same company in plain Python, one constructor a resource: `python benchmarks/roster_plain.py N OUT`.

It is what a CDK app in Python is when nobody thinks about the way to Node: `benchmarks/roster_app.js`, word for word.
"""

from __future__ import annotations

import hashlib
import re
import sys
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_ssm as ssm

PEOPLE_IN_A_STACK = 104
RUNGS, WAVE_WIDTH = 32, 20


def logical_id(user_name: str) -> str:
    """The name of a person's resources."""
    readable = "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", user_name))
    return readable + hashlib.sha256(user_name.encode()).hexdigest()[:8].upper()


def rung_of(user_name: str) -> int:
    """Where a person stands on the ladder."""
    return hashlib.sha256(user_name.encode()).digest()[31] % RUNGS


def add_waves(stack: cdk.Stack, people: list[tuple[str, Any, Any]]) -> None:
    """Rungs in a row whose people fit into a wave are let go together, when the wave before is done."""
    crowds: dict[int, list[tuple[str, Any, Any]]] = {}
    for one in people:
        crowds.setdefault(rung_of(one[0]), []).append(one)
    first: Any = None
    room, before, wave = 0, list[tuple[str, Any, Any]](), list[tuple[str, Any, Any]]()
    for rung, crowd in sorted(crowds.items()):
        handle = cdk.CfnWaitConditionHandle(stack, f"Wave{rung:02d}")
        if len(crowd) > room:
            first, room, before, wave = handle, WAVE_WIDTH, wave, []
            for _, _, space in before:
                handle.add_resource_dependency(space)
        else:
            handle.add_resource_dependency(first)
        for _, profile, _ in crowd:
            profile.add_resource_dependency(handle)
        room -= len(crowd)
        wave = [*wave, *crowd]


def trust_policy() -> dict[str, Any]:
    """Who may take a person's role."""
    account = {"Ref": "AWS::AccountId"}
    parts = ["arn:", {"Ref": "AWS::Partition"}, ":sagemaker:", {"Ref": "AWS::Region"}, ":", account, ":*"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sagemaker.amazonaws.com"},
        "Condition": {
            "StringEquals": {"aws:SourceAccount": account},
            "ArnLike": {"aws:SourceArn": {"Fn::Join": ["", parts]}},
        },
    }
    return {
        "Version": "2012-10-17",
        "Statement": [
            {**statement, "Action": "sts:AssumeRole"},
            {**statement, "Action": "sts:SetSourceIdentity", "Sid": "SayWhoActs"},
        ],
    }


def add_person(stack: cdk.Stack, number: int) -> tuple[str, Any, Any]:
    """Role, profile, git identity and space."""
    user_name = f"person-{number}"
    base = logical_id(user_name)
    tags = [cdk.CfnTag(key="studio:team", value="vision"), cdk.CfnTag(key="studio:user", value=user_name)]
    role = iam.CfnRole(
        stack,
        f"{base}Role",
        description=f"Apps of {user_name} run as this",
        assume_role_policy_document=trust_policy(),
        managed_policy_arns=["arn:aws:iam::123456789012:policy/vision"],
        tags=tags,
    )
    profile = sagemaker.CfnUserProfile(
        stack,
        f"{base}Profile",
        domain_id="d-1",
        user_profile_name=user_name,
        user_settings=sagemaker.CfnUserProfile.UserSettingsProperty(execution_role=role.attr_arn),
        tags=tags,
    )
    profile.apply_removal_policy(cdk.RemovalPolicy.RETAIN, apply_to_update_replace_policy=True)
    ssm.CfnParameter(
        stack,
        f"{base}GitIdentity",
        name=f"/research/people/{user_name}/git-identity",
        type="String",
        description="Name and e-mail address for git, and the team, read by the person's spaces",
        value=f'{{"name": "Person {number}", "email": "p{number}@example.com", "team": "vision"}}',
        tags={"studio:team": "vision", "studio:user": user_name},
    )
    space = sagemaker.CfnSpace(
        stack,
        f"{base}Space",
        domain_id="d-1",
        space_name=user_name,
        ownership_settings=sagemaker.CfnSpace.OwnershipSettingsProperty(owner_user_profile_name=user_name),
        space_sharing_settings=sagemaker.CfnSpace.SpaceSharingSettingsProperty(sharing_type="Private"),
        space_settings=sagemaker.CfnSpace.SpaceSettingsProperty(app_type="JupyterLab"),
        tags=tags,
    )
    space.apply_removal_policy(cdk.RemovalPolicy.RETAIN, apply_to_update_replace_policy=True)
    space.add_resource_dependency(profile)
    return user_name, profile, space


def main(people: int, out: str) -> None:
    """Build and synthesize."""
    app = cdk.App(outdir=out, analytics_reporting=False)
    for first in range(0, people, PEOPLE_IN_A_STACK):
        stack = cdk.Stack(app, f"users-{first // PEOPLE_IN_A_STACK + 1}")
        numbers = range(first, min(first + PEOPLE_IN_A_STACK, people))
        add_waves(stack, [add_person(stack, number) for number in numbers])
    app.synth()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
