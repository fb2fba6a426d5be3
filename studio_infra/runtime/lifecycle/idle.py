"""Looks once a minute whether anybody, or any work, uses this app. Needs Python 3.7 and nothing else.

Ships as one program, without comments and docstrings: `idle_decisions.py`, this, and `idle_guard.py` or
`idle_watcher.py` behind it.
"""

import glob
import json
import os
import socket
import sys
import time

from idle_decisions import Look, begin, is_held, jobs, judge, parse, written

#: What the settings leave out. Times are seconds.
DEFAULTS = {
    "interval": 60,
    "overdue": 300,
    "longer": 0,
    "port": 8888,
    "heartbeat": "/tmp/.sagemaker-last-active-timestamp",
    "logs": ["/var/log/apps/app_container.log", "/var/tmp/studio-idle.log"],
    "lock": "studio-idle",
    "proc": "/proc",
}
#: Share of a core from which a kernel is at work whatever it says; an idle one takes a tenth of that.
COMPUTING = 0.05


def read(path: str) -> str:
    """The text of a file; empty when it cannot be read."""
    try:
        with open(path, errors="replace") as file:
            return file.read(65536)
    except OSError:
        return ""


def get(port: int, path: str, token: str) -> object:
    """What a server on this machine answers; None if it does not."""
    request = f"GET {path} HTTP/1.0\r\nHost: localhost\r\nAuthorization: token {token}\r\n\r\n"
    try:
        with socket.create_connection(("127.0.0.1", port), 10) as talk:
            talk.sendall(request.encode())
            head, _, body = b"".join(iter(lambda: talk.recv(65536), b"")).partition(b"\r\n\r\n")
        return json.loads(body.decode()) if b" 200 " in head[:16] else None
    except (OSError, ValueError):
        return None


class App:
    """The app this runs in."""

    def __init__(self, settings: dict) -> None:
        self.settings = settings
        self.ticks, self.at = {}, time.monotonic()

    def log(self, level: str, text: str) -> None:
        """Write to the app's log, which Studio ships to CloudWatch, else to a file of our own."""
        line = f"{written(time.time())} idle-{self.settings['engine']} {level} {text}\n"
        for path in self.settings["logs"]:
            try:
                with open(path, "a") as file:
                    file.write(line)
            except OSError:
                continue
            return

    def servers(self) -> list:
        """Where Jupyter may listen: Studio's own place, then the servers that have registered themselves."""
        app = self.settings["app"].lower()
        found = [(self.settings["port"], "" if app == "kernelgateway" else f"/{app}/default", "", 0)]
        home = os.environ.get("JUPYTER_RUNTIME_DIR") or os.path.expanduser("~/.local/share/jupyter/runtime")
        for path in glob.glob(home + "/jpserver-*.json"):
            try:
                one = json.loads(read(path))
                found.append((one["port"], one["base_url"].rstrip("/"), one["token"], one["pid"]))
            except (ValueError, KeyError):
                continue
        return found

    def ask(self, what: str) -> object:
        """The first answer that a server gives; the question itself does not count as use."""
        for port, base, token, _ in self.servers():
            answer = get(port, f"{base}/api/{what}?no_track_activity=1", token)
            if answer is not None:
                return answer
        return None

    def look(self) -> Look:
        """See every sign of use there is."""
        at, wall, ticks = time.monotonic(), time.time(), {}
        proc = self.settings["proc"]
        stats = [stat for stat in map(read, glob.glob(proc + "/[0-9]*/stat")) if stat]
        names = jobs(stats) if self.settings["terminal_jobs"] else []
        for stat in stats:
            pid = stat.split()[0]
            words = read(f"{proc}/{pid}/cmdline")
            if "kernel" in words and ".json" in words:
                ticks[pid] = sum(map(int, stat[stat.rindex(")") :].split()[12:14]))
                used = (ticks[pid] - self.ticks.get(pid, ticks[pid])) / os.sysconf("SC_CLK_TCK")
                if used > COMPUTING * (at - self.at):
                    names.append("computing " + pid)
        self.ticks, self.at = ticks, at
        local = dict.fromkeys(names, (wall, True))
        # The guard writes the heartbeat itself: to read it would be to listen to its own echo.
        beat = parse(read(self.settings["heartbeat"])) if self.settings["engine"] == "watcher" else None
        if beat is not None:
            local["heartbeat"] = (beat, False)
        return Look(at, wall, local, self.signs(), bool(ticks), self.held(wall))

    def signs(self) -> dict | None:
        """What the app's server says of kernels and terminals, or of the editor."""
        if self.settings["app"] == "CodeEditor":
            answer = self.ask("idle") if self.settings["engine"] == "watcher" else {}
            return answer and {"editor": (parse(answer["lastActiveTimestamp"]) or 0, False)}
        kernels = self.ask("kernels")
        if kernels is None:
            return None
        signs = {
            "kernel " + one["id"][:8]: (parse(one["last_activity"]) or 0, one["execution_state"] == "busy")
            for one in kernels
        }
        for one in self.ask("terminals") or ():
            signs["terminal " + one["name"]] = (parse(one["last_activity"]) or 0, False)
        return signs

    def held(self, wall: float) -> bool:
        """Tell whether somebody asked to keep the app."""
        path = os.path.expanduser("~/.studio-keep-alive")
        try:
            return is_held(wall, os.stat(path).st_mtime, read(path), self.settings["hold_cap"])
        except OSError:
            return False


def run(app: App, keeper: object) -> None:
    """Look, decide and act until the app ends; survive whatever goes wrong."""
    begun, fault = time.monotonic(), ""
    state = begin(begun)
    while True:
        try:
            before, state = state, judge(state, app.look(), app.settings["busy_cap"])
            if state.working and not (before.working and before.why == state.why):
                app.log("INFO", f"in use: {state.why}")
            elif before.working > state.working or before.at == begun:
                app.log("INFO", f"quiet, last sign of life: {state.why}")
            state, fault = keeper.act(state), ""
        except Exception as error:
            if fault != repr(error):
                fault = repr(error)
                app.log("ERROR", f"goes on after {fault}")
        keeper.rest(state)


def start(keeper: type) -> None:
    """Leave one process behind that keeps looking, however often this is started."""
    settings = {**DEFAULTS, **json.loads(sys.argv[1])}
    print(written(time.time()), "idle-" + settings["engine"], "INFO", end=" ")
    lock = socket.socket(socket.AF_UNIX)
    try:
        # A name without a file: nothing to clean up, gone with the process that holds it.
        lock.bind("\0" + settings["lock"])
    except OSError:
        print("already watching")
        return
    print("watching, limit", settings["limit"], "s", flush=True)
    if os.fork():
        return
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(null, stream)
    app = App(settings)
    run(app, keeper(app))
