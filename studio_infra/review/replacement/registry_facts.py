"""Writes `registry_facts.json`: what the CloudFormation registry says about replacing a resource.

The registry's schemas come with cfn-lint, which only rehearsals and developers have; what the replacement guard needs
of them is a small table that ships with the library.
`python -m studio_infra.review.replacement.registry_facts` writes it anew.
"""

from __future__ import annotations

import importlib.metadata
import json
from pathlib import Path
from typing import Any, Final

from studio_infra.review.handlers import resource_types, schema_of

FACTS: Final = Path(__file__).with_name("registry_facts.json")
#: Services whose resources hold data in this house, or stand between those that do.
SERVICES: Final = frozenset(
    f"AWS::{name}::"
    for name in (
        "ApplicationAutoScaling",
        "Backup",
        "CloudFormation",
        "CodeCommit",
        "DynamoDB",
        "EC2",
        "ECR",
        "EFS",
        "FSx",
        "IAM",
        "KMS",
        "Lambda",
        "Logs",
        "S3",
        "SNS",
        "SQS",
        "SSM",
        "SSO",
        "SageMaker",
        "SecretsManager",
    )
)


def facts() -> dict[str, Any]:
    """The table: type → its properties, what replaces it, and what may.

    Raises:
        InvalidInput: cfn-lint is not installed.

    """
    types = sorted(name for name in resource_types() if name.rpartition("::")[0] + "::" in SERVICES)
    return {
        "source": f"registry schemas of cfn-lint {importlib.metadata.version('cfn-lint')}",
        "types": {name: facts_in(schema_of(name)) for name in types},
    }


def written() -> str:
    """The table as the file has it: one line a type."""
    found = facts()
    rows = (f"  {json.dumps(name)}: {json.dumps(entry)}" for name, entry in found["types"].items())
    return f'{{\n "source": {json.dumps(found["source"])},\n "types": {{\n' + ",\n".join(rows) + "\n }\n}\n"


def facts_in(schema: dict[str, Any]) -> dict[str, list[str]]:
    """What one schema says about replacing its resources: also asked of schemas that an account has."""
    create_only = set(_paths(schema, "createOnlyProperties"))
    if "handlers" in schema and "update" not in schema["handlers"]:
        # Nothing can be changed in place where nobody handles an update.
        create_only |= set(schema["properties"])
    found = {"properties": sorted(schema["properties"]), "create_only": sorted(create_only)}
    conditional = sorted(_paths(schema, "conditionalCreateOnlyProperties"))
    return found | ({"conditional": conditional} if conditional else {})


def _paths(schema: dict[str, Any], key: str) -> list[str]:
    return [pointer.removeprefix("/properties/") for pointer in schema.get(key) or []]


if __name__ == "__main__":
    FACTS.write_text(written(), encoding="utf-8")
