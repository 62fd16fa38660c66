"""``schema``: the form of routine files, for editors."""

from __future__ import annotations

import json
from pathlib import Path

import click

from voicecoach.cli.common import CANNOT_GO_ON, Trouble, reason_of
from voicecoach.schema.files import KINDS, schema_of


@click.command()
@click.argument("kind", type=click.Choice(list(KINDS)), default="routine", required=False)
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    default=Path("-"),
    help="Where it goes; standard output unless given.",
)
def schema(kind: str, out: Path) -> None:
    """Write the JSON Schema of a kind of file, for editors.

    An editor that knows it (VS Code with Even Better TOML, anything with taplo) tells what each key means, and marks
    what is wrong while you type.
    """
    text = json.dumps(schema_of(kind), indent=2, ensure_ascii=False) + "\n"
    if str(out) == "-":
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, "utf-8")
    except OSError as error:
        raise Trouble(f"the schema cannot be written: {reason_of(error)}", code=CANNOT_GO_ON) from None
    click.echo(f"{out}: the schema of {'an' if kind[0] in 'aeiou' else 'a'} {kind} file")
