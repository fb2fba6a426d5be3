"""`studio-infra drain` against the embedded AWS, with two domains in one VPC: one goes, the other is untouched."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from botocore.config import Config

from studio_infra.rehearsal.server import EmbeddedAws
from studio_infra.runtime.functions.domain_drain.drain import Drain
from studio_infra.runtime.functions.domain_drain.observe import Clients
from studio_infra.runtime.functions.domain_drain.world import Homes, Wish
from studio_infra.runtime.functions.shared.calls import Calls, Deadline
from studio_infra.runtime.functions.shared.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
COMMAND = Path(sys.executable).with_name("studio-infra")
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
#: Everything that a domain consists of, by the service and the list call that shows it.
LISTS = {
    ("sagemaker", "list_domains"): "Domains",
    ("sagemaker", "list_user_profiles"): "UserProfiles",
    ("sagemaker", "list_spaces"): "Spaces",
    ("sagemaker", "list_apps"): "Apps",
    ("sagemaker", "list_studio_lifecycle_configs"): "StudioLifecycleConfigs",
    ("efs", "describe_file_systems"): "FileSystems",
    ("ec2", "describe_security_groups"): "SecurityGroups",
    ("ec2", "describe_vpcs"): "Vpcs",
    ("ec2", "describe_subnets"): "Subnets",
    ("backup", "list_backup_jobs"): "BackupJobs",
}


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedAws]:
    with EmbeddedAws() as running:
        yield running


@dataclass
class Account:
    """Two domains in one VPC, with two people each, a space each, an app each, and one of Classic's apps."""

    aws: EmbeddedAws
    ids: dict[str, str]

    def inventory(self) -> dict[str, list[str]]:
        """All that is there, as the services tell it."""
        found: dict[str, list[str]] = {}
        for (service, operation), key in LISTS.items():
            shown = getattr(self.aws.client(service), operation)()[key]
            found[operation] = sorted(json.dumps(one, sort_keys=True, default=str) for one in shown)
        targets = self.aws.client("efs")
        found["mount targets"] = sorted(
            json.dumps(target, sort_keys=True, default=str)
            for system in targets.describe_file_systems()["FileSystems"]
            for target in targets.describe_mount_targets(FileSystemId=system["FileSystemId"])["MountTargets"]
        )
        return found

    def of(self, name: str) -> dict[str, list[str]]:
        """What names a domain, or its home."""
        home = self.homes[name]
        return {
            kind: [
                one
                for one in things
                if f'{self.ids[name]}"' in one or f"{self.ids[name]}/" in one or home in one
            ]
            for kind, things in self.inventory().items()
        }

    def __post_init__(self) -> None:
        sagemaker = self.aws.client("sagemaker")
        self.homes = {
            name: sagemaker.describe_domain(DomainId=domain_id)["HomeEfsFileSystemId"]
            for name, domain_id in self.ids.items()
        }

    def drain(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [COMMAND, "drain", *arguments],
            cwd=ROOT,
            env=self.aws.subprocess_environment() | environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


@pytest.fixture
def account(server: EmbeddedAws) -> Account:
    server.control.reset()
    server.control.wipe()
    ec2, iam, sagemaker = server.client("ec2"), server.client("iam"), server.client("sagemaker")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    role = iam.create_role(RoleName="studio", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    config = sagemaker.create_studio_lifecycle_config(
        StudioLifecycleConfigName="git",
        StudioLifecycleConfigContent="IyEvYmluL2Jhc2gK",
        StudioLifecycleConfigAppType="JupyterLab",
    )["StudioLifecycleConfigArn"]
    ids = {}
    for name in ("leaving", "staying"):
        ids[name] = sagemaker.create_domain(
            DomainName=name,
            AuthMode="IAM",
            VpcId=vpc,
            SubnetIds=[subnet],
            DefaultUserSettings={
                "ExecutionRole": role,
                "JupyterLabAppSettings": {"LifecycleConfigArns": [config]},
            },
        )["DomainId"]
        for person in ("ana", "bela"):
            sagemaker.create_user_profile(DomainId=ids[name], UserProfileName=person)
            sagemaker.create_space(
                DomainId=ids[name],
                SpaceName=f"{person}-lab",
                OwnershipSettings={"OwnerUserProfileName": person},
                SpaceSharingSettings={"SharingType": "Private"},
                SpaceSettings={"AppType": "JupyterLab"},
            )
    return Account(server, ids)


def start_apps(account: Account) -> None:
    """Apps of spaces and of a person, in both domains."""
    sagemaker = account.aws.client("sagemaker")
    for domain_id in account.ids.values():
        for person in ("ana", "bela"):
            sagemaker.create_app(
                DomainId=domain_id, SpaceName=f"{person}-lab", AppType="JupyterLab", AppName="default"
            )
        sagemaker.create_app(
            DomainId=domain_id, UserProfileName="ana", AppType="KernelGateway", AppName="kernel"
        )


def said(done: subprocess.CompletedProcess[str], code: int) -> str:
    """The one line that a refusal is."""
    assert done.returncode == code, done.stdout + done.stderr
    assert done.stderr.count("\n") == 1
    return done.stderr


def nothing_but(left: dict[str, list[str]], *kinds: str) -> bool:
    return {kind for kind, things in left.items() if things} == set(kinds)


def test_a_plan_names_everything_and_changes_nothing(account: Account) -> None:
    start_apps(account)
    before, own = account.inventory(), account.ids["leaving"]
    done = account.drain("leaving")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == f"plan for {own} (leaving) in us-east-1; --apply does it"
    assert sorted(lines[1:4]) == [
        "  stop app JupyterLab default of space ana-lab",
        "  stop app JupyterLab default of space bela-lab",
        "  stop app KernelGateway kernel of person ana",
    ]
    assert f"  keep home file system {account.homes['leaving']}" in lines
    assert lines[-1] == "would lose the volumes of 2 spaces (ana-lab, bela-lab)"
    plan = json.loads(account.drain(own, "--json").stdout)
    assert (plan["domain"], plan["homes"], len(plan["actions"])) == (own, "Retain", 14)
    assert account.inventory() == before


def test_without_the_second_consent_it_refuses_with_exit_code_3(account: Account) -> None:
    before, own = account.inventory(), account.ids["leaving"]
    assert said(account.drain("leaving", "--apply"), 3) == (
        f"would lose the volumes of 2 spaces (ana-lab, bela-lab); add --confirm {own} if nobody needs them any more\n"
    )
    for option in ("--confirm", "--delete-homes"):
        wrong = said(account.drain("leaving", "--apply", option, account.ids["staying"]), 2)
        assert wrong.startswith(f"{option} takes the id of the domain that is drained, {own}, got 'd-")
    assert account.inventory() == before


def test_one_domain_goes_and_the_other_is_the_same_to_the_last_field(account: Account) -> None:
    start_apps(account)
    before, own = account.of("staying"), account.ids["leaving"]
    done = account.drain("leaving", "--apply", "--confirm", own)
    assert done.returncode == 0, done.stdout + done.stderr
    home = account.homes["leaving"]
    assert done.stdout.splitlines()[-1] == (
        f"nothing is left of {own}; kept: home file system {home}, which nothing mounts any more"
    )
    left = account.of("leaving")
    # SageMaker lists apps that are gone for a day.
    assert all('"Deleted"' in app for app in left.pop("list_apps"))
    assert nothing_but(left, "describe_file_systems")
    assert account.of("staying") == before
    assert nothing_but(before, "list_domains", "list_user_profiles", "list_spaces", "list_apps",
                       "describe_file_systems", "describe_security_groups", "mount targets")  # fmt: skip


def test_no_call_names_anything_of_the_other_domain(account: Account) -> None:
    start_apps(account)
    names = ("sagemaker", "efs", "ec2", "backup")
    clients = Clients(
        *(account.aws.client(name, config=Config(retries={"total_max_attempts": 1})) for name in names)
    )
    asked: list[str] = []
    for client in (clients.sagemaker, clients.efs, clients.ec2, clients.backup):
        client.meta.events.register(
            "provide-client-params", lambda params, **_: asked.append(json.dumps(params))
        )
    foreign = {account.ids["staying"], account.homes["staying"]}
    for kind, key in (("describe_security_groups", "GroupId"), ("mount targets", "MountTargetId")):
        foreign |= {json.loads(thing)[key] for thing in account.of("staying")[kind]}
    calls = Calls(SystemClock(), deadline=Deadline(SystemClock(), 60))
    wish = Wish(Homes.DELETE)
    steps = list(Drain(account.ids["leaving"], wish, calls=calls, clients=clients).run())
    assert steps[-1].done
    assert len(asked) > 40
    assert len(foreign) == 5
    assert [call for call in asked if any(name in call for name in foreign)] == []


def test_homes_go_with_their_own_consent_after_a_copy(account: Account) -> None:
    before, own = account.of("staying"), account.ids["leaving"]
    account.aws.client("backup").create_backup_vault(BackupVaultName="last")
    done = account.drain(own, "--apply", "--delete-homes", own, "--vault", "last", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    assert (answer["domain"], answer["done"], answer["kept"]) == (own, True, [])
    assert answer["actions"][0] == f"copy home file system {account.homes['leaving']}"
    (job,) = account.aws.client("backup").list_backup_jobs()["BackupJobs"]
    assert job["ResourceArn"].endswith(account.homes["leaving"])
    assert job["IamRoleArn"].endswith(":role/service-role/AWSBackupDefaultServiceRole")
    left = account.of("leaving")
    assert nothing_but(left, "list_backup_jobs")
    assert account.of("staying") == before


def test_a_vault_that_is_not_there_is_found_out_before_anything_is_touched(account: Account) -> None:
    before, own = account.inventory(), account.ids["leaving"]
    wrong = said(account.drain(own, "--apply", "--delete-homes", own), 1)
    assert wrong.startswith("there is no backup vault 'Default' in us-east-1 that you may use")
    assert account.inventory() == before


def test_homes_can_go_without_a_copy_and_the_network_after_them(account: Account) -> None:
    for name, own in account.ids.items():
        done = account.drain(name, "--apply", "--delete-homes", own, "--no-final-copy")
        assert done.returncode == 0, done.stdout + done.stderr
    ec2 = account.aws.client("ec2")
    # Nothing of the domains holds an address in it any more.
    for subnet in ec2.describe_subnets()["Subnets"]:
        if subnet["CidrBlock"] == "10.0.0.0/24":
            ec2.delete_subnet(SubnetId=subnet["SubnetId"])
            ec2.delete_vpc(VpcId=subnet["VpcId"])
    assert not [vpc for vpc in ec2.describe_vpcs()["Vpcs"] if vpc["CidrBlock"] == "10.0.0.0/16"]


def test_homes_that_were_kept_can_go_later(account: Account) -> None:
    own = account.ids["leaving"]
    assert account.drain(own, "--apply", "--confirm", own).returncode == 0
    assert account.drain(own, "--apply").stdout.startswith(
        f"nothing is left of {own} in us-east-1; domains that"
    )
    late = account.drain(own, "--apply", "--delete-homes", own, "--no-final-copy")
    assert late.stdout.splitlines()[-1] == f"nothing is left of {own}"
    assert nothing_but(account.of("leaving"))


def test_stopped_with_ctrl_c_it_goes_on_when_it_is_started_again(account: Account) -> None:
    start_apps(account)
    account.aws.control.set_delays({"App.delete": 1200})
    own = account.ids["leaving"]
    with subprocess.Popen(
        [COMMAND, "drain", own, "--apply", "--confirm", own],
        cwd=ROOT,
        env=account.aws.subprocess_environment() | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell that runs the tests in the background lets all below it ignore Ctrl-C.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads here
    ) as running:
        try:
            assert running.stdout is not None
            for line in running.stdout:
                if line.startswith("waiting: app"):
                    break
            os.kill(running.pid, signal.SIGINT)
            _, stderr = running.communicate(timeout=60)
        finally:
            running.kill()
    assert running.returncode == 130
    assert stderr == "interrupted, start the same command again and it goes on\n"
    assert len(account.of("leaving")["list_spaces"]) == 2
    account.aws.control.advance_clock(1200)
    done = account.drain(own, "--apply", "--confirm", own)
    assert done.returncode == 0, done.stdout + done.stderr
    assert account.of("leaving")["list_domains"] == []


def test_throttling_and_a_lost_answer_delay_it_and_change_nothing_else(account: Account) -> None:
    start_apps(account)
    before, own = account.of("staying"), account.ids["leaving"]
    account.aws.control.order_fault("*", "ThrottlingException", count=None, probability=0.3, seed=7)
    account.aws.control.order_fault("Delete*", "InternalFailure", count=2, status=500, after=True)
    done = account.drain(own, "--apply", "--confirm", own)
    account.aws.control.reset()
    assert done.returncode == 0, done.stdout + done.stderr
    assert account.of("leaving")["list_domains"] == []
    assert account.of("staying") == before


def test_what_it_may_not_do_is_one_line(account: Account) -> None:
    account.aws.control.order_fault("DeleteSpace", "AccessDeniedException", count=None, status=403)
    own = account.ids["leaving"]
    done = account.drain(own, "--apply", "--confirm", own)
    account.aws.control.reset()
    refused = said(done, 1)
    assert refused.startswith("AWS refuses to delete space")
    assert "AccessDeniedException; left: space" in refused


@pytest.mark.parametrize("name", ["leavin", "research", "d", "D-ABC", "d-a*", ""])
def test_a_name_that_is_none_is_refused_with_those_that_are_there(name: str, account: Account) -> None:
    refused = said(account.drain(name, "--apply"), 1)
    assert refused.startswith(f"there is no domain {name!r} in us-east-1")
    assert "leaving" in refused


def test_the_settings_say_the_region_and_mistakes_in_them_come_first(
    account: Account, tmp_path: Path
) -> None:
    (tmp_path / "bad.toml").write_text("name = 1\n", encoding="utf-8")
    done = account.drain("leaving", "--settings", str(tmp_path / "bad.toml"))
    assert done.returncode == 1
    assert "bad.toml:1: name:" in done.stderr
    assert account.drain("leaving", "--settings", "settings/production.toml").returncode == 0


def test_help_and_the_command_line_load_no_boto3() -> None:
    code = "import sys; from studio_infra.cli.app import run; run(['drain', '--help']); print('boto3' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60, cwd=ROOT
    )
    assert done.stdout.splitlines()[-1] == "False"
