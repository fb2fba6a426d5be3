"""A domain that others have settings in, and CloudFormation and Lambda around the function."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from studio_infra.runtime.functions.domain_update.handler import Orders, Tools, run
from tests.runtime.fake_aws.aws import Crash, FakeAws, Trouble
from tests.runtime.shared.fake_clock import FakeClock
from tests.runtime.shared.fake_context import FakeContext

if TYPE_CHECKING:
    from collections.abc import Mapping

OWN, OTHER = "d-own", "d-own2"
TIMEOUT = 1800.0
_RUN = 780.0
_REPEATS = (60.0, 120.0)
ROLE = "arn:aws:iam::123456789012:role/forecast"
#: What others set, some of it in the very blocks that ours goes to.
FOREIGN: Mapping[str, Any] = {
    "DefaultUserSettings": {
        "ExecutionRole": "arn:aws:iam::123456789012:role/studio",
        "CanvasAppSettings": {
            "TimeSeriesForecastingSettings": {"Status": "ENABLED", "AmazonForecastRoleArn": ROLE},
            "IdentityProviderOAuthSettings": [
                {"DataSourceName": "SalesforceGenie", "Status": "ENABLED", "SecretArn": "arn:theirs"}
            ],
        },
        "JupyterLabAppSettings": {
            "BuiltInLifecycleConfigArn": "arn:config",
            "LifecycleConfigArns": ["arn:c"],
        },
    },
    "DomainSettings": {
        "DockerSettings": {"EnableDockerAccess": "ENABLED", "VpcOnlyTrustedAccounts": ["123456789012"]}
    },
}
WANT: Mapping[str, Any] = {
    "DefaultUserSettings": {
        "CanvasAppSettings": {
            "WorkspaceSettings": {"S3ArtifactPath": "s3://bucket/canvas"},
            "DirectDeploySettings": {"Status": "ENABLED"},
            "IdentityProviderOAuthSettings": [
                {"DataSourceName": "Snowflake", "Status": "ENABLED", "SecretArn": "arn:ours"}
            ],
        },
    },
    "DomainSettings": {
        "DockerSettings": {"RootlessDocker": "ENABLED"},
        "AmazonQSettings": {"Status": "ENABLED"},
    },
}


def world(*, keeps: int = 1, seed: int = 0, trouble: Trouble | None = None) -> FakeAws:
    aws = FakeAws(FakeClock(seed=seed), seed=seed, trouble=trouble)
    aws.sagemaker.keeps = keeps
    for domain in (OWN, OTHER):
        aws.sagemaker.add_domain(domain, **FOREIGN)
    aws.clock.passed = 100_000.0
    return aws


def settings(aws: FakeAws, domain_id: str = OWN) -> dict[str, Any]:
    """What a domain has now, whatever reads may see."""
    entity = aws.sagemaker.domains.get(domain_id)
    state = entity.at(aws.clock.passed) if entity is not None else None
    assert state is not None
    return {name: state[name] for name in FOREIGN}


@dataclass
class Platform:
    """One custom resource and its stack."""

    aws: FakeAws
    signed: bool = True
    answers: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    physical: str | None = None

    def ask(self, request: str, new: Any, old: Any = None, *, deliveries: int = 1) -> dict[str, Any]:
        """A request of CloudFormation, delivered as often; the answer that it took."""
        begun, number = self.aws.clock.passed, len(self.answers)
        address = f"https://answer?X-Amz-Date={self.aws.clock.now():%Y%m%dT%H%M%SZ}"
        event = {
            "RequestType": request,
            "ResponseURL": address if self.signed else "https://answer",
            "StackId": "stack",
            "RequestId": "request",
            "LogicalResourceId": "Update",
            "ResourceProperties": {"Settings": new},
            **({"OldResourceProperties": {"Settings": old}} if old is not None else {}),
            **({"PhysicalResourceId": self.physical} if self.physical is not None else {}),
        }
        for _ in range(deliveries):
            self.execute(event)
        assert len(self.answers) > number, "nobody answered: the stack hangs"
        when, answer = self.answers[number]
        assert when - begun <= TIMEOUT - 20, f"answered after {when - begun} s"
        self.physical = answer["PhysicalResourceId"]
        return answer

    def execute(self, event: dict[str, Any]) -> None:
        """A delivery: Lambda repeats a run that failed twice."""
        for pause in (*_REPEATS, None):
            context = FakeContext(self.aws.clock, self.aws.clock.passed + _RUN, function_name="update")
            try:
                run(
                    json.loads(json.dumps(event)),
                    context,
                    orders=Orders(OWN, "stack", TIMEOUT),
                    tools=self._tools(),
                )
            except (Crash, OSError):
                self.aws.revive()
                if pause is None:
                    return
                self.aws.clock.passed += pause
            else:
                assert self.aws.clock.passed <= context.end, "Lambda would have ended this run"
                return

    def _tools(self) -> Tools:
        aws = self.aws
        return Tools(aws.clock, aws.client("sagemaker"), aws.client("cloudformation"), self._send)

    def _send(self, url: str, body: bytes) -> None:
        assert url.startswith("https://answer")
        assert len(body) <= 4096
        self.answers.append((self.aws.clock.passed, json.loads(body)))
