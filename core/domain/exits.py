"""Hestia's exit codes by name: what each means, and what an operator does about it (`hestia.md` 2)."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Exit:
    """`name` is empty for what is the shell's own code; `mend` says what to try."""

    code: int
    name: str
    meaning: str
    mend: str

    @property
    def shown(self) -> str:
        """`exit 4 E_EXISTS, exists already`."""
        return f"{said_as(self.code)}, {self.meaning}"


_LOOK = "look at what the command said in the task's log, then retry"

EXITS = (
    Exit(1, "E_ARGS", "wrong number of arguments", "compare the node's Hestia version with the supported ones"),
    Exit(2, "E_INVALID", "not accepted", "see in the log which value the node refuses, change it, then retry"),
    Exit(3, "E_NOTEXIST", "does not exist", "redeploy the service: what is missing on the node is built again"),
    Exit(4, "E_EXISTS", "exists already", "see whose it is on the node; nothing of somebody else's is touched"),
    Exit(5, "E_SUSPENDED", "suspended", "unsuspend it on the node or here, then retry"),
    Exit(6, "E_UNSUSPENDED", "not suspended", "nothing is left to do; look at the service"),
    Exit(7, "E_INUSE", "in use", "find what holds it on the node, then retry"),
    Exit(8, "E_LIMIT", "a package limit is reached", "lower the use, or change to a larger product"),
    Exit(9, "E_PASSWORD", "wrong password", "give it a new password, then retry"),
    Exit(10, "E_FORBIDEN", "forbidden", "look at the owner of the folder or address on the node"),
    Exit(11, "E_DISABLED", "not installed or switched off on this node", "take the role off the server, or install it"),
    Exit(12, "E_PARSING", "a template or archive can't be read", "mend or replace that file on the node, then retry"),
    Exit(13, "E_DISK", "the node's disk is full", "make room on the node; it goes on by itself"),
    Exit(14, "E_LA", "the node's load is too high", "wait until the load falls, then retry"),
    Exit(15, "E_CONNECT", "a service it needs could not be reached", "see which one is down on the node, then retry"),
    Exit(16, "E_FTP", "FTP failed", "look at the remote backup's server, then retry"),
    Exit(17, "E_DB", "the database failed", "look at the database server on the node, then retry"),
    Exit(18, "E_RRD", "graphs failed", _LOOK),
    Exit(19, "E_UPDATE", "an update failed", _LOOK),
    Exit(20, "E_RESTART", "a service did not reload", "test the service's configuration on the node, then retry"),
    Exit(126, "", "can't be run", "look at Hestia's folder on the node and its modes"),
    Exit(127, "", "is not there", "look at Hestia's folder on the node, or mend --node-dir"),
)
BY_NUMBER = {one.code: one for one in EXITS}
BY_NAME = {one.name: one for one in EXITS if one.name}

_IN_TEXT = re.compile(r"\(exit (?P<code>\d+)\b")
_NAME = re.compile(r"\bE_[A-Z]+\b")


def said_as(code: int) -> str:
    """`exit 4 E_EXISTS`; `exit 126` where the code has no name."""
    known = BY_NUMBER.get(code)
    return f"exit {code} {known.name}" if known and known.name else f"exit {code}"


def exit_in(error: str) -> Exit | None:
    """The exit code that an error's text tells of, by its number or by its name."""
    if found := _IN_TEXT.search(error):
        return BY_NUMBER.get(int(found["code"]))
    named = (BY_NAME.get(word) for word in _NAME.findall(error))
    return next((one for one in named if one is not None), None)
