"""Things on a node that hostdeck did not make: other people's users, and users left half-made."""

from __future__ import annotations

from hostdeck.core.sim.hestia.book import User
from hostdeck.core.sim.hestia.machine import Machine, count
from hostdeck.core.sim.hestia.users import jail, make_conf, make_home

STAGES = ("useradd", "home", "data", "conf", "jail")


def add_user(machine: Machine, name: str, contact: str, full_name: str) -> None:
    """A whole user of somebody else's in package `default`."""
    half(machine, name, contact, "jail", full_name)
    jail(machine, name)


def half(machine: Machine, name: str, mark: str, stage: str, full_name: str = "") -> None:
    """What v-add-user leaves when killed at a stage (`hestia-recipes.md` 2, "Half-made users")."""
    reached = STAGES.index(stage)
    home = f"{machine.homes}/{name}"
    machine.add_account(name, mark, home, "/sbin/nologin")
    if reached >= 1:
        machine.book.hestia_users.append(name)
        machine.book.make(home, f"{home}/conf")
    if reached >= 2:
        make_home(machine, name)
        machine.book.users[name] = User()
    if reached >= 3:
        machine.book.users[name].conf = make_conf(machine, name, "default", mark, full_name)
    if reached >= 4:
        count(machine.book.users[machine.root], "U_USERS")
