"""The front door of a pretend node: who comes in, what it answers, and that it notices two at once."""

from __future__ import annotations

import asyncio
import gc

import asyncssh
import pytest
from tests.sim.calls import NONCE, client, connected, guard_command, until
from tests.sim.standin import StandIn

from hostdeck.core.sim.node import SimNode

IDENTIFY = "id -u; [ -O /usr/local/hestia/bin ] && echo own; true"


def made(**options: object) -> SimNode:
    account = StandIn()
    return SimNode("web01", account=account, files=account.files, **options)  # type: ignore[arg-type]


async def test_without_credentials_any_password_and_any_key_come_in() -> None:
    async with made() as node:
        async with client(node, password="whatever") as conn:
            assert (await conn.run("id -u")).stdout == "0\n"
        key = asyncssh.generate_private_key("ssh-ed25519")
        async with client(node, password=None, client_keys=[key]) as conn:
            assert (await conn.run("id -u")).stdout == "0\n"


async def test_with_credentials_only_the_listed_key_and_the_password_come_in() -> None:
    key, stranger = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    listed = key.export_public_key().decode()
    async with made(authorized=[listed], password="right") as node:
        async with client(node, password=None, client_keys=[key]) as conn:
            assert (await conn.run("id -u")).stdout == "0\n"
        async with client(node, password="right") as conn:
            assert (await conn.run("id -u")).stdout == "0\n"
        for wrong in ({"password": "wrong"}, {"password": None, "client_keys": [stranger]}, {"username": "eve"}):
            with pytest.raises(asyncssh.PermissionDenied):
                async with client(node, **{"password": "right", **wrong}):
                    pass


async def test_the_fingerprint_is_the_one_a_client_sees() -> None:
    async with made() as node:
        key = await asyncssh.get_server_host_key("127.0.0.1", node.port)
        assert key is not None
        assert key.get_fingerprint() == node.host_key_fingerprint
        assert node.host_key_fingerprint.startswith("SHA256:")


async def test_it_comes_back_on_the_same_port_with_the_same_key() -> None:
    node = made()
    async with node:
        port, fingerprint = node.port, node.host_key_fingerprint
    async with node, client(node) as conn:
        assert (node.port, node.host_key_fingerprint) == (port, fingerprint)
        assert (await conn.run("id -u")).stdout == "0\n"


async def test_it_answers_identification_probe_and_plain_commands() -> None:
    async with made() as node, client(node) as conn:
        assert (await conn.run(IDENTIFY)).stdout == "0\nown\n"
        assert (await conn.run("sh -s", input="echo hello\n")).stdout == "uid=0\nprobe=end\n"
        assert (await conn.run("env HDK_HOME=/usr/local/hestia sh -s", input="x")).stdout == "uid=0\nprobe=end\n"
        assert (await conn.run("sudo -n -- env HDK_HOME=/x sh -s", input="x")).stdout == "uid=0\nprobe=end\n"
        assert (await conn.run("sudo -n sh -s", input="x")).stdout == "uid=0\nprobe=end\n"
        assert (await conn.run("printf 'a b'")).stdout == "a b"


@pytest.mark.parametrize("command", ["true; rm -rf /", "cat /x | sh", "x $(id)", "v-list-users >/tmp/x", "'unended"])
async def test_anything_else_is_127_with_a_word_on_stderr(command: str) -> None:
    async with made() as node, client(node) as conn:
        result = await conn.run(command)
        assert (result.exit_status, result.stdout) == (127, "")
        assert result.stderr
        assert node.journal == []


async def test_a_login_that_is_not_root_needs_sudo() -> None:
    async with made(user="deploy") as node, client(node, username="deploy") as conn:
        assert (await conn.run(IDENTIFY)).stdout == "1000\n"
        plain = guard_command([("0", ["v-list-users"])], go="-")
        assert (await conn.run(plain)).exit_status == 93
        assert (await conn.run(f"sudo -n -- {plain}")).exit_status == 0


async def test_two_changing_commands_at_once_are_recorded_and_the_second_fails_loudly() -> None:
    async with made(latency_ms=100) as node, client(node) as conn:
        first, second = await asyncio.gather(conn.run("v-add-user one"), conn.run("v-add-user two"))
        assert (first.exit_status, second.exit_status) == (0, 99)
        assert second.stderr.startswith("OVERLAP: v-add-user two while v-add-user one")
        assert len(node.overlaps) == 1


