"""What a node can be asked of all its users at once: one listing feeds every service that stands on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from hostdeck.core.domain.usage import Mailbox
from hostdeck.core.drivers.language import Question


@dataclass(frozen=True)
class NodeUsage:
    """What each user of a node uses, by `core.domain.usage.COUNTED`, and the MB of mailboxes by `name@parent`;
    `names` is each user's NAME, `backups` the age in seconds of the newest backup of each that has any; `full` the
    fullest mailbox of each that has one nearly full. Disk and
    traffic are what the node reckoned in the night (`hestia.md` 5.3), the rest is as it is now."""

    users: Mapping[str, Mapping[str, int]]
    mailboxes: Mapping[str, int]
    names: Mapping[str, str]
    backups: Mapping[str, int] = field(default_factory=dict)
    full: Mapping[str, Mailbox] = field(default_factory=dict)


@dataclass(frozen=True)
class AskNodeUsage(Question[NodeUsage]):
    """`parents` are the provider's (user, parent domain) on this node: names are sold as mailboxes there."""

    decides: ClassVar[bool] = False
    parents: tuple[tuple[str, str], ...] = ()
