"""The provider's own side of a sold name: its zone, its mailboxes, its account's name, its nameservers."""

from __future__ import annotations

import pytest
from tests.provider import PARENT, USER, order
from tests.queue.conftest import error_of, make_due, run_all_due
from tests.queue.test_vanity import DOMAIN, NODES, built, for_sale, records, status
from tests.simfleet import register, sim_fleet

from hostdeck.core.domain.vocabulary import ServiceStatus
from hostdeck.core.domain.wishes import Wish
from hostdeck.core.errors import Conflict, Invalid, Refused
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.fleet import remove_server
from hostdeck.core.intents.forms import OrderForm
from hostdeck.core.intents.life import grant
from hostdeck.core.intents.services import place_order
from hostdeck.core.intents.vanity import put_vanity
from hostdeck.core.settings import Settings
from hostdeck.core.store.work_models import Service
from hostdeck.queue.runner import Runner


def failures(service: int) -> str:
    return " ".join(str(task.error) for task in Service.get_by_id(service).tasks if task.error)


def test_a_record_whose_ttl_was_changed_is_removed_all_the_same(store: Settings, runner: Runner, door: Door) -> None:
    """Name, type and value make it ours (`hestia.md` 13.4)."""
    with sim_fleet(NODES) as fleet:
        for_sale(door, fleet)
        service = built(door, runner, fleet)
        ip = fleet["web01"].account.ip
        fleet["pdns01"].account.run(["pdnsutil", "replace-rrset", PARENT, "anna", "A", "300", ip])
        grant(door, service, Wish.TERMINATE, DOMAIN)
        run_all_due(runner)
        assert records(fleet, "anna") == {"ns01": [], "pdns01": []}, status(service)


@pytest.mark.parametrize("end", [False, True])
def test_the_serial_of_the_parent_rises_even_when_the_first_try_stopped_before_it(
    store: Settings, runner: Runner, door: Door, end: bool
) -> None:
    """replace-rrset went well, increase-serial said `locked`: secondaries never hear of the record."""
    with sim_fleet(NODES) as fleet:
        for_sale(door, fleet)
        service = 0
        if end:
            service = built(door, runner, fleet)

        def serial() -> int:
            soa = next(r for r in fleet["pdns01"].account.zones[PARENT].records if r.type == "SOA")
            return int(soa.content.split()[2])

        before = serial()
        fleet["pdns01"].faults.add("increase-serial=exit:255*1")
        if end:
            grant(door, service, Wish.TERMINATE, DOMAIN)
        else:
            service = place_order(door, order("anna"))
        for _ in range(4):
            run_all_due(runner)
            make_due()
        assert status(service) in (ServiceStatus.ACTIVE, ServiceStatus.TERMINATED), error_of(service)
        assert serial() > before


@pytest.mark.parametrize("user", ["local", "data", "test", "put", "web"])
def test_a_provider_whose_user_is_a_word_of_our_paths_stops_nobody(
    store: Settings, runner: Runner, door: Door, user: str
) -> None:
    """`/usr/local/hestia/data/users` does not name a user `data`; words of Hestia's own commands are refused."""
    with sim_fleet(("web01", "mx01", "ns01")) as fleet:
        register(door, fleet)
        if user in ("local", "web"):
            with pytest.raises(Invalid, match="reserved"):
                put_vanity(door, "eu", PARENT, "mx01", user)
            return
        put_vanity(door, "eu", PARENT, "mx01", user)
        service = place_order(door, OrderForm("customer.test", "basic"))
        run_all_due(runner)
        assert status(service) is ServiceStatus.ACTIVE, error_of(service)


def test_an_account_of_a_customer_is_not_taken_for_the_providers(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(("web01", "mx01", "ns01")) as fleet:
        register(door, fleet)
        service = place_order(door, OrderForm("customer.test", "basic"))
        run_all_due(runner)
        with pytest.raises(Conflict, match="account of service"):
            put_vanity(door, "eu", PARENT, "mx01", "customer-test-web")
        grant(door, service, Wish.TERMINATE, "customer.test")
        run_all_due(runner)
        assert status(service) is ServiceStatus.TERMINATED, error_of(service)


def test_a_name_that_is_itself_a_parent_is_not_sold(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(NODES) as fleet:
        for_sale(door, fleet)
        put_vanity(door, "eu", f"shop.{PARENT}", "mx01", USER)
        with pytest.raises(Refused, match="names are sold below it"):
            place_order(door, order("shop", vanity_domain=PARENT))


def test_a_provider_with_many_mailboxes_can_still_sell(store: Settings, runner: Runner, door: Door) -> None:
    """A listing of them all would be cut at 1 MiB, and take minutes on a real node."""
    with sim_fleet(NODES) as fleet:
        for_sale(door, fleet)
        boxes = fleet["mx01"].account.book.users[USER].mailboxes[PARENT]
        boxes += [boxes[0] | {"ACCOUNT": f"person{n}"} for n in range(6000)]
        service = place_order(door, order("anna"))
        for _ in range(4):
            run_all_due(runner)
            make_due()
        assert status(service) is ServiceStatus.ACTIVE, error_of(service)


def test_a_server_that_holds_a_parent_says_so_when_it_is_to_be_removed(store: Settings, door: Door) -> None:
    with sim_fleet(("web01", "mx01", "ns01")) as fleet:
        register(door, fleet)
        put_vanity(door, "eu", PARENT, "mx01", USER, ("web01",))
        for name in ("mx01", "web01"):
            with pytest.raises(Conflict) as error:
                remove_server(door, name)
            assert error.value.code == "SRV_IN_USE", str(error.value)


def test_a_parent_that_a_nameserver_only_transfers_is_not_written_there(
    store: Settings, runner: Runner, door: Door
) -> None:
    """On a secondary the record is gone at the next transfer, and the raised serial keeps all transfers away: every
    other name of the provider's goes stale there."""
    with sim_fleet(NODES) as fleet:
        for_sale(door, fleet)
        fleet["pdns01"].account.zones[PARENT].kind = "secondary"
        before = [record.line() for record in fleet["pdns01"].account.zones[PARENT].records]
        service = place_order(door, order("anna"))
        run_all_due(runner)
        assert "[VAN_SECONDARY]" in failures(service)
        assert [record.line() for record in fleet["pdns01"].account.zones[PARENT].records] == before


def test_a_signed_parent_is_not_written_because_its_proofs_would_deny_the_name(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(NODES) as fleet:
        for_sale(door, fleet)
        zone = fleet["pdns01"].account.zones[PARENT]
        zone.signed = True
        before = [record.line() for record in zone.records]
        service = place_order(door, order("anna"))
        run_all_due(runner)
        assert "[VAN_SIGNED]" in failures(service)
        assert [record.line() for record in zone.records] == before
