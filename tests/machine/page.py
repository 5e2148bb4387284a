"""The README's page about a management host, as somebody follows it who knows nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

README = Path(__file__).resolve().parents[2] / "README.md"


@dataclass(frozen=True)
class Block:
    """`text` is typed by `user`; `heading` is the bold word of its paragraph, if it has one. `language` is empty for
    what is put into a file."""

    heading: str
    user: str
    language: str
    text: str


def blocks() -> list[Block]:
    """In the order of the page. Who types one stands in the words before it."""
    page = README.read_text().split("\n## On a management host\n")[1].split("\n## ")[0]
    found, before = [], ""
    for number, part in enumerate(re.split(r"^```", page, flags=re.MULTILINE)):
        if number % 2 == 0:
            before = part.strip().rpartition("\n\n")[2]
            continue
        language, _, text = part.partition("\n")
        heading = re.search(r"\*\*(.+?)\*\*", before)
        user = "hostdeck" if "user `hostdeck`" in before else "root"
        found.append(Block(heading.group(1) if heading else "", user, language, text))
    return found


def block(heading: str, nth: int = 0) -> Block:
    return [one for one in blocks() if one.heading == heading][nth]
