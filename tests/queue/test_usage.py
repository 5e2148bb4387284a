"""What services use, read from nodes in one exec each and written to their rows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.provider import PARENT, order, sell, settle_in
from tests.queue.conftest import run_all_due
from tests.simfleet import register, sim_fleet

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.findings import UsageRead
from hostdeck.core.domain.items import ItemKind
from hostdeck.core.domain.vocabulary import Role, TaskStatus
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.fleet import refresh_usage
from hostdeck.core.intents.forms import OrderForm, ProductForm
from hostdeck.core.intents.items import add_item
from hostdeck.core.intents.products import add_product
from hostdeck.core.intents.services import place_order
from hostdeck.core.queries.attention import attention
from hostdeck.core.queries.usage import service_stats
from hostdeck.core.sim.fleet import SimFleet
from hostdeck.core.store import figures
from hostdeck.core.store.db import transaction
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.figure_models import Usage
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.work_models import Account, Service, Task, VanitySlot
from hostdeck.queue.runner import Runner

Book = Callable[[str, str, dict[str, str]], None]


def account(service: int, role: str) -> tuple[str, str]:
    """(server, user) of a role."""
    rows = Account.select(Account, Server).join(Server).where(Account.service == service)
    return next((row.server.name, row.username) for row in rows if role in row.roles)


def counters(fleet: SimFleet, server: str, user: str, **values: int) -> None:
    """As the node's nightly jobs and its panel would leave them."""
    conf = fleet[server].account.book.users[user].conf
    conf.update({f"U_{key}": str(value) for key, value in values.items()})


def used(service: int) -> dict[str, int]:
    return dict(Usage.select(Usage.key, Usage.used).where(Usage.service == service).tuples())


def test_one_listing_of_each_node_feeds_all_its_services(any_runner: Runner, door: Door) -> None:
    with sim_fleet(("web01", "mx01", "ns01", "pdns01")) as fleet:
        settle_in(fleet)
        register(door, fleet)
        sell(door)
        ids = [place_order(door, OrderForm(name, "basic")) for name in ("one.com", "two.com")]
        sold = place_order(door, order("anna"))
        run_all_due(any_runner)
        counters(fleet, *account(ids[0], "web"), DISK=700, DISK_MAIL=0, BANDWIDTH=55, DATABASES=2, BACKUPS=4)
        counters(fleet, *account(ids[1], "mail"), DISK=300, DISK_MAIL=300, MAIL_ACCOUNTS=3, BACKUPS=1)
        counters(fleet, *account(sold, "web"), DISK=9)
        web, user = account(ids[0], "web")
        told = fleet[web].account.run(["v-add-web-domain-ftp", user, "one.com", "ftp", "pw-123456"])
        assert told.exit == 0
        provider = fleet["mx01"].account.book.users[VanitySlot.get().mail_user]
        next(box for box in provider.mailboxes[PARENT] if box["ACCOUNT"] == "anna")["U_DISK"] = "21"
        tasks = refresh_usage(door)
        journal = {name: len(node.journal) for name, node in fleet.nodes.items()}
        run_all_due(any_runner)
        ran = {name: len(node.journal) - journal[name] for name, node in fleet.nodes.items()}
    assert ran == {"web01": 2, "mx01": 2, "ns01": 2, "pdns01": 0}
    assert [Task.get_by_id(task).status for task in tasks] == [TaskStatus.SUCCESS] * 3
    first, second = used(ids[0]), used(ids[1])
    assert (first["web_disk_quota"], first["web_bandwidth"], first["web_databases"]) == (700, 55, 2)
    assert (first["web_backups"], first["web_ftp_accounts"], first["mail_disk_quota"]) == (4, 1, 0)
    assert (second["mail_disk_quota"], second["mail_accounts"], second["mail_backups"]) == (300, 3, 1)
    assert first["dns_records"] > 5
    assert used(sold) == {"vanity_site_disk_quota": 9, "vanity_mail_quota": 21}


