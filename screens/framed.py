"""The three fixed lines around a screen, drawn from what the screen says of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, tzinfo
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TextIO, cast

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import ActiveBinding
from textual.containers import Vertical
from textual.screen import ModalScreen, Screen
from textual.widget import Widget

from hostdeck.tui.keymap import named
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.dialog import FURTHER
from hostdeck.tui.widgets.frame import Head, HeadLine, Key, KeyLine, OneLine, Part
from hostdeck.tui.widgets.prompt import PromptLine
from hostdeck.tui.widgets.words import moment, muted, toned, took

if TYPE_CHECKING:
    from hostdeck.core.domain.doctor import Check
    from hostdeck.core.intents.base import Door
    from hostdeck.tui.feed import Feed
    from hostdeck.tui.kept_views import ListView
    from hostdeck.tui.list_views import ListViews
    from hostdeck.tui.notices import Notices

SECTIONS = (
    ("1", "home", "Home"),
    ("2", "servers", "Servers"),
    ("3", "groups", "Groups"),
    ("4", "services", "Services"),
    ("5", "zones", "Zones"),
    ("6", "tasks", "Tasks"),
    ("7", "stats", "Stats"),
    ("8", "audit", "Audit"),
    ("9", "settings", "Settings"),
)
WIDE = 200
LIVE = 2.0
"""Seconds that what is shown may be old and still be called so."""
ALWAYS = ("colon", "slash", "question_mark", "escape", "q")
"""The keys that every screen has, so that the last line always ends in the same way."""


class Deck(Protocol):
    """What a screen may ask of the program it runs in."""

    feed: Feed
    door: Door
    zone: tzinfo | None
    env: str
    head: Head
    dns_port: int
    views: ListViews
    notices: Notices
    seat: str
    """This console's own name among the others that look at the same."""

    @property
    def unreadable(self) -> tuple[type[Exception], ...]: ...

    @property
    def idle_words(self) -> str: ...

    @property
    def worker_hint(self) -> str:
        """What starts a worker for this home."""

    def clock(self) -> datetime: ...

    def open_service(self, key: int | str, tab: str = "overview") -> None: ...

    def open_task(self, number: int) -> None: ...

    def list_tasks(self, narrowing: str) -> None:
        """The list of all tasks, with that typed after `/`."""

    def open_zone(self, name: str) -> None: ...

    def open_product(self, name: str = "") -> None: ...

    def open_ticket(self, number: int) -> None: ...

    def open_group(self, name: str) -> None: ...

    def open_server(self, name: str, tab: str = "status") -> None: ...

    def open_server_form(self, name: str = "") -> None: ...

    def scan_host_key(self, host: str, port: int) -> str:
        """The host's public key in OpenSSH form, without logging in; blocks. Refused where nobody answers."""

    def address_of(self, host: str) -> str:
        """An address of that name; blocks. Refused where it has none."""

    def open_shell(self, name: str) -> None: ...

    def keep_view(self, name: str, view: ListView) -> None:
        """Remembers how a list was left, in this session and the next."""

    def keep_notice(self, text: str, tone: Tone) -> None:
        """Remembers what was said on the line of notices."""

    def order(self, domain: str = "", product: str = "") -> None: ...

    def go(self, section: str) -> None: ...

    @property
    def examine(self) -> Callable[[], Sequence[Check]]: ...

    def keep(self, name: str, text: str) -> str: ...

    def create(self, name: str) -> tuple[str, TextIO]:
        """A file of that name for the engineer, to be written to; blocks."""

    def copy(self, text: str) -> None:
        """Puts it on the clipboard, and says by which way it went."""

    def open_run_log(self, task: int) -> None:
        """The logs of all tasks of the same run."""


