"""The ear's front as a whole: a loudspeaker, a room, a person, and now and then something that changes."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import soxr

from tests.hearing.echo_scene import (
    WORDS,
    Room,
    Run,
    at_enr,
    babble,
    clipped,
    drifted,
    frames,
    loss,
    noise,
    placed,
    replay,
    room,
    talk,
    through,
)
from tests.hearing.phrases import DECOYS, MODEL, PHRASES
from tests.hearing.voices import speak
from tests.needs import needs_espeak, needs_vosk
from voicecoach.core.events import Command, Heard
from voicecoach.hearing.canceller import HOP
from voicecoach.hearing.ducking import BACK_AFTER, DUCKED
from voicecoach.hearing.echo import EchoStage
from voicecoach.hearing.far_end import FarEnd
from voicecoach.hearing.vosk_ear import VoskEar
from voicecoach.ports import EAR_BLOCK, EAR_RATE, Samples

TAPS = room()


@cache
def coach(seconds: float = 20.0, seed: int = 1) -> Samples:
    return babble(seconds, seed, 0.1)


def quiet(seconds: float = 20.0, seed: int = 3) -> Samples:
    return noise(seconds, 3e-4, seed)


def at_home(delay: float = 0.1, rate: int = EAR_RATE) -> Room:
    """A room that is known already."""
    home = Room(TAPS, delay, rate=rate)
    home.run(coach(), quiet())
    return home


def words(seconds: float, every: float = 2.5) -> tuple[list[float], Samples]:
    """A person says a word (a syllable of ``babble``) now and then: when, and how it sounds."""
    sound = babble(0.45, 12, 0.1) * np.hanning(frames(0.45)).astype(np.float32)
    times = list(np.arange(1.0, seconds - 1.0, every))
    return times, placed([(at, sound) for at in times], seconds)


def noticed(run: Run, times: list[float]) -> int:
    return sum(run.said(at, at + 0.5) > 0 for at in times)


# --- Finding the way -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("delay", "rate"), [(0.05, 16_000), (0.1, 48_000), (0.3, 44_100), (0.9, 24_000)])
def test_the_delay_is_found_and_the_echo_taken_out(delay: float, rate: int) -> None:
    home = Room(TAPS, delay, rate=rate)
    run = home.run(coach(), quiet())
    assert run.known.index(True) < 5 * EAR_RATE / EAR_BLOCK
    assert home.stage.delay == pytest.approx(delay, abs=0.045)  # resampling holds some of it back
    assert run.erle(16, 20) > 20.0
    assert run.said(12, 20) < 0.15
    assert sum(gain < 0 for _, gain in run.gains) <= 4  # most of them while the gate learns
    assert abs(home.stage.return_loss - run.erle(16, 20)) < 9.0  # its own lags by seconds


@pytest.mark.parametrize("delay", [0.0, 0.01, 0.02, 0.03, 0.04])
def test_a_way_shorter_than_the_far_end_takes_to_be_read_is_served_too(delay: float) -> None:
    """It was found and lost for ever, and whoever spoke over the coach was held for the coach."""
    home = Room(TAPS, delay)
    run = home.run(coach(), quiet())
    assert run.known.index(True) < 5 * EAR_RATE / EAR_BLOCK
    assert all(run.known[run.known.index(True) :])
    assert loss(run.heard[frames(16) : -960], run.out[frames(16) : -960]) > 20.0


def test_where_no_echo_comes_everything_passes_as_it_is_after_some_seconds_of_the_coach() -> None:
    home = Room(np.zeros(10, np.float32))
    _, person = words(10)
    run = home.run(coach(10), quiet(10) + person)
    np.testing.assert_array_equal(run.out, run.heard)
    assert run.said(6, 10) == 1.0
    assert run.gains == []
    assert home.stage.delay is None


@pytest.mark.parametrize("voice", ["en-us", "en-gb+m3"])
def test_with_headphones_a_person_of_much_the_same_voice_is_no_echo(voice: str) -> None:
    """Words of one engine resemble each other: two looks that shared their sound agreed on a delay in 10 s."""
    needs_espeak()
    person = placed([(2 + 3 * turn, speak(WORDS[turn % 8], voice)) for turn in range(12)], 40) + quiet(40)
    run = Room(np.zeros(10, np.float32), rate=EAR_RATE).run(talk(40), person)
    assert not any(run.known)
    assert run.said(8, 40) == 1.0


def test_as_long_as_the_way_is_unknown_the_coach_is_not_taken_for_a_person() -> None:
    """It took its own "Gentle start" for an emergency, a second into a session."""
    home = Room(TAPS, 0.1)
    run = home.run(coach(4), quiet(4))
    assert run.said(0.1, 4) == 0.0
    silent = Room(TAPS, 0.1).run(np.zeros(frames(4), np.float32), quiet(4))
    assert all(silent.person)


def test_headphones_plugged_in_later_leave_the_person_heard() -> None:
    home = at_home()
    home.taps = np.zeros(10, np.float32)
    times, person = words(20)
    run = home.run(coach(20, 2), quiet() + person)
    assert noticed(run, times) == len(times)
    run = home.run(np.zeros(frames(5), np.float32), quiet(5))
    assert run.said(3, 5) == 1.0


def test_headphones_unplugged_again_the_echo_is_taken_out_again() -> None:
    """The filter had learned for certain that there is no echo, and 40 s of the coach did not change its mind."""
    home = at_home()
    home.taps = np.zeros(10, np.float32)
    home.run(coach(20, 2), quiet())
    home.taps = TAPS
    assert home.run(coach(20), quiet()).erle(14, 20) > 14.0


def test_a_loudspeaker_that_reads_ahead_in_large_blocks_is_found_all_the_same() -> None:
    """Blocks of 100 ms: how far it has read ahead is different at every look."""
    far = FarEnd(48_000)
    stage = EchoStage(far, lambda _: None)
    played = np.asarray(soxr.resample(coach(), EAR_RATE, 48_000), np.float32)
    heard = through(clipped(coach()), TAPS, 0.15) + quiet()
    size, out, known = 4800, [], []
    for turn, start in enumerate(range(0, len(heard) - 1600 + 1, EAR_BLOCK)):
        if turn % 5 == 3:
            far.take(played[turn // 5 * size : (turn // 5 + 1) * size])
        out.append(stage.take(heard[start : start + EAR_BLOCK]).samples)
        known.append(stage.known)
    assert known.index(True) * EAR_BLOCK / EAR_RATE < 6.0
    rest = np.concatenate(out)
    assert loss(heard[frames(15) : frames(19)], rest[frames(15) : frames(19)]) > 18.0


# --- Hearing the person ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("enr", "missed"), [(0.0, 0), (6.0, 0), (15.0, 1)])
def test_a_person_over_the_coach_is_heard_and_the_coach_lowered_for_as_long(enr: float, missed: int) -> None:
    needs_espeak()
    home = at_home()
    far = coach(20, 2)
    times = list(np.arange(1.0, 19.0, 4.0))
    person = placed([(at, speak(WORDS[turn], "en-gb+m3")) for turn, at in enumerate(times)], 20)
    home.stage.obeyed()  # whatever lowered the coach in vain while the room was new is forgotten
    run = home.run(far, at_enr(person, home.echo(far), enr) + quiet())
    assert noticed(run, times) >= len(times) - missed
    assert sum(gain == DUCKED for _, gain in run.gains) >= len(times) - missed
    assert [gain for _, gain in run.gains] == [DUCKED, 0.0] * (len(run.gains) // 2)
    for (down, _), (up, _) in zip(run.gains[::2], run.gains[1::2], strict=True):
        assert BACK_AFTER <= up - down < BACK_AFTER + 1.0
    after = home.run(coach(), quiet())
    assert after.erle(1, 10) > 20.0  # a coach lowered and raised is still the same room


@pytest.mark.parametrize("enr", [0.0, 6.0])
def test_a_person_over_the_coach_is_certain_and_the_coach_alone_is_not(enr: float) -> None:
    needs_espeak()
    far = FarEnd(EAR_RATE)
    stage = EchoStage(far, lambda _: None)
    coach_alone = talk(40)
    echo = through(clipped(coach_alone), TAPS, 0.1)
    person = at_enr(placed([(30.0, speak("next", "en-gb+m3")), (35.0, speak("pause", "en-us+f3"))], 40), echo, enr)
    certain = []
    for first in range(0, len(echo) - EAR_BLOCK + 1, EAR_BLOCK):
        far.take(coach_alone[first : first + EAR_BLOCK])
        certain.append(stage.take((echo + person)[first : first + EAR_BLOCK]).certain)
    at = np.array(certain)
    assert not at[: round(30.0 * EAR_RATE / EAR_BLOCK)].any()
    for begins in (30.0, 35.0):
        assert at[round(begins * EAR_RATE / EAR_BLOCK) :][: EAR_RATE // EAR_BLOCK].any()


def test_a_command_raises_the_coach() -> None:
    home = at_home()
    far = coach(20, 2)[: frames(1.5)]
    person = placed([(0.7, babble(0.4, 12, 0.1))], 1.5)
    home.run(far, at_enr(person, home.echo(far), 0.0) + quiet(1.5))
    assert home.stage.ducked
    home.stage.obeyed()
    assert not home.stage.ducked
    assert home.gains[-1][1] == 0.0


def test_noise_in_the_room_does_not_lower_the_coach_at_every_sentence() -> None:
    """It did, 5 times a minute: in the pauses the gate took the noise for somebody."""
    home = Room(TAPS, rate=EAR_RATE)
    hiss = noise(20, 3e-3, 4)
    home.run(coach(), hiss)
    far = placed([(at, coach()[frames(at) : frames(at + 1.5)]) for at in np.arange(1.0, 19.0, 3.5)], 20)
    assert sum(gain < 0 for _, gain in home.run(far, hiss).gains) <= 1


def test_the_hold_keeps_the_end_of_a_word() -> None:
    """The person counts for 150 ms longer than the gate is open, and no longer than 200."""
    home = at_home()
    far = coach(4, 2)
    sound = placed([(2.0, 5 * babble(0.3, 12, 0.1))], 4)
    run = home.run(far, sound + quiet(4))
    _, end = np.flatnonzero(sound)[[0, -1]] / EAR_RATE
    last = (np.flatnonzero(run.person[: frames(3.0) // EAR_BLOCK])[-1] + 1) * EAR_BLOCK / EAR_RATE
    assert 0.1 < last - end < 0.35


# --- Clocks and rooms that change -----------------------------------------------------------------------------------------


@cache
def drifting(ppm: float) -> tuple[Run, float]:
    far = FarEnd(EAR_RATE)
    stage = EchoStage(far, lambda _: None)
    sound = coach(35)
    heard = drifted(through(clipped(sound), TAPS, 0.1), ppm)[: frames(34.5)]
    return replay(stage, far, sound, heard + quiet(40)[: len(heard)]), stage.drift


@pytest.mark.parametrize("ppm", [50.0, -50.0, 150.0, -150.0])
def test_two_clocks_that_differ_cost_less_than_6_db(ppm: float) -> None:
    run, drift = drifting(ppm)
    assert run.erle(29, 34) > drifting(0.0)[0].erle(29, 34) - 6.0
    assert drift == pytest.approx(ppm, abs=5.0)


def test_equal_clocks_do_not_drift() -> None:
    assert abs(drifting(0.0)[1]) < 2.0


def test_a_pause_of_the_coach_is_no_drift() -> None:
    """The clocks differ by 50 ppm, and the coach talks for 2 s at a time, with 2 s between: so do they meanwhile."""
    far = FarEnd(EAR_RATE)
    stage = EchoStage(far, lambda _: None)
    sound = coach(60, 5) * (np.arange(frames(60)) % frames(4.0) < frames(2.0)).astype(np.float32)
    heard = drifted(through(clipped(sound), TAPS, 0.1), 50.0)[: frames(59.5)]
    run = replay(stage, far, sound, heard + quiet(60)[: len(heard)])
    assert run.erle(48, 59) > 15.0
    assert stage.drift == pytest.approx(50.0, abs=8.0)


@pytest.mark.parametrize(("before", "after"), [(0.3, 0.2), (0.1, 0.2), (0.1, 0.5)])
def test_a_delay_that_jumps_is_found_again_and_the_person_heard_meanwhile(before: float, after: float) -> None:
    """100 ms lost: the echo comes before what the filter reads, and it can do nothing about it."""
    home = at_home(before)
    home.delay = after
    times, person = words(26, every=5.0)
    far = coach(26, 2)
    run = home.run(far, at_enr(person, home.echo(far), 3.0) + quiet(26))
    assert home.stage.delay == pytest.approx(after, abs=0.035)
    assert noticed(run, times) >= len(times) - 1
    end = home.run(coach(), quiet())
    assert end.erle(0.5, 10) > 15.0
    assert end.said(2, 20) < 0.15
    assert not home.stage.ducked


def test_a_jump_is_noticed_within_12_seconds_of_the_coach() -> None:
    home = at_home(0.3)
    home.delay = 0.2
    found = next(
        second
        for second in range(30)
        if home.run(coach()[: frames(1)] if second % 2 else coach(20, 2)[: frames(1)], quiet(1))
        and home.stage.delay is not None
        and abs(home.stage.delay - 0.2) < 0.02
    )
    assert found < 12


@pytest.mark.parametrize("seconds", [0.1, 0.3, 1.0])
def test_a_loudspeaker_that_stood_still_is_looked_for_again_and_its_echo_is_nobody(seconds: float) -> None:
    """The ear went on meanwhile: the far end was never there in time again, and the coach obeyed itself."""
    home = at_home()
    for _ in range(round(seconds * EAR_RATE / EAR_BLOCK)):
        home.stage.take(noise(EAR_BLOCK / EAR_RATE, 3e-4, 5))
    run = home.run(coach(20, 2), quiet())
    assert run.said(0.3, 20) < 0.05
    assert run.erle(12, 20) > 18.0


def test_after_a_gap_in_the_microphone_the_coach_is_nobody() -> None:
    home = at_home()
    for far in np.split(coach(2), 100):
        home.far.take(far)  # two seconds that the microphone did not hear
    home.stage.interrupted()
    run = home.run(coach(20, 2), quiet())
    assert run.said(0.0, 20) < 0.05
    assert run.erle(12, 20) > 18.0


def test_a_gap_in_a_microphone_that_hears_no_echo_holds_nobody_back() -> None:
    home = Room(np.zeros(10, np.float32))
    home.run(coach(10), quiet(10))
    home.stage.interrupted()
    assert home.run(coach(5, 2), quiet(5)).said(0, 5) == 1.0


def test_a_gap_that_nobody_tells_of_is_noticed() -> None:
    home = at_home()
    for far in np.split(coach(2), 100):
        home.far.take(far)
    run = home.run(coach(20, 2), quiet())
    assert run.said(5.0, 20) < 0.1
    assert run.erle(12, 20) > 18.0


def test_another_room_at_the_same_delay_is_learned() -> None:
    home = at_home()
    home.taps = room(seed=9)
    assert home.run(coach(), quiet()).erle(14, 20) > 15.0


@pytest.mark.parametrize("gain", [0.25, 4.0])
def test_a_loudspeaker_turned_by_12_db_is_followed_and_the_coach_is_not_left_low(gain: float) -> None:
    home = Room(TAPS * np.float32(0.5))
    home.run(coach(), quiet())
    home.taps = home.taps * np.float32(gain)
    run = home.run(coach(20, 2), quiet())
    assert run.erle(12, 20) > 12.0
    assert not home.stage.ducked
    assert sum(run.ducked) < 0.6 * len(run.ducked)


def test_five_minutes_of_silence_cost_nothing() -> None:
    home = at_home()
    silence, room_noise = np.zeros(frames(20), np.float32), quiet()
    for _ in range(2):  # 40 s here; the canceller alone is tested with the whole of it
        run = home.run(silence, room_noise)
    assert all(run.person[-800:])
    assert run.gains == []
    np.testing.assert_array_equal(run.out[frames(1) :], run.heard[frames(1) :])
    assert home.run(coach(), room_noise).erle(0.5, 4) > 18.0


# --- What may go wrong ---------------------------------------------------------------------------------------------------


def test_a_muted_microphone_is_silence_and_unlearns_nothing() -> None:
    home = at_home()
    for far in np.split(coach(5), 250):
        home.far.take(far)
        assert not home.stage.take(np.zeros(EAR_BLOCK, np.float32)).samples.any()
    assert not home.stage.ducked
    assert home.run(coach(), quiet()).erle(1, 5) > 18.0


def test_an_ear_that_was_away_for_too_long_starts_anew() -> None:
    """Nobody listened for six seconds: what is heard now belongs to a place that is not kept any more."""
    home = at_home()
    for far in np.split(coach(6), 300):
        home.far.take(far)
    run = home.run(coach(20, 2), quiet())
    assert not run.known[0]
    assert home.stage.delay == pytest.approx(0.1, abs=0.01)
    assert run.erle(15, 20) > 18.0


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_microphone_that_delivers_no_numbers_does_no_lasting_harm(bad: float) -> None:
    home = at_home()
    for far in np.split(coach(1), 50):
        home.far.take(far)
        front = home.stage.take(np.full(EAR_BLOCK, bad, np.float32))
        assert np.isfinite(front.samples).all()
    home.far.take(np.full(EAR_BLOCK, bad, np.float32))
    home.stage.take(np.zeros(EAR_BLOCK, np.float32))
    run = home.run(coach(), quiet())
    assert run.erle(15, 20) > 18.0
    assert np.isfinite(home.stage.return_loss)


def test_the_same_sound_gives_the_same() -> None:
    times, person = words(10)
    runs = []
    for _ in range(2):
        home = Room(TAPS)
        runs.append(home.run(coach(10), quiet(10) + person))
    assert len(times) > 2
    np.testing.assert_array_equal(runs[0].out, runs[1].out)
    assert runs[0].person == runs[1].person
    assert runs[0].gains == runs[1].gains


@pytest.mark.parametrize("block", [HOP, 3 * HOP, 10 * HOP, 100 * HOP])
def test_blocks_of_any_whole_number_of_hops_will_do(block: int) -> None:
    run = Room(TAPS, rate=EAR_RATE).run(coach(), quiet(), block=block)
    assert run.known.index(True) * block / EAR_RATE < 5.0
    assert run.erle(15, 19) > 20.0
    assert len(run.out) == len(run.heard)


def test_the_microphones_block_stays_as_it_was() -> None:
    home = at_home()
    block = quiet(0.02)
    kept = block.copy()
    home.far.take(coach()[:EAR_BLOCK])
    home.stage.take(block)
    np.testing.assert_array_equal(block, kept)


# --- With the ear --------------------------------------------------------------------------------------------------------


class Session:
    """An ear at a loudspeaker that can be lowered. Plays, and notes what is understood and when the coach is moved."""

    def __init__(self) -> None:
        self.log: list[tuple[str, float]] = []
        self.gain = 1.0
        self.blocks = 0
        self.far = FarEnd(EAR_RATE)
        self.stage = EchoStage(self.far, self._duck)
        self.ear = VoskEar(MODEL, PHRASES, DECOYS, echo=self.stage)
        self.ear.listen_for(frozenset(Command))
        self.late = np.zeros(frames(0.1), np.float32)
        self.air = np.zeros(0, np.float32)

    def _duck(self, decibels: float) -> None:
        self.gain = 10.0 ** (decibels / 20)
        self.log.append(("duck" if decibels else "raise", self.now))

    @property
    def now(self) -> float:
        return self.blocks * EAR_BLOCK / EAR_RATE

    def run(self, sound: Samples, person: Samples) -> list[Heard]:
        found = []
        for start in range(0, min(len(sound), len(person)) - EAR_BLOCK + 1, EAR_BLOCK):
            self.blocks += 1
            played = np.asarray(sound[start : start + EAR_BLOCK] * self.gain, np.float32)
            self.far.take(played)
            self.late = np.concatenate([self.late, clipped(played)])
            out = np.convolve(self.late[:EAR_BLOCK], TAPS)
            self.late = self.late[EAR_BLOCK:]
            out[: len(self.air)] += self.air
            self.air = out[EAR_BLOCK:]
            heard = (out[:EAR_BLOCK] + person[start : start + EAR_BLOCK]).astype(np.float32)
            for one in self.ear.hear(heard, self.now):
                if isinstance(one, Heard):
                    self.log.append((str(one.command), self.now))
                    found.append(one)
        return found


@pytest.mark.ear
def test_the_coach_commands_nothing_in_a_minute_and_a_persons_stop_over_it_comes_out() -> None:
    needs_vosk()
    needs_espeak()
    session = Session()
    sound = talk(60)
    assert session.run(sound, quiet(60)) == []
    session.log.clear()
    echo = through(clipped(sound[: frames(12)]), TAPS, 0.1)
    word = speak("stop", "en-gb+m3")
    places = [1.5, 5.0, 8.5]
    person = at_enr(placed([(at, word) for at in places], 12), echo, 6.0)
    began = session.now
    found = session.run(sound[: frames(12)], person + quiet(12))
    assert [one.command for one in found] == [Command.STOP] * 3
    (first, down), (second, up), (third, stop) = session.log[:3]
    assert (first, second, third) == ("duck", "raise", str(Command.STOP))
    assert down < up == stop  # lowered before it was understood, and raised by that
    for at, one in zip(places, found, strict=True):
        assert at < one.at - began < at + 1.5
    assert not session.stage.ducked
