"""Finding one's way: on, back, past, to the other side, to an easier or a harder form.

Rule: a move silences what is being said, says where it leads, and can be undone.
"""

from __future__ import annotations

from dataclasses import replace

from voicecoach.core.compiler import exchange, instructions, recompile
from voicecoach.core.events import Chime, ChimeKind, Command, Line
from voicecoach.core.fitting import fits
from voicecoach.core.manners import BACK_TWICE_WITHIN, FROZEN, UNDO_WITHIN
from voicecoach.core.program import EFFORT, Place, Program, Step, StepKind, countdown
from voicecoach.core.progress import at_end, dose_at
from voicecoach.core.routine import Exercise
from voicecoach.core.state import Role
from voicecoach.core.ways import (
    beat_before,
    comes_again,
    explained_first,
    lead_in,
    left_of_beat,
    moved_on_beat,
    rounds_of,
    start_behind,
    without_station,
)
from voicecoach.core.wishes import Wishes

_BEFORE_WORK = {StepKind.INTRO, StepKind.POSITION}


class Moves(Wishes):
    """A turn that moves."""

    # --- On -------------------------------------------------------------------------------------------------------

    def ready(self) -> None:
        """End talk, getting into place, or a rest."""
        index, step = self.state.index, self.planned
        if self.explaining:
            self.end_explanation(Command.READY)
        elif self.state.detours and self.step.kind is StepKind.COUNT_IN:
            self.remember(Command.READY)
            self.hush()
            self.change(queue=(), detours=())
            self.take_up()
        elif step.kind in EFFORT:
            self.refuse()
        else:
            self.remember(Command.READY)
            self.effects.append(Chime(ChimeKind.HEARD))
            if step.kind is StepKind.SWITCH:
                self.keep_the_beat(index + 1)
            self.go(self.program.work_after(index) if step.kind is StepKind.INTRO else index + 1)

    def end_explanation(self, command: Command) -> None:
        """Go on behind an explanation that was asked for: it was enough."""
        self.remember(command)
        self.effects.append(Chime(ChimeKind.HEARD))
        self.hush()
        self.change(queue=())
        self.leave()

    def next(self, command: Command = Command.NEXT) -> None:
        """End what is happening now: talk, then work, then rest."""
        index, step = self.state.index, self.planned
        if self.explaining:
            self.end_explanation(command)
            return
        self.remember(command)
        in_set = step.kind in EFFORT or (step.kind is StepKind.REST and step.place and step.place.rep is not None)
        if in_set:
            if not self.frozen:
                self.note("cut_short")
            target = self.program.end_of_effort(index)
            self.keep_the_beat(target)
        elif step.kind in {StepKind.INTRO, StepKind.POSITION}:
            target = self.program.work_after(index)
        else:
            target = index + 1
            if step.kind is StepKind.SWITCH:
                self.keep_the_beat(target)
        self.go(target, *((Line.of("next"),) if in_set and not self.frozen else ()))

    def keep_the_beat(self, target: int) -> None:
        """On a beat, let the work that is left out on the way to ``target`` be rest: the next begins in time.

        Where time stands still, or the effort was not begun, there is no beat to be kept.
        """
        running = not self.frozen and not self.state.detours
        left = left_of_beat(self.program, self.state.index, target, self.spent) if running else None
        if left is not None:
            style = self.program.style
            self.change(program=recompile(self.program, style=replace(style, beat=(*style.beat, left))))

    def skip(self) -> None:
        """Leave out the exercise; why is asked at the end, not now. Several that share a time end together."""
        index = self.meant
        exercise = self.program.exercise_at(index)
        self.remember(Command.SKIP)
        lines: tuple[Line, ...] = ()
        if exercise is not None and self.program.has_effort_left(index):
            self.note("skipped", index)
            self.change(left_out=tuple(dict.fromkeys((*self.state.left_out, exercise.slug))))
            several = len(self.planned.together) > 1
            lines = (Line.of("skipped_all") if several else Line.of("skipped", name=exercise.spoken_name),)
        self.go_to_effort(self.behind_exercise(index), *lines)

    def behind_exercise(self, index: int) -> int:
        """Return where it goes on without the exercise at ``index``; what comes again in a later round goes too."""
        old = self.program
        place = old.steps[index].place
        working = self.planned.kind not in _BEFORE_WORK
        beforehand = place is not None and explained_first(old, place) and not working
        if place is None or not (beforehand or comes_again(old, index)):
            return old.next_exercise(index)
        left_out = old.style.left_out | {place.exercise}
        self.change(program=recompile(old, style=replace(old.style, left_out=left_out)))
        if beforehand:
            return without_station(old, index, self.program)
        return start_behind(self.program, place, working=working)

    def go_to_effort(self, target: int, *lines: Line) -> None:
        """Jump to a step; where effort would begin at once, with time to get ready."""
        self.go(target, *lines, detours=() if self.frozen else self.led_to(target))

    def done(self) -> None:
        """End a set that has no end of its own; else as "next"."""
        if self.planned.kind in EFFORT and not self.explaining and not self.frozen:
            self.note("confirmed")
        if self.step.kind is StepKind.WORK and self.step.seconds is None:
            self.remember(Command.DONE)
            self.count_done()
            self.effects.append(Chime(ChimeKind.HEARD))
            self.go(self.program.end_of_effort(self.state.index), Line.of("next"))
        elif self.planned.kind in EFFORT:
            self.next(Command.DONE)
        elif self.step.seconds is None:
            self.ready()
        else:
            self.refuse()

    # --- Back, and to the other side --------------------------------------------------------------------------------

    def back(self) -> None:
        """Go to the start of this set; said again soon, to the one before."""
        twice = self.state.backed_at is not None and self.at - self.state.backed_at <= BACK_TWICE_WITHIN
        before = self.program.set_before(self.state.index) if twice else None
        target = self.program.set_start(self.state.index) if before is None else before
        self.remember(Command.BACK)
        place = self.program.steps[target].place
        beat = beat_before(self.program, place)
        if beat != self.program.style.beat:
            self.change(program=recompile(self.program, style=replace(self.program.style, beat=beat)))
        if place is None:
            line = Line.of("back_to_start")
        else:
            name = self.program.exercises[place.exercise].spoken_name
            if rounds_of(self.program, place):
                line = Line.of("back_round", name=name, number=place.round + 1)
            else:
                line = Line.of("back", name=name, number=place.set + 1)
        self.go_to_effort(target, line)
        self.change(backed_at=self.at)

    def switch(self) -> None:
        """End this side early; the other one begins."""
        found = self.program.other_side(self.state.index)
        place = self.planned.place
        in_set = self.planned.kind in EFFORT or (place is not None and place.rep is not None)
        if self.frozen or not in_set or found is None:
            self.answer(Line.of("no_other_side"))
            return
        self.remember(Command.SWITCH)
        self.note("switched")
        self.keep_the_beat(found)
        self.go(found, *(() if self.program.steps[found].kind is StepKind.SWITCH else (Line.of("next"),)))

    # --- Another form -----------------------------------------------------------------------------------------------

    def easier(self) -> None:
        """Change to the easier form of the exercise, or to the lower end of its dose."""
        self.change_form(Command.EASIER)

    def harder(self) -> None:
        """Change to the harder form of the exercise, or to the upper end of its dose."""
        self.change_form(Command.HARDER)

    def change_form(self, way: Command) -> None:
        """Put another form in the exercise's place, from this set on: the effort ends, and the new form is shown."""
        exercise, place = self.exercise, self.planned.place
        if exercise is None or place is None:
            self.refuse()
            return
        if not self.program.has_effort_left(self.state.index):
            self.answer(Line.of("behind_you", name=exercise.spoken_name))
            return
        found = [f for f in (self.linked(exercise, place, way), self.other_end(exercise, place, way)) if f is not None]
        form = next((form for form in found if self.fits(form, place)), None)
        if form is None:
            key = "nothing_fits" if found else "no_easier" if way is Command.EASIER else "no_harder"
            self.answer(Line.of(key, name=exercise.spoken_name))
            return
        self.remember(way)
        self.record("swapped", exercise=exercise.slug, to=form.slug, way=way.value)
        routine = exchange(self.program.routine, place.exercise, form)
        index, program = self.state.index, recompile(self.program, routine=routine)
        if form.slug == exercise.slug:
            # The same movement, more or less of it: it goes on where it is, unless that is no more.
            self.change_program(program)
            self.answer(Line.of("easier_dose" if way is Command.EASIER else "harder_dose"))
            return
        line = Line.of("swapped", name=form.spoken_name)
        if self.planned.together and (self.state.held or not (self.frozen or self.state.detours)):
            self.change_in_place(program, form, line)
            return
        resting = self.planned.kind is StepKind.REST and not self.frozen
        working = self.planned.kind not in _BEFORE_WORK
        target = self.program.find(index, program) if resting else start_behind(program, place, working=working)
        spent, old = self.spent, self.program
        beat = moved_on_beat(old, index, spent, program, target, spent) if resting else beat_before(old, place)
        if beat != program.style.beat:
            program = recompile(program, style=replace(program.style, beat=beat))
        self.change(program=program)
        if resting:
            self.change(index=target)
            self.answer(line, *instructions(form))
        elif lead_in(program, target, None) or (working and explained_first(program, place)):
            # The new form was not explained beforehand.
            shown = Step(StepKind.INTRO, place, (line, *instructions(form)))
            self.go(target, detours=(shown, *(() if self.frozen else self.led_to(target))))
        elif program.steps[target].explains or place.set == 0:
            self.go(target, line)
        else:
            shown = Step(StepKind.INTRO, place, (line, *instructions(form)))
            self.go(target, detours=(shown,))

    def fits(self, form: Exercise, place: Place) -> bool:
        """Tell whether a form can be coached where it is to stand, at the person's pace."""
        routine, style = exchange(self.program.routine, place.exercise, form), self.program.style
        at_most_usual = replace(style, tempo=min(1.0, style.tempo))
        return fits(routine.blocks[place.block], routine.exercises[place.exercise], self.program.pace, at_most_usual)

    def change_in_place(self, program: Program, form: Exercise, line: Line) -> None:
        """Explain another form within the time that several exercises share; then what is left of it goes on."""
        place, posture = self.planned.place, self.state.posture
        assert place is not None  # noqa: S101 - it is an effort
        seconds = program.pace.seconds_into(form.position, posture.position if posture else None)
        shown = Step(StepKind.INTRO, place, (line, *instructions(form)))
        ready = Step(StepKind.POSITION, place, (), seconds, countdown(seconds, 3))
        parked = self.frozen
        self.freeze(self.state.mode)
        held, index = self.state.held, program.find(self.state.index, program)
        assert held is not None  # noqa: S101 - its time was running
        held = replace(held, cue=program.steps[index].cue_after(held.spent), script=())
        self.change(program=program, index=index, held=held, detours=(shown, ready), queue=(), quiet_since=None)
        if parked:
            self.aside(self.parked_line())
        else:
            self.begin(shown)

    def linked(self, exercise: Exercise, place: Place, way: Command) -> Exercise | None:
        """Return the form that the exercise names, if the routine has brought it; first as it is written here."""
        slug = exercise.easier if way is Command.EASIER else exercise.harder
        here = self.written.exercises[place.exercise]
        forms = (here, *self.written.exercises, *self.written.variants)
        form = next((form for form in forms if form.slug == slug and slug not in self.state.locked), None)
        return dose_at(form, -1) if form is not None and self.state.lowered else form

    def other_end(self, exercise: Exercise, place: Place, way: Command) -> Exercise | None:
        """Return the exercise at the other end of its dose; None where all that is left of it is there already.

        The dose that stands here knows its own ends. The same exercise in another place may be written otherwise.
        """
        end = at_end(exercise, "low" if way is Command.EASIER else "high")
        behind = self.planned.kind is StepKind.REST and place.rep is None
        left = range(place.set + behind, int(exercise.dose.sets.low))
        if end is None or comes_again(self.program, self.state.index):
            return end
        return end if any(end.dose.of_set(n) != exercise.dose.of_set(n) for n in left) else None

    # --- Undo -------------------------------------------------------------------------------------------------------

    def undo(self) -> None:
        """Take back the last command."""
        undo = self.state.undo
        if undo is None or self.at - undo.at > UNDO_WITHIN:
            self.answer(Line.of("nothing_to_undo"))
            return
        self.effects += undo.forget
        self.record("undone", command=undo.command.value, ago=round(self.at - undo.at, 3))
        before = undo.before
        if undo.light:
            self.change(undo=None)
            self.change_program(before.program)
            self.set_volume(before.volume)
            self.set_rate(before.rate)
            self.change(asleep=before.asleep)
            self.answer(Line.of("undone"))
            return
        self.hush()
        now = self.state
        self.state = replace(
            before,
            now=self.at,
            mode=now.mode,
            utterances=now.utterances,
            volume=now.volume,
            rate=now.rate,
        )
        self.aside(Line.of("undone"))
        if before.mode in FROZEN:
            self.enter_mode(before.mode)
        else:
            self.thaw()

    def repeat(self) -> None:
        """Say the last line again."""
        mouth = self.state.mouth
        if mouth is not None and mouth.role is Role.SCRIPT:
            self.hush()
            self.change(queue=(replace(mouth, number=0), *self.state.queue))
        elif self.in_effort:
            # What was said last lies behind the effort; the short cue is what helps in the middle of it.
            short = self.exercise.short if self.exercise else None
            self.answer(*((Line.text(short),) if short else self.status_lines()))
        elif self.state.last is not None:
            self.answer(self.state.last)
