"""What is no code on the pages is held to what reads it: settings, rosters, images, and what programs print."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
import shutil
import subprocess
import tomllib
from typing import TYPE_CHECKING, Any, Final

import pytest

from studio_infra.cli.app import run
from studio_infra.cli.terminal.outcome import ExitCode
from studio_infra.rehearsal.life.life import LIFE
from studio_infra.review.replacement.acknowledgements import read_acknowledgements
from studio_infra.settings import load_settings
from tests.docs.pages import ALL_BLOCKS, MARK, PAGES, ROOT, Block, name_of
from tests.docs.shell.lines import SHELL, printed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

BASE: Final = tomllib.loads((ROOT / "settings/production.toml").read_text(encoding="utf-8"))
#: Keys of the production settings that an example on a page stands instead of, not beside.
INSTEAD: Final = {
    "docs/how-to/endpoints.md": ("endpoints",),
    "docs/how-to/network.md": ("domain.availability_zones", "domain.nat_gateways"),
}
#: What an example with one of these keys takes for granted: a domain that people enter through Identity Center.
OF_SSO: Final = ("sso_groups", "shared_spaces_sso_user")
SSO: Final = {
    "domain": {"auth_mode": "SSO"},
    "access": {"sso_groups": ["94482488-3041-7091-8f3a-0f0d5b2ac51d"]},
    "teams": {"vision": {"shared_spaces_sso_user": "studio-vision@corp.example"}},
}
GOLDEN: Final = ROOT / "tests/golden/production"
LIFECYCLE: Final = ROOT / "studio_infra/runtime/lifecycle"


def written(value: Any) -> str:
    """A value in TOML, tables in one line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(name)} = {written(one)}" for name, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, str | bool):
        return json.dumps(value)
    return str(value)


