"""Every mistake in a roster is one line that names the file, the line, the column, and what to do."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from studio_infra.settings import load_settings
from studio_infra.settings.findings import PROBLEMS_MAX
from studio_infra.settings.reading.loader import FINDINGS_MAX
from tests.settings.conftest import ANA, BELA, HEADER, ROSTER, SETTINGS, Find, Write
from tests.settings.test_mistakes import says

ZERO_WIDTH_SPACE = "\N{ZERO WIDTH SPACE}"
CYRILLIC_A = "\N{CYRILLIC SMALL LETTER A}"
FULL_WIDTH_1 = "\N{FULLWIDTH DIGIT ONE}"

#: Written as the third person, on line 4 of the roster.
ROWS = {
    # texts that are not what they say
    "a token of CDK": (
        "x,vision,${Token[TOKEN.1]},x@example.com,,,,",
        "full_name",
        (
            'AWS or CDK would put something else in its place (got "${Token[TOKEN.1]}"), leave '
            "out {Token[ and {{resolve:"
        ),
    ),
    "a list token of CDK": (
        "x,vision,X,x@example.com,#{Token[TOKEN.1]},,,",
        "sso_user_name",
        (
            'AWS or CDK would put something else in its place (got "#{Token[TOKEN.1]}"), leave '
            "out {Token[ and {{resolve:"
        ),
    ),
    "a secret by reference": (
        "x,vision,X,x@example.com,{{resolve:secretsmanager:payroll}},,,",
        "sso_user_name",
        (
            "AWS or CDK would put something else in its place (got "
            '"{{resolve:secretsmanager:payroll}}"), leave out {Token[ and {{resolve:'
        ),
    ),
    # names that SageMaker refuses
    "empty name": (",vision,X,x@example.com,,,,", "user_name", "missing, add it: name of the user profile"),
    "blank name": (
        "   ,vision,X,x@example.com,,,,",
        "user_name",
        "missing, add it: name of the user profile",
    ),
    "hyphen in front": (
        "-x,vision,X,x@example.com,,,,",
        "user_name",
        ('not a name that SageMaker takes (got "-x"), use 1 to 63 ASCII letters, digits and inner hyphens'),
    ),
    "hyphen behind": (
        "x-,vision,X,x@example.com,,,,",
        "user_name",
        ('not a name that SageMaker takes (got "x-"), use 1 to 63 ASCII letters, digits and inner hyphens'),
    ),
    "underscore": (
        "a_b,vision,X,x@example.com,,,,",
        "user_name",
        ('not a name that SageMaker takes (got "a_b"), use 1 to 63 ASCII letters, digits and inner hyphens'),
    ),
    "dot": (
        "a.b,vision,X,x@example.com,,,,",
        "user_name",
        ('not a name that SageMaker takes (got "a.b"), use 1 to 63 ASCII letters, digits and inner hyphens'),
    ),
    "64 characters": (
        f"{'a' * 64},vision,X,x@example.com,,,,",
        "user_name",
        (
            "not a name that SageMaker takes (got "
            '"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa… and 4 more '
            'characters"), use 1 to 63 ASCII letters, digits and inner hyphens'
        ),
    ),
    "255 characters": (
        f"{'a' * 255},vision,X,x@example.com,,,,",
        "user_name",
        (
            "not a name that SageMaker takes (got "
            '"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa… and 195 more '
            'characters"), use 1 to 63 ASCII letters, digits and inner hyphens'
        ),
    ),
    "full-width digit": (
        f"x{FULL_WIDTH_1},vision,X,x@example.com,,,,",
        "user_name",
        (
            'not a name that SageMaker takes: it has U+FF11 FULLWIDTH DIGIT ONE in it (got "x１"), '
            "use 1 to 63 ASCII letters, digits and inner hyphens"
        ),
    ),
    "Arabic digit": (
        "x\u0661,vision,X,x@example.com,,,,",
        "user_name",
        (
            "not a name that SageMaker takes: it has U+0661 ARABIC-INDIC DIGIT ONE in it (got "
            '"x١"), use 1 to 63 ASCII letters, digits and inner hyphens'
        ),
    ),
    "zero-width space": (
        f"x{ZERO_WIDTH_SPACE}y,vision,X,x@example.com,,,,",
        "user_name",
        (
            "not a name that SageMaker takes: it has U+200B ZERO WIDTH SPACE in it (got "
            '"x\\u{200b}y"), use 1 to 63 ASCII letters, digits and inner hyphens'
        ),
    ),
    "override of direction": (
        "x\u202ey,vision,X,x@example.com,,,,",
        "user_name",
        (
            "not a name that SageMaker takes: it has U+202E RIGHT-TO-LEFT OVERRIDE in it (got "
            '"x\\u{202e}y"), use 1 to 63 ASCII letters, digits and inner hyphens'
        ),
    ),
    "emoji": (
        "x\U0001f600,vision,X,x@example.com,,,,",
        "user_name",
        (
            'not a name that SageMaker takes: it has U+1F600 GRINNING FACE in it (got "x😀"), use '
            "1 to 63 ASCII letters, digits and inner hyphens"
        ),
    ),
    "accent": (
        "josé,vision,X,x@example.com,,,,",
        "user_name",
        (
            "not a name that SageMaker takes: it has U+00E9 LATIN SMALL LETTER E WITH ACUTE in it "
            '(got "josé"), use 1 to 63 ASCII letters, digits and inner hyphens'
        ),
    ),
    "path": (
        "../x,vision,X,x@example.com,,,,",
        "user_name",
        ('not a name that SageMaker takes (got "../x"), use 1 to 63 ASCII letters, digits and inner hyphens'),
    ),
    "pseudo parameter": (
        "${AWS::AccountId},vision,X,x@example.com,,,,",
        "user_name",
        (
            'not a name that SageMaker takes (got "${AWS::AccountId}"), use 1 to 63 ASCII '
            "letters, digits and inner hyphens"
        ),
    ),
    "dynamic reference": (
        "{{resolve:ssm:x}},vision,X,x@example.com,,,,",
        "user_name",
        (
            'not a name that SageMaker takes (got "{{resolve:ssm:x}}"), use 1 to 63 ASCII '
            "letters, digits and inner hyphens"
        ),
    ),
    "token of CDK": (
        "${Token[TOKEN.1]},vision,X,x@example.com,,,,",
        "user_name",
        (
            'not a name that SageMaker takes (got "${Token[TOKEN.1]}"), use 1 to 63 ASCII '
            "letters, digits and inner hyphens"
        ),
    ),
    # names that are somebody else's
    "same name": (
        "ana,vision,X,x@example.com,,,,",
        "user_name",
        ('already the name of the person on line 2 (got "ana"), give each person a name of their own'),
    ),
    "same but for case": (
        "ANA,vision,X,x@example.com,,,,",
        "user_name",
        (
            'differs only in upper and lower case from "ana" on line 2 (got "ANA"), give each '
            "person a name of their own"
        ),
    ),
    # other columns
    "unknown team": (
        "x,visoin,X,x@example.com,,,,",
        "team",
        'no such team (got "visoin"), use one of vision, platform; did you mean "vision"?',
    ),
    "bad team": (
        "x,Vision!,X,x@example.com,,,,",
        "team",
        (
            'not a team name (got "Vision!"), use 1 to 32 lower-case letters, digits and inner '
            "hyphens, a letter first"
        ),
    ),
    "no full name": (
        "x,vision,,x@example.com,,,,",
        "full_name",
        "missing, add it: name for git commits and lists",
    ),
    "full name too long": (
        f"x,vision,{'X' * 101},x@example.com,,,,",
        "full_name",
        (
            'too long (got "XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX… and 41 '
            'more characters"), use at most 100 characters'
        ),
    ),
    "full name with brackets": (
        "x,vision,X <y>,x@example.com,,,,",
        "full_name",
        'git cannot keep < and > in a name (got "X <y>"), leave them out',
    ),
    "full name with an override": (
        "x,vision,X\u202ey,x@example.com,,,,",
        "full_name",
        ('it has invisible characters in it (got "X\\u{202e}y"), use letters, spaces and punctuation'),
    ),
    "no e-mail": ("x,vision,X,,,,,", "email", "missing, add it: address for git commits and messages"),
    "half an e-mail": (
        "x,vision,X,x@,,,,",
        "email",
        'not an e-mail address (got "x@"), write it like "ana.silva@example.com"',
    ),
    "e-mail without a dot": (
        "x,vision,X,x@localhost,,,,",
        "email",
        'not an e-mail address (got "x@localhost"), write it like "ana.silva@example.com"',
    ),
    "e-mail that substitutes": (
        "x,vision,X,$(id)@example.com,,,,",
        "email",
        'not an e-mail address (got "$(id)@example.com"), write it like "ana.silva@example.com"',
    ),
    "e-mail of 255 characters": (
        f"x,vision,X,{'x' * 243}@example.com,,,,",
        "email",
        (
            "not an e-mail address (got "
            '"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx… and 195 more '
            'characters"), write it like "ana.silva@example.com"'
        ),
    ),
    "SSO name with a space": (
        "x,vision,X,x@example.com,x y,,,",
        "sso_user_name",
        ('not a user name of IAM Identity Center (got "x y"), leave out spaces and invisible characters'),
    ),
    "SSO name taken": (
        "x,vision,X,x@example.com,Bela@corp.example,,,",
        "sso_user_name",
        ('already given to the person on line 3 (got "Bela@corp.example"), give each person their own'),
    ),
    "stack 0": ("x,vision,X,x@example.com,,0,,", "stack", 'too small (got "0"), use at least 1'),
    "stack 1000": ("x,vision,X,x@example.com,,1000,,", "stack", 'too large (got "1000"), use at most 999'),
    "stack with a sign": (
        "x,vision,X,x@example.com,,-1,,",
        "stack",
        'not a whole number (got "-1"), use the digits 0 to 9 without a leading zero',
    ),
    "stack with a zero in front": (
        "x,vision,X,x@example.com,,01,,",
        "stack",
        'not a whole number (got "01"), use the digits 0 to 9 without a leading zero',
    ),
    "stack with a fraction": (
        "x,vision,X,x@example.com,,1.0,,",
        "stack",
        'not a whole number (got "1.0"), use the digits 0 to 9 without a leading zero',
    ),
    "stack in Arabic digits": (
        "x,vision,X,x@example.com,,\u0661,,",
        "stack",
        'not a whole number (got "١"), use the digits 0 to 9 without a leading zero',
    ),
    "stack of many digits": (
        f"x,vision,X,x@example.com,,{'9' * 999},,",
        "stack",
        (
            "not a whole number (got "
            '"999999999999999999999999999999999999999999999999999999999999… and 939 more '
            'characters"), use the digits 0 to 9 without a leading zero'
        ),
    ),
    "uid of the system": (
        "x,vision,X,x@example.com,,,1000,",
        "posix_uid",
        'too small (got "1000"), use at least 10000',
    ),
    "uid too large": (
        "x,vision,X,x@example.com,,,4000001,",
        "posix_uid",
        'too large (got "4000001"), use at most 4000000',
    ),
    "uid taken": (
        "x,vision,X,x@example.com,,,10001,",
        "posix_uid",
        'already given to the person on line 3 (got "10001"), give each person their own',
    ),
    "date the other way round": (
        "x,vision,X,x@example.com,,,,31-12-2027",
        "expires",
        'not a date (got "31-12-2027"), write it as year-month-day: 2027-03-31',
    ),
    "30 February": (
        "x,vision,X,x@example.com,,,,2027-02-30",
        "expires",
        'not a date (got "2027-02-30"), write it as year-month-day: 2027-03-31',
    ),
    "date without hyphens": (
        "x,vision,X,x@example.com,,,,20270131",
        "expires",
        'not a date (got "20270131"), write it as year-month-day: 2027-03-31',
    ),
    # lines
    "extra column": (
        "x,vision,X,x@example.com,,,,,",
        "row",
        (
            "9 columns, but the header has 8, give each column a cell, if need be an empty one; "
            "put text that has a comma in quotes"
        ),
    ),
    "missing columns": (
        "x,vision,X,x@example.com",
        "row",
        (
            "4 columns, but the header has 8, give each column a cell, if need be an empty one; "
            "put text that has a comma in quotes"
        ),
    ),
    "comma in a name": (
        "x,vision,X, Jr.,x@example.com,,,,",
        "row",
        (
            "9 columns, but the header has 8, give each column a cell, if need be an empty one; "
            "put text that has a comma in quotes"
        ),
    ),
    "text behind a quote": (
        'x,vision,"X"y,x@example.com,,,,',
        "row",
        (
            "a quote is not closed on this line, or text follows it, keep each person on one line "
            "and double the quotes inside quotes"
        ),
    ),
    "a line without end": (
        f"x,vision,{'X' * 3000}",
        "row",
        "3009 characters long, use at most 2000 for a person",
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_a_mistake_is_found_on_its_line_and_in_its_column(name: str, find: Find) -> None:
    row, column, message = ROWS[name]
    (finding,) = find(roster=f"{ROSTER}{row}\n")
    assert (Path(finding.file).name, finding.line, finding.field) == ("users.csv", 4, column)
    assert finding.message == message
    assert str(finding).isprintable()


OWN_HEADER = "user_name,team,full_name,email,status,instance_type,ebs_gb,private_space,policies"
#: Columns for what one person has of their own, written as the second person, on line 3.
OWN = {
    "status nobody knows": (
        "x,vision,X,x@example.com,gone,,,,",
        "status",
        'not one of the choices (got "gone"), use "active" or "suspended"',
    ),
    "instance type of another team": (
        "x,vision,X,x@example.com,,ml.m5.xlarge,,,",
        "instance_type",
        (
            'not among the team\'s (got "ml.m5.xlarge"), use one of ml.t3.medium, ml.g5.xlarge, or '
            "add it to teams.vision.instance_types"
        ),
    ),
    "instance type of a spreadsheet": (
        "x,vision,X,x@example.com,,big,,,",
        "instance_type",
        'not an instance type (got "big"), write it like "ml.g5.xlarge"',
    ),
    "volume too small": ("x,vision,X,x@example.com,,,4,,", "ebs_gb", 'too small (got "4"), use at least 5'),
    "volume too large": (
        "x,vision,X,x@example.com,,,16385,,",
        "ebs_gb",
        'too large (got "16385"), use at most 16384',
    ),
    "volume with a unit": (
        "x,vision,X,x@example.com,,,50GB,,",
        "ebs_gb",
        'not a whole number (got "50GB"), use the digits 0 to 9 without a leading zero',
    ),
    "private space of a spreadsheet": (
        "x,vision,X,x@example.com,,,,TRUE,",
        "private_space",
        'neither yes nor no (got "TRUE"), use yes or no',
    ),
    "policy by its name": (
        "x,vision,X,x@example.com,,,,,Secrets",
        "policies[0]",
        (
            'not the ARN of a managed policy (got "Secrets"), write it like '
            '"arn:aws:iam::123456789012:policy/studio-boundary"'
        ),
    ),
    "policy of administrators": (
        "x,vision,X,x@example.com,,,,,arn:aws:iam::aws:policy/AdministratorAccess",
        "policies[0]",
        (
            "lets its holder do far more than one person's work needs (got "
            '"arn:aws:iam::aws:policy/AdministratorAccess"), write a policy of your own'
        ),
    ),
    "policy that allows everything of a service": (
        "x,vision,X,x@example.com,,,,,arn:aws:iam::123456789012:policy/a; arn:aws:iam::aws:policy/AmazonS3FullAccess",
        "policies[1]",
        (
            "lets its holder do far more than one person's work needs (got "
            '"arn:aws:iam::aws:policy/AmazonS3FullAccess"), write a policy of your own'
        ),
    ),
    "more policies than a role holds": (
        f"x,vision,X,x@example.com,,,,,{';'.join(['arn:aws:iam::123456789012:policy/a'] * 10)}",
        "policies",
        (
            'too long (got "arn:aws:iam::123456789012:policy/a;arn:aws:iam::123456789012… and 289 '
            'more characters"), use at most 9 entries'
        ),
    ),
}


@pytest.mark.parametrize("name", OWN)
def test_a_mistake_in_what_one_person_has_of_their_own_is_one_finding(name: str, find: Find) -> None:
    row, column, message = OWN[name]
    (finding,) = find(roster=f"{OWN_HEADER}\nana,vision,Ana,ana@example.com,,,,,\n{row}\n")
    assert (Path(finding.file).name, finding.line, finding.field) == ("users.csv", 3, column)
    assert finding.message == message
    assert str(finding).isprintable()


def test_policies_of_ones_own_have_no_place_in_a_role_that_a_team_shares(find: Find) -> None:
    row = "ana,vision,Ana,ana@example.com,,,,,arn:aws:iam::123456789012:policy/a"
    (finding,) = find(f'{SETTINGS}\n[access]\nrole_sharing = "per_team"\n', f"{OWN_HEADER}\n{row}\n")
    assert (finding.line, finding.field) == (2, "policies")
    assert "the person shares the role of the team" in finding.message


LOOKALIKES = {
    "zero for o": ("bo0", "boo"),
    "one for l": ("be1a", "bela"),
    "I for l": ("beIa", "bela"),
    "Cyrillic for Latin": (f"{CYRILLIC_A}na", "ana"),
    "full-width for plain": ("a\N{FULLWIDTH LATIN SMALL LETTER N}a", "ana"),
    "hidden in between": (f"a{ZERO_WIDTH_SPACE}na", "ana"),
    "composed and decomposed": ("jose\N{COMBINING ACUTE ACCENT}", "josé"),
    "ligature": ("\N{LATIN SMALL LIGATURE FI}na", "fina"),
}


@pytest.mark.parametrize("name", LOOKALIKES)
def test_names_that_look_alike_name_both_lines(name: str, find: Find) -> None:
    one, other = LOOKALIKES[name]
    findings = find(
        SETTINGS.replace('owner = "ana"', 'owner = "x"'),
        f"{HEADER}\nx,vision,X,x@example.com,,,,\n{other},vision,X,x@example.com,,,,\n{one},vision,X,x@example.com,,,,\n",
    )
    (alike,) = [finding for finding in findings if "looks the same" in finding.message]
    assert (alike.line, alike.field) == (4, "user_name")
    assert f'"{other}" on line 3' in alike.message


def test_names_that_meet_in_a_logical_id_are_different_people(write: Write) -> None:
    people = "".join(f"{name},vision,X,{name}@example.com,,,,\n" for name in ("a-b", "ab", "a--b", "ana"))
    assert len(load_settings(write(roster=f"{HEADER}\n{people}")).roster) == 4


BEGIN = "user_name,team,full_name,email[,sso_user_name]<…>[,policies]"
HEADERS = {
    "unknown column": (
        "user_name,team,full_name,email,sso_name",
        f'unknown column (got "sso_name"), use {BEGIN}; did you mean "sso_user_name"?',
    ),
    "column twice": (
        "user_name,team,full_name,email,team",
        'column named twice (got "team"), name each once',
    ),
    "missing columns": ("user_name,team", f"no column full_name, email, begin with {BEGIN}"),
    "semicolons": (
        "user_name;team;full_name;email",
        "no comma in it, separate the columns with commas",
    ),
    "tabs": ("user_name\tteam\tfull_name", "no comma in it, separate the columns with commas"),
    "a single column": ("user_name", f"no column team, full_name, email, begin with {BEGIN}"),
    "nothing": ("", f"missing or damaged, begin with {BEGIN}"),
    "commas": (",,,", f"missing or damaged, begin with {BEGIN}"),
    "open quote": ('"user_name,team', f"missing or damaged, begin with {BEGIN}"),
}


@pytest.mark.parametrize("name", HEADERS)
def test_a_wrong_header_is_found_on_its_line(name: str, find: Find) -> None:
    header, expected = HEADERS[name]
    row = "ana,vision,Ana,ana@example.com" + "," * max(0, header.count(",") - 3)
    (finding,) = find(roster=f"{header}\n{row}\n")
    assert (Path(finding.file).name, finding.line, finding.field) == ("users.csv", 1, "header")
    assert says(expected, finding.message), finding.message


@pytest.mark.parametrize("roster", [HEADER, f"{HEADER}\n", f"{HEADER}\r\n\r\n  \r\n"])
def test_a_roster_needs_people(roster: str, find: Find) -> None:
    (finding,) = find(roster=roster)
    assert (finding.line, finding.field) == (1, "roster")
    assert finding.message == "nobody is in it, give one line to each person, below the header"


NOT_CLOSED = (
    "a quote is not closed on this line, or text follows it, "
    "keep each person on one line and double the quotes inside quotes"
)


@pytest.mark.parametrize("between", ["of the", 'of ""the"" "green"', "", 'of """"the'])
def test_lines_inside_quotes_are_nobody_until_the_quote_is_closed(between: str, find: Find) -> None:
    last = 'valley """"",x@example.com,,,,'
    findings = find(roster=f'{ROSTER}x,vision,"X\n{between}\n{last}\na_b,vision,Y,y@example.com,,,,\n')
    assert [(finding.line, finding.field) for finding in findings] == [(4, "row"), (7, "user_name")]


