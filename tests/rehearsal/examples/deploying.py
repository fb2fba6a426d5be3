"""An example on the embedded AWS: its stacks, by CloudFormation itself, and the files that the CDK CLI publishes."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio_infra.rehearsal.life.end_steps import _homes, _new, _retained, compare
from studio_infra.rehearsal.life.inventory import take_inventory
from studio_infra.rehearsal.life.stage import Stage, Thing
from tests import examples

if TYPE_CHECKING:
    from studio_infra.rehearsal.life.cdk_cli import CdkCli
    from studio_infra.rehearsal.life.stage import Inventory
    from studio_infra.rehearsal.server import EmbeddedAws

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"]


class Account:
    """An account that is bootstrapped, and what is in it."""

    def __init__(self, aws: EmbeddedAws, cli: CdkCli, work: Path) -> None:
        self.aws = aws
        self.cloudformation = aws.client("cloudformation")
        self._s3 = aws.client("s3")
        self._work = work
        nothing: Any = None
        self._stage = Stage(aws=aws, cli=cli, settings=nothing, settings_file=examples.ROOT, work=work)

    def inventory(self) -> Inventory:
        return take_inventory(self._stage)

    def templates(self, source: str, **context: str) -> dict[str, str]:
        """The address of each template of an example, in the order of deployment; its files are published."""
        app = examples.build(source, context=examples.recommended() | context, out=self._folder(source))
        templates = {}
        for stack in app.synth().stacks:
            manifest = Path(stack.assembly.directory, f"{stack.stack_name}.assets.json")
            for file in json.loads(manifest.read_text("utf-8"))["files"].values():
                (place,) = file["destinations"].values()
                bucket, key = (self._here(place[name]) for name in ("bucketName", "objectKey"))
                content = Path(stack.assembly.directory, file["source"]["path"])
                self._publish(bucket, key, content)
                if content.name == f"{stack.stack_name}.template.json":
                    templates[stack.stack_name] = f"https://s3.{self.aws.region}.amazonaws.com/{bucket}/{key}"
        return templates

    def create(self, templates: dict[str, str]) -> None:
        """Make the stacks."""
        for name, url in templates.items():
            self.cloudformation.create_stack(StackName=name, TemplateURL=url, Capabilities=CAPABILITIES)
            assert self._settled(name) == "CREATE_COMPLETE", self._why(name)

    def changes(self, templates: dict[str, str]) -> list[Any]:
        """What a deployment of these templates would change."""
        found = []
        for name, url in templates.items():
            what = {"StackName": name, "ChangeSetName": "again"}
            self.cloudformation.create_change_set(
                **what, TemplateURL=url, Capabilities=CAPABILITIES, ChangeSetType="UPDATE"
            )
            found += self.cloudformation.describe_change_set(**what)["Changes"]
            self.cloudformation.delete_change_set(**what)
        return found

    def change(self, name: str, url: str, resource_type: str, **properties: Any) -> None:
        """Deploy a template again, with properties of its resource of a type changed."""
        bucket, _, key = url.partition(".amazonaws.com/")[2].partition("/")
        template = json.loads(self._s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        (found,) = (one for one in template["Resources"].values() if one["Type"] == resource_type)
        found["Properties"] |= properties
        self._s3.put_object(Bucket=bucket, Key=f"{key}.changed", Body=json.dumps(template).encode())
        self.cloudformation.update_stack(
            StackName=name, TemplateURL=f"{url}.changed", Capabilities=CAPABILITIES
        )
        assert self._settled(name) == "UPDATE_COMPLETE", self._why(name)

    def seen(self, name: str) -> tuple[Any, ...]:
        """What a stack went through, and the domains and people of the account to the last field."""
        sagemaker = self.aws.client("sagemaker")
        domains = [
            sagemaker.describe_domain(DomainId=one["DomainId"]) for one in sagemaker.list_domains()["Domains"]
        ]
        people = [
            sagemaker.describe_user_profile(DomainId=one["DomainId"], UserProfileName=one["UserProfileName"])
            for one in sagemaker.list_user_profiles()["UserProfiles"]
        ]
        for answer in domains + people:
            answer.pop("ResponseMetadata")
        events = self.cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        return [event["EventId"] for event in events], domains, people

    def promised(self, names: list[str]) -> set[Thing]:
        """What the stacks keep when they go."""
        return {thing for name in names for thing in _retained(self._stage, name)}

    def destroy(self, names: list[str]) -> None:
        for name in reversed(names):
            self.cloudformation.delete_stack(StackName=name)
            assert self._settled(name) == "DELETE_COMPLETE", self._why(name)

    def left_over(self, before: Inventory, promised: set[Thing]) -> tuple[list[Thing], list[Thing]]:
        """What is there although nobody promised it, and what is not there although somebody did."""
        left = _new(self.inventory(), before)
        return compare(left, promised, made_by_sagemaker=_homes(self._stage, left))

    def forget_people(self) -> None:
        """Delete every space and profile: the next example has people of the same names in a domain of its own."""
        sagemaker = self.aws.client("sagemaker")
        for space in sagemaker.list_spaces()["Spaces"]:
            sagemaker.delete_space(DomainId=space["DomainId"], SpaceName=space["SpaceName"])
        for profile in sagemaker.list_user_profiles()["UserProfiles"]:
            sagemaker.delete_user_profile(
                DomainId=profile["DomainId"], UserProfileName=profile["UserProfileName"]
            )
        while sagemaker.list_user_profiles()["UserProfiles"]:
            time.sleep(0.1)

    def _folder(self, source: str) -> Path:
        folder = self._work / f"{examples.name_of(source)}-{time.monotonic_ns()}"
        folder.mkdir()
        return folder

    def _here(self, text: str) -> str:
        return text.replace("${AWS::AccountId}", self.aws.account).replace("${AWS::Region}", self.aws.region)

    def _publish(self, bucket: str, key: str, content: Path) -> None:
        if content.is_dir():
            content = zipped(content)
        self._s3.put_object(Bucket=bucket, Key=key, Body=content.read_bytes())

    def _settled(self, name: str) -> str:
        while True:
            try:
                (stack,) = self.cloudformation.describe_stacks(StackName=name)["Stacks"]
            except self.cloudformation.exceptions.ClientError:
                return "DELETE_COMPLETE"
            status: str = stack["StackStatus"]
            if not status.endswith("IN_PROGRESS"):
                return status
            time.sleep(0.1)

    def _why(self, name: str) -> list[str]:
        events = self.cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        return [
            f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}"
            for event in events
            if event["ResourceStatus"].endswith("FAILED")
        ]


def zipped(folder: Path) -> Path:
    """A folder as the archive that the CDK CLI would make of it."""
    return Path(shutil.make_archive(str(folder), "zip", folder))
