"""A screen with a list: its filter, its columns, how it was left, and what is known of the row under the cursor."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType

from hostdeck.core.domain.narrowing import LIMIT
from hostdeck.core.domain.text import clean_line
from hostdeck.screens.following import Following
from hostdeck.tui.kept_views import ListView
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.describe import Describe, Described
from hostdeck.tui.widgets.frame import Part
from hostdeck.tui.widgets.searched import Searched
from hostdeck.tui.widgets.table import Table
from hostdeck.tui.widgets.words import inert, plural, toned

NAMES = ("domain", "name", "server", "text", "what", "key", "object")
"""The columns of which one names a row, the best first."""
PIECE = 500
"""Rows of a long list that are read at once to be saved."""


class Listing(Following):
    """Where a screen has several lists, its own words are about the one with the focus."""

    LIST: ClassVar[str] = ""
    """The list whose filter, order, columns and cursor are kept; empty where none is."""
    FAULTS: ClassVar[str] = ""
    """The filter that keeps what is wrong."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("exclamation_mark", "faults", "faults only", show=False, key_display="!"),
        Binding("d", "describe(False)", "describe", show=False),
        Binding("y", "describe(True)", "as JSON", show=False),
        Binding("c", "copy", "copy", show=False),
        Binding("ctrl+s", "save", "save this list", show=False, key_display="ctrl+s"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.filter_text = ""

    def on_mount(self) -> None:
        """After the screen's own."""
        if self.LIST and (table := self.table) is not None:
            self.restore(table, self.deck.views.of(self.LIST))

    def restore(self, table: Table[Any], view: ListView) -> None:
        """The list as it was left, or as it was named."""
        hidden = view.hidden & {column.key for column in table.rows.columns}
        table.hidden = hidden if len(hidden) < len(table.rows.columns) else frozenset()
        table.wide = view.wide
        table.arrange_by(view.order)
        if view.cursor is not None:
            table.go_to(view.cursor)
        self.set_filter(view.filter)

    def view(self, table: Table[Any]) -> ListView:
        key = table.rows.cursor_key if table.rows.stays else None
        return ListView(
            filter=self.filter_text,
            order=table.rows.order,
            hidden=table.hidden,
            wide=table.wide,
            cursor=key if isinstance(key, int | str) else None,
        )

    @on(Table.Rearranged)
    def rearranged(self, event: Table.Rearranged) -> None:
        self.draw_crumbs()
        self._keep_view()

    def _keep_view(self) -> None:
        if self.LIST and (table := self.table) is not None:
            self.deck.keep_view(self.LIST, self.view(table))

    def on_screen_suspend(self) -> None:
        self._keep_view()

    @property
    def has_list(self) -> bool:
        return self.table is not None or isinstance(self.focused, Searched)

    def chips(self) -> list[Part]:
        if (table := self.table) is None:
            return []
        rows, said = table.rows, []
        if self.filter_text:
            said.append(Part(toned(f"[/{self.filter_text}  {rows.count} of {rows.total}]", Tone.WAITING)))
        if rows.marks:
            unread = f", {rows.unread} between not read" if rows.unread else ""
            said.append(Part(toned(f"{len(rows.marks)} marked{unread}", Tone.BRIGHT)))
        return said

    @property
    def table(self) -> Table[Any] | None:
        """The table that `/` narrows: the one with the focus, else the first."""
        if isinstance(self.focused, Table):
            return self.focused
        return next((table for table in self.query(Table) if table.display), None)

    def set_filter(self, text: str) -> None:
        text = clean_line(text)
        if len(text) > LIMIT:
            self.say(f"a filter takes {LIMIT} characters; the rest is left out", Tone.WAITING)
        self.filter_text = text = text[:LIMIT]
        if (table := self.table) is not None:
            table.set_filter(text)
        self.draw_crumbs()

    def action_faults(self) -> None:
        """Only what is wrong; again, all."""
        if not self.FAULTS:
            self.say("nothing in this list is marked as a fault", Tone.WAITING)
        else:
            self.set_filter("" if self.filter_text == self.FAULTS else self.FAULTS)

    @property
    def subject(self) -> Described | None:
        """What `d` and `y` are about: the row under the cursor."""
        row = self.table.row if self.table is not None else None
        return row if isinstance(row, Described) else None

    def action_describe(self, raw: bool) -> None:
        if (subject := self.subject) is None:
            self.say("there is no more to say about what is shown here", Tone.WAITING)
        else:
            self.app.push_screen(Describe(_title(subject), subject, raw=raw))

    def action_copy(self) -> None:
        """The cell under the cursor in the picked column, else the row's name."""
        table = self.table
        row = table.row if table is not None else None
        if table is None or row is None:
            self.say("there is nothing under the cursor to be copied", Tone.WAITING)
            return
        columns = table.seen_columns
        named = (column for key in (table.picked, *NAMES) for column in columns if key and column.key == key)
        column = next(named, columns[0])
        self.deck.copy(inert(column.render(row)).plain.strip())

    def action_save(self) -> None:
        """All rows that the filter keeps, in their order: also those that are not here."""
        if (table := self.table) is None:
            self.say("there is no list here", Tone.WAITING)
            return

        def chosen(kind: str | None) -> None:
            if kind is not None:
                self.run_worker(self._save_list(table, kind))

        from hostdeck.tui.list_text import MEANINGS
        from hostdeck.tui.widgets.plan_dialog import Choice

        self.app.push_screen(Choice("Save this list", MEANINGS, "saves it"), chosen)

    async def _save_list(self, table: Table[Any], kind: str) -> None:
        from hostdeck.tui.list_text import KINDS

        name = f"{self.LIST or type(self).__name__.lower()}-{self.deck.clock():%Y%m%d-%H%M%S}.{kind}"
        try:
            rows = await self._all_rows(table)
            text = await asyncio.to_thread(KINDS[kind], table.rows.columns, rows)
            path = await asyncio.to_thread(self.deck.keep, name, text)
        except self.refusals as error:
            self.say(f"can't be saved: {error}", Tone.WRONG)
        else:
            self.say(f"saved {plural(len(rows), 'row')}: {path}")

    async def _all_rows(self, table: Table[Any]) -> list[Any]:
        """A long list piece by piece: what comes and goes meanwhile is in it once or not at all."""
        if (query := self._queries.get(table)) is None:
            return table.rows.shown
        found: dict[Any, Any] = {}
        first, wanted = 0, table.rows.asked  # whatever is typed while it is read
        while True:
            asked = replace(wanted, first=first, limit=PIECE, near=None)
            window = await self.deck.feed.read(partial(query, asked))
            found |= {table.rows.key(row): row for row in window.rows}
            first += PIECE
            if not window.rows or first >= window.count:
                return list(found.values())
            self.say(f"reading {first} of {window.count} rows", Tone.MUTED)

    def pick_columns(self) -> None:
        if (table := self.table) is None:
            self.say("there is no list here", Tone.WAITING)
            return

        def picked(hidden: frozenset[str] | None) -> None:
            if hidden is not None:
                table.hide_columns(hidden)

        from hostdeck.tui.widgets.column_picker import ColumnPicker

        columns = [(column.key, column.title) for column in table.rows.columns]
        self.app.push_screen(ColumnPicker(columns, table.hidden), picked)


def _title(subject: Described) -> str:
    """By its number and its name, as far as it has them."""
    said = [getattr(subject, name, None) for name in ("id", "domain", "name", "label", "what", "target", "key")]
    number = f"#{said[0]} " if said[0] is not None else ""
    return f"{number}{next((str(name) for name in said[1:] if name), '')}".strip() or "In full"
