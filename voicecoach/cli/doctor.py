"""``doctor``: what is there, what is missing, and the command that mends it."""

from __future__ import annotations

import json
import math
import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import click
import numpy as np
from rich.markup import escape
from rich.table import Table

from voicecoach import __version__
from voicecoach.audio.open import open_microphone
from voicecoach.audio.soundcards import devices
from voicecoach.cli.common import Grip, console, folders
from voicecoach.config import ConfigError, Loaded, load_config
from voicecoach.hearing.keys import available
from voicecoach.hearing.models import find_model
from voicecoach.language import LanguageError, load_language
from voicecoach.plan import voice_name
from voicecoach.ports import EAR_RATE, PortError, Shortfall
from voicecoach.rig import open_ear
from voicecoach.speech.engines import open_voice
from voicecoach.speech.pyttsx3_voice import voices

_SECONDS_OF_LEVEL = 1.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    subject: str
    state: Literal["good", "fair", "missing"]
    detail: str
    mend: str = ""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The findings as one JSON list.")
@click.pass_obj
def doctor(grip: Grip, as_json: bool) -> None:
    """Look at all that a session needs, and say how to mend it.

    That is: the voice, the speech model, the sound devices and their rates, how loud the microphone is, the keyboard.
    Ends with 0 whatever is missing: it has done what it is for.
    """
    findings: list[Finding] = []
    try:
        loaded = grip.load()
    except ConfigError as error:
        # The page for mending things must open above all when something is wrong: it goes on with the defaults.
        findings.append(Finding("settings", "missing", str(error), "correct or remove that line"))
        loaded = load_config(env={}, user=Path(os.devnull))
    findings += [finding for look in (_system, _voice, _model, _cards, _microphone, _keys) for finding in look(loaded)]
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
        return
    colours = {"good": "green", "fair": "yellow", "missing": "red"}
    table = Table(box=None, show_header=False, pad_edge=False)
    for finding in findings:
        text = escape(finding.detail) + (f"\n[bold]to mend it:[/] {escape(finding.mend)}" if finding.mend else "")
        table.add_row(f"[{colours[finding.state]}]{finding.state}[/]", f"[bold]{finding.subject}[/]", text)
    console().print(table)


def _system(_: Loaded) -> Iterator[Finding]:
    detail = f"voicecoach {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    yield Finding("system", "good", detail)


def _voice(loaded: Loaded) -> Iterator[Finding]:
    wanted = loaded.config.voice
    try:
        name = voice_name(loaded.config, load_language(loaded.config.session.language))
        voice = open_voice(wanted.engine, name, wanted.rate)
    except LanguageError as error:
        yield Finding("language", "missing", str(error), "correct that file, or [session] language")
        return
    except PortError as error:
        yield Finding("voice", "missing", str(error), error.mend)
        return
    try:
        audio = voice.render("This is how I sound.")
        yield Finding("voice", "good", f"{voice.name}, {audio.rate} Hz{_other_voices(name)}")
    except PortError as error:
        yield Finding("voice", "missing", str(error), error.mend)
    finally:
        voice.close()


def _other_voices(name: str) -> str:
    """Return what else could be written into ``[voice] name``: the voices of the same language."""
    language = name.rpartition("/")[2].split("-")[0]
    try:
        ids = {voice.rpartition("/")[2] for voice in voices()}
    except PortError:
        return ""  # another engine speaks here
    near = sorted(voice for voice in ids if voice.split("-")[0] == language and voice != name)
    return f"\n{len(ids)} voices in all; of this language also: {', '.join(near)}" if near else ""


def _model(loaded: Loaded) -> Iterator[Finding]:
    try:
        language = load_language(loaded.config.session.language)
    except LanguageError:
        return  # told with the voice
    shortfalls: list[Shortfall] = []
    env = dict(os.environ)
    try:
        ear, name = open_ear(loaded.config, language, folders(), env, shortfalls)
        ear.close()
        found = find_model(
            None, loaded.config.hearing.model or None, env=env, data=folders().data, language=language.code
        )
    except PortError as error:
        yield Finding("model", "missing", str(error), error.mend)
        return
    if "tiny" in found.name:
        yield Finding(
            "model",
            "fair",
            f"{name}: a start with no download. Measured: it hears 95-98 % of commands from unseen synthetic voices "
            "in a quiet room, 70-81 % beside kitchen noise at 10 dB, and takes 4-21 % of "
            "remarks that hold no command for one.",
            "voicecoach model get",
        )
    else:
        yield Finding("model", "good", name)
    for shortfall in shortfalls:
        yield Finding("model", "fair", shortfall.what, shortfall.mend)


def _cards(_: Loaded) -> Iterator[Finding]:
    try:
        found = devices()
    except PortError as error:
        yield Finding("sound devices", "missing", str(error), error.mend)
        return
    kinds: tuple[tuple[str, Callable[..., bool], Callable[..., bool]], ...] = (
        ("loudspeaker", lambda d: d.outputs > 0, lambda d: d.is_default_output),
        ("microphone", lambda d: d.inputs > 0, lambda d: d.is_default_input),
    )
    for subject, fits, is_default in kinds:
        names = [f"{d.name}{' (default)' if is_default(d) else ''}, {d.rate} Hz" for d in found if fits(d)]
        if names:
            yield Finding(subject, "good", "\n".join(names))
        else:
            yield Finding(subject, "missing", f"There is no {subject}.", "connect one, then run `voicecoach doctor`")


def _microphone(loaded: Loaded) -> Iterator[Finding]:
    spec = loaded.config.sound.microphone
    if spec == "none":
        yield Finding("level", "fair", "The microphone is none.", 'choose one with [sound] microphone = "…"')
        return
    try:
        microphone = open_microphone(spec)
    except PortError as error:
        yield Finding("level", "missing", str(error), error.mend)
        return
    try:
        heard = [microphone.read()]
        while sum(map(len, heard)) < _SECONDS_OF_LEVEL * EAR_RATE:
            heard.append(microphone.read())
    except PortError as error:
        yield Finding("level", "missing", str(error), error.mend)
        return
    finally:
        microphone.close()
    samples = np.concatenate(heard)
    level = 20 * math.log10(max(float(np.sqrt(np.mean(samples**2))), 1e-7))
    if not samples.any():
        mend = "unmute it, or choose another with [sound] microphone"
        yield Finding("level", "missing", "The microphone gives nothing at all: it is muted or not connected.", mend)
    elif np.abs(samples).max() >= 0.99:
        yield Finding("level", "fair", f"{level:.0f} dBFS in a second of listening, and clipping", "turn its gain down")
    else:
        yield Finding("level", "good", f"{level:.0f} dBFS in a second of listening")


def _keys(_: Loaded) -> Iterator[Finding]:
    if available(sys.stdin):
        yield Finding("keyboard", "good", "keys work as commands")
    else:
        yield Finding(
            "keyboard", "fair", "no terminal here: a session can only be steered by voice", "run it in a terminal"
        )
