"""A sold name's whole life on stub nodes behind OpenSSH's own sshd: the real guard text, the fixed texts against real
files, and the provider's own as it was when all is over.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from tests.provider import PARENT, USER, held_by, order, sell, settle
from tests.queue.conftest import error_of, run_all_due, statuses
from tests.real.conftest import TIERS, Fleet, RealFleet, SystemUser

from hostdeck.core.domain.vocabulary import ServiceStatus, TaskStatus
from hostdeck.core.domain.wishes import Wish
from hostdeck.core.domain.zone import address
from hostdeck.core.drivers.allowed import Provider
from hostdeck.core.drivers.guard import Guard
from hostdeck.core.drivers.hestia.driver import HestiaDriver
from hostdeck.core.drivers.provider import (
    AddMailbox,
    AddRecord,
    AskMailbox,
    AskRecord,
    Mailbox,
    RemoveMailbox,
    RemoveRecord,
    SuspendMailbox,
    UnsuspendMailbox,
)
from hostdeck.core.errors import Permanent, Taken
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.life import grant
from hostdeck.core.intents.services import place_order
from hostdeck.core.settings import Settings
from hostdeck.core.sim.hestia import HestiaNode
from hostdeck.core.sim.stub_command import opened
from hostdeck.core.store.work_models import Service, Task, VanitySlot
from hostdeck.core.transport.base import Secret
from hostdeck.core.transport.ssh import SshNode
from hostdeck.queue.runner import Runner

# The real text sweeps /tmp/hdkx.* of dead guards: one real guard at a time on this machine.
pytestmark = pytest.mark.xdist_group("real-guard")

NAME = f"anna.{PARENT}"
MAIL, NAMESERVERS = "mx01", ("ns01", "ns02")
PROVIDERS = (MAIL, *NAMESERVERS)
ON_THE_PROVIDER = {
    "v-add-mail-account",
    "v-suspend-mail-account",
    "v-unsuspend-mail-account",
    "v-delete-mail-account",
    "v-add-dns-record",
    "v-delete-dns-record",
}


def for_sale(door: Door, running: RealFleet) -> None:
    for name, node in running.nodes.items():
        with opened(node.folder) as state:
            settle(name, state.node)
    running.register(door)
    sell(door)


def files(running: RealFleet, names: tuple[str, ...] = PROVIDERS) -> dict[str, str]:
    """Every file of the provider's on the disk of its nodes, without serials and the times of records."""
    found = {}
    for name in names:
        folder = running[name].folder
        for path in (folder / "data" / "users" / USER, folder / "home" / USER):
            for file in sorted(path.rglob("*")):
                if file.is_file():
                    text = re.sub(r"SERIAL='\d+'|^ +\d{10}$", "SERIAL", file.read_text(), flags=re.MULTILINE)
                    found[f"{name}:{file.relative_to(folder)}"] = text
    return found


def books(running: RealFleet) -> list[str | None]:
    """The same as the stub nodes have it in their books: mailboxes are in no file there."""
    held = []
    for name in PROVIDERS:
        with opened(running[name].folder) as state:
            held.append(held_by(state.node))
    return held


def look(running: RealFleet, name: str) -> HestiaNode:
    with opened(running[name].folder) as state:
        return state.node


def anna(running: RealFleet) -> dict[str, str] | None:
    boxes = look(running, MAIL).book.users[USER].mailboxes[PARENT]
    return next((box for box in boxes if box["ACCOUNT"] == "anna"), None)


def answers(running: RealFleet) -> list[list[str]]:
    return [look(running, name).dns_answer(NAME, "A") for name in NAMESERVERS]


def touched(running: RealFleet) -> list[str]:
    """What changed anything of the provider's, without whom."""
    return [
        str(argv[0])
        for node in running.nodes.values()
        for argv in (ran["argv"] for ran in node.journal())
        if isinstance(argv, list) and HestiaNode.changes(argv) and USER in argv
    ]


def wished(door: Door, runner: Runner, service: int, wish: Wish, expected: ServiceStatus) -> None:
    grant(door, service, wish, NAME if wish in (Wish.HARD_REDEPLOY, Wish.TERMINATE) else "")
    run_all_due(runner)
    assert Service.get_by_id(service).status is expected, error_of(service)


