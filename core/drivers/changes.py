"""What a node can be told: the changes of an account of ours. Plain values, as in `language`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hostdeck.core.domain.zone import ZoneRecord
from hostdeck.core.drivers.language import Change
from hostdeck.core.transport.base import Secret


@dataclass(frozen=True)
class PutPackage(Change):
    """Writes a package; `replace` where one of that name is there already."""

    package: str
    values: Mapping[str, str]
    replace: bool


@dataclass(frozen=True)
class AddUser(Change):
    """`mark_contact` and `mark_name` are the ownership mark, in the contact address and in NAME."""

    user: str
    password: Secret
    mark_contact: str
    package: str
    mark_name: str


@dataclass(frozen=True)
class UndoUser(Change):
    """Removes a half-made user that carries our mark; checked once more on the node before anything goes."""

    user: str
    mark_contact: str
    has_data: bool


@dataclass(frozen=True)
class JailUser(Change):
    user: str


@dataclass(frozen=True)
class ChangeContact(Change):
    user: str
    contact: str


@dataclass(frozen=True)
class ChangePackage(Change):
    user: str
    package: str


@dataclass(frozen=True)
class AddWebDomain(Change):
    user: str
    domain: str
    ip: str
    aliases: tuple[str, ...]


@dataclass(frozen=True)
class RebuildWebDomain(Change):
    user: str
    domain: str


@dataclass(frozen=True)
class ChangeBackend(Change):
    user: str
    domain: str
    template: str


@dataclass(frozen=True)
class AddMailDomain(Change):
    user: str
    domain: str


@dataclass(frozen=True)
class AddDkim(Change):
    user: str
    domain: str


@dataclass(frozen=True)
class AddZone(Change):
    user: str
    domain: str
    ip: str
    nameservers: tuple[str, ...]


@dataclass(frozen=True)
class SwapZone(Change):
    """Puts all records of a zone in place of the present ones, at once."""

    user: str
    domain: str
    records: tuple[ZoneRecord, ...]


@dataclass(frozen=True)
class RemoveZone(Change):
    """`user` as in AskZone."""

    user: str
    domain: str


@dataclass(frozen=True)
class SuspendUser(Change):
    """The user and all it holds, after `mark` was found in its NAME in the same exec; so with all changes below."""

    user: str
    mark: str


@dataclass(frozen=True)
class SuspendWebDomain(Change):
    """One domain of a user that is suspended already: v-suspend-user refuses such a user (exit 5)."""

    user: str
    mark: str
    domain: str


@dataclass(frozen=True)
class SuspendMailDomain(Change):
    """As SuspendWebDomain."""

    user: str
    mark: str
    domain: str


@dataclass(frozen=True)
class Reload(Change):
    """Nothing but the reload that follows every change: what is listed has not reached people yet."""


@dataclass(frozen=True)
class UnsuspendUser(Change):
    user: str
    mark: str


@dataclass(frozen=True)
class RemoveUser(Change):
    """A whole user and all it holds."""

    user: str
    mark: str


@dataclass(frozen=True)
class ScheduleBackup(Change):
    """Queues a backup of a user; the node's own cron takes it, every five minutes (`hestia.md` 9)."""

    user: str
    mark: str


@dataclass(frozen=True)
class ScheduleRestore(Change):
    """Queues a restore; each part is `*`, `no`, or names with commas between them."""

    user: str
    mark: str
    archive: str
    parts: Mapping[str, str]


@dataclass(frozen=True)
class RemoveBackup(Change):
    """Deletes an archive from the node's list and from where it lies."""

    user: str
    mark: str
    archive: str


@dataclass(frozen=True)
class RemovePackage(Change):
    package: str


@dataclass(frozen=True)
class IssueCertificate(Change):
    """`mail`: for the mail domain; its names are the node's own choice, `aliases` is empty."""

    user: str
    domain: str
    aliases: tuple[str, ...]
    mail: bool = False


@dataclass(frozen=True)
class InstallCertificate(Change):
    """A certificate of one's own; the three are PEM in base64, one line each. `stands`: the domain has one already.
    `anew`: that is taken away first, so that nothing of it is left: neither its chain nor Let's Encrypt's renewal.
    `forced` and `hsts`, which go with it, come back."""

    user: str
    domain: str
    certificate: Secret
    key: Secret
    chain: Secret | None
    mail: bool = False
    stands: bool = False
    anew: bool = False
    forced: bool = False
    hsts: bool = False


@dataclass(frozen=True)
class RemoveCertificate(Change):
    """The domain is served without TLS afterwards."""

    user: str
    domain: str
    mail: bool = False


@dataclass(frozen=True)
class SetConfig(Change):
    """Sets keys of `hestia.conf`: each with the command that makes it take effect, run one after the other."""

    keys: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class PutFile(Change):
    """Puts a standard file in its place, whole; `content` travels as secrets do, `digest` is its SHA-256 in hex."""

    path: str
    content: Secret
    digest: str
