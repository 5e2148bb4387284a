"""Whether an archive could be put back: all that its node lists must be in it, and readable to its end. Pure.

It is unpacked into nothing, part by part, every tar and every dump to its last byte; or restored for trial, which takes
room and time (`trials`). What either shows is judged alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

READ = ("web", "db", "mail")
"""Parts that a node lists by name and that are read through; `udir` is read too where there is any."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What was read of an archive. `absent`: it does not lie on the node; `torn`: it ends before its end. `good` are
    the parts that were read to their end, by (part, name), with how many files or tables are in each; `boxes` is the
    number of mailboxes of each mail domain by its own list. `faults` are those that the node could not take, each with
    what was said: they tell nothing of the archive. `digest` is the archive's SHA-256."""

    absent: bool = False
    torn: bool = False
    good: Mapping[tuple[str, str], int] = field(default_factory=dict)
    bad: frozenset[tuple[str, str]] = frozenset()
    boxes: Mapping[str, int] = field(default_factory=dict)
    digest: str = ""
    faults: Mapping[tuple[str, str], str] = field(default_factory=dict)


READ_BADLY = "can't be read to its end"


def troubles(contents: Mapping[str, tuple[str, ...]], found: Parts, badly: str = READ_BADLY) -> tuple[str, ...]:
    """What is wrong with an archive that holds `contents` by its node's list; nothing: it is proven. `badly` says what
    became of a bad part."""
    if found.absent:
        return ("it does not lie on the node any more",)
    if found.torn:
        return ("the archive ends before its end",)
    return tuple(_wrong(contents, found, badly))


def _wrong(contents: Mapping[str, tuple[str, ...]], found: Parts, badly: str) -> Iterator[str]:
    for part, name in sorted(found.bad):
        yield f"{part} {name} {badly}"
    for part in READ:
        for name in contents.get(part, ()):
            empty = part == "mail" and found.boxes.get(name) == 0
            told = found.good.keys() | found.bad | found.faults.keys()
            if (part, name) not in told and not empty:
                yield f"{part} {name} is not in it"


def words(found: Parts) -> str:
    """What was found to be whole: `1 site, 2 databases, 3 mailboxes`."""
    sites, databases = (sum(part == wanted for part, _ in found.good) for wanted in ("web", "db"))
    counts = ((sites, "site"), (databases, "database"), (sum(found.boxes.values()), "mailbox"))
    said = [f"{count} {_plural(noun, count)}" for count, noun in counts if count]
    return ", ".join(said) or "nothing but the account's settings"


def _plural(noun: str, count: int) -> str:
    return noun if count == 1 else f"{noun}es" if noun.endswith("x") else f"{noun}s"
