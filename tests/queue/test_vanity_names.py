"""Whatever name is sold, and whatever stands beside it, only the one mailbox and record come and go."""

from __future__ import annotations

import random

import pytest
from tests import provider
from tests.provider import PARENT, USER, order
from tests.queue.conftest import error_of, run_all_due
from tests.queue.test_vanity import NODES, for_sale, mailboxes, records, status
from tests.simfleet import sim_fleet

from hostdeck.core.domain.vanity import LONGEST, RESERVED, SHORTEST
from hostdeck.core.domain.vocabulary import ServiceStatus
from hostdeck.core.domain.wishes import DESTROYS, Wish
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.life import grant
from hostdeck.core.intents.services import place_order
from hostdeck.core.settings import Settings
from hostdeck.core.sim.fleet import SimFleet
from hostdeck.core.sim.powerdns import PowerDnsNode
from hostdeck.queue.runner import Runner

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
MIDDLE = (Wish.SUSPEND, Wish.UNSUSPEND, Wish.REDEPLOY, Wish.HARD_REDEPLOY)


def drawn(dice: random.Random) -> str:
    while True:
        size = dice.randint(SHORTEST, LONGEST)
        name = "".join(dice.choice(LETTERS + "-") for _ in range(size)).strip("-")
        if len(name) >= SHORTEST and "--" not in name and name not in RESERVED | {"press", "bob", "carol"}:
            return name


def neighbours(name: str) -> set[str]:
    """Names that a pattern, a prefix or a suffix would take for this one."""
    near = {name[:-1], name[1:], f"{name}0", f"x{name}", f"{name}-{name}"[:32].strip("-"), name[::-1]}
    return {one.strip("-") for one in near if "--" not in one} - {"", name, "bob", "carol"}


def settle_beside(fleet: SimFleet, names: set[str]) -> None:
    """A mailbox and a record of the provider's at each of these."""
    for one in sorted(names):
        fleet["mx01"].account.run(["v-add-mail-account", USER, PARENT, one, "secret-9", "64"])
        for node in ("ns01", "pdns01"):
            account = fleet[node].account
            if isinstance(account, PowerDnsNode):
                account.run(["pdnsutil", "replace-rrset", PARENT, one, "A", "3600", "198.51.100.9"])
            else:
                account.run(["v-add-dns-record", USER, PARENT, one, "A", "198.51.100.9"])


@pytest.mark.parametrize("seed", range(8))
def test_a_random_names_random_life_changes_nothing_else_of_the_providers(
    store: Settings, runner: Runner, door: Door, seed: int
) -> None:
    dice = random.Random(seed)
    name = drawn(dice)
    with sim_fleet(NODES) as fleet:
        for_sale(door, fleet)
        settle_beside(fleet, neighbours(name))
        assert neighbours(name) <= set(mailboxes(fleet))
        before = provider.holdings(fleet)
        service = place_order(door, order(name))
        run_all_due(runner)
        assert status(service) is ServiceStatus.ACTIVE, error_of(service)
        for wish in (*dice.sample(MIDDLE, len(MIDDLE)), Wish.TERMINATE):
            if wish is Wish.UNSUSPEND and status(service) is not ServiceStatus.SUSPENDED:
                grant(door, service, Wish.SUSPEND)
                run_all_due(runner)
            if wish is not Wish.UNSUSPEND and status(service) is ServiceStatus.SUSPENDED and wish is not Wish.TERMINATE:
                grant(door, service, Wish.UNSUSPEND)
                run_all_due(runner)
            grant(door, service, wish, f"{name}.{PARENT}" if wish in DESTROYS else "")
            run_all_due(runner)
            assert status(service) is not ServiceStatus.ERROR, error_of(service)
        assert status(service) is ServiceStatus.TERMINATED
        assert provider.holdings(fleet) == before
        assert name not in mailboxes(fleet)
        assert records(fleet, name) == {"ns01": [], "pdns01": []}
