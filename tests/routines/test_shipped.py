"""The routines that ship: they load, they say what the two documents say, and they are fit for the ear.

Rule: the documents' figures stand here as data, apart from the files under test, so that neither changes unnoticed.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.named import load_named
from voicecoach.core.compiler import compile_routine
from voicecoach.core.dose import DOSE_KEYS, Dose, Hold, Range, Tempo
from voicecoach.core.events import Command, End, Line
from voicecoach.core.person import Person, Room
from voicecoach.core.progress import dose_at
from voicecoach.core.routine import LYING, ON_THE_BACK, Block, Exercise, PainPolicy, Position, Routine
from voicecoach.core.tailor import tailor
from voicecoach.language import load_language
from voicecoach.loading.exercises import load_exercise
from voicecoach.loading.library import Library
from voicecoach.loading.pain import strict_rules
from voicecoach.loading.routines import load_routine
from voicecoach.loading.source import RoutineError
from voicecoach.rehearsal import rehearse
from voicecoach.speech.estimate import speaking_seconds

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = Library((ROOT / "routines",))
EXERCISES = {slug: load_exercise(path) for slug, path in LIBRARY.exercises().items()}
ROUTINES = {name: load_named(name, LIBRARY) for name in LIBRARY.routines()}
OF_THE_DOCUMENTS = {
    name: ROUTINES[name] for name in ("first-steps", "gentle-start", "lumbar-stabilisation", "spine-support")
}
"""Those that say the documents' advice, and grow by rules of their own."""
IN_A_GIVEN_ORDER = {"seven-minute-circuit"}
"""Where the order is the source's: muscles take turns, and the person gets down and up."""
PAGE = (ROOT / "docs" / "routines.md").read_text("utf-8")

BOSTON, SPINE = "000_b79106453c076634.txt", "003_869937c4ffabd745.txt"

# --- What the documents give --------------------------------------------------------------------------------------


class Given(NamedTuple):
    """One exercise of a document. What is not ``assumed`` is the document's own figure."""

    position: Position
    hold: tuple[float, float] | None = None
    """Seconds, from and to."""
    reps: tuple[int, int] | None = None
    sets: tuple[int, int] = (1, 1)
    time: float | None = None
    limbs: int = 0
    assumed: frozenset[str] | bool = False


REPS = frozenset({"reps"})
DOCUMENTS = {
    ("lumbar-stabilisation", BOSTON): {
        "seated-brace": Given(Position.SEATED, hold=(5, 5), assumed=REPS),
        "supine-brace": Given(Position.HOOK_LYING, hold=(5, 5), assumed=REPS),
        "pelvic-tilt": Given(Position.HOOK_LYING, hold=(5, 5), assumed=REPS),
        "advanced-pelvic-tilt": Given(Position.HOOK_LYING, limbs=2, assumed=True),
        "bridge": Given(Position.HOOK_LYING, hold=(10, 10), assumed=REPS),
        "prone-arm-raise": Given(Position.PRONE, hold=(5, 5), limbs=2, assumed=REPS),
        "quadruped-arm-reach": Given(Position.QUADRUPED, hold=(5, 10), limbs=2, assumed=REPS),
        "ball-knee-raise": Given(Position.SEATED_ON_BALL, hold=(5, 5), limbs=2, assumed=REPS),
    },
    ("spine-support", SPINE): {
        "prone-arm-leg-raise": Given(Position.PRONE, reps=(5, 5), limbs=4, assumed=frozenset({"tempo"})),
        "quadruped-arm-leg-raise": Given(Position.QUADRUPED, reps=(5, 5), limbs=4, assumed=frozenset({"tempo"})),
        "bird-dog": Given(Position.QUADRUPED, reps=(3, 5), limbs=2, assumed=frozenset({"hold"})),
        "hook-lying-march": Given(
            Position.HOOK_LYING, sets=(2, 3), time=30, limbs=2, assumed=frozenset({"tempo", "rest"})
        ),
    },
}
FROM_DOCUMENTS = {slug: source for (_, source), given in DOCUMENTS.items() for slug in given}
CASES = [(name, slug, given) for (name, _), all_given in DOCUMENTS.items() for slug, given in all_given.items()]


def _assumed(dose: Dose) -> frozenset[str] | bool:
    return dose.assumed if isinstance(dose.assumed, bool) else frozenset(dose.assumed)