def test_a_unified_account_is_one_user_for_all_of_it(runner: Runner, door: Door) -> None:
    with sim_fleet(("all01", "ns01")) as fleet:
        register(door, fleet)
        add_product(door, ProductForm("one", "eu", "unified", tuple(Role)))
        service = place_order(door, OrderForm("bakery.com", "one"))
        run_all_due(runner)
        counters(fleet, *account(service, "web"), DISK=900, DISK_MAIL=300, BACKUPS=2, MAIL_ACCOUNTS=4)
        refresh_usage(door)
        run_all_due(runner)
    found = used(service)
    assert (found["web_disk_quota"], found["mail_disk_quota"], found["account_backups"]) == (600, 300, 2)
    (row,) = service_stats()
    assert (row.use["web_backups"].used, row.use["web_backups"].limit) == (2, 5)
    assert "mail_backups" not in row.use


def test_a_nearly_full_mailbox_is_named_on_home_until_it_has_room_again(any_runner: Runner, door: Door) -> None:
    with sim_fleet(("web01", "mx01", "ns01")) as fleet:
        register(door, fleet)
        service = place_order(door, OrderForm("one.com", "basic"))
        run_all_due(any_runner)
        add_item(door, service, ItemKind.MAILBOX, "info", {"quota": "200"})
        run_all_due(any_runner)
        server, user = account(service, "mail")
        (box,) = fleet[server].account.book.users[user].mailboxes["one.com"]

        def told(used: int) -> list[str]:
            box["U_DISK"] = str(used)
            refresh_usage(door)
            run_all_due(any_runner)
            return [line.text for line in attention((), True, utcnow()) if "mailbox" in line.text]

        assert told(179) == []
        assert told(180) == ["mailbox info@one.com is nearly full: 180 of 200 MB (90 %)"]
        assert Item.get().known["used_mb"] == 180
        assert told(201) == ["mailbox info@one.com takes no more mail: 201 of 200 MB (100 %)"]
        assert told(20) == []


def test_a_sold_mailbox_is_told_of_once(runner: Runner, door: Door) -> None:
    with sim_fleet(("web01", "mx01", "ns01", "pdns01")) as fleet:
        settle_in(fleet)
        register(door, fleet)
        sell(door)
        place_order(door, order("anna"))
        run_all_due(runner)
        provider = fleet["mx01"].account.book.users[VanitySlot.get().mail_user]
        box = next(box for box in provider.mailboxes[PARENT] if box["ACCOUNT"] == "anna")
        quota = int(Service.get().limits["vanity_mail_quota"])
        for used, words in ((quota, "takes no more mail"), (quota + 1, "over by 1")):
            box["U_DISK"] = str(used)
            refresh_usage(door)
            run_all_due(runner)
            (line,) = attention((), True, utcnow())
            assert words in line.text


def test_a_second_reading_takes_the_place_of_the_first(runner: Runner, door: Door) -> None:
    with sim_fleet(("web01", "mx01", "ns01")) as fleet:
        register(door, fleet)
        service = place_order(door, OrderForm("one.com", "basic"))
        run_all_due(runner)
        for disk in (100, 2048):
            counters(fleet, *account(service, "web"), DISK=disk)
            refresh_usage(door)
            run_all_due(runner)
            assert used(service)["web_disk_quota"] == disk
    (row,) = service_stats("one.com")
    assert (row.use["web_disk"].percent, row.use["web_disk"].over) == (200, 1024)


def test_powerdns_has_no_users_so_there_is_nothing_to_read(runner: Runner, door: Door) -> None:
    with sim_fleet(("pdns01",)) as fleet:
        register(door, fleet)
        assert refresh_usage(door) == ()
        (task,) = refresh_usage(door, ("pdns01",))
        run_all_due(runner)
        assert [ran.argv for ran in fleet["pdns01"].journal] == []
    row = Task.get_by_id(task)
    assert (row.status, row.action) == (TaskStatus.SKIPPED, Action.SERVER_SYNC_USAGE)
    assert row.error is None or "PowerDNS" in row.error


@pytest.mark.parametrize("name", ["somebody else", "hdk 1 other", ""])
def test_a_user_that_is_not_ours_is_nobodys_business(runner: Runner, door: Door, name: str) -> None:
    with sim_fleet(("web01", "mx01", "ns01")) as fleet:
        register(door, fleet)
        service = place_order(door, OrderForm("one.com", "basic"))
    server, user = account(service, "web")
    found = UsageRead({user: {"disk": 7}, "stranger": {"disk": 8}}, {}, {user: name, "stranger": "x"})
    with transaction():
        figures.usage(Server.get(Server.name == server).id, found, utcnow())
    assert used(service) == {}
    assert Service.get_by_id(service).domain == "one.com"
