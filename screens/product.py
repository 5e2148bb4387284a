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
from textual.widgets import Checkbox, Input, Label, RadioButton, RadioSet, Select, Static

from hostdeck.core.domain.modes import MODE_WORDS, PRESETS, preset_of
from hostdeck.core.domain.order_plan import OrderPlan
from hostdeck.core.domain.vocabulary import Mode, Role
from hostdeck.core.errors import Invalid
from hostdeck.core.intents import products as wishes
from hostdeck.core.intents.forms import ProductChange, ProductForm
from hostdeck.core.queries import fleet
from hostdeck.core.queries.offers import GroupOffer, group_offers
from hostdeck.core.queries.views import ProductRow
from hostdeck.screens.base import DeckScreen
from hostdeck.screens.product_limits import LimitFields, LimitRow
from hostdeck.screens.product_preview import group_label, members_text, preview_text, refusal_text
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.fields import Choice, Field, Tick
from hostdeck.tui.widgets.frame import Heading
from hostdeck.tui.widgets.words import inert, joined, muted, plural, toned

PAUSE = 0.25
WRONG_AT = {"name": "name", "mode": "mode", "group": "group", "product": "roles", "roles": "roles", "preset": "roles"}


class ProductScreen(DeckScreen):
    """A new product, or the one of that name; `plan` is what its preview shows, None where an order is refused."""

    SECTION = "products"
    AUTO_FOCUS = "#name, #mode, #group"
    BINDINGS: ClassVar[list[BindingType]] = [
        # With priority, so that keys typed ahead over a slow line reach the field they were meant for.
        Binding("tab", "app.focus_next", "next field", priority=True),
        Binding("shift+tab", "app.focus_previous", "field before", priority=True, show=False),
        Binding("ctrl+o", "save", "save", priority=True, key_display="ctrl+o"),
    ]
    CHANGING = frozenset({"save"})

    def __init__(self, name: str = "") -> None:
        super().__init__()
        self._product = name
        self._row: ProductRow | None = None
        self._offers: dict[str, GroupOffer] = {}
        self.plan: OrderPlan | None = None
        self._timer: Timer | None = None
        self._saving = False

    @property
    def crumb(self) -> str:
        return f"product {self._product}" if self._product else "new product"

    def body(self) -> Iterable[Widget]:
        with Horizontal(id="offer"):
            with VerticalScroll(id="product-form", can_focus=False):
                yield Label("Name", classes="field field-first")
                yield Field(self._product, placeholder="web-s", id="name", compact=True, disabled=bool(self._product))
                yield self._wrong("name")
                yield Label("Mode", classes="field")
                with RadioSet(id="mode", compact=True):
                    for mode, words in MODE_WORDS.items():
                        label = joined(f"{mode:<9}", muted(words.consequence))
                        yield Choice(label, value=mode is Mode.SPLIT, id=f"mode-{mode}", compact=True)
                yield Static("", id="mode-words", markup=False)
                yield self._wrong("mode")
                yield Label("Group", classes="field")
                yield Select[str]([], prompt="choose a group", id="group", compact=True)
                yield Static("", id="members", markup=False)
                yield self._wrong("group")
                with Horizontal(id="roles"):
                    yield Label("Roles", classes="limit-key")
                    for role in Role:
                        yield Tick(role, True, id=f"role-{role}", compact=True)
                    yield Select[str]([(name, name) for name in PRESETS], prompt="preset", id="preset", compact=True)
                yield self._wrong("roles")
                yield LimitFields()
            with VerticalScroll(id="preview"):
                yield Heading("An order would make", id="preview-heading")
                yield Static("", id="preview-text", markup=False)

    @staticmethod
    def _wrong(field: str) -> Static:
        return Static("", id=f"wrong-{field}", classes="wrong", markup=False)

    def on_mount(self) -> None:
        self.query_one(LimitFields).show(self.mode, self.roles)
        self.follow(group_offers, self.show_groups)
        if self._product:
            self.follow(lambda: fleet.product(self._product), self.show_product)
        self._explain()

    # -- what is there

    def show_groups(self, offers: tuple[GroupOffer, ...]) -> None:
        self._offers = {offer.name: offer for offer in offers}
        select: Select[str] = self.query_one("#group", Select)
        chosen = select.value if isinstance(select.value, str) else self._row.group if self._row else ""
        select.set_options([(group_label(offer), offer.name) for offer in offers])
        if chosen in self._offers:
            select.value = chosen
        elif offers:
            select.value = offers[0].name
        else:
            self._complain("group", "no group yet; in a shell: hostdeck group add NAME")
        self._explain()
        self.changed()

    def show_product(self, row: ProductRow) -> None:
        """Fills the form the first time; from then on what is typed stays."""
        first, self._row = self._row is None, row
        if first:
            self.query_one(f"#mode-{row.mode}", RadioButton).value = True
            for role in Role:
                self.query_one(f"#role-{role}", Checkbox).value = role in row.roles
            self.query_one(LimitFields).fill(row)
            if row.group in self._offers:
                self.query_one("#group", Select).value = row.group
        self.query_one("#mode", RadioSet).disabled = bool(row.ordered)
        if first and row.ordered:
            # A field that is locked loses the focus.
            self.query_one("#group", Select).focus(scroll_visible=False)
        self._explain()

    def _explain(self) -> None:
        """The line under the mode and the one under the group."""
        if self._row is not None and self._row.ordered:
            times = plural(self._row.ordered, "service was", "services were")
            words = toned(f"locked: {times} ordered of it; sell another mode as its own product", Tone.WAITING)
        else:
            words = muted(f"best for {MODE_WORDS[self.mode].best_for}")
        self.query_one("#mode-words", Static).update(words)
        offer = self._offers.get(self.group)
        self.query_one("#members", Static).update(members_text(offer) if offer else inert(""))

    # -- the form as it is now

    @property
    def mode(self) -> Mode:
        pressed = self.query_one("#mode", RadioSet).pressed_button
        return Mode((pressed.id or "").removeprefix("mode-")) if pressed else Mode.SPLIT

    @property
    def roles(self) -> tuple[Role, ...]:
        return tuple(role for role in Role if self.query_one(f"#role-{role}", Checkbox).value)

    @property
    def group(self) -> str:
        value = self.query_one("#group", Select).value
        return value if isinstance(value, str) else ""

    def form(self) -> ProductForm:
        limits = self.query_one(LimitFields).values()
        name = self.query_one("#name", Input).value.strip()
        return ProductForm(name, self.group, str(self.mode), tuple(map(str, self.roles)), limits)

    @on(Select.Changed, "#preset")
    def preset_chosen(self, event: Select.Changed) -> None:
        if isinstance(event.value, str) and event.value != preset_of(self.roles):
            for role in Role:
                self.query_one(f"#role-{role}", Checkbox).value = role in PRESETS[event.value]

    @on(Checkbox.Changed)
    @on(RadioSet.Changed)
    @on(Select.Changed, "#group")
    def turned(self) -> None:
        preset: Select[str] = self.query_one("#preset", Select)
        name = preset_of(self.roles)
        if name is None:
            preset.clear()
        elif preset.value != name:
            preset.value = name
        self.query_one(LimitFields).show(self.mode, self.roles)
        self._explain()
        self.changed()

    @on(Input.Changed)
    def typed_in_form(self, event: Input.Changed) -> None:
        if isinstance(event.input.parent, LimitRow):
            event.input.parent.tell()
        self.changed()

    @on(Input.Submitted)
    def entered(self, event: Input.Submitted) -> None:
        if event.input.id != "prompt-input":
            self.focus_next()

    # -- the preview

    def changed(self) -> None:
        """The preview waits until the hands rest."""
        if self._timer is not None:
            self._timer.stop()
        self.plan = None
        self._timer = self.set_timer(PAUSE, lambda: self.run_worker(self._try(), group="plan", exclusive=True))

    async def _try(self) -> None:
        form = self.form()
        if not form.group:
            return
        self._complain("", "")
        shown = self.query_one("#preview-text", Static)
        try:
            plan = await asyncio.to_thread(wishes.plan_product, self.deck.door, form)
        except Invalid as error:
            shown.update(refusal_text("nothing: the form is not right yet", str(error)))
            self._complain(error.field, error.text)
        except self.refusals as error:
            shown.update(refusal_text("nothing: it would be refused now", str(error)))
        else:
            self.plan = plan
            shown.update(preview_text(plan, may_save=not self.deck.door.read_only))

    def _complain(self, field: str, text: str) -> None:
        """At the field or the limit it is about; what has neither is said on the line of notices."""
        at_limit = self.query_one(LimitFields).complain(field, text)
        for name in ("name", "mode", "group", "roles"):
            words = text if WRONG_AT.get(field) == name else ""
            wrong = self.query_one(f"#wrong-{name}", Static)
            wrong.update(toned(words, Tone.WRONG))
            wrong.display = bool(words)
        if text and not at_limit and field not in WRONG_AT:
            self.say(f"{field}: {text}", Tone.WRONG)

    # -- saving it

    def action_save(self) -> None:
        if self.may_change() and not self._saving:
            self._saving = True
            self.run_worker(self._save(self.form()))

    async def _save(self, form: ProductForm) -> None:
        try:
            await asyncio.to_thread(self._write, form)
        except Invalid as error:
            self._complain(error.field, error.text)
            self.say(str(error), Tone.WRONG)
        except self.refusals as error:
            self.say(str(error), Tone.WRONG)
        else:
            self.dismiss()
            self.app.call_after_refresh(self.app.notify, f"product '{form.name}' is saved, for orders from now on")
        finally:
            self._saving = False

    def _write(self, form: ProductForm) -> None:
        if not self._product:
            wishes.add_product(self.deck.door, form)
            return
        before = self._row.origin if self._row else {}
        gone = tuple(key for key, origin in before.items() if origin == "product" and key not in form.limits)
        change = ProductChange(form.group, form.mode, form.roles, form.limits, gone)
        wishes.edit_product(self.deck.door, self._product, change)