def test_text_behind_a_quote_that_is_closed_hides_nobody(find: Find) -> None:
    findings = find(roster=f'{ROSTER}x,vision,"X"y,x@example.com,,,,\na_b,vision,Y,y@example.com,,,,\n')
    assert [(finding.line, finding.field) for finding in findings] == [(4, "row"), (5, "user_name")]


@pytest.mark.parametrize("longest", [2000, 2001])
def test_a_line_has_a_longest_length(longest: int, find: Find) -> None:
    row = "x,vision,{},x@example.com,,,,"
    findings = find(roster=f"{ROSTER}{row.format('X' * (longest - len(row) + 2))}\n")
    words = {2000: "too long", 2001: "2001 characters long, use at most 2000 for a person"}[longest]
    assert [finding.message.startswith(words) for finding in findings] == [True]


def test_a_newline_inside_quotes_is_one_finding_and_the_next_people_are_still_checked(find: Find) -> None:
    findings = find(
        roster=f'{ROSTER}x,vision,"X\nof the\nvalley",x@example.com,,,,\na_b,vision,Y,y@example.com,,,,\n'
    )
    assert [(finding.line, finding.field) for finding in findings] == [(4, "row"), (7, "user_name")]
    assert findings[0].message == NOT_CLOSED


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_excel_may_have_written_it(end: str, mark: bytes, write: Write) -> None:
    settings = load_settings(write(roster=mark + ROSTER.replace("\n", end).encode()))
    assert [person.full_name for person in settings.roster] == ["Ana Silva", "Béla Kovács"]


