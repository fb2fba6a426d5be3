"""What the idle guard and the idle watcher cost, in a space on this machine: `python -m benchmarks.idle`.

A look costs the same at any interval, so looks are counted at a short one, and waiting between looks at the real one.
"""

from __future__ import annotations

import os
import signal
import statistics
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.figures import Figure, elapsed_seconds, main_of
from studio_infra.studio.idle.idle_shutdown import IdleShutdown
from tests.runtime.idle.studio_space import SageMaker, Space, until

if TYPE_CHECKING:
    from collections.abc import Iterator

ENGINES: Final = {"guard": IdleShutdown(), "watcher": IdleShutdown(engine="watcher")}
INTERVAL: Final = 60
MB_MAX: Final = 25
#: In percent of one core.
SHARE_MAX: Final = 0.2
START_MAX: Final = 0.5
#: The guard looks at the file once a second.
REPAIR_MAX: Final = 1.5


@contextmanager
def a_space() -> Iterator[Space]:
    """A space without a server, and what it left behind ended."""
    service = SageMaker()
    with tempfile.TemporaryDirectory() as folder:
        space = Space(Path(folder), service, lambda: Path(sys.executable))
        try:
            yield space
        finally:
            space.close()
            service.server.shutdown()
            service.server.server_close()


def processor_time(pid: int) -> float:
    """Seconds; `schedstat` counts in nanoseconds, `stat` in hundredths of a second, which is more than a look takes."""
    return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0]) / 1e9


def resident_mb(pid: int) -> float:
    """Memory that a process holds."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def jupyter_that_counts(port: int) -> Iterator[list[str]]:
    """A server with nothing in it that keeps each look's question for kernels."""
    looks: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if "/api/kernels" in self.path:
                looks.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"[]")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield looks
    finally:
        server.shutdown()
        server.server_close()


def start_seconds(idle: IdleShutdown) -> float:
    """How long the app's start is held up: the run in the middle of five."""
    with a_space() as space:
        file, took = space.script(idle), []
        for _ in range(5):
            took.append(elapsed_seconds(lambda: space.run(file)))
            end(space)
        return statistics.median(took)


def end(space: Space) -> None:
    """End what watches."""
    for pid in space.keepers:
        os.kill(pid, signal.SIGKILL)
    until(lambda: not space.keepers)


def cost(idle: IdleShutdown) -> tuple[float, float]:
    """Megabytes, and percent of a core at the real interval."""
    with a_space() as space:
        with jupyter_that_counts(space.port) as looks:
            space.start(idle, interval=0.2)
            (pid,) = space.keepers
            until(lambda: looks)
            before, seen = processor_time(pid), len(looks)
            time.sleep(6)
            per_look = (processor_time(pid) - before) / (len(looks) - seen)
        memory = resident_mb(pid)
        end(space)
        space.start(idle, interval=INTERVAL)
        (pid,) = space.keepers
        time.sleep(1)
        before = processor_time(pid)
        time.sleep(5)
        waiting = (processor_time(pid) - before) / 5
    return memory, 100 * (per_look / INTERVAL + waiting)


def overdue_seconds(limit: float, interval: float) -> float:
    """How long after its limit an app that nobody opened is stopped, by the watcher's own log."""
    with a_space() as space:
        space.start(ENGINES["watcher"], limit=limit, interval=interval)
        until(lambda: space.sagemaker.deleted, 60)
        first, *_, last = [stamp(line) for line in space.log.splitlines()]
    return last - first - limit


def stamp(line: str) -> float:
    """The time at the start of a line of the log."""
    return (
        datetime.strptime(line.split(maxsplit=1)[0], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC).timestamp()
    )


def repair_seconds() -> float:
    """How long a heartbeat in the future stands, where Studio's detector could believe it."""
    with a_space() as space:
        space.start(ENGINES["guard"])
        until(lambda: "quiet" in space.log)
        space.heartbeat.write_text("2099-01-01T00:00:00.000Z")
        return elapsed_seconds(lambda: until(lambda: not space.heartbeat.read_text().startswith("2099")))


def figures() -> Iterator[Figure]:
    """One after the other."""
    for name, idle in ENGINES.items():
        yield Figure(f"{name}: start of the app held up", start_seconds(idle), START_MAX)
        memory, share = cost(idle)
        yield Figure(f"{name}: memory", memory, MB_MAX, "MB")
        yield Figure(f"{name}: processor at the interval of {INTERVAL} s", share, SHARE_MAX, "% of a core")
    yield Figure("watcher: stops after its limit, interval 0.5 s", overdue_seconds(3, 0.5), 0.5)
    yield Figure("guard: a heartbeat in the future is repaired", repair_seconds(), REPAIR_MAX)


if __name__ == "__main__":
    sys.exit(main_of("Idle shutdown", figures()))
