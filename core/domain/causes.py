"""Why tasks have failed, so that many failures of one cause are one thing to look at. What differs from task to task in
an error's text (numbers, names, paths) does not make another cause.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from hostdeck.core.domain.exits import exit_in

_TEXT = "text "


@dataclass(frozen=True, slots=True)
class Cause:
    """`key` is the same for all failures of it; `mend` what to try; every such error's text holds all of `phrases`.
    `server`: it is that node's trouble alone."""

    key: str
    words: str
    mend: str
    phrases: tuple[str, ...] = ()
    server: str = ""

    @property
    def is_known(self) -> bool:
        """False where only the text itself tells."""
        return not self.key.startswith(_TEXT)

    def narrowing(self, states: Iterable[str]) -> str:
        """What is typed after `/` in the list of tasks to see them."""
        terms = [f"state:{','.join(states)}"]
        terms += [f"server:{self.server}"] * bool(self.server)
        terms += [f'error:"{phrase}"' for phrase in self.phrases]
        return " ".join(terms)


@dataclass(frozen=True, slots=True)
class _Rule:
    """`words` and `mend` may name {server} and the groups of `pattern`, which is looked for anywhere."""

    key: str
    pattern: re.Pattern[str]
    words: str
    mend: str
    phrases: tuple[str, ...]
    of_node: bool = False


def _rule(key: str, pattern: str, words: str, mend: str, *phrases: str, of_node: bool = False) -> _Rule:
    return _Rule(key, re.compile(pattern), words, mend, phrases, of_node)


_NODE = (
    _rule("unreachable", r"not reachable at \S+ \((?P<why>[^)]*)\)", "{server} does not answer (ssh: {why})",
          "see whether the machine and its sshd are up; then: hostdeck server check {server}",
          "not reachable at", of_node=True),
    _rule("host-key", r"host key is not the pinned one", "{server} shows another host key than the pinned one",
          "compare it on the node's own console; then: hostdeck server activate {server} --host-key SHA256:…",
          "host key is not the pinned one", of_node=True),
    _rule("login", r"login as \S+ with this \w+ is refused", "{server} refuses our login",
          "mend authorized_keys on the node or the credential here; then: hostdeck server check {server}",
          "login as", "is refused", of_node=True),
    _rule("sudo", r"\[NODE_SUDO\]", "{server}: sudo does not give root",
          "allow NOPASSWD: ALL for the SSH user, then: hostdeck server check {server}", "[NODE_SUDO]", of_node=True),
    _rule("panel", r"\[NODE_PANEL\]", "{server}: its panel was not found",
          "install it, or mend --node-dir; then: hostdeck server check {server}", "[NODE_PANEL]", of_node=True),
    _rule("disk", r"\(exit 13\b", "{server}: its disk is full",
          "make room on the node (df -h); then retry", "(exit 13", of_node=True),
    _rule("disk", r"no room for a temporary file", "{server}: its disk is full",
          "make room on the node (df -h /tmp); then retry", "no room for a temporary file", of_node=True),
    _rule("disk", r"(?i)no space left on device", "{server}: its disk is full",
          "make room on the node (df -h); then retry", "no space left on device", of_node=True),
    _rule("load", r"\(exit 14\b", "{server}: its load is too high",
          "wait until the load falls, then retry", "(exit 14", of_node=True),
    _rule("busy", r"another command holds the node", "{server} is held by another command",
          "see what runs there; it goes on by itself", "another command holds the node", of_node=True),
    _rule("line", r"the line was lost", "{server}: the connection broke off in the middle",
          "retry: the next attempt looks at what was done", "the line was lost", of_node=True),
    _rule("guard", r"did not run the guard", "{server}: the node does not run our commands",
          "see its shell and sudo: hostdeck server check {server}", "did not run the guard", of_node=True),
    _rule("worker", r"the worker died \d+ times in a row", "the worker died again and again while it ran these",
          "look at the worker's log before they are retried", "the worker died"),
    _rule("crash", r"unexpected (?P<kind>\w+); the worker's log has it whole", "an unexpected {kind} in the worker",
          "look at the worker's log; it is a fault of the program", "the worker's log has it whole"),
)  # fmt: skip
_AUTHORITY = (
    _rule("le-budget", r"Let's Encrypt allows", "Let's Encrypt's own limits are used up",
          "wait: they are tried again when the limit opens; see :ssl", "Let's Encrypt allows"),
    _rule("le-rate", r"(?i)let's encrypt.*(\b429\b|rate ?limit|too many)", "Let's Encrypt turns us away: too many",
          "wait an hour or more, then retry; see :ssl", "Let's Encrypt"),
    _rule("le-challenge", r"(?i)let's encrypt.*(\b403\b|unauthorized|invalid response)",
          "Let's Encrypt could not see the challenge on the website",
          "see that the domain's addresses, IPv6 too, lead to its node: hostdeck zone check", "Let's Encrypt"),
    _rule("le-status", r"(?i)let's encrypt \w+ bad status (?P<status>\d+)", "Let's Encrypt answers {status}",
          "look at its status page and the task's log, then retry", "Let's Encrypt"),
    _rule("le-dns", r"waiting for DNS: in public", "public DNS does not lead to the node yet",
          "the customer's delegation or the old address is in the way; it goes on by itself",
          "waiting for DNS: in public"),
    _rule("le-nameserver", r"waiting for DNS: (?P<ns>\S+) \(", "nameserver {ns} does not answer as it should",
          "see its zone: hostdeck zone check; where it is out: hostdeck server disable {ns}", "waiting for DNS:"),
    _rule("le-missing", r"reported a certificate for .* not installed",
          "Hestia reported a certificate that is not installed",
          "its own log on the node says why: /var/log/hestia/LE-*", "but it is not installed"),
)  # fmt: skip
_OURS = (
    _rule("foreign", r"\[OWN_FOREIGN\]", "somebody else's account or domain stands in the way",
          "look at each: Enter on the task shows the ways out", "[OWN_FOREIGN]"),
    _rule("plan-moved", r"\[PLAN_MOVED\]", "the node has changed since the plan was made",
          "plan it again, or retry as things are now", "[PLAN_MOVED]"),
    _rule("plan-smaller", r"\[PLAN_SMALLER\]", "it holds more than the wished product allows",
          "lower the use, or choose a larger product", "[PLAN_SMALLER]"),
    _rule("vanity", r"\[VAN_[A-Z_]+\]", "the provider's domain does not let the name be sold",
          "look at each: Enter on the task shows the ways out", "[VAN_"),
)  # fmt: skip
RULES = (*_NODE, *_AUTHORITY, *_OURS)

