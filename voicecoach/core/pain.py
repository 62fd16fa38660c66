"""Pain: what is asked, and what the answers lead to. A machine of its own, without time and without a voice.

Rule 1: every question about pain, and every decision that hangs on its answer, stands here and nowhere else.
Rule 2: figures are data (``PainRules``): this file holds none.
Rule 3: in doubt the graver way. "Not sure" counts as yes, silence counts as no answer, and no answer leads to nothing.
Rule 4: nothing in here names a cause, a remedy or a diagnosis, and nothing encourages (docs/safety.md).

Theory of operation. ``Pain`` is one frozen value. It stands at one question (``asks``), takes one answer at a time
(``hear``) or notices that one was not understood (``miss``), and comes to one ``verdict``. The order is that of
docs/safety.md: score, echo, leg, feel; warning signs where there is reason; then the verdict, and for the milder ones
an offer that needs a "yes".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from voicecoach.core.events import NUMBERS, Command, Line
from voicecoach.core.routine import PainRules

_YES_NO = frozenset({Command.YES, Command.NO})
_UNSURE = frozenset({Command.UNSURE})


class Asks(StrEnum):
    """Where the dialogue stands."""

    NOTHING = "nothing"
    """The way out of the position, and the quiet after it."""
    SCORE = "score"
    ECHO = "echo"
    """Was the number understood right?"""
    LEG = "leg"
    """Has it spread into the leg, is anything numb or tingling?"""
    FEEL = "feel"
    """Sharp, or more of an ache?"""
    SIGN = "sign"
    """One warning sign after the other."""
    OFFER = "offer"
    """The rest of the session, without what hurt; or, under monitored rules, to go on."""
    MISTAKE = "mistake"
    """Does nothing hurt, was it a mistake?"""


class Verdict(StrEnum):
    """What a pain leads to."""

    GOES_ON = "goes on"
    """Monitored rules allow so much."""
    EXERCISE_OVER = "exercise over"
    """This exercise is over, and locked until somebody has looked at it."""
    SESSION_OVER = "session over"
    """Enough for today: talk to the clinician."""
    URGENT = "urgent"
    """A warning sign: get help now."""
    FALSE_ALARM = "false alarm"


_ANSWERS = {
    Asks.NOTHING: frozenset[Command](),
    Asks.SCORE: frozenset(NUMBERS),
    Asks.ECHO: _YES_NO | _UNSURE | frozenset(NUMBERS),  # who is not sure is asked again; people also say the number
    Asks.LEG: _YES_NO | _UNSURE,
    Asks.FEEL: frozenset({Command.SHARP, Command.ACHE}) | _UNSURE,
    Asks.SIGN: _YES_NO | _UNSURE,
    Asks.OFFER: _YES_NO,
    Asks.MISTAKE: _YES_NO,
}
_QUESTIONS = {
    Asks.SCORE: "pain_score",
    Asks.LEG: "pain_leg",
    Asks.FEEL: "pain_feel",
    Asks.MISTAKE: "pain_mistake",
}
_ALWAYS = frozenset({Command.MISTAKE, Command.CHECK})
"""What may be said at any moment of the dialogue until its verdict is there."""


@dataclass(frozen=True, slots=True)
class Pain:
    """One pain, and what is known of it."""

    rules: PainRules
    number: int
    """The how-manieth of the day, from 1."""
    before: int | None = None
    """The last score for the same exercise, if there is one."""
    asks: Asks = Asks.NOTHING
    score: int | None = None
    leg: str | None = None
    """``yes``, ``no`` or ``unsure``."""
    feel: str | None = None
    """``sharp``, ``ache`` or ``unsure``."""
    signs: int = 0
    """How many warning signs were answered with no."""
    sign: str | None = None
    """The warning sign that was not answered with no."""
    misses: int = 0
    """How often the answer to this question was not understood."""
    quiet: bool = True
    """Whether the way out has just been said: no question for a while."""
    verdict: Verdict | None = None
    behind: Asks = Asks.NOTHING
    """The question that "was it a mistake?" has interrupted."""
    missed_behind: int = 0
    """How often the answer to that one was not understood."""

    @property
    def answers(self) -> frozenset[Command]:
        """The commands that answer what is asked."""
        always = _ALWAYS if self.verdict is None else frozenset[Command]()
        return always if self.quiet else _ANSWERS[self.asks] | always

    @property
    def settled(self) -> bool:
        """Whether the verdict is there and nothing is left to be asked."""
        return self.verdict is not None and self.asks is Asks.NOTHING

    @property
    def question(self) -> tuple[Line, ...]:
        """What to say to ask it."""
        match self.asks:
            case Asks.NOTHING:
                return ()
            case Asks.ECHO:
                return (Line.of("pain_echo", number=self.score or 0),)
            case Asks.SIGN:
                return (Line.of(self.rules.signs[self.signs]),)
            case Asks.OFFER:
                return (Line.of("pain_goes_on" if self.verdict is Verdict.GOES_ON else "pain_offer"),)
            case _:
                return (Line.of(_QUESTIONS[self.asks]),)

    @property
    def told(self) -> int | None:
        """The score, if the person has confirmed it."""
        return None if Asks.ECHO in {self.asks, self.behind} else self.score

    def begin(self) -> Pain:
        """Ask the first question, or again the one that stood when pain was said once more."""
        return self.at(Asks.SCORE) if self.asks is Asks.NOTHING else replace(self, quiet=False)

    def rest(self) -> Pain:
        """Be quiet again: pain was said once more. What is known stays known."""
        return replace(self, quiet=True)

    def hear(self, command: Command) -> Pain:
        """Take an answer. What is none to this question counts as not understood."""
        if command not in self.answers:
            return self.miss()
        if command is Command.MISTAKE:
            return self._doubt()
        if command is Command.CHECK:
            return self._check()
        match self.asks:
            case Asks.SCORE:
                return replace(self, score=NUMBERS[command]).at(Asks.ECHO)
            case Asks.ECHO:
                return self._echoed(command)
            case Asks.LEG:
                return replace(self, leg=command.value).at(Asks.FEEL)
            case Asks.FEEL:
                return replace(self, feel=command.value).felt()
            case Asks.SIGN:
                return self._no_sign() if command is Command.NO else self.urgent()
            case Asks.OFFER:
                return self._offered(taken=command is Command.YES)
            case _:
                return self._mistaken(truly=command is Command.YES)

    def miss(self) -> Pain:
        """Notice that an answer was not understood. The second time at a warning sign counts as a yes."""
        missed = replace(self, misses=self.misses + 1)
        return missed.urgent() if self.asks is Asks.SIGN and missed.misses >= self.rules.misses else missed

    def at(self, asks: Asks, behind: Asks = Asks.NOTHING) -> Pain:
        """Stand at a question."""
        return replace(self, asks=asks, behind=behind, misses=0, quiet=False)

    def _echoed(self, command: Command) -> Pain:
        number = NUMBERS.get(command, self.score)
        if number != self.score:
            return replace(self, score=number).at(Asks.ECHO)
        if command in {Command.NO, Command.UNSURE}:
            return replace(self, score=None).at(Asks.SCORE)
        return self.at(Asks.MISTAKE, behind=Asks.LEG) if self.score == 0 else self.at(Asks.LEG)

    def felt(self) -> Pain:
        """Decide whether the warning signs are asked about."""
        assert self.score is not None  # noqa: S101 - asked before
        risen = self.before is not None and self.score - self.before >= self.rules.rise
        signs = self._in_the_leg or risen or self.score > self.rules.ask_above
        return self.at(Asks.SIGN) if signs and self.signs < len(self.rules.signs) else self.judged()

    @property
    def _in_the_leg(self) -> bool:
        return self.leg in {Command.YES, Command.UNSURE}

    def _no_sign(self) -> Pain:
        asked = replace(self, signs=self.signs + 1)
        if asked.signs < len(self.rules.signs):
            return asked.at(Asks.SIGN)
        # Asked for in the middle of the dialogue: the questions that were left out come now.
        for asks, answer in ((Asks.SCORE, self.score), (Asks.LEG, self.leg), (Asks.FEEL, self.feel)):
            if answer is None:
                return asked.at(asks)
        return asked.judged()

    def _check(self) -> Pain:
        """Go through the warning signs from the first; a number that was not confirmed is asked for again."""
        return replace(self, signs=0, score=self.told or None).at(Asks.SIGN)

    def _doubt(self) -> Pain:
        """Ask whether it was a mistake."""
        if self.asks is Asks.MISTAKE:
            return self.at(Asks.MISTAKE, behind=self.behind)
        return replace(self.at(Asks.MISTAKE, behind=self.asks), missed_behind=self.misses)

    def urgent(self) -> Pain:
        """Send for help: a warning sign was not answered with no."""
        return replace(self, verdict=Verdict.URGENT, sign=self.rules.signs[self.signs]).at(Asks.NOTHING)

    def judged(self) -> Pain:
        """Come to the verdict."""
        assert self.score is not None  # noqa: S101 - asked before
        bad = self._in_the_leg or self.feel != Command.ACHE or self.score > self.rules.ends_above
        if bad or self.number >= self.rules.pains:
            return replace(self, verdict=Verdict.SESSION_OVER).at(Asks.NOTHING)
        mild = self.score <= self.rules.tolerated
        return replace(self, verdict=Verdict.GOES_ON if mild else Verdict.EXERCISE_OVER).at(Asks.OFFER)

    def _offered(self, *, taken: bool) -> Pain:
        """Who does not want to go on has had enough; what has come to light stays as it is."""
        return (self if taken else replace(self, verdict=Verdict.SESSION_OVER)).at(Asks.NOTHING)

    def _mistaken(self, *, truly: bool) -> Pain:
        if truly:
            return replace(self, verdict=Verdict.FALSE_ALARM).at(Asks.NOTHING)
        if self.behind is Asks.ECHO:
            return self.at(Asks.ECHO)
        known = replace(self, score=self.score or None)  # who says nought, and that it hurts, is asked again
        if self.behind is Asks.SIGN:
            return replace(known.at(Asks.SIGN), misses=self.missed_behind)
        unknown = known.score is None or self.behind is Asks.NOTHING
        return known.at(Asks.SCORE if unknown else self.behind)
