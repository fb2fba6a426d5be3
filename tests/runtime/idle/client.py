"""Does in Jupyter what a person does; run by the Jupyter environment's own Python.

Usage: client.py URL cell CODE | kernel | sessionless CODE | terminal [COMMAND]
"""

from __future__ import annotations

import json
import sys
import time
import uuid
from typing import Any

import requests
import websocket  # type: ignore[import-not-found]


def post(url: str, path: str, body: dict[str, Any]) -> Any:
    answer = requests.post(f"{url}{path}", json=body, timeout=20)
    answer.raise_for_status()
    return answer.json()


def run_cell(url: str, kernel_id: str, code: str) -> None:
    """Start the cell and leave, as one does who closes the laptop."""
    channel = websocket.create_connection(
        f"{url.replace('http', 'ws')}/api/kernels/{kernel_id}/channels", timeout=20
    )
    header = {
        "msg_id": uuid.uuid4().hex,
        "msg_type": "execute_request",
        "version": "5.3",
        "session": "s",
        "username": "ana",
    }
    content = {
        "code": code,
        "silent": False,
        "store_history": True,
        "allow_stdin": False,
        "user_expressions": {},
    }
    message = {
        "channel": "shell",
        "header": header,
        "parent_header": {},
        "metadata": {},
        "content": content,
        "buffers": [],
    }
    channel.send(json.dumps(message))
    while True:
        got = json.loads(channel.recv())
        if got["msg_type"] == "execute_input" and got["parent_header"].get("msg_id") == header["msg_id"]:
            break
    channel.close()


def main(url: str, what: str, text: str = "") -> None:
    if what == "terminal":
        name = post(url, "/api/terminals", {})["name"]
        channel = websocket.create_connection(
            f"{url.replace('http', 'ws')}/terminals/websocket/{name}", timeout=20
        )
        time.sleep(1)
        if text:
            channel.send(json.dumps(["stdin", f"{text}\r"]))
            time.sleep(0.5)
        channel.close()
    elif what == "sessionless":
        run_cell(url, post(url, "/api/kernels", {"name": "python3"})["id"], text)
    else:
        session = {"path": "a.ipynb", "type": "notebook", "name": "a", "kernel": {"name": "python3"}}
        kernel_id = post(url, "/api/sessions", session)["kernel"]["id"]
        if what == "cell":
            run_cell(url, kernel_id, text)


main(*sys.argv[1:])
