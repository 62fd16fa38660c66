"""The ear with real Vosk, the model that ships, and synthetic voices."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from tests.hearing.phrases import DECOYS, MODEL, PHRASES, SPOKEN
from tests.hearing.voices import ESPEAK, FLITE, Scene, conversation
from tests.needs import needs, needs_espeak, needs_vosk
from voicecoach.core.events import URGENT, Command, Heard, Overheard
from voicecoach.hearing.contract import play, play_all
from voicecoach.hearing.echo import EchoStage, Front
from voicecoach.hearing.far_end import FarEnd
from voicecoach.hearing.vosk_ear import VoskEar
from voicecoach.ports import EAR_RATE, Samples

pytestmark = pytest.mark.ear


@pytest.fixture(autouse=True)
def _machine() -> None:
    needs_vosk()
    needs_espeak()
    needs("flite")


class Stage(EchoStage):
    """Tells of every block the same: that it is a person's, certainly or not."""

    def __init__(self, *, certain: bool) -> None:
        super().__init__(FarEnd(EAR_RATE), lambda _: None)
        self._certain = certain

    def take(self, block: Samples) -> Front:
        return Front(block, person=True, certain=self._certain)


def an_ear(**options: float | bool | EchoStage) -> VoskEar:
    return VoskEar(MODEL, PHRASES, DECOYS, **options)  # type: ignore[arg-type]


def hear(scene: Scene, *, live: frozenset[Command] | None = None) -> list[Heard]:
    ear = an_ear()
    if live is not None:
        ear.listen_for(live)
    return play(ear, scene.sound())


def commands(heard: list[Heard]) -> list[Command]:
    return [one.command for one in heard]


def compare(scene: Scene, heard: list[Heard]) -> list[tuple[str, Command, list[Heard]]]:
    """For each phrase said: what it should give, and what came between its beginning and the next one's."""
    begins = [start for _, start, _ in scene.said[1:]] + [float("inf")]
    return [
        (text, PHRASES[text], [one for one in heard if start < one.at <= until])
        for (text, start, _), until in zip(scene.said, begins, strict=True)
    ]


def table(rows: list[tuple[str, Command, list[Heard]]]) -> str:
    wrong = [(text, want, got) for text, want, got in rows if commands(got) != [want]]
    return "\n".join(f"{text:16} {want:8} -> {commands(got)}" for text, want, got in wrong)


@cache
def everything(voice: str) -> tuple[Scene, list[Heard]]:
    """Every phrase in one voice, heard once for all the tests that look at it."""
    scene = conversation(list(PHRASES), voice)
    return scene, hear(scene)


# --- What is said is heard ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("voice", [*ESPEAK, *FLITE])
def test_the_main_phrase_of_every_command_is_heard_exactly_once(voice: str) -> None:
    """ "undo" and "how" are the model's weak words: a Scottish voice and two of flite's lose one or the other."""
    weak = {"undo", "how"}
    rows = [row for row in compare(*everything(voice)) if row[0] in {spoken[0] for spoken in SPOKEN.values()}]
    wrong = [row for row in rows if commands(row[2]) != [row[1]]]
    assert {text for text, _, _ in wrong} <= weak, table(rows)
    assert not any(got for _, _, got in wrong), table(rows)


def test_of_all_phrases_in_eight_voices_nearly_all_are_heard_and_none_as_another() -> None:
    """283 of 288 when this was written, none of them wrong or twice."""
    rows = [row for voice in (*ESPEAK, *FLITE) for row in compare(*everything(voice))]
    right = sum(commands(got) == [want] for _, want, got in rows)
    assert right >= 0.96 * len(rows), table(rows)
    others = [(text, commands(got)) for text, want, got in rows if set(commands(got)) - {want} or len(got) > 1]
    assert len(others) <= 1, table(rows)


def test_urgent_words_are_heard_in_noise_that_leaves_a_voice_20_db() -> None:
    texts = [phrase for phrase, command in PHRASES.items() if command in URGENT]
    scenes = [conversation(texts, voice, noise=0.005) for voice in ESPEAK]
    rows = [row for scene in scenes for row in compare(scene, hear(scene))]
    right = sum(commands(got) == [want] for _, want, got in rows)
    assert right >= 0.9 * len(rows), table(rows)


