"""Which screen is behind which name. Each is loaded when it is first shown, or shortly after the console stands: all of
them together take longer to load than the terminal to draw the first.
"""

from __future__ import annotations

from importlib import import_module

from hostdeck.screens.base import DeckScreen

SCREENS = {
    "home": "home:Home",
    "servers": "servers:Servers",
    "groups": "groups:Groups",
    "services": "services:Services",
    "zones": "zones:Zones",
    "tasks": "tasks:Tasks",
    "stats": "stats:Stats",
    "audit": "audit:AuditScreen",
    "settings": "settings:SettingsScreen",
    "products": "products:Products",
    "service": "service:ServiceScreen",
    "task": "task:TaskScreen",
    "server": "server:ServerScreen",
    "server form": "server_form:ServerFormScreen",
    "group": "group:GroupScreen",
    "product": "product:ProductScreen",
    "order": "order:Order",
    "zone": "zone:ZoneScreen",
    "ticket": "ticket:TicketScreen",
    "tickets": "tickets:Tickets",
    "run log": "run_log:RunLog",
    "certificates": "certificates:Certificates",
    "commands": "command_log:CommandLog",
    "events": "events:Events",
    "tree": "tree:Tree",
    "causes": "causes:Causes",
    "doctor": "doctor:Doctor",
}
"""In the order in which they are likely to be wanted."""


def screen_class(name: str) -> type[DeckScreen]:
    module, _, kind = SCREENS[name].partition(":")
    found: type[DeckScreen] = getattr(import_module(f"hostdeck.screens.{module}"), kind)
    return found


def load_all() -> None:
    """So that every key of every screen has its name."""
    for name in SCREENS:
        screen_class(name)
