"""Messages about tickets: they arrive by web and by mail, are tried again, go out once, and show no secret."""

from __future__ import annotations

import logging
import socket
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.conftest import add_server
from tests.sinks import mail_sink, web_sink
from tests.workers import spawn, stop, wait_until, worker

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.vocabulary import RunKind, TaskStatus
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.work import set_setting
from hostdeck.core.settings import Settings, load_settings
from hostdeck.core.store import notices, tickets
from hostdeck.core.store.db import connection
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.notices import HOLD, KEPT
from hostdeck.core.store.work_models import Notice, Run, Task, Ticket
from hostdeck.queue.notify import Address, addresses, deliver, named

SECRETS = ("hook-secret", "hook-token", "mail-secret", "hook-user")


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sinks are here, whatever proxy this machine names."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def ended(name: str, status: TaskStatus, error: str | None = None) -> Task:
    server = Server.get_or_none(Server.name == name) or add_server(name)
    task = Task.create(
        run=Run.create(kind=RunKind.SERVER), server=server, action=Action.SERVER_CHECK, target=name, status=status,
        changing=False, attempts=1, error=error,
    )  # fmt: skip
    tickets.follow(task, utcnow())
    return task


def fail(name: str = "web09", error: str = "no answer on port 22") -> Task:
    return ended(name, TaskStatus.FAILED, error)


def told(store: Settings, *urls: str) -> tuple[Address, ...]:
    return addresses(replace(store, notify=urls))


def make_due() -> None:
    Notice.update(not_before=None).where(Notice.sent_at.is_null()).execute()


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_a_ticket_reaches_a_webhook_and_a_mailbox(any_store: Settings) -> None:
    with web_sink() as web, mail_sink() as mail:
        known = told(any_store, web.url, mail.url)
        task = fail()
        assert deliver(known) == 2
        ended("web09", TaskStatus.SUCCESS)
        assert deliver(known) == 2
    number = Ticket.get().id
    opened = f"hostdeck: ticket #{number} opened: Checking server failed: web09"
    closed = f"hostdeck: ticket #{number} closed: Checking server failed: web09"
    assert [(said["title"], said["type"]) for said in web.got] == [(opened, "failure"), (closed, "success")]
    assert [said["Subject"] for said in mail.got] == [opened, closed]
    assert mail.got[0]["To"] == "duty@example.net"
    for text in (web.got[0]["message"], mail.got[0].get_body(("plain", "html")).get_content()):  # type: ignore[union-attr]
        assert "no answer on port 22" in text
        assert "hostdeck server check web09" in text
        assert f"hostdeck ticket show {number}" in text
    assert task.error not in web.got[1]["message"]
    assert not Notice.select().where(Notice.sent_at.is_null()).exists()


def test_an_address_that_refuses_is_tried_again_and_gets_it_once(store: Settings) -> None:
    with web_sink() as web:
        known = told(store, web.url)
        fail()
        web.refuses = 2
        assert deliver(known) == 0
        assert deliver(known) == 0, "not before its time"
        assert Notice.get().attempts == 1
        for _ in range(3):
            make_due()
            deliver(known)
        assert len(web.got) == 1
        row = Notice.get()
        assert (row.attempts, row.error) == (3, None)
        assert row.sent_at is not None


def test_an_address_that_is_down_holds_up_no_other(store: Settings) -> None:
    port = closed_port()
    with web_sink() as web:
        known = told(store, f"json://127.0.0.1:{port}/hook-token", web.url)
        fail()
        assert deliver(known) == 1
        with web_sink(port) as late:
            make_due()
            assert deliver(known) == 1
        assert (len(web.got), len(late.got)) == (1, 1)


def test_what_nobody_takes_is_given_up_with_its_error_kept(store: Settings, door: Door) -> None:
    set_setting(door, "notify.attempts", "2")
    known = told(store, f"json://127.0.0.1:{closed_port()}")
    fail()
    for _ in range(4):
        deliver(known)
        make_due()
    row = Notice.get()
    assert (row.attempts, row.sent_at) == (2, None)
    assert row.error == (
        "given up after 2 attempts: address 1 (json) did not take it; is it up, and are name and password right?"
    )


def test_the_waits_between_attempts_double(store: Settings, door: Door) -> None:
    set_setting(door, "notify.base", "100")
    known = told(store, f"json://127.0.0.1:{closed_port()}")
    fail()
    for least, most in ((50, 150), (100, 300)):
        make_due()
        deliver(known)
        assert least - 5 <= (Notice.get().not_before - utcnow()).total_seconds() <= most


