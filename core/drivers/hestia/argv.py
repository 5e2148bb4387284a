"""A Hestia command as an argument list: a look, or an act."""

from __future__ import annotations

from hostdeck.core.drivers.guard import Argument, GuardStep
from hostdeck.core.drivers.hestia.layout import Layout

Steps = tuple[GuardStep, ...]


def look(layout: Layout, name: str, *args: str) -> tuple[Argument, ...]:
    return (layout.command(name), *args)


def act(layout: Layout, name: str, *args: Argument) -> GuardStep:
    return GuardStep((layout.command(name), *args), "any")


def only_if(argv: tuple[Argument, ...], accept: str) -> GuardStep:
    """A look inside an exec; what follows runs only after the accepted codes."""
    return GuardStep(argv, accept, quiet=True, looks=True)
