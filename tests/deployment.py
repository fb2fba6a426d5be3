"""A stack on an embedded AWS, through CloudFormation itself: deployed, changed, destroyed."""

from __future__ import annotations

import io
import json
import tempfile
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio_infra.rehearsal.server import EmbeddedAws


_BUCKET: Final = "assets-of-tests"


class Deployment:
    """One stack on an embedded AWS. Its app consents to destroy what its constructs want destroyed."""

    def __init__(self, aws: EmbeddedAws, name: str) -> None:
        self._aws = aws
        self._cloudformation = aws.client("cloudformation")
        self._name = name
        self._exists = False
        self._id = name

    def deploy(self, build: Callable[[cdk.Stack], None]) -> dict[str, str]:
        """Bring the stack to what ``build`` describes; the physical ids of its resources come back."""
        wanted = "UPDATE_COMPLETE" if self._exists else "CREATE_COMPLETE"
        self.begin(build)
        assert self.settle() == wanted, self.events()[-8:]
        pages = self._cloudformation.get_paginator("list_stack_resources").paginate(StackName=self._name)
        summaries = [summary for page in pages for summary in page["StackResourceSummaries"]]
        return {summary["LogicalResourceId"]: summary["PhysicalResourceId"] for summary in summaries}

    def begin(self, build: Callable[[cdk.Stack], None]) -> None:
        """Begin to do so, and wait for nothing."""
        with tempfile.TemporaryDirectory() as folder:
            app = cdk.App(context={"@studio-infra/allow-destroy": True}, outdir=folder)
            # The template goes in by itself, and what functions are made of next to it: nothing is bootstrapped.
            synthesizer = cdk.DefaultStackSynthesizer(
                generate_bootstrap_version_rule=False, file_assets_bucket_name=_BUCKET
            )
            stack = cdk.Stack(app, self._name, synthesizer=synthesizer)
            build(stack)
            body = json.dumps(Template.from_stack(stack).to_json())
            self._upload(Path(folder))
        act = self._cloudformation.update_stack if self._exists else self._cloudformation.create_stack
        answer = act(StackName=self._name, TemplateBody=body, Capabilities=["CAPABILITY_NAMED_IAM"])
        self._exists = True
        self._id = answer["StackId"]

    def settle(self) -> str:
        """Wait for the end of what has begun; the stack's status."""
        return self._wait()

    def events(self) -> list[tuple[str, str, str]]:
        """What became of which resource, and why: oldest first, of a stack that is gone, too."""
        pages = self._cloudformation.get_paginator("describe_stack_events").paginate(StackName=self._id)
        found = [event for page in pages for event in page["StackEvents"]]
        return [
            (one["ResourceType"], one["ResourceStatus"], one.get("ResourceStatusReason", ""))
            for one in reversed(found)
        ]

    def destroy(self) -> None:
        """Remove the stack."""
        self._cloudformation.delete_stack(StackName=self._name)
        with pytest.raises(self._cloudformation.exceptions.ClientError, match="does not exist"):
            self._wait()

    def _upload(self, folder: Path) -> None:
        """Put folders of functions where their template looks for them, as the CDK CLI would."""
        for asset in sorted(one for one in folder.glob("asset.*") if one.is_dir()):
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w") as archive:
                for file in sorted(one for one in asset.rglob("*") if one.is_file()):
                    archive.write(file, file.relative_to(asset))
            s3 = self._aws.client("s3")
            s3.create_bucket(Bucket=_BUCKET)
            s3.put_object(Bucket=_BUCKET, Key=f"{asset.name.partition('.')[2]}.zip", Body=packed.getvalue())

    def _wait(self) -> str:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            (stack,) = self._cloudformation.describe_stacks(StackName=self._name)["Stacks"]
            status: str = stack["StackStatus"]
            if not status.endswith("IN_PROGRESS"):
                return status
            time.sleep(0.2)
        return "not settled after 60 s"
