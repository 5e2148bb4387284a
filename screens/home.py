"""Home: what wants a person, how full the fleet is, what is being done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Static

from hostdeck.core.domain.vocabulary import TaskStatus
from hostdeck.screens.base import DeckScreen
from hostdeck.screens.first_steps import SHELL, next_step, steps_text
from hostdeck.screens.server_columns import server_columns
from hostdeck.screens.task_columns import task_columns
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.columns import Column
from hostdeck.tui.widgets.frame import Heading, OneLine, Part
from hostdeck.tui.widgets.gauges import pill
from hostdeck.tui.widgets.table import Table
from hostdeck.tui.widgets.words import ago, joined, muted, plural, toned

if TYPE_CHECKING:
    from hostdeck.core.queries.first_steps import FirstSteps
    from hostdeck.core.queries.views import Attention, HomeView, ServerRow, TaskRow, WorkerRow


def heartbeat(workers: Sequence[WorkerRow], start: str) -> Text:
    """`worker UP  pid 4711 on mgmt01, beat within 15 s`; in words where none is."""
    living = [row for row in workers if row.alive]
    if living:
        each = [f"pid {row.pid} on {row.host}, beat within {_within(row.beat_age_s)} s" for row in living]
        return joined(muted("worker "), toned("UP", Tone.OK), muted(f"  {'; '.join(each)}"))
    last = min(workers, key=lambda row: row.beat_age_s, default=None)
    said = "  none has ever said anything" if last is None else _last_words(last)
    return joined(muted("worker "), toned("DOWN", Tone.WRONG), muted(f"{said}; {start}"))


def _within(age: float) -> int:
    """In steps, so that a line which says the same is not sent every second."""
    return 15 * (int(age) // 15 + 1)


def _last_words(row: WorkerRow) -> str:
    minutes = row.beat_age_s / 60
    age = (
        f"{row.beat_age_s:.0f} s" if minutes < 2 else f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.0f} h"
    )
    return f"  the last, pid {row.pid} on {row.host}, beat {age} ago"


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
    CSS_PATH = None  # the first picture needs no more styles than every screen has
    AUTO_FOCUS = ""  # by what there is to be looked at
    CHANGING = frozenset({"order"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "step", "next step", key_display="Enter"),
        Binding("tab", "app.focus_next", "next panel"),
        Binding("n", "order", "new order"),
    ]

    def body(self) -> Iterable[Widget]:
        now = self.deck.clock
        welcome = Static("", id="home-welcome", markup=False)
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
        for heading in headings[1:]:
            heading.add_class("gap")
        yield welcome
        yield OneLine(id="home-worker", classes="filled")
        tables: tuple[Widget, ...] = (attention, servers, tasks)
        with Vertical(id="home-panels", classes="filled"):
            for heading, table in zip(headings, tables, strict=True):
                yield Vertical(heading, table, id=f"panel-{str(table.id).removeprefix('home-')}", classes="panel")

    def __init__(self) -> None:
        super().__init__()
        self._steps: FirstSteps | None = None

    def on_mount(self) -> None:
        self.follow(self._read, self.show_home, every=self._pace)
        self._under_way = False

    def _read(self) -> HomeView:
        """On the reading thread, which loads what it needs while the first picture is drawn."""
        from hostdeck.core.queries import fleet

        return fleet.home(now=self.deck.clock())

    def _pace(self) -> float:
        return 1.0 if self._under_way else 15.0

    def show_home(self, home: HomeView) -> None:
        self._under_way = bool(home.running)
        empty = not home.servers and not home.last and not home.running
        self._steps = None if home.steps.order else home.steps
        empty = empty and self._steps is not None
        self.set_class(empty, "-empty")
        self.set_class(self._steps is not None, "-starting")
        if self._steps is not None:
            shell = SHELL if empty else ""
            self.query_one("#home-welcome", Static).update(Text.assemble(steps_text(self._steps), shell))
        others = [line for line in home.attention if line.kind != "worker"]
        starting = self._steps is not None and next_step(self._steps) is not None and not others
        for table in self.query(Table):
            table.can_focus = not (empty or starting)  # Enter is the next step's then
        self.query_one("#home-worker", OneLine).put([Part(heartbeat(home.workers, self.deck.worker_hint))])
        self.query_one("#home-attention", Table).set_rows(home.attention)
        self.query_one("#home-servers", Table).set_rows(home.servers)
        self.query_one("#home-tasks", Table).set_rows((*home.running, *home.last))
        told = muted(f"{plural(home.tickets, 'open ticket')}   :tickets") if home.tickets else ""
        self.query_one("#head-attention", Heading).say(f"Needs attention  {len(home.attention) or ''}".rstrip(), told)
        self.query_one("#head-Servers", Heading).say(f"Servers  {len(home.servers)}")
        self.query_one("#head-Tasks", Heading).say("Running and last tasks", muted(_moving(home.running)))
        if empty or starting:
            self.set_focus(None)
            self.draw_keys()
        elif self.focused is None:
            self.query_one("#home-attention" if home.attention else "#home-tasks", Table).focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enter is the next step's as long as there is one and no list has the focus."""
        return action != "step" or (self._steps is not None and next_step(self._steps) is not None)

    def action_step(self) -> None:
        step = next_step(self._steps) if self._steps is not None else None
        if step is not None:
            step.open(self)

    def action_order(self) -> None:
        if self.may_change():
            self.deck.order()

    @on(Table.Chosen)
    def chosen(self, event: Table.Chosen[Attention | ServerRow | TaskRow]) -> None:
        from hostdeck.core.queries.views import Attention, ServerRow, TaskRow

        match event.row:
            case Attention(kind="task", id=number):
                self.deck.open_task(number)
            case Attention(kind="cause", narrowing=text):
                self.deck.list_tasks(text)
            case Attention(kind="worker"):
                self.say(self.deck.idle_words or "a worker is running again", Tone.WAITING)
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


def _moving(rows: Sequence[TaskRow]) -> str:
    """What is put off is in the list, and is not running."""
    running = sum(row.status is TaskStatus.RUNNING for row in rows)
    return f"{running} running" + (f", {len(rows) - running} put off" if running < len(rows) else "")
