"""What a region lacks: the resource types of SageMaker that CloudFormation cannot make there.

`regions.json` comes from the CloudFormation registry, region by region, as cfn-lint ships it;
`pytest tests/settings/test_regions.py --update-golden` writes it anew. A region that the table does not know passes:
it may be newer than this release.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from studio_infra.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable


REGION_FACTS: Final = Path(__file__).with_suffix(".json")


@functools.cache
def known_regions() -> dict[str, frozenset[str]]:
    """Every region of the registry, and the types of SageMaker that it lacks."""
    facts = json.loads(REGION_FACTS.read_text(encoding="ascii"))
    lacking: dict[str, list[str]] = facts["lacks"]
    return {region: frozenset(lacking.get(region, ())) for region in facts["regions"]}


def missing_types(region: str, types: Iterable[str]) -> list[str]:
    """Those of `types` that CloudFormation cannot make in `region`, in the same order."""
    lacking = known_regions().get(region, frozenset())
    return [one for one in types if one in lacking]


def regions_with(types: Iterable[str]) -> list[str]:
    """The regions of the registry in which CloudFormation can make all of `types`."""
    wanted = set(types)
    return sorted(region for region, lacking in known_regions().items() if not wanted & lacking)


def require_types(region: str, *types: str) -> None:
    """Refuse a region in which CloudFormation cannot make all of `types`.

    A region that is not known before the deployment passes, as one that is newer than the table does.

    Raises:
        InvalidInput: The region lacks one; both are named.

    """
    missing = missing_types(region, types)
    if missing:
        raise InvalidInput(
            "Region",
            f"CloudFormation has no {' and no '.join(missing)} in {region}; deploy to another region: it is known to "
            f"{len(regions_with(types))}, {examples(types)} among them",
        )


def examples(types: Iterable[str]) -> str:
    """Regions that people know, out of those that have `types`."""
    usual = ("eu-west-1", "us-east-1")
    return " or ".join(region for region in usual if region in regions_with(types))
