"""The form of one item, whatever its kind. What is wrong with it is said beside its field, and the form stays."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from hostdeck.core.domain.items import ItemKind
from hostdeck.core.errors import Refused
from hostdeck.core.queries.items import ItemRow
from hostdeck.screens.base import DeckScreen
from hostdeck.screens.item_fields import ItemFields
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.frame import Heading
from hostdeck.tui.widgets.words import muted

Save = Callable[["ItemForm"], None]


class ItemForm(DeckScreen):
    """`save` is what `ctrl+o` does with what was typed; it calls `ask_here`, and in the end `leave`."""

    SECTION = "services"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        # With priority, so that keys typed ahead over a slow line reach the field they were meant for.
        Binding("tab", "app.focus_next", "next field", priority=True),
        Binding("shift+tab", "app.focus_previous", "field before", priority=True, show=False),
        Binding("ctrl+o", "save", "save", priority=True, key_display="ctrl+o"),
    ]
    CHANGING = frozenset({"save"})

    def __init__(self, kind: ItemKind, title: str, domain: str, row: ItemRow | None, save: Save) -> None:
        super().__init__()
        self.kind = kind
        self.row = row
        self._title = title
        self._domain = domain
        self._save_to = save
        self._saving = False

    @property
    def crumb(self) -> str:
        return self._domain

    def body(self) -> Iterable[Widget]:
        yield Heading(self._title)
        yield ItemFields(self.kind, self.row)
        yield Static("", id="item-hint", markup=False)

    def on_mount(self) -> None:
        first = next((field for field in self.fields.query("Field, Tick") if field.focusable), None)
        self.set_focus(first, scroll_visible=False)

    @property
    def fields(self) -> ItemFields:
        return self.query_one(ItemFields)

    def on_descendant_focus(self) -> None:
        super().on_descendant_focus()
        self.query_one("#item-hint", Static).update(muted(self.fields.hint(self.focused.id if self.focused else None)))

    def go_back(self) -> bool:
        """Not while it is being saved: what it answers, such as a password, is told here."""
        if self._saving:
            self.say("it is being saved", Tone.WAITING)
        return self._saving

    # -- saving it

    def action_save(self) -> None:
        self.after_typing(self._save)

    def _save(self) -> None:
        if not self._saving and self.may_change():
            self.fields.complain(None)
            self._save_to(self)

    def ask_here(self, wish: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """As `ask`, but what is wrong with a field is said beside it, and the form stays."""
        self._saving = True
        self.run_worker(self._answered(wish, done))

    async def _answered(self, wish: Callable[[], Any], done: Callable[[Any], None]) -> None:
        try:
            answer = await asyncio.to_thread(wish)
        except self.refusals as error:
            self._saving = False
            if not (isinstance(error, Refused) and self.fields.complain(error)):
                self.say(str(error), Tone.WRONG)
            return
        self._saving = False
        done(answer)
        self.deck.feed.poke()

    def leave(self, words: str) -> None:
        self.dismiss()
        self.app.call_after_refresh(self.app.notify, words)