def test_blank_lines_and_spaces_around_cells_do_not_count(find: Find, write: Write) -> None:
    roster = f"{HEADER}\n\n  ana , vision ,Ana Silva, ana@example.com,,,,\n\na_,vision,X,x@example.com,,,,\n"
    (finding,) = find(roster=roster)
    assert finding.line == 5
    assert load_settings(write(roster=roster.rsplit("a_", 1)[0])).roster[0].email == "ana@example.com"


def test_columns_may_stand_in_any_order_and_the_optional_ones_may_be_missing(write: Write) -> None:
    (ana,) = load_settings(
        write(roster="email,full_name,team,user_name\nana@example.com,Ana,vision,ana\n")
    ).roster
    assert (ana.user_name, ana.team, ana.stack, ana.expires) == ("ana", "vision", 1, None)


def test_sso_needs_the_name_in_identity_center(find: Find) -> None:
    group = '[access]\nsso_groups = ["94482488-3041-7091-8f3a-0f0d5b2ac51d"]\n\n[git]'
    settings = SETTINGS.replace('"IAM"', '"SSO"').replace("[git]", group)
    (finding,) = find(settings, f"{HEADER}\n{ANA}\n{BELA}\n")
    assert (finding.line, finding.field) == (2, "sso_user_name")


@pytest.mark.parametrize(
    ("roster", "line", "message"),
    [
        (ROSTER.encode() + b"x,vision,\xff", 4, "byte 0xff is not UTF-8, save it as UTF-8"),
        (ROSTER.encode() + b"x\x00,vision", 4, "control character U+0000, take it out"),
        (ROSTER.encode() + b"alice\r,vision", 4, "control character U+000D, take it out"),
        (ROSTER.encode() + b"x\xed\xa0\x80,vision", 4, "byte 0xed is not UTF-8, save it as UTF-8"),
        (ROSTER.replace("\n", "\r").encode(), 1, "control character U+000D, take it out"),
        (f"{HEADER}\nana\N{LINE SEPARATOR},x".encode(), 2, "control character U+2028, take it out"),
        (ROSTER.encode("utf-16"), 1, "it is UTF-16, save it as UTF-8"),
    ],
)
def test_what_is_no_text_is_one_finding(roster: bytes, line: int, message: str, find: Find) -> None:
    (finding,) = find(roster=roster)
    assert (Path(finding.file).name, finding.line, finding.field) == ("users.csv", line, "file")
    assert finding.message == message


