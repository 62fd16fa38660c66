"""``calibrate``: find out what loudspeaker, microphone, room and voice are like, say what to do, and keep it."""

from __future__ import annotations

import json
import os
import shlex
import sys
import tempfile
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import click

from voicecoach.audio.open import is_recorded, room_of
from voicecoach.audio.room_plan import refuse_unasked
from voicecoach.calibration import store
from voicecoach.calibration.dialogue import Dialogue, Findings
from voicecoach.calibration.interview import askable, conclude
from voicecoach.calibration.measures import advise, volume_for
from voicecoach.calibration.probe import Probe
from voicecoach.calibration.report import as_table, in_figures, in_words, word_table
from voicecoach.calibration.store import Calibration, Figures, Pair, StaleError, Word
from voicecoach.calibration.use import again, pair_of
from voicecoach.cli.common import CANNOT_GO_ON, Grip, Trouble, console, folders
from voicecoach.config import Loaded
from voicecoach.core.manners import QUIETEST
from voicecoach.core.person import VOLUME
from voicecoach.hearing.keys import KeyboardEar, available
from voicecoach.hearing.policy import UNKNOWN
from voicecoach.journal.codec import JournalError
from voicecoach.journal.memory import load_person
from voicecoach.journal.store import NAME, Store
from voicecoach.language import Language, load_language
from voicecoach.ports import DeviceError, PortError
from voicecoach.rig import Rig, build_rig
from voicecoach.screen import Screen, show_shortfalls
from voicecoach.turns import keeps

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voicecoach.calibration.interview import Try
    from voicecoach.core.events import Heard, Overheard


@click.command()
@click.option("--mic", metavar="DEVICE|room:PLAN.toml", help="The microphone, or a simulated room.")
@click.option("--speaker", metavar="DEVICE", help="The loudspeaker.")
@click.option("--no-words", is_flag=True, help="The devices only: about a minute, and one word of yours.")
@click.option("--yes", is_flag=True, help="Speak as softly as is advised from now on, without asking.")
@click.option("--show", is_flag=True, help="Show what is kept of these devices, and measure nothing.")
@click.option("--forget", is_flag=True, help="Forget what is kept of these devices.")
@click.option("--json", "as_json", is_flag=True, help="The result as one JSON object.")
@click.pass_obj
def calibrate(
    grip: Grip, mic: str | None, speaker: str | None, no_words: bool, yes: bool, show: bool, forget: bool, as_json: bool
) -> None:
    """Measure your devices and your voice, and keep what was found.

    The coach speaks and listens to itself, asks you for a word, and reads twenty words with you; a phrase that it does
    not understand from you is replaced by another one. It tells what to do, such as to turn the loudspeaker down.
    Sessions with the same loudspeaker and microphone use the result. Be where you are going to exercise.

    A key is an answer too: Enter for ready, s leaves a word out, e ends it, y and c are yes and no.
    """
    if show and forget:
        raise click.UsageError("--show and --forget cannot be had together")
    loaded = grip.load(
        sound__microphone=mic, sound__speaker=speaker, hearing__ear="vosk", hearing__echo="always", hearing__address=""
    )
    pair = _pair(loaded)
    screen = console(err=as_json)
    language = load_language(loaded.config.session.language)
    if forget:
        _forget(pair, as_json=as_json)
    elif show:
        _show(loaded, pair, language, as_json=as_json)
    else:
        _refuse_no_place(pair)
        if (plan := room_of(loaded.config.sound.microphone)) is not None:
            refuse_unasked(plan, askable(language.phrases))
        kept = _measure(loaded, pair, language, screen, words=not no_words, yes=yes)
        if as_json:
            click.echo(_as_json(kept))
        if screen.failure:
            raise screen.failure


def _pair(loaded: Loaded) -> Pair:
    """Return the devices that are meant. Raises ``DeviceError`` where they cannot be calibrated."""
    pair = pair_of(loaded.config)
    if pair is not None:
        return pair
    sound = loaded.config.sound
    if is_recorded(sound.microphone):
        raise DeviceError(
            f"{sound.microphone} is a recording, and cannot hear the coach.",
            mend="give --mic a device, or room:PLAN.toml for a simulated room",
        )
    what = "microphone" if sound.microphone == "none" else "loudspeaker"
    raise DeviceError(
        f"To calibrate, a loudspeaker and a microphone are needed: the {what} is {getattr(sound, _KEY[what])}.",
        mend="give --mic and --speaker a device, or leave them out (`voicecoach doctor` shows what is there)",
    )


