"""Backups of an account: how many are kept, and what of one may be put back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hostdeck.core.domain.archives import PARTS, is_plain
from hostdeck.core.domain.life import HOSTING
from hostdeck.core.domain.product import Limits, hours_of
from hostdeck.core.domain.text import safe
from hostdeck.core.domain.vocabulary import Role
from hostdeck.core.errors import Invalid

ROLE_OF_PART = {"web": Role.WEB, "db": Role.WEB, "cron": Role.WEB, "udir": Role.WEB, "mail": Role.MAIL}
"""A zone is no part that is put back on its own: its records stand in rows, and are published from there."""


def backup_role(roles: Iterable[Role]) -> Role | None:
    """The role by which the backups of an account go; None for a nameserver's, which nobody backs up."""
    held = frozenset(roles)
    return next((role for role in HOSTING if role in held), None)


def kept_archives(roles: Iterable[Role], limits: Limits, *, combined: bool) -> tuple[str, int]:
    """The limit that says how many archives the node keeps of an account, and the number; `combined` as in
    PlannedAccount."""
    key = "account_backups" if combined else f"{backup_role(roles) or Role.WEB}_backups"
    return key, int(limits.text(key))


def backup_hours(every: str, general: float) -> float:
    """Hours between two backups of a service by its own `backup_every`; by `general`, the setting, where that is empty.
    0 is never."""
    return float(hours_of(every)) if every else general


LATE = 24.0
"""Hours that a backup may come late: nodes take one after the other."""


def too_old(every: str, max_age: float) -> float:
    """Hours after which an account has no young enough backup: the setting's, or later where it is sold with rarer
    ones."""
    return max(max_age, hours_of(every) + LATE) if every and hours_of(every) else max_age


def parts_to_restore(roles: Iterable[Role], wanted: Mapping[str, str]) -> dict[str, str]:
    """Every part as a restore is told: `*`, `no`, or names with commas between. Nothing wanted is all that the account
    is for. Invalid [BKP_PART] for a part that is none, or that the account is not for."""
    held = frozenset(roles)
    ours = {part for part, role in ROLE_OF_PART.items() if role in held}
    for part, names in wanted.items():
        if part not in PARTS:
            raise Invalid("part", f"'{safe(part)}' is no part of a backup; use {', '.join(sorted(ours))}", "BKP_PART")
        if part == "dns":
            text = "is not put back from a backup: it would undo what was published since. Use 'hostdeck zone' instead"
            raise Invalid("part", f"dns {text}", "BKP_PART")
        if part not in ours:
            raise Invalid("part", f"{part} is not what this account is for; use {', '.join(sorted(ours))}", "BKP_PART")
        if names != "*" and not all(map(is_plain, names.split(","))):
            raise Invalid("part", f"{part}: use * or names with commas between them", "BKP_PART")
    return {part: wanted.get(part, "no") if wanted else ("*" if part in ours else "no") for part in PARTS}


def missing_parts(parts: Mapping[str, str], archive: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """What is wanted by name and not in the archive, as `part name`."""
    return tuple(
        f"{part} {name}"
        for part, wanted in parts.items()
        if wanted not in ("*", "no")
        for name in wanted.split(",")
        if name not in archive.get(part, ())
    )
