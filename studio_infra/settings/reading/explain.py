"""What pydantic found, in the words of a person: what is wrong, what was got, what is allowed."""

from __future__ import annotations

from types import UnionType
from typing import TYPE_CHECKING, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from studio_infra.settings.fields.base import INCONSISTENT
from studio_infra.settings.fields.descriptions import descriptions
from studio_infra.settings.fields.rules import REFUSED
from studio_infra.settings.findings import NOTHING, PROBLEMS_MAX, Path, Problem, did_you_mean, show

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic_core import ErrorDetails

#: What a TOML file has to say where pydantic wants one of its types.
_TYPES: Final = {
    "string_type": ("not a text", 'write it in quotes: "…"'),
    "int_type": ("not a whole number", "write digits, without quotes"),
    "int_from_float": ("not a whole number", "write digits, without a fraction"),
    "float_type": ("not a number", "write digits, without quotes"),
    "finite_number": ("not a number", "write digits"),
    "bool_type": ("not a truth value", "use true or false, without quotes"),
    "tuple_type": ("not a list", "write it in square brackets: [ … ]"),
    "mapping_type": ("not a table", "write it as a table: name = value"),
    "model_type": ("not a table", "write it as a table: name = value"),
    "date_type": ("not a date", "write it without quotes: 2027-03-31"),
}


def explain(error: ValidationError, model: type[BaseModel], before: Path = ()) -> Iterator[Problem]:
    """Each of pydantic's findings as a problem.

    Args:
        error: What pydantic raised.
        model: The model that it checked.
        before: The place of that model in the settings file.

    """
    seen = set[Path]()
    for details in error.errors(include_url=False)[:PROBLEMS_MAX]:
        path, is_key = _path(details)
        place = (*before, *path)
        if details["type"] == INCONSISTENT:
            for problem in details["ctx"]["problems"]:
                yield Problem((*place, *problem.path), problem.wrong, problem.allowed, problem.got)
        elif place not in seen:  # a union says the same for each of its kinds
            seen.add(place)
            wrong, allowed, got = _words(details, model, path)
            yield Problem(place, wrong, allowed, path[-1] if is_key else got)
    if (more := error.error_count() - PROBLEMS_MAX) > 0:
        yield Problem((*before, "…"), f"{more} more mistakes", "correct these first; the rest is not listed")


def _path(details: ErrorDetails) -> tuple[Path, bool]:
    """The place in the file, and whether the key rather than the value is wrong."""
    path = tuple(part for part in details["loc"] if not _is_kind(part))
    is_key = "[key]" in path
    return tuple(part for part in path if part != "[key]"), is_key


def _is_kind(part: int | str) -> bool:
    """Whether a part of pydantic's place is a kind of a union, not something in the file."""
    return isinstance(part, str) and (
        part in {"str", "int", "float", "bool", "date"} or ("[" in part and part != "[key]")
    )


def _words(details: ErrorDetails, model: type[BaseModel], path: Path) -> tuple[str, str, object]:
    kind, got, context = details["type"], details["input"], details.get("ctx", {})
    if kind == REFUSED:
        return context["wrong"], context["allowed"], got
    if kind == "missing":
        what = _described(model, path)
        return "missing", f"add it: {what}" if what else "add it", NOTHING
    if kind == "extra_forbidden":
        at = _model_at(model, path[:-1])
        names = list(at.model_fields) if at is not None else []
        return "unknown key", f"use one of {', '.join(names)}{did_you_mean(str(path[-1]), names)}", path[-1]
    if kind == "literal_error":
        options = _options(context["expected"])
        hint = did_you_mean(got, options) if isinstance(got, str) else ""
        return "not one of the choices", f"use {' or '.join(map(show, options))}{hint}", got
    if kind in _TYPES:
        return *_TYPES[kind], got
    return *_range(kind, context, details["msg"]), got


def _range(kind: str, context: Mapping[str, Any], otherwise: str) -> tuple[str, str]:
    """Numbers, texts and lists that are too small or too large."""
    if kind in {"greater_than_equal", "greater_than"}:
        least = _plain(context.get("ge", context.get("gt")))
        return "too small", f"use {'at least' if 'ge' in context else 'more than'} {least}"
    if kind == "less_than_equal":
        return "too large", f"use at most {_plain(context['le'])}"
    if kind == "multiple_of":
        return f"no multiple of {context['multiple_of']}", "use one"
    if kind in {"too_short", "string_too_short", "too_long", "string_too_long"}:
        return _length(context, *("character", "characters") if "string" in kind else ("entry", "entries"))
    return otherwise.lower(), "see docs/reference/settings.schema.json"


def _length(context: Mapping[str, Any], one: str, many: str) -> tuple[str, str]:
    if "max_length" in context:
        return "too long", f"use at most {context['max_length']} {many}"
    least = context["min_length"]
    return (
        ("empty", f"give at least one {one}") if least == 1 else ("too short", f"use at least {least} {many}")
    )


def _plain(number: Any) -> Any:
    """A whole number without the fraction that its type gives it."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _options(expected: str) -> list[str]:
    """The choices of a Literal, from pydantic's "'a', 'b' or 'c'"."""
    return [part.strip("'") for part in expected.replace(" or ", ", ").split(", ")]


def _model_at(model: type[BaseModel], path: Path) -> type[BaseModel] | None:
    """The model of the section where ``path`` leads."""
    at: type[BaseModel] | None = model
    inside_container = False
    for part in path:
        if inside_container or at is None or not isinstance(part, str):
            inside_container = False
            continue
        annotation = at.model_fields[part].annotation if part in at.model_fields else None
        at = _model(annotation)
        inside_container = _holds_many(annotation)
    return at


def _holds_many(annotation: object) -> bool:
    """Whether the next part of a place is a name or a number in it: a mapping or a list, and no `Section | None`."""
    if get_origin(annotation) in {Union, UnionType}:
        return any(_holds_many(part) for part in get_args(annotation))
    return not isinstance(annotation, type)


def _model(annotation: object) -> type[BaseModel] | None:
    """The model somewhere inside an annotation: ``Mapping[str, TeamSettings]``."""
    if isinstance(annotation, type):
        return annotation if issubclass(annotation, BaseModel) else None
    return next((found for part in get_args(annotation) if (found := _model(part)) is not None), None)


def _described(model: type[BaseModel], path: Path) -> str:
    """What a field is for: the first sentence of its description."""
    at = _model_at(model, path[:-1])
    text = descriptions(at).get(str(path[-1]), "") if at is not None else ""
    sentence = text.replace("\n", " ").split(". ")[0].rstrip(".")
    # A word in capitals stays one, and so does whose something is: "Clarify's".
    stays = sentence[1:2].isupper() or sentence.partition(" ")[0].endswith("'s")
    return sentence if stays else f"{sentence[:1].lower()}{sentence[1:]}"
