"""A plan before it is carried out. What destroys something wants its name typed; anything else a second key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, Input, OptionList, Static
from textual.widgets.option_list import Option

from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.dialog import Dialog
from hostdeck.tui.widgets.field import Field
from hostdeck.tui.widgets.words import inert, muted, toned


class PlanDialog(Dialog[str | None]):
    """Answers what was typed (empty where nothing had to be), or None: nothing is to be done."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "no"),
        Binding("left,right", "app.focus_next", "other", show=False),
        Binding("pagedown", "scroll_plan(1)", "more", show=False),
        Binding("pageup", "scroll_plan(-1)", "back", show=False),
        Binding("down", "scroll_plan(0)", "more", show=False),
    ]

    def __init__(
        self, question: str, lines: Sequence[Text], deed: str, *, typed: str = "", env: str = "", ready: bool = False
    ) -> None:
        """`ready`: Enter does it at once, for what can be taken back."""
        super().__init__()
        self._question = question
        self._lines = lines
        self._deed = deed
        self._typed = typed
        self._env = env
        self._ready = ready

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="plan"):
            heading = f"[{self._env.upper()}] {self._question}" if self._env else self._question
            yield Static(inert(heading), id="dialog-title", markup=False)
            with VerticalScroll(id="dialog-plan", can_focus=False):
                yield Static(Text("\n").join(self._lines), id="dialog-lines", markup=False)
            if self._typed:
                yield Static(
                    muted(f"Type {self._typed} and press Enter; PgUp PgDn the plan; esc nothing"), markup=False
                )
                yield Field(id="dialog-typed", compact=True)
                yield Static("", id="dialog-wrong", markup=False)
            else:
                with Horizontal(id="dialog-buttons"):
                    yield Button(Text("Leave it"), id="keep", compact=True)
                    yield Button(Text(self._deed), id="deed", compact=True)
                yield Static(muted("Enter the marked one   PgUp PgDn the plan   esc no"), markup=False)

    def say(self, lines: Sequence[Text]) -> None:
        """The plan as it is known now."""
        self._lines = lines
        if self.is_mounted:
            self.query_one("#dialog-lines", Static).update(Text("\n").join(lines))

    def on_mount(self) -> None:
        first = "#dialog-typed" if self._typed else "#deed" if self._ready else "#keep"
        self.query_one(first).focus()

    def on_resize(self, event: events.Resize) -> None:
        """On a small screen the plan is shorter, so that what is typed stays in sight."""
        self.set_class(event.size.height < 30, "-short")
        self.set_class(event.size.height < 20, "-tiny")

    def action_scroll_plan(self, pages: int) -> None:
        """The plan may be longer than the dialog; the focus stays where the answer is given."""
        plan = self.query_one("#dialog-plan", VerticalScroll)
        if pages == 0:
            plan.scroll_down()
        elif pages > 0:
            plan.scroll_page_down()
        else:
            plan.scroll_page_up()

    def action_leave(self) -> None:
        self.dismiss(None)

    @on(Button.Pressed)
    def pressed(self, event: Button.Pressed) -> None:
        self.dismiss("" if event.button.id == "deed" else None)

    @on(Input.Submitted)
    def entered(self, event: Input.Submitted) -> None:
        if event.value.strip().rstrip(".").lower() == self._typed:
            self.dismiss(event.value)
        else:
            self.query_one("#dialog-wrong", Static).update(toned("that is not its name", Tone.WRONG))


class Choice(Dialog[str | None]):
    """One of a few words, each with what it means."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "none of them"),
        Binding("j", "move('cursor_down')", "down", show=False),
        Binding("k", "move('cursor_up')", "up", show=False),
        Binding("g", "move('first')", "first", show=False),
        Binding("G", "move('last')", "last", show=False),
    ]

    def __init__(self, question: str, options: Sequence[tuple[str, str]], enter: str = "shows its plan") -> None:
        super().__init__()
        self._question = question
        self._options = options
        self._enter = enter

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Static(inert(self._question), id="dialog-title", markup=False)
            wide = max(len(word) for word, _ in self._options)
            texts = (Text.assemble(inert(word.ljust(wide + 2)), muted(means)) for word, means in self._options)
            words = (word for word, _ in self._options)
            yield OptionList(*(Option(text, id=word) for text, word in zip(texts, words, strict=True)), compact=True)
            yield Static(muted(f"Enter {self._enter}   esc back"), markup=False)

    def action_leave(self) -> None:
        self.dismiss(None)

    async def action_move(self, how: str) -> None:
        """As in every list."""
        await self.query_one(OptionList).run_action(how)

    @on(OptionList.OptionSelected)
    def selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)
