"""The host: carrying, and nothing but carrying. Time here is a number."""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.core.world import exercise, program
from tests.drives import (
    BLOCK,
    RATE,
    FakeDrive,
    FakeEar,
    tone,
)
from voicecoach.core.events import Command, Deafened, Effect, Event, Heard, Hearing, Line, Overheard, Silenced, Tick
from voicecoach.core.person import Room
from voicecoach.core.session import Session
from voicecoach.drive import Arrival
from voicecoach.host import CannotGoOnError, Host
from voicecoach.language import load_language
from voicecoach.listening import EarFound, EarLost
from voicecoach.playing import SpeakerFound, SpeakerLost
from voicecoach.record import Record
from voicecoach.rehearsal import Scripted
from voicecoach.speech.mixer import Mixer

if TYPE_CHECKING:
    pass


class Stage:
    def __init__(
        self, *words: tuple[float, Command], ready: bool = True, say: tuple[Scripted, ...] = (), **fields: Any
    ) -> None:
        self.records: list[Record] = []
        self.language = load_language("en")
        made = program(exercise("bridge", hold="10 s"))
        self.drive = FakeDrive(Mixer(RATE, BLOCK), [(at, Heard(at, command)) for at, command in words], **fields)
        lines = {self.language.say(line): tone(0.5) for line in made.lines} if ready else {}
        self.host = Host(
            Session(made, room=Room(ask_effort=False)),
            self.language,
            self.drive.mixer,
            self.drive,
            ready=lines,
            listeners=(self.records.append,),
            say=say,
        )

    def of(self, event: str, **fields: object) -> list[Record]:
        return [r for r in self.records if r["event"] == event and all(r.get(k) == v for k, v in fields.items())]

    def at(self, seconds: float) -> float:
        sound = np.concatenate(self.drive.sound)
        return float(sound[round(seconds * RATE)])


def test_it_plays_to_the_end_and_every_word_is_accounted_for() -> None:
    stage = Stage()
    stage.host.run()
    assert stage.records[-1]["event"] == "end"
    said, spoken = stage.of("say"), stage.of("spoken")
    assert [r["utterance"] for r in said] == [r["utterance"] for r in spoken] == list(range(1, len(said) + 1))
    assert all(r["finished"] for r in spoken)
    assert all(b["t"] - a["t"] == pytest.approx(0.5, abs=0.001) for a, b in zip(said, spoken, strict=True))


def test_a_cue_starts_on_its_frame_whatever_the_block() -> None:
    stage = Stage()
    stage.host.run()
    hold = stage.of("step", kind="hold")[0]["t"]
    sound = np.concatenate(stage.drive.sound)
    for after in (7.0, 8.0, 9.0):
        frame = round((hold + after) * RATE)
        assert abs(sound[frame - 2]) < 1e-6
        assert sound[frame + 1] == pytest.approx(0.25)


def test_a_word_hushes_within_a_block_and_the_ear_is_told() -> None:
    stage = Stage((1.2, Command.PAUSE), (4.0, Command.END), (5.0, Command.YES))
    stage.host.run()
    (heard, *_) = stage.of("heard")
    cut = stage.of("spoken", finished=False)[0]
    assert cut["t"] == heard["t"]
    assert stage.at(heard["t"] + BLOCK / RATE + 0.006) == 0 or stage.of("say", priority="talk")
    coach = stage.drive.ear.coach
    assert coach[0] is not None
    assert all(a is None or b is None for a, b in pairwise(coach)), "never two sentences at once"
    assert any(Command.YES in live for live in stage.drive.ear.live)
    assert stage.drive.ear.live[-1] == frozenset(), "nothing means anything behind the end"
    assert Command.YES not in stage.drive.ear.live[0]


def test_a_line_that_was_hushed_before_it_was_rendered_is_never_played() -> None:
    stage = Stage((0.1, Command.PAUSE), (3.0, Command.END), (4.0, Command.YES), ready=False)
    stage.host.run()
    first = stage.of("say")[0]["utterance"]
    assert stage.of("spoken", utterance=first)[0]["finished"] is False
    sound = np.concatenate(stage.drive.sound)
    # Rendering takes 0.3 s, so what was asked for at 0 s would sound from 0.3 s on; the answer, from 0.42 s.
    chime_over = round(0.30 * RATE)
    assert not np.any(np.isclose(sound[chime_over : round(0.40 * RATE)], 0.25))


def test_a_voice_that_fails_is_written_down_and_the_session_goes_on() -> None:
    stage = Stage(ready=False, voice=lambda text: None if text == "Hold." else tone(0.4))
    stage.host.run()
    assert [r["text"] for r in stage.of("note", kind="voice_failed")] == ["Hold."]
    assert stage.records[-1] == {"t": stage.records[-1]["t"], "event": "end", "reason": "finished"}


