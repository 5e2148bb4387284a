"""The driver's fixed texts about what is inside an account (`core/drivers/hestia/item_texts.py`), on the virtual
state.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from hostdeck.core.sim.hestia import shell
from hostdeck.core.sim.hestia.book import like
from hostdeck.core.sim.hestia.machine import Machine
from hostdeck.core.sim.reply import Reply

_FIELD = re.compile(r"(\w+)='([^']*)'")


def mail_accounts(machine: Machine, words: Sequence[str]) -> Reply:
    """The fixed text `mail-accounts ACCOUNT_FILE`."""
    text = shell.text_of(machine, words[0])
    return Reply(3) if text is None else Reply(0, re.sub(r" MD5='[^']*'", "", text) + "end=1\n")


def mail_names_alone(machine: Machine, words: Sequence[str]) -> Reply:
    """The fixed text `mail-names-alone ACCOUNT_FILE NAME`."""
    text, name = shell.text_of(machine, words[0]), words[1]
    if text is None:
        return Reply(5)
    everyone, mine, there = [], [name], False
    for row in (dict(_FIELD.findall(line)) for line in text.splitlines()):
        aliases = [one for one in row.get("ALIAS", "").split(",") if one]
        everyone += [row.get("ACCOUNT", ""), *aliases]
        if row.get("ACCOUNT") == name:
            there, mine = True, [*mine, *aliases]
    for one in mine:
        passed = False
        for other in everyone:
            if other == one and there and not passed:
                passed = True
            elif like(one).fullmatch(other) or (not there and like(other).fullmatch(name)):
                return Reply(4, f"{other}\n")
    return Reply(0 if there else 3)


def cron_lines(machine: Machine, words: Sequence[str]) -> Reply:
    """The fixed text `cron-lines CRON_FILE`."""
    return Reply(0, (shell.text_of(machine, words[0]) or "") + "end=1\n")


def cron_is(machine: Machine, words: Sequence[str]) -> Reply:
    """The fixed text `cron-is CRON_FILE JOB MIN HOUR DAY MONTH WDAY CMD`."""
    path, job, *fields = words[:8]
    names = ("MIN", "HOUR", "DAY", "MONTH", "WDAY", "CMD")
    wanted = "".join(f" {name}='{value}'" for name, value in zip(names, fields, strict=True)) + " SUSPENDED='"
    for line in (shell.text_of(machine, path) or "").splitlines():
        number = line.removeprefix("JOB='").partition("'")[0]
        same = line.startswith(f"JOB='{number}'{wanted}")
        if job == "*" and same:
            return Reply(4, f"{line}\n")
        if job == number:
            return Reply(0) if same else Reply(64, f"{line}\n")
    return Reply(0 if job == "*" else 64)


TEXTS = {
    "mail-accounts": mail_accounts,
    "mail-names-alone": mail_names_alone,
    "cron-lines": cron_lines,
    "cron-is": cron_is,
}
