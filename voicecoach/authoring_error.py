"""What is wrong with a noun that a Python program writes, in one sentence, as a file would be told it.

Rule: no word of pydantic's reaches an author; what is allowed is said, and what was probably meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel, ValidationError

from voicecoach.complaints import complaint_in_words, explain, listing
from voicecoach.core.dose import DOSE_KEYS
from voicecoach.core.exercise import TimedCue
from voicecoach.loading.other_words import meant


class AuthoringError(ValueError):
    """What does not fit into a noun, in one sentence: key, value, what is wrong, what is allowed.

    ``others`` are the sentences about whatever else was found in the same noun.
    """

    def __init__(
        self, problem: str, key: str = "", value: object = None, allowed: str = "", others: tuple[str, ...] = ()
    ) -> None:
        """Keep the parts; ``value`` None: there is none to be shown."""
        super().__init__(problem, key, value, allowed, others)
        self.problem, self.key, self.value, self.allowed, self.others = problem, key, value, allowed, others

    def __str__(self) -> str:
        return complaint_in_words(self.key, self.value, self.problem, self.allowed)


_KINDS = {"Block": "a Block or an Exercise", "Exercise": "an Exercise", "Dose": 'a Dose, or shorthand such as "2 x 5"'}
"""What may stand where pydantic asks for one of the core's nouns."""


@contextmanager
def in_a_sentence(noun: type[BaseModel], values: Mapping[str, Any]) -> Iterator[None]:
    """Turn pydantic's findings about a ``noun`` that is made of ``values`` into an ``AuthoringError``."""
    try:
        yield
    except ValidationError as error:
        findings = error.errors(include_url=False)
        # What is made of a key that is missing is not missing itself; a list whose values are wrong is not empty.
        within = {one["loc"][:-1] for one in findings}
        told = [one for one in findings if one["loc"] not in {("slug",), ("pain",), *within - {()}}]
        first, *others = (_sentence(dict(one), noun, values) for one in sorted(told or findings, key=_order))
    else:
        return
    besides = tuple(dict.fromkeys(str(one) for one in others if str(one) != str(first)))
    raise AuthoringError(first.problem, first.key, first.value, first.allowed, besides) from None


def _sentence(finding: dict[str, Any], noun: type[BaseModel], values: Mapping[str, Any]) -> AuthoringError:
    if isinstance(own := finding.get("ctx", {}).get("error"), AuthoringError):
        return own
    problem, allowed = explain(finding)
    key = next((str(part) for part in reversed(finding["loc"]) if isinstance(part, str) and part in values), "")
    given = finding["input"]
    if finding["type"] == "missing":
        needed = f", and {_article(noun)} needs it" if len(finding["loc"]) == 1 else ""
        return AuthoringError(f"this key is missing{needed}", str(finding["loc"][-1]))
    if finding["type"] == "extra_forbidden":
        key = str(finding["loc"][-1])
        known = _keys_of(TimedCue if "timed_cues" in finding["loc"] else noun)
        problem = f"this key is not known here{meant(key, known)}"
        if noun.__name__ == "Exercise" and key in DOSE_KEYS:
            return AuthoringError("this belongs to the dose", key, _shown(given), f"dose=Dose({key}=…)")
        return AuthoringError(problem, key, _shown(given), listing(known))
    if finding["type"] == "model_type":
        kind = str(finding["ctx"]["class_name"])
        problem, allowed = f"this is no {kind}", _KINDS.get(kind, kind)
    subject = problem.partition(" ")[0]
    if not key and subject in values:
        key, given = subject, values[subject]
    return AuthoringError(problem, key, _shown(given) if key else None, allowed)


def _order(finding: Mapping[str, Any]) -> int:
    """Put a misspelt key first, and what is missing last: the one may be the other."""
    return {"extra_forbidden": 0, "missing": 2}.get(finding["type"], 1)


def _article(noun: type[BaseModel]) -> str:
    return f"{'an' if noun.__name__[0] in 'AEIOU' else 'a'} {noun.__name__}"


def _keys_of(noun: type[BaseModel]) -> frozenset[str]:
    return frozenset(noun.model_fields) - {"by_set", "timed_cues"}


def _shown(value: object) -> object:
    return value if isinstance(value, str | int | float) else None
