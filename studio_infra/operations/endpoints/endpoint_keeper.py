"""Keeps endpoints to their lifetimes: warns their owners, stops what is over, starts what has its hours."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from constructs import Construct

from studio_infra.access import PolicyFile
from studio_infra.errors import InvalidInput
from studio_infra.operations.function_schedule import FunctionSchedule
from studio_infra.operations.runtime_function import RuntimeFunction

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_sns as sns

_POLICY: Final = Path(__file__).parents[1] / "policies" / "endpoint_keeper.json"
_FUNCTION: Final = "endpoint_lifetime"
#: Minutes. More often costs calls and saves nothing; an hour of a large machine is what it is about.
EVERY_MINUTES: Final = (5, 60)
NOTICE_HOURS: Final = (1, 24 * 14)


class EndpointKeeper(Construct):
    """A function that looks at every endpoint with an owner, again and again.

    What it does is said by the endpoints' tags, which `ModelEndpoint` writes; an endpoint made by hand is kept as well
    if it has them. One without an owner is out of reach. A stopped endpoint is deleted: its model and its configuration
    stay, and the configuration's tags remember how to make it again. So does this function when the hours begin, and
    `studio-infra start`.

    Args:
        scope: The construct this one belongs to.
        construct_id: Unique among the children of `scope`.
        key: Encrypts its log; endpoints whose volumes have this key can be started.
        alerts: Where owners are warned. Each message has the attribute `owner`: subscribe people with a filter on
            theirs. https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering.html
        every: How often it looks: 5-60 minutes, the precision of every lifetime. Defaults to 15 minutes.
        notice: How long ahead owners are warned: 1 hour to 14 days. Defaults to a day; of silence, in its last quarter
            at the earliest.

    Raises:
        InvalidInput: A time outside these bounds.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        key: kms.IKey,
        alerts: sns.ITopic,
        every: cdk.Duration | None = None,
        notice: cdk.Duration | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        minutes = 15 if every is None else every.to_minutes(integral=False)
        hours = 24 if notice is None else notice.to_hours(integral=False)
        self._check("every", minutes, EVERY_MINUTES, "minutes")
        self._check("notice", hours, NOTICE_HOURS, "hours")
        stack = cdk.Stack.of(self)
        #: What looks.
        self.function: Final = RuntimeFunction(
            self,
            "Function",
            name=_FUNCTION,
            description="Warns owners of endpoints, stops what is over, starts what has its hours",
            key=key,
            alerts=alerts,
            environment={"ALERTS_TOPIC_ARN": alerts.topic_arn, "NOTICE_HOURS": f"{hours:g}"},
            # It may have to wait for throttled calls; what is not done then is for the next time.
            timeout=cdk.Duration.minutes(min(15, int(minutes))),
        )
        self.function.allow_file(
            PolicyFile.from_path(_POLICY),
            {
                "Partition": stack.partition,
                "Region": stack.region,
                "Account": stack.account,
                "Key": key.key_arn,
            },
        )
        FunctionSchedule(
            self,
            "Schedule",
            function=self.function.function,
            every=cdk.Duration.minutes(int(minutes)),
            description="Looks at every endpoint with an owner",
        )

    def _check(self, what: str, value: float, bounds: tuple[int, int], unit: str) -> None:
        least, most = bounds
        if cdk.Token.is_unresolved(value) or not least <= value <= most or value != int(value):
            raise InvalidInput(
                "EndpointKeeper",
                f"{what} must be whole {unit} from {least} to {most}, got {value:g}",
                scope=self,
            )
