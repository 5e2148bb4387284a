"""What a product's mode means in words, the usual choices of roles, and which limits count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hostdeck.core.domain.product import LIMITS, Limits, LimitSpec
from hostdeck.core.domain.vocabulary import Mode, Role
from hostdeck.core.errors import Invalid


@dataclass(frozen=True, slots=True)
class ModeWords:
    """One line on what a mode does on the nodes, and one on what it is best for."""

    consequence: str
    best_for: str


MODE_WORDS: dict[Mode, ModeWords] = {
    Mode.SPLIT: ModeWords("a user for each role, on the node made for it", "isolation: no tier can starve another"),
    Mode.UNIFIED: ModeWords("one user for web and mail, on one node", "density: one account, one number of backups"),
    Mode.VANITY: ModeWords("a name on your domain: a site and a mailbox", "resale: nothing of the domain is touched"),
}

PRESETS: dict[str, tuple[Role, ...]] = {
    "full": (Role.WEB, Role.MAIL, Role.DNS),
    "website-only": (Role.WEB, Role.DNS),
    "mail-only": (Role.MAIL, Role.DNS),
}
"""DNS is in all of them: without a zone neither visitors nor senders find the service."""


def preset_roles(name: str) -> tuple[str, ...]:
    """The role words of a preset."""
    if name not in PRESETS:
        raise Invalid("preset", f"use {', '.join(PRESETS)}", "PRD_PRESET")
    return tuple(str(role) for role in PRESETS[name])


def preset_of(roles: Iterable[Role]) -> str | None:
    """The preset that ticks exactly these."""
    ticked = set(roles)
    return next((name for name, of in PRESETS.items() if set(of) == ticked), None)


@dataclass(frozen=True, slots=True)
class LimitSection:
    title: str
    limits: tuple[LimitSpec, ...]


def limit_sections(mode: Mode, roles: Iterable[Role]) -> tuple[LimitSection, ...]:
    """The limits that count, by role. A unified account has one number of backups in place of two; vanity has limits
    of its own only (`features.md` 13, 21, 22)."""
    if mode is Mode.VANITY:
        return (LimitSection("Vanity", _beginning("vanity_")),)
    left_out = ("web_backups", "mail_backups") if mode is Mode.UNIFIED else ("account_backups",)
    ticked = set(roles)
    sections = [
        LimitSection("DNS" if role is Role.DNS else role.capitalize(), _beginning(f"{role}_", left_out))
        for role in Role
        if role in ticked
    ]
    own = ("vanity_", *(f"{role}_" for role in Role))
    rest = tuple(spec for spec in LIMITS if not spec.key.startswith(own) and spec.key not in left_out)
    return (*sections, *((LimitSection("Account", rest),) if rest else ()))


def check_final_backup(mode: Mode, roles: Iterable[Role], limits: Limits) -> None:
    """Refuses a last backup of an account that may have none: its termination would never get further."""
    if limits.text("final_backup") == "yes":
        for key in _backup_limits(mode, frozenset(roles)):
            if limits.quota(key) == 0:
                raise Invalid("final_backup", f"{key} is 0, so no backup may be taken; raise it", "LIM_BACKUP")


def _backup_limits(mode: Mode, roles: frozenset[Role]) -> tuple[str, ...]:
    """A sold name's website is an account like any other, although its number of backups is never asked for."""
    if mode is Mode.VANITY:
        return ("web_backups",) if Role.WEB in roles else ()
    return tuple(spec.key for spec in limits_that_count(mode, roles) if spec.key.endswith("_backups"))


def limits_that_count(mode: Mode, roles: Iterable[Role]) -> tuple[LimitSpec, ...]:
    return tuple(spec for section in limit_sections(mode, roles) for spec in section.limits)


def _beginning(start: str, left_out: tuple[str, ...] = ()) -> tuple[LimitSpec, ...]:
    return tuple(spec for spec in LIMITS if spec.key.startswith(start) and spec.key not in left_out)
