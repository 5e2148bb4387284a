"""Asking one nameserver what it really answers, set of records by set of records, over the network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rdataclass
import dns.rdatatype

from hostdeck.core.domain.zone_check import Answers, Key, Values, fold

TIMEOUT = 2.0
"""Seconds for one question, over UDP and again over TCP where the answer was cut."""

UNANSWERED = (dns.exception.DNSException, OSError, EOFError)
"""What a server that does not answer is met with; one that hangs up over TCP ends the file."""

AT_ONCE = 8
"""Questions under way at one server."""


async def ask_server(server: str, ip: str, port: int, zone: str, keys: Iterable[Key]) -> Answers:
    """Asks for the SOA first; a server that does not answer that is asked nothing else. Names it has not are empty
    sets; `error` says who did not answer, never raises for the network."""
    try:
        soa = await _ask(ip, port, zone, "SOA")
    except UNANSWERED as error:
        return Answers(server, error=f"no answer from {ip} port {port}: {_words(error)}")
    apex = dns.name.from_text(zone)
    found = soa.get_rrset(soa.answer, apex, dns.rdataclass.IN, dns.rdatatype.SOA)
    if not soa.flags & dns.flags.AA or not found:
        return Answers(server, authoritative=False)
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(key: Key) -> tuple[Key, Values]:
        name, kind = key
        async with gate:
            full = zone if name == "@" else f"{name}.{zone}"
            reply = await _ask(ip, port, full, kind)
            return key, _values(reply, full, kind)

    try:
        sets = dict(await asyncio.gather(*(one(key) for key in keys)))
    except UNANSWERED as error:
        return Answers(server, error=f"it stopped answering on {ip} port {port}: {_words(error)}")
    return Answers(server, serial=str(found[0].serial), sets=sets)


async def ask_all(servers: Iterable[tuple[str, str]], port: int, zone: str, keys: Iterable[Key]) -> list[Answers]:
    """Several (name, ip), side by side: one that is dead costs nobody else a second."""
    wanted = tuple(keys)
    return await asyncio.gather(*(ask_server(name, ip, port, zone, wanted) for name, ip in servers))


async def addresses_of(ip: str, port: int, host: str) -> frozenset[str] | None:
    """What one server answers for a name, A and AAAA, following its aliases as far as it knows them; empty where it
    has none or refuses, None where it does not answer."""
    try:
        four, six = await asyncio.gather(*(_addresses(ip, port, host, kind) for kind in ("A", "AAAA")))
    except UNANSWERED:
        return None
    return four | six


ALIASES = 8
"""How many CNAMEs a name is followed through."""


async def _addresses(ip: str, port: int, host: str, kind: str) -> frozenset[str]:
    name = dns.name.from_text(host)
    for _ in range(ALIASES):
        reply = await _ask(ip, port, name.to_text(), kind)
        if found := [rrset for rrset in reply.answer if rrset.rdtype == dns.rdatatype.from_text(kind)]:
            return frozenset(str(item) for rrset in found for item in rrset)
        alias = [rrset for rrset in reply.answer if rrset.rdtype == dns.rdatatype.CNAME]
        if not alias:
            return frozenset()
        name = alias[-1][0].target
    return frozenset()


async def _ask(ip: str, port: int, name: str, kind: str) -> dns.message.Message:
    query = dns.message.make_query(name, kind, flags=0)
    reply, _ = await dns.asyncquery.udp_with_fallback(query, ip, timeout=TIMEOUT, port=port)
    return reply


def _values(reply: dns.message.Message, name: str, kind: str) -> Values:
    wanted = dns.rdatatype.from_text(kind)
    owner = dns.name.from_text(name)
    sets = [rrset for rrset in reply.answer if rrset.rdtype == wanted and rrset.name == owner]
    return frozenset((fold(kind, _content(item, kind)), rrset.ttl) for rrset in sets for item in rrset)


def _content(item: object, kind: str) -> str:
    if kind == "TXT":
        return b"".join(item.strings).decode("utf-8", "replace")  # type: ignore[attr-defined]
    return str(item)


def _words(error: BaseException) -> str:
    return "it timed out" if isinstance(error, dns.exception.Timeout) else str(error) or type(error).__name__


async def serves(ip: str, port: int, zone: str | None) -> tuple[str, str]:
    """What is wrong with a server over UDP and over TCP, each empty where nothing is: it answers with authority for the
    zone, or at all where there is none to ask for."""
    udp, tcp = (_wrong_over(send, ip, port, zone) for send in (dns.asyncquery.udp, dns.asyncquery.tcp))
    return await asyncio.gather(udp, tcp)


async def _wrong_over(send: Callable[..., Any], ip: str, port: int, zone: str | None) -> str:
    query = dns.message.make_query(zone or "hostdeck.invalid", "SOA", flags=0)
    try:
        reply = await send(query, ip, timeout=TIMEOUT, port=port)
    except UNANSWERED as error:
        return f"no answer: {_words(error)}"
    if zone is not None and not (reply.flags & dns.flags.AA and reply.answer):
        return f"not authoritative for {zone}"
    return ""
