"""A check behind OpenSSH's own sshd and sudo."""

from __future__ import annotations

import pytest
from tests.queue.conftest import run_all_due
from tests.real.conftest import AS_ROOT, Fleet, SystemUser, system_user

from hostdeck.core.intents.base import Door
from hostdeck.core.intents.fleet import check_server
from hostdeck.core.settings import Settings
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import Task
from hostdeck.queue.runner import Runner

# One real guard at a time on this machine.
pytestmark = pytest.mark.xdist_group("real-guard")

WEB = ("web01",)


def checked(runner: Runner, door: Door) -> dict[str, dict[str, object]]:
    task = check_server(door, "web01")
    run_all_due(runner)
    return {check["key"]: check for check in Task.get_by_id(task).result["checks"]}


def test_each_login_passes_every_part(
    store: Settings, runner: Runner, door: Door, fleet: Fleet, who: SystemUser | None
) -> None:
    with fleet(WEB, who) as running:
        running.register(door)
        checks = checked(runner, door)
    assert {key: (check["state"], check["text"]) for key, check in checks.items() if check["state"] != "ok"} == {}
    assert str(checks["tcp"]["text"]).startswith("SSH-2.0-OpenSSH")
    assert running.sshd.fingerprint in str(checks["host_key"]["text"])
    if who is not None:
        assert checks["root"]["text"] == "sudo lists NOPASSWD: ALL"
    assert Server.get(Server.name == "web01").health == "ok"


@pytest.mark.skipif(not AS_ROOT, reason="a user with few rights is made by root")
def test_rights_to_single_commands_are_not_enough(store: Settings, runner: Runner, door: Door, fleet: Fleet) -> None:
    with system_user() as user, fleet(WEB, user) as running:
        user.may_run("/usr/local/hestia/bin/*")
        running.register(door)
        checks = checked(runner, door)
    assert checks["root"]["state"] == "failed"
    assert "rights to single commands are not enough [NODE_SUDO]" in str(checks["root"]["text"])
    assert f"echo '{user.name} ALL=(ALL:ALL) NOPASSWD: ALL' > /etc/sudoers.d/hostdeck-{user.name}" in str(
        checks["root"]["mend"]
    )
    assert checks["panel"]["state"] == "not reached"


@pytest.mark.skipif(not AS_ROOT, reason="a user with a home of its own is made by root")
def test_a_key_file_that_is_open_to_others_is_told_with_its_mend(
    store: Settings, runner: Runner, door: Door, fleet: Fleet
) -> None:
    with system_user() as user, fleet(WEB, user) as running:
        user.may_sudo()
        file = user.home / ".ssh" / "authorized_keys"
        file.chmod(0o644)
        file.parent.chmod(0o700)
        running.register(door)
        login = checked(runner, door)["login"]
    assert login["state"] == "ok"
    assert login["text"] == f"{user.name} by key; ~/.ssh is 700, ~/.ssh/authorized_keys is 644"
    assert login["mend"] == ["it is open to others; on the node: chmod 600 ~/.ssh/authorized_keys"]
