"""The fold that makes a report of events and what the session made of them, as they come or as a journal has them.

Rule: it reads what crossed the session's border, and nothing else. It can be asked at any moment; a session that was
cut off has a report as well.

Theory of operation. What the coach has called and counted has been called and counted, whatever is undone later; it is
kept by its place in the routine, so that a step which is taken up again, gone back to or counted anew counts once. What
the person has decided (skip, next, done, easier, an answer) is kept as a list of notes. "Undo" puts the session back to
where it was before a command; so every decision on that list since that command falls, and pain, which nothing can
undo, stays. Undoing a wish, such as "slower", takes back the wish alone. The report is what then stands on the list.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeAlias

from voicecoach.core.events import (
    Chime,
    ChimeKind,
    Command,
    Effect,
    End,
    Event,
    Heard,
    Line,
    Mode,
    ModeChanged,
    Note,
    Priority,
    Remember,
    Say,
    StepBegan,
    Value,
)
from voicecoach.core.person import LOCK, Person
from voicecoach.core.program import StepKind
from voicecoach.core.reasons import Decision, why_not
from voicecoach.core.report import (
    FALSE_ALARM,
    UNFINISHED,
    Coached,
    ExerciseReport,
    Locked,
    PainReport,
    Prescribed,
    SessionReport,
    SinceLast,
    Swap,
    TimeSpent,
    sides_of,
)
from voicecoach.core.routine import Exercise, Routine

_EFFORT = {StepKind.WORK.value, StepKind.HOLD.value}
_LASTING = {"alerted", "emergency", "false_alarm"}
"""Notes that no "undo" takes back. (Pains and locks are not on the list at all.)"""
_ABOUT_PAIN = {"pain", "pain_report", "false_alarm", "resumed_after_pain"}
_WISHES = {
    Command.LOUDER,
    Command.QUIETER,
    Command.SLOWER,
    Command.FASTER,
    Command.MORE_REST,
    Command.LESS_TALK,
    Command.MORE_TALK,
    Command.SLEEP,
}
_CALLS = {"begin", "count", "limb", "rep_limb"}
"""Lines that call a repetition; the first goes without its number."""
_PAUSED = {Mode.PAUSED, Mode.CONFIRM}
_PAIN = {Mode.PAIN, Mode.EMERGENCY}


_Effort: TypeAlias = tuple[str, int | None, int | None, int | None, int | None]
"""Which effort: the slug of what was coached, set, repetition and side; and the step's index, where rounds or several
places in the routine give the same again (a program that is made anew half way counts its steps anew)."""


class _Tally:
    """What was coached in one exercise of the routine."""

    def __init__(self) -> None:
        self.reps: set[tuple[object, ...]] = set()
        self.seconds: dict[_Effort, float] = {}

    def coached(self, sets: int) -> Coached:
        return Coached(sets, len(self.reps), round(sum(self.seconds.values()), 3))


class Reporter:
    """Told of every event and its effects, in order, it knows what the session comes to so far.

    ``started`` is ISO 8601. ``person`` is what the session was told at its start: it tells of exercises that were
    locked before, also to a session which says nothing about them.
    """

    def __init__(self, routine: Routine, *, id: str, started: str, person: Person | None = None) -> None:  # noqa: A002 - the field's name
        self._routine, self._id, self._started = routine, id, started
        self._exercises: dict[str, Exercise] = {e.slug: e for e in (*routine.variants, *routine.exercises)}
        self._tallies = {exercise.slug: _Tally() for exercise in routine.exercises}
        self._stands_for: dict[str, str] = {}
        self._stand_in: tuple[str, str] | None = None
        self._decisions: list[Decision] = []
        self._heard: list[tuple[int, Heard]] = []
        self._pains: list[tuple[str | None, PainReport]] = []
        locks = person.locks if person else ()
        self._locks = {lock.exercise: Locked(lock.reason, lock.score, earlier=True) for lock in locks}
        self._events = 0
        self._at = 0.0
        self._mode: Mode | None = None
        self._spent = TimeSpent()
        self._step: StepBegan | None = None
        """The effort whose time runs; None in between."""
        self._place: _Effort = ("", None, None, None, None)
        """The last effort."""
        self._full: dict[_Effort, float] = {}
        self._credit = 0.0
        self._turn = -1
        self._outcome = UNFINISHED

    # --- Feeding --------------------------------------------------------------------------------------------------

    def feed(self, event: Event, effects: Iterable[Effect]) -> None:
        """Take the next event, and all that the session asked for in answer to it."""
        effects = tuple(effects)
        self._pass(event.at)
        self._events += 1
        if isinstance(event, Heard) and Chime(ChimeKind.REFUSED) not in effects:
            self._heard.append((self._events, event))
        for effect in effects:
            self._take(effect)

    def _take(self, effect: Effect) -> None:
        match effect:
            case Remember(key=key, value=value) if key.startswith(LOCK):
                self._remember_lock(key.removeprefix(LOCK), value)
            case ModeChanged(mode=mode):
                self._mode = mode
            case StepBegan():
                self._begin(effect)
            case Say(line=line, priority=Priority.COUNT):
                self._call(line)
            case Chime(kind=ChimeKind.COUNT):
                self._call(None)
            case Note(kind=kind, fields=fields):
                self._note(kind, dict(fields))
            case End(reason=reason):
                self._outcome, self._step, self._mode = reason, None, None

    def _pass(self, at: float) -> None:
        """Let time pass up to ``at``."""
        seconds, self._at = max(0.0, at - self._at), max(at, self._at)
        if self._mode is None or self._mode is Mode.FINISHED:
            return
        name = "pain" if self._mode in _PAIN else "paused" if self._mode in _PAUSED else "running"
        self._spent = replace(self._spent, **{name: getattr(self._spent, name) + seconds})
        if self._step is None or self._mode not in {Mode.WORK, Mode.HOLD}:
            return
        owner = self._owner(self._place[0])
        if owner is not None and self._counts_seconds(self._step):
            self._credit = min(self._credit + seconds, self._full.get(self._place, float("inf")))
            so_far = self._tallies[owner].seconds
            so_far[self._place] = max(so_far.get(self._place, 0.0), self._credit)

    def _begin(self, step: StepBegan) -> None:
        """Take notice of a step; one that is taken up again says what is left of its time."""
        if self._stand_in and step.exercise not in {None, self._stand_in[0]}:
            self._stand_in = None
        self._step = None
        if step.index < 0 or step.kind not in _EFFORT or step.exercise not in self._exercises:
            return
        owner = self._owner(step.exercise)
        place = (step.exercise, step.set, step.rep, step.side, step.index if self._comes_again(owner) else None)
        again = self._place == place
        self._step, self._place = step, place
        if step.seconds is None:  # open-ended: it goes on from what it had
            self._credit = self._tallies[owner].seconds.get(self._place, 0.0) if owner else 0.0
        else:
            self._full[self._place] = max(step.seconds, self._full.get(self._place, 0.0))
            self._credit = self._full[self._place] - step.seconds
        dose = self._exercises[step.exercise].dose
        if owner and dose.reps and dose.hold and step.kind == StepKind.WORK.value:
            self._tallies[owner].reps.add(self._place)
        if not again:
            self._turn = -1

    def _call(self, line: Line | None) -> None:
        """Take notice of a repetition that was called; by a chime (None) where the mouth was busy."""
        step = self._step
        if step is None or step.exercise is None or self._mode is not Mode.WORK:
            return
        exercise = self._exercises[step.exercise]
        owner = self._owner(step.exercise)
        if owner is None or exercise.dose.reps is None or exercise.dose.hold is not None:
            return
        limbs = (step.limb,) if step.limb else exercise.limbs or (None,)
        if line is None:
            self._turn += 1
        elif line.key in _CALLS:
            values = dict(line.values)
            limb = values.get("limb")
            self._turn = (int(values.get("number", 1)) - 1) * len(limbs) + (limbs.index(limb) if limb in limbs else 0)
        else:
            return
        self._tallies[owner].reps.add((*self._place, self._turn))

    def _counts_seconds(self, step: StepBegan) -> bool:
        """Whether this step's time is effort: in an exercise with holds only those are; lifting to them is not."""
        held = self._exercises[self._place[0]].dose.hold is not None
        return step.kind == StepKind.HOLD.value or not held

    def _comes_again(self, owner: str | None) -> bool:
        """Whether the routine has this exercise more than once: in rounds, or in several places."""
        blocks = self._routine.blocks
        return sum(block.repeat for block in blocks for exercise in block.exercises if exercise.slug == owner) > 1

    def _ends_by_word(self, slug: str) -> bool:
        """Whether a set of this has no end but the person's "done"."""
        return slug in self._exercises and self._exercises[slug].dose.open

    def _owner(self, slug: str | None) -> str | None:
        """Return the exercise of the routine that ``slug`` is coached for: itself, or the one that it stands in for."""
        if slug is None:
            return None
        if self._stand_in and self._stand_in[0] == slug:
            return self._stand_in[1]
        return slug if slug in self._tallies else self._stands_for.get(slug)

    # --- Notes ----------------------------------------------------------------------------------------------------

    def _note(self, kind: str, fields: dict[str, Value | None]) -> None:
        slug = _text(fields.get("exercise"))
        owner = self._owner(slug)
        if kind in _ABOUT_PAIN and fields.get("from") != "emergency":
            self._note_pain(kind, slug, owner, fields)
            return
        match kind:
            case "locked":
                if slug is not None:
                    known = self._locks.get(slug, Locked("pain", earlier=True))
                    reason, score = _text(fields.get("reason")), _whole(fields.get("score"))
                    self._locks[slug] = replace(known, reason=reason or known.reason, score=score)
            case "undone":
                self._undo(_text(fields.get("command")), fields.get("ago"))
            case _:
                if kind == "swapped":
                    self._swap(slug, _text(fields.get("to")))
                elif kind in {"set_done", "confirmed"}:
                    # In an AMRAP the effort is that of several exercises, and the coach names the first.
                    shared = owner is not None and owner != self._owner(self._place[0])
                    fields = {**fields, "coached": owner if shared else self._place[0], "index": self._place[-1]}
                self._decisions.append(Decision(self._events, kind, owner, fields))

    def _note_pain(self, kind: str, slug: str | None, owner: str | None, fields: dict[str, Value | None]) -> None:
        match kind:
            case "pain":
                number, rep, side = (_whole(fields.get(name)) for name in ("set", "rep", "side"))
                self._pains.append((owner, PainReport(self._at, slug, number, rep, side, _text(fields.get("phase")))))
            case "pain_report":
                self._amend_pain(
                    owner,
                    score=_whole(fields.get("score")),
                    **{name: _text(fields.get(name)) for name in ("leg", "feel", "sign", "verdict")},
                )
            case "false_alarm":
                self._amend_pain(owner, verdict=FALSE_ALARM)
            case "resumed_after_pain":
                self._amend_pain(owner, resumed=True)

    def _amend_pain(self, owner: str | None, **found: str | int | bool | None) -> None:
        """Add to the last pain what the person has told about it; what they did not say leaves it as it is."""
        if not self._pains:
            self._pains.append((owner, PainReport(self._at, owner)))
        owner, pain = self._pains[-1]
        known = {name: value for name, value in found.items() if value is not None}
        self._pains[-1] = owner, replace(pain, **known)  # type: ignore[arg-type]  # names and kinds are the callers'

    def _remember_lock(self, slug: str, value: Value | None) -> None:
        if value is None:
            self._locks.pop(slug, None)
            return
        reason, _, score = str(value).partition(" ")
        self._locks[slug] = Locked(reason, int(score) if score.isdecimal() else None)

    def _swap(self, of: str | None, to: str | None) -> None:
        owner = self._owner(of)
        if owner is None or to is None:
            return
        self._stand_in = (to, owner)
        if to not in self._tallies:
            self._stands_for[to] = owner

    def _undo(self, command: str | None, ago: Value | None) -> None:
        """Strike the decisions since the command that is taken back: the last of its name, or that so long ``ago``."""
        for number, heard in reversed(self._heard):
            if heard.command.value == command and (ago is None or abs(self._at - heard.at - float(ago)) < 1e-2):
                wish = heard.command in _WISHES
                self._decisions = [
                    d for d in self._decisions if d.event < number or (wish and d.event > number) or d.kind in _LASTING
                ]
                self._heard = [entry for entry in self._heard if entry[0] != number]
                return

    # --- Reporting ------------------------------------------------------------------------------------------------

    def report(self, *, ended: str | None = None) -> SessionReport:
        """Return what the session comes to so far; ``ended`` is ISO 8601."""
        last = {d.kind: d.fields for d in self._decisions}
        kinds = [d.kind for d in self._decisions]
        since = last.get("since_last")
        told = last.get("alerted")
        listed = {exercise.slug: exercise for exercise in self._routine.exercises}
        return SessionReport(
            id=self._id,
            routine=self._routine.slug,
            title=self._routine.title,
            started=self._started,
            ended=ended,
            outcome=self._outcome,
            seconds=TimeSpent(*(round(getattr(self._spent, name), 3) for name in ("running", "paused", "pain"))),
            exercises=tuple(self._exercise(exercise) for exercise in listed.values()),
            other_pains=tuple(pain for owner, pain in self._pains if owner is None),
            effort=_whole(last["effort"].get("score")) if "effort" in last else None,
            since_last=SinceLast(_text(since.get("exercise")), _text(since.get("answer"))) if since else None,
            emergencies=kinds.count("emergency") - kinds.count("false_alarm"),
            alerted=bool(told.get("told")) if told else None,
        )

    def _exercise(self, exercise: Exercise) -> ExerciseReport:
        slug = exercise.slug
        mine = [d for d in self._decisions if d.owner == slug]
        report = ExerciseReport(
            slug=slug,
            name=exercise.name,
            prescribed=tuple(
                Prescribed.of(listed, block.repeat)
                for block in self._routine.blocks
                for listed in block.exercises
                if listed.slug == slug
            ),
            coached=self._tallies[slug].coached(self._sets_done(mine)),
            confirmed=sum(d.kind == "confirmed" for d in mine),
            cut_short=sum(d.kind in {"cut_short", "switched"} for d in mine),
            swaps=tuple(
                Swap(slug if d.fields["exercise"] is None else str(d.fields["exercise"]), str(to), str(way))
                for d in mine
                if d.kind == "swapped" and (to := d.fields.get("to")) and (way := d.fields.get("way"))
            ),
            pains=tuple(pain for owner, pain in self._pains if owner == slug),
            locked=self._locks.get(slug),
        )
        if report.whole:
            return report
        last = self._owner(self._place[0]) == slug
        hurt = any(pain.verdict == "exercise over" for _, pain in self._pains)
        return replace(report, why_not=why_not(report, mine, self._outcome, last=last, gentle=hurt))

    def _sets_done(self, mine: list[Decision]) -> int:
        """Count the sets that were coached to their end: a side of one is a part of it, and counts once."""
        parts = {
            (str(d.fields["coached"]), d.fields["index"], d.fields.get("set"), d.fields.get("side"))
            for d in mine
            if d.kind == "set_done" or (d.kind == "confirmed" and self._ends_by_word(str(d.fields["coached"])))
        }
        sides = (sides_of(self._exercises[slug]) if side and slug in self._exercises else 1 for slug, *_, side in parts)
        return int(sum(1 / side for side in sides) + 1e-6)


def _text(value: Value | None) -> str | None:
    return None if value is None else str(value)


def _whole(value: Value | None) -> int | None:
    return None if value is None else int(value)
