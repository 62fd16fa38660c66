"""``doctor``: what is there, what is missing, and the command that mends it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from functools import partial
from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table

from voicecoach.checkup import around, machine, sound, speech
from voicecoach.checkup.finding import Finding
from voicecoach.cli.common import Grip, console, folders
from voicecoach.config import ConfigError, load_config


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The findings as one JSON list.")
@click.pass_obj
def doctor(grip: Grip, as_json: bool) -> None:
    """Look at all that a session needs, and say how to mend it.

    That is: packages, disk, clock and heat; the voice and the speech model; the sound server, the devices, how loud
    and how late they are, and their echo; the keyboard; the service. Ends with 0 whatever is missing: it has done what
    it is for.
    """
    findings: list[Finding] = []
    try:
        loaded = grip.load()
    except ConfigError as error:
        # The page for mending things must open above all when something is wrong: it goes on with the defaults.
        findings.append(Finding("settings", "missing", str(error), "correct or remove that line"))
        loaded = load_config(env={}, user=Path(os.devnull))
    looks = (
        machine.system,
        partial(machine.disk, folders()),
        machine.memory,
        machine.clock,
        machine.heat,
        partial(speech.voice, loaded),
        partial(speech.model, loaded, folders()),
        sound.rights,
        sound.server,
        partial(sound.cards, loaded),
        partial(sound.latency, loaded),
        partial(sound.level, loaded),
        partial(sound.echo, loaded, folders()),
        partial(speech.keys, loaded),
        around.service,
    )
    findings += [finding for look in looks for finding in look()]
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
        return
    colours = {"good": "green", "fair": "yellow", "missing": "red"}
    table = Table(box=None, show_header=False, pad_edge=False)
    for finding in findings:
        text = escape(finding.detail) + (f"\n[bold]to mend it:[/] {escape(finding.mend)}" if finding.mend else "")
        table.add_row(f"[{colours[finding.state]}]{finding.state}[/]", f"[bold]{finding.subject}[/]", text)
    console().print(table)
