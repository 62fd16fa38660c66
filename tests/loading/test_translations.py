"""Translations of routines and exercises: where they may stand, and that half of one is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from voicecoach.loading.exercises import load_exercise
from voicecoach.loading.library import Library
from voicecoach.loading.routines import load_routine
from voicecoach.loading.source import RoutineError
from voicecoach.loading.translations import UntranslatedError
from voicecoach.shipped import shipped

SHIPPED = shipped("routines")
LIBRARY = Library((SHIPPED,))

ROUTINE = """
title = "Evening"
welcome = ["Good evening.", "Lie down."]

[[block]]
title = "Round"
repeat = 2

[[block.exercise]]
name = "Bridge"
say_as = "The bridge"
position = "hook-lying"
steps = ["Lift your hips.", "Lower them."]
avoid = ["Don't arch."]
exit = "Lower your hips."
limbs = ["right leg", "left leg"]
reps = 3

[[exercise]]
use = "deep-breathing"
exit = "Lie still."
"""
GERMAN = """
title = "Abend"
welcome = ["Guten Abend.", "Leg dich hin."]
blocks = { Round = "Runde" }

[exercise.bridge]
name = "Brücke"
steps = ["Heb das Becken.", "Senk es."]
avoid = ["Kein Hohlkreuz."]
exit = "Senk das Becken."
limbs = ["rechtes Bein", "linkes Bein"]

