"""``service``: have systemd start the coach with the machine, and start it again whenever it ends.

Rule: never as root. Nothing outside the person's own folder is written.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict

import click
from rich.markup import escape

from voicecoach.appliance.manager import Manager, State
from voicecoach.appliance.unit import NAME, unit
from voicecoach.cli.common import CANNOT_GO_ON, Grip, Trouble, console, reason_of
from voicecoach.ports import PortError


@click.group()
def service() -> None:
    """Have systemd start the coach with the machine.

    It runs as you, without anybody logged in, and writes to the journal: journalctl --user -u voicecoach -f
    """


@service.command()
@click.option("--print", "only_print", is_flag=True, help="Print the unit, and do nothing.")
@click.option("--no-start", is_flag=True, help="Write the unit; start nothing.")
@click.pass_obj
def install(grip: Grip, only_print: bool, no_start: bool) -> None:
    """Write the unit, start it, and have it start with the machine. Again: with the settings as they are now.

    Settings are read when it starts: after a change, `voicecoach service install` once more.
    """
    grip.load()  # what is wrong with the settings is said here, and not at every start
    try:
        text = unit(_command(grip))
    except ValueError as error:
        raise Trouble(f"the service cannot be written: {error}") from None
    if only_print:
        click.echo(text, nl=False)
        return
    _not_as_root("install")
    manager = Manager()
    try:
        manager.file.parent.mkdir(parents=True, exist_ok=True)
        manager.file.write_text(text, "utf-8")
    except OSError as error:
        raise Trouble(f"{manager.file} cannot be written: {reason_of(error)}") from None
    click.echo(f"written: {manager.file}")
    if no_start:
        return
    manager.reload()
    manager.start()
    click.echo("started, and from now on with the machine: voicecoach service status")
    if not manager.lingers:
        try:
            manager.linger()
        except PortError as error:
            raise Trouble(
                f"It runs, but ends when you log out, and does not start before you log in. {error}",
                mend=error.mend,
                code=CANNOT_GO_ON,
            ) from None
        click.echo("it runs on when you log out (linger)")


@service.command()
@click.option("--json", "as_json", is_flag=True, help="How it stands, as one JSON object.")
def status(as_json: bool) -> None:
    """Say whether it runs, and since when.

    Ends with 0 where it runs, else with 3, also where that cannot be found out.
    """
    _only_where_there_are_users()
    try:
        state = Manager().state()
    except PortError as error:
        if as_json:
            click.echo(json.dumps({"active": "unknown", "problem": str(error), "mend": error.mend}, indent=2))
        raise Trouble(str(error), mend=error.mend, code=CANNOT_GO_ON) from None
    if as_json:
        click.echo(json.dumps(asdict(state), indent=2))
    else:
        for line in _told(state):
            console().print(line, soft_wrap=True)
    if state.active != "active":
        sys.exit(CANNOT_GO_ON)


def _told(state: State) -> list[str]:
    if not state.installed:
        return ["There is no service. To install it: voicecoach service install"]
    colour = {"active": "green", "activating": "yellow", "failed": "red"}.get(state.active, "yellow")
    since = f" since {escape(state.since)}" if state.since and state.active == "active" else ""
    lines = [f"[{colour}]{state.active}[/]{since}"]
    if state.doing:
        lines.append(f"it says: {escape(state.doing)}")
    if state.wrong:
        lines.append("it was given something wrong, and is not started again: look, put it right, and then")
        lines.append("voicecoach service install")
    elif state.result:
        lines.append(f"it ended last with: {state.result}")
    if state.restarts:
        lines.append(f"started again by systemd: {state.restarts} times")
    lines.append("starts with the machine" if state.enabled else "does not start by itself: voicecoach service install")
    if state.lingers is False:
        lines.append("[yellow]ends when you log out[/]: loginctl enable-linger")
    return [*lines, f"what it says: journalctl --user -u {NAME.partition('.')[0]} -f"]


@service.command()
def uninstall() -> None:
    """Stop it, and take the unit away. Sessions, settings and routines stay."""
    _not_as_root("uninstall")
    manager = Manager()
    if not manager.file.exists():
        click.echo("there is no service")
        return
    manager.stop()
    try:
        manager.file.unlink()
    except OSError as error:
        raise Trouble(f"{manager.file} cannot be taken away: {reason_of(error)}") from None
    manager.reload()
    click.echo(f"taken away: {manager.file}")
    if manager.lingers:
        click.echo("Your other services run on when you log out; if you want none to: loginctl disable-linger")


def _command(grip: Grip) -> list[str]:
    """Return what systemd is to run: this very program, wherever it is installed."""
    config = [] if grip.config_file is None else ["--config", str(grip.config_file.absolute())]
    return [sys.executable, "-m", "voicecoach", *config, "serve"]


def _only_where_there_are_users() -> None:
    """Refuse where there can be no systemd (it asks for the number of the user, which Windows has not)."""
    if not hasattr(os, "getuid") or not hasattr(os, "geteuid"):
        raise Trouble("this system has no systemd, so there is no service", mend="voicecoach serve")


def _not_as_root(command: str) -> None:
    _only_where_there_are_users()
    if os.geteuid() == 0:
        who = os.environ.get("SUDO_USER") or "the user who shall hear it"
        raise Trouble(
            "the service is never installed for root: the sound belongs to a person",
            mend=f"log in as {who} and run: voicecoach service {command}",
        )
