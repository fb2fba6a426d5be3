"""Each fact of a space, with what was seen of it: so, not so, and not to be seen."""

from __future__ import annotations

from typing import Any

import pytest

from studio_infra.cli.probe.record import NOT_TESTABLE, PROVEN, REFUTED, judge_all
from studio_infra.cli.probe.space.facts import FACTS
from studio_infra.cli.probe.space.look import METADATA_KEYS, TOOLS, Mount, Process, Space

ENVIRONMENT = ("AWS_REGION", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
GUARD = Process("guard", started=100, leads_session=True, variables=ENVIRONMENT)
EFS = Mount(mounted=True, mode=0o700, owned=True, group_root=True, writable=True)
METADATA = dict.fromkeys(METADATA_KEYS, True)
#: A space in which nothing of ours has run yet.
NOTHING = Space(
    metadata=METADATA,
    metadata_fault="",
    app_type="JupyterLab",
    space_type="",
    variables=(),
    keepers=(),
    server_started=None,
    uid=1000,
    gid=100,
    same_home=True,
    efs=None,
    heartbeat=None,
    has_heartbeat=False,
    idle_base="",
    idle_stamp=False,
    extension="",
    script="",
    tools=(),
    restart=False,
    app_log=False,
    git_log="",
    sdk_defaults=False,
    polls=(),
)
GONE: dict[str, Any] = {"metadata": None, "metadata_fault": "it is not there"}

#: Fact, what was seen besides nothing, the outcome, and a word of the evidence.
CASES: list[tuple[str, dict[str, Any], str, str]] = [
    ("metadata-file", {}, PROVEN, "SpaceName"),
    ("metadata-file", GONE, REFUTED, "not there"),
    ("metadata-file", {"metadata": {**METADATA, "DomainId": False}}, REFUTED, "DomainId"),
    ("metadata-user", {}, PROVEN, "UserProfileName"),
    ("metadata-user", {"metadata": {**METADATA, "UserProfileName": False}}, REFUTED, "DescribeSpace"),
    ("metadata-user", {"space_type": "shared"}, NOT_TESTABLE, "shared"),
    ("metadata-user", GONE, NOT_TESTABLE, "not there"),
    ("script-environment", {"keepers": (GUARD,)}, PROVEN, "2 of 7"),
    ("script-environment", {"keepers": (GUARD._replace(variables=("AWS_REGION",)),)}, REFUTED, "1 of 7"),
    ("script-environment", {}, NOT_TESTABLE, "native"),
    ("space-type", {"efs": EFS}, PROVEN, "not set, and an EFS home"),
    ("space-type", {"efs": EFS, "space_type": "private"}, PROVEN, "private"),
    ("space-type", {"space_type": "shared"}, PROVEN, "no EFS home"),
    ("space-type", {"efs": EFS, "space_type": "shared"}, REFUTED, "shared"),
    ("space-type", {"space_type": "another"}, REFUTED, "another word"),
    ("space-type", {}, NOT_TESTABLE, "run it in a shared space"),
    ("children-survive", {"keepers": (GUARD,)}, PROVEN, "1 idle program"),
    ("children-survive", {"keepers": (GUARD, GUARD)}, REFUTED, "2 idle programs"),
    ("children-survive", {"keepers": (GUARD._replace(leads_session=False),)}, REFUTED, "not each"),
    ("children-survive", {"git_log": "finished"}, PROVEN, "reported its end"),
    ("children-survive", {"git_log": "started"}, REFUTED, "has not reported"),
    ("children-survive", {}, NOT_TESTABLE, "no script"),
    ("script-first", {"keepers": (GUARD,), "server_started": 101}, PROVEN, "the script"),
    ("script-first", {"keepers": (GUARD,), "server_started": 99}, REFUTED, "the server"),
    ("script-first", {"keepers": (GUARD,)}, NOT_TESTABLE, "recognized"),
    ("script-place", {"script": "starts with #!"}, PROVEN, "#!"),
    ("script-place", {"script": "starts otherwise"}, REFUTED, "otherwise"),
    ("script-place", {}, NOT_TESTABLE, "not there"),
    ("app-user", {}, PROVEN, "1000:100"),
    ("app-user", {"uid": 0, "gid": 0}, REFUTED, "0:0"),
    ("app-user", {"same_home": False}, REFUTED, "is not the home"),
    ("efs-mounted", {"efs": EFS}, PROVEN, "is a mount"),
    ("efs-mounted", {"efs": EFS._replace(mounted=False)}, REFUTED, "no mount"),
    ("efs-mounted", {"efs": EFS._replace(writable=False)}, REFUTED, "may not"),
    ("efs-mounted", {}, NOT_TESTABLE, "AutoMountHomeEFS"),
    ("efs-owner", {"efs": EFS}, PROVEN, "this user, its group root, its mode 700"),
    ("efs-owner", {"efs": EFS._replace(owned=False, mode=0o777)}, PROVEN, "mode 777 where 700"),
    ("efs-owner", {"efs": EFS._replace(owned=False, writable=False)}, REFUTED, "another uid"),
    ("efs-owner", {"efs": EFS._replace(mounted=False)}, NOT_TESTABLE, "no mount"),
    ("efs-hard-link", {"efs": EFS._replace(written="linked")}, PROVEN, "hard link"),
    (
        "efs-hard-link",
        {"efs": EFS._replace(written="failed: Operation not permitted")},
        REFUTED,
        "not permitted",
    ),
    ("efs-hard-link", {"efs": EFS}, NOT_TESTABLE, "--apply"),
    ("efs-hard-link", {"efs": EFS._replace(mounted=False, written="linked")}, NOT_TESTABLE, "no mount"),
    ("image-tools", {"tools": TOOLS}, PROVEN, "all"),
    ("image-tools", {"tools": TOOLS[1:]}, REFUTED, TOOLS[0]),
    ("detector-version", {"extension": "0.3.2"}, PROVEN, "0.3.2"),
    ("detector-version", {"extension": "0.10"}, PROVEN, "0.10"),
    ("detector-version", {"extension": "0.3.1"}, REFUTED, "0.3.1"),
    ("detector-version", {}, NOT_TESTABLE, "not found"),
    ("idle-api", {"idle_base": "/jupyterlab/default", "idle_stamp": True}, PROVEN, "since when"),
    ("idle-api", {"idle_base": "/jupyterlab/default"}, REFUTED, "another form"),
    ("idle-api", {}, REFUTED, "no server"),
    ("heartbeat-file", {"has_heartbeat": True, "heartbeat": 61.4}, PROVEN, "61 s"),
    ("heartbeat-file", {"has_heartbeat": True, "heartbeat": -60.0}, REFUTED, "future"),
    ("heartbeat-file", {"has_heartbeat": True}, REFUTED, "another form"),
    ("heartbeat-file", {}, NOT_TESTABLE, "run a cell"),
    ("idle-polled", {"polls": (30.0, 30.0, 31.0)}, PROVEN, "30 s mostly, 31 s at most"),
    ("idle-polled", {"polls": (301.0, 301.0, 30.0)}, REFUTED, "301 s mostly"),
    ("idle-polled", {"polls": (30.0, 30.0)}, NOT_TESTABLE, "--watch"),
    ("app-log", {"app_log": True}, PROVEN, "may be"),
    ("app-log", {}, REFUTED, "may not be"),
    ("restart-command", {"restart": True}, PROVEN, "is there"),
    ("restart-command", {}, REFUTED, "is not there"),
    ("restart-command", {"app_type": "CodeEditor"}, NOT_TESTABLE, "JupyterLab"),
    ("sdk-defaults", {"sdk_defaults": True}, PROVEN, "ours"),
    ("sdk-defaults", {}, NOT_TESTABLE, "no defaults"),
]


@pytest.mark.parametrize(("name", "seen", "outcome", "word"), CASES)
def test_a_fact_is_judged_by_what_was_seen(name: str, seen: dict[str, Any], outcome: str, word: str) -> None:
    (fact,) = (one for one in FACTS if one.id == name)
    verdict = judge_all([fact], NOTHING._replace(**seen))[0].verdict
    assert (verdict.outcome, word in verdict.evidence) == (outcome, True), verdict


def test_every_fact_can_be_proven_and_refuted() -> None:
    for fact in FACTS:
        outcomes = {outcome for name, _, outcome, _ in CASES if name == fact.id}
        assert outcomes >= {PROVEN} | ({REFUTED} if fact.id != "sdk-defaults" else set()), fact.id
