"""Every action: its name, the label a person reads, what its arguments are, and how patient it is.

Arguments stand as JSON in the task's row from the moment of the order; a step never has to guess what was meant.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from hostdeck.core.domain.vocabulary import Role, ServiceId


class Action(StrEnum):
    """`ROLE.verbNoun`; a user or package that roles share goes by the first of them."""

    WEB_CREATE_PACKAGE = "web.createPackage"
    WEB_CREATE_USER = "web.createUser"
    WEB_ADD_DOMAIN = "web.addDomain"
    MAIL_CREATE_PACKAGE = "mail.createPackage"
    MAIL_CREATE_USER = "mail.createUser"
    MAIL_ADD_DOMAIN = "mail.addDomain"
    DNS_CREATE_PACKAGE = "dns.createPackage"
    DNS_CREATE_USER = "dns.createUser"
    DNS_DEPLOY_ZONE = "dns.deployZone"
    SSL_SEED = "ssl.seed"
    WEB_SUSPEND_USER = "web.suspendUser"
    MAIL_SUSPEND_USER = "mail.suspendUser"
    WEB_UNSUSPEND_USER = "web.unsuspendUser"
    MAIL_UNSUSPEND_USER = "mail.unsuspendUser"
    DNS_REMOVE_ZONE = "dns.removeZone"
    WEB_REMOVE_USER = "web.removeUser"
    MAIL_REMOVE_USER = "mail.removeUser"
    DNS_REMOVE_USER = "dns.removeUser"
    WEB_REMOVE_PACKAGE = "web.removePackage"
    MAIL_REMOVE_PACKAGE = "mail.removePackage"
    DNS_REMOVE_PACKAGE = "dns.removePackage"
    WEB_CHECK_PARENT = "web.checkParent"
    MAIL_CHECK_MAILBOX = "mail.checkMailbox"
    DNS_CHECK_RECORD = "dns.checkRecord"
    MAIL_ADD_MAILBOX = "mail.addMailbox"
    DNS_ADD_RECORD = "dns.addRecord"
    MAIL_SUSPEND_MAILBOX = "mail.suspendMailbox"
    MAIL_UNSUSPEND_MAILBOX = "mail.unsuspendMailbox"
    MAIL_REMOVE_MAILBOX = "mail.removeMailbox"
    DNS_REMOVE_RECORD = "dns.removeRecord"
    WEB_CHECK_LIMITS = "web.checkLimits"
    MAIL_CHECK_LIMITS = "mail.checkLimits"
    WEB_TAKE_BACKUP = "web.takeBackup"
    MAIL_TAKE_BACKUP = "mail.takeBackup"
    MAIL_CHANGE_MAILBOX = "mail.changeMailbox"
    MAIL_SET_PASSWORD = "mail.setPassword"
    WEB_ADD_DATABASE = "web.addDatabase"
    WEB_CHANGE_DATABASE = "web.changeDatabase"
    WEB_REMOVE_DATABASE = "web.removeDatabase"
    WEB_ADD_FTP = "web.addFTP"
    WEB_CHANGE_FTP = "web.changeFTP"
    WEB_REMOVE_FTP = "web.removeFTP"
    WEB_ADD_CRON = "web.addCron"
    WEB_CHANGE_CRON = "web.changeCron"
    WEB_REMOVE_CRON = "web.removeCron"
    WEB_REMOVE_BACKUP = "web.removeBackup"
    MAIL_REMOVE_BACKUP = "mail.removeBackup"
    WEB_RESTORE_BACKUP = "web.restoreBackup"
    MAIL_RESTORE_BACKUP = "mail.restoreBackup"
    SSL_INSTALL_CUSTOM = "ssl.installCustom"
    SSL_REMOVE_CUSTOM = "ssl.removeCustom"
    WEB_CHANGE_SETTINGS = "web.changeSettings"
    MAIL_CHANGE_SETTINGS = "mail.changeSettings"
    SERVICE_RESYNC = "service.resync"
    SERVER_CHECK = "server.check"
    SERVER_COLLECT_STATUS = "server.collectStatus"
    SERVER_READ_PLAN = "server.readPlan"
    SERVER_READ_CONFIG = "server.readConfig"
    SERVER_APPLY_CONFIG = "server.applyConfig"
    SERVER_PUSH_FILES = "server.pushFiles"
    SERVER_CHECK_HEALTH = "server.checkHealth"
    SERVER_SYNC_USAGE = "server.syncUsage"


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


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential back-off: seconds before the second attempt, and the most there ever is between two."""

    base: float = 15.0
    cap: float = 900.0


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """`changing` tasks run one at a time on a node; `deadline` bounds one attempt, in seconds; `retry` is a back-off
    of its own, where the settings' does not fit."""

    label: str
    args: type[Args]
    changing: bool = True
    max_attempts: int = 3
    deadline: float = 300.0
    retry: RetryPolicy | None = None


