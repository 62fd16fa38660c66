"""The ear's front: hears the person through the coach's own voice, and lowers the coach to hear better.

Rule: it stands between the microphone and whatever recognises words, and knows neither words nor sessions. Everything
is counted in frames of sound; the same sound gives the same answers.

Three states. *Unknown*: the way from loudspeaker to microphone has not been found. Nothing is taken away; while the
coach speaks nothing counts as a person's, until it has spoken for so long that an echo would have been found: with
headphones there is none. (Without that hold, "Gentle start." was taken for an emergency a second into a session.)
*Learning* and *known*: the delay is found, the canceller takes the echo out, and while the coach speaks only what the
gate (``near_end``) lets through counts as a person; until the gate has learned what the coach leaves behind, everything
is taken for the coach. Where the canceller takes out next to nothing for long, the delay may have changed (another
device, lost blocks): it is looked for again. Where one of the two sounds has stood still, it is unknown.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from voicecoach.hearing import alignment
from voicecoach.hearing.canceller import HOP, Canceller, finite
from voicecoach.hearing.ducking import Ducking
from voicecoach.hearing.far_end import NEEDED, FarEnd
from voicecoach.hearing.near_end import NearEnd
from voicecoach.ports import EAR_RATE, Samples

HOLD = 0.15
"""Seconds for which the person is taken to go on after the gate has closed: the closure of a "p" or a "t"."""

CERTAIN = 12.0
"""dB over the expected residue that only a person reaches. (The coach alone came to 11.3 in five minutes at an ENR of
6 dB, 63 of 64 words of a person beyond 12, even at 15 dB; there the coach came to 14.8, once in a minute or two.)"""

_AHEAD = 96
"""Frames (6 ms) that the filter begins before the direct sound: a found delay may be late by an echo."""

_SPARE = 3 * HOP
"""Frames by which the far end should be there before it is needed: it comes in blocks of 20 ms. Where the way is
shorter than that, the microphone's sound waits for some hops."""

_WINDOW = 2 * EAR_RATE
_BACK = 4 * HOP
"""Frames by which the microphone's window lies back: what was just played cannot be read yet, but heard it may be."""
_SEARCH_EVERY = 50
"""Hops between two looks for the delay, while it is not known; more and more where there is no echo."""
_SEARCH_SLOWEST = 1000
_AUDIBLE_PART = 0.3
"""Of the window: how much the coach must have said in it before the delay is looked for."""
_LOOKS = 1 + _WINDOW // (_SEARCH_EVERY * HOP)

_SHORT_FOR = 10
"""Hops (0.1 s) of a far end that is not there yet, after which the loudspeaker has stood still and the ear has not."""
_ASTRAY = 0.25
"""Seconds by which the lead of the loudspeaker over the ear may differ from when the delay was found ..."""
_ASTRAY_FOR = 300
"""... for so many hops: an ear that catches up on what waited for it is further behind for a moment."""

_UNSURE = 4.0
"""Seconds of the coach's voice after which it is certain that no echo comes back."""
_ROUND = 0.8
"""Seconds after its last sound for which the coach may still be heard, while the delay is unknown."""
_AUDIBLE = 1e-3
"""Peak (-60 dBFS) below which the coach is silent."""

_DRIFT_EVERY = 100
"""Hops between two looks at the drift."""
_DRIFT_GAIN = 0.5
_DRIFT_MOST = 500.0
"""ppm: beyond any crystal; a card that far off is broken."""

_POWER_KEPT = 0.997
"""A hop: powers are compared over about 3 s of the coach's voice."""
_FAINTEST = 1e-9
_POOR = 2.0
"""Ratio of powers (3 dB) below which the canceller does not cancel."""
_POOR_FOR = 300
"""Hops that the coach is loud (about 5 s of talk), more poor than good, after which the delay is looked for anew."""
_LOUD = 1e-5
"""Power (-50 dBFS) of the coach in a hop that tells something of the canceller: noise hides the echo of less."""


@dataclass(frozen=True, slots=True, eq=False)
class Front:
    """What is to be recognised of a block."""

    samples: Samples
    person: bool
    """Whether any voice in it is the person's. True where that cannot be told."""
    certain: bool = False
    """Whether what is heard now is so far above the coach's echo that it cannot be the coach."""


