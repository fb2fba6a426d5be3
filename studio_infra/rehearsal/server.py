"""Starts and stops the embedded AWS: one process, one free port on 127.0.0.1, one folder of its own."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from studio_infra.rehearsal.control import Control
from studio_infra.rehearsal.environment import (
    ACCOUNT,
    REGION,
    ROOT_KEY,
    client_environment,
    server_environment,
    without_foreign_aws,
)
from studio_infra.rehearsal.errors import RehearsalError
from studio_infra.rehearsal.pins import check_pins
from studio_infra.rehearsal.process import ServerProcess
from studio_infra.rehearsal.tls import make_certificate

if TYPE_CHECKING:
    from collections.abc import Mapping

    import boto3

_START_SECONDS: Final = 60.0


class EmbeddedAws:
    """An AWS on this machine that the unchanged CDK CLI and boto3 can use.

    It lives as long as this object: leaving the ``with`` block, or the end of this process in whatever way,
    ends the server and removes its folder.

    Args:
        strict: Enforce IAM, over TLS. Callers must then assume a role to be restricted: the plain test
            credentials are the account's root.
        account: The account that everything belongs to. A client whose access key is another 12-digit number
            works in that account.
        region: The region of clients that name none.

    Raises:
        RehearsalError: The ``[rehearsal]`` extra is not installed in the pinned versions.

    """

    def __init__(self, *, strict: bool = False, account: str = ACCOUNT, region: str = REGION) -> None:
        check_pins()
        self.strict = strict
        self.account = account
        self.region = region
        self._home: Path | None = None
        self._port = 0
        self._process: ServerProcess | None = None
        self._certificate: tuple[Path, Path] | None = None
        self._root: boto3.Session | None = None
        self._clients: dict[str, Any] = {}

    # -- life --------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> Self:
        """Start the server and wait until it answers.

        Raises:
            RehearsalError: It ended or stayed silent; the end of its log is in the error.

        """
        if self._process is not None:
            raise RehearsalError("the embedded AWS runs already; stop it first, or use restart()")
        self._home = Path(tempfile.mkdtemp(prefix="studio-infra-"))
        for folder in ("tmp", "state", "s3", "cache"):
            (self._home / folder).mkdir()
        if self.strict:
            self._certificate = make_certificate(self._home)
        self._launch()
        return self

    def restart(self) -> None:
        """Stop the server and start it again on the same port, with everything that was deployed to it."""
        self._end_process(patience=_START_SECONDS)
        self._launch()

    def stop(self) -> None:
        """End the server and remove everything it wrote. Safe to call twice."""
        self._end_process()
        if self._home is not None:
            shutil.rmtree(self._home, ignore_errors=True)
        self._home, self._certificate, self._port = None, None, 0
        self._clients.clear()

    # -- what callers use ---------------------------------------------------------------------------

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self._running().pid

    @property
    def home(self) -> Path:
        """The server's own folder; gone after ``stop()``."""
        if self._home is None:
            raise RehearsalError("the embedded AWS is not running; start it first")
        return self._home

    @property
    def endpoint(self) -> str:
        """The URL that every service answers at."""
        self._running()
        return f"{'https' if self.strict else 'http'}://127.0.0.1:{self._port}"

    def environment(self) -> dict[str, str]:
        """The variables that aim the CDK CLI and every AWS SDK at this server."""
        return client_environment(
            endpoint=self.endpoint,
            account=self.account,
            region=self.region,
            home=self.home,
            certificate=self._certificate[0] if self._certificate else None,
        )

    def subprocess_environment(self, base: Mapping[str, str] | None = None) -> dict[str, str]:
        """A whole environment for a child process.

        Args:
            base: What to start from. Defaults to this process's environment. Profiles, endpoints and
                credentials of any other AWS are taken out of it.

        """
        return without_foreign_aws(os.environ if base is None else base) | self.environment()

    def session(self, role_arn: str | None = None, **assume: Any) -> boto3.Session:
        """A boto3 session of the account's root, or of a role: ``assume`` are more arguments of AssumeRole."""
        if role_arn is None:
            return self._session({"AccessKeyId": ROOT_KEY, "SecretAccessKey": ROOT_KEY})
        asked = {"RoleArn": role_arn, "RoleSessionName": "rehearsal", **assume}
        return self._session(self.client("sts").assume_role(**asked)["Credentials"])

    def client(self, service: str, *, session: boto3.Session | None = None, **options: Any) -> Any:
        """A boto3 client of this server.

        Args:
            service: As in ``boto3.client``.
            session: Whose client. Defaults to the account's root.
            **options: As in ``boto3.Session.client``.

        """
        kept = session is None and not options
        if kept and service in self._clients:
            return self._clients[service]
        options.setdefault("verify", str(self._certificate[0]) if self._certificate else None)
        options.setdefault("endpoint_url", self.endpoint)
        # Root's session and clients are kept: both read service models, which takes longer than most calls.
        self._root = self._root or self.session()
        owner: Any = session or self._root  # its stubs know literal service names alone
        made = owner.client(service, **options)
        if kept:
            self._clients[service] = made
        return made

    def notebook(self, app_arn: str) -> boto3.Session:
        """A boto3 session with the credentials that code in a Studio app has."""
        return self._session(self.control.notebook_credentials(app_arn))

    @property
    def control(self) -> Control:
        """Delays, faults and the clock; and what was deployed without being emulated."""
        self._running()
        return Control(self._port, self._certificate[0] if self._certificate else None)

    def log(self, lines: int = 40) -> str:
        """The last lines of the server's log."""
        if self._home is None or not (file := self._home / "server.log").exists():
            return ""
        return "\n".join(file.read_text(errors="replace").splitlines()[-lines:])

    # -- private -----------------------------------------------------------------------------------

    def _running(self) -> ServerProcess:
        if self._process is None:
            raise RehearsalError("the embedded AWS is not running; start it first")
        return self._process

    def _session(self, credentials: Mapping[str, str]) -> boto3.Session:
        import boto3  # noqa: PLC0415 - starting a server needs no SDK

        return boto3.Session(
            region_name=self.region,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials.get("SessionToken"),
        )

    def _launch(self) -> None:
        home, (certificate, key) = self.home, self._certificate or (None, None)
        self._process = ServerProcess.start(
            port=self._port,
            log=home / "server.log",
            environment=lambda port: server_environment(
                port=port,
                home=home,
                account=self.account,
                region=self.region,
                certificate=certificate,
                key=key,
            ),
        )
        self._port = self._process.port
        try:
            self._wait_until_it_answers()
        except RehearsalError as error:
            error.log = self.log()
            self.stop()
            raise
        except BaseException:  # an interrupted start leaves nothing behind either
            self.stop()
            raise

    def _wait_until_it_answers(self) -> None:
        process, give_up = self._running(), time.monotonic() + _START_SECONDS
        while time.monotonic() < give_up:
            if process.ended:
                last = self.log(1) or "it said nothing"
                raise RehearsalError(f"the embedded AWS ended while it started: {last}")
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.control.healthy(seconds=_START_SECONDS):
                    return
            time.sleep(0.05)
        raise RehearsalError(f"the embedded AWS did not answer within {_START_SECONDS:.0f} s")

    def _end_process(self, **patience: float) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.end(**patience)
