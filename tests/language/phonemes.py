"""How alike two phrases sound: a weighted edit distance over the phonemes that espeak-ng gives them.

Rule: a distance is 0 for the same sound and 1 for nothing in common. It is a ruler for choosing phrases, no model of a
recogniser: what a recogniser takes for what is measured with voices (``python -m bench.phrases``).

A substitution costs by what differs: nasality, voicing, manner and place (from lips to throat) of consonants; height,
backness and roundness of vowels, at the beginning and at the end of a diphthong. The sum is divided
by the number of sounds of the longer phrase, but of no more than ``_EARFUL``: in a long phrase a whole word that differs
is enough.
"""

# ruff: noqa: RUF001 - the letters of the International Phonetic Alphabet are meant

from __future__ import annotations

import re
import subprocess
from functools import cache
from math import hypot, sqrt
from typing import TypeAlias

Sound: TypeAlias = str
"""A consonant, a vowel or a diphthong, in the International Phonetic Alphabet, without stress and length."""

_EARFUL = 4

_PLACE = {
    **dict.fromkeys("pbmwfvβ", 0.0),
    **dict.fromkeys("θð", 0.2),
    **dict.fromkeys("tdnszlɾɹr", 0.3),
    "ɥ": 0.4,
    **dict.fromkeys(("ʃ", "ʒ", "tʃ", "dʒ"), 0.45),
    **dict.fromkeys("jçʝɲʎ", 0.6),
    **dict.fromkeys("kɡŋxɣ", 0.8),
    "ʁ": 0.9,
    **dict.fromkeys("hʔ", 1.0),
}
_MANNER = {
    **dict.fromkeys("pbtdkɡʔɾr", "stop"),
    **dict.fromkeys(("tʃ", "dʒ"), "affricate"),
    **dict.fromkeys("fvθðszʃʒhβçʝxɣ", "fricative"),
    **dict.fromkeys("mnŋɲ", "nasal"),
    **dict.fromkeys("lʎ", "lateral"),
    **dict.fromkeys("ɹwjɥʁ", "approximant"),
}
_VOICELESS = {*"ptkʔfθsʃhçx", "tʃ"}
_VOWELS = {  # height, backness, roundness, each from 0 to 1
    "i": (1.0, 0.0, 0.0),
    "ɪ": (0.85, 0.15, 0.0),
    "ᵻ": (0.85, 0.3, 0.0),
    "e": (0.65, 0.0, 0.0),
    "ɛ": (0.4, 0.1, 0.0),
    "æ": (0.15, 0.15, 0.0),
    "a": (0.0, 0.3, 0.0),
    "ɐ": (0.15, 0.5, 0.0),
    "ɑ": (0.0, 0.9, 0.0),
    "ʌ": (0.3, 0.65, 0.0),
    "ə": (0.5, 0.5, 0.0),
    "ɚ": (0.5, 0.5, 0.3),
    "ɜ": (0.45, 0.5, 0.2),
    "ɒ": (0.1, 1.0, 0.6),
    "ɔ": (0.3, 1.0, 1.0),
    "o": (0.6, 1.0, 1.0),
    "ʊ": (0.85, 0.85, 0.8),
    "u": (1.0, 1.0, 1.0),
    "y": (1.0, 0.0, 1.0),
    "ʏ": (0.85, 0.15, 0.8),
    "ø": (0.65, 0.0, 1.0),
    "œ": (0.4, 0.1, 1.0),
}
_DIPHTHONGS = ("eɪ", "aɪ", "ɔɪ", "aʊ", "oʊ", "iə", "ɔø")
_AFFRICATES = ("tʃ", "dʒ")
_TILDE = "̃"
"""Behind a vowel it says that this is a nasal one, as in French."""
_MARKS = str.maketrans("", "", "ˈˌːˑ̩ʲ-_ \n")

