"""Every example on one embedded AWS: made, deployed again without a change, gone but for what it promised to keep."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from studio_infra.rehearsal.life.cdk_cli import CdkCli
from studio_infra.rehearsal.server import EmbeddedAws
from tests import examples
from tests.rehearsal.conftest import make_network, make_role
from tests.rehearsal.examples.deploying import Account

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

#: It goes through the real CDK CLI, by the command that its docstring says.
BY_CLI = "examples/many_teams/app.py"
#: Its stacks change at their own pace.
IN_STACKS = "examples/complete.py"
#: Kinds of things that each keeps, as the inventory calls them: people's work, and what it stands in.
STUDIO = {
    "VPCs",
    "domains",
    "keys",
    "lifecycle configurations",
    "log groups",
    "profiles",
    "security groups",
    "subnets",
}
KEEPS = {
    "minimal": STUDIO,
    "complete": STUDIO | {"backup vaults", "buckets"},
    "vpc_only": STUDIO,
    "bring_your_own_role": STUDIO,
    "join_existing_domain": {"profiles", "spaces"},
    "endpoint_with_lifetime": STUDIO - {"domains", "lifecycle configurations", "profiles"},
    "many_teams": STUDIO | {"buckets", "spaces"},
}


@pytest.fixture(scope="module")
def cli_and_account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[CdkCli, Account]]:
    work = tmp_path_factory.mktemp("examples")
    with EmbeddedAws() as aws:
        cli = CdkCli(
            project=examples.ROOT, environment=aws.subprocess_environment(), assembly=work / "cdk.out"
        )
        cli.bootstrap(aws.account, aws.region)
        yield cli, Account(aws, cli, work)


@pytest.fixture(scope="module")
def there_before(cli_and_account: tuple[CdkCli, Account]) -> dict[str, dict[str, str]]:
    """What two of the examples find in the account: a role, and somebody's domain."""
    aws = cli_and_account[1].aws
    role = make_role(aws, "people")
    vpc, subnets = make_network(aws)
    domain = aws.client("sagemaker").create_domain(
        DomainName="somebodys", AuthMode="IAM", VpcId=vpc, SubnetIds=subnets,
        DefaultUserSettings={"ExecutionRole": role},
    )  # fmt: skip
    return {
        "bring_your_own_role": {"role_arn": role},
        "join_existing_domain": {"domain_id": domain["DomainId"]},
    }


@pytest.mark.parametrize("source", [one for one in examples.EXAMPLES if one not in (BY_CLI, IN_STACKS)])
def test_an_example_lives_through_a_second_deployment_and_leaves_what_it_promised(
    source: str, cli_and_account: tuple[CdkCli, Account], there_before: dict[str, dict[str, str]]
) -> None:
    _, account = cli_and_account
    name = examples.name_of(source)
    context = there_before.get(name, {})
    account.forget_people()
    # What the command gives is what the app asks for: here it is something that exists.
    assert context.keys() <= examples.given(source).keys()
    before = account.inventory()
    templates = account.templates(source, **context)
    account.create(templates)
    assert account.changes(account.templates(source, **context)) == []
    promised = account.promised([*templates])
    account.destroy([*templates])
    assert account.left_over(before, promised) == ([], [])
    assert {kind for kind, _ in promised} == KEEPS[name]


def test_workloads_are_made_changed_and_destroyed_with_studio_untouched(
    cli_and_account: tuple[CdkCli, Account],
) -> None:
    _, account = cli_and_account
    account.forget_people()
    before = account.inventory()
    templates = account.templates(IN_STACKS)
    studio, work, watch = sorted(templates, key=["CompleteStudio", "CompleteWork", "CompleteWatch"].index)
    account.create({studio: templates[studio]})
    untouched = account.seen(studio)
    assert (len(untouched[1]), len(untouched[2])) == (1 + len(before["domains"]), 1)
    account.create({name: templates[name] for name in (work, watch)})
    assert account.changes(account.templates(IN_STACKS)) == []
    promised = account.promised([*templates])
    account.change(work, templates[work], "AWS::SageMaker::Pipeline", PipelineDescription="another")
    account.destroy([work])
    sagemaker = account.aws.client("sagemaker")
    assert sagemaker.list_endpoints()["Endpoints"] == sagemaker.list_models()["Models"] == []
    assert account.seen(studio) == untouched
    account.destroy([studio, watch])
    assert account.left_over(before, promised) == ([], [])
    assert {kind for kind, _ in promised} == KEEPS["complete"]


def test_the_cdk_cli_takes_an_example_through_the_same(cli_and_account: tuple[CdkCli, Account]) -> None:
    cli, account = cli_and_account
    account.forget_people()
    before = account.inventory()
    # As its docstring says it; synthesized once, for all that follows.
    app = Path(f"python3 {BY_CLI}")
    assert f'--all --app "{app}"' in examples.command(BY_CLI)
    cli._run("synth", "--quiet", "--output", str(cli.assembly), app=app)
    said = cli.deploy()
    assert "no changes" not in said
    again = cli.deploy()
    assert again.count("(no changes)") == 2
    names = ["TeamsStudio", "TeamsPeople"]
    promised = account.promised(names)
    assert {name for kind, name in promised if kind == "profiles"} == {
        "ana-souza", "bela-kovacs", "chen-wei", "dana-levi",
    }  # fmt: skip
    cli.destroy()
    assert account.left_over(before, promised) == ([], [])
    assert {kind for kind, _ in promised} == KEEPS["many_teams"]
