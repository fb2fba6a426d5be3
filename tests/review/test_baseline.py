"""The replacement guard inside an app, against folders and against what AWS says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from studio_infra.errors import InvalidInput
from studio_infra.review.baseline import DataWouldBeLost, check_baseline

if TYPE_CHECKING:
    from collections.abc import Callable

ACCOUNT, OTHER = "123456789012", "210987654321"
ONE = {"Resources": {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "one"}}}}
TWO = {"Resources": {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "two"}}}}


class Aws:
    """What a session of boto3 would be answered."""

    def __init__(self, stacks: dict[tuple[str, str], Any], account: str | Exception = ACCOUNT) -> None:
        self.stacks, self.account = stacks, account
        self.asked: list[tuple[str | None, str]] = []
        self.region_name = "eu-west-1"

    def client(self, service: str, *, region_name: str | None, config: Any) -> Any:
        assert config.connect_timeout < 60
        outer = self

        class Client:
            class exceptions:  # noqa: N801 - as boto3 calls it
                ClientError = ClientError

            def get_caller_identity(self) -> dict[str, str]:
                assert service == "sts"
                if isinstance(outer.account, Exception):
                    raise outer.account
                return {"Account": outer.account}

            def get_template(self, *, StackName: str, TemplateStage: str) -> dict[str, Any]:
                assert (service, TemplateStage) == ("cloudformation", "Original")
                outer.asked.append((region_name, StackName))
                found = outer.stacks.get((str(region_name), StackName))
                if isinstance(found, Exception):
                    raise found
                if found is None:
                    raise failed("ValidationError", f"Stack with id {StackName} does not exist")
                return {"TemplateBody": found}

        return Client()


def failed(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "GetTemplate")


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Aws]:
    """Answer as AWS would."""
    for name in ("AWS_REGION", "CDK_DEFAULT_REGION", "CDK_DEFAULT_ACCOUNT"):
        monkeypatch.delenv(name, raising=False)

    def answers(*arguments: Any, **options: Any) -> Aws:
        made = Aws(*arguments, **options)
        monkeypatch.setattr(boto3, "Session", lambda: made)
        return made

    return answers


def assembly(folder: Path, template: Any, *places: str) -> str:
    """An assembly with a stack `data` for each place."""
    folder.mkdir()
    (folder / "t.json").write_text(json.dumps(template), encoding="utf-8")
    artifacts = {
        f"data{number}": {
            "type": "aws:cloudformation:stack",
            "environment": f"aws://{place}",
            "properties": {"templateFile": "t.json", "stackName": "data"},
        }
        for number, place in enumerate(places)
    }
    (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}), encoding="utf-8")
    return str(folder)


def test_no_baseline_is_no_check(aws: Callable[..., Aws]) -> None:
    silent = aws({})
    check_baseline("there is no such folder", None)
    assert silent.asked == []


def test_each_stack_is_looked_up_in_its_own_region(tmp_path: Path, aws: Callable[..., Aws]) -> None:
    new = assembly(tmp_path / "new", TWO, f"{ACCOUNT}/us-east-1", f"{ACCOUNT}/us-west-2")
    found = aws({("us-east-1", "data"): TWO, ("us-west-2", "data"): json.dumps(TWO)})
    check_baseline(new, "deployed")
    assert found.asked == [("us-east-1", "data"), ("us-west-2", "data")]
    aws({("us-east-1", "data"): TWO, ("us-west-2", "data"): ONE})
    with pytest.raises(DataWouldBeLost) as loss:
        check_baseline(new, "deployed")
    assert "data in us-west-2/Bucket: S3::Bucket one replaced: BucketName changes" in str(loss.value)
    assert "acknowledged-changes.toml" in str(loss.value)


def test_where_the_app_leaves_it_open_the_cdk_cli_says_where(
    tmp_path: Path, aws: Callable[..., Aws], monkeypatch: pytest.MonkeyPatch
) -> None:
    new = assembly(tmp_path / "new", TWO, "unknown-account/unknown-region")
    found = aws({})
    check_baseline(new, "deployed")
    monkeypatch.setenv("CDK_DEFAULT_REGION", "ap-south-1")
    check_baseline(new, "deployed")
    assert found.asked == [("eu-west-1", "data"), ("ap-south-1", "data")]


@pytest.mark.parametrize(
    ("place", "default"), [(f"{OTHER}/us-east-1", None), ("unknown-account/unknown-region", OTHER)]
)
def test_an_account_without_the_stacks_must_not_say_yes(
    place: str,
    default: str | None,
    tmp_path: Path,
    aws: Callable[..., Aws],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if default is not None:
        monkeypatch.setenv("CDK_DEFAULT_ACCOUNT", default)
    silent = aws({})
    new = assembly(tmp_path / "new", TWO, place)
    with pytest.raises(
        InvalidInput, match=f"stack data goes to account {OTHER}, your credentials are .* {ACCOUNT}"
    ):
        check_baseline(new, f"deployed:{new}")
    assert silent.asked == []


REFUSALS = {
    "no credentials": (NoCredentialsError(), None),
    "a session that is over": (failed("ExpiredToken", "The security token is expired"), None),
    "no permission": (ACCOUNT, failed("AccessDenied", "User is not authorized to perform GetTemplate")),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_without_an_answer_the_folder_counts_and_the_reason_is_said(
    name: str, tmp_path: Path, aws: Callable[..., Aws], capsys: pytest.CaptureFixture[str]
) -> None:
    account, answer = REFUSALS[name]
    aws({("us-east-1", "data"): answer}, account=account)
    new, old = (
        assembly(tmp_path / name, t, f"{ACCOUNT}/us-east-1") for name, t in (("new", TWO), ("old", ONE))
    )
    check_baseline(new, f"deployed:{new}")
    said = capsys.readouterr().err
    assert said.startswith("warning: AWS does not say what is deployed: ")
    assert said.endswith(f"compared with {new} instead\n")
    assert said.count("\n") == 1
    with pytest.raises(DataWouldBeLost, match="BucketName changes"):
        check_baseline(new, f"deployed:{old}")


@pytest.mark.parametrize("name", REFUSALS)
def test_without_an_answer_and_without_a_folder_it_is_one_line_that_says_what_to_do(
    name: str, tmp_path: Path, aws: Callable[..., Aws]
) -> None:
    account, answer = REFUSALS[name]
    aws({("us-east-1", "data"): answer}, account=account)
    new = assembly(tmp_path / "new", TWO, f"{ACCOUNT}/us-east-1")
    with pytest.raises(InvalidInput) as refused:
        check_baseline(new, "deployed")
    assert "\n" not in str(refused.value)
    assert "sign in, or name a folder: --context baseline=deployed:FOLDER" in str(refused.value)


def test_an_acknowledged_loss_is_let_through(
    tmp_path: Path, aws: Callable[..., Aws], monkeypatch: pytest.MonkeyPatch
) -> None:
    aws({("us-east-1", "data"): ONE})
    new = assembly(tmp_path / "new", TWO, f"{ACCOUNT}/us-east-1")
    monkeypatch.chdir(tmp_path)
    Path("acknowledged-changes.toml").write_text(
        '[[change]]\nstack = "data"\nlogical_id = "Bucket"\nkind = "replaced"\nreason = "was never used"\n',
        encoding="utf-8",
    )
    check_baseline(new, "deployed")
