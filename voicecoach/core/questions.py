"""What a session asks before it begins and when it is over, and what the answers do.

Rule: a question is a step that waits for a word. Silence answers none: at the beginning the session waits, at the end
it says goodbye without the answer.
"""

from __future__ import annotations

from dataclasses import replace

from voicecoach.core.compiler import exchange, recompile
from voicecoach.core.events import NUMBERS, Chime, ChimeKind, Command, Line, Mode, Remember
from voicecoach.core.hurts import Hurts
from voicecoach.core.manners import ASKED_AGAIN, MISSES, UNANSWERED
from voicecoach.core.person import AGREED, LAST_PAIN, Person
from voicecoach.core.program import Question, Step, StepKind
from voicecoach.core.progress import dose_at
from voicecoach.core.routine import Routine
from voicecoach.core.state import Role, Worked

_ANSWERS: dict[Question, frozenset[Command]] = {
    Question.HEARING: frozenset({Command.READY}),
    Question.CONSENT: frozenset({Command.YES, Command.NO}),
    Question.SINCE_LAST: frozenset({Command.SAME, Command.BETTER, Command.WORSE, Command.UNSURE}),
    Question.WHY: frozenset({Command.TIRED, Command.EQUIPMENT, Command.UNSURE}),
    Question.EFFORT: frozenset(NUMBERS),
    Question.ECHO: frozenset({Command.YES, Command.NO, Command.UNSURE, *NUMBERS}),
}
_MAY_BE_PASSED = {Question.SINCE_LAST, Question.WHY, Question.EFFORT, Question.ECHO}
_REASONS = {Command.TIRED: "tired", Command.EQUIPMENT: "no equipment", Command.UNSURE: "none given"}


def opening(person: Person, *, check_hearing: bool) -> tuple[Step, ...]:
    """Return the questions before a session."""
    last = person.last_pain
    return (
        *((_ask(Question.HEARING, Line.of("check_hearing"), Line.of("check_hearing_now")),) if check_hearing else ()),
        *(() if person.agreed else (_ask(Question.CONSENT, Line.of("consent"), Line.of("ask_consent")),)),
        *((_ask(Question.SINCE_LAST, Line.of("since_last", name=last.name)),) if last else ()),
    )


def _ask(question: Question, *lines: Line, about: str | int | None = None) -> Step:
    return Step(StepKind.ASK, lines=lines, seconds=None, question=question, about=about)


