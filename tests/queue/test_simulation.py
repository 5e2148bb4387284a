"""Many services, their lives in random order, workers that die and nodes that fail at random moments: nothing lost,
nothing doubled, nothing foreign touched, nothing left over. A seed replays the same choices."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest
from tests import provider
from tests.queue.conftest import make_due, run_all_due, running_on
from tests.simfleet import register, sim_fleet

from hostdeck.core.domain.tickets import TicketStatus
from hostdeck.core.domain.vocabulary import Mode, Role, ServiceStatus, TaskStatus
from hostdeck.core.domain.wishes import DESTROYS, Wish
from hostdeck.core.errors import Conflict
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.forms import OrderForm, ProductForm
from hostdeck.core.intents.life import grant, resume
from hostdeck.core.intents.products import add_product
from hostdeck.core.intents.services import place_order
from hostdeck.core.settings import Settings, load_settings
from hostdeck.core.sim.fleet import SimFleet
from hostdeck.core.store import tasks
from hostdeck.core.store.clock import lease_time
from hostdeck.core.store.db import close_store, connection
from hostdeck.core.store.due import all_due
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.fleet_models import Server, Worker
from hostdeck.core.store.home import make_home
from hostdeck.core.store.tasks import Claim, Outcome, Settled
from hostdeck.core.store.work_models import Account, Service, Task, Ticket
from hostdeck.queue.runner import Runner

NODES = ("web01", "mx01", "all01", "ns01", "pdns01")
MODES = ("basic", "one", provider.PRODUCT)
LARGER = {"split": "basic-l", "unified": "one-l", "vanity": "name-l"}
FAULTS = (
    "v-*=drop-before*1", "v-*=drop-after*1", "v-add-*=exit-after:15*1", "v-delete-*=exit:15*1", "v-add-user=half*1",
    "v-add-mail-account=drop-after*1", "v-add-dns-record=drop-after*1", "v-delete-mail-account=drop-before*1",
    "replace-rrset=drop-after*1", "load-zone=drop-after*1", "delete-rrset=exit:1*1",
    "v-suspend-*=drop-after*1", "v-unsuspend-*=exit-after:14*1", "v-restart-*=exit:20*1", "connect=refuse*1",
)  # fmt: skip
STATE = (
    ("v-list-user", "bystander", "plain"), ("v-list-user-packages", "plain"), ("cat", "/etc/passwd"),
    ("v-list-web-domains", "bystander", "plain"), ("v-list-mail-domains", "bystander", "plain"),
    ("v-list-dns-records", "bystander", "bystander.test", "plain"),
)  # fmt: skip


def bystander(fleet: SimFleet) -> None:
    """On every node somebody else's account, with a domain of each kind; and the provider's own."""
    provider.settle_in(fleet)
    for node in fleet.nodes.values():
        run = node.account.run
        run(["v-add-user", "bystander", "secret-9", "b@bystander.test", "default", "Bystander"])
        run(["v-add-web-domain", "bystander", "bystander.test", node.account.ip, "no", "none"])
        run(["v-add-mail-domain", "bystander", "bystander.test"])
        run(["v-add-dns-domain", "bystander", "bystander.test", node.account.ip])


def state(fleet: SimFleet) -> dict[str, list[str]]:
    """Of everybody who is not ours, and every account, package and zone there is."""
    found = {name: [node.account.run(list(argv)).stdout for argv in STATE] for name, node in fleet.nodes.items()}
    for name, held in provider.holdings(fleet).items():
        found[name].append(held)
    found["pdns01"].append(fleet["pdns01"].account.run(["pdnsutil", "list-all-zones"]).stdout)
    return found


class Mortal:
    """A worker whose result is lost now and then, as if it had been killed between its deed and its commit."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, dice: random.Random) -> None:
        self.killed = 0
        self.trace: list[str] = []
        settle = tasks.settle

        def fatal(claim: Claim, outcome: Outcome, *, now: object) -> Settled | None:
            task = Task.get_by_id(claim.task)
            self.trace.append(f"{task.id} {task.action} {claim.number} {type(outcome).__name__}")
            if dice.random() < 0.08:
                self.killed += 1
                return None
            return settle(claim, outcome, now=now)  # type: ignore[arg-type]

        monkeypatch.setattr("hostdeck.queue.runner.tasks.settle", fatal)


def bury() -> None:
    """What the sweep does once it knows that the worker is dead; every retry is due at once."""
    tasks.lapse(lease_time(), utcnow(), [worker.id for worker in Worker.select()])
    make_due()


