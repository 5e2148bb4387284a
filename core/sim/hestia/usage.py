"""What the listing of users does not say, as the driver's fixed text `node-usage` prints it."""

from __future__ import annotations

from collections.abc import Sequence

from hostdeck.core.sim.hestia.book import User
from hostdeck.core.sim.hestia.machine import Machine
from hostdeck.core.sim.reply import Reply


def beside_the_listing(machine: Machine, words: Sequence[str]) -> Reply:
    """`node-usage DATA_USERS PERCENT [USER PARENT]...`"""
    said = []
    for name, user in machine.book.users.items():
        accounts = [one for row in user.web for one in row.get("FTP_USER", "").split(":") if one]
        if accounts:
            said.append(f"ftp={name} {len(accounts)}\n")
    said.sort()
    now = machine.clock().strftime("%Y-%m-%d_%H-%M-%S")
    newest = {
        name: max(row["BACKUP"] for row in user.backups) for name, user in machine.book.users.items() if user.backups
    }
    said += sorted(f"bak={name} {now} {archive[len(name) + 1 :][:19]}\n" for name, archive in newest.items())
    said += sorted(
        f"full={name} {box}\n" for name, user in machine.book.users.items() if (box := _fullest(user, words[1]))
    )
    pairs = list(words[2:])
    while len(pairs) >= 2:
        owner, parent, *pairs = pairs
        provider = machine.book.users.get(owner)
        boxes = provider.mailboxes.get(parent, []) if provider else []
        said += [f"box={box['ACCOUNT']}@{parent} {box['U_DISK']}\n" for box in boxes]
    return Reply(0, "".join(said) + "end=1\n")


def _fullest(user: User, percent: str) -> str:
    """`NAME@DOMAIN MB QUOTA` of its fullest mailbox, where that uses so much of its quota; else nothing."""
    found = [
        (int(box["U_DISK"]) / int(box["QUOTA"]), f"{box['ACCOUNT']}@{domain} {box['U_DISK']} {box['QUOTA']}")
        for domain, boxes in user.mailboxes.items()
        for box in boxes
        if box["QUOTA"].isdigit() and int(box["U_DISK"]) * 100 >= int(box["QUOTA"]) * int(percent)
    ]
    return max(found, key=lambda one: one[0], default=(0, ""))[1]
