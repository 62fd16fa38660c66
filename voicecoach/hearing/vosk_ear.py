"""The ear: Vosk with a grammar of commands, asked at the right moments.

Rule: the one file that knows Vosk. It carries sound from the gate (``activity``) to the recogniser and texts from there
to the decision (``policy``); what the coach's own words hide is in ``mask``, what everyday words explain better in
``second``. The same blocks give the same results.

Facts about Vosk 0.3.45 that shaped it:

* A grammar is a bigram model of its phrases, so they recombine: only a text that is exactly a phrase counts.
* ``SetGrammar`` on a recogniser that has heard sound aborts the process. The grammar of a session is always the whole
  language; what is live is the policy's business. Between sessions another recogniser listens, over the same model.
* With ``SetPartialWords`` a word shows up in the partial text about 0.6 s later than without (24 clips); so partial
  texts come without times, and the end of their last word is where the voice stopped.
* Partial texts change every 0.24 s of sound at most, final texts come at once: asking for a final is the faster way.
* Times of words count the seconds fed since the recogniser was made, through every ``FinalResult`` and ``Reset``.
* A model with a static graph takes no grammar: it would warn on stderr and hear anything at all.
"""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from voicecoach.core.events import URGENT, Command, Heard, Overheard
from voicecoach.hearing.activity import EVEN_FOR, Activity
from voicecoach.hearing.echo import EchoStage, Front
from voicecoach.hearing.mask import TAIL, Mask
from voicecoach.hearing.policy import UNKNOWN, Policy, Remark
from voicecoach.hearing.second import SecondLook
from voicecoach.packages import pip_install
from voicecoach.ports import EAR_RATE, EarError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from voicecoach.hearing.activity import Slice
    from voicecoach.hearing.policy import Act
    from voicecoach.ports import Samples, StandbyTalk

END_SILENCE = 0.12
"""Seconds without a voice after which a word has ended: the final text is then as good as after a second."""

_WORD, _SLACK = 0.5, 0.2
"""Seconds before and after the end of a word in which a certain sign of a person belongs to it."""
_REMEMBERED = 100
"""Signs: a second or two, and no act comes later than that behind its word."""

_MEND = "voicecoach model get"


class AddressError(EarError):
    """The address word was chosen such that no ear can use it."""


@dataclass(slots=True)
class _Attention:
    """What listens for one set of phrases."""

    recogniser: Any
    """None once the ear is closed."""
    policy: Policy
    second: SecondLook | None
    fed: int = 0
    """Frames."""
    slept: float = 0.0
    """Seconds by which the recogniser's time, which counts what it is fed, lags behind the ear's."""


