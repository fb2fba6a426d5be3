"""The stack that keeps watch."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk

from studio_infra.access.policy_packing import MAX_POLICIES
from studio_infra.errors import InvalidInput
from studio_infra.operations import (
    AlertTopic,
    ApprovalModel,
    EndpointKeeper,
    EndpointLimits,
    IdleSweeper,
    LifecycleFailures,
    SpendAnomalies,
    StudioAlarms,
    StudioDashboard,
    SweepMetrics,
    SweepRules,
    Swept,
    TeamBudget,
)
from studio_infra.stacks.values import pascal, removal_policy
from studio_infra.workloads.pipelines.pipeline_events import PipelineNotice
from studio_infra.workloads.pipelines.training_pipeline import TrainingPipeline

if TYPE_CHECKING:
    from constructs import Construct

    from studio_infra.settings import StudioSettings
    from studio_infra.settings.sections.sweeper import SweeperSettings
    from studio_infra.stacks.studio_stack import StudioStack
    from studio_infra.stacks.workload_stack import WorkloadStack


class OperationsStack(cdk.Stack):
    """Budgets of teams, watches over money and machines, and the topic that alerts go to.

    Args:
        scope: The app.
        construct_id: Name of the stack.
        settings: What the platform team decided.
        studio: The stack with the key.
        workloads: The stack with the endpoints to watch. Defaults to none.
        **kwargs: Options of any stack.

    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: StudioSettings,
        studio: StudioStack,
        workloads: WorkloadStack | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self._settings = settings
        self._studio = studio
        self.alerts: Final = AlertTopic(self, "Alerts", key=studio.key)
        self.alerts.allow("budgets.amazonaws.com")
        cdk.CfnOutput(
            self,
            "AlertTopicArn",
            value=self.alerts.topic.topic_arn,
            description="Subscribe to hear about budgets",
        )
        #: Stops what runs for too long, if the settings want it.
        self.sweeper: Final = (
            self._sweeper(settings.operations.sweeper) if settings.operations.sweeper is not None else None
        )
        for name in settings.teams:
            self._budget(name)
        if settings.endpoints:
            self._keeper()
        if settings.operations.anomalies_from_usd is not None:
            self.alerts.allow("costalerts.amazonaws.com")
            SpendAnomalies(
                self,
                "Anomalies",
                name=f"{settings.name}-teams",
                alerts=self.alerts.topic,
                from_usd=settings.operations.anomalies_from_usd,
            )
        #: What CloudWatch knows about the endpoints, by name.
        self._endpoints = (
            {name: endpoint.metrics() for name, endpoint in workloads.endpoints.items()}
            if workloads is not None
            else {}
        )
        if workloads is not None:
            self._notices(workloads)
        self._sweeps = SweepMetrics(settings.name)
        failures = self._lifecycle_failures()
        alarms = self._alarms(failures)
        if settings.operations.dashboard:
            StudioDashboard(
                self,
                "Dashboard",
                name=f"{settings.name}-studio",
                sweeps=self._sweeps,
                failures=failures,
                endpoints=self._endpoints,
                alarms=alarms.alarms if alarms is not None else (),
            )

    def _keeper(self) -> None:
        operations = self._settings.operations
        EndpointKeeper(
            self,
            "EndpointKeeper",
            key=self._studio.key,
            alerts=self.alerts.topic,
            every=cdk.Duration.minutes(operations.endpoint_sweep_minutes),
            notice=cdk.Duration.hours(operations.endpoint_notice_hours),
        )

    def _notices(self, workloads: WorkloadStack) -> None:
        wanted = [name for name, training in self._settings.training.items() if training.notify_failures]
        if wanted:
            self.alerts.allow("events.amazonaws.com")
        for name in wanted:
            pipeline = TrainingPipeline.from_pipeline_name(
                self, f"{pascal(name)}Pipeline", workloads.pipelines[name].pipeline_name
            )
            PipelineNotice(self, f"{pascal(name)}Failures", pipeline=pipeline, target=self.alerts.rule_target)

    def _lifecycle_failures(self) -> LifecycleFailures | None:
        where = self._settings.operations.studio_log_group
        if where is None:
            return None
        group = (
            LifecycleFailures.use_log_group(self, "StudioLog")
            if where == "use"
            else LifecycleFailures.make_log_group(
                self, "StudioLog", key=self._studio.key, removal_policy=removal_policy(self._settings)
            )
        )
        return LifecycleFailures(self, "LifecycleFailures", log_group=group, name=self._settings.name)

    def _alarms(self, failures: LifecycleFailures | None) -> StudioAlarms | None:
        wanted = self._settings.operations.alarms
        if wanted is None:
            return None
        self.alerts.allow("cloudwatch.amazonaws.com")
        alarms = StudioAlarms(self, "Alarms", alerts=self.alerts.topic)
        if failures is not None:
            alarms.add_lifecycle_failures(failures, from_count=wanted.lifecycle_failures)
        if self.sweeper is not None:
            alarms.add_sweeper_silent(self._sweeps, after_hours=wanted.sweeper_silent_hours)
        alarms.add_running_apps(self._sweeps, wanted.running_apps)
        limits = EndpointLimits(
            server_errors=wanted.endpoint_server_errors,
            client_errors=wanted.endpoint_client_errors,
            latency_ms=wanted.endpoint_latency_ms,
        )
        for name, metrics in self._endpoints.items():
            alarms.add_endpoint(pascal(name), metrics, limits=limits)
        return alarms

    def _sweeper(self, wanted: SweeperSettings) -> IdleSweeper:
        def span(unit: str, count: int) -> timedelta | None:
            return timedelta(**{unit: count}) if count else None

        return IdleSweeper(
            self,
            "Sweeper",
            domain=self._studio.domain,
            domain_name=self._settings.name,
            key=self._studio.key,
            alerts=self.alerts.topic,
            memory=self._studio.artifacts.bucket,
            rules=SweepRules(
                lifetime=span("days", wanted.lifetime_days),
                idle=span("hours", wanted.idle_hours),
                unopened=span("days", wanted.unopened_days),
                notice=timedelta(hours=wanted.notice_hours),
                protected_hours=wanted.protected_hours,
                dry_run=timedelta(days=wanted.dry_run_days),
                summary_hour=wanted.summary_hour,
                stops=[Swept(one) for one in wanted.stops],
            ),
            stacks=[f"{self._settings.name}-workloads"],
            teams=list(self._settings.teams),
        )

    def _budget(self, name: str) -> None:
        team, role = self._settings.teams[name], self._studio.teams[name].shared_role
        if team.monthly_budget_usd is None:
            return
        budget = TeamBudget(
            self,
            f"{pascal(name)}Budget",
            name_prefix=self._settings.name,
            team=name,
            monthly_usd=team.monthly_budget_usd,
            alerts=self.alerts.topic,
        )
        # The settings refuse an action for people with a role each.
        if team.budget_action is not None and role is not None:
            self._check_room(name)
            budget.deny_new_apps(roles=[role], approval=ApprovalModel(team.budget_action_approval.upper()))

    def _check_room(self, team: str) -> None:
        code_commit = self._studio.code_commit is not None
        projects = self._settings.teams[team].projects
        held = len(self._studio.teams[team].managed_policies) + code_commit + projects
        if held >= MAX_POLICIES:
            raise InvalidInput(
                "BudgetActionPolicies",
                f"the role of team {team} holds {held} policies and the budget_action needs one more, a role holds "
                f"{MAX_POLICIES}; use fewer instance types or no budget_action",
                scope=self,
            )
