"""Stacks, pipelines, endpoints, quotas and money around the domain."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from studio_infra.cli.probe.account.look import MANY
from studio_infra.review.replacement.registry_facts import FACTS
from studio_infra.review.report.costs import HOSTING
from studio_infra.review.report.prices import hourly_prices
from studio_infra.runtime.functions.idle_sweeper.fleet import DOMAIN_ARN_TAG

if TYPE_CHECKING:
    from studio_infra.cli.probe.account.look import Account

    Answer = dict[str, Any]

_TYPES: Final = tuple(
    f"AWS::SageMaker::{kind}" for kind in ("Domain", "UserProfile", "Space", "StudioLifecycleConfig")
)
_COST_TAG: Final = "studio:team"


def ask_about_stacks(account: Account, name: str) -> None:
    """Stacks of the domain, and what the registry says about its types."""

    def stacks() -> list[Answer]:
        found = [
            one
            for one in account.pages("cloudformation", "describe_stacks", "Stacks")
            if one["StackName"].startswith(f"{name}-")
        ]
        return [_stack(account, one) for one in found[:MANY]]

    def schemas() -> dict[str, Any]:
        return {
            kind: json.loads(
                account.read("cloudformation", "describe_type", Type="RESOURCE", TypeName=kind)["Schema"]
            )
            for kind in _TYPES
        }

    known = json.loads(FACTS.read_text(encoding="utf-8"))["types"]
    account.answers["known_types"] = {kind: known[kind] for kind in _TYPES}
    account.ask("stacks", "DescribeStacks", stacks)
    account.ask("schemas", "DescribeType", schemas)


def _stack(account: Account, one: Answer) -> Answer:
    template = account.read("cloudformation", "get_template", StackName=one["StackName"])["TemplateBody"]
    resources = account.read("cloudformation", "describe_stack_resources", StackName=one["StackName"])
    return {
        "name": one["StackName"],
        "status": one["StackStatus"],
        "template": template if isinstance(template, str) else json.dumps(template),
        "compound_ids": [
            each["PhysicalResourceId"]
            for each in resources["StackResources"]
            if each["ResourceType"] in ("AWS::SageMaker::UserProfile", "AWS::SageMaker::Space")
        ],
    }


def ask_about_work(account: Account, domain: Answer) -> None:
    """What people have made: endpoints, executions, tracking servers."""

    def made_here() -> list[str]:
        found = account.pages(
            "resourcegroupstaggingapi",
            "get_resources",
            "ResourceTagMappingList",
            token="PaginationToken",  # noqa: S106 - of the next page
            TagFilters=[{"Key": DOMAIN_ARN_TAG, "Values": [domain["DomainArn"]]}],
        )
        parts = [one["ResourceARN"].split(":", 5) for one in found]
        # Only SageMaker's ARNs begin with a kind; those of others may begin with a name.
        kinds = {part[5].partition("/")[0] for part in parts if part[2] == "sagemaker"}
        return sorted(kinds - {"app", "space", "user-profile", "domain"})

    def endpoints() -> list[Answer]:
        names = [
            one["EndpointName"]
            for one in account.pages(
                "sagemaker", "list_endpoints", "Endpoints", NameContains=domain["DomainName"]
            )
        ]
        found = [account.read("sagemaker", "describe_endpoint", EndpointName=name) for name in names[:MANY]]
        return [{"deployment_config": bool(one.get("LastDeploymentConfig"))} for one in found]

    account.ask("made_here", "GetResources", made_here)
    account.ask("endpoints", "DescribeEndpoint", endpoints)
    account.ask(
        "event_parameters", "ListPipelineParametersForExecution", lambda: _parameters(account, domain)
    )
    account.ask(
        "tracking_servers",
        "ListMlflowTrackingServers",
        lambda: [
            one["IsActive"]
            for one in account.pages("sagemaker", "list_mlflow_tracking_servers", "TrackingServerSummaries")
        ],
    )


def _parameters(account: Account, domain: Answer) -> list[str]:
    """Kinds of the values that the newest executions were started with."""
    kinds = []
    name = domain["DomainName"]
    # The API refuses a hyphen at the end of a prefix.
    pipelines = account.pages("sagemaker", "list_pipelines", "PipelineSummaries", PipelineNamePrefix=name)
    for pipeline in [one for one in pipelines if one["PipelineName"].startswith(f"{name}-")][:MANY]:
        runs = account.read(
            "sagemaker", "list_pipeline_executions", PipelineName=pipeline["PipelineName"], MaxResults=5
        )
        for run in runs["PipelineExecutionSummaries"]:
            found = account.read(
                "sagemaker",
                "list_pipeline_parameters_for_execution",
                PipelineExecutionArn=run["PipelineExecutionArn"],
            )
            kinds += [_kind(one["Value"]) for one in found["PipelineParameters"]]
    return kinds


def _kind(value: str) -> str:
    if "$.detail" in value:
        return "unfilled"
    if value.startswith("arn:") and ":model-package/" in value:
        return "arn"
    return "s3" if value.startswith("s3://") else "other"


def ask_about_money(account: Account) -> None:
    """Quotas, monitors, the tag for costs, the price list."""
    account.ask(
        "quotas",
        "ListServiceQuotas",
        lambda: list(
            account.pages("service-quotas", "list_service_quotas", "Quotas", ServiceCode="sagemaker")
        ),
    )
    account.ask(
        "monitors",
        "GetAnomalyMonitors",
        lambda: list(
            account.pages(
                "ce",
                "get_anomaly_monitors",
                "AnomalyMonitors",
                token="NextPageToken",  # noqa: S106 - of the next page
            )
        ),
    )
    account.ask(
        "cost_tags",
        "ListCostAllocationTags",
        lambda: account.read("ce", "list_cost_allocation_tags", TagKeys=[_COST_TAG])["CostAllocationTags"],
    )
    account.ask("prices", "GetProducts", lambda: _prices(account))


def _prices(account: Account) -> int:
    """How many prices the question of the report finds."""
    region = account.client("sagemaker").meta.region_name
    return len(hourly_prices(account.client("pricing"), region, HOSTING, "ml.m5.large"))
