"""The doctor: everything that hostdeck stands on, and the mend for what is not well."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from hostdeck.core.domain.doctor import Check, State
from hostdeck.screens.base import DeckScreen
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.columns import Column
from hostdeck.tui.widgets.frame import Part
from hostdeck.tui.widgets.gauges import pill
from hostdeck.tui.widgets.table import Table
from hostdeck.tui.widgets.words import inert, muted, toned

ORDER = (State.FAILED, State.WARN, State.OK)

COLUMNS: tuple[Column[Check], ...] = (
    Column("state", "STATE", lambda c: pill(c.state), 6, sort=lambda c: ORDER.index(c.state), letter="S"),
    Column("check", "CHECK", lambda c: c.check, 18, 1, 30, sort=lambda c: c.check, letter="C"),
    Column("text", "FOUND", lambda c: c.text, 30, 3),
    Column("mend", "MEND", lambda c: muted(c.mend), 30, 3, 0, 1),
)


class Doctor(DeckScreen):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("b", "again", "look again")]

    def __init__(self) -> None:
        super().__init__()
        self._looking = False

    @property
    def crumb(self) -> str:
        return "Doctor"

    def body(self) -> Iterable[Widget]:
        yield Table[Check](COLUMNS, lambda c: c.check, empty="looking; nameservers may take some seconds", id="checks")
        yield Static("", id="detail", markup=False)

    def on_mount(self) -> None:
        self.action_again()

    def reread(self) -> None:
        self.action_again()

    def action_again(self) -> None:
        if not self._looking:
            self._looking = True
            self.facts = [Part(muted("looking"), 2)]
            self.draw_crumbs()
            self.run_worker(self._look())

    async def _look(self) -> None:
        """Beside the screen: files are read, and nameservers are waited for."""
        try:
            self.show_checks(await asyncio.to_thread(self.deck.examine))
        except self.refusals as error:
            self.say(str(error), Tone.WRONG)
        finally:
            self._looking = False

    def show_checks(self, checks: Sequence[Check]) -> None:
        table = self.query_one(Table)
        table.empty = "nothing was looked at"
        table.set_rows(sorted(checks, key=lambda check: ORDER.index(check.state)))
        bad = sum(check.state is State.FAILED for check in checks)
        said = toned(f"{bad} of {len(checks)} failed", Tone.WRONG) if bad else toned("all well", Tone.OK)
        self.facts = [Part(said, 2)]
        self.draw_crumbs()

    @on(Table.Moved)
    def moved(self, event: Table.Moved[Check]) -> None:
        """The whole of the line under the cursor, which no column has room for."""
        row = event.row
        lines = (
            [] if row is None else [inert(f"{row.check}: {row.text}"), inert(f"mend: {row.mend}" if row.mend else "")]
        )
        self.query_one("#detail", Static).update(Text("\n", end="").join(lines))

    @on(Table.Chosen)
    def chosen(self, event: Table.Chosen[Check]) -> None:
        """Enter leads to the list of what it is about."""
        kind = event.row.check.partition(" ")[0]
        section = {"server": "servers", "nameserver": "servers", "worker": "tasks"}.get(kind)
        if section:
            self.deck.go(section)
        else:
            self.say(event.row.mend or "nothing to do here")
