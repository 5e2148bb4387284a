"""What the users of a node use: the fixed text in a real bash beside its twin, and the listing a real node gave."""

from __future__ import annotations

import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.drivers.test_replies import recorded, result

from hostdeck.core.domain.usage import COUNTED, Mailbox
from hostdeck.core.drivers.allowed import Provider, refuse_unlisted
from hostdeck.core.drivers.hestia import scripts
from hostdeck.core.drivers.hestia.replies import facts
from hostdeck.core.drivers.hestia.usage import COUNTERS
from hostdeck.core.drivers.usage import AskNodeUsage
from hostdeck.core.errors import Transient
from hostdeck.core.sim.hestia import HestiaNode, MemoryFiles
from hostdeck.core.sim.hestia.shell import text_of

PARENT = "names.example.net"
ASK = AskNodeUsage((("prov", PARENT), ("nobody", "none.example")))


@pytest.fixture
def node() -> HestiaNode:
    """alice has two FTP accounts on one site and one on another, bob none; prov sells two mailboxes."""
    made = HestiaNode("web01.example.net", "203.0.113.10", files=MemoryFiles())
    commands = [
        *(["v-add-user", name, "pw-123456", f"{name}@example.net", "default", f"hdk 1 {name}"]
          for name in ("bob", "alice", "prov")),
        ["v-add-web-domain", "bob", "bob.example", "203.0.113.10", "no"],
        ["v-add-web-domain", "alice", "one.example", "203.0.113.10", "no"],
        ["v-add-web-domain", "alice", "two.example", "203.0.113.10", "no"],
        ["v-add-web-domain-ftp", "alice", "one.example", "x", "pw-123456"],
        ["v-add-web-domain-ftp", "alice", "one.example", "y", "pw-123456"],
        ["v-add-web-domain-ftp", "alice", "two.example", "z", "pw-123456"],
        ["v-add-mail-domain", "prov", PARENT],
        ["v-add-mail-account", "prov", PARENT, "anna", "pw-123456", "64"],
        ["v-add-mail-account", "prov", PARENT, "ben", "pw-123456", "64"],
        ["v-add-mail-domain", "bob", "bob.example"],
        ["v-add-mail-account", "bob", "bob.example", "private", "pw-123456", "64"],
    ]  # fmt: skip
    for argv in commands:
        told = made.run(argv)
        assert told.exit == 0, (argv, told)
    made.book.users["prov"].mailboxes[PARENT][0]["U_DISK"] = "17"
    return made


def text(folder: str) -> tuple[str, ...]:
    words = [word for pair in ASK.parents for word in pair]
    return scripts.script(scripts.NODE_USAGE, "node-usage", folder, "90", *words)


def on_disk(node: HestiaNode, folder: Path) -> Path:
    """The node's files as a real one has them; a name with a space is nobody's, and must break nothing."""
    for name in node.book.users:
        for file in ("web.conf", f"mail/{PARENT}.conf", "mail/bob.example.conf"):
            content = text_of(node.machine, f"{node.machine.home}/data/users/{name}/{file}")
            if content is not None:
                path = folder / name / file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content)
    (folder / "odd one").mkdir(parents=True)
    return folder


def test_bash_and_its_twin_say_the_same(node: HestiaNode, tmp_path: Path) -> None:
    env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
    argv = text(str(on_disk(node, tmp_path)))
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=env, check=True)
    assert done.stdout == f"ftp=alice 3\nbox=anna@{PARENT} 17\nbox=ben@{PARENT} 0\nend=1\n"
    assert done.stderr == ""
    assert node.run(text("/any")).stdout == done.stdout


def test_the_newest_backup_of_each_user_is_told_with_the_nodes_own_time(node: HestiaNode, tmp_path: Path) -> None:
    folder = on_disk(node, tmp_path)
    names = ("bob.2026-11-21_05-10-02.tar", "bob.2026-11-23_05-10-02.tar", "bob.2026-11-22_05-10-02.tar")
    (folder / "bob/backup.conf").write_text("".join(f"BACKUP='{name}' TYPE='local' SIZE='1'\n" for name in names))
    (folder / "alice/backup.conf").write_text("")
    done = subprocess.run(text(str(folder)), capture_output=True, text=True, check=True)
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("bak=")]
    user, now, taken = line.removeprefix("bak=").split()
    assert (user, taken, done.stderr) == ("bob", "2026-11-23_05-10-02", "")
    assert abs((datetime.strptime(now, "%Y-%m-%d_%H-%M-%S") - datetime.now()).total_seconds()) < 60
    node.run(["v-backup-user", "bob"])
    (twin,) = [line for line in node.run(text("/any")).stdout.splitlines() if line.startswith("bak=")]
    assert [len(word) for word in twin.split()] == [len(word) for word in line.split()]
    assert read(node).backups == {"bob": pytest.approx(0, abs=3)}


