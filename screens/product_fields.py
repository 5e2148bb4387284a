"""The form of a product: mode, group, roles and limits, each with what it means."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widgets import Checkbox, Input, Label, RadioButton, RadioSet, Select, Static

from hostdeck.core.domain.modes import MODE_WORDS, PRESETS, preset_of
from hostdeck.core.domain.vocabulary import Mode, Role
from hostdeck.core.intents.forms import ProductForm
from hostdeck.core.queries.offers import GroupOffer
from hostdeck.core.queries.views import ProductRow
from hostdeck.screens.product_limits import LimitFields, LimitRow
from hostdeck.screens.product_preview import group_label, members_text
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.field import Field
from hostdeck.tui.widgets.fields import Choice, Tick
from hostdeck.tui.widgets.words import inert, joined, muted, plural, toned

WRONG_AT = {"name": "name", "mode": "mode", "group": "group", "product": "roles", "roles": "roles", "preset": "roles"}
"""Which line says what is wrong with a field; a limit says it of itself."""


class ProductFields(VerticalScroll, can_focus=False):
    """As typed. `name` is fixed where the product is there already."""

    class Changed(Message):
        """Something in the form is different."""

    def __init__(self, product: str) -> None:
        super().__init__(id="product-form")
        self._product = product
        self._row: ProductRow | None = None
        self._offers: dict[str, GroupOffer] = {}

    def compose(self) -> ComposeResult:
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

    @staticmethod
    def _wrong(field: str) -> Static:
        return Static("", id=f"wrong-{field}", classes="wrong", markup=False)

    def on_mount(self) -> None:
        self.limits.show(self.mode, self.ticked)
        self._explain()

    # -- what is there

    def show_groups(self, offers: Iterable[GroupOffer]) -> None:
        self._offers = {offer.name: offer for offer in offers}
        select: Select[str] = self.query_one("#group", Select)
        chosen = self.group or (self._row.group if self._row else "")
        select.set_options([(group_label(offer), offer.name) for offer in self._offers.values()])
        if self._offers:
            select.value = chosen if chosen in self._offers else next(iter(self._offers))
        else:
            self.complain("group", "no group yet; in a shell: hostdeck group add NAME")
        self._explain()
        self.post_message(self.Changed())

    def show_product(self, row: ProductRow) -> None:
        """Fills the form the first time; from then on what is typed stays."""
        first, self._row = self._row is None, row
        if first:
            self.query_one(f"#mode-{row.mode}", RadioButton).value = True
            self._tick(row.roles)
            self.limits.fill(row)
            if row.group in self._offers:
                self.query_one("#group", Select).value = row.group
        self.query_one("#mode", RadioSet).disabled = bool(row.ordered)
        if first and row.ordered:
            # A field that is locked loses the focus.
            self.query_one("#group", Select).focus(scroll_visible=False)
        self._explain()

    def _explain(self) -> None:
        """The line under the mode and the one under the group."""
        self.query_one("#mode-words", Static).update(self._mode_words())
        offer = self._offers.get(self.group)
        self.query_one("#members", Static).update(members_text(offer) if offer else inert(""))

    def _mode_words(self) -> Text:
        if self._row is None or not self._row.ordered:
            return muted(f"best for {MODE_WORDS[self.mode].best_for}")
        times = plural(self._row.ordered, "service was", "services were")
        return toned(f"locked: {times} ordered of it; sell another mode as its own product", Tone.WAITING)

    def complain(self, field: str, text: str) -> bool:
        """At the field or the limit it is about; False where it is about neither. An empty text takes all back."""
        at_limit = self.limits.complain(field, text)
        for name in ("name", "mode", "group", "roles"):
            words = text if WRONG_AT.get(field) == name else ""
            wrong = self.query_one(f"#wrong-{name}", Static)
            wrong.update(toned(words, Tone.WRONG))
            wrong.display = bool(words)
        return at_limit or field in WRONG_AT

    # -- as it is now

    @property
    def limits(self) -> LimitFields:
        return self.query_one(LimitFields)

    @property
    def mode(self) -> Mode:
        pressed = self.query_one("#mode", RadioSet).pressed_button
        return Mode((pressed.id or "").removeprefix("mode-")) if pressed else Mode.SPLIT

    @property
    def ticked(self) -> tuple[Role, ...]:
        return tuple(role for role in Role if self.query_one(f"#role-{role}", Checkbox).value)

    @property
    def group(self) -> str:
        value = self.query_one("#group", Select).value
        return value if isinstance(value, str) else ""

    def form(self) -> ProductForm:
        name = self.query_one("#name", Input).value.strip()
        return ProductForm(name, self.group, str(self.mode), tuple(map(str, self.ticked)), self.limits.values())

    @property
    def unset(self) -> tuple[str, ...]:
        """Limits that the product had of its own and that are the default again."""
        before = self._row.origin if self._row else {}
        typed = self.limits.values()
        return tuple(key for key, origin in before.items() if origin == "product" and key not in typed)

    def _tick(self, roles: Iterable[Role]) -> None:
        ticked = set(roles)
        for role in Role:
            self.query_one(f"#role-{role}", Checkbox).value = role in ticked

    @on(Select.Changed, "#preset")
    def preset_chosen(self, event: Select.Changed) -> None:
        if isinstance(event.value, str) and event.value != preset_of(self.ticked):
            self._tick(PRESETS[event.value])

    @on(Checkbox.Changed)
    @on(RadioSet.Changed)
    @on(Select.Changed, "#group")
    def turned(self) -> None:
        preset: Select[str] = self.query_one("#preset", Select)
        name = preset_of(self.ticked)
        if name is None:
            preset.clear()
        elif preset.value != name:
            preset.value = name
        self.limits.show(self.mode, self.ticked)
        self._explain()
        self.post_message(self.Changed())

    @on(Input.Changed)
    def typed(self, event: Input.Changed) -> None:
        if isinstance(event.input.parent, LimitRow):
            event.input.parent.tell()
        self.post_message(self.Changed())

    @on(Input.Submitted)
    def entered(self) -> None:
        self.screen.focus_next()