[exercise.deep-breathing]
exit = "Bleib liegen."
"""
INLINE = GERMAN.replace("[exercise.", "[text.de.exercise.").replace("\ntitle", "\n[text.de]\ntitle", 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "evening.toml").write_text(ROUTINE)
    return tmp_path


def write(folder: Path, text: str, name: str = "evening.de.toml") -> Path:
    (folder / name).write_text(text)
    return folder / "evening.toml"


@pytest.mark.parametrize("beside", [True, False])
def test_a_routine_is_translated_in_its_file_or_beside_it(folder: Path, beside: bool) -> None:
    path = write(folder, GERMAN) if beside else write(folder, ROUTINE + INLINE, "evening.toml")
    routine = load_routine(path, LIBRARY, "de")
    bridge, breathing = routine.exercises
    assert (routine.slug, routine.title, routine.language) == ("evening", "Abend", "de")
    assert routine.welcome == ("Guten Abend.", "Leg dich hin.")
    assert routine.blocks[0].title == "Runde"
    assert (bridge.slug, bridge.spoken_name, bridge.limbs) == ("bridge", "Brücke", ("rechtes Bein", "linkes Bein"))
    assert bridge.dose.reps == load_routine(path, LIBRARY).exercises[0].dose.reps
    # What the routine says itself comes from the routine's translation, the rest from the library's.
    assert breathing.exit == "Bleib liegen."
    assert breathing.name == "Tiefes Atmen"


def test_as_it_is_written_nothing_changes(folder: Path) -> None:
    path = write(folder, GERMAN)
    assert load_routine(path, LIBRARY).title == load_routine(path, LIBRARY, "en").title == "Evening"
    assert load_routine(path, LIBRARY, "en-GB").language == "en"
    assert load_routine(path, LIBRARY, "de-AT").title == "Abend"


def test_no_translation_is_said(folder: Path) -> None:
    with pytest.raises(UntranslatedError, match=r"evening\.toml: this is not translated \(de\)"):
        load_routine(folder / "evening.toml", LIBRARY, "de")


@pytest.mark.parametrize(
    ("without", "lost"),
    [
        ('title = "Abend"\n', "evening: title not translated"),
        ('avoid = ["Kein Hohlkreuz."]\n', "bridge: avoid not translated"),
        ('exit = "Bleib liegen."\n', "deep-breathing: exit not translated"),
        ('blocks = { Round = "Runde" }\n', "the block 'Round' is not translated"),
    ],
)
def test_half_a_translation_is_none(folder: Path, without: str, lost: str) -> None:
    path = write(folder, GERMAN.replace(without, ""))
    with pytest.raises(UntranslatedError, match=lost) as caught:
        load_routine(path, LIBRARY, "de")
    assert caught.value.file == folder / "evening.de.toml"
    assert caught.value.line


def test_an_exercise_of_the_library_that_is_not_translated_leaves_the_routine_untranslated(folder: Path) -> None:
    path = write(folder, GERMAN)
    (folder / "evening.toml").write_text(ROUTINE + '\n[[exercise]]\nuse = "bird-dog"\n')
    with pytest.raises(UntranslatedError, match=r"bird-dog\.toml: this is not translated"):
        load_routine(path, LIBRARY, "de")


def test_so_does_a_form_that_easier_leads_to(folder: Path, tmp_path: Path) -> None:
    (folder / "evening.toml").write_text('title = "T"\n[[exercise]]\nuse = "deep-breathing"\neasier = "bird-dog"\n')
    path = write(folder, 'title = "T"')
    with pytest.raises(UntranslatedError, match="bird-dog"):
        load_routine(path, LIBRARY, "de")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (
            'title = "Abend"',
            'titel = "Abend"',
            r"evening\.de\.toml:2:1: titel: this key is not known here; did you mean",
        ),
        ('title = "Abend"', "title = 3", r"evening\.de\.toml:2:9: title = 3: this must be text"),
        ('title = "Abend"', 'title = "Abend"\nsummary = "x"', "evening has no summary to be translated"),
        ('"Guten Abend.", ', "", r"evening\.de\.toml:3:1: welcome: 1 of the lines where the original has 2"),
        ('["rechtes Bein", "linkes Bein"]', '["Bein"]', r"limbs: 1 of the lines where the original has 2"),
        ('["rechtes Bein", "linkes Bein"]', '"Bein"', r"evening\.de\.toml:11:\d+: limbs = .Bein.: this must be a list"),
        ("[exercise.bridge]", "[exercise.brige]", "avoid, exit, limbs|the routine has no such exercise|not translated"),
        ('exit = "Bleib liegen."', 'exit = "Bleib liegen."\nreps = 3', "reps: this key is not known here"),
        ("blocks = { Round", "blocks = { Rond", "the block 'Round' is not translated"),
        ('exit = "Bleib liegen."', f'exit = "{"x" * 501}"', "longer than 500 characters"),
        ('exit = "Bleib liegen."', 'exit = "\\u0007"', "needs words"),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(folder: Path, old: str, new: str, complaint: str) -> None:
    assert old in GERMAN
    with pytest.raises(RoutineError, match=complaint):
        load_routine(write(folder, GERMAN.replace(old, new)), LIBRARY, "de")


def test_texts_for_an_exercise_that_is_not_there_are_refused(folder: Path) -> None:
    path = write(folder, GERMAN + '[exercise.plank]\nname = "Brett"\n')
    with pytest.raises(
        RoutineError, match=r"plank: the routine has no such exercise \(allowed: bridge, deep-breathing\)"
    ):
        load_routine(path, LIBRARY, "de")


def test_a_translation_may_not_stand_twice(folder: Path) -> None:
    write(folder, GERMAN)
    path = write(folder, ROUTINE + INLINE, "evening.toml")
    with pytest.raises(RoutineError, match=r"stands twice: here and in .*evening\.de\.toml"):
        load_routine(path, LIBRARY, "de")


@pytest.mark.parametrize("text", ["text = 3\n", "[text]\nde = 3\n", "[text.german]\ntitle = 'x'\n"])
def test_a_text_that_is_no_language_is_refused(folder: Path, text: str) -> None:
    routine = text + ROUTINE if text.startswith("text") else ROUTINE + text
    with pytest.raises(RoutineError, match=r"such as \[text.de\]"):
        load_routine(write(folder, routine, "evening.toml"), LIBRARY, "de")


def test_a_translation_is_no_routine_of_its_own(folder: Path) -> None:
    write(folder, GERMAN)
    write(folder, ROUTINE, "my.routine.toml")
    write(folder, ROUTINE, "alone.de.toml")
    assert set(Library((folder,)).routines()) == {"evening", "my.routine", "alone.de"}
    assert not [name for name in LIBRARY.exercises() if "." in name]


def test_a_shipped_routine_may_be_translated_in_a_folder_of_ones_own(folder: Path) -> None:
    """Nobody need write into the installation: what is missing there is looked for in the person's folders."""
    own = Library((folder, SHIPPED))
    (folder / "exercises").mkdir()
    (folder / "mine.toml").write_text('title = "Mine"\n[[exercise]]\nuse = "bird-dog"\neasier = "deep-breathing"\n')
    (folder / "mine.it.toml").write_text('title = "Mio"\n')
    with pytest.raises(UntranslatedError, match="bird-dog"):
        load_routine(folder / "mine.toml", own, "it")
    for slug in ("bird-dog", "deep-breathing", *_linked("bird-dog")):
        (folder / "exercises" / f"{slug}.it.toml").write_text(_echo(SHIPPED / "exercises" / f"{slug}.toml"))
    routine = load_routine(folder / "mine.toml", own, "it")
    assert routine.title == "Mio"
    assert routine.exercises[0].exit.startswith("it ")


def test_a_routine_written_in_german_takes_the_german_exercises_and_may_be_translated_into_english(
    folder: Path,
) -> None:
    text = 'language = "de"\ntitle = "Abend"\n[text.en]\ntitle = "Evening"\n[[exercise]]\nuse = "deep-breathing"\n'
    path = write(folder, text, "evening.toml")
    assert load_routine(path, LIBRARY).exercises[0].name == "Tiefes Atmen"
    english = load_routine(path, LIBRARY, "en")
    assert (english.title, english.exercises[0].name) == ("Evening", "Deep breathing")


