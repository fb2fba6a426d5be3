"""The probe of an account against the embedded AWS: what it sees, what it makes and takes away, what it never tells."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config

from studio_infra.cli.app import run
from studio_infra.cli.probe.account.look import Account
from studio_infra.cli.probe.account.probe import probe_account
from studio_infra.cli.probe.account.trials import Trials
from studio_infra.cli.probe.account.undertaker import TAG, Throwaway
from studio_infra.rehearsal.server import EmbeddedAws
from tests.rehearsal.conftest import Studio, make_studio
from tests.runtime.idle.studio_space import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio_infra.cli.probe.record import Verdict

pytestmark = pytest.mark.slow

COMMAND = Path(sys.executable).with_name("studio-infra")
#: Names that nobody may see in what is pasted somewhere.
DOMAIN, PERSON, SPACE = "acme-moonshot", "ana-silva", "ana-secret-lab"
SECRETS = (DOMAIN, PERSON, SPACE, "moonshot-customer", "test-lifecycle-name")
PAUSE = 0.2
TRIALS = {
    "configuration-name-taken",
    "configuration-in-use",
    "none-for-configuration",
    "lists-behind",
    "depends-on-is-no-change",
}
SCRIPT = "IyEvYmluL2Jhc2gKZXhpdCAwCg=="


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    """A domain with a person, a space with an app that has written its logs, tags that are passed on."""
    with EmbeddedAws() as aws, pytest.MonkeyPatch.context() as patch:
        for name, value in aws.environment().items():
            patch.setenv(name, value)
        sm = aws.client("sagemaker", config=Config(retries={"total_max_attempts": 1}))
        made = make_studio(aws, sm, DomainName=DOMAIN, TagPropagation="ENABLED")
        made.profile(PERSON, Tags=[{"Key": "studio:team", "Value": "moonshot-customer"}])
        made.space(SPACE, PERSON)
        made.app(SPACE)
        logs = aws.client("logs")
        logs.create_log_group(logGroupName="/aws/sagemaker/studio")
        stream = f"{made.domain_id}/{SPACE}/JupyterLab/default"
        for name, line in (
            (stream, "2026-11-25T10:00:00Z idle-guard INFO quiet, last sign of life: start"),
            (
                f"{stream}/LifecycleConfigOnStart",
                "2026-11-25T10:00:00Z git-ssh INFO started failed=0 seconds=1",
            ),
        ):
            logs.create_log_stream(logGroupName="/aws/sagemaker/studio", logStreamName=name)
            now = int(made.sm.describe_domain(DomainId=made.domain_id)["CreationTime"].timestamp() * 1000)
            logs.put_log_events(
                logGroupName="/aws/sagemaker/studio",
                logStreamName=name,
                logEvents=[{"timestamp": now, "message": line}],
            )
        yield made


@pytest.fixture(autouse=True)
def _in_time(studio: Studio) -> Iterator[None]:
    studio.aws.control.reset()
    yield
    studio.aws.control.reset()


#: Clients read service models, which takes longer than all of their calls.
ACCOUNT = Account("us-east-1")


def verdicts(studio: Studio, **options: Any) -> dict[str, Verdict]:
    ACCOUNT.answers.clear()
    results, left = probe_account(ACCOUNT, studio.domain_id, None, **options)
    assert left == []
    return {one.fact.id: one.verdict for one in results}


def throwaway(studio: Studio) -> Throwaway:
    return Throwaway(ACCOUNT, studio.domain_id, PAUSE)


def there(studio: Studio) -> list[str]:
    """What tries may have made, whoever made it."""
    name = throwaway(studio).name
    configs = studio.sm.list_studio_lifecycle_configs(NameContains="studio-infra-probe")[
        "StudioLifecycleConfigs"
    ]
    people = studio.sm.list_user_profiles(DomainIdEquals=studio.domain_id)["UserProfiles"]
    stacks = studio.aws.client("cloudformation").describe_stacks()["Stacks"]
    return [
        *(one["StudioLifecycleConfigName"] for one in configs),
        *(one["UserProfileName"] for one in people if one["UserProfileName"] == name),
        *(
            one["StackName"]
            for one in stacks
            if one["StackName"] == name and one["StackStatus"] != "DELETE_COMPLETE"
        ),
    ]


def undertakers(studio: Studio) -> list[str]:
    """Processes that wait for the end of a probe of this domain."""
    found = []
    for cmdline in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = cmdline.read_bytes()
            if b".undertaker\0" in words and studio.domain_id.encode() in words:
                found.append(cmdline.parent.name)
    return found


def test_the_command_prints_a_table_ready_to_paste_and_names_nobody(studio: Studio) -> None:
    done = subprocess.run(
        [COMMAND, "probe", "account", "--domain", DOMAIN],
        env=studio.aws.subprocess_environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert re.match(
        r"## studio-infra probe account: 0 refuted, \d+ proven, \d+ not testable\n\n\| fact", done.stdout
    )
    for secret in (*SECRETS, studio.domain_id, studio.aws.account, studio.role, studio.vpc):
        assert secret not in done.stdout


def test_a_domain_that_is_not_there_is_an_error_and_no_table(
    studio: Studio, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["probe", "account", "--domain", "d-000000000000"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "there is no domain 'd-000000000000'" in said.err
    assert studio.domain_id in said.err


def test_an_app_that_ends_while_it_is_watched_ends_nothing_else(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed: list[float] = []

    def deny(_: float) -> None:
        passed.append(60)
        studio.aws.control.order_fault("DescribeApp", "ResourceNotFound", count=None)

    monkeypatch.setattr(ACCOUNT.calls.clock, "monotonic", lambda: sum(passed))
    monkeypatch.setattr(ACCOUNT.calls.clock, "sleep", deny)
    assert verdicts(studio, watch=3)["idle-polled"].outcome == "not testable"
    assert len(passed) >= 3


def test_what_the_embedded_aws_can_show_is_proven(studio: Studio) -> None:
    seen = verdicts(studio)
    for name in (
        "home-made",
        "home-tagged",
        "domain-groups",
        "profile-uid",
        "app-arn",
        "space-app-type",
        "tags-propagate",
        "script-streams",
        "app-log-shipped",
    ):
        assert seen[name].outcome == "proven", (name, seen[name])
    assert {seen[name].evidence for name in TRIALS} == {
        "it makes something and takes it away again: add --apply"
    }
    assert there(studio) == []


def test_apps_are_watched_for_how_often_they_are_checked(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The watch waits on a clock of its own, and with each wait the embedded AWS is a minute older.
    def pass_a_minute(_: float) -> None:
        studio.aws.control.advance_clock(60)
        passed.append(60)

    passed: list[float] = []
    monkeypatch.setattr(ACCOUNT.calls.clock, "monotonic", lambda: sum(passed))
    monkeypatch.setattr(ACCOUNT.calls.clock, "sleep", pass_a_minute)
    polled = verdicts(studio, watch=5)["idle-polled"]
    assert len(passed) >= 5
    assert polled.outcome == "not testable"


def test_tries_are_judged_and_all_that_they_or_a_machine_that_died_made_is_gone(studio: Studio) -> None:
    left = throwaway(studio)
    make_configuration(studio, left.name, left.tags)
    seen = verdicts(studio, pause=PAUSE)
    assert {name: seen[name].outcome for name in TRIALS} == dict.fromkeys(TRIALS, "proven")
    assert there(studio) == []


def test_a_probe_that_is_killed_half_way_leaves_nothing_either(studio: Studio) -> None:
    studio.aws.control.set_delays({"UserProfile.create": 3600})
    program = (
        "from studio_infra.cli.probe.account.look import Account\n"
        "from studio_infra.cli.probe.account.trials import Trials\n"
        "from studio_infra.cli.probe.account.undertaker import Throwaway\n"
        f"Trials(Throwaway(Account('us-east-1'), {studio.domain_id!r}, {PAUSE}), print).run()\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.DEVNULL) as probe:
        try:
            until(lambda: len(there(studio)) == 2, what="a configuration and a profile")
            assert len(undertakers(studio)) == 1
        finally:
            probe.send_signal(signal.SIGKILL)
    assert len(there(studio)) == 2
    studio.aws.control.advance_clock(3600)
    until(lambda: there(studio) == [], what="the end of what was made")
    until(lambda: not undertakers(studio), what="the end of the undertaker")


def test_what_has_the_name_and_not_the_tag_is_left_alone_and_nothing_is_made(studio: Studio) -> None:
    name = throwaway(studio).name
    make_configuration(studio, name, [])
    try:
        found, left = Trials(throwaway(studio), lambda _: None).run()
        assert (found, left) == ({}, [f"lifecycle configuration {name}: refused, it has not the tag {TAG}"])
        assert there(studio) == [name]
    finally:
        studio.sm.delete_studio_lifecycle_config(StudioLifecycleConfigName=name)


def test_who_may_make_things_and_not_read_their_tags_gets_rid_of_them_all_the_same(studio: Studio) -> None:
    studio.aws.control.order_fault("ListTags", "AccessDeniedException", count=None)
    found, left = Trials(throwaway(studio), lambda _: None).run()
    assert (found["same_name"], left, there(studio)) == ("ResourceInUse", [], [])


def test_who_may_not_make_them_learns_why_nothing_was_tried(studio: Studio) -> None:
    studio.aws.control.order_fault("CreateStudioLifecycleConfig", "AccessDeniedException", count=None)
    found, left = Trials(throwaway(studio), lambda _: None).run()
    assert (found["same_name"], found["why"], left) == ("not tried", "AccessDeniedException", [])


def test_who_may_make_things_and_not_look_at_them_learns_so_and_gets_rid_of_them(studio: Studio) -> None:
    looks = {"lifecycle configuration": "ListStudioLifecycleConfigs", "user profile": "DescribeUserProfile"}

    def refuse(said: str) -> None:
        for what, operation in looks.items():
            if said.startswith(f"making the {what}"):
                studio.aws.control.order_fault(operation, "AccessDeniedException", count=1)

    found, left = Trials(throwaway(studio), refuse).run()
    assert (found["list_lag"], found["why"], left) == ("AccessDeniedException", "AccessDeniedException", [])
    assert there(studio) == []


@pytest.mark.parametrize("operation", ["DescribeDomain", "ListApps", "ListTags"])
def test_a_call_that_is_denied_makes_facts_not_testable_and_tells_only_the_code(
    studio: Studio, operation: str
) -> None:
    studio.aws.control.order_fault(
        operation, "AccessDeniedException", message=f"{PERSON} may not on {studio.role}", count=None
    )
    texts = json.dumps(verdicts(studio))
    assert "AccessDeniedException" in texts
    assert "refuted" not in texts
    for secret in SECRETS:
        assert secret not in texts


def make_configuration(studio: Studio, name: str, tags: list[dict[str, str]]) -> None:
    studio.sm.create_studio_lifecycle_config(
        StudioLifecycleConfigName=name,
        StudioLifecycleConfigContent=SCRIPT,
        StudioLifecycleConfigAppType="JupyterLab",
        Tags=tags,
    )
