"""Where templates come from: a file, an assembly, a folder of templates, or what is deployed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from studio_infra.errors import InvalidInput
from studio_infra.review.assembly import template_at, templates

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from studio_infra.review.assembly import Template

_SUFFIXES: Final = (".json", ".template")


def read_pair(old: Path, new: Path) -> tuple[dict[str, Template], dict[str, Template]]:
    """Two things that can be compared: two templates, or two folders.

    Two templates count as two states of one stack, whatever their files are called.

    Raises:
        InvalidInput: One is a file and the other a folder, or one cannot be read.

    """
    for path in (old, new):
        if not path.exists():
            raise InvalidInput("Diff", "does not exist", path=str(path))
    if old.is_dir() != new.is_dir():
        file = new if old.is_dir() else old
        raise InvalidInput("Diff", "is a file, the other is a folder: compare two of a kind", path=str(file))
    if old.is_dir():
        return read_folder(old), read_folder(new)
    name = _stack_name(new)
    return {name: template_at(old)}, {name: template_at(new)}


def read_folder(folder: Path) -> dict[str, Template]:
    """The templates of an assembly, or of a folder that has one JSON template for each stack.

    Raises:
        InvalidInput: The folder holds neither, or a file cannot be read.

    """
    if (folder / "manifest.json").exists():
        return templates(folder)
    found = {_stack_name(file): template_at(file) for file in sorted(folder.glob("*.json"))}
    if not found:
        raise InvalidInput(
            "Diff", "holds no templates; name a folder that 'cdk synth' wrote", path=str(folder)
        )
    return found


def deployed(stacks: Iterable[str], cloudformation: Any) -> dict[str, Template]:
    """The templates that some stacks were deployed with. Stacks that do not exist yet are left out.

    Args:
        stacks: Names of stacks.
        cloudformation: A client of boto3.

    Raises:
        InvalidInput: A stack was deployed with a template that is no JSON.

    """
    found = {}
    for stack in stacks:
        try:
            body = cloudformation.get_template(StackName=stack, TemplateStage="Original")["TemplateBody"]
        except cloudformation.exceptions.ClientError as error:
            if "does not exist" not in str(error):
                raise
            continue
        found[stack] = _parsed(stack, body)
    return found


def _parsed(stack: str, body: Any) -> Template:
    try:
        template = json.loads(body) if isinstance(body, str) else dict(body)
    except ValueError as error:
        raise InvalidInput(
            "Diff", "was deployed with a template that is no JSON; compare two assemblies instead", path=stack
        ) from error
    return template if isinstance(template, dict) else {}


def _stack_name(file: Path) -> str:
    name = file.name
    for suffix in _SUFFIXES:
        name = name.removesuffix(suffix)
    return name
