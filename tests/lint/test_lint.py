"""Warnings: each code is found where it should be, nowhere else, and can be silenced with a reason only."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voicecoach.cli.check import check_file
from voicecoach.config import load_config
from voicecoach.core.compiler import compile_routine
from voicecoach.language import LanguageError, language_file, load_language, read_language
from voicecoach.lint import words
from voicecoach.lint.finding import Finding
from voicecoach.lint.look import look_at_exercise, look_at_routine
from voicecoach.lint.rules import RULES
from voicecoach.loading.exercises import read_exercise
from voicecoach.loading.library import Library
from voicecoach.loading.routines import read_routine
from voicecoach.loading.source import RoutineError
from voicecoach.shipped import shipped

SHIPPED = shipped("routines")
LIBRARY = Library((SHIPPED,))
PAGE = (Path(__file__).parents[2] / "docs" / "checking.md").read_text("utf-8")
HEAD = """title = "Evening"

[[exercise]]
name = "Leg raise"
position = "supine"
exit = "Lower your leg slowly."
reps = 4
"""
OWN = HEAD + 'steps = ["Raise the leg that I call."]\n'
"""Eight lines that nothing is to be said against; what is added stands on line 9."""
OTHER = '[[exercise]]\nname = "{}"\nposition = "{}"\nsteps = ["Breathe."]\nexit = "Rest."\nreps = 1\n'
LONG = "word " * 16 + "word"


def look(folder: Path, text: str, seconds: float | None = None) -> list[Finding]:
    path = folder / "r.toml"
    path.write_text(text, "utf-8")
    reading = read_routine(path, LIBRARY)
    length = compile_routine(reading.routine).seconds_from(0) if seconds is None else seconds
    return look_at_routine(reading, load_language(reading.routine.language), length)


def told(findings: list[Finding]) -> list[tuple[str | None, int, int, int]]:
    """Code, line, column and width of each."""
    spots = [(one.code, one.complaint.spot) for one in findings]
    return [(code, spot.line, spot.column, spot.width) for code, spot in spots if spot]


BACK_AND_FORTH = "".join(OTHER.format(f"E{n}", ("supine", "prone")[n % 2]) for n in range(6))
UP_AND_DOWN = "".join(OTHER.format(f"E{n}", ("supine", "standing")[n % 2]) for n in range(5))

CASES: dict[str, tuple[str, list[tuple[str, int, int, int]]]] = {
    "nothing": (OWN, []),
    "a live word": (OWN.replace("Raise the leg", "If it hurts, stop at once"), [("L01", 8, 14, 8), ("L01", 8, 24, 4)]),
    "the longest live phrase": (OWN.replace("Raise", "The next exercise: raise"), [("L01", 8, 15, 13)]),
    "a live word in capitals": (OWN.replace("Raise", "STOP, then raise"), [("L01", 8, 11, 4)]),
    "a live word behind an escape": (OWN.replace("Raise", '\\u2019s \\"stop\\", raise'), [("L01", 8, 21, 4)]),
    "a live word in the title": (OWN.replace("Evening", "Pain"), [("L01", 1, 10, 4)]),
    "a live word on a line of its own": (OWN + 'cues = [\n"Belly firm.",\n"Pause."]\n', [("L01", 11, 2, 5)]),
    "answers are not live": (OWN.replace("Raise", "One knee, then ten: none is worse; raise"), []),
    "a cue with a moment": (
        OWN + 'cues = [{ at = "half", say = "Look up." }]\n',
        [("L02", 9, 31, 4)],
    ),
    "sets in shorthand": (
        OWN.replace("reps = 4", 'dose = "6 x 4"') + 'short = "Raise it."\n',
        [("L11", 7, 8, 7)],
    ),
    "sets as a list": (
        OWN.replace("reps = 4", "reps = [4, 4, 4, 3, 2, 1]") + 'short = "Raise it."\n',
        [("L11", 7, 8, 18)],
    ),
    "no whole word": (OWN.replace("Raise", "Painless stopping; know your knees; raise"), []),
    "eyes": (OWN.replace("Raise", "Like this: raise, and see"), [("L02", 8, 11, 9), ("L02", 8, 33, 3)]),
    "down and up": ('title = "T"\n' + UP_AND_DOWN, [("L03", 1, 1, 5)]),
    "down, up, down": ('title = "T"\n' + UP_AND_DOWN[: UP_AND_DOWN.index('[[exercise]]\nname = "E4')], []),
    "up and down in rounds": (
        'title = "T"\n[[block]]\nrepeat = 3\n' + UP_AND_DOWN[: UP_AND_DOWN.index('[[exercise]]\nname = "E2')]
        .replace("[[exercise]]", "[[block.exercise]]\nshort = 'So.'"),
        [("L03", 1, 1, 5)],
    ),
    "turning": ('title = "T"\n' + BACK_AND_FORTH, [("L04", 1, 1, 5)]),
    "turning three times": ('title = "T"\n' + BACK_AND_FORTH[: BACK_AND_FORTH.index('[[exercise]]\nname = "E4')], []),
    "the other leg": (OWN + 'short = "Now the other leg."\n', [("L05", 9, 9, 20)]),
    "the other leg, called": (OWN + 'short = "Now the other leg."\nlimbs = ["right leg", "left leg"]\n', []),
    "one limb": (OWN + 'limbs = ["right leg"]\n', [("L05", 9, 1, 5)]),
    "no time for sides": (
        OWN + 'limbs = ["right leg", "left leg"]\norder = "complete"\nrest_between_sides = 2\n',
        [("L05", 11, 22, 1)],
    ),
    "a long way out": (OWN.replace("slowly", "slowly down to the soft warm floor here"), [("L06", 6, 8, 57)]),
    "two ways out": (OWN.replace("slowly.", "slowly. Rest."), [("L06", 6, 8, 30)]),
    "a long line": (OWN + f'avoid = ["{LONG}"]\n', [("L07", 9, 10, 86)]),
    "a long welcome": (f'welcome = ["Hello.", "{LONG}"]\n' + OWN, [("L07", 1, 22, 86)]),
    "sixteen words": (OWN + f'avoid = ["{LONG[5:]}"]\n', []),
    "a long short form": (OWN + 'short = "a b c d e f g h i"\n', [("L08", 9, 9, 19)]),
    "a long cue": (OWN + 'cues = ["a b c d e f", "a b c d e f g"]\n', [("L09", 9, 24, 15)]),
    "many sets": (OWN + 'sets = 6\nshort = "Up."\n', [("L11", 9, 8, 1)]),
    "holds as sets": (OWN.replace("reps = 4", 'dose = "10 x 10 s hold"') + 'short = "Up."\n', [("L18", 7, 8, 16)]),
    "holds as a key": (OWN.replace("reps = 4", 'hold = "10 s"\nsets = 6') + 'short = "Up."\n', [("L18", 8, 8, 1)]),
    "five holds as sets": (OWN.replace("reps = 4", 'dose = "5 x 10 s hold"') + 'short = "Up."\n', []),
    "ten holds in a set": (OWN.replace("reps = 4", 'dose = "10 reps, hold 10 s"'), []),
    "five sets": (OWN + 'sets = 5\nshort = "Up."\n', []),
    "many rounds": ('title = "T"\n[[block]]\nrepeat = 13\n[[block.exercise]]\nuse = "bridge"\n', [("L11", 3, 10, 2)]),
    "nothing explained": (HEAD, [("L12", 3, 1, 12)]),
    "a figure": (OWN.replace("call", "call for 5 breaths"), [("L13", 8, 41, 1)]),
    "a figure in words": (OWN.replace("call", "call, ten seconds"), [("L13", 8, 42, 7)]),
    "no short form": (OWN + 'sets = "1-2"\n', [("L14", 3, 1, 12)]),
    "no short form in rounds": (
        OWN.replace("[[exercise]]", "[[block]]\nrepeat = 2\n[[block.exercise]]"),
        [("L14", 5, 1, 18)],
    ),
    "the library's short form": ('title = "T"\n[[exercise]]\nuse = "bridge"\nsets = 3\n', []),
    "a hidden character in a word": (OWN.replace("leg that", "l\u00adeg that"), [("L15", 8, 22, 1)]),
    "a live word with a hidden character": (OWN.replace("Raise", "st\u00adop; raise"), [("L01", 8, 11, 5), ("L15", 8, 13, 1)]),
    "writing turned round in a note": (OWN + "# \u202e\n", [("L15", 9, 3, 1)]),
    "two cues at once": (
        OWN.replace("reps = 4", 'hold = "10 s"')
        + 'cues = ["Firm.", { at = "half", say = "Half." }, { at = "5 s", say = "Five." }, { at = "-2 s", say = "Two." }]\n',
        [("L20", 9, 50, 29)],
    ),
    "cues apart": (
        OWN.replace("reps = 4", 'time = "10 s"')
        + 'cues = [{ at = "half", say = "Half." }, { at = "-2 s", say = "Two." }]\n',
        [],
    ),
    "two sentences": (OWN.replace("call.", "call. Lower it."), [("L16", 8, 10, 38)]),
    "the library's lines are its own": ('title = "T"\n[[exercise]]\nuse = "knee-rocking"\n', []),
    "German in an English routine": (OWN.replace("Raise", "Siehe: raise"), []),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_warning_stands_where_it_should(tmp_path: Path, name: str) -> None:
    text, expected = CASES[name]
    assert told(look(tmp_path, text)) == expected


def test_a_long_session_is_told(tmp_path: Path) -> None:
    assert told(look(tmp_path, OWN, 3600)) == []
    assert told(look(tmp_path, OWN, 3601)) == [("L10", 1, 1, 5)]


def test_every_code_has_a_case() -> None:
    found = {code for _, expected in CASES.values() for code, *_ in expected}
    assert found | {"L00", "L10", "L17", "L19"} == set(RULES)


MONITORED = 'pain_policy = "monitored"\nprescriber = "Kim"\nreview_on = 2027-01-31\npain = { tolerated = 2 }\n' + OWN


@pytest.mark.parametrize(
    ("day", "says"),
    [
        (date(2026, 11, 21), ""),
        (date(2027, 1, 23), ""),
        (date(2027, 1, 24), "the rules for pain of Kim hold until 2027-01-31: 7 days from now"),
        (date(2027, 1, 30), "the rules for pain of Kim hold until 2027-01-31: 1 day from now"),
        (date(2027, 1, 31), "the rules for pain of Kim hold until 2027-01-31: 0 days from now"),
        (date(2027, 2, 1), "the rules for pain of Kim hold until 2027-01-31, which is past: now the strict ones do"),
    ],
)
def test_rules_for_pain_that_are_over_or_soon_will_be_are_told(tmp_path: Path, day: date, says: str) -> None:
    path = tmp_path / "r.toml"
    path.write_text(MONITORED, "utf-8")
    found = look_at_routine(read_routine(path, LIBRARY), load_language("en"), 60, day)
    assert [(code, *spot) for code, *spot in told(found)] == ([("L17", 3, 13, 10)] if says else [])
    assert [one.complaint.problem for one in found] == ([says] if says else [])
    assert look_at_routine(read_routine(path, LIBRARY), load_language("en"), 60) == []
    plain = tmp_path / "plain.toml"
    plain.write_text("review_on = 2020-01-31\n" + OWN, "utf-8")
    assert look_at_routine(read_routine(plain, LIBRARY), load_language("en"), 60, day) == []


def test_words_of_other_languages_are_known() -> None:
    for code, line in (
        ("de", "Schau her: jede Seite zehn Sekunden."),
        ("es", "Mira: cada lado diez segundos."),
        ("fr", "Regardez : chaque côté dix secondes."),
    ):
        language = load_language(code)
        assert words.needs_eyes(line, language)
        assert words.sides(line, language)
        assert words.figures(line, language)
    english = load_language("en")
    assert not words.needs_eyes("Schau her", english)
    assert not words.figures("Zehnmal", english)
    assert words.figures("3 \u00d7", replace(english, lint={})), "digits are figures in every language"


def test_a_star_stands_for_any_letters_and_the_rest_for_whole_words() -> None:
    own = replace(load_language("en"), lint={"sides": ("andere* bein", "l'autre pied"), "figures": ("*mal",)})
    for line in ("Dann das andere Bein.", "Am anderen  Bein", "Avec l\u2019autre pied"):
        assert words.sides(line, own), line
    for line in ("Das andere", "andere Beine", "anders"):
        assert not words.sides(line, own), line
    found = words.figures("Das tust du zehnmal.", own)
    assert found == ("zehnmal", 12, 19)
    assert not words.figures("Normale", own)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"eye": ["x"]}, "[lint] eye: this key is not known here; did you mean 'eyes'?"),
        ({"eyes": "look"}, "[lint] eyes: this must be a list of texts"),
        ({"eyes": ["*"]}, '[lint] eyes = "*": this would be found everywhere'),
    ],
)
def test_words_that_are_no_list_of_phrases_are_refused(table: dict[str, object], says: str) -> None:
    whole = tomllib.loads(language_file("en").read_text("utf-8")) | {"lint": table}
    with pytest.raises(LanguageError) as caught:
        read_language(whole, "en")
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("line", "number"), [("One.", 1), ("One. Two.", 2), ("Three or 4.5 inches.", 1), ("No! Go. on", 3)]
)
def test_sentences_are_counted(line: str, number: int) -> None:
    assert words.sentences(line) == number


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    key=st.sampled_from(["title", "say_as", "steps", "short", "cues", "exit", "limbs", "avoid", "breathing"]),
    text=st.text(max_size=60)
    | st.lists(st.sampled_from(["Stop", "take a", "break.", "Look", "\u200b", "\\", '"', "10", "the other leg", "日本", "e\u0301"]))
    .map(" ".join),
)  # fmt: skip
def test_whatever_is_said_is_looked_at_and_placed_on_its_line(tmp_path: Path, key: str, text: str) -> None:
    value = json.dumps(text, ensure_ascii=True) if text.isascii() else json.dumps(text, ensure_ascii=False)
    line = f"{key} = [{value}]" if key in {"steps", "cues", "limbs", "avoid"} else f"{key} = {value}"
    base = re.sub(rf"^{key} = .*\n", "", OWN, flags=re.MULTILINE)
    try:
        findings = look(tmp_path, f"{line}\n{base}" if key == "title" else f"{base}{line}\n")
    except RoutineError:
        return
    for finding in findings:
        assert finding.shown.replace("\n", "").isprintable()
        spot = finding.complaint.spot
        assert spot is not None
        assert 1 <= spot.column <= spot.column + spot.width - 1 <= len(finding.complaint.excerpt)
        if finding.code in {"L01", "L02"} and "\\" not in value and not re.search("[^\x20-\x7e]", value):
            found = finding.complaint.excerpt[spot.column - 1 : spot.column + spot.width - 1]
            assert " ".join(re.findall(r"[a-z']+", found.lower())) in finding.complaint.problem


# --- Silence ----------------------------------------------------------------------------------------------------------

LIVE = OWN.replace("Raise", "Stop; raise")
WHY = "It is taught here."


def test_a_reason_silences_a_warning_in_the_exercise_or_in_the_file(tmp_path: Path) -> None:
    assert told(look(tmp_path, LIVE + f'lint = {{ ignore = {{ L01 = "{WHY}" }} }}\n')) == []
    assert told(look(tmp_path, f'lint.ignore.L01 = "{WHY}"\n' + LIVE)) == []
    assert told(look(tmp_path, LIVE + f'[lint]\nignore = {{ L01 = "{WHY}" }}\n')) == []
    two = LIVE + f'lint = {{ ignore = {{ L01 = "{WHY}" }} }}\n' + LIVE.partition("\n\n")[2].replace("Leg", "Arm")
    assert told(look(tmp_path, two)) == [("L01", 15, 11, 4)], "an exercise silences itself alone"


def test_a_silence_that_does_nothing_is_told(tmp_path: Path) -> None:
    assert told(look(tmp_path, f'lint.ignore.L01 = "{WHY}"\n' + OWN)) == [("L00", 1, 13, 3)]
    assert told(look(tmp_path, OWN + f'lint.ignore.L99 = "{WHY}"\n')) == [("L00", 9, 13, 3)]
    both = f'lint.ignore.L01 = "{WHY}"\nlint.ignore.L00 = "{WHY}"\n'
    assert told(look(tmp_path, both + OWN)) == []


@pytest.mark.parametrize(
    ("text", "where", "says"),
    [
        ("lint = 3\n", "1:8", "this must be a table"),
        ("lint.ingore.L01 = 'a b'\n", "1:6", "did you mean 'ignore'?"),
        ("lint.ignore = ['L01']\n", "1:15", "this must be a table of codes"),
        ("lint.ignore.l1 = 'a b'\n", "1:13", "this is not the code of a warning"),
        ("lint.ignore.L01 = true\n", "1:19", "a warning is silenced with a reason, of 2 words at least"),
        ("lint.ignore.L01 = ''\n", "1:19", "a warning is silenced with a reason, of 2 words at least"),
        ("lint.ignore.L01 = '...'\n", "1:19", "a warning is silenced with a reason, of 2 words at least"),
        ("lint.ignore.L01 = 'because'\n", "1:19", "a warning is silenced with a reason, of 2 words at least"),
    ],
)
def test_silence_needs_a_reason(tmp_path: Path, text: str, where: str, says: str) -> None:
    for whole in (text + OWN, OWN.replace("[[exercise]]\n", "[[exercise]]\n" + text)):
        with pytest.raises(RoutineError) as caught:
            look(tmp_path, whole)
        assert says in str(caught.value)
    with pytest.raises(RoutineError, match=rf"r\.toml:{where}: "):
        look(tmp_path, text + OWN)


def test_every_silence_that_is_wrong_is_told(tmp_path: Path) -> None:
    text = 'lint = { ignore = { L99 = "what", L03 = "", l1 = "a b", L01 = "a b" }, ingore = 1 }\n' + OWN
    with pytest.raises(RoutineError) as caught:
        look(tmp_path, text)
    assert [(one.key, one.line) for one in caught.value.all] == [("L99", 1), ("L03", 1), ("l1", 1), ("ingore", 1)]


# --- What ships, and the page -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(LIBRARY.routines().values()), ids=lambda path: path.stem)
def test_what_ships_is_clean(path: Path) -> None:
    reading = read_routine(path, LIBRARY)
    seconds = compile_routine(reading.routine).seconds_from(0)
    findings = look_at_routine(reading, load_language(reading.routine.language), seconds)
    assert not findings, [finding.shown for finding in findings]


@pytest.mark.parametrize("path", sorted(LIBRARY.exercises().values()), ids=lambda path: path.stem)
def test_the_library_is_clean(path: Path) -> None:
    findings = look_at_exercise(read_exercise(path, LIBRARY), load_language())
    assert not findings, [finding.shown for finding in findings]


# --- Other languages ------------------------------------------------------------------------------------------------------


def checked(path: Path) -> list[tuple[str | None, int]]:
    found = check_file(path, Library((path.parent, SHIPPED)), load_config(env={}, user=Path("none.toml")))
    assert found.right, [one.shown for one in found.findings]
    return [(one.code, one.complaint.line or 0) for one in found.findings]


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("**/*.??.toml")), ids=lambda path: path.name)
def test_a_translation_that_ships_is_clean(path: Path) -> None:
    assert checked(path) == []


def test_a_translation_is_looked_at_in_its_own_language(tmp_path: Path) -> None:
    (tmp_path / "evening.toml").write_text(
        'title = "Evening"\nwelcome = ["Hello."]\n' + OWN.partition("\n")[2], "utf-8"
    )
    german = """title = "Abend"
