"""What is taken for granted about CloudFormation, pipelines, endpoints, quotas and money. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from studio_infra.cli.probe.record import Fact, Unanswered, Verdict, decide, not_testable, proven, refuted
from studio_infra.review.replacement.registry_facts import facts_in

if TYPE_CHECKING:
    from studio_infra.cli.probe.account.seen import Seen

_IDLE: Final = '"#/definitions/AppLifecycleManagement"'


def _replacements(seen: Seen) -> Verdict:
    known, schemas = seen["known_types"], seen["schemas"]
    kinds = sorted({*known} & {*schemas})
    if not kinds:
        raise Unanswered("the registry was not asked about any type")
    other = [kind for kind in kinds if _replacing(facts_in(schemas[kind])) != _replacing(known[kind])]
    return decide(
        holds=not other,
        evidence=f"{len(kinds)} types are replaced by the same properties as we take it",
        otherwise="replaced by other properties: " + ", ".join(other),
    )


def _replacing(facts: dict[str, Any]) -> tuple[list[str], list[str]]:
    return sorted(facts["create_only"]), sorted(facts.get("conditional", []))


def _no_profile_idle(seen: Seen) -> Verdict:
    leads = [
        kind
        for kind in ("AWS::SageMaker::UserProfile", "AWS::SageMaker::Space")
        if _IDLE in json.dumps(seen["schemas"][kind])
    ]
    return decide(
        holds=not leads,
        evidence="no property of profiles or spaces leads to AppLifecycleManagement",
        otherwise="a property leads to AppLifecycleManagement in " + ", ".join(leads),
    )


def _stack_outputs(seen: Seen) -> Verdict:
    done = [one for one in seen["stacks"] if "Fn::GetStackOutput" in one["template"]]
    if not done:
        raise Unanswered("no stack of this domain reads another one's output")
    good = sum(one["status"].endswith("_COMPLETE") and "ROLLBACK" not in one["status"] for one in done)
    return decide(
        holds=good > 0, evidence=f"{good} of {len(done)} stacks with Fn::GetStackOutput are complete"
    )


def _compound_ref(seen: Seen) -> Verdict:
    ids = [one for stack in seen["stacks"] for one in stack["compound_ids"]]
    if not ids:
        raise Unanswered("no stack of this domain has profiles or spaces")
    joined = sum("|" in one for one in ids)
    return decide(
        holds=joined == len(ids), evidence=f"{joined} of {len(ids)} physical ids are joined by a bar"
    )


def _waves(seen: Seen) -> Verdict:
    made = seen["profile_creations"]
    if not made:
        raise Unanswered("CloudTrail has no CreateUserProfile of the last days")
    throttled = sum("Throttl" in one["code"] or "Limit" in one["code"] for one in made)
    return decide(
        holds=not throttled,
        evidence=f"{len(made)} calls of CreateUserProfile, {throttled} of them refused as too many",
    )


def _filled_in(seen: Seen) -> Verdict:
    values = seen["event_parameters"]
    if "unfilled" in values:
        return refuted("a pipeline was started with a parameter in which the event's place still stands")
    filled = sum(value in ("arn", "s3") for value in values)
    if not filled:
        raise Unanswered("no pipeline was started by an event yet")
    return proven(f"{filled} parameters of pipelines hold an ARN or an address in S3")


def _deployment_config(seen: Seen) -> Verdict:
    endpoints = seen["endpoints"]
    if not endpoints:
        raise Unanswered("no endpoint of this domain is here")
    updated = sum(one["deployment_config"] for one in endpoints)
    if not updated:
        raise Unanswered(f"{len(endpoints)} endpoints are here, and none was updated: deploy another model")
    return proven(f"{updated} of {len(endpoints)} endpoints were updated by their DeploymentConfig")


def _tracking(seen: Seen) -> Verdict:
    servers = seen["tracking_servers"]
    if not servers:
        raise Unanswered("no tracking server is here")
    active = sum(one == "Active" for one in servers)
    return decide(holds=active > 0, evidence=f"{active} of {len(servers)} tracking servers are active")


def _quota(seen: Seen) -> Verdict:
    types = seen["instance_types"]
    lines, short = [], 0
    for kind in types:
        found = [
            one["Value"]
            for one in seen["quotas"]
            if "jupyterlab" in one["QuotaName"].lower() and f" {kind} " in one["QuotaName"] + " "
        ]
        if found:
            lines.append(f"{kind}: {max(found):g}")
            short += max(found) < 1
    if not lines:
        return not_testable("Service Quotas names no quota of JupyterLab for: " + ", ".join(types))
    return decide(holds=not short, evidence="apps at a time: " + ", ".join(lines))


def _anomalies(seen: Seen) -> Verdict:
    by_tag = [
        tags
        for monitor in seen["monitors"]
        if (tags := (monitor.get("MonitorSpecification") or {}).get("Tags")) is not None
    ]
    if not by_tag:
        raise Unanswered("no monitor looks at a tag")
    colons = sum(":" in tags.get("Key", "") for tags in by_tag)
    return decide(holds=colons > 0, evidence=f"{colons} of {len(by_tag)} monitors look at a tag with a colon")


def _cost_tag(seen: Seen) -> Verdict:
    found = seen["cost_tags"]
    if not found:
        raise Unanswered("AWS does not know the tag for costs yet: a day after the first app, activate it")
    return decide(
        holds=all(one["Status"] == "Active" for one in found),
        evidence="the tag of teams is active for costs",
        otherwise="the tag of teams is known for costs, and not active",
    )


def _price(seen: Seen) -> Verdict:
    count = seen["prices"]
    return decide(holds=count == 1, evidence=f"{count} prices an hour were found for hosting on ml.m5.large")


FACTS: Final = (
    Fact(
        "replacing-properties",
        "What replaces a domain, a profile, a space or a configuration is what the registry said when this was made.",
        "`review/replacement/registry_facts.json` (`studio-infra diff`)",
        "cloudformation:DescribeType",
        "Do not trust `studio-infra diff` about these types; read `cdk diff` as well, and say so in an issue.",
        _replacements,
    ),
    Fact(
        "no-profile-idle",
        "CloudFormation takes no idle limit of a profile or a space.",
        "`docs/decisions/0010-longer-idle-limits-kept-by-the-guard.md` (`[teams.NAME] idle_after_minutes`)",
        "cloudformation:DescribeType",
        "Good news: limits of teams and people could be Studio's own. Say so in an issue; nothing has to change.",
        _no_profile_idle,
    ),
    Fact(
        "get-stack-output",
        "CloudFormation knows Fn::GetStackOutput in this partition.",
        "`docs/decisions/0007-weak-cross-stack-references.md` (`cdk.json`)",
        "cloudformation:DescribeStacks, cloudformation:GetTemplate",
        "Take `@aws-cdk/core:defaultCrossStackReferences` out of `cdk.json`: references become exports.",
        _stack_outputs,
    ),
    Fact(
        "compound-ref",
        "The physical id of a profile or a space is its two names, joined.",
        "`rehearsal/emulator/cfn` alone: templates use no `Ref` of these",
        "cloudformation:DescribeStackResources",
        "Nothing in the settings: the rehearsal shows another id than AWS does.",
        _compound_ref,
    ),
    Fact(
        "profiles-in-waves",
        "SageMaker makes as many profiles at a time as a wave has.",
        "`[people] wave_width`",
        "cloudtrail:LookupEvents",
        "Lower `[people] wave_width`.",
        _waves,
    ),
    Fact(
        "event-fills-parameter",
        "EventBridge fills what happened into the parameters of a pipeline that it starts.",
        "`workloads/registry/model_approval.py`, `workloads/pipelines/new_data.py`",
        "sagemaker:ListPipelineParametersForExecution, of which only the kind of value is kept",
        "Start these pipelines by hand, with the parameter, and say so in an issue.",
        _filled_in,
    ),
    Fact(
        "deployment-config",
        "CloudFormation updates an endpoint by the `DeploymentConfig` of the template.",
        "`workloads/endpoints/endpoint_update.py`",
        "sagemaker:DescribeEndpoint",
        "Updates are all at once: update outside of office hours.",
        _deployment_config,
    ),
    Fact(
        "tracking-starts",
        "MLflow starts with the permissions of its role.",
        "`workloads/tracking/tracking_server.py` (`[tracking]`)",
        "sagemaker:ListMlflowTrackingServers",
        "Look at the server's log; leave `[tracking]` out until it starts.",
        _tracking,
    ),
    Fact(
        "quota-of-apps",
        "The account may run JupyterLab on the instance types of the settings.",
        "`[domain] default_instance_type`, `[teams.NAME] instance_types`",
        "servicequotas:ListServiceQuotas",
        "Ask for more in Service Quotas, or change `[domain] default_instance_type`.",
        _quota,
    ),
    Fact(
        "anomaly-tag",
        "A monitor of anomalies takes a tag with a colon in it.",
        "`operations/money/spend_anomalies.py` (`[operations] anomalies_from_usd`)",
        "ce:GetAnomalyMonitors",
        "Leave out `[operations] anomalies_from_usd`.",
        _anomalies,
    ),
    Fact(
        "cost-tag",
        "The tag of teams is active for costs.",
        "`[teams.NAME] monthly_budget_usd`, `studio-infra costs`",
        "ce:ListCostAllocationTags",
        "Activate `studio:team` in Billing, Cost allocation tags; budgets see nothing before.",
        _cost_tag,
    ),
    Fact(
        "price-list",
        "The price list knows products by the attributes that we ask with.",
        "`review/report/prices.py` (`studio-infra review --prices`)",
        "pricing:GetProducts",
        "Reports leave prices open: read them on AWS's pages, and say so in an issue.",
        _price,
    ),
)
