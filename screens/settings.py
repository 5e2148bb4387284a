"""Settings: what can be changed while everything runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from hostdeck.core.domain.settings_keys import check_setting
from hostdeck.core.errors import Invalid
from hostdeck.core.intents import work
from hostdeck.core.queries import tasks
from hostdeck.core.queries.views import SettingRow
from hostdeck.screens.base import DeckScreen
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.ask import Ask
from hostdeck.tui.widgets.columns import Column
from hostdeck.tui.widgets.frame import Part
from hostdeck.tui.widgets.table import Table
from hostdeck.tui.widgets.words import muted, toned


class SettingsScreen(DeckScreen):
    SECTION = "settings"
    LIST = "settings"
    CHANGING = frozenset({"edit", "usual"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit", "edit"),
        Binding("u", "usual", "back to the usual"),
    ]

    def body(self) -> Iterable[Widget]:
        yield Table[SettingRow](
            (
                Column("key", "SETTING", lambda s: s.key, 24, 1, 40, sort=lambda s: s.key, letter="S"),
                Column("value", "VALUE", _value, 10, 1, 30),
                Column("usual", "USUAL", lambda s: muted(s.default or "-"), 8, 1, 20, 2),
                Column("hint", "WHAT IT DOES", lambda s: muted(s.hint), 20, 4, priority=1),
            ),
            lambda s: s.key,
        )
        yield Static("", id="detail", markup=False)

    def on_mount(self) -> None:
        self.follow(tasks.settings, self.show_settings)

    def show_settings(self, rows: tuple[SettingRow, ...]) -> None:
        self.query_one(Table).set_rows(rows)
        own = sum(row.value != row.default for row in rows)
        self.facts = [Part(muted(f"{len(rows)} in all, {own} of your own"), 2)]
        self.draw_crumbs()

    @on(Table.Moved)
    def moved(self, event: Table.Moved[SettingRow]) -> None:
        row = event.row
        self.query_one("#detail", Static).update(muted(f"hostdeck setting set {row.key} {row.value}" if row else ""))

    @on(Table.Chosen)
    def chosen(self) -> None:
        self.action_edit()

    def action_edit(self) -> None:
        row: SettingRow | None = self.query_one(Table).row
        if row is None or not self.may_change():
            return

        def typed(value: str | None) -> None:
            if value is not None and value != row.value:
                self._set(row.key, value)

        usual = f"usually {row.default}" if row.default else "usually not set"
        self.app.push_screen(
            Ask(row.key, (row.hint, usual), row.value, wrong=lambda text: _wrong(row.key, text)), typed
        )

    def action_usual(self) -> None:
        row: SettingRow | None = self.query_one(Table).row
        if row is None or not self.may_change():
            return
        if not row.default:
            self.say(f"{row.key} is for one action alone; {row.key.rsplit('.', 2)[0]} says what is usual", Tone.WAITING)
        elif row.value == row.default:
            self.say(f"{row.key} is {row.value}, as usual", Tone.WAITING)
        else:
            self._set(row.key, row.default)

    def _set(self, key: str, value: str) -> None:
        self.ask(
            lambda: work.set_setting(self.deck.door, key, value),
            lambda _: self.say(f"{key} is {value or 'not set'} now"),
        )


def _value(row: SettingRow) -> str | Text:
    return row.value if row.value == row.default else toned(row.value, Tone.BRIGHT)


def _wrong(key: str, text: str) -> str:
    try:
        check_setting(key, text)
    except Invalid as error:
        return error.text
    return ""
