"""When do recognised words become a command? The whole decision, as a machine without a recogniser.

Rule: it is told what an ear perceives (partial text, voice or silence, final text, the time) and answers with at most
one act; no audio, no clock, no library. Times are seconds of sound. The same perceptions give the same acts.
An utterance that ended without an act is a *remark*: somebody spoke, and it was no command.

How it works. A recogniser's own end of utterance comes about a second after the word, so the ear makes its own: when
the voice has been away for ``end_silence`` the recogniser is asked for its final text (68 clips: 66 right when asked
0.10 s after the word, the same 66 when waiting for it; 65 at 0.06 s). What lies between two such points is a
*fragment*; an *utterance* is the fragments with less than ``_PATIENCE`` of silence between them. Then:

* An utterance is a command if its words, without ``[unk]``, are exactly a live phrase. So "next" in the middle of a
  sentence is not one, however the pauses fall.
* If a longer live phrase begins with what was heard ("next", "next exercise"), the decision waits for it, at most
  ``_PATIENCE``.
* Urgent commands (emergency, pain, stop, pause: harmless if wrong, for each asks or waits before anything else
  happens) count as a fragment by themselves too, whatever else was said in the same breath; and they act on a partial
  text, as soon as the voice pauses or the text stands through two of the recogniser's inner steps. (On the first
  partial, nine minutes of human talk gave 8 false alarms; like this 2, and no urgent word in noise was lost by it.)
* Only a voice commands: words that the recogniser finds where the gate heard none do not count.
* One utterance is one command. After it only a graver urgent one still counts: emergency over pain over stop over
  pause. So a first guess "pause" that turns into "pain" is mended, and "stop, stop, stop" is one stop. Emergency is the
  gravest because it is about more than the exercise, and because "pain, call for help" must not end at "pain".
* A phrase may *yield* to a command that sounds like it: while "ten" may be an answer, "pain" is not heard as a command
  ("ouch" still is). Otherwise a "ten" that was misheard would begin the conversation about pain anew.
* A command is given a *second look* (``second``): the same sound is weighed against thousands of everyday words, which
  the grammar does not hold. One that a word explains much better is talk. An urgent command on a partial that fails
  waits for its final; there the look need only find it possible, or the recogniser be sure of it. (While an exercise is
  on, 19 of 345 human utterances that are no command acted without it, 8 with it and the next rule, none of them in a
  sentence; of 210 human commands that acted before 206 still do. All 30 false acts on urgent partials are doubted.)
* A command in whose utterance more than ``_STRANGE`` seconds of sound were no word of the grammar is talk, unless it
  is urgent. (Of 44 false acts on human sounds 31 were left by this alone; of 3,371 right ones all but one.)
* With an *address word* most commands need it in front (``address``).
* Where noise covers a part of the voice, its end seems to come early; the silence asked for grows with that part.
  (72 clips in white noise at 10 dB: 19 right without, 59 with it; a quiet room is as fast as before.)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from voicecoach.core.events import URGENT, Command
from voicecoach.hearing.address import Address

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

UNKNOWN = "[unk]"
"""What the recogniser writes for sound that is no word of the grammar."""

_PATIENCE = 0.5
"""Seconds of silence after which nothing more belongs to an utterance."""

_STEADY = 0.06
"""Seconds that a partial text must stand before an urgent command acts on it, once the voice pauses ..."""

_PAUSE = 0.04
"""... for this long: a lone word ends, a sentence goes on."""

_CONFIRMED = 0.26
"""Seconds that it must stand while the voice, or the noise, goes on: the recogniser's inner step is 0.24 s."""

_SETTLED = 0.45
"""Seconds after which an unchanged partial text that is a command is asked for its final, though the noise or the tail
of the room never stops: two inner steps, and half of what the recogniser's own end of utterance takes."""

_COVERED_WAIT = 0.3
"""Seconds of silence asked for in addition where noise covers all of the voice; grows with the square of the part."""

_STRANGE = 0.3
"""Seconds of sound that was no word of the grammar: a cough is shorter, the rest of a sentence longer."""

_NEAR = 4.0
"""How much worse (natural logarithm) than the best other explanation a command may explain its sound."""

_SURE = 0.7
"""Confidence of the recogniser, 0 to 1, with which an urgent command needs no second look, nor any other ..."""

_NOISY = 0.5
"""... where noise covers as much of the voice as this: there the look errs too (of 945 commands in white noise at 10 dB
it rejects 59, with this 21; at 20 dB, where a third is covered, 30 of 1,091)."""

_FORGOTTEN = 1.0
"""Seconds without any new text after which an utterance is over, though the noise goes on."""

_NEVER = float("-inf")
_EPSILON = 1e-6
"""Times are sums of blocks: 0.12 s must not become 0.14 s for a rounding error."""

