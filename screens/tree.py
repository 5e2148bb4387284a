"""The tree: from a group down to the single step, opened where one looks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget

from hostdeck.core.queries.tree import Branch, tree
from hostdeck.screens.base import DeckScreen
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.columns import Column
from hostdeck.tui.widgets.frame import Part
from hostdeck.tui.widgets.gauges import pill
from hostdeck.tui.widgets.table import Table
from hostdeck.tui.widgets.words import ago, inert, joined, muted


class Tree(DeckScreen):
    SECTION = "groups"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right", "unfold(True)", "open branch", key_display="← →"),
        Binding("left", "unfold(False)", "close branch", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._opened: frozenset[str] = frozenset()

    @property
    def crumb(self) -> str:
        return "Tree"

    def body(self) -> Iterable[Widget]:
        now = self.deck.clock
        yield Table[Branch](
            (
                Column("name", "NAME", self._indented, 30, 4, 60),
                Column("state", "STATE", lambda b: pill(b.state) if b.state else "", 11),
                Column("inner", "WITHIN", lambda b: muted("-") if b.inner is None else str(b.inner), 6, right=True),
                Column("says", "WHAT", lambda b: muted(b.says), 20, 4, priority=2),
                Column("age", "AGE", lambda b: ago(b.since, now()), 4, priority=1, right=True),
            ),
            lambda b: b.path,
            empty="no groups and no servers yet\n3 then n makes the first group",
        )

    def on_mount(self) -> None:
        self._watch = self.follow(lambda: tree(self._opened, now=self.deck.clock()), self.show_tree,
                                  every=lambda: 15.0)  # fmt: skip

    def show_tree(self, rows: tuple[Branch, ...]) -> None:
        first = not self.query_one(Table).rows.total
        self.query_one(Table).set_rows(rows)
        if first and len(rows) == 1:
            self.action_unfold(True)
        self.facts = [Part(muted(f"{len(rows)} in sight"), 2)]
        self.draw_crumbs()

    def _indented(self, branch: Branch) -> Text:
        mark = " " if not branch.inner else "-" if branch.path in self._opened else "+"
        return joined(muted(f"{'  ' * branch.depth}{mark} "), inert(branch.name))

    @property
    def _branch(self) -> Branch | None:
        branch: Branch | None = self.query_one(Table).row
        return branch

    def action_unfold(self, opened: bool) -> None:
        """Closing what is closed goes up to what it is in."""
        branch = self._branch
        if branch is None:
            return
        if opened and branch.inner:
            self._opened |= {branch.path}
        elif not opened and branch.path in self._opened:
            self._opened = frozenset(path for path in self._opened if not f"{path}/".startswith(f"{branch.path}/"))
        elif not opened and "/" in branch.path:
            self.query_one(Table).go_to(branch.path.rpartition("/")[0])
            return
        self._watch.wake()
        self.deck.feed.poke()
        self.query_one(Table).redraw()

    @on(Table.Chosen)
    def chosen(self, event: Table.Chosen[Branch]) -> None:
        match event.row.kind:
            case "group":
                self.deck.open_group(event.row.opens)
            case "server":
                self.deck.open_server(event.row.opens)
            case "service":
                self.deck.open_service(int(event.row.opens))
            case "task":
                self.deck.open_task(int(event.row.opens))
            case _:
                self.say("these servers belong to no group; e on a server puts it into one", Tone.WAITING)