_NASAL, _VOICING, _OTHER_MANNER, _ELSEWHERE, _AWAY = 0.5, 0.35, 0.3, 0.15, 0.15
"""Costs of a difference. The order is Miller and Nicely's (1955, confusions of English consonants in noise): nasality
and voicing survive best, then manner, and place is lost first, the farther places last."""
_CONSONANT = 0.8
"""The most that two consonants differ, and ..."""
_VOWEL = 0.6
"""... two vowels: only "no" and "knee" differ in nothing else."""
_NASAL_VOWEL = 0.3
"""What a vowel through the nose differs besides from its like through the mouth. Ours: no source gives a figure."""
_LOST = {**dict.fromkeys("əɚᵻɪ", 0.6), **dict.fromkeys("ɹlwjhʔɾrʁɥʎʝ", 0.5)}
"""What a sound costs that is only in one of two phrases; 0.7 for other consonants, 1 for full vowels."""


def distance(one: str, other: str, voice: str = "en-us") -> float:
    """Return how far apart two phrases are: 0 for the same sound, 1 for nothing in common."""
    first, second = sounds(one, voice), sounds(other, voice)
    row = [0.0]
    for sound in second:
        row.append(row[-1] + _lost(sound))
    for left in first:
        above, row = row, [row[0] + _lost(left)]
        for place, right in enumerate(second, start=1):
            row.append(
                min(
                    above[place] + _lost(left),
                    row[place - 1] + _lost(right),
                    above[place - 1] + _between(left, right),
                )
            )
    return min(1.0, row[-1] / min(_EARFUL, max(len(first), len(second))))


@cache
def sounds(text: str, voice: str = "en-us") -> tuple[Sound, ...]:
    """Return the sounds of ``text`` in the order in which they are spoken."""
    command = ["espeak-ng", "-q", "--ipa", "-v", voice, text]
    said = subprocess.run(command, check=True, capture_output=True, timeout=60).stdout.decode("utf-8")
    letters = re.sub(r"\([a-z-]+\)", "", said).translate(_MARKS)  # "(en)": a word that it says as in English
    found: list[Sound] = []
    while letters:
        size = 2 if letters.startswith((*_DIPHTHONGS, *_AFFRICATES)) else 1
        size += letters[size : size + 1] == _TILDE
        sound, letters = letters[:size], letters[size:]
        if not _is_vowel(sound) and sound not in _PLACE:
            raise ValueError(f"espeak-ng gives {sound!r} in {text!r}, of which nothing is known here")
        found.append(sound)
    return tuple(found)


def _is_vowel(sound: Sound) -> bool:
    return sound[0] in _VOWELS


def _lost(sound: Sound) -> float:
    return _LOST.get(sound, 1.0 if _is_vowel(sound) else 0.7)


def _between(one: Sound, other: Sound) -> float:
    if _is_vowel(one) and _is_vowel(other):
        nasal = _NASAL_VOWEL * ((_TILDE in one) != (_TILDE in other))
        one, other = one.replace(_TILDE, ""), other.replace(_TILDE, "")
        ends = ((one[0], other[0]), (one[-1], other[-1]))
        return nasal + _VOWEL * sqrt(min(1.0, sum(hypot(*_differences(a, b)) for a, b in ends) / 2))
    if _is_vowel(one) or _is_vowel(other):
        return 1.2  # dearer than either loss alone; a swap of the two is no likeness
    manner = {_MANNER[one], _MANNER[other]}
    place = abs(_PLACE[one] - _PLACE[other])
    cost = _VOICING * ((one in _VOICELESS) != (other in _VOICELESS)) + (_ELSEWHERE + _AWAY * place) * (place > 0)
    cost += (_NASAL if "nasal" in manner else _OTHER_MANNER) * (len(manner) > 1)
    return min(_CONSONANT, cost)


def _differences(one: str, other: str) -> tuple[float, float, float]:
    (height, back, round_), (height2, back2, round2) = _VOWELS[one], _VOWELS[other]
    return height - height2, back - back2, 0.5 * (round_ - round2)
