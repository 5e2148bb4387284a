"""Pretend nodes in a thread of their own, registered as servers: what the queue's tests deploy to."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from hostdeck.core.domain.vocabulary import Role
from hostdeck.core.intents import fleet as intents
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.forms import ProductForm, ServerForm
from hostdeck.core.intents.products import add_product
from hostdeck.core.sim.fleet import SimFleet
from hostdeck.core.sim.hestia import HestiaNode
from hostdeck.core.sim.node import SimNode

TIERS = {"web": (Role.WEB,), "mx": (Role.MAIL,), "ns": (Role.DNS,), "pdns": (Role.DNS,), "all": tuple(Role)}


def client_key() -> str:
    """A throw-away private key in OpenSSH's form."""
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()


@contextmanager
def sim_fleet(
    names: Sequence[str], latency_ms: float = 0, faults: Mapping[str, Sequence[str]] | None = None
) -> Iterator[SimFleet]:
    """Runs nodes by name; `faults` are specs by node name."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="sim", daemon=True)
    thread.start()

    def call(work: object) -> object:
        return asyncio.run_coroutine_threadsafe(work, loop).result(30)  # type: ignore[arg-type]

    async def make() -> SimFleet:
        fleet = SimFleet({name: driver_of(name) for name in names}, latency_ms=latency_ms, faults=faults)
        await fleet.start()
        return fleet

    fleet = call(make())
    assert isinstance(fleet, SimFleet)
    try:
        yield fleet
    finally:
        call(fleet.stop())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)


def hestia(fleet: SimFleet, name: str) -> HestiaNode:
    """The account book of a node that runs HestiaCP."""
    account = fleet[name].account
    assert isinstance(account, HestiaNode)
    return account


def driver_of(name: str) -> str:
    return "powerdns" if name.startswith("pdns") else "hestiacp"


def roles_of(name: str) -> tuple[Role, ...]:
    return next(roles for tier, roles in TIERS.items() if name.startswith(tier))


def public_key(node: SimNode) -> str:
    return node.host_key.export_public_key().decode().strip()


def register(door: Door, fleet: SimFleet, group: str = "eu") -> None:
    """Group, servers, nameservers and the Split product `basic`, through the intents."""
    intents.add_group(door, group)
    key = client_key()
    for name, node in fleet.nodes.items():
        roles = roles_of(name)
        intents.add_server(
            door,
            ServerForm(
                name=name,
                host="127.0.0.1",
                ip=node.account.ip,
                ssh_port=str(node.port),
                capabilities=tuple(roles),
                host_key=public_key(node),
                key=key,
                driver=driver_of(name),
                group="" if roles == (Role.DNS,) else group,
            ),
        )
    nameservers = [name for name in fleet.nodes if Role.DNS in roles_of(name)]
    if nameservers:
        intents.attach_dns(door, group, nameservers)
    add_product(door, ProductForm("basic", group, "split", tuple(Role)))
