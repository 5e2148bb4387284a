"""All users of a Hestia node and what they use, in one exec. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from hostdeck.core.domain.usage import MAILBOX_FULL, Mailbox
from hostdeck.core.drivers.guard import Argument, StepResult
from hostdeck.core.drivers.hestia import scripts
from hostdeck.core.drivers.hestia.argv import look
from hostdeck.core.drivers.hestia.layout import Layout
from hostdeck.core.drivers.hestia.listings import listing
from hostdeck.core.drivers.probe import is_count
from hostdeck.core.drivers.usage import AskNodeUsage, NodeUsage
from hostdeck.core.errors import Transient

COUNTERS = {
    "disk": "U_DISK",
    "mail_disk": "U_DISK_MAIL",
    "bandwidth": "U_BANDWIDTH",
    "databases": "U_DATABASES",
    "cron_jobs": "U_CRON_JOBS",
    "backups": "U_BACKUPS",
    "web_aliases": "U_WEB_ALIASES",
    "mail_accounts": "U_MAIL_ACCOUNTS",
    "dns_records": "U_DNS_RECORDS",
}
"""What the listing of users says (`hestia.md` 5.3); FTP accounts it does not."""

KEEP = 8 << 20
"""Bytes of a listing: some 3,500 users of 2.3 kB each."""


def _ask(ask: AskNodeUsage, at: Layout) -> Iterable[tuple[Argument, ...]]:
    yield look(at, "v-list-users", "json")
    words = (at.users, str(MAILBOX_FULL))
    yield scripts.script(scripts.NODE_USAGE, "node-usage", *words, *(word for pair in ask.parents for word in pair))


QUESTIONS: dict[Any, Any] = {AskNodeUsage: _ask}


def usage_facts(ask: AskNodeUsage, results: Sequence[StepResult], server: str) -> NodeUsage:
    """A user whose file is cut short, or half made, has fewer counters; what is no number is left out."""
    listed = {name: row for name, row in (listing(results[0], server) or {}).items() if isinstance(row, dict)}
    users = {
        name: {key: int(row[counter]) for key, counter in COUNTERS.items() if is_count(str(row.get(counter, "")))}
        for name, row in listed.items()
    }
    lines = results[1].text.splitlines()
    if results[1].exit != 0 or lines[-1:] != ["end=1"]:
        raise Transient(f"{server}: the users' FTP accounts can't be read there")
    mailboxes: dict[str, int] = {}
    backups: dict[str, int] = {}
    full: dict[str, Mailbox] = {}
    for user in users.values():
        user["ftp_accounts"] = 0
    for line in lines[:-1]:
        kind, _, rest = line.partition("=")
        name, _, count = rest.rpartition(" ")
        if kind == "ftp" and name in users and is_count(count):
            users[name]["ftp_accounts"] = int(count)
        elif kind == "box" and is_count(count):
            mailboxes[name] = int(count)
        elif kind == "bak" and (age := _age(*name.rpartition(" ")[2:], count)) is not None:
            backups[name.rpartition(" ")[0]] = age
        elif kind == "full" and (box := _mailbox(*name.rpartition(" ")[::2], count)) is not None:
            full[name.partition(" ")[0]] = box
    names = {name: str(row.get("NAME", "")) for name, row in listed.items()}
    backups = {user: age for user, age in backups.items() if user in users}
    return NodeUsage(users, mailboxes, names, backups, {user: box for user, box in full.items() if user in users})


def _mailbox(whose: str, used: str, quota: str) -> Mailbox | None:
    """`whose` is USER NAME@DOMAIN."""
    address = whose.partition(" ")[2]
    return Mailbox(address, int(used), int(quota)) if address and is_count(used) and is_count(quota) else None


def _age(now: str, taken: str) -> int | None:
    """Seconds between two local times of one node; None where one of them is none. An hour more or less in the night
    in which clocks are put forward or back."""
    try:
        then, here = (datetime.strptime(text, "%Y-%m-%d_%H-%M-%S") for text in (taken, now))
    except ValueError:
        return None
    return max(0, int((here - then).total_seconds()))


READERS: dict[Any, Callable[[Any, Sequence[StepResult], str], Any]] = {AskNodeUsage: usage_facts}
