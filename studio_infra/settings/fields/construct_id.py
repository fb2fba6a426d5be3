"""Names of teams and workloads, as templates say them."""

from __future__ import annotations


def construct_id(name: str) -> str:
    """What a team or workload is called in templates: `data-science` as `DataScience`."""
    return "".join(part.capitalize() for part in name.split("-"))