CERTIFICATE_RETRY = RetryPolicy(base=1200.0, cap=6 * 3600.0)
"""An hour and more between attempts from the fourth on: the certificate authority counts failures."""


ACTIONS: dict[Action, ActionSpec] = {
    Action.WEB_CREATE_PACKAGE: ActionSpec("Configuring web plan", PackageArgs),
    Action.WEB_CREATE_USER: ActionSpec("Setting up web account", UserArgs),
    Action.WEB_ADD_DOMAIN: ActionSpec("Configuring web hosting", WebDomainArgs),
    Action.MAIL_CREATE_PACKAGE: ActionSpec("Configuring mail plan", PackageArgs),
    Action.MAIL_CREATE_USER: ActionSpec("Setting up mail account", UserArgs),
    Action.MAIL_ADD_DOMAIN: ActionSpec("Configuring mail hosting", MailDomainArgs),
    Action.DNS_CREATE_PACKAGE: ActionSpec("Configuring DNS plan", PackageArgs),
    Action.DNS_CREATE_USER: ActionSpec("Setting up DNS account", UserArgs),
    Action.DNS_DEPLOY_ZONE: ActionSpec("Publishing DNS zone", ZoneArgs, deadline=600.0),
    Action.SSL_SEED: ActionSpec(
        "Installing SSL certificate", CertificateArgs, max_attempts=12, deadline=900.0, retry=CERTIFICATE_RETRY
    ),
    Action.WEB_SUSPEND_USER: ActionSpec("Suspending web account", OwnedUserArgs),
    Action.MAIL_SUSPEND_USER: ActionSpec("Suspending mail account", OwnedUserArgs),
    Action.WEB_UNSUSPEND_USER: ActionSpec("Opening web account again", OwnedUserArgs),
    Action.MAIL_UNSUSPEND_USER: ActionSpec("Opening mail account again", OwnedUserArgs),
    Action.DNS_REMOVE_ZONE: ActionSpec("Removing DNS zone", OwnedZoneArgs),
    Action.WEB_REMOVE_USER: ActionSpec("Removing web account", OwnedUserArgs),
    Action.MAIL_REMOVE_USER: ActionSpec("Removing mail account", OwnedUserArgs),
    Action.DNS_REMOVE_USER: ActionSpec("Removing DNS account", OwnedUserArgs),
    Action.WEB_REMOVE_PACKAGE: ActionSpec("Removing web plan", OwnedPackageArgs),
    Action.MAIL_REMOVE_PACKAGE: ActionSpec("Removing mail plan", OwnedPackageArgs),
    Action.DNS_REMOVE_PACKAGE: ActionSpec("Removing DNS plan", OwnedPackageArgs),
    Action.WEB_CHECK_PARENT: ActionSpec("Checking parent domain", ParentArgs),
    Action.MAIL_CHECK_MAILBOX: ActionSpec("Checking mailbox name", MailboxArgs),
    Action.DNS_CHECK_RECORD: ActionSpec("Checking DNS name", RecordArgs),
    Action.MAIL_ADD_MAILBOX: ActionSpec("Creating mailbox", MailboxArgs),
    Action.DNS_ADD_RECORD: ActionSpec("Publishing DNS record", RecordArgs, deadline=600.0),
    Action.MAIL_SUSPEND_MAILBOX: ActionSpec("Suspending mailbox", MailboxArgs),
    Action.MAIL_UNSUSPEND_MAILBOX: ActionSpec("Opening mailbox again", MailboxArgs),
    Action.MAIL_REMOVE_MAILBOX: ActionSpec("Removing mailbox", MailboxArgs),
    Action.DNS_REMOVE_RECORD: ActionSpec("Removing DNS record", RecordArgs, deadline=600.0),
    Action.WEB_CHECK_LIMITS: ActionSpec("Checking web use against the new plan", LimitsArgs),
    Action.MAIL_CHECK_LIMITS: ActionSpec("Checking mail use against the new plan", LimitsArgs),
    Action.WEB_TAKE_BACKUP: ActionSpec("Taking web backup", BackupArgs),
    Action.MAIL_TAKE_BACKUP: ActionSpec("Taking mail backup", BackupArgs),
    Action.MAIL_CHANGE_MAILBOX: ActionSpec("Changing mailbox", ItemArgs),
    Action.MAIL_SET_PASSWORD: ActionSpec("Setting mailbox password", SoldPasswordArgs),
    Action.WEB_ADD_DATABASE: ActionSpec("Creating database", ItemArgs),
    Action.WEB_CHANGE_DATABASE: ActionSpec("Changing database", ItemArgs),
    Action.WEB_REMOVE_DATABASE: ActionSpec("Removing database", ItemArgs),
    Action.WEB_ADD_FTP: ActionSpec("Adding FTP account", ItemArgs),
    Action.WEB_CHANGE_FTP: ActionSpec("Changing FTP account", ItemArgs),
    Action.WEB_REMOVE_FTP: ActionSpec("Removing FTP account", ItemArgs),
    Action.WEB_ADD_CRON: ActionSpec("Adding cron job", ItemArgs),
    Action.WEB_CHANGE_CRON: ActionSpec("Changing cron job", ItemArgs),
    Action.WEB_REMOVE_CRON: ActionSpec("Removing cron job", ItemArgs),
    Action.WEB_REMOVE_BACKUP: ActionSpec("Removing web backup", ItemArgs),
    Action.MAIL_REMOVE_BACKUP: ActionSpec("Removing mail backup", ItemArgs),
    Action.WEB_RESTORE_BACKUP: ActionSpec("Restoring web backup", RestoreArgs),
    Action.MAIL_RESTORE_BACKUP: ActionSpec("Restoring mail backup", RestoreArgs),
    Action.SSL_INSTALL_CUSTOM: ActionSpec("Installing own certificate", ItemArgs),
    Action.SSL_REMOVE_CUSTOM: ActionSpec("Removing own certificate", ItemArgs),
    Action.WEB_CHANGE_SETTINGS: ActionSpec("Changing web settings", ItemArgs),
    Action.MAIL_CHANGE_SETTINGS: ActionSpec("Changing mail settings", ItemArgs),
    Action.SERVICE_RESYNC: ActionSpec(
        "Comparing service with node", ResyncArgs, changing=False, max_attempts=2, deadline=120.0
    ),
    Action.SERVER_CHECK: ActionSpec("Checking server", CheckArgs, changing=False, max_attempts=1, deadline=60.0),
    Action.SERVER_COLLECT_STATUS: ActionSpec(
        "Collecting server status", NoArgs, changing=False, max_attempts=1, deadline=60.0
    ),
    Action.SERVER_READ_CONFIG: ActionSpec(
        "Reading configuration", NoArgs, changing=False, max_attempts=1, deadline=60.0
    ),
    Action.SERVER_APPLY_CONFIG: ActionSpec("Applying configuration", ConfigArgs, deadline=900.0),
    Action.SERVER_PUSH_FILES: ActionSpec("Pushing standard files", FilesArgs),
    Action.SERVER_CHECK_HEALTH: ActionSpec(
        "Checking health after a change", HealthArgs, changing=False, max_attempts=2, deadline=60.0
    ),
    Action.SERVER_SYNC_USAGE: ActionSpec("Collecting usage", NoArgs, changing=False, max_attempts=1, deadline=120.0),
    Action.SERVER_READ_PLAN: ActionSpec(
        "Reading what a plan would change", PlanArgs, changing=False, max_attempts=1, deadline=120.0
    ),
}


def args_of(action: Action, raw: dict[str, Any]) -> Args:
    """A task's arguments as its row has them."""
    return (ItemArgs if "item" in raw else ACTIONS[action].args).model_validate(raw)


def label(action: str) -> str:
    """The words for an action; an action of a newer program keeps its own name."""
    try:
        return ACTIONS[Action(action)].label
    except ValueError:
        return action
