"""Things that neighbours lend, and the factor of their manufacture: chosen by the owner, or guessed from the name."""

import csv
import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from town.commons.impact.factors import DATA
from town.kernel.text import fold

NONE = "none"
"""Chosen by an owner whose thing is none of these: it is then counted in links alone."""

# What may stand before the name of a thing: « Une vieille perceuse », « 2 chaises en bois », « Lot de deux … ».
_BEFORE: Final = """
a l la le les un une des mon ma mes notre nos petit petite petits petites grand grande grands grandes vieux
vieille bon bonne beau belle ancien ancienne deux trois quatre cinq six sept huit neuf dix douze vingt lot de d
my the our an old small big two three
"""
_WORD: Final = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Thing:
    """« Perceuse ou visseuse sans fil »: a factor in everyday words. phrases: how titles begin that mean it."""

    factor: str
    fr: str
    en: str
    phrases: tuple[tuple[str, ...], ...]

    def name(self, language: str) -> str:
        return self.fr if language == "fr" else self.en


@cache
def things() -> tuple[Thing, ...]:
    """Every thing of the list, in alphabetical order of its French name. All are factors of one perimeter."""
    text = (DATA / "things.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter=";")
    found = [
        Thing(row["factor"], row["fr"], row["en"], tuple(_words(phrase) for phrase in row["words"].split("|")))
        for row in rows
    ]
    return tuple(sorted(found, key=lambda thing: fold(thing.fr)))


def thing_named(title: str) -> Thing | None:
    """What a title begins with, by the longest phrase; nothing rather than a wrong guess.

    « Perceuse à percussion » is a drill; « Mèches pour perceuse » and « Remorque de vélo électrique » are not theirs.
    """
    words = list(_words(title))
    while words and (words[0] in _BEFORE.split() or words[0].isdigit()):
        words.pop(0)
    best: tuple[int, Thing] | None = None
    for thing in things():
        for phrase in thing.phrases:
            if _begins(words, phrase) and (best is None or len(phrase) > best[0]):
                best = len(phrase), thing
    return best[1] if best else None


def _begins(words: list[str], phrase: tuple[str, ...]) -> bool:
    """In the singular or in the plural."""
    return len(words) >= len(phrase) and all(
        one in (other, f"{other}s", f"{other}x") for one, other in zip(words, phrase, strict=False)
    )


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(fold(text)))


def factor_of(chosen: str | None, title: str) -> str | None:
    """The factor of a thing: the owner's choice, else the guess from its name."""
    if chosen:
        return None if chosen == NONE else chosen
    thing = thing_named(title)
    return thing.factor if thing else None