_COMMAND = re.compile(r"\b(?P<command>v-[a-z][a-z0-9-]+)")
_VARYING = re.compile(
    r"""'[^']*'|"[^"]*"                                  # what is quoted
    | [\w.+-]+@[\w-]+(?:\.[\w-]+)+                       # addresses of mail
    | (?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?         # addresses of machines
    | (?<!\w)(?:[0-9a-fA-F]{0,4}:){2,}[0-9a-fA-F]{0,4}   # and their long form
    | (?<![\w.])(?:[\w-]+\.)+[A-Za-z][\w-]+              # domains
    | (?<!\w)/[^\s:;,)]+                                 # paths
    | \#?\b\d+(?:\.\d+)?\b                               # numbers
    | \b[0-9a-fA-F]{8,}\b                                # sums
    """,
    re.VERBOSE,
)
WORDS_LIMIT = 110
SHORTEST_PHRASE = 6


@lru_cache(maxsize=4096)
def cause_of(error: str, server: str) -> Cause:
    """The cause that a failed task's text tells of; `server` is the task's, empty for none."""
    for rule in RULES:
        if found := rule.pattern.search(error):
            return _filled(rule, found, server)
    known = exit_in(error)
    if known is not None:
        return _of_exit(error, known.code, known.shown, known.mend)
    return _plain(error, server)


def _filled(rule: _Rule, found: re.Match[str], server: str) -> Cause:
    named = found.groupdict("") | {"server": server or "the node"}
    node = server if rule.of_node else ""
    varying = ":".join(named[group] for group in ("ns", "status", "kind") if group in named)
    key = ":".join(part for part in (rule.key, node, varying) if part)
    return Cause(key, rule.words.format(**named), rule.mend.format(**named), rule.phrases, node)


def _of_exit(error: str, code: int, shown: str, mend: str) -> Cause:
    command = _COMMAND.search(error)
    name = command["command"] if command else ""
    words = f"{name}: {shown}" if name else shown
    by_number = f"(exit {code}" in error
    phrases = [name] * bool(name) + [f"(exit {code}" if by_number else shown.split()[2].rstrip(",")]
    return Cause(f"exit {code} {name}".rstrip(), words, mend, tuple(phrases))


def _plain(error: str, server: str) -> Cause:
    """No cause that is known: texts that differ in their varying parts alone are one."""
    line = error.strip().split("\n", 1)[0]
    line = line.removeprefix(f"{server}: ") if server else line
    pieces = [piece.strip(" :;.()") for part in _VARYING.split(line) for piece in re.split('[,"]', part)]
    same = _VARYING.sub("…", line).strip()
    longest = max(pieces, key=len, default="")
    words = same if len(same) <= WORDS_LIMIT else f"{same[: WORDS_LIMIT - 1]}…"
    phrases = (longest,) if len(longest) >= SHORTEST_PHRASE else ()
    return Cause(f"{_TEXT}{same.casefold()}", words or "no reason was told", "look at the log of one of them", phrases)
