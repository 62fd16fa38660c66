"""From the nouns to the schema of a file: its keys are the author's, not the core's.

Rule: a field that a noun gains appears here by itself. One whose written form nobody has described raises
``UndescribedError``, which a test turns into a failure: say in ``forms`` how it is written, or here that it is not.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterable
from enum import Enum
from typing import Annotated, Any, Literal, get_args, get_origin

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import AfterValidator, BeforeValidator
from pydantic.fields import FieldInfo

from voicecoach.core.dose import MEASURES, Dose, Noun
from voicecoach.core.programme import MOST_WEEKS, Programme, Week
from voicecoach.core.routine import Block, Exercise, PainRules, Routine
from voicecoach.schema.forms import BY_ALIAS, BY_KEY, BY_TYPE, Json
from voicecoach.schema.words import about, docs_of, plain

DIALECT = "http://json-schema.org/draft-07/schema#"
"""What taplo and the editors that use it understand."""

NOT_WRITTEN = {
    "Routine": frozenset({"slug", "blocks", "variants", "pain"}),
    "Block": frozenset({"exercises"}),
    "Programme": frozenset({"slug", "weeks"}),
    "Exercise": frozenset({"slug", "dose", "timed_cues"}),
    "Dose": frozenset({"by_set"}),
}
"""Fields that loading fills in: no keys of a file, or keys of another shape there (``pain``)."""

PAIN_KEYS = ("tolerated", "ends_above", "rise")
"""What a prescriber sets."""

_CODE = "^[a-z]{2}(-[A-Z]{2})?$"
_LANGUAGE: Json = {"type": "string", "pattern": _CODE, "description": "The language of its texts; English without it."}
_TEXTS: Json = {
    "type": "object",
    "description": "Translations: a table for each language, [text.de], with the keys of the texts.",
    "propertyNames": {"pattern": _CODE},
    "additionalProperties": {"type": "object"},
}


class UndescribedError(LookupError):
    """A field whose written form or purpose nobody has described."""


def schema_of(kind: str) -> Json:
    """Return the schema of a kind of file, one of ``KINDS``. Raises ``UndescribedError``."""
    return KINDS[kind]()


def _routine() -> Json:
    return {
        "$schema": DIALECT,
        "title": "A routine of voicecoach",
        "description": plain(Routine.__doc__ or ""),
        "type": "object",
        "properties": {
            **keys_of(Routine),
            "text": _TEXTS,
            "pain": _pain(),
            "lint": _lint(Routine),
            "exercise": _tables(Routine, "exercise", "#/definitions/exercise"),
            "block": _tables(Routine, "block", "#/definitions/block"),
        },
        "required": ["title"],
        "additionalProperties": False,
        "anyOf": [{"required": ["exercise"]}, {"required": ["block"]}],
        "if": {"properties": {"pain_policy": {"const": "monitored"}}, "required": ["pain_policy"]},
        "then": {"required": ["prescriber", "review_on", "pain"]},
        "else": {"not": {"required": ["pain"]}},
        "definitions": {"exercise": _placed_exercise(), "station": _placed_exercise(measured=False), "block": _block()},
    }


def _exercise() -> Json:
    return {
        "$schema": DIALECT,
        "title": "An exercise of voicecoach's library",
        "description": plain(Exercise.__doc__ or ""),
        "type": "object",
        "properties": {**_exercise_keys(), "language": _LANGUAGE, "text": _TEXTS},
        "additionalProperties": False,
        "allOf": [_whole_exercise(), *_apart()],
    }


def _programme() -> Json:
    week = {
        "type": "object",
        "properties": keys_of(Week),
        "required": ["days"],
        "additionalProperties": False,
    }
    return {
        "$schema": DIALECT,
        "title": "A programme of voicecoach",
        "description": plain(Programme.__doc__ or ""),
        "type": "object",
        "properties": {
            **keys_of(Programme),
            "week": {**_tables(Programme, "week", "#/definitions/week"), "maxItems": MOST_WEEKS},
        },
        "required": ["title", "week"],
        "additionalProperties": False,
        "definitions": {"week": week},
    }


KINDS: dict[str, Callable[[], Json]] = {"routine": _routine, "exercise": _exercise, "programme": _programme}
"""The kinds of files, as they are asked for."""


def _placed_exercise(*, measured: bool = True) -> Json:
    """Return the form of an exercise of a routine; in a block the style may give the measure (a Tabata does)."""
    use = {"use": _described(Exercise, "use", BY_KEY["Exercise", "use"])}
    return {
        "type": "object",
        "properties": {**use, **_exercise_keys()},
        "additionalProperties": False,
        "anyOf": [{"required": ["use"]}, _whole_exercise(measured=measured)],
        "allOf": _apart(),
    }


def _whole_exercise(*, measured: bool = True) -> Json:
    """Return what an exercise needs that is not taken from the library."""
    needed = sorted(key for key, field in Exercise.model_fields.items() if field.is_required())
    keys: Json = {"required": [key for key in needed if key not in NOT_WRITTEN["Exercise"]]}
    return {**keys, "anyOf": [{"required": [measure]} for measure in sorted({*MEASURES, "dose"})]} if measured else keys


def _apart() -> list[Json]:
    """Return which measures exclude each other."""
    open_ended = {"properties": {"open": {"const": True}}, "required": ["open"]}
    alone = {key: {"required": [key]} for key in ("time", "breaths", "amrap")} | {"open": open_ended}
    return [
        {"not": {**one, "anyOf": [{"required": [other]} for other in sorted(MEASURES - {key, "open"})]}}
        for key, one in alone.items()
    ]


def _exercise_keys() -> Json:
    dose = {"dose": _described(Dose, "dose", BY_KEY["Dose", "dose"])}
    return {**keys_of(Exercise), **dose, **keys_of(Dose), "lint": _lint(Exercise)}


def _block() -> Json:
    return {
        "type": "object",
        "properties": {**keys_of(Block), "exercise": _tables(Block, "exercise", "#/definitions/station")},
        "required": ["exercise"],
        "additionalProperties": False,
    }


def _pain() -> Json:
    """Return the table of a prescriber's figures."""
    properties = keys_of(PainRules, only=PAIN_KEYS)
    properties["tolerated"]["minimum"] = 0  # -1, none at all, is the strict rules' alone
    return {
        "description": "What a prescriber allows, on the scale from 0 to 10; only with monitored pain.",
        "type": "object",
        "properties": properties,
        "required": ["tolerated"],
        "additionalProperties": False,
    }


