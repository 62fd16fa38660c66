"""How routines are called: by title, name and number; and heard by the ear and the model that ship."""

from __future__ import annotations

import pytest

from tests.hearing.phrases import MODEL
from tests.hearing.voices import Scene, conversation
from tests.needs import needs_espeak, needs_vosk
from voicecoach.appliance.names import callable_by_name, offers_of, spoken, talk_of
from voicecoach.core.events import Command, Heard, Overheard, Start
from voicecoach.core.menu import Menu
from voicecoach.core.standby import Standby
from voicecoach.hearing.contract import play, play_all
from voicecoach.hearing.vosk_ear import AddressError, VoskEar
from voicecoach.language import load_language
from voicecoach.ports import StandbyEar

ENGLISH = load_language("en")
ROUTINES = [
    *((1, "big-three", "The big three"), (2, "first-steps", "First steps"), (3, "gentle-start", "Gentle start")),
    *((5, "lumbar-stabilisation", "Lumbar stabilisation"), (12, "on-a-chair", "On a firm chair")),
]
OFFERS = offers_of(ROUTINES, ENGLISH)
TALK = talk_of(OFFERS, ENGLISH, "coach")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Four-minute intervals", "four minute intervals"),
        ("run-walk-1", "run walk one"),
        ("Seven-minute circuit!", "seven minute circuit"),
        ("The child\u2019s pose", "the child's pose"),
        ("2 x 30 s (hard)", "two x 30 s hard"),
        ("\u00dcbung f\u00fcr zwei", "\u00fcbung f\u00fcr zwei"),
        ("*** !", ""),
    ],
)
def test_a_name_as_it_is_said(name: str, words: str) -> None:
    assert spoken(name, ENGLISH) == words


def test_a_routine_has_its_title_its_name_and_its_number() -> None:
    assert OFFERS[4].phrases == {
        *("on a firm chair", "start on a firm chair", "on a chair", "start on a chair"),
        *("number twelve", "start number twelve"),
    }
    german = offers_of([(2, "gentle-start", "Sanfter Beginn")], load_language("de"))[0]
    assert {"starte sanfter beginn", "beginne gentle start", "nummer zwei"} <= german.phrases


def test_a_number_that_cannot_be_said_is_none() -> None:
    assert offers_of([(21, "x", "Yoga")], ENGLISH)[0].phrases == {"yoga", "start yoga", "x", "start x"}


def test_no_two_share_a_phrase() -> None:
    first, second = offers_of([(1, "yoga", "Yoga"), (2, "mine", "Yoga")], ENGLISH)
    assert "start yoga" in first.phrases
    assert second.phrases == {"mine", "start mine", "number two", "start number two"}


def test_every_phrase_means_start_and_what_is_said_in_sessions_stays() -> None:
    assert {TALK.phrases[phrase] for offer in OFFERS for phrase in offer.phrases} == {Command.START}
    assert all(TALK.phrases[phrase] is command for phrase, command in ENGLISH.phrases.items())
    tricky = offers_of([(1, "stop", "Stop"), (2, "later", "Later")], ENGLISH)
    assert talk_of(tricky, ENGLISH, "coach").phrases["stop"] is Command.STOP, "a title cannot take a word away"
    assert talk_of(tricky, ENGLISH, "coach").phrases["later"] is Command.LATER


# --- Heard ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ear() -> VoskEar:
    needs_vosk()
    needs_espeak()
    return open_ear()


def open_ear() -> VoskEar:
    language = ENGLISH
    return VoskEar(
        MODEL, language.phrases, language.decoys, yields=language.yields, everyday=language.everyday, standby=TALK
    )


def idle_live() -> frozenset[Command]:
    standby = Standby(Menu(OFFERS, "coach"))
    standby.handle(Start(0.0))
    return standby.live


def heard(ear: VoskEar, scene: Scene) -> list[tuple[str, str]]:
    found = play(ear, scene.sound())
    return [(one.command.value, one.words) if isinstance(one, Heard) else ("-", one.words) for one in found]


