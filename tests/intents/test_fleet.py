"""Servers, groups and products: what is accepted, what is refused and how."""

from __future__ import annotations

import pytest
from tests.conftest import HOST_KEY, add_fleet
from tests.simfleet import client_key

from hostdeck.core.domain.vocabulary import Role, ServerStatus, TaskStatus
from hostdeck.core.errors import Conflict, Invalid, NotFound, Refused
from hostdeck.core.intents import fleet, groups, work
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.forms import OrderForm, ProductForm, ServerForm
from hostdeck.core.intents.products import add_product
from hostdeck.core.intents.services import place_order
from hostdeck.core.settings import Settings
from hostdeck.core.store.fleet_models import Audit, Group, GroupDns, Server, Setting
from hostdeck.core.store.seal import read_worker_key, unseal
from hostdeck.core.store.work_models import Service, Task

KEY = client_key()


def server(**values: object) -> ServerForm:
    given = {"name": "web01", "host": "203.0.113.5", "capabilities": ("web",), "host_key": HOST_KEY, "key": KEY}
    return ServerForm(**(given | values))  # type: ignore[arg-type]


def test_a_credential_can_be_written_here_but_read_only_by_the_worker(store: Settings, door: Door) -> None:
    fleet.add_server(door, server(key="", password="a secret of the node"))
    row = Server.get()
    assert "a secret" not in row.credential
    opened = unseal(read_worker_key(store.worker_key), "server", row.uuid, "credential", row.credential)
    assert "a secret of the node" in opened


def test_a_sealed_value_moved_to_another_row_does_not_open(store: Settings, door: Door) -> None:
    fleet.add_server(door, server())
    fleet.add_server(door, server(name="web02", host="203.0.113.6"))
    one, other = Server.select().order_by(Server.id)
    with pytest.raises(Exception, match="does not open with this worker's key"):
        unseal(read_worker_key(store.worker_key), "server", other.uuid, "credential", one.credential)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"host": "-oProxyCommand=x"}, "host: must not start with '-' [SRV_HOST]"),
        ({"ssh_port": "0"}, "port: use 1 to 65535 [SRV_PORT]"),
        ({"ssh_port": "65536"}, "port: use 1 to 65535 [SRV_PORT]"),
        ({"key": "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"}, "key: cannot be read as a private key [SRV_KEY]"),
        ({"capabilities": ()}, "capability: tick at least one of web, mail, dns [SRV_CAPABILITY]"),
        ({"capabilities": ("ftp",)}, "capability: use web, mail, dns [SRV_CAPABILITY]"),
        ({"driver": "powerdns"}, "capability: a PowerDNS server can be dns only [SRV_CAPABILITY]"),
        ({"driver": "cpanel"}, "driver: use hestiacp or powerdns [SRV_DRIVER]"),
        ({"max_accounts": "-1"}, "max_accounts: use a whole number from 0 (unlimited) to 1000000 [SRV_CAPACITY]"),
        ({"key": "", "password": ""}, "key: give exactly one of a private key and a password [SRV_AUTH]"),
        ({"node_dir": "relative"}, "node_dir: use an absolute path without quotes [SRV_NODE_DIR]"),
    ],
)
def test_i75_a_bad_server_field_is_named_and_nothing_is_written(
    store: Settings, door: Door, values: dict[str, object], text: str
) -> None:
    with pytest.raises(Invalid) as refused:
        fleet.add_server(door, server(**values))
    assert str(refused.value) == text
    assert Server.select().count() == Audit.select().count() == 0


def test_a_name_or_an_address_is_taken_once(store: Settings, door: Door) -> None:
    fleet.add_server(door, server())
    with pytest.raises(Conflict, match="exists already"):
        fleet.add_server(door, server(host="203.0.113.6"))
    with pytest.raises(Conflict, match="is server 'web01' already"):
        fleet.add_server(door, server(name="web02"))


def test_a_server_in_use_is_not_removed_and_says_what_stands_on_it(store: Settings, door: Door) -> None:
    add_fleet()
    place_order(door, OrderForm("customer.test", "basic"))
    with pytest.raises(Conflict, match="still has 1 accounts and 0 zones"):
        fleet.remove_server(door, "web01")
    fleet.remove_server(door, "web02")
    assert not Server.select().where(Server.name == "web02").exists()


def test_a_drained_server_keeps_what_it_has_and_takes_nothing_new(store: Settings, door: Door) -> None:
    add_fleet()
    fleet.set_server_status(door, "web01", ServerStatus.DRAINING)
    place_order(door, OrderForm("customer.test", "basic"))
    assert {s.name: s.accounts for s in Server.select().where(Server.web)} == {"web01": 0, "web02": 1}