class Watched(Session):
    """A session that keeps what it was told, and when its answers came."""

    events: list[Event]

    def handle(self, event: Event) -> tuple[Effect, ...]:
        self.events = [*getattr(self, "events", []), event]
        return super().handle(event)


def watch(stage: Stage) -> Watched:
    stage.host._session = session = Watched(program(exercise("bridge", hold="10 s")), room=Room(ask_effort=False))
    return session


def test_a_lost_ear_is_written_down_with_its_mend_and_the_session_is_told() -> None:
    stage = Stage()
    session = watch(stage)
    stage.drive.arrivals.append((1.0, EarLost("unplugged", "plug it in")))
    stage.drive.arrivals.append((9.0, Heard(9.0, Command.RESUME, source="keys")))
    stage.drive.deaf = False
    stage.host.run()
    (note,) = stage.of("note", kind="microphone_lost")
    assert (note["reason"], note["mend"]) == ("unplugged", "plug it in")
    assert [event.at for event in session.events if isinstance(event, Deafened)] == [pytest.approx(note["t"], abs=1e-3)]
    assert stage.of("say", text=stage.language.say(Line.of("cannot_hear")))
    assert stage.records[-1]["reason"] == "finished"


def test_a_loudspeaker_that_comes_back_is_written_down_and_the_session_is_told() -> None:
    stage = Stage()
    session = watch(stage)
    stage.drive.arrivals += [(1.0, SpeakerLost("unplugged", "plug it in")), (1.0, SpeakerFound(4.25))]
    stage.drive.arrivals.append((9.0, Heard(9.0, Command.RESUME, source="keys")))
    stage.drive.deaf = False
    stage.host.run()
    (lost,) = stage.of("note", kind="loudspeaker_lost")
    assert (lost["reason"], lost["mend"]) == ("unplugged", "plug it in")
    (back,) = stage.of("note", kind="loudspeaker_back")
    assert back["seconds"] == 4.25
    assert [event.at for event in session.events if isinstance(event, Silenced)] == [pytest.approx(back["t"], abs=1e-3)]
    assert stage.of("say", text=stage.language.say(Line.of("speaker_back")))
    assert stage.records[-1]["reason"] == "finished"


@pytest.mark.parametrize(
    ("said", "needs"),
    [
        ([(2.0, Command.PAUSE), (4.0, Command.RESUME)], []),
        ([(2.0, Command.PAIN)], [True]),
        ([(2.0, Command.PAIN), (4.0, Command.END)], [True]),
        ([(2.0, Command.END), (4.0, Command.NO)], []),
        ([(2.0, Command.EMERGENCY), (20.0, Command.MISTAKE)], [True, False]),
    ],
)
def test_the_drive_is_told_where_somebody_may_be_in_need(said: list[tuple[float, Command]], needs: list[bool]) -> None:
    stage = Stage(*said)
    with suppress(CannotGoOnError):
        stage.host.run()
    assert stage.drive.needs == needs


def test_a_session_that_ends_without_a_loudspeaker_waits_for_no_chime() -> None:
    stage = Stage((3.0, Command.END), (5.0, Command.YES))
    stage.drive.arrivals.append((4.0, SpeakerLost("gone")))
    run, still = stage.drive.advance, 0

    def advance(until: float | None, *, in_need: bool = False) -> list[Arrival]:
        nonlocal still
        if stage.records and stage.records[-1]["event"] == "end":
            still += 1
            assert still < 10, "time stands still"
            return []
        return run(until, in_need=in_need)

    stage.drive.advance = advance  # type: ignore[method-assign]
    stage.host.run()
    assert stage.records[-1]["event"] == "end"


def test_that_nothing_is_kept_is_said_once_as_soon_as_it_is_known() -> None:
    stage = Stage((2.0, Command.PAUSE), (12.0, Command.END), (14.0, Command.YES))
    stage.host._is_kept = lambda: stage.drive.now < 3.0
    stage.host.run()
    (unkept,) = stage.of("unkept")
    assert 3.0 <= unkept["t"] <= 12.0
    assert len(stage.of("say", text=stage.language.say(Line.of("not_kept")))) == 1


def test_nobody_waits_for_the_last_chime_of_a_loudspeaker_that_is_lost() -> None:
    stage = Stage((1.0, Command.END), (3.0, Command.YES))
    run = stage.drive.advance

    def advance(until: float | None, *, in_need: bool = False) -> list[Arrival]:
        over = stage.records and stage.records[-1]["event"] == "end"
        return [SpeakerLost("gone")] if over else run(until)

    stage.drive.advance = advance  # type: ignore[method-assign]
    stage.host.run()
    assert stage.records[-1]["event"] == "end"


