"""Checks a file's contents against one of our JSON Schemas and says in plain words what is wrong.

The schemas in `advisor/schemas/` are the one declaration of every input: its type, its bounds, its choices.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from advisor.problems import AdvisorError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jsonschema.exceptions import ValidationError

SCHEMAS = Path(__file__).parent / "schemas"
_LARGEST_FILE = 64 * 1024 * 1024
_TYPE_WORDS = {
    "string": "text in quotes",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a group of fields",
    "null": "null",
}


@cache
def schema(name: str) -> dict[str, Any]:
    """The JSON Schema called `name` (need, measurement, profile, advice, health)."""
    text = (SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def read_json(path: Path, what: str) -> dict[str, Any]:
    """The JSON object in a file.

    Raises:
        AdvisorError: the file is missing, unreadable, too big, not UTF-8, not JSON, or not an object.
    """
    name = path.name or str(path)
    try:
        if not path.is_file():
            raise AdvisorError(
                Problem("NO_ACCESS", name, f"We found no file called {name}.", "", "Check the name and the folder."),
            )
        if path.stat().st_size > _LARGEST_FILE:
            raise AdvisorError(
                Problem("TOO_BIG", name, f"{name} is far too big for {what}.", "", "Choose the right file."),
            )
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise AdvisorError(_not_json(name, what)) from None
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
        raise AdvisorError(
            Problem("NO_ACCESS", name, f"We could not read {name} ({reason}).", "", "Check that you may open it."),
        ) from None
    try:
        loaded = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_no_twins)
    except _TwinField as twin:
        raise AdvisorError(
            Problem("BAD_FIELD", str(twin), f"{name} gives the field {twin} twice.", "", "Keep one of the two."),
        ) from None
    except (ValueError, RecursionError):
        raise AdvisorError(_not_json(name, what)) from None
    if not isinstance(loaded, dict):
        raise AdvisorError(_not_json(name, what))
    return loaded


class _TwinField(ValueError):
    pass


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, value in pairs:
        if key in out:
            raise _TwinField(key)
        out[key] = value
    return out


def _no_constant(word: str) -> NoReturn:
    # NaN and Infinity are not JSON, though Python's reader takes them.
    raise ValueError(word)


def _not_json(name: str, what: str) -> Problem:
    return Problem(
        "NOT_JSON",
        name,
        f"{name} is not {what}.",
        "We could not read it as JSON text.",
        "Choose a file that this program wrote, or mend the text.",
    )


def check(document: Mapping[str, Any], name: str) -> None:
    """Nothing, if `document` fits the schema called `name`.

    Raises:
        AdvisorError: with one problem for each thing that is wrong, in the order of their fields.
    """
    from jsonschema import Draft202012Validator

    problems = tuple(_problem(error) for error in _leaves(Draft202012Validator(schema(name)).iter_errors(document)))
    if problems:
        raise AdvisorError(sorted(set(problems), key=lambda p: (p.field, p.what_happened)))


def _leaves(errors: Iterable[ValidationError]) -> Iterable[ValidationError]:
    for error in errors:
        yield error


def _path(error: ValidationError) -> str:
    out = ""
    for part in error.absolute_path:
        out += f"[{part}]" if isinstance(part, int) else (f".{part}" if out else str(part))
    return out


def _problem(error: ValidationError) -> Problem:
    where = _path(error)
    kind = str(error.validator)
    value = error.instance
    limit = error.validator_value
    shown = _shown(value)
    if kind == "additionalProperties":
        known = sorted(error.schema.get("properties", {})) if isinstance(error.schema, Mapping) else []
        extra = sorted(set(value) - set(known))
        field = f"{where}.{extra[0]}" if where else extra[0]
        return Problem(
            "UNKNOWN_FIELD",
            field,
            f"We do not know the field {field}.",
            "Nothing was worked out, so that no answer of yours is lost by a slip.",
            f"Take it out, or use one of: {', '.join(known)}.",
        )
    if kind == "required":
        missing = next(k for k in limit if k not in value)
        field = f"{where}.{missing}" if where else str(missing)
        return Problem("MISSING_FIELD", field, f"The field {field} is missing.", "We cannot guess it.", "Fill it in.")
    if kind in ("enum", "const"):
        choices = limit if kind == "enum" else [limit]
        words = ", ".join("null" if c is None else str(c).lower() if isinstance(c, bool) else str(c) for c in choices)
        return Problem("BAD_FIELD", where, f"{where} is {shown}, which we do not know.", "", f"Use one of: {words}.")
    if kind == "type":
        kinds = limit if isinstance(limit, list) else [limit]
        words = " or ".join(_TYPE_WORDS.get(k, k) for k in kinds)
        return Problem("BAD_FIELD", where, f"{where} is {shown}.", f"It must be {words}.", "Change it and try again.")
    if kind == "anyOf":
        return Problem(
            "BAD_FIELD", where, f"{where} is {shown}.", "It must be a number above zero, or not-sure, or null.", "Change it."
        )
    bounds = {
        "minimum": f"It must be at least {limit}.",
        "exclusiveMinimum": f"It must be more than {limit}.",
        "maximum": f"It must be at most {limit}.",
        "minLength": "It must not be empty.",
        "maxLength": f"It may be at most {limit} characters long.",
        "maxItems": f"It may have at most {limit} entries.",
        "minProperties": "Exactly one way to name the model is needed.",
        "maxProperties": "Exactly one way to name the model is needed.",
        "pattern": f"It must be {error.schema.get('description', 'of another form') if isinstance(error.schema, Mapping) else ''}.",
    }
    return Problem("BAD_FIELD", where, f"{where} is {shown}.", bounds.get(kind, "That does not fit."), "Change it and try again.")


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."
