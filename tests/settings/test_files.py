"""Whatever a path leads to, the answer is one line."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from studio_infra.settings import InvalidSettings, load_settings
from studio_infra.settings.reading.files import ROSTER_BYTES_MAX, SETTINGS_BYTES_MAX
from tests.settings.conftest import SETTINGS, Write

if TYPE_CHECKING:
    from collections.abc import Callable

THINGS: dict[str, tuple[Callable[[Path], object], str]] = {
    "nothing": (lambda _: None, "cannot be read, no such file or directory"),
    "a folder": (lambda path: path.mkdir(), "not a file but a folder, name a file"),
    "a pipe": (os.mkfifo, "not a file but a pipe, name a file"),
    "a device": (lambda path: path.symlink_to("/dev/zero"), "not a file but a device, name a file"),
    "a link to nothing": (
        lambda path: path.symlink_to("nowhere"),
        "cannot be read, no such file or directory",
    ),
    "a link to itself": (
        lambda path: path.symlink_to(path),
        "cannot be read, too many levels of symbolic links",
    ),
    "too much": (
        lambda path: path.write_bytes(b"#" * (ROSTER_BYTES_MAX + 1)),
        "larger than {} KiB, split it or look whether it is the right file",
    ),
}


@pytest.mark.parametrize("thing", THINGS)
@pytest.mark.parametrize("name", ["settings.toml", "users.csv"])
def test_what_cannot_be_read_is_one_finding(thing: str, name: str, write: Write) -> None:
    path = write()
    make, says = THINGS[thing]
    path.with_name(name).unlink()
    make(path.with_name(name))
    with pytest.raises(InvalidSettings) as caught:
        load_settings(path)
    (finding,) = caught.value.findings
    assert (Path(finding.file).name, finding.line, finding.field) == (name, 1, "file")
    assert finding.message == says.format(128 if name == "settings.toml" else 2048)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_one_finding(write: Write) -> None:
    path = write()
    path.with_name("users.csv").chmod(0)
    with pytest.raises(InvalidSettings, match="cannot be read, permission denied"):
        load_settings(path)


def test_an_impossible_path_is_one_finding(write: Write) -> None:
    with pytest.raises(InvalidSettings, match="file name too long"):
        load_settings(write(SETTINGS.replace("users.csv", "x" * 300)))
    with pytest.raises(InvalidSettings, match="embedded null byte"):
        load_settings(write(SETTINGS.replace("users.csv", "x\\u0000")))


def test_a_strange_file_name_stays_on_one_line(write: Write) -> None:
    with pytest.raises(InvalidSettings) as caught:
        load_settings(write(SETTINGS.replace("users.csv", "x\\n\\u001b[31m.csv")))
    assert str(caught.value.findings[0]).isprintable()


def test_a_link_to_a_file_is_followed(write: Write) -> None:
    path = write()
    link = path.with_name("link.toml")
    link.symlink_to(path)
    assert load_settings(str(link)).name == "research"


def test_settings_as_large_as_allowed_are_read(write: Write) -> None:
    comment = "#" * (SETTINGS_BYTES_MAX - len(SETTINGS.encode()))
    assert load_settings(write(SETTINGS + comment)).name == "research"
    with pytest.raises(InvalidSettings, match="larger than 128 KiB"):
        load_settings(write(f"{SETTINGS}#{comment}"))


def test_the_settings_may_be_written_on_windows(write: Write) -> None:
    assert load_settings(write(b"\xef\xbb\xbf" + SETTINGS.replace("\n", "\r\n").encode())).name == "research"
