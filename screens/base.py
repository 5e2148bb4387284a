"""What all screens share: keeping fresh what they show, asking for changes, narrowing lists, and the way out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel
from textual import on
from textual.binding import Binding, BindingType

from hostdeck.core.errors import HostdeckError
from hostdeck.core.queries.narrowed import Asked, Window
from hostdeck.core.queries.views import ServerRow
from hostdeck.screens.framed import Framed
from hostdeck.tui.feed import Watch
from hostdeck.tui.list_views import ListView
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.column_picker import ColumnPicker
from hostdeck.tui.widgets.commands import beginnings
from hostdeck.tui.widgets.describe import Describe
from hostdeck.tui.widgets.frame import Part
from hostdeck.tui.widgets.log_tail import LogTail
from hostdeck.tui.widgets.prompt import PromptLine
from hostdeck.tui.widgets.table import Table
from hostdeck.tui.widgets.words import toned

T = TypeVar("T")


class DeckScreen(Framed):
    """A screen is its keys, its `body`, and what it does with an answer."""

    AUTO_FOCUS = "Table, LogTail"
    LIST: ClassVar[str] = ""
    """The list whose filter, order, columns and cursor are kept; empty where the screen is no list."""
    FAULTS: ClassVar[str] = ""
    """The filter that keeps what is wrong."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("exclamation_mark", "faults", "faults only", show=False, key_display="!"),
        Binding("d", "describe(False)", "describe", show=False),
        Binding("y", "describe(True)", "as JSON", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.filter_text = ""
        self._watches: list[Watch[Any]] = []
        self._windows: dict[Table[Any], Watch[Any]] = {}

    # -- reading

    def follow(
        self,
        query: Callable[[], T],
        show: Callable[[T], None],
        *,
        every: Callable[[], float | None] = lambda: None,
        failed: Callable[[HostdeckError], None] | None = None,
    ) -> Watch[T]:
        """Keeps `query` fresh while this screen is seen."""
        watch = self.deck.feed.watch(
            query, show, visible=lambda: self.is_current, every=every, failed=failed or self._gone
        )
        self._watches.append(watch)
        return watch

    def follow_window(self, table: Table[Any], query: Callable[[Asked], Window[T]], show: Callable[[Window[T]], None],
                      *, every: Callable[[], float | None] = lambda: None) -> None:  # fmt: skip
        """Keeps the window of a long list fresh that `table` asks for."""
        self._windows[table] = self.follow(lambda: query(table.rows.asked), show, every=every)

    @on(Table.Asks)
    def window_wanted(self, event: Table.Asks) -> None:
        if (watch := self._windows.get(event.table)) is not None:
            watch.wake()
            self.deck.feed.poke()

    def reread(self) -> None:
        for watch in self._watches:
            watch.wake()
        self.deck.feed.poke()

    def on_mount(self) -> None:
        """After the screen's own."""
        if self.LIST and (table := self.table) is not None:
            self.restore(table, self.deck.views.of(self.LIST))

    def restore(self, table: Table[Any], view: ListView) -> None:
        """The list as it was left, or as it was named."""
        table.hidden, table.wide = view.hidden, view.wide
        table.arrange_by(view.order)
        if view.cursor is not None:
            table.go_to(view.cursor)
        self.set_filter(view.filter)

    def view(self, table: Table[Any]) -> ListView:
        key = table.rows.cursor_key
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

    def on_unmount(self) -> None:
        for watch in self._watches:
            self.deck.feed.drop(watch)

    def _gone(self, error: HostdeckError) -> None:
        self.say(str(error), Tone.WRONG)

    # -- asking for changes

    @property
    def refusals(self) -> tuple[type[Exception], ...]:
        """What a wish may be answered with: our own refusals, and a database that can't be reached."""
        return (HostdeckError, *self.deck.unreadable)

    def ask(self, wish: Callable[[], T], done: Callable[[T], None]) -> None:
        """Runs an intent beside the screen; a refusal becomes a notice."""
        self.run_worker(self._asked(wish, done))

    async def _asked(self, wish: Callable[[], T], done: Callable[[T], None]) -> None:
        try:
            answer = await asyncio.to_thread(wish)
        except self.refusals as error:
            self.say(str(error), Tone.WRONG)
        else:
            done(answer)
            self.deck.feed.poke()

    def may_change(self) -> bool:
        """False, and says why, where nothing can be changed."""
        if self.deck.door.read_only:
            self.say("hostdeck runs read-only here; nothing can be changed", Tone.WAITING)
        return not self.deck.door.read_only

    def after_typing(self, deed: Callable[[], object]) -> None:
        """Runs `deed` once the field with the focus has taken what was typed before: a priority key overtakes it."""
        (self.focused or self).call_later(deed)

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        self.query_one(PromptLine).say(text, tone)
        self.deck.keep_notice(text, tone)

    # -- what `:` words act on

    @property
    def chosen_service(self) -> tuple[int, str] | None:
        """Number and domain of the service shown or marked."""
        return None

    @property
    def chosen_server(self) -> ServerRow | None:
        """The server shown or marked."""
        return None

    def show_service_tab(self, tab: str) -> bool:
        """False where there is no such tab of a service."""
        return False

    def show_only(self, capability: str) -> None:
        """A list of servers keeps those with this capability; an empty word keeps all."""

    # -- filter and find

    @property
    def has_list(self) -> bool:
        return self.table is not None

    def chips(self) -> list[Part]:
        if (table := self.table) is None:
            return []
        rows, said = table.rows, []
        if self.filter_text:
            said.append(Part(toned(f"[/{self.filter_text}  {rows.count} of {rows.total}]", Tone.WAITING)))
        if rows.marks:
            said.append(Part(toned(f"{len(rows.marks)} marked", Tone.BRIGHT)))
        return said

    @property
    def table(self) -> Table[Any] | None:
        """The table that `/` narrows: the one with the focus, else the first."""
        if isinstance(self.focused, Table):
            return self.focused
        return next((table for table in self.query(Table) if table.display), None)

    def open_prompt(self, kind: str) -> None:
        if kind == "/" and isinstance(self.focused, LogTail):
            self.query_one(PromptLine).open("find", self.focused.book.needle)
        elif kind == ":" or self.table is not None:
            prompt = self.query_one(PromptLine)
            if kind == "/":
                prompt.open(kind, self.filter_text)
            else:
                prompt.open(kind, history=self.deck.views.typed, words=self.completions)

    def completions(self, typed: str) -> list[str]:
        """The commands, and the views one has named, that begin like this."""
        return [*beginnings(typed), *(name for name in self.deck.views.names if name.startswith(typed))]

    def set_filter(self, text: str) -> None:
        self.filter_text = text
        if (table := self.table) is not None:
            table.set_filter(text)
        self.draw_crumbs()

    @on(PromptLine.Typed)
    def typed(self, event: PromptLine.Typed) -> None:
        if event.kind == "/":
            self.set_filter(event.text)

    @on(PromptLine.Submitted)
    def submitted(self, event: PromptLine.Submitted) -> None:
        if event.kind == "find" and isinstance(self.focused, LogTail):
            self.focused.find(event.text)

    @on(PromptLine.GaveUp)
    def gave_up(self) -> None:
        prompt = self.query_one(PromptLine)
        kind = prompt.kind
        prompt.close()
        if kind == "/":
            self.set_filter("")
        elif kind == "find" and isinstance(self.focused, LogTail):
            self.focused.find("")

    def action_faults(self) -> None:
        """Only what is wrong; again, all."""
        if not self.FAULTS:
            self.say("nothing in this list is marked as a fault", Tone.WAITING)
        else:
            self.set_filter("" if self.filter_text == self.FAULTS else self.FAULTS)

    @property
    def subject(self) -> BaseModel | None:
        """What `d` and `y` are about: the row under the cursor."""
        row = self.table.row if self.table is not None else None
        return row if isinstance(row, BaseModel) else None

    def action_describe(self, raw: bool) -> None:
        if (subject := self.subject) is None:
            self.say("there is no more to say about what is shown here", Tone.WAITING)
        else:
            self.app.push_screen(Describe(_title(subject), subject, raw=raw))

    def pick_columns(self) -> None:
        if (table := self.table) is None:
            self.say("there is no list here", Tone.WAITING)
            return

        def picked(hidden: frozenset[str] | None) -> None:
            if hidden is not None:
                table.hide_columns(hidden)

        columns = [(column.key, column.title) for column in table.rows.columns]
        self.app.push_screen(ColumnPicker(columns, table.hidden), picked)

    def go_back(self) -> bool:
        """One step back within the screen: marks, a filter, a search. False when there is none left."""
        if (table := self.table) is not None and table.rows.marks:
            table.action_unmark()
            return True
        if self.filter_text:
            self.set_filter("")
            return True
        if isinstance(self.focused, LogTail) and self.focused.book.needle:
            self.focused.find("")
            return True
        return False


def _title(subject: BaseModel) -> str:
    """By its number and its name, as far as it has them."""
    said = [getattr(subject, name, None) for name in ("id", "domain", "name", "label", "what", "target", "key")]
    number = f"#{said[0]} " if said[0] is not None else ""
    return f"{number}{next((str(name) for name in said[1:] if name), '')}".strip() or "In full"
