"""A use of a limit, as a cell, as a gauge, and in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from hostdeck.tui.theme import STYLE, Tone, glyphs
from hostdeck.tui.widgets.gauges import bar
from hostdeck.tui.widgets.words import joined, muted, toned

if TYPE_CHECKING:
    from hostdeck.core.queries.usage import Figure, TierRow, UseView

TONES = {"notice": Tone.WAITING, "high": Tone.WAITING, "full": Tone.WRONG, "over": Tone.WRONG}
UNITS = ("M", "G", "T", "P")


def size(megabytes: int) -> str:
    """`600M`, `5G`, `5.5G`: at most five characters."""
    value, unit = float(megabytes), 0
    while value >= 1000 and unit < len(UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return f"{value:.1f}".removesuffix(".0") + UNITS[unit] if unit else f"{megabytes}{UNITS[0]}"


def number(value: int, figure: Figure) -> str:
    return size(value) if figure.megabytes else str(value)


def percent_of(use: UseView) -> str:
    """Not clamped, and marked where it is too much: `180%!`; nothing where there is no limit to be percent of."""
    if use.percent is None:
        return "!" if use.over else ""
    return f"{use.percent:.0f}%" + ("!" if use.over else "")


def cell(use: UseView | None, figure: Figure) -> Text:
    """`600M/5G 12%`, `7/∞`."""
    if use is None:
        return muted("-")
    tone = TONES.get(use.band, Tone.PLAIN)
    limit = glyphs().endless if use.limit is None else number(use.limit, figure)
    share = percent_of(use)
    return Text.assemble(
        (number(use.used, figure), STYLE[tone]),
        (f"/{limit}", STYLE[Tone.MUTED]),
        (f" {share}" if share else "", STYLE[tone]),
        end="",
        no_wrap=True,
    )


def words(use: UseView, figure: Figure) -> str:
    """`9 of 5, 180 %, over by 4`."""
    limit = "unlimited" if use.limit is None else number(use.limit, figure)
    said = f"{number(use.used, figure)} of {limit}"
    if use.percent is not None:
        said += f", {use.percent:.0f} %"
    return said + (f", over by {number(use.over, figure)}" if use.over else "")


def gauge(use: UseView, figure: Figure, width: int = 12) -> Text:
    """A bar and its words; without a limit no bar can say anything."""
    tone = TONES.get(use.band, Tone.OK)
    if use.percent is None:
        drawn = bar(100 if use.over else 0, width, tone)
    else:
        drawn = bar(min(100, int(use.percent)), width, tone)
    return joined(drawn, " ", toned(words(use, figure), TONES.get(use.band, Tone.PLAIN)))


def tier(row: TierRow) -> Text:
    """`web 41/100 accounts, disk 47 %, full in about 90 days`."""
    most = glyphs().endless if row.max_accounts == 0 else row.max_accounts
    said = f" {row.accounts}/{most} accounts"
    if row.disk_percent is not None:
        said += f", disk {row.disk_percent:.0f} %"
    tone = Tone.MUTED
    if row.days_to_full is not None:
        soon = row.days_to_full < SOON
        tone = Tone.WAITING if soon else tone
        said += ", full now" if row.days_to_full < 1 else f", full in about {row.days_to_full:.0f} days"
    return joined(toned(str(row.role), Tone.BRIGHT), toned(said, tone))


SOON = 30
"""Days in which another node can be ordered and set up."""
