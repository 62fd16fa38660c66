"""What makes a session stand still, and what lets it go on: pause, stop, end, emergency, a lost microphone.

Rule: whatever stops a session silences it first, in the same turn. Whatever lets it go on is a word.
"""

from __future__ import annotations

from voicecoach.core.events import (
    Alert,
    Chime,
    ChimeKind,
    Command,
    End,
    Hush,
    Line,
    Mode,
    ModeChanged,
    Priority,
    Remember,
)
from voicecoach.core.manners import FROZEN, REMINDERS
from voicecoach.core.person import Talk
from voicecoach.core.program import Step, StepKind
from voicecoach.core.state import Role, Stopwatch, Undo
from voicecoach.core.walk import Walk
from voicecoach.core.ways import rounds_of


class Halts(Walk):
    """A turn that stops and goes on."""

    # --- Stop and pause -------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Silence, the way out of an effort, and wait."""
        in_effort = self.in_effort
        self.remember(Command.STOP)
        self.change(asleep=False)
        self.freeze(Mode.PAUSED)
        if in_effort:
            self.say_way_out()
        self.aside(Line.of("stopped"))

    def stop_in_confirm(self) -> None:
        """Take "stop" for a "no" where something graver than a pause stands behind the question."""
        if self.state.asked_from in {Mode.PAIN, Mode.EMERGENCY}:
            self.no()
        else:
            self.stop()

    def hush_only(self) -> None:
        """Fall silent; what was asked is asked again after a while."""
        if self.state.mouth is None or self.state.mouth.priority < Priority.SAFETY:
            self.freeze(self.state.mode)  # nothing cuts the way out of the position short

    def stop_at_the_end(self) -> None:
        """End at once: the person is going anyhow. But that they must get help is said to its end."""
        mouth = self.state.mouth
        if any(said.line.key == "urgent" for said in (*((mouth,) if mouth else ()), *self.state.queue)):
            self.refuse()
            return
        self.hush()
        self.change(over=True, queue=(), clock=Stopwatch())
        self.effects.append(End(self.state.reason))

    def pause(self) -> None:
        """Wait; in a hold the way out comes first. Who wants less talk hears a sound in place of a sentence."""
        holding = self.step.kind is StepKind.HOLD
        self.remember(Command.PAUSE)
        self.freeze(Mode.PAUSED)
        if holding:
            self.say_way_out()
        if self.program.style.talk is Talk.LESS:
            self.effects.append(Chime(ChimeKind.PAUSED))
        else:
            self.aside(Line.of("paused"))

    def still_paused(self) -> None:
        """Say how to go on."""
        self.answer(Line.of("still_paused"))

    def resume(self) -> None:
        """Go on where it was cut."""
        self.remember(Command.RESUME)
        self.hush()
        self.change(queue=())
        self.thaw()

    # --- The end --------------------------------------------------------------------------------------------------

    def end(self) -> None:
        """Ask once."""
        came_from, in_effort = self.state.mode, self.in_effort
        self.remember(Command.END)
        self.freeze(Mode.CONFIRM)
        self.change(asked_from=came_from)
        if in_effort:
            self.say_way_out()
        self.aside(Line.of("confirm"))

    def ask_again(self) -> None:
        """Ask the question before the end once more."""
        self.answer(Line.of("confirm"))

    def yes(self) -> None:
        """End, with a summary; last words that are being said are said to their end."""
        if self.ending:
            self.hush()
            self.change(queue=())
            self.thaw()
            return
        exercises = len({s.place.of_exercise for s in self.program.steps if s.place} | self.state.done)
        self.close("ended", Line.of("summary", done=len(self.state.done), exercises=exercises))

    def no(self) -> None:
        """Go back to where the question was asked."""
        self.hush()
        self.change(queue=(), reminded=0, quiet_since=None)
        before = self.state.asked_from
        if before in FROZEN:
            self.enter_mode(before)
            if before is Mode.PAIN:
                self.ask_about_pain()
            else:
                self.aside(Line.of(REMINDERS[before][0][1]))
        else:
            self.thaw()

    def close(self, reason: str, *lines: Line) -> None:
        """Say the last words and end; nothing leads back. That help must be got is said, whatever came between."""
        self.hush()
        cut = (line for step in self.state.detours if step.kind is StepKind.OUTRO for line in step.lines)
        ending = Step(StepKind.OUTRO, lines=(*(line for line in cut if line.key == "urgent"), *lines))
        last = len(self.program.steps) - 1
        fields = {"held": None, "queue": (), "quiet_since": None, "undo": None, "offered": False}
        self.change(index=last, reason=reason, detours=(ending,), closed=True, **fields)
        self.begin(ending)

    def ask_about_pain(self) -> None:
        """Ask what the dialogue about pain stands at."""
        raise NotImplementedError

    # --- Emergency ------------------------------------------------------------------------------------------------

    def emergency(self) -> None:
        """Say at once what is to be done, tell whoever can be told, and stay stopped."""
        again = self.state.mode is Mode.EMERGENCY
        self.freeze(Mode.EMERGENCY)
        if not again:
            self.note("emergency")
        self.change(undo=None, asleep=False, offered=False)
        self.urge()
        if self.room.can_alert:
            self.effects.append(Alert("emergency"))

    def urge(self) -> None:
        """Say the number that is to be called."""
        number = " ".join(self.room.emergency_number)  # digit by digit, or 112 is a hundred and twelve
        self.speak(Line.of("emergency", number=number), role=Role.ASIDE, priority=Priority.SAFETY)

    def emergency_again(self) -> None:
        """Say it again, and how one gets out of here."""
        self.urge()
        self.aside(Line.of("emergency_again"))

    def emergency_over(self) -> None:
        """Take back an emergency that is none; a pain that was not settled is still there."""
        self.record("false_alarm", **{"from": "emergency"})
        self.hush()
        self.change(queue=(), reminded=0, quiet_since=None)
        if self.state.pain is not None:
            self.enter_mode(Mode.PAIN)
            self.ask_about_pain()
        else:
            self.enter_mode(Mode.PAUSED)
            self.aside(Line.of("still_paused"))

    def alerted(self, *, told: bool) -> None:
        """Say whether anybody was told: a person must not rely on help that does not come."""
        self.record("alerted", told=int(told))
        self.aside(Line.of("alerted" if told else "not_alerted", number=" ".join(self.room.emergency_number)))

    # --- The microphone -------------------------------------------------------------------------------------------

    def deafened(self) -> None:
        """Stand still: a session that hears nobody could not be stopped. Its own sound says so before any word does."""
        self.change(asleep=False)
        self.record("deafened")
        if self.state.mode in FROZEN or self.state.mode is Mode.FINISHED:
            self.effects.append(Chime(ChimeKind.MICROPHONE_LOST))
            self.tell(Line.of("cannot_hear"))
            return
        in_effort = self.in_effort
        self.freeze(Mode.PAUSED)
        self.effects.append(Chime(ChimeKind.MICROPHONE_LOST))
        if in_effort:
            self.say_way_out()
        self.tell(Line.of("cannot_hear"))

    def hearing(self) -> None:
        """Say that voices are heard again; a word leads on."""
        self.record("hearing")
        self.take_back("cannot_hear")  # it may not have been said yet: a loudspeaker may be lost with the microphone
        lines = (Line.of("hear_again"), *((Line.of("still_paused"),) if self.state.mode is Mode.PAUSED else ()))
        self.tell(*lines)

    def silenced(self) -> None:
        """Stand still: nobody has heard what was said and counted last. A word leads on."""
        self.record("silenced")
        if self.state.mode not in FROZEN and self.state.mode is not Mode.FINISHED:
            in_effort = self.in_effort
            self.freeze(Mode.PAUSED)
            if in_effort:
                self.say_way_out()
        still = (Line.of("still_paused"),) if self.state.mode is Mode.PAUSED else ()
        self.tell(Line.of("speaker_back"), *still)

    def unkept(self) -> None:
        """Say that nothing is kept, where it should be: what hurts is not locked the next time."""
        if self.room.keeps and not self.state.unkept:
            self.change(unkept=True)
            self.tell(Line.of("not_kept"))

    # --- A session that was cut off -------------------------------------------------------------------------------

    def returned(self, *, asked: bool) -> None:
        """Take up a session that was cut off: it stands still, and a word leads on."""
        self.note("welcome_back")
        self.effects.append(Hush())
        self.change(asleep=False)
        before = self.state.mode
        if self.state.mode is Mode.CONFIRM and self.state.asked_from in FROZEN:
            # The question before the end is not taken up; what stood behind it is.
            self.enter_mode(self.state.asked_from)
        mode = self.state.mode
        if mode in FROZEN and mode is not Mode.CONFIRM:
            self.change(mouth=None, queue=(), quiet_since=None, reminded=0, undo=None)
            if mode is before:
                self.effects.append(ModeChanged(mode))  # whoever watches from outside has not seen it begin
        else:
            self.freeze(Mode.PAUSED)
            self.change(undo=None)
        place, exercise = self.planned.place, self.exercise
        if place is not None and exercise is not None:
            if rounds_of(self.program, place):
                self.aside(Line.of("welcome_back_round", name=exercise.spoken_name, number=place.round + 1))
            else:
                self.aside(Line.of("welcome_back", name=exercise.spoken_name, number=place.set + 1))
        else:
            self.aside(Line.of("welcome_back_start", name=self.program.title))
        if self.state.mode is Mode.PAIN:
            self.ask_about_pain()
        elif self.state.mode is Mode.EMERGENCY:
            self.emergency_again()
        elif self.unattended:
            self.thaw()
        else:
            self.change(offered=not asked)
            self.aside(Line.of("go_on" if asked else "go_on_or_afresh"))

    def afresh(self) -> None:
        """Leave a session that was cut off; a new one follows."""
        self.hush()
        self.change(over=True, queue=(), clock=Stopwatch(), reason="afresh")
        self.effects.append(End("afresh"))

    # --- Small helps ----------------------------------------------------------------------------------------------

    def remember(self, command: Command, *forget: Remember, light: bool = False) -> None:
        """Keep what "undo" would bring back, in this session and for those to come."""
        self.change(undo=Undo(self.at_rest(), self.at, command, forget, light))
        if not light:
            self.change(offered=False)  # the offer stood for one answer

    def exit_line(self) -> Line:
        """Return the way out of the position that the person is in."""
        posture = self.state.posture
        return Line.of("rest_as_you_are") if posture is None else Line.text(posture.exit)

    def say_way_out(self) -> None:
        """Say it before anything else, and let nothing cut it short."""
        self.speak(self.exit_line(), role=Role.ASIDE, priority=Priority.SAFETY)
