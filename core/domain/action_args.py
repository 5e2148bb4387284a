"""What each action is told. Arguments stand as JSON in the task's row from the moment of the order; a step never has to
guess what was meant.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.vocabulary import Role, ServiceId


class Args(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class NoArgs(Args):
    pass


class PackageArgs(Args):
    """A Hestia package: the roles its users may use, and the service's resolved limits; `mark` is the NAME that the
    one user living by it will have. `combined`: web and mail are sold as one account, with one number of backups."""

    package: str
    mark: str
    roles: tuple[Role, ...]
    limits: dict[str, str]
    nameservers: tuple[str, ...]
    combined: bool = False


class UserArgs(Args):
    """A Hestia user and its ownership mark; `contact` is the customer's address, None keeps the mark's."""

    user: str
    package: str
    service: ServiceId
    nonce: str
    contact: str | None


class WebDomainArgs(Args):
    """A web domain; `php` is a version such as 8.3, empty for the node's own; `mark` is the NAME its user must have."""

    user: str
    mark: str
    domain: str
    ip: str
    aliases: tuple[str, ...]
    php: str


class MailDomainArgs(Args):
    user: str
    mark: str
    domain: str


class ZoneArgs(Args):
    """A zone on one nameserver; its records are read from the rows when the step runs, DKIM included.

    `user` is None on PowerDNS, which has no users: there `mark` stands in the zone's account. `ip` is what
    v-add-dns-domain wants to be given.
    """

    user: str | None
    mark: str
    domain: str
    ip: str
    nameservers: tuple[str, ...]


class OwnedUserArgs(Args):
    """A user of ours, by its name, its `mark` in NAME and its service's half-made mark; `domain` is what it is for."""

    user: str
    mark: str
    service: ServiceId
    nonce: str
    domain: str


class OwnedPackageArgs(Args):
    """A package of ours; `mark` is the NAME of the only user that may live by it."""

    package: str
    mark: str


class OwnedZoneArgs(Args):
    """A zone on PowerDNS, ours when its account is `mark`."""

    mark: str
    domain: str


class CertificateArgs(Args):
    """A Let's Encrypt certificate for a web or a mail domain, once `hosts` resolve to `ip`."""

    user: str
    mark: str
    domain: str
    hosts: tuple[str, ...]
    ip: str
    kind: Literal["web", "mail"] = "web"


class ParentArgs(Args):
    """Whether a node would let `user` have `domain` below a parent that the provider owns."""

    user: str
    domain: str
    parent: str


class MailboxArgs(Args):
    """One mailbox on the provider's mail user; `quota` in MB, or unlimited. `fits`: a change of product asks whether
    what it holds fits the quota it shall get."""

    user: str
    parent: str
    account: str
    quota: str
    fits: bool = False


class RecordArgs(Args):
    """One address record `name` in the provider's zone. `user` holds the zone on a Hestia node; PowerDNS has none."""

    user: str
    parent: str
    name: str
    value: str
    ttl: int = 3600


class LimitsArgs(Args):
    """Whether what an account uses fits the package it shall get; `package` are that package's arguments."""

    user: str
    mark: str
    domain: str
    package: PackageArgs


class BackupArgs(Args):
    """A backup of a user that is not older than `since`, in seconds since 1970."""

    user: str
    mark: str
    since: int


class ItemArgs(Args):
    """One item of a service, in the account `user` with `mark` in its NAME. What is wanted of it stands in its row and
    is read when the step runs: of two wishes the newer one holds. Actions that a sold name has too are told apart by
    these arguments."""

    item: int
    kind: str
    user: str
    mark: str
    domain: str


class SoldPasswordArgs(Args):
    """The password that is sealed in an item's `row`, for the one mailbox of a sold name."""

    row: int
    user: str
    parent: str
    account: str


class RestoreArgs(Args):
    """An archive to be put back; each part is `*` (all of it), `no`, or names with commas between them. `since` is when
    it was wished, in seconds since 1970: a restore that ran before is not this one."""

    user: str
    mark: str
    domain: str
    archive: str
    since: int
    parts: dict[str, str]


class ProofArgs(Args):
    """An archive to be read through; `contents` are the names of what its node lists in it, by part, and `row` is the
    number of its row."""

    user: str
    mark: str
    domain: str
    archive: str
    row: int
    contents: dict[str, tuple[str, ...]]


class TrialArgs(ProofArgs):
    """An archive to be restored for trial under the name `trial`; `since` is when it was wished, in milliseconds since
    1970."""

    trial: str
    since: int


class EndTrialArgs(Args):
    """A trial that was stopped; `ends` is the number of its task and which claim of it was stopped, None where the
    service goes."""

    trial: str
    ends: tuple[int, int] | None = None


class ResyncArgs(Args):
    """What is inside one account, to be read and compared with the rows."""

    user: str
    mark: str
    domain: str
    roles: tuple[Role, ...]


class ConfigArgs(Args):
    """Keys of `hestia.conf` with the values a node shall have; `group` whose wish that is. `restore`: values from
    before a run that was called off."""

    group: str
    values: dict[str, str]
    restore: bool = False


class FilesArgs(Args):
    """Standard files of a group, by path, as SHA-256 of what the node shall have; their text stands in rows."""

    group: str
    files: dict[str, str]


class CheckArgs(Args):
    """What the server is ticked for, to be found on the node."""

    capabilities: tuple[Role, ...] = ()


class HealthArgs(Args):
    """A node is well while at least so many services are up; None: as many as it has."""

    services_up: int | None = None


class StepArgs(Args):
    """A step as a plan reads it: `key` is its key in the plan."""

    key: str
    action: Action
    args: dict[str, Any]


class PlanArgs(Args):
    """What a plan has for one server, in order."""

    steps: tuple[StepArgs, ...]
