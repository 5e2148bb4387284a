"""What a node can be asked (questions), what it answers (facts), and what anything it is told is (`changes`).

Plain values, the same for every driver. A step asks, decides from the facts, and tells; a driver turns each into its
own commands. Every mandatory argument must be non-empty: to Hestia an empty user is the panel's administrator.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Generic, TypeVar

from hostdeck.core.domain.archives import Archive
from hostdeck.core.domain.zone import ZoneRecord

F_co = TypeVar("F_co", covariant=True)


class _Complete:
    """Refuses an empty text in any field, whatever builds the value."""

    def __post_init__(self) -> None:
        for item in fields(self):  # type: ignore[arg-type]
            if getattr(self, item.name) == "":
                raise ValueError(f"{type(self).__name__}: {item.name} is empty")


@dataclass(frozen=True)
class Question(_Complete, Generic[F_co]):
    """Something to look at; F is the kind of fact that answers it. `decides` False: statistics, which may be asked
    while a change is under way and must not keep one waiting. `seconds` are how long it may take, None as looks do."""

    decides: ClassVar[bool] = True
    seconds: ClassVar[float | None] = None


@dataclass(frozen=True)
class Owner(_Complete):
    """Whose a Hestia user must be before anything inside it is looked at or changed: `name` is our mark in NAME."""

    user: str
    name: str


# ------------------------------------------------------------------------------------------------ packages and users


@dataclass(frozen=True)
class Package:
    """A Hestia package: its keys and values, all text, as `v-list-user-package` gives them, and the users that live
    by it with the NAME each has."""

    values: Mapping[str, str]
    users: Mapping[str, str]


@dataclass(frozen=True)
class AskPackage(Question[Package | None]):
    package: str


@dataclass(frozen=True)
class UserListing:
    """The parts of `v-list-user` that decide; a half-made user lists with all of them empty."""

    name: str
    package: str
    contact: str
    suspended: bool


@dataclass(frozen=True)
class UserFacts:
    """A system user and what Hestia made of it (`hestia-recipes.md` 2). `gecos` None: no such user at all."""

    gecos: str | None
    listing: UserListing | None
    has_data: bool
    has_conf: bool
    in_group: bool
    in_jail: bool
    has_home: bool
    restoring: bool = False
    """A restore of it is queued or under way, and would make it anew (`hestia.md` 9)."""

    @property
    def exists(self) -> bool:
        return self.gecos is not None or self.has_data

    @property
    def complete_but_jail(self) -> bool:
        listed = self.listing is not None and bool(self.listing.package and self.listing.name)
        return listed and self.has_conf and self.in_group and self.has_home

    @property
    def whole(self) -> bool:
        return self.complete_but_jail and self.in_jail


@dataclass(frozen=True)
class AskUser(Question[UserFacts]):
    user: str


@dataclass(frozen=True)
class HostingFacts:
    """What of a user is suspended; `web` and `mail` None where it has no such domain. `site_live`: the node's web
    server gives visitors the site, not the notice; `mail_live`: its mail server takes the domain for its own."""

    user: UserListing | None
    web: bool | None
    mail: bool | None
    site_live: bool = False
    mail_live: bool = False


@dataclass(frozen=True)
class AskHosting(Question[HostingFacts]):
    """A user and its domain, as suspending sees them."""

    user: str
    domain: str


@dataclass(frozen=True)
class UseFacts:
    """What a user uses, by the package's keys; FTP is the number of FTP accounts."""

    used: Mapping[str, int]


@dataclass(frozen=True)
class AskUse(Question[UseFacts]):
    user: str
    domain: str


@dataclass(frozen=True)
class BackupFacts:
    """A user's backups. `ages` are in seconds by the node's own clock, by archive; those that are not there any more
    are left out. `allowed`: its package lets it have any; `suspended_too`: the node backs up suspended users;
    `contents` is what each holds."""

    user: UserListing | None
    allowed: bool
    suspended_too: bool
    queued: bool
    ages: Mapping[str, int]
    contents: Mapping[str, Archive] = field(default_factory=dict)


@dataclass(frozen=True)
class AskBackups(Question[BackupFacts]):
    user: str


