"""A stored session, played again: the same program, the same person, the same events, so the same state.

Rule: besides ``host`` and ``rehearse`` the one place that calls ``Session.handle``; and nothing is heard or said here.
"""

from __future__ import annotations

from voicecoach.core.compiler import compile_routine
from voicecoach.core.person import Person, Room
from voicecoach.core.program import Program
from voicecoach.core.session import Session
from voicecoach.journal.codec import Header, UnreadableError, checksum
from voicecoach.journal.store import Recording
from voicecoach.journal.writer import Played
from voicecoach.language import Language, LanguageError, load_language
from voicecoach.speech.estimate import speaking_seconds


def session_of(program: Program, person: Person, room: Room) -> Session:
    """Make the session of a program, for a person, in a room."""
    return Session(program, person, room)


def language_of(header: Header) -> Language:
    """Return the language of a stored session. Raises ``UnreadableError``."""
    try:
        return load_language(header.language)
    except LanguageError as error:
        raise UnreadableError(str(error)) from None


def program_of(header: Header) -> Program:
    """Compile the program of a stored session, as it was. Raises ``UnreadableError``."""
    language = language_of(header)
    rate = header.rate
    return compile_routine(
        header.routine, header.pace, lambda line: speaking_seconds(language.say(line), rate), header.style
    )


def replay(recording: Recording) -> tuple[Session, list[Played]]:
    """Return the session as it was after its last stored event, and every event with its effects.

    Raises ``UnreadableError``, also where this version of the program decides otherwise than the one that played it.
    """
    header = recording.header
    session = session_of(program_of(header), header.person, header.room)
    played: list[Played] = []
    for event, known in zip(recording.events, recording.checksums, strict=True):
        effects = session.handle(event)
        if checksum(effects) != known:
            raise UnreadableError(
                f"the session was played by voicecoach {header.version}, which decided otherwise than this version"
                f" would at {event.at:.1f} s"
            )
        played.append((event, effects))
    return session, played
