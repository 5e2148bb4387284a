"""What the `:` words do, each with what was typed after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hostdeck.screens import server_wishes, service_wishes
from hostdeck.screens.base import DeckScreen
from hostdeck.screens.causes import Causes
from hostdeck.screens.certificates import Certificates
from hostdeck.screens.group import GroupScreen
from hostdeck.screens.groups import Groups
from hostdeck.screens.products import Products
from hostdeck.screens.server import ServerScreen
from hostdeck.screens.servers import Servers
from hostdeck.screens.service import ServiceScreen
from hostdeck.screens.services import Services
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.commands import Command

if TYPE_CHECKING:
    from hostdeck.tui.app import HostdeckApp


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
            "order": self._order,
            "products": self._products,
            "doctor": self._doctor,
            "delete": self._delete,
            "wish": self._wish,
            "undo": self._undo,
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
        if capability == "dns" and isinstance(self._app.screen, ServiceScreen):
            await self._tab("dns", rest)
            return
        await self._go("servers", rest)
        if isinstance(self._app.screen, Servers):
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
        row = screen.chosen_server if isinstance(screen, ServerScreen | Servers) else None
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
        chosen = screen.chosen_service if isinstance(screen, ServiceScreen | Services) else None
        if rest:
            self._app.open_service(rest, tab)
        elif isinstance(screen, ServiceScreen):
            screen.show_tab(tab)
        elif chosen is not None:
            self._app.open_service(chosen[0], tab)
        elif isinstance(screen, DeckScreen):
            screen.say("say of which service, such as ':mailboxes customer.com', or open one", Tone.WAITING)

    async def _zones(self, arg: str, rest: str) -> None:
        if rest and not rest.startswith("/"):
            self._app.open_zone(rest)
        else:
            await self._go("zones", rest)

    async def _causes(self, arg: str, rest: str) -> None:
        if not isinstance(self._app.screen, Causes):
            await self._app.push_screen(Causes())
        if rest.startswith("/") and isinstance(self._app.screen, Causes):
            self._app.screen.set_filter(rest[1:])

    async def _certificates(self, arg: str, rest: str) -> None:
        if not isinstance(self._app.screen, Certificates):
            await self._app.push_screen(Certificates())
        if rest.startswith("/") and isinstance(self._app.screen, Certificates):
            self._app.screen.set_filter(rest[1:])

    async def _tasks(self, arg: str, rest: str) -> None:
        if (number := rest.removeprefix("#")).isdecimal():
            self._app.open_task(int(number))
        else:
            await self._go("tasks", rest)

    async def _tickets(self, arg: str, rest: str) -> None:
        if (number := rest.removeprefix("#")).isdecimal():
            self._app.open_ticket(int(number))
            return
        await self._app.open_tickets()
        if rest.startswith("/") and isinstance(self._app.screen, DeckScreen):
            self._app.screen.set_filter(rest[1:])

    async def _doctor(self, arg: str, rest: str) -> None:
        await self._app.open_doctor()

    async def _order(self, arg: str, rest: str) -> None:
        self._app.order(rest)

    async def _products(self, arg: str, rest: str) -> None:
        if rest and not rest.startswith("/"):
            self._app.open_product(rest)
        else:
            await self._go("products", rest)

    async def _delete(self, arg: str, rest: str) -> None:
        screen = self._app.screen
        if isinstance(screen, Products | Groups | GroupScreen | Servers | ServerScreen | ServiceScreen):
            screen.action_remove()
        elif isinstance(screen, DeckScreen):
            screen.say("':delete' is for what is marked under ':products', ':groups' or ':servers'", Tone.WAITING)

    async def _wish(self, word: str, rest: str) -> None:
        screen = self._app.screen
        chosen = screen.chosen_service if isinstance(screen, ServiceScreen | Services) else None
        if not isinstance(screen, DeckScreen):
            return
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

    async def _undo(self, arg: str, rest: str) -> None:
        self._app.action_undo()

    async def _reread(self, arg: str, rest: str) -> None:
        self._app.action_reread()

    async def _help(self, arg: str, rest: str) -> None:
        self._app.action_help()

    async def _leave(self, arg: str, rest: str) -> None:
        self._app.exit()
