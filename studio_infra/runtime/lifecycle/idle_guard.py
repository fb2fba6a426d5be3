"""Keeps Studio's own idle shutdown honest: it needs no permission, and stops nothing that anybody uses."""

import os
import signal
import subprocess
import time

from idle import App, read, start
from idle_decisions import SKEW, State, parse, written


class Guard:
    """Writes the last sign of life to the file that Studio's detector reads."""

    def __init__(self, app: App) -> None:
        self.app, self.settings = app, app.settings
        self.saved, self.told = 0, False

    def act(self, state: State) -> State:
        """Publish the last sign of life; when Studio does not act on it, mend what keeps it from acting."""
        self.beat(state)
        if state.at - state.alive < self.settings["limit"] + self.settings["overdue"]:
            self.told = False
            return state
        last = parse((self.app.ask("idle") or {}).get("lastActiveTimestamp", ""))
        if last is not None and last > time.time() + SKEW:
            self.app.log("WARN", "Studio's detector believes in the future and would never stop: restart")
            self.restart()
        elif not self.told:
            self.told = True
            self.app.log("WARN", "idle for longer than the limit; Studio should have stopped this app")
        return state

    def beat(self, state: State) -> None:
        """Write the last sign of life, unless the file knows a later one that can be true."""
        path, wall = self.settings["heartbeat"], time.time()
        # A team's longer limit: Studio counts from a sign that is later by the difference, though never in
        # the future.
        sign = min(wall, wall - (time.monotonic() - state.alive) + self.settings["longer"])
        known = parse(read(path))
        if known is not None and known > wall + SKEW:
            self.app.log("WARN", "the heartbeat file lay in the future: repaired")
        elif (state.why == "start" and not self.settings["longer"]) or (known or 0) > sign - 1:
            return
        with open(path + ".new", "w") as file:
            file.write(written(sign))
        os.replace(path + ".new", path)

    def rest(self, state: State) -> None:
        """Wait for the next look; meanwhile leave a false heartbeat no time to be read."""
        until = time.monotonic() + self.settings["interval"]
        while time.monotonic() < until:
            time.sleep(min(1, self.settings["interval"]))
            try:
                saved = os.stat(self.settings["heartbeat"]).st_mtime_ns
                if saved != self.saved:
                    self.saved = saved
                    self.beat(state)
            except OSError:
                continue

    def restart(self) -> None:
        """Restart the server, which nobody has used for longer than the limit."""
        try:
            subprocess.run(["restart-jupyter-server"], stdin=subprocess.DEVNULL, timeout=60, check=True)
        except (OSError, subprocess.SubprocessError):
            for _, _, _, pid in self.app.servers():
                if pid and "jupyter" in read(f"/proc/{pid}/cmdline"):
                    os.kill(pid, signal.SIGTERM)


if __name__ == "__main__":
    start(Guard)
