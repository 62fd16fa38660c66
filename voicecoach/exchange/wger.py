"""wger: routines of days, slots and sets, as its API gives them (``/api/v2/routine/<id>/structure/``).

Rule: written after that project's ``manager/api/serializers.py`` (``RoutineStructureSerializer``) and the units of
``core/fixtures/setting_repetition_units.json``. An exercise is only a number there: its name and text are in
``/api/v2/exerciseinfo/``, another file. What holds from the first week on is taken; what changes later is lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from voicecoach.core.dose import LONGEST, MOST_REPS, MOST_SETS, Range
from voicecoach.core.writing import read_count
from voicecoach.exchange.record import Record
from voicecoach.exchange.taken import Draft, DraftBlock, DraftExercise, ExchangeError
from voicecoach.exchange.text import first_line, from_html, sentences

_REPS, _FAILURE, _SECONDS, _MINUTES, _MAX_REPS = 1, 2, 3, 4, 7
_UNITS = {5: "miles", 6: "kilometres", 8: "metres"}
_LANGUAGES = {"de": 1, "en": 2, "es": 4, "ru": 5, "nl": 6, "pt": 7, "fr": 12, "it": 13, "pl": 14}
"""wger's numbers of languages (``core/fixtures/languages.json``)."""


def is_wger(table: object) -> bool:
    """Tell whether an object looks like a routine's structure."""
    return isinstance(table, dict) and {"name", "days"} <= table.keys()


def days_of(record: Record) -> list[Record]:
    """Return the days of a routine on which something is done."""
    return [day for day in record.records("days") if not day.table.get("is_rest")]


def read_day(routine: Record, day: Record, names: Mapping[int, Record], language: str) -> Draft:
    """Return one day as a draft.

    ``names`` are exercises by their number; ``language`` is the one wanted of their texts. Raises ``ExchangeError``.
    """
    parts = [routine.name("name", ""), day.name("name", "")]
    draft = Draft(" - ".join(filter(None, parts)) or "Routine", "wger")
    if about := [*routine.lines("description"), *day.lines("description")]:
        draft.fields["summary"] = about[0]
        draft.notes += about[1:]
    if day.name("type", "custom") != "custom":
        draft.lose(f"that the day is done as {day.name('type')}")
    for slot in _ordered(day.records("slots")):
        block = DraftBlock(notes=slot.lines("comment"))
        for entry in _ordered(slot.records("entries")):
            exercise = _read_entry(draft, entry)
            _tell(exercise, names.get(entry.whole("exercise", 0, 10**9)), language)
            block.exercises.append(exercise)
        _as_superset(draft, block)
        if block.exercises:
            draft.blocks.append(block)
    return draft


def _ordered(records: list[Record]) -> list[Record]:
    return sorted(records, key=lambda record: record.number("order", 0, 1e9, 1))


def _as_superset(draft: Draft, block: DraftBlock) -> None:
    """Make rounds of a slot with several exercises: there they are done in turn."""
    if len(block.exercises) < 2:
        return
    sets = [exercise.fields.pop("sets", 1) for exercise in block.exercises]
    if len(set(sets)) > 1:
        draft.lose(f"that the sets of {' and '.join(e.name for e in block.exercises)} alternate: they differ in number")
        for exercise, number in zip(block.exercises, sets, strict=True):
            exercise.fields["sets"] = number
        return
    rounds = read_count(MOST_SETS, "sets")(sets[0])
    if rounds.low != rounds.high:
        draft.lose(f"that there may be {rounds} rounds of a superset: here there are {rounds.low:g}")
    if rounds.low > 1:
        block.fields["repeat"] = int(rounds.low)


def _read_entry(draft: Draft, entry: Record) -> DraftExercise:
    exercise = DraftExercise(f"Exercise {entry.whole('exercise', 0, 10**9)}")
    exercise.notes += entry.lines("comment")
    kind = entry.name("type", "normal")
    if kind not in {"normal", "iso"}:
        exercise.notes.append(f"wger's type of set: {kind}.")
    _read_dose(draft, exercise, entry, held=kind == "iso")
    return exercise


