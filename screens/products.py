"""Products: what can be ordered, and how often it was."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget

from hostdeck.core.intents import products as wishes
from hostdeck.core.queries import fleet
from hostdeck.core.queries.views import ProductRow
from hostdeck.screens.base import DeckScreen
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.columns import Column
from hostdeck.tui.widgets.dialogs import Confirm
from hostdeck.tui.widgets.frame import Part
from hostdeck.tui.widgets.gauges import roles
from hostdeck.tui.widgets.table import Table
from hostdeck.tui.widgets.words import muted, plural


def own_limits(row: ProductRow) -> str:
    """What the product says itself; the rest are the defaults."""
    return " ".join(f"{key}={value}" for key, value in row.limits.items() if row.origin[key] == "product")


def columns() -> tuple[Column[ProductRow], ...]:
    return (
        Column("name", "NAME", lambda p: p.name, 12, 2, 26, sort=lambda p: p.name, letter="N"),
        Column("group", "GROUP", lambda p: p.group, 8, 1, 16, 2, lambda p: p.group, "U"),
        Column("mode", "MODE", lambda p: p.mode, 7, sort=lambda p: p.mode, letter="M"),
        Column("roles", "ROLES", lambda p: roles(p.roles), 12),
        Column("services", "SERVICES", lambda p: str(p.services), 8, 0, 0, 0, lambda p: p.services, "V", True),
        Column("limits", "OWN LIMITS", lambda p: own_limits(p) or muted("-"), 20, 4, priority=1),
    )


class Products(DeckScreen):
    SECTION = "products"
    LIST = "products"
    CHANGING = frozenset({"new", "remove"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", "new product"),
        Binding("e", "edit", "edit"),
        Binding("delete", "remove", "remove", key_display="Del"),
    ]

    @property
    def crumb(self) -> str:
        return "products"

    def body(self) -> Iterable[Widget]:
        yield Table[ProductRow](columns(), lambda p: p.id, empty="no products yet\nn adds the first one")

    def on_mount(self) -> None:
        self.follow(fleet.products, self.show_products)

    def show_products(self, rows: tuple[ProductRow, ...]) -> None:
        self.query_one(Table).set_rows(rows)
        self.facts = [Part(muted(plural(len(rows), "product")), 2)]
        self.draw_crumbs()

    @property
    def chosen_product(self) -> ProductRow | None:
        row: ProductRow | None = self.query_one(Table).row
        return row

    def action_new(self) -> None:
        if self.may_change():
            self.deck.open_product()

    def action_edit(self) -> None:
        if (row := self.chosen_product) is not None:
            self.deck.open_product(row.name)

    @on(Table.Chosen)
    def chosen(self, event: Table.Chosen[ProductRow]) -> None:
        self.deck.open_product(event.row.name)

    def action_remove(self) -> None:
        """Asks first; what was ever ordered tells its story by its product, so that one stays."""
        row = self.chosen_product
        if row is None or not self.may_change():
            return
        if row.ordered:
            times = plural(row.ordered, "service")
            self.say(f"'{row.name}' is used by {times}, terminated ones too; it can't be removed", Tone.WAITING)
            return

        def answered(sure: bool | None) -> None:
            if sure:
                self.ask(
                    lambda: wishes.remove_product(self.deck.door, row.name),
                    lambda _: self.say(f"product '{row.name}' is removed"),
                )

        what = f"{row.mode}, {roles(row.roles)}, on group {row.group}; nothing was ever ordered of it."
        dialog = Confirm(f"Remove product {row.name}?", (what,), "Remove product", env=self.deck.env)
        self.app.push_screen(dialog, answered)