class EchoStage:
    """Takes blocks of the microphone, with what the loudspeaker played from ``far``. ``duck`` lowers the coach (dB).

    ``drift`` (ppm) is where the search for the two clocks' difference begins: what was measured for these devices.
    """

    def __init__(self, far: FarEnd, duck: Callable[[float], None], *, drift: float = 0.0) -> None:
        self._far = far
        self._canceller = Canceller()
        self._gate = NearEnd()
        self._ducking = Ducking(duck)
        self._heard = np.zeros(_WINDOW + _BACK, np.float32)
        self._hops = 0
        self._place: float | None = None
        self._begun_at = 0
        self._lead = 0.0
        self._waiting: deque[Samples] = deque()
        self._short = self._astray = 0
        self._looks: deque[tuple[int, float | None]] = deque(maxlen=_LOOKS)
        self._search_in = self._search_every = _SEARCH_EVERY
        self._unsure = 0
        self._response: Samples | None = None
        self._response_at = 0
        self._spoken = 0
        self._powers = np.full(2, _FAINTEST)
        self._poor = 0
        self._person_at = self._certain_at = -_WINDOW
        self.delay: float | None = None
        """Seconds from the loudspeaker's buffer to the microphone's block; None while it is not known."""
        self.drift = drift
        """ppm by which the loudspeaker's clock is faster than the microphone's, as far as is known."""

    @property
    def known(self) -> bool:
        """Whether the way through the room is known, so that the echo is taken out."""
        return self._place is not None

    @property
    def return_loss(self) -> float:
        """Echo return loss enhancement: dB by which the coach is weaker after the canceller, over the last seconds."""
        return float(10 * np.log10(self._powers[0] / self._powers[1]))

    @property
    def ducked(self) -> bool:
        """Whether the coach is lowered now."""
        return self._ducking.ducked

    def take(self, block: Samples) -> Front:
        """Take the next block of the microphone: a whole number of ``HOP`` frames."""
        block = finite(block)
        self._far.catch_up()
        self._heard[: -len(block)] = self._heard[len(block) :]
        self._heard[-len(block) :] = block
        parts = [self._take(block[first : first + HOP]) for first in range(0, len(block), HOP)]
        if self._place is None or self._poor > _POOR_FOR or self._gate.stuck:
            self._search(len(block) // HOP)
        person = self._maybe_a_person(len(block)) if self._place is None else self._is_a_person
        now = self._hops * HOP
        noticed = now - self._person_at < len(block)
        self._ducking.update(person=noticed, coach=self._gate.coach, at=now / EAR_RATE)
        return Front(np.concatenate(parts), person, certain=now - self._certain_at < len(block))

    def obeyed(self) -> None:
        """Take note that a command was understood."""
        self._ducking.obeyed()

    def interrupted(self) -> None:
        """Take note that sound of the microphone was lost: the delay is another one."""
        self._lose()

    def _maybe_a_person(self, frames: int) -> bool:
        """Tell whether a voice in the last ``frames`` may be a person's, as long as the delay is unknown."""
        if self._unsure >= _UNSURE * EAR_RATE:
            return True
        silent = np.abs(self._far.latest(round(_ROUND * EAR_RATE))).max() < _AUDIBLE
        self._unsure += 0 if silent else frames
        return bool(silent)

    @property
    def _is_a_person(self) -> bool:
        """Tell whether a voice now is the person's, the delay being known."""
        recently = self._hops * HOP - self._person_at <= HOLD * EAR_RATE
        new = (self._hops - self._begun_at) * HOP < _ROUND * EAR_RATE  # the gate knows nothing of what was said before
        return recently or not (self._gate.coach or new)

    def _take(self, heard: Samples) -> Samples:
        self._hops += 1
        if self._place is None:
            return heard
        self._waiting.append(heard)
        heard = self._waiting.popleft()
        far = self._far.read(self._place)
        if far is None or self._has_slipped(self._far.end - self._place):
            self._lose()
            return heard
        self._place += HOP * (1 + self.drift * 1e-6)
        rest = self._canceller.take(heard, far)
        self._gate.take(rest, far[0])
        if self._gate.open:
            self._person_at = self._hops * HOP
        if self._gate.excess > CERTAIN and self._poor < _POOR_FOR // 4:  # else it may be an echo on another way
            self._certain_at = self._hops * HOP
        if self._gate.coach:
            self._watch(heard, far[0], rest)
        return rest if self._powers[1] <= self._powers[0] else heard  # a filter gone astray is no help

    def _has_slipped(self, lead: float) -> bool:
        """Tell whether one of the two sounds has stood still: ``lead`` is by how much is played ahead of what is heard.

        The delay is another one then; and while the far end is not there, the coach's echo would be taken for a person.
        """
        self._short = self._short + 1 if lead < NEEDED + HOP else 0  # a block is two hops: the second has less
        self._astray = self._astray + 1 if abs(lead - self._lead) > _ASTRAY * EAR_RATE else 0
        return self._short > _SHORT_FOR or self._astray > _ASTRAY_FOR

    def _watch(self, heard: Samples, far: Samples, rest: Samples) -> None:
        """Follow how much is cancelled, while the coach speaks, and how the clocks drift."""
        power = np.array([np.dot(heard, heard), np.dot(rest, rest)]) + _FAINTEST
        if self._gate.alone:
            self._powers = _POWER_KEPT * self._powers + (1 - _POWER_KEPT) * power
        # Where the delay jumps the gate opens at the echo itself, and lowers the coach: so hops are counted, whoever
        # speaks and however loud. A person who speaks on and on looks like a jump, too; the search then finds the old
        # delay, and nothing changes.
        if np.dot(far, far) > _LOUD * HOP:
            self._poor = min(max(0, self._poor + (1 if power[0] < _POOR * power[1] else -1)), 2 * _POOR_FOR)
        self._spoken += 1
        if self._spoken % _DRIFT_EVERY == 0:
            response = self._canceller.response
            if self._response is not None:
                shift = np.clip(alignment.shift_between(self._response, response), -3.0, 3.0)
                passed = (self._hops - self._response_at) * HOP  # the clocks went on where the coach was silent
                moved = self.drift - _DRIFT_GAIN * float(shift) / passed * 1e6
                self.drift = float(np.clip(moved, -_DRIFT_MOST, _DRIFT_MOST))
            self._response, self._response_at = response, self._hops

    def _search(self, hops: int) -> None:
        """Look for the delay, ``hops`` after the last call, once the coach has been heard for long enough."""
        self._search_in -= hops
        if self._search_in > 0:
            return
        self._search_in = _SEARCH_EVERY
        far = self._far.latest(_WINDOW)
        blocks = np.abs(far).reshape(-1, HOP).max(axis=1)
        if (blocks > _AUDIBLE).mean() < _AUDIBLE_PART:
            return
        self._search_in = self._search_every = min(_SEARCH_SLOWEST, self._search_every + 10)
        heard = self._heard[:_WINDOW]
        later, clear = alignment.find_delay(heard, far)
        delay = later - _BACK
        # Two looks that share no sound must agree: a word that happens to resemble the coach's is found at the same
        # place by every look that has it in its window. They are compared by where the echo is in the sound: how far
        # the loudspeaker has read ahead differs from one block to the next.
        lead = self._far.end - delay - self._hops * HOP
        self._looks.append((self._hops, lead if clear >= alignment.CLEAR else None))
        earlier = [found for at, found in self._looks if (self._hops - at) * HOP >= _WINDOW]
        before, now = earlier[-1] if earlier else None, self._looks[-1][1]
        twice = before is not None and now is not None and abs(now - before) <= alignment.AGREE
        if now is None or not (twice or alignment.holds_throughout(heard, far, later)):
            return
        self._looks.clear()
        self._poor = 0
        place = self._far.end - delay + _AHEAD - len(self._waiting) * HOP
        if self._place is None or abs(self._place - place) > alignment.AGREE:
            self._begin(delay)
        else:  # the room is another one: headphones were unplugged, say, and the filter was sure that there is no echo
            self._canceller.waver()

    def _begin(self, delay: int) -> None:
        self.delay = delay / EAR_RATE
        self._begun_at = self._hops
        lead = delay - _AHEAD
        hops = max(0, math.ceil((NEEDED + _SPARE - lead) / HOP))
        self._waiting = deque([np.zeros(HOP, np.float32)] * hops)
        self._lead = float(lead + hops * HOP)
        self._place = self._far.end - self._lead
        self._short = self._astray = 0
        self._canceller.forget()
        self._gate.forget()
        self._powers = np.full(2, _FAINTEST)
        self._response = None
        self._poor = self._spoken = 0
        self._search_in = self._search_every = _SEARCH_EVERY

    def _lose(self) -> None:
        if self._place is not None:  # else headphones stay headphones
            self._unsure = 0
        self._place, self.delay = None, None
        self._looks.clear()
        self._search_in = self._search_every = _SEARCH_EVERY
        self._ducking.release()
