"""The diagrams are what the code says today, and each says what it is about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from docsite.diagrams.__main__ import diagrams
from docsite.diagrams.drain import WORDS, order
from docsite.diagrams.drawing import drawing
from docsite.diagrams.floors import contracts, floors
from docsite.diagrams.idle import OVER, QUIET, STOPPED, WORK, transitions
from studio_infra.runtime.functions.domain_drain.core import Verb
from tests.docs.pages import DOCS, LINK, PAGES, ROOT

if TYPE_CHECKING:
    from pathlib import Path

DRAWN = diagrams()
every_diagram = pytest.mark.parametrize("name", DRAWN)


def texts(name: str) -> list[str]:
    return [one.text or "" for one in ET.fromstring(DRAWN[name]).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314 - ours


@every_diagram
def test_the_committed_diagram_is_what_the_code_says(name: str) -> None:
    committed = (DOCS / "diagrams" / name).read_text(encoding="utf-8")
    assert committed == DRAWN[name], "run `make docs` and commit what it writes"


def test_no_diagram_is_left_over_and_each_is_shown_on_a_page() -> None:
    assert {file.name for file in (DOCS / "diagrams").iterdir()} == set(DRAWN)
    shown = {target.rpartition("/")[2] for page in PAGES for target in LINK.findall(page.read_text("utf-8"))}
    assert set(DRAWN) <= shown


@every_diagram
def test_a_diagram_has_words_for_who_does_not_see_it_and_asks_for_nothing(name: str) -> None:
    root = ET.fromstring(DRAWN[name])  # noqa: S314 - ours
    assert root.get("role") == "img"
    assert len(root.get("aria-label", "")) > 20
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)|<script|<image|@import", DRAWN[name])


def test_every_room_of_the_package_is_on_a_floor() -> None:
    rooms = {file.stem for file in (ROOT / "studio_infra").iterdir() if not file.name.startswith("_")}
    assert rooms - {"py"} <= set(texts("floors.svg"))


def test_a_floor_that_moves_moves_in_the_picture(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text(
        '[[tool.importlinter.contracts]]\nname = "floors: why"\ntype = "layers"\nlayers = ["a.roof", "a.x | a.y"]\n'
        '[[tool.importlinter.contracts]]\nname = "other"\ntype = "forbidden"\n',
        encoding="utf-8",
    )
    assert contracts(file) == {"floors": [["roof"], ["x", "y"]]}
    drawn = drawing("f", floors(file))
    assert [drawn.index(f">{room}<") for room in ("roof", "x", "y")] == sorted(
        drawn.index(f">{room}<") for room in ("roof", "x", "y")
    )


def test_everything_that_the_drain_can_do_is_in_its_order_once() -> None:
    done = [verb for verbs in order() for verb in verbs]
    assert sorted(done, key=str) == sorted(Verb, key=str)
    assert [line for line in texts("drain.svg") if line.strip()]
    assert all(any(words in line for line in texts("drain.svg")) for words in WORDS.values())


def test_an_app_stops_only_after_the_limit_and_a_second_look_that_sees_nothing() -> None:
    found = transitions()
    assert [name for name, nexts in found.items() if STOPPED in nexts] == [OVER]
    assert found[OVER][STOPPED] == ["nothing at a second look"]
    assert set(found[WORK]) == {WORK, QUIET}
    assert "no answer, the kernel lives" in found[WORK][WORK]
    assert set(found[QUIET]) == {WORK, QUIET, OVER}


def test_every_stack_of_the_production_settings_is_drawn() -> None:
    stacks = [file.stem for file in sorted((ROOT / "tests/golden/production").glob("*.json"))]
    assert [line for line in texts("stacks.svg") if line in stacks] == stacks
