"""What each field is for, from the docstring below it.

pydantic's own ``use_attribute_docstrings`` parses every source file at import, which takes longer than all
checks of `studio-infra validate`; here it happens when a description is asked for.
"""

from __future__ import annotations

import ast
import functools
import inspect
import itertools
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel


@functools.cache
def descriptions(model: type[BaseModel]) -> Mapping[str, str]:
    """The description of every field of a model, those it inherits included."""
    found: dict[str, str] = {}
    for cls in reversed(model.__mro__):
        if cls.__module__.startswith("studio_infra."):
            found.update(_own_descriptions(cls))
    return {name: found[name] for name in model.model_fields if name in found}


def _own_descriptions(cls: type) -> Mapping[str, str]:
    tree = ast.parse(inspect.getsource(sys.modules[cls.__module__]))
    body = next(
        node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == cls.__name__
    )
    return {
        field.target.id: inspect.cleandoc(text.value.value)
        for field, text in itertools.pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }
