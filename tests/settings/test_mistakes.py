"""Every mistake in a settings file is one line that names the file, the line, the field, and what to do."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from studio_infra.settings import InvalidSettings, load_settings
from tests.settings.conftest import ANA, BELA, HEADER, SETTINGS, Find, Write

AFTER = "after_minutes = 60"
EXPIRES = "expires = 2027-06-30"
MISTAKES = tomllib.loads(Path(__file__).with_name("mistakes.toml").read_text(encoding="utf-8"))["mistakes"]


def says(expected: str, message: str) -> bool:
    """Whether a message is the expected one, but for what `<…>` stands for."""
    parts = re.escape(expected).replace(re.escape("<…>"), ".+")
    return re.fullmatch(parts, message) is not None


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake["name"])
def test_a_mistake_is_found_where_it_was_made(mistake: dict[str, Any], find: Find) -> None:
    assert mistake["right"] in SETTINGS
    settings = SETTINGS.replace(mistake["right"], mistake["wrong"], 1)
    marked = [number for number, line in enumerate(settings.splitlines(), start=1) if line.endswith("# here")]
    findings = find(settings)
    expected = [(mistake.get("line") or marked[0], mistake["field"])]
    assert [(finding.line, finding.field) for finding in findings] == expected, findings
    assert says(mistake["says"], findings[0].message), findings[0].message
    assert str(findings[0]).isprintable()
    assert Path(findings[0].file).name == "settings.toml"


def test_an_endpoint_needs_an_end_or_the_word_forever(find: Find) -> None:
    (finding,) = find(SETTINGS.replace(EXPIRES, ""))
    assert SETTINGS.splitlines()[finding.line - 1] == "[endpoints.churn]"
    assert finding.field == "endpoints.churn.expires"
    assert finding.message == 'missing, give a date, "forever", or lifetime_days'
    assert find(SETTINGS.replace(EXPIRES, 'expires = "forever"')) == ()
    assert find(SETTINGS.replace(EXPIRES, "lifetime_days = 30")) == ()


def test_every_mistake_of_every_section_is_found_in_one_run(find: Find) -> None:
    settings = (
        SETTINGS.replace('"VpcOnly"', '"VpcOnli"\nnat_gateways = 3')
        .replace('team = "vision"', 'team = "visoin"\nspto = true\nmax_wait_minutes = 5')
        .replace(EXPIRES, 'instance_typ = "x"')
        .replace('instance_type = "ml.m5.large"', "")
        .replace(AFTER, 'after_minutes = 30\nengine = "wacher"')
    )
    findings = find(settings, "user_name,team,full_name,email\nana,visoin,Ana,ana\n")
    assert [(finding.line, finding.field) for finding in findings] == [
        (8, "domain.network"),
        (9, "domain.nat_gateways"),
        (16, "idle_shutdown.engine"),
        (33, "training.churn.team"),
        (34, "training.churn.spto"),
        (35, "training.churn.max_wait_minutes"),
        (40, "endpoints.churn.instance_type"),
        (40, "endpoints.churn.expires"),
        (45, "endpoints.churn.instance_typ"),
        (2, "email"),
        (2, "team"),
    ]


def test_a_wrong_field_does_not_make_others_look_wrong(find: Find) -> None:
    # The teams' types and limits are right by themselves; what they are compared with is not.
    settings = SETTINGS.replace('auth_mode = "IAM"', 'auth_mode = "SSO"\ndefault_instance_type = 5').replace(
        AFTER, 'after_minutes = "x"\nallowed_range_minutes = [90, 120]'
    )
    settings += '[access]\nsso_users = ["94482488-3041-7091-8f3a-0f0d5b2ac51d"]\n'
    fields = [finding.field for finding in find(settings)]
    assert fields == ["domain.default_instance_type", "idle_shutdown.after_minutes", "sso_user_name"]


def test_sso_lets_nobody_in_whom_nobody_assigned(find: Find) -> None:
    settings = SETTINGS.replace('"IAM"', '"SSO"')
    people = f"{HEADER}\n{BELA}\n{ANA.replace('example.com,', 'example.com,ana', 1)}\n"
    (finding,) = find(settings, people)
    assert (finding.line, finding.field) == (7, "domain.auth_mode")
    assert finding.message == (
        'lets nobody in by itself (got "SSO"), name groups in access.sso_groups, or users in access.sso_users'
    )
    for who in ("sso_groups", "sso_users"):
        assert find(f'{settings}[access]\n{who} = ["94482488-3041-7091-8f3a-0f0d5b2ac51d"]\n', people) == ()


def test_findings_are_sorted_by_file_and_line(find: Find) -> None:
    settings = SETTINGS.replace(AFTER, "after_minutes = 1").replace("us-east-1", "x", 1)
    people = ("a_,vision,A,a@example.com", "ana,vision,Ana,ana@example.com", "b_,nobody,B,b@example.com")
    findings = find(settings, "\n".join(("user_name,team,full_name,email", *people)))
    assert [(Path(finding.file).name, finding.line) for finding in findings] == [
        ("settings.toml", 4),
        ("settings.toml", 14),
        ("users.csv", 2),
        ("users.csv", 4),
        ("users.csv", 4),
    ]


def test_findings_of_the_settings_come_first_whatever_the_roster_is_called(write: Write) -> None:
    path = write(SETTINGS.replace(AFTER, "after_minutes = 1").replace("users.csv", "a.csv"))
    path.with_name("a.csv").write_text(f"{HEADER}\nana_,vision,Ana,ana@example.com,,,,\n", encoding="utf-8")
    with pytest.raises(InvalidSettings) as caught:
        load_settings(path)
    assert [Path(finding.file).name for finding in caught.value.findings] == [
        "settings.toml",
        "settings.toml",
        "a.csv",
    ]


SEE = ", see https://toml.io for how to write it"
TOO_DEEP = "keys or brackets are nested deeper than 20 levels, settings never are"


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ('name = "x\n', 1, f"illegal character<…>{SEE}"),
        ('name = "x"\n\n[domain\n', 3, f"expected<…>{SEE}"),
        ('name = "x"\nname = "y"\n', 2, f"cannot overwrite a value{SEE}"),
        ("a = 1\n[a]\n", 2, f"cannot overwrite a value{SEE}"),
        ("x = 1\ny = [1,\n", 2, f"invalid value{SEE}"),
        ("x = 1\ny = [1,\n\n \n", 2, f"invalid value{SEE}"),
        ("x = \ny = 1\nz = 1\n", 1, f"invalid value{SEE}"),
        ("a = 2027-02-31\n", 1, f"invalid date<…>{SEE}"),
        ("a = \n", 1, f"invalid value{SEE}"),
        ("x = " + "[" * 100, 1, TOO_DEEP),
        ("\n" + ".".join("a" * 30) + " = 1", 2, TOO_DEEP),
        (
            "a = " + "9" * 5000,
            1,
            "a number or a nesting that is far too large, look whether it is the right file",
        ),
        ("<html>", 1, f"invalid statement{SEE}"),
    ],
)
def test_what_is_no_toml_is_one_finding(text: str, line: int, expected: str, find: Find) -> None:
    (finding,) = find(text)
    assert (finding.line, finding.field) == (line, "TOML")
    assert says(expected, finding.message), finding.message


def test_an_empty_file_lacks_everything_on_its_first_line(find: Find) -> None:
    findings = find("")
    assert [(finding.line, finding.field) for finding in findings] == [
        (1, "name"),
        (1, "domain"),
        (1, "teams"),
        (1, "people"),
    ]


def test_no_finding_shows_more_than_the_value_it_is_about(find: Find) -> None:
    secret = "s3cr3t" * 50
    settings = SETTINGS.replace('"us-east-1"', f'"{secret}"').replace(AFTER, f'{AFTER}\nx = "{secret}"')
    for finding in find(settings):
        assert len(str(finding)) < 600
        assert not re.search("(s3cr3t){11}", str(finding))


def test_thousands_of_unknown_keys_end_with_how_many_more_there_are(find: Find) -> None:
    findings = find("".join(f"k{number} = 1\n" for number in range(5000)) + SETTINGS)
    assert len(findings) == 1001
    (rest,) = [finding for finding in findings if "unknown key" not in finding.message]
    assert rest.message == "4000 more mistakes, correct these first; the rest is not listed"
