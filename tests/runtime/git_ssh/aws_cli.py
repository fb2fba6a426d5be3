"""A stand-in for the AWS CLI: answers from the folder $FAKE_AWS, where it also writes down what it was asked.

`mode` in that folder makes it refuse, throttle or hang, in the words and with the exit codes of AWS CLI v2.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

FAILURES = {
    "denied": "An error occurred (AccessDeniedException) when calling the {op} operation: User: "
    "arn:aws:sts::1:x is not authorized to perform this action",
    "throttled": "An error occurred (ThrottlingException) when calling the {op} operation "
    "(reached max retries: 2): Rate exceeded",
    "offline": 'Could not connect to the endpoint URL: "https://ssm.eu-west-1.amazonaws.com/"',
}


def main() -> int:
    folder = Path(os.environ["FAKE_AWS"])
    service, operation, *rest = sys.argv[1:]
    with (folder / "calls").open("a") as calls:
        calls.write(json.dumps(sys.argv[1:]) + "\n")
    mode = (folder / "mode").read_text() if (folder / "mode").exists() else "ok"
    if mode == "hang":
        time.sleep(600)
    if mode in FAILURES:
        sys.stderr.write("\n" + FAILURES[mode].format(op=operation) + "\n")
        return 254
    options = {word: rest[place + 1] for place, word in enumerate(rest[:-1]) if word.startswith("--")}
    values = {path.name.replace("%", "/"): path for path in folder.glob("*%*")}
    if (service, operation) == ("ssm", "get-parameters"):
        names = rest[rest.index("--names") + 1 : rest.index("--query")]
        for name in names:
            if name in values:
                sys.stdout.write(f"{name}\t{values[name].read_text()}\n")
    elif (service, operation) == ("ssm", "put-parameter"):
        (folder / options["--name"].replace("/", "%")).write_text(options["--value"])
    elif (service, operation) == ("secretsmanager", "get-secret-value"):
        if options["--secret-id"] not in values:
            sys.stderr.write(
                "\nAn error occurred (ResourceNotFoundException) when calling the GetSecretValue operation: "
                "Secrets Manager can't find the specified secret.\n"
            )
            return 254
        sys.stdout.write(values[options["--secret-id"]].read_bytes().decode() + "\n")
    elif (service, operation) == ("sagemaker", "describe-space"):
        sys.stdout.write((folder / "owner").read_text() + "\n")
    else:
        sys.stderr.write(f"the stand-in does not know {service} {operation}\n")
        return 252
    return 0


if __name__ == "__main__":
    sys.exit(main())
