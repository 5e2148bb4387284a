"""Certificates for pretend nodes: waited for at no cost, ordered within the limits, believed only when listed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest
from tests.nameserver import free_udp_port, nameserver
from tests.queue.conftest import run_all_due
from tests.queue.house import DOMAIN, ISSUE, House, a_house

from hostdeck.core.dns.ask import serves
from hostdeck.core.domain.vocabulary import ServerStatus, ServiceStatus, TaskStatus
from hostdeck.core.domain.wishes import Wish
from hostdeck.core.domain.zone import Nameserver
from hostdeck.core.domain.zone_template import default_zone
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.life import grant
from hostdeck.core.intents.work import cancel, retry
from hostdeck.core.settings import Settings
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import AcmeOrder, Certificate, Service, Task, TaskLog
from hostdeck.queue.worker import nameserver_query


@pytest.fixture
def house(store: Settings, door: Door) -> Iterator[House]:
    yield from a_house(store, door)


def certificate(service: int, kind: str = "web") -> Certificate:
    return Certificate.get(Certificate.service == service, Certificate.kind == kind)


def task_of(service: int, kind: str = "web") -> Task:
    target = Service.get_by_id(service).domain
    wanted = target if kind == "web" else f"mail.{target}"
    return Task.select().where(Task.service == service, Task.action == "ssl.seed", Task.target == wanted).get()


def test_both_sets_of_names_get_a_certificate_that_the_node_lists(house: House) -> None:
    service = house.order()
    for kind, hosts in (("web", [DOMAIN, f"www.{DOMAIN}"]), ("mail", [f"mail.{DOMAIN}", f"webmail.{DOMAIN}"])):
        row = certificate(service, kind)
        assert (row.state, row.hosts, row.failures, row.reason) == ("active", hosts, 0, None)
        assert row.issuer == "C = US, O = Let's Encrypt, CN = R11"
        assert row.not_after > utcnow() + timedelta(days=80)
        assert row.checked_at is not None
    assert house.ran("web01") == [("customer-com-web", DOMAIN, f"www.{DOMAIN}")]
    assert house.ran("mx01") == [("customer-com-mail", DOMAIN, "", "yes")]
    ledger = {(order.account, order.hosts, order.issued) for order in AcmeOrder.select()}
    assert ledger == {
        ("web01/customer-com-web", f"{DOMAIN},www.{DOMAIN}", True),
        ("mx01/customer-com-mail", f"mail.{DOMAIN},webmail.{DOMAIN}", True),
    }


@pytest.mark.parametrize(
    ("where", "host", "found", "sentence"),
    [
        (
            "ns02",
            f"www.{DOMAIN}",
            frozenset(),
            "ns02 ({ns02}) resolves www.customer.com to nothing yet, not to {web01}",
        ),
        (
            "ns01",
            DOMAIN,
            frozenset({"192.0.2.99"}),
            "ns01 ({ns01}) resolves customer.com to 192.0.2.99, not to {web01}",
        ),
        ("ns02", DOMAIN, None, "ns02 ({ns02}) does not answer for customer.com"),
        ("public", DOMAIN, frozenset(), "in public customer.com resolves to nothing yet, not to {web01}"),
    ],
)
def test_what_is_not_ready_is_named_and_costs_no_attempt(
    house: House, where: str, host: str, found: frozenset[str] | None, sentence: str
) -> None:
    house.dns.wrong[where, host] = found
    service = house.order()
    for _ in range(3):
        house.again()
    task, row = task_of(service), certificate(service)
    ips = {name: node.account.ip for name, node in house.fleet.nodes.items()}
    assert (task.status, task.attempts, task.snoozes) == (TaskStatus.RETRYING, 0, 4)
    assert (row.state, row.failures, row.next_try) == ("waiting", 0, task.not_before)
    assert f"waiting for DNS: {sentence.format(**ips)}" in row.reason
    assert house.ran("web01") == []
    house.dns.wrong.clear()
    house.again()
    assert certificate(service).state == "active"


def test_a_name_that_the_node_itself_does_not_resolve_costs_neither_attempt_nor_budget(house: House) -> None:
    house.ca("unresolved")
    service = house.order()
    for _ in range(6):
        house.again()
    row = certificate(service)
    assert (row.state, row.failures, task_of(service).attempts) == ("waiting", 0, 0)
    assert "does not resolve to this server (exit 3" in row.reason
    assert not AcmeOrder.select().exists()


def test_a_nameserver_that_an_operator_has_disabled_is_not_waited_for(house: House) -> None:
    house.dns.wrong["ns02", DOMAIN] = None
    service = house.order()
    assert certificate(service).state == "waiting"
    Server.update(status=ServerStatus.DISABLED).where(Server.name == "ns02").execute()
    house.again()
    assert certificate(service).state == "active"


def test_a_failure_backs_off_to_six_hours_and_freezes_with_its_reason(house: House) -> None:
    house.ca("fail")
    service = house.order()
    delays = []
    for attempt in range(1, 12):
        task, row = task_of(service), certificate(service)
        assert (task.status, row.state, row.failures) == (TaskStatus.RETRYING, "failing", attempt)
        assert "acc registration failed" in row.reason
        assert row.next_try == task.not_before
        delays.append((task.not_before - utcnow()).total_seconds())
        age_orders()
        house.again()
    assert 600 <= delays[0] + 60 <= 1860
    assert all(0.45 * 6 * 3600 <= delay <= 1.5 * 6 * 3600 for delay in delays[6:])
    row = certificate(service)
    assert (task_of(service).status, row.state, row.failures, row.next_try) == (TaskStatus.FAILED, "frozen", 12, None)
    assert "acc registration failed" in row.reason
    assert Service.get_by_id(service).status is ServiceStatus.ACTIVE
    house.ca("issue")
    retry(house.door, task_of(service).id)
    assert (certificate(service).state, certificate(service).failures) == ("waiting", 0)
    run_all_due(house.runner)
    assert certificate(service).state == "active"


def age_orders() -> None:
    """As if the back-off had been waited for."""
    for order in AcmeOrder.select():
        AcmeOrder.update(at=order.at - timedelta(hours=6)).where(AcmeOrder.id == order.id).execute()


@pytest.mark.parametrize("kind", ["web", "mail"])
def test_success_without_an_installed_certificate_is_a_failure(house: House, kind: str) -> None:
    """Hestia exits 0 and says LETSENCRYPT=yes: the certificate is spent, and nobody is served with it."""
    house.ca("lose")
    service = house.order()
    row = certificate(service, kind)
    assert (row.state, row.failures, row.not_after) == ("failing", 1, None)
    assert "is not installed (SSL is off" in row.reason
    assert "/var/log/hestia/LE-" in row.reason
    assert [order.issued for order in AcmeOrder.select()] == [True, True]
    house.ca("issue")
    house.again()
    assert certificate(service, kind).state == "active"


def test_the_order_stands_in_the_ledger_before_the_command_is_sent(house: House) -> None:
    """Whatever becomes of the line: an order that may have reached the authority is counted."""
    house.fleet["web01"].faults.add(f"{ISSUE}=drop-before*1")
    service = house.order()
    assert house.ran("web01") == []
    order = AcmeOrder.get(AcmeOrder.account == "web01/customer-com-web")
    assert (order.registered, order.issued) == (DOMAIN, False)
    assert certificate(service).state == "failing"


def test_a_certificate_whose_answer_was_lost_is_found_and_not_ordered_twice(house: House) -> None:
    house.fleet["web01"].faults.add(f"{ISSUE}=drop-after*1")
    service = house.order()
    house.again()
    assert certificate(service).state == "active"
    assert len(house.ran("web01")) == 1
    assert [order.issued for order in AcmeOrder.select()] == [True, True]


def test_sub_domains_of_one_parent_share_one_budget(house: House) -> None:
    for n in range(49):
        AcmeOrder.create(
            account=f"web09/u{n}", registered="benchwords.com", hosts=f"n{n}.benchwords.com", issued=True,
            at=utcnow() - timedelta(days=6, hours=n % 20),
        )  # fmt: skip
    first = house.order("alice.benchwords.com")
    second = house.order("bob.benchwords.com")
    states = {(s, kind): certificate(s, kind).state for s in (first, second) for kind in ("web", "mail")}
    assert sorted(states.values()) == ["active", "waiting", "waiting", "waiting"]
    held = next(certificate(*key) for key, state in states.items() if state == "waiting")
    assert "Let's Encrypt allows 50 certificates for benchwords.com and all names below it in 7 days" in held.reason
    assert "it opens " in held.reason
    assert timedelta(hours=3) < held.next_try - utcnow() <= timedelta(hours=6)
    assert task_of(second).attempts == 0
    assert AcmeOrder.select().count() == 50
    other = house.order("otherwords.com")
    assert certificate(other).state == "active"


def test_what_is_valid_is_looked_at_again_but_not_ordered_again(house: House) -> None:
    service = house.order()
    Certificate.update(not_after=None, issuer=None).execute()
    grant(house.door, service, Wish.REDEPLOY)
    run_all_due(house.runner)
    row = certificate(service)
    assert (row.state, row.issuer) == ("active", "C = US, O = Let's Encrypt, CN = R11")
    assert len(house.ran("web01")) == len(house.ran("mx01")) == 1


def test_a_certificate_of_the_customers_own_is_left_alone(house: House) -> None:
    house.dns.wrong["public", DOMAIN] = frozenset()
    service = house.order()
    node = house.fleet["web01"].account
    row = node.machine.book.users["customer-com-web"].web[0]
    node.run(["v-add-letsencrypt-domain", "customer-com-web", DOMAIN, f"www.{DOMAIN}"])
    row["LETSENCRYPT"] = "no"
    house.fleet["web01"].journal.clear()
    house.dns.wrong.clear()
    house.again()
    assert certificate(service).state == "active"
    assert house.ran("web01") == []
    assert not AcmeOrder.select().where(AcmeOrder.account == "web01/customer-com-web").exists()


def test_a_mail_domain_without_webmail_asks_for_the_mail_host_alone(house: House) -> None:
    house.fleet["mx01"].account.book.config["WEBMAIL_SYSTEM"] = ""
    service = house.order()
    assert certificate(service, "mail").state == "active"
    assert AcmeOrder.get(AcmeOrder.account == "mx01/customer-com-mail").hosts == f"mail.{DOMAIN}"


def test_a_node_whose_webmail_has_another_name_is_an_operators_matter(house: House) -> None:
    house.fleet["mx01"].account.book.config["WEBMAIL_ALIAS"] = "post"
    service = house.order()
    row = certificate(service, "mail")
    assert row.state == "frozen"
    assert "webmail of customer.com is post.customer.com there" in row.reason
    assert house.ran("mx01") == []


def test_a_cancelled_certificate_says_so_and_a_terminated_one_is_gone(house: House) -> None:
    house.dns.wrong["public", DOMAIN] = frozenset()
    service = house.order()
    cancel(house.door, task_of(service).id)
    assert (certificate(service).state, certificate(service).reason) == ("none", "cancelled")
    grant(house.door, service, Wish.SUSPEND)
    grant(house.door, service, Wish.TERMINATE, DOMAIN)
    run_all_due(house.runner)
    assert Service.get_by_id(service).status is ServiceStatus.TERMINATED
    assert not Certificate.select().exists()


def test_no_private_key_of_a_certificate_reaches_the_log(house: House) -> None:
    house.order()
    assert not [line for line in TaskLog.select() if "PRIVATE KEY" in line.text]


async def test_a_nameserver_is_asked_directly_and_its_aliases_are_followed() -> None:
    records = default_zone(
        DOMAIN, (Nameserver("ns1.example.net.", "192.0.2.1"),), web_ip="192.0.2.10", mail_ip="192.0.2.20"
    )
    port = free_udp_port()
    ask = nameserver_query(port)
    with nameserver("127.0.0.13", port, DOMAIN, records):
        assert await ask("127.0.0.13", f"www.{DOMAIN}") == {"192.0.2.10"}
        assert await ask("127.0.0.13", f"webmail.{DOMAIN}") == {"192.0.2.20"}
        assert await ask("127.0.0.13", f"nowhere.{DOMAIN}") == frozenset()
        assert await ask("127.0.0.13", "elsewhere.com") == frozenset()


async def test_a_silent_nameserver_is_not_one_without_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hostdeck.core.dns.ask.TIMEOUT", 0.2)
    assert await nameserver_query(free_udp_port())("127.0.0.14", DOMAIN) is None


async def test_a_nameserver_that_hangs_up_over_tcp_has_not_answered() -> None:
    """As one behind a firewall that takes the connection and ends it."""

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(2)
        writer.close()

    port = free_udp_port()
    server = await asyncio.start_server(hang_up, "127.0.0.15", port)
    async with server:
        udp, tcp = await serves("127.0.0.15", port, DOMAIN)
    assert (udp[:10], tcp[:10]) == ("no answer:", "no answer:")
