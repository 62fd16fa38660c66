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

EVERYTHING = r"""
title = "Every noun"
summary = "A routine that says all that can be said."
author = "A. Author"
source = "A book: 2nd edition"
frequency = "Three times a week"
opening = "ready"
hold_after_pause = "continue"
verbosity = "short"
voice = "en-gb"
equipment = ["a mat", "a wall"]
contraindications = ["Not after an operation."]
welcome = ["Hello."]
farewell = ["Goodbye."]

[[exercise]]
use = "pelvic-tilt"
reps = [6, 4, 2]
hold = "10 s"
rest = ["30 s", "20 s"]
cues = ["Breathe.", { at = "half", say = "Half: go on." }, { at = "-5 s", say = "Nearly." }]

[[exercise]]
use = "bridge"
dose = "3 x 5-8 breaths, rest 12.5 s, rest 1 min after"
cues = [{ at = "start", say = "Slowly." }]

[[exercise]]
use = "heel-slide"
reps = 6
tempo = "2-0.5-2-1"
rest_between_reps = "3 s"
rest_between_sides = "1:30"
cues = [{ at = "rep 3", say = "Three." }, { at = "every 2 reps", say = "Breathe." }]

[[exercise]]
name = "Push-ups 20 (amrap)"
position = "prone"
exit = "Lie down."
amrap = ["60 s", "45 s"]

[[exercise]]
name = "Balance 30 s, until wobbly"
position = "standing"
exit = "Put the foot down."
limbs = ["right leg", "left leg"]
order = "complete"
time = ["20 s", "30 s", "40 s"]

[[exercise]]
name = "Breathe"
position = "seated"
exit = "Rest."
hold = ["3-4 breaths", "5 breaths"]

[[block]]
[[block.exercise]]
use = "bird-dog"
[[block.exercise]]
use = "bridge"

[[block]]
title = "Rounds"
repeat = 2
rest = "30-60 s"
rest_between = "5 s"
shuffle = true
[[block.exercise]]
use = "pelvic-tilt"
[[block.exercise]]
use = "bridge"

[[block]]
style = "circuit"
repeat = 3
rest = "1 min"
rest_between = "15 s"
[[block.exercise]]
use = "jumping-jack"
time = "30 s"
[[block.exercise]]
use = "plank"
hold = "20 s"
rest_after = "25 s"

[[block]]
title = "Two in turn"
style = "superset"
repeat = 2
rest = "45 s"
[[block.exercise]]
use = "crunch"
reps = 8
[[block.exercise]]
use = "bridge"
reps = 8

[[block]]
title = "On the minute"
style = "emom"
every = "90 s"
lasts = "6 min"
[[block.exercise]]
use = "lunge"
reps = "5-6"
[[block.exercise]]
use = "crunch"
reps = 8

[[block]]
style = "tabata"
[[block.exercise]]
use = "high-knees"
[[block.exercise]]
use = "jumping-jack"

[[block]]
title = "As you like (10 rounds)"
style = "amrap"
lasts = "10 min"
[[block.exercise]]
use = "lunge"
reps = 5
"""
"""Every noun that an author may write."""

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
