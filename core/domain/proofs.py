"""Whether an archive could be put back: all that its node lists must be in it, and readable to its end. Pure.

Why it is read and not restored into a scratch user. A node restores an archive under any user's name (it takes the old
name from the archive), but beside the customer's own account that would be its ruin: before it makes a database of the
new name it drops the one of the archive's name, which is the one they work with (`delete_mysql_database` in
`v-restore-user` of 1.9). A website, a zone or a mail domain that another user of the node has it refuses (exit 12). On
another node a mail domain of that name would keep what the node's other customers write to it, and the account would
bear our mark without a row. So no account is made, none has to be removed: each part is unpacked into nothing, every
tar and every dump to its last byte.
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
    number of mailboxes of each mail domain by its own list. `digest` is the archive's SHA-256."""

    absent: bool = False
    torn: bool = False
    good: Mapping[tuple[str, str], int] = field(default_factory=dict)
    bad: frozenset[tuple[str, str]] = frozenset()
    boxes: Mapping[str, int] = field(default_factory=dict)
    digest: str = ""


def troubles(contents: Mapping[str, tuple[str, ...]], found: Parts) -> tuple[str, ...]:
    """What is wrong with an archive that holds `contents` by its node's list; nothing: it is proven."""
    if found.absent:
        return ("it does not lie on the node any more",)
    if found.torn:
        return ("the archive ends before its end",)
    return tuple(_wrong(contents, found))


def _wrong(contents: Mapping[str, tuple[str, ...]], found: Parts) -> Iterator[str]:
    for part, name in sorted(found.bad):
        yield f"{part} {name} can't be read to its end"
    for part in READ:
        for name in contents.get(part, ()):
            empty = part == "mail" and found.boxes.get(name) == 0
            if (part, name) not in found.good and (part, name) not in found.bad and not empty:
                yield f"{part} {name} is not in it"


def words(found: Parts) -> str:
    """What was found to be whole: `1 site, 2 databases, 3 mailboxes`."""
    sites, databases = (sum(part == wanted for part, _ in found.good) for wanted in ("web", "db"))
    counts = ((sites, "site"), (databases, "database"), (sum(found.boxes.values()), "mailbox"))
    said = [f"{count} {_plural(noun, count)}" for count, noun in counts if count]
    return ", ".join(said) or "nothing but the account's settings"


def _plural(noun: str, count: int) -> str:
    return noun if count == 1 else f"{noun}es" if noun.endswith("x") else f"{noun}s"
