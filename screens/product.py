"""One product: the form on one side, on the other which users on which nodes an order of it would make now."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from hostdeck.core.domain.order_plan import OrderPlan
from hostdeck.core.errors import Invalid
from hostdeck.core.intents import products as wishes
from hostdeck.core.intents.forms import ProductChange, ProductForm
from hostdeck.core.queries import fleet
from hostdeck.core.queries.offers import group_offers
from hostdeck.screens.base import DeckScreen
from hostdeck.screens.product_fields import ProductFields
from hostdeck.screens.product_preview import preview_text, refusal_text
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.frame import Heading

PAUSE = 0.25


class ProductScreen(DeckScreen):
    """A new product, or the one of that name; `plan` is what its preview shows, None where an order is refused."""

    SECTION = "products"
    AUTO_FOCUS = ""
    FIRST = "#name, #mode, #group"
    BINDINGS: ClassVar[list[BindingType]] = [
        # With priority, so that keys typed ahead over a slow line reach the field they were meant for.
        Binding("tab", "app.focus_next", "next field", priority=True),
        Binding("shift+tab", "app.focus_previous", "field before", priority=True, show=False),
        Binding("ctrl+o", "save", "save", priority=True, key_display="ctrl+o"),
    ]
    CHANGING = frozenset({"save"})

    def __init__(self, product: str = "") -> None:
        super().__init__()
        self._product = product
        self.plan: OrderPlan | None = None
        self._timer: Timer | None = None
        self._saving = False

    @property
    def crumb(self) -> str:
        return f"product {self._product}" if self._product else "new product"

    def body(self) -> Iterable[Widget]:
        with Horizontal(id="offer"):
            yield ProductFields(self._product)
            with VerticalScroll(id="preview"):
                yield Heading("An order would make", id="preview-heading")
                yield Static("", id="preview-text", markup=False)

    def on_mount(self) -> None:
        # Not by AUTO_FOCUS, which would scroll the field to the top and its label out of sight.
        self.set_focus(next((field for field in self.query(self.FIRST) if field.focusable), None), scroll_visible=False)
        self.follow(group_offers, self.fields.show_groups)
        if self._product:
            self.follow(lambda: fleet.product(self._product), self.fields.show_product)

    @property
    def fields(self) -> ProductFields:
        return self.query_one(ProductFields)

    # -- the preview

    @on(ProductFields.Changed)
    def changed(self) -> None:
        """The preview waits until the hands rest."""
        if self._timer is not None:
            self._timer.stop()
        self.plan = None
        self._timer = self.set_timer(PAUSE, lambda: self.run_worker(self._try(), group="plan", exclusive=True))

    async def _try(self) -> None:
        form = self.fields.form()
        if not form.group:
            return
        self.fields.complain("", "")
        shown = self.query_one("#preview-text", Static)
        try:
            plan = await asyncio.to_thread(wishes.plan_product, self.deck.door, form)
        except Invalid as error:
            shown.update(refusal_text("nothing: the form is not right yet", str(error)))
            self._complain(error)
        except self.refusals as error:
            shown.update(refusal_text("nothing: it would be refused now", str(error)))
        else:
            self.plan = plan
            shown.update(preview_text(plan, may_save=not self.deck.door.read_only))

    def _complain(self, error: Invalid) -> None:
        if not self.fields.complain(error.field, error.text):
            self.say(str(error), Tone.WRONG)

    # -- saving it

    def action_save(self) -> None:
        self.after_typing(self._save)

    def _save(self) -> None:
        if self.may_change() and not self._saving:
            self._saving = True
            self.run_worker(self._saved(self.fields.form(), self.fields.unset))

    async def _saved(self, form: ProductForm, unset: tuple[str, ...]) -> None:
        try:
            await asyncio.to_thread(self._write, form, unset)
        except Invalid as error:
            self._complain(error)
            self.say(str(error), Tone.WRONG)
        except self.refusals as error:
            self.say(str(error), Tone.WRONG)
        else:
            self.dismiss()
            self.app.call_after_refresh(self.app.notify, f"product '{form.name}' is saved, for orders from now on")
        finally:
            self._saving = False

    def _write(self, form: ProductForm, unset: tuple[str, ...]) -> None:
        if self._product:
            change = ProductChange(form.group, form.mode, form.roles, form.limits, unset)
            wishes.edit_product(self.deck.door, self._product, change)
        else:
            wishes.add_product(self.deck.door, form)
