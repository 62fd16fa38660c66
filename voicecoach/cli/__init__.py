"""The command line: click commands that gather what was asked for, and print.

Rule: nothing imports this package. A command decides nothing about a session, and a person never sees a traceback:
wrong input is one message and exit code 2, what cannot go on is one message and exit code 3.
"""

from __future__ import annotations

from pathlib import Path

import click

from voicecoach import __version__
from voicecoach.cli.alert import alert
from voicecoach.cli.calibrate import calibrate
from voicecoach.cli.check import check
from voicecoach.cli.common import Grip, Group
from voicecoach.cli.config import config
from voicecoach.cli.demo import demo
from voicecoach.cli.doctor import doctor
from voicecoach.cli.exchange import convert, import_
from voicecoach.cli.history import export, history, report
from voicecoach.cli.listen import listen
from voicecoach.cli.model import model
from voicecoach.cli.new import new
from voicecoach.cli.preview import preview
from voicecoach.cli.routines import list_
from voicecoach.cli.schema import schema
from voicecoach.cli.send import send
from voicecoach.cli.serve import serve
from voicecoach.cli.service import service
from voicecoach.cli.sessions import rehearse, run
from voicecoach.cli.show import show
from voicecoach.cli.unlock import unlock
from voicecoach.cli.watch import watch


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


COMMANDS = (
    run,
    serve,
    service,
    rehearse,
    list_,
    show,
    preview,
    new,
    check,
    import_,
    convert,
    watch,
    schema,
    history,
    report,
    export,
    unlock,
    listen,
    calibrate,
    model,
    doctor,
    config,
    alert,
    send,
    demo,
)
for command in COMMANDS:
    main.add_command(command)
