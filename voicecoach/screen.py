"""What a terminal shows of a session: the coach's lines, the person's words, and where we are.

Rule: fed by the same records as the event file; it never asks the session anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape

from voicecoach.ports import Shortfall
from voicecoach.record import Record

_EFFORT = {"work", "hold", "rest", "switch", "position", "count-in"}


def clock(seconds: float) -> str:
    """Return session time as ``m:ss.s``."""
    tenths = round(seconds * 10)
    return f"{tenths // 600:d}:{tenths // 10 % 60:02d}.{tenths % 10}"


class Screen(Console):
    """What a person sees. One that goes away in the middle of a session shows no more, and the session goes on."""

    failure: OSError | None = None
    """Why nothing more can be shown."""

    def show(self, *things: Any) -> None:
        """Print a line, as long as that is possible."""
        if self.failure is None:
            try:
                self.print(*things, highlight=False, soft_wrap=True)
            except OSError as error:
                self.failure = error

    def on_broken_pipe(self) -> None:
        """Say so (``rich`` would end the program here)."""
        raise BrokenPipeError


_MODES = {
    "paused": "paused",
    "pain": "pain",
    "confirm": "confirm",
    "question": "a question",
    "emergency": "emergency",
}
"""Modes in which everything waits for the person, in words; the others show in the steps."""

_SHOWN_OTHERWISE = frozenset({"alerted", "deafened", "hearing", "set_done"})
"""Notes that repeat what another record shows."""

_STANDBY = {
    "idle": "waiting to be called",
    "asking": "a question",
    "starting": "a session begins",
    "emergency": "an emergency",
}


def _about(entry: Record) -> str:
    return f": {escape(entry['routine'])}" if entry["routine"] else ""


_OF_THE_WORLD: Mapping[str, Callable[[Record], str]] = {
    "overheard": lambda e: f"[dim]heard, and no command: {escape(_heard(e['words']))}[/]",
    "deafened": lambda _: "[red]— your voice cannot be heard —[/]",
    "hearing": lambda _: "[green]— your voice can be heard again —[/]",
    "volume": lambda e: f"[dim]volume {e['level']:.0%}[/]",
    "speech_rate": lambda e: f"[dim]speaks at {e['factor']:.0%} of the usual rate[/]",
    "standby": lambda e: f"[yellow]— {_STANDBY[e['state']]}{_about(e)} —[/]",
    "wanted": lambda e: f"[green]» {escape(e['routine'] or 'a routine')} is wanted[/] [dim]({e['source']})[/]",
    "alert": lambda e: f"[bold red]telling somebody: {escape(e['reason'])}[/]",
    "alerted": lambda e: "[green]somebody was told[/]" if e["told"] else "[bold red]nobody could be told[/]",
}
"""What came of hearing, speaking and telling, a line each."""


def _heard(words: str) -> str:
    """Return what a recogniser made of speech, "…" for what is no word of its grammar."""
    return words.replace("[unk]", "…") or "…"


def _note(entry: Record) -> str:
    fields = {key: value for key, value in entry.items() if key not in {"t", "event", "kind"}}
    # Nought is an answer (no pain at all), and shown; what was not said is not.
    said = ", ".join(f"{key} {value}" for key, value in fields.items() if value is not None and value != "")
    kind = entry["kind"].replace("_", " ")
    return f"{kind}: {said}" if said else kind


class Transcript:
    """Prints a session line by line. ``names`` gives exercises their names, by slug."""

    def __init__(self, screen: Screen, names: Mapping[str, str]) -> None:
        self._screen = screen
        self._names = names

    def __call__(self, entry: Record) -> None:
        """Show one record, or nothing where a person would not miss it."""
        text = self._line(entry)
        if text is not None:
            self._screen.show(f"[dim]{clock(entry['t']):>8}[/]  {text}")

    def _line(self, entry: Record) -> str | None:
        match entry["event"]:
            case "say":
                return f"[bold]{escape(entry['text'])}[/]" if entry["priority"] != "count" else escape(entry["text"])
            case "heard":
                said = f' "{escape(entry["words"])}"' if entry["words"] != entry["command"] else ""
                return f"[green]» {entry['command']}{said}[/] [dim]({entry['source']})[/]"
            case "step" if entry["kind"] in _EFFORT and entry["exercise"]:
                return f"[cyan]{escape(self._place(entry))}[/]"
            case "chime":
                return f"[dim]♪ {entry['kind']}[/]"
            case "mode" if entry["mode"] in _MODES:
                return f"[yellow]— {_MODES[entry['mode']]} —[/]"
            case "note" if entry["kind"] not in _SHOWN_OTHERWISE:
                return f"[yellow]{escape(_note(entry))}[/]"
            case "end":
                return f"[dim]({entry['reason']})[/]"
            case name if name in _OF_THE_WORLD:
                return _OF_THE_WORLD[name](entry)
            case _:
                return None

    def _place(self, entry: Record) -> str:
        parts = [self._names.get(entry["exercise"], entry["exercise"]), f"set {entry['set']}"]
        parts += [f"rep {entry['rep']}"] if entry["rep"] else []
        parts += [entry["limb"]] if entry["limb"] else []
        seconds = entry["seconds"]
        length = "until you say so" if seconds is None else f"{round(seconds, 1):g} s"
        return f"{entry['kind']:>8} {length:>6}  ·  {', '.join(parts)}"


def show_shortfalls(screen: Screen, shortfalls: Iterable[Shortfall]) -> None:
    """Say what is missing, and what mends it."""
    for shortfall in shortfalls:
        screen.show(f"[yellow]! {escape(shortfall.what)}[/]")
        if shortfall.mend:
            screen.show(f"  [dim]to mend it:[/] {escape(shortfall.mend)}")


def show_keys(screen: Screen, legend: Iterable[tuple[str, str]]) -> None:
    """List the keys, a few on a line."""
    entries = [f"[bold]{escape(key)}[/] {escape(meaning)}" for key, meaning in legend]
    screen.show("[dim]keys:[/] " + "  ".join(entries))
