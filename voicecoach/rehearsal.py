"""A session on a virtual clock: no device, no waiting, the same decisions. For authors, tests and estimates.

Rule: one of the two places that call ``Session.handle`` (the other is ``host``).
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from voicecoach.complaints import suggest
from voicecoach.core.events import IDLE, Command, Effect, Event, Heard, Hush, Line, Say, Spoken, Start, Tick
from voicecoach.core.person import Person, Room
from voicecoach.core.program import Program
from voicecoach.core.session import Session
from voicecoach.language import load_language
from voicecoach.record import Record, of_effect, of_event, record


@dataclass(frozen=True, slots=True)
class Moment:
    """One event of a rehearsal, and what the session made of it."""

    at: float
    """Seconds of session time."""
    event: Event
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Scripted:
    """A command given at a moment, as with ``--say pause@12.5``."""

    command: Command
    at: float
    """Seconds of session time."""
    words: str = ""


class ScriptError(ValueError):
    """A scripted command that cannot be read; ``str()`` is one sentence for the person."""


def read_scripted(text: str, phrases: Mapping[str, Command] | None = None) -> Scripted:
    """Read ``pause@12.5``: a command's name or a phrase, and the moment. Raises ``ScriptError``.

    ``phrases`` are those of another language; they come before the English ones.
    """
    match = re.fullmatch(r"\s*([^\W\d_](?:[^\W\d_]|[' ])*?)\s*@\s*(\d{1,6}(?:\.\d{1,6})?)\s*", text)
    if match is None:
        raise ScriptError(f"{text!r} is not COMMAND@SECONDS; such as pause@12.5")
    word, at = match[1].lower(), float(match[2])
    names = {command.value: command for command in Command if command not in IDLE}
    phrases = {**load_language().phrases, **(phrases or {})}
    if word not in names and word not in phrases:
        hint = suggest(word, [*names, *phrases])
        raise ScriptError(f"{word!r} is no command{hint}; there are: {', '.join(names)}")
    return Scripted(names[word] if word in names else phrases[word], at, word)


def rehearse(
    program: Program,
    speaking: Callable[[Line], float],
    say: Iterable[Scripted] = (),
    *,
    person: Person | None = None,
    room: Room | None = None,
) -> Iterator[Moment]:
    """Play ``program`` on a virtual clock; ``speaking`` says how long each line takes.

    Ends with the session, or where it would wait for ever: then ``Moment``s simply stop, without an ``End``.
    """
    session = Session(program, person, room)
    pending = [(entry.at, number, entry) for number, entry in enumerate(say)]
    heapq.heapify(pending)
    spoken: Spoken | None = None
    event: Event | None = Start(0.0)
    while event is not None:
        effects = session.handle(event)
        yield Moment(event.at, event, effects)
        for effect in effects:
            if isinstance(effect, Say):
                spoken = Spoken(event.at + speaking(effect.line), effect.utterance)
            elif isinstance(effect, Hush):
                spoken = None
        if session.over:
            return
        event = _soonest(session, spoken, pending)
        if isinstance(event, Spoken):
            spoken = None
        elif isinstance(event, Heard):
            heapq.heappop(pending)


def _soonest(session: Session, spoken: Spoken | None, pending: list[tuple[float, int, Scripted]]) -> Event | None:
    """Return what happens next; at one moment, speech ends before the next cue, and a command comes last."""
    events: list[Event] = [] if spoken is None else [spoken]
    if session.deadline is not None:
        events.append(Tick(session.deadline))
    events += [Heard(at, entry.command, entry.words or entry.command.value, "script") for at, _, entry in pending[:1]]
    return min(events, key=lambda event: event.at, default=None)


def records_of(moments: Iterable[Moment], sentence: Callable[[Line], str]) -> Iterator[tuple[float, Record]]:
    """Return the records of a rehearsal with their moments, the same that the host writes for a session with sound."""
    mouth: int | None = None
    for moment in moments:
        if (entry := of_event(moment.event)) is not None:
            yield moment.at, entry
        if isinstance(moment.event, Spoken):
            yield moment.at, record(moment.at, "spoken", utterance=moment.event.utterance, finished=True)
            mouth = None
        for effect in moment.effects:
            if isinstance(effect, Hush) and mouth is not None:
                yield moment.at, record(moment.at, "spoken", utterance=mouth, finished=False)
                mouth = None
            elif isinstance(effect, Say):
                mouth = effect.utterance
            yield moment.at, of_effect(moment.at, effect, sentence)