class VoskEar:
    """Hears the ``phrases`` of a language in 16 kHz sound; ``decoys`` are heard as themselves and mean nothing.

    ``yields``: phrases, and the commands for which they are not heard while those are live (``language``).
    ``echo`` takes the coach's own voice out first; without it the microphone is recognised as it is.
    ``everyday``: many words that people say; before it acts, the ear looks whether one explains the sound better.
    ``address``: a word that most commands must begin with (``hearing.address``); empty: none.
    ``standby``: what is heard between sessions, once ``stand_by`` was called; without it that changes nothing.
    ``sleeps=False`` feeds silence to the recogniser too (for measuring what the gate changes).
    Raises ``EarError`` if Vosk or the model cannot be used, if the model knows no phrase of an urgent command; and
    ``AddressError`` if the address is no word that it knows, or a command.
    """

    def __init__(
        self,
        model_path: Path,
        phrases: Mapping[str, Command],
        decoys: Sequence[str],
        *,
        yields: Mapping[str, frozenset[Command]] | None = None,
        everyday: Sequence[str] = (),
        address: str = "",
        end_silence: float = END_SILENCE,
        sleeps: bool = True,
        echo: EchoStage | None = None,
        standby: StandbyTalk | None = None,
    ) -> None:
        _check_model(model_path)
        self._vosk = _import_vosk()
        self._model: Any = self._load(model_path)
        self._model_name = model_path.name
        self.missing = {phrase: gaps for phrase in phrases if (gaps := self._unknown(phrase))}
        """Phrases that this model cannot hear, with the words that it does not know."""
        known = {phrase: command for phrase, command in phrases.items() if phrase not in self.missing}
        self._check_urgent(phrases, known)
        self._check_address(address, known)
        self._echo = echo
        self._certain: deque[float] = deque(maxlen=_REMEMBERED)
        self._activity = Activity(sleeps=sleeps)
        harmless = _harmless(yields or {}, known)
        make = partial(self._attend, decoys=decoys, everyday=everyday, end_silence=end_silence)
        self._session = self._now = make(known, address, harmless)
        self._standby = self._session
        self.unheard: frozenset[str] = frozenset()
        """The phrases between sessions with a word that this model does not know."""
        if standby is not None:
            self._check_address(standby.address, known)
            said = {phrase: command for phrase, command in standby.phrases.items() if not self._unknown(phrase)}
            self.unheard = frozenset(standby.phrases.keys() - said.keys())
            self._standby = make(said, standby.address, harmless, idle=True)
            known = known | said
        self._mask = Mask(known)

    def _attend(
        self,
        known: Mapping[str, Command],
        address: str,
        yields: Mapping[str, frozenset[Command]],
        *,
        decoys: Sequence[str],
        everyday: Sequence[str],
        end_silence: float,
        idle: bool = False,
    ) -> _Attention:
        """Return what listens for these phrases."""
        heard = [*known, *([address, *(f"{address} {phrase}" for phrase in known)] if address else [])]
        grammar = dict.fromkeys([*heard, *(decoy for decoy in decoys if not self._unknown(decoy)), UNKNOWN])
        recogniser = self._listen_with(grammar)
        recogniser.SetWords(True)
        others = [word for word in everyday if not self._unknown(word)]
        second = SecondLook(self._listen_with(dict.fromkeys([*grammar, *others]))) if others else None
        look = second.margin if second else None
        policy = Policy(known, end_silence=end_silence, yields=yields, address=address, idle=idle, look=look)
        return _Attention(recogniser, policy, second)

    def vocabulary_message(self) -> str:
        """Return one sentence about the phrases that this model cannot hear; empty when it knows them all."""
        if not self.missing:
            return ""
        words = sorted({word for gaps in self.missing.values() for word in gaps})
        phrases = ", ".join(f'"{phrase}"' for phrase in self.missing)
        return (
            f"The model {self._model_name} does not know {_quoted(words)}, so it cannot hear {phrases}; "
            "every other phrase works."
        )

    def listen_for(self, commands: frozenset[Command]) -> None:
        """Only these mean something now; others are heard as themselves and ignored."""
        self._now.policy.listen_for(commands)

    def stand_by(self, on: bool) -> None:
        """Listen for what is said between sessions from now on, or for what is said in them."""
        wanted = self._standby if on else self._session
        if wanted is not self._now and self._now.recogniser is not None:
            self._conclude(self._now.recogniser.FinalResult(), self._activity.now, closed=True)  # it means nothing now
            self._now.policy.remark()
        self._now = wanted

    def coach_says(self, text: str | None) -> None:
        """Tell the ear what the coach is saying at this moment; None when it is silent."""
        self._mask.say(text, self._activity.now)

    def hear(self, block: Samples, at: float) -> list[Heard | Overheard]:
        """Take the next block of sound, which ended at session time ``at``; return what was understood with it.

        Raises ``EarError`` if the recogniser fails.
        """
        if self._now.recogniser is None:
            return []
        was_awake = self._activity.awake
        found: list[Act | Remark | None] = []
        front = Front(block, person=True) if self._echo is None else self._echo.take(block)
        if front.certain:
            self._certain.append(self._activity.now)
        for piece in self._activity.take(front.samples, person=front.person):
            found += self._recognise(piece)
        if self._activity.steady:
            self._now.policy.dismiss(since=self._activity.now - EVEN_FOR)
        if was_awake and (self._activity.steady or not self._activity.awake):
            found += self._conclude(self._now.recogniser.FinalResult(), self._activity.now, closed=True)
        return self._tell(found, at)

    def _tell(self, found: Sequence[Act | Remark | None], at: float) -> list[Heard | Overheard]:
        """Return what was found at session time ``at``, without what may have been the coach."""
        behind = at - self._activity.now  # from the ear's own time to the session's
        heard: list[Heard | Overheard] = []
        for one in found:
            if isinstance(one, Remark):
                if not self._mask.speaks(one.ended_at):
                    heard.append(Overheard(at, one.words))
            elif one and self._is_a_persons(one):
                heard.append(Heard(at, one.command, one.words, ended_at=behind + one.ended_at, partial=one.partial))
                if self._echo is not None:
                    self._echo.obeyed()
        return heard

    def interrupted(self) -> None:
        """Take note that sound was lost: the microphone was away."""
        if self._echo is not None:
            self._echo.interrupted()

    def _is_a_persons(self, act: Act) -> bool:
        """Tell whether a word may count as a person's: over the coach's voice only what certainly is one, or urgent.

        (With a coach 20 dB louder than the person its own echo answered "how bad is it?" with "nine".)
        """
        if act.command in URGENT or self._is_certain(act):
            return True
        over = self._echo is not None and self._echo.known and self._mask.speaks(act.ended_at - TAIL)
        return not over and not self._mask.hides(act.command, act.ended_at)

    def _is_certain(self, act: Act) -> bool:
        """Tell whether the end of the word was certainly a person's."""
        return any(act.ended_at - _WORD <= at <= act.ended_at + _SLACK for at in self._certain)

    def close(self) -> None:
        """Let go of the recogniser and the model; safe to call twice."""
        self.interrupted()  # a coach that was lowered for a voice would be left so
        for attention in (self._session, self._standby):
            attention.recogniser = attention.second = None
        self._model = None

    def _recognise(self, piece: Slice) -> list[Act | Remark | None]:
        """Feed one piece to the recogniser and ask the policy about what it makes of it."""
        now, pcm = self._now, _pcm(piece.samples)
        try:
            ended = now.recogniser.AcceptWaveform(pcm)
        except Exception as error:  # Vosk raises nothing narrower
            self.interrupted()  # the coach is to say it at full voice
            raise EarError("The speech recogniser failed on a block of sound.", mend=_MEND) from error
        now.fed += len(piece.samples)
        now.slept = piece.at - now.fed / EAR_RATE
        if now.second:
            now.second.keep(pcm, piece.at)
        if ended:
            return self._conclude(now.recogniser.Result(), piece.at, closed=True)
        partial = str(json.loads(now.recogniser.PartialResult())["partial"])
        act = now.policy.perceive(partial, voice=piece.voice, at=piece.at)
        found = [now.policy.remark(), act]
        if now.policy.wants_final(piece.at, covered=piece.covered):
            found += self._conclude(now.recogniser.FinalResult(), piece.at)
        return found

    def _conclude(self, result: str, at: float, *, closed: bool = False) -> list[Act | Remark | None]:
        """Hand a final result to the policy."""
        now = self._now
        final = json.loads(result)
        pieces = final.get("result", ())
        words = [word for word in pieces if word["word"] != UNKNOWN]
        act = now.policy.conclude(
            final["text"],
            at=at,
            ended_at=min(at, now.slept + words[-1]["end"]) if words else at,
            closed=closed,
            strange=sum(piece["end"] - piece["start"] for piece in pieces if piece["word"] == UNKNOWN),
            confidence=min((word["conf"] for word in words), default=0.0),
        )
        return [act, now.policy.remark()]

    def _load(self, path: Path) -> Any:
        try:
            return self._vosk.Model(str(path))
        except Exception as error:  # Vosk raises nothing narrower
            raise EarError(f"Vosk cannot read the speech model in {path}: it may be incomplete.", mend=_MEND) from error

    def _listen_with(self, grammar: Iterable[str]) -> Any:
        try:
            return self._vosk.KaldiRecognizer(self._model, EAR_RATE, json.dumps(list(grammar), ensure_ascii=False))
        except Exception as error:  # Vosk raises nothing narrower
            raise EarError(f"The speech model {self._model_name} does not take a grammar.", mend=_MEND) from error

    def _unknown(self, phrase: str) -> tuple[str, ...]:
        """Return the words of ``phrase`` that the model does not know."""
        return tuple(word for word in phrase.split() if self._model.vosk_model_find_word(word) < 0)

    def _check_address(self, address: str, known: Mapping[str, Command]) -> None:
        """Refuse an address that the model cannot hear, or that is a command by itself."""
        mend = 'choose another word for [hearing] address, or "" for none'
        if gaps := self._unknown(address):
            raise AddressError(f"The model {self._model_name} does not know the address {_quoted(gaps)}.", mend=mend)
        if address in known:
            raise AddressError(f'The address "{address}" is a command ({known[address]}).', mend=mend)

    def _check_urgent(self, phrases: Mapping[str, Command], known: Mapping[str, Command]) -> None:
        """Refuse a model that is deaf to an urgent command."""
        for command in sorted((URGENT & set(phrases.values())) - set(known.values())):
            lost = _quoted([phrase for phrase in self.missing if phrases[phrase] is command])
            raise EarError(
                f"The speech model {self._model_name} knows no phrase for {command}: {lost}.",
                mend=_MEND,
            )


