"""The ten sounds: short, soft, without a click, and not to be mistaken for each other."""

from __future__ import annotations

import itertools
from itertools import combinations

import numpy as np
import pytest

from voicecoach.core.events import ChimeKind
from voicecoach.speech.chimes import chime

RATE = 48_000


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
@pytest.mark.parametrize("kind", ChimeKind)
def test_chime_is_short_and_soft(kind: ChimeKind, rate: int) -> None:
    audio = chime(kind, rate)

    assert audio.rate == rate
    assert audio.samples.dtype == np.float32
    assert audio.seconds <= (0.12 if kind is ChimeKind.COUNT else 0.4)
    assert 0.2 <= np.abs(audio.samples).max() <= 0.35


@pytest.mark.parametrize("kind", ChimeKind)
def test_chime_begins_and_ends_in_silence(kind: ChimeKind) -> None:
    samples = chime(kind, RATE).samples

    assert abs(samples[0]) < 1e-6
    assert np.abs(samples[-5:]).max() < 1e-3


@pytest.mark.parametrize("kind", ChimeKind)
def test_chime_is_heard_on_its_instant(kind: ChimeKind) -> None:
    samples = np.abs(chime(kind, RATE).samples)

    assert np.flatnonzero(samples >= 0.1 * samples.max())[0] < 0.005 * RATE


def test_no_two_chimes_are_alike() -> None:
    for first, second in combinations(ChimeKind, 2):
        a, b = chime(first, RATE).samples, chime(second, RATE).samples
        likeness = np.abs(np.correlate(a, b, "full")).max() / (np.linalg.norm(a) * np.linalg.norm(b))
        assert likeness < 0.8, f"{first} sounds like {second}"


def _pitches(kind: ChimeKind) -> list[float]:
    """The strongest frequency in the first and the last third."""
    samples = chime(kind, RATE).samples
    third = len(samples) // 3
    ends = samples[:third], samples[-third:]
    return [float(np.argmax(np.abs(np.fft.rfft(end * np.hanning(third), RATE)))) for end in ends]


def test_understood_rises_and_refused_falls() -> None:
    low, high = _pitches(ChimeKind.HEARD)
    assert low < high
    high, low = _pitches(ChimeKind.REFUSED)
    assert low < high


# --- Melody -----------------------------------------------------------------------------------------------------------

FRAME = RATE // 50
"""20 ms."""


def melody(kind: ChimeKind) -> list[float]:
    """Return the pitch of each note that sets in, in semitones above the first, as it is heard in the sound itself."""
    samples = chime(kind, RATE).samples
    frames = [samples[at : at + FRAME] for at in range(0, len(samples) - FRAME, FRAME // 4)]
    loud = np.array([np.sqrt(np.mean(frame**2)) for frame in frames])
    notes: list[float] = []
    for at in range(1, len(loud) - 1):
        rises = loud[at] > 0.03 and loud[at] >= loud[at - 1] and loud[at] > loud[at + 1]
        if rises and (at < 2 or loud[max(0, at - 6) : at].min() < 0.9 * loud[at]):
            notes.append(_pitch(samples[at * FRAME // 4 :][: 3 * FRAME]))
    return [round(12 * np.log2(note / notes[0]), 1) for note in notes]


def _pitch(sound: np.ndarray) -> float:
    """Return the strongest frequency, Hz."""
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), RATE))
    return float(np.argmax(power[:2000]))


def shape(kind: ChimeKind) -> tuple[int, ...]:
    """Return how a melody moves from note to note: 1 is up, -1 down, 0 the same; what a person remembers of it."""
    notes = melody(kind)
    return tuple(int(np.sign(round(b - a))) for a, b in itertools.pairwise(notes))


SHAPES = {
    ChimeKind.COUNT: (),
    ChimeKind.HEARD: (1,),
    ChimeKind.REFUSED: (-1,),
    ChimeKind.PAUSED: (0,),
    ChimeKind.START: (1, 1),
    ChimeKind.DONE: (-1, -1),
    ChimeKind.READY: (1, -1),
    ChimeKind.NOT_UNDERSTOOD: (-1, 1),
    ChimeKind.ERROR: (0, 0),
    ChimeKind.MICROPHONE_LOST: (-1, 1, -1),
}


@pytest.mark.parametrize("kind", ChimeKind)
def test_each_melody_moves_in_a_way_of_its_own(kind: ChimeKind) -> None:
    """Measured in the sound. So they are told apart in any key, and by whoever hears no fine differences of pitch."""
    assert shape(kind) == SHAPES[kind], melody(kind)
    assert len(set(SHAPES.values())) == len(ChimeKind)


@pytest.mark.parametrize("kind", ChimeKind)
def test_steps_between_notes_are_large_enough_to_be_heard(kind: ChimeKind) -> None:
    assert all(abs(b - a) > 2.5 or abs(b - a) < 0.5 for a, b in itertools.pairwise(melody(kind))), melody(kind)
