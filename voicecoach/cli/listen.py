"""``listen``: try the ear alone."""

from __future__ import annotations

import json
import math
import os
import sys
from dataclasses import replace

import click
import numpy as np

from voicecoach.audio.open import open_microphone, room_of
from voicecoach.calibration.use import calibrated, fitted
from voicecoach.cli.common import Grip, console, folders
from voicecoach.config import Config
from voicecoach.core.events import IDLE, Command, Heard
from voicecoach.hearing.vosk_ear import AddressError
from voicecoach.in_room import open_room, persons_engine
from voicecoach.language import load_language
from voicecoach.ports import EAR_BLOCK, EAR_RATE, DeviceError, EarError, Microphone, Samples, Shortfall
from voicecoach.rig import asked_for, blame, model_named, open_ear
from voicecoach.screen import clock, show_shortfalls

_SETTLE = 1.0  # seconds of silence after a recording, for its last word to be understood


@click.command()
@click.option("--mic", metavar="DEVICE|FILE.wav|room:PLAN.toml", help="The microphone, a recording, a simulated room.")
@click.option("--model", metavar="NAME|PATH", help="The speech model (see `voicecoach model list`).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line for each command understood.")
@click.option("--seconds", type=click.FloatRange(min=0.1), help="Stop after this long.")
@click.pass_obj
def listen(grip: Grip, mic: str | None, model: str | None, as_json: bool, seconds: float | None) -> None:
    """Show which commands are understood, and how loud it is.

    They are shown as they come; Ctrl-C ends it. A recording is heard as fast as the machine can.
    """
    loaded = grip.load(sound__microphone=mic)
    shortfalls: list[Shortfall] = []
    known = calibrated(loaded.config, folders().data, shortfalls)
    language = fitted(load_language(loaded.config.session.language), known)
    env = dict(os.environ)
    try:
        microphone = _open(loaded.config)
    except DeviceError as error:
        raise blame(error, named=asked_for(loaded, "sound.microphone")) from None
    try:
        try:
            # Every command is live here at once, so no phrase may yield to an answer that sounds like it.
            ear, name = open_ear(loaded.config, replace(language, yields={}), folders(), env, shortfalls, model)
        except EarError as error:
            named = bool(model) or model_named(loaded, env) or isinstance(error, AddressError)
            raise blame(error, named=named) from None
        show_shortfalls(console(err=True), shortfalls)
        if not as_json:
            phrases = ", ".join(language.phrases_of(command)[0] for command in Command if command not in IDLE)
            click.echo(f"Listening with {name}. Say one of: {phrases}.")
        ear.listen_for(frozenset(Command))
        meter = _Meter(shown=microphone.live and sys.stderr.isatty())
        blocks, quiet_from = 0, math.inf
        while seconds is None or blocks * EAR_BLOCK < seconds * EAR_RATE:
            at = (blocks + 1) * EAR_BLOCK / EAR_RATE
            if microphone.exhausted:
                quiet_from = min(quiet_from, at)
                if at > quiet_from + _SETTLE:
                    break
            block = microphone.read()
            blocks += 1
            for heard in ear.hear(block, at):
                if isinstance(heard, Heard):
                    meter.clear()
                    _print(heard, as_json=as_json)
            meter.show(block)
        meter.clear()
    except KeyboardInterrupt:
        click.echo("", err=True)  # the usual way to end it
    finally:
        microphone.close()


def _open(config: Config) -> Microphone:
    plan = room_of(config.sound.microphone)
    if plan is None:
        return open_microphone(config.sound.microphone)
    return open_room(plan, rate=EAR_RATE, engine=persons_engine(config.voice.engine)).microphone


def _print(heard: Heard, *, as_json: bool) -> None:
    ended = None if heard.ended_at is None else round(heard.ended_at, 3)
    if as_json:
        found = {"t": round(heard.at, 3), "ended_at": ended, "command": heard.command.value}
        click.echo(json.dumps({**found, "words": heard.words, "partial": heard.partial}))
        return
    late = "" if heard.ended_at is None else f"  {1000 * (heard.at - heard.ended_at):.0f} ms after the word"
    click.echo(f'{clock(heard.at):>8}  {heard.command.value:8} "{heard.words}"{late}')


class _Meter:
    """A level bar on standard error, redrawn in place."""

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown
        self._peak = 0.0
        self._blocks = 0

    def show(self, block: Samples) -> None:
        """Take a block into account; draw five times a second."""
        if not self._shown:
            return
        self._peak = max(self._peak, float(np.abs(block).max(initial=0.0)))
        self._blocks += 1
        if self._blocks % 10 == 0:
            level = 20 * math.log10(max(self._peak, 1e-5))
            bar = "█" * max(0, round((level + 60) / 2))
            warning = "  too loud" if level > -1 else "  nothing comes in" if level < -90 else ""
            click.echo(f"\r{level:6.0f} dBFS {bar:<30}{warning:<18}", nl=False, err=True)
            self._peak = 0.0

    def clear(self) -> None:
        """Make room for a line."""
        if self._shown:
            click.echo("\r" + " " * 64 + "\r", nl=False, err=True)