def merged(base: dict[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with an example in them: tables are merged, everything else is the example's."""
    result = dict(base)
    for name, value in more.items():
        known = result.get(name)
        result[name] = merged(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return result


def settings(block: Block, folder: Path) -> None:
    """The production settings with the block in them are good, down to the last check."""
    example = tomllib.loads(block.text)
    if "change" in example:
        file = folder / "acknowledged-changes.toml"
        file.write_text(block.text, encoding="utf-8")
        assert len(read_acknowledgements(file)) == len(example["change"])
        return
    base = BASE
    for path in INSTEAD.get(block.page, ()):
        section, _, key = path.partition(".")
        base = {**base, section: {name: one for name, one in base[section].items() if key and name != key}}
    if any(key in block.text for key in OF_SSO):
        base = merged(base, SSO)
    document = merged(base, example)
    everybody_is_in(folder / "users.csv", "")
    file = folder / "settings.toml"
    file.write_text(
        "".join(f"{name} = {written(value)}\n" for name, value in document.items()), encoding="utf-8"
    )
    load_settings(file)


def roster(block: Block, folder: Path) -> None:
    """A roster that the production settings, or else the sandbox's, take."""
    name = "sandbox" if ",sandbox," in block.text else "production"
    people = "sandbox-users.csv" if name == "sandbox" else "users.csv"
    file = folder / f"{name}.toml"
    file.write_text((ROOT / f"settings/{name}.toml").read_text(encoding="utf-8"), encoding="utf-8")
    everybody_is_in(folder / people, block.text)
    load_settings(file)


def everybody_is_in(file: Path, text: str) -> None:
    """Write a roster of the people of a text, and of those that the settings have besides."""
    rows = list(csv.DictReader(text.splitlines()))
    named = {row["user_name"] for row in rows}
    shipped = (ROOT / "settings" / file.name).read_text(encoding="utf-8").splitlines()
    rows += [row for row in csv.DictReader(shipped) if row["user_name"] not in named]
    for row in rows:
        # A number of one's own goes with a group, which depends on the files that an example shares.
        row["posix_uid"] = row.get("posix_uid", "") if text else ""
        row["sso_user_name"] = row.get("sso_user_name") or row["email"]
    columns = dict.fromkeys(name for row in rows for name in row)
    with file.open("w", encoding="utf-8", newline="") as written_to:
        writer = csv.DictWriter(written_to, list(columns), restval="")
        writer.writeheader()
        writer.writerows(rows)


def dockerfile(block: Block, _: Path) -> None:
    """Known instructions, and shell that bash reads: an image cannot be built here."""
    for line in block.text.splitlines():
        word, rest = line.split(" ", maxsplit=1)
        assert word in {"FROM", "RUN", "USER", "COPY", "ENV", "WORKDIR", "ENTRYPOINT", "CMD"}
        if word == "RUN":
            subprocess.run(["bash", "-n", "-c", rest], check=True)


def said_by_the_scripts(block: Block, _: Path) -> None:
    """Every message of the log is one of the scripts'."""
    source = "".join(script.read_text(encoding="utf-8") for script in LIFECYCLE.glob("*.py"))
    for line in block.text.splitlines():
        message = re.fullmatch(r"[\d:.TZ-]{27} idle-\w+ (?:INFO|WARN|ERROR) (.+)", line)
        assert message is not None, line
        assert message[1].partition(": ")[0] in source, line


def said_by_the_rehearsal(block: Block, _: Path) -> None:
    """The steps are the rehearsal's, in its order."""
    titles = [f"✓ {step.title}" for step in LIFE]
    shown = [line for line in block.text.splitlines() if line.startswith("✓")]
    assert shown == [title for title in titles if title in shown]


def said_by_diff(block: Block, folder: Path) -> None:
    """The production domain under another name: what is said about it is what the page shows."""
    new = folder / "new"
    shutil.copytree(GOLDEN, new)
    file = new / "research-studio.json"
    before = file.read_text(encoding="utf-8")
    assert before.count('"DomainName": "research"') == 1
    file.write_text(before.replace('"DomainName": "research"', '"DomainName": "renamed"'), encoding="utf-8")
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(out):
        assert run(["diff", str(GOLDEN), str(new)]) == ExitCode.DATA_LOSS
    assert printed(block.text.splitlines(), out.getvalue()) == []


#: The blocks of text, which are what a program prints: where, and how it is known to be so.
PRINTED: Final[Mapping[str, Callable[[Block, Path], None]]] = {
    "docs/explanation/idle-shutdown.md": said_by_the_scripts,
    "docs/how-to/review-a-change.md": said_by_diff,
    "docs/tutorial/index.md": said_by_the_rehearsal,
}
#: Generated, and compared with the code in `tests/cli/test_reference.py`.
GENERATED: Final = "docs/reference/"


def text(block: Block, folder: Path) -> None:
    """What a program prints, as it prints it."""
    if not block.page.startswith(GENERATED):
        assert block.page in PRINTED, "who prints this? add it to PRINTED, or name its language"
        PRINTED[block.page](block, folder)


READERS: Final = {"csv": roster, "dockerfile": dockerfile, "text": text, "toml": settings}
#: Python is run in `test_documentation.py`.
ELSEWHERE: Final = {"python", *SHELL}


@pytest.mark.parametrize("block", [block for block in ALL_BLOCKS if block.language in READERS], ids=str)
def test_what_is_no_code_is_what_its_reader_takes(block: Block, tmp_path: Path) -> None:
    if block.runs:
        READERS[block.language](block, tmp_path)


def test_every_block_says_what_it_is_and_somebody_runs_or_reads_it() -> None:
    assert [str(block) for block in ALL_BLOCKS if block.language not in {*READERS, *ELSEWHERE}] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_block_hides_in_a_fence_of_another_kind(page: Path) -> None:
    marks = MARK.findall(page.read_text(encoding="utf-8"))
    assert len(marks) == 2 * len([block for block in ALL_BLOCKS if block.page == name_of(page)])
