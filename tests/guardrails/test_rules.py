"""Each rule finds what it says, and nothing else; and its own cases notice every small mistake in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from studio_infra.guardrails.rules import FOLDER, Rule, merged, read_rule, rules
from tests.guardrails.cases import CASES
from tests.guardrails.cases.parts import resource
from tests.guardrails.engine import Findings, Job, run
from tests.guardrails.mutants import mutants

if TYPE_CHECKING:
    from pathlib import Path

RULES: Final = rules()
#: Each rule passes these, too.
NOTHING: Final[dict[str, dict[str, Any]]] = {
    "passes: nothing of Studio": {"Resources": {"T": resource("SNS::Topic", TopicName="t")}},
    "passes: nothing": {"Resources": {}},
    "passes: no resources": {"Description": "nothing"},
}
_DOMAINS: Final = "let domains = Resources.*[ Type == 'AWS::SageMaker::Domain' ]"
_PROFILES: Final = "let profiles = Resources.*[ Type == 'AWS::SageMaker::UserProfile' ]"
_ROLES: Final = "let roles = Resources.*[ Type == 'AWS::IAM::Role' ]"
#: Mistakes that change nothing, by a line of theirs. `some` finds nothing where a template has no resources; these
#: rules have another `some` behind it, or ask whether there is nothing. And where a text is longer than 16384
#: characters, so is the part of it that leaves the first one out.
HARMLESS: Final[dict[str, set[str]]] = {
    "STUDIO_INSTANCE_TYPES_LISTED": {_ROLES},
    "STUDIO_PASS_ROLE_NARROW": {_ROLES},
    "STUDIO_POLICY_NAMES_ACTIONS": {_ROLES},
    "STUDIO_PRESIGNED_URL_OWN_PROFILE": {_ROLES},
    "STUDIO_IDLE_LIMITS": {_DOMAINS, _PROFILES},
    "STUDIO_LIFECYCLE_ATTACHED": {_DOMAINS, _PROFILES},
    "STUDIO_LIFECYCLE_SIZE": {"    let beyond = substring(%content, 1, 16385)"},
    "STUDIO_NO_CLASSIC_APPS": {_DOMAINS, _PROFILES},
    "STUDIO_PEOPLE_APART": {
        _DOMAINS,
        "let ingress = Resources.*[ Type == 'AWS::EC2::SecurityGroupIngress' ]",
    },
    "STUDIO_ROLE_SOURCE_IDENTITY": {_DOMAINS, _PROFILES},
    "STUDIO_SSO_ASSIGNMENT": {"let assignments = Resources.*[ Type == 'AWS::SSO::ApplicationAssignment' ]"},
}


def templates(rule_id: str) -> dict[str, dict[str, Any]]:
    """Every template of a rule's cases, by `passes`, `fails` or `tokens` and its sentence."""
    kinds = vars(CASES[rule_id]).items()
    found = {f"{kind}: {name}": {"Resources": case} for kind, cases in kinds for name, case in cases.items()}
    return {**found, **NOTHING}


def expected(rule_id: str) -> dict[str, set[str | None]]:
    return {
        name: {one for one in template.get("Resources", {}) if one.startswith("Bad")}
        if name.startswith("fails")
        else set()
        for name, template in templates(rule_id).items()
    }


def found_by(rule_id: str, findings: Findings) -> dict[str, set[str | None]]:
    return {name: set(found.get(rule_id, ())) for name, found in findings.items()}


def test_every_rule_has_a_file_of_its_name_and_says_what_and_why() -> None:
    assert [rule.file_name for rule in RULES] == sorted(file.name for file in FOLDER.glob("*.guard"))
    for rule in RULES:
        assert rule.what.endswith("."), rule.id
        assert rule.why.endswith("."), rule.id
        assert "<<" in rule.text, rule.id
        assert max(map(len, rule.text.splitlines())) <= 180, rule.id


def test_every_rule_has_cases_that_pass_that_fail_and_that_only_a_deployment_decides() -> None:
    assert sorted(CASES) == sorted(rule.id for rule in RULES)
    for rule_id, cases in CASES.items():
        assert cases.passes, rule_id
        assert cases.fails, rule_id
        assert cases.tokens, rule_id
        assert all(ids for name, ids in expected(rule_id).items() if name.startswith("fails")), rule_id


@pytest.fixture(scope="module")
def findings(engine: Path) -> tuple[Findings, Findings]:
    """What every rule finds in all templates of all rules: each in a source of its own, and all in one source."""
    everything = {
        f"{rule.id}, {name}": template for rule in RULES for name, template in templates(rule.id).items()
    }
    alone, together = run(
        engine,
        [
            Job({rule.file_name: rule.text for rule in RULES}, everything),
            Job({"one": merged(RULES)}, everything),
        ],
    )
    return alone, together


@pytest.mark.slow
def test_every_rule_finds_exactly_the_bad_resources_of_its_cases(
    findings: tuple[Findings, Findings],
) -> None:
    wrong = {}
    for rule in RULES:
        for name, bad in expected(rule.id).items():
            found = set(findings[0][f"{rule.id}, {name}"].get(rule.id, ()))
            if found != bad:
                wrong[f"{rule.id}, {name}"] = found
    assert not wrong


@pytest.mark.slow
def test_the_rules_in_one_source_find_what_they_find_alone(findings: tuple[Findings, Findings]) -> None:
    alone, together = (
        [{key: set(ids) for key, ids in found.items()} for found in one.values()] for one in findings
    )
    assert together == alone
    assert sum(map(len, alone)) > len(RULES)


@pytest.mark.slow
def test_no_small_mistake_in_a_rule_stays_unnoticed(engine: Path) -> None:
    """Dropped clauses, turned operators, changed constants: each changes what the rule's own cases find."""
    made = {rule.id: list(mutants(rule.text)) for rule in RULES}
    jobs = [
        Job(
            {str(number): _renamed(rule, mutant, number) for number, mutant in enumerate(made[rule.id])},
            templates(rule.id),
        )
        for rule in RULES
    ]
    survivors = []
    for rule, findings in zip(RULES, run(engine, jobs), strict=True):
        for number, mutant in enumerate(made[rule.id]):
            harmless = HARMLESS.get(rule.id, set()) & set(mutant.splitlines())
            noticed = found_by(f"{rule.id}_{number}", findings) != expected(rule.id)
            if noticed is bool(harmless):
                survivors.append((rule.id, sorted(set(mutant.splitlines()) - set(rule.text.splitlines()))))
    assert not survivors
    assert sum(map(len, made.values())) > 600


def _renamed(rule: Rule, mutant: str, number: int) -> str:
    return mutant.replace(f"rule {rule.id} ", f"rule {rule.id}_{number} ")


@pytest.mark.parametrize(
    "text", ["", "rule OTHER { this exists }", "# What: a.\nrule STUDIO_A { this exists }"]
)
def test_a_file_without_a_rule_or_a_reason_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"must say|not enough values"):
        read_rule(text)
