"""What is on a service's nodes against its rows: read when one comes, and settled difference by difference."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from hostdeck.core.domain.resync import Verdict
from hostdeck.core.intents.resync import resync, settle
from hostdeck.core.queries.resync import DifferenceView, ResyncView, resync_view
from hostdeck.screens.base import DeckScreen
from hostdeck.tui.theme import STYLE, Tone
from hostdeck.tui.widgets.columns import Column
from hostdeck.tui.widgets.frame import Heading, Part
from hostdeck.tui.widgets.plan_dialog import Choice
from hostdeck.tui.widgets.table import Table
from hostdeck.tui.widgets.words import ago, inert, muted, plural, toned

ADOPT, MEND = "adopt", "put right"
MEANS = {
    (Verdict.FOREIGN, ADOPT): "a row of it is kept here, as the node has it",
    (Verdict.MISSING, ADOPT): "its row goes: it is wanted no more",
    (Verdict.MISSING, MEND): "it is made on the node again, as its row has it",
    (Verdict.DIFFERS, ADOPT): "its row takes what the node has",
    (Verdict.DIFFERS, MEND): "the node is given what its row has",
}
"""What each answer to a difference comes to; nothing that stands on a node alone is ever taken away there."""

TONES = {Verdict.FOREIGN: Tone.WAITING, Verdict.MISSING: Tone.WRONG, Verdict.DIFFERS: Tone.WAITING}


def columns() -> tuple[Column[DifferenceView], ...]:
    return (
        Column("kind", "KIND", lambda r: r.kind, 8, sort=lambda r: r.kind, letter="K"),
        Column("name", "NAME", lambda r: r.name, 14, 1, 40, 0, lambda r: r.name, "N"),
        Column("verdict", "IS", lambda r: toned(r.verdict, TONES[r.verdict]), 8, sort=lambda r: r.verdict, letter="I"),
        Column("what", "WHAT", lambda r: r.words, 20, 3),
    )


class ResyncScreen(DeckScreen):
    SECTION = "services"
    CHANGING = frozenset({"read"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("R", "read", "read again"),
        Binding("l", "log", "log"),
    ]

    def __init__(self, service: int, domain: str) -> None:
        super().__init__()
        self.service = service
        self._domain = domain
        self._view: ResyncView | None = None

    @property
    def crumb(self) -> str:
        return f"{self._domain} resync"

    def body(self) -> Iterable[Widget]:
        yield Heading("On its nodes against the rows")
        yield Table[DifferenceView](columns(), lambda row: (row.kind, row.name), empty="reading", id="differences")
        yield Static("", classes="item-note", markup=False)

    def on_mount(self) -> None:
        self.follow(lambda: resync_view(self.service), self.show_view, every=self._pace)
        if not self.deck.door.read_only:
            self.action_read()

    def _pace(self) -> float | None:
        return 1.0 if self._view and self._view.reading else 15.0

    def show_view(self, view: ResyncView) -> None:
        self._view = view
        table = self.query_one(Table)
        table.empty = self._empty(view)
        table.set_rows(view.differences)
        self.query_one(Heading).say(None, self._said(view))
        count = len(view.differences)
        word = toned(plural(count, "difference"), Tone.WAITING) if count else muted("no difference known")
        self.facts = [Part(word)]
        self.draw_crumbs()
        self._note()

    def _empty(self, view: ResyncView) -> str:
        if view.reading:
            return "its nodes are being read"
        return "never read; R reads its nodes" if view.read_at is None else "the nodes have it all as the rows say"

    def _said(self, view: ResyncView) -> Text:
        if view.reading:
            return toned(f"being read by {', '.join(f'task #{one}' for one in view.reading)}", Tone.WAITING)
        if view.failed:
            return toned(inert(view.failed).plain, Tone.WRONG)
        if view.read_at is None:
            return muted("never read")
        age = ago(view.read_at, self.deck.clock())
        return muted("read just now" if age == "now" else f"read {age} ago")

    @on(Table.Moved)
    def moved(self, event: Table.Moved[Any]) -> None:
        self._note()

    def _note(self) -> None:
        """The difference under the cursor in full, and what may be done about it."""
        row: DifferenceView | None = self.query_one(Table).row
        note = self.query_one(".item-note", Static)
        note.display = row is not None
        if row is not None:
            how = "Enter: adopt it, or put it right" if row.adoptable else "it stays on the node, and in no row"
            if row.verdict is Verdict.FOREIGN and row.adoptable:
                how = "Enter: adopt it"
            note.update(Text.assemble(inert(f"{row.name}: {row.words}"), (f"\n{how}", STYLE[Tone.MUTED])))

    # -- what to do

    def action_read(self) -> None:
        if self.may_change():
            self.ask(
                lambda: resync(self.deck.door, self.service),
                lambda tasks: self.say(f"{plural(len(tasks), 'account')} of {self._domain} being read"),
            )

    def action_log(self) -> None:
        if self._view and self._view.reading:
            self.deck.open_task(self._view.reading[0])
        else:
            self.say("it is not being read just now", Tone.WAITING)

    @on(Table.Chosen)
    def chosen(self, event: Table.Chosen[DifferenceView]) -> None:
        row = event.row
        if not self.may_change():
            return
        if not row.adoptable:
            self.say(f"{row.name} can't be said in a row: it stays as it is, or is removed on the node", Tone.WAITING)
            return
        options = [(word, MEANS[row.verdict, word]) for word in (ADOPT, MEND) if (row.verdict, word) in MEANS]

        def answered(word: str | None) -> None:
            # A reading may have ended since: what was to be changed on the node may now be what is missing there, and
            # the same word would then be about something else.
            if word is not None and (self._view is None or row not in self._view.differences):
                self.say(f"{row.name} was read again meanwhile, and is otherwise now; look once more", Tone.WAITING)
            elif word is not None:
                self.ask(
                    lambda: settle(
                        self.deck.door, self.service, adopt=word == ADOPT, only=(row.kind, row.name, row.verdict)
                    ),
                    lambda _: self.say(f"{row.kind} {row.name}: {'adopted' if word == ADOPT else 'being put right'}"),
                )

        self.app.push_screen(Choice(f"{row.kind} {inert(row.name).plain}", options, "does it"), answered)