@pytest.mark.parametrize(("name", "source"), DOCUMENTS)
def test_a_document_is_played_whole_and_nothing_else(name: str, source: str) -> None:
    routine = ROUTINES[name]
    assert {e.slug for e in routine.exercises} == DOCUMENTS[name, source].keys()
    assert len(routine.exercises) == len(DOCUMENTS[name, source])
    assert routine.source == source


@pytest.mark.parametrize(("name", "slug", "given"), CASES)
def test_an_exercise_has_the_dose_of_its_document(name: str, slug: str, given: Given) -> None:
    played = next(e for e in ROUTINES[name].exercises if e.slug == slug)
    for exercise in (EXERCISES[slug], played):
        dose = exercise.dose
        assert exercise.position is given.position
        assert len(exercise.limbs) == given.limbs
        assert dose.sets == Range(*given.sets)
        assert dose.time == (None if given.time is None else Range(given.time, given.time))
        if given.reps:
            assert dose.reps == Range(*given.reps)
        if given.hold:
            assert dose.hold == Hold(Range(*given.hold))
    assert _assumed(EXERCISES[slug].dose) == given.assumed


def test_a_figure_that_no_document_gives_is_marked_in_the_routine_too() -> None:
    for name, slug, given in CASES:
        played = next(e for e in ROUTINES[name].exercises if e.slug == slug)
        extra = frozenset({"rest_after"}) if played.dose.rest_after else frozenset()
        wanted = given.assumed if isinstance(given.assumed, bool) else given.assumed | extra
        assert _assumed(played.dose) == wanted, slug


def test_every_figure_is_either_given_or_assumed() -> None:
    measures = {
        "sets",
        "reps",
        "time",
        "hold",
        "tempo",
        "rest",
        "rest_between_reps",
        "rest_between_sides",
        "rest_after",
    }
    for _, slug, given in CASES:
        dose = EXERCISES[slug].dose
        stated = {key for key in measures & dose.model_fields_set if getattr(dose, key) is not None}
        figures = {"sets": given.sets != (1, 1), "reps": given.reps, "time": given.time, "hold": given.hold}
        of_document = {key for key, figure in figures.items() if figure}
        assumed = stated if dose.assumed is True else set(dose.assumed or ())
        assert stated == of_document | assumed, slug
        assert not of_document & assumed, slug


def test_details_that_the_documents_name() -> None:
    assert EXERCISES["bird-dog"].dose.hold == Hold(Range(3, 3), breaths=True)  # "a few", read as three
    assert EXERCISES["bird-dog"].limbs == ("right arm and left leg", "left arm and right leg")
    assert EXERCISES["prone-arm-leg-raise"].limbs == ("right arm", "left arm", "right leg", "left leg")
    assert EXERCISES["quadruped-arm-leg-raise"].limbs == EXERCISES["prone-arm-leg-raise"].limbs
    assert EXERCISES["hook-lying-march"].dose.tempo == Tempo(1, 1, 1, 1)
    assert any("three or four inches" in step for step in EXERCISES["hook-lying-march"].steps)
    assert "stability ball" in ROUTINES["lumbar-stabilisation"].at_hand
    prone = " ".join((*EXERCISES["prone-arm-raise"].equipment, *EXERCISES["prone-arm-raise"].setup))
    assert "towel" in prone
    assert "pillow" in prone


def test_each_exercise_names_its_document_or_owns_up_to_having_none() -> None:
    for slug, exercise in EXERCISES.items():
        assert exercise.source == FROM_DOCUMENTS.get(slug)
        if slug not in FROM_DOCUMENTS:
            assert exercise.dose.assumed is True


def test_gentle_routines_own_up_to_their_own_doses() -> None:
    for name in ("first-steps", "gentle-start"):
        for exercise in ROUTINES[name].exercises:
            if exercise.dose != EXERCISES[exercise.slug].dose:
                assert exercise.dose.assumed is True, f"{name}: {exercise.slug}"


def test_the_documents_advice_is_said_where_it_belongs() -> None:
    for name, routine in ROUTINES.items():
        before = " ".join(routine.welcome)
        assert "doctor or physiotherapist" in before, name
        assert re.search(r"sore or wrong", before), name
        assert re.search(r"[Cc]ome out", before), name
    for name, routine in OF_THE_DOCUMENTS.items():
        after = " ".join(routine.farewell)
        assert routine.frequency is None, f"{name}: no document says how often"
        if name != "first-steps":
            assert re.search(r"Sore muscles tomorrow and the day after are usual", after), name
            assert "ask your doctor" in after, name
            assert "walk" in after, name
    assert all("stretching" in " ".join(ROUTINES[name].farewell) for name, _ in DOCUMENTS)


