"""The main job behind OpenSSH's own sshd: orders built on stub nodes, by each login a node may give us, by a runner
on this thread and by workers that are stopped and killed on the way.
"""

from __future__ import annotations

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import asyncssh
import pytest
from tests.queue.conftest import error_of, run_all_due
from tests.real.conftest import AS_ROOT, TIERS, Fleet, RealFleet, SystemUser, system_user
from tests.simfleet import client_key
from tests.workers import is_up, spawn, stop, wait_until, worker

from hostdeck.core.domain.vocabulary import ServerStatus, ServiceStatus, TaskStatus
from hostdeck.core.errors import Conflict
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.fleet import add_server, check_server
from hostdeck.core.intents.forms import OrderForm
from hostdeck.core.intents.services import place_order
from hostdeck.core.settings import Settings
from hostdeck.core.store.db import connection
from hostdeck.core.store.due import all_due
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import Service, Task
from hostdeck.queue.runner import Runner

# The real text sweeps /tmp/hdkx.* of dead guards: one real guard at a time on this machine.
pytestmark = pytest.mark.xdist_group("real-guard")

WEB = ("web01",)
ADDED = {
    "web": ["v-add-user-package", "v-add-user", "v-change-user-contact", "v-add-web-domain"],
    "mx": ["v-add-user-package", "v-add-user", "v-change-user-contact", "v-add-mail-domain"],
    "ns": [
        "v-add-user-package",
        "v-add-user",
        "v-change-user-contact",
        "v-add-dns-domain",
        "v-insert-dns-records",
        "v-rebuild-dns-domain",
    ],
}


def order(door: Door, domain: str = "customer.test") -> int:
    return place_order(door, OrderForm(domain, "basic", email="owner@customer.com"))


def status(service: int) -> ServiceStatus:
    return Service.get_by_id(service).status


def all_active() -> bool:
    return not Service.select().where(Service.status != ServiceStatus.ACTIVE).exists()


def all_settled() -> bool:
    return all_active() and not Task.select().where(Task.status == TaskStatus.RUNNING).exists()


def run_side_by_side(runner: Runner) -> None:
    """All that is due and becomes due by it, as a worker's threads would; retries are left waiting."""

    def run(task_id: int) -> bool:
        with connection():
            return runner.run(task_id)

    with ThreadPoolExecutor(4) as crew:
        while any(list(crew.map(run, all_due(utcnow())))):
            pass


def assert_built_once(running: RealFleet) -> None:
    """Every node did exactly what its roles need, in order, and never two things at once."""
    for name in running.nodes:
        did = [command for node, command, _ in running.changes() if node == name]
        assert did == ADDED[name.rstrip("0123456789")]
    assert running.overlaps() == []


def under_way(running: RealFleet, command: str) -> bool:
    """Whether the first node runs a changing command of this name (or did so last)."""
    marker = running["web01"].folder / "changing"
    return marker.exists() and marker.read_text().split(" ")[0] == command


def set_latency(running: RealFleet, milliseconds: int) -> None:
    (running["web01"].folder / "latency_ms").write_text(str(milliseconds))


def logins(running: RealFleet) -> list[str]:
    return [line for line in running.sshd.log if "userauth" in line]


# ---------------------------------------------------------------------------------------------------- the main job


def test_a_split_order_is_built_once_on_four_nodes_and_building_it_again_changes_nothing(
    store: Settings, runner: Runner, door: Door, fleet: Fleet, who: SystemUser | None
) -> None:
    with fleet(TIERS, who) as running:
        running.register(door)
        service = order(door)
        run_side_by_side(runner)
        assert status(service) is ServiceStatus.ACTIVE, error_of(service)
        assert_built_once(running)
        Task.update(status=TaskStatus.QUEUED, claim_no=0).where(Task.status == TaskStatus.SUCCESS).execute()
        run_side_by_side(runner)
        assert status(service) is ServiceStatus.ACTIVE, error_of(service)
        assert_built_once(running)
        # What the commands wrote tells who they were: root's, where the login was not.
        journal = running["web01"].folder / "journal.jsonl"
        assert journal.owner() == ("root" if who else running.sshd.user)
        check = check_server(door, "ns02")
        run_all_due(runner)
        assert Task.get_by_id(check).status is TaskStatus.SUCCESS


