"""How long the loudspeaker's callback takes, what it allocates, and what listening costs meanwhile.

    python -m bench callback

A real PortAudio stream on a private sound server, with the coach talking, its far end taken for the echo stage, and the
ear listening in a thread of its own, as in a session. A callback that takes longer than its block (20 ms) is heard as a
crackle. Python objects (a slice, a number) are made in it; arrays are not, and nothing stays.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import tracemalloc
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

from bench.hearing_latency import MODEL
from bench.stage import LIVE, VOLUME, sentences
from tests.audio.virtual_room import VirtualRoom
from voicecoach.audio.portaudio import PortAudioMicrophone, PortAudioSpeaker
from voicecoach.hearing.activity import PRE_ROLL, Activity
from voicecoach.hearing.echo import EchoStage
from voicecoach.hearing.far_end import FarEnd
from voicecoach.hearing.vosk_ear import VoskEar
from voicecoach.language import load_language
from voicecoach.ports import EAR_BLOCK, EAR_RATE, Samples
from voicecoach.speech.mixer import Mixer

Row = dict[str, object]

RATE, BLOCK = 48_000, 960


def rows(seconds: float = 60.0) -> list[Row]:
    """Return the callback's times, its memory, and the cost of listening."""
    with VirtualRoom(-6.0) as room:
        command = [sys.executable, "-m", "bench.callback", str(seconds)]
        done = subprocess.run(command, env=room.env, check=True, capture_output=True, text=True, timeout=10 * seconds)
    live: Row = json.loads(done.stdout.splitlines()[-1])
    return [live, _memory(), *_listening()]


def _mixer() -> tuple[Mixer, FarEnd]:
    mixer, far = Mixer(RATE, BLOCK), FarEnd(RATE)
    mixer.volume(VOLUME)
    mixer.tap(far.take)
    return mixer, far


def _talk(mixer: Mixer, seconds: float) -> None:
    at, number = 0.2, 0
    while at < seconds:
        at = mixer.play(sentences()[number % 40][1], at) + 0.25
        number += 1


def _ear(stage: EchoStage | None) -> VoskEar:
    language = load_language()
    ear = VoskEar(
        MODEL, language.phrases, language.decoys, yields=language.yields, everyday=language.everyday, echo=stage
    )
    ear.listen_for(LIVE)
    return ear


def _live(seconds: float) -> Row:
    """Play and listen for a while, in a process that lives in the room."""
    mixer, far = _mixer()
    _talk(mixer, seconds)
    took: list[float] = []

    def fill(out: Samples) -> None:
        began = time.perf_counter()
        mixer.fill(out)
        took.append(time.perf_counter() - began)

    speaker, microphone = PortAudioSpeaker(rate=RATE, block=BLOCK), PortAudioMicrophone()
    ear = _ear(EchoStage(far, mixer.duck))
    over = threading.Event()

    def listen() -> None:
        while not over.is_set():
            ear.hear(microphone.read(), 0.0)

    listening = threading.Thread(target=listen)
    speaker.start(fill)
    listening.start()
    began = time.process_time()
    time.sleep(seconds)
    cpu = (time.process_time() - began) / seconds
    over.set()
    listening.join()
    microphone.close()
    speaker.close()
    times = 1000 * np.array(took[1:])
    return {
        "figure": f"the callback of a real stream, {seconds:.0f} s, block 20 ms",
        "callbacks": len(times),
        "median, ms": round(float(np.median(times)), 3),
        "p99, ms": round(float(np.percentile(times, 99)), 3),
        "longest, ms": round(float(times.max()), 2),
        "underflows": speaker.underflows,
        "cpu of the process, speaking and listening, s/s": round(cpu, 3),
        "means": "what is left of the 20 ms is what a busy machine may take without being heard",
    }


def _memory(blocks: int = 500) -> Row:
    """Count what ``blocks`` callbacks leave behind, and the most that one has in hand."""
    mixer, _ = _mixer()
    _talk(mixer, 2 * blocks * BLOCK / RATE)
    out = np.zeros(BLOCK, np.float32)
    for _ in range(blocks // 2):
        mixer.fill(out)
    peaks = np.zeros(blocks, np.int64)  # before the count begins: what measures must not be measured
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for number in range(blocks):
        tracemalloc.reset_peak()
        start = tracemalloc.get_traced_memory()[0]
        mixer.fill(out)
        peaks[number] = tracemalloc.get_traced_memory()[1] - start
    left = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return {
        "figure": f"memory of {blocks} callbacks while the coach talks",
        "left behind, bytes": left,
        "most in hand in one, bytes (median)": int(np.median(peaks)),
        "most in hand in one, bytes (worst)": int(peaks.max()),
        "a block of samples, bytes": out.nbytes,
    }


def _listening() -> list[Row]:
    """Return what an hour of quiet costs, with the recogniser asleep and awake, and how much of speech is passed on."""
    quiet = np.random.default_rng(0).normal(0.0, 1e-4, 60 * EAR_RATE).astype(np.float32)
    found: list[Row] = []
    for name, sleeps in (("asleep in quiet", True), ("always awake", False)):
        language = load_language()
        ear = VoskEar(MODEL, language.phrases, language.decoys, sleeps=sleeps)
        began = time.process_time()
        for first in range(0, len(quiet), EAR_BLOCK):
            ear.hear(quiet[first : first + EAR_BLOCK], 0.0)
        spent = (time.process_time() - began) / 60
        ear.close()
        found.append({"figure": f"a minute of a quiet room, recogniser {name}", "cpu s/s": round(spent, 5)})
    activity = Activity()
    passed = sum(len(activity.take(quiet[first : first + EAR_BLOCK])) for first in range(0, len(quiet), EAR_BLOCK))
    found[0]["blocks passed to the recogniser"] = f"{passed} of {len(quiet) // EAR_BLOCK}"
    found[0]["pre-roll, s"] = PRE_ROLL
    return found


if __name__ == "__main__":
    print(json.dumps(_live(float(sys.argv[1]))))