async def test_listings_beside_a_changing_command_are_no_overlap() -> None:
    async with made(latency_ms=50) as node, client(node) as conn:
        both = await asyncio.gather(conn.run("v-add-user one"), conn.run("v-list-users"))
        assert [result.exit_status for result in both] == [0, 0]
        assert node.overlaps == []


async def test_guarded_commands_never_overlap() -> None:
    async with made(latency_ms=20) as node, client(node) as conn:
        calls = [
            conn.run(guard_command([("0", ["v-add-user", f"u{at}"])], nonce=f"{at:016x}"), input=f"go {at:016x}\n")
            for at in range(6)
        ]
        assert [result.exit_status for result in await asyncio.gather(*calls)] == [0] * 6
        assert node.overlaps == []
        assert len(node.account.users) == 6  # type: ignore[attr-defined]


async def test_a_changing_command_takes_the_latency_and_a_listing_a_tenth() -> None:
    async with made(latency_ms=200) as node, client(node) as conn:
        await conn.run("v-add-user one")
        await conn.run("v-list-users")
        change, look = (ran.ended - ran.started for ran in node.journal)
        assert change > 0.19
        assert 0.019 < look < 0.19


async def test_output_arrives_line_by_line_while_the_command_runs() -> None:
    async with made(latency_ms=400) as node, client(node) as conn:
        process = await connected(conn, "v-add-log")
        assert await process.stdout.readline() == b"one\n"
        assert node.journal == []  # it has not ended
        assert await process.stdout.read() == b"two\nthree\n"


async def test_signals_are_ignored_and_the_whole_answer_comes() -> None:
    async with made(latency_ms=50) as node, client(node) as conn:
        process = await connected(conn, guard_command([("0", ["v-add-user", "one"])]))
        process.send_signal("INT")
        process.stdin.write(f"go {NONCE}\n".encode())
        await until(process, b"begin 1")
        process.terminate()
        process.send_signal("HUP")
        result = await process.wait()
        assert result.exit_status == 0
        assert result.stdout.endswith(f"\n@{NONCE} end 0\n".encode())


async def test_a_client_that_goes_away_after_go_does_not_stop_the_steps() -> None:
    async with made(latency_ms=50) as node:
        async with client(node) as conn:
            steps = [("0", ["v-add-user", "one", f"@{NONCE}:s1"]), ("0", ["v-add-user", "two"])]
            process = await connected(conn, guard_command(steps, secrets=1))
            process.stdin.write(f"go {NONCE}\nsecret\n".encode())
            await until(process, b"begin 1")
            conn.abort()
        await node.idle()
        assert node.account.users == {"one": "secret\n", "two": None}  # type: ignore[attr-defined]
        assert [ran.exit for ran in node.journal] == [0, 0]
        assert node.files.texts == {}  # type: ignore[attr-defined]


async def test_a_client_that_goes_away_before_go_does_nothing_at_all() -> None:
    async with made() as node:
        async with client(node) as conn:
            process = await connected(conn, guard_command([("0", ["v-add-user", "one"])]))
            await until(process, b"locked")
            conn.abort()
        await node.idle()
        assert node.journal == []


async def test_a_client_that_dies_while_waiting_for_the_lock_does_nothing_later() -> None:
    async with made(latency_ms=200) as node, client(node) as first:
        holder = await connected(first, guard_command([("0", ["v-add-user", "one"])]))
        holder.stdin.write(f"go {NONCE}\n".encode())
        await until(holder, b"begin 1")
        async with client(node) as second:
            await connected(second, guard_command([("0", ["v-add-user", "two"])]))
            second.abort()
        await holder.wait()
        await node.idle()
        assert node.account.users == {"one": None}  # type: ignore[attr-defined]


async def test_stop_ends_what_is_under_way() -> None:
    node = made(latency_ms=60_000)
    await node.start()
    async with client(node) as conn:
        process = await connected(conn, "v-add-user one")
        await node.stop()
        assert (await process.wait()).exit_status is None


async def test_a_fault_of_the_simulator_itself_ends_the_call_and_is_told_to_the_loop() -> None:
    told: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context["exception"]))
    async with made() as node, client(node) as conn:
        assert (await conn.run(guard_command([("0", ["crash"])], go="-"))).exit_status == 70
        assert (await conn.run(guard_command([("0", ["v-list-users"])], go="-"))).exit_status == 0
        await node.idle()
    gc.collect()
    assert [str(error) for error in told] == ["a fault of the simulator's own"]
