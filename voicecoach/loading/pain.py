"""The rules for pain of a routine: the strict ones that ship, or a prescriber's three figures in their places.

Rule: what a prescriber may set stands here; everything else is the same in every routine (docs/safety.md).
"""

from __future__ import annotations

import functools

from voicecoach.complaints import listing
from voicecoach.core.routine import PainPolicy, PainRules
from voicecoach.loading.source import RoutineError, Source
from voicecoach.shipped import shipped
from voicecoach.toml_file import read_toml

_PAIN_KEYS = frozenset({"tolerated", "ends_above", "rise"})


@functools.cache
def strict_rules() -> PainRules:
    """Return the strict rules for pain: those of the documents, as they ship."""
    return PainRules.model_validate(read_toml(shipped("routines") / "pain" / "strict.toml", RoutineError)[0])


def pain_rules(source: Source) -> PainRules:
    """Return the strict rules, or a prescriber's three figures in their places."""
    table, policy = source.table, source.table.get("pain_policy", PainPolicy.STRICT.value)
    if policy != PainPolicy.MONITORED.value:
        if "pain" in table and policy == PainPolicy.STRICT.value:
            source.fail(
                ("pain",),
                "the strict rules for pain are the same in every routine; other figures are a prescriber's",
                None,
                'leave [pain] out, or pain_policy = "monitored" with prescriber and review_on',
            )
        return strict_rules()
    for key, needed in (
        ("prescriber", 'prescriber = "…", who has set these rules'),
        ("review_on", "review_on = 2027-01-31, the last day on which they hold"),
        ("pain", "[pain] with tolerated = 2, the pain that is allowed"),
    ):
        if key not in table:
            source.fail(("pain_policy",), f"{key} is missing, and monitored pain needs it", policy, needed)
    own = table["pain"]
    if not isinstance(own, dict):
        shown = None if isinstance(own, list) else own
        source.fail(("pain",), "this must be a table", shown, "[pain], in single brackets, with tolerated = 2 below it")
    strict = strict_rules()
    for key in own:
        if key in PainRules.model_fields and key not in _PAIN_KEYS:
            source.fail(("pain", key), "this is the same in every routine, for safety", own[key], listing(_PAIN_KEYS))
    source.refuse_unknown(own, ("pain",), _PAIN_KEYS)
    if "tolerated" not in own:
        source.fail(("pain",), "tolerated is missing: the pain that is allowed", None, "tolerated = 0 to 5")
    tolerated = source.whole(own, "tolerated", 0, 5)
    ends_above = source.whole(own, "ends_above", tolerated, 7) if "ends_above" in own else strict.ends_above
    rise = source.whole(own, "rise", 1, 10) if "rise" in own else strict.rise
    return strict.model_copy(update={"tolerated": tolerated, "ends_above": ends_above, "rise": rise})
