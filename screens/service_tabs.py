"""The tabs of a service: which there are, and what is written on each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hostdeck.core.domain.items import KINDS, ItemKind
from hostdeck.core.domain.vocabulary import Mode, Role
from hostdeck.core.queries.views import ServiceDetail


@dataclass(frozen=True, slots=True)
class Tab:
    """`kind` is what its table lists; `roles`: it is there where one of them is on, none: always."""

    key: str
    title: str
    roles: tuple[Role, ...] = ()
    kind: ItemKind | None = None


TABS = (
    Tab("overview", "Overview"),
    Tab("web", "Web", (Role.WEB, Role.MAIL)),
    Tab("ssl", "SSL", (Role.WEB, Role.MAIL)),
    Tab("ftp", "FTP", (Role.WEB,), ItemKind.FTP),
    Tab("dbs", "DBs", (Role.WEB,), ItemKind.DATABASE),
    Tab("dns", "DNS", (Role.DNS,), ItemKind.RECORD),
    Tab("mailboxes", "Mailboxes", (Role.MAIL,), ItemKind.MAILBOX),
    Tab("cron", "Cron", (Role.WEB,), ItemKind.CRON),
    Tab("backups", "Backups", (Role.WEB, Role.MAIL), ItemKind.BACKUP),
    Tab("deploy", "Deploy"),
    Tab("tasks", "Tasks"),
    Tab("logs", "Logs"),
)
BY_KEY = {tab.key: tab for tab in TABS}
ITEM_TABS = tuple(tab for tab in TABS if tab.kind is not None)


def own_roles(service: ServiceDetail) -> frozenset[Role]:
    """The roles whose insides are the service's own: of a sold name the mailbox and the record stand in the provider's
    accounts, and are no list (`features.md` 27-30)."""
    roles = frozenset(service.roles)
    return roles - {Role.MAIL, Role.DNS} if service.mode is Mode.VANITY else roles


def is_sold_mailbox(service: ServiceDetail) -> bool:
    """Whether a name was sold with its one mailbox."""
    return service.mode is Mode.VANITY and Role.MAIL in service.roles


def tabs_of(service: ServiceDetail) -> tuple[Tab, ...]:
    """A tab of a role that is off is absent. Certificates of a sold name's site are seen where the site is."""
    roles = own_roles(service)
    return tuple(tab for tab in TABS if not tab.roles or roles.intersection(tab.roles))


def words(tab: Tab, service: ServiceDetail, counts: Mapping[str, int], frozen: int) -> str:
    """`Mailboxes 2`, `SSL 1 frozen`; without a web role the settings are those of the mail domain."""
    if tab.key == "web" and Role.WEB not in own_roles(service):
        return "Mail"
    if tab.key == "ssl" and frozen:
        return f"SSL {frozen} frozen"
    count = counts.get(tab.key, 0)
    return f"{tab.title} {count}" if count else tab.title


def absent(tab: Tab, service: ServiceDetail) -> str:
    """Why a service has not that tab."""
    if service.mode is Mode.VANITY and not own_roles(service).intersection(tab.roles):
        return f"{service.domain} is a sold name: its one mailbox and its record are on its Overview"
    off = " and ".join(role for role in tab.roles if role not in service.roles)
    return f"{service.domain} has no {tab.title} tab: {off} is off in its product"


def account_of(service: ServiceDetail, kind: ItemKind) -> str | None:
    """The name of the account that items of a kind stand in, where the service has one."""
    role = KINDS[kind].role if kind in KINDS else Role.DNS
    return next((account.username for account in service.accounts if account.role is role), None)
