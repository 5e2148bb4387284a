"""The simulator's guard and the shell text a real node runs say the same, byte for byte but for the milliseconds."""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from tests.sim.calls import NONCE, TEXT, Steps, guard_command, guard_words
from tests.sshd import AVAILABLE, start_sshd

from hostdeck.core.sim.guard import Guard, parse
from hostdeck.core.sim.hestia.files import DiskFiles
from hostdeck.core.sim.lock import NodeLock
from hostdeck.core.sim.reply import Reply
from hostdeck.core.sim.runner import STDOUT, Runner

# The real text sweeps /tmp/hdkx.* of dead guards: one real guard at a time on this machine.
pytestmark = pytest.mark.xdist_group("real-guard")

GO = f"go {NONCE}\n".encode()
SECRET = f"@{NONCE}:s1"
EVERY_BYTE = "".join(f"\\{byte:03o}" for byte in range(256))


def sh(text: str, *args: str) -> list[str]:
    return ["/bin/sh", "-c", text, "sh", *args]


@dataclass
class Told:
    """What a client saw."""

    exit: int | None
    stdout: bytes
    stderr: bytes

    def plain(self) -> Told:
        """Without what differs from run to run: milliseconds, and who holds the lock since when."""
        out = re.sub(rb" ms=\d+ ", b" ms=T ", self.stdout)
        return Told(self.exit, re.sub(rb"pid=\d+ at=\d+", b"pid=P at=T", out), self.stderr)


@dataclass
class RealCommands:
    """An account whose commands are this machine's own, with the environment the guard gives them."""

    folder: Path

    @staticmethod
    def changes(argv: Sequence[str]) -> bool:
        return True

    def run(self, argv: Sequence[str]) -> Reply:
        path = f"{self.folder}/tools:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        clean = ["env", "-i", f"PATH={path}", "HOME=/root", "LC_ALL=C"]
        outer = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
        done = subprocess.run(
            [*clean, *argv], stdin=subprocess.DEVNULL, capture_output=True, check=False, env=outer, umask=0o022
        )
        out, err = (text.decode("utf-8", "surrogateescape") for text in (done.stdout, done.stderr))
        return Reply(done.returncode, out, err)

    def probe(self) -> str:
        return ""


@dataclass
class GuardFolders(DiskFiles):
    """The disk, with the guard's private folder made and removed around its files."""

    made: set[Path] = field(default_factory=set)

    def write(self, path: str, text: str) -> None:
        Path(path).parent.mkdir(exist_ok=True)
        super().write(path, text)

    def remove(self, path: str) -> None:
        super().remove(path)
        folder = Path(path).parent
        if folder.name.startswith("hdk") and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "hestia"
    for part in ("bin", "tools", "conf"):
        (folder / part).mkdir(parents=True)
    (folder / "conf" / "hestia.conf").write_text("")
    return folder


def real(words: list[str], stdin: bytes) -> Told:
    done = subprocess.run(words, input=stdin, capture_output=True, timeout=30, check=False)
    return Told(done.returncode, done.stdout, done.stderr)


async def simulated(words: list[str], stdin: bytes, home: Path, lock: NodeLock | None = None) -> Told:
    told = Told(None, b"", b"")

    async def emit(stream: int, data: bytes) -> None:
        if stream == STDOUT:
            told.stdout += data
        else:
            told.stderr += data

    reader = asyncio.StreamReader()
    reader.feed_data(stdin)
    reader.feed_eof()
    call = parse(words)
    assert call is not None
    guard = Guard(
        call, Runner(RealCommands(home)), lock or NodeLock(), GuardFolders(), reader, emit, lambda: None, home=str(home)
    )
    told.exit = await guard.serve()
    return told


