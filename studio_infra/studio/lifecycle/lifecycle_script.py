"""The text of a lifecycle configuration, checked at synthesis: Studio reports mistakes late and badly."""

from __future__ import annotations

import base64
import gzip
import re
import shlex
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk

from studio_infra import runtime
from studio_infra.errors import InvalidInput
from studio_infra.settings.facts.limits import MAX_LIFECYCLE_CONTENT

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Where the scripts that come with the library stand.
SHIPPED_SCRIPTS: Final = Path(runtime.__file__).parent / "lifecycle"

_SHELLS: Final = frozenset({"ash", "bash", "dash", "ksh", "sh", "zsh"})
_SCRIPT_NAME: Final = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)", re.ASCII)
_VALUE_NAME: Final = re.compile(r"[A-Z][A-Z0-9_]{0,62}", re.ASCII)
# Fixing one of these would change how the shell works, or fail because the shell has fixed it already.
_SHELL_OWNS: Final = re.compile(
    r"(?:BASH|LC_|LD_).*|CDPATH|ENV|EUID|FUNCNAME|GLOBIGNORE|GROUPS|HOME|IFS|LANG|LINENO|OLDPWD|OPTARG|OPTIND|PATH"
    r"|PPID|PS[0-4]|PWD|RANDOM|REPLY|SECONDS|SHELL|SHELLOPTS|SHLVL|TMPDIR|UID",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleScript:
    """A script that Studio runs when an app starts.

    The text is exactly what ships. It is refused here if Studio could not run it, or would run it as another
    thing: a byte before ``#!`` makes Studio use ``sh``, a carriage return makes the interpreter "not found".

    Args:
        text: The whole script, shebang first. A missing last line end is added.
        name: What the script is for, in lower case: ``"git-ssh"``. Becomes part of the configuration's name.

    Raises:
        InvalidInput: Studio would refuse or misread the script.

    """

    text: str
    name: str = "script"

    def __post_init__(self) -> None:
        if _SCRIPT_NAME.fullmatch(self.name) is None:
            raise InvalidInput(
                "LifecycleScriptName",
                f"a script's name is 1-63 lower-case letters, digits or inner hyphens, got {self.name!r}",
            )
        if not self.text.endswith("\n"):
            object.__setattr__(self, "text", self.text + "\n")
        self._check()

    @classmethod
    def from_file(
        cls, path: str | Path, *, values: Mapping[str, str] | None = None, name: str | None = None
    ) -> LifecycleScript:
        """Read a script from ``path`` and give it ``values``.

        Each value becomes a quoted line ``readonly NAME='value'`` between the shebang and the rest of the
        file, so the rest is byte for byte what was linted and tested.

        Args:
            path: The script.
            values: Names (upper case) and texts, for shell scripts. Any text is safe, line ends included;
                only NUL and carriage return are refused. Defaults to none.
            name: What the script is for. Defaults to the file's name, with hyphens.

        Raises:
            InvalidInput: The file cannot be read, a value cannot be passed, or Studio would misread it.

        """
        path = Path(path)
        name = name if name is not None else path.stem.replace("_", "-").lower()
        try:
            # As bytes: reading as text would hide carriage returns.
            text = path.read_bytes().decode("utf-8")
        except OSError as error:
            raise InvalidInput(
                "LifecycleScriptFile", f"the script cannot be read: {error.strerror}", path=str(path)
            ) from error
        except UnicodeDecodeError as error:
            raise InvalidInput(
                "LifecycleScriptEncoding",
                f"byte {error.start} is not UTF-8; save the script as UTF-8",
                path=str(path),
            ) from error
        try:
            return cls.with_values(text, values or {}, name=name)
        except InvalidInput as error:
            raise InvalidInput(error.code, error.message, path=str(path)) from error

    @classmethod
    def with_values(cls, text: str, values: Mapping[str, str], *, name: str) -> LifecycleScript:
        """Give ``values`` to the script ``text``, as ``from_file`` does; pack it if need be: see ``fitted``.

        Raises:
            InvalidInput: A value cannot be passed, or Studio would misread the script.

        """
        return cls.fitted(_with_header(text, values), name=name)

    @classmethod
    def fitted(cls, text: str, *, name: str) -> LifecycleScript:
        """Make a script of ``text``, packed by gzip only if it is too long as plain text.

        A packed script says in its second line how to read it. Its bytes may differ between builds of zlib,
        so deploy it from one kind of machine, or every change of machine is a new configuration.

        Raises:
            InvalidInput: Studio would misread the text, or it is too long even so.

        """
        if len(text.encode("utf-8", "replace")) <= MAX_LIFECYCLE_CONTENT * 3 // 4:
            return cls(text=text, name=name)
        payload = base64.b64encode(gzip.compress(text.encode("utf-8"), 9, mtime=0)).decode("ascii")
        frame = (SHIPPED_SCRIPTS / "packed.sh").read_text(encoding="utf-8")
        return cls(text=frame.replace("#script", "\n".join(textwrap.wrap(payload, 120))), name=name)

    @classmethod
    def compose(cls, *scripts: LifecycleScript, strict: bool = False) -> LifecycleScript:
        """Put several scripts into one, for a slot that takes only one.

        They run one after the other, each by its own interpreter in its own process: whatever one does to
        itself (``exit``, ``set -e``, a syntax error, a fixed variable), the next still runs. Too long
        together, they are packed: see ``fitted``.

        Args:
            *scripts: At least one.
            strict: Whether the app must not start when a part failed. Defaults to starting it anyway.

        Raises:
            InvalidInput: No script was given, or together they are too long.

        """
        if not scripts:
            raise InvalidInput("LifecycleScriptCompose", "compose needs at least one script, got none")
        head = cls.from_file(SHIPPED_SCRIPTS / "compose.sh", values={"STRICT": "true" if strict else "false"})
        parts = "".join(_part(script) for script in scripts)
        name = "-".join(script.name for script in scripts)[:63].rstrip("-")
        return cls.fitted(f"{head.text}{parts}\nfinish\n", name=name)

    @property
    def content_base64(self) -> str:
        """The content as SageMaker takes it."""
        return base64.b64encode(self.text.encode("utf-8")).decode("ascii")

    @property
    def size(self) -> int:
        """How many of the 16,384 base64 characters are used."""
        return len(self.content_base64)

    @property
    def interpreter(self) -> list[str]:
        """The words of the first line after ``#!``."""
        return self.text.partition("\n")[0].removeprefix("#!").split()

    def _check(self) -> None:
        if cdk.Token.is_unresolved(self.text):
            raise InvalidInput(
                "LifecycleScriptToken",
                f"script {self.name!r} contains a value that is known only at deployment: it can neither be "
                "checked nor hashed into its name; pass a literal, or let the script read an SSM parameter",
            )
        if not self.text.startswith("#!") or not self.interpreter:
            raise InvalidInput(
                "LifecycleScriptShebang",
                f"script {self.name!r} must begin with '#!' and an interpreter, got {self.text[:20]!r}; "
                "anything before it (a comment, a byte order mark) makes Studio run the script with sh",
            )
        for character, word in (("\r", "carriage return"), ("\0", "NUL byte")):
            if character in self.text:
                line = self.text[: self.text.index(character)].count("\n") + 1
                raise InvalidInput(
                    "LifecycleScriptCharacter",
                    f"script {self.name!r} has a {word} in line {line}; save it as text with Unix line ends",
                )
        try:
            self.text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise InvalidInput(
                "LifecycleScriptEncoding",
                f"script {self.name!r} has a character at {error.start} that cannot be written as UTF-8",
            ) from error
        excess = self.size - MAX_LIFECYCLE_CONTENT
        if excess > 0:
            raise InvalidInput(
                "LifecycleScriptSize",
                f"script {self.name!r} is {self.size:,} base64 characters, {excess:,} more "
                f"than the {MAX_LIFECYCLE_CONTENT:,} SageMaker accepts; move data out of it or shorten it",
            )


def _with_header(text: str, values: Mapping[str, str]) -> str:
    """Put the quoted values between the first line and the rest."""
    if not values:
        return text
    first, _, rest = text.partition("\n")
    words = first.removeprefix("#!").split()
    if not any(word.rpartition("/")[2] in _SHELLS for word in words):
        raise InvalidInput(
            "LifecycleScriptValues",
            f"values can be given to shell scripts only, this one begins with {first[:40]!r}",
        )
    header = "".join(_assignment(key, value) for key, value in values.items())
    return f"{first}\n{header}{rest}"


def _assignment(key: str, value: str) -> str:
    if _VALUE_NAME.fullmatch(key) is None or _SHELL_OWNS.fullmatch(key) is not None:
        raise InvalidInput(
            "LifecycleScriptValueName",
            "a value's name is upper-case letters, digits and underscores, begins with a letter and is not "
            f"one the shell itself uses, got {key!r}",
        )
    for character, word in (("\r", "a carriage return"), ("\0", "a NUL byte")):
        if character in value:
            raise InvalidInput("LifecycleScriptValue", f"the value of {key} has {word} in it")
    return f"readonly {key}={shlex.quote(value)}\n"


def _part(script: LifecycleScript) -> str:
    """Render ``script`` as a quoted here-document: readable, and nothing in it is expanded."""
    lines = script.text.splitlines()
    end = "END"
    while end in lines:
        end += "_"
    return f"\npart {script.name} {shlex.join(script.interpreter)} <<'{end}'\n{script.text}{end}\n"