def test_a_sold_name_lives_its_whole_life_and_leaves_the_providers_own_as_it_was(
    store: Settings, runner: Runner, door: Door, fleet: Fleet, who: SystemUser | None
) -> None:
    with fleet(TIERS, who) as running:
        for_sale(door, running)
        held, lying = books(running), files(running)
        assert len([path for path in lying if path.endswith(f"dns/{PARENT}.conf")]) == 2

        service = place_order(door, order("anna"))
        run_all_due(runner)
        assert Service.get_by_id(service).status is ServiceStatus.ACTIVE, error_of(service)
        ip = running.form("web01").ip
        assert answers(running) == [[ip], [ip]]
        made = anna(running)
        assert made is not None
        assert (made["QUOTA"], made["SUSPENDED"]) == ("512", "no")
        assert look(running, "web01").site(NAME) == "live"
        built, done = files(running), touched(running)
        assert sorted(done) == ["v-add-dns-record", "v-add-dns-record", "v-add-mail-account"]

        wished(door, runner, service, Wish.REDEPLOY, ServiceStatus.ACTIVE)
        assert (touched(running), files(running)) == (done, built)

        wished(door, runner, service, Wish.SUSPEND, ServiceStatus.SUSPENDED)
        assert look(running, "web01").site(NAME) == "suspended"
        assert (anna(running) or {})["SUSPENDED"] == "yes"
        assert answers(running) == [[ip], [ip]]
        wished(door, runner, service, Wish.UNSUSPEND, ServiceStatus.ACTIVE)
        assert look(running, "web01").site(NAME) == "live"
        assert (anna(running) or {})["SUSPENDED"] == "no"
        assert files(running) == built

        wished(door, runner, service, Wish.HARD_REDEPLOY, ServiceStatus.ACTIVE)
        assert answers(running) == [[ip], [ip]]
        assert anna(running) is not None

        wished(door, runner, service, Wish.TERMINATE, ServiceStatus.TERMINATED)
        assert answers(running) == [[], []]
        assert anna(running) is None
        assert look(running, "web01").site(NAME) not in ("live", "suspended")
        assert (books(running), files(running)) == (held, lying)
        assert set(touched(running)) == ON_THE_PROVIDER
        assert running.overlaps() == []
        assert not VanitySlot.select().exists()


def test_a_record_and_a_mailbox_of_somebody_else_are_left_alone_by_the_real_texts(
    store: Settings, runner: Runner, door: Door, fleet: Fleet
) -> None:
    with fleet(TIERS) as running:
        for_sale(door, running)
        with opened(running["ns01"].folder) as state:
            state.node.run(["v-add-dns-record", USER, PARENT, "anna", "TXT", "somebody else"])
        before = files(running)
        service = place_order(door, order("anna"))
        run_all_due(runner)
        assert statuses(service)["dns.checkRecord@ns01"] is TaskStatus.FAILED
        assert "[OWN_FOREIGN]" in Task.get(Task.action == "dns.checkRecord", Task.status == TaskStatus.FAILED).error
        wished(door, runner, service, Wish.TERMINATE, ServiceStatus.TERMINATED)
        assert files(running) == before
        other = place_order(door, order("carol"))
        run_all_due(runner)
        assert "carol@names.test on mx01 is a mailbox, which hostdeck has not made" in error_of(other)
        assert files(running) == before


def test_a_record_that_appears_between_check_and_act_is_not_ours(
    store: Settings, runner: Runner, door: Door, fleet: Fleet
) -> None:
    with fleet(TIERS) as running:
        for_sale(door, running)
        service = place_order(door, order("anna"))
        for task in list(Service.get_by_id(service).tasks):
            if task.action in ("web.checkParent", "mail.checkMailbox", "dns.checkRecord"):
                runner.run(task.id)
        ip = running.form("web01").ip
        for name in NAMESERVERS:  # even our very own value: nothing tells it from another's
            with opened(running[name].folder) as state:
                state.node.run(["v-add-dns-record", USER, PARENT, "anna", "A", ip, "", "", "no", "3600"])
        before = files(running, NAMESERVERS)
        run_all_due(runner)
        assert [statuses(service)[f"dns.addRecord@{name}"] for name in NAMESERVERS] == [TaskStatus.FAILED] * 2
        grant(door, service, Wish.TERMINATE, NAME)
        run_all_due(runner)
        assert files(running, NAMESERVERS) == before
        assert not {"v-add-dns-record", "v-delete-dns-record"} & set(touched(running))


# ------------------------------------------------------------------- the look in the exec that acts, and nothing before


@asynccontextmanager
async def driver(running: RealFleet, name: str) -> AsyncIterator[HestiaDriver]:
    """A driver of its own connection, which may name the provider as the worker's may."""
    node = SshNode(running.login(name))
    provider = Provider(frozenset({USER}), frozenset({PARENT}))
    folder = str(running[name].folder)
    try:
        yield HestiaDriver(Guard(node, name, folder, lambda stream, text: None, lambda: True, provider=provider), 60.0)
    finally:
        await node.close()