def _harmless(
    yields: Mapping[str, frozenset[Command]], known: Mapping[str, Command]
) -> Mapping[str, frozenset[Command]]:
    """Return ``yields`` without those that would leave an urgent command no phrase that this model can always hear."""
    steadfast = {command for phrase, command in known.items() if not yields.get(phrase)}
    return {
        phrase: commands
        for phrase, commands in yields.items()
        if phrase in known and (known[phrase] not in URGENT or known[phrase] in steadfast)
    }


def _import_vosk() -> Any:
    """Import the library and silence its log. Raises ``EarError`` where it is missing or cannot load."""
    try:
        import vosk
    except (ImportError, OSError, RuntimeError) as error:  # RuntimeError: no home folder
        raise EarError(f"The speech recogniser Vosk cannot be loaded: {error}.", mend=pip_install("vosk")) from error
    vosk.SetLogLevel(-1)
    return vosk


def _check_model(path: Path) -> None:
    """Refuse what Vosk would refuse with less to say, or would take and then ignore the grammar."""
    if not path.is_dir():
        raise EarError(f"There is no speech model at {path}.", mend=_MEND)
    # Newer models keep the network in am/ and the graph in graph/; older ones have everything in one folder.
    graph = path / "graph" if (path / "am" / "final.mdl").is_file() else path
    if not (path / "am" / "final.mdl").is_file() and not (path / "final.mdl").is_file():
        raise EarError(f"{path} is not a Vosk model: it has no am/final.mdl.", mend=_MEND)
    if (graph / "HCLG.fst").is_file():
        raise EarError(
            f"The speech model {path.name} has a fixed vocabulary (graph/HCLG.fst) and takes no list of commands; "
            "a small one does.",
            mend=_MEND,
        )
    for part in ("HCLr.fst", "Gr.fst"):
        if not (graph / part).is_file():
            raise EarError(f"The speech model {path.name} is incomplete: {part} is missing.", mend=_MEND)


def _pcm(samples: Samples) -> bytes:
    """Return ``samples`` as 16-bit sound. A filter gone wild (not a number) is silence."""
    whole = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)
    pcm: bytes = np.clip(whole * 32767.0, -32768.0, 32767.0).astype("<i2").tobytes()
    return pcm


def _quoted(words: Sequence[str]) -> str:
    return ", ".join(f'"{word}"' for word in words)
