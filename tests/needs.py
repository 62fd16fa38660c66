"""What a test needs of the machine: without it the test is skipped with the reason, or fails where CI is set.

Rule: a check never imports what it looks for; the test does.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil

import pytest


def needs(program: str) -> None:
    """Go on only where ``program`` is on the path."""
    if shutil.which(program) is None:
        _do_without(f"the program {program} is not installed")


def needs_espeak() -> None:
    """Go on only where espeak-ng and its library are installed, and pyttsx3 is."""
    needs("espeak-ng")
    _needs_library("libespeak-ng.so.1")
    _needs_package("pyttsx3")


def needs_vosk() -> None:
    """Go on only where Vosk is installed (a model ships with the project)."""
    _needs_package("vosk")


def needs_sound_server() -> None:
    """Go on only where a private PulseAudio can be started and PortAudio can reach it."""
    needs("pulseaudio")
    needs("pactl")
    _needs_library("libportaudio.so.2")
    _needs_package("sounddevice")


def needs_fit() -> None:
    """Go on only where the library that writes workouts for watches is installed."""
    _needs_package("fit_tool")


def needs_calendar_reader() -> None:
    """Go on only where a library that reads calendars, written by others, is installed."""
    _needs_package("icalendar")


def needs_broker() -> None:
    """Go on only where a private mosquitto can be started, and its clients and ours are installed."""
    if shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin") is None:
        _do_without("the program mosquitto is not installed")
    needs("mosquitto_pub")
    needs("openssl")
    _needs_package("paho")


def needs_pins() -> None:
    """Go on only where gpiozero is installed: its mock pins need no Raspberry Pi."""
    _needs_package("gpiozero")


def _needs_library(name: str) -> None:
    try:
        ctypes.CDLL(name)
    except OSError:
        _do_without(f"the library {name} is not installed")


def _needs_package(name: str) -> None:
    if importlib.util.find_spec(name) is None:
        _do_without(f"the package {name} is not installed")


def _do_without(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(f"{reason}, and CI must have it")
    pytest.skip(reason)
