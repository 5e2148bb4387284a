"""The console: sections, global keys, the `:` words, and the wiring of screens to data."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from functools import partial
from pathlib import Path
from socket import gethostname
from typing import TYPE_CHECKING, Any, ClassVar, cast

from rich.text import Text
from textual import on
from textual.actions import parse
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from hostdeck.core.errors import HostdeckError
from hostdeck.screens.base import DeckScreen
from hostdeck.screens.framed import SECTIONS
from hostdeck.tui.attendance import Attendance
from hostdeck.tui.crash import crash_words
from hostdeck.tui.deeds import Deeds
from hostdeck.tui.face import Looks
from hostdeck.tui.feed import Feed
from hostdeck.tui.keymap import named
from hostdeck.tui.place import place_asked, place_of
from hostdeck.tui.routes import Routes
from hostdeck.tui.screen_table import SCREENS, screen_class
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.commands import COMMANDS, Command, command, nearest
from hostdeck.tui.widgets.dialog import FURTHER
from hostdeck.tui.widgets.prompt import PromptLine
from hostdeck.tui.widgets.words import plural

if TYPE_CHECKING:
    from textual.drivers.web_driver import WebDriver

    from hostdeck.core.domain.doctor import Check
    from hostdeck.core.intents.base import Door
    from hostdeck.core.queries.reader import Reader

QUIT_WITHIN = 2.0
ATTEND_EVERY = 1.0

LOAD_AFTER = 0.4
"""Seconds after the first picture until the other screens are loaded, one at a time between keys."""


def now() -> datetime:
    return datetime.now(UTC)


def _section(name: str) -> DeckScreen:
    screen = screen_class(name)()
    # A new screen is styled as it is mounted; Textual would read every style sheet again for it, three times.
    screen._css_update_count = screen.app._css_update_count
    return screen


class HostdeckApp(Routes):
    """`clock`, `zone` and `host` are arguments so that a picture of a screen can be the same twice."""

    CSS = Path(__file__).with_name("hostdeck.tcss").read_text("utf-8")
    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {
        name: partial(_section, name) for name in (*(section for _, section, _ in SECTIONS), "products")
    }
    DEFAULT_MODE = "home"
    TITLE = "hostdeck"
    BINDINGS: ClassVar[list[BindingType]] = named("app", [
        # With priority: they are carried out before the next key is looked at, so that a fast `:` word is never taken
        # for the keys of a table, nor a filter typed on the list before.
        *(Binding(key, f"go('{section}')", name, show=False, priority=True) for key, section, name in SECTIONS),
        Binding("0", "wall", "Wall", show=False),
        Binding("colon", "prompt(':')", "command", key_display=":", priority=True),
        Binding("slash", "prompt('/')", "filter", key_display="/", priority=True),
        Binding("question_mark,f1", "help", "help", key_display="?"),
        Binding("escape", "back", "back", key_display="esc"),
        Binding("minus", "last_view", "last view", show=False, key_display="-"),
        Binding("q", "leave", "quit"),
        Binding("ctrl+r", "reread", "read again", show=False, key_display="ctrl+r"),
        Binding("p", "freeze", "freeze what is shown", show=False),
        Binding("ctrl+t", "time", "local time or UTC", show=False, key_display="ctrl+t"),
        Binding("ctrl+e", "header", "hide the first line", show=False, key_display="ctrl+e"),
        Binding("at", "commands", "commands on the nodes", show=False, key_display="@"),
        Binding("t", "tree", "tree", show=False),
        Binding("z", "undo", "undo what has not started", show=False),
    ])  # fmt: skip

    def __init__(
        self,
        reader: Reader,
        door: Door,
        env: str = "",
        demo: bool = False,
        clock: Callable[[], datetime] = now,
        worker_hint: Callable[[], str] = lambda: "start one: hostdeck worker",
        *,
        zone: tzinfo | None = None,
        host: str = "",
        home: Path | None = None,
        dns_port: int = 53,
        examine: Callable[[], Sequence[Check]] = tuple,
        looks: Looks | None = None,
    ) -> None:
        self._reader = reader
        self._opened = False
        self.not_opened: Exception | None = None
        self.examine = examine
        self.dns_port = dns_port
        self._worker_hint = worker_hint
        self._attendance = Attendance(door, host or gethostname(), clock)
        self.seat = self._attendance.seat
        self._deeds = Deeds(self)
        self._section_before = "home"
        self._q_at = 0.0
        self._place: str | None = None  # as a browser's address was last told; None: not there yet
        super().__init__(
            lambda face: Feed(reader, clock, face.draw_frames, lambda: self.unreadable),
            door, env=env, demo=demo, clock=clock, zone=zone, host=host, home=home, looks=looks or Looks(),
        )  # fmt: skip

    async def open_store(self) -> bool:
        try:
            await self._reader.open()
        except HostdeckError as error:
            self.not_opened = error
        except self.unreadable as error:
            self.not_opened = error
        else:
            self._opened = True
            return True
        self.exit(return_code=1)
        return False

    @property
    def worker_hint(self) -> str:
        return self._worker_hint()

    @property
    def unreadable(self) -> tuple[type[Exception], ...]:
        return self._reader.unreadable

    def on_mount(self) -> None:
        self.set_timer(LOAD_AFTER, partial(self._load, list(SCREENS)))
        self.run_worker(self._arrive())
        self.set_interval(ATTEND_EVERY, self._attend)

    async def on_unmount(self) -> None:
        await self._attendance.leave()

    def _attend(self) -> None:
        """Tells the other consoles what this one looks at, whatever lies over it."""
        if not self._opened:
            return
        looked_at = (screen.place for screen in reversed(self.screen_stack) if isinstance(screen, DeckScreen))
        if self._attendance.is_due(place := next(looked_at, "")):
            self.run_worker(self._attendance.tell(place), group="attendance")

    def _tick(self) -> None:
        super()._tick()
        if not self.is_web or self._place is None:
            return
        if (place := place_of(self.current_mode, self.screen)) != self._place:
            self._place = place
            cast("WebDriver", self._driver).write_meta({"type": "place", "place": place})

    async def _arrive(self) -> None:
        """Where a browser's address wants to be."""
        if (asked := place_asked()) is not None and (found := command(asked[0])) is not None:
            await self.run_command(found, asked[1])
        self._place = ""

    def _load(self, names: list[str]) -> None:
        screen_class(names[0])
        if names[1:]:
            self.set_timer(0.01, partial(self._load, names[1:]))
        elif not self.stylesheet.has_source(str(FURTHER), ""):
            self.stylesheet.read(FURTHER)
            self.stylesheet.reparse()

    @property
    def idle_words(self) -> str:
        if self.pulse is None or self.pulse.workers_alive:
            return ""
        return f"no worker is running; {self.worker_hint}"

    # -- where to

    async def action_go(self, section: str) -> None:
        if section != self.current_mode:
            self._section_before = self.current_mode
            await self.switch_mode(section)
        while len(self.screen_stack) > 1:
            await self.pop_screen()

    async def action_last_view(self) -> None:
        await self.action_go(self._section_before)

    async def action_back(self) -> None:
        """esc: the prompt, then the filter, then the screen."""
        screen = self.screen
        if isinstance(screen, DeckScreen) and screen.go_back():
            return
        if len(self.screen_stack) > 1:
            await self.pop_screen()

    async def action_leave(self) -> None:
        """q: back, and at the root twice within two seconds: out."""
        if len(self.screen_stack) > 1:
            await self.pop_screen()
            return
        now = time.monotonic()
        if now - self._q_at <= QUIT_WITHIN:
            self.exit()
            return
        self._q_at = now
        running = self.pulse.tasks_running if self.pulse else 0
        alive = self.pulse is not None and self.pulse.workers_alive > 0
        goes_on = "will go on in the worker" if alive else "waits for a worker"
        words = f"; {plural(running, 'running task')} {goes_on}" if running else ""
        self.say(f"q again to quit{words}", Tone.WAITING)

    def action_help_quit(self) -> None:
        self.say("q goes back and quits; ctrl+c copies selected text", Tone.WAITING)

    def list_tasks(self, narrowing: str) -> None:
        if (found := command("tasks")) is not None:
            self.run_worker(self.run_command(found, f"/{narrowing}"))

    def go(self, section: str) -> None:
        self.run_worker(self.action_go(section))

    async def action_commands(self) -> None:
        await self.show("commands")

    async def action_tree(self) -> None:
        await self.show("tree")

    def action_undo(self, wish: int | None = None) -> None:
        from hostdeck.screens import undo_wishes

        if isinstance(self.screen, DeckScreen):
            undo_wishes.offer(self.screen, wish)

    def action_wall(self) -> None:
        from hostdeck.screens.wall import Wall

        self.push_screen(Wall(over=True))

    def action_reread(self) -> None:
        if isinstance(self.screen, DeckScreen):
            self.screen.reread()

    def action_help(self) -> None:
        from hostdeck.screens.help import Help

        if isinstance(self.screen, DeckScreen):
            self.push_screen(Help(self.screen))

    # -- `:` words

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A field that is typed into keeps `:`, `/` and digits, and so does whatever lies over a screen. On the wall no
        key works but its own."""
        if getattr(self.screen, "KEYS_OF_ITS_OWN", False):
            return False
        if action == "go" and self._is_taken(next((key for key, name, _ in SECTIONS if parameters == (name,)), "")):
            return False
        if action in ("prompt", "go"):
            typed_into = self.focused is not None and self.focused.check_consume_key("a", "a")
            return isinstance(self.screen, DeckScreen) and not typed_into
        return True

    def _is_taken(self, digit: str) -> bool:
        """Whether what is seen has a use of its own for it: a log's times, or a key of the operator's own."""
        for node, bindings in self.screen._binding_chain:
            for binding in bindings.key_to_bindings.get(digit, ()) if node is not self else ():
                _, name, parameters = parse(binding.action)
                if node.check_action(name, parameters):
                    return True
        return False

    def action_prompt(self, kind: str) -> None:
        if isinstance(self.screen, DeckScreen):
            self.screen.open_prompt(kind)

    @on(PromptLine.Submitted)
    async def submitted(self, event: PromptLine.Submitted) -> None:
        if event.kind != ":" or not event.text:
            return
        self.views.remember(event.text)
        self.views_changed()
        word, _, rest = event.text.partition(" ")
        found = command(word)
        if found is None and await self._deeds.named_view(word):
            return
        if found is None:
            self.say(f"no command ':{word}'; nearest: {', '.join(f':{near}' for near in nearest(word))}", Tone.WAITING)
        else:
            await self.run_command(found, rest.strip())

    async def run_command(self, found: Command, rest: str = "") -> None:
        await self._deeds.do(found, rest)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette holds what `:` knows."""
        for entry in COMMANDS:
            yield SystemCommand(entry.word, entry.help, partial(self.run_command, entry))

    # -- the end nobody wants

    def _fatal_error(self) -> None:
        if not self._exit_renderables:
            self._exit_renderables.append(Text(crash_words(self._exception, self._home, self.clock())))
        self._close_messages_no_wait()
