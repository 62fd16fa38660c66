"""Reading routines: what is refused and in which words, what ``use`` merges, in which order things are played."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.named import load_named
from voicecoach.core.dose import Hold, Range, Tempo
from voicecoach.core.routine import Routine
from voicecoach.loading.exercises import load_exercise
from voicecoach.loading.library import Library
from voicecoach.loading.routines import load_routine
from voicecoach.loading.source import RoutineError, slugify
from voicecoach.shipped import shipped

SHIPPED = shipped("routines")
TOP = 'title = "T"\n'
OWN = '[[exercise]]\nname = "B"\nposition = "supine"\nexit = "Out."\n'
HEAD = TOP + OWN
"""Five lines that lack nothing but a dose; what is added to it stands on line 6."""
USE = TOP + '[[exercise]]\nuse = "bridge"\n'
BLOCK = TOP + "[[block]]\n"
MONITORED = 'pain_policy = "monitored"\nprescriber = "Dr. Ada"\nreview_on = 2027-01-31\n'
PAIN = MONITORED + USE + "[pain]\n"
"""Seven lines of a routine with rules for pain of its own, which lack nothing but the rules: those stand on line 8."""
LIMIT = 20.0
"""Seconds that no file may take: generous, for busy machines; the bombs below took minutes and gigabytes."""


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """A folder of one's own in front of the shipped ones."""
    (tmp_path / "own" / "exercises").mkdir(parents=True)
    return Library((tmp_path / "own", SHIPPED))


def refusal(folder: Path, content: str | bytes, library: Library | None = None) -> str:
    """What is said against a routine, without the name of its folder; columns are tested by themselves."""
    path = folder / "r.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(RoutineError) as caught:
        load_routine(path, library or Library((SHIPPED,)))
    text = str(caught.value)
    assert text.isprintable(), "one line, and nothing in it that a terminal would obey"
    assert len(text) < 1000
    return re.sub(r"^([^:]+:\d+):\d+: ", r"\1: ", text.removeprefix(f"{folder}/"))


def read(folder: Path, content: str, library: Library | None = None) -> Routine:
    path = folder / "r.toml"
    path.write_text(content, "utf-8")
    return load_routine(path, library or Library((SHIPPED,)))


