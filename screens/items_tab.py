"""A tab that lists one kind of what is inside a service: how many there may be, the rows, what is wrong with one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from hostdeck.core.domain.item_fields import NAME
from hostdeck.core.domain.items import KINDS, ItemKind, ItemStatus
from hostdeck.core.queries.items import ItemRow, UseOfKind
from hostdeck.screens.base import DeckScreen
from hostdeck.screens.item_columns import item_columns
from hostdeck.screens.service_tabs import Tab
from hostdeck.tui.theme import STYLE, Tone
from hostdeck.tui.widgets.frame import Heading
from hostdeck.tui.widgets.table import Table
from hostdeck.tui.widgets.words import ago, inert, muted, plural, toned

TITLES = {
    ItemKind.MAILBOX: "Mailboxes",
    ItemKind.DATABASE: "Databases",
    ItemKind.FTP: "FTP accounts",
    ItemKind.CRON: "Cron jobs",
    ItemKind.RECORD: "Records",
    ItemKind.BACKUP: "Backups",
}
NEW = {
    ItemKind.MAILBOX: "n makes one, with a password of its own",
    ItemKind.DATABASE: "n makes one, with its user and a password",
    ItemKind.FTP: "n makes one, for the website or a folder of it",
    ItemKind.CRON: "n adds one: when, and what is to run",
    ItemKind.RECORD: "n adds one",
    ItemKind.BACKUP: "n takes one; those that the node takes at night are listed too",
}
"""What one does about an empty list."""


def use_words(use: UseOfKind | None) -> str:
    if use is None:
        return ""
    return f"{use.used}, no limit" if use.limit is None else f"{use.used} of {use.limit} used"


class ItemsTab(Vertical):
    def __init__(self, tab: Tab) -> None:
        super().__init__(id=tab.key, classes="tab")
        self.kind = tab.kind or ItemKind.RECORD
        self._prefix = ""

    def compose(self) -> ComposeResult:
        yield Heading(TITLES[self.kind])
        yield Table[ItemRow](
            item_columns(self.kind, self._screen.deck.clock, self._whole),
            lambda row: row.id,
            empty="reading",
            id=f"{self.id}-rows",
        )
        yield Static("", classes="item-note", markup=False)

    @property
    def _screen(self) -> DeckScreen:
        return cast(DeckScreen, self.screen)

    @property
    def table(self) -> Table[ItemRow]:
        return self.query_one(Table)

    def _whole(self, name: str) -> str:
        return f"{self._prefix}{name}"

    def show_items(self, rows: Sequence[ItemRow], use: UseOfKind | None, account: str | None) -> None:
        """`account` is what the node puts before names of this kind."""
        self._prefix = f"{account}_" if account and self.kind in (ItemKind.DATABASE, ItemKind.FTP) else ""
        nouns = KINDS[self.kind].nouns if self.kind in KINDS else "records"
        self.table.empty = f"no {nouns} yet; {NEW[self.kind]}"
        self.table.set_rows(rows)
        wrong = sum(bool(row.error) and row.status is not ItemStatus.PENDING for row in rows)
        used = f"{len(rows)} listed" if self.kind is ItemKind.BACKUP else use_words(use)
        note = [muted(used)]
        if wrong:
            note.insert(0, Text.assemble((plural(wrong, "error") + "   ", STYLE[Tone.WRONG]), end=""))
        self.query_one(Heading).say(None, Text("", end="").join(note))
        self._say()

    @on(Table.Moved)
    def moved(self, event: Table.Moved[Any]) -> None:
        self._say()

    def _proven(self, row: ItemRow) -> Text:
        return proven_words(row, self._screen.deck.clock())

    def _tried(self, row: ItemRow) -> tuple[Text, ...]:
        words = tried_words(row, self._screen.deck.clock())
        return () if words is None else (Text("\n"), words)

    def _say(self) -> None:
        """The error of the row under the cursor in full: its column is short, and gone on a narrow terminal."""
        row, note = self.table.row, self.query_one(".item-note", Static)
        fetch = row.field("fetch") if row is not None else None
        note.display = bool(row and (row.error or fetch))
        if row is not None and row.error:
            task = f"\ntask #{row.task} tells how it went: l opens its log" if row.task else ""
            tone = Tone.WAITING if row.status is ItemStatus.PENDING else Tone.WRONG
            note.update(Text.assemble((inert(row.error).plain, STYLE[tone]), (task, STYLE[Tone.MUTED])))
        elif row is not None and fetch:
            lies = (f"lies on {row.server}; c copies what fetches it:\n", STYLE[Tone.MUTED])
            note.update(Text.assemble(lies, fetch, "\n", self._proven(row), *self._tried(row)))


def proven_words(row: ItemRow, now: datetime) -> Text:
    """What reading a backup through has shown, and when."""
    proven = row.field("proven")
    if not isinstance(proven, Mapping):
        return muted("not proven; t has it read to its end, T restored for trial")
    when = _when(proven, now)
    if proven.get("error"):
        return toned(inert(f"not whole, read {when}: {proven['error']}").plain, Tone.WRONG)
    return toned(f"proven {when}: {proven['words']}", Tone.OK)


def tried_words(row: ItemRow, now: datetime) -> Text | None:
    """What restoring a backup for trial has shown, and when; None where nobody has."""
    tried = row.field("tried")
    if not isinstance(tried, Mapping):
        return None
    when = _when(tried, now)
    if tried.get("error"):
        return toned(inert(f"did not come back {when}: {tried['error']}").plain, Tone.WRONG)
    return toned(f"restored for trial {when}: {tried['words']}", Tone.OK)


def _when(said: Mapping[str, object], now: datetime) -> str:
    age = ago(datetime.fromisoformat(str(said["at"])), now)
    return "just now" if age == "now" else f"{age} ago"


def title_of(kind: ItemKind) -> str:
    """What one of a kind is called at the head of its form."""
    return NAME[kind].label if kind is ItemKind.RECORD else KINDS[kind].noun
