"""Files to make mistakes in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from studio_infra.settings import Finding, InvalidSettings, load_settings

#: Everything that must be there, and a little more; right as it stands.
SETTINGS = """\
name = "research"

[aws]
region = "us-east-1"

[domain]
auth_mode = "IAM"
network = "VpcOnly"

[git]
hosts = ["github.com"]

[idle_shutdown]
after_minutes = 60

[teams.vision]
persona = "data_scientist"
instance_types = ["ml.t3.medium", "ml.g5.xlarge"]

[teams.platform]
persona = "ml_engineer"
instance_types = [
  "ml.t3.medium",
  "ml.m5.xlarge",
]

[people]
roster = "users.csv"

[training.churn]
team = "vision"
image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/churn:1"
instance_type = "ml.m5.xlarge"
input_prefix = "churn/train"

[endpoints.churn]
team = "platform"
owner = "ana"
image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/churn:1"
instance_type = "ml.m5.large"
expires = 2027-06-30
"""

HEADER = "user_name,team,full_name,email,sso_user_name,stack,posix_uid,expires"
ANA = "ana,vision,Ana Silva,ana@example.com,,,,"
BELA = "bela,platform,Béla Kovács,bela@example.com,bela@corp.example,2,10001,2027-12-31"
ROSTER = f"{HEADER}\n{ANA}\n{BELA}\n"

#: How long an example takes says more about the machine than about the code.
PATIENTLY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

Write = Callable[..., Path]
Find = Callable[..., tuple[Finding, ...]]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a settings file and its roster; both are right unless they are given."""

    def write(settings: str | bytes = SETTINGS, roster: str | bytes = ROSTER) -> Path:
        for name, content in (("settings.toml", settings), ("users.csv", roster)):
            data = content if isinstance(content, bytes) else content.encode()
            (tmp_path / name).write_bytes(data)
        return tmp_path / "settings.toml"

    return write


@pytest.fixture
def find(write: Write) -> Find:
    """Everything that is wrong with a settings file and its roster."""

    def find(settings: str | bytes = SETTINGS, roster: str | bytes = ROSTER) -> tuple[Finding, ...]:
        try:
            load_settings(write(settings, roster))
        except InvalidSettings as error:
            return error.findings
        return ()

    return find