def test_servers_may_share_an_sshd_but_not_a_folder(store: Settings, door: Door, fleet: Fleet) -> None:
    with fleet(WEB) as running:
        running.register(door)
        for folder in (running.form("web01").node_dir, running.form("web01").node_dir + "/"):
            with pytest.raises(Conflict, match=r"is server 'web01' already"):
                add_server(door, replace(running.form("web01"), name="web02", node_dir=folder))
        add_server(door, replace(running.form("web01"), name="web02", node_dir=""))
        add_server(door, replace(running.form("web01"), name="web03", node_dir=f"{running.form('web01').node_dir}3"))


def test_f31_a_noisy_login_shell_does_not_keep_an_order_from_being_built(
    store: Settings, runner: Runner, door: Door, fleet: Fleet, who: SystemUser | None, tmp_path: Path
) -> None:
    noise = "echo NOISE; echo NOISE >&2; printf 'no newline'"
    (tmp_path / "rc").write_text(noise)
    with fleet(WEB, who, settings="" if who else f"SetEnv BASH_ENV={tmp_path}/rc") as running:
        if who is not None:
            who.login_says(noise)
        running.register(door)
        service = order(door)
        run_all_due(runner)
        assert status(service) is ServiceStatus.ACTIVE, error_of(service)
        assert_built_once(running)


def test_f29_two_orders_at_once_are_built_where_a_node_allows_two_sessions(
    store: Settings, runner: Runner, door: Door, fleet: Fleet
) -> None:
    with fleet(WEB, settings="MaxSessions 2") as running:
        running.register(door)
        services = [order(door, f"shop{number}.test") for number in range(2)]
        checks = [check_server(door, "web01")]
        run_side_by_side(runner)
        assert [status(service) for service in services] == [ServiceStatus.ACTIVE] * 2
        assert Task.get_by_id(checks[0]).status is TaskStatus.SUCCESS
        did = running.changes()
        assert len(did) == len(set(did)) == 8
        assert running.overlaps() == []


# ------------------------------------------------------------------------------------------------ what stops a login


def test_f27_another_host_key_quarantines_the_node_before_any_byte_of_a_login(
    store: Settings, runner: Runner, door: Door, fleet: Fleet
) -> None:
    another = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    with fleet(WEB, settings="LogLevel DEBUG") as running:
        running.register(door, host_key=another)
        service = order(door)
        run_all_due(runner)
        server = Server.get(Server.name == "web01")
        assert server.status is ServerStatus.QUARANTINED
        assert "its host key is not the pinned one; nothing was sent" in server.health_error
        assert status(service) is ServiceStatus.ERROR
        # One connection looked at the key, one was to log in; neither did more than agree on keys.
        wait_until(lambda: sum("[preauth]" in line and "closed by" in line for line in running.sshd.log) >= 1)
        assert sum("Connection from 127.0.0.1" in line for line in running.sshd.log) == 2
        assert logins(running) == []
        assert running["web01"].journal() == []


def test_f26_a_refused_key_is_tried_once_and_never_again_by_itself(
    store: Settings, runner: Runner, door: Door, fleet: Fleet
) -> None:
    with fleet(WEB, settings="LogLevel DEBUG") as running:
        running.register(door, key=client_key())
        service = order(door)
        run_all_due(runner)
        assert f"login as {running.sshd.user} with this key is refused" in error_of(service)
        failed = Task.get(Task.service == service, Task.action == "web.createPackage")
        assert (failed.status, failed.attempts) == (TaskStatus.FAILED, 1)
        assert "is refused" in Server.get(Server.name == "web01").health_error
        wait_until(lambda: any("[preauth]" in line and "closed" in line for line in running.sshd.log))
        assert sum("method publickey" in line for line in logins(running)) == 1
        assert running["web01"].journal() == []


