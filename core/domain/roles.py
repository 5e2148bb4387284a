"""Which roles a service really has."""

from __future__ import annotations

from hostdeck.core.domain.product import Limits
from hostdeck.core.domain.vocabulary import Mode, Role

_GATE = {Role.WEB: "web_disk_quota", Role.MAIL: "mail_disk_quota"}
_VANITY_GATE = {Role.WEB: "vanity_site_disk_quota", Role.MAIL: "vanity_mail_quota"}


def gate_of(mode: Mode) -> dict[Role, str]:
    """The limit that switches a role off when it is 0."""
    return _VANITY_GATE if mode is Mode.VANITY else _GATE


def enabled_roles(ticked: frozenset[Role], limits: Limits, mode: Mode = Mode.SPLIT) -> frozenset[Role]:
    """Ticked and not switched off by a zero quota; DNS has no quota that could switch it off."""
    gate = gate_of(mode)
    return frozenset(role for role in ticked if role not in gate or limits.quota(gate[role]) != 0)


def why_off(role: Role, ticked: frozenset[Role], limits: Limits, mode: Mode = Mode.SPLIT) -> str | None:
    """The reason a role is absent, in words for a plan; None where the role is on."""
    gate = gate_of(mode)
    if role not in ticked:
        return "not ticked in the product"
    if role in gate and limits.quota(gate[role]) == 0:
        return f"{gate[role]} is 0 (from the {limits.origin[gate[role]]})"
    return None
