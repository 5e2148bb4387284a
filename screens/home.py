"""Home: what wants a person, how full the fleet is, what is being done."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from hostdeck.core.queries import fleet
from hostdeck.core.queries.views import Attention, HomeView, ServerRow, TaskRow
from hostdeck.screens.base import DeckScreen
from hostdeck.screens.server_columns import server_columns
from hostdeck.screens.task_columns import task_columns
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.columns import Column
from hostdeck.tui.widgets.frame import Heading
from hostdeck.tui.widgets.gauges import pill
from hostdeck.tui.widgets.table import Table
from hostdeck.tui.widgets.words import ago, muted, plural, styled

WELCOME = styled(
    (
        ("Welcome. The fleet is still empty.\n\n", Tone.BRIGHT),
        ("In a shell beside this console:\n\n", Tone.MUTED),
        ("  1  hostdeck group add eu\n", Tone.ACCENT),
        ("     a group is what servers and products belong to\n\n", Tone.MUTED),
        ("  2  here: press 2, then n\n", Tone.ACCENT),
        ("     a server for each node, with what it hosts: web, mail, dns\n\n", Tone.MUTED),
        ("  3  hostdeck product add basic --group eu --mode split --roles web,mail,dns\n", Tone.ACCENT),
        ("     what you sell\n\n", Tone.MUTED),
        ("  4  hostdeck worker\n", Tone.ACCENT),
        ("     does the work; leave it running\n\n", Tone.MUTED),
        ("Then press n here to order the first service. To look around first: hostdeck demo", Tone.PLAIN),
    )
)  # fmt: skip


def attention_columns(now: Callable[[], datetime]) -> tuple[Column[Attention], ...]:
    return (
        Column("level", "LEVEL", lambda a: pill(a.level), 5),
        Column("what", "WHAT", lambda a: _what(a), 24, grow=2, most=46),
        Column("text", "WHY", lambda a: a.text, 20, grow=3, priority=1),
        Column("age", "AGE", lambda a: ago(a.since, now()), 4, right=True),
    )


def _what(line: Attention) -> Text:
    number = f"#{line.id} " if line.kind == "task" else ""
    return Text.assemble((number, ""), line.what)


class Home(DeckScreen):
    SECTION = "home"
    CHANGING = frozenset({"order"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", "next panel"),
        Binding("n", "order", "new order"),
    ]

    def body(self) -> Iterable[Widget]:
        now = self.deck.clock
        welcome = Static(WELCOME, id="home-welcome", markup=False)
        attention: Table[Attention] = Table(
            attention_columns(now), lambda a: (a.kind, a.id), empty="nothing: all is well", id="home-attention"
        )
        servers: Table[ServerRow] = Table(server_columns(now), lambda s: s.id, empty="no servers", id="home-servers")
        tasks: Table[TaskRow] = Table(
            task_columns(now), lambda t: t.id, empty="no task has run yet; n orders a service", id="home-tasks"
        )
        headings: list[Heading] = [
            Heading(title, id=f"head-{title.split()[-1]}") for title in ("Needs attention", "Servers", "Tasks")
        ]
        headings[1].add_class("gap")
        headings[2].add_class("gap")
        yield welcome
        tables: tuple[Widget, ...] = (attention, servers, tasks)
        for heading, table in zip(headings, tables, strict=True):
            heading.add_class("filled")
            table.add_class("filled")
            yield heading
            yield table

    def on_mount(self) -> None:
        self.follow(lambda: fleet.home(now=self.deck.clock()), self.show_home, every=self._pace)
        self._under_way = False

    def _pace(self) -> float:
        return 1.0 if self._under_way else 15.0

    def show_home(self, home: HomeView) -> None:
        self._under_way = bool(home.running)
        empty = not home.servers and not home.last and not home.running
        self.set_class(empty, "-empty")
        for table in self.query(Table):
            table.can_focus = not empty  # hidden then: a key must not go to one of them
        self.query_one("#home-attention", Table).set_rows(home.attention)
        self.query_one("#home-servers", Table).set_rows(home.servers)
        self.query_one("#home-tasks", Table).set_rows((*home.running, *home.last))
        told = muted(f"{plural(home.tickets, 'open ticket')}   :tick") if home.tickets else ""
        self.query_one("#head-attention", Heading).say(f"Needs attention  {len(home.attention) or ''}".rstrip(), told)
        self.query_one("#head-Servers", Heading).say(f"Servers  {len(home.servers)}")
        self.query_one("#head-Tasks", Heading).say("Running and last tasks", muted(f"{len(home.running)} running"))
        if empty:
            self.set_focus(None)
        elif self.focused is None:
            self.query_one("#home-attention" if home.attention else "#home-tasks", Table).focus()

    def action_order(self) -> None:
        if self.may_change():
            self.deck.order()

    @on(Table.Chosen)
    def chosen(self, event: Table.Chosen[Attention | ServerRow | TaskRow]) -> None:
        match event.row:
            case Attention(kind="task", id=number):
                self.deck.open_task(number)
            case Attention(kind="service", id=number):
                self.deck.open_service(number)
            case Attention(kind="ticket", id=number):
                self.deck.open_ticket(number)
            case TaskRow(id=number):
                self.deck.open_task(number)
            case Attention(kind="server", what=name) | ServerRow(name=name):
                self.deck.open_server(name)
            case _:
                self.deck.go("servers")
