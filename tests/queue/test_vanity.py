"""Names sold on the provider's domain: built, lived and taken apart again, with the provider's own left as it was."""

from __future__ import annotations

import pytest
from tests import provider
from tests.provider import PARENT, USER, order, sell, settle_in
from tests.queue.conftest import error_of, make_due, run_all_due, statuses
from tests.simfleet import register, sim_fleet

from hostdeck.core.domain.vocabulary import ServiceStatus, TaskStatus
from hostdeck.core.domain.wishes import Wish
from hostdeck.core.errors import Invalid
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.life import grant
from hostdeck.core.intents.services import place_order, plan_order
from hostdeck.core.queries.services import service as service_view
from hostdeck.core.settings import Settings
from hostdeck.core.sim.fleet import SimFleet
from hostdeck.core.sim.powerdns import PowerDnsNode
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import Account, Service, VanitySlot
from hostdeck.queue.runner import Runner

NODES = ("web01", "mx01", "ns01", "pdns01")
DOMAIN = f"anna.{PARENT}"


def status(service: int) -> ServiceStatus:
    return Service.get_by_id(service).status


def for_sale(door: Door, fleet: SimFleet, mail_server: str = "mx01") -> None:
    settle_in(fleet)
    register(door, fleet)
    sell(door, mail_server)


def built(door: Door, runner: Runner, fleet: SimFleet, name: str = "anna") -> int:
    service = place_order(door, order(name))
    run_all_due(runner)
    assert status(service) is ServiceStatus.ACTIVE, error_of(service)
    return service


def mailboxes(fleet: SimFleet, node: str = "mx01") -> dict[str, dict[str, str]]:
    return {box["ACCOUNT"]: box for box in fleet[node].account.book.users[USER].mailboxes[PARENT]}


def records(fleet: SimFleet, name: str) -> dict[str, list[str]]:
    """By node, what stands at a name of the parent."""
    found = {}
    for node in ("ns01", "pdns01"):
        account = fleet[node].account
        if isinstance(account, PowerDnsNode):
            here = [r for r in account.zones[PARENT].records if r.name == f"{name}.{PARENT}"]
            found[node] = [f"{record.type} {record.content}" for record in here]
        else:
            found[node] = account.dns_answer(f"{name}.{PARENT}", "A")
    return found


