"""A new order: the form on one side, on the other what it would do, checked while it is typed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Label, Select, Static, TextArea

from hostdeck.core.domain.order_plan import OrderPlan
from hostdeck.core.errors import Invalid
from hostdeck.core.intents import services as wishes
from hostdeck.core.intents.forms import OrderForm
from hostdeck.core.queries import fleet
from hostdeck.core.queries.views import ProductRow
from hostdeck.screens.base import DeckScreen
from hostdeck.screens.order_plan import plan_text, waiting_text
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.fields import Field, Lines
from hostdeck.tui.widgets.frame import Heading
from hostdeck.tui.widgets.gauges import roles
from hostdeck.tui.widgets.words import inert, muted, toned

PAUSE = 0.25
FIELDS = ("product", "domain", "email", "options")


class PlanPane(VerticalScroll, can_focus=True):
    """Enter here places the order."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "place", "place the order", key_display="Enter")]

    class Placed(Message):
        """The plan is accepted."""

    def action_place(self) -> None:
        self.post_message(self.Placed())


class Order(DeckScreen):
    SECTION = "services"
    AUTO_FOCUS = "#domain"
    BINDINGS: ClassVar[list[BindingType]] = [
        # With priority, so that keys typed ahead over a slow line reach the field they were meant for.
        Binding("tab", "app.focus_next", "next field", priority=True),
        Binding("shift+tab", "app.focus_previous", "field before", priority=True, show=False),
        Binding("ctrl+o", "place", "place the order", priority=True, key_display="ctrl+o"),
    ]
    CHANGING = frozenset({"place"})

    def __init__(self, domain: str = "") -> None:
        super().__init__()
        self._domain = domain
        self.plan: tuple[OrderForm, OrderPlan] | None = None
        self._timer: Timer | None = None
        self._placing = False

    @property
    def crumb(self) -> str:
        return "new order"

    def body(self) -> Iterable[Widget]:
        with Horizontal(id="order"):
            with Vertical(id="form"):
                yield Heading("Order")
                yield Label("Product", classes="field field-first")
                yield Select[str]([], prompt="choose a product", id="product", compact=True)
                yield Static("", id="wrong-product", classes="wrong", markup=False)
                yield Label("Domain", classes="field")
                yield Field(self._domain, placeholder="customer.com", id="domain", compact=True)
                yield Static("", id="wrong-domain", classes="wrong", markup=False)
                yield Label("Customer's email", classes="field")
                yield Field(placeholder="optional", id="email", compact=True)
                yield Static("", id="wrong-email", classes="wrong", markup=False)
                yield Label("Options, one KEY=VALUE a line", classes="field")
                yield Lines(id="options", compact=True)
                yield Static("", id="wrong-options", classes="wrong", markup=False)
            with PlanPane(id="plan"):
                yield Heading("Plan", id="plan-heading")
                yield Static("", id="plan-text", markup=False)

    def on_mount(self) -> None:
        self.follow(fleet.products, self.show_products)
        self._wait()

    def show_products(self, rows: tuple[ProductRow, ...]) -> None:
        select: Select[str] = self.query_one("#product", Select)
        chosen = select.value
        select.set_options([(self._product(row), row.name) for row in rows])
        names = [row.name for row in rows]
        if chosen in names:
            select.value = chosen
        elif rows:
            select.value = names[0]
        else:
            self._complain("product", "no product yet; in a shell: hostdeck product add NAME --group GROUP …")

    def _product(self, row: ProductRow) -> Text:
        return Text.assemble(inert(row.name), muted(f"  {row.mode}  {roles(row.roles)}"))

    # -- the form as it is now

    def form(self) -> OrderForm:
        """As typed; Invalid where an option is not KEY=VALUE."""
        product = self.query_one("#product", Select).value
        options = {}
        for line in self.query_one("#options", TextArea).text.splitlines():
            if not line.strip():
                continue
            key, equals, value = line.partition("=")
            if not equals:
                raise Invalid("options", "write KEY=VALUE, for example web_disk_quota=2048", "OPT_SHAPE")
            options[key.strip()] = value.strip()
        return OrderForm(
            domain=self.query_one("#domain", Input).value.strip(),
            product=product if isinstance(product, str) else "",
            email=self.query_one("#email", Input).value.strip(),
            options=options,
        )

    @on(Input.Changed, "#domain, #email")
    @on(TextArea.Changed)
    @on(Select.Changed)
    def typed_in_form(self) -> None:
        """The plan waits until the hands rest."""
        if self._timer is not None:
            self._timer.stop()
        self.plan = None
        self._timer = self.set_timer(PAUSE, lambda: self.run_worker(self._check(), group="plan", exclusive=True))

    @on(Input.Submitted, "#domain, #email")
    def entered(self, event: Input.Submitted) -> None:
        self.focus_next()

    async def _check(self) -> None:
        self._complain("", "")
        try:
            form = self.form()
            if not form.domain or not form.product:
                self._wait()
                return
            plan = await asyncio.to_thread(wishes.plan_order, self.deck.door, form)
        except Invalid as error:
            self._wait("the plan appears when the form is right")
            self._complain(error.field, error.text)
        except self.refusals as error:
            self._wait(str(error), Tone.WRONG)
        else:
            self._show(form, plan)

    def _show(self, form: OrderForm, plan: OrderPlan) -> None:
        self.plan = (form, plan)
        self.query_one("#plan-heading", Heading).say("Plan", muted("nothing is written yet"))
        self.query_one("#plan-text", Static).update(plan_text(plan, may_place=not self.deck.door.read_only))

    def _wait(self, words: str = "", tone: Tone = Tone.MUTED) -> None:
        self.plan = None
        self.query_one("#plan-heading", Heading).say("Plan", "")
        text = toned(words, tone) if words else waiting_text()
        self.query_one("#plan-text", Static).update(text)

    def _complain(self, field: str, text: str) -> None:
        """At the field; what has no field of its own is about the options."""
        at = "product" if field == "group" else field if field in FIELDS or not field else "options"
        for name in FIELDS:
            words = (text if at == field else f"{field}: {text}") if name == at else ""
            wrong = self.query_one(f"#wrong-{name}", Static)
            wrong.update(toned(words, Tone.WRONG))
            wrong.display = bool(words)

    # -- placing it

    @on(PlanPane.Placed)
    def action_place(self) -> None:
        if not self.may_change() or self._placing:
            return
        if self.plan is None:
            self.say("there is no plan yet; fill in product and domain", Tone.WAITING)
            return
        form, _ = self.plan
        self._placing = True
        self.run_worker(self._place(form))

    async def _place(self, form: OrderForm) -> None:
        try:
            service = await asyncio.to_thread(wishes.place_order, self.deck.door, form)
        except Invalid as error:
            self._complain(error.field, error.text)
            self.say(str(error), Tone.WRONG)
        except self.refusals as error:
            self.say(str(error), Tone.WRONG)
        else:
            self.dismiss()
            self.deck.open_service(service, "deploy")
        finally:
            self._placing = False
