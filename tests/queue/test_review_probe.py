"""Probes of a hostile review: each states what should hold, and failed when it was written."""

from __future__ import annotations

from typing import Any

import pytest
from tests.provider import PARENT, USER, order
from tests.queue.conftest import error_of, make_due, run_all_due, statuses
from tests.queue.test_vanity import DOMAIN, NODES, built, for_sale, mailboxes, records, status
from tests.simfleet import register, sim_fleet

from hostdeck.core.domain.vocabulary import ServiceStatus, TaskStatus
from hostdeck.core.domain.wishes import Wish
from hostdeck.core.errors import Conflict, Refused
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.fleet import remove_server
from hostdeck.core.intents.forms import OrderForm
from hostdeck.core.intents.life import ask_nodes, grant
from hostdeck.core.intents.services import place_order
from hostdeck.core.intents.vanity import put_vanity
from hostdeck.core.settings import Settings
from hostdeck.core.sim.fleet import SimFleet
from hostdeck.core.steps.slot import EnsureMailbox
from hostdeck.core.store import tasks
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.work_models import Service, Task, VanitySlot
from hostdeck.queue.runner import Runner


def in_between(monkeypatch: pytest.MonkeyPatch, act: Any) -> None:
    """`act` once, after the step has looked and decided and before its exec begins."""
    known = EnsureMailbox.before
    todo = [act]

    def before(self: EnsureMailbox, changes: tuple[Any, ...]) -> Any:
        found = known(self, changes)
        if changes and todo:
            todo.pop()()
        return found

    monkeypatch.setattr(EnsureMailbox, "before", before)


def strangers(fleet: SimFleet, quota: str = "64") -> Any:
    return lambda: fleet["mx01"].account.run(["v-add-mail-account", USER, PARENT, "anna", "somebody-elses", quota])


def checked(service: int, runner: Runner) -> int:
    """Runs the checks of an order; the id of the task that adds the mailbox."""
    for task in list(Service.get_by_id(service).tasks):
        if task.action.startswith(("web.check", "mail.check")):
            runner.run(task.id)
    return next(task.id for task in Service.get_by_id(service).tasks if task.action == "mail.addMailbox")


# ------------------------------------------------------------------------------------------------- vanity: the ledger


