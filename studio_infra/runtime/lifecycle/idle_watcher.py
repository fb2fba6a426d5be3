"""Stops the app that nobody uses, for limits and images that Studio's own idle shutdown does not serve."""

import json
import os
import subprocess
import sys
import time

from idle import App, read, start
from idle_decisions import State, judge, limit_for, written

#: Run by a process of its own, so that this one stays small.
CALL = (
    "import boto3, json, sys;"
    "answer = getattr(boto3.client('sagemaker'), sys.argv[1])(**json.loads(sys.argv[2]));"
    "print(json.dumps(answer, default=str))"
)


def call(operation: str, request: dict) -> tuple:
    """Call SageMaker: (answer, None) or (None, error)."""
    text, error = json.dumps(request), ""
    command_line = ["aws", "sagemaker", operation.replace("_", "-"), "--cli-input-json", text]
    for command in [sys.executable, "-c", CALL, operation, text], command_line:
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        except (OSError, subprocess.SubprocessError) as fault:
            error = error or f"neither boto3 nor AWS CLI: {fault}"
            continue
        if done.returncode == 0:
            return json.loads(done.stdout or "{}"), None
        error = done.stderr.strip().split("\n")[-1]
        if "No module" not in error:
            break
    return None, error


class Watcher:
    """Deletes the app it runs in, and only that."""

    def __init__(self, app: App) -> None:
        self.app, self.settings = app, app.settings
        self.limit, self.tries, self.retry_at = None, 0, 0

    def request(self) -> dict:
        """Name this app as SageMaker knows it."""
        path = os.environ.get("RESOURCE_METADATA_FILE", "/opt/ml/metadata/resource-metadata.json")
        me = json.loads(read(path))
        os.environ.setdefault("AWS_DEFAULT_REGION", me["ResourceArn"].split(":")[3])
        space = me.get("SpaceName") or os.environ.get("SAGEMAKER_SPACE_NAME")
        owner = {"SpaceName": space} if space else {"UserProfileName": me["UserProfileName"]}
        return {"DomainId": me["DomainId"], "AppType": me["AppType"], "AppName": me["ResourceName"], **owner}

    def act(self, state: State) -> State:
        """Stop the app when it is due and a second look agrees."""
        if self.limit is None:
            self.limit = self.settings["limit"]
            self.limit = self.learn() if self.settings["limits"] else self.limit
        if time.monotonic() < max(state.alive + self.limit, self.retry_at):
            return state
        time.sleep(min(5, self.settings["interval"] / 4))
        state = judge(state, self.app.look(), self.settings["busy_cap"])
        if state.at - state.alive >= self.limit:
            self.stop(state)
        return state

    def rest(self, state: State) -> None:
        """Wait for the next look, or for the moment the app is due."""
        due = max(state.alive + (self.limit or 0), self.retry_at) - time.monotonic()
        time.sleep(due if 0 < due < self.settings["interval"] else self.settings["interval"])

    def learn(self) -> float:
        """Ask for the instance type, which the limit depends on."""
        answer, error = call("describe_app", self.request())
        kind = answer["ResourceSpec"]["InstanceType"] if answer else f"an unknown instance type: {error}"
        limit = limit_for(kind, self.limit, self.settings["limits"]) if answer else self.limit
        self.app.log("INFO" if answer else "ERROR", f"limit {limit} s on {kind}")
        return limit

    def stop(self, state: State) -> None:
        """Leave a note and delete the app; try again later if that fails."""
        minutes = (state.at - state.alive) / 60
        why = f"nothing used it for {minutes:.1f} minutes (last sign of life: {state.why})"
        self.app.log("INFO", f"stopping this app: {why}")
        now = written(time.time())[:16]
        with open(os.path.expanduser("~/studio-stopped.txt"), "w") as note:
            note.write(f"Your app was stopped at {now} UTC: {why}. All files are kept.\n")
            note.write("To keep an app while you are away: touch ~/.studio-keep-alive\n")
        _, error = call("delete_app", self.request())
        looks = 15 if error is None or "AccessDenied" in error else min(2 << self.tries, 15)
        self.tries = 0 if error is None else self.tries + 1
        self.retry_at = time.monotonic() + looks * self.settings["interval"] * (0.9 + os.urandom(1)[0] / 1280)
        if error is not None:
            self.app.log("ERROR", f"DeleteApp failed, next try after {looks} looks: {error}")


if __name__ == "__main__":
    start(Watcher)