# --- Order on the floor --------------------------------------------------------------------------------------------


def _side(exercise: Exercise) -> str:
    return "back" if exercise.position in ON_THE_BACK else exercise.position.value


def _groups(routine: Routine) -> list[str]:
    """Positions in order, each named once for as long as it lasts."""
    sides = [_side(e) for e in routine.exercises]
    return [side for number, side in enumerate(sides) if number == 0 or sides[number - 1] != side]


@pytest.mark.parametrize("name", sorted(ROUTINES.keys() - IN_A_GIVEN_ORDER))
def test_no_position_is_left_and_taken_up_later(name: str) -> None:
    groups = _groups(ROUTINES[name])
    assert len(groups) == len(set(groups)), groups


@pytest.mark.parametrize("name", ["first-steps", "gentle-start"])
def test_gentle_routines_lie_down_and_turn_over_once_at_most(name: str) -> None:
    routine = ROUTINES[name]
    assert {e.position for e in routine.exercises} <= LYING
    assert len(_groups(routine)) <= 2
    assert not routine.at_hand


def test_first_steps_waits_for_a_word_on_the_back() -> None:
    routine = ROUTINES["first-steps"]
    assert routine.opening.value == "ready"
    assert _groups(routine) == ["back"]
    assert len(routine.exercises) == 2


def _says(line: Line) -> float:
    return speaking_seconds(load_language("en").say(line), 160)


@pytest.mark.parametrize(("name", "least", "most"), [("first-steps", 150, 210), ("gentle-start", 450, 510)])
def test_length_of_a_session(name: str, least: float, most: float) -> None:
    # Unattended, so that "ready" is not waited for longer than a person would take.
    moments = list(rehearse(compile_routine(ROUTINES[name]), _says, room=Room(attended=False)))
    assert any(isinstance(effect, End) for effect in moments[-1].effects)
    assert least <= moments[-1].at <= most


# --- Links -----------------------------------------------------------------------------------------------------------


def test_easier_and_harder_lead_both_ways() -> None:
    for slug, exercise in EXERCISES.items():
        if exercise.easier:
            assert EXERCISES[exercise.easier].harder == slug
        if exercise.harder:
            assert EXERCISES[exercise.harder].easier == slug


def test_easier_and_harder_never_run_in_a_ring_nor_onto_other_ground() -> None:
    for exercise in EXERCISES.values():
        seen, here = [exercise.slug], exercise
        while here.harder:
            here = EXERCISES[here.harder]
            assert here.slug not in seen
            assert _side(here) == _side(exercise), "another variant in mid-session must not ask for another position"
            seen.append(here.slug)


def test_the_chains_that_a_person_climbs() -> None:
    chains = [
        ["supine-brace", "pelvic-tilt", "advanced-pelvic-tilt"],
        ["quadruped-arm-reach", "quadruped-arm-leg-raise", "bird-dog"],
        ["prone-arm-raise", "prone-arm-leg-raise"],
        ["heel-slide", "hook-lying-march"],
        ["small-bridge", "bridge"],
    ]
    for chain in chains:
        assert [EXERCISES[slug].harder for slug in chain] == [*chain[1:], None]


def test_every_routine_carries_what_easier_and_harder_lead_to() -> None:
    for name, routine in ROUTINES.items():
        known = {e.slug for e in (*routine.exercises, *routine.variants)}
        for exercise in (*routine.exercises, *routine.variants):
            assert {exercise.easier, exercise.harder} - {None} <= known, name
        assert all(variant == EXERCISES[variant.slug] for variant in routine.variants), name
    assert [e.slug for e in ROUTINES["gentle-start"].variants] == ["advanced-pelvic-tilt", "heel-slide"]


# --- Gentle, and growing -----------------------------------------------------------------------------------------------


def test_what_is_gentle_is_lying_low_and_lifts_nothing() -> None:
    gentle = {slug for slug, exercise in EXERCISES.items() if exercise.gentle}
    assert gentle == {"deep-breathing", "supine-brace", "pelvic-tilt", "knee-rocking", "heel-slide"}
    for slug in gentle:
        exercise = EXERCISES[slug]
        assert exercise.position in ON_THE_BACK
        assert not exercise.equipment
        doing = " ".join((exercise.short or "", *exercise.steps))
        assert not re.search(r"\b(lift|raise|squeeze|hips off|pull)\b", doing, re.IGNORECASE), slug
        text = (ROOT / "routines" / "exercises" / f"{slug}.toml").read_text("utf-8")
        assert "# Our judgement, not the documents'" in text, slug


