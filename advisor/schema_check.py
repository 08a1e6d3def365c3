"""Checks a file's contents against one of our JSON Schemas and says in plain words what is wrong.

The schemas in `advisor/schemas/` are the one declaration of every input: its type, its bounds, its choices.
"""

from __future__ import annotations

import difflib
import json
import math
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from advisor.problems import AdvisorError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from jsonschema.exceptions import ValidationError

SCHEMAS: Final = Path(__file__).parent / "schemas"
_LARGEST_FILE: Final = 64 * 1024 * 1024
_DEEPEST: Final = 60
_TYPE_WORDS: Final[dict[str, str]] = {
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
    """The JSON object in a file; `what` says what the file should be ("a measurement (M.json)").

    Raises:
        AdvisorError: the file is missing, unreadable, too big, not UTF-8, not JSON, or not an object.
    """
    return parse_json(read_bytes(path, what), path.name or str(path), what)


def read_bytes(path: Path, what: str) -> bytes:
    """The contents of a plain file of a size that fits `what`.

    Raises:
        AdvisorError: the file is missing, no plain file, unreadable or too big.
    """
    name = path.name or str(path)
    try:
        if path.is_dir():
            raise AdvisorError(Problem("NO_ACCESS", name, f"{name} is a folder.", f"We need {what}.", "Choose the file inside it."))
        if not path.is_file():
            raise AdvisorError(Problem("NO_ACCESS", name, f"We found no file called {name}.", "", "Check the name and the folder."))
        if path.stat().st_size > _LARGEST_FILE:
            raise AdvisorError(Problem("TOO_BIG", name, f"{name} is far too big for {what}.", "", "Choose the right file."))
        return path.read_bytes()
    # ValueError: a name that no file can have.
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it cannot be opened"
        raise AdvisorError(
            Problem("NO_ACCESS", name, f"We could not read {name} ({reason}).", "", "Check that you may open it."),
        ) from None


def parse_json(content: bytes, name: str, what: str) -> dict[str, Any]:
    """The JSON object in `content`, which came out of the file `name`.

    Raises:
        AdvisorError: it is not UTF-8, not JSON, not an object, or holds what no JSON of ours may: a field twice, NaN,
            half a character, a number too large to hold.
    """
    try:
        loaded = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_keep_twins)
    except (ValueError, RecursionError):
        raise AdvisorError(_not_json(name, what)) from None
    if not isinstance(loaded, dict):
        raise AdvisorError(_not_json(name, what))
    problems = tuple(_odd_values(loaded, name))
    if problems:
        raise AdvisorError(problems)
    return loaded