def test_a_backup_of_another_name_or_of_tomorrow_breaks_nothing() -> None:
    listed = result(("v-list-users",), 0, '{"alice": {}, "bob": {}}')
    now = "2026-11-23_14-00-00"
    lines = f"bak=alice {now} 2026-11-24_14-00-00\nbak=bob {now} old-name.tar\nbak=ghost {now} {now}\nend=1\n"
    assert facts(AskNodeUsage(), [listed, result(("bash",), 0, lines)], "web01").backups == {"alice": 0}


def test_the_fullest_mailbox_of_each_user_is_told_where_it_is_nearly_full(node: HestiaNode, tmp_path: Path) -> None:
    (private,) = node.book.users["bob"].mailboxes["bob.example"]
    anna, ben = node.book.users["prov"].mailboxes[PARENT]
    anna["U_DISK"], ben["U_DISK"], private["U_DISK"] = "58", "65", "57"

    def told() -> list[str]:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        done = subprocess.run(text(str(on_disk(node, folder))), capture_output=True, text=True, check=True)
        assert done.stderr == ""
        assert node.run(text("/any")).stdout == done.stdout
        return [line for line in done.stdout.splitlines() if line.startswith("full=")]

    assert told() == [f"full=prov ben@{PARENT} 65 64"]
    private["U_DISK"] = "58"
    assert told() == ["full=bob private@bob.example 58 64", f"full=prov ben@{PARENT} 65 64"]
    assert read(node).full["bob"] == Mailbox("private@bob.example", 58, 64)
    private["QUOTA"] = "unlimited"
    assert told() == [f"full=prov ben@{PARENT} 65 64"]


def test_a_node_without_users_has_nothing_to_say(tmp_path: Path) -> None:
    done = subprocess.run(text(str(tmp_path)), capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("end=1\n", "")


def read(node: HestiaNode) -> Any:
    listed = node.run(["v-list-users", "json"])
    beside = node.run(text("/any"))
    answers = [result(("v-list-users", "json"), listed.exit, listed.stdout), result(("bash",), 0, beside.stdout)]
    return facts(ASK, answers, "web01")


def test_every_user_has_every_counter(node: HestiaNode) -> None:
    found = read(node)
    assert all(set(used) == set(COUNTED) for used in found.users.values())
    assert (found.users["alice"]["ftp_accounts"], found.users["bob"]["ftp_accounts"]) == (3, 0)
    assert (found.users["bob"]["mail_accounts"], found.names["bob"]) == (1, "hdk 1 bob")
    assert found.mailboxes == {f"anna@{PARENT}": 17, f"ben@{PARENT}": 0}


def test_a_real_nodes_listing_has_every_counter() -> None:
    listed = recorded("03-users", "v-list-users", "json")
    found = facts(AskNodeUsage(), [listed, result(("bash",), 0, "ftp=alice 2\nftp=ghost 1\nend=1\n")], "web01")
    assert {"admin", "alice"} <= set(found.users)
    assert all(set(used) == {*COUNTERS, "ftp_accounts"} for used in found.users.values())
    assert found.users["alice"]["ftp_accounts"] == 2
    assert found.names["admin"] == "System Administrator"
    assert "ghost" not in found.users


def test_counters_that_are_no_numbers_are_left_out() -> None:
    row = '{"alice": {"NAME": "x", "U_DISK": "", "U_DISK_MAIL": "7", "U_BANDWIDTH": "-1"}}'
    found = facts(AskNodeUsage(), [result(("v-list-users",), 0, row), result(("bash",), 0, "end=1\n")], "web01")
    assert found.users == {"alice": {"mail_disk": 7, "ftp_accounts": 0}}


def test_half_an_answer_is_none() -> None:
    listed = result(("v-list-users",), 0, '{"alice": {}}')
    with pytest.raises(Transient):
        facts(AskNodeUsage(), [listed, result(("bash",), 0, "ftp=alice 1\n")], "web01")
    with pytest.raises(Transient):
        facts(AskNodeUsage(), [result(("v-list-users",), 0, '{"alice": {'), result(("bash",), 0, "end=1\n")], "web01")


def test_the_text_may_name_the_provider_for_it_only_looks() -> None:
    refuse_unlisted(text("/usr/local/hestia/data/users"), Provider(frozenset({"prov"}), frozenset({PARENT})), "web01")
