"""Takes away what tries have made, whatever becomes of the probe: a process of its own that waits for the probe's end.

It is started before the first try and holds one end of a pipe. When the other end is gone, because the probe has
ended, was interrupted, or was killed in the middle, it removes what has the probe's name, and nothing else; it looks
twice, because a call may still be on its way. Before, the probe has seen that nothing had that name. Only the end of
the whole machine can keep it from that: then the next `studio-infra probe account --apply` begins with taking away
what has the name and the probe's tag.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from studio_infra.cli.probe.account.look import Account
from studio_infra.cli.terminal.outcome import CommandFailed
from studio_infra.runtime.functions.shared.errors import Kind, code, kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TAG: Final = "studio-infra:probe"
_PREFIX: Final = "studio-infra-probe"
#: Looks without a find after which nothing is left, and seconds between looks.
_LOOKS: Final = 2
_PAUSE: Final = 5.0
_TRIES: Final = 120


@dataclass(frozen=True, slots=True)
class Throwaway:
    """What tries of one domain make: always of the same names, so that whoever comes later finds it.

    Args:
        account: Where it is.
        domain_id: In which domain.
        pause: Seconds between looks.
        all_ours: Whether nothing of the name was there before: then its tag need not be asked for.

    """

    account: Account = field(repr=False)
    domain_id: str
    pause: float = _PAUSE
    all_ours: bool = False

    @property
    def name(self) -> str:
        """Of the configuration, the profile and the stack."""
        return f"{_PREFIX}-{hashlib.sha256(self.domain_id.encode()).hexdigest()[:8]}"

    @property
    def tags(self) -> list[dict[str, str]]:
        """By which it is known to be ours."""
        return [{"Key": TAG, "Value": self.name}]

    def remove(self) -> list[str]:
        """Remove it all, and tell what could not be removed, and why."""
        looks, left = 0, list[str]()
        for _ in range(_TRIES):
            left = [
                why for one in (self._stack, self._profile, self._configuration) if (why := self._tried(one))
            ]
            if any("refused" in why for why in left):
                return left
            looks = 0 if left else looks + 1
            if looks == _LOOKS:
                return []
            self.account.calls.wait(self.pause)
        return left

    def _tried(self, remove: Callable[[], str]) -> str:
        try:
            return remove()
        except (BotoCoreError, ClientError) as error:
            if kind(error) in (Kind.IN_USE, Kind.THROTTLED, Kind.UNAVAILABLE):
                return f"{self.name}: {code(error)}"
            return "" if _is_gone(error) else f"{self.name}: refused, {code(error)}"

    def _profile(self) -> str:
        found = self.account.read(
            "sagemaker", "describe_user_profile", DomainId=self.domain_id, UserProfileName=self.name
        )
        if found["Status"] in ("Pending", "Deleting", "Updating") or not self._is_ours(
            found["UserProfileArn"]
        ):
            return f"user profile {self.name}: {found['Status']}"
        self._change("sagemaker", "delete_user_profile", DomainId=self.domain_id, UserProfileName=self.name)
        return f"user profile {self.name}: being deleted"

    def _configuration(self) -> str:
        found = self.account.read(
            "sagemaker", "describe_studio_lifecycle_config", StudioLifecycleConfigName=self.name
        )
        if not self._is_ours(found["StudioLifecycleConfigArn"]):
            return f"lifecycle configuration {self.name}: refused, it has not the tag {TAG}"
        self._change("sagemaker", "delete_studio_lifecycle_config", StudioLifecycleConfigName=self.name)
        return f"lifecycle configuration {self.name}: being deleted"

    def _stack(self) -> str:
        (found,) = self.account.read("cloudformation", "describe_stacks", StackName=self.name)["Stacks"]
        if not self.all_ours and not any(tag["Key"] == TAG for tag in found.get("Tags", ())):
            return f"stack {self.name}: refused, it has not the tag {TAG}"
        if found["StackStatus"] != "DELETE_IN_PROGRESS":
            self._change("cloudformation", "delete_stack", StackName=self.name)
        return f"stack {self.name}: being deleted"

    def _is_ours(self, arn: str) -> bool:
        if self.all_ours:
            return True
        tags = self.account.read("sagemaker", "list_tags", ResourceArn=arn)["Tags"]
        return any(tag["Key"] == TAG for tag in tags)

    def _change(self, service: str, operation: str, **arguments: Any) -> None:
        self.account.calls.change(getattr(self.account.client(service), operation), **arguments)


def _is_gone(error: Exception) -> bool:
    # CloudFormation calls a stack that is not there bad input, by another code than SageMaker.
    return kind(error) is Kind.GONE or "does not exist" in str(error)


@contextmanager
def undertaken(throwaway: Throwaway) -> Iterator[list[str]]:
    """Make things inside of this; they are gone after it. What could not be removed is in the list then.

    Raises:
        CommandFailed: Nothing may be made, because nothing would take it away.

    """
    region = throwaway.account.region or ""
    command = [sys.executable, "-m", __name__, region, throwaway.domain_id, str(throwaway.pause)]
    left: list[str] = []
    with subprocess.Popen(  # noqa: S603 - a program of ours
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            if process.stdout is None or process.stdout.readline() != "ready\n":
                raise CommandFailed("what would take the tries away again did not start, so nothing was made")
            yield left
        finally:
            # It needs no word: the end of its input is one.
            answer, _ = process.communicate()
            left += json.loads(answer) if answer.strip() else [f"{throwaway.name}: not known"]


def main() -> None:
    """Wait for the probe's end, then remove what it made."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    region, domain_id, pause = sys.argv[1:]
    throwaway = Throwaway(Account(region or None), domain_id, float(pause), all_ours=True)
    throwaway.account.client("sagemaker")
    print("ready", flush=True)  # noqa: T201 - the probe waits for it
    sys.stdin.read()
    left = json.dumps(throwaway.remove()).encode()
    with suppress(BrokenPipeError):  # a probe that was killed reads nothing any more
        os.write(sys.stdout.fileno(), left)


if __name__ == "__main__":
    main()
