"""Names sold below a zone of the provider's on a real PowerDNS: one record there and nothing else, asked over DNS."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace

import pytest
from tests.drivers.test_scripts import RECORDS, RRSET_AT, RRSET_IS
from tests.pdns import Pdns
from tests.provider import PARENT, USER, order, sell, settle_in
from tests.queue.conftest import error_of, make_due, run_all_due
from tests.real.conftest import Fleet, SystemUser, add_nameserver, unreachable_backend
from tests.simfleet import register, sim_fleet
from tests.sshd import Sshd

from hostdeck.core.domain.vocabulary import ServiceStatus, TaskStatus
from hostdeck.core.domain.wishes import Wish
from hostdeck.core.domain.zone import address
from hostdeck.core.drivers.allowed import Provider
from hostdeck.core.drivers.guard import Guard
from hostdeck.core.drivers.powerdns.driver import PowerDnsDriver
from hostdeck.core.drivers.powerdns.scripts import RRSET_AT as RRSET_AT_TEXT
from hostdeck.core.drivers.powerdns.scripts import RRSET_IS as RRSET_IS_TEXT
from hostdeck.core.drivers.powerdns.scripts import script
from hostdeck.core.drivers.provider import AddRecord, AskRecord, RemoveRecord
from hostdeck.core.errors import Taken
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.life import grant, resume
from hostdeck.core.intents.services import place_order
from hostdeck.core.settings import Settings
from hostdeck.core.sim.hestia import MemoryFiles
from hostdeck.core.sim.powerdns import PowerDnsNode
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import Service, Task, TaskLog, VanityRecord
from hostdeck.core.transport.base import Login, Secret
from hostdeck.core.transport.ssh import SshNode
from hostdeck.queue.runner import Runner

# The real text sweeps /tmp/hdkx.* of dead guards: one real guard at a time on this machine.
pytestmark = pytest.mark.xdist_group("real-guard")

TIERS = ("web01", "mx01")
NAME = f"anna.{PARENT}"
ZONE = (
    f"{PARENT}. 3600 IN SOA ns1.{PARENT}. hostmaster.{PARENT}. 2026112400 10800 3600 604800 3600",
    f"{PARENT}. 3600 IN NS ns1.example.net.",
    f"{PARENT}. 3600 IN NS ns2.example.net.",
    f"{PARENT}. 300 IN A 198.51.100.1",
    f"{PARENT}. 3600 IN MX 10 mail.{PARENT}.",
    f'{PARENT}. 3600 IN TXT "v=spf1 mx -all"',
    f"annas.{PARENT}. 3600 IN A 198.51.100.6",
    f"bob.{PARENT}. 3600 IN A 198.51.100.7",
    f"joanna.{PARENT}. 3600 IN CNAME bob.{PARENT}.",
    f"mail.{PARENT}. 3600 IN A 198.51.100.8",
)


@dataclass(frozen=True)
class Parent:
    """The provider's zone, as pdnsutil shows it."""

    pdns: Pdns

    @property
    def text(self) -> str:
        """Byte for byte, with the account and the kind before it."""
        return self.pdns.util("show-zone", PARENT) + self.pdns.util("list-zone", PARENT)

    @property
    def serial(self) -> int:
        _, soa = self.pdns.ask(PARENT, "SOA")
        return int(soa[0].split()[2])

    @property
    def but_its_serial(self) -> str:
        return self.text.replace(str(self.serial), "SERIAL")

    def replace(self, *args: str) -> None:
        self.pdns.util("replace-rrset", PARENT, *args)
        self.refresh()

    def refresh(self) -> None:
        for argv in (("rediscover",), ("purge", f"{PARENT}$")):
            command = ["pdns_control", f"--config-dir={self.pdns.folder}", *argv]
            subprocess.run(command, capture_output=True, check=True)


@pytest.fixture
def parent(pdns: Pdns) -> Parent:
    file = pdns.folder / "parent.zone"
    file.write_text("".join(f"{line}\n" for line in ZONE))
    pdns.util("load-zone", PARENT, str(file))
    pdns.util("set-account", PARENT, "the-provider")
    pdns.util("set-kind", PARENT, "primary")
    made = Parent(pdns)
    made.refresh()
    return made


@contextmanager
def for_sale(door: Door, fleet: Fleet, pdns: Pdns, who: SystemUser | None = None) -> Iterator[None]:
    """The site and the mailbox on pretend nodes; the record on the real nameserver behind the real sshd."""
    with sim_fleet(TIERS) as pretend, fleet((), who) as real:
        settle_in(pretend)
        register(door, pretend)
        add_nameserver(door, real.sshd, pdns)
        sell(door)
        yield


