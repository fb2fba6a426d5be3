"""A Lambda function made of a folder in `runtime/functions`: the edge that every one of ours shares."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from studio_infra import runtime
from studio_infra.access.wildcards import acknowledge_wildcards
from studio_infra.errors import InvalidInput
from studio_infra.guardrails.acknowledge import acknowledge
from studio_infra.network.log_encryption import let_cloudwatch_use
from studio_infra.storage.studio_key import StudioKeyGrants

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_sns as sns

    from studio_infra.access import PolicyFile
    from studio_infra.access.policy_file import Values

#: What ships: `functions/<name>/` and `functions/shared/`, under the package name that their imports use.
_RUNTIME: Final = Path(runtime.__file__).parent
_FUNCTIONS: Final = _RUNTIME / "functions"
_SHARED: Final = "shared"
_NOT_SHIPPED: Final = ("__init__.py", "lifecycle", "**/__pycache__", "**/*.pyc")


class RuntimeFunction(Construct):
    """A function that reads and changes what AWS's own APIs show, and nothing else.

    It has a role and a log group of its own, encrypted; what it could not do after every retry is told to people; one
    run at a time, so that two never decide about the same thing.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of `scope`.
        name: Folder in `runtime/functions`. Its `handler.py` has a function `handle(event, context)`.
        description: What it does, for who reads the list of functions.
        key: Encrypts its log and its environment, and is that of `alerts`.
        alerts: Where people hear what it could not do.
        environment: What `handler.py` reads. Defaults to nothing.
        timeout: How long one run may take, at most 15 minutes. Defaults to 5 minutes.
            https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
        memory_mb: Memory in MB. Defaults to 256.

    Raises:
        InvalidInput: There is no such function.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        description: str,
        key: kms.IKey,
        alerts: sns.ITopic,
        environment: Mapping[str, str] | None = None,
        timeout: cdk.Duration | None = None,
        memory_mb: int = 256,
    ) -> None:
        super().__init__(scope, construct_id)
        if not (_FUNCTIONS / name / "handler.py").is_file():
            raise InvalidInput(
                "RuntimeFunction", f"there is no function {name!r} in runtime/functions", scope=self
            )
        let_cloudwatch_use(self, key)
        self._log_group = logs.LogGroup(
            self,
            "Log",
            encryption_key=key,
            retention=logs.RetentionDays.ONE_YEAR,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        #: The function.
        self.function: Final = lambda_.Function(
            self,
            "Resource",
            description=description,
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            handler=f"functions.{name}.handler.handle",
            code=lambda_.Code.from_asset(str(_RUNTIME), exclude=_left_out(name)),
            # What CDK would grant goes to the policy below: no permission stands in the role itself.
            role=self._role(name, key, alerts).without_policy_updates(),
            environment=dict(environment) if environment is not None else None,
            environment_encryption=key,
            timeout=timeout if timeout is not None else cdk.Duration.minutes(5),
            memory_size=memory_mb,
            reserved_concurrent_executions=1,
            dead_letter_topic=alerts,
            log_group=self._log_group,
        )
        self.function.node.add_dependency(self._policy)
        self._acknowledge()

    def allow(self, *statements: iam.PolicyStatement) -> None:
        """Let the function do more: statements of a reviewed policy file."""
        self._policy.add_statements(*statements)

    def allow_file(self, file: PolicyFile, values: Values) -> None:
        """Let the function do what a reviewed policy file says.

        Args:
            file: The file. Its reasons for wildcards are told to the compliance packs.
            values: What its placeholders stand for.

        """
        statements = file.filled(values)
        self._policy.add_statements(*(iam.PolicyStatement.from_json(one) for one in statements))
        resource = self._policy.node.default_child
        if isinstance(resource, iam.CfnManagedPolicy):
            acknowledge_wildcards(resource, statements, file.reasons)

    @property
    def log_group(self) -> logs.ILogGroup:
        """Where it says what it did."""
        return self._log_group

    def _role(self, name: str, key: kms.IKey, alerts: sns.ITopic) -> iam.Role:
        role = iam.Role(
            self,
            "Role",
            description=f"What the function {name} may do",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
        )
        self._policy = iam.ManagedPolicy(self, "Policy", description=f"What {name} may do", roles=[role])
        self._policy.add_statements(
            iam.PolicyStatement(
                sid="WriteItsLog",
                actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                resources=[self._log_group.log_group_arn],
            ),
            iam.PolicyStatement(sid="SayWhatFailed", actions=["sns:Publish"], resources=[alerts.topic_arn]),
        )
        StudioKeyGrants.from_key(key).use(self._policy)
        return role

    def _acknowledge(self) -> None:
        acknowledge(
            self.function,
            "LambdaInsideVPC",
            "It calls APIs of AWS over TLS and nothing else; in a VPC it could be cut off from them by a route.",
        )
        cdk.Validations.of(self.function).acknowledge(
            cdk.Acknowledgment(
                id="Serverless-LambdaTracing",
                reason="It is called by a schedule and calls AWS only: there is no path between services to trace.",
            )
        )


def _left_out(name: str) -> list[str]:
    """What the function does not need: its hash, and so its deployment, must not change with others."""
    others = sorted(
        entry.name for entry in _FUNCTIONS.iterdir() if entry.is_dir() and entry.name not in {name, _SHARED}
    )
    return [*_NOT_SHIPPED, *(f"functions/{other}" for other in others)]
