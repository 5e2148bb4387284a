"""Adding a server: fields first, then the host key, then the row."""

from __future__ import annotations

import io
import json
import subprocess
from pathlib import Path

import pytest
from tests.cli import seed
from tests.cli.conftest import Call, Said

from hostdeck.core.errors import Refused
from hostdeck.core.store.db import connection
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.transport import hostkey

pytestmark = pytest.mark.timeout(30)
FINGERPRINT = hostkey.fingerprint(seed.HOST_KEY)
OTHER = f"SHA256:{'A' * 43}"


@pytest.fixture
def key(tmp_path: Path) -> str:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "key"], check=True)
    return str(tmp_path / "key")


@pytest.fixture
def scans(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Every scan of a host; each finds the seed's key."""
    asked: list[tuple[str, int]] = []

    def scan(host: str, port: int, timeout: float = 10) -> str:
        asked.append((host, port))
        if host == "down.example.com":
            raise Refused("host", f"no SSH host key from {host}:{port} (refused); check address and port", "SRV_SCAN")
        return seed.HOST_KEY

    monkeypatch.setattr(hostkey, "scan", scan)
    return asked


def add(call: Call, key: str, *more: str, host: str = "192.0.2.9", login: tuple[str, ...] = ()) -> Said:
    login = login or ("--key-file", key)
    return call("server", "add", "new01", "--host", host, "--capability", "web", *login, *more)


def added() -> bool:
    with connection():
        return bool(Server.get_or_none(Server.name == "new01"))


@pytest.mark.parametrize("flags", [("--host-key", FINGERPRINT), ("--accept-host-key",)])
def test_an_accepted_key_is_pinned(call: Call, key: str, scans: list[tuple[str, int]], flags: tuple[str, ...]) -> None:
    said = add(call, key, *flags, "--group", "eu", "--ssh-port", "2222", "--json")
    assert said.code == 0, said.err
    shown = json.loads(said.out)
    assert (shown["name"], shown["host_key"], shown["ip"], shown["group"]) == ("new01", FINGERPRINT, "192.0.2.9", "eu")
    assert scans == [("192.0.2.9", 2222)]
    assert "PRIVATE" not in said.out


def test_an_unknown_key_is_shown_and_nothing_is_written(call: Call, key: str, scans: list[tuple[str, int]]) -> None:
    said = add(call, key)
    assert said.code == 4
    assert said.err == (
        f"hostdeck: server: host key of 192.0.2.9 is {FINGERPRINT} and not accepted yet; compare it on the node "
        f"(ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then repeat with --host-key {FINGERPRINT}\n"
    )
    assert not added()


def test_another_key_than_the_expected_one_is_a_conflict(call: Call, key: str, scans: list[tuple[str, int]]) -> None:
    said = add(call, key, "--host-key", OTHER, "--accept-host-key")
    assert said.code == 4
    assert FINGERPRINT in said.err
    assert OTHER in said.err
    assert not added()


def test_a_host_nobody_answers_at_is_refused_with_what_was_tried(
    call: Call, key: str, scans: list[tuple[str, int]]
) -> None:
    said = add(call, key, "--accept-host-key", host="down.example.com")
    assert said.code == 4
    assert "down.example.com:22" in said.err
    assert not added()


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        (("--host", "-oProxyCommand=x"), 2, "host"),
        (("--ssh-port", "0"), 2, "port"),
        (("--ssh-port", "65536"), 2, "port"),
        (("--ssh-user", "a b"), 2, "user"),
        (("--capability", "ftp"), 2, "capability"),
        (("--driver", "plesk"), 2, "driver"),
        (("--driver", "powerdns"), 2, "capability"),
        (("--max-accounts", "-1"), 2, "max_accounts"),
        (("--ip", "x"), 2, "ip"),
        (("--node-dir", "relative"), 2, "node_dir"),
        (("--host-key", "MD5:aa"), 2, "fingerprint"),
        (("--password-stdin",), 2, "key"),
        (("--group", "nowhere"), 3, "group"),
    ],
)
def test_what_is_wrong_is_told_before_anybody_is_called(
    call: Call, key: str, scans: list[tuple[str, int]], more: tuple[str, ...], code: int, field: str
) -> None:
    said = add(call, key, "--accept-host-key", *more)
    assert (said.code, scans) == (code, [])
    assert said.err.startswith(f"hostdeck: {field}: ")
    assert not added()


def test_a_taken_name_is_told_before_anybody_is_called(call: Call, key: str, scans: list[tuple[str, int]]) -> None:
    said = call("server", "add", "web01", "--host", "192.0.2.9", "--capability", "web", "--key-file", key)
    assert (said.code, scans) == (4, [])


@pytest.mark.parametrize("text", ["not a key", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n", "\x00", ""])
def test_a_damaged_key_is_refused_unread_aloud(
    call: Call, tmp_path: Path, scans: list[tuple[str, int]], text: str
) -> None:
    path = tmp_path / "bad"
    path.write_text(text)
    said = add(call, str(path), "--accept-host-key")
    assert (said.code, scans) == (2, [])
    assert said.err.startswith("hostdeck: key: ")
    assert not text or text not in said.err


def test_a_missing_key_file_is_named(call: Call, tmp_path: Path, scans: list[tuple[str, int]]) -> None:
    said = add(call, str(tmp_path / "none"), "--accept-host-key")
    assert (said.code, scans) == (2, [])
    assert str(tmp_path / "none") in said.err


def test_a_password_comes_from_stdin_and_is_shown_nowhere(
    call: Call, key: str, scans: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("s3cret-of-ours\n"))
    said = add(call, key, "--accept-host-key", "--json", login=("--password-stdin",))
    assert said.code == 0, said.err
    assert "s3cret" not in said.out + said.err
    with connection():
        assert "s3cret" not in Server.get(Server.name == "new01").credential


def test_removing_forgets_the_server(call: Call, key: str, scans: list[tuple[str, int]]) -> None:
    add(call, key, "--accept-host-key")
    said = call("server", "remove", "new01", "--json")
    assert (said.code, json.loads(said.out)) == (0, {"removed": "new01"})
    assert call("server", "remove", "new01").code == 3


def test_a_quarantined_server_comes_back_only_by_a_key_somebody_compared(
    call: Call, key: str, scans: list[tuple[str, int]]
) -> None:
    assert add(call, key, "--accept-host-key").code == 0
    with connection():
        Server.update(status="quarantined", host_key="ssh-ed25519 AAAA").where(Server.name == "new01").execute()
    refused = call("server", "activate", "new01")
    assert (refused.code, FINGERPRINT in refused.err) == (4, True)
    assert call("server", "activate", "new01", "--host-key", OTHER).code == 4
    assert (
        json.loads(call("server", "activate", "new01", "--host-key", FINGERPRINT, "--json").out)["status"] == "active"
    )


@pytest.mark.parametrize(("verb", "status"), [("drain", "draining"), ("disable", "disabled"), ("activate", "active")])
def test_a_server_is_drained_disabled_and_activated(
    call: Call, key: str, scans: list[tuple[str, int]], verb: str, status: str
) -> None:
    assert add(call, key, "--accept-host-key").code == 0
    assert json.loads(call("server", verb, "new01", "--json").out)["status"] == status