@asynccontextmanager
async def driver(sshd: Sshd, pdns: Pdns) -> AsyncIterator[PowerDnsDriver]:
    """A driver of its own connection, which may name the provider as the worker's may."""
    login = Login(
        "pdns01", "127.0.0.1", sshd.port, sshd.user, sshd.host_public_key, Secret(sshd.client_key_path.read_text())
    )
    node = SshNode(login)
    provider = Provider(frozenset({USER}), frozenset({PARENT}))
    guard = Guard(
        node, "pdns01", str(pdns.folder), lambda stream, text: None, lambda: True, owned="pdns.conf", provider=provider
    )
    try:
        yield PowerDnsDriver(guard, 60.0)
    finally:
        await node.close()


IP = "203.0.113.10"
RECORD = replace(address("anna", IP), ttl=3600)
ASK = AskRecord(USER, PARENT, RECORD)


def status(service: int) -> ServiceStatus:
    return Service.get_by_id(service).status


def wished(door: Door, runner: Runner, service: int, wish: Wish, expected: ServiceStatus) -> None:
    grant(door, service, wish, NAME if wish in (Wish.HARD_REDEPLOY, Wish.TERMINATE) else "")
    run_all_due(runner)
    assert status(service) is expected, error_of(service)


def built(door: Door, runner: Runner) -> int:
    service = place_order(door, order("anna"))
    run_all_due(runner)
    assert status(service) is ServiceStatus.ACTIVE, error_of(service)
    return service


def task(action: str) -> Task:
    """The last of its kind on the nameserver."""
    server = Server.get(Server.name == "pdns01")
    return Task.select().where(Task.server == server, Task.action == action).order_by(Task.id.desc()).get()


def site_ip() -> str:
    return str(Server.get(Server.name == "web01").ip)


def test_a_sold_name_lives_on_a_real_nameserver_and_leaves_the_providers_zone_as_it_was(
    store: Settings, runner: Runner, door: Door, fleet: Fleet, who: SystemUser | None, pdns: Pdns, parent: Parent
) -> None:
    with for_sale(door, fleet, pdns, who):
        before, serials = parent.but_its_serial, [parent.serial]
        assert pdns.ask(NAME, "A") == ("NXDOMAIN", [])
        service = built(door, runner)
        ours = f"{NAME}\t3600\tIN\tA\t{site_ip()}\n"
        serials.append(parent.serial)
        assert pdns.ask(NAME, "A") == ("NOERROR", [site_ip()])
        assert parent.but_its_serial.count(ours) == 1
        assert parent.but_its_serial.replace(ours, "") == before
        there = parent.text
        for wish, expected in (
            (Wish.REDEPLOY, ServiceStatus.ACTIVE),
            (Wish.SUSPEND, ServiceStatus.SUSPENDED),
            (Wish.UNSUSPEND, ServiceStatus.ACTIVE),
        ):
            wished(door, runner, service, wish, expected)
            assert pdns.ask(NAME, "A") == ("NOERROR", [site_ip()])
            assert parent.text == there, f"{wish} changed the zone"
        wished(door, runner, service, Wish.HARD_REDEPLOY, ServiceStatus.ACTIVE)
        serials.append(parent.serial)
        assert pdns.ask(NAME, "A") == ("NOERROR", [site_ip()])
        assert parent.but_its_serial.replace(ours, "") == before
        wished(door, runner, service, Wish.TERMINATE, ServiceStatus.TERMINATED)
        serials.append(parent.serial)
        assert pdns.ask(NAME, "A") == ("NXDOMAIN", [])
        assert parent.but_its_serial == before
        assert serials == [2026112400, 2026112401, 2026112403, 2026112404]
        assert not VanityRecord.select().exists()


def test_a_name_above_a_record_of_the_provider_is_sold_and_the_record_stays(
    store: Settings, runner: Runner, door: Door, fleet: Fleet, pdns: Pdns, parent: Parent
) -> None:
    with for_sale(door, fleet, pdns):
        parent.replace("shop.anna", "TXT", "3600", '"below"')
        pdns.util("rectify-zone", PARENT)  # makes a row without a type at the name itself
        parent.refresh()
        before = parent.but_its_serial
        assert pdns.ask(NAME, "A") == ("NOERROR", [])
        service = built(door, runner)
        assert pdns.ask(NAME, "A") == ("NOERROR", [site_ip()])
        wished(door, runner, service, Wish.TERMINATE, ServiceStatus.TERMINATED)
        assert pdns.ask(NAME, "A") == ("NOERROR", [])
        assert pdns.ask(f"shop.{NAME}", "TXT") == ("NOERROR", ['"below"'])
        assert parent.but_its_serial == before