def test_no_level_leads_beyond_what_is_written() -> None:
    grown = set()
    for name, routine in ROUTINES.items():
        for exercise in (*routine.exercises, *routine.variants):
            for level in (1, 2, 5, 99):
                dose, moved = exercise.dose, dose_at(exercise, level).dose
                assert moved.sets.low <= dose.sets.high, (name, exercise.slug)
                assert not moved.reps or not dose.reps or moved.reps.low <= dose.reps.high, (name, exercise.slug)
                assert not moved.time or not dose.time or moved.time.low <= dose.time.high, (name, exercise.slug)
                assert not moved.hold or not dose.hold or moved.hold.range.low <= dose.hold.range.high, exercise.slug
                if moved != dose:
                    grown.add(name)
    assert grown == OF_THE_DOCUMENTS.keys() - {"first-steps"}


def test_growing_is_slow_and_needs_sessions_without_more_than_a_trace_of_pain() -> None:
    rules = [rule for routine in ROUTINES.values() for exercise in routine.exercises for rule in exercise.progress]
    assert rules
    assert all(rule.sessions >= 3 and rule.pain <= 1 and rule.step <= 2 for rule in rules)


@pytest.mark.parametrize("name", ROUTINES)
def test_a_routine_that_has_grown_is_no_session_without_end(name: str) -> None:
    routine = ROUTINES[name]
    grown = tailor(routine, Person(), {e.slug: 99 for e in routine.exercises}).routine
    assert grown
    first, last = (
        list(rehearse(compile_routine(r), _says, room=Room(attended=False)))[-1].at for r in (routine, grown)
    )
    assert first <= last <= 2 * first


def test_shipped_routines_are_strict() -> None:
    for routine in ROUTINES.values():
        assert routine.pain_policy is PainPolicy.STRICT
        assert routine.pain == strict_rules()


# --- Fit for the ear ---------------------------------------------------------------------------------------------------

TEACHING = {
    "Say pause, next or how at any time, and pain if you feel any.",
    "Between the sets you rest; say next when you've had enough of it.",
}
"""The only two lines that may hold live words: in first-steps, where they are taught."""

EYES = (
    "look",
    "see",
    "watch",
    "shown",
    "picture",
    "image",
    "like this",
    "like so",
    "as above",
    "on the screen",
    "notice",
)


def _holds(text: str, phrases: tuple[str, ...]) -> list[str]:
    words = " ".join(re.findall(r"[a-z']+", text.lower()))
    return [phrase for phrase in phrases if re.search(rf"\b{re.escape(phrase)}\b", words)]


def _live_words() -> tuple[str, ...]:
    """Return what the ear listens for while an exercise is explained or done.

    Answers ("one", "better", "ache") count only where the coach has asked, and then no line of a routine is being said.
    """
    commands = list(Command)
    answers = frozenset(commands[commands.index(Command.YES) :])
    phrases = load_language("en").phrases
    return tuple(phrase for phrase, command in phrases.items() if command not in answers)


def _texts(exercise: Exercise) -> dict[str, tuple[str, ...]]:
    return {
        "name": (exercise.name, exercise.spoken_name),
        "setup": exercise.setup,
        "steps": exercise.steps,
        "breathing": (exercise.breathing or "",),
        "avoid": exercise.avoid,
        "short": (exercise.short or "",),
        "cues": exercise.cues,
        "exit": (exercise.exit,),
        "limbs": exercise.limbs,
        "equipment": exercise.equipment,
    }


def _everything() -> list[tuple[str, str]]:
    found = [(slug, text) for slug, e in EXERCISES.items() for texts in _texts(e).values() for text in texts]
    for name, routine in ROUTINES.items():
        own = [text for e in routine.exercises for texts in _texts(e).values() for text in texts]
        found += [(name, text) for text in (*own, *routine.welcome, *routine.farewell, routine.title)]
        found += [(name, text) for text in (*routine.contraindications, routine.summary or "")]
    return [(where, text) for where, text in dict.fromkeys(found) if text]


SAID = _everything()


