"""Servers: what each can host, how full it is, how it is; all or by capability."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from hostdeck.core.domain.freshness import COLLECT_EVERY
from hostdeck.core.domain.topology import topology
from hostdeck.core.domain.versions import mixed
from hostdeck.core.domain.vocabulary import Role
from hostdeck.core.queries import fleet
from hostdeck.core.queries.servers import collect_every
from hostdeck.core.queries.views import ServerRow
from hostdeck.screens import server_wishes
from hostdeck.screens.base import DeckScreen
from hostdeck.screens.server_columns import nameserver_columns, on_the_node, parked, server_columns, server_state
from hostdeck.tui.theme import STYLE, Tone
from hostdeck.tui.widgets.columns import Column
from hostdeck.tui.widgets.frame import Heading, OneLine, Part
from hostdeck.tui.widgets.gauges import capacity, roles
from hostdeck.tui.widgets.table import Table
from hostdeck.tui.widgets.words import inert, moment, muted, toned

KINDS = ("", *(role.value for role in Role))


class Servers(DeckScreen):
    SECTION = "servers"
    LIST = "servers"
    CHANGING = frozenset({"check", "collect", "new", "edit", "turn", "remove", "shell"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right_square_bracket", "kind(1)", "kind", key_display="[ ]"),
        Binding("left_square_bracket", "kind(-1)", "previous kind", show=False),
        Binding("n", "new", "new server"),
        Binding("l", "log", "its tasks and logs", show=False),
        Binding("o", "owner", "its group", show=False),
        Binding("e", "edit", "edit"),
        Binding("c", "check", "check"),
        Binding("R", "collect", "refresh figures"),
        Binding("u", "turn", "drain, activate"),
        Binding("s", "shell", "ssh"),
        Binding("delete", "remove", "remove", key_display="Del"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.kind = ""
        self._every = COLLECT_EVERY

    def body(self) -> Iterable[Widget]:
        table: Table[ServerRow] = Table(self._columns(), lambda s: s.id, empty=self._nothing(), id="servers")
        yield OneLine(id="topology")
        yield table
        heading = Heading("", id="preview-heading")
        preview = Static("", id="server-preview", markup=False)
        for widget in (heading, preview):
            widget.add_class("wide")
            yield widget

    def on_mount(self) -> None:
        self._watch = self.follow(self._query, self.show_servers, every=lambda: 15.0)
        self.follow(fleet.servers, self._show_topology)
        self.follow(collect_every, self._pace)
        self.facts = self._kinds()

    def _columns(self) -> tuple[Column[ServerRow], ...]:
        clock = self.deck.clock
        if self.kind == Role.DNS:
            return nameserver_columns(clock, lambda: self._every)
        return server_columns(clock, full=True, every=lambda: self._every)

    def _pace(self, every: timedelta) -> None:
        self._every = every
        self.query_one(Table).redraw()

    def _query(self) -> tuple[ServerRow, ...]:
        return fleet.servers(Role(self.kind) if self.kind else None, now=self.deck.clock())

    def _nothing(self) -> str:
        which = f"no server can host {self.kind}" if self.kind else "no servers yet"
        return f"{which}\nn adds one"

    def _kinds(self) -> list[Part]:
        words = [
            toned(f"[{kind or 'all'}]", Tone.BRIGHT) if kind == self.kind else muted(kind or "all") for kind in KINDS
        ]
        return [Part(Text(" ", end="").join(words))]

    def show_servers(self, rows: tuple[ServerRow, ...]) -> None:
        self.query_one(Table).set_rows(rows)
        self.draw_crumbs()

    def _show_topology(self, rows: tuple[ServerRow, ...]) -> None:
        """Which pattern the whole fleet follows, whatever kind is shown; and where its versions differ."""
        found = topology(frozenset(row.capabilities) for row in rows)
        differ = mixed((row.driver, row.health.panel_version) for row in rows)
        parts = [Part(muted(found.sentence))]
        if differ:
            parts.append(Part(toned(differ, Tone.WAITING), 2))
        self.query_one("#topology", OneLine).put(parts)

    def show_only(self, kind: str) -> None:
        self.kind = kind
        self.query_one(Table).set_columns(self._columns())
        self.facts = self._kinds()
        self.query_one(Table).empty = self._nothing()
        self._watch.wake()
        self.deck.feed.poke()
        self.draw_crumbs()

    def action_kind(self, step: int) -> None:
        self.show_only(KINDS[(KINDS.index(self.kind) + step) % len(KINDS)])

    @on(Table.Moved)
    def preview(self, event: Table.Moved[ServerRow]) -> None:
        if event.row is not None:
            heading = toned(event.row.name, Tone.BRIGHT)
            self.query_one("#preview-heading", Heading).say(heading, server_state(event.row))
            self.query_one("#server-preview", Static).update(self._details(event.row))
        else:
            self.query_one("#preview-heading", Heading).say("")
            self.query_one("#server-preview", Static).update("")

    def _details(self, server: ServerRow) -> Text:
        health = server.health
        up = "-" if health.services_total is None else f"{health.services_up}/{health.services_total} running"
        facts: list[tuple[str, str | Text]] = [
            ("address", f"{server.ssh_username}@{server.hostname}:{server.ssh_port}  {server.ip}"),
            ("panel", f"{server.driver} {health.panel_version or ''}  {health.os or ''}"),
            ("hosts", roles(server.capabilities)),
            ("group", server.group or ", ".join(server.serves_groups) or "-"),
            ("accounts", capacity(server.accounts, server.max_accounts)),
            ("on the node", f"{on_the_node(health)}, services {up}" if health.domains is not None
             else "never collected; R asks the node"),
            ("host key", server.host_key),
            ("collected", moment(health.collected_at, self.deck.zone, self.deck.clock())),
        ]  # fmt: skip
        facts += [("warning", toned(warning, Tone.WRONG)) for warning in server.warnings]
        if health.services_down:
            facts.append(("down", toned(", ".join(health.services_down), Tone.WRONG)))
        if health.error:
            facts.append(("error", toned(health.error, Tone.WRONG)))
        if (why := parked(server, self.deck.clock())) is not None:
            facts.append(("parked", why))
        text = Text(end="")
        for name, value in facts:
            text.append(f"{name:<13}", STYLE[Tone.MUTED]).append_text(inert(value)).append("\n")
        return text

    # -- wishes

    def action_log(self) -> None:
        if self.chosen_server is not None:
            self.deck.open_server(self.chosen_server.name, "tasks")

    def action_owner(self) -> None:
        row = self.chosen_server
        groups = (*((row.group,) if row.group else ()), *row.serves_groups) if row is not None else ()
        if groups:
            self.deck.open_group(groups[0])
        elif row is not None:
            self.say(f"{row.name} belongs to no group; e puts it into one", Tone.WAITING)

    @property
    def chosen_server(self) -> ServerRow | None:
        row: ServerRow | None = self.query_one(Table).row
        return row

    def action_new(self) -> None:
        if self.may_change():
            self.deck.open_server_form()

    def action_edit(self) -> None:
        if (row := self.chosen_server) is not None and self.may_change():
            self.deck.open_server_form(row.name)

    def action_check(self) -> None:
        if (row := self.chosen_server) is not None:
            server_wishes.check(self, row.name)

    def action_collect(self) -> None:
        server_wishes.collect(self, tuple(row.name for row in self.query_one(Table).rows.marked()))

    def action_turn(self) -> None:
        if (row := self.chosen_server) is not None:
            server_wishes.turn(self, row)

    def action_remove(self) -> None:
        if (row := self.chosen_server) is not None:
            server_wishes.remove(self, row)

    def action_shell(self) -> None:
        if (row := self.chosen_server) is not None and self.may_change():
            self.deck.open_shell(row.name)

    @on(Table.Chosen)
    def chosen(self, event: Table.Chosen[ServerRow]) -> None:
        self.deck.open_server(event.row.name)
