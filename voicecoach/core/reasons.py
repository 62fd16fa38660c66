"""Why an exercise was not coached to its end: what a report answers where the figures leave a question.

Rule: a reason is what somebody said, or what the session was seen to do. Where there is neither, it says that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from voicecoach.core.events import Value
from voicecoach.core.report import Cause, ExerciseReport, WhyNot


@dataclass(frozen=True, slots=True)
class Decision:
    """A note, which an undo may take back."""

    event: int
    """The number of the event that it came with."""
    kind: str
    owner: str | None
    """The exercise of the routine that it is about."""
    fields: dict[str, Value | None]


def why_not(
    report: ExerciseReport, decisions: Sequence[Decision], outcome: str, *, last: bool, gentle: bool
) -> tuple[WhyNot, ...]:
    """Return the reasons, in the order in which they came about.

    ``decisions`` are those about this exercise. ``last`` tells that the session did not come further than this
    exercise, ``gentle`` that only mild exercises were still offered at its end.
    """
    reasons: list[WhyNot] = []
    if report.locked and (report.locked.earlier or report.locked.reason == "worse"):
        reasons.append(WhyNot(Cause.LOCKED, report.locked.reason))
    reasons += [WhyNot(Cause.PAIN, pain.verdict) for pain in report.pains if pain.counts]
    for decision in decisions:
        match decision.kind:
            case "skipped":
                reasons.append(WhyNot(Cause.SKIPPED))
            case "skip_reason" if WhyNot(Cause.SKIPPED) in reasons:
                given = decision.fields.get("reason")
                reasons[reasons.index(WhyNot(Cause.SKIPPED))] = WhyNot(
                    Cause.SKIPPED, None if given is None else str(given)
                )
            case "cut_short" | "switched":
                reasons.append(WhyNot(Cause.CUT_SHORT))
            case "swapped":
                reasons.append(WhyNot(Cause.SWAPPED, str(decision.fields.get("to"))))
    enough = {Cause.LOCKED, Cause.PAIN, Cause.SKIPPED} & {reason.cause for reason in reasons}
    if outcome != "finished" and (not reasons or (last and not enough)):
        reasons.append(WhyNot(Cause.ENDED, outcome))
    if not reasons and gentle:
        reasons.append(WhyNot(Cause.AFTER_PAIN))
    return tuple(dict.fromkeys(reasons)) or (WhyNot(Cause.PASSED_OVER),)
