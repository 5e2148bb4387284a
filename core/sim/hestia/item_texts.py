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


TEXTS = {"mail-accounts": mail_accounts, "mail-names-alone": mail_names_alone}
