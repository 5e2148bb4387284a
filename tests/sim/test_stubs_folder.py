"""A stub folder behaves as a Hestia node, with the real guard text in front of it and a real sshd in front of that."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from pathlib import Path

import asyncssh
import pytest
from tests.sim.calls import NONCE, Steps, guard_command, guard_words
from tests.sshd import AVAILABLE, start_sshd

from hostdeck.core.drivers.hestia.scripts import PUT, UNDO, USER_STATE, script
from hostdeck.core.sim.stubs import StubNode, install

pytestmark = pytest.mark.xdist_group("real-guard")

SECRET = f"@{NONCE}:s1"
MARK = "hdk-4711.ab12cd34@hostdeck.invalid"


@pytest.fixture
def stub(tmp_path: Path) -> StubNode:
    return install(tmp_path / "hestia", "web01.example.net", "203.0.113.10")


def act(stub: StubNode, name: str, *args: str) -> list[str]:
    return [str(stub.folder / "bin" / name), *args]


def add_user(stub: StubNode, user: str) -> list[str]:
    return act(stub, "v-add-user", user, SECRET, MARK, "default", "hdk 4711 ab12cd34")


def guarded(stub: StubNode, steps: Steps, secret: str = "s3cret") -> subprocess.CompletedProcess[str]:
    words = guard_words(steps, home=str(stub.folder), secrets=1)
    return subprocess.run(
        words, input=f"go {NONCE}\n{secret}\n", capture_output=True, text=True, timeout=60, check=False
    )


def state_of(stub: StubNode, user: str) -> dict[str, str]:
    folder = stub.folder
    argv = script(
        USER_STATE, "user-state", user, f"{folder}/data/users", f"{folder}/home", f"{folder}/etc/ssh/sshd_config"
    )
    out = guarded(stub, [("0", argv)]).stdout
    return dict(line.split("=", 1) for line in out.splitlines() if re.match(r"[a-z]+=", line))


def undo(stub: StubNode, user: str, mark: str) -> int:
    argv = script(UNDO, "undo", user, mark, f"{stub.folder}/data/users", f"{stub.folder}/home")
    return guarded(stub, [("0", argv)]).returncode


def test_check_act_verify_of_a_user_through_the_real_guard(stub: StubNode) -> None:
    look = act(stub, "v-list-user", "hd1", "json")
    done = guarded(stub, [("3", look), ("0", add_user(stub, "hd1")), ("0", look)])
    assert done.returncode == 0, done
    codes = [int(code) for code in re.findall(r"step \d+ rc=(\d+)", done.stdout)]
    assert codes == [3, 0, 0]
    listed = json.loads(done.stdout.split(f"@{NONCE} begin 3\n")[1].split(f"\n@{NONCE} step 3")[0])
    assert listed["hd1"]["NAME"] == "hdk 4711 ab12cd34"
    assert guarded(stub, [("0", add_user(stub, "hd1"))]).returncode == 4


def test_the_disk_shows_what_shell_texts_look_at(stub: StubNode) -> None:
    nobody = state_of(stub, "hd1")
    assert nobody == {"passwd": "", "data": "0", "conf": "0", "group": "0", "jail": "0", "home": "0"}
    assert guarded(stub, [("0", add_user(stub, "hd1"))]).returncode == 0
    whole = state_of(stub, "hd1")
    assert MARK in whole.pop("passwd")
    assert whole == {"data": "1", "conf": "1", "group": "1", "jail": "1", "home": "1"}
    assert guarded(stub, [("0", act(stub, "v-delete-user", "hd1", "no"))]).returncode == 0
    assert state_of(stub, "hd1") == nobody


def test_the_folder_of_a_site_is_real(stub: StubNode) -> None:
    web = act(stub, "v-add-web-domain", "hd1", "example.org", "203.0.113.10", "no", "none")
    public = ["test", "-d", str(stub.folder / "home/hd1/web/example.org/public_html")]
    assert guarded(stub, [("0", add_user(stub, "hd1")), ("0", web), ("0", public)]).returncode == 0
    gone = act(stub, "v-delete-web-domain", "hd1", "example.org", "no")
    assert guarded(stub, [("0", gone), ("0", public)]).returncode == 1


def test_a_zone_is_swapped_through_its_real_record_file(stub: StubNode) -> None:
    file = str(stub.folder / "data/users/hd1/dns/example.org.conf")
    zone = act(stub, "v-add-dns-domain", "hd1", "example.org", "203.0.113.10", "ns1.x.net", "ns2.x.net")
    assert guarded(stub, [("0", add_user(stub, "hd1")), ("0", zone), ("0", ["cat", file])]).returncode == 0
    lines = [line for line in Path(file).read_text().splitlines() if "TYPE='NS'" in line]
    lines.append(
        "ID='3' RECORD='@' TYPE='A' PRIORITY='' VALUE='203.0.113.77' SUSPENDED='no' TIME='10:00:00' DATE='2026-11-23'"
    )
    steps: Steps = [
        ("0", script(PUT, "put", f"@{NONCE}:pkg", *lines)),
        ("0", act(stub, "v-insert-dns-records", "hd1", "example.org", f"@{NONCE}:pkg")),
        ("0", act(stub, "v-rebuild-dns-domain", "hd1", "example.org", "no", "yes")),
        ("0", ["named-checkzone", "-q", "example.org", str(stub.folder / "home/hd1/conf/dns/example.org.db")]),
        ("0", ["dig", "+short", "@127.0.0.1", "example.org", "A"]),
    ]
    done = guarded(stub, steps)
    assert done.returncode == 0, done
    assert "203.0.113.77" in done.stdout.split("begin 5")[1]
    assert Path(file).read_text().splitlines() == lines


def test_a_half_made_user_is_undone_by_the_real_text_only_with_its_mark(stub: StubNode) -> None:
    assert undo(stub, "hd1", MARK) == 3
    assert guarded(stub, [("0", add_user(stub, "hd1"))]).returncode == 0
    assert undo(stub, "hd1", MARK) == 5, "a whole user is nobody's to undo"
    stub.half_made("hd3", MARK, "data")
    assert undo(stub, "hd3", MARK) == 6
    stub.half_made("hd2", MARK, "useradd")
    half = state_of(stub, "hd2")
    assert (bool(half["passwd"]), half["data"]) == (True, "0")
    assert undo(stub, "hd2", "another@hostdeck.invalid") == 4
    assert undo(stub, "hd2", MARK) == 0
    assert state_of(stub, "hd2")["passwd"] == ""
    assert undo(stub, "hd2", MARK) == 3


def test_every_command_is_in_the_journal_and_no_secret_is_on_the_disk(stub: StubNode) -> None:
    guarded(stub, [("0", add_user(stub, "hd1")), ("0", act(stub, "v-list-users", "json"))], secret="vEry-s3cret")
    assert [(ran["argv"][0], ran["exit"]) for ran in stub.journal()] == [("v-add-user", 0), ("v-list-users", 0)]
    assert stub.overlaps() == []
    for file in stub.folder.rglob("*"):
        assert not file.is_file() or b"vEry-s3cret" not in file.read_bytes(), file


def test_two_changing_commands_at_once_are_an_overlap_and_the_second_is_99(tmp_path: Path) -> None:
    stub = install(tmp_path / "hestia", "web01.example.net", "203.0.113.10", latency_ms=1500)
    first = subprocess.Popen(act(stub, "v-add-user", "one", "pw", "a@example.org"))
    marker = stub.folder / "changing"
    while not (marker.exists() and marker.read_text()):
        assert first.poll() is None
    second = subprocess.run(
        act(stub, "v-add-user", "two", "pw", "a@example.org"), capture_output=True, text=True, check=False
    )
    assert first.wait(20) == 0
    assert second.returncode == 99
    assert second.stderr.startswith("OVERLAP: v-add-user two")
    assert len(stub.overlaps()) == 1


@pytest.mark.skipif(not AVAILABLE, reason="no sshd here")
async def test_guarded_calls_through_a_real_sshd_wait_for_each_other(stub: StubNode, tmp_path: Path) -> None:
    with start_sshd(tmp_path) as sshd:
        async with asyncssh.connect(**sshd.options) as conn:
            calls = []
            for at in range(3):
                nonce = f"{at:016x}"
                argv = act(stub, "v-add-user", f"hd{at}", f"@{nonce}:s1", MARK, "default", "hdk 1 ab")
                command = guard_command([("0", argv)], nonce=nonce, home=str(stub.folder), secrets=1)
                calls.append(conn.run(command, input=f"go {nonce}\nsecret{at}\n"))
            results = await asyncio.gather(*calls)
    assert [result.exit_status for result in results] == [0, 0, 0]
    assert stub.overlaps() == []
    assert sorted(path.name for path in (stub.folder / "home").iterdir() if path.name.startswith("hd")) == [
        "hd0", "hd1", "hd2"
    ]  # fmt: skip