def test_the_lint_finds_what_it_is_for() -> None:
    assert _holds("If it hurts, stop at once.", _live_words()) == ["it hurts", "stop"]
    assert _holds("The next exercise", _live_words()) == ["next", "next exercise"]
    assert _holds("Take more rest, or call for help", _live_words()) == [
        "call for help",
        "more rest",
    ]
    assert not _holds("One knee, then the other; none of it is worse.", _live_words()), (
        "answers are live only when asked"
    )
    assert not _holds("Painless stopping, shown nowhere; know your knees.", _live_words())
    assert _holds("Do it like this; see?", EYES) == ["see", "like this"]


def test_no_line_holds_a_live_word_but_where_it_is_taught() -> None:
    taught = {("first-steps", text) for text in TEACHING}
    assert not [(*line, found) for line in SAID if line not in taught and (found := _holds(line[1], _live_words()))]


def test_every_teaching_line_is_said_and_says_the_words_that_are_obeyed() -> None:
    said = {text for where, text in SAID if where == "first-steps"}
    assert said >= TEACHING
    taught = {phrase for text in TEACHING for phrase in _holds(text, _live_words())}
    assert taught == {"pause", "next", "how", "pain"}


def test_no_line_needs_eyes() -> None:
    assert not [(*line, found) for line in SAID if (found := _holds(line[1], EYES))]


@pytest.mark.parametrize("slug", EXERCISES)
def test_lines_are_short_and_one_sentence_each(slug: str) -> None:
    exercise = EXERCISES[slug]
    most = {"short": 8, "cues": 6, "exit": 9}
    for key, texts in _texts(exercise).items():
        for text in texts:
            assert len(text.split()) <= most.get(key, 16), text
            if text and key not in {"name", "limbs", "equipment"}:
                assert re.fullmatch(r"[^.!?]+\.", text), f"one sentence, with a full stop: {text}"
                assert text[0].isupper()


@pytest.mark.parametrize("name", ROUTINES)
def test_greetings_are_short(name: str) -> None:
    routine = ROUTINES[name]
    assert 1 <= len(routine.welcome) <= 5
    assert 1 <= len(routine.farewell) <= 3
    own = [line for exercise in routine.exercises for line in (*exercise.setup, *exercise.steps)]
    for text in (*routine.welcome, *routine.farewell, *own):
        assert len(text.split()) <= 16, text
        assert re.fullmatch(r"[^.!?]+\.", text), text


@pytest.mark.parametrize("slug", EXERCISES)
def test_an_exercise_says_all_that_a_person_on_the_floor_needs(slug: str) -> None:
    exercise = EXERCISES[slug]
    assert exercise.setup
    assert exercise.steps
    assert exercise.avoid
    assert exercise.short
    assert exercise.cues
    assert exercise.breathing or "air" in " ".join(exercise.steps)
    text = " ".join(line for lines in _texts(exercise).values() for line in lines)
    assert not re.search(r"\d|\b(seconds?|minutes?|times|sets of)\b", text), "figures belong to the dose"


RELEASES = re.compile(
    r"\b(lower|put|bring|relax|soften|roll back|rest|breathe as you like|let your leg go|lie still)\b", re.IGNORECASE
)
EFFORTS = re.compile(r"\b(lift|raise|squeeze|hold|keep|turn|roll over|stand|sit up|push|reach|up)\b", re.IGNORECASE)


@pytest.mark.parametrize("slug", EXERCISES)
def test_the_way_out_lets_go_and_asks_for_no_effort(slug: str) -> None:
    way_out = EXERCISES[slug].exit
    assert RELEASES.search(way_out)
    assert not EFFORTS.search(way_out)


def test_the_way_out_suits_the_position() -> None:
    for slug, exercise in EXERCISES.items():
        if exercise.position is Position.QUADRUPED:
            assert re.search("rest on all fours|and rest", exercise.exit), slug
        raised = {limb.split()[-1] for limb in exercise.limbs} & {"arm", "leg"}
        if raised and exercise.position is Position.PRONE:
            assert all(limb in exercise.exit for limb in raised), slug
        if "bridge" in slug:
            assert "Lower your hips slowly" in exercise.exit


# --- The page that teaches how to write one ----------------------------------------------------------------------------


