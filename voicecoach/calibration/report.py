"""What was found out, for people: in plain words first, then in figures, then word by word.

Rule: reads what is kept, so what ``--show`` prints later is what was printed at first; measures nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from rich.markup import escape
from rich.table import Table

from voicecoach.calibration.interview import Try, conclude, recall, replaced
from voicecoach.calibration.measures import CANCELLED_LEAST, CLIPPED_MOST, ENR_MOST, NOISE_LEAST, Devices, advise
from voicecoach.calibration.store import Calibration
from voicecoach.language import Language

_NOTHING = -100.0
"""dBFS below which a microphone gives nothing at all (the least step of 16 bit lies at -90)."""

Row: TypeAlias = tuple[str, str, str]
"""What was measured, the figure, and what it means."""


def in_words(devices: Devices, tries: Sequence[Try], language: Language) -> list[str]:
    """Return the advice, or that there is none to give, and what to say in place of phrases that fail."""
    sentences = language.calibration
    said = [sentences[one.key].format(db=one.db) for one in advise(devices)]
    if not said:
        said = [sentences["fine" if devices.person is not None else "fine_unsure"]]
    verdict = conclude(tries)
    said += [sentences["instead"].format(phrase=a, better=b) for a, b in replaced(verdict, language.phrases)]
    return [*said, *(sentences["hopeless"].format(phrase=phrase) for phrase in verdict.hopeless)]


def in_figures(kept: Calibration) -> Iterator[Row]:
    """Return the figures, each with what it means."""
    found = kept.devices.devices
    noise = "nothing at all" if found.noise < _NOTHING else _dbfs(found.noise)
    yield "noise floor", noise, "how loud it is where nobody speaks"
    if found.person is None or found.over_noise is None:
        yield "you", "not heard", "so it is not known whether you would be heard over the coach"
    else:
        yield "you", _dbfs(found.person), "how loud you are at the microphone"
        over = f"nearly every word is understood from 20 dB on; below {NOISE_LEAST:g} words are lost"
        yield "you over the noise", "all" if found.noise < _NOTHING else _db(found.over_noise), over
    if found.echo is None or found.return_loss is None:
        yield "coach at the microphone", "not heard", "headphones, a loudspeaker far away, or one that is turned off"
    else:
        yield "coach at the microphone", _dbfs(found.echo), f"with a volume of {kept.volume:g}"
        yield "echo return loss", _db(found.return_loss), "what the coach loses between loudspeaker and microphone"
    if found.enr is not None:
        most = f"how much louder the coach is than you; up to {ENR_MOST:g} dB it hears you as in a quiet room"
        yield "coach over you", _db(found.enr), most
    if found.cancelled is not None:
        yield (
            "taken out",
            _db(found.cancelled),
            f"of the coach's voice, before recognising; {CANCELLED_LEAST:g} dB help a little, 20 are good",
        )
    if found.delay is not None:
        yield "delay", f"{1000 * found.delay:.0f} ms", "from the loudspeaker's buffer to the microphone's"
    if found.drift is not None:
        yield "drift", f"{found.drift:+.0f} ppm", "by which the loudspeaker's clock is faster than the microphone's"
    for who, share in (("coach", found.clipped_coach), ("you", found.clipped_person)):
        if share is not None:
            meaning = "samples at full scale" + (": words are distorted" if share > CLIPPED_MOST else "")
            yield f"clipping, {who}", f"{100 * share:.2f} %", meaning


def as_table(rows: Iterable[Row]) -> Table:
    """Return the figures as a table for the terminal."""
    table = Table(box=None, show_header=False, pad_edge=False)
    for what, figure, meaning in rows:
        table.add_row(f"[bold]{what}[/]", figure, f"[dim]{meaning}[/]")
    return table


def word_table(tries: Sequence[Try]) -> Table:
    """Return what was said against what was heard, a line for each phrase, and how often each command was right."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in ("said", "heard right", "nothing", "another", "of its command"):
        table.add_column(head)
    shares = recall(tries)
    for phrase in dict.fromkeys(one.phrase for one in tries):
        came = [one for one in tries if one.phrase == phrase]
        right, asked = shares[came[0].command]
        wrong = [one.words for one in came if one.heard is not None and not one.right]
        missed = sum(one.heard is None for one in came)
        table.add_row(
            escape(phrase),
            _times(sum(one.right for one in came)),
            _times(missed),
            ", ".join(f'"{escape(words)}"' for words in wrong) or "-",
            f"{right} of {asked}",
        )
    return table


def _times(number: int) -> str:
    return "-" if number == 0 else str(number)


def _db(value: float) -> str:
    return f"{value:.1f} dB"


def _dbfs(value: float) -> str:
    return f"{value:.1f} dBFS"
