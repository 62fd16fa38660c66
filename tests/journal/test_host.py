"""The host beside a journal: it sees everything, in order; and a session may begin at a time that is not the drive's."""

from __future__ import annotations

import numpy as np
import pytest

from tests.core.world import exercise, program
from tests.drives import BLOCK, RATE, FakeDrive, tone
from voicecoach.audio.timed import TimedSpeaker
from voicecoach.audio.wav import SilentMicrophone
from voicecoach.core.events import (
    Command,
    Effect,
    End,
    Event,
    Heard,
    SpeechRate,
    Spoken,
    Start,
    StepBegan,
    Tick,
    Volume,
)
from voicecoach.core.news import Returned
from voicecoach.core.person import Room
from voicecoach.core.program import StepKind
from voicecoach.core.session import Session
from voicecoach.drive import LiveDrive
from voicecoach.host import CannotGoOnError, Host
from voicecoach.journal.writer import Played
from voicecoach.language import load_language
from voicecoach.record import Record
from voicecoach.rehearsal import Scripted
from voicecoach.speech.mixer import Mixer
from voicecoach.speech.text_voice import TextVoice

PROGRAM = program(exercise("bridge", hold="10 s"))
ROOM = Room(ask_effort=False, can_alert=True)


class Watched(Session):
    """A session that keeps what it was told and what it asked for."""

    def __init__(self) -> None:
        super().__init__(PROGRAM, room=ROOM)
        self.played: list[Played] = []

    def handle(self, event: Event) -> tuple[Effect, ...]:
        self.played.append((event, super().handle(event)))
        return self.played[-1][1]


class Evening:
    """Sessions on one drive."""

    def __init__(self, *words: tuple[float, Command]) -> None:
        self.language = load_language("en")
        arrivals = [(at, Heard(at, command, ended_at=at - 0.25)) for at, command in words]
        self.drive = FakeDrive(Mixer(RATE, BLOCK), list(arrivals))
        self.lines = {self.language.say(line): tone(0.5) for line in PROGRAM.lines}
        self.records: list[Record] = []
        self.kept: list[Played] = []

    def play(self, session: Session, opening: Event | None = None, *say: Scripted) -> Host:
        host = Host(
            session,
            self.language,
            self.drive.mixer,
            self.drive,
            ready=self.lines,
            listeners=(self.records.append,),
            say=say,
            journal=lambda event, effects: self.kept.append((event, effects)),
            opening=opening or Start(0.0),
        )
        host.run()
        return host


def test_the_journal_is_given_everything_in_order() -> None:
    evening, session = Evening((2.0, Command.PAUSE), (5.0, Command.RESUME)), Watched()
    evening.play(session)
    assert evening.kept == session.played
    assert evening.kept[0][0] == Start(0.0)
    assert isinstance(evening.kept[-1][1][-1], End)


def test_a_second_session_begins_at_nought_and_is_the_same() -> None:
    evening = Evening()
    evening.play(Watched())
    first, records = evening.kept[:], evening.records[:]
    before = evening.drive.now
    evening.kept.clear()
    evening.records.clear()
    host = evening.play(Watched())
    assert before > 20
    assert [type(event) for event, _ in evening.kept] == [type(event) for event, _ in first]
    assert [event.at for event, _ in evening.kept] == pytest.approx(
        [event.at for event, _ in first], abs=2 * BLOCK / RATE
    )
    assert [entry["event"] for entry in evening.records] == [entry["event"] for entry in records]
    assert host.now == pytest.approx(evening.drive.now - before)


