"""A domain goes, in the right order, and nothing of the other one in its VPC is so much as named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from studio_infra.runtime.functions.domain_drain.drain import Drain, Stuck
from studio_infra.runtime.functions.shared.calls import Calls, Deadline, OutOfTime
from tests.runtime.domain_drain.worlds import (
    BEGIN,
    COPY,
    KEEP,
    LOSE,
    OTHER,
    OWN,
    Meanwhile,
    clients,
    lost_writes,
    of,
    portrait,
    touched,
    two_domains,
)

if TYPE_CHECKING:
    from studio_infra.runtime.functions.domain_drain.world import Wish
    from tests.runtime.fake_aws.aws import FakeAws

NOTHING: dict[str, list[str]] = {
    kind: []
    for kind in ("domains", "profiles", "spaces", "apps", "file systems", "mount targets", "security groups")
}


def drain(
    aws: FakeAws, wish: Wish = KEEP, *, seconds: float = 6 * 3600, said: list[str] | None = None
) -> Drain:
    calls = Calls(aws.clock, deadline=Deadline(aws.clock, seconds))
    return Drain(
        OWN, wish, calls=calls, clients=clients(aws), say=said.append if said is not None else lambda _: None
    )


def emptied(aws: FakeAws, wish: Wish = KEEP) -> list[str]:
    """Drain to the end. What was done, in words."""
    said: list[str] = []
    steps = list(drain(aws, wish, said=said).run())
    assert steps[-1].done
    return said


def changes(aws: FakeAws) -> list[str]:
    return [call.operation for call in aws.calls if call.changes and not call.error]


def test_homes_stay_and_everything_else_goes() -> None:
    aws = two_domains()
    emptied(aws)
    assert of(aws, OWN) == NOTHING | {"file systems": ["fs-of-d-own"]}


def test_homes_go_with_consent_after_a_copy() -> None:
    aws = two_domains()
    emptied(aws, COPY)
    assert of(aws, OWN) == NOTHING
    assert lost_writes(aws) == []
    done = changes(aws)
    first_loss = min(done.index(name) for name in ("delete_space", "delete_user_profile", "delete_domain"))
    assert done.index("start_backup_job") < first_loss
    assert max(n for n, name in enumerate(done) if name == "delete_app") < done.index("start_backup_job")
    assert done.count("start_backup_job") == 1


def test_nothing_with_data_goes_before_the_copy_is_complete() -> None:
    aws = two_domains()
    aws.backup.duration = 5000.0
    with pytest.raises(OutOfTime):
        list(drain(aws, COPY, seconds=4000).run())
    assert len(of(aws, OWN)["spaces"]) == 3
    assert len(of(aws, OWN)["profiles"]) == 2
    assert of(aws, OWN)["apps"] == []


def test_homes_can_go_without_a_copy() -> None:
    aws = two_domains()
    emptied(aws, LOSE)
    assert of(aws, OWN) == NOTHING
    assert not any(call.service == "backup" for call in aws.calls)


@pytest.mark.parametrize("wish", [KEEP, COPY, LOSE], ids=["keep", "copy", "lose"])
def test_the_other_domain_in_the_vpc_is_untouched_and_never_named(wish: Wish) -> None:
    aws = two_domains()
    before = portrait(aws, OTHER)
    assert len(before) == 14
    emptied(aws, wish)
    assert portrait(aws, OTHER) == before
    assert touched(aws, OTHER) == []
    assert len(touched(aws, OWN)) > 30


def test_an_app_that_takes_twenty_minutes_to_go_is_waited_for() -> None:
    aws = two_domains()
    for entity, _ in aws.sagemaker.apps.seen(0):
        entity.change(0, _deletion=1200.0)
    emptied(aws)
    assert of(aws, OWN)["domains"] == []
    assert 1200 < aws.clock.passed - BEGIN < 2000
    # Slower and slower, not twenty minutes of asking every second.
    assert sum(call.operation == "describe_domain" for call in aws.calls) < 100


def test_a_failed_app_stands_in_nobodys_way() -> None:
    aws = two_domains()
    for entity, _ in aws.sagemaker.apps.seen(0):
        entity.change(0, Status="Failed")
    emptied(aws)
    assert of(aws, OWN)["domains"] == []
    assert "delete_app" not in changes(aws)


def test_what_failed_to_go_before_is_tried_again() -> None:
    aws = two_domains()
    for store in (aws.sagemaker.spaces, aws.sagemaker.profiles, aws.sagemaker.domains):
        for entity, _ in store.seen(0):
            entity.change(0, Status="Delete_Failed")
    emptied(aws)
    assert of(aws, OWN)["domains"] == []


def test_apps_that_people_start_meanwhile_go_too_and_the_copy_is_made_anew() -> None:
    aws = two_domains(seed=3)
    people = Meanwhile(aws, chance=0)
    aws.meanwhile = people
    for step in drain(aws, COPY).run():
        copying = any("being copied" in wait for wait in step.waits)
        people.chance = 1 if copying else 0
    assert of(aws, OWN) == NOTHING
    assert lost_writes(aws) == []
    assert changes(aws).count("start_backup_job") == 2
    assert people.most == 0


def test_a_copy_of_a_plan_or_of_somebody_else_is_not_the_last_one() -> None:
    aws = two_domains()
    client = aws.client("backup")
    arn = "arn:aws:elasticfilesystem:eu-central-1:123456789012:file-system/fs-of-d-own"
    role = str(COPY.role_arn)
    client.start_backup_job(
        BackupVaultName="v", ResourceArn=arn, IamRoleArn=role, IdempotencyToken="a", RecoveryPointTags={}
    )
    emptied(aws, COPY)
    assert changes(aws).count("start_backup_job") == 2


def test_the_copy_of_an_earlier_drain_does_not_count_for_ever() -> None:
    aws = two_domains()
    with pytest.raises(OutOfTime):
        list(drain(aws, COPY, seconds=430).run())
    assert of(aws, OWN)["domains"] == [OWN]
    assert changes(aws).count("start_backup_job") == 1
    aws.clock.passed += 3 * 24 * 3600
    emptied(aws, COPY)
    assert of(aws, OWN) == NOTHING
    assert changes(aws).count("start_backup_job") == 2


def test_copies_that_fail_end_the_drain_before_anything_is_lost() -> None:
    aws = two_domains()
    aws.backup.failures = 9
    with pytest.raises(Stuck, match="was not copied 3 times"):
        list(drain(aws, COPY).run())
    assert len(of(aws, OWN)["spaces"]) == 3
    assert len(of(aws, OWN)["profiles"]) == 2


def test_what_is_left_after_the_domain_went_is_found_by_the_tag_with_its_whole_arn() -> None:
    aws = two_domains()
    for store in (aws.sagemaker.apps, aws.sagemaker.spaces, aws.sagemaker.profiles, aws.sagemaker.domains):
        for entity in store.every():
            if entity.key[0] == OWN:
                entity.vanish(BEGIN)
    before = portrait(aws, OTHER)
    emptied(aws, LOSE)
    assert of(aws, OWN) == NOTHING
    assert portrait(aws, OTHER) == before
    assert touched(aws, OTHER) == []


def test_a_second_drain_changes_nothing() -> None:
    aws = two_domains()
    emptied(aws)
    number = len(changes(aws))
    emptied(aws)
    assert len(changes(aws)) == number


def test_a_domain_that_never_was_is_done_at_once() -> None:
    aws = two_domains()
    calls = Calls(aws.clock)
    (step,) = Drain("d-none", LOSE, calls=calls, clients=clients(aws)).run()
    assert step.done
    assert changes(aws) == []


def test_lifecycle_configurations_are_detached_before_the_domain_goes() -> None:
    aws = two_domains()
    emptied(aws)
    (update,) = [call for call in aws.calls if call.operation == "update_domain"]
    assert update.arguments == {
        "DomainId": OWN,
        "DefaultUserSettings": {
            "JupyterLabAppSettings": {
                "BuiltInLifecycleConfigArn": "None",
                "DefaultResourceSpec": {"InstanceType": "ml.t3.medium", "LifecycleConfigArn": "None"},
                "LifecycleConfigArns": [],
            }
        },
    }
    done = changes(aws)
    assert done.index("update_domain") < done.index("delete_domain")


def test_a_refused_detachment_keeps_nothing_from_going(monkeypatch: pytest.MonkeyPatch) -> None:
    aws = two_domains()

    def refuse(**_: object) -> None:
        raise aws.error("ValidationException", "no")

    monkeypatch.setattr(aws.sagemaker, "update_domain", refuse)
    emptied(aws)
    assert of(aws, OWN)["domains"] == []
    assert [call.operation for call in aws.calls].count("update_domain") == 1


@pytest.mark.parametrize("operation", ["delete_app", "delete_space", "delete_domain"])
def test_what_we_may_not_do_is_said_at_once(operation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    aws = two_domains()

    def refuse(**_: object) -> None:
        raise aws.error("AccessDeniedException", "User: arn:aws:iam::1:user/x is not authorized", status=403)

    monkeypatch.setattr(aws.sagemaker, operation, refuse)
    with pytest.raises(Stuck, match=r"^AWS refuses to .* AccessDeniedException$"):
        list(drain(aws).run())


def test_a_refusal_for_an_unknown_reason_is_tried_again_and_then_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    aws = two_domains()
    times = []

    def refuse(**_: object) -> None:
        times.append(1)
        raise aws.error("ValidationException", "no")

    monkeypatch.setattr(aws.sagemaker, "delete_domain", refuse)
    with pytest.raises(Stuck, match="AWS refuses to delete domain d-own: ValidationException"):
        list(drain(aws).run())
    assert len(times) == 4


def test_a_domain_that_sagemaker_cannot_delete_says_why() -> None:
    aws = two_domains()
    emptied_of_people = drain(aws)
    for step in emptied_of_people.run():
        if any("detach" in str(action) for action in step.actions):
            break
    entity = aws.sagemaker.domains.get(OWN)
    assert entity is not None
    aws.sagemaker.deletion["domain"] = 10**6

    def fail() -> None:
        state = entity.at(aws.clock.passed) or {}
        if state["Status"] == "Deleting":
            entity.change(aws.clock.passed, Status="Delete_Failed", FailureReason="The VPC is gone.")

    aws.meanwhile = fail
    with pytest.raises(Stuck, match="SageMaker cannot delete domain d-own: The VPC is gone."):
        list(drain(aws).run())


def test_changes_keep_a_pace_of_five_a_second() -> None:
    aws = two_domains()
    for number in range(60):
        aws.sagemaker.add_space(OWN, f"s{number}")
    emptied(aws)
    times = [call.at for call in aws.calls if call.changes]
    assert all(later - earlier >= 0.99 for earlier, later in zip(times, times[5:], strict=False))
