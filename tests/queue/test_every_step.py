"""Every registered step, on every driver: applied, then looked at again, it has nothing left to decide; and what it
expected of the node once its changes had taken is what the node then shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.authority import DAY, intermediate, leaf
from tests.provider import PARENT, order, sell, settle_in
from tests.queue.conftest import error_of, make_due, run_all_due
from tests.simfleet import register, sim_fleet

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.config_wishes import Push
from hostdeck.core.domain.findings import Finding
from hostdeck.core.domain.items import KINDS, MAIL_ACTIONS, ItemKind
from hostdeck.core.domain.vocabulary import Role, RunKind, ServiceStatus, Target
from hostdeck.core.domain.wishes import DESTROYS, Wish
from hostdeck.core.drivers.base import NodeDriver
from hostdeck.core.intents import bulk
from hostdeck.core.intents.backup_proofs import try_backup
from hostdeck.core.intents.backups import restore_backup, take_backup
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.forms import OrderForm, ProductForm
from hostdeck.core.intents.group_config import put_file, set_config
from hostdeck.core.intents.items import add_item, change_item, reset_password
from hostdeck.core.intents.life import grant
from hostdeck.core.intents.own_certificates import add_certificate
from hostdeck.core.intents.products import add_product
from hostdeck.core.intents.services import place_order
from hostdeck.core.intents.work import cancel
from hostdeck.core.settings import Settings
from hostdeck.core.sim.fleet import SimFleet
from hostdeck.core.sim.hestia import HestiaNode
from hostdeck.core.steps.base import ITEM_STEPS, REGISTRY, Reading, Step, make_step
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.processes import register_worker
from hostdeck.core.store.seal import read_worker_key
from hostdeck.core.store.trials import end_stopped
from hostdeck.core.store.work_models import Run, Service
from hostdeck.core.transport.pool import SshPool
from hostdeck.queue.ensure import ensure
from hostdeck.queue.runner import Runner

NODES = ("web01", "mx01", "all01", "ns01", "pdns01")
LIMITS = {"final_backup": "yes", "web_php": "8.2"}
WISHES = (Wish.SUSPEND, Wish.UNSUSPEND, Wish.CHANGE_PRODUCT, Wish.HARD_REDEPLOY, Wish.TERMINATE)
FORMS = {
    "split": OrderForm("customer.com", "split"),
    "unified": OrderForm("bakery.com", "unified"),
    "vanity": order("anna"),
}


class Witness:
    """Carries steps as the runner does, and looks again when they are done."""

    def __init__(self) -> None:
        self.seen: set[Action] = set()
        self.kinds: set[ItemKind] = set()
        self.unsettled: list[str] = []

    async def ensure(self, step: Step[Any, Any], node: NodeDriver, *args: Any, **kwargs: Any) -> tuple[Finding, ...]:
        learnt = await ensure(step, node, *args, **kwargs)
        found = await node.ask(step.question(), step.owner())
        left = step.decide(found)
        if left:
            self.unsettled.append(f"{type(step).__name__}: {left}")
        self.seen |= {action for action, kind in REGISTRY.items() if kind is type(step)}
        self.kinds |= {kind for kind, of in ITEM_STEPS.items() if of is type(step)}
        return learnt


@pytest.fixture
def witness(monkeypatch: pytest.MonkeyPatch) -> Witness:
    found = Witness()
    monkeypatch.setattr("hostdeck.queue.runner.ensure", found.ensure)
    return found


@pytest.fixture
def public_runner(store: Settings) -> Iterator[Runner]:
    """Every name resolves to every node, so that certificates are asked for."""
    everywhere = frozenset(f"203.0.113.{number}" for number in range(10, 20))

    async def resolve(host: str) -> frozenset[str]:
        return everywhere

    async def ask(ip: str, host: str) -> frozenset[str] | None:
        return everywhere

    pool = SshPool()
    private = read_worker_key(store.worker_key)
    yield Runner(register_worker().id, pool, private, store, lambda ids: None, resolve, ask)
    pool.close()


def furnish(door: Door, fleet: SimFleet) -> None:
    settle_in(fleet)
    register(door, fleet)
    sell(door, web_servers=("web01",))
    for mode in ("split", "unified", "vanity"):
        limits = LIMITS if mode != "vanity" else {}
        more = {"vanity_mail_quota": "900"} if mode == "vanity" else {"web_databases": "50"}
        for name, extra in (("name" if mode == "vanity" else mode, {}), (f"{mode}-l", more)):
            if name != "name":
                add_product(door, ProductForm(name, "eu", mode, tuple(Role), limits | extra))
    for node in fleet.nodes.values():
        if isinstance(node.account, HestiaNode):
            node.account.letsencrypt = "issue"


def alike(door: Door) -> None:
    """Configuration and files for the whole group, each by a bulk action."""
    set_config(door, "eu", Target.ALL, {"THEME": "flat"})
    put_file(door, "eu", "/var/www/html/robots.txt", "User-agent: *\n", Target.ALL)
    bulk.apply(door, "eu", Push.ALL)
    Run.update(finished_at=utcnow()).where(Run.kind == RunKind.BULK).execute()
    bulk.apply(door, "eu", Push.FILES)


INSIDE: dict[ItemKind, tuple[str, dict[str, str]]] = {
    ItemKind.MAILBOX: ("info", {"quota": "512", "forwards": "a@b.example", "aliases": "post", "autoreply": "Away."}),
    ItemKind.DATABASE: ("shop", {}),
    ItemKind.FTP: ("anna", {"path": "/public_html"}),
    ItemKind.CRON: ("", {"schedule": "*/5 * * * *", "command": "php run.php"}),
}


def fill(door: Door, service: int, mode: str) -> None:
    """One of each kind inside a service; a sold name's one mailbox gets a password."""
    take_backup(door, service)
    if mode == "vanity":
        reset_password(door, service, ItemKind.MAILBOX, "")
        return
    for kind, (name, fields) in INSIDE.items():
        add_item(door, service, kind, name, fields)
    change_item(door, service, ItemKind.WEBSITE, "", {"redirect": "https://www.example.com", "php": "8.2"})
    change_item(door, service, ItemKind.MAIL_DOMAIN, "", {"catchall": "all@example.com"})


