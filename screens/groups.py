"""Groups: servers that are sold together, how many answer, and what is sold on them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget

from hostdeck.core.intents.groups import remove_group
from hostdeck.core.queries import fleet
from hostdeck.core.queries.views import GroupRow
from hostdeck.screens import group_new
from hostdeck.screens.base import DeckScreen
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.columns import Column
from hostdeck.tui.widgets.frame import Part
from hostdeck.tui.widgets.plan_dialog import PlanDialog
from hostdeck.tui.widgets.table import Table
from hostdeck.tui.widgets.words import inert, muted, plural, toned


def online(row: GroupRow) -> Text:
    tone = Tone.OK if row.online == len(row.servers) else Tone.WRONG
    return toned(f"{row.online}/{len(row.servers)}", tone if row.servers else Tone.MUTED)


def columns() -> tuple[Column[GroupRow], ...]:
    return (
        Column("name", "NAME", lambda g: g.name, 12, 2, 24, sort=lambda g: g.name, letter="N"),
        Column("servers", "SERVERS", lambda g: ", ".join(g.servers) or muted("-"), 16, 3, priority=2),
        Column("online", "ONLINE", online, 6, right=True),
        Column("dns", "NAMESERVERS", lambda g: ", ".join(g.dns_servers) or muted("-"), 12, 2, priority=1),
        Column("products", "PRODUCTS", lambda g: ", ".join(g.products) or muted("-"), 10, 2),
    )


class Groups(DeckScreen):
    SECTION = "groups"
    LIST = "groups"
    CHANGING = frozenset({"new", "remove"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", "new group"),
        Binding("delete", "remove", "remove", key_display="Del"),
    ]

    def body(self) -> Iterable[Widget]:
        yield Table[GroupRow](columns(), lambda g: g.id, empty="no groups yet\nn adds the first one")

    def on_mount(self) -> None:
        self.follow(fleet.groups, self.show_groups)

    def show_groups(self, rows: tuple[GroupRow, ...]) -> None:
        self.query_one(Table).set_rows(rows)
        self.facts = [Part(muted(plural(len(rows), "group")), 2)]
        self.draw_crumbs()

    @on(Table.Chosen)
    def chosen(self, event: Table.Chosen[GroupRow]) -> None:
        self.deck.open_group(event.row.name)

    def action_new(self) -> None:
        group_new.ask_name(self)

    def action_remove(self) -> None:
        row: GroupRow | None = self.query_one(Table).row
        if row is None or not self.may_change():
            return

        def answered(typed: str | None) -> None:
            if typed is not None:
                self.ask(
                    lambda: remove_group(self.deck.door, row.name),
                    lambda _: self.say(f"group '{row.name}' is removed"),
                )

        lines = (
            inert("Its managed keys, variables and standard files are forgotten; servers keep what they have."),
            muted("Refused while it has servers, attached nameservers, products or names for sale."),
            Text(""),
        )
        dialog = PlanDialog(f"Remove group {row.name}?", lines, "Remove", typed=row.name, env=self.deck.env)
        self.app.push_screen(dialog, answered)