def test_the_end_of_the_word_is_known_to_50_ms() -> None:
    """The true end: 10 ms of power within 30 dB of the loudest, in the clean clip. A partial may act before it.

    One of 170 is worse: of a Scottish "how" the recogniser takes only the first half for the word.
    """
    errors = []
    for voice in ESPEAK:
        scene, heard = everything(voice)
        ends = {text: end for text, _, end in scene.said}
        first = [(ends[text], got[0]) for text, _, got in compare(scene, heard) if got]
        errors += [one.ended_at - end for end, one in first if one.ended_at is not None and not one.partial]
        assert all(one.ended_at is not None and one.ended_at <= one.at for _, one in first)
    assert abs(float(np.median(errors))) < 0.03
    assert float(np.mean(np.abs(errors) < 0.05)) > 0.97, sorted(errors)
    assert max(map(abs, errors)) < 0.2, sorted(errors)


def test_times_stay_right_after_long_sleep_and_follow_the_session_clock() -> None:
    scene = Scene().wait(1.0).say("pause").wait(100.0).say("resume").wait(40.0).say("next exercise").wait(1.5)
    heard = play(an_ear(), scene.sound(), start=5000.0)
    assert commands(heard) == [Command.PAUSE, Command.RESUME, Command.NEXT]
    for one, (_, _, end) in zip(heard, scene.said, strict=True):
        assert one.ended_at == pytest.approx(5000.0 + end, abs=0.06)
        assert 5000.0 + end < one.at < 5000.0 + end + 0.5


def test_it_acts_before_the_recogniser_would_end_the_utterance() -> None:
    """In sound time, so no machine is too slow for it: Vosk's own end comes about a second after the word."""
    delays = []
    for voice in ESPEAK:
        scene, heard = everything(voice)
        ends = {text: end for text, _, end in scene.said}
        delays += [got[0].at - ends[text] for text, _, got in compare(scene, heard) if got]
    assert float(np.median(delays)) < 0.2
    assert max(delays) < 0.7


def test_the_longer_phrase_wins_when_it_is_said_and_the_shorter_when_it_is_not() -> None:
    scene = Scene().wait(1).say("next").wait(1.5).say("next exercise").wait(1.5).say("next").wait(0.25).say("exercise")
    heard = hear(scene.wait(1.5))
    assert [one.words for one in heard] == ["next", "next exercise", "next exercise"]


def test_a_phrase_said_in_two_breaths_is_one_phrase() -> None:
    assert commands(hear(Scene().wait(1).say("end").wait(0.3).say("session").wait(1.5))) == [Command.END]


def test_said_twice_with_a_pause_is_heard_twice_and_in_one_breath_once() -> None:
    twice = Scene().wait(1).say("stop").wait(1.2).say("stop").wait(1.5)
    assert commands(hear(twice)) == [Command.STOP] * 2
    flurry = Scene().wait(1).say("stop").wait(0.15).say("stop").wait(0.15).say("stop").wait(1.5)
    assert commands(hear(flurry)) == [Command.STOP]


def test_the_same_blocks_give_the_same_results() -> None:
    _, heard = everything("en-us")
    assert heard == hear(conversation(list(PHRASES), "en-us"))


@pytest.mark.parametrize("peak", [0.9, 0.02])
def test_loud_and_faint_voices_are_heard(peak: float) -> None:
    scene = conversation(["pause", "resume", "stop", "next"], "en-gb+m3", noise=2e-4)
    sound = scene.sound() * np.float32(peak / 0.2)
    assert commands(play(an_ear(), sound)) == [Command.PAUSE, Command.RESUME, Command.STOP, Command.NEXT]


# --- What is not said is not heard ------------------------------------------------------------------------------------


def test_what_is_not_live_is_ignored() -> None:
    scene = conversation(["next", "pause", "yes", "undo", "pain"], "en-us")
    assert commands(hear(scene, live=frozenset({Command.PAUSE, Command.PAIN}))) == [Command.PAUSE, Command.PAIN]
    assert hear(scene, live=frozenset()) == []


SENTENCES = (
    "the weather is nice today and I would like to go for a walk",
    "my sister bought a green bicycle last summer",
    "we should call the plumber about the kitchen sink",
    "did you see the football match on television",
    "the train was late again because of the snow",
    "put the flowers on the table near the window",
)


def test_talk_is_no_command() -> None:
    """30 sentences in five voices: at most one gives a command (the tiny model; none when this was written)."""
    heard = [one for voice in ESPEAK for one in hear(conversation(list(SENTENCES), voice))]
    assert len(heard) <= 1, heard


