"""``demo``: the product for someone with no microphone, no sound card and no patience."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from time import monotonic

import click

from voicecoach import demo as scene
from voicecoach.audio.wav import write_wav
from voicecoach.cli.common import Grip, Trouble, console, folders
from voicecoach.core.person import Room
from voicecoach.core.session import Session
from voicecoach.drive import FileDrive
from voicecoach.host import Host
from voicecoach.loading.routines import load_routine
from voicecoach.plan import library, plan_routine, voice_name
from voicecoach.ports import Shortfall
from voicecoach.repertoire import repertoire
from voicecoach.rig import FILE_BLOCK, FILE_RATE, open_ear
from voicecoach.screen import Transcript, clock, show_shortfalls
from voicecoach.speech.cache import CachedVoice
from voicecoach.speech.engines import open_voice
from voicecoach.speech.mixer import Mixer

_PERSON = "en-gb"
"""The person's accent: not the coach's, so that a listener can tell them apart."""


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("demo.wav"),
    show_default=True,
    help="Where the recording goes: the coach on the left, the person on the right.",
)
@click.pass_obj
def demo(grip: Grip, out: Path) -> None:
    """Play a short session with a second voice, into a WAV file.

    The second voice is a person who interrupts the coach, and is obeyed.

    The person is synthetic. Everything else is real: synthesis, mixer, recognition, session. It needs a voice
    (espeak-ng), but no microphone and no loudspeaker, and takes a few seconds.
    """
    if not out.absolute().parent.is_dir():
        raise Trouble(f"{out}: the folder does not exist", mend=f"mkdir -p {out.absolute().parent}")
    loaded = grip.load()
    made = plan_routine(load_routine(Path(scene.__file__).with_suffix(".toml"), library(loaded)), loaded)
    screen = console()
    places = folders()
    shortfalls: list[Shortfall] = []
    wanted = loaded.config.voice
    with ExitStack() as opened:
        coach = CachedVoice(
            open_voice(wanted.engine, voice_name(loaded.config, made.language), wanted.rate),
            places.cache / "speech",
            loaded.config.storage.cache_mb,
        )
        opened.callback(coach.close)
        voice = open_voice("auto", _PERSON, 150)
        opened.callback(voice.close)
        ear, model = open_ear(loaded.config, made.language, places, dict(os.environ), shortfalls)
        opened.callback(ear.close)
        show_shortfalls(screen, shortfalls)
        screen.print(f"[dim]hearing with {model}[/]")
        recorder, person = scene.Recorder(FILE_RATE, FILE_BLOCK), scene.Person(voice)
        mixer = Mixer(recorder.rate, recorder.block)
        coach.prepare(repertoire(made.program, made.language))
        host = Host(
            Session(made.program, made.person, Room(ask_effort=False)),
            made.language,
            mixer,
            FileDrive(mixer, recorder, person, ear, coach),
            listeners=(Transcript(screen, made.names), person),
        )
        began = monotonic()
        host.run()
        took = monotonic() - began
    sound = scene.stereo(recorder, person)
    write_wav(out, sound, recorder.rate)
    length = len(sound) / recorder.rate
    screen.print(f"\n{clock(length)} of session in {took:.1f} s; written to {out}: coach left, person right.")