MISTAKES = {
    # What is not known is named, with the nearest that is.
    "unknown key of the routine": (
        'titel = "x"\n' + HEAD,
        1,
        "titel: this key is not known here; did you mean 'title'?",
    ),
    "unknown key of a block": (BLOCK + "repat = 2\n", 3, "repat: this key is not known here; did you mean 'repeat'?"),
    "unknown key of an exercise": (HEAD + "rep = 3\n", 6, "rep: this key is not known here; did you mean 'reps'?"),
    "unknown key beside use": (USE + 'pozition = "prone"\n', 4, "did you mean 'position'?"),
    "unknown key in a block's exercise": (BLOCK + "[[block.exercise]]\nuse = 'bridge'\nhodl = 3\n", 5, "'hold'?"),
    "the core's own words": (
        HEAD + 'reps = 3\nslug = "x"\n',
        7,
        "slug: this key is not known here (allowed: amrap, assumed,",
    ),
    "a dose in both ways": (
        HEAD + 'reps = 4\ndose = "3 x 5"\n',
        7,
        'dose = "3 x 5": reps stands here, and as a key of its own: give it once',
    ),
    "a dose by its number": (HEAD + "dose = 5\n", 6, "dose: a dose is written as text (allowed: "),
    "a unit misspelt in a dose": (
        HEAD + 'dose = "2 x 3, hold 3 breathes"\n',
        6,
        'a unit stands here (allowed: "5 s", "5-10 s" or "3 breaths")',
    ),
    "a dose that lacks its measure": (HEAD + 'dose = "rest 30 s"\n', 6, "a dose needs one of reps = 5"),
    "a dose beside its rules": (HEAD + 'dose = "30 s"\nreps = 3\n', 6, "time stands alone"),
    "a table too deep": (USE + "[exercise.dose]\nreps = 3\n", 4, "dose: a dose is written as text"),
    "an unknown exercise": (TOP + '[[exercise]]\nuse = "brigde"\n', 3, "did you mean 'bridge'? (allowed: advanced-"),
    "a key with no letters": (HEAD + '"" = 1\n', 6, "this key is not known here"),
    "a key that rings the bell": (HEAD + '"a\\u0007\\nb" = 1\n', 6, "a��b: this key is not known here"),
    # Tables and lists.
    "nothing": ("", 1, "a routine needs at least one [[exercise]] or [[block]]"),
    "a title alone": (TOP, 1, "a routine needs at least one [[exercise]] or [[block]]"),
    "an empty block": (BLOCK, 2, "a block needs at least one [[block.exercise]]"),
    "the second block empty": (BLOCK + "[[block.exercise]]\nuse = 'bridge'\n[[block]]\n", 5, "a block needs"),
    "exercise = 3": (TOP + "exercise = 3\n", 2, "exercise = 3: this must be a list of tables (allowed: [[exercise]]"),
    "a list of numbers": (TOP + "exercise = [1, 2]\n", 2, "exercise: this must be a list of tables"),
    "single brackets": (TOP + "[exercise]\nuse = 'bridge'\n", 2, "allowed: [[exercise]], in double brackets"),
    "a single block": (TOP + "[block]\n", 2, "allowed: [[block]], in double brackets"),
    "a block's exercise = 3": (BLOCK + "exercise = 3\n", 3, "allowed: [[block.exercise]], in double brackets"),
    "neither use nor name": (
        TOP + '\n[[exercise]]\nposition = "prone"\n',
        3,
        'needs use = "…" (from the library) or a name',
    ),
    "no title": ("[[exercise]]\nuse = 'bridge'\n", 1, "title: this key is missing"),
    "no exit": (TOP + '[[exercise]]\nname = "B"\nposition = "prone"\nreps = 3\n', 2, "exit: this key is missing"),
    "no position": (TOP + '[[exercise]]\nname = "B"\nexit = "Out."\nreps = 3\n', 2, "position: this key is missing"),
    "a table for a title": ("[title]\na = 1\n" + OWN + "reps = 3\n", 1, "title: this must be text"),
    "a table for a hold": (USE + "[exercise.hold]\nseconds = 3\n", 4, "hold: this value does not fit (allowed: "),
    "a dotted key for a hold": (USE + "hold.seconds = 3\n", 4, "hold: this value does not fit (allowed: "),
    # Text.
    "a number for a name": (HEAD.replace('"B"', "3"), 3, "name = 3: this must be text (allowed: words in quotes"),
    "a date for a name": (HEAD.replace('"B"', "1979-05-27"), 3, "name = 1979-05-27: this must be text"),
    "a moment for a title": (
        "title = 1979-05-27T07:32:00Z\n" + OWN + "reps = 3\n",
        1,
        "title = 1979-05-27 07:32:00+00:00: this must",
    ),
    "a number for use": (TOP + "[[exercise]]\nuse = 3\n", 3, "use = 3: this must be text"),
    "a list for use": (TOP + '[[exercise]]\nuse = ["a"]\n', 3, "use = ['a']: this must be text"),
    "no words": (HEAD.replace("Out.", "  "), 5, 'exit = "  ": a line needs words'),
    "a control character": (HEAD.replace("Out.", "Out\\u0007"), 5, 'exit = "Out�": a line is plain text'),
    "a line break": (HEAD.replace("Out.", "Out\\nnow"), 5, 'exit = "Out�now": a line is plain text: no line breaks'),
    "501 characters": (HEAD.replace("Out.", "x" * 501), 5, "this is longer than 500 characters (allowed: split it"),
    "text where lines belong": (
        HEAD + 'reps = 3\nsteps = "one"\n',
        7,
        'steps = "one": this must be a list (allowed: ["',
    ),
    "a number among lines": (HEAD + "reps = 3\nsteps = [1]\n", 7, "steps = 1: this must be text"),
    "the third of many lines": (HEAD + 'reps = 3\nsteps = [\n"a",\n"b", # c\n"",\n]\n', 10, 'steps = "": a line needs'),
    "a list among lines": (HEAD + 'reps = 3\nsteps = [["a"]]\n', 7, "steps = ['a']: this must be text"),
    "an unknown language code": (
        'language = "english"\n' + HEAD + "reps = 3\n",
        1,
        "the code of a language (allowed: such as en",
    ),
    "not a name of an exercise": (HEAD + 'reps = 3\neasier = "Bird Dog"\n', 7, 'small letters, digits and "-"'),
    # One of some words.
    "an unknown position": (HEAD.replace("supine", "lying"), 4, "(allowed: supine, hook-lying, prone, side-lying,"),
    "a number for a position": (HEAD.replace('"supine"', "3"), 4, "position = 3: this is not one of the words"),
    "an unknown order": (HEAD + 'reps = 3\norder = "both"\n', 7, "(allowed: alternate, complete)"),
    "an unknown opening": ('opening = "now"\n' + HEAD + "reps = 3\n", 1, "(allowed: at once, ready)"),
    "an unknown pain policy": ('pain_policy = "lax"\n' + HEAD + "reps = 3\n", 1, "(allowed: strict, monitored)"),
    "true for a word": ("hold_after_pause = true\n" + HEAD + "reps = 3\n", 1, "(allowed: restart, continue)"),
    # Numbers.
    "reps as words": (
        HEAD + 'reps = "many"\n',
        6,
        'reps = "many": reps is written as one number or a range (allowed: a whole',
    ),
    "reps backwards": (HEAD + 'reps = "5-3"\n', 6, 'reps = "5-3": a range runs from low to high (allowed: a whole'),
    "sets backwards": (HEAD + 'reps = 2\nsets = "5-3"\n', 7, "a range runs from low to high"),
    "hold backwards": (HEAD + 'hold = "10-5 s"\n', 6, 'hold = "10-5 s": a range runs from low to high (allowed: "5 s"'),
    "breaths backwards": (HEAD + 'hold = "5-3 breaths"\n', 6, "a range runs from low to high (allowed: "),
    "time backwards": (HEAD + 'time = "10-5 s"\n', 6, "a range runs from low to high (allowed: seconds"),
    "no reps": (HEAD + "reps = 0\n", 6, "reps = 0: reps must be from 1 to 100"),
    "fewer than none": (HEAD + "reps = -3\n", 6, "reps must be from 1 to 100"),
    "too many": (HEAD + 'reps = "99-101"\n', 6, "reps must be from 1 to 100"),
    "half a repetition": (HEAD + "reps = 2.5\n", 6, "(allowed: a whole number from 1 to 100"),
    "half a repetition in words": (HEAD + 'reps = "2.5"\n', 6, "(allowed: a whole number from 1 to 100"),
    "true repetitions": (HEAD + "reps = true\n", 6, "reps = true: this value does not fit (allowed: a whole number"),
    "endless repetitions": (HEAD + "reps = inf\n", 6, "reps = inf: this value does not fit"),
    "21 sets": (HEAD + "reps = 3\nsets = 21\n", 7, "sets must be from 1 to 20"),
    "a time that is none": (HEAD + "time = nan\n", 6, "time = nan: a time in seconds must be from 0 to 3600"),
    "an endless time": (HEAD + "time = inf\n", 6, "a time in seconds must be from 0 to 3600"),
    "a hold that is none": (HEAD + "hold = nan\n", 6, 'hold = nan: this value does not fit (allowed: "5 s"'),
    "an endless rest": (HEAD + "reps = 2\nrest = -inf\n", 7, "a time in seconds must be from 0 to 3600"),
    "an hour and more": (HEAD + 'time = "61 min"\n', 6, "a time in seconds must be from 0 to 3600"),
    "no time": (HEAD + "time = 0\n", 6, "time = 0: time must be at least one second"),
    "an unknown unit": (HEAD + 'time = "2 d"\n', 6, '(allowed: seconds as "30 s", "1 min", "1:30"'),
    "seconds past the minute": (HEAD + 'time = "1:75"\n', 6, '(allowed: seconds as "30 s", "1 min", "1:30"'),
    "a time of day": (HEAD + "hold = 07:32:00\n", 6, 'hold = 07:32:00: this value does not fit (allowed: "5 s"'),
    "a hold of 11 minutes": (HEAD + 'hold = "11 min"\n', 6, "a hold in seconds must be from 1 to 600"),
    "31 breaths": (HEAD + 'hold = "31 breaths"\n', 6, "breaths must be from 1 to 30"),
    "three phases": (
        HEAD + 'reps = 3\ntempo = "2-0-2"\n',
        7,
        '(allowed: four phases in seconds, down-pause-up-pause, such as "2-0-2-1")',
    ),
    "no tempo at all": (HEAD + 'reps = 3\ntempo = "0-0-0-0"\n', 7, "a repetition takes from 1 to 60 seconds in all"),
    "a tempo that is none": (HEAD + 'reps = 3\ntempo = "nan-0-0-1"\n', 7, "(allowed: four phases in seconds"),
    "rounds without number": (
        BLOCK + "repeat = 2.0\n[[block.exercise]]\nuse = 'bridge'\n",
        3,
        "repeat = 2.0: this must be a whole",
    ),
    "51 rounds": (
        BLOCK + "repeat = 51\n[[block.exercise]]\nuse = 'bridge'\n",
        3,
        "this is too large (allowed: at most 50)",
    ),
    "no rounds": (
        BLOCK + "repeat = 0\n[[block.exercise]]\nuse = 'bridge'\n",
        3,
        "this is too small (allowed: at least 1)",
    ),
    "text for true": (HEAD + 'open = "yes"\n', 6, 'open = "yes": this must be true or false'),
    "one for true": (HEAD + "open = 1\n", 6, "open = 1: this must be true or false"),
    "an assumed word": (
        HEAD + 'reps = 3\nassumed = "reps"\n',
        7,
        'assumed = "reps": this value does not fit (allowed: true,',
    ),
    "4000 digits": (HEAD + f"reps = {'9' * 4000}\n", 6, "reps = 9999"),
    "10,000 digits": (HEAD + f"reps = {'9' * 10_000}\n", 6, "a number of thousands of digits"),
    "10,000 hexadecimal digits": (HEAD + f"time = 0x{'f' * 10_000}\n", 6, "time = …: a time in seconds must be from"),
    "a number beyond floats": (HEAD + f"time = 0x{'f' * 1000}\n", 6, "a time in seconds must be from 0 to 3600"),
    "a huge name": (HEAD.replace('"B"', f"0x{'f' * 10_000}"), 3, "name = …: this must be text"),
    "a list of huge numbers": (HEAD + f"reps = [0x{'f' * 10_000}]\n", 6, "reps = …: reps must be from 1 to 100"),
    # Rules for pain: a prescriber's, three figures, until a day.
    "no prescriber": (
        MONITORED.replace('prescriber = "Dr. Ada"\n', "") + USE + "[pain]\ntolerated = 2\n",
        1,
        'pain_policy = "monitored": prescriber is missing, and monitored pain needs it (allowed: prescriber = "…"',
    ),
    "no prescriber's name": (
        PAIN.replace('"Dr. Ada"', '" "') + "tolerated = 2\n",
        2,
        'prescriber = " ": a line needs words',
    ),
    "no review": (
        MONITORED.replace("review_on = 2027-01-31\n", "") + USE + "[pain]\ntolerated = 2\n",
        1,
        "review_on is missing, and monitored pain needs it (allowed: review_on = 2027-01-31, the last day",
    ),
    "no table of pain": (MONITORED + USE, 1, "pain is missing, and monitored pain needs it (allowed: [pain] with tol"),
    "no pain tolerated": (PAIN + "rise = 2\n", 7, "pain: tolerated is missing: the pain that is allowed (allowed: "),
    "an empty table of pain": (PAIN, 7, "pain: tolerated is missing"),
    "pain of its own, but strict": (
        USE + "[pain]\ntolerated = 2\n",
        4,
        "pain: the strict rules for pain are the same in every routine; other figures are a prescriber's (allowed: leave",
    ),
    "the same, said aloud": ('pain_policy = "strict"\n' + USE + "[pain]\n", 5, "pain: the strict rules for pain are"),
    "a number for pain": (
        "pain = 3\n" + MONITORED + USE,
        1,
        "pain = 3: this must be a table (allowed: [pain], in single",
    ),
    "pain in double brackets": (
        MONITORED + USE + "[[pain]]\ntolerated = 2\n",
        7,
        "pain: this must be a table (allowed:",
    ),
    "pain below none": (
        PAIN + "tolerated = -1\n",
        8,
        "tolerated = -1: this does not fit (allowed: a whole number from 0",
    ),
    "more pain than may be": (
        PAIN + "tolerated = 6\n",
        8,
        "tolerated = 6: this does not fit (allowed: a whole number from",
    ),
    "half a point of pain": (PAIN + "tolerated = 2.5\n", 8, "tolerated = 2.5: this does not fit"),
    "pain as text": (PAIN + 'tolerated = "2"\n', 8, 'tolerated = "2": this does not fit'),
    "pain as truth": (PAIN + "tolerated = true\n", 8, "tolerated = true: this does not fit"),
    "an end below what is tolerated": (
        PAIN + "tolerated = 4\nends_above = 3\n",
        9,
        "ends_above = 3: this does not fit (allowed: a whole number from 4 to 7)",
    ),
    "an end above seven": (PAIN + "tolerated = 4\nends_above = 8\n", 9, "(allowed: a whole number from 4 to 7)"),
    "an end that is none": (PAIN + "tolerated = 4\nends_above = inf\n", 9, "ends_above = inf: this does not fit"),
    "no rise": (
        PAIN + "tolerated = 2\nrise = 0\n",
        9,
        "rise = 0: this does not fit (allowed: a whole number from 1 to",
    ),
    "a rise off the scale": (PAIN + "tolerated = 2\nrise = 11\n", 9, "(allowed: a whole number from 1 to 10)"),
    "a rise as truth": (PAIN + "tolerated = 2\nrise = true\n", 9, "rise = true: this does not fit"),
    "a rise in an inline table": (
        "pain = {tolerated = 2, rise = 0}\n" + MONITORED + USE,
        1,
        "rise = 0: this does not fit",
    ),
    "other warning signs": (
        PAIN + 'tolerated = 2\nsigns = ["sign_fall"]\n',
        9,
        "signs = ['sign_fall']: this is the same in every routine, for safety (allowed: ends_above, rise, tolerated)",
    ),
    "a misspelt rule": (PAIN + "tolerate = 2\n", 8, "tolerate: this key is not known here; did you mean 'tolerated'?"),
    "a day that is not": (
        PAIN.replace("2027-01-31", '"2027-02-30"') + "tolerated = 2\n",
        3,
        'review_on = "2027-02-30": this is no day of the calendar (allowed: year, month and day, such as 2027-01-31)',
    ),
    "a day without dashes": (
        PAIN.replace("2027-01-31", '"20270131"') + "tolerated = 2\n",
        3,
        "is no day of the calendar",
    ),
    "a day of the week": (
        PAIN.replace("2027-01-31", '"2027-W04-7"') + "tolerated = 2\n",
        3,
        "is no day of the calendar",
    ),
    "a day and a letter": (
        PAIN.replace("2027-01-31", '"2027-01-31x"') + "tolerated = 2\n",
        3,
        "is no day of the calendar",
    ),
    "a day in other digits": (
        PAIN.replace("2027-01-31", '"\u0662\u0660\u0662\u0667-01-31"') + "tolerated = 2\n",
        3,
        "is no day of the cal",
    ),
    "a moment for a day": (
        PAIN.replace("2027-01-31", "2027-01-31T10:00:00") + "tolerated = 2\n",
        3,
        "is no day of the cal",
    ),
    "a number for a day": (PAIN.replace("2027-01-31", "20270131") + "tolerated = 2\n", 3, "is no day of the calendar"),
    "a wrong day without a use": (
        'review_on = "soon"\n' + USE,
        1,
        'review_on = "soon": this is no day of the calendar',
    ),
    # Where "easier" and "harder" lead.
    "a link to nothing": (
        HEAD + 'reps = 3\neasier = "brigde"\n',
        7,
        "no such exercise; did you mean 'bridge'? (allowed: adv",
    ),
    "a link of a used exercise": (
        USE + 'harder = "bird-dogs"\n',
        4,
        "the library has no such exercise; did you mean 'bird-",
    ),
    "a link in a block": (
        BLOCK + "[[block.exercise]]\nuse = 'bridge'\neasier = 'x'\n",
        5,
        'easier = "x": the library has',
    ),
    "a link to itself": (USE + 'easier = "bridge"\n', 4, "an exercise is not its own easier form (allowed: another"),
    # How a dose grows.
    "progress as text": ('progress = "reps +1"\n' + USE, 1, 'progress = "reps +1": this must be a list'),
    "progress as a number": (USE + "progress = 3\n", 4, "progress = 3: this must be a list"),
    "a number for a rule": (USE + "progress = [3]\n", 4, 'progress = 3: this value does not fit (allowed: "after 3'),
    "the second of two rules": (
        USE + 'progress = [\n"after 3 sessions with pain <= 2: reps +1",\n"after a while: hold +2 s",\n]\n',
        6,
        'progress = "after a while: hold +2 s": this value does not fit (allowed: "after 3 sessions with pain <= 2: reps +1"',
    ),
    "a rule without pain": (
        USE + 'progress = ["after 3 sessions: reps +1"]\n',
        4,
        'this value does not fit (allowed: "after',
    ),
    "a rule that goes down": (
        USE + 'progress = ["after 3 sessions with pain <= 2: reps -1"]\n',
        4,
        "this value does not fit",
    ),
    "a rule for nothing": (
        USE + 'progress = ["after 3 sessions with pain <= 2: rep +1"]\n',
        4,
        "rep is nothing that can grow (allowed: ",
    ),
    "no sessions": (
        USE + 'progress = ["after 0 sessions with pain <= 2: reps +1"]\n',
        4,
        "sessions must be from 1 to 50",
    ),
    "pain in progress": (
        USE + 'progress = ["after 3 sessions with pain <= 6: reps +1"]\n',
        4,
        "the pain of a rule must be from 0 to 5",
    ),
    "a step too large": (
        USE + 'progress = ["after 3 sessions with pain <= 2: reps +6"]\n',
        4,
        "one step of reps must be from 1 to 5",
    ),
    "no step": (
        USE + 'progress = ["after 3 sessions with pain <= 2: hold +0 s"]\n',
        4,
        "one step of hold must be from 1 to",
    ),
    "three breaths": (
        USE + 'progress = ["after 3 sessions with pain <= 2: hold +3 breaths"]\n',
        4,
        "hold must be from 1 to 2",
    ),
    "a hold without unit": (
        USE + 'progress = ["after 3 sessions with pain <= 2: hold +2"]\n',
        4,
        "hold grows by seconds or breaths (allowed: ",
    ),
    "a hold in minutes": (
        USE + 'progress = ["after 3 sessions with pain <= 2: hold +1 min"]\n',
        4,
        "hold grows by seconds or",
    ),
    "a time in breaths": (
        USE + 'progress = ["after 3 sessions with pain <= 2: time +1 breath"]\n',
        4,
        "time grows by seconds (",
    ),
    "reps in seconds": (
        USE + 'progress = ["after 3 sessions with pain <= 2: reps +1 s"]\n',
        4,
        "reps are counted, without",
    ),
    "two rules for one thing": (
        USE + 'progress = ["after 3 sessions with pain <= 2: reps +1", "after 4 sessions with pain <= 1: reps +2"]\n',
        4,
        "reps has two rules here; one is enough",
    ),
    "a rule for what is not there": (
        USE
        + 'progress = ["after 3 sessions with pain <= 2: reps +1",\n"after 3 sessions with pain <= 2: time +5 s"]\n',
        5,
        'progress = "after 3 sessions with pain <= 2: time +5 s": there is no time here that could grow',
    ),
    "a rule for breaths where there are seconds": (
        USE + 'progress = ["after 3 sessions with pain <= 2: hold +1 breath"]\n',
        4,
        "there is no hold in breaths here that could grow",
    ),
    "a rule without room": (
        USE + 'progress = ["after 6 sessions with pain <= 2: sets +1"]\n',
        4,
        'sets has no room to grow from 1; give it some, such as sets = "1-2"',
    ),
    "a breath without room": (
        HEAD + 'hold = "1 breath"\nprogress = ["after 6 sessions with pain <= 2: hold +1 breath"]\n',
        7,
        'hold has no room to grow from 1; give it some, such as hold = "1-2 breaths"',
    ),
    "a routine's rule for nobody": (
        'progress = [\n"after 3 sessions with pain <= 2: reps +1",\n"after 3 sessions with pain <= 2: time +5 s"]\n'
        + USE,
        3,
        "no exercise here has what this would move, with room to grow (allowed: a range in the dose, such as reps",
    ),
    # What does not go together: on the line of the key that says too much.
    "reps and time": (
        HEAD + 'reps = 3\ntime = "30 s"\n',
        7,
        'time = "30 s": time stands alone: give either time, or reps and hold',
    ),
    "open and reps": (HEAD + "reps = 3\nopen = true\n", 7, "open = true: open = true stands alone: leave out reps"),
    "assumed of nothing": (
        HEAD + 'reps = 3\nassumed = ["rep"]\n',
        7,
        "assumed = ['rep']: assumed names keys of the dose",
    ),
    "no dose": ("\n" + HEAD, 3, 'a dose needs one of reps = 5, time = "30 s", hold = "10 s" or open = true'),
    "a tempo alone": (HEAD + 'tempo = "1-1-1-1"\n', 2, "a dose needs one of reps = 5"),
    "3000 sets": (
        BLOCK + "repeat = 50\n" + "[[block.exercise]]\nuse = 'bridge'\nsets = 20\n" * 3,
        1,
        "asks for 3000 sets in all; at most",
    ),
    "a day and more": (
        BLOCK + "repeat = 50\n[[block.exercise]]\nuse = 'bridge'\nsets = 20\nreps = 100\n",
        1,
        "hours of effort and rest; at most 24",
    ),
    # What is no TOML.
    "words": ("hello there\n", 1, "this is not TOML: expected '=' after a key"),
    "bare words": (HEAD + "reps = three\n", 6, "this is not TOML: a value is text in quotes, a number"),
    "an open quote": (HEAD + 'reps = "3\n', 6, "this is not TOML: a quote is open at the end of the line"),
    "an open bracket": (HEAD + 'steps = ["a",\n', 6, "this is not TOML: a value is"),
    "a key twice": (HEAD + "reps = 3\nreps = 4\n", 7, "this is not TOML: this key stands here for the second time"),
    "title twice": (TOP + HEAD, 2, "this is not TOML: this key stands here for the second time"),
    "a table twice": ("[a]\n[a]\n", 2, "this is not TOML: cannot declare"),
    "a lone surrogate": (HEAD.replace('"B"', '"\\ud800"'), 3, "this is not TOML: "),
    "old Macintosh lines": (HEAD.replace("\n", "\r"), 1, "this is not TOML: "),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, name: str) -> None:
    content, line, words = MISTAKES[name]
    said = refusal(tmp_path, content)
    assert said.startswith(f"r.toml:{line}: "), said
    assert words in said


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (
            HEAD.encode() + 'reps = "drei für"\n'.encode("latin-1"),
            6,
            "is not text in UTF-8 (allowed: save the file as UTF-8)",
        ),
        (HEAD.encode("utf-16"), 1, "is not text in UTF-8"),
        (HEAD.encode() + b"\x00\n", 6, "this is not TOML: "),
        (b"\x00" * 100, 1, "this is not TOML: "),
        (b"#" * (256 * 1024 + 1), 1, "is larger than 256 KB"),
    ],
    ids=["latin-1", "utf-16", "a zero byte", "zero bytes", "too large"],
)
def test_bytes_that_are_no_text_are_refused(tmp_path: Path, content: bytes, line: int, words: str) -> None:
    said = refusal(tmp_path, content)
    assert said.startswith(f"r.toml:{line}: {words}"), said


