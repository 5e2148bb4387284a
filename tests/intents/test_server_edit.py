"""Changing a server that is there: what stays, what is refused, and with which reason."""

from __future__ import annotations

import pytest
from tests.conftest import HOST_KEY, add_fleet
from tests.simfleet import client_key

from hostdeck.core.domain.vocabulary import Driver, Role
from hostdeck.core.errors import Conflict, Invalid, NotFound, Refused
from hostdeck.core.intents import fleet
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.forms import OrderForm, ServerChange, ServerForm
from hostdeck.core.intents.server_use import uses
from hostdeck.core.intents.servers import edit_server
from hostdeck.core.intents.services import place_order
from hostdeck.core.queries.servers import detail
from hostdeck.core.settings import Settings
from hostdeck.core.store.capacity import take_slot
from hostdeck.core.store.fleet_models import Audit, Group, GroupDns, Server, VanityDomain
from hostdeck.core.store.nodes import capabilities
from hostdeck.core.store.seal import read_worker_key, unseal
from hostdeck.core.store.work_models import Service, VanitySlot, Zone, ZoneDeploy

KEY = client_key()


def bare(door: Door, **values: object) -> Server:
    """A server that nothing stands on."""
    given = {"name": "new01", "host": "203.0.113.5", "capabilities": ("web",), "host_key": HOST_KEY, "key": KEY}
    fleet.add_server(door, ServerForm(**(given | values)))  # type: ignore[arg-type]
    return read(str((given | values)["name"]))


def read(name: str = "new01") -> Server:
    row: Server = Server.get(Server.name == name)
    return row


def credential(store: Settings, row: Server) -> str:
    return unseal(read_worker_key(store.worker_key), "server", row.uuid, "credential", row.credential)


def test_every_field_can_be_changed_and_the_audit_names_them_without_their_values(
    any_store: Settings, door: Door
) -> None:
    bare(door)
    fleet.add_group(door, "us")
    change = ServerChange(
        host="new.example.com", ip="203.0.113.99", ssh_port="2222", ssh_user="deploy", password="a secret of the node",
        capabilities=("web", "mail"), group="us", max_accounts="40", node_dir="/opt/hestia/", host_key=HOST_KEY,
    )  # fmt: skip
    edit_server(door, "new01", change)
    row = read()
    assert (row.hostname, row.ip, row.ssh_port, row.ssh_username) == ("new.example.com", "203.0.113.99", 2222, "deploy")
    assert (row.group.name, row.max_accounts, row.node_dir) == ("us", 40, "/opt/hestia")
    assert frozenset(capabilities(row)) == {Role.WEB, Role.MAIL}
    assert "a secret of the node" in credential(any_store, row)
    line = Audit.select().order_by(Audit.id.desc()).first()
    assert (line.intent, line.object) == ("server.edit", "new01")
    assert set(line.detail["changed"]) == {
        "hostname", "ip", "ssh_port", "ssh_username", "credential", "mail", "group", "max_accounts", "node_dir",
    }  # fmt: skip
    assert "secret" not in str(line.detail)


def test_what_is_not_given_stays_and_the_credential_too(store: Settings, door: Door) -> None:
    before = bare(door)
    edit_server(door, "new01", ServerChange(max_accounts="7"))
    after = read()
    assert after.max_accounts == 7
    for field in ("hostname", "ip", "ssh_port", "ssh_username", "driver", "host_key", "credential", "group_id"):
        assert getattr(after, field) == getattr(before, field), field


def test_empty_text_takes_the_group_and_the_folder_away(store: Settings, door: Door) -> None:
    fleet.add_group(door, "eu")
    bare(door, group="eu", node_dir="/opt/hestia")
    edit_server(door, "new01", ServerChange(group="", node_dir=""))
    row = read()
    assert (row.group, row.node_dir) == (None, None)


@pytest.mark.parametrize("change", [{"host": "203.0.113.6"}, {"ssh_port": "2222"}])
def test_another_place_needs_its_host_key_compared(store: Settings, door: Door, change: dict[str, str]) -> None:
    bare(door)
    with pytest.raises(Refused) as refused:
        edit_server(door, "new01", ServerChange(**change))  # type: ignore[arg-type]
    assert refused.value.code == "SRV_HOST_KEY"
    assert (read().hostname, read().ssh_port) == ("203.0.113.5", 22)
    edit_server(door, "new01", ServerChange(**change, host_key="ssh-ed25519 NEW"))  # type: ignore[arg-type]
    assert read().host_key == "ssh-ed25519 NEW"


def test_the_same_place_spelt_again_needs_no_key(store: Settings, door: Door) -> None:
    bare(door, host="node.example.com", ip="203.0.113.5")
    edit_server(door, "new01", ServerChange(host="NODE.example.com", ssh_port="22"))
    assert read().hostname == "node.example.com"


