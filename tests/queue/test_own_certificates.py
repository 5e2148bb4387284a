"""Certificates of one's own on pretend nodes: installed, renewed, taken off again, and Let's Encrypt standing back."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from tests.authority import DAY, Issued, intermediate, issue, leaf, root
from tests.queue.conftest import error_of, make_due, run_all_due
from tests.queue.house import House, a_house

from hostdeck.core.domain.items import ItemStatus
from hostdeck.core.domain.pem import fingerprint
from hostdeck.core.domain.vocabulary import Role, ServiceStatus, TaskStatus
from hostdeck.core.domain.wishes import Wish
from hostdeck.core.errors import Conflict, Invalid, NotFound
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.life import ask_nodes, grant, plan_wish
from hostdeck.core.intents.own_certificates import add_certificate, remove_certificate
from hostdeck.core.queries.attention import attention
from hostdeck.core.queries.plans import plan_view
from hostdeck.core.settings import Settings
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.work_models import Certificate, Run, Service, Task, TaskLog

DOMAIN = "customer.com"
USER = "customer-com-web"


@pytest.fixture
def house(store: Settings, door: Door) -> Iterator[House]:
    yield from a_house(store, door)


@pytest.fixture
def mine() -> Issued:
    return leaf(DOMAIN, f"www.{DOMAIN}", ends=200 * DAY)


@pytest.fixture
def ordered(house: House) -> tuple[House, int]:
    service = house.order()
    house.again()
    assert Service.get_by_id(service).status is ServiceStatus.ACTIVE, error_of(service)
    return house, service


def listed(house: House, kind: str = "web") -> dict[str, str]:
    node, user = ("web01", USER) if kind == "web" else ("mx01", "customer-com-mail")
    said = house.fleet[node].account.run([f"v-list-{kind}-domain-ssl", user, DOMAIN, "json"]).stdout
    return dict(json.loads(said)[DOMAIN])


def domain(house: House) -> dict[str, str]:
    said = house.fleet["web01"].account.run(["v-list-web-domain", USER, DOMAIN, "json"]).stdout
    return dict(json.loads(said)[DOMAIN])


def ran(house: House, name: str, node: str = "web01") -> list[tuple[str, ...]]:
    return [step.argv[1:] for step in house.fleet[node].journal if step.argv[0].endswith(f"/{name}")]


def task(number: int) -> Task:
    return Task.get_by_id(number)


def item() -> Item:
    return Item.get()


def row(service: int, kind: str = "web") -> Certificate:
    return Certificate.get(Certificate.service == service, Certificate.kind == kind)


def add(house: House, service: int, issued: Issued, role: Role | None = None, chain: str | None = None) -> int:
    given = intermediate().pem if chain is None else chain
    added = add_certificate(house.door, service, issued.pem, issued.key, given, role)
    run_all_due(house.runner)
    return added.task


def test_it_takes_the_place_of_lets_encrypts_whose_renewal_ends(ordered: tuple[House, int], mine: Issued) -> None:
    house, service = ordered
    assert "Let's Encrypt" in listed(house)["ISSUER"]
    number = add(house, service, mine)
    assert task(number).status is TaskStatus.SUCCESS, task(number).error
    assert fingerprint(listed(house)["CRT"]) == fingerprint(mine.pem)
    assert listed(house)["CA"] == intermediate().pem
    assert (domain(house)["SSL"], domain(house)["LETSENCRYPT"]) == ("yes", "no")
    assert (item().status, item().ours, item().error) == (ItemStatus.ACTIVE, True, None)
    assert item().known["fingerprint"] == fingerprint(mine.pem)
    assert (row(service).state, row(service).issuer) == ("active", "CN=Test Intermediate")
    assert Run.get_by_id(task(number).run_id).finished_at is not None
    assert Service.get_by_id(service).status is ServiceStatus.ACTIVE


def test_forcing_tls_survives_the_change(ordered: tuple[House, int], mine: Issued) -> None:
    house, service = ordered
    for key in ("force", "hsts"):
        house.fleet["web01"].account.run([f"v-add-web-domain-ssl-{key}", USER, DOMAIN])
    add(house, service, mine)
    assert (domain(house)["SSL_FORCE"], domain(house)["SSL_HSTS"]) == ("yes", "yes")


def test_no_key_is_in_a_command_a_log_or_a_row_and_nothing_stays_on_the_node(
    ordered: tuple[House, int], mine: Issued
) -> None:
    house, service = ordered
    number = add(house, service, mine)
    secret = mine.key.splitlines()[1][:24]
    lines = "\n".join(line.text for line in TaskLog.select().where(TaskLog.task == number))
    assert "certificate-files" in lines
    assert "v-add-web-domain-ssl" in lines
    account = house.fleet["web01"].account
    left = getattr(account.machine.files, "texts", {})
    words = " ".join(word for step in house.fleet["web01"].journal for word in step.argv)
    kept = json.dumps([item().wanted, item().known, item().secret, task(number).args])
    for text in (lines, words, kept):
        assert secret not in text
        assert "PRIVATE KEY" not in text
    assert [path for path in left if path.startswith("/tmp/hdk")] == []


def test_run_again_it_has_nothing_to_do(ordered: tuple[House, int], mine: Issued) -> None:
    house, service = ordered
    add(house, service, mine)
    count = len(ran(house, "v-add-web-domain-ssl"))
    grant(house.door, service, Wish.REDEPLOY)
    run_all_due(house.runner)
    assert Service.get_by_id(service).status is ServiceStatus.ACTIVE
    assert len(ran(house, "v-add-web-domain-ssl")) == count
    seeds = Task.select().where(Task.run == Service.get_by_id(service).run, Task.action == "ssl.seed")
    assert {seed.args["kind"]: seed.status for seed in seeds}["web"] is TaskStatus.SKIPPED
    assert row(service).state == "active"
    assert row(service).failures == 0


def test_a_newer_one_replaces_it_in_the_same_row(ordered: tuple[House, int], mine: Issued) -> None:
    house, service = ordered
    add(house, service, mine)
    newer = leaf(DOMAIN, f"www.{DOMAIN}", ends=300 * DAY)
    number = add(house, service, newer)
    assert task(number).status is TaskStatus.SUCCESS, task(number).error
    assert Item.select().count() == 1
    assert fingerprint(listed(house)["CRT"]) == fingerprint(newer.pem)
    assert len(ran(house, "v-update-web-domain-ssl")) == 1


def test_the_chain_of_the_one_before_does_not_stay_behind(ordered: tuple[House, int], mine: Issued) -> None:
    house, service = ordered
    add(house, service, mine)
    alone = issue(DOMAIN, (DOMAIN, f"www.{DOMAIN}"))
    number = add(house, service, alone, chain="")
    assert task(number).status is TaskStatus.SUCCESS, task(number).error
    assert listed(house)["CA"] == ""


def test_a_hard_redeploy_brings_it_back(ordered: tuple[House, int], mine: Issued) -> None:
    house, service = ordered
    add(house, service, mine)
    grant(house.door, service, Wish.HARD_REDEPLOY, DOMAIN)
    for _ in range(3):
        house.again()
    assert Service.get_by_id(service).status is ServiceStatus.ACTIVE, error_of(service)
    assert fingerprint(listed(house)["CRT"]) == fingerprint(mine.pem)
    assert (item().status, item().ours, row(service).state) == (ItemStatus.ACTIVE, True, "active")


def test_a_hard_redeployment_keeps_to_its_plan_with_it(ordered: tuple[House, int], mine: Issued) -> None:
    house, service = ordered
    add(house, service, mine)
    number = ask_nodes(house.door, service, Wish.HARD_REDEPLOY)
    run_all_due(house.runner)
    shown = plan_view(plan_wish(house.door, service, Wish.HARD_REDEPLOY), number)
    assert shown.read
    commands = [line for planned in shown.tasks for line in planned.commands or ()]
    assert f"v-add-web-domain-ssl {USER} {DOMAIN} '<tls>' same no" in commands, commands
    grant(house.door, service, Wish.HARD_REDEPLOY, DOMAIN, plan=number)
    for _ in range(3):
        house.again()
    assert Service.get_by_id(service).status is ServiceStatus.ACTIVE, error_of(service)
    assert fingerprint(listed(house)["CRT"]) == fingerprint(mine.pem)


def test_taken_off_again_lets_encrypt_comes_back(ordered: tuple[House, int], mine: Issued) -> None:
    house, service = ordered
    add(house, service, mine)
    before = len(house.ran("web01"))
    removed, seed = remove_certificate(house.door, service)
    run_all_due(house.runner)
    assert task(removed).status is TaskStatus.SUCCESS, task(removed).error
    assert task(seed).status is TaskStatus.SUCCESS, task(seed).error
    assert not Item.select().exists()
    assert len(house.ran("web01")) == before + 1
    assert "Let's Encrypt" in listed(house)["ISSUER"]
    assert row(service).state == "active"
    with pytest.raises(NotFound):
        remove_certificate(house.door, service)


def test_what_waits_for_dns_stops_waiting_and_is_no_failure(house: House, mine: Issued) -> None:
    house.dns.wrong[("public", DOMAIN)] = frozenset({"192.0.2.1"})
    service = house.order()
    seed = Task.get(
        Task.service == service,
        Task.action == "ssl.seed",
        Task.server.in_([one.server_id for one in Certificate.select().where(Certificate.kind == "web")]),
    )
    assert seed.status is TaskStatus.RETRYING
    add(house, service, mine)
    assert task(seed.id).status is TaskStatus.SKIPPED
    assert (row(service).state, row(service).failures, row(service).next_try) == ("active", 0, None)
    assert house.ran("web01") == []


def test_one_that_somebody_else_uploaded_is_left_alone(ordered: tuple[House, int], mine: Issued) -> None:
    house, service = ordered
    account, theirs = house.fleet["web01"].account, leaf(DOMAIN)
    account.run(["v-delete-web-domain-ssl", USER, DOMAIN])
    account.machine.files.write(f"/tmp/up/{DOMAIN}.crt", theirs.pem)
    account.machine.files.write(f"/tmp/up/{DOMAIN}.key", theirs.key)
    assert account.run(["v-add-web-domain-ssl", USER, DOMAIN, "/tmp/up"]).exit == 0
    number = add(house, service, mine)
    assert task(number).status is TaskStatus.FAILED
    assert "ITEM_FOREIGN" in (task(number).error or "")
    assert fingerprint(listed(house)["CRT"]) == fingerprint(theirs.pem)
    assert item().status is ItemStatus.ERROR


def test_one_that_its_owner_renews_on_the_node_is_neither_replaced_nor_removed(
    ordered: tuple[House, int], mine: Issued
) -> None:
    house, service = ordered
    add(house, service, mine)
    account, theirs = house.fleet["web01"].account, leaf(DOMAIN)
    account.machine.files.write(f"/tmp/up/{DOMAIN}.crt", theirs.pem)
    account.machine.files.write(f"/tmp/up/{DOMAIN}.key", theirs.key)
    assert account.run(["v-update-web-domain-ssl", USER, DOMAIN, "/tmp/up"]).exit == 0
    grant(house.door, service, Wish.REDEPLOY)
    house.again()
    assert fingerprint(listed(house)["CRT"]) == fingerprint(theirs.pem)
    assert "has not installed" in (item().error or "")
    remove_certificate(house.door, service)
    house.again()
    assert fingerprint(listed(house)["CRT"]) == fingerprint(theirs.pem)


def test_the_mail_domain_has_one_of_its_own_beside_the_websites(ordered: tuple[House, int], mine: Issued) -> None:
    house, service = ordered
    add(house, service, mine)
    mail = leaf(f"mail.{DOMAIN}", f"webmail.{DOMAIN}")
    number = add(house, service, mail, Role.MAIL)
    assert task(number).status is TaskStatus.SUCCESS, task(number).error
    assert fingerprint(listed(house, "mail")["CRT"]) == fingerprint(mail.pem)
    assert row(service, "mail").issuer == "CN=Test Intermediate"
    newer = leaf(f"mail.{DOMAIN}", f"webmail.{DOMAIN}")
    add(house, service, newer, Role.MAIL)
    assert fingerprint(listed(house, "mail")["CRT"]) == fingerprint(newer.pem)
    with pytest.raises(Invalid, match="say web or mail"):
        remove_certificate(house.door, service)
    remove_certificate(house.door, service, Role.MAIL)
    run_all_due(house.runner)
    assert "Let's Encrypt" in listed(house, "mail")["ISSUER"]
    assert [one.name for one in Item.select()] == ["web"]


def test_files_that_can_not_be_served_are_refused_before_anything_is_written(
    ordered: tuple[House, int], mine: Issued
) -> None:
    house, service = ordered
    with pytest.raises(Invalid, match="CRT_NAMES"):
        add_certificate(house.door, service, mine.pem, mine.key, role=Role.MAIL)
    with pytest.raises(Invalid, match="CRT_CHAIN"):
        add_certificate(house.door, service, mine.pem, mine.key, root().pem)
    with pytest.raises(Invalid, match="CRT_ROLE"):
        add_certificate(house.door, service, mine.pem, mine.key, role=Role.DNS)
    assert not Item.select().exists()


def test_a_suspended_service_gets_none(ordered: tuple[House, int], mine: Issued) -> None:
    house, service = ordered
    grant(house.door, service, Wish.SUSPEND)
    run_all_due(house.runner)
    with pytest.raises(Conflict, match="suspended"):
        add_certificate(house.door, service, mine.pem, mine.key)


def test_one_that_has_run_out_meanwhile_is_not_installed_anew(ordered: tuple[House, int], mine: Issued) -> None:
    house, service = ordered
    added = add_certificate(house.door, service, mine.pem, mine.key, intermediate().pem)
    Item.update(wanted=item().wanted | {"not_after": "2020-01-01T00:00:00Z"}).where(Item.id == added.item).execute()
    run_all_due(house.runner)
    assert "CRT_EXPIRED" in (task(added.task).error or "")
    assert "Let's Encrypt" in listed(house)["ISSUER"]


def test_home_says_when_one_runs_out_for_nobody_else_renews_it(ordered: tuple[House, int], mine: Issued) -> None:
    house, service = ordered
    add(house, service, mine)

    def told(after: int) -> list[str]:
        return [line.text for line in attention((), True, utcnow() + after * DAY) if "own certificate" in line.text]

    assert told(180) == []
    assert "its own certificate for web runs out on" in told(190)[0]
    assert "ran out on" in told(201)[0]
    remove_certificate(house.door, service)
    run_all_due(house.runner)
    assert told(201) == []


def test_terminating_takes_its_row_too(ordered: tuple[House, int], mine: Issued) -> None:
    house, service = ordered
    add(house, service, mine)
    grant(house.door, service, Wish.TERMINATE, DOMAIN)
    run_all_due(house.runner)
    assert Service.get_by_id(service).status is ServiceStatus.TERMINATED, error_of(service)
    assert not Item.select().exists()
    make_due()
