from __future__ import annotations

import base64
import hashlib
import subprocess
from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_infra.errors import InvalidInput
from studio_infra.studio.lifecycle.lifecycle_script import SHIPPED_SCRIPTS, LifecycleScript

if TYPE_CHECKING:
    from pathlib import Path

BASH = "#!/bin/bash\n"


def run(script: LifecycleScript) -> subprocess.CompletedProcess[str]:
    """Run the shipped text as Studio does: a file of its own, by its own shebang."""
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "lifecycle_script.sh")
        file.write_text(script.text, encoding="utf-8")
        file.chmod(0o755)
        return subprocess.run([file], capture_output=True, text=True, timeout=30, check=False)


def a_file(folder: Path, text: str | bytes, name: str = "say_it.sh") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_the_header_stands_between_the_shebang_and_the_untouched_body(tmp_path: Path) -> None:
    body = '# why\nset -u\necho "${WHO}"\n'
    script = LifecycleScript.from_file(a_file(tmp_path, BASH + body), values={"WHO": "o'brien $(id)"})

    assert script.text == BASH + "readonly WHO='o'\"'\"'brien $(id)'\n" + body
    assert script.name == "say-it"
    assert run(script).stdout == "o'brien $(id)\n"


def test_without_values_the_file_ships_byte_for_byte(tmp_path: Path) -> None:
    path = a_file(tmp_path, BASH + "echo ü\n")
    script = LifecycleScript.from_file(path, name="greeting")

    assert base64.b64decode(script.content_base64) == path.read_bytes()
    assert (script.name, script.size) == ("greeting", len(script.content_base64))


def test_the_last_line_is_always_ended() -> None:
    assert LifecycleScript(text=BASH + "echo one").text == BASH + "echo one\n"


@given(st.text(st.characters(exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=200))
def test_no_value_can_become_code_and_each_arrives_whole(value: str) -> None:
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        script = LifecycleScript.from_file(
            a_file(Path(folder), BASH + "printf %s \"${VALUE}\" | od -An -v -tx1 | tr -d ' \\n'\n"),
            values={"VALUE": value},
        )
    result = run(script)
    assert bytes.fromhex(result.stdout).decode() == value
    assert result.stderr == ""


@pytest.mark.parametrize(
    "name",
    ["", "who", "1WHO", "WHO-IS", "WHO=1;id #", "WHO\n", "PATH", "IFS", "BASH_ENV", "LD_PRELOAD", "UID"],
)
def test_refuses_value_names_the_shell_would_not_take_or_needs_itself(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput, match="a value's name is upper-case") as caught:
        LifecycleScript.from_file(a_file(tmp_path, BASH), values={name: "x"})
    assert caught.value.code == "LifecycleScriptValueName"


@pytest.mark.parametrize(("value", "word"), [("a\0b", "NUL byte"), ("a\rb", "carriage return")])
def test_refuses_values_that_no_script_could_hold(tmp_path: Path, value: str, word: str) -> None:
    with pytest.raises(InvalidInput, match=f"the value of WHO has a {word}"):
        LifecycleScript.from_file(a_file(tmp_path, BASH), values={"WHO": value})


def test_refuses_values_for_a_script_that_is_not_shell(tmp_path: Path) -> None:
    python = a_file(tmp_path, "#!/usr/bin/env python3\nprint(1)\n")
    assert LifecycleScript.from_file(python).interpreter == ["/usr/bin/env", "python3"]
    with pytest.raises(InvalidInput, match="shell scripts only"):
        LifecycleScript.from_file(python, values={"WHO": "ana"})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "echo hi\n",
        "# a comment\n#!/bin/bash\n",
        "\n#!/bin/bash\n",
        " #!/bin/bash\n",
        "\ufeff#!/bin/bash\n",
        "#!\necho\n",
    ],
)
def test_refuses_a_script_that_does_not_begin_with_its_interpreter(text: str) -> None:
    with pytest.raises(InvalidInput, match="must begin with '#!' and an interpreter"):
        LifecycleScript(text=text)


def test_refuses_windows_line_ends_and_names_the_line(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="carriage return in line 2") as caught:
        LifecycleScript.from_file(a_file(tmp_path, BASH.encode() + b"echo\r\n"))
    assert caught.value.code == "LifecycleScriptCharacter"


def test_refuses_a_nul_byte() -> None:
    with pytest.raises(InvalidInput, match="NUL byte in line 3"):
        LifecycleScript(text=BASH + "echo\necho a\0b\n")


def test_refuses_bytes_that_are_not_utf8_and_names_file_and_place(tmp_path: Path) -> None:
    path = a_file(tmp_path, BASH.encode() + b"# caf\xe9\n")
    with pytest.raises(InvalidInput, match="byte 17 is not UTF-8") as caught:
        LifecycleScript.from_file(path)
    assert caught.value.path == str(path)


def test_refuses_a_lone_surrogate() -> None:
    with pytest.raises(InvalidInput, match="cannot be written as UTF-8"):
        LifecycleScript(text=BASH + "echo \ud800\n")