def test_an_exercise_may_be_written_in_another_language(folder: Path) -> None:
    (folder / "exercises").mkdir()
    (folder / "exercises" / "brett.toml").write_text(
        'language = "de"\nname = "Brett"\nposition = "prone"\nexit = "Knie ab."\nhold = "5 s"\n'
        '[text.en]\nname = "Plank"\nexit = "Knees down."\n'
    )
    library = Library((folder, SHIPPED))
    assert load_exercise(folder / "exercises" / "brett.toml").name == "Brett"
    path = write(folder, 'title = "T"\n[[exercise]]\nuse = "brett"\n', "evening.toml")
    assert load_routine(path, library).exercises[0].name == "Plank"
    path = write(folder, 'language = "de"\ntitle = "T"\n[[exercise]]\nuse = "brett"\n', "evening.toml")
    assert load_routine(path, library).exercises[0].name == "Brett"


@pytest.mark.parametrize("code", ["de", "es", "fr"])
def test_every_translation_that_ships_fits_its_original(code: str) -> None:
    """Also those of exercises that no translated routine has."""
    for slug in LIBRARY.exercises():
        if LIBRARY.translation(LIBRARY.exercises()[slug], code):
            from voicecoach.loading.exercises import Shelf

            made = Shelf(LIBRARY, code, strict=True).take(slug).exercise
            original = load_exercise(LIBRARY.exercises()[slug])
            assert made.dose == original.dose
            assert made.name != original.name


def _linked(slug: str) -> list[str]:
    exercise = load_exercise(SHIPPED / "exercises" / f"{slug}.toml")
    routine = load_routine(SHIPPED / "spine-support.toml", LIBRARY)
    known = {one.slug: one for one in (*routine.exercises, *routine.variants)}
    waiting, found = [exercise], list[str]()
    while waiting:
        one = waiting.pop()
        for target in (one.easier, one.harder):
            if target and target not in found:
                found.append(target)
                waiting.append(known.get(target) or load_exercise(SHIPPED / "exercises" / f"{target}.toml"))
    return found


def _echo(path: Path) -> str:
    """Return a translation that puts "it" in front of everything."""
    exercise, lines = load_exercise(path), list[str]()
    for key in ("name", "say_as", "short", "exit", "breathing"):
        if value := getattr(exercise, key):
            lines.append(f'{key} = "it {value}"')
    for key in ("setup", "steps", "cues", "avoid", "limbs", "equipment"):
        if values := getattr(exercise, key):
            told = ", ".join(f'"it {value}"' for value in values)
            lines.append(f"{key} = [{told}]")
    return "\n".join(lines) + "\n"


def test_another_name_is_not_spoken_as_the_library_speaks_its_own(folder: Path) -> None:
    path = write(folder, 'title = "T"\n[[exercise]]\nuse = "hook-lying-march"\nname = "My march"\n', "evening.toml")
    assert load_routine(path, LIBRARY).exercises[0].spoken_name == "My march"


SHORTHAND = """title = "T"
language = "{code}"
[[exercise]]
name = "Reach"
position = "standing"
exit = "Rest."
dose = "3 each leg"
"""


@pytest.mark.parametrize(
    ("code", "sides"),
    [
        ("en", ("right leg", "left leg")),
        ("de", ("rechtes Bein", "linkes Bein")),
        ("es", ("pierna derecha", "pierna izquierda")),
        ("fr", ("jambe droite", "jambe gauche")),
        ("xx", ("right leg", "left leg")),
    ],
)
def test_the_sides_of_shorthand_are_named_in_the_language_of_the_routine(
    tmp_path: Path, code: str, sides: tuple[str, str]
) -> None:
    path = tmp_path / "t.toml"
    path.write_text(SHORTHAND.format(code=code), "utf-8")
    assert load_routine(path, Library((tmp_path,))).exercises[0].limbs == sides


def test_a_translation_need_not_name_the_sides_of_shorthand_and_may(tmp_path: Path) -> None:
    path = tmp_path / "t.toml"
    path.write_text(SHORTHAND.format(code="en"), "utf-8")
    german = 'title = "T"\n[exercise.reach]\nname = "Strecken"\nexit = "Ruh dich aus."\n'
    (tmp_path / "t.de.toml").write_text(german, "utf-8")
    exercise = load_routine(path, Library((tmp_path,)), "de").exercises[0]
    assert (exercise.name, exercise.limbs) == ("Strecken", ("rechtes Bein", "linkes Bein"))
    (tmp_path / "t.de.toml").write_text(german + 'limbs = ["vorderes Bein", "hinteres Bein"]\n', "utf-8")
    again = load_routine(path, Library((tmp_path,)), "de").exercises[0]
    assert again.limbs == ("vorderes Bein", "hinteres Bein")