FOREIGN = {
    "A": "203.0.113.77",
    "AAAA": "2001:db8::77",
    "CNAME": "shop.example.net.",
    "TXT": '"somebody else"',
    "TLSA": "3 1 1 " + "ab" * 32,
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_record_of_somebody_else_at_the_name_is_left_alone_for_good(
    store: Settings, runner: Runner, door: Door, fleet: Fleet, pdns: Pdns, parent: Parent, kind: str
) -> None:
    with for_sale(door, fleet, pdns):
        parent.replace("anna", kind, "3600", FOREIGN[kind])
        before = parent.text
        service = place_order(door, order("anna"))
        run_all_due(runner)
        assert task("dns.checkRecord").status is TaskStatus.FAILED
        assert "[OWN_FOREIGN]" in task("dns.checkRecord").error
        assert task("dns.addRecord").status is TaskStatus.WAITING
        assert parent.text == before
        wished(door, runner, service, Wish.TERMINATE, ServiceStatus.TERMINATED)
        assert parent.text == before


@pytest.mark.parametrize("same", [False, True], ids=["another", "the same"])
def test_a_record_that_appears_between_check_and_act_is_not_ours(
    store: Settings, runner: Runner, door: Door, fleet: Fleet, pdns: Pdns, parent: Parent, same: bool
) -> None:
    with for_sale(door, fleet, pdns):
        service = place_order(door, order("anna"))
        add = task("dns.addRecord")
        for one in list(Service.get_by_id(service).tasks):
            if one.action in ("web.checkParent", "mail.checkMailbox", "dns.checkRecord"):
                runner.run(one.id)
        parent.replace("anna", "A", "3600", site_ip() if same else "203.0.113.77")
        before = parent.text
        runner.run(add.id)
        assert Task.get_by_id(add.id).status is TaskStatus.FAILED
        assert "[OWN_FOREIGN]" in Task.get_by_id(add.id).error
        grant(door, service, Wish.TERMINATE, NAME)
        run_all_due(runner)
        assert parent.text == before


def test_a_record_that_somebody_changed_is_left_when_the_service_goes(
    store: Settings, runner: Runner, door: Door, fleet: Fleet, pdns: Pdns, parent: Parent
) -> None:
    with for_sale(door, fleet, pdns):
        service = built(door, runner)
        parent.replace("anna", "A", "3600", "203.0.113.77")
        before = parent.text
        wished(door, runner, service, Wish.TERMINATE, ServiceStatus.TERMINATED)
        assert parent.text == before


def test_a_record_of_another_type_beside_ours_keeps_the_removal_from_both(
    store: Settings, runner: Runner, door: Door, fleet: Fleet, pdns: Pdns, parent: Parent
) -> None:
    with for_sale(door, fleet, pdns):
        service = built(door, runner)
        parent.replace("anna", "TXT", "3600", '"somebody else"')
        before = parent.text
        grant(door, service, Wish.TERMINATE, NAME)
        run_all_due(runner)
        assert task("dns.removeRecord").status is TaskStatus.FAILED
        assert "something stands there that this step has not made" in task("dns.removeRecord").error
        assert parent.text == before
        pdns.util("delete-rrset", PARENT, "anna", "TXT")
        parent.refresh()
        resume(door, service)
        run_all_due(runner)
        assert status(service) is ServiceStatus.TERMINATED, error_of(service)
        assert pdns.ask(NAME, "A") == ("NXDOMAIN", [])


def test_a_parent_zone_that_is_missing_is_told_and_never_made(
    store: Settings, runner: Runner, door: Door, fleet: Fleet, pdns: Pdns
) -> None:
    with for_sale(door, fleet, pdns):
        service = place_order(door, order("anna"))
        run_all_due(runner)
        assert task("dns.checkRecord").status is TaskStatus.FAILED
        assert f"the zone {PARENT} is not there" in task("dns.checkRecord").error
        assert "[VAN_PARENT_MISSING]" in task("dns.checkRecord").error
        wished(door, runner, service, Wish.TERMINATE, ServiceStatus.TERMINATED)
        assert pdns.util("list-all-zones", "--verbose").split() == ["All", "zonecount:", "0"]
        assert pdns.ask(PARENT, "SOA") == ("REFUSED", [])


def test_a_parent_zone_that_cannot_be_looked_at_is_not_taken_for_gone(
    store: Settings, runner: Runner, door: Door, fleet: Fleet, pdns: Pdns, parent: Parent
) -> None:
    with for_sale(door, fleet, pdns):
        before = parent.but_its_serial
        service = built(door, runner)
        with unreachable_backend(pdns):
            grant(door, service, Wish.TERMINATE, NAME)
            run_all_due(runner)
            assert task("dns.removeRecord").status is TaskStatus.RETRYING
            assert "does not exist yet" in task("dns.removeRecord").error
        make_due()
        run_all_due(runner)
        assert status(service) is ServiceStatus.TERMINATED, error_of(service)
        assert parent.but_its_serial == before


def test_one_record_is_one_replacement_a_serial_and_a_purge(
    store: Settings, runner: Runner, door: Door, fleet: Fleet, pdns: Pdns, parent: Parent
) -> None:
    with for_sale(door, fleet, pdns):
        built(door, runner)
        told = [line.text for line in TaskLog.select().where(TaskLog.task == task("dns.addRecord"))]
        folder = f"--config-dir={pdns.folder}"
        assert f"pdnsutil {folder} replace-rrset {PARENT} anna A 3600 {site_ip()}" in told
        assert f"pdnsutil {folder} increase-serial {PARENT}" in told
        assert not [text for text in told if "load-zone" in text or "set-account" in text or "rectify" in text]


@pytest.mark.parametrize("kind", [*FOREIGN, "ours"])
async def test_nothing_is_added_where_something_stands_at_the_moment_of_the_act(
    fleet: Fleet, pdns: Pdns, parent: Parent, kind: str
) -> None:
    parent.replace("anna", *(("A", "3600", IP) if kind == "ours" else (kind, "3600", FOREIGN[kind])))
    before = parent.text
    with fleet(()) as real:
        async with driver(real.sshd, pdns) as node:
            applied = await node.apply((AddRecord(USER, PARENT, RECORD),), ASK, ())
    assert type(applied.trouble) is Taken
    assert len(applied.facts.at_name) == 1
    assert parent.text == before


async def test_a_record_is_removed_only_where_exactly_it_stands_alone(fleet: Fleet, pdns: Pdns, parent: Parent) -> None:
    before = parent.but_its_serial
    remove = RemoveRecord(USER, PARENT, "1", RECORD)
    with fleet(()) as real:
        async with driver(real.sshd, pdns) as node:
            text = parent.text
            assert (await node.apply((remove,), ASK, ())).facts.at_name == {}
            assert parent.text == text, "nothing stood there, and nothing was sent"
            added = await node.apply((AddRecord(USER, PARENT, RECORD),), ASK, ())
            assert (added.trouble, added.facts.answers) == (None, frozenset({IP}))
            text = parent.text
            again = await node.apply((AddRecord(USER, PARENT, RECORD),), ASK, ())
            assert (type(again.trouble), parent.text) == (Taken, text)
            other = replace(RECORD, value="203.0.113.1")
            assert type((await node.apply((replace(remove, record=other),), ASK, ())).trouble) is Taken
            assert parent.text == text
            gone = await node.apply((remove,), ASK, ())
            assert (gone.trouble, gone.facts.at_name, gone.facts.answers) == (None, {}, frozenset())
    assert parent.but_its_serial == before


# ------------------------------------------------------------------------- the fixed texts over the real pdnsutil


@pytest.fixture
def odd(pdns: Pdns) -> Pdns:
    """The zone of the fixed texts' own tests, loaded by the real pdnsutil."""
    file = pdns.folder / "odd.zone"
    absolute = RECORDS[0].content.replace(f"ns1.{PARENT} hostmaster.{PARENT} ", f"ns1.{PARENT}. hostmaster.{PARENT}. ")
    lines = [
        f"{PARENT}. 3600 IN SOA {absolute}",
        *(f"{one.name}. 3600 IN {one.type} {one.content}" for one in RECORDS[1:]),
    ]
    file.write_text("".join(f"{line}\n" for line in lines))
    pdns.util("load-zone", PARENT, str(file))
    return pdns


def test_the_fixed_texts_say_of_a_real_zone_what_they_say_of_a_pretended_one(odd: Pdns) -> None:
    tool = ("pdnsutil", f"--config-dir={odd.folder}")
    for name, code, records in RRSET_AT.values():
        argv = script(RRSET_AT_TEXT, "rrset-at", PARENT, name, *tool)
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (code, "".join(f"{one.line()}\n" for one in records)), name
    for what, code, said in RRSET_IS.values():
        argv = script(RRSET_IS_TEXT, "rrset-is", PARENT, *what, *tool)
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (code, said), what
    missing = script(RRSET_AT_TEXT, "rrset-at", "missing.test", "anna", *tool)
    done = subprocess.run(missing, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (7, "Zone 'missing.test' not found!\n")


def test_the_simulated_pdnsutil_lists_a_zone_as_the_real_one_does(odd: Pdns) -> None:
    node = PowerDnsNode("ns02.example.net", "203.0.113.10", files=MemoryFiles())
    node.files.write("/zone", (odd.folder / "odd.zone").read_text())
    assert node.run(["pdnsutil", "load-zone", PARENT, "/zone"]).exit == 0
    assert node.run(["pdnsutil", "list-zone", PARENT]).stdout == odd.util("list-zone", PARENT)
