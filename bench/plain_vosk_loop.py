"""The baseline: the loop that every Vosk tutorial shows. A grammar, ``Result()``, and the whole text as a command."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from voicecoach.core.events import Command
    from voicecoach.ports import Samples

RATE = 16_000
BLOCK = 320


def plain_loop(
    model_path: Path, phrases: Mapping[str, Command], samples: Samples, *, decoys: tuple[str, ...] = ()
) -> list[tuple[Command, float]]:
    """Return the commands heard in ``samples`` (16 kHz) and the second of sound at which each could be obeyed."""
    import vosk

    vosk.SetLogLevel(-1)
    grammar = json.dumps([*phrases, *decoys, "[unk]"])
    recogniser: Any = vosk.KaldiRecognizer(vosk.Model(str(model_path)), RATE, grammar)
    heard = []
    for start in range(0, len(samples), BLOCK):
        block = np.clip(samples[start : start + BLOCK] * 32767.0, -32768, 32767)
        if recogniser.AcceptWaveform(block.astype("<i2").tobytes()):
            text = json.loads(recogniser.Result())["text"].replace("[unk]", " ")
            command = phrases.get(" ".join(text.split()))
            if command:
                heard.append((command, (start + BLOCK) / RATE))
    return heard
