"""What stops apps that run for too long, whoever defeated the scripts inside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from studio_infra.access import PolicyFile
from studio_infra.access.wildcards import acknowledge_wildcards
from studio_infra.operations.function_schedule import FunctionSchedule
from studio_infra.operations.runtime_function import RuntimeFunction
from studio_infra.operations.sweeper.sweep_rules import SweepRules, Swept

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_lambda as lambda_
    from aws_cdk import aws_s3 as s3
    from aws_cdk import aws_sns as sns
    from aws_cdk.interfaces import aws_sagemaker as refs

_POLICY: Final = Path(__file__).parents[1] / "policies" / "idle_sweeper.json"
#: Where sweeps remember, in the bucket: no team's role reaches it.
_MEMORY: Final = "operations/sweeper"


class IdleSweeper(Construct):
    """Looks at a domain every hour: stops what runs for too long, and tells people once a day.

    What the tag `studio:keep` protects is never stopped: on an app, on its space, on its person, on a notebook instance
    or a tracking server. Nothing of another domain is ever touched. Stopping loses no file: volumes and homes stay.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of `scope`.
        domain: The domain.
        domain_name: Its name: in summaries, as the dimension of its metrics, and in the tag `studio:domain` that makes
            something of the account the domain's. Changing it begins what is remembered anew, with a new dry run.
        key: Encrypts the function's log and environment, the memory and the messages.
        alerts: Where the summary goes, and what could not be done.
        memory: Bucket in which sweeps remember what they saw, below `operations/sweeper`.
        rules: What is stopped, and when. Defaults to `SweepRules()`.
        stacks: Names of stacks whose endpoints, notebook instances and tracking servers are the domain's own.
        teams: Teams of the domain: endpoints with the tag of one are reported if they say no owner or end.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        domain: refs.IDomainRef,
        domain_name: str,
        key: kms.IKey,
        alerts: sns.ITopic,
        memory: s3.IBucket,
        rules: SweepRules | None = None,
        stacks: Sequence[str] = (),
        teams: Sequence[str] = (),
    ) -> None:
        super().__init__(scope, construct_id)
        rules = rules if rules is not None else SweepRules()
        arn = cdk.Stack.of(self).format_arn(
            service="sagemaker", resource="domain", resource_name=domain.domain_ref.domain_id
        )
        memory_key = f"{_MEMORY}/{domain_name}.json"
        self._function = RuntimeFunction(
            self,
            "Function",
            name="idle_sweeper",
            description=f"Stops what runs for too long in the Studio domain {domain_name}",
            key=key,
            alerts=alerts,
            environment={
                "DOMAIN_ID": domain.domain_ref.domain_id,
                "DOMAIN_ARN": arn,
                "DOMAIN_NAME": domain_name,
                "STACKS": json.dumps(sorted(stacks)),
                "TEAMS": json.dumps(sorted(teams)),
                "MEMORY_BUCKET": memory.bucket_name,
                "MEMORY_KEY": memory_key,
                "ALERTS_TOPIC_ARN": alerts.topic_arn,
                "RULES": rules.to_json(),
            },
            timeout=cdk.Duration.minutes(15),
            memory_mb=512,
        )
        self._permit(
            {
                "Partition": cdk.Aws.PARTITION,
                "Region": cdk.Aws.REGION,
                "Account": cdk.Aws.ACCOUNT_ID,
                "DomainId": domain.domain_ref.domain_id,
                "DomainArn": arn,
                "DomainName": domain_name,
                "BucketArn": memory.bucket_arn,
                "MemoryKey": memory_key,
                "Stacks": sorted(stacks),
                # A statement about nothing is left out.
                "Apps": ["*"] if Swept.APPS in rules.stops else [],
                "Notebooks": ["*"] if Swept.NOTEBOOK_INSTANCES in rules.stops else [],
                "Servers": ["*"] if Swept.TRACKING_SERVERS in rules.stops else [],
            }
        )
        FunctionSchedule(
            self,
            "Schedule",
            function=self._function.function,
            every=cdk.Duration.hours(1),
            description=f"Sweeps the Studio domain {domain_name}",
        )

    @property
    def function(self) -> lambda_.IFunction:
        """The function: invoke it with `{}` to sweep now."""
        return self._function.function

    def _permit(self, values: dict[str, str | list[str]]) -> None:
        file = PolicyFile.from_path(_POLICY)
        statements = file.filled(values)
        self._function.allow(*(iam.PolicyStatement.from_json(statement) for statement in statements))
        policy = self._function.node.find_child("Policy").node.default_child
        assert isinstance(policy, iam.CfnManagedPolicy)  # noqa: S101 - narrows the type
        acknowledge_wildcards(policy, statements, file.reasons)
