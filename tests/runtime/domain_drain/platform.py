"""CloudFormation and Lambda around the function: who calls it, how long it may run, what is repeated, who waits."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from studio_infra.runtime.functions.domain_drain.handler import Orders, Tools, run
from tests.runtime.domain_drain.worlds import OWN, clients
from tests.runtime.fake_aws.aws import Crash
from tests.runtime.shared.fake_context import FakeContext

if TYPE_CHECKING:
    from studio_infra.runtime.functions.domain_drain.world import Wish
    from tests.runtime.fake_aws.aws import FakeAws

TIMEOUT = 3600.0
_RUN = 900.0
#: Lambda repeats a run that failed twice, after a minute and after two more.
#: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
_REPEATS = (60.0, 120.0)


@dataclass
class Platform:
    """One custom resource, whose stack is deleted."""

    aws: FakeAws
    wish: Wish
    #: When each answer came, and what it said.
    answers: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    #: What sending an answer raises, in turn.
    send_errors: list[Exception] = field(default_factory=list)
    #: Whether the address for answers says when it was signed, as that of AWS does.
    signed: bool = True
    runs: int = 0

    def delete_stack(self, *, deliveries: int = 1) -> dict[str, Any]:
        """Ask for the deletion, run whatever is called, and give the answer that CloudFormation took."""
        self.aws.cloudformation.status = "DELETE_IN_PROGRESS"
        started, number = self.aws.clock.passed, len(self.answers)
        for _ in range(deliveries):
            self.deliver("Delete")
        while self.aws.functions.queue:
            self._execute(json.loads(self.aws.functions.queue.pop(0)))
            if len(self.answers) > number and self.answers[number][1]["Status"] == "FAILED":
                self.aws.cloudformation.status = "DELETE_FAILED"
        assert len(self.answers) > number, "nobody answered: the stack hangs"
        when, answer = self.answers[number]
        assert when - started <= TIMEOUT - 20, f"answered after {when - started} s"
        return answer

    def deliver(self, request: str, **more: Any) -> None:
        event = {
            "RequestType": request,
            "ResponseURL": self._address(),
            "StackId": "stack",
            "RequestId": "request",
            "LogicalResourceId": "Drain",
        }
        self.aws.functions.queue.append(json.dumps(event | more).encode())

    def _execute(self, event: dict[str, Any]) -> None:
        for pause in (*_REPEATS, None):
            self.runs += 1
            context = FakeContext(self.aws.clock, self.aws.clock.passed + _RUN, function_name="drain")
            try:
                run(event, context, orders=self._orders(), tools=self._tools())
            except (Crash, OSError):
                self.aws.revive()
                if pause is None:
                    return
                self.aws.clock.passed += pause
            else:
                assert self.aws.clock.passed <= context.end, "Lambda would have ended this run"
                return

    def _orders(self) -> Orders:
        return Orders(OWN, None, "stack", TIMEOUT, self.wish)

    def _tools(self) -> Tools:
        aws = self.aws
        return Tools(aws.clock, clients(aws), aws.client("cloudformation"), aws.client("lambda"), self._send)

    def _address(self) -> str:
        when = f"{self.aws.clock.now():%Y%m%dT%H%M%SZ}"
        return f"https://answer?X-Amz-Date={when}&X-Amz-Expires=7200" if self.signed else "https://answer"

    def _send(self, url: str, body: bytes) -> None:
        assert url.startswith("https://answer")
        if self.send_errors:
            raise self.send_errors.pop(0)
        self.sizes.append(len(body))
        self.answers.append((self.aws.clock.passed, json.loads(body)))
