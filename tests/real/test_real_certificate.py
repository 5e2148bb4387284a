"""A certificate of one's own behind OpenSSH's own sshd, by each login: the shell text that a real node runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.authority import intermediate, leaf
from tests.queue.conftest import error_of, run_all_due
from tests.real.conftest import Fleet, SystemUser

from hostdeck.core.domain.pem import fingerprint
from hostdeck.core.domain.vocabulary import ServiceStatus, TaskStatus
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.forms import OrderForm
from hostdeck.core.intents.own_certificates import add_certificate
from hostdeck.core.intents.services import place_order
from hostdeck.core.settings import Settings
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.work_models import Service, Task
from hostdeck.queue.runner import Runner

# The real text sweeps /tmp/hdkx.* of dead guards: one real guard at a time on this machine.
pytestmark = pytest.mark.xdist_group("real-guard")

DOMAIN = "customer.test"


def test_it_gets_there_whole_and_its_key_stays_nowhere_else(
    store: Settings, runner: Runner, door: Door, fleet: Fleet, who: SystemUser | None
) -> None:
    with fleet(("web01", "mx01", "ns01"), who) as running:
        running.register(door)
        service = place_order(door, OrderForm(DOMAIN, "basic"))
        run_all_due(runner)
        assert Service.get_by_id(service).status is ServiceStatus.ACTIVE, error_of(service)
        issued = leaf(DOMAIN, f"www.{DOMAIN}")
        added = add_certificate(door, service, issued.pem, issued.key, intermediate().pem)
        run_all_due(runner)
        task = Task.get_by_id(added.task)
        assert task.status is TaskStatus.SUCCESS, task.error
        assert Item.get().known["fingerprint"] == fingerprint(issued.pem)
        told = json.dumps(list(running["web01"].journal()))
        assert "v-add-web-domain-ssl" in told
        assert "PRIVATE KEY" not in told
        assert list(Path("/tmp").glob(f"hdk*/tls/{DOMAIN}.*")) == []
