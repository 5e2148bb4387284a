"""A check of a node: what it says of each part, and what mends it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import asyncssh
import pytest
from tests.queue.conftest import run_all_due
from tests.simfleet import client_key, register, sim_fleet

from hostdeck.core.domain.inputs import public_key_of
from hostdeck.core.domain.vocabulary import ServerStatus, TaskStatus
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.fleet import check_server
from hostdeck.core.settings import Settings
from hostdeck.core.sim.fleet import SimFleet
from hostdeck.core.sim.hestia import HestiaNode
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import Task, TaskLog
from hostdeck.queue.runner import Runner

PARTS = ["tcp", "host_key", "login", "root", "panel", "listing", "probe", "capabilities"]


def checked(runner: Runner, door: Door, name: str = "web01") -> dict[str, dict[str, object]]:
    """Runs a check; its result by part."""
    task = check_server(door, name)
    run_all_due(runner)
    result = Task.get_by_id(task).result
    assert [check["key"] for check in result["checks"]] == PARTS
    return {check["key"]: check for check in result["checks"]}


def states(checks: dict[str, dict[str, object]]) -> str:
    return " ".join(
        {"ok": "ok", "failed": "FAILED", "not reached": "-"}[str(check["state"])] for check in checks.values()
    )


def mends(check: dict[str, object]) -> str:
    assert isinstance(check["mend"], list)
    return "\n".join(check["mend"])


@pytest.fixture
def fleet(store: Settings, door: Door) -> Iterator[SimFleet]:
    with sim_fleet(("web01", "pdns01")) as running:
        register(door, running)
        yield running


def test_a_fit_node_passes_every_part_and_its_figures_are_kept(fleet: SimFleet, runner: Runner, door: Door) -> None:
    checks = checked(runner, door)
    assert states(checks) == "ok ok ok ok ok ok ok ok"
    assert str(checks["tcp"]["text"]).startswith("SSH-2.0-")
    assert fleet["web01"].host_key_fingerprint in str(checks["host_key"]["text"])
    assert checks["panel"]["text"] == "HestiaCP 1.10.3"
    row = Server.get(Server.name == "web01")
    assert (row.health, row.health_facts["services_down"]) == ("ok", [])
    assert 0 < row.health_facts["disk_used_mb"] < row.health_facts["disk_total_mb"]
    lines = [line.text for line in TaskLog.select().order_by(TaskLog.seq)]
    assert [line for line in lines if line.startswith("ok ")][:3] == [
        f"ok TCP and banner: {checks['tcp']['text']}",
        f"ok host key: {checks['host_key']['text']}",
        "ok login: root by key",
    ]


def test_a_fit_nameserver_passes_too(fleet: SimFleet, runner: Runner, door: Door) -> None:
    checks = checked(runner, door, "pdns01")
    assert states(checks) == "ok ok ok ok ok ok ok ok"
    assert (checks["panel"]["text"], checks["capabilities"]["text"]) == ("PowerDNS 4.7.3", "dns")


def test_a_closed_port_fails_the_first_part_and_nothing_else_is_reached(
    fleet: SimFleet, runner: Runner, door: Door
) -> None:
    Server.update(ssh_port=1).where(Server.name == "web01").execute()
    checks = checked(runner, door)
    assert states(checks) == "FAILED - - - - - - -"
    assert "not reachable at 127.0.0.1:1" in str(checks["tcp"]["text"])
    assert "v-add-firewall-rule ACCEPT 0.0.0.0/0 1 TCP SSH" in mends(checks["tcp"])
    task = Task.get(Task.action == "server.check")
    assert (task.status, task.error) == (TaskStatus.FAILED, checks["tcp"]["text"])
    assert Server.get(Server.name == "web01").health_error == task.error


def test_another_host_key_quarantines_and_nobody_logs_in(fleet: SimFleet, runner: Runner, door: Door) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    Server.update(host_key=other).where(Server.name == "web01").execute()
    checks = checked(runner, door)
    assert states(checks) == "ok FAILED - - - - - -"
    assert "ssh-keygen -lf" in mends(checks["host_key"])
    assert Server.get(Server.name == "web01").status is ServerStatus.QUARANTINED


def test_a_refused_key_comes_with_the_line_for_authorized_keys(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(("web01",)) as fleet:
        register(door, fleet)
        fleet["web01"].open_house = False
        fleet["web01"].authorized = {asyncssh.import_private_key(client_key()).public_data}
        checks = checked(runner, door)
    assert states(checks) == "ok ok FAILED - - - - -"
    assert "ssh-ed25519 AAAA" in mends(checks["login"])
    assert "chmod 600 /root/.ssh/authorized_keys" in mends(checks["login"])
    assert "chmod 700 /root/.ssh" in mends(checks["login"])


def test_the_line_for_authorized_keys_is_that_of_the_private_key() -> None:
    key = client_key()
    assert public_key_of(key) == asyncssh.import_private_key(key).export_public_key().decode().strip()
    assert public_key_of("no key") == ""


@pytest.mark.parametrize(
    ("sudo", "text"),
    [
        (None, "a password is required"),
        ("(root) NOPASSWD: /usr/local/hestia/bin/*", "rights to single commands are not enough [NODE_SUDO]"),
    ],
)
def test_a_login_without_full_sudo_gets_the_file_that_gives_it(
    fleet: SimFleet, runner: Runner, door: Door, sudo: str | None, text: str
) -> None:
    Server.update(ssh_username="deploy").where(Server.name == "web01").execute()
    fleet["web01"].sudo = sudo
    checks = checked(runner, door)
    assert states(checks) == "ok ok ok FAILED - - - -"
    assert text in str(checks["root"]["text"])
    fix = mends(checks["root"])
    assert "echo 'deploy ALL=(ALL:ALL) NOPASSWD: ALL' > /etc/sudoers.d/hostdeck-deploy" in fix
    assert "chmod 440 /etc/sudoers.d/hostdeck-deploy\nvisudo -c" in fix


def test_a_sudoer_with_all_rights_is_as_good_as_root(fleet: SimFleet, runner: Runner, door: Door) -> None:
    Server.update(ssh_username="deploy").where(Server.name == "web01").execute()
    checks = checked(runner, door)
    assert states(checks) == "ok ok ok ok ok ok ok ok"
    assert checks["root"]["text"] == "sudo lists NOPASSWD: ALL"


def test_a_node_without_its_panel_says_how_to_install_it(fleet: SimFleet, runner: Runner, door: Door) -> None:
    Server.update(node_dir="/opt/elsewhere").where(Server.name == "web01").execute()
    checks = checked(runner, door)
    assert states(checks) == "ok ok ok ok FAILED - - -"
    assert "[NODE_PANEL]" in str(checks["panel"]["text"])
    assert "bash hst-install.sh" in mends(checks["panel"])
    assert "hostdeck server edit web01 --node-dir DIR" in mends(checks["panel"])


def test_a_listing_that_fails_is_told_apart_from_the_panel(fleet: SimFleet, runner: Runner, door: Door) -> None:
    fleet["web01"].faults.add("v-list-sys-info=exit:1")
    checks = checked(runner, door)
    assert states(checks) == "ok ok ok ok ok FAILED - -"
    assert "v-list-sys-info json" in mends(checks["listing"])


def test_a_tick_for_what_is_not_installed_fails_and_says_which_ticks_are_right(
    fleet: SimFleet, runner: Runner, door: Door
) -> None:
    Server.update(mail=True).where(Server.name == "web01").execute()
    account = fleet["web01"].account
    assert isinstance(account, HestiaNode)
    account.book.config["MAIL_SYSTEM"] = ""
    checks = checked(runner, door)
    assert states(checks) == "ok ok ok ok ok ok ok FAILED"
    assert "MAIL_SYSTEM is empty in hestia.conf" in str(checks["capabilities"]["text"])
    assert "hostdeck server edit web01 --capability web" in mends(checks["capabilities"])
    row = Server.get(Server.name == "web01")
    assert (row.health, row.health_facts["panel_version"]) == ("error", "1.10.3")


def test_services_that_are_down_are_named(fleet: SimFleet, runner: Runner, door: Door) -> None:
    account = fleet["web01"].account
    assert isinstance(account, HestiaNode)
    account.machine.broken.add("stop-mail")
    checked(runner, door)
    facts = Server.get(Server.name == "web01").health_facts
    assert facts["services_down"] == ["exim4"]
    assert facts["services_up"] == facts["services_total"] - 1


# ----------------------------------------------------------------------------------- peers that are no SSH server


def _silent(peer: socket.socket, over: threading.Event) -> None:
    over.wait()


def _drip(peer: socket.socket, over: threading.Event) -> None:
    while not over.wait(0.2):
        peer.sendall(b"S")


def _junk(peer: socket.socket, over: threading.Event) -> None:
    while not over.is_set():
        peer.sendall(b"junk\n" * 1000)


def _banner_only(peer: socket.socket, over: threading.Event) -> None:
    peer.sendall(b"SSH-2.0-Half_1.0\r\n")
    over.wait()


@contextmanager
def listener(behave: Callable[[socket.socket, threading.Event], None]) -> Iterator[int]:
    """Somebody who takes calls and is no SSH server; the port."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while not over.is_set():
                try:
                    peer, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=talk, args=(peer,), daemon=True).start()

        def talk(peer: socket.socket) -> None:
            with peer:
                try:
                    behave(peer, over)
                except OSError:
                    pass  # the caller hung up

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield server.getsockname()[1]
        finally:
            over.set()


