"""A customer's whole life behind OpenSSH's own sshd, the guard's real text included; a hard redeployment brings every
piece back."""

from __future__ import annotations

import subprocess
from dataclasses import replace

import pytest
from tests.queue.conftest import error_of, make_due, run_all_due
from tests.real.conftest import Fleet, RealFleet
from tests.whole_life import DOMAIN, Run, furnish, save_and_put_back, shown, wanted

from hostdeck.core.domain.vocabulary import ServiceStatus
from hostdeck.core.domain.wishes import Wish
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.forms import OrderForm
from hostdeck.core.intents.life import grant
from hostdeck.core.intents.services import place_order
from hostdeck.core.settings import Settings
from hostdeck.core.sim.stub_command import opened
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.work_models import Account, Service
from hostdeck.queue.runner import Runner

pytestmark = pytest.mark.xdist_group("real-guard")


@pytest.mark.timeout(300)
def test_everything_inside_a_service_is_made_saved_put_back_and_built_anew(
    store: Settings, runner: Runner, door: Door, fleet: Fleet
) -> None:
    with fleet(("web01", "mx01", "ns01")) as running:
        running.register(door)
        service = place_order(replace(door, reserved_ok=True), OrderForm(DOMAIN, "basic"))
        settle(runner, running)
        assert Service.get_by_id(service).status is ServiceStatus.ACTIVE, error_of(service)
        furnish(door, service)
        settle(runner, running)
        user = Account.get(Account.roles.contains("web")).username
        assert shown(listed(running), service) == wanted(user)
        save_and_put_back(door, service, lambda: settle(runner, running))
        grant(door, service, Wish.HARD_REDEPLOY, typed=DOMAIN)
        settle(runner, running)
        assert Service.get_by_id(service).status is ServiceStatus.ACTIVE, error_of(service)
        assert shown(listed(running), service) == wanted(user)
        assert [item.error for item in Item.select() if item.error] == []
        assert running.overlaps() == []


def settle(runner: Runner, running: RealFleet) -> None:
    """Until nothing moves; the nodes' cron takes what is queued for it."""
    for _ in range(3):
        run_all_due(runner)
        for node in running.nodes.values():
            with opened(node.folder) as state:
                state.node.run_backup_queue()
        make_due()
    run_all_due(runner)


def listed(running: RealFleet) -> Run:
    def run(node: str, argv: list[str]) -> str:
        command = running[node].folder / "bin" / argv[0]
        return subprocess.run([command, *argv[1:]], capture_output=True, text=True, check=True).stdout

    return run