_KEY = {"microphone": "microphone", "loudspeaker": "speaker"}


def _forget(pair: Pair, *, as_json: bool) -> None:
    path = store.path_of(folders().data, pair)
    try:
        there = store.forget(folders().data, pair)
    except OSError as error:
        mend = _clear(path)
        raise Trouble(f"{path} cannot be removed: {_reason(error)}", mend=mend, code=CANNOT_GO_ON) from None
    if as_json:
        found = {"loudspeaker": pair.loudspeaker, "microphone": pair.microphone, "forgotten": there}
        click.echo(json.dumps(found, indent=2))
    else:
        click.echo(f"Forgotten: {pair}." if there else f"Nothing is kept of {pair}.")


def _show(loaded: Loaded, pair: Pair, language: Language, *, as_json: bool) -> None:
    mend = again(loaded.config)
    try:
        kept = store.load(folders().data, pair)
    except StaleError as error:
        raise Trouble(str(error), mend=mend, code=CANNOT_GO_ON) from None
    if kept is None:
        raise Trouble(f"nothing is kept of {pair}", mend=mend, code=CANNOT_GO_ON)
    if as_json:
        click.echo(_as_json(kept))
        return
    screen = console()
    screen.show(f"{kept.loudspeaker} and {kept.microphone}, {kept.made:%Y-%m-%d %H:%M}.")
    _print(screen, kept, language)


def _measure(loaded: Loaded, pair: Pair, language: Language, screen: Screen, *, words: bool, yes: bool) -> Calibration:
    """Hold the dialogue, keep what came of it, and show it."""
    volume = _volume(loaded)
    loaded = replace(
        loaded,
        config=loaded.config.model_copy(update={"sound": loaded.config.sound.model_copy(update={"volume": volume})}),
    )
    # Every command is live here at once, so no phrase may yield to an answer that sounds like it.
    rig = build_rig(
        loaded, replace(language, yields={}), folders(), env=dict(os.environ), stdin=sys.stdin, measuring=True
    )
    try:
        with closing(rig), _keys(rig, language, screen) as keys:
            show_shortfalls(screen, rig.shortfalls)
            _refuse_silence(rig)
            dialogue = Dialogue(
                Probe(rig, keys),
                language,
                rig.echo,
                volume=volume,
                show=lambda text: screen.show(f"» {text}"),
                tried=lambda one: screen.show(_came(one)),
            )
            found = dialogue.measure(words=words)
            kept = _kept(pair, language, volume, found)
            place = _save(kept)
            dialogue.tell(*in_words(found.devices, found.tries, language))
            _follow(dialogue, loaded, language, found, volume, yes=yes)
            dialogue.tell(dialogue.sentence("over"))
    except PortError as error:
        raise Trouble(str(error), mend=error.mend, code=CANNOT_GO_ON) from None
    _print(screen, kept, language)
    screen.show(f"Kept in {place}.")
    return kept


def _refuse_silence(rig: Rig) -> None:
    """Raise ``DeviceError`` where nothing would sound."""
    if not rig.speaker.audible or rig.voice.name.startswith("text"):
        raise DeviceError(
            "To calibrate, the coach must be heard, and it has no loudspeaker or no voice here.",
            mend="voicecoach doctor",
        )


@contextmanager
def _keys(rig: Rig, language: Language, screen: Screen) -> Iterator[SimpleQueue[Heard | Overheard] | None]:
    """Listen to the keyboard, where somebody may be at it."""
    if not (rig.speaker.live and available(sys.stdin)):
        yield None
        return
    typed: SimpleQueue[Heard | Overheard] = SimpleQueue()
    keyboard = KeyboardEar(language.phrases, typed.put, lambda: 0.0, sys.stdin, screen.show)
    keyboard.start()
    try:
        yield typed
    finally:
        keyboard.close()


