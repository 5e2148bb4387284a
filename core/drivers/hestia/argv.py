"""A Hestia command as an argument list: a look, or an act."""

from __future__ import annotations

from hostdeck.core.drivers.guard import Argument, GuardStep
from hostdeck.core.drivers.hestia import scripts
from hostdeck.core.drivers.hestia.layout import Layout
from hostdeck.core.drivers.language import Owner

Steps = tuple[GuardStep, ...]


def look(layout: Layout, name: str, *args: str) -> tuple[Argument, ...]:
    return (layout.command(name), *args)


def act(layout: Layout, name: str, *args: Argument) -> GuardStep:
    return GuardStep((layout.command(name), *args), "any")


def only_if(argv: tuple[Argument, ...], accept: str) -> GuardStep:
    """A look inside an exec; what follows runs only after the accepted codes."""
    return GuardStep(argv, accept, quiet=True, looks=True)


def owner_step(owner: Owner, layout: Layout, accept: str) -> GuardStep:
    """Whose is the user? Runs before everything else in an exec that looks into or changes one."""
    return GuardStep(scripts.script(scripts.OWNED, "owned", owner.user, owner.name, layout.users), accept, looks=True)
