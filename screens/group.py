"""One group: what its servers are told at once, what they shall have alike, and which servers those are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from hostdeck.core.domain.config_wishes import Push
from hostdeck.core.domain.vocabulary import Target
from hostdeck.core.errors import HostdeckError
from hostdeck.core.queries import bulk, groups
from hostdeck.core.queries.bulk import BulkRun
from hostdeck.core.queries.groups import GroupDetail
from hostdeck.screens import group_apply, group_edits
from hostdeck.screens.base import DeckScreen
from hostdeck.screens.drift import Drift
from hostdeck.screens.group_columns import (
    belonging_columns,
    file_columns,
    key_columns,
    member_columns,
    nameserver_columns,
    push_columns,
    step_columns,
    variable_columns,
)
from hostdeck.screens.group_words import counts_of, general_text, key_hint, run_words
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.frame import Heading, OneLine, Part
from hostdeck.tui.widgets.table import Table
from hostdeck.tui.widgets.words import muted, toned

TABS = {
    "actions": "Actions",
    "general": "General",
    "all": "All-servers cfg",
    "web": "Web cfg",
    "mail": "Mail cfg",
    "dns": "DNS cfg",
    "variables": "Variables",
    "files": "Standard files",
    "nameservers": "DNS servers",
}
CONFIG = ("all", "web", "mail", "dns")
TABLES = {"actions": "#pushes", "general": "#belonging", "variables": "#variables", "files": "#files",
          "nameservers": "#nameservers"}  # fmt: skip
KEYS_ON = {
    "new": ("variables", "files"),
    "edit": (*CONFIG, "variables", "files"),
    "remove": (*CONFIG, "variables", "files"),
    "swap": ("general", "nameservers"),
}
"""Which keys mean something on which tabs."""


class GroupScreen(DeckScreen):
    SECTION = "groups"
    CHANGING = frozenset({"new", "edit", "remove", "swap"})
    AUTO_FOCUS = "#pushes"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right_square_bracket", "tab(1)", "tabs", key_display="[ ]"),
        Binding("left_square_bracket", "tab(-1)", "previous tab", show=False),
        Binding("tab", "app.focus_next", "next panel", show=False),
        Binding("e", "edit", "edit"),
        Binding("n", "new", "new"),
        Binding("delete", "remove", "remove", key_display="Del"),
        # With priority: the tables take the space bar for a mark.
        Binding("space", "swap", "in or out", priority=True),
        Binding("equals_sign", "drift", "drift", key_display="="),
    ]

    def __init__(self, group: str, tab: str = "actions") -> None:
        super().__init__()
        self.group = group
        self.tab = tab
        self.detail: GroupDetail | None = None
        self.bulk: BulkRun | None = None

    @property
    def crumb(self) -> str:
        return self.group

    def body(self) -> Iterable[Widget]:
        yield OneLine(id="tabs")
        now = self.deck.clock
        with Vertical(id="actions", classes="tab"):
            yield Table[Push](push_columns(self._count), str, id="pushes")
            yield Heading("Servers in group", id="members-heading")
            yield Table(
                member_columns(now),
                lambda m: m.server.id,
                empty="no servers yet; General adds some",
                id="group-members",
            )
            yield Heading("", id="bulk-heading")
            yield Table(step_columns(), lambda s: s.task, empty="no tasks", id="steps")
        with VerticalScroll(id="general", classes="tab", can_focus=False):
            yield Static("", id="general-text", markup=False)
            yield Heading("Servers: space takes one in or out")
            yield Table(belonging_columns(self.group), lambda s: s.id, empty="every server has a group", id="belonging")
        with Vertical(id="config", classes="tab"):
            yield Table(key_columns(), lambda k: k.key, empty="no keys of this category", id="keys")
            yield Static("", id="key-hint", markup=False)
        with Vertical(id="variables-tab", classes="tab"):
            yield Table(variable_columns(), lambda v: v[0], id="variables",
                        empty="no variables yet\nn adds one; {name} in zone templates and standard files")  # fmt: skip
        with Vertical(id="files-tab", classes="tab"):
            yield Table(file_columns(now), lambda f: f.path, id="files",
                        empty="no standard files yet\nn adds one: an error page, an index, robots.txt …")  # fmt: skip
        with Vertical(id="nameservers-tab", classes="tab"):
            yield Table(nameserver_columns(), lambda c: c.server.id, id="nameservers",
                        empty="no server can host DNS yet")  # fmt: skip

    def on_mount(self) -> None:
        self.query_one("#pushes", Table).set_rows(tuple(Push))
        self._show_run()
        self.follow(self._query, self.show_group, every=self._pace, failed=self._lost)
        self.show_tab(self.tab)

    def _query(self) -> tuple[GroupDetail, BulkRun | None]:
        return groups.group_detail(self.group), bulk.last_run(self.group)

    def _pace(self) -> float | None:
        return 1.0 if self.bulk is not None and self.bulk.finished_at is None else 15.0

    def _lost(self, error: HostdeckError) -> None:
        self.query_one("#members-heading", Heading).say(toned(str(error), Tone.WRONG))
        self.say(str(error), Tone.WRONG)

    def show_group(self, answer: tuple[GroupDetail, BulkRun | None]) -> None:
        self.detail, self.bulk = answer
        detail = self.detail
        self.facts = [Part(muted(detail.words))]
        self.query_one("#pushes", Table).redraw()
        self.query_one("#group-members", Table).set_rows(detail.members)
        self.query_one("#general-text", Static).update(general_text(detail))
        mine = [member.server for member in detail.members if not member.attached]
        self.query_one("#belonging", Table).set_rows((*mine, *detail.others))
        self.query_one("#variables", Table).set_rows(tuple(detail.variables.items()))
        self.query_one("#files", Table).set_rows(detail.files)
        self.query_one("#nameservers", Table).set_rows(detail.nameservers)
        self._show_keys()
        self._show_run()
        self.draw_crumbs()
        self._draw_tabs()

    def _show_run(self) -> None:
        run = self.bulk
        for name in ("#bulk-heading", "#steps"):
            self.query_one(name).display = run is not None
        if run is not None:
            self.query_one("#bulk-heading", Heading).say(run.words, run_words(run, self.deck.zone, self.deck.clock()))
            self.query_one("#steps", Table).set_rows(run.steps)

    def _count(self, push: Push) -> str:
        return "" if self.detail is None else counts_of(self.detail, push)

    # -- tabs

    def action_tab(self, step: int) -> None:
        names = list(TABS)
        self.show_tab(names[(names.index(self.tab) + step) % len(names)])

    def show_tab(self, tab: str) -> None:
        other, self.tab = tab != self.tab, tab
        shown = "config" if tab in CONFIG else tab if tab in ("actions", "general") else f"{tab}-tab"
        for pane in self.query(".tab"):
            pane.set_class(pane.id == shown, "-shown")
        self._show_keys()
        table = self.query_one(TABLES.get(tab, "#keys"), Table)
        if other and tab in CONFIG:
            table.action_end(0)  # one table for all categories: another one begins at its first key
        table.focus()
        self._draw_tabs()
        self.draw_keys()

    def _show_keys(self) -> None:
        if self.detail is not None and self.tab in CONFIG:
            rows = [row for row in self.detail.keys if row.target is Target(self.tab)]
            self.query_one("#keys", Table).set_rows(sorted(rows, key=lambda row: bool(row.refused)))

    def _draw_tabs(self) -> None:
        """As many names as fit, the shown one always among them; arrows where there are more."""
        names = list(TABS)
        width, at = max(20, self.size.width - 2), names.index(self.tab)
        first = last = at
        while True:
            wider = [(first - 1, last), (first, last + 1)]
            fits = [
                (a, b) for a, b in wider
                if a >= 0 and b < len(names) and sum(len(TABS[names[i]]) + 3 for i in range(a, b + 1)) + 4 <= width
            ]  # fmt: skip
            if not fits:
                break
            first, last = fits[-1] if fits[-1][1] - at <= at - fits[0][0] or len(fits) == 1 else fits[0]
        shown = [
            toned(f"[{TABS[name]}]", Tone.BRIGHT) if name == self.tab else muted(f" {TABS[name]} ")
            for name in names[first : last + 1]
        ]
        left = [muted("<")] if first else []
        right = [muted(">")] if last < len(names) - 1 else []
        self.query_one("#tabs", OneLine).put([Part(Text(" ", end="").join([*left, *shown, *right]))])

    def on_resize(self, event: Any) -> None:
        super().on_resize(event)
        self._draw_tabs()

    @property
    def table(self) -> Table[Any] | None:
        if isinstance(self.focused, Table):
            return self.focused
        return self.query_one(TABLES.get(self.tab, "#keys"), Table)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.tab in KEYS_ON[action] if action in KEYS_ON else True

    # -- what the keys do

    @on(Table.Moved, "#keys")
    def moved(self, event: Table.Moved[Any]) -> None:
        self.query_one("#key-hint", Static).update(key_hint(event.row))

    @on(Table.Chosen)
    def chosen(self, event: Table.Chosen[Any]) -> None:
        match event.table.id:
            case "pushes":
                group_apply.plan(self, self.group, event.row)
            case "group-members":
                self.deck.open_server(event.row.server.name)
            case "steps":
                self.deck.open_task(event.row.task)
            case "nameservers" | "belonging":
                self.action_swap()
            case _:
                self.action_edit()

    def action_edit(self) -> None:
        if (table := self.table) is not None and table.row is not None and self.may_change():
            group_edits.edit(self, self.group, self.tab, table.row)

    def action_new(self) -> None:
        if self.may_change():
            group_edits.new(self, self.group, self.tab)

    def action_remove(self) -> None:
        if (table := self.table) is not None and table.row is not None and self.may_change():
            group_edits.remove(self, self.group, self.tab, table.row)

    def action_swap(self) -> None:
        if (table := self.table) is not None and table.row is not None and self.may_change():
            group_edits.toggle(self, self.group, self.tab, table.row)

    def action_drift(self) -> None:
        self.app.push_screen(Drift(self.group))
