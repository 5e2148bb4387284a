"""One zone: what each nameserver holds, what it answers when it is asked, and the records as they should be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widget import Widget

from hostdeck.core.domain.order_plan import RecordView
from hostdeck.core.domain.zone_check import ServerVerdict, Verdict
from hostdeck.core.errors import HostdeckError
from hostdeck.core.queries import zones
from hostdeck.core.queries.zones import ZoneDetail, ZoneServer
from hostdeck.screens import zone_wishes
from hostdeck.screens.base import DeckScreen
from hostdeck.screens.zones import state_text
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.columns import Column
from hostdeck.tui.widgets.frame import Heading, Part
from hostdeck.tui.widgets.gauges import pill
from hostdeck.tui.widgets.table import Table
from hostdeck.tui.widgets.words import clock, joined, muted, toned

TONES = {
    Verdict.SAME: Tone.OK,
    Verdict.DIFFERS: Tone.WRONG,
    Verdict.STALE: Tone.WAITING,
    Verdict.SILENT: Tone.WRONG,
}


class ZoneScreen(DeckScreen):
    SECTION = "zones"
    CHANGING = frozenset({"redeploy"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "probe", "ask nameservers"),
        Binding("r", "redeploy", "redeploy"),
        Binding("o", "service", "its service"),
        Binding("tab", "app.focus_next", "next panel", show=False),
    ]

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name_asked = name
        self.zone: ZoneDetail | None = None
        self.verdicts: dict[str, ServerVerdict] = {}
        self._asking = False

    @property
    def crumb(self) -> str:
        return self.zone.zone if self.zone else self.name_asked

    def body(self) -> Iterable[Widget]:
        yield Table[ZoneServer](self._server_columns(), lambda s: s.server, empty="no nameserver", id="zone-servers")
        heading = Heading("Records", id="records-heading")
        heading.add_class("gap")
        yield heading
        yield Table[RecordView](_record_columns(), lambda r: hash(r), empty="no records", id="records")

    def _server_columns(self) -> tuple[Column[ZoneServer], ...]:
        return (
            Column("server", "NAMESERVER", lambda s: s.server, 12, 1, 24),
            Column("driver", "DRIVER", lambda s: muted(s.driver), 8, priority=3),
            Column("state", "STATE", state_text, 9),
            Column("serial", "SERIAL", lambda s: s.serial or muted("-"), 10, priority=1),
            Column("at", "SINCE", lambda s: muted(clock(s.deployed_at, self.deck.zone)), 8, priority=2),
            Column("answer", "ANSWERS", self._answer, 20, 4),
        )

    def _answer(self, server: ZoneServer) -> Text:
        found = self.verdicts.get(server.server)
        if found is None:
            return muted("asking …" if self._asking else server.error or "not asked; b asks it")
        return joined(toned(found.verdict, TONES[found.verdict]), muted(f"  {found.reason}"))

    def on_mount(self) -> None:
        self.follow(lambda: zones.zone(self.name_asked), self.show_zone, failed=self._lost)

    def _lost(self, error: HostdeckError) -> None:
        self.query_one("#zone-servers", Table).empty = f"{error}\nesc goes back"
        self.query_one("#zone-servers", Table).set_rows(())

    def show_zone(self, zone: ZoneDetail) -> None:
        self.zone = zone
        self.facts = [Part(pill(zone.status)), Part(muted(f"service #{zone.service}"), 3)]
        self.query_one("#zone-servers", Table).set_rows(zone.servers)
        self.query_one("#records", Table).set_rows(zone.records)
        self.query_one("#records-heading", Heading).say("Records", muted(str(len(zone.records))))
        self.draw_crumbs()

    # -- asking

    def action_probe(self) -> None:
        if self.zone is None or self._asking:
            return
        if self.deck.head.demo:
            self.say("the demo's nameservers are pretend and answer no DNS", Tone.WAITING)
            return
        self._asking = True
        self.verdicts = {}
        self._redraw()
        self.run_worker(self._ask(self.zone))

    async def _ask(self, zone: ZoneDetail) -> None:
        try:
            verdicts = await zone_wishes.ask(zone, self.deck.dns_port)
        finally:
            self._asking = False
        self.take(verdicts)

    def take(self, verdicts: Sequence[ServerVerdict]) -> None:
        """What the nameservers answered."""
        self.verdicts = {found.server: found for found in verdicts}
        wrong = [found for found in self.verdicts.values() if found.verdict is not Verdict.SAME]
        if wrong:
            self.say(f"{wrong[0].server}: {wrong[0].reason}", Tone.WRONG)
        else:
            self.say(f"all {len(self.verdicts)} nameservers answer as they should", Tone.OK)
        self._redraw()

    def _redraw(self) -> None:
        if self.zone is not None:
            self.query_one("#zone-servers", Table).refresh()

    def action_redeploy(self) -> None:
        if self.zone is not None:
            zone_wishes.redeploy(self, self.zone.zone)

    def action_service(self) -> None:
        if self.zone is not None:
            self.deck.open_service(self.zone.service)


def _record_columns() -> tuple[Column[RecordView], ...]:
    return (
        Column("name", "NAME", lambda r: r.name, 18, 1, 30, sort=lambda r: r.name, letter="N"),
        Column("type", "TYPE", lambda r: r.type, 5, sort=lambda r: r.type, letter="T"),
        Column("prio", "PRIO", lambda r: "" if r.priority is None else str(r.priority), 4, priority=2, right=True),
        Column("ttl", "TTL", lambda r: muted(str(r.ttl)), 6, priority=1, right=True),
        Column("value", "VALUE", lambda r: r.value, 24, 4),
    )
