"""What only a try can tell. Pure: `trials.py` makes the tries, and `undertaker.py` takes away what they made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from studio_infra.cli.probe.record import Fact, Unanswered, Verdict, decide, not_testable, proven

if TYPE_CHECKING:
    from studio_infra.cli.probe.account.seen import Seen

#: What stands for a try that could not be made; `why` says why.
NOT_TRIED: Final = "not tried"
_IN_USE: Final = "ResourceInUse"
#: Seconds by which a drain holds lists to be behind at most.
_LAG: Final = 300
_ASK: Final = "it makes something and takes it away again: add --apply"


def _trial(seen: Seen, name: str) -> str:
    """What came of a try: AWS's word for why not, or nothing if it was taken.

    Raises:
        Unanswered: Nobody tried.

    """
    if "trials" not in seen.answers:
        raise Unanswered(_ASK)
    if name not in seen["trials"]:
        raise Unanswered("it was not tried: what an earlier probe left could not be taken away")
    code = str(seen["trials"][name])
    if code == NOT_TRIED:
        raise Unanswered(f"it was not tried: {seen['trials']['why']}")
    return code


def _name_taken(seen: Seen) -> Verdict:
    return _refused_as_used(_trial(seen, "same_name"), "a second configuration of the name", "was made")


def _in_use(seen: Seen) -> Verdict:
    return _refused_as_used(
        _trial(seen, "delete_used"), "a configuration that a profile names", "was deleted"
    )


def _refused_as_used(code: str, what: str, otherwise: str) -> Verdict:
    if code not in (_IN_USE, ""):
        return not_testable(f"{what} was refused for another reason: {code}")
    return decide(holds=code == _IN_USE, evidence=f"{what}: {code}", otherwise=f"{what} {otherwise}")


def _none_word(seen: Seen) -> Verdict:
    code = _trial(seen, "none_word")
    if code and not code.endswith(("ValidationException", "Failed")):
        return not_testable(f"the update was refused for another reason: {code}")
    return decide(
        holds=not code,
        evidence="a profile took None; UpdateDomain has the same field",
        otherwise=f"a profile did not take None: {code}",
    )


def _lists(seen: Seen) -> Verdict:
    lag = _trial(seen, "list_lag")
    if lag == "never":
        return decide(holds=False, evidence=f"a new configuration was in no list for {_LAG} s")
    if not lag.isdecimal():
        return not_testable(f"the list was refused: {lag}")
    return proven(f"a new configuration was in the list after {lag} s")


def _depends_on(seen: Seen) -> Verdict:
    told = _trial(seen, "depends_on")
    if told not in ("no change", "a change"):
        return not_testable("the stack or its change set could not be made: " + told)
    return decide(holds=told == "no change", evidence=f"CloudFormation calls another DependsOn {told}")


FACTS: Final = (
    Fact(
        "configuration-name-taken",
        "The name of a lifecycle configuration is taken until that is deleted.",
        "`docs/decisions/0006-lifecycle-names-with-a-hash.md` (`[domain] lifecycle_revision`)",
        "sagemaker:CreateStudioLifecycleConfig twice",
        "Nothing: `[domain] lifecycle_revision` is needed less often.",
        _name_taken,
        writes=True,
    ),
    Fact(
        "configuration-in-use",
        "A lifecycle configuration that somebody's settings name cannot be deleted, so a replaced one is retained.",
        "`studio/lifecycle/lifecycle_config.py`, `runtime/functions/domain_drain/core.py`",
        "sagemaker:CreateUserProfile, sagemaker:DeleteStudioLifecycleConfig",
        "Do not delete configurations by hand while people are in the domain: their apps would not start.",
        _in_use,
        writes=True,
    ),
    Fact(
        "none-for-configuration",
        "SageMaker takes `None` for a lifecycle configuration that shall not be any more.",
        "`runtime/functions/domain_drain/act.py` (`studio-infra drain`)",
        "sagemaker:UpdateUserProfile",
        "The drain skips that step: delete the domain first, configurations after it.",
        _none_word,
        writes=True,
    ),
    Fact(
        "lists-behind",
        "AWS's lists are at most five minutes behind.",
        "`runtime/functions/domain_drain/core.py`: the last copy of homes",
        "sagemaker:CreateStudioLifecycleConfig, sagemaker:ListStudioLifecycleConfigs",
        "Run `studio-infra drain` a second time before homes are deleted.",
        _lists,
        writes=True,
    ),
    Fact(
        "depends-on-is-no-change",
        "CloudFormation takes another `DependsOn` for no change of a resource.",
        "`docs/decisions/0012-people-in-waves.md` (`[people] wave_width`)",
        "cloudformation:CreateStack and CreateChangeSet, of a stack with nothing in it",
        "Change `[people] wave_width` rarely: each change touches everybody in a stack.",
        _depends_on,
        writes=True,
    ),
)
