"""The command line: click commands that gather what was asked for, and print.

Rule: nothing imports this package. A command decides nothing about a session, and a person never sees a traceback:
wrong input is one message and exit code 2, what cannot go on is one message and exit code 3.

A command is loaded when it is called: a button that runs `voicecoach send pause` should not wait for the rest.
"""

from __future__ import annotations

from pathlib import Path

import click

from voicecoach import __version__
from voicecoach.cli.group import Grip, Group, Late

_COMMANDS = {
    "run": ("sessions", "Play a routine, by its name or by the path of a file."),
    "serve": ("serve", "Wait to be called, and play what is asked for, again and again."),
    "service": ("service", "Have systemd start the coach with the machine."),
    "rehearse": ("sessions", "Print a session as a transcript, at once and without a device."),
    "list": ("routines", "List the routines that can be played."),
    "show": ("show", "Show what a routine is made of, and how long it takes."),
    "preview": ("preview", "Hear all that a routine says, fast and without the waits."),
    "new": ("new", "Write the file of a new routine."),
    "check": ("check", "Check routine and exercise files: what is wrong, and where."),
    "import": ("exchange", "Make a routine of another program's file, or of a list."),
    "convert": ("exchange", "Give a routine away: to a watch, a calendar, or on paper."),
    "watch": ("watch", "Check and rehearse a file as often as you save it."),
    "schema": ("schema", "Write the JSON Schema of a kind of file, for editors."),
    "history": ("history", "List the sessions so far, the newest first."),
    "report": ("history", "Tell what was coached and left out, and how pain went."),
    "export": ("history", "Write sessions for a spreadsheet or a script, oldest first."),
    "unlock": ("unlock", "Show the exercises that are locked, or unlock one."),
    "listen": ("listen", "Show which commands are understood, and how loud it is."),
    "calibrate": ("calibrate", "Measure your devices and your voice, and keep what was found."),
    "model": ("model", "See, fetch and choose the model that understands speech."),
    "doctor": ("doctor", "Look at all that a session needs, and say how to mend it."),
    "config": ("config", "Show the settings in force, and where each came from."),
    "alert": ("alert", "Show who is told in an emergency, and try it out."),
    "send": ("send", "Give a command to a coach that runs on this machine."),
    "demo": ("demo", "Play a short session with a second voice, into a WAV file."),
}
"""In the order in which a person needs them: in which module each is, and the first sentence of its help."""


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="voicecoach")
@click.option(
    "--config", "config_file", type=click.Path(path_type=Path, dir_okay=False), help="A configuration file of your own."
)
@click.pass_context
def main(context: click.Context, config_file: Path | None) -> None:
    """Coach exercises by voice, hands free and offline.

    A voice reads each exercise aloud, counts and times it, and listens all the while: say "pause", "next", "how",
    "time left", or "pain", and it happens at once.

    \b
    Start here:   voicecoach run first-steps
    See it work:  voicecoach demo
    Mend it:      voicecoach doctor
    """  # noqa: D301 - \b is click's mark for a block that keeps its lines
    context.obj = Grip(config_file)


main.commands = Late(_COMMANDS)