def test_the_place_of_another_server_is_taken(store: Settings, door: Door) -> None:
    bare(door)
    bare(door, name="new02", host="203.0.113.6")
    with pytest.raises(Conflict, match="is server 'new02' already"):
        edit_server(door, "new01", ServerChange(host="203.0.113.6", host_key=HOST_KEY))


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"host": "-oProxyCommand=x"}, "host: must not start with '-' [SRV_HOST]"),
        ({"host": ""}, "host: is required [SRV_HOST]"),
        ({"ssh_port": "0"}, "port: use 1 to 65535 [SRV_PORT]"),
        ({"key": "no key"}, "key: cannot be read as a private key [SRV_KEY]"),
        ({"key": KEY, "password": "x"},
         "key: give one of a private key and a password, or none to keep the old one [SRV_AUTH]"),
        ({"capabilities": ()}, "capability: tick at least one of web, mail, dns [SRV_CAPABILITY]"),
        ({"driver": "powerdns"}, "capability: a PowerDNS server can be dns only [SRV_CAPABILITY]"),
        ({"max_accounts": "-1"}, "max_accounts: use a whole number from 0 (unlimited) to 1000000 [SRV_CAPACITY]"),
        ({"node_dir": "relative"}, "node_dir: use an absolute path without quotes [SRV_NODE_DIR]"),
    ],
)  # fmt: skip
def test_i75_a_bad_field_is_named_and_nothing_is_written(
    store: Settings, door: Door, values: dict[str, object], text: str
) -> None:
    bare(door)
    audits = Audit.select().count()
    with pytest.raises(Invalid) as refused:
        edit_server(door, "new01", ServerChange(**values))  # type: ignore[arg-type]
    assert str(refused.value) == text
    assert Audit.select().count() == audits


def test_a_bare_server_may_become_a_nameserver_of_another_kind(store: Settings, door: Door) -> None:
    bare(door)
    edit_server(door, "new01", ServerChange(driver="powerdns", capabilities=("dns",)))
    row = read()
    assert (row.driver, row.web, row.dns) == (Driver.POWERDNS, False, True)


# ------------------------------------------------------------------------------------------------ what stands on it


def ordered(door: Door, *domains: str) -> None:
    add_fleet()
    Server.delete().where(Server.name.in_(("web02", "mx02"))).execute()
    for domain in domains:
        place_order(door, OrderForm(domain, "basic"))


def test_a_capability_in_use_stays_and_up_to_three_domains_are_named(store: Settings, door: Door) -> None:
    ordered(door, "a.test", "b.test", "c.test", "d.test")
    with pytest.raises(Conflict) as refused:
        edit_server(door, "web01", ServerChange(capabilities=("mail",)))
    assert str(refused.value) == (
        "capability: 'web01' can't lose web: 4 web accounts (a.test, b.test, c.test, and 1 more); move or terminate "
        "that first"
    )
    assert read("web01").web


def test_a_capability_nothing_stands_on_goes(store: Settings, door: Door) -> None:
    ordered(door, "a.test")
    edit_server(door, "web01", ServerChange(capabilities=("web", "dns")))
    edit_server(door, "web01", ServerChange(capabilities=("web",)))
    assert not read("web01").dns


def test_a_nameserver_with_zones_or_a_group_keeps_its_tick(store: Settings, door: Door) -> None:
    ordered(door, "a.test")
    nameserver = Server.get(Server.dns)
    ZoneDeploy.get_or_create(zone=Zone.get(Zone.service == Service.get()), server=nameserver)
    GroupDns.get_or_create(group=Group.get(), server=nameserver)
    said = "; ".join(uses(nameserver, Role.DNS))
    assert "1 zone (a.test)" in said
    assert "it is a nameserver of eu (hostdeck group detach-dns)" in said
    with pytest.raises(Conflict, match="can't lose dns"):
        edit_server(door, nameserver.name, ServerChange(capabilities=("web",)))


def test_a_mail_server_with_sold_mailboxes_keeps_its_tick(store: Settings, door: Door) -> None:
    ordered(door, "a.test")
    mail = bare(door, name="mx09", host="203.0.113.9", capabilities=("mail", "web"))
    parent = VanityDomain.create(group=Group.get(), domain="names.test", mail_server=mail, mail_user="prov")
    VanitySlot.create(service=Service.get(), vanity=parent, name="anna", mail_server=mail, mail_user="prov")
    assert uses(read("mx09"), Role.MAIL) == ("names on names.test are sold with it", "1 sold mailbox (anna@names.test)")
    with pytest.raises(Conflict, match="can't lose mail: names on names"):
        edit_server(door, "mx09", ServerChange(capabilities=("web",)))
    assert [one.kind for one in detail("mx09").standing] == ["mailbox"]


def test_a_driver_is_fixed_once_something_stands_on_the_server(store: Settings, door: Door) -> None:
    ordered(door, "a.test")
    nameserver = Server.get(Server.dns)
    other = Driver.HESTIA if nameserver.driver is Driver.POWERDNS else Driver.POWERDNS
    with pytest.raises(Conflict, match=f"is {nameserver.driver} as long as something stands on it"):
        edit_server(door, nameserver.name, ServerChange(driver=other))


def test_read_only_and_unknown_names_are_refused(store: Settings, door: Door) -> None:
    bare(door)
    with pytest.raises(Refused, match="read-only"):
        edit_server(Door("viewer", read_only=True), "new01", ServerChange(max_accounts="1"))
    with pytest.raises(NotFound):
        edit_server(door, "none", ServerChange(max_accounts="1"))
    with pytest.raises(NotFound):
        edit_server(door, "new01", ServerChange(group="nowhere"))


def test_no_order_takes_a_place_on_a_server_that_has_lost_the_ability(store: Settings) -> None:
    add_fleet()
    web = Server.get(Server.web)
    assert take_slot(web.id, (Role.WEB,))
    assert not take_slot(web.id, (Role.WEB, Role.MAIL))
    Server.update(web=False).where(Server.id == web.id).execute()
    assert not take_slot(web.id, (Role.WEB,))
    assert Server.get_by_id(web.id).accounts == 1
