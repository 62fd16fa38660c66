"""German, Spanish and French: every command can be said and is understood as text, and a whole session is in one language.

No speech model for them is here: what is spoken is rendered with espeak-ng, and recognition itself is not tested.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
from click.testing import CliRunner

from tests.needs import needs
from voicecoach.cli import main
from voicecoach.cli.common import plan
from voicecoach.config import load_config
from voicecoach.core.events import NUMBERS, Command, Heard, Line, Say
from voicecoach.core.person import Room
from voicecoach.hearing.keys import KeyboardEar
from voicecoach.hearing.mask import Mask
from voicecoach.language import Language, languages, load_language
from voicecoach.rehearsal import Scripted, rehearse
from voicecoach.speech.espeak_voice import EspeakVoice

ENGLISH = load_language("en")
OTHERS = {code: load_language(code) for code in languages() if code != "en"}
TRANSLATED = ("first-steps", "gentle-start")
ANSWERS = {Command.YES, Command.NO, Command.UNSURE}
INSIDE = {("options", Command.NEXT), ("options_why", Command.NO), ("consent", Command.NO), ("confirm", Command.END)}
"""Commands that English names without offering them: "what's next", "no equipment", "no medical advice" …"""

each = pytest.mark.parametrize("code", OTHERS)


@each
def test_every_command_can_be_spoken(code: str) -> None:
    """By the voice of that language: every phrase becomes sound, and no two commands the same sound."""
    needs("espeak-ng")
    language = OTHERS[code]
    voice = EspeakVoice(language.voice)
    spoken: dict[bytes, Command] = {}
    for phrase, command in language.phrases.items():
        audio = voice.render(phrase)
        assert audio.seconds > 0.1
        assert spoken.setdefault(audio.samples.tobytes(), command) is command, phrase


@each
def test_every_phrase_that_is_typed_is_its_command(code: str) -> None:
    language = OTHERS[code]
    ours, theirs = os.pipe()
    os.write(theirs, "".join(f"{phrase.capitalize()}\n" for phrase in language.phrases).encode())
    os.close(theirs)
    heard: SimpleQueue[Any] = SimpleQueue()
    with os.fdopen(ours) as stream:
        ear = KeyboardEar(language.phrases, heard.put, lambda: 0.0, stream, lambda _: None)
        ear.start()
        found = [heard.get(timeout=10) for _ in language.phrases]
        ear.close()
    assert [(one.words, one.command) for one in found if isinstance(one, Heard)] == list(language.phrases.items())


@each
def test_every_phrase_can_be_given_with_say(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICECOACH_SESSION_LANGUAGE", code)
    language = OTHERS[code]
    firsts = [language.phrases_of(command)[0] for command in Command]
    said = [part for phrase in firsts for part in ("--say", f"{phrase}@9999")]
    output = CliRunner().invoke(main, ["rehearse", "first-steps", *said, "--say", "ready@60"]).output
    assert "(finished)" in output, output


@each
def test_what_the_coach_offers_can_be_said(code: str) -> None:
    """Where English names a command, so does every language: a phrase that is taught is one that is understood."""
    language = OTHERS[code]
    theirs, ours = Mask(language.phrases), Mask(ENGLISH.phrases)
    for key, pattern in ENGLISH.sentences.items():
        if not isinstance(pattern, str) or not (key.startswith("options") or "Say " in pattern or " say " in pattern):
            continue
        wanted = ours.commands_in(pattern.replace("How hard", "").replace("How bad", "").replace("hard as", ""))
        wanted -= {command for command in wanted if (key, command) in INSIDE}
        text = language.sentences[key]
        assert isinstance(text, str)
        assert wanted <= theirs.commands_in(text), (key, text)


@each
@pytest.mark.parametrize("key", ["pain_echo", "effort_echo", "pardon"])
def test_the_coach_does_not_say_the_answer_itself(code: str, key: str) -> None:
    """What it says is masked: "vier, ja?" would make it deaf for the "ja" that follows at once."""
    language = OTHERS[code]
    said = Mask(language.phrases).commands_in(str(language.sentences[key]))
    assert not said & (ANSWERS | NUMBERS.keys())


@each
def test_the_check_of_the_microphone_does_not_hold_the_word_that_is_asked_for(code: str) -> None:
    language = OTHERS[code]
    assert Command.READY not in Mask(language.phrases).commands_in(str(language.sentences["check_hearing_now"]))


@each
def test_a_number_said_in_words_is_the_number_that_is_heard(code: str) -> None:
    language = OTHERS[code]
    for command, value in NUMBERS.items():
        assert language.say(Line.of("count", number=value)).lower() in language.phrases_of(command)


@each
def test_disclaimer_and_warning_signs_keep_their_marks(code: str) -> None:
    """No test can weigh a translation; that a question is one, and that the number is told twice, it can."""
    for key, pattern in ENGLISH.sentences.items():
        told = OTHERS[code].sentences[key]
        if isinstance(pattern, str) and isinstance(told, str):
            assert pattern.count("?") == told.count("?"), key
            assert pattern.count("{number}") == told.count("{number}"), key
            assert ("voicecoach doctor" in pattern) == ("voicecoach doctor" in told), key


@pytest.mark.parametrize(
    ("code", "key", "values", "text"),
    [
        ("de", "rest", {"time": 1}, "Ruh dich eine Sekunde aus."),
        ("de", "rest", {"time": 45}, "Ruh dich 45 Sekunden aus."),
        ("de", "rep_limb", {"number": 2, "limb": "linkes Bein"}, "Zwei. Linkes Bein."),
        ("es", "rest", {"time": 1}, "Descansa un segundo."),
        ("es", "rest", {"time": 12}, "Descansa doce segundos."),
        ("es", "pain_echo", {"number": 4}, "Cuatro, ¿verdad?"),
        ("fr", "rest", {"time": 0}, "Reposez-vous une seconde."),
        ("fr", "rest", {"time": 2}, "Reposez-vous deux secondes."),
        ("fr", "set", {"number": 1, "sets": 2}, "Série un sur deux."),
    ],
)
def test_forms_and_beginnings(code: str, key: str, values: dict[str, Any], text: str) -> None:
    assert OTHERS[code].say(Line.of(key, **values)) == text


def test_a_sentence_may_begin_behind_a_mark() -> None:
    language = Language("xx", "X", "x", {}, (), ("cero", "uno"), {"a": "¿{number}? «{number}». ¡{number}!"})
    assert language.say(Line.of("a", number=1)) == "¿Uno? «Uno». ¡Uno!"


# --- Whole sessions ---------------------------------------------------------------------------------------------------


def spoken(routine: str, code: str, *said: Scripted) -> list[str]:
    loaded = load_config(env={"VOICECOACH_SESSION_LANGUAGE": code})
    made = plan(routine, loaded)
    assert made.language.code == code
    assert not made.shortfalls
    moments = rehearse(made.program, made.speaking, said, room=Room(attended=bool(said)))
    return [made.language.say(e.line) for moment in moments for e in moment.effects if isinstance(e, Say)]


@each
@pytest.mark.parametrize("routine", TRANSLATED)
def test_a_translated_routine_is_wholly_in_its_language(code: str, routine: str) -> None:
    theirs, ours = spoken(routine, code), spoken(routine, "en")
    assert len(theirs) > 30
    assert not set(theirs) & set(ours)
    assert len(set(theirs)) == pytest.approx(len(set(ours)), abs=3)


@each
def test_pain_is_asked_about_in_the_language(code: str) -> None:
    words = [("pain", 100.0), ("four", 109.0), ("yes", 115.0), ("no", 126.0), ("ache", 134.0), ("yes", 145.0)]
    said = tuple(Scripted(Command(word), at, word) for word, at in words)
    heard, language = spoken("gentle-start", code, *said), OTHERS[code]
    for key in ("pain_score", "pain_leg", "pain_feel"):
        assert language.sentences[key] in heard
    assert language.say(Line.of("pain_echo", number=4)) in heard


@each
@pytest.mark.parametrize("routine", TRANSLATED)
def test_no_line_of_a_translated_routine_would_stop_the_coach(code: str, routine: str) -> None:
    """But for the one line of first-steps that teaches the words: it does in English too."""
    urgent = [phrase for phrase, command in OTHERS[code].phrases.items() if command in {Command.STOP, Command.PAIN}]
    urgent += [
        phrase for phrase, command in OTHERS[code].phrases.items() if command in {Command.PAUSE, Command.EMERGENCY}
    ]
    lines = [text for text in spoken(routine, code) if any(re.search(rf"\b{p}\b", text.lower()) for p in urgent)]
    assert len(lines) == (1 if routine == "first-steps" else 0), lines


def test_what_is_not_translated_is_played_as_it_is_with_a_note() -> None:
    made = plan("spine-support", load_config(env={"VOICECOACH_SESSION_LANGUAGE": "de"}))
    assert made.language.code == made.routine.language == "en"
    (note,) = made.shortfalls
    assert note.what.startswith(f"{made.routine.title} is played in English, not in Deutsch: ")
    assert "not translated (de)" in note.what


def test_the_voice_is_that_of_the_language_unless_one_was_chosen() -> None:
    from voicecoach.plan import voice_name

    config = load_config(env={}).config
    assert [voice_name(config, language) for language in OTHERS.values()] == ["de", "es", "fr-fr"]
    chosen = load_config(env={"VOICECOACH_VOICE_NAME": "de+f3"}).config
    assert voice_name(chosen, OTHERS["de"]) == "de+f3"


# --- The page ---------------------------------------------------------------------------------------------------------


def phrase_table() -> str:
    """Return the first phrase of every command in every language, in Markdown."""
    rows = [["command", *OTHERS], ["---"] * (len(OTHERS) + 1)]
    rows += [[command.value, *(one.phrases_of(command)[0] for one in OTHERS.values())] for command in Command]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def test_the_page_shows_what_can_be_said() -> None:
    page = (Path(__file__).parents[2] / "docs" / "languages.md").read_text("utf-8")
    assert phrase_table() in page
