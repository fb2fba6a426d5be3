"""The launcher: it starts quickly, says what it needs, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from studio_infra.rehearsal import pins
from studio_infra.rehearsal.errors import RehearsalError
from studio_infra.rehearsal.server import EmbeddedAws

pytestmark = pytest.mark.slow


def _is_alive(pid: int) -> bool:
    try:
        # A process that ended and is not yet collected by its parent still has a number.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _wait(condition: object, seconds: float = 15) -> bool:
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        if condition():  # type: ignore[operator]
            return True
        time.sleep(0.05)
    return False


def test_leaving_the_block_leaves_no_process_no_port_and_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with EmbeddedAws() as aws:
        pid, port = aws.pid, urlsplit(aws.endpoint).port
        assert port is not None
        aws.client("s3").create_bucket(Bucket="some-bucket")
        assert _listens(port)
        assert aws.home.parent == tmp_path
    assert not _is_alive(pid)
    assert not _listens(port)
    assert list(tmp_path.iterdir()) == []


def test_two_servers_do_not_meet() -> None:
    with EmbeddedAws() as one, EmbeddedAws() as other:
        assert one.endpoint != other.endpoint
        one.client("s3").create_bucket(Bucket="mine")
        assert other.client("s3").list_buckets()["Buckets"] == []


def test_it_listens_on_loopback_alone(server: EmbeddedAws) -> None:
    port = urlsplit(server.endpoint).port
    sockets = Path(f"/proc/{server.pid}/net/tcp").read_text().splitlines()[1:]
    sockets += Path(f"/proc/{server.pid}/net/tcp6").read_text().splitlines()[1:]
    listening = [line.split()[1] for line in sockets if line.split()[3] == "0A"]
    ours = [address for address in listening if int(address.rpartition(":")[2], 16) == port]
    assert ours == [f"0100007F:{port:04X}"]


def test_a_restart_keeps_the_port_and_what_is_deployed() -> None:
    with EmbeddedAws() as aws:
        endpoint, pid = aws.endpoint, aws.pid
        arn = aws.client("sagemaker").create_model_package_group(ModelPackageGroupName="churn")
        aws.client("s3").put_object(
            Bucket=aws.client("s3").create_bucket(Bucket="kept")["Location"].strip("/"), Key="k", Body=b"v"
        )
        aws.restart()
        assert aws.endpoint == endpoint
        assert aws.pid != pid
        found = aws.client("sagemaker").describe_model_package_group(ModelPackageGroupName="churn")
        assert found["ModelPackageGroupArn"] == arn["ModelPackageGroupArn"]
        assert aws.client("s3").get_object(Bucket="kept", Key="k")["Body"].read() == b"v"


@pytest.mark.parametrize("death", [signal.SIGKILL, signal.SIGTERM])
def test_the_server_ends_with_the_process_that_started_it(death: signal.Signals, tmp_path: Path) -> None:
    script = (
        "from studio_infra.rehearsal.server import EmbeddedAws\nimport time\n"
        "aws = EmbeddedAws().start()\nprint(aws.pid, aws.home, flush=True)\ntime.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    ) as parent:
        assert parent.stdout is not None
        pid, home = parent.stdout.readline().split()
        assert _is_alive(int(pid))
        parent.send_signal(death)
        parent.wait()
    assert _wait(lambda: not _is_alive(int(pid)))
    assert _wait(lambda: not Path(home).exists())


def test_it_stops_although_a_custom_resource_is_waited_for(tmp_path: Path) -> None:
    """A stack that waits for an answer keeps MiniStack from ending by itself."""
    template = """{"Resources": {
      "Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
      "Wait": {"Type": "AWS::CloudFormation::WaitCondition",
               "Properties": {"Handle": {"Ref": "Handle"}, "Timeout": "3600", "Count": 1}}}}"""
    del tmp_path
    with EmbeddedAws() as aws:
        pid = aws.pid
        cfn = aws.client("cloudformation")
        cfn.create_stack(StackName="waits", TemplateBody=template)
        assert _wait(
            lambda: any(
                e["LogicalResourceId"] == "Wait"
                for e in cfn.describe_stack_events(StackName="waits")["StackEvents"]
            )
        )
    assert not _is_alive(pid)


def test_it_stops_although_a_client_idles_on_a_tls_connection() -> None:
    with EmbeddedAws(strict=True) as aws:
        aws.client("s3").create_bucket(Bucket="kept")  # its connection stays open
        aws.restart()
        assert [b["Name"] for b in aws.client("s3").list_buckets()["Buckets"]] == ["kept"]
        process = aws._process
    assert process is not None
    # By itself, not by the signal that nothing survives.
    assert process._child.returncode == 0


def test_an_unused_object_has_no_endpoint_and_says_what_to_do() -> None:
    aws = EmbeddedAws()
    with pytest.raises(RehearsalError, match="not running; start it first"):
        _ = aws.endpoint
    aws.stop()  # nothing to do, and no complaint


def test_a_second_start_is_refused(server: EmbeddedAws) -> None:
    with pytest.raises(RehearsalError, match="runs already"):
        server.start()


def test_another_version_of_ministack_is_refused_with_the_command_to_fix_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pins, "PINS", {"ministack": "9.9.9"})
    with pytest.raises(
        RehearsalError, match=r"needs ministack 9\.9\.9, found 1\.5\.33; install it: pip install"
    ):
        EmbeddedAws()


def test_a_missing_package_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pins, "PINS", {"no-such-package": "1"})
    with pytest.raises(RehearsalError, match="needs no-such-package 1, found none"):
        EmbeddedAws()


def test_a_start_that_fails_says_why_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(
        "studio_infra.rehearsal.server.server_environment", lambda **_: {"HOME": str(tmp_path / "missing")}
    )
    with pytest.raises(RehearsalError, match="ended while it started") as caught:
        EmbeddedAws().start()
    assert "FileNotFoundError" in caught.value.log
    assert list(tmp_path.iterdir()) == []


def test_a_child_gets_nothing_of_another_aws(server: EmbeddedAws) -> None:
    base = {
        "PATH": "/bin",
        "AWS_PROFILE": "production",
        "AWS_SESSION_TOKEN": "secret",
        "AWS_ENDPOINT_URL_S3": "https://elsewhere",
        "CDK_DEFAULT_ACCOUNT": "999999999999",
    }
    given = server.subprocess_environment(base)
    assert given["PATH"] == "/bin"
    assert given["CDK_DEFAULT_ACCOUNT"] == "123456789012"
    assert given["AWS_ENDPOINT_URL"] == server.endpoint
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3"} & set(given)


def test_a_lambda_does_not_see_the_starters_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("MY_SECRET", "secret")
    with EmbeddedAws() as aws:
        seen = Path(f"/proc/{aws.pid}/environ").read_bytes()
    assert b"MY_SECRET" not in seen
    assert b"AWS_PROFILE" not in seen


def test_another_account_and_region_are_worlds_of_their_own() -> None:
    with EmbeddedAws(account="210987654321", region="eu-west-1") as aws:
        assert aws.client("sts").get_caller_identity()["Account"] == "210987654321"
        made = aws.client("sagemaker").create_model_package_group(ModelPackageGroupName="g")
        assert (
            made["ModelPackageGroupArn"] == "arn:aws:sagemaker:eu-west-1:210987654321:model-package-group/g"
        )
        elsewhere = aws.client("sagemaker", region_name="us-east-1")
        assert elsewhere.list_model_package_groups()["ModelPackageGroupSummaryList"] == []
