"""`studio-infra costs`: what Cost Explorer answers is added up; what it refuses is one line that says what to do.

botocore's Stubber checks every request and every answer against the service's own model.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber

from studio_infra.cli import main
from studio_infra.cli.costs import command, spending

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
SETTINGS = str(ROOT / "settings" / "production.toml")
TODAY = dt.date(2026, 11, 25)


class CostExplorer:
    """Cost Explorer with answers that were laid out for it."""

    def __init__(self, stubber: Stubber) -> None:
        self.stubber = stubber

    def answers(
        self,
        *groups: tuple[str, str, str],
        month: tuple[str, str] = ("2026-11-01", "2026-12-01"),
        team: str | None = None,
        page: str | None = None,
        more: str | None = None,
    ) -> None:
        asked: dict[str, Any] = {
            "TimePeriod": {"Start": month[0], "End": month[1]},
            "Granularity": "MONTHLY",
            "Metrics": ["UnblendedCost"],
            "GroupBy": [
                {"Type": "TAG", "Key": "studio:team"},
                {"Type": "DIMENSION", "Key": "USAGE_TYPE"},
            ],
        }
        if team is not None:
            asked["Filter"] = {"Tags": {"Key": "studio:team", "Values": [team]}}
        if page is not None:
            asked["NextPageToken"] = page
        found = [
            {
                "Keys": [f"studio:team${name}", usage],
                "Metrics": {"UnblendedCost": {"Amount": amount, "Unit": "USD"}},
            }
            for name, usage, amount in groups
        ]
        result = {"TimePeriod": asked["TimePeriod"], "Total": {}, "Groups": found, "Estimated": True}
        answer: dict[str, Any] = {"ResultsByTime": [result]}
        if more is not None:
            answer["NextPageToken"] = more
        self.stubber.add_response("get_cost_and_usage", answer, asked)

    def refuses(self, code: str, message: str, operation: str = "get_cost_and_usage") -> None:
        self.stubber.add_client_error(operation, code, message)

    def tag_is(self, status: str | None) -> None:
        tags = [{"TagKey": "studio:team", "Type": "UserDefined", "Status": status}] if status else []
        self.stubber.add_response(
            "list_cost_allocation_tags", {"CostAllocationTags": tags}, {"TagKeys": ["studio:team"]}
        )


@pytest.fixture
def explorer(monkeypatch: pytest.MonkeyPatch) -> Iterator[CostExplorer]:
    client = boto3.Session("x", "y", region_name="us-east-1").client("ce")
    monkeypatch.setattr(command, "_client", lambda _: client)
    monkeypatch.setattr(command, "_today", lambda: TODAY)
    with Stubber(client) as stubber:
        yield CostExplorer(stubber)
        stubber.assert_no_pending_responses()


def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    """What the command printed: data, or one line about what went wrong."""
    assert main(["costs", *arguments, "--settings", SETTINGS]) == code
    out, err = capsys.readouterr()
    if code:
        assert out == ""
        assert err.count("\n") == 1
        return err
    assert err == ""
    return out


VISION = (("vision", "Studio:JupyterLab-ml.g5.xlarge", "120.5"), ("vision", "EBS:Volume.gp3", "4.25"))


def test_all_teams_are_shown_with_what_they_may_spend(
    explorer: CostExplorer, capsys: pytest.CaptureFixture[str]
) -> None:
    explorer.answers(*VISION, ("platform", "Host:ml.m5.large", "600"), ("", "NatGateway-Hours", "32.4"))
    answer = json.loads(said(capsys, "--json"))
    assert (answer["month"], answer["currency"], answer["estimated"]) == ("2026-11", "USD", True)
    assert {one["team"]: (one["spent"], one["monthly_budget_usd"]) for one in answer["teams"]} == {
        "vision": (124.75, 1500),
        "forecasting": (0, 900),
        "analytics": (0, 300),
        "platform": (600, 1200),
    }
    assert answer["without_tag"] == 32.4


def test_the_table_says_how_much_of_the_budget_is_gone(
    explorer: CostExplorer, capsys: pytest.CaptureFixture[str]
) -> None:
    explorer.answers(("platform", "Host:ml.m5.large", "600"), ("", "NatGateway-Hours", "32.4"))
    rows = [" ".join(line.replace("│", " ").split()) for line in said(capsys).splitlines()]
    assert "platform 600.00 1,200.00 50 %" in rows
    assert "everything without the tag 32.40" in rows
    assert any(row.startswith("2026-11, USD, estimated") for row in rows)


def test_a_team_is_shown_by_usage_type_the_dearest_first(
    explorer: CostExplorer, capsys: pytest.CaptureFixture[str]
) -> None:
    explorer.answers(VISION[1], VISION[0], team="vision")
    (team,) = json.loads(said(capsys, "vision", "--json"))["teams"]
    assert list(team["by_usage_type"].items()) == [
        ("Studio:JupyterLab-ml.g5.xlarge", 120.5),
        ("EBS:Volume.gp3", 4.25),
    ]
    explorer.answers(*VISION, team="vision")
    text = said(capsys, "vision")
    assert text.index("ml.g5.xlarge") < text.index("EBS:Volume.gp3")
    assert "124.75" in text


def test_every_page_is_read_and_added_up(explorer: CostExplorer, capsys: pytest.CaptureFixture[str]) -> None:
    explorer.answers(VISION[0], more="t1")
    explorer.answers(VISION[0], VISION[1], page="t1")
    teams = json.loads(said(capsys, "--json"))["teams"]
    assert teams[0]["by_usage_type"] == {"Studio:JupyterLab-ml.g5.xlarge": 241, "EBS:Volume.gp3": 4.25}


def test_cents_are_added_as_money_and_not_as_fractions(
    explorer: CostExplorer, capsys: pytest.CaptureFixture[str]
) -> None:
    explorer.answers(*(("vision", f"u{number}", "0.1") for number in range(3)), team="vision")
    assert json.loads(said(capsys, "vision", "--json"))["teams"][0]["spent"] == 0.3


def test_a_team_that_is_no_longer_in_the_settings_is_shown_if_it_still_costs(
    explorer: CostExplorer, capsys: pytest.CaptureFixture[str]
) -> None:
    explorer.answers(("speech[red]\x1b", "Host:ml.m5.large", "7"))
    teams = json.loads(said(capsys, "--json"))["teams"]
    assert (teams[-1]["team"], teams[-1]["monthly_budget_usd"]) == ("speech[red]\x1b", None)
    explorer.answers(("speech[red]\x1b", "Host:ml.m5.large", "7"))
    assert "speech[red]\\u{1b}" in said(capsys)


def test_another_month_ends_where_the_next_begins(
    explorer: CostExplorer, capsys: pytest.CaptureFixture[str]
) -> None:
    explorer.answers(*VISION, month=("2025-12-01", "2026-01-01"))
    assert json.loads(said(capsys, "--month", "2025-12", "--json"))["month"] == "2025-12"


@pytest.mark.usefixtures("explorer")
@pytest.mark.parametrize(
    "wrong", ["11", "2026-13", "2026-00", "2026-1", "26-11", "november", "٢٠٢٦-11", "2026-11-01", ""]
)
def test_what_is_no_month_is_refused_before_anybody_is_asked(
    wrong: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(capsys, "--month", wrong, code=2).startswith("--month: a month is written like 2026-11, got ")


@pytest.mark.usefixtures("explorer")
def test_a_month_that_has_not_begun_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "--month", "2026-12", code=2) == (
        "--month: 2026-12 has not begun, the last month is 2026-11\n"
    )


@pytest.mark.usefixtures("explorer")
def test_a_team_that_nobody_knows_is_refused_with_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    assert 'did you mean "vision"?' in said(capsys, "visoin", code=1)
    assert "there are: vision, forecasting, analytics, platform" in said(capsys, "zzz", code=1)


@pytest.mark.parametrize("status", ["Inactive", None])
def test_a_tag_that_is_not_activated_is_said(
    status: str | None, explorer: CostExplorer, capsys: pytest.CaptureFixture[str]
) -> None:
    explorer.answers(("", "NatGateway-Hours", "32.4"))
    explorer.tag_is(status)
    line = said(capsys, code=1)
    assert line.startswith(
        "the tag studio:team is not activated, so costs do not carry it: the account that pays"
    )


def test_who_may_not_ask_about_the_tag_is_told_both_reasons(
    explorer: CostExplorer, capsys: pytest.CaptureFixture[str]
) -> None:
    explorer.answers()
    explorer.refuses("AccessDeniedException", "not authorized", "list_cost_allocation_tags")
    assert said(capsys, code=1).startswith(
        "no cost carries the tag studio:team: nothing was spent, or the tag is not activated"
    )


def test_a_month_without_spending_is_no_error_where_the_tag_is_active(
    explorer: CostExplorer, capsys: pytest.CaptureFixture[str]
) -> None:
    explorer.answers(team="vision")
    explorer.tag_is("Active")
    assert json.loads(said(capsys, "vision", "--json"))["teams"][0]["spent"] == 0


@pytest.mark.parametrize(
    ("code", "message", "line"),
    [
        (
            "AccessDeniedException",
            "User not enabled for cost explorer access",
            "costs cannot be read: User not enabled",
        ),
        (
            "DataUnavailableException",
            "",
            "Cost Explorer has no data yet: it is switched on with its first use",
        ),
        ("ValidationException", "too old", "Cost Explorer does not know this month: too old"),
        ("LimitExceededException", "slow\ndown", "AWS: LimitExceededException: slow down"),
    ],
)
def test_what_cost_explorer_refuses_is_one_line_that_says_what_to_do(
    code: str, message: str, line: str, explorer: CostExplorer, capsys: pytest.CaptureFixture[str]
) -> None:
    explorer.refuses(code, message)
    assert said(capsys, code=1).startswith(line)


def test_without_credentials_it_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, "/nowhere")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    assert said(capsys, code=1).startswith("AWS: Unable to locate credentials")


def test_pages_without_an_end_are_left(monkeypatch: pytest.MonkeyPatch, explorer: CostExplorer) -> None:
    monkeypatch.setattr(spending, "_PAGES_MAX", 2)
    explorer.answers(VISION[0], more="t1")
    explorer.answers(VISION[0], page="t1", more="t1")
    assert main(["costs", "--settings", SETTINGS]) == 1
