"""Editing and checking a server from a shell."""

from __future__ import annotations

import io
import json

import pytest
from tests.cli import seed
from tests.cli.conftest import Call

from hostdeck.core.domain.preflight import LABELS, Part
from hostdeck.core.domain.vocabulary import BreakerKind, RunKind, TaskStatus
from hostdeck.core.store import breakers
from hostdeck.core.store.db import connection
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import Run, Task
from hostdeck.core.transport import hostkey
from hostdeck.tui.cli import waiting

pytestmark = pytest.mark.timeout(10)
FINGERPRINT = hostkey.fingerprint(seed.HOST_KEY)


@pytest.fixture
def scans(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    asked: list[tuple[str, int]] = []

    def scan(host: str, port: int, timeout: float = 10) -> str:
        asked.append((host, port))
        return seed.HOST_KEY

    monkeypatch.setattr(hostkey, "scan", scan)
    return asked


def test_one_field_is_changed_and_nobody_is_called(call: Call, scans: list[tuple[str, int]]) -> None:
    said = call("server", "edit", "web01", "--max-accounts", "40", "--capability", "web", "--json")
    assert said.code == 0, said.err
    shown = json.loads(said.out)
    assert (shown["max_accounts"], shown["capabilities"], scans) == (40, ["web"], [])


def test_another_place_is_written_only_with_a_key_somebody_compared(call: Call, scans: list[tuple[str, int]]) -> None:
    refused = call("server", "edit", "web01", "--host", "192.0.2.99", "--ssh-port", "2222")
    assert (refused.code, FINGERPRINT in refused.err, scans) == (4, True, [("192.0.2.99", 2222)])
    said = call("server", "edit", "web01", "--host", "192.0.2.99", "--host-key", FINGERPRINT, "--json")
    assert (said.code, json.loads(said.out)["hostname"]) == (0, "192.0.2.99")
    wrong = call("server", "edit", "web01", "--host", "192.0.2.98", "--host-key", f"SHA256:{'A' * 43}")
    assert (wrong.code, FINGERPRINT in wrong.err) == (4, True)


def test_a_new_password_comes_from_stdin_and_is_shown_nowhere(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("s3cret-of-ours\n"))
    said = call("server", "edit", "web01", "--password-stdin", "--json")
    assert said.code == 0, said.err
    assert "s3cret" not in said.out + said.err
    with connection():
        row = Server.get(Server.name == "web01")
        assert row.credential != "sealed"
        assert "s3cret" not in row.credential


@pytest.mark.parametrize(
    ("flags", "code", "field"),
    [
        (("--ssh-port", "0"), 2, "port"),
        (("--driver", "plesk"), 2, "driver"),
        (("--group", "nowhere"), 3, "group"),
        (("--host", "-x"), 2, "host"),
        (("--host-key", "MD5:x"), 2, "fingerprint"),
    ],
)
def test_what_is_wrong_is_named(call: Call, flags: tuple[str, ...], code: int, field: str) -> None:
    said = call("server", "edit", "web01", *flags)
    assert said.code == code
    assert said.err.startswith(f"hostdeck: {field}: ")


def test_a_vulnerable_version_is_a_word_in_the_list_and_a_sentence_in_show(call: Call) -> None:
    with connection():
        Server.update(health_facts={"panel_version": "1.9.4"}).where(Server.name == "web01").execute()
    shown = json.loads(call("server", "show", "web01", "--json").out)
    assert shown["warnings"][0].startswith("vulnerable: HestiaCP 1.9.4 is older than 1.9.9")
    assert "vulnerable: HestiaCP 1.9.4" in call("server", "show", "web01").out
    assert "vulnerable" in call("server", "list").out


def test_a_parked_server_says_why_its_tasks_wait_and_until_when(call: Call) -> None:
    with connection():
        now = utcnow()
        web = Server.get(Server.name == "web01")
        breakers.failed(web.id, BreakerKind.LOGIN, "web01: login as root with this key is refused", now)
    shown = json.loads(call("server", "show", "web01", "--json").out)
    assert (shown["breaker"]["kind"], shown["breaker"]["until"]) == ("login", None)
    assert "web01 waits for an operator" in call("server", "show", "web01").out


# --------------------------------------------------------------------------------------------------------- checking


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each wait ends with a check whose root part failed, or with one that passed where the list says `ok`."""
    moods: list[str] = []

    def wait_for_tasks(ids: tuple[int, ...], timeout: float) -> tuple[object, ...]:
        from hostdeck.core.queries.tasks import task

        good = moods.pop() == "ok"
        parts = list(Part)
        checks = []
        for at, part in enumerate(parts):
            state = "ok" if good or at < 3 else "failed" if at == 3 else "not reached"
            mend = ["chmod 440 /etc/sudoers.d/hostdeck-deploy"] if state == "failed" else []
            checks.append({"key": part, "label": LABELS[part], "state": state, "text": f"{part} text", "mend": mend})
        status, error = (TaskStatus.SUCCESS, None) if good else (TaskStatus.FAILED, "web01: sudo [NODE_SUDO]")
        Task.update(status=status, error=error, result={"checks": checks}).where(Task.id == ids[0]).execute()
        return (task(ids[0]),)

    monkeypatch.setattr(waiting, "wait_for_tasks", wait_for_tasks)
    return moods


def test_a_failed_check_prints_each_part_and_below_the_failed_one_its_mend(call: Call, checked: list[str]) -> None:
    checked.append("failed")
    said = call("server", "check", "web01")
    assert said.code == 1
    lines = said.out.splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("failed"))
    assert lines[at].split() == ["failed", "root", "root", "text"]
    assert lines[at + 1].strip() == "chmod 440 /etc/sudoers.d/hostdeck-deploy"
    assert lines[at + 2].startswith("not reached")
    assert "hostdeck: web01: web01: sudo [NODE_SUDO]" in said.err


def test_a_checks_document_has_the_server_and_its_checks(call: Call, checked: list[str]) -> None:
    checked += ["ok", "failed"]
    said = call("server", "check", "web01", "--json")
    shown = json.loads(said.out)
    assert (said.code, shown["name"]) == (1, "web01")
    assert [check["key"] for check in shown["checks"]] == list(Part)
    assert set(shown["checks"][0]) == {"key", "label", "state", "text", "mend"}
    assert call("server", "check", "web01", "--json").code == 0


def test_an_older_checks_parts_are_not_taken_for_this_ones(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    with connection():
        server = Server.get(Server.name == "web01")
        Task.create(
            run=Run.create(kind=RunKind.SERVER), server=server, action="server.check", target="web01",
            status="success", result={"checks": [{"key": "tcp", "label": "x", "state": "ok", "text": ""}]},
        )  # fmt: skip

    def never(ids: tuple[int, ...], timeout: float) -> tuple[object, ...]:
        from hostdeck.core.queries.tasks import task

        Task.update(status=TaskStatus.FAILED, error="lost").where(Task.id == ids[0]).execute()
        return (task(ids[0]),)

    monkeypatch.setattr(waiting, "wait_for_tasks", never)
    said = call("server", "check", "web01", "--json")
    assert (said.code, json.loads(said.out)["checks"]) == (1, [])
