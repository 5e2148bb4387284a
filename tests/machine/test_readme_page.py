"""The README's page about a management host, followed on an empty Debian whose first process is a real systemd.

The tests go on from one another, as whoever follows the page does.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.machine.guest import Guest, started
from tests.machine.image import made_image
from tests.machine.page import block
from tests.terminal import Terminal

pytestmark = [pytest.mark.machine, pytest.mark.timeout(1800)]

UNIT = "hostdeck-worker.service"
WHO = ("anna", "the helpdesk", "billing")


@pytest.fixture(scope="module")
def guest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guest]:
    with started(made_image(), tmp_path_factory.mktemp("machine")) as guest:
        yield guest


@pytest.fixture(scope="module")
def keys(guest: Guest) -> dict[str, Path]:
    """A key for each line that the page puts into authorized_keys."""
    lines, made = block("Engineers").text, {}
    for who in WHO:
        made[who] = guest.folder / who.replace(" ", "-")
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", made[who]], check=True)
        kind, key = made[who].with_suffix(".pub").read_text().split()[:2]
        lines = lines.replace(f"ssh-ed25519 AAAA… {who}", f"{kind} {key} {who}")
    assert "AAAA…" not in lines
    put = f"umask 077; mkdir -p ~/.ssh; cat >~/.ssh/authorized_keys <<'END'\n{lines}END"
    guest.run(put, "hostdeck")
    return made


def follow(guest: Guest, heading: str, nth: int = 0, folder: str = "/root") -> str:
    found = block(heading, nth)
    assert found.language == "sh"
    return guest.run(f"cd {folder if found.user == 'root' else '~'}\n{found.text}", found.user)


def shown(guest: Guest, name: str) -> str:
    return guest.run(f"systemctl show --value -p {name} {UNIT}")


def await_unit(guest: Guest, other_than: str = "0") -> str:
    """The worker's pid, once systemd has been told that it is ready."""
    look = f"systemctl show --value -p MainPID -p ActiveState {UNIT} | xargs"
    wait = f'while s=$({look}); [ "$s" = "${{s%% active}}" ] || [ "$s" = "{other_than} active" ]; do sleep 0.5; done'
    return guest.run(f'{wait}; echo "$s"').split()[0]


def checks(guest: Guest) -> dict[str, str]:
    """What `hostdeck doctor` says of each part; there is no fleet yet, so it may well fail as a whole."""
    document = json.loads(guest.run("hostdeck doctor --json || true", "hostdeck"))
    return {row["check"]: row["state"] for row in document}


def test_the_page_alone_leads_to_a_worker_that_systemd_keeps(guest: Guest) -> None:
    assert guest.run("command -v hostdeck || echo none") == "none"
    guest.send_project("/root/hostdeck")
    follow(guest, "", 0, "/root/hostdeck")
    follow(guest, "", 1)
    follow(guest, "", 2)
    assert int(await_unit(guest)) > 0
    assert guest.run(f"systemctl is-enabled {UNIT}") == "enabled"
    assert checks(guest)["worker"] == "ok"
    assert guest.run("stat -c %U:%a /srv/hostdeck/home") == "hostdeck:700"


def test_a_worker_that_is_killed_comes_back(guest: Guest) -> None:
    before = await_unit(guest)
    guest.run(f"kill -9 {before}")
    assert await_unit(guest, other_than=before) != before
    assert checks(guest)["worker"] == "ok"


def test_a_worker_that_hangs_is_ended_by_the_watchdog_and_comes_back(guest: Guest) -> None:
    before = await_unit(guest)
    guest.run(f"kill -STOP {before}")
    assert await_unit(guest, other_than=before) != before
    assert "watchdog" in guest.run(f"journalctl -b --no-pager -u {UNIT}").casefold()


def test_it_may_write_into_its_home_and_nowhere_else(guest: Guest) -> None:
    pid = await_unit(guest)
    inside = f"nsenter -t {pid} -m runuser -u hostdeck -- sh -c"
    assert guest.run(f"{inside} 'touch /srv/hostdeck/home/x && rm /srv/hostdeck/home/x && echo yes'") == "yes"
    for place in ("/srv/hostdeck/x", "/var/lib/x", "/usr/x"):
        assert guest.run(f"{inside} 'touch {place} 2>/dev/null || echo no'") == "no"
    assert guest.run(f"grep CapBnd /proc/{pid}/status").split()[1] == "0" * 16


def test_an_engineers_key_opens_the_console_and_nothing_else(guest: Guest, keys: dict[str, Path]) -> None:
    for who, may in (("anna", b"mRW\x1b"), ("the helpdesk", b"mRO\x1b")):
        terminal = Terminal(guest.ssh("hostdeck", key=keys[who], tty=True))
        try:
            assert b"hostdeck@mgmt" in terminal.read_until(may)
            terminal.press("q")
        finally:
            terminal.close()
    code, said = guest.said("hostdeck", "id", key=keys["anna"])
    assert (code == 0, "uid=" in said) == (False, False)


def test_a_billing_systems_key_does_what_its_list_says(guest: Guest, keys: dict[str, Path]) -> None:
    code, said = guest.said("hostdeck", "service", "show", "customer.com", "--json", key=keys["billing"])
    assert code == 3, said
    code, said = guest.said("hostdeck", "service", "terminate", "customer.com", key=keys["billing"])
    assert (code, "service create" in said) == (4, True)


def test_what_is_backed_up_by_the_page_can_be_put_back_by_it(guest: Guest) -> None:
    guest.run("hostdeck group add eu", "hostdeck")
    key = follow(guest, "Back up").splitlines()[-1]
    guest.run(f"systemctl stop {UNIT}; mv /srv/hostdeck/home /srv/hostdeck/lost")
    home = "/srv/hostdeck/home"
    put = f"umask 077; mkdir {home}; cp ~/backup/* {home}; printf '%s\\n' '{key}' >{home}/worker.key"
    guest.run(f"{put}; hostdeck init; hostdeck doctor || true", "hostdeck")
    guest.run(f"systemctl start {UNIT}")
    await_unit(guest)
    assert (checks(guest)["worker"], checks(guest)["worker key"]) == ("ok", "ok")
    assert "eu" in guest.run("hostdeck group list", "hostdeck")


def test_an_upgrade_by_the_page_ends_with_the_new_program_running(guest: Guest) -> None:
    folder = "/root/hostdeck"
    guest.run(f"sed -i 's/^__version__ = .*/__version__ = \"99.1\"/' {folder}/src/hostdeck/__init__.py")
    before = await_unit(guest)
    follow(guest, "Upgrade", 0, folder)
    assert await_unit(guest) != before
    assert "99.1" in guest.run("hostdeck --version", "hostdeck")
    assert checks(guest)["worker"] == "ok"


def test_after_a_restart_of_the_machine_it_runs_again(guest: Guest) -> None:
    boot = guest.await_boot()
    subprocess.run(guest.ssh("root", "systemctl reboot"), stdin=subprocess.DEVNULL)
    guest.await_boot(other_than=boot)
    assert int(await_unit(guest)) > 0
    assert checks(guest)["worker"] == "ok"
