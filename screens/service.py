"""One service: what it is made of, how its deployment goes, and the tasks with their logs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widget import Widget

from hostdeck.core.domain.acme import CertificateState
from hostdeck.core.domain.actions import Action
from hostdeck.core.domain.vocabulary import FINAL, TaskStatus
from hostdeck.core.errors import HostdeckError
from hostdeck.core.queries import certificates, services, usage
from hostdeck.core.queries.certificates import CertificateRow
from hostdeck.core.queries.usage import UseView
from hostdeck.core.queries.views import ServiceDetail, TaskRow
from hostdeck.screens import service_wishes, task_wishes
from hostdeck.screens.base import DeckScreen
from hostdeck.screens.log_pane import LogPane
from hostdeck.screens.service_deploy import DeployTab
from hostdeck.screens.service_overview import Overview
from hostdeck.screens.service_ssl import SslTab
from hostdeck.screens.task_columns import task_columns
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.frame import OneLine, Part
from hostdeck.tui.widgets.gauges import pill
from hostdeck.tui.widgets.table import Table
from hostdeck.tui.widgets.words import muted, toned

TABS = ("overview", "ssl", "deploy", "tasks")
Shown = tuple[ServiceDetail, tuple[CertificateRow, ...], dict[str, UseView]]
"""A service, its certificates, and what it uses by figure."""

TABLES = {"deploy": "#timeline", "tasks": "#own"}


class ServiceScreen(DeckScreen):
    SECTION = "services"
    CHANGING = frozenset({"retry", "cancel", "wish"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right_square_bracket", "tab(1)", "tabs", key_display="[ ]"),
        Binding("left_square_bracket", "tab(-1)", "previous tab", show=False),
        Binding("tab", "app.focus_next", "next panel", show=False),
        Binding("r", "retry", "retry step"),
        Binding("x", "cancel", "cancel"),
        Binding("l", "log", "log"),
        Binding("a", "wish", "actions"),
    ]

    def __init__(self, key: int | str, tab: str = "overview") -> None:
        super().__init__()
        self.key = key
        self.tab = tab
        self.service: ServiceDetail | None = None
        self.certificates: tuple[CertificateRow, ...] = ()

    @property
    def crumb(self) -> str:
        return self.service.domain if self.service else str(self.key)

    def body(self) -> Iterable[Widget]:
        yield OneLine(id="tabs")
        yield Overview(id="overview", classes="tab")
        yield SslTab(id="ssl", classes="tab")
        yield DeployTab(id="deploy", classes="tab")
        with Vertical(id="tasks", classes="tab"):
            yield Table[TaskRow](
                task_columns(self.deck.clock, domain=False), lambda t: t.id, empty="no tasks", id="own"
            )
            yield LogPane()

    def on_mount(self) -> None:
        self.follow(self._query, self.show_service, every=self._pace, failed=self._lost)
        self.show_tab(self.tab)

    def _query(self) -> Shown:
        now = self.deck.clock()
        service = services.service(self.key, now=now)
        return service, certificates.certificates(service.id, now=now), usage.use_of_service(service.id)

    def _pace(self) -> float | None:
        tasks = self.service.tasks if self.service else ()
        return 1.0 if any(task.started_at and task.status not in FINAL for task in tasks) else 15.0

    def _lost(self, error: HostdeckError) -> None:
        self.query_one(Overview).show_error(str(error))
        self.show_tab("overview")

    def show_service(self, answer: Shown) -> None:
        self.service, self.certificates, use = answer
        service = self.service
        self.facts = [Part(pill(service.status)), Part(muted(f"{service.product}, {service.mode}"), 4)]
        self.query_one(Overview).show_service(service, self.certificates, use)
        self.query_one(SslTab).show_certificates(self.certificates)
        self.query_one(DeployTab).show_service(service)
        self.query_one("#own", Table).set_rows(service.tasks)
        self.draw_crumbs()
        self._draw_tabs()

    # -- tabs

    def action_tab(self, step: int) -> None:
        self.show_tab(TABS[(TABS.index(self.tab) + step) % len(TABS)])

    def show_tab(self, tab: str) -> None:
        self.tab = tab
        for name in TABS:
            self.query_one(f"#{name}").set_class(name == tab, "-shown")
        self.query_one(TABLES.get(tab, f"#{tab}")).focus()
        self._draw_tabs()

    def _draw_tabs(self) -> None:
        count = len(self.service.tasks) if self.service else 0
        frozen = sum(row.state is CertificateState.FROZEN for row in self.certificates)
        words = {"overview": "Overview", "ssl": "SSL", "deploy": "Deploy", "tasks": f"Tasks {count}"}
        words["ssl"] += f" {frozen} frozen" if frozen else ""
        names = [toned(f"[{words[t]}]", Tone.BRIGHT) if t == self.tab else muted(f" {words[t]} ") for t in TABS]
        self.query_one("#tabs", OneLine).put([Part(Text(" ", end="").join(names))])

    # -- tasks of this service

    @property
    def _row(self) -> TaskRow | None:
        if self.tab == "ssl":
            return self._certificate_task
        table: Table[TaskRow] = self.query_one(TABLES.get(self.tab, "#own"), Table)
        return table.row

    @property
    def _certificate_task(self) -> TaskRow | None:
        """What a key on the SSL tab is about: a task that has failed, else one that is not done."""
        mine = [task for task in self.service.tasks if task.action == Action.SSL_SEED] if self.service else []
        failed = [task for task in mine if task.status is TaskStatus.FAILED]
        return next(iter(failed or [task for task in mine if task.status not in FINAL] or mine), None)

    @property
    def table(self) -> Table[TaskRow] | None:
        return self.query_one(TABLES[self.tab], Table) if self.tab in TABLES else None

    @on(Table.Moved, "#own")
    def moved(self, event: Table.Moved[TaskRow]) -> None:
        self.query_one(LogPane).show_task(event.row)

    @on(Table.Chosen)
    def chosen(self, event: Table.Chosen[TaskRow]) -> None:
        self.deck.open_task(event.row.id)

    def action_log(self) -> None:
        """The log of the step under the cursor, here."""
        row = self._row
        self.show_tab("tasks")
        if row is not None:
            self.query_one("#own", Table).go_to(row.id)

    def action_retry(self) -> None:
        failed = [task for task in self.service.tasks if task.status == "failed"] if self.service else []
        if self.tab == "ssl" and (self._row is None or self._row.status is not TaskStatus.FAILED):
            self.say("no certificate is frozen; what waits or fails is tried again on its own", Tone.WAITING)
            return
        on_it = self._row is not None and self._row.status in ("failed", "cancelled", "retrying")
        task_wishes.retry(self, self._row if on_it or not failed else failed[0])

    def action_wish(self) -> None:
        if self.service is not None:
            service_wishes.choose(self, self.service.id, self.service.domain)

    @property
    def chosen_service(self) -> tuple[int, str] | None:
        return (self.service.id, self.service.domain) if self.service else None

    def action_cancel(self) -> None:
        task_wishes.cancel(self, self._row)
