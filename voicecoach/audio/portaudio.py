"""The sound cards of this machine, through PortAudio.

Rule: the callbacks copy blocks and count, nothing else. A lost device gives no error (measured: the server moves the
stream elsewhere, or the callbacks just stop), so both devices notice by themselves that nothing comes any more.
"""

from __future__ import annotations

import contextlib
import queue
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from voicecoach.audio import soundcards
from voicecoach.audio.resample import StreamResampler
from voicecoach.audio.soundcards import DeviceInfo, devices
from voicecoach.ports import EAR_BLOCK, EAR_RATE, DeviceError

if TYPE_CHECKING:
    from voicecoach.ports import Fill, Samples

__all__ = ["DeviceInfo", "PortAudioMicrophone", "PortAudioSpeaker", "devices"]

_GRACE = 3.0
"""Seconds for the first block: a first stream was seen to take 1.5 s."""

_SILENCE = 1.0
"""Seconds without a block after which a device counts as lost."""

_WAIT = 0.2
"""Seconds of one wait of the microphone. Waits are counted, not time: a process that was stopped lost no device."""

_HELD = 100
"""Blocks that wait for a slow ear (2 s): beyond that the oldest are worth less than being on time."""

_INPUT_LATENCY = 0.1
"""Seconds of buffer asked for: what a busy process may sleep through. Measured from loudspeaker to block: 0.04 and 0.1
cost the same, 0.2 costs 35 ms more. Never ``low``: it gave 128-frame blocks and lost samples."""

_BAD_CHANNELS, _BAD_RATE = -9998, -9997
"""``paInvalidChannelCount``, ``paInvalidSampleRate`` of portaudio.h."""


class PortAudioSpeaker:
    """A loudspeaker. One mono block goes to every channel it opened: both of a pair."""

    live = True
    audible = True

    def __init__(self, device: str | None = None, rate: int = 48_000, block: int = 960, latency: float = 0.06) -> None:
        """Open it; ``rate`` in Hz, ``block`` in frames, ``latency`` in seconds of buffer. Raises ``DeviceError``."""
        self.rate = rate
        self.block = block
        self.underflows = 0
        """How often the card ran out of sound since ``start``."""
        self._buffer = np.zeros(block, np.float32)
        self._column = self._buffer[:, np.newaxis]
        self._fill: Fill | None = None
        self._limit = _GRACE
        self._pulled_at = 0.0

        def opened(sound: Any, info: DeviceInfo) -> Any:
            return sound.OutputStream(
                device=info.number,
                samplerate=rate,
                blocksize=block,
                channels=min(2, info.outputs),
                dtype="float32",
                latency=latency,
                callback=self._pull,
            )

        self._stream, info = soundcards.open_stream(device, "output", opened)
        self._name = f'loudspeaker "{info.name}"'

    @property
    def lost(self) -> bool:
        """True when it should be pulling and has not for a second (three, before the first block)."""
        return self._fill is not None and time.monotonic() - self._pulled_at > self._limit

    @property
    def latency(self) -> float:
        """Seconds that sound waits in the buffer, as PortAudio tells it."""
        return float(self._stream.latency)

    def start(self, fill: Fill) -> None:
        """Begin to pull. Raises ``DeviceError``."""
        if self._fill is not None or self._stream.closed:
            raise DeviceError(f"The {self._name} is not open.")
        self._fill = fill
        self._pulled_at = time.monotonic()
        soundcards.begin(self._stream, self._name)

    def pump(self) -> None:
        """Do nothing: this one is live."""

    def close(self) -> None:
        """Stop pulling, let what was pulled be heard, free the device; safe to call twice."""
        if self._fill is not None and not self.lost:
            self._fill = None
            # Silence follows until the last block has left the buffer. PortAudio's own stop does not wait for that: it
            # lost the last 57 ms of a tone (measured; ALSA's pulse plug-in).
            time.sleep(self._stream.latency + 2 * self.block / self.rate)
        self._fill = None
        soundcards.release(self._stream)

    def _pull(self, out: Samples, _frames: int, _time: object, status: Any) -> None:
        self._pulled_at = time.monotonic()
        self._limit = _SILENCE
        if status.output_underflow:
            self.underflows += 1
        fill = self._fill
        if fill is None:
            out.fill(0.0)
        else:
            fill(self._buffer)
            out[:] = self._column


