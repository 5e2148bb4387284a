"""Statistics: what each service uses of what it was sold, the fullest first, and how full the tiers are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import zip_longest
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from hostdeck.core.intents import fleet as wishes
from hostdeck.core.queries import usage
from hostdeck.core.queries.usage import FIGURES, Figure, StatsRow, StatsView, TierRow
from hostdeck.core.queries.usage_text import stats_csv, stats_json
from hostdeck.screens.base import DeckScreen
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.columns import Column, fitted
from hostdeck.tui.widgets.frame import Part
from hostdeck.tui.widgets.gauges import pill
from hostdeck.tui.widgets.table import Table
from hostdeck.tui.widgets.usage import cell, gauge, tier, words
from hostdeck.tui.widgets.words import ago, joined, muted, plural, toned

TITLES = {
    "web_disk": "WEB DISK", "bandwidth": "BANDWIDTH", "dns_records": "DNS REC", "databases": "DBS",
    "ftp_accounts": "FTP", "cron_jobs": "CRON", "web_backups": "WEB BACKUPS", "mail_disk": "MAIL DISK",
    "mail_accounts": "MAIL ACCTS", "mail_backups": "MAIL BACKUPS",
}  # fmt: skip
LETTERS = {
    "web_disk": "W", "bandwidth": "B", "dns_records": "N", "databases": "T", "ftp_accounts": "F", "cron_jobs": "C",
    "web_backups": "U", "mail_disk": "M", "mail_accounts": "A", "mail_backups": "P",
}  # fmt: skip
FROZEN = 2


def columns(now: Callable[[], datetime]) -> tuple[Column[StatsRow], ...]:
    """Domain and status stay; of the rest the last go first, and the arrows bring them."""
    return (
        Column[StatsRow]("domain", "DOMAIN", lambda s: s.domain, 18, 1, 30, sort=lambda s: s.domain, letter="D"),
        Column[StatsRow]("status", "STATUS", lambda s: pill(s.status), 9, sort=lambda s: s.status, letter="S"),
        *(_column(figure, number) for number, figure in enumerate(FIGURES, 1)),
        Column[StatsRow](
            "updated", "UPDATED", lambda s: ago(s.updated_at, now()), 7, 0, 0, len(FIGURES) + 1,
            lambda s: s.updated_at, "E", True,
        ),
    )  # fmt: skip


def _column(figure: Figure, priority: int) -> Column[StatsRow]:
    def drawn(row: StatsRow) -> Text:
        return cell(row.use.get(figure.key), figure)

    def fullness(row: StatsRow) -> float | None:
        """Sorted from the fullest on; what has no limit comes after what has."""
        use = row.use.get(figure.key)
        if use is None:
            return None
        return -(use.percent if use.percent is not None else usage.WORST if use.over else -1.0)

    width = 15 if figure.megabytes else 11
    letter = LETTERS[figure.key]
    return Column(figure.key, TITLES[figure.key], drawn, width, 0, 0, priority, fullness, letter)


class Wide(Table[StatsRow]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right", "shift(1)", "more columns", key_display="← →"),
        Binding("left", "shift(-1)", "columns before", show=False),
    ]


class Stats(DeckScreen):
    SECTION = "stats"
    LIST = "stats"
    CHANGING = frozenset({"collect"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("R", "collect", "read anew"),
        Binding("ctrl+s", "save", "save", key_display="ctrl+s"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._tiers: tuple[TierRow, ...] = ()

    def body(self) -> Iterable[Widget]:
        yield Static("", id="tiers", markup=False)
        yield Wide(
            columns(self.deck.clock), lambda s: s.id, empty="no services yet\nn under 4 orders the first one; R here "
            "has the nodes asked what it uses", frozen=FROZEN,
        )  # fmt: skip
        yield Static("", id="gauges", markup=False, classes="wide")
        yield Static("", id="detail", markup=False)

    def on_mount(self) -> None:
        self.follow(usage.stats, self.show_stats, every=lambda: 30.0)

    def show_stats(self, stats: StatsView) -> None:
        self.query_one(Table).set_rows(stats.services)
        if stats.tiers != self._tiers:  # a Static that is updated lays the whole screen out anew
            self._tiers = stats.tiers
            self.query_one("#tiers", Static).update(Text("\n", end="").join(tier(row) for row in stats.tiers))
        over = sum(any(use.over for use in row.use.values()) for row in stats.services)
        said = [plural(len(stats.services), "service")] + [f"{over} over a limit"] * bool(over)
        self.facts = [Part(muted(", ".join(said)), 2)]
        self.draw_crumbs()

    @on(Table.Moved)
    def moved(self, event: Table.Moved[StatsRow]) -> None:
        """All there is to say of the row under the cursor, whatever columns there is room for."""
        self.query_one("#gauges", Static).update(_gauges(event.row) if event.row else "")
        self.query_one("#detail", Static).update(_said(event.row) if event.row else "")

    @on(Table.Chosen)
    def chosen(self, event: Table.Chosen[StatsRow]) -> None:
        self.deck.open_service(event.row.id)

    def action_collect(self) -> None:
        if self.may_change():
            self.ask(lambda: wishes.refresh_usage(self.deck.door), self._asked_nodes)

    def _asked_nodes(self, tasks: tuple[int, ...]) -> None:
        if tasks:
            self.say(f"{plural(len(tasks), 'server')} will be asked what services use; 6 shows how it goes")
        else:
            self.say("there is no server that knows users; add one under 2", Tone.WAITING)

    def action_save(self) -> None:
        """What is shown, in the order it is shown in, as CSV and as JSON."""
        rows: list[StatsRow] = self.query_one(Table).rows.shown
        name = f"stats-{self.deck.clock():%Y%m%d-%H%M%S}"
        try:
            paths = [self.deck.keep(f"{name}.{kind}", text(rows)) for kind, text in FILES.items()]
        except OSError as error:
            self.say(f"can't be saved: {error.strerror or error}", Tone.WRONG)
        else:
            self.say(f"saved {' and '.join(paths)}")


FILES: dict[str, Callable[[Iterable[StatsRow]], str]] = {"csv": stats_csv, "json": stats_json}


HALF = 56


def _gauges(row: StatsRow) -> Text:
    """The website's part at the left, the mail's at the right."""
    web, mail = (
        [
            joined(muted(f"{figure.title:<10}"), gauge(row.use[figure.key], figure))
            for figure in FIGURES
            if figure.group == group and figure.key in row.use
        ]
        for group in ("Web", "Mail")
    )
    lines = [toned(row.domain, Tone.BRIGHT)]
    lines += [
        joined(fitted(left, HALF), "  ", right) for left, right in zip_longest(web, mail, fillvalue=Text("", end=""))
    ]
    return Text("\n", end="").join(lines)


def _said(row: StatsRow) -> Text:
    if not row.use:
        return muted(f"{row.domain}: never read; R has the nodes asked")
    figures = [figure for figure in FIGURES if figure.key in row.use]
    over = [figure for figure in figures if row.use[figure.key].over]
    said = [f"{TITLES[figure.key].lower()} {words(row.use[figure.key], figure)}" for figure in over or figures]
    return muted(f"{row.domain}: {'; '.join(said)}")
