"""What the `:` words do, each with what was typed after it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hostdeck.core.domain.text import safe
from hostdeck.screens.base import DeckScreen
from hostdeck.tui.list_views import NAME
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.commands import Command, command

if TYPE_CHECKING:
    from hostdeck.tui.app import HostdeckApp


NUMBER = re.compile(r"[0-9]{1,18}")
"""Of a row: a database counts no further."""
EVERY = re.compile(r"(?P<seconds>\d{1,4}(?:\.\d)?)s?")


class Deeds:
    """One method for each `deed` of the table of commands."""

    def __init__(self, app: HostdeckApp) -> None:
        self._app = app
        self._by_name = {
            "go": self._go,
            "servers": self._servers,
            "groups": self._groups,
            "server": self._server,
            "services": self._services,
            "tab": self._tab,
            "zones": self._zones,
            "causes": self._causes,
            "certificates": self._certificates,
            "tasks": self._tasks,
            "tickets": self._tickets,
            "merge": self._merge,
            "save-log": self._save_log,
            "order": self._order,
            "products": self._products,
            "doctor": self._doctor,
            "wall": self._wall,
            "delete": self._delete,
            "wish": self._wish,
            "commands": self._commands,
            "events": self._events,
            "tree": self._tree,
            "act": self._act,
            "undo": self._undo,
            "describe": self._describe,
            "columns": self._columns,
            "wide": self._wide,
            "save": self._save,
            "forget": self._forget,
            "app": self._frame,
            "every": self._every,
            "mouse": self._mouse,
            "theme": self._theme,
            "keys": self._keys,
            "reread": self._reread,
            "help": self._help,
            "leave": self._leave,
        }

    async def do(self, found: Command, rest: str) -> None:
        await self._by_name[found.deed](found.arg, rest)

    async def _go(self, section: str, rest: str) -> None:
        await self._app.action_go(section)
        if rest.startswith("/") and isinstance(self._app.screen, DeckScreen):
            self._app.screen.set_filter(rest[1:])

    async def _servers(self, capability: str, rest: str) -> None:
        if rest and not capability and not rest.startswith("/"):
            self._app.open_server(rest)
            return
        screen = self._app.screen
        if capability == "dns" and isinstance(screen, DeckScreen) and screen.show_service_tab("dns"):
            return
        await self._go("servers", rest)
        if isinstance(self._app.screen, DeckScreen):
            self._app.screen.show_only(capability)

    async def _groups(self, arg: str, rest: str) -> None:
        if rest and not rest.startswith("/"):
            self._app.open_group(rest)
        else:
            await self._go("groups", rest)

    async def _server(self, word: str, rest: str) -> None:
        """A word about the server shown or marked, or about the one that is named."""
        screen = self._app.screen
        if not isinstance(screen, DeckScreen):
            return
        from hostdeck.screens import server_wishes

        row = screen.chosen_server
        if row is None or rest:
            screen.say(f"':{word}' is for the server shown or marked; ':servers' lists them", Tone.WAITING)
        elif word == "disable":
            server_wishes.disable(screen, row)
        elif word == "drain":
            server_wishes.drain(screen, row)
        elif word == "activate":
            server_wishes.activate(screen, row)

    async def _services(self, arg: str, rest: str) -> None:
        if rest and not rest.startswith("/"):
            self._app.open_service(rest)
        else:
            await self._go("services", rest)

    async def _tab(self, tab: str, rest: str) -> None:
        """A tab of the service that is named, else of the one shown or marked."""
        screen = self._app.screen
        if rest:
            self._app.open_service(rest, tab)
        elif not isinstance(screen, DeckScreen) or screen.show_service_tab(tab):
            return
        elif screen.chosen_service is not None:
            self._app.open_service(screen.chosen_service[0], tab)
        else:
            screen.say("say of which service, such as ':mailboxes customer.com', or open one", Tone.WAITING)

    async def _zones(self, arg: str, rest: str) -> None:
        if rest and not rest.startswith("/"):
            self._app.open_zone(rest)
        else:
            await self._go("zones", rest)

    async def _causes(self, arg: str, rest: str) -> None:
        screen = await self._app.show("causes")
        if rest.startswith("/"):
            screen.set_filter(rest[1:])

    async def _certificates(self, arg: str, rest: str) -> None:
        screen = await self._app.show("certificates")
        if rest.startswith("/"):
            screen.set_filter(rest[1:])

    async def _tasks(self, arg: str, rest: str) -> None:
        if NUMBER.fullmatch(number := rest.removeprefix("#")):
            self._app.open_task(int(number))
        else:
            await self._go("tasks", f"/{rest.removeprefix('/')}" if rest else "")
            if rest and not rest.startswith("/"):
                self._app.say(f"'{safe(rest)}' is no task's number; '/' narrows the list", Tone.WAITING)

    async def _tickets(self, arg: str, rest: str) -> None:
        if NUMBER.fullmatch(number := rest.removeprefix("#")):
            self._app.open_ticket(int(number))
            return
        await self._app.open_tickets()
        if rest.startswith("/") and isinstance(self._app.screen, DeckScreen):
            self._app.screen.set_filter(rest[1:])

    async def _merge(self, arg: str, rest: str) -> None:
        screen = self._app.screen
        if (merge := getattr(screen, "action_merge", None)) is not None:
            merge()
        elif isinstance(screen, DeckScreen):
            screen.say("':merge' is for a task or a service that is shown", Tone.WAITING)

    async def _save_log(self, arg: str, rest: str) -> None:
        screen = self._app.screen
        if not isinstance(screen, DeckScreen):
            return
        from hostdeck.screens.log_exports import FORMS
        from hostdeck.screens.log_frame import LogFrame

        frame = next((frame for frame in screen.query(LogFrame) if frame.is_seen), None)
        if frame is None:
            screen.say("there is no log here; open a task, such as ':task 12'", Tone.WAITING)
        elif rest and rest not in FORMS:
            screen.say(f"':save-log' takes {' or '.join(FORMS)}, not '{rest}'", Tone.WAITING)
        else:
            frame.save(rest)

    async def _doctor(self, arg: str, rest: str) -> None:
        await self._app.open_doctor()

    async def _wall(self, arg: str, rest: str) -> None:
        self._app.action_wall()

    async def _order(self, arg: str, rest: str) -> None:
        screen = self._app.screen
        if not isinstance(screen, DeckScreen) or screen.may_change():
            self._app.order(rest)

    async def _products(self, arg: str, rest: str) -> None:
        if rest and not rest.startswith("/"):
            self._app.open_product(rest)
        else:
            await self._go("products", rest)

    async def _delete(self, arg: str, rest: str) -> None:
        screen = self._app.screen
        remove = getattr(screen, "action_remove", None)
        if remove is not None:
            remove()
        elif isinstance(screen, DeckScreen):
            screen.say("':delete' is for what is marked under ':products', ':groups' or ':servers'", Tone.WAITING)

    async def _wish(self, word: str, rest: str) -> None:
        screen = self._app.screen
        if not isinstance(screen, DeckScreen):
            return
        from hostdeck.screens import service_wishes

        chosen = screen.chosen_service
        if chosen is None:
            screen.say(f"':{word}' is for a service; open one, or mark it in the list", Tone.WAITING)
            return
        if word == "change-product":
            service_wishes.begin(screen, *chosen, word, rest)
            return
        if rest not in ("", "--hard") or (rest and word != "redeploy"):
            screen.say(f"':{word}' takes no '{rest}'", Tone.WAITING)
            return
        service_wishes.begin(screen, *chosen, f"{word} {rest}".strip())

    async def _commands(self, arg: str, rest: str) -> None:
        screen = await self._app.show("commands")
        if rest.startswith("/"):
            screen.set_filter(rest[1:])

    async def _events(self, arg: str, rest: str) -> None:
        await self._app.show("events")

    async def _tree(self, arg: str, rest: str) -> None:
        await self._app.show("tree")

    async def _act(self, action: str, rest: str) -> None:
        """What has a key on this screen, by its word."""
        deed = getattr(self._app.screen, f"action_{action}", None)
        if deed is None:
            self._app.say(f"':{action}' has nothing to act on here", Tone.WAITING)
        else:
            deed()

    async def _undo(self, arg: str, rest: str) -> None:
        number = rest.strip().removeprefix("#")
        if number and not (number.isascii() and number.isdigit() and len(number) < 10):
            self._app.say(f"'{safe(rest.strip())}' is no number of a wish; 8 lists them", Tone.WAITING)
        else:
            self._app.action_undo(int(number) if number else None)

    async def _describe(self, arg: str, rest: str) -> None:
        if isinstance(self._app.screen, DeckScreen):
            self._app.screen.action_describe(bool(arg))

    async def _wide(self, arg: str, rest: str) -> None:
        if isinstance(self._app.screen, DeckScreen) and self._app.screen.table is not None:
            self._app.screen.table.action_wide()

    async def _columns(self, arg: str, rest: str) -> None:
        if isinstance(self._app.screen, DeckScreen):
            self._app.screen.pick_columns()

    async def _save(self, arg: str, word: str) -> None:
        screen = self._app.screen
        if not isinstance(screen, DeckScreen) or not screen.LIST or screen.table is None:
            self._app.say("':save' names the filter of a list; there is none here", Tone.WAITING)
        elif not NAME.fullmatch(word) or command(word) is not None:
            self._app.say("':save night': a word in small letters that is no command yet", Tone.WAITING)
        else:
            self._app.views.name(word, screen.LIST, screen.view(screen.table))
            self._app.keep_view(screen.LIST, screen.view(screen.table))
            how_long = "again" if self._app.views.lasting else "again, in this session"
            screen.say(f"':{word}' shows this list like this {how_long}")

    async def _forget(self, arg: str, word: str) -> None:
        known = self._app.views.forget(word)
        self._app.views_changed()
        self._app.say(f"':{word}' is forgotten" if known else f"no view is called '{word}'", Tone.WAITING)

    async def named_view(self, word: str) -> bool:
        """Goes to the view the operator has named so; False where there is none."""
        if (named := self._app.views.named(word)) is None or (found := command(named.section)) is None:
            return False
        await self.do(found, "")
        screen = self._app.screen
        if isinstance(screen, DeckScreen) and screen.table is not None:
            screen.restore(screen.table, named.view)
        return True

    async def _frame(self, action: str, rest: str) -> None:
        getattr(self._app, f"action_{action}")()

    async def _every(self, arg: str, rest: str) -> None:
        found = EVERY.fullmatch(rest)
        if found is None or float(found["seconds"]) > 3600:
            self._app.say("':every 5s': so many seconds, up to an hour; 0 for at once", Tone.WAITING)
        else:
            self._app.feed.least = float(found["seconds"])
            self._app.draw_frames()
            self._app.say(
                f"looks at most every {rest.rstrip('s')} s" if self._app.feed.least else "looks at once again"
            )

    async def _mouse(self, arg: str, rest: str) -> None:
        if rest in ("on", "off"):
            self._app.set_mouse(rest == "on")
        else:
            self._app.say("':mouse off' or ':mouse on'", Tone.WAITING)

    async def _theme(self, arg: str, rest: str) -> None:
        self._app.wear_theme(rest)

    async def _keys(self, arg: str, rest: str) -> None:
        from hostdeck.tui.widgets.key_probe import KeyProbe

        bindings = self._app.screen.active_bindings

        def does(key: str) -> tuple[str, str] | None:
            active = bindings.get(key)
            return (active.binding.id or "", active.binding.description) if active is not None else None

        await self._app.push_screen(KeyProbe(does))

    async def _reread(self, arg: str, rest: str) -> None:
        self._app.action_reread()

    async def _help(self, arg: str, rest: str) -> None:
        self._app.action_help()

    async def _leave(self, arg: str, rest: str) -> None:
        self._app.exit()
