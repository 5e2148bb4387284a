"""The guard's conversation with its real text behind OpenSSH's sshd: what a node can say, and what it may not do."""

from __future__ import annotations

import asyncio
import re
import time
import tracemalloc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from tests.real.conftest import AS_ROOT, Fleet, RealFleet, system_user

from hostdeck.core.domain.vocabulary import Stream
from hostdeck.core.drivers.guard import KEEP_OUT, Guard, GuardStep, Lock
from hostdeck.core.drivers.hestia.probe import probe_figures
from hostdeck.core.errors import NotYet, Permanent, Transient
from hostdeck.core.transport.ssh import SshNode

# The real text sweeps /tmp/hdkx.* of dead guards: one real guard at a time on this machine.
pytestmark = pytest.mark.xdist_group("real-guard")

MIB = 1 << 20
ESCAPES = (
    r"\033[31mred\033[0m \033]0;title\007\033]8;;http://x\033\\link \2331mC1 "
    r"[/x] [@click=quit]\302\23331mU \342\200\256"
)


def sh(text: str, *args: str) -> GuardStep:
    return GuardStep(("/bin/sh", "-c", text, "sh", *args), "any")


@dataclass
class Heard:
    """The log's lines with the moment they came."""

    lines: list[tuple[float, Stream, str]] = field(default_factory=list)

    def __call__(self, stream: Stream, text: str) -> None:
        self.lines.append((time.monotonic(), stream, text))

    def of(self, stream: Stream) -> list[str]:
        return [text for _, came, text in self.lines if came is stream]

    def when(self, text: str) -> float:
        return next(at for at, _, line in self.lines if line.startswith(text))


@asynccontextmanager
async def guard(
    running: RealFleet, heard: Callable[[Stream, str], None] = lambda stream, text: None, wait: int = 20
) -> AsyncIterator[Guard]:
    """A guard on the first node over a connection of its own."""
    node = SshNode(running.login())
    try:
        yield Guard(node, "web01", str(running["web01"].folder), heard, lambda: True, wait=wait)
    finally:
        await node.close()


@pytest.fixture
def noisy(fleet: Fleet, tmp_path: Path) -> Callable[[str], AsyncIterator[RealFleet]]:
    """A node whose login shell says something before every command."""

    @asynccontextmanager
    async def running(text: str) -> AsyncIterator[RealFleet]:
        if AS_ROOT:
            with system_user() as user:
                user.may_sudo()
                user.login_says(text)
                with fleet(("web01",), user) as fleet_of_one:
                    yield fleet_of_one
        else:
            (tmp_path / "rc").write_text(text)
            with fleet(("web01",), settings=f"SetEnv BASH_ENV={tmp_path}/rc") as fleet_of_one:
                yield fleet_of_one

    return running


# ------------------------------------------------------------------------------------------------- what a node says


@pytest.mark.parametrize(
    "text",
    [
        "echo NOISE; printf 'no newline'",
        "echo 0; echo own; echo 1 >&2",
        "echo NOISE >&2; printf 'sudo: not really' >&2; yes NOISE | head -c 300000",
    ],
    ids=["text", "what-we-ask-for", "much-and-stderr"],
)
async def test_f31_what_a_login_shell_says_is_ignored(
    text: str, noisy: Callable[[str], AsyncIterator[RealFleet]]
) -> None:
    heard = Heard()
    async with noisy(text) as running, guard(running, heard) as node:
        (result,) = await node.run(Lock.EXCLUSIVE, [sh("id -u; printf end; echo err >&2")], 20)
        figures = await probe_figures(node)
    assert result.stdout.endswith(b"end")
    assert result.stderr == b"err\n"
    assert result.stdout == b"0\nend" or not AS_ROOT
    assert heard.of(Stream.STDOUT) == result.text.split("\n")
    assert figures["panel_version"] == "1.10.3"


async def test_f23_f24_bad_bytes_and_escape_sequences_become_inert_lines(fleet: Fleet) -> None:
    heard = Heard()
    with fleet(("web01",)) as running:
        async with guard(running, heard) as node:
            bad = sh(r"printf '\377\376 bad \303\n\200'; printf '" + ESCAPES + r"\n' >&2")
            results = await node.run(Lock.SHARED, [bad, sh("echo after")], 20)
            assert (await node.run(Lock.NONE, [sh("echo alive")], 20))[0].stdout == b"alive\n"
    assert results[0].stdout == b"\xff\xfe bad \xc3\n\x80"
    assert heard.of(Stream.STDOUT) == ["\ufffd\ufffd bad \ufffd", "\ufffd", "after", "alive"]
    (line,) = heard.of(Stream.STDERR)
    assert "red " in line
    assert "[/x] [@click=quit]" in line
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202e]", line)


async def test_f21_f22_much_output_and_endless_lines_keep_memory_bounded_and_siblings_alive(fleet: Fleet) -> None:
    longest, seen = 0, 0

    def heard(stream: Stream, text: str) -> None:
        nonlocal longest, seen
        longest, seen = max(longest, len(text)), seen + 1

    with fleet(("web01",)) as running:
        async with guard(running, heard) as node:
            flood = sh('yes "$1" | head -c 20000000', "x" * 99)
            line = sh("head -c 5000000 /dev/zero | tr '\\0' y; echo; head -c 5000000 /dev/zero | tr '\\0' z >&2")
            await node.run(Lock.NONE, [sh("true")], 20)
            tracemalloc.start()
            big = asyncio.create_task(node.run(Lock.EXCLUSIVE, [flood, line], 60))
            siblings = 0
            while not big.done():
                (beside,) = await node.run(Lock.NONE, [sh("echo beside")], 20)
                assert beside.stdout == b"beside\n"
                siblings += 1
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            results = await big
    assert siblings > 1
    assert peak < 16 * MIB
    assert [len(result.stdout) for result in results] == [KEEP_OUT, KEEP_OUT]
    assert seen > 200_000
    assert longest == 4096


