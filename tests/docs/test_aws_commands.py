"""Commands of the AWS CLI on the pages: the service, the operation and every option are in botocore's model."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from botocore import xform_name
from botocore.exceptions import UnknownServiceError

from tests.docs.pages import PAGES, blocks, name_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMMAND = re.compile(
    r"^\s*(?:\$ )?aws (?P<service>[a-z0-9-]+) (?P<operation>[a-z0-9-]+)(?P<rest>.*)$", re.MULTILINE
)
OPTION = re.compile(r"(?<!\S)--[a-z0-9-]+")
#: Written by hand in the CLI, above the API.
ABOVE_THE_API = {"s3", "configure"}
#: Of every command.
GLOBAL = {"--query", "--output", "--region", "--profile", "--no-cli-pager", "--max-items", "--no-paginate"}
#: What the CLI calls otherwise than the API does: its own `--endpoint-url` would be in the way.
RENAMED = {("sns", "subscribe", "--endpoint"): "--notification-endpoint"}
SESSION = botocore.session.get_session()


def commands(text: str) -> Iterator[tuple[str, str, str]]:
    """Service, operation and the rest of each command, continued lines joined."""
    for found in COMMAND.finditer(re.sub(r"\\\n\s*", " ", text)):
        if found["service"] not in ABOVE_THE_API:
            yield found["service"], found["operation"], found["rest"]


def wrong(service: str, operation: str, rest: str) -> list[str]:
    """What the AWS CLI would refuse about a command."""
    try:
        model = SESSION.get_service_model(service)
    except UnknownServiceError:
        return [f"no service {service}"]
    names = {xform_name(name, "-"): name for name in model.operation_names}
    if operation not in names:
        return [f"no operation {operation}"]
    shape: Any = model.operation_model(names[operation]).input_shape
    members = {} if shape is None else {f"--{xform_name(name, '-')}": name for name in shape.members}
    members = {RENAMED.get((service, operation, option), option): name for option, name in members.items()}
    options = set(OPTION.findall(rest))
    unknown = options - set(members) - {f"--no-{option[2:]}" for option in members} - GLOBAL
    needed = (
        set()
        if shape is None
        else {option for option, name in members.items() if name in shape.required_members}
    )
    return [f"no option {one}" for one in sorted(unknown)] + [
        f"lacks {one}" for one in sorted(needed - options)
    ]


WITH_COMMANDS = [page for page in PAGES if any(list(commands(block.text)) for block in blocks(page))]


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=name_of)
def test_every_command_of_the_aws_cli_would_be_taken(page: Path) -> None:
    found = [
        f"aws {service} {operation}: {text}"
        for block in blocks(page)
        for service, operation, rest in commands(block.text)
        for text in wrong(service, operation, rest)
    ]
    assert found == []


def test_the_pages_about_leaving_and_deleting_are_among_them() -> None:
    assert {"docs/how-to/people-who-leave.md"} <= {name_of(page) for page in WITH_COMMANDS}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("aws sagemakr list-apps", "no service sagemakr"),
        ("aws sagemaker lst-apps", "no operation lst-apps"),
        ("aws sagemaker delete-space --domain-id d-1 --space-nam x", "no option --space-nam"),
        ("aws sagemaker delete-space \\\n  --domain-id d-1", "lacks --space-name"),
    ],
)
def test_a_command_that_the_cli_would_refuse_is_found(line: str, says: str) -> None:
    ((service, operation, rest),) = commands(line)
    assert says in wrong(service, operation, rest)