def test_messages_about_one_ticket_keep_their_order(store: Settings) -> None:
    with web_sink() as web:
        known = told(store, web.url)
        fail()
        web.refuses = 1
        deliver(known)
        ended("web09", TaskStatus.SUCCESS)
        assert deliver(known) == 0
        make_due()
        assert deliver(known) == 2
        assert ["opened" in said["title"] for said in web.got] == [True, False]


def test_workers_side_by_side_send_each_message_once(any_home: Settings) -> None:
    with web_sink() as web:
        known = told(any_home, web.url)
        with connection():
            for number in range(10):
                fail(f"web{number}")
        start = threading.Barrier(4)

        def work() -> None:
            with connection():
                start.wait()
                deliver(known)

        with ThreadPoolExecutor(4) as workers:
            for done in [workers.submit(work) for _ in range(4)]:
                done.result()
        with connection():
            deliver(known)
        assert sorted(said["title"] for said in web.got) == sorted({said["title"] for said in web.got})
        assert len(web.got) == 10


def test_what_a_dead_worker_held_is_sent_again_after_its_hold(any_store: Settings) -> None:
    now = datetime.now(UTC)
    fail()
    notices.address(1, now)
    held = notices.take(12, now)
    assert held is not None
    assert notices.take(12, now + timedelta(seconds=HOLD - 1)) is None
    again = notices.take(12, now + timedelta(seconds=HOLD + 1))
    assert again is not None
    assert not notices.sent(held, now), "the dead one's word counts no more"
    assert notices.sent(again, now)


def test_old_news_is_not_sent_when_somebody_names_an_address(store: Settings) -> None:
    with web_sink() as web:
        fail()
        Notice.update(created_at=utcnow() - timedelta(seconds=KEPT + 1)).execute()
        assert deliver(told(store, web.url)) == 0
        assert web.got == []


def test_an_address_that_was_taken_out_is_said_so(store: Settings) -> None:
    fail()
    notices.address(2, utcnow())
    with web_sink() as web:
        deliver(told(store, web.url))
        assert len(web.got) == 1
    assert Notice.get(Notice.event == "opened:2").error == "there is no address 2 in notify any more"


@pytest.mark.parametrize(
    "urls", [("bogus://hook-token",), ("hook-token",), ("json://hook-user:hook-secret@[",)], ids=[1, 2, 3]
)
def test_no_secret_of_an_address_is_ever_shown(
    store: Settings, urls: Sequence[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), web_sink() as web:
        known = told(store, *urls, web.url, web.url.replace(str(web.port), str(closed_port())))
        web.refuses = 1
        fail()
        deliver(known)
        shown = caplog.text + repr(known) + "".join(str(row) for row in Notice.select().dicts())
        shown += repr(replace(store, notify=(*urls, web.url)))
    assert not [(secret, line) for secret in SECRETS for line in shown.splitlines() if secret in line]
    assert "address 2 (json) did not take it" in shown


def test_only_the_place_and_the_scheme_of_an_address_are_named() -> None:
    assert named(2, "mailto://a:b@c") == "address 2 (mailto)"
    assert named(1, "tokentokentoken") == "address 1"


def test_without_apprise_the_worker_says_how_to_install_it_and_tickets_are_kept(
    store: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    assert told(store, "json://hook-token") == ()
    assert "pip install 'hostdeck[notify]'" in caplog.text
    assert "hook-token" not in caplog.text
    fail()
    assert Ticket.select().count() == 1


def test_a_demo_tells_nobody(store: Settings) -> None:
    assert addresses(replace(store, notify=("json://127.0.0.1:1",), demo=True)) == ()


def test_addresses_come_from_the_file_or_the_environment(settings: Settings) -> None:
    settings.home.mkdir(parents=True)
    (settings.home / "hostdeck.toml").write_text('notify = ["json://a", "mailto://b"]')
    assert load_settings(settings.home, environ={}).notify == ("json://a", "mailto://b")
    named_there = load_settings(settings.home, environ={"HOSTDECK_NOTIFY": "json://c  mailto://d"})
    assert named_there.notify == ("json://c", "mailto://d")


@pytest.mark.parametrize("once", [True, False], ids=["once", "serving"])
def test_a_worker_tells_of_a_server_that_does_not_answer(store: Settings, once: bool) -> None:
    with web_sink() as web:
        (store.home / "hostdeck.toml").write_text(f'notify = ["{web.url}"]\n')
        (store.home / "hostdeck.toml").chmod(0o600)
        fail()
        if once:
            assert spawn(store, "--once").wait(60) == 0
        else:
            with worker(store) as process:
                assert web.arrived.wait(30)
                wait_until(lambda: Notice.get().sent_at is not None)
                assert stop(process) == 0
        assert len(web.got) == 1
    assert not any(secret in (store.home / "worker.log").read_text() for secret in SECRETS)