@pytest.mark.parametrize(
    ("behave", "text"), [(_silent, "not reachable"), (_drip, "not reachable"), (_junk, "bad banner")],
    ids=["f17_silent", "f18_drip", "f19_junk"],
)  # fmt: skip
def test_a_peer_that_is_no_ssh_server_fails_within_the_deadlines(
    store: Settings, runner: Runner, door: Door, behave: Callable[[socket.socket, threading.Event], None], text: str
) -> None:
    runner._settings = replace(store, connect_timeout=0.5, login_timeout=1.0)
    with sim_fleet(("web01",)) as fleet, listener(behave) as port:
        register(door, fleet)
        Server.update(ssh_port=port).execute()
        checks = checked(runner, door)
    assert states(checks) == "FAILED - - - - - - -"
    assert text in str(checks["tcp"]["text"])


def test_what_is_known_stands_in_the_log_while_the_peer_says_no_more(
    store: Settings, runner: Runner, door: Door
) -> None:
    runner._settings = replace(store, connect_timeout=2.0, login_timeout=2.0)
    with sim_fleet(("web01",)) as fleet, listener(_banner_only) as port:
        register(door, fleet)
        Server.update(ssh_port=port).execute()
        checks = checked(runner, door)
    assert states(checks) == "ok FAILED - - - - - -"
    assert checks["tcp"]["text"] == "SSH-2.0-Half_1.0"
    lines = {line.text.split(":")[0]: line.at for line in TaskLog.select()}
    assert (lines["failed host key"] - lines["ok TCP and banner"]).total_seconds() > 1