def test_a_quarantined_server_is_activated_only_with_a_key_that_was_compared(store: Settings, door: Door) -> None:
    add_fleet()
    Server.update(status=ServerStatus.QUARANTINED, health="error").where(Server.name == "web01").execute()
    with pytest.raises(Conflict, match="its host key changed; compare it"):
        fleet.set_server_status(door, "web01", ServerStatus.DRAINING)
    fleet.activate_server(door, "web01", "ssh-ed25519 NEW")
    row = Server.get(Server.name == "web01")
    assert (row.status, row.host_key, row.health) == (ServerStatus.ACTIVE, "ssh-ed25519 NEW", "unknown")


def test_only_a_dns_server_can_be_attached_and_attaching_twice_is_once(store: Settings, door: Door) -> None:
    add_fleet()
    with pytest.raises(Conflict, match="is not a dns server"):
        fleet.attach_dns(door, "eu", ["web01"])
    fleet.attach_dns(door, "eu", ["ns01", "ns01"])
    assert GroupDns.select().count() == 2
    groups.detach_dns(door, "eu", ["ns01"])
    with pytest.raises(NotFound, match="not attached"):
        groups.detach_dns(door, "eu", ["ns01"])


def test_a_check_that_is_under_way_is_not_queued_twice(store: Settings, door: Door) -> None:
    add_fleet()
    assert fleet.check_server(door, "web01") == fleet.check_server(door, "web01")
    assert len(fleet.refresh_servers(door, ())) == Server.select().count()


@pytest.mark.parametrize(
    "wish",
    [
        lambda door: fleet.add_server(door, server()),
        lambda door: fleet.remove_server(door, "web01"),
        lambda door: fleet.add_group(door, "us"),
        lambda door: fleet.set_server_status(door, "web01", ServerStatus.DISABLED),
        lambda door: fleet.activate_server(door, "web01", "ssh-ed25519 NEW"),
        lambda door: fleet.attach_dns(door, "eu", ["ns01"]),
        lambda door: groups.detach_dns(door, "eu", ["ns01"]),
        lambda door: add_product(door, ProductForm("p", "eu", "split", ("web",))),
        lambda door: fleet.check_server(door, "web01"),
        lambda door: fleet.refresh_servers(door, ()),
        lambda door: work.retry(door, 1),
        lambda door: work.cancel(door, 1),
        lambda door: work.set_setting(door, "retry.base", "1"),
        lambda door: place_order(door, OrderForm("a.test", "basic")),
    ],
)
def test_read_only_refuses_every_change(store: Settings, wish: object) -> None:
    add_fleet()
    before = (Server.select().count(), Group.select().count(), Task.select().count())
    with pytest.raises(Refused) as refused:
        wish(Door("viewer", read_only=True, reserved_ok=True))  # type: ignore[operator]
    assert (refused.value.code, refused.value.exit_code) == ("READ_ONLY", 4)
    assert (Server.select().count(), Group.select().count(), Task.select().count()) == before
    assert Audit.select().count() == 0


def test_cancelling_what_has_not_begun_is_at_once_and_the_service_says_so(store: Settings, door: Door) -> None:
    add_fleet()
    service = place_order(door, OrderForm("customer.test", "basic"))
    task = Task.get(Task.action == "web.createPackage")
    work.cancel(door, task.id)
    assert Task.get_by_id(task.id).status is TaskStatus.CANCELLED
    assert Service.get_by_id(service).status == "error"
    with pytest.raises(Conflict, match="can't be cancelled any more"):
        work.cancel(door, task.id)


def test_f45_cancelling_a_running_task_only_marks_it(store: Settings, door: Door) -> None:
    add_fleet()
    place_order(door, OrderForm("customer.test", "basic"))
    Task.update(status=TaskStatus.RUNNING).where(Task.action == "web.createPackage").execute()
    task = Task.get(Task.action == "web.createPackage")
    work.cancel(door, task.id)
    row = Task.get_by_id(task.id)
    assert (row.status, row.cancel_asked) == (TaskStatus.RUNNING, True)


def test_a_setting_is_checked_and_kept(store: Settings, door: Door) -> None:
    work.set_setting(door, "retry.base", "2")
    work.set_setting(door, "retry.base", "3")
    assert Setting.get_by_id("retry.base").value == "3"
    with pytest.raises(Invalid, match="use a number from"):
        work.set_setting(door, "retry.base", "x")
    with pytest.raises(NotFound):
        work.set_setting(door, "no.such", "1")


def test_capabilities_are_kept_as_ticked(store: Settings, door: Door) -> None:
    fleet.add_server(door, server(capabilities=("web", "mail")))
    row = Server.get()
    assert [role for role in Role if getattr(row, role)] == [Role.WEB, Role.MAIL]
