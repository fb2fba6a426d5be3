"""Makes a configuration, a profile and an empty stack that nobody uses, and tells what AWS said to each."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from studio_infra.cli.probe.account.facts.trials import NOT_TRIED
from studio_infra.cli.probe.account.undertaker import TAG, Throwaway, undertaken
from studio_infra.runtime.functions.shared.errors import code

if TYPE_CHECKING:
    from collections.abc import Callable

_SCRIPT: Final = base64.b64encode(b"#!/bin/bash\nexit 0\n").decode()
_PATIENCE: Final = 300
#: A resource that is a name and nothing else: free, and made at once.
_HANDLE: Final = "AWS::CloudFormation::WaitConditionHandle"


@dataclass(frozen=True, slots=True)
class Trials:
    """The tries of one domain.

    Args:
        throwaway: What they make, and how it is taken away.
        say: Told what happens.

    """

    throwaway: Throwaway
    say: Callable[[str], None]

    def run(self) -> tuple[dict[str, str], list[str]]:
        """What AWS said, and what could not be taken away again."""
        self.say(f"waiting: what an earlier probe may have left, by the name {self.throwaway.name}")
        left = self.throwaway.remove()
        if left:
            return {}, left
        with undertaken(self.throwaway) as left:
            found = self._configuration() | self._depends_on()
            self.say("waiting: taking everything away again")
        return found, left

    def _configuration(self) -> dict[str, str]:
        name, found = self.throwaway.name, dict[str, str]()
        asked = {
            "StudioLifecycleConfigName": name,
            "StudioLifecycleConfigContent": _SCRIPT,
            "StudioLifecycleConfigAppType": "JupyterLab",
            "Tags": self.throwaway.tags,
        }
        self.say(f"making the lifecycle configuration {name}")
        arn, why = self._try("sagemaker", "create_studio_lifecycle_config", **asked)
        if why:
            return {
                "why": why,
                **dict.fromkeys(("same_name", "list_lag", "delete_used", "none_word"), NOT_TRIED),
            }
        found["same_name"] = self._try("sagemaker", "create_studio_lifecycle_config", **asked)[1]
        found["list_lag"] = self._list_lag()
        return found | self._profile(arn["StudioLifecycleConfigArn"])

    def _list_lag(self) -> str:
        """Seconds until the list knows it, `never`, or AWS's word for why it may not be asked."""
        calls, sagemaker = self.throwaway.account.calls, self.throwaway.account.client("sagemaker")
        begun = calls.clock.monotonic()
        while (passed := calls.clock.monotonic() - begun) < _PATIENCE:
            found = calls.pages(
                sagemaker.list_studio_lifecycle_configs,
                "StudioLifecycleConfigs",
                NameContains=self.throwaway.name,
            )
            try:
                if any(one["StudioLifecycleConfigName"] == self.throwaway.name for one in found):
                    return f"{passed:.0f}"
            except (BotoCoreError, ClientError) as error:
                return code(error)
            calls.wait(2)
        return "never"

    def _profile(self, config_arn: str) -> dict[str, str]:
        where = {"DomainId": self.throwaway.domain_id, "UserProfileName": self.throwaway.name}
        self.say(f"making the user profile {self.throwaway.name}")
        settings = {"JupyterLabAppSettings": {"LifecycleConfigArns": [config_arn]}}
        _, why = self._try(
            "sagemaker", "create_user_profile", **where, UserSettings=settings, Tags=self.throwaway.tags
        )
        why = why or self._until_in_service(where)
        if why:
            return {"why": why, "delete_used": NOT_TRIED, "none_word": NOT_TRIED}
        _, used = self._try(
            "sagemaker", "delete_studio_lifecycle_config", StudioLifecycleConfigName=self.throwaway.name
        )
        nothing = {"JupyterLabAppSettings": {"BuiltInLifecycleConfigArn": "None"}}
        _, none = self._try("sagemaker", "update_user_profile", **where, UserSettings=nothing)
        return {"delete_used": used, "none_word": none or self._until_in_service(where)}

    def _until_in_service(self, where: dict[str, str]) -> str:
        account = self.throwaway.account
        begun = account.calls.clock.monotonic()
        while account.calls.clock.monotonic() - begun < _PATIENCE:
            try:
                status: str = account.read("sagemaker", "describe_user_profile", **where)["Status"]
            except (BotoCoreError, ClientError) as error:
                return code(error)
            if status == "InService":
                return ""
            if status.endswith("Failed"):
                return status
            account.calls.wait(2)
        return f"not there after {_PATIENCE} s"

    def _depends_on(self) -> dict[str, str]:
        self.say(f"making the stack {self.throwaway.name}")
        name = self.throwaway.name
        apart = {"First": {"Type": _HANDLE}, "Second": {"Type": _HANDLE}}
        ordered = {**apart, "Second": {"Type": _HANDLE, "DependsOn": "First"}}
        _, why = self._try(
            "cloudformation",
            "create_stack",
            StackName=name,
            TemplateBody=json.dumps({"Resources": apart}),
            Tags=[{"Key": TAG, "Value": name}],
        )
        if (
            why
            or (why := self._until("describe_stacks", "Stacks", "StackStatus", StackName=name))
            != "CREATE_COMPLETE"
        ):
            return {"depends_on": why}
        change = {"StackName": name, "ChangeSetName": name}
        _, why = self._try(
            "cloudformation", "create_change_set", **change, TemplateBody=json.dumps({"Resources": ordered})
        )
        if why:
            return {"depends_on": why}
        status = self._until("describe_change_set", "", "Status", **change)
        answer, why = self._try("cloudformation", "describe_change_set", **change)
        if why or status not in ("CREATE_COMPLETE", "FAILED"):
            return {"depends_on": why or status}
        return {"depends_on": "a change" if answer.get("Changes") else "no change"}

    def _until(self, operation: str, key: str, status: str, **which: str) -> str:
        """The status at which something stays."""
        account = self.throwaway.account
        begun, found = account.calls.clock.monotonic(), "not there"
        while account.calls.clock.monotonic() - begun < _PATIENCE:
            answer, why = self._try("cloudformation", operation, **which)
            found = why or str((answer[key][0] if key else answer)[status])
            if not found.endswith(("IN_PROGRESS", "PENDING")):
                break
            account.calls.wait(2)
        return found

    def _try(self, service: str, operation: str, **arguments: Any) -> tuple[dict[str, Any], str]:
        """The answer, or AWS's word for why there is none."""
        account = self.throwaway.account
        try:
            return account.calls.change(getattr(account.client(service), operation), **arguments), ""
        except (BotoCoreError, ClientError) as error:
            return {}, code(error)