welcome = ["Sag Pause."]
[exercise.leg-raise]
name = "Bein heben"
steps = ["Schau dein Bein an."]
exit = "Leg es ab."
"""
    beside = tmp_path / "evening.de.toml"
    beside.write_text(german, "utf-8")
    assert checked(beside) == [("L01", 2), ("L02", 5)]
    beside.write_text(german + '[lint]\nignore = { L01 = "It is taught here.", L02 = "A mirror is there." }\n', "utf-8")
    assert checked(beside) == []
    beside.write_text(
        german + '[lint]\nignore = { L01 = "It is taught here.", L03 = "No such thing here." }\n', "utf-8"
    )
    assert [code for code, _ in checked(beside)] == ["L02", "L00"]


def test_the_texts_of_another_language_in_the_file_itself_are_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "evening.toml"
    path.write_text(
        'title = "Evening"\n[text.de]\ntitle = "Stopp"\n[text.xx]\ntitle = "Pause"\n' + OWN.partition("\n")[2]
    )
    assert [one for one in checked(path) if one[0] != "L19"] == [("L01", 3)]


def test_half_a_translation_is_told_with_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "evening.toml"
    text = (
        'title = "Evening"\nwelcome = ["Hello."]\nsummary = "Short."\n[text.de]\ntitle = "Abend"\n'
        + OWN.partition("\n")[2]
    )
    path.write_text(text, "utf-8")
    found = check_file(path, Library((tmp_path, SHIPPED)), load_config(env={}, user=Path("none.toml")))
    assert found.right
    assert [(one.code, one.complaint.line, one.complaint.problem) for one in found.findings] == [
        ("L19", 4, "leg-raise: name, exit, steps not translated (de)"),
        ("L19", 4, "evening: welcome, summary not translated (de)"),
    ]
    path.write_text(text + 'lint = { ignore = { L19 = "Ada is at it." } }\n', "utf-8")
    assert [code for code, _ in checked(path)] == ["L19", "L19", "L00"], "it is the file's, not the exercise's"
    path.write_text('lint = { ignore = { L19 = "Ada is at it." } }\n' + text, "utf-8")
    assert checked(path) == []
    path.write_text(text.replace("[text.de]", "[text.de]\nsumary = 'Kurz.'"), "utf-8")
    wrong = check_file(path, Library((tmp_path, SHIPPED)), load_config(env={}, user=Path("none.toml")))
    assert "did you mean 'summary'?" in wrong.findings[0].complaint.problem
    assert not wrong.right


def test_half_a_translation_of_an_exercise_is_told(tmp_path: Path) -> None:
    (tmp_path / "exercises").mkdir()
    path = tmp_path / "exercises" / "leg.toml"
    path.write_text(
        'name = "Leg"\nposition = "supine"\nsteps = ["Up."]\nexit = "Down."\nreps = 1\n[text.de]\nname = "Bein"\n'
    )
    assert checked(path) == [("L19", 6)]
    path.write_text(path.read_text() + 'steps = ["Hoch."]\nexit = "Ab."\n')
    assert checked(path) == []


def test_an_exercise_of_the_library_is_looked_at_in_its_own_language(tmp_path: Path) -> None:
    (tmp_path / "exercises").mkdir()
    path = tmp_path / "exercises" / "bein.toml"
    path.write_text(
        'language = "de"\nname = "Bein"\nposition = "supine"\nsteps = ["Roll zurück."]\nexit = "Gut."\nreps = 1\n'
    )
    assert checked(path) == [("L01", 4)]


def rows() -> list[list[str]]:
    return [
        [cell.strip() for cell in row.split("|")[1:-1]] for row in re.findall(r"^\| `L\d\d` .*$", PAGE, re.MULTILINE)
    ]


def test_the_page_has_every_code_with_what_it_is_about_and_why() -> None:
    assert [(row[0].strip("`"), row[1], row[2]) for row in rows()] == [
        (rule.code, rule.about, rule.why) for rule in RULES.values()
    ]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_the_page_s_examples_are_warned_of(row: list[str], tmp_path: Path) -> None:
    code, example = row[0].strip("`"), row[3]
    lines = re.findall(r"`(\w+ = [^`]+)`", example)
    if not lines or code == "L03":
        return  # told in words
    key = lines[0].split(" = ")[0]
    base = re.sub(rf"^{key} = .*\n", "", OWN, flags=re.MULTILINE)
    if key in {"time", "dose"}:
        base = base.replace("reps = 4\n", "")
    assert code in {finding.code for finding in look(tmp_path, base + lines[0] + "\n")}