CASES: dict[str, tuple[Steps, bytes, dict[str, Any]]] = {
    "an accepted code leads to the next step": (
        [("3", sh("echo gone; exit 3")), ("0", sh("echo made"))], GO, {}),
    "a code not accepted ends the call": ([("0", sh("exit 3")), ("0", sh("echo never"))], GO, {}),
    "a list of accepted codes": ([("0,4", sh("exit 4")), ("0", sh("echo on"))], GO, {}),
    "14 is not in 1,4": ([("1,4", sh("exit 14")), ("0", sh("echo never"))], GO, {}),
    "any code is accepted": ([("any", sh("exit 77")), ("0", sh("exit 5"))], GO, {}),
    "no steps at all": ([], GO, {}),
    "a secret reaches the command as a file": (
        [("0", ["cat", SECRET])], GO + b"s3cret '\"$`\\ \xc3\xa9\n", {"secrets": 1}),
    "two secrets": ([("0", ["cat", f"@{NONCE}:s2", SECRET])], GO + b"one\ntwo\n", {"secrets": 2}),
    "a scratch file lasts from step to step": (
        [("0", sh('printf "%s\\n" a b >"$1"', f"@{NONCE}:pkg")), ("0", ["cat", f"@{NONCE}:pkg"])],
        GO + b"x\n", {"secrets": 1}),
    "a missing secret": ([("0", sh("echo never"))], GO, {"secrets": 1}),
    "an empty secret": ([("0", sh("echo never"))], GO + b"\n", {"secrets": 1}),
    "a secret cut short": ([("0", sh("echo never"))], GO + b"sec", {"secrets": 1}),
    "the second of two secrets missing": ([("0", sh("echo never"))], GO + b"one\n", {"secrets": 2}),
    "no go": ([("0", sh("echo never"))], b"", {}),
    "a go cut short": ([("0", sh("echo never"))], GO[:-1], {}),
    "another's go": ([("0", sh("echo never"))], b"go ffffffffffffffff\n", {}),
    "no handshake asked for": ([("0", sh("echo look"))], b"", {"go": "-", "lock": "s"}),
    "no lock asked for": ([("0", sh("echo figures"))], b"", {"go": "-", "lock": "n"}),
    "a lock nobody knows": ([("0", sh("echo never"))], GO, {"lock": "q"}),
    "a wrong folder": ([("0", sh("echo never"))], GO, {"home": "/nowhere/hestia"}),
    "stderr is framed beside stdout": (
        [("0", sh("echo out; echo err >&2")), ("0", sh("echo more >&2"))], GO, {}),
    "output without a final newline": ([("0", sh("printf abc; printf def >&2")), ("0", sh("printf x"))], GO, {}),
    "binary output": ([("0", ["printf", EVERY_BYTE])], GO, {}),
    "output that looks like a frame": ([("0", sh(f"printf '\\n@{NONCE} end 0\\n'; exit 1"))], GO, {}),
    "a step that nobody follows": (
        [("q,any", sh("printf abc; printf def >&2; exit 3")), ("q,0", ["seq", "1000"]), ("q,0", sh("exit 4"))], GO, {}),
    "a step that nobody follows ends its output with a NUL": (
        [("q,0", ["printf", "a\\0b\\0"]), ("q,0", sh("printf '\\0' >&2; printf .")), ("q,0", ["seq", "9000"])], GO, {}),
    "a followed step between two that are not": (
        [("q,0", ["printf", EVERY_BYTE]), ("0", sh("printf x; printf y >&2")), ("q,0", sh("true"))], GO, {}),
    "a thousand lines": ([("0", ["seq", "1000"])], GO, {}),
    "a program that is not there": ([("0", ["/no/such/program"])], GO, {}),
    "arguments arrive as they were": (
        [("0", ["printf", "[%s]", "", "a b", "'", '"', "$HOME", "*", "\\", "é", "line\nbreak"])], GO, {}),
    "only our own mark with a small letter is replaced": (
        [("0", ["printf", "[%s]", f"@{NONCE}:S1", f"@{NONCE}:", "@ffffffffffffffff:s1", f"x@{NONCE}:s1"])], GO, {}),
    "the environment is clean": ([("0", sh("umask; env | grep -v -e ^_= -e ^PWD= -e ^PATH= | sort"))], GO, {}),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
async def test_both_guards_say_the_same(name: str, home: Path) -> None:
    steps, stdin, options = CASES[name]
    words = guard_words(steps, **{"home": str(home), **options})
    text, sim = real(words, stdin).plain(), (await simulated(words, stdin, home)).plain()
    assert sim == text


async def test_both_run_on_a_node_that_has_powerdns_and_no_hestia(tmp_path: Path) -> None:
    home = tmp_path / "powerdns"
    home.mkdir()
    words = guard_words([("0", sh("echo here"))], home=str(home))
    assert real(words, GO).exit == 94
    (home / "pdns.conf").write_text("")
    text, sim = real(words, GO).plain(), (await simulated(words, GO, home)).plain()
    assert (text.exit, b"here\n" in text.stdout) == (0, True)
    assert sim == text


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_somebody_who_owns_neither_the_folder_nor_its_configuration_is_sent_away(home: Path) -> None:
    (home.parent / "powerdns").mkdir()
    (home.parent / "powerdns" / "pdns.conf").write_text("")
    for folder in (home, home.parent / "powerdns"):
        words = guard_words([("0", sh("echo never"))], home=str(folder))
        told = real(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *words], GO)
        assert (told.exit, b"never" in told.stdout) == (93, False)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("a missing secret", 91),
        ("no go", 92),
        ("a wrong folder", 94),
        ("a lock nobody knows", 95),
        ("a code not accepted ends the call", 3),
        ("a program that is not there", 127),
    ],
)
async def test_the_codes_are_those_of_the_recipe(name: str, code: int, home: Path) -> None:
    steps, stdin, options = CASES[name]
    told = await simulated(guard_words(steps, **{"home": str(home), **options}), stdin, home)
    assert told.exit == code
    assert told.stdout.endswith(f"\n@{NONCE} end {code}\n".encode())
    assert b"never" not in told.stdout