@pytest.mark.ear
def test_it_knows_which_names_it_cannot_hear(ear: VoskEar) -> None:
    assert isinstance(ear, StandbyEar)
    assert {"lumbar stabilisation", "start lumbar stabilisation", "what routines are there"} == ear.unheard
    assert [offer.slug for offer in OFFERS if not callable_by_name(offer, ENGLISH, ear.unheard)] == [
        "lumbar-stabilisation"
    ]


@pytest.mark.ear
@pytest.mark.parametrize("voice", ["en-us", "en-gb+m3", "en-gb-x-rp+m7"])
def test_what_is_said_between_sessions_is_heard(ear: VoskEar, voice: str) -> None:
    ear.stand_by(True)
    ear.listen_for(idle_live())
    said = ["coach, stop", "coach, start first steps", "start first steps", "coach, start number five", "louder"]
    said += [
        "coach, what routines are there",
        "resume",
        "coach, resume",
        "coach, start gentle start",
        "stop",
        "first steps",
    ]
    assert [entry for entry in heard(ear, conversation(said, voice)) if entry[0] != "-"] == [
        *(("stop", "stop"), ("start", "start first steps"), ("start", "start number five")),
        *(
            ("routines", "what routine are there"),
            ("resume", "resume"),
            ("start", "start gentle start"),
            ("stop", "stop"),
        ),
    ]


@pytest.mark.ear
def test_an_answer_needs_no_address_and_a_name_is_one_where_it_is_asked(ear: VoskEar) -> None:
    ear.stand_by(True)
    ear.listen_for(idle_live() | {Command.YES, Command.NO, Command.LATER})
    scene = conversation(["later", "first steps", "yes", "no"], "en-us")
    assert heard(ear, scene) == [("later", "later"), ("start", "first steps"), ("yes", "yes"), ("no", "no")]


@pytest.mark.ear
def test_it_turns_from_one_to_the_other_and_back() -> None:
    needs_vosk()
    needs_espeak()
    turning = open_ear()
    session = frozenset({Command.NEXT, Command.STOP, Command.RESUME})
    calls = ["coach, start first steps", "next", "resume"]
    for standing_by, live, expected in (
        (False, session, [("next", "next"), ("resume", "resume")]),
        (True, idle_live(), [("start", "start first steps")]),
        (False, session, [("next", "next"), ("resume", "resume")]),
        (True, idle_live(), [("start", "start first steps")]),
    ):
        turning.stand_by(standing_by)
        turning.listen_for(live)
        found = [entry for entry in heard(turning, conversation(calls, "en-us")) if entry[0] != "-"]
        assert found == expected, standing_by


@pytest.mark.ear
def test_turned_in_the_middle_of_a_word_it_forgets_that_word() -> None:
    needs_vosk()
    needs_espeak()
    turning = open_ear()
    turning.listen_for(frozenset(Command))
    sound = Scene().wait(1.0).say("next exercise").wait(1.5).sound()
    half = round(1.5 * 16_000) // 320 * 320
    first = play(turning, sound[:half])
    turning.stand_by(True)
    turning.listen_for(idle_live())
    assert not [one for one in (*first, *play(turning, sound[half:])) if isinstance(one, Heard)]
    calling = conversation(["coach, start gentle start"], "en-us")
    assert [entry for entry in heard(turning, calling) if entry[0] != "-"] == [("start", "start gentle start")]
    turning.stand_by(False)
    assert heard(turning, Scene().wait(0.2).say("undo").wait(1.5)) == [("undo", "undo")]


@pytest.mark.ear
def test_what_is_not_understood_begins_with_the_address(ear: VoskEar) -> None:
    ear.stand_by(True)
    ear.listen_for(idle_live())
    found = play_all(ear, conversation(["coach, wobble gobble"], "en-us").sound())
    assert [one.words.split()[0] for one in found if isinstance(one, Overheard)] == ["coach"]


@pytest.mark.ear
def test_an_address_of_the_standby_that_no_ear_can_use() -> None:
    needs_vosk()
    with pytest.raises(AddressError, match="gronk"):
        VoskEar(MODEL, ENGLISH.phrases, (), standby=talk_of(OFFERS, ENGLISH, "gronk"))