class _Twins(dict[str, Any]):
    """An object that gives some field twice: which ones."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.twice = tuple(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)


def _keep_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else _Twins(pairs)


def _odd_values(document: Any, name: str) -> Iterable[Problem]:
    """One problem for each value that JSON text of ours never holds, with its dotted path."""
    # A stack, not recursion: the depth is the file's.
    stack: list[tuple[str, Any, int]] = [("", document, 0)]
    while stack:
        where, value, depth = stack.pop()
        if depth > _DEEPEST:
            yield Problem("BAD_FIELD", where[:80], f"{name} is nested too deep.", "None of our files is.", "Choose the right file.")
            return
        if isinstance(value, _Twins):
            for key in value.twice:
                field = _joined(where, key)
                yield Problem("BAD_FIELD", field, f"{name} gives the field {field} twice.", "", "Keep one of the two.")
        if isinstance(value, dict):
            if any(not _is_whole(key) for key in value):
                yield Problem("BAD_FIELD", where, f"{name} has a field with half a character in its name.", "", "Take it out.")
            stack += [(_joined(where, key), inner, depth + 1) for key, inner in value.items() if _is_whole(key)]
        elif isinstance(value, list):
            stack += [(f"{where}[{i}]", inner, depth + 1) for i, inner in enumerate(value)]
        elif isinstance(value, float) and not math.isfinite(value):
            yield Problem("BAD_FIELD", where, f"{where} is no number we can hold.", "It must be a plain number.", "Change it.")
        elif isinstance(value, str) and not _is_whole(value):
            yield Problem("BAD_FIELD", where, f"{where} holds half a character.", "No program could show it.", "Type it again.")


def _is_whole(text: str) -> bool:
    return not any("\ud800" <= c <= "\udfff" for c in text)


def _joined(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


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
    rules = schema(name)
    wanted = rules["properties"].get("format", {}).get("const")
    if wanted is not None and document.get("format", wanted) != wanted:
        # A file of another kind: every other fault would only follow from that.
        found = _shown(document["format"])
        what = f"The format is {found}, not {wanted}."
        raise AdvisorError(Problem("BAD_FIELD", "format", what, "It is a file of another kind or version.", "Choose the right file."))
    problems = {problem for error in _validator()(rules).iter_errors(document) for problem in _problems(error)}
    if problems:
        raise AdvisorError(sorted(problems, key=lambda p: (p.field, p.what_happened)))


@cache
def _validator() -> Any:
    """JSON Schema's validator, with a quick way through long lists of plain numbers.

    A measurement holds up to 10,000 samples a run; one by one they took over a second, in which a window stands still.
    """
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    slow = Draft202012Validator.VALIDATORS["items"]

    def items(validator: Any, rule: Any, found: Any, around: Any) -> Iterator[ValidationError]:
        if not (isinstance(found, list) and found and "prefixItems" not in around and _are_plain_numbers(rule, found)):
            yield from slow(validator, rule, found, around)

    return extend(Draft202012Validator, {"items": items})  # type: ignore[no-untyped-call]


def _are_plain_numbers(rule: Any, found: list[Any]) -> bool:
    """Whether a rule asks for numbers within limits and nothing else, and all found are such."""
    if not isinstance(rule, dict) or rule.get("type") != "number" or not rule.keys() <= {"type", "minimum", "maximum"}:
        return False
    # bool is no number here, though Python counts it as one.
    if not set(map(type, found)) <= {int, float}:
        return False
    return bool(rule.get("minimum", -math.inf) <= min(found) and max(found) <= rule.get("maximum", math.inf))


def _path(error: ValidationError) -> str:
    out = ""
    for part in error.absolute_path:
        out += f"[{part}]" if isinstance(part, int) else (f".{part}" if out else str(part))
    return out


def _problems(error: ValidationError) -> list[Problem]:
    where = _path(error)
    value: Any = error.instance
    rule: Any = error.schema
    limit: Any = error.validator_value
    if error.validator == "additionalProperties":
        known = sorted(rule.get("properties", {}))
        return [_unknown(_joined(where, key), key, known) for key in sorted(set(value) - set(known))]
    if error.validator == "required":
        missing = [_joined(where, key) for key in limit if key not in value]
        return [Problem("MISSING_FIELD", m, f"The field {m} is missing.", "We cannot guess it.", "Fill it in.") for m in missing]
    return [_misfit(where or "The file", str(error.validator), value, limit, rule)]


def _unknown(field: str, key: str, known: list[str]) -> Problem:
    near = difflib.get_close_matches(key, known, 1)
    do = f"Perhaps you meant {near[0]}." if near else f"Take it out, or use one of: {', '.join(known)}."
    meaning = "Nothing was worked out, so that no answer of yours is lost by a slip."
    return Problem("UNKNOWN_FIELD", field, f"We do not know the field {field}.", meaning, do)


def _misfit(where: str, kind: str, value: Any, limit: Any, rule: Any) -> Problem:
    shown = _shown(value)
    if kind in ("enum", "const"):
        choices = limit if kind == "enum" else [limit]
        words = ", ".join("null" if c is None else str(c).lower() if isinstance(c, bool) else str(c) for c in choices)
        return Problem("BAD_FIELD", where, f"{where} is {shown}, which we do not know.", "", f"Use one of: {words}.")
    if kind == "type":
        kinds: list[str] = limit if isinstance(limit, list) else [limit]
        words = " or ".join(_TYPE_WORDS.get(k, k) for k in kinds)
        return Problem("BAD_FIELD", where, f"{where} is {shown}.", f"It must be {words}.", "Change it and try again.")
    if kind == "anyOf":
        return Problem("BAD_FIELD", where, f"{where} is {shown}.", "It must be a number above zero, or not-sure, or null.", "Change it.")
    bounds = {
        "minimum": f"It must be at least {limit}.",
        "exclusiveMinimum": f"It must be more than {limit}.",
        "maximum": f"It must be at most {limit}.",
        "minLength": "It must not be empty.",
        "maxLength": f"It may be at most {limit} characters long.",
        "maxItems": f"It may have at most {limit} entries.",
        "minProperties": "Exactly one way to name the model is needed.",
        "maxProperties": "Exactly one way to name the model is needed.",
        "pattern": f"It must be {rule.get('description', 'of another form')}.",
    }
    return Problem("BAD_FIELD", where, f"{where} is {shown}.", bounds.get(kind, "That does not fit."), "Change it and try again.")


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."
