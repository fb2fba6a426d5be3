"""Every push is a version: what is built, what the build may do, and that it can run."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_codecommit as codecommit
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Match, Template

from studio_infra import runtime
from studio_infra.errors import InvalidInput
from studio_infra.studio.images import ImageBuild, StudioImage
from tests import compliance

IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/lab:1"
BUILD = json.loads(
    (Path(runtime.__file__).parent / "builds" / "studio_image.json").read_text(encoding="utf-8")
)
COMMANDS = [command for phase in BUILD["phases"].values() for command in phase["commands"]]


def build(stack: cdk.Stack, **options: Any) -> ImageBuild:
    repository = codecommit.Repository(stack, "Code", repository_name="images")
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    made = ImageBuild(
        stack,
        "Build",
        image=StudioImage(stack, "Lab", image_name="lab", container_image=IMAGE),
        image_name="lab",
        source=codebuild.Source.code_commit(repository=repository),
        key=key,
        **options,
    )
    made.on(
        repository.on_commit("Pushes", branches=["main"]),
        alerts=sns.Topic(stack, "Alerts", master_key=key, enforce_ssl=True),
    )
    return made


def test_a_push_starts_the_build(stack: cdk.Stack) -> None:
    build(stack)
    Template.from_stack(stack).has_resource_properties(
        "AWS::Events::Rule",
        {
            "EventPattern": {"source": ["aws.codecommit"], "detail": {"referenceName": ["main"]}},
            "Targets": [
                Match.object_like({"Arn": {"Fn::GetAtt": [Match.string_like_regexp("^Build"), "Arn"]}})
            ],
        },
    )


def test_what_was_built_is_kept_scanned_encrypted_and_never_moves(stack: cdk.Stack) -> None:
    build(stack)
    Template.from_stack(stack).has_resource(
        "AWS::ECR::Repository",
        {
            "DeletionPolicy": "Retain",
            "Properties": {
                "ImageTagMutability": "IMMUTABLE",
                "ImageScanningConfiguration": {"ScanOnPush": True},
                "EncryptionConfiguration": {"EncryptionType": "KMS"},
            },
        },
    )


def test_the_build_may_make_versions_of_its_image_alone(stack: cdk.Stack) -> None:
    build(stack)
    Template.from_stack(stack).has_resource_properties(
        "AWS::IAM::ManagedPolicy",
        {
            "PolicyDocument": {
                "Statement": Match.array_with(
                    [
                        Match.object_like(
                            {
                                "Action": "sagemaker:CreateImageVersion",
                                "Resource": {"Ref": Match.string_like_regexp("^Lab")},
                            }
                        )
                    ]
                )
            }
        },
    )


def test_the_commands_run_in_this_order_and_quote_what_they_are_given(tmp_path: Path) -> None:
    for name in ("aws", "docker"):
        tool = tmp_path / name
        tool.write_text(
            f'#!/bin/bash\nprintf "%s" {name} >>"$LOG"; printf " [%s]" "$@" >>"$LOG"; echo >>"$LOG"\n'
        )
        tool.chmod(0o755)
    log = tmp_path / "log"
    environment = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "LOG": str(log),
        "REPOSITORY": "1.dkr.ecr.eu-west-1.amazonaws.com/a b",
        "IMAGE_NAME": "lab",
        "CONTEXT": "folder with spaces",
        "CODEBUILD_BUILD_NUMBER": "7",
        "CODEBUILD_BUILD_ID": "project:0001-2",
    }
    for command in COMMANDS:
        subprocess.run(["bash", "-euo", "pipefail", "-c", command], env=environment, check=True)
    said = log.read_text(encoding="utf-8").splitlines()
    assert sorted(said[:2]) == [
        "aws [ecr] [get-login-password]",
        "docker [login] [--username] [AWS] [--password-stdin] [1.dkr.ecr.eu-west-1.amazonaws.com]",
    ]
    pushed = "[1.dkr.ecr.eu-west-1.amazonaws.com/a b:build-7]"
    once = "[--client-token] [project-0001-2]"
    assert said[2:] == [
        f"docker [build] [--tag] {pushed} [folder with spaces]",
        f"docker [push] {pushed}",
        f"aws [sagemaker] [create-image-version] [--image-name] [lab] [--base-image] {pushed} {once}",
    ]


@pytest.mark.parametrize("context", ["/etc", "../other", "a/../../b"])
def test_refuses_folders_outside_the_source(stack: cdk.Stack, context: str) -> None:
    with pytest.raises(InvalidInput, match="must be a folder inside the source"):
        build(stack, context=context)


def test_packs_find_only_what_docker_needs() -> None:
    app = compliance.strict_app()
    stack = cdk.Stack(app, "S")
    build(stack)
    assert compliance.findings(stack) == set()
    app.synth()