@dataclass(frozen=True)
class RestoreFacts:
    """How the newest restore of an archive stands, by the node's own queue, processes and logs. `queued`: its line
    waits or is worked on; `busy`: another restore of the user's does; `running`: its process is there. Ages are in
    seconds by the node's clock: `asked` since it was last put in the queue, `done` since one was carried to its end,
    `failed` since one ended with `code`; None where no log has any."""

    backups: BackupFacts
    queued: bool = False
    busy: bool = False
    running: bool = False
    asked: int | None = None
    done: int | None = None
    failed: int | None = None
    code: int = 0


@dataclass(frozen=True)
class AskRestore(Question[RestoreFacts]):
    user: str
    archive: str


# ------------------------------------------------------------------------------------------------------- web and mail


@dataclass(frozen=True)
class WebDomain:
    ip: str
    aliases: tuple[str, ...]
    backend: str
    suspended: bool


@dataclass(frozen=True)
class WebFacts:
    """A web domain under our user, its document folder, and who on the node owns the name in any role."""

    domain: WebDomain | None
    has_folder: bool
    owners: frozenset[str]


@dataclass(frozen=True)
class AskWebDomain(Question[WebFacts]):
    user: str
    domain: str


@dataclass(frozen=True)
class MailFacts:
    """A mail domain under our user; `dkim` is the TXT value of its key, None where it has none."""

    exists: bool
    suspended: bool
    dkim: str | None
    owners: frozenset[str]


@dataclass(frozen=True)
class AskMailDomain(Question[MailFacts]):
    user: str
    domain: str


@dataclass(frozen=True)
class CertificateFacts:
    """A web or mail domain's certificate as the node lists it; `not_after` None where there is none. `exists`: whether
    the domain does; `webmail` is the host name of a mail domain's webmail, None where it has none. `hosts` are the
    names that the certificate is for, `aliases` those that a site answers to besides its domain; `redirect` is where
    it sends visitors and with which code, None where it does not."""

    exists: bool
    ssl: bool
    letsencrypt: bool
    not_after: datetime | None
    issuer: str | None = None
    webmail: str | None = None
    fingerprint: str | None = None
    has_chain: bool = False
    forced: bool = False
    hsts: bool = False
    hosts: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    redirect: tuple[str, str] | None = None


@dataclass(frozen=True)
class AskCertificate(Question[CertificateFacts]):
    user: str
    domain: str
    mail: bool = False


# ---------------------------------------------------------------------------------------------------------------- DNS


@dataclass(frozen=True)
class ZoneFacts:
    """A zone on one nameserver: what is listed, whether the zone file loads, and the serial that is answered."""

    exists: bool
    records: frozenset[ZoneRecord]
    serial: str | None
    loads: bool
    served_serial: str | None
    owners: frozenset[str]

    @property
    def served_as_listed(self) -> bool:
        return self.exists and self.loads and self.serial is not None and self.serial == self.served_serial


@dataclass(frozen=True)
class AskZone(Question[ZoneFacts]):
    """`user` is the Hestia user that holds the zone; on PowerDNS the account mark."""

    user: str
    domain: str


# ------------------------------------------------------------------------------------------- the node's configuration


@dataclass(frozen=True)
class ConfigFacts:
    """A node's `hestia.conf`: every key but those that hold secrets, how many lines it has, and whether the two keys
    are there without which it is no whole file (`hestia.md` 10)."""

    values: Mapping[str, str]
    lines: int

    @property
    def whole(self) -> bool:
        return bool(self.values.get("ROOT_USER")) and bool(self.values.get("VERSION"))


@dataclass(frozen=True)
class AskConfig(Question[ConfigFacts]):
    """The file itself: the panel's own listing leaves out seven keys."""


@dataclass(frozen=True)
class FileFacts:
    """SHA-256 in hex of files by path; None where there is none."""

    digests: Mapping[str, str | None]


@dataclass(frozen=True)
class AskFiles(Question[FileFacts]):
    """Standard files, by the paths they have where the panel lies in its usual place."""

    paths: tuple[str, ...]


# ------------------------------------------------------------------------------------------------------------ changes


class Service(StrEnum):
    """A service of a node that can be made to read its configuration again."""

    WEB_BACKEND = "web-backend"
    WEB = "web"
    PROXY = "proxy"
    MAIL = "mail"
    DNS = "dns"
    SERIAL = "serial"
    """What tells secondaries of a changed record, where the node leaves it to us: PowerDNS (`hestia.md` 12)."""


@dataclass(frozen=True)
class Change(_Complete):
    """Something to be told to a node."""
