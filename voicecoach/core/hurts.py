"""Pain in a session: how the dialogue of ``pain`` is spoken, timed, and what its verdicts do to the session.

Rule 1: pain is silent before anything is said, and what is said first is the way out of the position.
Rule 2: only an explicit "yes" leads from here to anything but standing still or the end.
"""

from __future__ import annotations

from dataclasses import replace

from voicecoach.core.compiler import recompile
from voicecoach.core.events import Alert, Command, Line, Mode, Remember
from voicecoach.core.halts import Halts
from voicecoach.core.manners import FROZEN, MISSES
from voicecoach.core.pain import Asks, Pain, Verdict
from voicecoach.core.person import LAST_PAIN, LOCK
from voicecoach.core.program import EFFORT
from voicecoach.core.routine import Exercise
from voicecoach.core.state import Role, Worked
from voicecoach.core.ways import together


class Hurts(Halts):
    """A turn in which something hurts."""

    # --- What a person says ---------------------------------------------------------------------------------------

    def hurt(self) -> None:
        """Silence, the way out, and the dialogue; said again, what is known stays known."""
        self.be_at_what_comes()
        before, exercise = self.state, self.sore
        in_emergency = before.mode is Mode.EMERGENCY  # stays one: what is to be done first is to get help
        self.freeze(Mode.EMERGENCY if in_emergency else Mode.PAIN)
        # No way leads back behind pain but an explicit "yes": what was said before cannot be undone either.
        self.change(undo=None, asleep=False, offered=False)
        if before.pain is not None:
            self.change(pain=before.pain.rest())
        else:
            self.note_pain()
            score = dict(before.scores).get(exercise.slug) if exercise else None
            new_locks = {one.slug: None for one in self.suspects if one.slug not in before.locked}
            pain_from = Mode.PAUSED if in_emergency else before.mode
            self.change(pains=before.pains + 1, pain_from=pain_from, new_locks=tuple(new_locks))
            self.change(pain=Pain(self.program.routine.pain, self.state.pains, score))
            for slug in new_locks:
                self.lock(slug)
        self.say_way_out()
        if in_emergency:
            self.urge()

    def yes(self) -> None:
        """End; where pain was not settled, what is known of it is kept, and the end is that of a pain."""
        pain = self.state.pain
        if pain is None:
            super().yes()
            return
        over = replace(pain, score=pain.told, verdict=Verdict.SESSION_OVER, asks=Asks.NOTHING, behind=Asks.NOTHING)
        self.change(pain=over)
        self.follow(pain)

    def hear_about_pain(self, command: Command) -> None:
        """Take an answer."""
        pain = self.state.pain
        assert pain is not None  # noqa: S101 - the mode is PAIN
        told = pain.hear(command)
        if told.verdict is Verdict.EXERCISE_OVER and told.asks is Asks.OFFER and not self.gentle_ahead():
            told = replace(told, verdict=Verdict.SESSION_OVER, asks=Asks.NOTHING)  # there is nothing to offer
        self.change(pain=told)
        self.follow(pain)

    def misunderstood(self) -> None:
        """Ask again, a few times; at a warning sign, the second time counts as a yes."""
        pain = self.state.pain
        if pain is None or pain.quiet or self.state.mouth is not None:
            return
        missed = pain.miss()
        self.change(pain=missed)
        if missed.verdict is not None:
            self.follow(pain)
        elif missed.misses <= MISSES:
            self.answer(Line.of("pardon"), *missed.question)

    def repeat_question(self) -> None:
        """Say the question once more; in the quiet, wait on. Whoever speaks is there: the waits begin anew."""
        self.change(reminded=0)
        pain = self.state.pain
        if pain is not None and not pain.quiet:
            self.answer(*pain.question)
        else:
            self.answer(Line.of("pain_wait"))

    # --- Time -----------------------------------------------------------------------------------------------------

    def pain_reminders(self) -> tuple[float, ...]:
        """Return the waits: first the quiet, then those for an answer."""
        pain = self.state.pain
        if pain is None:
            return ()
        rules = pain.rules
        return (rules.quiet,) if pain.quiet else (rules.ask_again, rules.offer_help, rules.alert)

    def give_pain_reminder(self, count: int) -> None:
        """Ask, ask louder, say how to call for help, tell somebody. Nothing more, and nothing that leads on."""
        pain = self.state.pain
        assert pain is not None  # noqa: S101 - there are reminders
        if pain.quiet:
            self.change(pain=pain.begin())
            self.ask_about_pain()
        elif count == 0:
            self.speak(*pain.question, role=Role.ASIDE, loud=True)
        elif count == 1:
            self.speak(Line.of("pain_help"), role=Role.ASIDE, loud=True)
        else:
            if pain.verdict is None:
                self.record("pain_report", **self.known_of(pain), verdict="no answer")
            if self.room.can_alert:
                self.effects.append(Alert("no answer"))
            else:
                self.alerted(told=False)

    def ask_about_pain(self) -> None:
        """Ask what the dialogue stands at."""
        assert self.state.pain is not None  # noqa: S101 - the mode is PAIN
        self.change(reminded=0, quiet_since=None)
        self.aside(*self.state.pain.question)

    # --- What it leads to -----------------------------------------------------------------------------------------

    def follow(self, before: Pain) -> None:
        """Say the next question, or do what the verdict asks for."""
        pain = self.state.pain
        assert pain is not None  # noqa: S101 - just set
        self.hush()
        self.change(queue=(), quiet_since=None, reminded=0)
        if pain.verdict not in {None, before.verdict, Verdict.FALSE_ALARM}:
            self.conclude(pain)
        if pain.settled:
            self.settle_pain(pain)
            return
        if pain.asks is Asks.SIGN and before.asks is not Asks.SIGN:
            self.aside(Line.of("signs"))
        elif pain.asks is Asks.OFFER and pain.verdict is Verdict.EXERCISE_OVER:
            self.aside(*self.over_lines())
        self.aside(*pain.question)

    def conclude(self, pain: Pain) -> None:
        """Put the verdict on record, and what the next session must know."""
        self.record("pain_report", **self.known_of(pain), verdict=str(pain.verdict))
        exercise = self.sore
        if exercise is None:
            return
        self.effects.append(Remember(LAST_PAIN, exercise.slug))
        if pain.score is not None:
            scores = dict(self.state.scores) | {exercise.slug: pain.score}
            self.change(scores=tuple(scores.items()))
        if pain.verdict is not Verdict.GOES_ON:
            for one in self.suspects:
                self.lock(one.slug, pain.score)
                self.record("locked", exercise=one.slug, reason="pain", score=pain.score)

    def settle_pain(self, pain: Pain) -> None:
        """Do what the verdict says."""
        self.change(pain=None, undo=None)
        match pain.verdict:
            case Verdict.FALSE_ALARM:
                self.note("false_alarm")
                self.change(pains=self.state.pains - 1)
                self.unlock()
                if self.state.pain_from in FROZEN:
                    self.enter_mode(Mode.PAUSED)
                    self.aside(Line.of("still_paused"))
                else:
                    self.thaw()
            case Verdict.GOES_ON:
                self.note("resumed_after_pain")
                self.unlock()
                self.thaw()
            case Verdict.EXERCISE_OVER:
                self.note("resumed_after_pain")
                self.go_on_gently()
            case Verdict.URGENT:
                self.close("pain", Line.of("urgent", number=" ".join(self.room.emergency_number)))
            case _:
                self.close("pain", *self.over_lines(), Line.of("pain_session_over"))

    def go_on_gently(self) -> None:
        """Play what is still to come and gentle, and nothing else."""
        here = self.planned.place
        left_out = frozenset(range(len(self.program.exercises))) - self.gentle_ahead()
        self.change(program=recompile(self.program, style=replace(self.program.style, left_out=left_out)))
        first = next(n for n, step in enumerate(self.program.steps) if step.place)
        target = first if here is None else self.program.start_of(here)
        self.enter(target, *self.unasked(), *self.led_to(target))

    def gentle_ahead(self) -> frozenset[int]:
        """Return the exercises still to come that are mild enough, by index; what hurts is none of them."""
        program = self.program
        efforts = [step for step in program.steps[self.state.index :] if step.place and step.kind in EFFORT]
        ahead = {n for step in efforts if step.place for n in (step.place.exercise, *step.together)}
        return frozenset(
            n for n in ahead if program.exercises[n].gentle and program.exercises[n].slug not in self.state.locked
        )

    # --- Small helps ----------------------------------------------------------------------------------------------

    def be_at_what_comes(self) -> None:
        """Take notice that the person is getting into the position of what a rest leads to: it is that which hurts.

        Before that, what hurts in a rest is what was just worked: it hurts now because of it. The way out must fit any
        position that they may be in, so where the position changes in a rest, it is that of none.
        """
        step, index = self.planned, self.planned.leads_to
        if self.state.pain is not None or index is None or not step.changing:
            return
        if self.spent >= (step.seconds or 0.0) - step.changing:
            self.change(worked=Worked(index, self.program.exercises[index]))

    @property
    def sore(self) -> Exercise | None:
        """The exercise that hurts: the one that the person is at or was at last, or else is being led to."""
        return self.state.worked.exercise if self.state.worked else self.exercise

    @property
    def suspects(self) -> tuple[Exercise, ...]:
        """What may have hurt: that exercise, and in an AMRAP all, because nobody knows which one was being done."""
        if self.state.worked is not None:
            return together(self.program, self.state.worked)
        return () if self.exercise is None else (self.exercise,)

    def over_lines(self) -> tuple[Line, ...]:
        """Say which exercise is over and locked; where nothing is kept, only the person can leave it out."""
        kept = self.room.keeps and not self.state.unkept
        if len(self.suspects) > 1:
            return (Line.of("exercises_over" if kept else "exercises_over_unkept"),)
        if self.sore is None:
            return ()
        return (Line.of("exercise_over" if kept else "exercise_over_unkept", name=self.sore.spoken_name),)

    def lock(self, slug: str, score: int | None = None, reason: str = "pain") -> None:
        """Leave an exercise out from now on, until somebody has looked at it."""
        self.change(locked=self.state.locked | {slug})
        self.effects.append(Remember(LOCK + slug, reason if score is None else f"{reason} {score}"))

    def unlock(self) -> None:
        """Take back the locks that were only for the time of the dialogue."""
        self.change(locked=self.state.locked - set(self.state.new_locks))
        self.effects += [Remember(LOCK + slug, None) for slug in self.state.new_locks]

    def note_pain(self) -> None:
        """Put it on record, with the exercise that the person was in the position of."""
        here, sore, worked = self.exercise, self.sore, self.state.worked
        place = self.planned.place
        elsewhere = worked is not None and (place is None or place.exercise != worked.index)
        if sore is None or (here is not None and here.slug == sore.slug and not elsewhere):
            self.note("pain")
        else:
            comes = worked is not None and self.planned.leads_to == worked.index
            self.record("pain", exercise=sore.slug, phase="position" if comes else "after")

    def known_of(self, pain: Pain) -> dict[str, str | int | None]:
        """Return the answers, as they go on record."""
        slug = self.sore.slug if self.sore else None
        return {"exercise": slug, "score": pain.told, "leg": pain.leg, "feel": pain.feel, "sign": pain.sign}
