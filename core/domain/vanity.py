"""Selling names on a domain the provider owns: which names are for sale, and where a sold one stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hostdeck.core.domain.placement import Node, Placement, active_nameservers, least_loaded, load_text
from hostdeck.core.domain.text import Raw, quoted, read, safe
from hostdeck.core.domain.vocabulary import Role, ServerStatus
from hostdeck.core.errors import Conflict, Invalid

SHORTEST, LONGEST = 2, 32

_RESERVED_LINES = (
    # what a zone of Hestia's holds, and what mail and web clients ask for by themselves
    "www ftp sftp mail webmail smtp smtps imap imaps pop pop3 autoconfig autodiscover mta-sts mx mx1 mx2 relay",
    "ns ns1 ns2 ns3 ns4 ns5 ns6 ns7 ns8 dns localhost _dmarc _domainkey _mta-sts _smtp _acme-challenge wpad isatap",
    # the mailboxes of RFC 2142, and names that speak for the provider
    "abuse hostmaster postmaster webmaster noc security info support sales marketing usenet news uucp",
    "admin administrator root panel cpanel hestia mailer-daemon noreply no-reply billing status api",
)
RESERVED = frozenset(name for line in _RESERVED_LINES for name in line.split())
"""Never sold, whatever a group reserves besides (`hestia.md` 13.3, `robustness.md` I55)."""


@dataclass(frozen=True, slots=True)
class Parent:
    """A domain whose names are sold: the provider's `mail_user` on `mail_server`; `web` is where its sites may be
    placed, `reserved` what is not sold besides the built-in names."""

    domain: str
    mail_server: Node
    mail_user: str
    web: tuple[Node, ...]
    reserved: frozenset[str]


@dataclass(frozen=True, slots=True)
class Slot:
    """A sold name: one mailbox on the provider's user and one address record, `value`, on each nameserver."""

    name: str
    parent: str
    mail_server: Node
    mail_user: str
    value: str
    nameservers: tuple[Node, ...]

    @property
    def domain(self) -> str:
        return f"{self.name}.{self.parent}"


def check_vanity_name(raw: Raw, parent: str, reserved: Iterable[str] = ()) -> str:
    """The name in lower case; Invalid [VAN_*] as `robustness.md` I55 to I60 word it."""
    text = read(raw, "name", "VAN_CHAR")
    if not text.strip(" "):
        raise Invalid("name", f"is required: the name to be sold on {parent}, as --field vanity_name=NAME", "VAN_EMPTY")
    name = text.lower()
    if name in RESERVED or name in frozenset(reserved):
        raise Invalid("name", f"'{safe(name)}' is reserved on {parent}", "VAN_RESERVED")
    if "." in name:
        raise Invalid("name", "dots are not allowed", "VAN_DOT")
    if re.search(r"[^a-z0-9-]", name):
        raise Invalid("name", "use a-z, 0-9 and '-'", "VAN_CHAR")
    if name.startswith("-") or name.endswith("-"):
        raise Invalid("name", "starts or ends with '-'", "VAN_HYPHEN")
    if "--" in name:
        # Hestia refuses it in a record's name (`hestia.md` 8.2), and browsers read it as an encoded name.
        raise Invalid("name", "contains '--'", "VAN_HYPHEN")
    if not SHORTEST <= len(name) <= LONGEST:
        raise Invalid("name", f"use {SHORTEST} to {LONGEST} characters ({len(name)})", "VAN_LENGTH")
    return name


def refuse_taken_name(name: str, parent: str) -> Invalid:
    return Invalid("name", f"{quoted(name)} is taken on {parent}", "VAN_TAKEN")


def choose_parent(wanted: str, sold: Sequence[str], group: str) -> str:
    """The parent domain an order is for: the named one, or the only one there is; Invalid [VAN_PARENT] otherwise."""
    name = wanted.strip().rstrip(".").lower()
    if name in sold:
        return name
    if name:
        raise Invalid("parent", f"'{safe(name)}' is not sold in group {group}", "VAN_PARENT")
    if len(sold) == 1:
        return sold[0]
    if not sold:
        raise Invalid("parent", f"group {group} sells no names yet; see: hostdeck group vanity --help", "VAN_PARENT")
    raise Invalid("parent", f"name one of {', '.join(sold)} with --option vanity_domain=DOMAIN", "VAN_PARENT")


def place_vanity(roles: frozenset[Role], parent: Parent, dns_nodes: Iterable[Node], group: str) -> Placement:
    """The site on the least-loaded web server its parent allows; the mailbox where the provider's user is; the record
    on every attached nameserver that is active. Conflict where a part has no place [CAPACITY, NO_NODE]."""
    why: tuple[str, ...] = ()
    web = mail = None
    dns: tuple[Node, ...] = ()
    if Role.WEB in roles:
        web, choice = least_loaded(Role.WEB, parent.web, group)
        why += (f"web on {web.name}: {load_text(web)}, least loaded of {choice}",)
        dns = active_nameservers(dns_nodes)
        if dns:
            why += (f"one record in {parent.domain} on {', '.join(node.name for node in dns)}",)
        else:
            why += (f"dns skipped: group '{group}' has no active DNS server attached",)
    if Role.MAIL in roles:
        mail = parent.mail_server
        if mail.status is not ServerStatus.ACTIVE:
            text = f"{mail.name} holds the mailboxes of {parent.domain} and is {mail.status}; activate it"
            raise Conflict("group", text, "NO_NODE")
        why += (f"one mailbox on {mail.name}, shared account {parent.mail_user}, which stays the provider's",)
    return Placement(web, mail, dns, why)
