"""What a step has learnt and the rows should know; written in the same transaction that settles its task."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hostdeck.core.domain.archives import Archive
from hostdeck.core.domain.usage import Mailbox
from hostdeck.core.domain.vocabulary import BreakerKind, Role
from hostdeck.core.errors import NotYet, Permanent


@dataclass(frozen=True, slots=True)
class DkimKnown:
    """The mail node's public key for a domain, as the text of its TXT record."""

    domain: str
    text: str


@dataclass(frozen=True, slots=True)
class ZoneServed:
    """A nameserver answers for a zone with this serial, all records as wanted."""

    domain: str
    serial: str


@dataclass(frozen=True, slots=True)
class AccountGone:
    """The node has no such user of ours any more."""

    user: str


@dataclass(frozen=True, slots=True)
class SlotOurs:
    """The node was seen without the mailbox (MAIL) or the record (DNS) of a sold name and is about to be sent it: what
    stands there from now on is ours."""

    role: Role


@dataclass(frozen=True, slots=True)
class SlotGone:
    """The node has our mailbox or record no more."""

    role: Role


@dataclass(frozen=True, slots=True)
class ItemOurs:
    """The node was seen without this item and is about to be sent it."""

    item: int


@dataclass(frozen=True, slots=True)
class ItemNotMade:
    """What was about to be sent was not made after all."""

    item: int


@dataclass(frozen=True, slots=True)
class ItemSending:
    """What the row knows of an item while the node is about to be sent another form of it."""

    item: int
    known: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ItemAsWanted:
    """The node has it as it is wanted; `known` is what else it says of it. The password has been taken: it goes from
    the row, unless another has been wished meanwhile (`secret` is the sealed text that was sent). `name` is what it is
    called from now on, where only the node could give it one."""

    item: int
    known: dict[str, Any]
    secret: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class ItemGone:
    """The node has it no more."""

    item: int


@dataclass(frozen=True, slots=True)
class BackupsListed:
    """Every archive that the node has of one account; the role is the one that its backups go by."""

    role: Role
    archives: tuple[Archive, ...]


@dataclass(frozen=True, slots=True)
class BackupProven:
    """What reading an archive through has shown: `at` (ISO), `words`, `error` (None: it is whole) and `sha256`."""

    item: int
    proven: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class BackupTried:
    """What restoring an archive for trial has shown: `at` (ISO), `words`, `error` (None: all of it came
    back) and `since`, which wish that was."""

    item: int
    tried: dict[str, str | int | None]


@dataclass(frozen=True, slots=True)
class Told:
    """What a task has to tell besides its log, as it stands in its row (`Task.result`): what a plan would send to a
    node, a check's findings, the values before a change."""

    result: dict[str, Any]


@dataclass(frozen=True, slots=True)
class HealthRead:
    """A node's figures; keys are those of the health view. `error` None means all is well."""

    facts: dict[str, Any] = field(default_factory=dict)
    error: str | None = None


@dataclass(frozen=True, slots=True)
class ConfigRead:
    """A node's whole `hestia.conf`, secrets left out."""

    live: dict[str, str]


@dataclass(frozen=True, slots=True)
class FilesRead:
    """SHA-256 of standard files on a node, by path; None where it has none."""

    digests: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class UsageRead:
    """What the users of a node use, by user name and `usage.COUNTED`; `mailboxes` are MB by `name@parent`, `names` the
    NAME of each user, which says whose it is; `backups` are seconds since the newest of each that has any, and `full`
    is the fullest mailbox of each user that has one nearly full."""

    users: dict[str, dict[str, int]]
    mailboxes: dict[str, int]
    names: dict[str, str] = field(default_factory=dict)
    backups: dict[str, int] = field(default_factory=dict)
    full: dict[str, Mailbox] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NodeTrouble:
    """The node could not be called at, and why."""

    kind: BreakerKind
    reason: str


@dataclass(frozen=True, slots=True)
class NodeReached:
    """The node answered, and let us in."""


@dataclass(frozen=True, slots=True)
class Quarantine:
    """The node's host key has changed: nobody logs in until an operator has compared it."""

    reason: str


@dataclass(frozen=True, slots=True)
class CertificateAsked:
    """A certificate is about to be asked of the authority, by `account` (SERVER/USER). Written before it is sent;
    NotYet where a published limit is reached."""

    account: str
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CertificateIssued:
    """The newest order of these names became a certificate, installed or not."""

    account: str
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CertificateUnsent:
    """The node refused the newest order of these names before anything of it reached the authority."""

    account: str
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CertificateSeen:
    """What the node has for the task's set of names, and for which of them."""

    issuer: str | None
    not_after: datetime
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OwnCertificateSeen:
    """The node has the service's own certificate for `kind` (web or mail)."""

    kind: str
    hosts: tuple[str, ...]
    issuer: str | None
    not_after: datetime


@dataclass(frozen=True, slots=True)
class OwnCertificateGone:
    """It has no certificate of that kind any more."""

    kind: str


Finding = (
    DkimKnown
    | ZoneServed
    | AccountGone
    | SlotOurs
    | SlotGone
    | ItemOurs
    | ItemNotMade
    | ItemSending
    | ItemAsWanted
    | ItemGone
    | BackupsListed
    | BackupProven
    | BackupTried
    | Told
    | HealthRead
    | ConfigRead
    | FilesRead
    | UsageRead
    | NodeTrouble
    | NodeReached
    | Quarantine
    | CertificateAsked
    | CertificateIssued
    | CertificateUnsent
    | CertificateSeen
    | OwnCertificateSeen
    | OwnCertificateGone
)


class Partly(NotYet):
    """Done but for what has to be waited for; what was learnt is kept."""

    def __init__(self, text: str, findings: tuple[Finding, ...]) -> None:
        super().__init__(text)
        self.findings = findings


class Unfit(Permanent):
    """A check that was carried out and not passed; what was learnt on the way is kept all the same. Its cause is the
    error that was met, where there was one."""

    def __init__(self, text: str, findings: tuple[Finding, ...]) -> None:
        super().__init__(text)
        self.findings = findings