def _read_dose(draft: Draft, exercise: DraftExercise, entry: Record, *, held: bool) -> None:
    if sets := _count(_span(draft, entry, "set_nr", MOST_SETS), entry, "set_nr", MOST_SETS):
        exercise.fields |= {} if sets == 1 else {"sets": sets}
    amount = _span(draft, entry, "repetitions", LONGEST)
    unit = entry.whole("repetition_unit", 1, 10**6, _REPS)
    if unit in {_FAILURE, _MAX_REPS}:
        exercise.fields["open"] = True
        exercise.notes.append('wger says "until failure" or "max": here it lasts until you say done.')
    elif unit in {_SECONDS, _MINUTES} and amount:
        exercise.fields["hold" if held else "time"] = f"{_written(amount)} {'s' if unit == _SECONDS else 'min'}"
    elif unit == _REPS and (reps := _count(amount, entry, "repetitions", MOST_REPS)):
        exercise.fields["reps"] = reps
    elif amount:
        what = f"{_written(amount)} {_UNITS.get(unit, f'of the unit {unit}')}"
        draft.lose(f"{what} of {exercise.name}: we have no distances")
    if (rest := _span(draft, entry, "rest", LONGEST)) and rest.high:
        exercise.fields["rest"] = f"{_written(rest)} s"
    if (weight := _span(draft, entry, "weight", 1e6)) and weight.high:
        exercise.notes.append(f"Weight: {_written(weight)} {'lb' if entry.table.get('weight_unit') == 2 else 'kg'}.")
        draft.lose("weights, but for a comment")
    if rir := _span(draft, entry, "rir", 100):
        exercise.notes.append(f"Repetitions in reserve: {_written(rir)}.")
        draft.lose("repetitions in reserve, but for a comment")


def _count(found: Range | None, entry: Record, what: str, most: int) -> int | str:
    """Return a number of sets or repetitions as our files have it; 0 where there is none."""
    if found is None:
        return 0
    if found.low % 1 or found.high % 1 or not 1 <= found.low <= found.high <= most:
        noun = "sets" if what == "set_nr" else what
        entry.fail(f"{what}_configs", f"{_written(found)} {noun} do not fit", f"whole numbers from 1 to {most}")
    return int(found.low) if found.low == found.high else f"{int(found.low)}-{int(found.high)}"


def _written(found: Range) -> str:
    """Return figures as people write them: to a thousandth, never as 1e-05."""
    low, high = (f"{number:.3f}".rstrip("0").rstrip(".") for number in (found.low, found.high))
    return low if low == high else f"{low}-{high}"


def _span(draft: Draft, entry: Record, what: str, most: float) -> Range | None:
    """Return a figure of the first week, or a range up to its maximum; None where there is none."""
    low = _first(draft, entry, f"{what}_configs", most)
    high = _first(draft, entry, f"max_{what}_configs", most)
    return None if low is None else Range(low, low if high is None else max(low, high))


def _first(draft: Draft, entry: Record, key: str, most: float) -> float | None:
    if not entry.has(key):
        return None
    configs = sorted(entry.records(key), key=lambda config: config.number("iteration", 0, 1e6, 1))
    if len(configs) > 1 or any(config.table.get("repeat") for config in configs):
        draft.lose("how wger changes figures from week to week: what is here is the first week")
    return configs[0].number("value", 0, most) if configs else None


# --- The exercises' names ---------------------------------------------------------------------------------------------


def read_names(file: Path, value: Any) -> dict[int, Record]:
    """Return exercises by number, of one answer of ``exerciseinfo``: an exercise, a list of them, or a page.

    Raises ``ExchangeError``.
    """
    if isinstance(value, dict):
        value = value.get("results", [value])
    if not isinstance(value, list):
        raise ExchangeError(file, None, "this is no exerciseinfo of wger", allowed="an exercise, or a list of some")
    records = [Record.of(file, f"[{n}]", one) for n, one in enumerate(value)]
    return {record.whole("id", 0, 10**9): record for record in records}


def _tell(exercise: DraftExercise, info: Record | None, language: str) -> None:
    """Take an exercise's name, text and equipment: in that language, or else in the first that there is."""
    translations = info.records("translations") if info else []
    if info is None or not translations:
        exercise.assumed["name"] = "wger's file has only a number; --exercises tells names"
        return
    number = _LANGUAGES.get(language[:2])
    chosen = next((one for one in translations if one.table.get("language") == number), translations[0])
    if chosen.table.get("language") != number:
        exercise.notes.append("The text is in another language: wger has none in this.")
    exercise.name = chosen.name("name")
    try:
        steps = [line for part in from_html(chosen.text("description", "")) for line in sentences(part)]
        exercise.fields["source"] = first_line(f"wger: exercise {info.whole('id', 0, 10**9)}")
    except ValueError as error:
        chosen.fail("description", str(error))
    if steps:
        exercise.fields["steps"] = steps
    if info.has("equipment"):
        tools = [one.name("name") for one in info.records("equipment")]
        tools = [tool for tool in tools if not tool.startswith("none")]
        if tools:
            exercise.fields["equipment"] = tools
    licences = [chosen.name("license_author", "")]
    if licences[0]:
        exercise.notes.append(f"Text by {licences[0]} (wger; see its licence before you pass this on).")
