"""Routines to give away: those that ship, and some with everything in them."""

from __future__ import annotations

from pathlib import Path

from tests.exchange.desk import LIBRARY
from voicecoach.config import load_config
from voicecoach.core.routine import Routine
from voicecoach.loading.routines import load_routine
from voicecoach.plan import Plan, plan_routine

SHIPPED = sorted(LIBRARY.routines())

NASTY = r"""
title = "# 1. *Bold* <script>alert(1)</script> & \"quoted\"; a, b"
summary = "- not a list, 1) nor this | nor that `code` [link](x) &amp; \\n"
language = "de"
contraindications = ["+ Nicht bei \\ Schmerz", "=== <img src=x onerror=alert(1)>"]
welcome = ["1. Zuerst das"]

[[block]]
title = "Rounds (2 rounds)"
repeat = 3
rest = "10-20 s"

[[block.exercise]]
name = "Brücke: 3 x 10 - schräg, ja (nein)"
say_as = "_Brücke_"
position = "hook-lying"
equipment = ["- Matte", "Ball: groß"]
setup = ["Assumed: nothing.", "How much: alles"]
exit = "> Senke die Hüfte #"
limbs = ["rechts, oben", "links"]
order = "complete"
sets = "2-3"
reps = "3-5"
hold = "3-4 breaths"
rest = "12.5 s"
rest_between_reps = "4 s"
rest_between_sides = "1:30"
rest_after = "7 s"
assumed = ["hold", "rest_after"]
progress = ["after 3 sessions with pain <= 2: reps +1"]

[[block.exercise]]
name = "Marsch"
position = "standing"
exit = "Stell dich hin."
time = "1-2 min"
tempo = "1-0-1-0.5"
gentle = true
assumed = true

[[exercise]]
name = "So lange es gut tut"
position = "prone"
exit = "Leg dich ab."
open = true
sets = 2
"""

MONITORED = """
title = "After the operation"
pain_policy = "monitored"
prescriber = "Dr. Ada Example"
review_on = 2027-01-31

[pain]
tolerated = 3
ends_above = 4

[[exercise]]
use = "pelvic-tilt"
"""


def routine(folder: Path, text: str) -> Routine:
    (folder / "written.toml").write_text(text, "utf-8")
    return load_routine(folder / "written.toml", LIBRARY)


def shipped_routine(name: str) -> Routine:
    return load_routine(LIBRARY.find(name), LIBRARY)


def compiled(made: Routine) -> Plan:
    return plan_routine(made, load_config(file=None, env={}, options={}))
