"""All certificates, the worst first, with what Let's Encrypt still allows their domains this week."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from rich.text import Text
from textual import on
from textual.widget import Widget
from textual.widgets import Static

from hostdeck.core.domain.acme import CertificateState
from hostdeck.core.queries import certificates
from hostdeck.core.queries.certificates import CertificateRow
from hostdeck.screens import certificate_words as words
from hostdeck.screens.base import DeckScreen
from hostdeck.screens.task_columns import first_error
from hostdeck.tui.widgets.columns import Column
from hostdeck.tui.widgets.frame import Part
from hostdeck.tui.widgets.table import Table
from hostdeck.tui.widgets.words import inert, muted

LIMIT = 500


def columns(now: Callable[[], datetime]) -> tuple[Column[CertificateRow], ...]:
    return (
        Column("state", "STATE", words.state, 8, sort=lambda c: c.state, letter="S"),
        Column("domain", "DOMAIN", lambda c: c.domain, 20, 2, 34, sort=lambda c: c.domain, letter="D"),
        Column("kind", "KIND", lambda c: muted(c.kind), 4, sort=lambda c: c.kind, letter="K"),
        Column("server", "SERVER", lambda c: c.server, 8, 1, 14, 4),
        Column("days", "DAYS", words.days, 4, 0, 0, 0, _ends, "Y", True),
        Column("failures", "FAILED", words.failures, 6, 0, 0, 3, lambda c: c.failures, "F", True),
        Column("next", "NEXT TRY", lambda c: words.next_try(c, now()), 8, priority=2),
        Column("week", "WEEK", words.week, 5, 0, 0, 1, lambda c: c.week_used, "W", True),
        Column("names", "NAMES", lambda c: muted(", ".join(c.hosts)), 24, 1, 44, 6),
        Column("reason", "LAST REASON", _reason, 24, 4, priority=5),
    )


def _ends(row: CertificateRow) -> int:
    return -1_000_000 if row.days_left is None else row.days_left


def _reason(row: CertificateRow) -> Text:
    if row.reason is None:
        return Text("", end="")
    return first_error(row.reason) if row.state is CertificateState.FROZEN else muted(row.reason)


class Certificates(DeckScreen):
    SECTION = "services"
    LIST = "ssl"

    @property
    def crumb(self) -> str:
        return "Certificates"

    def body(self) -> Iterable[Widget]:
        yield Table[CertificateRow](
            columns(self.deck.clock), lambda c: c.id, empty="no certificates yet\nn under 4 orders a service; its "
            "certificates come with it"
        )  # fmt: skip
        yield Static("", id="detail", markup=False)

    def on_mount(self) -> None:
        self.follow(self._query, self.show_certificates, every=lambda: 15.0)

    def _query(self) -> tuple[CertificateRow, ...]:
        return certificates.certificates(limit=LIMIT, now=self.deck.clock())

    def show_certificates(self, rows: tuple[CertificateRow, ...]) -> None:
        self.query_one(Table).set_rows(rows)
        said = [f"{len(rows)}{'+' if len(rows) == LIMIT else ''} in all"]
        for state in (CertificateState.FROZEN, CertificateState.FAILING, CertificateState.WAITING):
            count = sum(row.state is state for row in rows)
            said += [f"{count} {state}"] * bool(count)
        self.facts = [Part(muted(", ".join(said)), 2)]
        self.draw_crumbs()

    @on(Table.Moved)
    def moved(self, event: Table.Moved[CertificateRow]) -> None:
        """The whole reason of the row under the cursor, which no column has room for."""
        row = event.row
        said = "" if row is None else f"{', '.join(row.hosts)}: {row.reason}" if row.reason else ", ".join(row.hosts)
        self.query_one("#detail", Static).update(inert(said).plain)

    @on(Table.Chosen)
    def chosen(self, event: Table.Chosen[CertificateRow]) -> None:
        self.deck.open_service(event.row.service, "ssl")
