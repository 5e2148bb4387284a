"""A pretend Hestia node as hostdeck meets it: the guard in front, the Hestia state behind, over SSH."""

from __future__ import annotations

import json
from pathlib import Path

from tests.sim.calls import NONCE, Steps, client, guard_command

from hostdeck.core.sim.fleet import SimFleet
from hostdeck.core.sim.node import SimNode

BIN = "/usr/local/hestia/bin"
MARK = "hdk-4711.ab12cd34@hostdeck.invalid"
LOOK = [f"{BIN}/v-list-user", "hd1", "json"]
ADD = [f"{BIN}/v-add-user", "hd1", f"@{NONCE}:s1", MARK, "default", "hdk 4711 ab12cd34"]


async def ask(node: SimNode, steps: Steps, **options: object) -> tuple[int | None, str]:
    async with client(node) as conn:
        command = guard_command(steps, **{"secrets": 1, **options})
        result = await conn.run(command, input=f"go {NONCE}\ns3cret\n")
        await node.idle()
        return result.exit_status, str(result.stdout)


def body(stdout: str, step: int) -> str:
    return stdout.split(f"@{NONCE} begin {step}\n")[1].split(f"\n@{NONCE} step {step} ")[0]


async def test_check_act_verify_in_one_call() -> None:
    async with SimNode("web01") as node:
        code, out = await ask(node, [("3", LOOK), ("0", ADD), ("0", LOOK)])
        assert code == 0
        assert json.loads(body(out, 3))["hd1"]["NAME"] == "hdk 4711 ab12cd34"
        assert [(ran.argv[0], ran.exit) for ran in node.journal] == [(LOOK[0], 3), (ADD[0], 0), (LOOK[0], 0)]
        assert not any("s3cret" in word for ran in node.journal for word in ran.argv)
        assert (await ask(node, [("0", ADD)]))[0] == 4


async def test_a_half_made_user_is_seen_undone_and_made_again() -> None:
    async with SimNode("web01", faults=["v-add-user=half*1"]) as node:
        assert (await ask(node, [("0", ADD)]))[0] == 137
        code, out = await ask(node, [("0", LOOK)])
        assert (code, json.loads(body(out, 1))["hd1"]["PACKAGE"]) == (0, "")
        assert (await ask(node, [("0", ADD)]))[0] == 4
        assert (await ask(node, [("0", [f"{BIN}/v-delete-user", "hd1", "no"]), ("0", ADD)]))[0] == 0


async def test_half_of_a_user_that_exists_is_only_refused() -> None:
    async with SimNode("web01") as node:
        assert (await ask(node, [("0", ADD)]))[0] == 0
        node.faults.add("v-add-user=half*1")
        assert (await ask(node, [("0", ADD)]))[0] == 4
        assert (await ask(node, [("0", LOOK)]))[1].count("hdk 4711 ab12cd34") == 1


async def test_a_cut_listing_is_no_json() -> None:
    async with SimNode("web01", faults=["v-list-*=cut*1"]) as node:
        code, out = await ask(node, [("0", [f"{BIN}/v-list-users", "json"])])
        assert code == 0
        assert body(out, 1).startswith("{")
        assert not body(out, 1).rstrip().endswith("}")


async def test_the_probe_tells_who_holds_the_lock() -> None:
    async with SimNode("web01", latency_ms=300) as node, client(node) as conn:
        assert "\nlock=free\n" in str((await conn.run("sh -s", input="x")).stdout)
        holder = await conn.create_process(guard_command([("0", ADD)], secrets=1))
        holder.stdin.write(f"go {NONCE}\ns3cret\n")
        while "begin 1" not in await holder.stdout.readline():
            pass
        told = str((await conn.run("sh -s", input="x")).stdout)
        assert f"\nlock=held {NONCE} pid=" in told
        assert told.endswith("probe=end\n")


async def test_a_fleet_with_a_state_file_keeps_its_users(tmp_path: Path) -> None:
    for code in (0, 4):
        async with SimFleet({"web01": "hestiacp"}, state_file=tmp_path / "state") as fleet:
            assert (await ask(fleet["web01"], [("0", ADD)]))[0] == code