def put_back(door: Door, service: int, mode: str) -> None:
    """Every backup that was taken, and a certificate of one's own."""
    for item in Item.select().where(Item.service == service, Item.kind == ItemKind.BACKUP):
        restore_backup(door, service, item.name, {}, sure=True)
        try_backup(door, service, item.name)
    if mode != "vanity":
        domain = FORMS[mode].domain
        mine = leaf(domain, f"www.{domain}", ends=200 * DAY)
        add_certificate(door, service, mine.pem, mine.key, intermediate().pem, Role.WEB)


def stop_a_trial(runner: Runner, door: Door, fleet: SimFleet, service: int) -> None:
    """Half-way, on each of its nodes; what they have left is taken away by what a worker's sweep begins."""
    machines = [node.account.machine for node in fleet.nodes.values() if isinstance(node.account, HestiaNode)]
    for machine in machines:
        machine.broken.add("slow")
    tried = [
        number
        for item in Item.select().where(Item.service == service, Item.kind == ItemKind.BACKUP)
        for number in try_backup(door, service, item.name)
    ]
    run_all_due(runner)
    for number in tried:
        cancel(door, number)
    for machine in machines:
        machine.broken.discard("slow")
    end_stopped(utcnow())


def settle(runner: Runner, fleet: SimFleet) -> None:
    """Until nothing moves: backups are taken as the nodes' cron would, and what waits for them looks again."""
    for _ in range(3):
        run_all_due(runner)
        for node in fleet.nodes.values():
            if isinstance(node.account, HestiaNode):
                node.account.run_backup_queue()
        make_due()
    run_all_due(runner)


@pytest.mark.timeout(300)
def test_every_step_leaves_nothing_to_decide_on_every_driver(
    public_runner: Runner, door: Door, witness: Witness
) -> None:
    with sim_fleet(NODES) as fleet:
        furnish(door, fleet)
        for mode, form in FORMS.items():
            service = place_order(door, form)
            settle(public_runner, fleet)
            assert Service.get_by_id(service).status is ServiceStatus.ACTIVE, error_of(service)
            fill(door, service, mode)
            settle(public_runner, fleet)
            put_back(door, service, mode)
            settle(public_runner, fleet)
            stop_a_trial(public_runner, door, fleet, service)
            settle(public_runner, fleet)
            assert not Item.select().where(Item.error.is_null(False)).exists(), [one.error for one in Item.select()]
            for wish in WISHES:
                domain = Service.get_by_id(service).domain
                product = f"{mode}-l" if wish is Wish.CHANGE_PRODUCT else ""
                grant(door, service, wish, domain if wish in DESTROYS else "", product=product)
                settle(public_runner, fleet)
                assert Service.get_by_id(service).status is not ServiceStatus.ERROR, (wish, error_of(service))
            assert Service.get_by_id(service).status is ServiceStatus.TERMINATED, error_of(service)
        alike(door)
        settle(public_runner, fleet)
        assert witness.unsettled == []
        steps = {action for action, kind in REGISTRY.items() if not issubclass(kind, Reading)}
        assert witness.seen == steps
        assert witness.kinds == set(ITEM_STEPS)
        assert not Item.select().exists()
        assert PARENT in fleet["pdns01"].account.run(["pdnsutil", "list-all-zones"]).stdout


def test_every_action_has_its_step() -> None:
    make_step(Action.SERVER_CHECK, {}, None)  # type: ignore[arg-type]
    of_items = {action for spec in KINDS.values() for action in (spec.add, spec.change, spec.remove)}
    assert set(REGISTRY) | of_items | set(MAIL_ACTIONS.values()) == set(Action)
    assert set(ITEM_STEPS) == set(KINDS)
