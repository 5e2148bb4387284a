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
from hostdeck.core.domain.vocabulary import Mode
from hostdeck.core.errors import Conflict, Invalid
from hostdeck.core.intents import services as wishes
from hostdeck.core.intents.forms import OrderForm
from hostdeck.core.queries import fleet
from hostdeck.core.queries.views import GroupRow, ProductRow
from hostdeck.screens.base import DeckScreen
from hostdeck.screens.order_plan import plan_text, waiting_text
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.field import Field
from hostdeck.tui.widgets.fields import Lines
from hostdeck.tui.widgets.frame import Heading
from hostdeck.tui.widgets.gauges import roles
from hostdeck.tui.widgets.words import inert, muted, toned

PAUSE = 0.25
FIELDS = ("product", "parent", "domain", "email", "options")


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

    def __init__(self, domain: str = "", product: str = "") -> None:
        super().__init__()
        self._domain = domain
        self._first_product = product
        self._products: dict[str, ProductRow] = {}
        self._parents: dict[str, tuple[str, ...]] = {}
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
                yield Label("Sold on", classes="field", id="label-parent")
                yield Select[str]([], prompt="choose a domain", id="parent", compact=True)
                yield Static("", id="wrong-parent", classes="wrong", markup=False)
                yield Label("Domain", classes="field", id="label-domain")
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
        self.follow(fleet.groups, self.show_groups)
        self._fit_mode()
        self._wait()

    def show_products(self, rows: tuple[ProductRow, ...]) -> None:
        select: Select[str] = self.query_one("#product", Select)
        chosen = select.value
        select.set_options([(self._product(row), row.name) for row in rows])
        names = [row.name for row in rows]
        self._products = {row.name: row for row in rows}
        if chosen in names:
            select.value = chosen
        elif self._first_product in names:
            select.value = self._first_product
        elif rows:
            # Who names a domain does not want a name on the provider's.
            fitting = (row.name for row in rows if not self._domain or row.mode is not Mode.VANITY)
            select.value = next(fitting, names[0])
        else:
            self._complain("product", "no product yet; in a shell: hostdeck product add NAME --group GROUP …")

    def _product(self, row: ProductRow) -> Text:
        return Text.assemble(inert(row.name), muted(f"  {row.mode}  {roles(row.roles)}"))

    # -- names sold on a domain of the provider's

    @property
    def _vanity(self) -> bool:
        """Whether what is chosen is sold by name, on a domain of the provider's."""
        row = self._chosen_product
        return row is not None and row.mode is Mode.VANITY

    @property
    def _chosen_product(self) -> ProductRow | None:
        return self._products.get(str(self.query_one("#product", Select).value))

    def show_groups(self, rows: tuple[GroupRow, ...]) -> None:
        self._parents = {row.name: tuple(one.domain for one in row.vanity_domains if one.selling) for row in rows}
        self._fit_mode()

    def _fit_mode(self) -> None:
        """A sold name has a parent to choose and no domain of its own."""
        vanity, row = self._vanity, self._chosen_product
        for part in ("#label-parent", "#parent"):
            self.query_one(part).display = vanity
        self.query_one("#label-domain", Label).update("Name" if vanity else "Domain")
        self.query_one("#domain", Input).placeholder = "anna" if vanity else "customer.com"
        select: Select[str] = self.query_one("#parent", Select)
        sold = self._parents.get(row.group, ()) if vanity and row else ()
        chosen = select.value
        select.set_options([(inert(domain), domain) for domain in sold])
        if sold:
            select.value = chosen if chosen in sold else sold[0]
        elif vanity:
            self._complain("parent", f"group {row.group if row else ''} sells no names: hostdeck group vanity --help")

    @on(Select.Changed, "#product")
    def chose_product(self) -> None:
        self._fit_mode()

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
        typed = self.query_one("#domain", Input).value.strip()
        parent = self.query_one("#parent", Select).value
        if self._vanity and isinstance(parent, str):
            options["vanity_domain"] = parent
        return OrderForm(
            domain="" if self._vanity else typed,
            fields={"vanity_name": typed} if self._vanity else {},
            product=product if isinstance(product, str) else "",
            email=self.query_one("#email", Input).value.strip(),
            options=options,
        )

    @property
    def _typed(self) -> OrderForm | None:
        """The form, None where it is not one yet."""
        try:
            return self.form()
        except Invalid:
            return None

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
            if not (form.domain or form.fields.get("vanity_name")) or not form.product:
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
        if self._vanity:
            free = self.query_one("#wrong-domain", Static)
            free.update(toned(f"{plan.domain} is free", Tone.OK))
            free.display = True
        self.query_one("#plan-heading", Heading).say("Plan", muted("nothing is written yet"))
        self.query_one("#plan-text", Static).update(plan_text(plan, may_place=not self.deck.door.read_only))

    def _wait(self, words: str = "", tone: Tone = Tone.MUTED) -> None:
        self.plan = None
        self.query_one("#plan-heading", Heading).say("Plan", "")
        text = toned(words, tone) if words else waiting_text()
        self.query_one("#plan-text", Static).update(text)

    def _complain(self, field: str, text: str) -> None:
        """At the field; what has no field of its own is about the options."""
        field = {"name": "domain", "group": "product"}.get(field, field)
        at = field if field in FIELDS or not field else "options"
        for name in FIELDS:
            words = (text if at == field else f"{field}: {text}") if name == at else ""
            wrong = self.query_one(f"#wrong-{name}", Static)
            wrong.update(toned(words, Tone.WRONG))
            wrong.display = bool(words)

    # -- placing it

    @on(PlanPane.Placed)
    def action_place(self) -> None:
        self.after_typing(self._place_shown)

    def _place_shown(self) -> None:
        if not self.may_change() or self._placing:
            return
        if self.plan is None or self.plan[0] != self._typed:
            self.say("there is no plan yet of what is typed; fill in product and domain", Tone.WAITING)
            return
        form, plan = self.plan
        self._placing = True
        self.run_worker(self._place(form, plan))

    async def _place(self, form: OrderForm, plan: OrderPlan) -> None:
        """Exactly what was shown; where it would be another by now, the new plan comes in its place."""
        try:
            service = await asyncio.to_thread(wishes.place_order, self.deck.door, form, plan.fingerprint)
        except Conflict as error:
            self.say(str(error), Tone.WRONG)
            await self._check()
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