@pytest.mark.parametrize("name", ["missing.sh", "."])
def test_a_file_that_cannot_be_read_is_one_clear_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput, match="the script cannot be read") as caught:
        LifecycleScript.from_file(tmp_path / name)
    assert caught.value.path == str(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_accepts_exactly_the_limit_and_refuses_one_byte_more() -> None:
    full = BASH + "#" * (12_288 - len(BASH) - 1) + "\n"
    assert LifecycleScript(text=full).size == 16_384
    with pytest.raises(InvalidInput, match=r"16,388 base64 characters, 4 more than the 16,384"):
        LifecycleScript(text=full + "\n")


def test_refuses_what_is_known_only_at_deployment() -> None:
    with pytest.raises(InvalidInput, match="known only at deployment"):
        LifecycleScript(text=f"{BASH}echo {cdk.Aws.REGION}\n")


@pytest.mark.parametrize("name", ["", "Git", "git_ssh", "-git", "git-", "git\n", "g" * 64])
def test_refuses_names_that_could_not_stand_in_a_configuration_name(name: str) -> None:
    with pytest.raises(InvalidInput, match="a script's name is 1-63"):
        LifecycleScript(text=BASH, name=name)


# -- compose -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("exit 7\n", 7),
        ("set -eu\nfalse\n", 1),
        ('set -u\necho "${missing}"\n', 127),
        ("if then\n", 2),
        ("kill -9 $$\n", 137),
        ("exec false\n", 1),
        ("cat >/dev/null\nexit 3\n", 3),
        ("readonly NEXT=taken\nset -x\nexit 5\n", 5),
        ("trap 'exit 9' EXIT\n", 9),
    ],
)
def test_a_part_that_fails_is_named_and_the_next_runs_all_the_same(fault: str, code: int) -> None:
    both = LifecycleScript.compose(
        LifecycleScript(text=BASH + fault, name="first"),
        LifecycleScript(text=BASH + 'NEXT=free\necho "second ran, ${NEXT}"\n', name="second"),
    )
    result = run(both)
    assert result.returncode == 0
    assert result.stdout.endswith("second ran, free\n")
    assert f"ERROR part first ended with {code}, going on" in result.stdout


def test_strict_composition_runs_every_part_and_then_reports_the_failure() -> None:
    failing, fine = LifecycleScript(text=BASH + "exit 4\n"), LifecycleScript(text=BASH + "echo fine\n")

    strict = run(LifecycleScript.compose(failing, fine, strict=True))
    assert (strict.returncode, strict.stdout.splitlines()[-1]) == (1, "fine")
    assert run(LifecycleScript.compose(fine, fine, strict=True)).returncode == 0


def test_parts_run_by_their_own_interpreter_and_unchanged() -> None:
    awkward = "cat <<'END'\nEND of $(id) `id` \\ '\nEND\n"
    both = LifecycleScript.compose(
        LifecycleScript(text=BASH + awkward, name="shell"),
        LifecycleScript(
            text="#!/usr/bin/env python3\nimport sys\nprint(sys.version_info[0], 'it''s')\n", name="snake"
        ),
    )
    assert run(both).stdout == "END of $(id) `id` \\ '\n3 its\n"
    assert both.name == "shell-snake"


def test_one_script_composed_is_that_script_in_a_frame_and_none_is_refused() -> None:
    assert run(LifecycleScript.compose(LifecycleScript(text=BASH + "echo alone\n"))).stdout == "alone\n"
    with pytest.raises(InvalidInput, match="at least one script"):
        LifecycleScript.compose()


def test_a_composition_too_long_as_text_is_packed_runs_the_same_and_can_be_read(tmp_path: Path) -> None:
    half = BASH + "".join(f"# line {number}\n" for number in range(600))
    parts = [LifecycleScript(text=f"{half}echo {name}\n", name=name) for name in ("idle", "git")]
    both = LifecycleScript.compose(*parts)
    assert both.size < sum(part.size for part in parts)
    assert run(both).stdout == "idle\ngit\n"

    file = a_file(tmp_path, both.text, "THIS_FILE")
    command = both.text.splitlines()[2].removeprefix("#").replace("THIS_FILE", str(file))
    read = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, check=True, timeout=10
    ).stdout
    assert all(part.text in read for part in parts)


def test_a_packed_script_that_cannot_be_unpacked_says_so_and_lets_the_app_start(tmp_path: Path) -> None:
    packed = LifecycleScript.fitted(BASH + "# long\n" * 3000, name="long")
    file = a_file(tmp_path, packed.text)
    result = subprocess.run(
        ["/bin/bash", file], env={"PATH": "/none"}, capture_output=True, text=True, check=False, timeout=10
    )
    assert result.returncode == 0
    assert "cannot be unpacked, nothing was run" in result.stdout


def test_a_composition_over_the_limit_even_when_packed_is_refused_with_both_names() -> None:
    digests = (hashlib.sha512(bytes([number])).hexdigest() for number in range(140))
    dense = BASH + "".join(f"# {digest}\n" for digest in digests)
    parts = [
        LifecycleScript(text=dense[:9000], name="idle"),
        LifecycleScript(text=BASH + "#" + dense[-9000:], name="git"),
    ]
    with pytest.raises(InvalidInput, match=r"script 'idle-git' is [\d,]+ base64 characters, [\d,]+ more"):
        LifecycleScript.compose(*parts)


@pytest.mark.parametrize("path", sorted(SHIPPED_SCRIPTS.glob("*.sh")), ids=lambda path: path.name)
def test_every_shipped_script_passes_shellcheck_and_bash(path: Path) -> None:
    subprocess.run(["shellcheck", "--severity=style", path], check=True, timeout=60)
    subprocess.run(["bash", "-n", path], check=True, timeout=10)
