"""``preview``: hear all that a routine says, in a fraction of its time."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from pathlib import Path

import click
from rich.markup import escape

from voicecoach.cli.common import CANNOT_GO_ON, Grip, Trouble, console, folders, plan
from voicecoach.core.events import Line
from voicecoach.core.person import Room
from voicecoach.ports import Audio, PortError
from voicecoach.preview import FASTER, LONGEST_WAIT, Said, lines_of, play
from voicecoach.rehearsal import rehearse
from voicecoach.rig import build_rig
from voicecoach.screen import clock, show_shortfalls
from voicecoach.speech.estimate import scaled_rate
from voicecoach.speech.renderer import render


@click.command()
@click.argument("routine")
@click.option("--speaker", metavar="DEVICE|FILE.wav", help="The loudspeaker, a file in its place, or none.")
@click.option("--voice", metavar="NAME", help="The voice that speaks, such as en-gb.")
@click.option(
    "--speed",
    type=click.FloatRange(1, 4),
    default=FASTER,
    show_default=True,
    help="How much faster than in a session it speaks.",
)
@click.pass_obj
def preview(grip: Grip, routine: str, speaker: str | None, voice: str | None, speed: float) -> None:
    """Hear all that a routine says, fast and without the waits.

    ROUTINE is a name from `voicecoach list` or the path of a file. Nobody is heard, nothing is kept.

    Speech is --speed times as fast as the setting voice.rate, or as fast as the engine goes. Holds, rests and other
    waits are cut, so that the whole may be over faster than --speed says.
    """
    loaded = grip.load(sound__speaker=speaker, voice__name=voice, sound__microphone="none", hearing__ear="none")
    made = plan(routine, loaded)
    screen = console()
    said = list(lines_of(rehearse(made.program, made.speaking, room=Room(attended=False)), made.speaking))
    rate = loaded.config.voice.rate
    factor = scaled_rate(rate, speed) / rate
    failed = 0

    def sound(line: Line) -> Audio | None:
        nonlocal failed
        audio = render(rig.voice, made.language.say(line), factor)
        failed += audio is None
        return audio

    def show(one: Said) -> None:
        screen.show(f"[dim]{clock(one.at):>8}[/]  {escape(made.language.say(one.line))}")

    env, spoken_by = dict(os.environ), made.routine.voice
    rig = build_rig(loaded, made.language, folders(), env=env, stdin=sys.stdin, voice_of_routine=spoken_by)
    with closing(rig):
        show_shortfalls(screen, rig.shortfalls)
        drive = rig.drive()
        try:
            took = play(said, sound, rig.mixer, drive, show)
        except PortError as error:
            raise Trouble(str(error), mend=error.mend, code=CANNOT_GO_ON) from None
        finally:
            drive.close()
    if failed:
        screen.show(f"[yellow]! The voice failed: {failed} of {len(said)} lines were only shown.[/]")
    whole = said[-1].at + made.speaking(said[-1].line)
    screen.show(
        f"[dim]{clock(whole)} of session in {clock(took)}, {whole / took:.1f} times as fast: spoken at "
        f"{scaled_rate(rate, speed)} words a minute ({factor:.1f} times {rate}{_limit(rate, speed)}), "
        f"waits cut to {LONGEST_WAIT:g} s.[/]"
    )
    if speaker and Path(speaker).suffix.casefold() == ".wav":
        screen.show(f"written to {escape(speaker)}")
    if screen.failure:
        raise screen.failure


def _limit(rate: int, speed: float) -> str:
    return ", as fast as the engine goes" if scaled_rate(rate, speed) < round(rate * speed) else ""