def test_a_file_as_large_as_allowed_is_read(tmp_path: Path) -> None:
    routine = HEAD + "reps = 3\n"
    filled = routine + "#" * (256 * 1024 - len(routine))
    assert len(read(tmp_path, filled).exercises) == 1


BOMBS = {
    "brackets": ("a = " + "[" * 100_000, "hundreds of brackets"),
    "closed brackets": ("a = " + "[" * 20_000 + "]" * 20_000, "hundreds of brackets"),
    "braces": ("a = " + "{a = " * 40_000, "hundreds of brackets"),
    "a dotted key": (".".join("a" * 50_000) + " = 1", "a key of more than 16 parts"),
    "a dotted table": (f"[{'.'.join('a' * 50_000)}]", "a key of more than 16 parts"),
    "a dotted list of tables": (f"[[ {' . '.join('a' * 40_000)}]]", "a key of more than 16 parts"),
    "quoted parts": (HEAD + " . ".join(['"="'] * 30_000) + " = 1", "a key of more than 16 parts"),
    "parts with quotes in them": ("\t.".join([r'"\""'] * 30_000) + " = 1", "a key of more than 16 parts"),
    "dots in an inline table": (f"a = {{b = 1, {'.'.join('a' * 50_000)} = 1}}", "a key of more than 16 parts"),
    "a dotted key without an end": ("a." * 120_000, "a key of more than 16 parts"),
    "a dotted table without an end": ("[" + "a ." * 80_000, "a key of more than 16 parts"),
    "dots in an inline table without an end": ("a = {" + '"a".' * 60_000, "a key of more than 16 parts"),
    "line breaks": ("\n" * 250_000, "at least one"),
    "quotes": ("'" * 250_000, "not TOML"),
    "commas and quotes": (",'\"" * 80_000, "not TOML"),
    "digits": ("9" * 250_000 + " = 1", "not known"),
    "uses": (TOP + '[[exercise]]\nuse = "bridge"\n' * 9_000, "at most 2000"),
    "inline uses": (TOP + "exercise = [" + '{use = "bridge"},' * 15_000 + "]", "at most 2000"),
    "lines that are none": (USE + "steps = [" + "1," * 120_000 + "]", "must be text"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_does_not_go_off(tmp_path: Path, name: str) -> None:
    content, words = BOMBS[name]
    assert len(content) <= 256 * 1024, "or it would be refused for its size alone"
    began = time.monotonic()
    assert words in refusal(tmp_path, content)
    assert time.monotonic() - began < LIMIT


def test_many_dots_in_a_sentence_are_no_bomb(tmp_path: Path) -> None:
    dots = ", " + "a." * 40
    assert read(tmp_path, HEAD.replace("Out.", "e.g. 1.2.3." * 20) + f"reps = 3\n# {dots}\nsay_as = '{dots}'\n").blocks


def test_what_cannot_be_opened_is_told(tmp_path: Path) -> None:
    library = Library((SHIPPED,))
    folder = tmp_path / "folder.toml"
    folder.mkdir()
    for path, reason in (
        (tmp_path / "none.toml", "cannot be read: no such file or directory (allowed: `voicecoach list`"),
        (folder, "cannot be read: is a folder"),
        (tmp_path / "none.toml" / "inside.toml", "cannot be read: no such file"),
        (tmp_path / "zero\0byte.toml", "cannot be read: embedded null byte"),
        (tmp_path / f"{'x' * 300}.toml", "cannot be read: file name too long"),
    ):
        with pytest.raises(RoutineError) as caught:
            load_routine(path, library)
        shown = str(path).replace("\0", "\ufffd")
        assert str(caught.value).startswith(f"{shown}:1: {reason}"), caught.value


def test_a_file_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "secret.toml"
    path.write_text(HEAD)
    path.chmod(0)
    if os.access(path, os.R_OK):  # root may read everything: let the kernel refuse it for another reason
        path = Path("/proc/self/mem")
    with pytest.raises(RoutineError, match=rf"^{path}:1: cannot be read: "):
        load_routine(path, Library((SHIPPED,)))


def test_a_mark_and_the_line_ends_of_windows_are_no_mistake(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + (HEAD + "reps = 3\n").replace("\n", "\r\n").encode()
    (tmp_path / "r.toml").write_bytes(content)
    assert load_routine(tmp_path / "r.toml", Library((SHIPPED,))).title == "T"
    said = refusal(tmp_path, content + b"rest = 'long'\r\n")
    assert said.startswith("r.toml:7: rest = "), said


def test_a_mistake_in_the_library_is_told_where_it_is(tmp_path: Path, library: Library) -> None:
    broken = tmp_path / "own" / "exercises" / "bridge.toml"
    broken.write_text('name = "Bridge"\nposition = "hook-lying"\nexit = "Down."\n\nhold = "long"\n')
    said = refusal(tmp_path, USE, library)
    assert said.startswith('own/exercises/bridge.toml:5: hold = "long": '), said
    broken.write_text('name = "Bridge"\nposition = "hook-lying"\nexit = "Down."\nreps = 3\n\nharder = "brigde"\n')
    assert refusal(tmp_path, USE, library).startswith(
        "own/exercises/bridge.toml:6: harder = \"brigde\": the library has no such exercise; did you mean 'bridge'?"
    )
    broken.write_text('use = "bridge"\n')
    assert refusal(tmp_path, USE, library).startswith("own/exercises/bridge.toml:1: use: this key is not known here")


# --- What use merges --------------------------------------------------------------------------------------------------

LIBRARY_EXERCISES = {
    "held": 'reps = "3-5"\nhold = "10 s"\nsets = 2\nrest = "20 s"\nassumed = ["reps", "rest"]\ntempo = "2-0-2-1"\n',
    "timed": 'time = "30 s"\ntempo = "1-1-1-1"\nassumed = true\n',
    "open": "open = true\n",
}


@pytest.mark.parametrize(
    ("slug", "own", "expected"),
    [
        ("held", "", {"reps": Range(3, 5), "hold": Hold(Range(10, 10)), "sets": Range(2, 2), "rest": Range(20, 20)}),
        ("held", "reps = 8", {"reps": Range(8, 8), "hold": Hold(Range(10, 10)), "sets": Range(2, 2)}),
        ("held", 'hold = "3 breaths"', {"reps": Range(3, 5), "hold": Hold(Range(3, 3), breaths=True)}),
        ("held", 'reps = 2\nhold = "5 s"', {"reps": Range(2, 2), "hold": Hold(Range(5, 5))}),
        ("held", 'time = "40 s"', {"time": Range(40, 40), "reps": None, "hold": None, "sets": Range(2, 2)}),
        ("held", "open = true", {"open": True, "reps": None, "hold": None}),
        ("held", 'tempo = "3-0-3-0"', {"tempo": Tempo(3, 0, 3, 0), "reps": Range(3, 5), "hold": Hold(Range(10, 10))}),
        ("held", 'hold = "5 s"\ntempo = "3-0-3-0"', {"reps": Range(3, 5), "hold": Hold(Range(5, 5))}),
        ("held", "sets = 3", {"sets": Range(3, 3), "reps": Range(3, 5)}),
        ("timed", "reps = 4", {"time": None, "reps": Range(4, 4), "tempo": Tempo(1, 1, 1, 1)}),
        ("timed", 'time = "40 s"', {"time": Range(40, 40), "tempo": Tempo(1, 1, 1, 1)}),
        ("timed", 'hold = "10 s"', {"time": None, "hold": Hold(Range(10, 10))}),
        ("open", 'hold = "10 s"', {"open": False, "hold": Hold(Range(10, 10))}),
    ],
)
def test_the_routine_s_measure_takes_the_place_of_the_library_s(
    tmp_path: Path, library: Library, slug: str, own: str, expected: dict[str, object]
) -> None:
    write_exercises(tmp_path / "own" / "exercises")
    [exercise] = read(tmp_path, f'{TOP}[[exercise]]\nuse = "{slug}"\n{own}\n', library).exercises
    assert {key: getattr(exercise.dose, key) for key in expected} == expected


@pytest.mark.parametrize(
    ("slug", "own", "assumed"),
    [
        ("held", "", ("reps", "rest")),
        ("held", "reps = 8", ("rest",)),
        ("held", 'reps = 8\nrest = "1 min"', ()),
        ("held", 'time = "40 s"', ("rest",)),
        ("held", 'reps = 8\nassumed = ["reps"]', ("reps",)),
        ("held", "assumed = false", False),
        ("timed", "reps = 3", True),
    ],
)
def test_what_the_routine_says_is_no_longer_assumed(
    tmp_path: Path, library: Library, slug: str, own: str, assumed: object
) -> None:
    write_exercises(tmp_path / "own" / "exercises")
    [exercise] = read(tmp_path, f'{TOP}[[exercise]]\nuse = "{slug}"\n{own}\n', library).exercises
    assert exercise.dose.assumed == assumed


def write_exercises(folder: Path) -> None:
    for slug, dose in LIBRARY_EXERCISES.items():
        (folder / f"{slug}.toml").write_text(f'name = "{slug}"\nposition = "prone"\nexit = "Rest."\n{dose}')


def test_words_of_the_routine_take_the_place_of_the_library_s(tmp_path: Path) -> None:
    [mine] = read(tmp_path, USE + 'name = "My bridge"\nsteps = ["Up."]\n').exercises
    theirs = load_exercise(SHIPPED / "exercises" / "bridge.toml")
    assert (mine.slug, mine.name, mine.steps) == ("bridge", "My bridge", ("Up.",))
    assert mine.model_copy(update={"name": theirs.name, "steps": theirs.steps}) == theirs


def test_the_same_exercise_twice_in_two_doses(tmp_path: Path) -> None:
    routine = read(tmp_path, USE + "reps = 2\n[[exercise]]\nuse = 'bridge'\n[[exercise]]\nuse = 'bridge'\nreps = 4\n")
    assert [str(exercise.dose.reps) for exercise in routine.exercises] == ["2", "3-5", "4"]


# --- Order, names, folders --------------------------------------------------------------------------------------------


def test_blocks_and_exercises_are_played_in_the_order_of_the_file(tmp_path: Path) -> None:
    one = '[[exercise]]\nname = "{}"\nposition = "prone"\nexit = "Rest."\nreps = 1\n'
    inner = one.replace("[[exercise]]", "[[block.exercise]]")
    text = one.format("A") + "[[block]]\nrepeat = 2\n" + inner.format("B") + inner.format("C")
    text += one.format("D") + "[[block]]\n" + inner.format("E") + one.format("F")
    routine = read(tmp_path, TOP + text)
    assert [[e.name for e in block.exercises] for block in routine.blocks] == [["A"], ["B", "C"], ["D"], ["E"], ["F"]]
    assert [block.repeat for block in routine.blocks] == [1, 2, 1, 1, 1]


def test_inline_tables_are_tables_too(tmp_path: Path) -> None:
    assert [
        e.slug for e in read(tmp_path, TOP + 'exercise = [\n{use = "bridge"},\n{use = "bird-dog"}]\n').exercises
    ] == [
        "bridge",
        "bird-dog",
    ]
    said = refusal(tmp_path, TOP + 'exercise = [\n{use = "bridge"},\n\n{use = "bird-dog", reps = 0}]\n')
    assert said.startswith("r.toml:5: reps = 0: "), said


def test_the_first_folder_that_has_a_name_wins(tmp_path: Path, library: Library) -> None:
    mine = tmp_path / "own" / "first-steps.toml"
    mine.write_text(USE.replace('"T"', '"Mine"'))
    (tmp_path / "own" / "exercises" / "bridge.toml").write_text(
        'name = "My bridge"\nposition = "hook-lying"\nexit = "Down."\nreps = 2\n'
    )
    routine = load_named("first-steps", library)
    assert (routine.title, routine.slug) == ("Mine", "first-steps")
    assert routine.exercises[0].name == "My bridge"
    assert library.routines()["first-steps"] == mine
    assert library.routines()["gentle-start"] == SHIPPED / "gentle-start.toml"
    assert load_named("first-steps", Library((SHIPPED, tmp_path / "own"))).title != "Mine"


def test_a_name_is_looked_up_and_a_path_is_taken_as_it_is(
    tmp_path: Path, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("first-steps.toml").write_text(USE.replace('"T"', '"Here"'))
    Path("mine").write_text(USE.replace('"T"', '"No ending"'))
    assert load_named("first-steps", library).title == "First steps"
    assert load_named("first-steps.toml", library).title == "Here"
    assert load_named("./mine", library).title == "No ending"
    with pytest.raises(
        RoutineError, match=r"^gentle-strt: there is no routine of this name; did you mean 'gentle-start'\? "
    ):
        load_named("gentle-strt", library)
    with pytest.raises(RoutineError, match=r"^none\.toml:1: cannot be read"):
        load_named("none.toml", library)


def test_folders_that_are_none_hold_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    library = Library((tmp_path / "none", tmp_path / "file", tmp_path / "zero\0byte", SHIPPED))
    assert load_named("first-steps", library).title == "First steps"


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Bird dog!", "bird-dog"),
        ("../../etc/passwd", "etc-passwd"),
        ("Übung 3", "bung-3"),
        ("!!!", "unnamed"),
        ("x" * 99, "x" * 80),
    ],
)
def test_a_name_becomes_fit_for_files(name: str, slug: str) -> None:
    assert slugify(name) == slug


# --- Whatever a file holds --------------------------------------------------------------------------------------------

SHIPPED_TEXTS = {path.name: path.read_text("utf-8") for path in sorted(SHIPPED.glob("*.toml"))}
SHREDS = [
    "[[exercise]]\n", "[exercise]\n", "[[block]]\n", "[[block.exercise]]\n", 'use = "bridge"\n', "reps = 3\n", "sets = ",
    'hold = "5-3 s"\n', "nan", "inf", "1979-05-27", "07:32:00", '"""', "'''", '"', "'", "[", "]", "{", "}", ",", "#", "\n",
    "\r\n", "\r", "\\", "\\u0000", "\0", "é", "\ufeff", "\u2028", "=", ".", "0x" + "f" * 5000, "9" * 5000, "-1", "true",
    "x" * 600, 'assumed = ["reps"]\n', "time = 3\n", "open = true\n",
    "[pain]\n", "tolerated = 3\n", 'pain_policy = "monitored"\n', "review_on = 2027-01-31\n", 'prescriber = "P"\n',
    'progress = ["after 3 sessions with pain <= 2: reps +1"]\n', "easier = 'x'\n", 'language = "de"\n', "[" * 300,
]  # fmt: skip

whatever = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def load_or_refuse(path: Path, library: Library) -> None:
    try:
        load_routine(path, library)
    except RoutineError as error:
        assert re.match(rf"{re.escape(str(path))}:\d+:(\d+:)? ", str(error)), error  # noqa: PT017 - either way is right
        assert error.line is not None  # noqa: PT017
        assert 1 <= error.line <= max(1, path.read_bytes().count(b"\n") + 1)  # noqa: PT017
        for one in error.all:
            assert one.shown.replace("\n", "").isprintable()
            if one.spot:
                assert 1 <= one.spot.column <= len(one.excerpt) + 2


@whatever
@given(content=st.binary(max_size=300))
def test_random_bytes_are_read_or_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "r.toml").write_bytes(content)
    load_or_refuse(tmp_path / "r.toml", Library((SHIPPED,)))


@whatever
@given(data=st.data())
def test_a_spoilt_routine_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    text = SHIPPED_TEXTS[data.draw(st.sampled_from(sorted(SHIPPED_TEXTS)))]
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 40)))
        text = text[:start] + data.draw(st.sampled_from(["", *SHREDS]) | st.text(max_size=5)) + text[end:]
    (tmp_path / "r.toml").write_bytes(text.encode("utf-8", "surrogatepass"))
    load_or_refuse(tmp_path / "r.toml", Library((SHIPPED,)))


@whatever
@given(data=st.data())
def test_any_value_under_any_key_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    keys = [
        "sets",
        "reps",
        "time",
        "hold",
        "open",
        "tempo",
        "rest",
        "assumed",
        "name",
        "steps",
        "limbs",
        "order",
        "easier",
        "progress",
        "gentle",
    ]
    value = st.one_of(
        st.integers().map(str),
        st.floats().map(repr),
        st.booleans().map(lambda truth: str(truth).lower()),
        st.sampled_from(["[]", "{}", "[[[]]]", "{a = {}}", "1979-05-27", "07:32:00", "0x" + "f" * 5000, '"""\n"""']),
        st.text("0123456789-.: sminbreath\u2013to", max_size=14).map(lambda text: f"'{text}'"),
        st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="'"), max_size=8).map(
            lambda text: f"['{text}']"
        ),
    )
    lines = data.draw(st.dictionaries(st.sampled_from(keys), value, min_size=1, max_size=4))
    text = USE + "\n".join(f"{key} = {value}" for key, value in lines.items())
    (tmp_path / "r.toml").write_text(text, "utf-8")
    load_or_refuse(tmp_path / "r.toml", Library((SHIPPED,)))