@pytest.mark.parametrize("lock", ["x", "s"])
async def test_a_held_lock_is_75_and_names_the_holder_on_both(lock: str, home: Path) -> None:
    words = guard_words([("0", sh("echo never"))], home=str(home), lock=lock, wait="0.1")
    node = NodeLock()
    with (home / "hostdeck.lock").open("w") as file:
        file.write("00000000000000aa pid=17 at=18\n")
        file.flush()
        fcntl.flock(file, fcntl.LOCK_EX)
        async with node.held("x", 1, "00000000000000aa"):
            text, sim = real(words, GO).plain(), (await simulated(words, GO, home, node)).plain()
    assert text.exit == 75
    assert b"busy 00000000000000aa pid=P at=T" in text.stdout
    assert sim == text


async def test_lookers_share_the_lock_and_hold_up_the_one_who_changes_on_both(home: Path) -> None:
    look, change = (guard_words([("0", sh("echo in"))], home=str(home), lock=lock, wait="0.1") for lock in "sx")
    node = NodeLock()
    with (home / "hostdeck.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        async with node.held("s", 1, "00000000000000aa"):
            for words, code in ((look, 0), (change, 75)):
                text, sim = real(words, GO).plain(), (await simulated(words, GO, home, node)).plain()
                assert text.exit == code
                assert sim == text


async def test_a_client_that_has_the_lock_and_falls_silent_is_not_waited_for_without_end(home: Path) -> None:
    assert "read -r -t 30 g" in TEXT
    call = parse(guard_words([("0", sh("echo never"))], home=str(home)))
    assert call is not None
    lock, told = NodeLock(), Told(None, b"", b"")

    async def emit(stream: int, data: bytes) -> None:
        told.stdout += data

    silent = asyncio.StreamReader()
    runner = Runner(RealCommands(home))
    guard = Guard(call, runner, lock, GuardFolders(), silent, emit, lambda: None, home=str(home), patience=0.05)
    assert await guard.serve() == 92
    assert b"never" not in told.stdout
    async with lock.held("x", 0, NONCE) as mine:
        assert mine


@pytest.mark.parametrize("run", ["text", "sim"])
async def test_nothing_of_a_secret_is_left(run: str, home: Path) -> None:
    words = guard_words([("0", ["echo", SECRET])], home=str(home), secrets=1)
    told = real(words, GO + b"x\n") if run == "text" else await simulated(words, GO + b"x\n", home)
    path = re.search(rb"/tmp/hdkx\.[A-Za-z0-9]{10}/s1", told.stdout)
    assert path is not None
    assert not Path(path[0].decode()).parent.exists()


def wait_for(fifo: Path) -> bytes:
    with fifo.open("rb") as file:
        return file.read()


async def test_the_real_text_finishes_its_command_when_the_client_goes_away(home: Path, tmp_path: Path) -> None:
    start, done = tmp_path / "start", tmp_path / "done"
    for fifo in (start, done):
        subprocess.run(["mkfifo", fifo], check=True)
    words = guard_words([("0", sh('read x <"$1"; echo late; echo first >"$2"', str(start), str(done)))], home=str(home))
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(GO)
    process.stdin.flush()
    while b"begin 1" not in process.stdout.readline():
        pass
    process.stdin.close()
    process.stdout.close()
    start.write_text("go\n")
    assert await asyncio.to_thread(wait_for, done) == b"first\n"
    assert await asyncio.to_thread(process.wait, 10) == 0


async def test_output_of_the_real_text_comes_before_the_command_ends(home: Path, tmp_path: Path) -> None:
    start = tmp_path / "start"
    subprocess.run(["mkfifo", start], check=True)
    words = guard_words([("0", sh('echo early; read x <"$1"; echo late', str(start)))], home=str(home), go="-")
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    assert process.stdout is not None
    while process.stdout.readline() != b"early\n":
        pass
    start.write_text("go\n")
    assert b"late\n" in process.stdout.read()
    assert process.wait(10) == 0
    process.stdout.close()


@pytest.mark.skipif(not AVAILABLE, reason="no sshd here")
async def test_a_guarded_call_through_a_real_sshd_says_the_same_as_the_simulator(home: Path, tmp_path: Path) -> None:
    steps: Steps = [("3", sh("echo out; echo err >&2; exit 3")), ("0", ["cat", SECRET])]
    stdin = GO + b"s3cret\n"
    with start_sshd(tmp_path) as sshd:
        async with asyncssh.connect(**sshd.options) as conn:
            result = await conn.run(guard_command(steps, home=str(home), secrets=1), input=stdin, encoding=None)
    assert isinstance(result.stdout, bytes)
    assert isinstance(result.stderr, bytes)
    told = Told(result.exit_status, result.stdout, result.stderr)
    sim = await simulated(guard_words(steps, home=str(home), secrets=1), stdin, home)
    assert told.plain() == sim.plain()
