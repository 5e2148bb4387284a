"""What is typed after `/`: which rows of a list it keeps. `mail`, `!text`, `~fuzzy`, `state:fail,run server:web01`,
`age:<1h`, and `"two words"` as one.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from hostdeck.core.domain.text import clean_line

LIMIT = 300
"""Characters of a filter that count: each word is looked for in every column of every row."""
UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
AGE = re.compile(r"(?P<side>[<>])(?P<number>\d+(?:\.\d+)?)(?P<unit>[smhdw])")
KEY = re.compile(r"(?P<key>[a-z][a-z0-9-]*):(?P<value>.+)", re.DOTALL)


class How(StrEnum):
    """`FUZZY`: the letters in this order, whatever lies between them."""

    HOLDS = "holds"
    FUZZY = "fuzzy"


@dataclass(frozen=True, slots=True)
class Term:
    """One thing asked of a row: that one of `words` is in it, in the column `key` or, where that is empty, anywhere;
    or that none is."""

    words: tuple[str, ...]
    key: str = ""
    negative: bool = False
    how: How = How.HOLDS


@dataclass(frozen=True, slots=True)
class Age:
    """Younger or older than so many seconds."""

    seconds: float
    older: bool


@dataclass(frozen=True, slots=True)
class Narrowing:
    """All of it has to be true of a row that is kept."""

    terms: tuple[Term, ...] = ()
    ages: tuple[Age, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.terms or self.ages)

    def keeps(self, text: str, value: Callable[[str], str], age: Callable[[], float | None]) -> bool:
        """Of a row with all its `text`, the `value` of each named column, and its `age` in seconds."""
        return all(_holds(term, value(term.key) if term.key else text) for term in self.terms) and all(
            _aged(one, age()) for one in self.ages
        )


@lru_cache(maxsize=64)
def narrowing(text: str, keys: frozenset[str]) -> Narrowing:
    """What `text` asks. A word before a colon that is none of `keys` is no qualifier, so that `fe80::1` and `12:30` are
    found as they stand; neither is a qualifier or a `!` without anything after it, which is being typed. What no list
    shows is looked for as it would be shown: a database takes neither NUL nor half a character."""
    terms, ages = [], []
    for token in _tokens(clean_line(text, LIMIT).lower()):
        negative = token.startswith("!")
        word = token[negative:]
        found = KEY.fullmatch(word)
        if found and found["key"] == "age" and "age" in keys and (age := AGE.fullmatch(found["value"])):
            older = (age["side"] == ">") is not negative
            ages.append(Age(float(age["number"]) * UNITS[age["unit"]], older))
        elif found and found["key"] in keys and found["key"] != "age":
            words = tuple(part for part in found["value"].split(",") if part)
            terms += [Term(words, found["key"], negative)] if words else []
        elif word.rstrip(":") in keys and word.endswith(":"):
            continue
        elif word.startswith("~"):
            terms += [Term((word[1:],), negative=negative, how=How.FUZZY)] if word[1:] else []
        elif word:
            terms.append(Term((word,), negative=negative))
    return Narrowing(tuple(terms), tuple(ages))


def no_qualifiers(text: str, keys: frozenset[str]) -> list[str]:
    """Words before a colon that no list of these `keys` knows: what is said where nothing was found by them."""
    words = (token.removeprefix("!") for token in _tokens(clean_line(text, LIMIT).lower()))
    found = [match["key"] for word in words if (match := KEY.fullmatch(word))]
    return [key for key in dict.fromkeys(found) if key not in keys and key.isalpha()]


def _tokens(text: str) -> Iterable[str]:
    try:
        lexer = shlex.shlex(text, posix=True, punctuation_chars="")
        lexer.whitespace_split, lexer.commenters, lexer.escape, lexer.quotes = True, "", "", '"'
        return list(lexer)
    except ValueError:  # a quotation mark that is not closed yet
        return text.replace('"', " ").split()


def _holds(term: Term, text: str) -> bool:
    return any(is_in(word.casefold(), term.how, text) for word in term.words) is not term.negative


def is_in(word: str, how: How, text: str) -> bool:
    """Both in one case already."""
    if how is How.HOLDS:
        return word in text
    rest = iter(text)
    return all(letter in rest for letter in word)


def _aged(wanted: Age, seconds: float | None) -> bool:
    return seconds is not None and (seconds > wanted.seconds if wanted.older else seconds < wanted.seconds)
