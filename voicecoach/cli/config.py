"""``config``: the values in force and where each came from."""

from __future__ import annotations

import json

import click
from rich.markup import escape
from rich.table import Table

from voicecoach.cli.common import Grip, console
from voicecoach.config import keys, shown, user_file
from voicecoach.shipped import shipped


@click.command()
@click.option("--path", "show_path", is_flag=True, help="Print only where your own file is, or would be.")
@click.option("--json", "as_json", is_flag=True, help="The values as one JSON object.")
@click.pass_obj
def config(grip: Grip, show_path: bool, as_json: bool) -> None:
    """Show the settings in force, and where each came from.

    To change one, write it into your own file (`voicecoach config --path`), under the same [section]. Of an address
    that may be a secret only the server is shown, of a command only the program.
    """
    if show_path:
        click.echo(user_file())
        return
    loaded = grip.load()
    values = {
        section: {name: shown(f"{section}.{name}", value) for name, value in entries.items()}
        for section, entries in loaded.config.model_dump().items()
    }
    if as_json:
        click.echo(json.dumps(values, indent=2, ensure_ascii=False))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("setting", "value", "from"):
        table.add_column(heading, no_wrap=heading == "setting", overflow="fold")
    default = str(shipped("config.toml"))
    for key in keys():
        section, name = key.split(".")
        origin = loaded.origins[key]
        source = "[dim]default[/]" if origin.source == default else escape(str(origin))
        table.add_row(key, escape(json.dumps(values[section][name], ensure_ascii=False)), source)
    console().print(table)
    console().print(f"[dim]your own file: {escape(str(user_file()))}[/]", soft_wrap=True)
