"""A provider whose names are sold: its user, mail domain, zone and other people's things in them, on pretend nodes."""

from __future__ import annotations

from hostdeck.core.domain.vocabulary import Role
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.forms import OrderForm, ProductForm
from hostdeck.core.intents.products import add_product
from hostdeck.core.intents.vanity import put_vanity
from hostdeck.core.sim import provider
from hostdeck.core.sim.fleet import SimFleet
from hostdeck.core.sim.hestia import HestiaNode
from hostdeck.core.sim.powerdns import PowerDnsNode

PARENT, USER = provider.PARENT, provider.USER
PRODUCT = "name"
settle = provider.settle


def settle_in(fleet: SimFleet) -> None:
    provider.settle_in(fleet.nodes)


def sell(door: Door, mail_server: str = "mx01", web_servers: tuple[str, ...] = ()) -> None:
    """The parent is sold in the group, by the vanity product `name`."""
    put_vanity(door, "eu", PARENT, mail_server, USER, web_servers, reserve=("press",))
    add_product(door, ProductForm(PRODUCT, "eu", "vanity", tuple(Role)))


def order(name: str, **options: str) -> OrderForm:
    return OrderForm("", PRODUCT, options=options, fields={"vanity_name": name})


def holdings(fleet: SimFleet) -> dict[str, str]:
    """Everything of the provider's on each node but what counts by itself: serials and counters, and the order and
    numbers of records."""
    found = {}
    for name, node in fleet.nodes.items():
        if isinstance(node.account, PowerDnsNode):
            zone = node.account.zones[PARENT]
            lines = sorted(record.line() for record in zone.records if record.type != "SOA")
            found[name] = "\n".join([*lines, zone.account, zone.kind])
            continue
        held = held_by(node.account)
        if held is not None:
            found[name] = held
    return found


def held_by(account: HestiaNode) -> str | None:
    """The same of one Hestia node; None where the provider is not on it."""
    user = account.book.users.get(USER)
    if user is None:
        return None
    conf = {key: value for key, value in user.values.items() if not key.startswith("U_")}
    zones = {
        zone: sorted(line.partition(" ")[2].partition(" TIME=")[0] for line in lines)
        for zone, lines in user.zones.items()
    }
    mail = [{key: value for key, value in row.items() if key != "ACCOUNTS"} for row in user.mail]
    return repr((conf, zones, mail, user.mailboxes, user.web, user.db, user.cron))
