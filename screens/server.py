"""One server: how it is, what stands on it, its tasks, its configuration, and its last check."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from hostdeck.core.errors import HostdeckError
from hostdeck.core.queries import servers
from hostdeck.core.queries.servers import ConfigLine, ServerDetail, StandingView
from hostdeck.core.queries.views import ServerRow, TaskRow
from hostdeck.screens import company, server_wishes
from hostdeck.screens.base import DeckScreen
from hostdeck.screens.log_pane import LogPane
from hostdeck.screens.server_check_text import check_text
from hostdeck.screens.server_columns import server_state
from hostdeck.screens.server_status import status_text
from hostdeck.screens.task_columns import task_columns
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.columns import Column
from hostdeck.tui.widgets.frame import OneLine, Part
from hostdeck.tui.widgets.gauges import pill
from hostdeck.tui.widgets.table import Table
from hostdeck.tui.widgets.words import ago, muted, toned

TABS = ("status", "standing", "tasks", "config", "check")
TABLES = {"standing": "#standing-table", "tasks": "#own", "config": "#config-table"}
TEXTS = {"status": "#status", "check": "#check"}


def standing_columns() -> tuple[Column[StandingView], ...]:
    return (
        Column("domain", "DOMAIN", lambda s: s.domain, 20, 2, 40, 0, lambda s: s.domain, "D"),
        Column("kind", "WHAT", lambda s: s.kind, 12, sort=lambda s: s.kind, letter="W"),
        Column("user", "USER ON THE NODE", lambda s: s.user or muted("-"), 20, 1, 32, 2, lambda s: s.user),
        Column("status", "SERVICE IS", lambda s: pill(s.status), 11, sort=lambda s: s.status, letter="T"),
    )


def config_columns() -> tuple[Column[ConfigLine], ...]:
    return (
        Column("key", "KEY", lambda c: c.key, 20, 1, 36, 0, lambda c: c.key, "K"),
        Column("live", "ON THE NODE", lambda c: muted("-") if c.live is None else c.live, 14, 2, 50),
        Column("wanted", "WANTED BY ITS GROUP", lambda c: muted("-") if c.wanted is None else c.wanted, 14, 2, 50, 1),
        Column("differs", "", _differs, 7),
    )


def _differs(line: ConfigLine) -> Text:
    differs = line.live is not None and line.wanted is not None and line.live != line.wanted
    return toned("differs", Tone.WAITING) if differs else muted("")


class ServerScreen(DeckScreen):
    SECTION = "servers"
    CHANGING = frozenset({"check", "collect", "edit", "turn", "remove", "shell"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right_square_bracket", "tab(1)", "tabs", key_display="[ ]"),
        Binding("left_square_bracket", "tab(-1)", "previous tab", show=False),
        Binding("c", "check", "check"),
        Binding("R", "collect", "refresh figures"),
        Binding("e", "edit", "edit"),
        Binding("u", "turn", "drain, activate"),
        Binding("s", "shell", "ssh"),
        Binding("delete", "remove", "remove", key_display="Del"),
    ]

    def __init__(self, name: str, tab: str = "status") -> None:
        super().__init__()
        self.server_name = name
        self.tab = tab
        self.server: ServerDetail | None = None

    @property
    def place(self) -> str:
        return f"server {self.server_name}"

    @property
    def crumb(self) -> str:
        return self.server_name

    def body(self) -> Iterable[Widget]:
        yield OneLine(id="tabs")
        with VerticalScroll(id="status", classes="tab server-text"):
            yield Static("", id="status-text", markup=False)
        with Vertical(id="standing", classes="tab"):
            yield Table[StandingView](
                standing_columns(),
                lambda s: (s.service, s.kind, s.user),
                empty="nothing of ours stands on it",
                id="standing-table",
            )
        with Vertical(id="tasks", classes="tab"):
            yield Table[TaskRow](task_columns(self.deck.clock), lambda t: t.id, empty="no tasks yet", id="own")
            yield LogPane()
        with Vertical(id="config", classes="tab"):
            yield Table[ConfigLine](
                config_columns(), lambda c: c.key, empty="its hestia.conf was not read yet", id="config-table"
            )
        with VerticalScroll(id="check", classes="tab server-text"):
            yield Static("", id="check-text", markup=False)

    def on_mount(self) -> None:
        self.follow(self._query, self.show_server, every=self._pace, failed=self._lost)
        company.watch(self)
        self.show_tab(self.tab)

    def _query(self) -> ServerDetail:
        return servers.detail(self.server_name, now=self.deck.clock())

    def _pace(self) -> float:
        return 1.0 if self.server is not None and self.server.preflight.running is not None else 15.0

    def _lost(self, error: HostdeckError) -> None:
        self.query_one("#status-text", Static).update(toned(str(error), Tone.WRONG))
        self.show_tab("status")

    def show_server(self, detail: ServerDetail) -> None:
        self.server = detail
        row = detail.row
        self.facts = [Part(server_state(row))]
        if row.warnings:
            self.facts.append(Part(toned("vulnerable", Tone.WRONG), 2))
        self.query_one("#standing-table", Table).set_rows(detail.standing)
        self.query_one("#own", Table).set_rows(detail.tasks)
        self.query_one("#config-table", Table).set_rows(detail.config)
        self._draw_texts()
        self.draw_crumbs()
        self._draw_tabs()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self._draw_texts()

    def _draw_texts(self) -> None:
        if self.server is None:
            return
        now, zone = self.deck.clock(), self.deck.zone
        self.query_one("#status-text", Static).update(status_text(self.server, now, zone, self.size.width))
        check = check_text(self.server.preflight, now, zone, self.size.width, self.deck.idle_words)
        self.query_one("#check-text", Static).update(check)

    # -- tabs

    def action_tab(self, step: int) -> None:
        self.show_tab(TABS[(TABS.index(self.tab) + step) % len(TABS)])

    def show_tab(self, tab: str) -> None:
        self.tab = tab
        for name in TABS:
            self.query_one(f"#{name}").set_class(name == tab, "-shown")
        self.query_one(TABLES.get(tab) or TEXTS[tab]).focus()
        self._draw_tabs()

    def _draw_tabs(self) -> None:
        detail = self.server
        words = {"status": "Status", "standing": "Services", "tasks": "Tasks", "config": "Config", "check": "Check"}
        if detail is not None:
            words["standing"] += f" {len(detail.standing)}"
            words["tasks"] += f" {len(detail.tasks)}"
            failed = sum(check.state == "failed" for check in detail.preflight.checks)
            words["check"] += f" {failed} failed" if failed else ""
        names = [toned(f"[{words[t]}]", Tone.BRIGHT) if t == self.tab else muted(f" {words[t]} ") for t in TABS]
        parts = [Part(Text(" ", end="").join(names))]
        if self.tab == "config" and detail is not None and detail.read_at is not None:
            parts.append(Part(muted(f"read {ago(detail.read_at, self.deck.clock())} ago"), 2))
        self.query_one("#tabs", OneLine).put(parts)

    @property
    def table(self) -> Table[TaskRow] | None:
        return self.query_one(TABLES[self.tab], Table) if self.tab in TABLES else None

    @on(Table.Moved, "#own")
    def moved(self, event: Table.Moved[TaskRow]) -> None:
        self.query_one(LogPane).show_task(event.row)

    @on(Table.Chosen, "#own")
    def task_chosen(self, event: Table.Chosen[TaskRow]) -> None:
        self.deck.open_task(event.row.id)

    @on(Table.Chosen, "#standing-table")
    def service_chosen(self, event: Table.Chosen[StandingView]) -> None:
        self.deck.open_service(event.row.service)

    # -- wishes

    @property
    def chosen_server(self) -> ServerRow | None:
        return self.server.row if self.server else None

    def action_check(self) -> None:
        def queued(_: int) -> None:
            self.show_tab("check")

        server_wishes.check(self, self.server_name, queued)

    def action_collect(self) -> None:
        server_wishes.collect(self, (self.server_name,))

    def action_edit(self) -> None:
        if self.may_change():
            self.deck.open_server_form(self.server_name)

    def action_turn(self) -> None:
        if (row := self.chosen_server) is not None:
            server_wishes.turn(self, row)

    def action_remove(self) -> None:
        if (row := self.chosen_server) is not None:
            server_wishes.remove(self, row, self._leave)

    def _leave(self) -> None:
        self.dismiss()

    def action_shell(self) -> None:
        if self.may_change():
            self.deck.open_shell(self.server_name)
