"""Files in the forms of other programs, made for these tests: their keys are those of each program's own source."""

from __future__ import annotations

from typing import Any

WORKOUT: dict[str, Any] = {
    "title": "Desk break",
    "sets": [
        {
            "repetitions": 1,
            "id": "8b0e7c1e-0000-4000-8000-000000000001",
            "exercises": [
                {"name": "Shoulder rolls", "id": "8b0e7c1e-0000-4000-8000-000000000002", "duration": 30},
                {"name": "Rest", "id": "8b0e7c1e-0000-4000-8000-000000000003", "duration": 10},
            ],
        },
        {
            "repetitions": 3,
            "id": "8b0e7c1e-0000-4000-8000-000000000004",
            "exercises": [
                {"name": "Plank", "id": "8b0e7c1e-0000-4000-8000-000000000005", "duration": 20},
                {"name": "Pause", "id": "8b0e7c1e-0000-4000-8000-000000000006", "duration": 15},
                {"name": "Bridge", "id": "8b0e7c1e-0000-4000-8000-000000000007", "duration": 25},
            ],
        },
    ],
    "version": 2,
    "position": 0,
}
"""just_another_workout_timer, as it shares one workout (``lib/workout.g.dart``)."""

BACKUP: dict[str, Any] = {"workouts": [WORKOUT, {**WORKOUT, "title": "Evening"}]}
"""just_another_workout_timer, as it exports several."""


def config(value: Any, iteration: int = 1, **more: Any) -> dict[str, Any]:
    """One figure of wger (``BASE_CONFIG_FIELDS``); decimals are text in its API."""
    base = {"id": 1, "slot_entry": 1, "iteration": iteration, "value": value, "operation": "r", "step": "na"}
    return {**base, "repeat": False, "requirements": None, **more}


def entry(exercise: int, **figures: Any) -> dict[str, Any]:
    """One exercise of a slot (``SlotEntryStructureSerializer``)."""
    kinds = ("weight", "repetitions", "set_nr", "rir", "rest")
    empty: dict[str, Any] = {f"{high}{kind}_configs": [] for kind in kinds for high in ("", "max_")}
    return {
        "id": exercise,
        "slot": 1,
        "exercise": exercise,
        "order": 1,
        "comment": "",
        "type": "normal",
        "class_name": None,
        "config": None,
        "repetition_unit": 1,
        "repetition_rounding": "1.00",
        "weight_unit": 1,
        "weight_rounding": "1.25",
        **empty,
        **figures,
    }


def day(name: str, *slots: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """One day (``DayStructureSerializer``)."""
    made = [
        {"id": n, "day": 1, "order": n, "comment": "", "entries": entries, "config": None}
        for n, entries in enumerate(slots, 1)
    ]
    base = {"id": 1, "routine": 1, "order": 1, "name": name, "description": "", "is_rest": False}
    return {**base, "need_logs_to_advance": False, "type": "custom", "config": None, "slots": made, **more}


def structure(*days: dict[str, Any]) -> dict[str, Any]:
    """A routine (``RoutineStructureSerializer``)."""
    return {
        "id": 7,
        "name": "Back",
        "description": "For the back. Twice a week.",
        "created": "2026-11-01T10:00:00+01:00",
        "start": "2026-11-01",
        "end": "2027-02-01",
        "fit_in_week": False,
        "days": list(days),
    }


WGER = structure(
    day(
        "Floor",
        [
            entry(
                11,
                set_nr_configs=[config("3.00")],
                repetitions_configs=[config("8.00"), config("1.00", 2, operation="+", step="abs", repeat=True)],
                max_repetitions_configs=[config("12.00")],
                rest_configs=[config(45)],
                weight_configs=[config("10.00")],
                comment="Slowly.",
            )
        ],
        [
            entry(12, set_nr_configs=[config("2.00")], repetitions_configs=[config("20.00")], repetition_unit=3),
            entry(13, set_nr_configs=[config("2.00")], repetition_unit=2, order=2),
        ],
    ),
    day("", is_rest=True),
)

EXERCISEINFO: dict[str, Any] = {
    "count": 2,
    "next": None,
    "previous": None,
    "results": [
        {
            "id": 11,
            "equipment": [{"id": 7, "name": "none (bodyweight exercise)"}, {"id": 4, "name": "Gym mat"}],
            "translations": [
                {
                    "id": 1,
                    "name": "Beckenheben",
                    "language": 1,
                    "description": "<p>Leg dich auf den Rücken.</p>",
                    "license_author": "",
                },
                {
                    "id": 2,
                    "name": "Glute bridge",
                    "language": 2,
                    "description": "<p>Lie on your back, <b>knees bent</b>.</p><ul><li>Lift your hips &amp; wait.</li>"
                    "<script>alert(1)</script></ul>",
                    "license_author": "Somebody",
                },
            ],
        },
        {
            "id": 12,
            "equipment": [],
            "translations": [{"id": 3, "name": "Halten", "language": 1, "description": "", "license_author": None}],
        },
    ],
}
"""wger's ``exerciseinfo``, a page of it."""

RECORD: dict[str, Any] = {
    "name": "Chair Leg Slide",
    "force": "push",
    "level": "beginner",
    "mechanic": "isolation",
    "equipment": "body only",
    "primaryMuscles": ["quadriceps"],
    "secondaryMuscles": ["hamstrings", "glutes"],
    "instructions": [
        "Sit on a chair with both feet flat on the floor.This is where you begin.",
        "Slide one foot forward until the knee is straight.\nSlide it back.",
    ],
    "category": "strength",
    "images": ["Chair_Leg_Slide/0.jpg"],
    "id": "Chair_Leg_Slide",
}
"""free-exercise-db: the keys of its ``schema.json``; the exercise is ours."""

HELD: dict[str, Any] = {
    **RECORD,
    "name": "Lying Press",
    "id": "Lying_Press",
    "force": "static",
    "equipment": "dumbbell",
}