def _lint(noun: type[Noun]) -> Json:
    """Return the table of the warnings that an author has silenced."""
    return _described(noun, "lint", BY_KEY[noun.__name__, "lint"])


def _tables(noun: type[Noun], key: str, to: str) -> Json:
    return _described(noun, key, {"type": "array", "minItems": 1, "items": {"$ref": to}})


def keys_of(noun: type[Noun], only: Iterable[str] | None = None) -> Json:
    """Return the schema of each key that a noun's file has. Raises ``UndescribedError``."""
    hints = typing.get_type_hints(noun, include_extras=True)
    left_out = NOT_WRITTEN.get(noun.__name__, frozenset())
    wanted = [key for key in noun.model_fields if key not in left_out] if only is None else only
    return {key: _described(noun, key, _form(noun, key, hints[key])) for key in wanted}


def _form(noun: type[Noun], key: str, hint: Any) -> Json:
    own = BY_KEY.get((noun.__name__, key))
    try:
        return dict(own or form_of(hint))
    except UndescribedError as error:
        where = f"{noun.__name__}.{key}"
        raise UndescribedError(f"{where}: {error}; describe it in voicecoach/schema/forms.py") from None


def _described(noun: type[Noun], key: str, form: Json) -> Json:
    told = (docs_or_fail(noun, key), form.get("description", ""))
    return {**form, "description": " ".join(filter(None, told))}


def docs_or_fail(noun: type[Noun], key: str) -> str:
    """Return what a key is for. Raises ``UndescribedError`` where nobody has said it."""
    if found := about(noun, key):
        return found
    raise UndescribedError(
        f"{noun.__name__}.{key} has no docstring under it, and no line in voicecoach/schema/words.py"
    )


def form_of(hint: Any) -> Json:
    """Return how a value of a type is written. Raises ``UndescribedError``."""
    for alias, form in BY_ALIAS:
        if hint == alias:
            return dict(form)
    kind, notes = (get_args(hint)[0], get_args(hint)[1:]) if get_origin(hint) is Annotated else (hint, ())
    for known, form in BY_TYPE:
        if kind is known:
            return dict(form)
    if any(isinstance(note, BeforeValidator) for note in notes):
        raise UndescribedError(f"a reader of its own makes a {_name(kind)} of what is written")
    if get_origin(kind) in {typing.Union, types.UnionType}:
        forms = [form_of(part) for part in get_args(kind) if part is not type(None)]
        return {**(forms[0] if len(forms) == 1 else {"anyOf": forms}), **_limits(notes, "")}
    return _plain(kind, notes)


def _plain(kind: Any, notes: tuple[Any, ...]) -> Json:
    if get_origin(kind) is tuple:
        inner, *rest = get_args(kind)
        if rest == [Ellipsis]:
            items = form_of(inner)
            told = {key: items.pop(key) for key in ("description",) if key in items}
            return {**told, "type": "array", "items": items, **_limits(notes, "Items")}
    elif get_origin(kind) is Literal:
        return {"enum": list(get_args(kind))}
    elif isinstance(kind, type) and issubclass(kind, Enum):
        return _words(kind)
    elif kind is str and not any(isinstance(note, AfterValidator) for note in notes):
        return {"type": "string", **_limits(notes, "Length")}
    elif kind in {bool, int, float}:
        return {"type": {bool: "boolean", int: "integer", float: "number"}[kind], **_limits(notes, "")}
    raise UndescribedError(f"nobody has said how a {_name(kind)} is written")


def _words(kind: type[Enum]) -> Json:
    values = [member.value for member in kind]
    docs = docs_of(kind)
    told = [docs.get(member.name, "") for member in kind]
    return {"enum": values, **({"x-taplo": {"docs": {"enumValues": told}}} if any(told) else {})}


def _limits(notes: tuple[Any, ...], of: str) -> Json:
    """Return the bounds that a type carries; ``of`` is what they bound of a text or a list."""
    found: Json = {}
    for note in notes:
        for limit in note.metadata if isinstance(note, FieldInfo) else (note,):
            match limit:
                case Ge():
                    found["minimum"] = limit.ge
                case Le():
                    found["maximum"] = limit.le
                case MinLen():
                    found[f"min{of}"] = limit.min_length
                case MaxLen():
                    found[f"max{of}"] = limit.max_length
                case _ if getattr(limit, "pattern", None):
                    found["pattern"] = limit.pattern
    return found


def _name(kind: Any) -> str:
    return getattr(kind, "__name__", str(kind))
