"""The console: sections, global keys, the `:` words, and the wiring of screens to data."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, tzinfo
from functools import partial
from importlib import resources
from pathlib import Path
from socket import gethostname
from typing import Any, ClassVar

from peewee import PeeweeException
from rich.text import Text
from textual import on
from textual.app import App, SuspendNotSupported, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Input, TextArea

from hostdeck.core.domain.doctor import Check
from hostdeck.core.errors import HostdeckError
from hostdeck.core.intents.base import Door
from hostdeck.core.queries import fleet, servers
from hostdeck.core.queries.reader import Reader
from hostdeck.core.queries.views import Pulse, ServerRow
from hostdeck.core.store.fields import utcnow
from hostdeck.screens import undo_wishes
from hostdeck.screens.base import DeckScreen
from hostdeck.screens.doctor import Doctor
from hostdeck.screens.group import GroupScreen
from hostdeck.screens.groups import Groups
from hostdeck.screens.help import Help
from hostdeck.screens.home import Home
from hostdeck.screens.order import Order
from hostdeck.screens.product import ProductScreen
from hostdeck.screens.products import Products
from hostdeck.screens.server import ServerScreen
from hostdeck.screens.server_form import ServerFormScreen
from hostdeck.screens.servers import Servers
from hostdeck.screens.service import ServiceScreen
from hostdeck.screens.services import Services
from hostdeck.screens.stats import Stats
from hostdeck.screens.task import TaskScreen
from hostdeck.screens.tasks import Tasks
from hostdeck.screens.ticket import TicketScreen
from hostdeck.screens.tickets import Tickets
from hostdeck.screens.zone import ZoneScreen
from hostdeck.screens.zones import Zones
from hostdeck.tui.attendance import Attendance
from hostdeck.tui.crash import crash_words
from hostdeck.tui.deeds import Deeds
from hostdeck.tui.exports import save_export
from hostdeck.tui.feed import Feed
from hostdeck.tui.list_views import ListView, ListViews
from hostdeck.tui.shell import run_shell
from hostdeck.tui.theme import THEME, Tone
from hostdeck.tui.widgets.commands import COMMANDS, Command, command, nearest
from hostdeck.tui.widgets.frame import Head
from hostdeck.tui.widgets.prompt import PromptLine
from hostdeck.tui.widgets.words import plural

QUIT_WITHIN = 2.0
PULSE_EVERY = 5.0
ATTEND_EVERY = 1.0
VIEWS_AFTER = 1.0
"""Seconds after which it is written how lists were left, so that ten letters of a filter are one write."""
SEVERITY = {"information": Tone.PLAIN, "warning": Tone.WAITING, "error": Tone.WRONG}


class HostdeckApp(App[None]):
    """`clock`, `zone` and `host` are arguments so that a picture of a screen can be the same twice."""

    CSS = (resources.files("hostdeck.tui") / "hostdeck.tcss").read_text("utf-8")
    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {
        "home": Home, "servers": Servers, "groups": Groups, "services": Services, "zones": Zones, "tasks": Tasks,
        "products": Products, "stats": Stats,
    }  # fmt: skip
    DEFAULT_MODE = "home"
    TITLE = "hostdeck"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "go('home')", "Home", show=False),
        Binding("2", "go('servers')", "Servers", show=False),
        Binding("3", "go('groups')", "Groups", show=False),
        Binding("4", "go('services')", "Services", show=False),
        Binding("5", "go('zones')", "Zones", show=False),
        Binding("6", "go('tasks')", "Tasks", show=False),
        Binding("7", "go('stats')", "Stats", show=False),
        # With priority: they are carried out before the next key is looked at, so that a fast `:` word is never taken
        # for the keys of a table.
        Binding("colon", "prompt(':')", "command", key_display=":", priority=True),
        Binding("slash", "prompt('/')", "filter", key_display="/", priority=True),
        Binding("question_mark", "help", "help", key_display="?"),
        Binding("f1", "help", "help", show=False, key_display="F1"),
        Binding("escape", "back", "back", key_display="esc"),
        Binding("minus", "last_view", "last view", show=False, key_display="-"),
        Binding("q", "leave", "quit"),
        Binding("z", "undo", "undo", show=False),
        Binding("ctrl+r", "reread", "read again", show=False, key_display="ctrl+r"),
    ]

    def __init__(
        self,
        reader: Reader,
        door: Door,
        env: str = "",
        demo: bool = False,
        clock: Callable[[], datetime] = utcnow,
        worker_hint: str = "",
        *,
        zone: tzinfo | None = None,
        host: str = "",
        home: Path | None = None,
        dns_port: int = 53,
        examine: Callable[[], Sequence[Check]] = tuple,
    ) -> None:
        super().__init__()
        self.examine = examine
        self.door = door
        self.env = env
        self.dns_port = dns_port
        self.zone = zone
        self.clock = clock
        self.unreadable: tuple[type[Exception], ...] = (PeeweeException, OSError)
        self.feed = Feed(reader, clock, self.draw_frames, self.unreadable)
        self.head = Head(f"{door.actor[:24]}@{host or gethostname()}", env, door.read_only, demo, "")
        self._worker_hint = worker_hint or "start one: hostdeck worker"
        self._home = home
        self.views = ListViews(home, door.actor, read_only=door.read_only)
        self._attendance = Attendance(door, host or gethostname(), clock)
        self.seat = self._attendance.seat
        self._pulse: Pulse | None = None
        self._deeds = Deeds(self)
        self._section_before = "home"
        self._q_at = 0.0
        self._views_due: Timer | None = None
        self.animation_level = "none"
        self.register_theme(THEME)
        self.theme = THEME.name

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The style sheet is read before the theme is set."""
        return THEME.variables

    def on_mount(self) -> None:
        self._tick()
        self.set_interval(1.0, self._tick)
        self.feed.watch(lambda: fleet.pulse(now=self.clock()), self._beat, every=lambda: PULSE_EVERY)
        self.run_worker(self.feed.run(), name="feed")
        self.set_interval(ATTEND_EVERY, self._attend)

    async def on_unmount(self) -> None:
        await self._attendance.leave()

    def _attend(self) -> None:
        """Tells the other consoles what this one looks at, whatever lies over it."""
        looked_at = (screen.place for screen in reversed(self.screen_stack) if isinstance(screen, DeckScreen))
        if self._attendance.is_due(place := next(looked_at, "")):
            self.run_worker(self._attendance.tell(place), group="attendance")

    # -- the first two lines

    def _tick(self) -> None:
        """The clock shows minutes, so that it costs a line a minute."""
        now = self.clock().astimezone(self.zone)
        self._head(time=now.strftime("%H:%M ") + (now.tzname() or ""))

    def _beat(self, pulse: Pulse) -> None:
        went = self._pulse is not None and self._pulse.workers_alive > 0 and not pulse.workers_alive
        first = self._pulse is None
        self._pulse = pulse
        self._head(pulse=pulse)
        if went or (first and not pulse.workers_alive):
            self._say(self.idle_words, Tone.WAITING)

    @property
    def idle_words(self) -> str:
        """That nobody works, and what starts a worker; empty where one lives, or before that is known."""
        if self._pulse is None or self._pulse.workers_alive:
            return ""
        return f"no worker is running; {self._worker_hint}"

    def _head(self, *, time: str | None = None, pulse: Pulse | None = None) -> None:
        old = self.head
        head = Head(old.actor, old.env, old.read_only, old.demo, time or old.time, pulse or old.pulse)
        if head != old:
            self.head = head
            self.draw_frames()

    def draw_frames(self) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, DeckScreen) and screen.is_current:
                screen.draw_frame()

    def _say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        for screen in reversed(self.screen_stack):
            if isinstance(screen, DeckScreen) and screen.is_mounted:
                screen.say(text, tone)
                return

    def notify(
        self, message: str, *, title: str = "", severity: str = "information", timeout: float | None = None,
        markup: bool = True,
    ) -> None:  # fmt: skip
        """On the line of notices, never over a table, and never as markup."""
        self._say(f"{title}: {message}" if title else message, SEVERITY[severity])

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
        running = self._pulse.tasks_running if self._pulse else 0
        alive = self._pulse is not None and self._pulse.workers_alive > 0
        goes_on = "will go on in the worker" if alive else "waits for a worker"
        words = f"; {plural(running, 'running task')} {goes_on}" if running else ""
        self._say(f"q again to quit{words}", Tone.WAITING)

    def action_help_quit(self) -> None:
        self._say("q goes back and quits; ctrl+c copies selected text", Tone.WAITING)

    def open_service(self, key: int | str, tab: str = "overview") -> None:
        self.push_screen(ServiceScreen(key, tab))

    def open_task(self, number: int) -> None:
        self.push_screen(TaskScreen(number))

    def list_tasks(self, narrowing: str) -> None:
        if (found := command("tasks")) is not None:
            self.run_worker(self.run_command(found, f"/{narrowing}"))

    def open_zone(self, name: str) -> None:
        self.push_screen(ZoneScreen(name))

    def open_product(self, name: str = "") -> None:
        """That product's form; an empty one for a new product."""
        self.push_screen(ProductScreen(name))

    def open_group(self, name: str) -> None:
        self.push_screen(GroupScreen(name))

    def open_server(self, name: str, tab: str = "status") -> None:
        self.push_screen(ServerScreen(name, tab))

    def open_server_form(self, name: str = "") -> None:
        """That server's form; an empty one for a new server."""
        self.push_screen(ServerFormScreen(name))

    def scan_host_key(self, host: str, port: int) -> str:
        from hostdeck.core.transport.hostkey import scan

        return scan(host, port)

    def address_of(self, host: str) -> str:
        from hostdeck.tui.cli.adding import address_of

        return address_of(host)

    def open_shell(self, name: str) -> None:
        """The console stands aside while the operator's own ssh has the terminal."""
        if self.door.read_only:
            self._say("hostdeck runs read-only here; it opens no shell", Tone.WAITING)
        else:
            self.run_worker(self._open_shell(name))

    async def _open_shell(self, name: str) -> None:
        def looked() -> tuple[ServerRow, str]:
            return fleet.server(name), servers.pinned_key(name)

        try:
            row, key = await self.feed.read(looked)
            with self.suspend():
                code = run_shell(row, key)
        except SuspendNotSupported:
            self._say("this terminal can't be handed over; in another one: ssh to the node", Tone.WAITING)
        except FileNotFoundError:
            self._say("there is no ssh on this machine; install OpenSSH's client", Tone.WRONG)
        except HostdeckError as error:
            self._say(str(error), Tone.WRONG)
        except self.unreadable as error:
            self._say(str(error), Tone.WRONG)
        else:
            self._say(f"back from {name}; ssh ended with {code}")

    def open_ticket(self, number: int) -> None:
        self.push_screen(TicketScreen(number))

    async def open_tickets(self) -> None:
        if not isinstance(self.screen, Tickets):
            await self.push_screen(Tickets())

    async def open_doctor(self) -> None:
        if not isinstance(self.screen, Doctor):
            await self.push_screen(Doctor())

    def order(self, domain: str = "", product: str = "") -> None:
        self.push_screen(Order(domain, product))

    def keep_view(self, name: str, view: ListView) -> None:
        self.views.put(name, view)
        if self._views_due is None:
            self._views_due = self.set_timer(VIEWS_AFTER, self._write_views)

    async def _write_views(self) -> None:
        self._views_due = None
        try:
            await asyncio.to_thread(self.views.write)
        except OSError as error:
            self._say(f"how the lists are left is not remembered: {error}", Tone.WAITING)

    def go(self, section: str) -> None:
        self.run_worker(self.action_go(section))

    def keep(self, name: str, text: str) -> str:
        """Saves a file for the engineer, readable by nobody else; its path."""
        return str(save_export(self._home or Path.cwd(), name, text))

    def action_reread(self) -> None:
        if isinstance(self.screen, DeckScreen):
            self.screen.reread()

    def action_undo(self) -> None:
        """What one's last wish has queued and nobody has begun."""
        if isinstance(self.screen, DeckScreen):
            undo_wishes.offer(self.screen)

    def action_help(self) -> None:
        if isinstance(self.screen, DeckScreen):
            self.push_screen(Help(self.screen))

    # -- `:` words

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A field that is typed into keeps `:` and `/`, and so does whatever lies over a screen."""
        if action == "prompt":
            return isinstance(self.screen, DeckScreen) and not isinstance(self.focused, Input | TextArea)
        return True

    def action_prompt(self, kind: str) -> None:
        if isinstance(self.screen, DeckScreen):
            self.screen.open_prompt(kind)

    @on(PromptLine.Submitted)
    async def submitted(self, event: PromptLine.Submitted) -> None:
        if event.kind != ":" or not event.text:
            return
        word, _, rest = event.text.partition(" ")
        found = command(word)
        if found is None:
            self._say(f"no command ':{word}'; nearest: {', '.join(f':{near}' for near in nearest(word))}", Tone.WAITING)
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
