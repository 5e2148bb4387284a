"""The three fixed lines around every screen: who and where, which view, which keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from hostdeck.tui.theme import STYLE, Tone, glyphs
from hostdeck.tui.widgets.columns import fitted
from hostdeck.tui.widgets.text_lines import changed_part
from hostdeck.tui.widgets.words import joined, muted, toned

if TYPE_CHECKING:
    from hostdeck.core.queries.views import Pulse


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a line; on narrow terminals the highest `priority` goes first. `shorter` is tried before anything
    goes."""

    text: Text
    priority: int = 0
    shorter: Text | None = None


def fit_parts(left: Sequence[Part], right: Sequence[Part], width: int, gap: int = 3) -> Text:
    """Left parts at the left edge, right ones at the right, as many as fit."""

    def too_wide(parts: Sequence[Part]) -> bool:
        return len(parts) > 1 and sum(part.text.cell_len for part in parts) + gap * (len(parts) - 1) > width

    if too_wide([*left, *right]):
        left, right = _shortened(left), _shortened(right)
    kept = [*left, *right]
    while too_wide(kept):
        kept.remove(max(reversed(kept), key=lambda part: part.priority))
    space = Text(" " * gap, end="")
    start = space.join([part.text for part in left if part in kept])
    end = space.join([part.text for part in right if part in kept])
    start.pad_right(max(0, width - start.cell_len - end.cell_len))
    return fitted(start.append_text(end), width)


def _shortened(parts: Sequence[Part]) -> list[Part]:
    return [Part(part.shorter, part.priority) if part.shorter else part for part in parts]


class OneLine(Widget):
    """A line of parts that is sent again only when its text differs."""

    DEFAULT_CSS = "OneLine { height: 1; padding: 0 1; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._parts: tuple[tuple[Part, ...], tuple[Part, ...]] = ((), ())

    def put(self, left: Sequence[Part], right: Sequence[Part] = ()) -> None:
        parts = (tuple(left), tuple(right))
        if parts != self._parts:
            self._parts = parts
            self.refresh()

    @property
    def text(self) -> Text:
        return fit_parts(*self._parts, self.content_size.width)

    def render_line(self, y: int) -> Strip:
        style = self.rich_style
        return (
            Strip(self.text.render(self.app.console)).apply_style(style).crop_extend(0, self.content_size.width, style)
        )


@dataclass(frozen=True, slots=True)
class Head:
    """What the first line says."""

    actor: str
    env: str
    read_only: bool
    demo: bool
    time: str
    pulse: Pulse | None = None


class HeadLine(OneLine):
    def say(self, head: Head) -> None:
        name = [toned("hostdeck", Tone.BRIGHT)]
        if head.env:
            name.append(toned(f"[{head.env.upper()}]", Tone.WRONG))
        if head.demo:
            name.append(toned("DEMO", Tone.WAITING))
        left = [Part(Text(" ", end="").join(name)), Part(muted(head.actor), 5)]
        left.append(Part(toned("RO", Tone.WAITING) if head.read_only else muted("RW"), 3))
        right = [] if head.pulse is None else self._counts(head.pulse)
        self.put(left, [*right, Part(muted(head.time), 2)])

    @staticmethod
    def _counts(pulse: Pulse) -> list[Part]:
        servers = [muted(f"srv {pulse.servers}:" if pulse.servers else "srv none")]
        if pulse.servers_ok:
            servers.append(toned(f"{pulse.servers_ok} OK", Tone.OK))
        if pulse.servers_error:
            servers.append(toned(f"{pulse.servers_error} DOWN", Tone.WRONG))
        if len(servers) == 1 and pulse.servers:
            servers.append(muted("0 OK"))
        tasks = [muted("tasks:")]
        for count, word, tone in (
            (pulse.tasks_running, "run", Tone.BUSY),
            (pulse.tasks_waiting, "wait", Tone.WAITING),
            (pulse.tasks_failed, "FAIL", Tone.WRONG),
        ):
            if count:
                tasks.append(toned(f"{count} {word}", tone))
        if len(tasks) == 1:
            tasks.append(muted("none"))
        up = pulse.workers_alive > 0
        worker = joined(muted("worker "), toned("UP", Tone.OK) if up else toned("DOWN", Tone.WRONG))
        space = Text(" ", end="")
        return [Part(space.join(servers), 4), Part(space.join(tasks), 1), Part(worker)]


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it arrives, as it is written, and what it does; `usable` is False where it would be refused."""

    key: str
    shown: str
    word: str
    usable: bool = True

    @property
    def text(self) -> Text:
        name = (self.shown, STYLE[Tone.ACCENT if self.usable else Tone.MUTED])
        text = Text.assemble(name, (f" {self.word}", STYLE[Tone.MUTED]), end="")
        if not self.usable:
            text.stylize("strike")
        return text


class KeyLine(OneLine):
    """The keys that matter here; a click does the same. On narrow terminals the last of `keys` go first, `always`
    stays."""

    def __init__(self) -> None:
        super().__init__()
        self._places: list[tuple[int, int, Key]] = []

    def show(self, keys: Sequence[Key], always: Sequence[Key]) -> None:
        kept = list(keys)
        while kept and sum(key.text.cell_len + 3 for key in [*kept, *always]) - 3 > self.content_size.width:
            kept.pop()
        self._places, x = [], 0
        for key in [*kept, *always]:
            width = key.text.cell_len
            self._places.append((x, x + width, key))
            x += width + 3
        self.put([Part(key.text) for _, _, key in self._places])

    def on_click(self, event: events.Click) -> None:
        x = event.x - 1
        for start, end, key in self._places:
            if start <= x < end:
                self.app.simulate_key(key.key)


class Heading(OneLine):
    """The title of a part of a screen: words, a thin line, and a note at its end."""

    def __init__(self, title: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._title = toned(title, Tone.BRIGHT)
        self._note = Text("")

    def say(self, title: str | Text | None = None, note: str | Text = "") -> None:
        new_title = self._title if title is None else toned(title, Tone.BRIGHT) if isinstance(title, str) else title
        new_note = muted(note) if isinstance(note, str) else note
        if (new_title, new_note) != (self._title, self._note):
            before = self.text
            self._title, self._note = new_title, new_note
            if (part := changed_part(before, self.text, self.app.console)) is not None:
                self.refresh(Region(part[0], 0, part[1] - part[0], 1))

    @property
    def text(self) -> Text:
        width = self.content_size.width
        note = joined(" ", self._note) if self._note.plain else Text("", end="")
        title = self._title.copy()
        if title.cell_len > width - note.cell_len - 3:
            title = fitted(title, max(8, width - note.cell_len - 3))
        line = glyphs().line * max(0, width - title.cell_len - note.cell_len - 1)
        return fitted(Text.assemble(title, (f" {line}", STYLE[Tone.LINE]), note, end=""), width)
