"""Which roles a service really has."""

from __future__ import annotations

from hostdeck.core.domain.product import Limits
from hostdeck.core.domain.vocabulary import Role

GATE = {Role.WEB: "web_disk_quota", Role.MAIL: "mail_disk_quota"}


def enabled_roles(ticked: frozenset[Role], limits: Limits) -> frozenset[Role]:
    """Ticked and not switched off by a zero disk quota; DNS has no quota that could switch it off."""
    return frozenset(role for role in ticked if role not in GATE or limits.quota(GATE[role]) != 0)


def why_off(role: Role, ticked: frozenset[Role], limits: Limits) -> str | None:
    """The reason a role is absent, in words for a plan; None where the role is on."""
    if role not in ticked:
        return "not ticked in the product"
    if role in GATE and limits.quota(GATE[role]) == 0:
        return f"{GATE[role]} is 0 (from the {limits.origin[GATE[role]]})"
    return None