@pytest.mark.skipif(not AS_ROOT, reason="a user without sudo is made by root")
def test_f25_a_sudo_that_asks_for_a_password_fails_the_task_at_once_with_the_mend(
    store: Settings, runner: Runner, door: Door, fleet: Fleet
) -> None:
    with system_user() as user, fleet(WEB, user) as running:
        running.register(door)
        service = order(door)
        run_all_due(runner)
        failed = Task.get(Task.service == service, Task.action == "web.createPackage")
        assert (failed.status, failed.attempts, failed.not_before) == (TaskStatus.FAILED, 1, None)
        assert "[NODE_SUDO]" in error_of(service)
        assert "allow NOPASSWD: ALL for the SSH user in sudoers, or log in as root" in error_of(service)
        check = check_server(door, "web01")
        run_all_due(runner)
        assert Task.get_by_id(check).status is TaskStatus.FAILED
        assert "[NODE_SUDO]" in Server.get(Server.name == "web01").health_error


# ----------------------------------------------------------------------------------- the worker as its own process


def test_a_worker_of_its_own_process_builds_the_order_and_ends_with_0(
    store: Settings, door: Door, fleet: Fleet
) -> None:
    with fleet(("web01", "ns01")) as running, worker(store) as process:
        running.register(door)
        order(door)
        wait_until(all_settled)
        assert_built_once(running)
        assert stop(process) == 0


def test_f11_sigterm_waits_for_the_command_on_the_node_and_the_next_worker_goes_on(
    store: Settings, door: Door, fleet: Fleet
) -> None:
    with fleet(WEB, latency_ms=700) as running:
        running.register(door)
        first = spawn(store)
        try:
            wait_until(lambda: is_up(first))
            service = order(door)
            wait_until(lambda: under_way(running, "v-add-user"))
        finally:
            code = stop(first)
        ended = time.time()
        assert code == 0
        ran = [entry for entry in running["web01"].journal() if entry["argv"][0] == "v-add-user"]  # type: ignore[index]
        assert len(ran) == 1
        assert float(str(ran[0]["ended"])) < ended
        assert not Task.select().where(Task.status.in_((TaskStatus.RUNNING, TaskStatus.FAILED))).exists()
        assert status(service) is ServiceStatus.DEPLOYING
        set_latency(running, 0)
        with worker(store):
            wait_until(all_settled)
        assert_built_once(running)


def test_f3_a_worker_killed_while_the_node_runs_its_command_leaves_it_to_end_and_the_next_looks_first(
    store: Settings, door: Door, fleet: Fleet
) -> None:
    with fleet(WEB, latency_ms=300) as running:
        running.register(door)
        first = spawn(store)
        try:
            wait_until(lambda: is_up(first))
            order(door)
            wait_until(lambda: under_way(running, "v-add-user-package"))
            set_latency(running, 3000)
            wait_until(lambda: under_way(running, "v-add-user"))
        finally:
            code = stop(first, signal.SIGKILL)
        killed = time.time()
        assert code == -signal.SIGKILL
        set_latency(running, 0)
        taken = Task.select().where(Task.action == "web.createUser", Task.claim_no == 2)
        with worker(store):
            wait_until(taken.exists)
            claimed = time.time()
            wait_until(all_settled)
        journal = running["web01"].journal()
        names = [str(entry["argv"][0]) for entry in journal]  # type: ignore[index]
        at = names.index("v-add-user")
        ended = float(str(journal[at]["ended"]))
        assert killed < claimed < ended, "the command was over before the second worker came"
        assert journal[at]["exit"] == 0
        # The journal has a command when it has ended: nothing else ran meanwhile. The dead worker's call goes on to its
        # own look; only then does the second worker get the lock, and looks before it does anything.
        assert all(float(str(entry["started"])) >= ended for entry in journal[at + 1 :])
        assert names[at + 1 : names.index("v-add-web-domain")].count("v-list-user") >= 2
        assert_built_once(running)