def _volume(loaded: Loaded) -> float:
    """Return how loud the coach is: as was remembered, else as configured."""
    path = folders().data / NAME
    if keeps(loaded) and path.exists():
        try:
            with closing(Store.open(path)) as journal:
                remembered = load_person(journal, datetime.now().astimezone().date()).volume
        except JournalError:
            remembered = None
        if remembered is not None:
            return remembered
    return loaded.config.sound.volume


def _follow(
    dialogue: Dialogue, loaded: Loaded, language: Language, found: Findings, volume: float, *, yes: bool
) -> None:
    """Speak more softly from now on, if that is advised, possible and wanted."""
    softer = volume_for(advise(found.devices), volume, QUIETEST)
    if softer is None or not keeps(loaded):
        return
    if not (yes or dialogue.offer_volume()):
        dialogue.tell(language.calibration["volume_left"])
        return
    try:
        with closing(Store.open(folders().data / NAME)) as journal:
            journal.remember(VOLUME, softer, datetime.now().astimezone().date().isoformat())
    except JournalError as error:
        raise Trouble(str(error), mend=error.mend, code=CANNOT_GO_ON) from None
    dialogue.tell(language.calibration["volume_least" if softer == QUIETEST else "volume_kept"])


def _kept(pair: Pair, language: Language, volume: float, found: Findings) -> Calibration:
    verdict = conclude(found.tries)
    return Calibration(
        version=1,
        made=datetime.now().astimezone().replace(microsecond=0),
        loudspeaker=pair.loudspeaker,
        microphone=pair.microphone,
        language=language.code,
        volume=volume,
        devices=Figures.of(found.devices),
        words=tuple(map(Word.of, found.tries)),
        left_out=verdict.left_out,
        better=verdict.better,
    )


def _save(kept: Calibration) -> str:
    try:
        return str(store.save(folders().data, kept))
    except OSError as error:
        raise _cannot_keep(error) from None


def _refuse_no_place(pair: Pair) -> None:
    """Raise ``Trouble`` before minutes are spent on what could not be kept."""
    path = store.path_of(folders().data, pair)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise _cannot_keep(error) from None
    if path.is_dir():
        raise Trouble(f"the calibration cannot be kept in {path}: is a folder", mend=_clear(path), code=CANNOT_GO_ON)


def _cannot_keep(error: OSError) -> Trouble:
    place = shlex.quote(str(folders().data))
    return Trouble(
        f"the calibration cannot be kept in {place}: {_reason(error)}",
        mend=f"ls -ld {place}; df -h {place}",
        code=CANNOT_GO_ON,
    )


def _clear(path: Path) -> str:
    """Return the command that frees the place of a file, or shows why it is not free."""
    if path.is_dir():
        return shlex.join(["mv", str(path), f"{path}.old"])
    return shlex.join(["ls", "-ld", str(path.parent), str(path)])


def _reason(error: OSError) -> str:
    return "is a folder" if isinstance(error, IsADirectoryError) else (error.strerror or str(error)).lower()


def _came(one: Try) -> str:
    if one.right:
        return f'  [green]heard[/] "{one.words}"'
    if one.heard is not None:
        return f'  [yellow]heard as[/] "{one.words}"'
    if not one.voice:
        return "  [yellow]nothing heard[/]"
    near = " ".join(word for word in one.words.split() if word != UNKNOWN)
    return "  [yellow]not understood[/]" + (f', but near "{near}"' if near else "")


def _print(screen: Screen, kept: Calibration, language: Language) -> None:
    screen.show("")
    for sentence in in_words(kept.devices.devices, kept.tries, language):
        screen.show(sentence)
    screen.show("")
    screen.print(as_table(in_figures(kept)))
    if kept.words:
        screen.show("")
        screen.print(word_table(kept.tries))


def _as_json(kept: Calibration) -> str:
    devices = kept.devices.devices
    figures: dict[str, Any] = kept.model_dump(mode="json")
    for name in ("return_loss", "enr", "over_noise"):
        value = getattr(devices, name)
        figures["devices"][name] = None if value is None else round(value, 2)
    figures["advice"] = [{"key": one.key, "db": one.db} for one in advise(devices)]
    return json.dumps(figures, indent=2)