def test_decoys_are_heard_as_themselves() -> None:
    heard = hear(conversation(["top", "chest", "nest", "plain", "knee", "three", "shoulder", "start"], "en-us"))
    assert heard == []


def test_a_command_inside_a_sentence_is_none() -> None:
    scene = Scene().wait(1).say("seven").wait(0.2).say("next").wait(0.2).say("shoulder").wait(1.5)
    assert hear(scene) == []


@pytest.mark.parametrize(
    "sound",
    [
        pytest.param(lambda rng, n: np.zeros(n), id="zeros"),
        pytest.param(lambda rng, n: rng.normal(0, 1e-3, n), id="faint noise"),
        pytest.param(lambda rng, n: rng.normal(0, 0.1, n), id="loud noise"),
        pytest.param(lambda rng, n: np.repeat(rng.normal(0, 0.1, 20), n // 20) * rng.normal(0, 1, n), id="bursts"),
        pytest.param(lambda rng, n: 0.2 * np.sin(np.arange(n) * 0.05), id="a hum"),
        pytest.param(lambda rng, n: (rng.random(n) < 2e-5) * 0.9, id="clicks"),
        pytest.param(lambda rng, n: np.full(n, np.nan), id="not a number"),
    ],
)
def test_no_sound_of_a_house_is_a_command(sound: Callable[[np.random.Generator, int], Samples]) -> None:
    samples = sound(np.random.default_rng(3), 20 * 16_000).astype(np.float32)
    assert play(an_ear(), samples) == []


# --- What is overheard -------------------------------------------------------------------------------------------------


def overheard(scene: Scene, *, coach: str | None = None, live: frozenset[Command] = frozenset(Command)) -> list[str]:
    ear = an_ear()
    ear.listen_for(live)
    ear.coach_says(coach)
    return [one.words for one in play_all(ear, scene.sound()) if isinstance(one, Overheard)]


def test_each_utterance_that_is_no_live_command_is_overheard_once() -> None:
    decoys = ["top", "chest", "knee", "three", "shoulder", "start"]
    assert overheard(conversation(decoys, "en-us")) == decoys
    assert overheard(conversation(["next", "undo"], "en-us"), live=frozenset({Command.STOP})) == ["next", "undo"]
    assert overheard(conversation(["next", "stop", "it hurts"], "en-us")) == []


@pytest.mark.parametrize("voice", ESPEAK)
def test_talk_in_other_words_is_overheard(voice: str) -> None:
    """Six sentences in each voice, each of them one utterance or more; a pause may part it, silence may not add one."""
    scene = conversation(list(SENTENCES), voice)
    ear = an_ear()
    found = [one for one in play_all(ear, scene.sound()) if isinstance(one, Overheard)]
    begins = [start for _, start, _ in scene.said[1:]] + [float("inf")]
    for (text, start, _), until in zip(scene.said, begins, strict=True):
        assert [one for one in found if start < one.at <= until], text


def test_what_the_coach_says_is_not_overheard_but_a_person_who_speaks_on_is() -> None:
    sentence = "the weather is nice today and I would like to go for a walk"
    assert overheard(Scene().wait(1).say(sentence).wait(1.5), coach="Lie down on the floor.") == []
    ear = an_ear()
    ear.coach_says("Lie down.")
    ear.hear(np.zeros(320, np.float32), 0.02)
    ear.coach_says(None)
    found = play_all(ear, Scene().wait(0.1).say(sentence).wait(1.5).sound())
    assert [type(one) for one in found] == [Overheard]


@pytest.mark.parametrize(
    "sound",
    [
        pytest.param(lambda rng, n: np.zeros(n), id="zeros"),
        pytest.param(lambda rng, n: rng.normal(0, 1e-3, n), id="faint noise"),
        pytest.param(lambda rng, n: rng.normal(0, 0.1, n), id="loud noise"),
        pytest.param(lambda rng, n: 0.2 * np.sin(np.arange(n) * 0.05), id="a hum"),
        pytest.param(lambda rng, n: (rng.random(n) < 2e-5) * 0.9, id="clicks"),
        pytest.param(lambda rng, n: np.full(n, np.nan), id="not a number"),
    ],
)
def test_what_is_no_voice_is_not_overheard(sound: Callable[[np.random.Generator, int], Samples]) -> None:
    samples = sound(np.random.default_rng(3), 20 * 16_000).astype(np.float32)
    assert play_all(an_ear(), samples) == []


def test_a_phrase_that_yields_is_overheard_while_the_answer_is_live() -> None:
    ear = VoskEar(MODEL, PHRASES | {"ten": Command.TEN}, (), yields={"pain": frozenset({Command.TEN})})
    scene = conversation(["pain", "ouch", "that hurts", "ten"], "en-us")
    found = play_all(ear, scene.sound())
    assert [getattr(one, "command", "overheard") for one in found] == [
        "overheard",
        Command.PAIN,
        Command.PAIN,
        Command.TEN,
    ]
    ear = VoskEar(MODEL, PHRASES | {"ten": Command.TEN}, (), yields={"pain": frozenset({Command.TEN})})
    ear.listen_for(frozenset({Command.PAIN}))
    assert commands(play(ear, conversation(["pain", "ouch"], "en-us").sound())) == [Command.PAIN] * 2


# --- The coach ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("certain", [True, False])
def test_an_answer_that_the_coach_is_just_saying_counts_where_it_is_certainly_a_persons(certain: bool) -> None:
    ear = an_ear(echo=Stage(certain=certain))
    ear.coach_says("Say next or undo.")

    heard = commands(play(ear, Scene().wait(1.2).say("next").wait(1.5).sound()))

    assert heard == ([Command.NEXT] if certain else [])


def test_an_ear_that_is_closed_leaves_the_coach_at_full_voice() -> None:
    gains: list[float] = []
    stage = EchoStage(FarEnd(EAR_RATE), gains.append)
    ear = an_ear(echo=stage)
    stage._ducking.update(person=True, coach=True, at=0.0)

    ear.close()

    assert gains == [-20.0, 0.0]


def test_what_the_coach_says_is_masked_until_a_moment_after() -> None:
    ear = an_ear()
    ear.coach_says("Well done. The next exercise is the bridge.")
    first = Scene().wait(1).say("next").wait(1.0)
    assert play(ear, first.sound()) == []
    ear.coach_says(None)
    assert play(ear, Scene().wait(0.05).say("done").wait(1.0).sound(), start=10.0) != []  # by now 0.4 s have passed
    assert commands(play(ear, Scene().say("next").wait(1.0).sound(), start=20.0)) == [Command.NEXT]


def test_pain_stop_and_pause_are_never_masked() -> None:
    ear = an_ear()
    ear.coach_says("Stop if you feel any pain. Pause whenever you like, and say next.")
    heard = play(ear, conversation(["pain", "stop", "next", "pause"], "en-us").sound())
    assert commands(heard) == [Command.PAIN, Command.STOP, Command.PAUSE]


# --- The gate -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("voice", ["en-us", "en-gb+m3", "flite:awb"])
def test_sleeping_in_silence_loses_no_word(voice: str) -> None:
    """A phrase on the brink may fall either way, because the recogniser's frames begin elsewhere: one in 35 at most."""
    scene, heard = everything(voice)
    asleep = compare(scene, heard)
    awake = compare(scene, play(an_ear(sleeps=False), conversation(list(PHRASES), voice).sound()))
    differing = [
        (text, commands(one), commands(other))
        for (text, _, one), (_, _, other) in zip(asleep, awake, strict=True)
        if commands(one) != commands(other)
    ]
    assert len(differing) <= 1, differing


def test_words_are_heard_in_digital_silence() -> None:
    assert commands(hear(Scene(noise=0).wait(1).say("freeze").wait(3).say("how many left").wait(1.5))) == [
        Command.STOP,
        Command.STATUS,
    ]


# --- Closing --------------------------------------------------------------------------------------------------------------


def test_a_closed_ear_is_deaf_and_may_be_closed_again() -> None:
    ear = an_ear()
    ear.close()
    ear.close()
    assert play(ear, Scene().wait(0.5).say("stop").wait(1).sound()) == []


@pytest.mark.parametrize("said", ["stop stop", "stop stop stop", "pain pain", "pause pause"])
def test_who_says_an_urgent_word_twice_is_heard(said: str) -> None:
    """Of five voices it was heard in one at most."""
    command = Command(said.split(maxsplit=1)[0])
    heard = [hear(conversation([said], voice)) for voice in ESPEAK]
    assert sum(bool(one) and one[0].command is command for one in heard) >= len(ESPEAK) - 1
