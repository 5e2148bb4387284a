"""What a customer has inside a service: the kinds of items, what each is counted by, and the actions that make one.

Records are items too where people see them; they live in the zone, and are published with it as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.vocabulary import Role


class ItemKind(StrEnum):
    """`website` and `maildomain` are the settings of what a service has one of."""

    MAILBOX = "mailbox"
    DATABASE = "database"
    FTP = "ftp"
    CRON = "cron"
    RECORD = "record"
    BACKUP = "backup"
    CERTIFICATE = "certificate"
    WEBSITE = "website"
    MAIL_DOMAIN = "maildomain"


class ItemStatus(StrEnum):
    """`pending`: the node has it not as it is wanted yet; `removing`: it has not gone from there yet."""

    PENDING = "pending"
    ACTIVE = "active"
    ERROR = "error"
    REMOVING = "removing"


@dataclass(frozen=True, slots=True)
class KindSpec:
    """`limit` is the limit key that its number is held to, where there is one; `noun` and `nouns` are for sentences."""

    kind: ItemKind
    role: Role
    limit: str | None
    noun: str
    nouns: str
    add: Action
    change: Action
    remove: Action
    has_password: bool = False


KINDS: dict[ItemKind, KindSpec] = {
    spec.kind: spec
    for spec in (
        KindSpec(
            ItemKind.MAILBOX, Role.MAIL, "mail_accounts", "mailbox", "mailboxes",
            Action.MAIL_ADD_MAILBOX, Action.MAIL_CHANGE_MAILBOX, Action.MAIL_REMOVE_MAILBOX, has_password=True,
        ),
        KindSpec(
            ItemKind.DATABASE, Role.WEB, "web_databases", "database", "databases",
            Action.WEB_ADD_DATABASE, Action.WEB_CHANGE_DATABASE, Action.WEB_REMOVE_DATABASE, has_password=True,
        ),
        KindSpec(
            ItemKind.FTP, Role.WEB, "web_ftp_accounts", "FTP account", "FTP accounts",
            Action.WEB_ADD_FTP, Action.WEB_CHANGE_FTP, Action.WEB_REMOVE_FTP, has_password=True,
        ),
        KindSpec(
            ItemKind.CRON, Role.WEB, "web_cron_jobs", "cron job", "cron jobs",
            Action.WEB_ADD_CRON, Action.WEB_CHANGE_CRON, Action.WEB_REMOVE_CRON,
        ),
        KindSpec(
            ItemKind.BACKUP, Role.WEB, None, "backup", "backups",
            Action.WEB_TAKE_BACKUP, Action.WEB_TAKE_BACKUP, Action.WEB_REMOVE_BACKUP,
        ),
        KindSpec(
            ItemKind.CERTIFICATE, Role.WEB, None, "certificate", "certificates",
            Action.SSL_INSTALL_CUSTOM, Action.SSL_INSTALL_CUSTOM, Action.SSL_REMOVE_CUSTOM,
        ),
        KindSpec(
            ItemKind.WEBSITE, Role.WEB, None, "website", "websites",
            Action.WEB_CHANGE_SETTINGS, Action.WEB_CHANGE_SETTINGS, Action.WEB_CHANGE_SETTINGS,
        ),
        KindSpec(
            ItemKind.MAIL_DOMAIN, Role.MAIL, None, "mail domain", "mail domains",
            Action.MAIL_CHANGE_SETTINGS, Action.MAIL_CHANGE_SETTINGS, Action.MAIL_CHANGE_SETTINGS,
        ),
    )
}  # fmt: skip
"""Every kind with rows of its own; a record's is the zone's."""

MAIL_ACTIONS = {
    Action.WEB_TAKE_BACKUP: Action.MAIL_TAKE_BACKUP,
    Action.WEB_REMOVE_BACKUP: Action.MAIL_REMOVE_BACKUP,
}
"""What a kind that both tiers have is called where it stands on an account with mail alone."""


def action_on(action: Action, role: Role) -> Action:
    return MAIL_ACTIONS.get(action, action) if role is Role.MAIL else action
