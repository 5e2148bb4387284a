"""A customer's whole life inside a service, and what the nodes must show of it; on whatever nodes there are."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.authority import DAY, intermediate, leaf

from hostdeck.core.domain.items import ItemKind, ItemStatus
from hostdeck.core.domain.records import read_record
from hostdeck.core.domain.vocabulary import Role
from hostdeck.core.intents.backups import restore_backup, take_backup
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.items import add_item, change_item
from hostdeck.core.intents.own_certificates import add_certificate
from hostdeck.core.intents.records import add, edit_zone
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.work_models import Account

DOMAIN = "customer.com"
MAILBOXES = {
    "info": "boss@example.com",
    "anna": "",
    "otto": "otto@example.net",
    "sales": "boss@example.com,anna@customer.com",
    "post": "",
}
SCHEDULE, COMMAND = "*/5 * * * *", "php run.php"
Run = Callable[[str, list[str]], str]
"""(node, argv) to what the command printed."""


def furnish(door: Door, service: int) -> None:
    """Two databases, five mailboxes with forwards, an FTP login, a cron job, a record, PHP and a certificate."""
    for name in ("shop", "blog"):
        add_item(door, service, ItemKind.DATABASE, name, {})
    for name, forwards in MAILBOXES.items():
        add_item(door, service, ItemKind.MAILBOX, name, {"quota": "512", "forwards": forwards})
    add_item(door, service, ItemKind.FTP, "anna", {"path": "/public_html"})
    add_item(door, service, ItemKind.CRON, "", {"schedule": SCHEDULE, "command": COMMAND})
    edit_zone(door, service, add(read_record(DOMAIN, "shop", "CNAME", "www")), "add shop")
    change_item(door, service, ItemKind.WEBSITE, "", {"php": "8.2"})
    mine = leaf(DOMAIN, f"www.{DOMAIN}", ends=200 * DAY)
    add_certificate(door, service, mine.pem, mine.key, intermediate().pem, Role.WEB)


def save_and_put_back(door: Door, service: int, settle: Callable[[], None]) -> None:
    """A backup of the website's account, and its restore."""
    take_backup(door, service, Role.WEB)
    settle()
    saved = Item.get(Item.service == service, Item.kind == ItemKind.BACKUP)
    assert saved.status is ItemStatus.ACTIVE, saved.error
    restore_backup(door, service, saved.name, {}, sure=True)
    settle()


def shown(run: Run, service: int) -> dict[str, Any]:
    """What the nodes list of it, each thing by its name."""
    users = {role: row for row in Account.select().where(Account.service == service) for role in row.roles}
    web, mail, dns = (users[role] for role in ("web", "mail", "dns"))

    def listing(account: Account, command: str, *args: str) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(run(account.server.name, [command, account.username, *args, "json"]))
        return read

    site = listing(web, "v-list-web-domain", DOMAIN)[DOMAIN]
    records = listing(dns, "v-list-dns-records", DOMAIN).values()
    return {
        "databases": sorted(listing(web, "v-list-databases")),
        "mailboxes": {name: box["FWD"] for name, box in listing(mail, "v-list-mail-accounts", DOMAIN).items()},
        "ftp": (site["FTP_USER"], site["FTP_PATH"].strip("/")),
        "cron": [job["CMD"] for job in listing(web, "v-list-cron-jobs").values()],
        "php": site["BACKEND"],
        "ssl": (site["SSL"], site["LETSENCRYPT"]),
        "records": [one["VALUE"] for one in records if one["RECORD"] == "shop"],
    }


def wanted(user: str) -> dict[str, Any]:
    """What `shown` is once all of it is there; `user` is the website's account."""
    return {
        "databases": [f"{user}_blog", f"{user}_shop"],
        "mailboxes": MAILBOXES,
        "ftp": (f"{user}_anna", "public_html"),
        "cron": [COMMAND],
        "php": "PHP-8_2",
        "ssl": ("yes", "no"),
        "records": [f"www.{DOMAIN}."],
    }
