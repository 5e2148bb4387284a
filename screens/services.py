"""Services: everything that was ordered, newest first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget

from hostdeck.core.domain.vocabulary import ServiceStatus
from hostdeck.core.domain.windows import Asked, Window
from hostdeck.core.queries import service_list
from hostdeck.core.queries.views import ServiceRow
from hostdeck.screens import service_wishes
from hostdeck.screens.base import DeckScreen
from hostdeck.screens.task_columns import first_error
from hostdeck.tui.widgets.columns import Column
from hostdeck.tui.widgets.frame import Part
from hostdeck.tui.widgets.gauges import bar, pill, roles
from hostdeck.tui.widgets.table import Table
from hostdeck.tui.widgets.words import ago, joined, muted

UNDER_WAY = frozenset(
    {ServiceStatus.PENDING, ServiceStatus.DEPLOYING, ServiceStatus.SUSPENDING, ServiceStatus.TERMINATING}
)


def placed_on(service: ServiceRow) -> str:
    return " ".join(dict.fromkeys(account.server for account in service.accounts))


def how_far(service: ServiceRow) -> Text:
    """A bar while it is being built, nothing more to say once it is."""
    progress = service.progress
    if service.status in UNDER_WAY:
        return joined(bar(progress.percent, 10), f" {progress.percent:>3}%")
    if service.status is ServiceStatus.ERROR:
        return joined(bar(progress.percent, 10, failed=True), f" {progress.percent:>3}%")
    return Text("", end="")


def what_now(service: ServiceRow) -> Text:
    if service.error:
        return first_error(service.error)
    return muted(service.progress.now) if service.status in UNDER_WAY else Text("", end="")


def service_columns(now: Callable[[], datetime]) -> tuple[Column[ServiceRow], ...]:
    return (
        Column("id", "ID", lambda s: f"#{s.id}", 5, sort=lambda s: s.id, letter="I", right=True),
        Column("domain", "DOMAIN", lambda s: s.domain, 20, 3, 34, sort=lambda s: s.domain, letter="D"),
        Column("status", "STATUS", lambda s: pill(s.status), 11, sort=lambda s: s.status, letter="S"),
        Column("progress", "PROGRESS", how_far, 15, priority=2),
        Column("product", "PRODUCT", lambda s: s.product, 8, 1, 14, 5, lambda s: s.product, "P"),
        Column("mode", "MODE", lambda s: muted(s.mode), 7, priority=7),
        Column("roles", "ROLES", lambda s: muted(roles(s.roles)), 12, priority=8),
        Column("placed", "PLACED ON", lambda s: placed_on(s) or muted("-"), 18, 2, 22, 4),
        Column("now", "NOW", what_now, 20, 4, priority=3),
        Column("age", "AGE", lambda s: ago(s.created_at, now()), 4, 0, 0, 1, lambda s: -s.created_at.timestamp(), "A",
               True),
    )  # fmt: skip


class Services(DeckScreen):
    SECTION = "services"
    LIST = "services"
    FAULTS = "state:error"
    CHANGING = frozenset({"order", "wish"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "order", "new order"),
        Binding("a", "wish", "actions"),
        Binding("l", "log", "its tasks and logs", show=False),
        Binding("o", "owner", "its product", show=False),
    ]

    def body(self) -> Iterable[Widget]:
        yield Table[ServiceRow](
            service_columns(self.deck.clock),
            lambda s: s.id,
            empty="no services yet\nn orders the first one",
            paged=True,
        )

    def on_mount(self) -> None:
        self.follow_window(self.query_one(Table), self._query, self.show_services, every=lambda: 15.0)

    def _query(self, asked: Asked) -> Window[ServiceRow]:
        return service_list.service_window(asked, now=self.deck.clock())

    def show_services(self, window: Window[ServiceRow]) -> None:
        self.query_one(Table).set_window(window)
        building = sum(window.states.get(state, 0) for state in UNDER_WAY)
        wrong = window.states.get(ServiceStatus.ERROR, 0)
        words = [f"{window.total} in all"]
        words += [f"{building} deploying"] * bool(building) + [f"{wrong} in error"] * bool(wrong)
        self.facts = [Part(muted(", ".join(words)), 2)]
        self.draw_crumbs()

    def action_order(self) -> None:
        if self.may_change():
            self.deck.order()

    def action_wish(self) -> None:
        if self.chosen_service is not None:
            service_wishes.choose(self, *self.chosen_service)

    def action_log(self) -> None:
        if self.chosen_service is not None:
            self.deck.open_service(self.chosen_service[0], "tasks")

    def action_owner(self) -> None:
        row: ServiceRow | None = self.query_one(Table).row
        if row is not None:
            self.deck.open_product(row.product)

    @property
    def chosen_service(self) -> tuple[int, str] | None:
        row: ServiceRow | None = self.query_one(Table).row
        return (row.id, row.domain) if row else None

    @on(Table.Chosen)
    def chosen(self, event: Table.Chosen[ServiceRow]) -> None:
        under_way = event.row.status in UNDER_WAY or event.row.status is ServiceStatus.ERROR
        self.deck.open_service(event.row.id, "deploy" if under_way else "overview")
