"""Shared spaces of teams: their names and their owner are nobody's."""

from __future__ import annotations

import pytest

from studio_infra.settings import load_settings
from tests.settings.conftest import ANA, BELA, HEADER, SETTINGS, Find, Write

SHARED = SETTINGS.replace(
    'persona = "data_scientist"', 'persona = "data_scientist"\nshared_spaces = {lab = {}}'
)
SSO = SHARED.replace('"IAM"', '"SSO"') + '[access]\nsso_users = ["94482488-3041-7091-8f3a-0f0d5b2ac51d"]\n'
PEOPLE = f"{HEADER}\n{BELA}\n{ANA.replace('example.com,', 'example.com,ana@corp.example', 1)}\n"


def test_a_team_may_share_spaces_that_have_what_the_domains_have(write: Write) -> None:
    (space,) = load_settings(write(SHARED)).teams["vision"].shared_spaces.items()
    assert (space[0], space[1].ebs_gb, space[1].instance_type) == ("lab", None, None)
    assert load_settings(write()).teams["vision"].shared_spaces == {}


@pytest.mark.parametrize("name", ["team-vision", "TEAM-vision", "team-visi0n"])
def test_nobody_is_called_like_the_owner_of_a_teams_spaces(name: str, find: Find) -> None:
    (finding,) = find(SHARED, f"{HEADER}\n{ANA}\n{name},vision,X,x@example.com,,,,\n")
    assert (finding.line, finding.field) == (3, "user_name")
    assert "looks like team-vision, the profile that owns the shared spaces of team vision" in finding.message
    assert find(SETTINGS, f"{HEADER}\n{ANA}\n{name},vision,X,x@example.com,,,,\n") == ()


def test_in_an_sso_domain_the_owner_is_a_user_of_identity_center_who_is_nobody(find: Find) -> None:
    (finding,) = find(SSO, PEOPLE)
    assert finding.field == "teams.vision.shared_spaces_sso_user"
    assert 'missing, although auth_mode is "SSO", name a user' in finding.message
    for user, wrong in (
        ("vision@corp.example", ""),
        ("ANA@corp.example", "already given to the person on line 3 of the roster"),
        ("a b", "not a user name of IAM Identity Center"),
    ):
        named = SSO.replace("shared_spaces =", f'shared_spaces_sso_user = "{user}"\nshared_spaces =')
        found = find(named, PEOPLE)
        assert [wrong in one.message for one in found] == ([True] if wrong else [])


def test_studio_shares_jupyterlab_alone(find: Find) -> None:
    (finding,) = find(SHARED.replace('"VpcOnly"', '"VpcOnly"\napps = ["CodeEditor"]'))
    assert finding.field == "teams.vision.shared_spaces"
    assert "need JupyterLab" in finding.message
