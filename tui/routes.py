"""Which screen opens on top of the one that is seen."""

from __future__ import annotations

from typing import Any

from hostdeck.screens.base import DeckScreen
from hostdeck.tui.outlets import Outlets
from hostdeck.tui.screen_table import screen_class


class Routes(Outlets):
    """By what it is about; the sections themselves are the modes of the program."""

    @staticmethod
    def _screen(name: str, *arguments: Any) -> DeckScreen:
        return screen_class(name)(*arguments)

    async def show(self, name: str) -> DeckScreen:
        """That screen on top of the others; it is not opened twice in a row."""
        kind = screen_class(name)
        if not isinstance(self.screen, kind):
            await self.push_screen(kind())
        assert isinstance(self.screen, DeckScreen)
        return self.screen

    def open_service(self, key: int | str, tab: str = "overview") -> None:
        self.push_screen(self._screen("service", key, tab))

    def open_task(self, number: int) -> None:
        self.push_screen(self._screen("task", number))

    def open_zone(self, name: str) -> None:
        self.push_screen(self._screen("zone", name))

    def open_product(self, name: str = "") -> None:
        """That product's form; an empty one for a new product."""
        self.push_screen(self._screen("product", name))

    def open_group(self, name: str) -> None:
        self.push_screen(self._screen("group", name))

    def open_server(self, name: str, tab: str = "status") -> None:
        self.push_screen(self._screen("server", name, tab))

    def open_server_form(self, name: str = "") -> None:
        """That server's form; an empty one for a new server."""
        self.push_screen(self._screen("server form", name))

    def open_ticket(self, number: int) -> None:
        self.push_screen(self._screen("ticket", number))

    async def open_tickets(self) -> None:
        await self.show("tickets")

    async def open_doctor(self) -> None:
        await self.show("doctor")

    def order(self, domain: str = "", product: str = "") -> None:
        self.push_screen(self._screen("order", domain, product))

    def open_run_log(self, task: int) -> None:
        self.push_screen(self._screen("run log", task))

    def scan_host_key(self, host: str, port: int) -> str:
        from hostdeck.core.transport.hostkey import scan

        return scan(host, port)

    def address_of(self, host: str) -> str:
        from hostdeck.tui.cli.adding import address_of

        return address_of(host)