class Questions(Hurts):
    """A turn in which something may be asked."""

    def questions(self) -> tuple[Step, ...]:
        """Return what is to be asked before the step that is about to begin; each once."""
        if not self.state.opened:
            self.change(opened=True)
            if self.room.attended:
                return opening(self.person, check_hearing=self.room.check_hearing)
            consent = Step(StepKind.INTRO, lines=(Line.of("consent"),))
            return () if self.person.agreed else (consent,)
        if self.planned.kind is StepKind.OUTRO and not self.state.closed and self.room.attended:
            self.change(closed=True)
            return self.closing()
        return ()

    def closing(self) -> tuple[Step, ...]:
        """Return the questions after a session: why something was left out, and how hard it was."""
        names = {exercise.slug: exercise.spoken_name for exercise in self.program.exercises}
        whys = (
            _ask(Question.WHY, Line.of("ask_why", name=names[s]), about=s) for s in self.state.left_out if s in names
        )
        effort = (_ask(Question.EFFORT, Line.of("ask_effort")),) if self.room.ask_effort and self.state.done else ()
        return (*whys, *effort)

    @property
    def asking(self) -> Question:
        """What is being asked."""
        assert self.step.question is not None  # noqa: S101 - the mode is QUESTION
        return self.step.question

    def answers(self) -> frozenset[Command]:
        """Return the commands that answer it."""
        return _ANSWERS[self.asking]

    def hurt(self) -> None:
        """Take "pain" for an answer too where it is one: then it is about the exercise that was left out."""
        if self.state.mode is Mode.QUESTION and self.asking is Question.WHY:
            exercises = enumerate(self.program.exercises)
            left_out = next(Worked(n, exercise) for n, exercise in exercises if exercise.slug == self.step.about)
            self.record("skip_reason", exercise=left_out.exercise.slug, reason="pain")
            self.change(worked=left_out)
        super().hurt()

    # --- Answers --------------------------------------------------------------------------------------------------

    def answered(self, command: Command) -> None:
        """Take an answer."""
        last = self.person.last_pain
        kept = {Question.CONSENT: Remember(AGREED, None)}
        if last is not None:
            kept[Question.SINCE_LAST] = Remember(LAST_PAIN, last.exercise)
        self.remember(command, *(kept[q] for q in (self.asking,) if q in kept))
        match self.asking:
            case Question.HEARING:
                self.heard_ready()
            case Question.CONSENT if command is Command.NO:
                self.close("ended", Line.of("no_consent"))
            case Question.CONSENT:
                self.effects.append(Remember(AGREED, 1))
                self.pass_question(Line.of("agreed"))
            case Question.SINCE_LAST:
                self.compared(command)
            case Question.WHY:
                self.record("skip_reason", exercise=self.step.about, reason=_REASONS[command])
                self.pass_question()
            case _:
                self.told_effort(command)

    def told_effort(self, command: Command) -> None:
        """Take a number, say it back, and keep it once it was confirmed."""
        number = NUMBERS.get(command)
        if self.asking is Question.EFFORT or (number is not None and number != self.step.about):
            self.ask_instead(_ask(Question.ECHO, Line.of("effort_echo", number=number or 0), about=number))
        elif command in {Command.NO, Command.UNSURE}:
            self.ask_instead(_ask(Question.EFFORT, Line.of("ask_effort")))
        else:
            self.record("effort", score=self.step.about)
            self.pass_question()

    def heard_ready(self) -> None:
        """Take "ready" in the check of hearing: what counts is whether it came over the coach's own voice."""
        over = self.state.mouth is not None and self.state.mouth.role is Role.SCRIPT
        self.record("hearing_check", heard="over the voice" if over else "in silence")
        self.pass_question(Line.of("heard_over" if over else "heard_in_silence"))

    def compared(self, command: Command) -> None:
        """Take how it is compared with before the last session; worse lowers what is done today, and locks."""
        last = self.person.last_pain
        assert last is not None  # noqa: S101 - it was asked about
        self.record("since_last", exercise=last.exercise, answer=command.value)
        self.effects.append(Remember(LAST_PAIN, None))
        if command is not Command.WORSE:
            self.pass_question(Line.of("compared"))
            return
        self.lock(last.exercise, last.score, "worse")
        self.record("locked", exercise=last.exercise, reason="worse", score=last.score)
        program = self.program
        sore = frozenset(n for n, exercise in enumerate(program.exercises) if exercise.slug == last.exercise)
        if len(sore | program.style.left_out) == len(program.exercises):
            self.close("pain", Line.of("exercise_over", name=last.name), Line.of("pain_session_over"))
            return
        style = replace(program.style, left_out=program.style.left_out | sore)
        lowered = recompile(program, routine=self.lowered(), style=style)
        index = program.find(self.state.index, lowered)  # "skip" may have moved the mark of a pause in the question
        self.change(program=lowered, index=index, held=None, undo=None, lowered=True)
        self.pass_question(Line.of("worse", name=last.name))

    def pass_question(self, *lines: Line) -> None:
        """Go on behind a question."""
        if not lines:
            self.effects.append(Chime(ChimeKind.HEARD))
        self.hush()
        self.change(queue=(), quiet_since=None)
        self.aside(*lines)
        self.leave()

    def lowered(self) -> Routine:
        """Return the routine with one step less of everything."""
        routine = self.program.routine
        for index, exercise in enumerate(routine.exercises):
            routine = exchange(routine, index, dose_at(exercise, -1))
        return routine

    def ask_instead(self, step: Step) -> None:
        """Ask another question in the place of this one."""
        self.hush()
        self.change(queue=(), quiet_since=None, detours=(step, *self.state.detours[1:]))
        self.begin(step)

    def skip_question(self) -> None:
        """Leave a question open, where nothing hangs on it."""
        if self.asking not in _MAY_BE_PASSED:
            self.refuse()
        else:
            self.remember(Command.SKIP)
            self.record_unanswered()
            self.pass_question()

    def record_unanswered(self) -> None:
        """Put on record that there was no answer."""
        if self.asking is Question.WHY:
            self.record("skip_reason", exercise=self.step.about, reason="none given")

    # --- Time, and what was not understood --------------------------------------------------------------------------

    def question_reminders(self) -> tuple[float, ...]:
        """Return the waits for an answer; the last may be the giving up."""
        given_up = UNANSWERED.get(self.asking)
        return (*ASKED_AGAIN[self.asking], *(() if given_up is None else (given_up,)))

    def give_question_reminder(self, count: int) -> None:
        """Ask again, or give up where nothing hangs on it."""
        if self.asking in UNANSWERED and count == len(ASKED_AGAIN[self.asking]):
            self.record_unanswered()
            self.pass_question()
        elif self.asking is Question.HEARING:
            self.not_heard(count)
        else:
            self.aside(self.step.lines[-1])

    def not_heard(self, count: int) -> None:
        """Say what was heard instead, and what else can be done."""
        words = self.state.overheard
        heard = (Line.of("heard_instead", words=words),) if words and words != "[unk]" else ()
        if count == 0:
            self.aside(Line.of("not_heard"), *heard, Line.of("say_ready_now"))
        else:
            if count == 1:
                self.record("hearing_check", heard="no")
            self.aside(*heard, Line.of("not_heard_keys" if self.room.keys else "not_heard_device"))

    def overhear(self, words: str) -> None:
        """Take notice that something was said that is no command here."""
        self.change(overheard=words)
        if self.asking is Question.HEARING or self.state.mouth is not None:
            return
        missed = self.state.missed + 1
        self.change(missed=missed)
        if missed <= MISSES:
            self.answer(Line.of("pardon"), self.step.lines[-1])