class PortAudioMicrophone:
    """A microphone. It records from the first ``read`` on, so nothing stale waits for the ear.

    A card that refuses 16 kHz is recorded at its own rate and resampled, which adds 20 to 40 ms (soxr, measured).
    """

    live = True
    exhausted = False

    def __init__(self, device: str | None = None) -> None:
        """Open it. Raises ``DeviceError``."""
        self.dropped = 0
        """Blocks lost because nobody read them within two seconds."""
        self.overflows = 0
        """How often the card reported that it lost sound."""
        self._queue: queue.SimpleQueue[Samples] = queue.SimpleQueue()
        self._rest = np.zeros(0, np.float32)
        self._running = False
        self._closed = False
        self._missed = 0
        self._allowed = round(_GRACE / _WAIT)
        self._stream, info = soundcards.open_stream(device, "input", self._open)
        self._name = f'microphone "{info.name}"'
        rate = round(self._stream.samplerate)
        self._resampler = None if rate == EAR_RATE else StreamResampler(rate, EAR_RATE)

    def read(self) -> Samples:
        """Return the next block; silence if none came within a second of a first start. Raises ``DeviceError``."""
        if not self._running and not self._closed:
            self._running = True
            soundcards.begin(self._stream, self._name)
        while len(self._rest) < EAR_BLOCK:
            heard = self._wait()
            if heard is None:
                return np.zeros(EAR_BLOCK, np.float32)
            ready = heard.clip(-1.0, 1.0) if self._resampler is None else self._resampler.feed(heard)
            self._rest = np.concatenate((self._rest, ready)) if len(self._rest) else ready
        block, self._rest = self._rest[:EAR_BLOCK], self._rest[EAR_BLOCK:]
        return block

    def forget(self) -> None:
        """Throw away what waits to be read; from the thread that reads."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._queue.get_nowait()
        self._rest = self._rest[:0]

    def close(self) -> None:
        """Free the device; safe to call twice, and while another thread reads: that one gets a ``DeviceError``."""
        self._closed = True
        soundcards.release(self._stream)

    def _open(self, sound: Any, info: DeviceInfo) -> Any:
        """Open the stream the way the ear wants it, else as the card is."""
        for rate, channels in ((EAR_RATE, 1), (info.rate, 1), (EAR_RATE, info.inputs)):
            try:
                return self._stream_of(sound, info, rate, channels)
            except sound.PortAudioError as error:
                if error.args[1] not in {_BAD_RATE, _BAD_CHANNELS}:
                    raise
        return self._stream_of(sound, info, info.rate, info.inputs)

    def _stream_of(self, sound: Any, info: DeviceInfo, rate: int, channels: int) -> Any:
        return sound.InputStream(
            device=info.number,
            samplerate=rate,
            blocksize=rate * EAR_BLOCK // EAR_RATE,
            channels=channels,
            dtype="float32",
            latency=_INPUT_LATENCY,
            callback=self._take,
        )

    def _take(self, heard: Samples, _frames: int, _time: object, status: Any) -> None:
        if status.input_overflow:
            self.overflows += 1
        if self._queue.qsize() >= _HELD:
            with contextlib.suppress(queue.Empty):
                self._queue.get_nowait()
                self.dropped += 1
        self._queue.put(heard.mean(axis=1, dtype=np.float32))

    def _wait(self) -> Samples | None:
        """Return what the card gives next; None after a second of nothing while that may still be the start."""
        for _ in range(round(_SILENCE / _WAIT)):
            if self._closed:
                raise DeviceError(f"The {self._name} is not open.")
            try:
                heard = self._queue.get(timeout=_WAIT)
            except queue.Empty:
                self._missed += 1
                if self._missed >= self._allowed:
                    raise DeviceError(
                        f"The {self._name} has stopped.", mend="plug it in again, or: voicecoach doctor"
                    ) from None
            else:
                self._missed, self._allowed = 0, round(_SILENCE / _WAIT)
                return heard
        return None
