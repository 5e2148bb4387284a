"""DNS zones: one row each, with its state on every nameserver."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget

from hostdeck.core.queries import zones
from hostdeck.core.queries.zones import ZoneRow, ZoneServer
from hostdeck.screens import zone_wishes
from hostdeck.screens.base import DeckScreen
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.columns import Column
from hostdeck.tui.widgets.frame import Part
from hostdeck.tui.widgets.gauges import pill
from hostdeck.tui.widgets.table import Table
from hostdeck.tui.widgets.words import inert, muted, toned

LIMIT = 500
TONES = {"active": Tone.OK, "deploying": Tone.BUSY, "waiting": Tone.MUTED, "failed": Tone.WRONG}


def state_text(server: ZoneServer) -> Text:
    return toned(server.state.upper() if server.state == "active" else server.state, TONES[server.state])


def cluster(row: ZoneRow) -> Text:
    if not row.servers:
        return muted("no nameserver")
    badges = (Text.assemble(inert(server.server), ": ", state_text(server), end="") for server in row.servers)
    return Text("  ", end="").join(badges)


def columns() -> tuple[Column[ZoneRow], ...]:
    return (
        Column("id", "ID", lambda z: f"#{z.id}", 5, sort=lambda z: z.id, letter="I", right=True),
        Column("zone", "ZONE", lambda z: z.zone, 20, 2, 40, sort=lambda z: z.zone, letter="Z"),
        Column("service", "SERVICE", lambda z: pill(z.status), 11, priority=2),
        Column("cluster", "CLUSTER", cluster, 30, 3),
        Column("records", "RECORDS", lambda z: str(z.records), 7, 0, 0, 1, lambda z: z.records, "R", True),
    )


class Zones(DeckScreen):
    SECTION = "zones"
    LIST = "zones"
    CHANGING = frozenset({"redeploy"})
    BINDINGS: ClassVar[list[BindingType]] = [Binding("r", "redeploy", "redeploy")]

    def body(self) -> Iterable[Widget]:
        yield Table[ZoneRow](
            columns(), lambda z: z.id, empty="no zones yet\nn under 4 orders a service; its zone comes with it"
        )

    def on_mount(self) -> None:
        self.follow(lambda: zones.zones(limit=LIMIT), self.show_zones)

    def show_zones(self, rows: tuple[ZoneRow, ...]) -> None:
        self.query_one(Table).set_rows(rows)
        wrong = sum(any(server.state == "failed" for server in row.servers) for row in rows)
        words = f"{len(rows)}{'+' if len(rows) == LIMIT else ''} in all"
        self.facts = [Part(muted(words + (f", {wrong} with a nameserver that failed" if wrong else "")), 2)]
        self.draw_crumbs()

    def action_redeploy(self) -> None:
        row: ZoneRow | None = self.query_one(Table).row
        if row is not None:
            zone_wishes.redeploy(self, row.zone)

    @on(Table.Chosen)
    def chosen(self, event: Table.Chosen[ZoneRow]) -> None:
        self.deck.open_zone(event.row.zone)