async def test_output_arrives_before_its_step_ends(fleet: Fleet) -> None:
    heard = Heard()
    with fleet(("web01",)) as running:
        async with guard(running, heard) as node:
            await node.run(Lock.EXCLUSIVE, [sh("echo early; echo early-too >&2; sleep 1; echo late")], 20)
    for early in ("early", "early-too"):
        assert heard.when("late") - heard.when(early) > 0.7
    assert heard.when("exit 0") >= heard.when("late")


async def test_f29_guarded_calls_share_the_few_sessions_a_node_allows(fleet: Fleet) -> None:
    with fleet(("web01",), settings="MaxSessions 2") as running:
        async with guard(running) as node:
            calls = [node.run(Lock.NONE, [sh("sleep 2; echo done")], 30) for _ in range(4)]
            results = await asyncio.gather(*calls)
    assert [result[0].stdout for result in results] == [b"done\n"] * 4


# ------------------------------------------------------------------------------------------- what the guard refuses


async def test_a_held_node_is_waited_for_and_then_put_off_with_its_holders_name(fleet: Fleet) -> None:
    heard = Heard()
    with fleet(("web01",)) as running:
        async with guard(running, heard, wait=1) as node:
            let_go = running["web01"].folder / "let-go"
            held = sh('echo held; until test -e "$1"; do sleep 0.1; done', str(let_go))
            holder = asyncio.create_task(node.run(Lock.EXCLUSIVE, [held], 60))
            while "held" not in heard.of(Stream.STDOUT):
                await asyncio.sleep(0.02)
            nonce, _, rest = (running["web01"].folder / "hostdeck.lock").read_text().partition(" ")
            pid = re.match(r"pid=(\d+) at=\d+", rest)
            assert pid is not None
            assert nonce in Path(f"/proc/{pid[1]}/cmdline").read_text()
            mark = running["web01"].folder / "mark"
            for lock in (Lock.EXCLUSIVE, Lock.SHARED):
                with pytest.raises(NotYet, match=rf"web01: another command holds the node \({nonce} pid={pid[1]} "):
                    await node.run(lock, [sh('echo >"$1"', str(mark))], 20)
            assert not mark.exists()
            let_go.touch()
            await holder
            assert (await node.run(Lock.EXCLUSIVE, [sh("echo mine")], 20))[0].stdout == b"mine\n"


async def test_a_folder_without_hestia_is_a_misconfigured_node(fleet: Fleet, tmp_path: Path) -> None:
    with fleet(("web01",)) as running:
        async with guard(running) as node:
            for folder in (tmp_path / "nowhere", tmp_path):
                (tmp_path / "bin").mkdir(exist_ok=True)
                wrong = replace(node, home=str(folder))
                expected = "NODE_PANEL" if AS_ROOT or folder == tmp_path else "NODE_SUDO"
                with pytest.raises(Permanent, match=expected):
                    await wrong.run(Lock.EXCLUSIVE, [sh("true")], 20)


async def test_a_lost_lease_lets_go_of_the_lock_with_nothing_done(fleet: Fleet) -> None:
    with fleet(("web01",)) as running:
        mark = running["web01"].folder / "mark"
        async with guard(running, wait=1) as node:
            asleep = replace(node, may_act=lambda: False)
            with pytest.raises(Transient, match="the lease on this task was lost before anything was done"):
                await asleep.run(Lock.EXCLUSIVE, [sh('echo >"$1"', str(mark))], 20)
            await node.run(Lock.EXCLUSIVE, [sh("true")], 20)
        assert not mark.exists()


@pytest.mark.skipif(not AS_ROOT, reason="a user without sudo is made by root")
@pytest.mark.parametrize("rc", ["", "echo NOISE >&2", "printf 'no newline' >&2"], ids=["plain", "noise", "cut-noise"])
async def test_f25_a_sudo_that_wants_a_password_is_named_with_its_mend(fleet: Fleet, rc: str) -> None:
    with system_user() as user, fleet(("web01",), user) as running:
        user.login_says(rc)
        async with guard(running) as node:
            with pytest.raises(Permanent, match=r"sudo: .*; allow NOPASSWD: ALL .* \[NODE_SUDO\]"):
                await node.run(Lock.EXCLUSIVE, [sh("true")], 20)
            with pytest.raises(Permanent, match=r"\[NODE_SUDO\]"):
                await probe_figures(node)
        assert running["web01"].journal() == []


async def test_a_step_deadline_leaves_the_command_to_end_on_the_node(fleet: Fleet) -> None:
    with fleet(("web01",)) as running:
        mark = running["web01"].folder / "mark"
        async with guard(running) as node:
            with pytest.raises(Transient, match="no answer within 1 s; the command goes on there"):
                await node.run(Lock.EXCLUSIVE, [sh('sleep 2; echo >"$1"', str(mark))], 1)
            assert not mark.exists()
            await node.run(Lock.EXCLUSIVE, [sh("true")], 20)
        assert mark.exists()
