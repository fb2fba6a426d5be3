"""What regions lack, as the CloudFormation registry says: the table, the settings that need it, the error."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from studio_infra.errors import InvalidInput
from studio_infra.settings import load_settings
from studio_infra.settings.facts.regions import (
    REGION_FACTS,
    known_regions,
    missing_types,
    regions_with,
    require_types,
)
from studio_infra.settings.findings import InvalidSettings

DOMAIN, PROFILE, SPACE = (f"AWS::SageMaker::{name}" for name in ("Domain", "UserProfile", "Space"))


def registry() -> str:
    """The table as cfn-lint's schemas of every region have it."""
    found = importlib.util.find_spec("cfnlint")
    assert found is not None
    assert found.origin is not None
    folder = Path(found.origin).parent / "data" / "schemas" / "providers"
    offered = {
        file.stem: {name for name in json.loads(file.read_bytes()) if name.startswith("AWS::SageMaker::")}
        for file in sorted(folder.glob("*-*.json"))  # `sam.json` is no region
    }
    everything = set().union(*offered.values())
    lacks = {region: sorted(everything - types) for region, types in offered.items() if everything - types}
    return json.dumps({"regions": sorted(offered), "lacks": lacks}, indent=1) + "\n"


def test_the_table_is_that_of_the_pinned_registry(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        REGION_FACTS.write_text(registry(), encoding="ascii")
    assert REGION_FACTS.read_text(encoding="ascii") == registry()


def test_the_table_has_every_region_that_the_registry_publishes() -> None:
    # cfn-lint names 46 and has no schemas of me-south-1, for which it takes those of us-east-1.
    assert len(known_regions()) == 45
    assert "me-south-1" not in known_regions()


@pytest.mark.parametrize("region", sorted(known_regions()))
def test_every_region_is_refused_exactly_what_it_lacks(region: str) -> None:
    for name in (DOMAIN, PROFILE, SPACE, "AWS::SageMaker::Endpoint"):
        if region in regions_with([name]):
            require_types(region, name)
        else:
            with pytest.raises(
                InvalidInput, match=f"CloudFormation has no {name} in {region}; deploy to another"
            ):
                require_types(region, name)


def test_profiles_and_spaces_are_missing_where_it_was_measured() -> None:
    lacking = {
        name: {region for region in known_regions() if missing_types(region, [name])}
        for name in (DOMAIN, PROFILE, SPACE)
    }
    assert lacking[DOMAIN] == {"ca-west-1", "mx-central-1"}
    assert lacking[PROFILE] == lacking[DOMAIN] | {"ap-south-2", "ap-southeast-4"}
    assert {"cn-north-1", "us-gov-west-1"} <= lacking[SPACE]


@pytest.mark.parametrize("region", ["mars-north-1", "${Token[AWS.Region.4]}"])
def test_a_region_that_nobody_knows_yet_passes(region: str) -> None:
    require_types(region, DOMAIN, PROFILE)


def settings_in(region: str, tmp_path: Path, *, also: tuple[str, str] = ("", "")) -> Path:
    shipped = Path(__file__).parents[2] / "settings"
    text = (shipped / "production.toml").read_text(encoding="utf-8")
    text = text.replace('region = "us-east-1"', f'region = "{region}"').replace(*also)
    (tmp_path / "users.csv").write_bytes((shipped / "users.csv").read_bytes())
    file = tmp_path / "production.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_settings_for_a_region_without_domains_say_so_in_their_own_line(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings) as caught:
        load_settings(settings_in("ca-west-1", tmp_path))
    lines = [str(finding) for finding in caught.value.findings]
    assert any(
        "production.toml:5: aws.region: CloudFormation has no AWS::SageMaker::Domain" in line
        for line in lines
    )


def test_settings_can_do_without_the_spaces_that_a_region_lacks(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match=r"set people\.private_spaces = false, or use another region"):
        load_settings(settings_in("us-gov-west-1", tmp_path))
    spared = settings_in("us-gov-west-1", tmp_path, also=("private_spaces = true", "private_spaces = false"))
    assert load_settings(spared).aws.region == "us-gov-west-1"
