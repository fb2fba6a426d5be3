"""A person's app on this machine: home, metadata, Jupyter with AWS's detector, and SageMaker's DeleteApp."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import uuid
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio_infra.studio.idle.idle_shutdown import IdleShutdown

HERE = Path(__file__).parent
BASE = "/jupyterlab/default"
ARN = "arn:aws:sagemaker:eu-central-1:123456789012:app/d-abcdefghijkl"
# The detector's file is a constant of AWS's code; each test gets one of its own, the code stays theirs.
SERVE = """
import sys
from jupyter_activity_monitor_extension.idle_status_detector import LocalFileActiveTimestampChecker as checker
checker.read_last_active_timestamp.__defaults__ = (sys.argv.pop(1),)
from jupyter_server.serverapp import main
main()
"""


def until(condition: Callable[[], Any], seconds: float = 60, what: str = "it") -> Any:
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.1)
    raise AssertionError(f"{what} did not happen within {seconds} s")


class SageMaker:
    """SageMaker's endpoint as far as a watcher may use it: it keeps what it was asked."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.answers: list[tuple[int, dict[str, Any]]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                operation = self.headers["X-Amz-Target"].removeprefix("SageMaker.")
                outer.calls.append((operation, body))
                status, answer = outer.answers.pop(0) if outer.answers else (200, {})
                text = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.1")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def refuse(self, code: str, status: int = 400, times: int = 1) -> None:
        self.answers += [(status, {"__type": code, "message": f"{code}: no"})] * times

    @property
    def deleted(self) -> list[dict[str, Any]]:
        return [body for operation, body in self.calls if operation == "DeleteApp"]


class Space:
    """A private space with its app: what a person sees, and what their lifecycle script leaves behind."""

    def __init__(self, folder: Path, sagemaker: SageMaker, jupyter: Callable[[], Path]) -> None:
        self.home = folder / "home"
        self.home.mkdir()
        self.heartbeat = folder / "last-active"
        self.log_file = folder / "app.log"
        self.sagemaker = sagemaker
        self._jupyter = jupyter
        self._servers: list[subprocess.Popen[bytes]] = []
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.lock = f"studio-test-{uuid.uuid4().hex}"
        metadata = folder / "resource-metadata.json"
        metadata.write_text(
            json.dumps(
                {
                    "AppType": "JupyterLab",
                    "DomainId": "d-abcdefghijkl",
                    "SpaceName": "ana-lab",
                    "ResourceName": "default",
                    "ResourceArn": f"{ARN}/ana-lab/JupyterLab/default",
                }
            )
        )
        self.environment = {
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "HOME": str(self.home),
            "RESOURCE_METADATA_FILE": str(metadata),
            "AWS_ENDPOINT_URL_SAGEMAKER": sagemaker.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_MAX_ATTEMPTS": "1",
        }
        # A container sees its own processes only; so does this space.
        self.proc = folder / "proc"
        self.proc.mkdir()
        self._open = True
        threading.Thread(target=self._watch_processes, daemon=True).start()

    # -- processes of the space

    def _pids(self) -> list[int]:
        mark = f"HOME={self.home}\0".encode()
        found = []
        for environ in Path("/proc").glob("[0-9]*/environ"):
            with suppress(OSError):
                if mark in environ.read_bytes():
                    found.append(int(environ.parent.name))
        return found

    def _watch_processes(self) -> None:
        while self._open:
            wanted = {str(pid) for pid in self._pids()}
            for link in self.proc.iterdir():
                if link.name not in wanted:
                    link.unlink(missing_ok=True)
            for pid in wanted:
                with suppress(FileExistsError):
                    (self.proc / pid).symlink_to(f"/proc/{pid}")
            time.sleep(0.2)

    @property
    def keepers(self) -> list[int]:
        """Processes that the lifecycle script left behind."""
        found = []
        for cmdline in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                words = cmdline.read_bytes()
                if self.lock.encode() in words and b"-I\0-S\0" in words:
                    found.append(int(cmdline.parent.name))
        return found

    def close(self) -> None:
        self._open = False
        for pid in self.keepers + self._pids():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for server in self._servers:
            server.wait(timeout=20)

    # -- what Studio does

    def script(self, idle: IdleShutdown, app: str = "JupyterLab", **settings: Any) -> Path:
        """The shipped script in a file; only the settings in its header are shorter than people's."""
        made = idle.script(app)
        assert made is not None
        header = re.search(r"^readonly IDLE='(.*)'$", made.text, re.MULTILINE)
        assert header is not None
        ours = {
            **json.loads(header[1]),
            "interval": 0.5,
            "port": self.port,
            "heartbeat": str(self.heartbeat),
            "logs": [str(self.log_file)],
            "lock": self.lock,
            "proc": str(self.proc),
            **settings,
        }
        file = self.home.parent / "lifecycle_script.sh"
        file.write_text(made.text.replace(header[0], f"readonly IDLE='{json.dumps(ours)}'"))
        file.chmod(0o755)
        return file

    def start(
        self, idle: IdleShutdown, app: str = "JupyterLab", **settings: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run the lifecycle script to its end, as Studio does before it opens the app."""
        return self.run(self.script(idle, app, **settings))

    def run(self, file: Path) -> subprocess.CompletedProcess[str]:
        """Run a lifecycle script to its end."""
        return subprocess.run(
            [file], env=self.environment, capture_output=True, text=True, timeout=30, check=False
        )

    @property
    def log(self) -> str:
        return self.log_file.read_text() if self.log_file.exists() else ""

    def serve(self) -> subprocess.Popen[bytes]:
        """Start the real Jupyter server with AWS's detector."""
        command: list[str | Path] = [
            *(self._jupyter(), "-c", SERVE, self.heartbeat, "--no-browser", "--allow-root", "--ip=127.0.0.1"),
            *(f"--port={self.port}", "--ServerApp.port_retries=0", f"--ServerApp.base_url={BASE}"),
            *("--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True"),
            '--ServerApp.jpserver_extensions={"jupyter_activity_monitor_extension": True}',
            f"--ServerApp.root_dir={self.home}",
        ]
        environment = {**self.environment, "PATH": f"{self._jupyter().parent}:/usr/bin:/bin"}
        with (self.home.parent / "jupyter.log").open("ab") as output:
            server = subprocess.Popen(
                command, env=environment, cwd=self.home, stdout=output, stderr=subprocess.STDOUT
            )
        self._servers.append(server)
        until(lambda: self.api("status"), 60, "Jupyter's start")
        return server

    # -- what people do

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{BASE}"

    def api(self, path: str) -> Any:
        try:
            with urllib.request.urlopen(f"{self.url}/api/{path}?no_track_activity=1", timeout=10) as answer:  # noqa: S310 - of this machine
                return json.load(answer)
        except OSError:
            return None

    def last_active(self) -> str:
        """What AWS's detector answers to Studio."""
        return str(self.api("idle")["lastActiveTimestamp"])

    def does(self, *what: str) -> None:
        subprocess.run(
            [self._jupyter(), HERE / "client.py", self.url, *what],
            check=True,
            timeout=60,
            env=self.environment,
        )
