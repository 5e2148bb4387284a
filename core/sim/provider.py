"""A provider that was there before hostdeck: its user, mail domain and zone, with other people's things in them. Names
are sold below its domain.
"""

from __future__ import annotations

from collections.abc import Mapping

from hostdeck.core.sim.hestia import HestiaNode
from hostdeck.core.sim.node import SimNode
from hostdeck.core.sim.powerdns import PowerDnsNode

PARENT = "names.test"
USER = "prov"


def settle_in(nodes: Mapping[str, SimNode]) -> None:
    """On every mail server and nameserver that does not have it yet."""
    for name, node in nodes.items():
        if isinstance(node.account, HestiaNode):
            settle(name, node.account)
        elif isinstance(node.account, PowerDnsNode) and PARENT not in node.account.zones:
            _zone(node)


def settle(name: str, account: HestiaNode) -> None:
    """On one Hestia node, by what the node's name says it is for."""
    if USER in account.book.users:
        return
    run = account.run
    if name.startswith(("mx", "ns", "all")):
        run(["v-add-user", USER, "secret-9", f"dns@{PARENT}", "default", "The provider"])
    if name.startswith(("ns", "all")):
        run(["v-add-dns-domain", USER, PARENT, account.ip])
        run(["v-add-dns-record", USER, PARENT, "bob", "A", "198.51.100.7"])
    if name.startswith(("mx", "all")):
        run(["v-add-mail-domain", USER, PARENT])
        for box in ("bob", "carol"):
            run(["v-add-mail-account", USER, PARENT, box, "secret-9", "512"])


def _zone(node: SimNode) -> None:
    lines = (
        f"{PARENT}. 3600 IN SOA ns1.{PARENT}. hostmaster.{PARENT}. 7 10800 3600 604800 3600",
        f"{PARENT}. 3600 IN NS ns1.example.net.",
        f"{PARENT}. 3600 IN A 198.51.100.1",
        f"bob.{PARENT}. 3600 IN A 198.51.100.7",
    )
    node.files.write("/tmp/provider", "".join(f"{line}\n" for line in lines))
    for argv in (
        ["pdnsutil", "load-zone", PARENT, "/tmp/provider"],
        ["pdnsutil", "set-account", PARENT, "the-provider"],
        ["pdns_control", "rediscover"],
        ["pdns_control", "purge", f"{PARENT}$"],
    ):
        node.account.run(argv)
