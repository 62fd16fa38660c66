"""espeak-ng as a program, one process a sentence: the engine to fall back on (13 to 20 ms each, no state to go bad).

Rule: text goes in by standard input, so that no text can be taken for an option.
"""

from __future__ import annotations

import subprocess

from voicecoach.ports import Audio, VoiceError
from voicecoach.speech.estimate import check_rate, shortest_seconds
from voicecoach.speech.pieces import render_pieces
from voicecoach.speech.sound_file import decode
from voicecoach.speech.voice_names import VoiceEntry, find_voice

_PROGRAM = "espeak-ng"
_MEND = "sudo apt install espeak-ng"
_TIMEOUT = 10.0
"""Seconds for one sentence: five hundred times what it takes."""


class EspeakVoice:
    """Speaks with the ``espeak-ng`` program.

    ``voice`` is an id, its last part, a display name or a language code; ``rate`` is words a minute. Raises
    ``VoiceError`` for an impossible rate; a missing program or voice shows at the first rendering.
    """

    def __init__(self, voice: str = "en-us", rate: int = 160) -> None:
        self._voice = voice
        self._rate = check_rate(rate)
        self._found: str | None = None

    @property
    def name(self) -> str:
        """Engine, voice and rate."""
        return f"espeak:{self._voice}:{self._rate}"

    def render(self, text: str) -> Audio:
        """Return ``text`` as sound. Raises ``VoiceError``."""
        return render_pieces(text, self._render_piece)

    def close(self) -> None:
        """Do nothing: there is nothing to let go of between sentences."""

    def _render_piece(self, piece: str) -> Audio:
        # Two opening brackets would begin a list of phonemes.
        spoken = piece.replace("[[", "[ [")
        # Looked up, because espeak-ng takes "en-uss" for some English voice without a word.
        self._found = self._found or find_voice(self._voice, _voice_entries())
        done = _run(f"-v{self._found}", f"-s{self._rate}", "-b1", "--stdin", "--stdout", said=spoken)
        try:
            audio = decode(done.stdout, streamed=True)
        except ValueError as error:
            raise VoiceError(f"espeak-ng gave no usable sound: {error}.", mend=_MEND) from error
        if audio.seconds < shortest_seconds(piece, self._rate):
            raise VoiceError(f'espeak-ng said only {audio.seconds:.2f} s of "{piece[:40]}".', mend=_MEND)
        return audio


def _voice_entries() -> list[VoiceEntry]:
    """Read the table of ``espeak-ng --voices``: priority, language, age and sex, name, file."""
    lines = _run("--voices").stdout.decode("utf-8", "replace").splitlines()[1:]
    rows = [line.split() for line in lines]
    return [VoiceEntry(row[4], row[3].replace("_", " "), row[1]) for row in rows if len(row) > 4]


def _run(*arguments: str, said: str = "") -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            [_PROGRAM, *arguments], input=said.encode(), capture_output=True, timeout=_TIMEOUT, check=True
        )
    except FileNotFoundError as error:
        raise VoiceError("The program espeak-ng is not installed.", mend=_MEND) from error
    except subprocess.CalledProcessError as error:
        problem = error.stderr.decode("utf-8", "replace").strip().rstrip(".") or f"it ended with {error.returncode}"
        raise VoiceError(f"espeak-ng failed: {problem}.", mend=_MEND) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise VoiceError(f"espeak-ng could not be run: {error}.", mend=_MEND) from error
