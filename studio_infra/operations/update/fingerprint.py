"""What changes when settings change, short enough for a template that people read."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs import Construct

_DIGITS: Final = 16


def fingerprint(scope: Construct, settings: Mapping[str, Any]) -> dict[str, Any]:
    """A property of a resource that is to be updated after `settings` have changed.

    A hash of what stands in the template is not enough: what a reference means can change while the reference stays. So
    the references stand next to it, and CloudFormation compares what they mean.

    Args:
        scope: Where tokens are resolved.
        settings: Texts, lists and mappings, with tokens.

    """
    resolved = cdk.Stack.of(scope).resolve(dict(settings))
    text = json.dumps(resolved, sort_keys=True)
    values = {json.dumps(one, sort_keys=True): one for one in _references(resolved)}
    return {
        "Hash": hashlib.sha256(text.encode()).hexdigest()[:_DIGITS],
        "Values": [values[key] for key in sorted(values)],
    }


def _references(node: Any) -> Iterator[Any]:
    if isinstance(node, dict):
        if len(node) == 1 and any(name == "Ref" or name.startswith("Fn::") for name in node):
            yield node
            return
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)