def test_a_session_that_was_cut_off_goes_on_in_its_own_time() -> None:
    whole, session = Evening(), Watched()
    whole.play(session)
    cut = next(n for n, (event, _) in enumerate(session.played) if event.at > 12 and isinstance(event, Spoken))
    at = session.played[cut][0].at
    again = Watched()
    for event, _ in session.played[: cut + 1]:
        again.handle(event)
    again.played.clear()
    evening = Evening((1.5, Command.PAUSE), (3.5, Command.RESUME))
    chimes: list[float] = []
    evening.drive.mixer.chime = lambda kind, at: chimes.append(at - evening.drive.now)  # type: ignore[method-assign]
    evening.play(again, Returned(at, asked=True))
    assert chimes == pytest.approx([0.0] * len(chimes), abs=2 * BLOCK / RATE)
    assert chimes
    assert evening.kept[0][0] == Returned(at, asked=True)
    heard = [event for event, _ in evening.kept if isinstance(event, Heard)]
    assert [event.at - at for event in heard] == pytest.approx([1.5, 3.5], abs=2 * BLOCK / RATE)
    assert [event.at - event.ended_at for event in heard if event.ended_at] == pytest.approx(
        [0.25] * 2, abs=2 * BLOCK / RATE
    )
    times = [event.at for event, _ in evening.kept]
    assert times == sorted(times)
    assert min(entry["t"] for entry in evening.records) >= round(at, 3)
    assert isinstance(evening.kept[-1][1][-1], End)
    # Sound is placed by the drive's clock: what is said at a session's moment sounds there, less the offset.
    sound = np.concatenate(evening.drive.sound)
    hold = [entry["t"] for entry in evening.records if entry["event"] == "step" and entry["kind"] == "hold"][-1]
    for after in (7.0, 8.0, 9.0):
        frame = round((hold - at + after) * RATE)
        assert abs(sound[frame - 2]) < 1e-6
        assert sound[frame + 2] == pytest.approx(0.25)


def test_scripted_words_count_from_the_start_of_the_run() -> None:
    words = (Scripted(Command.PAUSE, 2.0), Scripted(Command.RESUME, 4.0), Scripted(Command.PAUSE, 1000.0))
    evening, session = Evening(), Watched()
    host = evening.play(session, None, *words)
    assert host.unsaid == words[2:]
    first = [event.at for event, _ in evening.kept if isinstance(event, Heard)]
    assert first == [2.0, 4.0]
    evening.kept.clear()
    began = evening.drive.now
    evening.play(Watched(), None, Scripted(Command.PAUSE, began + 3.0), Scripted(Command.RESUME, began + 5.0))
    assert [event.at for event, _ in evening.kept if isinstance(event, Heard)] == pytest.approx([3.0, 5.0])
    evening.kept.clear()
    again = Watched()
    again.handle(Start(0.0))
    began = evening.drive.now
    evening.play(again, Returned(100.0), Scripted(Command.PAUSE, began + 3.0), Scripted(Command.RESUME, began + 5.0))
    assert [event.at for event, _ in evening.kept if isinstance(event, Heard)] == pytest.approx([103.0, 105.0])


def test_what_was_set_before_a_cut_holds_behind_it() -> None:
    evening, session = Evening(), Watched()
    hold = next(number for number, step in enumerate(PROGRAM.steps) if step.kind is StepKind.HOLD)
    while session.state.index < hold:
        session.handle(Tick(session.deadline or 0.0) if session.played else Start(0.0))
    host = Host(
        session,
        evening.language,
        evening.drive.mixer,
        evening.drive,
        ready=evening.lines,
        opening=Returned(session.state.now, asked=True),
        standing=(Volume(0.4), SpeechRate(0.85), StepBegan(3, "hold", "bridge", 1, 2)),
        say=(Scripted(Command.EMERGENCY, 5.0),),
    )
    with pytest.raises(CannotGoOnError):
        host.run()
    assert evening.drive.prepared[0] == (list(evening.lines), 0.85)
    assert [(alarm.exercise, alarm.set, alarm.rep) for alarm in evening.drive.alarms][:1] == [("bridge", 1, 2)]
    assert 0.05 < np.abs(np.concatenate(evening.drive.sound)[: 4 * RATE]).max() < 0.2, "as loud as it was: 0.4 of 0.25"


def test_devices_that_run_are_not_started_again() -> None:
    speaker = TimedSpeaker(RATE, BLOCK)
    drive = LiveDrive(Mixer(RATE, BLOCK), speaker, SilentMicrophone(), None, TextVoice(160))
    drive.start()
    speaking = drive._speaking
    drive.start()
    assert drive._speaking is speaking
    drive.close()
    speaker.close()