def test_a_mailbox_made_between_look_and_act_is_not_deleted_at_the_end(
    store: Settings, runner: Runner, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger says `ours` before the exec, and goes on saying so where the exec finds somebody else's mailbox."""
    with sim_fleet(NODES) as fleet:
        for_sale(door, fleet)
        service = place_order(door, order("anna"))
        add = checked(service, runner)
        in_between(monkeypatch, strangers(fleet))
        runner.run(add)
        assert statuses(service)["mail.addMailbox@mx01"] is TaskStatus.FAILED
        grant(door, service, Wish.TERMINATE, DOMAIN)
        run_all_due(runner)
        assert "anna" in mailboxes(fleet), "somebody else's mailbox was deleted"


def test_a_mailbox_made_between_look_and_act_of_a_second_attempt_is_not_adopted(
    store: Settings, runner: Runner, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An attempt that failed before it sent anything takes away the protection of `first_come`."""
    with sim_fleet(NODES) as fleet:
        for_sale(door, fleet)
        service = place_order(door, order("anna"))
        add = checked(service, runner)
        fleet["mx01"].faults.add("v-list-mail-accounts=drop-before*1")
        runner.run(add)
        assert not VanitySlot.get().mailbox_ours
        make_due()
        in_between(monkeypatch, strangers(fleet, "512"))
        runner.run(add)
        assert statuses(service)["mail.addMailbox@mx01"] is TaskStatus.FAILED, "somebody else's mailbox was adopted"


def test_a_mailbox_that_was_never_made_is_not_called_ours(store: Settings, runner: Runner, door: Door) -> None:
    """A refusal of the node (a full package), and then the provider makes the mailbox for somebody else."""
    with sim_fleet(NODES) as fleet:
        for_sale(door, fleet)
        service = place_order(door, order("anna"))
        add = checked(service, runner)
        fleet["mx01"].faults.add("v-add-mail-account=exit:8*1")
        runner.run(add)
        assert statuses(service)["mail.addMailbox@mx01"] is TaskStatus.FAILED
        strangers(fleet)()
        grant(door, service, Wish.TERMINATE, DOMAIN)
        run_all_due(runner)
        assert "anna" in mailboxes(fleet), "somebody else's mailbox was deleted"


def test_a_mailbox_made_while_the_node_was_busy_is_not_ours(
    store: Settings, runner: Runner, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NotYet before any effect: nothing was sent, yet the ledger says `ours` until the next attempt, up to a day."""
    with sim_fleet(NODES) as fleet:
        for_sale(door, fleet)
        service = place_order(door, order("anna"))
        add = checked(service, runner)

        def gone() -> None:
            fleet["mx01"].faults.add("connect=refuse*40")
            for conn in list(fleet["mx01"].connections):
                conn.abort()

        in_between(monkeypatch, gone)
        runner.run(add)
        assert statuses(service)["mail.addMailbox@mx01"] is TaskStatus.RETRYING
        fleet["mx01"].faults.clear()
        strangers(fleet)()
        make_due()
        runner.run(add)
        assert mailboxes(fleet)["anna"]["QUOTA"] == "64", "somebody else's mailbox was changed"
        assert statuses(service)["mail.addMailbox@mx01"] is TaskStatus.FAILED


# ------------------------------------------------------------------------------------------- vanity: what is left behind


def test_a_record_whose_ttl_was_changed_is_removed_all_the_same(store: Settings, runner: Runner, door: Door) -> None:
    """`hestia.md` 13.4: RECORD, TYPE and VALUE make it ours; now a TTL hides it and the service ends all the same."""
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


# --------------------------------------------------------------------------------------------- vanity: stuck and refused


@pytest.mark.parametrize("user", ["local", "data", "test", "put", "web"])
def test_a_provider_whose_user_is_a_word_of_our_paths_stops_nobody(
    store: Settings, runner: Runner, door: Door, user: str
) -> None:
    """`/usr/local/hestia/data/users` names user `data` or `local`, and then no customer anywhere can be built."""
    with sim_fleet(("web01", "mx01", "ns01")) as fleet:
        register(door, fleet)
        try:
            put_vanity(door, "eu", PARENT, "mx01", user)
        except Refused:
            return
        service = place_order(door, OrderForm("customer.test", "basic"))
        run_all_due(runner)
        assert status(service) is ServiceStatus.ACTIVE, error_of(service)


def test_a_provider_named_like_a_customers_account_elsewhere_does_not_lock_that_customer(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(("web01", "mx01", "ns01")) as fleet:
        register(door, fleet)
        service = place_order(door, OrderForm("customer.test", "basic"))
        run_all_due(runner)
        try:
            put_vanity(door, "eu", PARENT, "mx01", "customer-test-web")
        except Refused:
            return
        grant(door, service, Wish.TERMINATE, "customer.test")
        run_all_due(runner)
        assert status(service) is ServiceStatus.TERMINATED, error_of(service)


def test_a_name_that_is_itself_a_parent_is_not_sold(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(NODES) as fleet:
        for_sale(door, fleet)
        put_vanity(door, "eu", f"shop.{PARENT}", "mx01", USER)
        with pytest.raises(Refused):
            place_order(door, order("shop", vanity_domain=PARENT))


def test_a_provider_with_many_mailboxes_can_still_sell(store: Settings, runner: Runner, door: Door) -> None:
    """All of its mailboxes are listed for each look, and the listing is cut at 1 MiB."""
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


# ---------------------------------------------------------------------------------------------------- change of product


def small(door: Door, fleet: SimFleet) -> None:
    run = fleet["mx01"].account.run
    for name in ("anna", "ben"):
        run(["v-add-mail-account", "customer-test-mail", "customer.test", name, "secret-9", "10"])


# ---------------------------------------------------------------------------------------------------------------- plans


# ---------------------------------------------------------------------------------------------------------------- zones


# ------------------------------------------------------------------------------------------------------- a second round


def test_a_parent_that_a_nameserver_only_transfers_is_not_written_there(
    store: Settings, runner: Runner, door: Door
) -> None:
    """On a secondary the record is gone at the next transfer, and the raised serial keeps all transfers away: every
    other name of the provider's goes stale there."""
    with sim_fleet(NODES) as fleet:
        for_sale(door, fleet)
        fleet["pdns01"].account.zones[PARENT].kind = "secondary"
        before = [record.line() for record in fleet["pdns01"].account.zones[PARENT].records]
        place_order(door, order("anna"))
        run_all_due(runner)
        assert [record.line() for record in fleet["pdns01"].account.zones[PARENT].records] == before


def test_an_order_that_was_never_sent_is_not_counted(
    store: Settings, runner: Runner, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The node could not be reached for the exec: nothing was asked of the authority."""
    from hostdeck.core.steps.ssl import EnsureCertificate
    from hostdeck.core.store.work_models import AcmeOrder

    async def at_once(self: EnsureCertificate) -> None:
        return None

    monkeypatch.setattr(EnsureCertificate, "wait_for_world", at_once)
    with sim_fleet(("web01", "mx01", "ns01")) as fleet:
        register(door, fleet)
        service = place_order(door, OrderForm("customer.test", "basic"))
        seeds = {task.id for task in Service.get_by_id(service).tasks if task.action == "ssl.seed"}
        while due := [task for task in tasks.all_due(utcnow()) if task not in seeds]:
            if not any([runner.run(task) for task in due]):
                break
        known = EnsureCertificate.before

        def before(self: EnsureCertificate, changes: tuple[Any, ...]) -> Any:
            fleet["web01"].faults.add("connect=refuse*40")
            for conn in list(fleet["web01"].connections):
                conn.abort()
            return known(self, changes)

        monkeypatch.setattr(EnsureCertificate, "before", before)
        seed = next(
            task
            for task in Service.get_by_id(service).tasks
            if task.target == "customer.test" and task.action == "ssl.seed"
        )
        runner.run(seed.id)
        seed = Task.get_by_id(seed.id)
        assert (seed.status, seed.attempts) == (TaskStatus.RETRYING, 0), seed.error
        assert not AcmeOrder.select().exists()


def test_a_plan_and_a_wish_at_once_do_not_lock_each_other_out_on_postgresql(
    tmp_path: Any, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wish locks the servers in their order FOR UPDATE; the reading tasks of a plan refer to them in another."""
    import threading
    import time

    from hostdeck.core.intents import plans
    from hostdeck.core.settings import load_settings
    from hostdeck.core.store.db import close_store, connection
    from hostdeck.core.store.home import make_home

    settings = load_settings(tmp_path / "home", {"database_url": postgres_url}, environ={})
    make_home(settings)
    door = Door("tester", reserved_ok=True)
    first, errors = threading.Event(), []

    class Slowly:
        """Task, but with a moment between two rows."""

        @staticmethod
        def create(**values: Any) -> Any:
            row = Task.create(**values)
            first.set()
            time.sleep(0.5)
            return row

        select = Task.select

    def ask(service: int) -> None:
        try:
            with connection():
                ask_nodes(door, service, Wish.TERMINATE)
        except Exception as error:  # noqa: BLE001
            errors.append(error)

    with connection(), sim_fleet(("mx01", "web01", "ns01")) as fleet:
        register(door, fleet)
        service = place_order(door, OrderForm("customer.test", "basic"))
        Task.update(status=TaskStatus.SUCCESS).execute()
        Service.update(status=ServiceStatus.ACTIVE).execute()
        monkeypatch.setattr(plans, "Task", Slowly)
        other = threading.Thread(target=ask, args=(service,))
        other.start()
        first.wait(5)
        try:
            grant(door, service, Wish.SUSPEND)
        except Exception as error:  # noqa: BLE001
            errors.append(error)
        other.join(20)
    close_store()
    assert errors == []
