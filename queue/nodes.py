"""From a server's row to a driver: login with the credential opened, guard, driver."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.actions import ACTIONS
from hostdeck.core.domain.vocabulary import Driver
from hostdeck.core.drivers.allowed import Provider
from hostdeck.core.drivers.base import NodeDriver
from hostdeck.core.drivers.guard import Guard
from hostdeck.core.drivers.hestia.driver import HestiaDriver
from hostdeck.core.drivers.hestia.layout import USUAL
from hostdeck.core.drivers.output import Sink
from hostdeck.core.drivers.powerdns import commands as powerdns
from hostdeck.core.drivers.powerdns.driver import PowerDnsDriver
from hostdeck.core.settings import Settings
from hostdeck.core.store.fleet_models import Server, VanityDomain
from hostdeck.core.store.seal import unseal
from hostdeck.core.store.work_models import VanitySlot
from hostdeck.core.transport.base import Login, Secret, Transport

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey


def login_of(row: Server, private: X25519PrivateKey, settings: Settings) -> Login:
    """How to get in; Permanent where the credential does not open with this worker's key."""
    opened = json.loads(unseal(private, "server", row.uuid, "credential", row.credential))
    secret = Secret(opened["value"])
    return Login(
        server=row.name,
        host=row.hostname,
        port=row.ssh_port,
        username=row.ssh_username,
        host_key=row.host_key,
        key=secret if opened["kind"] == "key" else None,
        password=secret if opened["kind"] == "password" else None,
        connect_timeout=settings.connect_timeout,
        login_timeout=settings.login_timeout,
    )


def provider_of_rows() -> Provider:
    """Everything that is the provider's on any node: no command may name it but those on the list."""
    rows = list(VanityDomain.select(VanityDomain.domain, VanityDomain.mail_user).tuples())
    sold_with = {user for (user,) in VanitySlot.select(VanitySlot.mail_user).distinct().tuples()}
    return Provider(frozenset({user for _, user in rows} | sold_with), frozenset(domain for domain, _ in rows))


def parents_on(row: Server) -> tuple[tuple[str, str], ...]:
    """(user, parent domain) of the names that are sold as mailboxes on a server, whether any more are or not."""
    rows = VanitySlot.select(VanitySlot.mail_user, VanityDomain.domain).join(VanityDomain)
    here = rows.where(VanitySlot.mail_server == row).distinct()
    return tuple(sorted((user, domain) for user, domain in here.tuples()))


def driver_for(
    row: Server, action: Action, transport: Transport, log: Sink, may_act: Callable[[], bool], provider: Provider
) -> NodeDriver:
    """The driver of a server's panel."""
    deadline = ACTIONS[action].deadline
    if row.driver is Driver.POWERDNS:
        home = row.node_dir or powerdns.USUAL
        guard = Guard(transport, row.name, home, log, may_act, panel="PowerDNS", owned="pdns.conf", provider=provider)
        return PowerDnsDriver(guard, deadline)
    guard = Guard(transport, row.name, row.node_dir or USUAL, log, may_act, provider=provider)
    return HestiaDriver(guard, deadline)
