"""``send``: say something to a coach that runs on this machine, by its socket, and follow what it does.

Rule: knows nothing of sessions. It writes one line, reads the answer, and shows the records as they come.
"""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import click

from voicecoach.cli.group import CANNOT_GO_ON, Grip, Trouble
from voicecoach.complaints import suggest
from voicecoach.core.events import Command
from voicecoach.remote.lines import write_line
from voicecoach.remote.unix_socket import path_of

_ANSWER_WITHIN = 5.0
"""Seconds."""


@click.command()
@click.argument("command", nargs=-1, metavar="[COMMAND]")
@click.option("--follow", is_flag=True, help="Print what happens, a JSON object a line, until the coach ends.")
@click.option(
    "--socket", "path", type=click.Path(path_type=Path), metavar="FILE", help="The socket; else that of [socket]."
)
@click.pass_obj
def send(grip: Grip, command: tuple[str, ...], follow: bool, path: Path | None) -> None:
    """Give a command to a coach that runs on this machine.

    COMMAND is the name of a command, such as pause or more rest; "start" and the name of a routine, or alone for
    that of [serve]; "volume" and a number from 0 to 1; or "state", which prints how things are. The coach must have
    a socket: [socket] path = "auto".

    \b
    voicecoach send pause
    voicecoach send volume 0.4
    voicecoach send --follow

    Ends with 0 when it was taken, 2 when it was refused, 3 when no coach listens. What is taken may still mean nothing
    where the session is: it is a word like any other.
    """  # noqa: D301 - \b is click's mark for a block that keeps its lines
    if not command and not follow:
        raise click.MissingParameter(param_hint="'COMMAND'", param_type="argument")
    line = _line(command) if command else None
    with _connected(path or _configured(grip)) as connection, connection.makefile("rb") as stream:
        said = _said(stream)
        if line is not None:
            with suppress(OSError):  # it has hung up: why stands in what it has sent
                connection.sendall(write_line(line))
            _show(_answer(said))
        if follow:
            connection.settimeout(None)
            for entry in said:
                if "event" not in entry:
                    _show(entry)
                click.echo(json.dumps(entry, ensure_ascii=False))
                sys.stdout.flush()


def _line(command: tuple[str, ...]) -> dict[str, Any]:
    """Return what is sent. Raises ``Trouble``."""
    match command:
        case ("start", routine):
            return {"start": routine}
        case ("volume", level):
            try:
                return {"volume": float(level)}
            except ValueError:
                raise Trouble(f"{level} is no volume: a number from 0 to 1") from None
        case ("state",):
            return {"ask": "state"}
        case ("start",):
            return {"start": ""}
        case ("start" | "volume" as kind, *_):
            raise Trouble(f"{kind} needs one word behind it", mend="voicecoach send --help")
        case _:
            _refuse_nearly_ours(" ".join(command))
            return {"command": " ".join(command)}


def _refuse_nearly_ours(words: str) -> None:
    """Raise ``Trouble`` where what is no command of the coach is like one that only this program has."""
    commands = [each.value for each in Command]
    if words.casefold() not in commands and suggest(words, ["state", *commands]) == suggest(words, ["state"]) != "":
        raise Trouble(f"there is no command {words!r}{suggest(words, ['state'])}", mend="voicecoach send state")


def _configured(grip: Grip) -> Path:
    setting = grip.load().config.socket.path
    if not setting:
        raise Trouble(
            "the coach has no socket: [socket] path is not set",
            mend='write path = "auto" below [socket] into your own file (voicecoach config --path)',
        )
    return path_of(setting)


def _connected(path: Path) -> socket.socket:
    if not hasattr(socket, "AF_UNIX"):
        raise Trouble("this system has no such sockets; on Linux and macOS there are", code=CANNOT_GO_ON)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(_ANSWER_WITHIN)
        connection.connect(str(path))
    except OSError as error:
        connection.close()
        raise Trouble(
            f"no coach listens at {path}: {(error.strerror or str(error)).lower()}",
            mend="start one: voicecoach serve, or voicecoach run ROUTINE",
            code=CANNOT_GO_ON,
        ) from None
    return connection


def _said(stream: BinaryIO) -> Iterator[dict[str, Any]]:
    """Give what comes, object by object, until the coach hangs up, dies, or gives no answer within the time."""
    with suppress(OSError):
        for line in stream:
            try:
                entry = json.loads(line)
            except ValueError:
                entry = None
            if not isinstance(entry, dict):
                return  # it died in the middle of a line; or whoever this is, it is no coach
            yield entry


def _answer(said: Iterator[dict[str, Any]]) -> dict[str, Any]:
    for entry in said:
        if "event" not in entry:
            return entry
    raise Trouble("the coach does not answer", mend="voicecoach doctor", code=CANNOT_GO_ON)


def _show(answer: dict[str, Any]) -> None:
    if "error" in answer:
        unknown = str(answer["error"]).startswith("there is no routine")
        raise Trouble(str(answer["error"]), mend="voicecoach list" if unknown else "")
    if "state" in answer:
        click.echo(json.dumps(answer["state"], ensure_ascii=False))
