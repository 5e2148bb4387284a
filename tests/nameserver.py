"""A small authoritative nameserver on a loopback address, over UDP: for what hostdeck asks of nameservers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import dns.zone

from hostdeck.core.domain.zone import ZoneRecord
from hostdeck.core.drivers.powerdns.zonefile import zone_lines


@contextmanager
def nameserver(ip: str, port: int, zone: str, records: Sequence[ZoneRecord], serial: int = 1) -> Iterator[None]:
    """Serves the records until it is left."""
    text = "\n".join(zone_lines(zone, records, serial)) + "\n"
    held = dns.zone.from_text(text, zone, relativize=False, check_origin=False)
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((ip, port))
    sock.settimeout(0.1)
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                data, sender = sock.recvfrom(4096)
            except TimeoutError:
                continue
            sock.sendto(_answer(held, dns.message.from_wire(data)).to_wire(), sender)

    thread = threading.Thread(target=serve, name=f"ns-{ip}")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(5)
        sock.close()


def _answer(zone: dns.zone.Zone, query: dns.message.Message) -> dns.message.Message:
    reply = dns.message.make_response(query)
    asked = query.question[0]
    if not asked.name.is_subdomain(zone.origin or dns.name.root):
        reply.set_rcode(dns.rcode.REFUSED)
        return reply
    reply.flags |= dns.flags.AA
    node = zone.get_node(asked.name)
    if node is None:
        reply.set_rcode(dns.rcode.NXDOMAIN)
        return reply
    found = node.get_rdataset(asked.rdclass, asked.rdtype)
    found = found or node.get_rdataset(asked.rdclass, dns.rdatatype.CNAME)
    if found is not None:
        rrset = dns.rrset.RRset(asked.name, asked.rdclass, found.rdtype)
        rrset.update(found)
        rrset.ttl = found.ttl
        reply.answer.append(rrset)
    return reply


def free_udp_port() -> int:
    """Free on every loopback address, most likely: servers on several of them shall share it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.9", 0))
        port: int = sock.getsockname()[1]
        return port
