"""One service: what it is made of, what is inside it, how its deployment goes, and the tasks with their logs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widget import Widget

from hostdeck.core.domain.items import ItemKind
from hostdeck.core.domain.vocabulary import TaskStatus
from hostdeck.core.errors import HostdeckError
from hostdeck.core.queries.items import ItemRow
from hostdeck.core.queries.story import StoryLine, story
from hostdeck.core.queries.views import ServiceDetail, TaskRow
from hostdeck.screens import company, item_wishes, service_wishes, task_wishes
from hostdeck.screens.base import DeckScreen
from hostdeck.screens.items_tab import ItemsTab
from hostdeck.screens.log_pane import LogPane
from hostdeck.screens.service_deploy import DeployTab
from hostdeck.screens.service_logs import LogsTab
from hostdeck.screens.service_overview import Overview
from hostdeck.screens.service_reading import Shown, read_service
from hostdeck.screens.service_settings import SettingsTab
from hostdeck.screens.service_ssl import SslTab
from hostdeck.screens.service_tabs import (
    BY_KEY,
    ITEM_TABS,
    TABS,
    Tab,
    absent,
    account_of,
    is_sold_mailbox,
    tabs_of,
    words,
)
from hostdeck.screens.task_columns import task_columns
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.frame import Part
from hostdeck.tui.widgets.gauges import pill
from hostdeck.tui.widgets.tab_line import TabLine
from hostdeck.tui.widgets.table import Table
from hostdeck.tui.widgets.words import muted

TABLES = {"web": "#settings", "deploy": "#timeline", "tasks": "#own", "logs": "#story"} | {
    tab.key: f"#{tab.key}-rows" for tab in ITEM_TABS
}


class ServiceScreen(DeckScreen):
    SECTION = "services"
    CHANGING = frozenset({"retry", "cancel", "wish", "item"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "item('new')", "new"),
        Binding("e", "item('edit')", "edit"),
        Binding("delete", "item('remove')", "remove", key_display="Del"),
        Binding("P", "item('password')", "password"),
        Binding("u", "item('suspend')", "suspend"),
        Binding("z", "item('undo')", "undo"),
        Binding("R", "item('restore')", "restore"),
        Binding("t", "item('prove')", "prove"),
        Binding("T", "item('try')", "try restore"),
        Binding("c", "copy", "copy", show=False),
        Binding("right_square_bracket", "tab(1)", "tabs", key_display="[ ]"),
        Binding("left_square_bracket", "tab(-1)", "previous tab", show=False),
        Binding("tab", "app.focus_next", "next panel", show=False),
        Binding("r", "retry", "retry step"),
        Binding("x", "cancel", "cancel"),
        Binding("l", "log", "log"),
        Binding("M", "merge", "whole deploy", show=False),
        Binding("a", "wish", "actions"),
    ]

    def __init__(self, key: int | str, tab: str = "overview") -> None:
        super().__init__()
        self.key = key
        self.tab = tab
        self.service: ServiceDetail | None = None
        self.shown: Shown | None = None

    @property
    def place(self) -> str:
        return f"service {self.service.id}" if self.service else ""

    @property
    def crumb(self) -> str:
        return self.service.domain if self.service else str(self.key)

    def body(self) -> Iterable[Widget]:
        yield TabLine(id="tabs")
        yield Overview(id="overview", classes="tab")
        yield SettingsTab(id="web", classes="tab")
        yield SslTab(id="ssl", classes="tab")
        for tab in ITEM_TABS:
            yield ItemsTab(tab)
        yield DeployTab(id="deploy", classes="tab")
        with Vertical(id="tasks", classes="tab"):
            yield Table[TaskRow](
                task_columns(self.deck.clock, domain=False), lambda t: t.id, empty="no tasks", id="own"
            )
            yield LogPane()
        yield LogsTab(id="logs", classes="tab")

    def on_mount(self) -> None:
        self.follow(self._query, self.show_service, every=self._pace, failed=self._lost)
        company.watch(self)
        self._story = self.follow(self._read_story, self.query_one(LogsTab).show_lines, every=self._pace)
        self.show_tab(self.tab)

    def _query(self) -> Shown:
        return read_service(self.key, self.deck.clock())

    def _read_story(self) -> tuple[StoryLine, ...]:
        """Only for who looks at it; the database may be asked before the service is known to exist."""
        return story(self.service.id) if self.service and self.tab == "logs" else ()

    def _pace(self) -> float | None:
        return 1.0 if self.shown and self.shown.is_moving else 15.0

    def _lost(self, error: HostdeckError) -> None:
        self.query_one(Overview).show_error(str(error))
        self.show_tab("overview")

    def show_service(self, answer: Shown) -> None:
        self.shown, self.service = answer, answer.service
        service = answer.service
        self.facts = [Part(pill(service.status)), Part(muted(f"{service.product}, {service.mode}"), 4)]
        self.query_one(Overview).show_service(service, answer.certificates, answer.use)
        self.query_one(SslTab).show_certificates(answer.certificates)
        self.query_one(SettingsTab).show_settings(service, answer.items)
        for tab in self.query(ItemsTab):
            use = answer.use_of_items.get(tab.kind)
            tab.show_items(answer.of_kind(tab.kind), use, account_of(service, tab.kind))
        self.query_one(DeployTab).show_service(service)
        self.query_one("#own", Table).set_rows(answer.tasks)
        if BY_KEY[self.tab] not in self.tabs:
            self.say(absent(BY_KEY[self.tab], service), Tone.WAITING)
            self.show_tab("overview")
        self.draw_crumbs()
        self._draw_tabs()

    # -- tabs

    @property
    def tabs(self) -> tuple[Tab, ...]:
        return tabs_of(self.service) if self.service else TABS

    def action_tab(self, step: int) -> None:
        keys = [tab.key for tab in self.tabs]
        self.show_tab(keys[(keys.index(self.tab) + step) % len(keys)])

    def show_service_tab(self, tab: str) -> bool:
        self.show_tab(tab)
        return True

    def show_tab(self, tab: str) -> None:
        if BY_KEY[tab] not in self.tabs and self.service:
            self.say(absent(BY_KEY[tab], self.service), Tone.WAITING)
            return
        if self.filter_text and tab != self.tab:
            self.set_filter("")
        self.tab = tab
        for one in TABS:
            self.query_one(f"#{one.key}").set_class(one.key == tab, "-shown")
        self.query_one(TABLES.get(tab, f"#{tab}")).focus()
        if tab == "logs":
            self._story.wake()
            self.deck.feed.poke()
        self._draw_tabs()
        self.draw_keys()

    @on(TabLine.Picked)
    def picked(self, event: TabLine.Picked) -> None:
        self.show_tab(self.tabs[event.index].key)

    def _draw_tabs(self) -> None:
        if self.shown is None or self.service is None:
            return
        names = [words(tab, self.service, self.shown.counts(), self.shown.frozen) for tab in self.tabs]
        self.query_one(TabLine).show(names, self.tabs.index(BY_KEY[self.tab]))

    # -- what is inside the service

    @property
    def kind(self) -> ItemKind | None:
        """What this tab's keys are about."""
        if self.tab == "web":
            part = self.query_one(SettingsTab).part
            return part.kind if part is not None else None
        return ItemKind.CERTIFICATE if self.tab == "ssl" else BY_KEY[self.tab].kind

    @property
    def item(self) -> ItemRow | None:
        if self.tab == "web":
            return self.query_one(SettingsTab).part
        if self.tab == "ssl":
            own = self.shown.of_kind(ItemKind.CERTIFICATE) if self.shown else ()
            return own[0] if own else None
        return self.query_one(TABLES[self.tab], Table).row if BY_KEY[self.tab].kind else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key about items is there on the tabs whose kind has that deed."""
        if action == "item" and self.tab == "overview":
            return parameters[0] == "password" and self.service is not None and is_sold_mailbox(self.service)
        if action == "item":
            return self.kind is not None and parameters[0] in item_wishes.DEEDS.get(self.kind, {})
        return True

    def action_copy(self) -> None:
        """Under Backups, the command that fetches the archive."""
        if self.tab != "backups":
            super().action_copy()
            return
        row = self.item
        fetch = row.field("fetch") if row is not None else None
        if fetch:
            self.deck.copy(fetch)
        else:
            self.say("there is no archive here that lies on a node", Tone.WAITING)

    def action_item(self, word: str) -> None:
        if self.tab == "overview" and self.service is not None and word == "password" and self.may_change():
            item_wishes.sold_password(self, self.service)
            return
        deed = item_wishes.DEEDS.get(self.kind, {}).get(word) if self.kind else None
        if deed is not None and self.kind is not None and self.service is not None and self.may_change():
            deed(self, self.service, self.kind, self.item)

    def action_remove(self) -> None:
        """`:delete`, which may be said on any tab."""
        if self.check_action("item", ("remove",)):
            self.action_item("remove")
        else:
            self.say("':delete' is for the lists of what is inside a service; ':terminate' removes it", Tone.WAITING)

    # -- tasks of this service

    @property
    def _row(self) -> TaskRow | None:
        """The task that a key is about."""
        if self.shown is None:
            return None
        if self.tab == "ssl":
            return self.shown.certificate_task
        if self.kind is not None:
            return self.shown.task_of(self.item)
        if self.tab == "logs":
            line: StoryLine | None = self.query_one("#story", Table).row
            return self.shown.task(line.task if line else None)
        table: Table[TaskRow] = self.query_one(TABLES.get(self.tab, "#own"), Table)
        return table.row

    @property
    def table(self) -> Table[Any] | None:
        return self.query_one(TABLES[self.tab], Table) if self.tab in TABLES else None

    @on(Table.Moved, "#own")
    def moved(self, event: Table.Moved[TaskRow]) -> None:
        self.query_one(LogPane).show_task(event.row)

    @on(Table.Moved, "#settings")
    def moved_to_setting(self) -> None:
        """The website and the mail domain may have other keys."""
        self.draw_keys()

    @on(Table.Chosen)
    def chosen(self, event: Table.Chosen[Any]) -> None:
        if event.table.id in ("timeline", "own"):
            self.deck.open_task(event.row.id)
        elif event.table.id == "story":
            self.deck.open_task(event.row.task)
        elif self.kind is ItemKind.BACKUP:
            self.action_describe(False)  # nothing of it can be edited
        else:
            self.action_item("edit")

    def action_log(self) -> None:
        """The log of the step under the cursor, here; that of an item's or a line's task, in full."""
        row = self._row
        if (self.kind is not None and self.tab != "ssl") or self.tab == "logs":
            if row is not None:
                self.deck.open_task(row.id)
            else:
                self.say("no task has had to do with it", Tone.WAITING)
            return
        self.show_tab("tasks")
        if row is not None:
            self.query_one("#own", Table).go_to(row.id)
        self.query_one("#tasks", Vertical).query_one(LogPane).tail.focus()

    def action_merge(self) -> None:
        """All that the run of the step under the cursor wrote, else that of the newest task."""
        tasks = self.shown.tasks if self.shown else ()
        row = self._row or max(tasks, key=lambda task: task.id, default=None)
        if row is not None:
            self.deck.open_run_log(row.id)
        else:
            self.say("no task of this service has run yet", Tone.WAITING)

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
