"""Words that people write for our keys: a guess by meaning, where a guess by letters would mislead.

Rule: a word stands here because somebody wrote it, or would; an empty list says that there is nothing like it.
"""

from __future__ import annotations

from collections.abc import Collection

from voicecoach.complaints import suggest

_SAME = {
    "reps": "repetitions repetition repeats repeat count times number reps_per_set",
    "sets": "series set",
    "time": "duration seconds secs length minutes for work lasts",
    "lasts": "duration time length minutes total",
    "rest": "pause break recovery rest_time rest_seconds rest_between_sets",
    "rest_between_sides": "switch_time side_rest",
    "limbs": "side sides each each_side per_side both_sides limb unilateral",
    "steps": "description instructions instruction how text step_by_step",
    "cues": "notes note tips tip hints hint reminders reminder coaching",
    "avoid": "warning warnings mistakes dont do_not",
    "breaths": "breath breathe",
    "exit": "way_out out finish end ending",
    "position": "start_position posture pose start",
    "equipment": "gear tools props needs material",
    "name": "title label exercise",
    "title": "name label",
    "use": "exercise library",
    "welcome": "intro greeting hello",
    "farewell": "outro goodbye bye",
    "repeat": "rounds laps loops sets series times repeats circuits",
    "rest_between": "transition",
    "every": "interval beat",
    "language": "lang locale",
    "author": "by creator",
    "prescriber": "physio therapist doctor prescribed_by",
    "summary": "description about",
    "days": "schedule routines sessions plan",
    "week": "weeks",
    "go_on": "until condition",
    "amrap": "max as_many_as_possible",
    "say": "text words line message",
    "at": "when moment",
}
_NOTHING = frozenset(
    [
        "weight",
        "weights",
        "load",
        "kg",
        "lb",
        "lbs",
        "resistance",
        "image",
        "images",
        "picture",
        "photo",
        "video",
        "url",
        "link",
        "color",
        "id",
    ]
)

_NEAR = 0.7
"""How alike two words are, from 0 to 1 (``difflib``). At 0.6 "side" is like "easier", and "image" like "time"."""


def meant(key: str, known: Collection[str]) -> str:
    """Return ``; did you mean 'reps'?`` for a key that is none of ``known``, or nothing."""
    plain = key.lower().replace("-", "_").replace(" ", "_")
    for ours in sorted(known):
        if plain in _SAME.get(ours, "").split():
            return f"; did you mean {ours!r}?"
    return "" if plain in _NOTHING else suggest(key, known, _NEAR)
