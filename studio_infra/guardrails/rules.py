"""The Guard rules of this folder: one a file, usable by themselves, and merged for a fast run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

FOLDER: Final = Path(__file__).parent
_ID: Final = re.compile(r"^rule (STUDIO_[A-Z_]+)\b", re.MULTILINE)
#: `# What: …` and `# Why: …`, each to the next word of that kind or the end of the comment.
_COMMENT: Final = re.compile(r"^# (What|Why): (.*(?:\n#   .*)*)", re.MULTILINE)
#: A variable of a whole file, to the next one or to the first rule.
_LET: Final = re.compile(r"^let (\w+) = (.*?)(?=^let |^rule )", re.MULTILINE | re.DOTALL)
_HELPER: Final = re.compile(r"^rule (\w+)\(", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule.

    Args:
        id: Its name for ever: people acknowledge it by this.
        what: What it asks for, as a sentence.
        why: Why it does.
        text: The file, in the language of CloudFormation Guard 3.

    """

    id: str
    what: str
    why: str
    text: str

    @property
    def file_name(self) -> str:
        """The file's name, which follows from the id."""
        return f"{self.id.removeprefix('STUDIO_').lower()}.guard"


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule, by id."""
    files = sorted(FOLDER.glob("*.guard"))
    return tuple(read_rule(file.read_text(encoding="utf-8")) for file in files)


def read_rule(text: str) -> Rule:
    """A rule from the text of its file.

    Raises:
        ValueError: The file has no rule, more than one, or does not say what and why.

    """
    (rule_id,) = _ID.findall(text)
    said = {key: " ".join(sentence.replace("\n#", " ").split()) for key, sentence in _COMMENT.findall(text)}
    if said.keys() != {"What", "Why"}:
        raise ValueError(f"{rule_id} must say what it asks for and why")
    return Rule(id=rule_id, what=said["What"], why=said["Why"], text=text)


def merged(some: Iterable[Rule]) -> str:
    """Several rules as one source that finds the same.

    Guard reads the template again for every source, and looks through all resources again for every variable. In one
    source with one variable for what several rules look for, it takes a fraction of the time.
    """
    variables: dict[str, str] = {}
    bodies = []
    for rule in some:
        prefix = rule.id.lower()
        code = "".join(line for line in rule.text.splitlines(keepends=True) if not line.startswith("#"))
        renamed: dict[str, str] = {}
        for name, expression in _LET.findall(code):
            known = _renamed(expression.strip(), renamed)
            renamed[name] = variables.setdefault(known, f"{prefix}_{name}")
        body = _renamed(_LET.sub("", code).strip(), renamed)
        for helper in _HELPER.findall(body):
            body = re.sub(rf"\b{helper}\(", f"{prefix}_{helper}(", body)
        bodies.append(body)
    lets = (f"let {name} = {expression}" for expression, name in variables.items())
    return "\n".join([*lets, *bodies]) + "\n"


def _renamed(code: str, names: dict[str, str]) -> str:
    return re.sub(r"%(\w+)", lambda found: f"%{names.get(found[1], found[1])}", code)
