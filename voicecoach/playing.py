"""Playing through a loudspeaker in real time: for as long as it is there, and again when it is back.

Rule: it is looked after from the host's loop, which it never holds up: what may take long, closing and opening, happens
in a thread. One that comes back is another stream: PortAudio finds new devices only while no stream is open, so whoever
listens lets go of the microphone meanwhile.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial

import numpy as np

from voicecoach.ports import DeviceError, HungError, PortError, Samples, Speaker
from voicecoach.speech.mixer import Mixer

_GONE = "The loudspeaker has stopped: it was unplugged, or the sound server died."
_MEND = "connect it and start again; `voicecoach doctor` shows what is there"


@dataclass(frozen=True, slots=True)
class SpeakerLost:
    """Nothing that is said is heard any more. It is tried again, and time stands still until then."""

    reason: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class SpeakerFound:
    """What is said is heard again."""

    seconds: float
    """For how long it was not, by the clock on the wall."""


def _in_a_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="voicecoach_reopen", daemon=True).start()


class Playing:
    """Keeps ``source`` playing through ``speaker``. ``reopen`` gives another; None: one that is lost is lost for good.

    ``alone`` is entered while it is opened: nobody else uses a sound card then. Without one, time stands still,
    unless somebody may be in need: then it goes on by the clock, unheard, for help is sent when time is up.
    ``begin`` has something done beside the host's loop.
    """

    LOST_FOR = 2.0
    """Seconds after which a loudspeaker that does not pull is given up: a process that was stopped and goes on finds it
    lost for a moment."""
    RETRY = 2.0
    """Seconds between two attempts to open it again."""
    GIVE_UP = 600.0
    """Seconds after which nobody waits for it any more; the session is kept, and may be taken up."""

    def __init__(
        self,
        speaker: Speaker,
        source: Mixer,
        *,
        reopen: Callable[[], Speaker] | None = None,
        alone: Callable[[], AbstractContextManager[None]] = contextlib.nullcontext,
        clock: Callable[[], float] = time.monotonic,
        begin: Callable[[Callable[[], None]], None] = _in_a_thread,
    ) -> None:
        self.speaker = speaker
        self._begin = begin
        self._source, self._reopen, self._alone, self._clock = source, reopen, alone, clock
        self._since: float | None = None
        self._told = False
        self._next = 0.0
        self._stood_at = -1
        self._gone = False  # closed, and no other is open: it says nothing of itself then
        self._unheard = False  # nobody pulls: from the closing of one to the first block of another
        self._busy = False  # being opened again
        self._anew = False
        self._hung: HungError | None = None
        self._closed = False
        self._pulling = threading.Lock()  # by the loudspeaker, or in its place
        self._pumped: float | None = None
        """Until which moment of the clock sound was pulled in place of the loudspeaker."""

    @property
    def lost(self) -> bool:
        """Whether it is known to be lost: time stands still."""
        return self._told

    def start(self) -> None:
        """Begin to pull. Raises ``DeviceError``."""
        self.speaker.start(self._source.fill)

    def look(self, *, in_need: bool = False) -> SpeakerLost | SpeakerFound | None:
        """Return the news, if any. Raises ``DeviceError`` where it is lost for good."""
        now = self._clock()
        self._go_on_unheard(now if in_need and self._unheard else None)
        stands = self._gone or self.speaker.lost
        if not stands and (not self._told or (not self._unheard and self._source.position > self._stood_at)):
            news = SpeakerFound(now - (self._since or now)) if self._told else None
            self._since, self._told = None, False
            if self._anew and self._reopen is not None:
                self._start_again(self._reopen)
            return news
        if self._since is None:
            self._since = now
        if now - self._since <= self.LOST_FOR:
            return None
        if self._hung is not None and not in_need:
            raise self._hung
        if self._reopen is None or now - self._since > self.GIVE_UP:
            raise DeviceError(_GONE, mend=_MEND)
        if not self._told:
            self._told, self._next, self._stood_at = True, now, self._source.position
            return SpeakerLost(_GONE, _MEND)
        if stands and self._hung is None and now >= self._next:
            self._start_again(self._reopen)
        return None

    def anew(self) -> None:
        """Have it opened anew, soon, though it plays: a tenth of a second of silence; from any thread."""
        self._anew = True

    def close(self) -> None:
        """Stop, and free the device; safe to call twice."""
        self._closed = True
        self.speaker.close()

    def _go_on_unheard(self, now: float | None) -> None:
        """Pull sound up to this moment, for nobody; None: not now. Nobody else pulls while there is no loudspeaker."""
        with self._pulling:
            if now is None or self._pumped is None or not self._unheard:
                self._pumped = now
                return
            block, rate = self.speaker.block, self.speaker.rate
            unheard = np.zeros(block, np.float32)
            while self._pumped + block / rate <= now:
                self._source.fill(unheard)
                self._pumped += block / rate

    def _fill(self, block: Samples) -> None:
        """Fill a block for a loudspeaker that was opened again; from its first one on nobody pulls in its place."""
        if self._unheard:
            with self._pulling:
                self._unheard = False
                self._stood_at = self._source.position
        self._source.fill(block)

    def _start_again(self, reopen: Callable[[], Speaker]) -> None:
        if not self._busy:
            self._busy, self._anew = True, False
            self._begin(partial(self._try_again, reopen))

    def _try_again(self, reopen: Callable[[], Speaker]) -> None:
        """Open it again, if it can be; beside the host's loop."""
        try:
            with self._alone():
                self._let_go()
                self._take(reopen())
        except HungError as hung:
            self._hung = hung
        except (PortError, OSError):  # it is not back yet
            pass
        finally:
            self._next = self._clock() + self.RETRY
            self._busy = False

    def _let_go(self) -> None:
        if not self._gone:
            with contextlib.suppress(Exception):  # it is lost already
                self.speaker.close()
            self._gone = self._unheard = True

    def _take(self, another: Speaker) -> None:
        """Play through another. One that does not start is closed at once: no new device is found while it is open."""
        self._stood_at, self._gone = self._source.position, False
        try:
            another.start(self._fill)
        except BaseException:
            self._gone = True
            another.close()
            raise
        self.speaker = another
        if self._closed:  # everything has ended meanwhile
            another.close()
