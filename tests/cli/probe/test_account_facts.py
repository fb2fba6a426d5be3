"""Each fact of an account, with what was seen of it: so, not so, and not to be seen."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from studio_infra.cli.probe.account.facts import FACTS
from studio_infra.cli.probe.account.look import Account
from studio_infra.cli.probe.account.seen import Refused, Seen
from studio_infra.cli.probe.record import NOT_TESTABLE, PROVEN, REFUTED, Result, judge_all
from studio_infra.review.replacement.registry_facts import FACTS as REGISTRY
from studio_infra.runtime.functions.domain_drain.world import OWNER_TAG

D = "d-abcdefghijkl"
ARN = f"arn:aws:sagemaker:eu-central-1:123456789012:domain/{D}"
NOON = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)
MS = NOON.timestamp() * 1000
HOUR = 3_600_000
STREAM = f"{D}/lab/JupyterLab/default"
APP = {
    "AppArn": f"arn:aws:sagemaker:eu-central-1:123456789012:app/{D}/lab/jupyterlab/default",
    "DomainId": D,
    "SpaceName": "lab",
    "AppType": "JupyterLab",
    "AppName": "default",
    "CreationTime": NOON,
    "LastHealthCheckTimestamp": NOON,
    "LastUserActivityTimestamp": NOON,
}
KNOWN = {
    kind: known
    for kind, known in json.loads(REGISTRY.read_text())["types"].items()
    if kind in ("AWS::SageMaker::UserProfile", "AWS::SageMaker::Space")
}


def schema(kind: str, *leads: str) -> dict[str, Any]:
    return {
        "properties": {name: {} for name in KNOWN[kind]["properties"]},
        "createOnlyProperties": [f"/properties/{name}" for name in KNOWN[kind]["create_only"]],
        "definitions": {name: {"$ref": "#/definitions/AppLifecycleManagement"} for name in leads},
    }


SCHEMAS = {kind: schema(kind) for kind in KNOWN}
#: A domain of which nothing is known but that it is there.
NOTHING: dict[str, Any] = {
    "domain": {"DomainId": D, "AuthMode": "IAM", "HomeEfsFileSystemId": "fs-1"},
    "home": {},
    "homes_alone": 0,
    "profiles": [],
    "apps": [],
    "known_types": KNOWN,
    "wants_dual_stack": False,
    "instance_types": ["ml.t3.medium"],
    **dict.fromkeys(
        ("groups", "assignments", "app_types", "app_tags", "made_here", "streams", "guard_lines", "sessions"),
        (),
    ),
    **dict.fromkeys(
        ("deletions", "profile_creations", "stacks", "event_parameters", "endpoints", "tracking_servers"), ()
    ),
    **dict.fromkeys(("quotas", "monitors", "cost_tags", "watched"), ()),
    "strict_trusts": 0,
    "prices": 0,
    "schemas": {},
}


def domain(**more: Any) -> dict[str, Any]:
    return {"domain": {**NOTHING["domain"], **more}}


def app(**more: Any) -> dict[str, Any]:
    return {"apps": [{**APP, **more}]}


def tags(*pairs: tuple[str, str]) -> dict[str, Any]:
    return {"home": {"Tags": [{"Key": key, "Value": value} for key, value in pairs]}}


def trials(**said: str) -> dict[str, Any]:
    return {"trials": said}


def quota(name: str, value: float) -> dict[str, Any]:
    return {"quotas": [{"QuotaName": name, "Value": value}]}


QUIET = {"stream": STREAM, "at": MS - 2 * HOUR, "quiet": True}
SSO = domain(AuthMode="SSO", SingleSignOnApplicationArn="arn:aws:sso::1:application/a/b")
NAMED = domain(DomainSettings={"ExecutionRoleIdentityConfig": "USER_PROFILE_NAME"})
STACK = {"name": "s", "template": "Fn::GetStackOutput", "status": "UPDATE_COMPLETE", "compound_ids": []}
JUPYTER = "Studio JupyterLab Apps running on ml.t3.medium instance"

#: Fact, what was seen besides nothing, the outcome, and a word of the evidence.
CASES: list[tuple[str, dict[str, Any], str, str]] = [
    ("home-made", {}, PROVEN, "has a home"),
    ("home-made", domain(HomeEfsFileSystemId=""), REFUTED, "has none"),
    ("home-made", domain(HomeEfsFileSystemCreation="Disabled"), NOT_TESTABLE, "own settings"),
    ("home-tagged", tags((OWNER_TAG, ARN)), PROVEN, "is the domain's ARN"),
    ("home-tagged", tags((OWNER_TAG, ARN + "x")), REFUTED, "another value"),
    ("home-tagged", tags(), REFUTED, "no tag"),
    ("home-tagged", {"home": Refused("DescribeFileSystems", "AccessDenied")}, NOT_TESTABLE, "AccessDenied"),
    ("home-outlives", {"homes_alone": 2}, PROVEN, "2 home"),
    ("home-outlives", {}, NOT_TESTABLE, "no home"),
    ("domain-groups", {"groups": [f"security-group-for-inbound-nfs-{D}"]}, PROVEN, "1 groups"),
    ("domain-groups", {"groups": [f"security-group-for-inbound-nfs-{D}", f"x-{D}"]}, REFUTED, "1 of 2"),
    ("domain-groups", {}, NOT_TESTABLE, "no security group"),
    ("dual-stack", domain(DomainSettings={"IpAddressType": "dualstack"}), PROVEN, "is dualstack"),
    ("dual-stack", {"wants_dual_stack": True}, REFUTED, "the settings say"),
    ("dual-stack", domain(DomainSettings={"IpAddressType": "ipv4"}), NOT_TESTABLE, "IPv4"),
    ("sso-application", SSO, PROVEN, "has an application"),
    ("sso-application", domain(AuthMode="SSO"), REFUTED, "has no application"),
    ("sso-application", {}, NOT_TESTABLE, "by IAM"),
    ("sso-assignment", {**SSO, **app(), "assignments": ["GROUP"]}, PROVEN, "1 groups or users"),
    ("sso-assignment", {**SSO, "assignments": ["GROUP"]}, NOT_TESTABLE, "sign in"),
    ("sso-assignment", SSO, NOT_TESTABLE, "nothing is assigned"),
    (
        "profile-uid",
        {"profiles": [{"HomeEfsFileSystemUid": "1"}, {"HomeEfsFileSystemUid": "2"}]},
        PROVEN,
        "2 profiles",
    ),
    (
        "profile-uid",
        {"profiles": [{"HomeEfsFileSystemUid": "1"}, {"HomeEfsFileSystemUid": "1"}]},
        REFUTED,
        "1 one",
    ),
    ("profile-uid", {"profiles": [{}]}, REFUTED, "1 have no uid"),
    ("profile-uid", {}, NOT_TESTABLE, "nobody"),
    ("shared-space-entry", {}, NOT_TESTABLE, "by hand"),
    ("app-arn", app(), PROVEN, "1 of 1"),
    ("app-arn", app(SpaceName="Lab"), REFUTED, "0 of 1"),
    ("app-arn", app(AppArn=APP["AppArn"].replace("jupyterlab", "JupyterLab")), PROVEN, "1 of 1"),  # type: ignore[attr-defined]
    ("app-arn", {}, NOT_TESTABLE, "no app runs"),
    ("space-app-type", {"app_types": [("JupyterLab", "JupyterLab")]}, PROVEN, "1 of 1"),
    ("space-app-type", {"app_types": [("JupyterLab", "CodeEditor")]}, REFUTED, "0 of 1"),
    ("space-app-type", {}, NOT_TESTABLE, "no app"),
    (
        "tags-propagate",
        {**app(), **domain(TagPropagation="ENABLED"), "app_tags": [["studio:team"]]},
        PROVEN,
        "1 of 1",
    ),
    ("tags-propagate", {**app(), **domain(TagPropagation="ENABLED"), "app_tags": [[]]}, REFUTED, "0 of 1"),
    ("tags-propagate", {**app(), "app_tags": [[]]}, NOT_TESTABLE, "own settings"),
    ("made-here-tagged", {"made_here": ["training-job"]}, PROVEN, "training-job"),
    ("made-here-tagged", {}, NOT_TESTABLE, "start a training job"),
    ("script-streams", {"streams": [{"name": f"{STREAM}/LifecycleConfigOnStart"}]}, PROVEN, "1 of 1"),
    (
        "script-streams",
        {"streams": [{"name": f"{D}/ana/JupyterServer/a/LifecycleConfigOnStart"}]},
        PROVEN,
        "1 of 1",
    ),
    ("script-streams", {"streams": [{"name": f"{D}/LifecycleConfigOnStart"}]}, REFUTED, "0 of 1"),
    ("script-streams", {"streams": [{"name": STREAM}]}, NOT_TESTABLE, "no lifecycle script"),
    ("app-log-shipped", {"guard_lines": [QUIET]}, PROVEN, "1 of 1"),
    ("app-log-shipped", {"guard_lines": [{**QUIET, "stream": f"{D}/x"}]}, REFUTED, "0 of 1"),
    ("app-log-shipped", {}, NOT_TESTABLE, "no line"),
    (
        "creation-time-kept",
        {**app(), "streams": [{"name": f"{STREAM}/LifecycleConfigOnStart", "last": MS + 2 * HOUR}]},
        PROVEN,
        "an hour",
    ),
    (
        "creation-time-kept",
        {**app(), "streams": [{"name": f"{STREAM}/LifecycleConfigOnStart", "last": MS}]},
        NOT_TESTABLE,
        "was started again",
    ),
    ("health-checks-count", {**app(), "guard_lines": [QUIET]}, PROVEN, "quiet"),
    (
        "health-checks-count",
        app(LastUserActivityTimestamp=NOON - dt.timedelta(minutes=11)),
        REFUTED,
        "11 min",
    ),
    ("health-checks-count", app(), NOT_TESTABLE, "at work"),
    ("health-checks-count", app(LastHealthCheckTimestamp=None), NOT_TESTABLE, "both times"),
    ("idle-polled", {"watched": [[60, 60], [61]]}, PROVEN, "60 s"),
    ("idle-polled", {"watched": [[301, 302], [301]]}, REFUTED, "302 s"),
    ("idle-polled", {"watched": [[60]]}, NOT_TESTABLE, "--watch"),
    ("idle-acted-on", {"deletions": [{"by_service": True}, {"by_service": False}]}, PROVEN, "1 apps"),
    ("idle-acted-on", {"deletions": [{"by_service": False}]}, NOT_TESTABLE, "CloudTrail"),
    ("source-identity", {**NAMED, "sessions": [{"source_identity": True}]}, PROVEN, "1 of 1"),
    ("source-identity", {**NAMED, "sessions": [{"source_identity": False}]}, REFUTED, "0 of 1"),
    ("source-identity", NAMED, NOT_TESTABLE, "CloudTrail"),
    ("source-identity", {}, NOT_TESTABLE, "does not ask"),
    ("source-arn", {**app(), "strict_trusts": 1}, PROVEN, "1 apps"),
    ("source-arn", app(), NOT_TESTABLE, "no app runs with"),
    ("replacing-properties", {"schemas": SCHEMAS}, PROVEN, "2 types"),
    (
        "replacing-properties",
        {
            "schemas": {
                **SCHEMAS,
                "AWS::SageMaker::Space": {**SCHEMAS["AWS::SageMaker::Space"], "createOnlyProperties": []},
            }
        },
        REFUTED,
        "AWS::SageMaker::Space",
    ),
    ("replacing-properties", {}, NOT_TESTABLE, "not asked"),
    ("no-profile-idle", {"schemas": SCHEMAS}, PROVEN, "no property"),
    (
        "no-profile-idle",
        {"schemas": {**SCHEMAS, "AWS::SageMaker::Space": schema("AWS::SageMaker::Space", "JupyterLab")}},
        REFUTED,
        "in AWS::SageMaker::Space",
    ),
    ("no-profile-idle", {"schemas": Refused("DescribeType", "InvalidAction")}, NOT_TESTABLE, "DescribeType"),
    ("get-stack-output", {"stacks": [STACK]}, PROVEN, "1 of 1"),
    ("get-stack-output", {"stacks": [{**STACK, "status": "UPDATE_ROLLBACK_COMPLETE"}]}, REFUTED, "0 of 1"),
    ("get-stack-output", {"stacks": [{**STACK, "template": ""}]}, NOT_TESTABLE, "no stack"),
    ("compound-ref", {"stacks": [{**STACK, "compound_ids": ["ana|d-1"]}]}, PROVEN, "1 of 1"),
    ("compound-ref", {"stacks": [{**STACK, "compound_ids": ["ana"]}]}, REFUTED, "0 of 1"),
    ("compound-ref", {"stacks": [STACK]}, NOT_TESTABLE, "no stack"),
    ("profiles-in-waves", {"profile_creations": [{"code": ""}]}, PROVEN, "1 calls"),
    ("profiles-in-waves", {"profile_creations": [{"code": "ThrottlingException"}]}, REFUTED, "1 of them"),
    ("profiles-in-waves", {}, NOT_TESTABLE, "CloudTrail"),
    ("event-fills-parameter", {"event_parameters": ["arn", "other", "s3"]}, PROVEN, "2 parameters"),
    ("event-fills-parameter", {"event_parameters": ["arn", "unfilled"]}, REFUTED, "still stands"),
    ("event-fills-parameter", {"event_parameters": ["other"]}, NOT_TESTABLE, "no pipeline"),
    ("deployment-config", {"endpoints": [{"deployment_config": True}]}, PROVEN, "1 of 1"),
    ("deployment-config", {"endpoints": [{"deployment_config": False}]}, NOT_TESTABLE, "none was updated"),
    ("deployment-config", {}, NOT_TESTABLE, "no endpoint"),
    ("tracking-starts", {"tracking_servers": ["Active"]}, PROVEN, "1 of 1"),
    ("tracking-starts", {"tracking_servers": ["Inactive"]}, REFUTED, "0 of 1"),
    ("tracking-starts", {}, NOT_TESTABLE, "no tracking server"),
    ("quota-of-apps", quota(JUPYTER, 4), PROVEN, "ml.t3.medium: 4"),
    ("quota-of-apps", quota(JUPYTER, 0), REFUTED, "ml.t3.medium: 0"),
    ("quota-of-apps", quota(JUPYTER.replace("t3", "m5"), 4), NOT_TESTABLE, "names no quota"),
    ("anomaly-tag", {"monitors": [{"MonitorSpecification": {"Tags": {"Key": "a:b"}}}]}, PROVEN, "1 of 1"),
    ("anomaly-tag", {"monitors": [{"MonitorSpecification": {"Tags": {"Key": "ab"}}}]}, REFUTED, "0 of 1"),
    ("anomaly-tag", {"monitors": [{"MonitorDimension": "SERVICE"}]}, NOT_TESTABLE, "no monitor"),
    ("cost-tag", {"cost_tags": [{"Status": "Active"}]}, PROVEN, "is active"),
    ("cost-tag", {"cost_tags": [{"Status": "Inactive"}]}, REFUTED, "not active"),
    ("cost-tag", {}, NOT_TESTABLE, "does not know"),
    ("price-list", {"prices": 1}, PROVEN, "1 prices"),
    ("price-list", {"prices": 2}, REFUTED, "2 prices"),
    ("price-list", {"prices": Refused("GetProducts", "AccessDeniedException")}, NOT_TESTABLE, "AccessDenied"),
    ("configuration-name-taken", trials(same_name="ResourceInUse"), PROVEN, "ResourceInUse"),
    (
        "configuration-name-taken",
        trials(same_name="AccessDenied"),
        NOT_TESTABLE,
        "another reason: AccessDenied",
    ),
    (
        "configuration-name-taken",
        trials(same_name="not tried", why="AccessDenied"),
        NOT_TESTABLE,
        "AccessDenied",
    ),
    ("configuration-name-taken", trials(), NOT_TESTABLE, "an earlier probe"),
    ("configuration-name-taken", trials(same_name=""), REFUTED, "was made"),
    ("configuration-name-taken", {}, NOT_TESTABLE, "--apply"),
    ("configuration-in-use", trials(delete_used="ResourceInUse"), PROVEN, "ResourceInUse"),
    ("configuration-in-use", trials(delete_used=""), REFUTED, "was deleted"),
    (
        "configuration-in-use",
        trials(delete_used="not tried", why="ValidationException"),
        NOT_TESTABLE,
        "Validation",
    ),
    ("configuration-in-use", {}, NOT_TESTABLE, "--apply"),
    ("none-for-configuration", trials(none_word=""), PROVEN, "took None"),
    ("none-for-configuration", trials(none_word="ValidationException"), REFUTED, "ValidationException"),
    ("none-for-configuration", trials(none_word="AccessDeniedException"), NOT_TESTABLE, "another reason"),
    ("none-for-configuration", {}, NOT_TESTABLE, "--apply"),
    ("lists-behind", trials(list_lag="4"), PROVEN, "4 s"),
    ("lists-behind", trials(list_lag="never"), REFUTED, "300 s"),
    ("lists-behind", trials(list_lag="AccessDeniedException"), NOT_TESTABLE, "AccessDeniedException"),
    ("lists-behind", {}, NOT_TESTABLE, "--apply"),
    ("depends-on-is-no-change", trials(depends_on="no change"), PROVEN, "no change"),
    ("depends-on-is-no-change", trials(depends_on="a change"), REFUTED, "a change"),
    ("depends-on-is-no-change", trials(depends_on="AccessDenied"), NOT_TESTABLE, "AccessDenied"),
    ("depends-on-is-no-change", {}, NOT_TESTABLE, "--apply"),
]


def judged(name: str, seen: dict[str, Any]) -> Result:
    (fact,) = (one for one in FACTS if one.id == name)
    return judge_all([fact], Seen({**NOTHING, **seen}))[0]


@pytest.mark.parametrize(("name", "seen", "outcome", "word"), CASES)
def test_a_fact_is_judged_by_what_was_seen(name: str, seen: dict[str, Any], outcome: str, word: str) -> None:
    verdict = judged(name, seen).verdict
    assert (verdict.outcome, word in verdict.evidence) == (outcome, True), verdict


def test_every_fact_has_a_case_for_each_outcome_that_it_can_have() -> None:
    #: What cannot be seen to be otherwise: silence is no proof of the opposite.
    never_refuted = {
        "home-outlives",
        "sso-assignment",
        "made-here-tagged",
        "creation-time-kept",
        "idle-acted-on",
        "source-arn",
        "deployment-config",
    }
    by_hand = {"shared-space-entry"}
    for fact in FACTS:
        outcomes = {outcome for name, _, outcome, _ in CASES if name == fact.id}
        expected = {NOT_TESTABLE} | ({PROVEN} if fact.id not in by_hand else set())
        expected |= {REFUTED} if fact.id not in never_refuted | by_hand else set()
        assert outcomes == expected, fact.id


def test_without_a_single_answer_nothing_is_proven_and_nothing_refuted() -> None:
    refused = {name: Refused("Call", "AccessDeniedException") for name in NOTHING}
    results = judge_all(FACTS, Seen(refused))
    assert {one.verdict.outcome for one in results} == {NOT_TESTABLE}
    assert {one.verdict.outcome for one in judge_all(FACTS, Seen({}))} == {NOT_TESTABLE}


@pytest.mark.parametrize(
    "error", [KeyError("SpaceSettings"), TypeError(), json.JSONDecodeError("no", "arn:x", 0)]
)
def test_an_answer_of_another_shape_is_no_answer_and_tells_nothing(error: Exception) -> None:
    account = Account("us-east-1")

    def question() -> None:
        raise error

    account.ask("app_types", "DescribeSpace", question)
    assert account.answers["app_types"] == Refused(
        "DescribeSpace", f"{type(error).__name__}, its answer has another shape"
    )
