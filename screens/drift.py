"""The drift board: every managed key against every server of a group, and what to do about a difference."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from hostdeck.core.domain.bulk import Only
from hostdeck.core.domain.config_wishes import Push
from hostdeck.core.intents import bulk, group_config
from hostdeck.core.queries.drift import DriftBoard, DriftCell, DriftRow, drift_board
from hostdeck.screens import group_apply
from hostdeck.screens.base import DeckScreen
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.ask import Ask
from hostdeck.tui.widgets.columns import Column
from hostdeck.tui.widgets.dialogs import Confirm
from hostdeck.tui.widgets.frame import Part
from hostdeck.tui.widgets.table import Table
from hostdeck.tui.widgets.words import ago, muted, plural, toned

EMPTY = "no key is managed in this group\nthe config tabs of the group manage some"


class Drift(DeckScreen):
    """One row a key, one column a server; left and right choose the server."""

    SECTION = "groups"
    CHANGING = frozenset({"apply", "adopt", "ignore", "read"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "column(-1)", "server", show=False, priority=True),
        Binding("right", "column(1)", "server", key_display="← →", priority=True),
        Binding("a", "apply(0)", "apply"),
        Binding("A", "apply(1)", "apply the key"),
        Binding("d", "adopt", "adopt as wanted"),
        Binding("i", "ignore(0)", "ignore until"),
        Binding("I", "ignore(1)", "ignore the key"),
        Binding("R", "read", "read again"),
    ]

    def __init__(self, group: str) -> None:
        super().__init__()
        self.group = group
        self.board: DriftBoard | None = None
        self.column = 0

    @property
    def crumb(self) -> str:
        return f"{self.group} drift"

    def body(self) -> Iterable[Widget]:
        yield Table(self._columns(()), lambda r: r.key, empty=EMPTY)
        yield Static("", id="drift-hint", markup=False)

    def _columns(self, servers: Sequence[str]) -> list[Column[DriftRow]]:
        columns: list[Column[DriftRow]] = [
            Column("key", "KEY", lambda r: r.key, 26, 1, 34),
            Column("wanted", "WANTED", lambda r: r.wanted or "''", 8, 1, 20),
        ]
        return [*columns, *(self._server_column(at, name) for at, name in enumerate(servers))]

    def _server_column(self, at: int, name: str) -> Column[DriftRow]:
        """Where not all fit, those farthest from the chosen one go first."""
        return Column(f"s{at}", name, lambda row: self._cell(row, at), 8, 1, 18, 1 + abs(at - self.column))

    def _cell(self, row: DriftRow, at: int) -> Text:
        cell = row.cells[at]
        text = cell_text(cell)
        if at == self.column:
            text.stylize("underline")
        return text

    def on_mount(self) -> None:
        self.follow(lambda: drift_board(self.group, now=self.deck.clock()), self.show_board)

    def show_board(self, board: DriftBoard) -> None:
        names = [one.server for one in board.servers]
        self.board = board
        self.column = min(self.column, max(0, len(names) - 1))
        table = self.query_one(Table)
        if [column.title for column in table.rows.columns[2:]] != names:
            table.set_rows(())
            table.set_columns(self._columns(names))
        table.set_rows(board.rows)
        self._say_facts()

    def _say_facts(self) -> None:
        board = self.board
        if board is None:
            return
        unread = f", {len(board.unread)} never read" if board.unread else ""
        tone = Tone.WAITING if board.differing else Tone.OK
        word = toned(plural(board.differing, "value differs", "values differ"), tone)
        self.facts = [Part(word), Part(muted(unread.lstrip(", ")), 2)] if unread else [Part(word)]
        self.draw_crumbs()
        self._hint()

    def _hint(self) -> None:
        if self.board is None or not self.board.servers:
            return
        server = self.board.servers[self.column]
        read = "never read: R reads it" if server.read_at is None else f"read {ago(server.read_at, self.deck.clock())}"
        cell = self._chosen
        more = f"   {cell[0].key} there: {cell_text(cell[1]).plain}" if cell else ""
        if cell and cell[1].until:
            more += f", ignored until {cell[1].until:%Y-%m-%d}"
        skipped = "".join(f"   {name}: {why}" for name, why in self.board.skipped)
        self.query_one("#drift-hint", Static).update(muted(f"{server.server}: {read}{more}{skipped}"))

    @property
    def _chosen(self) -> tuple[DriftRow, DriftCell] | None:
        row: DriftRow | None = self.query_one(Table).row
        return None if row is None else (row, row.cells[self.column])

    @on(Table.Moved)
    def moved(self) -> None:
        self._hint()

    def action_column(self, step: int) -> None:
        if self.board is not None and self.board.servers:
            self.column = (self.column + step) % len(self.board.servers)
            self.query_one(Table).set_columns(self._columns([one.server for one in self.board.servers]))
            self._hint()

    @on(Table.Chosen)
    def chosen(self) -> None:
        """Enter: the server of the column, with its whole configuration."""
        if self.board is not None and self.board.servers:
            self.deck.open_server(self.board.servers[self.column].server, "config")

    # -- what to do about it

    def action_apply(self, whole_key: int) -> None:
        """The plan of just this: one key on one server, or on all that it is for."""
        if (chosen := self._chosen) is None or not self.may_change():
            return
        row, cell = chosen
        if cell.state == "other" and not whole_key:
            self.say(f"{row.key} is not for {cell.server}", Tone.WAITING)
            return
        servers = () if whole_key else (cell.server,)
        group_apply.plan(self, self.group, Push.ALL, Only(servers, (row.key,)))

    def action_adopt(self) -> None:
        if (chosen := self._chosen) is None or not self.may_change():
            return
        row, cell = chosen
        if cell.state in ("other", "unread", "same"):
            self.say(f"nothing to adopt: {row.key} on {cell.server} is {cell.state}", Tone.WAITING)
            return

        def answered(sure: bool | None) -> None:
            if sure:
                self.ask(
                    lambda: group_config.adopt(self.deck.door, self.group, row.key, cell.server),
                    lambda value: self.say(f"{row.key} = {value or chr(39) * 2} is wanted now; not applied yet"),
                )

        lines = (f"wanted now: {row.wanted or chr(39) * 2}", f"{cell.server} has: {cell.live or chr(39) * 2}")
        dialog = Confirm(f"Make what {cell.server} has the wish for {row.key}?", lines, "Adopt", env=self.deck.env)
        self.app.push_screen(dialog, answered)

    def action_ignore(self, whole_key: int) -> None:
        if (chosen := self._chosen) is None or not self.may_change():
            return
        row, cell = chosen
        shown = [one.server for one in row.cells if one.state in ("differs", "ignored")]
        servers = shown if whole_key else [cell.server] if cell.server in shown else []
        if not servers:
            self.say(f"{row.key} does not differ there; there is nothing to ignore", Tone.WAITING)
            return

        def wrong(text: str) -> str:
            day = day_of(text)
            if text and (day is None or day <= self.deck.clock()):
                return "use a day to come, as 2026-12-31, or nothing to ignore it no longer"
            return ""

        def kept(text: str | None) -> None:
            if text is not None:
                self.ask(
                    lambda: group_config.ignore(self.deck.door, self.group, row.key, servers, day_of(text)),
                    lambda _: self.say(
                        f"{row.key} on {', '.join(servers)}: " + (f"ignored until {text}" if text else "counts again")
                    ),
                )

        month = f"{self.deck.clock() + timedelta(days=30):%Y-%m-%d}"
        lines = (f"on {', '.join(servers)}; empty: it counts again",)
        self.app.push_screen(Ask(f"Ignore the difference of {row.key} until", lines, month, wrong=wrong), kept)

    def action_read(self) -> None:
        if self.may_change():
            self.ask(
                lambda: bulk.read_config(self.deck.door, self.group),
                lambda tasks: self.say(f"{plural(len(tasks), 'server')} will be read"),
            )


def cell_text(cell: DriftCell) -> Text:
    """A word for the state, and the value where it is another one."""
    match cell.state:
        case "same":
            return toned("same", Tone.OK)
        case "other":
            return muted("-")
        case "unread":
            return muted("not read")
        case "ignored":
            return muted(f"ignored {cell.live or chr(39) * 2}")
    return toned(f"! {cell.live or chr(39) * 2}", Tone.WRONG)


def day_of(text: str) -> datetime | None:
    """The beginning of a day in UTC, None where the text is none."""
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None
