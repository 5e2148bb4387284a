"""What a node can be asked and told of the provider's own accounts, where names are sold on the provider's domain: one
mailbox of its mail user, one record of its zone, and whether its domain lets others stand below it. Nothing else of
the provider's can be named in a command at all: `allowed` sees to that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hostdeck.core.domain.zone import ZoneRecord
from hostdeck.core.drivers.language import Change, Question
from hostdeck.core.transport.base import Secret


@dataclass(frozen=True)
class ParentFacts:
    """Who owns the parent on this node, if anybody; whether the node keeps names below a domain for its owner
    (`enforced`), and whether that owner's web domain lets others in (`allowed`, `hestia.md` 13.3)."""

    owners: frozenset[str]
    enforced: bool
    allowed: bool

    def lets(self, user: str) -> bool:
        return not self.enforced or self.allowed or self.owners <= {user}


@dataclass(frozen=True)
class AskParent(Question[ParentFacts]):
    parent: str


@dataclass(frozen=True)
class Mailbox:
    """`quota` in MB, or unlimited; `used` in MB, as the node's nightly count has it."""

    quota: str
    suspended: bool
    used: int = 0


@dataclass(frozen=True)
class MailboxFacts:
    """The provider's mail domain (`domain`: suspended or not, None where it is not there), how many mailboxes its
    package allows and how many there are, the one asked for, and who has its name as an alias."""

    domain: bool | None
    most: str
    count: int
    mailbox: Mailbox | None
    alias_of: str | None

    @property
    def has_room(self) -> bool:
        return self.most == "unlimited" or (self.most.isdigit() and self.count < int(self.most))


@dataclass(frozen=True)
class AskMailbox(Question[MailboxFacts]):
    user: str
    parent: str
    account: str


@dataclass(frozen=True)
class RecordFacts:
    """The provider's zone (`zone`: suspended or not, None where it is not there), its owners on the node, what stands
    at the name by the panel's ids, and the addresses that the running server answers for it. `transferred`: the node
    has it from another nameserver; `signed`: with DNSSEC, by the node itself."""

    zone: bool | None
    owners: frozenset[str]
    at_name: Mapping[str, ZoneRecord]
    answers: frozenset[str]
    transferred: bool = False
    signed: bool = False


@dataclass(frozen=True)
class AskRecord(Question[RecordFacts]):
    """`user` holds the zone on a Hestia node; PowerDNS knows no users and does not look at it."""

    user: str
    parent: str
    record: ZoneRecord


@dataclass(frozen=True)
class AddMailbox(Change):
    """Made only where the node lists no such mailbox in the same exec."""

    user: str
    parent: str
    account: str
    password: Secret
    quota: str


@dataclass(frozen=True)
class ChangeMailboxQuota(Change):
    user: str
    parent: str
    account: str
    quota: str


@dataclass(frozen=True)
class ChangeMailboxPassword(Change):
    user: str
    parent: str
    account: str
    password: Secret


@dataclass(frozen=True)
class SuspendMailbox(Change):
    user: str
    parent: str
    account: str


@dataclass(frozen=True)
class UnsuspendMailbox(Change):
    user: str
    parent: str
    account: str


@dataclass(frozen=True)
class RemoveMailbox(Change):
    user: str
    parent: str
    account: str


@dataclass(frozen=True)
class AddRecord(Change):
    """Made only where nothing stands at the name in the same exec, of whatever type: a record beside a CNAME keeps the
    whole zone from loading (`hestia.md` 14.7)."""

    user: str
    parent: str
    record: ZoneRecord


@dataclass(frozen=True)
class RemoveRecord(Change):
    """Only where exactly this record stands at the name in the same exec; `id` is the panel's number of it."""

    user: str
    parent: str
    id: str
    record: ZoneRecord