_GRAVITY = {Command.PAUSE: 1, Command.STOP: 2, Command.PAIN: 3, Command.EMERGENCY: 4}

_NONE: frozenset[Command] = frozenset()

Words: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Act:
    """A command to obey now."""

    command: Command
    words: str
    """The phrase, as the language has it."""
    ended_at: float
    """When its last word ended."""
    partial: bool = False
    """True when decided before the recogniser's final text."""
    since: float = _NEVER
    """When the voice that said it began."""
    confidence: float = 0.0
    """How sure the recogniser was of its least sure word, 0 to 1; 0 on a partial text."""


@dataclass(frozen=True, slots=True)
class Remark:
    """An utterance that was no command."""

    words: str
    """What the recogniser made of it, ``[unk]`` included."""
    ended_at: float
    """When the voice stopped."""


def words_of(text: str) -> Words:
    """Return the words of a recogniser's text, without ``[unk]``."""
    return tuple(word for word in text.split() if word != UNKNOWN)


def once(words: Words) -> Words:
    """Return what is said again and again, once: ``stop`` for ``stop stop stop``; else ``words`` themselves."""
    for length in range(1, len(words) // 2 + 1):
        if len(words) % length == 0 and words == words[:length] * (len(words) // length):
            return words[:length]
    return words


class Policy:
    """The decision machine for one ear. ``end_silence``: seconds without a voice that end a fragment.

    ``yields``: phrases, and the commands that they make way for while those are live. ``address``, ``idle``: see there.
    ``look``: takes a phrase and the second since which it was said, and returns by how much (natural logarithm) it
    explains that sound better than anything else; None where it does not at all. It is asked only before an act.
    """

    def __init__(
        self,
        phrases: Mapping[str, Command],
        *,
        end_silence: float,
        yields: Mapping[str, frozenset[Command]] | None = None,
        address: str = "",
        idle: bool = False,
        look: Callable[[str, float], float | None] | None = None,
    ) -> None:
        self._phrases = {words_of(phrase): command for phrase, command in phrases.items()}
        self._yields = {words_of(phrase): commands for phrase, commands in (yields or {}).items()}
        self._end_silence = end_silence
        self._address, self._idle = Address(address, idle=idle), idle
        self._look = look
        self._doubted = False
        self._covered = 0.0
        self._live = frozenset(Command)
        self._opened_at = _NEVER
        self._began_at = _NEVER
        self._strange = 0.0
        self._voice_at = _NEVER
        self._text_at = _NEVER
        self._partial = ""
        self._open = False
        self._said: Words = ()
        self._texts: list[str] = []
        self._acted: Command | None = None
        self._pending: Act | None = None
        self._pending_at = 0.0
        self._remark: Remark | None = None

    def listen_for(self, commands: frozenset[Command]) -> None:
        """Only these act from now on."""
        self._live = commands

    def perceive(self, partial: str, *, voice: bool, at: float) -> Act | None:
        """Take in one block: the recogniser's ``partial`` text and whether there was a ``voice``; ``at`` in seconds."""
        if self._over(at):
            self._end()
        if partial != self._partial:
            self._partial, self._text_at, self._doubted = partial, at, False
        if voice:
            self._opened_at = self._opened_at if self._open else at
            self._began_at = self._began_at if self._open or self._said or self._texts else at
            self._voice_at, self._open = at, True
        if self._pending and self._waited_enough(at):
            return self._commit(self._pending)
        steady = _STEADY if at - self._voice_at >= _PAUSE - _EPSILON else _CONFIRMED
        if not self._open or self._doubted or at - self._text_at < steady - _EPSILON:
            return None
        return self._commit(self._urgent(words_of(partial), ended_at=self._voice_at, partial=True))

    def wants_final(self, at: float, *, covered: float = 0.0) -> bool:
        """Tell whether the recogniser should be asked for its final text now.

        ``covered``: the share (0 to 1) of the voice's range of loudness that noise hides.
        """
        self._covered = covered
        newest = words_of(self._partial)
        words = self._said + newest
        longer = bool(newest) and self._longer(words)
        silence = _PATIENCE if longer else min(_PATIENCE, self._end_silence + _COVERED_WAIT * covered**2)
        if not self._open:
            return False
        if at - self._voice_at >= silence - _EPSILON:
            return True
        settled = _SETTLED + (_PATIENCE if longer else 0.0)
        steady = bool(self._partial) and at - self._text_at >= settled - _EPSILON
        return steady and self._live_command(words) is not None

    def conclude(
        self,
        text: str,
        *,
        at: float,
        ended_at: float,
        closed: bool = False,
        strange: float = 0.0,
        confidence: float = 0.0,
    ) -> Act | None:
        """Take in a final ``text`` whose last word ended at ``ended_at``.

        ``closed`` says that nothing more belongs to it: the recogniser itself heard the end, or the ear goes to sleep.
        ``strange``: seconds of it that were no word. ``confidence``: of its least sure word, 0 to 1.
        """
        words = words_of(text) if self._open else ()
        act = self._urgent(words, ended_at=ended_at, confidence=confidence)
        self._said += words
        self._strange += strange if self._open else 0.0
        if text and self._open:
            self._texts.append(text)
        self._partial, self._open = "", False
        if text:
            self._text_at = at
        if words:
            self._pending = self._whole(ended_at, confidence)
            self._pending_at = at
        if act is None and (closed or not self._longer(self._said) or self._silent(at)):
            act = self._pending
        act = self._commit(act)
        if closed:
            self._end()
        return act

    def remark(self) -> Remark | None:
        """Return, once, the utterance that the last call ended, if it was no command."""
        remark, self._remark = self._remark, None
        return remark

    def dismiss(self, *, since: float) -> None:
        """Forget the fragment if it began no earlier than ``since``: it was no voice."""
        if self._opened_at >= since:
            self._partial, self._open = "", False

    def _urgent(self, words: Words, *, ended_at: float, partial: bool = False, confidence: float = 0.0) -> Act | None:
        """Look for an urgent command in the newest words by themselves, then together with what came before."""
        for candidate, since in ((words, self._opened_at), (self._said + words, self._began_at)):
            said = once(candidate)  # who is in need says it twice
            command = self._live_command(said)
            if words and command in URGENT:
                return Act(command, " ".join(said), ended_at, partial, since, confidence)
        return None

    def _whole(self, ended_at: float, confidence: float) -> Act | None:
        """Look for a command that is all that was said."""
        command = self._live_command(self._said)
        if command is None or (self._strange > _STRANGE and command not in URGENT):
            return None
        return Act(command, " ".join(self._said), ended_at, since=self._began_at, confidence=confidence)

    def _commit(self, act: Act | None) -> Act | None:
        """Let ``act`` happen, unless this utterance has had its command or nobody listens for it any more."""
        if act is None:
            return None
        self._pending = None
        if self._live_command(words_of(act.words)) is None:
            return None
        if self._acted and _GRAVITY.get(act.command, 0) <= _GRAVITY.get(self._acted, 0):
            return None
        if not self._believed(act):
            self._doubted = act.partial
            return None
        self._acted = act.command
        self._address.used()
        return replace(act, words=" ".join(self._phrase(words_of(act.words))))

    def _believed(self, act: Act) -> bool:
        """Give the act a second look, if there is one to give."""
        if self._look is None:
            return True
        urgent = act.command in URGENT
        if act.confidence >= _SURE and (urgent or self._covered >= _NOISY):
            return True
        margin = self._look(act.words, act.since)
        return margin is not None and (urgent or margin >= -_NEAR)

    def _phrase(self, words: Words) -> Words:
        """Return ``words`` without an address that is no part of a phrase."""
        return words if words in self._phrases else self._address.split(words)[1]

    def _live_command(self, words: Words) -> Command | None:
        phrase = self._phrase(words)
        command = self._phrases.get(phrase)
        if command not in self._live or self._yields.get(phrase, _NONE) & self._live:
            return None
        addressed = phrase != words or self._address.allows(command, phrase, began_at=self._began_at, live=self._live)
        return command if addressed else None

    def _longer(self, words: Words) -> bool:
        """Tell whether a live phrase begins with ``words`` and goes on."""
        address, rest = self._address.split(words)
        return bool(words) and any(
            len(phrase) > len(rest) and phrase[: len(rest)] == rest and self._live_command(address + phrase)
            for phrase in self._phrases
        )

    def _silent(self, at: float) -> bool:
        return at - self._voice_at >= _PATIENCE - _EPSILON

    def _waited_enough(self, at: float) -> bool:
        """Tell whether no longer phrase can come: there is silence, or noise without words."""
        return self._silent(at) or at - self._pending_at >= _FORGOTTEN

    def _over(self, at: float) -> bool:
        """Tell whether the utterance has ended: silence after its last fragment, or noise without words."""
        if self._pending or not (self._texts or self._acted):
            return False
        return (self._silent(at) and not self._open) or at - self._text_at >= _FORGOTTEN

    def _end(self) -> None:
        """Begin a new utterance; one that led to nothing is remarked on, unless it was the address.

        Between sessions the address and then something strange is: whoever calls is told that it was not understood.
        """
        called = self._address.is_all_of(self._said) and not self._acted
        if called:
            self._address.said_alone(self._voice_at)
        if self._texts and not self._acted and (not called or (self._idle and self._strange > _STRANGE)):
            self._remark = Remark(" ".join(self._texts), self._voice_at)
        self._said, self._texts = (), []
        self._strange = 0.0
        self._acted = None
        self._pending = None