def test_a_roster_full_of_mistakes_is_not_read_to_its_end(find: Find) -> None:
    findings = find(
        roster=f"{HEADER}\n" + "".join(f"-{n},vision,X,x@example.com,,,,\n" for n in range(20_000))
    )
    on_lines = [finding for finding in findings if finding.field != "user_name"]
    assert len(findings) == PROBLEMS_MAX + len(on_lines)
    assert [finding.message for finding in on_lines] == [
        f"{PROBLEMS_MAX} mistakes so far, correct these first; the rest was not read"
    ]


def test_thousands_of_findings_end_with_how_many_more_there_are(find: Find) -> None:
    findings = find(roster=f"{HEADER}\n" + "ana,vision,X,x@example.com,,,,\n" * 5000)
    assert len(findings) == FINDINGS_MAX + 1
    assert str(findings[-1]).endswith("users.csv:2002: more: 3000 more from here on, correct these first")


def test_as_many_findings_as_anybody_reads_are_all_listed(find: Find) -> None:
    people = "".join(
        f"ana,vision,X,x@example.com,,{1 + place // 100},,\n" for place in range(FINDINGS_MAX + 1)
    )
    findings = find(roster=f"{HEADER}\n{people}")
    assert [finding.field for finding in findings] == ["user_name"] * FINDINGS_MAX
