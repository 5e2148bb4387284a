"""Which nodes of a group a wish is for, and which keys a node may be told: two guards that know nothing of each other.
Pure.

`recipients` decides who gets a task at all; `keys_for` and `wanted_for` decide what a node may receive, and are asked
once more by the worker, of the node's own row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from hostdeck.core.domain.config_keys import BY_KEY, MANAGED
from hostdeck.core.domain.placement import Node
from hostdeck.core.domain.vocabulary import Driver, Role, ServerStatus, Target

NO_CONFIG = "skipped: no hestia.conf"


class Push(StrEnum):
    """What a group's servers are told (`--to`)."""

    ALL = "all"
    WEB = "web"
    MAIL = "mail"
    DNS = "dns"
    FILES = "files"
    STATUS = "status"

    @property
    def is_config(self) -> bool:
        return self in (Push.ALL, Push.WEB, Push.MAIL, Push.DNS)


@dataclass(frozen=True, slots=True)
class Recipients:
    """Who gets a task, and who does not with the reason."""

    chosen: tuple[Node, ...]
    passed_over: tuple[tuple[Node, str], ...]


def recipients(to: Push, nodes: Iterable[Node]) -> Recipients:
    """Of a group's servers and attached nameservers, in the order of their names."""
    chosen: list[Node] = []
    over: list[tuple[Node, str]] = []
    for node in sorted(nodes, key=lambda node: node.name):
        why = _why_not(to, node)
        if why is None:
            chosen.append(node)
        else:
            over.append((node, why))
    return Recipients(tuple(chosen), tuple(over))


def _why_not(to: Push, node: Node) -> str | None:
    if node.status is not ServerStatus.ACTIVE:
        return f"skipped: {node.status}"
    if to is Push.STATUS:
        return None
    if to.is_config and to is not Push.ALL and Role(to.value) not in node.capabilities:
        return f"skipped: not {to}"
    return NO_CONFIG if node.driver is not Driver.HESTIA else None


def is_for(target: Target, capabilities: frozenset[Role], driver: Driver) -> bool:
    """Whether a setting or a file of this category may reach such a node."""
    if driver is not Driver.HESTIA or not capabilities:
        return False
    return target is Target.ALL or Role(target.value) in capabilities


def keys_for(capabilities: frozenset[Role], driver: Driver) -> frozenset[str]:
    """The keys that may ever be sent to such a node."""
    return frozenset(spec.key for spec in MANAGED if is_for(spec.target, capabilities, driver))


def wanted_for(node: Node, group_config: Mapping[str, str]) -> dict[str, str]:
    """What of a group's managed keys this node shall have, in the catalogue's order."""
    return permitted(node.capabilities, node.driver, group_config)


def permitted(capabilities: frozenset[Role], driver: Driver, values: Mapping[str, str]) -> dict[str, str]:
    """The pairs that may reach a node of these capabilities; the others are left out."""
    allowed = keys_for(capabilities, driver)
    return {key: values[key] for key in BY_KEY if key in values and key in allowed}


@dataclass(frozen=True, slots=True)
class Difference:
    """`live` None: the node has no such key."""

    key: str
    wanted: str
    live: str | None


def drift(wanted: Mapping[str, str], live: Mapping[str, str]) -> tuple[Difference, ...]:
    """What differs. A key that is not in the file reads as empty, to Hestia as well."""
    return tuple(Difference(key, value, live.get(key)) for key, value in wanted.items() if live.get(key, "") != value)
