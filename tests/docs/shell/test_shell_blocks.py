"""Every line of shell on the pages is run, or parsed by the program that it calls, with a reason why it is not run."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Final

import pytest

from tests.docs.pages import PAGES, Block, name_of
from tests.docs.shell.judges import JUDGES
from tests.docs.shell.lines import SHELL_LINES, Line, commands, lines, printed
from tests.docs.shell.reasons import NO_PARSER, NOT_RUN, reason
from tests.docs.shell.sandbox import Sandbox

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("git") is None, reason="no git here: the pages' own commands need it"),
]

#: What a page asks its reader to do by hand before a line.
BY_HAND: Final = {
    "studio-infra validate settings/sandbox.toml": "echo 'me,sandbx,Me,me@example.com' >> settings/sandbox-users.csv",
    "cp settings/sandbox.toml settings/studio.toml": "sed -i '$d' settings/sandbox-users.csv",
    "git stash && make synth OUT=/tmp/old && git stash pop    # as it is deployed": (
        "sed -i 's/^space_ebs_gb = 20/space_ebs_gb = 25/' settings/production.toml"
    ),
    "make synth SETTINGS=settings/studio.toml OUT=cdk.out": (
        "sed -i s/sandbox-users.csv/studio-users.csv/ settings/studio.toml"
    ),
    "studio-infra review cdk.out --baseline reviewed > review.md": "cp -r /tmp/new cdk.out && cp -r /tmp/new reviewed",
    "studio-infra diff /tmp/old /tmp/new": "test -d /tmp/old || cp -r /tmp/new /tmp/old",
    "rm ~/.studio-keep-alive                                           # no longer": "test -s ~/.studio-keep-alive",
}
#: Lines that shall not end with 0.
ENDS: Final = {"studio-infra validate settings/sandbox.toml": 1}


def run_lines(page: str) -> list[Line]:
    """The lines of a page that are run: those in which nothing has a reason against it."""
    return [
        line
        for line in SHELL_LINES
        if line.block.page == page and line.block.runs and not any(map(reason, commands(line.text)))
    ]


WITH_LINES: Final = [page for page in PAGES if run_lines(name_of(page))]


@pytest.mark.parametrize("page", WITH_LINES, ids=name_of)
def test_every_line_that_can_be_run_does_what_the_page_says(page: Path, tmp_path: Path) -> None:
    typed = run_lines(name_of(page))
    output = Sandbox(tmp_path).run(
        (BY_HAND.get(line.text, ""), line.text, ENDS.get(line.text, 0)) for line in typed
    )
    missing = {str(line): printed(line.prints, out) for line, out in zip(typed, output, strict=True)}
    assert {line: what for line, what in missing.items() if what} == {}, output


@pytest.mark.parametrize("line", SHELL_LINES, ids=str)
def test_every_program_that_can_say_so_would_take_its_words(line: Line) -> None:
    for program, *words in commands(line.text):
        if program in JUDGES:
            assert JUDGES[program](words) == []


def test_every_line_is_run_or_all_that_is_not_is_parsed() -> None:
    ran = {str(line) for page in WITH_LINES for line in run_lines(name_of(page))}
    for line in SHELL_LINES:
        for words in commands(line.text):
            why = reason(words)
            assert why is None or words[0] in {*JUDGES, *NO_PARSER}, f"{line}: nobody parses {words[0]}"
        assert str(line) in ran or any(map(reason, commands(line.text))) or not line.block.runs, str(line)


def test_every_reason_and_everything_done_by_hand_is_for_a_line_that_is_there() -> None:
    texts = {line.text for line in SHELL_LINES}
    assert {*BY_HAND, *ENDS} <= texts
    begun = [" ".join(words) for line in SHELL_LINES for words in commands(line.text)]
    assert [start for start in NOT_RUN if not any(f"{one} ".startswith(f"{start} ") for one in begun)] == []


# -- the checks themselves see what is wrong --------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("studio-infra validate", "Missing"),
        ("studio-infra valdate x", "No such command"),
        ("studio-infra roster assing x", "No such command"),
        ("studio-infra status --older-than-hours many", "valid number"),
        ("studio-infra diff a b --fast", "No such option"),
        ("make synht", "No rule"),
        ("make synth SETINGS=x", "no variable SETINGS"),
        ("cdk deplyo", "no command"),
        ("cdk deploy --al", "no option --al"),
        ("cdk synth --output", "lacks its value"),
    ],
)
def test_a_line_that_its_program_would_refuse_is_found(line: str, says: str) -> None:
    ((program, *words),) = commands(line)
    assert says in " ".join(JUDGES[program](words))


def block(language: str, text: str) -> Block:
    return Block(page="page.md", line=1, language=language, text=text, runs=True)


def test_lines_are_joined_and_what_they_print_is_told_from_what_is_typed() -> None:
    assert [one.text for one in lines(block("bash", "a \\\n  b\n\nc\n"))] == ["a b", "c"]
    (one,) = lines(block("console", "$ a\nprinted\n"))
    assert (one.text, one.prints) == ("a", ("printed",))
    found = list(commands("X=1 a '; b' | c > out && d $(e --f) # g"))
    assert found == [["e", "--f"], ["a", "; b"], ["c"], ["d", "SUBSTITUTED"]]


def test_what_is_promised_and_not_printed_is_missing() -> None:
    assert printed(["a …", "c"], "a b\nc\n") == []
    assert printed(["c", "a …"], "a b\nc\n") == ["a …"]


def test_a_line_that_ends_otherwise_than_it_should_is_found(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="line 1 ended with 3"):
        Sandbox(tmp_path).run([("", "true", 0), ("", "(exit 3)", 0)])


def test_nothing_on_the_machine_itself_is_touched(tmp_path: Path) -> None:
    (out,) = Sandbox(tmp_path).run([("", "cd /tmp && touch new && ls -d /tmp /mnt && echo ~", 0)])
    assert sorted(out.split(), reverse=True) == [
        str(tmp_path / "tmp"),
        str(tmp_path / "mnt"),
        str(tmp_path / "home"),
    ]


def test_bash_itself_reads_every_block() -> None:
    for line in SHELL_LINES:
        done = subprocess.run(["bash", "-n", "-c", line.text], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{line}: {done.stderr}"