def _section(title: str) -> str:
    found = re.search(rf"^## {re.escape(title)}$(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"docs/routines.md has no section {title!r}"
    return found[1]


WHOLE = (set(Routine.model_fields) - {"slug", "blocks", "variants"}) | {"exercise", "block"}
OF_BLOCK = (set(Block.model_fields) - {"exercises"}) | {"exercise"}
OF_EXERCISE = (set(Exercise.model_fields) - {"slug", "dose", "timed_cues"}) | {"use"}


@pytest.mark.parametrize(
    ("title", "keys"),
    [
        ("How much: the dose", DOSE_KEYS | {"dose"}),
        ("An exercise of your own", OF_EXERCISE),
        ("Rounds: blocks", OF_BLOCK),
        ("The whole routine", WHOLE),
    ],
)
def test_the_page_has_a_row_for_every_key_and_for_nothing_else(title: str, keys: set[str]) -> None:
    rows = re.findall(r"^\| `(\w+)` \|([^|]+)\|([^|]+)\|([^|]+)\|$", _section(title), re.MULTILINE)
    assert sorted(row[0] for row in rows) == sorted(keys)
    assert all(cell.strip() for row in rows for cell in row)


def _samples(section: str) -> list[str]:
    return re.findall(r"^```toml\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


GOOD = [text for text in _samples(PAGE) if text not in _samples(_section("What an error looks like"))]


@pytest.mark.parametrize("number", range(len(GOOD)))
def test_every_sample_of_the_page_is_a_routine(number: int, tmp_path: Path) -> None:
    file = tmp_path / "sample.toml"
    file.write_text(GOOD[number], "utf-8")
    routine = load_routine(file, LIBRARY)
    assert compile_routine(routine).steps


def test_the_error_of_the_page_is_the_real_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    section = _section("What an error looks like")
    (sample,) = _samples(section)
    monkeypatch.chdir(tmp_path)
    Path("evening.toml").write_text(sample, "utf-8")
    with pytest.raises(RoutineError) as caught:
        load_routine(Path("evening.toml"), LIBRARY)
    answer = re.search(r"^```text\n(.*?)\n```$", section, re.MULTILINE | re.DOTALL)
    assert answer
    assert caught.value.shown == answer[1]


def test_the_page_s_refused_rule_is_refused_in_those_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    section = _section("Growing from session to session")
    rule = re.search(r"of a bridge with `(progress = \[.*\])` on line 5", section)
    answer = re.search(r"^```text\n(.*?)\n```$", section, re.MULTILINE | re.DOTALL)
    assert rule
    assert answer
    monkeypatch.chdir(tmp_path)
    Path("slowly.toml").write_text(f'title = "T"\n\n[[exercise]]\nuse = "bridge"\n{rule[1]}\n', "utf-8")
    with pytest.raises(RoutineError) as caught:
        load_routine(Path("slowly.toml"), LIBRARY)
    assert caught.value.shown == answer[1]


def test_the_page_s_figures_for_pain_are_those_of_the_strict_rules_and_of_loading() -> None:
    section = _section("Pain that a prescriber allows")
    rows = re.findall(r"^\| `(\w+)` \|([^|]+)\|([^|]+)\|([^|]+)\|$", section, re.MULTILINE)
    defaults = {row[0]: row[2].strip() for row in rows}
    strict = strict_rules()
    assert defaults == {"tolerated": "needed", "ends_above": str(strict.ends_above), "rise": str(strict.rise)}


def test_the_page_s_examples_of_growing_grow(tmp_path: Path) -> None:
    file = tmp_path / "sample.toml"
    file.write_text(_samples(_section("Growing from session to session"))[0], "utf-8")
    bridge, knee, march = load_routine(file, LIBRARY).exercises
    assert str(dose_at(bridge, 1).dose.reps) == "4-5"
    assert dose_at(knee, 1).dose.hold == Hold(Range(22, 30, 20))
    # Thirty seconds to forty-five, five at a time; then the sets.
    assert [(str(e.dose.time), str(e.dose.sets)) for e in (dose_at(march, n) for n in (1, 3, 4, 5, 9))] == [
        ("35", "1-3"),
        ("45", "1-3"),
        ("45", "2-3"),
        ("45", "3"),
        ("45", "3"),
    ]


def test_the_first_routine_of_the_page_has_the_eight_lines_it_promises() -> None:
    (sample,) = _samples(_section("A first routine"))
    assert len(sample.splitlines()) == 8


@pytest.mark.parametrize("position", Position)
def test_the_page_names_every_position(position: Position) -> None:
    assert f'`"{position.value}"`' in _section("An exercise of your own")
