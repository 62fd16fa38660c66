"""``alert``: who is told in an emergency, and a way to try it out before there is one."""

from __future__ import annotations

import click
from rich.markup import escape

from voicecoach.cli.common import CANNOT_GO_ON, Grip, Trouble, console
from voicecoach.config import user_file
from voicecoach.ports import Alarm
from voicecoach.rig import open_alert


@click.command()
@click.option("--test", is_flag=True, help='Tell them, with the reason "test", and say whether that worked.')
@click.pass_obj
def alert(grip: Grip, test: bool) -> None:
    """Show who is told in an emergency, and try it out.

    Set it up in your own file (`voicecoach config --path`), under [alert]: a command, a webhook, or both.

    Ends with 0 when somebody was told, 2 when nothing is set up, 3 when nobody could be told.
    """
    hook = open_alert(grip.load().config)
    if not hook.ways:
        raise Trouble(
            "nobody is told in an emergency: [alert] is not set up",
            mend=f"write into {user_file()}:\n"
            "[alert]\n"
            'command = "notify-send Coach"      # a program of yours, with its arguments; or\n'
            'webhook = "https://ntfy.sh/…"      # an address that a small JSON is posted to',
        )
    screen = console()
    if not test:
        screen.show(f"In an emergency I tell: {escape(', '.join(hook.ways))}")
        screen.show("[dim]Try it out:[/] voicecoach alert --test")
        return
    screen.show(f"Telling {escape(', '.join(hook.ways))} that this is a test …")
    came = hook.tell(Alarm("test"))
    for problem in came.problems:
        screen.show(f"[yellow]! {escape(problem)}[/]")
    if not came.told:
        raise Trouble(
            "nobody was told",
            mend="run the command of [alert] by hand, or look at what the server of its webhook says",
            code=CANNOT_GO_ON,
        )
    screen.show("[green]Somebody was told.[/] Look whether it has arrived.")
