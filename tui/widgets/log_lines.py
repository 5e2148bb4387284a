"""How a line of a log looks: its time, whose it is, what kind of line it is, and its text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum

from rich.cells import chop_cells
from rich.style import Style
from rich.text import Text

from hostdeck.core.domain.text import clean_line
from hostdeck.core.domain.vocabulary import Stream
from hostdeck.core.queries.log_lines import Line
from hostdeck.tui.theme import STYLE, Tone
from hostdeck.tui.widgets.words import clock

LOOK: dict[Stream | None, tuple[str, Tone]] = {
    Stream.COMMAND: ("$ ", Tone.ACCENT),
    Stream.STDOUT: ("  ", Tone.PLAIN),
    Stream.STDERR: ("! ", Tone.WRONG),
    Stream.NOTE: ("- ", Tone.MUTED),
    None: ("  ", Tone.WAITING),
}
NARROWEST = 20
"""Cells a wrapped text gets however much stands in front of it."""


class Times(StrEnum):
    """CLOCK: each second once, at its first line; FULL: ISO 8601 with milliseconds and offset, on every line."""

    NONE = "none"
    CLOCK = "clock"
    FULL = "full"


WIDTH = {Times.NONE: 0, Times.CLOCK: 8, Times.FULL: 29}


@dataclass(slots=True)
class Look:
    zone: tzinfo | None = None
    times: Times = Times.CLOCK
    wrap: bool = False

    @property
    def width(self) -> int:
        """Cells in front of a line's kind, without its task."""
        return WIDTH[self.times] + 1

    def stamp(self, line: Line, before: Line | None) -> str:
        """The line's time, nothing where the one before it says the same."""
        if self.times is Times.NONE:
            return ""
        if self.times is Times.FULL:
            return line.at.astimezone(self.zone).isoformat(timespec="milliseconds")
        same = before is not None and before.at.replace(microsecond=0) == line.at.replace(microsecond=0)
        return "" if same else clock(line.at, self.zone)

    def line(self, line: Line, before: Line | None, tag: str, *, sign: str = " ", after: str = "") -> Text:
        """`before`: the line above, if its time need not be said again; `sign`: a character that says that the line is
        marked, or under the cursor; `after`: our words at the end."""
        mark, tone = LOOK[line.stream]
        stamp = f"{self.stamp(line, before):<{WIDTH[self.times]}}"
        text = clean_line(line.text.expandtabs())
        front = f"{sign}{f'{tag} ' if tag else ''}"
        if tag:
            return Text.assemble(
                (f"{stamp}{front}", STYLE[Tone.MUTED]), (f"{mark}{text}", STYLE[tone]),
                (after, STYLE[Tone.MUTED]), end="", no_wrap=True,
            )  # fmt: skip
        return Text.assemble(
            (stamp, STYLE[Tone.MUTED]), (f"{front}{mark}{text}", STYLE[tone]), (after, STYLE[Tone.MUTED]),
            end="", no_wrap=True,
        )  # fmt: skip

    def words(self, text: str) -> Text:
        """What the log itself has to say."""
        mark, tone = LOOK[None]
        return Text(f"{'':<{self.width}}{mark}{text}", STYLE[tone], end="", no_wrap=True)

    def indent(self, tag: str) -> int:
        """Cells in front of a line's text."""
        return self.width + (len(tag) + 1 if tag else 0) + 2


def wrapped(text: Text, indent: int, width: int) -> list[tuple[int, Text]]:
    """The rows that a line takes, each with where its text begins; those after the first are indented."""
    room = max(NARROWEST, width - indent)
    if text.cell_len <= indent + room:
        return [(0, text)]
    parts = chop_cells(text.plain[indent:], room)
    cuts, at = [], indent
    for part in parts[:-1]:
        at += len(part)
        cuts.append(at)
    pieces = text.divide(cuts)
    rows = [(0, pieces[0])]
    for start, piece in zip(cuts, list(pieces)[1:], strict=True):
        piece.pad_left(indent)
        rows.append((start - indent, piece))
    return rows


def highlighted(text: Text, needle: str, style: Style) -> Text:
    if needle:
        text.highlight_words([needle], style, case_sensitive=False)
    return text