class Framed(Screen[None]):
    """Subclasses give a `body`, a `crumb` and `facts`, and say which of their actions change something."""

    CSS_PATH: ClassVar[Path | None] = FURTHER
    SECTION: ClassVar[str] = ""
    CHANGING: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls, **options: Any) -> None:
        """Every key of a screen gets its name, such as `tasks.retry`."""
        if "BINDINGS" in cls.__dict__:
            cls.BINDINGS = named(cls.__name__.removesuffix("Screen").casefold(), cls.BINDINGS)
        super().__init_subclass__(**options)

    def __init__(self) -> None:
        super().__init__()
        self.facts: list[Part] = []
        self.company: tuple[str, ...] = ()
        """Who else looks at the same."""

    @property
    def place(self) -> str:
        """The object that this screen is about, as other consoles are told of it; empty where it is about none."""
        return ""

    @cached_property
    def deck(self) -> Deck:
        """Known once: what a screen has asked is answered on another thread, where one that was left has no program."""
        return cast(Deck, self.app)

    @property
    def is_left(self) -> bool:
        """Whether it, or the program, has been left: then it loses its parts one by one, and may not have been told
        yet."""
        return not self.is_attached or not self.display

    @property
    def is_current(self) -> bool:
        """Whether it is seen: on top, or under dialogs alone. What another screen covers neither asks nor draws; by
        Textual's own measure it would, and every change of it would be sent as the whole screen above it."""
        if self.is_left:
            return False
        for screen in reversed(self.app.screen_stack):
            if screen is self:
                return True
            if not isinstance(screen, ModalScreen):
                return False
        return False

    @property
    def _has_its_lines(self) -> bool:
        """Whether there is something to draw on: a screen that is being left loses its lines one by one."""
        return self.is_current and self.is_mounted and bool(self.query(HeadLine)) and bool(self.query(KeyLine))

    @property
    def crumb(self) -> str:
        """What this screen is about, beyond its section."""
        return ""

    @property
    def has_list(self) -> bool:
        """Whether there is something to filter."""
        return False

    def body(self) -> Iterable[Widget]:
        raise NotImplementedError

    def chips(self) -> list[Part]:
        """What narrows the list, if anything."""
        return []

    def compose(self) -> ComposeResult:
        yield HeadLine(id="head")
        yield OneLine(id="crumbs")
        with Vertical(id="body"):
            yield from self.body()
        yield PromptLine()
        yield KeyLine()

    def on_mount(self) -> None:
        self.draw_frame()

    def on_screen_resume(self) -> None:
        self.draw_frame()
        self.deck.feed.poke()

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width < 100, "-narrow")
        self.set_class(event.size.height < 30, "-short")
        self.set_class(event.size.width >= WIDE, "-wide")
        self.call_after_refresh(self.draw_frame)

    def on_descendant_focus(self) -> None:
        self.draw_keys()

    def on_descendant_blur(self) -> None:
        """Where nothing has the focus any more, its keys must not stay on the last line."""
        self.draw_keys()

    def draw_frame(self) -> None:
        if self._has_its_lines:
            self.query_one(HeadLine).say(self.deck.head)
            self.draw_crumbs()
            self.draw_keys()

    def draw_crumbs(self) -> None:
        left = [Part(self._sections(SECTIONS), 1, self._sections([self._only_digit(one) for one in SECTIONS]))]
        if self.crumb:
            left.append(Part(toned(self.crumb, Tone.BRIGHT)))
        others = [Part(toned(f"also here: {', '.join(self.company)}", Tone.WAITING))] if self.company else []
        self.query_one("#crumbs", OneLine).put([*left, *self.facts, *others, *self.chips()], self._live())

    def _only_digit(self, one: tuple[str, str, str]) -> tuple[str, str, str]:
        """On a narrow terminal the place where one is keeps its name, the others their digits."""
        key, section, name = one
        return (key, section, name if section == self.SECTION else "")

    def _sections(self, sections: Sequence[tuple[str, str, str]]) -> Text:
        names = [
            toned(f"{key} {name}".rstrip(), Tone.BRIGHT if section == self.SECTION else Tone.MUTED)
            for key, section, name in sections
        ]
        for (_, section, name), text in zip(sections, names, strict=True):
            if section == self.SECTION:
                text.stylize("underline", len(text) - len(name))
        return Text("  ", end="").join(names)

    def _live(self) -> list[Part]:
        if self.deck.feed.stale is None and self.deck.feed.frozen is not None:
            seconds = (self.deck.clock() - self.deck.feed.frozen).total_seconds()
            return [Part(toned(f"FROZEN {took(max(0.0, seconds))}", Tone.WAITING))]
        if self.deck.feed.stale is None and self.deck.feed.heard_at is None:
            return [Part(toned("opening the database", Tone.WAITING), 3)]
        if self.deck.feed.stale is None:
            least = self.deck.feed.least
            return [Part(muted("live" if least <= LIVE else f"every {least:g} s"), 3)]
        reason, since = self.deck.feed.stale
        at = moment(since, self.deck.zone, self.deck.clock())
        return [Part(toned(f"STALE since {at}: {reason}", Tone.WRONG))]

    def draw_keys(self) -> None:
        if not self._has_its_lines:
            return
        active = self.active_bindings
        shown = [self._key(key, bound) for key, bound in active.items() if bound.binding.show and key not in ALWAYS]
        always = [self._key(key, active[key]) for key in ALWAYS if key in active and self._has_use(key)]
        self.query_one(KeyLine).show(_each_once(shown, always), _each_once(always))

    def _has_use(self, key: str) -> bool:
        if key == "slash":
            return self.has_list
        root = len(self.app.screen_stack) <= 1
        return root if key == "q" else not root if key == "escape" else True

    def _key(self, key: str, bound: ActiveBinding) -> Key:
        changing = bound.binding.action.split("(")[0] in self.CHANGING
        return Key(
            key,
            self.app.get_key_display(bound.binding),
            bound.binding.description,
            not (changing and self.deck.door.read_only),
        )


def _each_once(keys: Sequence[Key], without: Sequence[Key] = ()) -> list[Key]:
    """A deed that has two keys is written once."""
    seen = {key.word for key in without}
    first: dict[str, Key] = {}
    for key in keys:
        if key.word not in seen:
            first.setdefault(key.word, key)
    return list(first.values())
