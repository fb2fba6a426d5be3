"""Reading what people wrote for us, whatever it turns out to be."""

from __future__ import annotations

import codecs
import os
import re
import stat
from typing import TYPE_CHECKING, Final

from studio_infra.settings.findings import Finding, InvalidSettings, escape

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS_BYTES_MAX: Final = 128 * 1024
ROSTER_BYTES_MAX: Final = 2 * 1024 * 1024
_KINDS: Final = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}
#: Control characters other than tab and line feed, and what else some programs take for the end of a line.
_UNSEEN: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


def read_text(path: Path, *, most_bytes: int) -> str:
    """The text of a file: UTF-8 with or without a byte order mark, lines ending with LF or CRLF.

    Args:
        path: The file; a symbolic link to a file is followed.
        most_bytes: The size that is refused without reading on.

    Raises:
        InvalidSettings: It is not there, not a file, not readable, too large or not text.

    """
    data = _read(path, most_bytes)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise _unreadable(path, "it is UTF-16, save it as UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _unreadable(
            path, f"byte 0x{data[error.start]:02x} is not UTF-8, save it as UTF-8", line
        ) from None
    text = text.replace("\r\n", "\n")
    if unseen := _UNSEEN.search(text):
        line = text.count("\n", 0, unseen.start()) + 1
        raise _unreadable(path, f"control character U+{ord(unseen[0]):04X}, take it out", line)
    return text


def _read(path: Path, most_bytes: int) -> bytes:
    try:
        # Without O_NONBLOCK, opening a pipe waits for somebody to write into it.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _unreadable(path, f"cannot be read, {escape(reason.lower())}") from None
    try:
        kind = stat.S_IFMT(os.fstat(descriptor).st_mode)
        if kind != stat.S_IFREG:
            raise _unreadable(path, f"not a file but {_KINDS.get(kind, 'something else')}, name a file")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            data = file.read(most_bytes + 1)
    finally:
        os.close(descriptor)
    if len(data) > most_bytes:
        raise _unreadable(
            path, f"larger than {most_bytes // 1024} KiB, split it or look whether it is the right file"
        )
    return data


def _unreadable(path: Path, message: str, line: int = 1) -> InvalidSettings:
    return InvalidSettings([Finding(str(path), line, "file", message)])