def test_a_sold_name_gets_a_site_one_mailbox_and_one_record_on_each_nameserver(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(NODES) as fleet:
        for_sale(door, fleet)
        service = built(door, runner, fleet)
        ip = fleet["web01"].account.ip
        assert fleet["web01"].account.site(DOMAIN) == "live"
        assert set(mailboxes(fleet)) == {"anna", "bob", "carol"}
        assert mailboxes(fleet)["anna"]["QUOTA"] == "512"
        assert records(fleet, "anna") == {"ns01": [ip], "pdns01": [f"A {ip}"]}
        assert statuses(service)["ssl.seed@web01"] is TaskStatus.SKIPPED
        assert {account.server.name for account in Account.select()} == {"web01"}


def test_building_it_again_changes_nothing(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(NODES) as fleet:
        for_sale(door, fleet)
        service = built(door, runner, fleet)
        for node in fleet.nodes.values():
            node.journal.clear()
        grant(door, service, Wish.REDEPLOY)
        run_all_due(runner)
        assert status(service) is ServiceStatus.ACTIVE, error_of(service)
        changed = [ran.argv for node in fleet.nodes.values() for ran in node.journal if node.account.changes(ran.argv)]
        assert changed == []


@pytest.mark.parametrize("hard", [False, True])
def test_its_whole_life_leaves_the_provider_as_it_was(store: Settings, runner: Runner, door: Door, hard: bool) -> None:
    with sim_fleet(NODES) as fleet:
        for_sale(door, fleet)
        before = provider.holdings(fleet)
        service = built(door, runner, fleet)
        grant(door, service, Wish.SUSPEND)
        run_all_due(runner)
        assert status(service) is ServiceStatus.SUSPENDED, error_of(service)
        assert mailboxes(fleet)["anna"]["SUSPENDED"] == "yes"
        assert mailboxes(fleet)["bob"]["SUSPENDED"] == "no"
        assert fleet["web01"].account.site(DOMAIN) == "suspended"
        grant(door, service, Wish.UNSUSPEND)
        run_all_due(runner)
        assert status(service) is ServiceStatus.ACTIVE, error_of(service)
        assert mailboxes(fleet)["anna"]["SUSPENDED"] == "no"
        grant(door, service, Wish.HARD_REDEPLOY if hard else Wish.REDEPLOY, DOMAIN)
        run_all_due(runner)
        assert status(service) is ServiceStatus.ACTIVE, error_of(service)
        grant(door, service, Wish.TERMINATE, DOMAIN)
        run_all_due(runner)
        assert status(service) is ServiceStatus.TERMINATED, error_of(service)
        assert provider.holdings(fleet) == before
        assert not VanitySlot.select().exists()
        assert {server.accounts for server in Server.select()} == {0}


def test_a_name_is_free_again_once_its_service_is_terminated(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(NODES) as fleet:
        for_sale(door, fleet)
        service = built(door, runner, fleet)
        with pytest.raises(Invalid, match=r"'anna' is taken on names\.test"):
            plan_order(door, order("Anna"))
        grant(door, service, Wish.TERMINATE, DOMAIN)
        run_all_due(runner)
        assert built(door, runner, fleet) != service


def test_a_mailbox_of_somebody_else_stops_the_order_before_anything_is_made(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(NODES) as fleet:
        for_sale(door, fleet)
        before = provider.holdings(fleet)
        service = place_order(door, order("bob"))
        run_all_due(runner)
        assert status(service) is ServiceStatus.ERROR
        assert "bob@names.test on mx01 is a mailbox, which hostdeck has not made" in error_of(service)
        assert provider.holdings(fleet) == before
        assert statuses(service)["web.createUser@web01"] is TaskStatus.WAITING


def test_a_record_of_somebody_else_is_an_error_and_left_alone_while_the_other_nameserver_goes_on(
    store: Settings, runner: Runner, door: Door
) -> None:
    """Half of the resolvers would be told theirs: that is no outage of one nameserver to wait for."""
    with sim_fleet(NODES) as fleet:
        for_sale(door, fleet)
        fleet["ns01"].account.run(["v-add-dns-record", USER, PARENT, "anna", "CNAME", "shop.example.net."])
        service = place_order(door, order("anna"))
        run_all_due(runner)
        assert status(service) is ServiceStatus.ERROR
        assert "[OWN_FOREIGN]" in str(error_of(service))
        assert statuses(service)["dns.checkRecord@ns01"] is TaskStatus.FAILED
        assert statuses(service)["dns.addRecord@pdns01"] is TaskStatus.SUCCESS
        shown = {one.server: one.state for one in service_view(service).nameservers}
        assert shown == {"ns01": "failed", "pdns01": "active"}
        grant(door, service, Wish.TERMINATE, DOMAIN)
        run_all_due(runner)
        assert status(service) is ServiceStatus.TERMINATED, error_of(service)
        assert any("shop.example.net." in line for line in fleet["ns01"].account.book.users[USER].zones[PARENT])


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (["v-suspend-mail-domain", USER, PARENT], "mail domain names.test is suspended"),
        (["v-delete-mail-domain", USER, PARENT], "has no mail domain names.test"),
        (["v-add-mail-account-alias", USER, PARENT, "carol", "anna"], "is an alias of mailbox 'carol'"),
    ],
)
def test_what_the_provider_lacks_is_told_and_never_made(
    store: Settings, runner: Runner, door: Door, spoil: list[str], why: str
) -> None:
    with sim_fleet(NODES) as fleet:
        for_sale(door, fleet)
        assert fleet["mx01"].account.run(spoil).exit == 0
        before = provider.holdings(fleet)
        service = place_order(door, order("anna"))
        run_all_due(runner)
        assert status(service) is ServiceStatus.ERROR
        assert why in error_of(service)
        assert provider.holdings(fleet) == before


def test_a_full_package_of_the_provider_is_told(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(NODES) as fleet:
        for_sale(door, fleet)
        fleet["mx01"].account.book.users[USER].values["MAIL_ACCOUNTS"] = "2"
        service = place_order(door, order("anna"))
        run_all_due(runner)
        assert "holds 2 mailboxes and the package of account 'prov' allows 2" in error_of(service)


def test_a_web_server_that_holds_the_parent_needs_its_owners_leave(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(("all01",)) as fleet:
        for_sale(door, fleet, "all01")
        service = place_order(door, order("anna"))
        run_all_due(runner)
        assert "names.test belongs to account 'prov' on that node" in error_of(service)
        run = fleet["all01"].account.run
        run(["v-add-web-domain", USER, PARENT, fleet["all01"].account.ip, "no", "none"])
        run(["v-add-web-domain-allow-users", USER, PARENT])
        grant(door, service, Wish.REDEPLOY)
        run_all_due(runner)
        assert status(service) is ServiceStatus.ACTIVE, error_of(service)
        assert set(mailboxes(fleet, "all01")) == {"anna", "bob", "carol"}


def test_a_mailbox_that_appears_between_check_and_act_is_not_ours_F47(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(NODES) as fleet:
        for_sale(door, fleet)
        service = place_order(door, order("anna"))
        add = next(task.id for task in Service.get_by_id(service).tasks if task.action == "mail.addMailbox")
        for task in list(Service.get_by_id(service).tasks):
            if task.action.startswith(("web.check", "mail.check")):
                runner.run(task.id)
        fleet["mx01"].account.run(["v-add-mail-account", USER, PARENT, "anna", "somebody-elses", "64"])
        before = provider.holdings(fleet)
        runner.run(add)
        assert statuses(service)["mail.addMailbox@mx01"] is TaskStatus.FAILED
        assert provider.holdings(fleet) == before


@pytest.mark.parametrize("fault", ["v-add-mail-account=drop-after*1", "v-add-dns-record=drop-after*1",
                                   "replace-rrset=drop-after*1", "v-add-dns-record=drop-before*1"])  # fmt: skip
def test_a_lost_answer_is_no_second_mailbox_and_no_second_record(
    store: Settings, runner: Runner, door: Door, fault: str
) -> None:
    with sim_fleet(NODES) as fleet:
        for_sale(door, fleet)
        for node in ("mx01", "ns01", "pdns01"):
            fleet[node].faults.add(fault)
        service = place_order(door, order("anna"))
        for _ in range(4):
            run_all_due(runner)
            make_due()
        assert status(service) is ServiceStatus.ACTIVE, error_of(service)
        ip = fleet["web01"].account.ip
        assert records(fleet, "anna") == {"ns01": [ip], "pdns01": [f"A {ip}"]}
        assert sorted(mailboxes(fleet)) == ["anna", "bob", "carol"]


def test_a_role_without_a_quota_is_not_built(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(NODES) as fleet:
        for_sale(door, fleet)
        service = place_order(door, order("anna", vanity_site_disk_quota="0"))
        run_all_due(runner)
        assert status(service) is ServiceStatus.ACTIVE, error_of(service)
        assert sorted(statuses(service)) == ["mail.addMailbox@mx01", "mail.checkMailbox@mx01"]


def test_a_record_whose_ttl_the_provider_has_changed_is_still_ours_to_remove(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(NODES) as fleet:
        for_sale(door, fleet)
        before = provider.holdings(fleet)
        service = built(door, runner, fleet)
        ip = fleet["web01"].account.ip
        lines = fleet["ns01"].account.book.users[USER].zones[PARENT]
        lines[-1] = lines[-1].replace("TTL='3600'", "TTL='300'")
        fleet["pdns01"].account.run(["pdnsutil", "replace-rrset", PARENT, "anna", "A", "300", ip])
        fleet["pdns01"].account.run(["pdns_control", "purge", f"{PARENT}$"])
        grant(door, service, Wish.REDEPLOY)
        run_all_due(runner)
        assert status(service) is ServiceStatus.ACTIVE, error_of(service)
        assert "TTL='300'" in lines[-1]
        grant(door, service, Wish.TERMINATE, DOMAIN)
        run_all_due(runner)
        assert status(service) is ServiceStatus.TERMINATED, error_of(service)
        assert provider.holdings(fleet) == before
