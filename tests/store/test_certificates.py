"""The ledger of orders and the rows of certificates, on both databases."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from tests.conftest import add_fleet

from hostdeck.core.domain.action_args import CertificateArgs
from hostdeck.core.domain.findings import CertificateAsked, CertificateIssued
from hostdeck.core.domain.vocabulary import TaskStatus
from hostdeck.core.errors import NotYet
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.forms import OrderForm
from hostdeck.core.intents.services import place_order
from hostdeck.core.settings import Settings
from hostdeck.core.store import certificates, tasks
from hostdeck.core.store.clock import LeaseTime
from hostdeck.core.store.db import connection, transaction
from hostdeck.core.store.tasks import Claim, Success
from hostdeck.core.store.work_models import AcmeOrder, Certificate, Task

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOSTS = ("customer.com", "www.customer.com")
ACCOUNT = "web01/customer-com-web"


@pytest.fixture
def task(any_store: Settings, door: Door) -> Task:
    """The website's certificate of an order, due."""
    with transaction():
        add_fleet()
    service = place_order(door, OrderForm("customer.com", "basic"))
    found = Task.get(Task.service == service, Task.target == "customer.com", Task.action == "ssl.seed")
    Task.update(status=TaskStatus.QUEUED).where(Task.id == found.id).execute()
    return found


def claim(task: Task) -> Claim:
    claimed = tasks.claim(task.id, 1, at=LeaseTime(1000.0, "boot-1"), now=NOON)
    assert claimed is not None
    return claimed.claim


def row() -> Certificate:
    return Certificate.get(Certificate.kind == "web")


def test_an_order_is_written_while_its_task_runs_and_marked_when_it_is_a_certificate(task: Task) -> None:
    held = claim(task)
    assert tasks.note(held, [CertificateAsked(ACCOUNT, HOSTS)], now=NOON)
    order = AcmeOrder.get()
    assert (order.account, order.registered, order.hosts, order.at, order.issued) == (
        ACCOUNT, "customer.com", "customer.com,www.customer.com", NOON, False,
    )  # fmt: skip
    assert row().state == "issuing"
    assert tasks.settle(held, Success((CertificateIssued(ACCOUNT, HOSTS),)), now=NOON) is not None
    assert AcmeOrder.get().issued


def test_who_has_lost_the_lease_orders_nothing(task: Task) -> None:
    held = claim(task)
    Task.update(claim_no=Task.claim_no + 1).execute()
    assert not tasks.note(held, [CertificateAsked(ACCOUNT, HOSTS)], now=NOON)
    assert not AcmeOrder.select().exists()
    assert row().state == "waiting"


def test_two_orders_never_share_the_last_place_of_a_budget(task: Task) -> None:
    """Side by side, from many threads: one looks and writes before the next one looks."""
    for n in range(45):
        AcmeOrder.create(
            account=f"web09/u{n}", registered="customer.com", hosts=f"n{n}.customer.com", issued=True, at=NOON
        )
    refused = []

    def one(n: int) -> None:
        with connection():
            try:
                with transaction():
                    certificates.ask(task, f"web01/s{n}", (f"s{n}.customer.com",), NOON)
            except NotYet as error:
                refused.append(error)

    threads = [threading.Thread(target=one, args=(n,)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert AcmeOrder.select().count() == 50
    assert len(refused) == 5
    # Those that were sent just now and have no answer yet are the first that may turn out to be none.
    assert {error.until for error in refused} == {NOON + timedelta(minutes=15)}


def test_redeploying_keeps_what_is_known_of_a_certificate(task: Task) -> None:
    Certificate.update(not_after=NOON + timedelta(days=60), issuer="R11", state="frozen", failures=12).execute()
    certificates.expect(task.service_id, task.server_id, CertificateArgs.model_validate(task.args))
    found = row()
    assert (found.state, found.failures, found.issuer) == ("waiting", 0, "R11")
    assert Certificate.select().count() == 2