def live(door: Door, runner: Runner, fleet: SimFleet, dice: random.Random, services: int) -> None:
    """Orders and wishes in random order, with the queue run a little in between."""
    ordered: list[int] = []
    modes = [MODES[number % len(MODES)] for number in range(services)]
    dice.shuffle(modes)
    for _ in range(services * 6):
        if dice.random() < 0.3:
            fleet[dice.choice(NODES)].faults.add(dice.choice(FAULTS))
        if len(ordered) < services and (not ordered or dice.random() < 0.4):
            ordered.append(place_order(door, form(len(ordered), modes[len(ordered)])))
        else:
            service = Service.get_by_id(dice.choice(ordered))
            wish = dice.choice(list(Wish))
            product = LARGER[service.mode] if wish is Wish.CHANGE_PRODUCT else ""
            try:
                grant(door, service.id, wish, service.domain if wish in DESTROYS else "", product=product)
            except Conflict:
                pass  # Its state does not allow it: the refusal is what is wanted.
        for task_id in all_due(utcnow())[: dice.randrange(12)]:
            runner.run(task_id)
        bury()


def form(number: int, product: str) -> OrderForm:
    return provider.order(f"name{number}") if product == provider.PRODUCT else OrderForm(f"c{number}.test", product)


def drain(door: Door, runner: Runner) -> None:
    """Runs until nothing is left, taking up what has failed."""
    for _ in range(60):
        bury()
        run_all_due(runner)
        stuck = Service.select().where(Service.status == ServiceStatus.ERROR)
        for service in stuck:
            resume(door, service.id)
        moving = Task.select().where(
            Task.status.in_([TaskStatus.RUNNING, TaskStatus.RETRYING, TaskStatus.QUEUED]), ~Task.follow_up
        )
        if not stuck.exists() and not moving.exists():
            return
    pytest.fail("the queue did not come to rest")


def simulate(door: Door, runner: Runner, monkeypatch: pytest.MonkeyPatch, seed: int, services: int) -> list[str]:
    """Returns what became of each attempt, in order."""
    dice = random.Random(seed)
    with sim_fleet(NODES) as fleet:
        bystander(fleet)
        before = state(fleet)
        register(door, fleet)
        add_product(door, ProductForm("one", "eu", "unified", tuple(Role)))
        # On the node that holds the provider's own domain nobody else may have names below it.
        provider.sell(door, web_servers=("web01",))
        for mode, product in LARGER.items():
            add_product(door, ProductForm(product, "eu", mode, tuple(Role), {"web_databases": "50"}))
        mortal = Mortal(monkeypatch, dice)
        live(door, runner, fleet, dice, services)
        for node in fleet.nodes.values():
            node.faults.clear()
        drain(door, runner)
        ended = {ServiceStatus.ACTIVE, ServiceStatus.SUSPENDED, ServiceStatus.TERMINATED}
        assert {service.status for service in Service.select()} <= ended
        holding = Account.select().where(Account.slot)
        for server in Server.select():
            assert server.accounts == holding.where(Account.server == server).count()
        for service in Service.select().where(Service.status != ServiceStatus.TERMINATED):
            grant(door, service.id, Wish.TERMINATE, service.domain)
        drain(door, runner)
        assert {service.status for service in Service.select()} == {ServiceStatus.TERMINATED}
        assert state(fleet) == before
        assert not Account.select().exists()
        assert [server.accounts for server in Server.select()] == [0] * len(NODES)
        assert not any(node.overlaps for node in fleet.nodes.values())
        assert not Ticket.select().where(Ticket.status == TicketStatus.OPEN).exists()
        assert mortal.killed
        return mortal.trace


@pytest.mark.parametrize("seed", [1, 2])
def test_random_lives_leave_nothing_behind_and_touch_nobody(
    store: Settings, runner: Runner, door: Door, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    simulate(door, runner, monkeypatch, seed, 5)


def test_a_seed_replays_the_same_run(tmp_path: Path, door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    traces = []
    for home in ("first", "second"):
        settings = load_settings(tmp_path / home, {}, environ={})
        make_home(settings)
        with connection(), monkeypatch.context() as patch:
            traces.append(simulate(door, next(running := running_on(settings)), patch, 3, 3))
            running.close()
        close_store()
    assert len(traces[0]) > 50
    assert traces[0] == traces[1]


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_three_hundred_random_lives_a_hundred_of_each_mode(
    store: Settings, runner: Runner, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulate(door, runner, monkeypatch, 300, 300)
    assert Counter(service.mode for service in Service.select()) == dict.fromkeys(Mode, 100)