def test_what_is_overheard_is_handed_to_the_session_and_written_down() -> None:
    stage = Stage()
    session = watch(stage)
    stage.drive.arrivals.append((1.0, Overheard(1.0, "my [unk] knee hurts, next time no")))
    stage.host.run()
    (overheard,) = [event for event in session.events if isinstance(event, Overheard)]
    assert overheard.words == "my [unk] next time no"
    assert overheard.at == pytest.approx(1.0, abs=0.05)
    assert [entry["words"] for entry in stage.of("overheard")] == ["my [unk] next time no"]


def test_an_ear_that_is_found_again_is_told_what_it_must_know_and_so_is_the_session() -> None:
    stage = Stage((20.0, Command.END), (24.0, Command.YES), deaf=False)
    session = watch(stage)
    lost = EarLost("unplugged", "plug it in", mending=True)
    stage.drive.arrivals += [(1.0, lost), (3.0, EarLost("given up", "start again")), (5.0, EarFound()), (12.0, lost)]
    stage.host.run()
    told = [type(event) for event in session.events if isinstance(event, Deafened | Hearing)]
    assert told == [Deafened, Hearing, Deafened], "a loss is told once, whatever is tried meanwhile"
    assert [note["reason"] for note in stage.of("note", kind="microphone_lost")] == [
        "unplugged",
        "given up",
        "unplugged",
    ]
    repeated = any(one == other for one, other in pairwise(stage.drive.ear.live))
    assert repeated, "a new ear knows nothing, so it is told what has not changed"


def test_a_found_ear_is_told_what_the_coach_says_at_that_moment() -> None:
    stage = Stage()
    stage.host._drive = drive = stage.drive
    seen: list[tuple[str | None, frozenset[Command]]] = []

    class New(FakeEar):
        def coach_says(self, text: str | None) -> None:
            seen.append((text, self.live[-1] if self.live else frozenset()))

    stage.host._mouth, stage.host._live = (3, "Lie down."), frozenset({Command.STOP})
    drive.ear = New()
    stage.host._arrive(EarFound())
    assert seen[0] == ("Lie down.", frozenset({Command.STOP}))


def test_a_session_waits_on_while_the_microphone_may_come_back() -> None:
    stage = Stage((1.0, Command.PAIN), (60.0, Command.END), (63.0, Command.YES), deaf=False)
    stage.drive.arrivals.append((2.0, EarLost("unplugged", "plug it in", mending=True)))
    stage.host.run()
    assert stage.records[-1]["reason"] == "pain"


def test_a_session_that_waits_with_its_ear_lost_cannot_go_on_and_says_what_mends_it() -> None:
    stage = Stage((1.0, Command.PAIN))
    stage.drive.arrivals.append((2.0, EarLost("unplugged", "plug it in")))
    with pytest.raises(CannotGoOnError, match="pain") as caught:
        stage.host.run()
    assert caught.value.mend == "plug it in"


def test_a_session_is_told_how_late_a_tick_is_and_says_no_late_count() -> None:
    smooth = Stage()
    calm = watch(smooth)
    smooth.host.run()
    assert {event.late for event in calm.events if isinstance(event, Tick)} == {0.0}
    hold = smooth.of("step", kind="hold")[0]["t"]

    stage = Stage(stall=(hold + 6.5, 2.0))  # over "three" and "two"
    session = watch(stage)
    stage.host.run()
    late = {round(event.at - hold, 3): event.late for event in session.events if isinstance(event, Tick) and event.late}
    assert late[7.0] == pytest.approx(1.5, abs=2 * BLOCK / RATE)
    assert late[8.0] == pytest.approx(0.5, abs=2 * BLOCK / RATE)
    assert [r["text"] for r in stage.of("say", priority="count") if r["t"] > hold + 1] == ["One"]
    assert all(event.late == 0 for event in session.events if isinstance(event, Tick) and event.at > hold + 8.6)


def test_waiting_for_a_word_that_cannot_come_is_the_end() -> None:
    stage = Stage((1.0, Command.PAIN))
    with pytest.raises(CannotGoOnError, match="pain"):
        stage.host.run()
    assert stage.of("end") == []


def test_scripted_words_come_at_their_second_in_any_order_given() -> None:
    stage = Stage(say=(Scripted(Command.YES, 9.0), Scripted(Command.PAUSE, 3.0), Scripted(Command.END, 6.5)))
    stage.host.run()
    assert [(r["command"], r["t"]) for r in stage.of("heard")] == [("pause", 3.0), ("end", 6.5), ("yes", 9.0)]


def test_time_never_runs_backwards() -> None:
    stage = Stage(*((n / 7, Command.STATUS) for n in range(1, 100)))
    stage.host.run()
    times = [r["t"] for r in stage.records]
    assert times == sorted(times)
