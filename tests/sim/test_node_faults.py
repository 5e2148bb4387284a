"""`--fault SPEC`: what it means, and what a node then does."""

from __future__ import annotations

import asyncio
import contextlib

import asyncssh
import pytest
from tests.sim.calls import NONCE, client, connected, guard_command, until
from tests.sim.standin import StandIn

from hostdeck.core.sim.faults import BadFault, Fault, Faults, Kind, parse_fault
from hostdeck.core.sim.node import SimNode

ADD = f"/usr/local/hestia/bin/v-add-user u @{NONCE}:s1".split()
GO = f"go {NONCE}\n".encode()


@pytest.mark.parametrize(
    ("spec", "fault"),
    [
        ("v-add-user=exit:4", Fault("v-add-user", Kind.EXIT, 4)),
        ("v-add-*=exit-after:20*2", Fault("v-add-*", Kind.EXIT_AFTER, 20, 2)),
        ("v-list-users=cut*1", Fault("v-list-users", Kind.CUT, None, 1)),
        ("connect=refuse*3", Fault("connect", Kind.REFUSE, None, 3)),
        ("connect=slow:0.5", Fault("connect", Kind.SLOW, 0.5)),
        ("v-*=hang:300", Fault("v-*", Kind.HANG, 300)),
        ("v-add-user=half*1", Fault("v-add-user", Kind.HALF, None, 1)),
        ("load-zone=drop-after", Fault("load-zone", Kind.DROP_AFTER)),
    ],
)
def test_a_good_spec_is_read_and_prints_as_itself(spec: str, fault: Fault) -> None:
    assert parse_fault(spec) == fault
    assert str(fault) == spec


@pytest.mark.parametrize(
    "spec",
    ["", "v-add-user", "=exit:1", "v-x=", "v-x=boom", "v-x=exit", "v-x=exit:many", "v-x=exit:300", "v-x=exit:1.5",
     "v-x=slow", "v-x=lie:3", "v-x=cut*0", "v-x=cut*-1", "connect=lie", "v-x=refuse", "v-x=half",
     "v-x=exit:1*", "v-x=exit:1 "],
)  # fmt: skip
def test_a_bad_spec_is_refused_in_one_line_that_quotes_it(spec: str) -> None:
    with pytest.raises(BadFault) as caught:
        parse_fault(spec)
    assert "\n" not in str(caught.value)
    assert repr(spec) in str(caught.value)


def test_a_fault_is_used_up_after_its_times_and_the_next_one_follows() -> None:
    faults = Faults(["v-add-*=exit:1*2", "v-add-user=exit:2"])
    taken = [faults.take("v-add-user") for _ in range(3)]
    assert [fault.code for fault in taken if fault] == [1, 1, 2]
    assert faults.take("v-list-users") is None


def test_a_pattern_for_commands_never_meets_the_connection() -> None:
    assert Faults(["*=exit:1"]).take("connect") is None


async def one(*faults: str, steps: list[tuple[str, list[str]]] | None = None, **options: object):
    account = StandIn()
    node = SimNode("web01", account=account, files=account.files, faults=faults)
    async with node, client(node) as conn:
        command = guard_command(steps or [("0", ADD)], secrets=1)
        result = await conn.run(command, input=GO + b"secret\n", encoding=None)
        await node.idle()
        return result, account, node


async def test_exit_does_nothing_and_exit_after_does_it_all() -> None:
    result, account, _ = await one("v-add-user=exit:8")
    assert (result.exit_status, account.users) == (8, {})
    result, account, _ = await one("v-add-user=exit-after:20")
    assert (result.exit_status, account.users) == (20, {"u": "secret\n"})


async def test_a_lie_says_zero_and_does_nothing() -> None:
    result, account, _ = await one("v-add-user=lie")
    assert (result.exit_status, account.users) == (0, {})


async def test_a_cut_listing_ends_in_the_middle_with_exit_zero() -> None:
    result, _, _ = await one("printf=cut", steps=[("0", ["printf", '{"a": "b"}'])])
    assert result.exit_status == 0
    assert b" out=5 " in result.stdout
    assert b'{"a":\n' in result.stdout


async def test_drop_before_leaves_nothing_done_and_no_status() -> None:
    result, account, node = await one("v-add-user=drop-before")
    assert (result.exit_status, account.users, node.journal) == (None, {}, [])


async def test_drop_after_leaves_it_done_and_no_status() -> None:
    result, account, _ = await one("v-add-user=drop-after")
    assert (result.exit_status, account.users) == (None, {"u": "secret\n"})


async def test_a_hung_command_holds_the_lock_and_is_killed_in_the_end() -> None:
    account = StandIn()
    node = SimNode("web01", account=account, files=account.files, faults=["v-add-user=hang:0.3"])
    async with node, client(node) as conn:
        hung = await connected(conn, guard_command([("0", ADD)], secrets=1))
        hung.stdin.write(GO + b"secret\n")
        await until(hung, b"begin 1")
        other = await conn.run(guard_command([("0", ["v-list-users"])], go="-", lock="s", wait="0.05"), encoding=None)
        assert other.exit_status == 75
        assert (await hung.wait()).exit_status == 137
    assert account.users == {}


async def test_half_leaves_a_half_made_user() -> None:
    result, account, _ = await one("v-add-user=half", steps=[("0", [*ADD, "mark@hostdeck.invalid"])])
    assert (result.exit_status, account.users, account.half) == (137, {}, ["u"])


async def test_a_refused_connection_dies_before_login_and_the_next_one_works() -> None:
    account = StandIn()
    async with SimNode("web01", account=account, files=account.files, faults=["connect=refuse*1"]) as node:
        with pytest.raises((asyncssh.Error, OSError)):
            async with client(node):
                pass
        async with client(node) as conn:
            assert (await conn.run("id -u")).stdout == "0\n"


async def test_a_connection_that_hangs_meets_the_clients_login_timeout() -> None:
    account = StandIn()
    async with SimNode("web01", account=account, files=account.files, faults=["connect=hang:30"]) as node:
        with pytest.raises((asyncssh.Error, OSError)):
            async with client(node, login_timeout=0.2):
                pass
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(node.idle(), 1)
