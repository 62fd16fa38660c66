"""Writing a file that a person named.

Rule: what is there already is never written over without ``--force``, and a link that leads nowhere is there already.
"""

from __future__ import annotations

import os
from pathlib import Path

import click

from voicecoach.cli.common import Trouble, reason_of

force_option = click.option("--force", is_flag=True, help="Write over a file that is there.")


def refuse_to_write_over(target: Path, *, force: bool) -> None:
    """Raise ``Trouble`` where a file must not be written, before any work is done for it."""
    if not force and str(target) != "-" and os.path.lexists(target):
        raise Trouble(f"{target} is there already", mend="choose another name, or write over it with --force")


def write_new(target: Path, data: bytes, *, force: bool) -> None:
    """Write a file that is not there yet, or the standard output where the name is "-". Raises ``Trouble``."""
    if str(target) == "-":
        click.echo(data, nl=False)
        return
    try:
        with target.open("wb" if force else "xb") as file:
            file.write(data)
    except FileExistsError:
        refuse_to_write_over(target, force=False)
        raise
    except (OSError, ValueError) as error:
        why = reason_of(OSError(error.errno, error.strerror)) if isinstance(error, OSError) else str(error)
        raise Trouble(f"{target} cannot be written: {why}") from None