IP = "203.0.113.10"
RECORD = replace(address("anna", IP), ttl=3600)
ASK_RECORD = AskRecord(USER, PARENT, RECORD)
OURS = ("anna", "A", IP, "", "", "no", "3600")


@pytest.mark.parametrize(
    "there",
    [OURS, ("anna", "A", "203.0.113.77"), ("anna", "TXT", "somebody else"), ("anna", "CNAME", "shop.example.net.")],
    ids=["the same", "another", "TXT", "CNAME"],
)
async def test_nothing_is_added_where_something_stands_at_the_moment_of_the_act(
    fleet: Fleet, there: tuple[str, ...]
) -> None:
    with fleet(("ns01",)) as running:
        with opened(running["ns01"].folder) as state:
            settle("ns01", state.node)
            assert state.node.run(["v-add-dns-record", USER, PARENT, *there]).exit == 0
        before = files(running, ("ns01",))
        async with driver(running, "ns01") as node:
            applied = await node.apply((AddRecord(USER, PARENT, RECORD),), ASK_RECORD, ())
        assert type(applied.trouble) is Taken
        assert len(applied.facts.at_name) == 1
        assert files(running, ("ns01",)) == before
        assert touched(running) == []


async def test_a_record_is_removed_only_by_its_number_and_only_where_it_stands_alone(fleet: Fleet) -> None:
    with fleet(("ns01",)) as running:
        run = running["ns01"]
        with opened(run.folder) as state:
            settle("ns01", state.node)
            before = state.node.book.users[USER].zones[PARENT].copy()
            state.node.run(["v-add-dns-record", USER, PARENT, *OURS])
            state.node.run(["v-add-dns-record", USER, PARENT, "anna", "TXT", "somebody else"])
            ours, text = (line.split("'")[1] for line in state.node.book.users[USER].zones[PARENT][-2:])
        async with driver(running, "ns01") as node:
            beside = await node.apply((RemoveRecord(USER, PARENT, ours, RECORD),), ASK_RECORD, ())
            assert (type(beside.trouble), len(beside.facts.at_name)) == (Taken, 2)
            with opened(run.folder) as state:
                assert state.node.run(["v-delete-dns-record", USER, PARENT, text, "no"]).exit == 0
            for number, record in ((text, RECORD), (ours, replace(RECORD, value="203.0.113.1"))):
                other = await node.apply((RemoveRecord(USER, PARENT, number, record),), ASK_RECORD, ())
                assert (type(other.trouble), set(other.facts.at_name)) == (Taken, {ours})
            assert touched(running) == []
            gone = await node.apply((RemoveRecord(USER, PARENT, ours, RECORD),), ASK_RECORD, ())
            assert (gone.trouble, gone.facts.at_name) == (None, {})
            again = await node.apply((RemoveRecord(USER, PARENT, ours, RECORD),), ASK_RECORD, ())
            assert again.facts.at_name == {}
        assert touched(running) == ["v-delete-dns-record"]
        with opened(run.folder) as state:
            assert state.node.book.users[USER].zones[PARENT] == before


async def test_a_mailbox_is_made_once_and_its_repeats_are_told_by_what_is_there(fleet: Fleet) -> None:
    box = (USER, PARENT, "anna")
    ask = AskMailbox(*box)
    with fleet((MAIL,)) as running:
        with opened(running[MAIL].folder) as state:
            settle(MAIL, state.node)
            before = state.node.book.users[USER].mailboxes[PARENT].copy()
        add = AddMailbox(*box, Secret("s3cret-9 '\"$x"), "64")
        async with driver(running, MAIL) as node:
            made = await node.apply((add,), ask, ())
            assert (made.trouble, made.facts.mailbox) == (None, Mailbox("64", suspended=False))
            assert type((await node.apply((add,), ask, ())).trouble) is Taken
            for change, suspended in ((SuspendMailbox(*box), True), (UnsuspendMailbox(*box), False)):
                first, second = await node.apply((change,), ask, ()), await node.apply((change,), ask, ())
                assert (first.trouble, type(second.trouble)) == (None, Permanent)
                assert first.facts == second.facts
                assert first.facts.mailbox.suspended is suspended
            for _ in range(2):
                assert (await node.apply((RemoveMailbox(*box),), ask, ())).facts.mailbox is None
        with opened(running[MAIL].folder) as state:
            assert state.node.book.users[USER].mailboxes[PARENT] == before
        assert touched(running).count("v-add-mail-account") == 1
