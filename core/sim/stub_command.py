"""One command of a stub node, as a process: `python -m hostdeck.core.sim.stub_command FOLDER NAME ARG...`

The launchers that `stubs.install` writes call this. It starts for every command, so it imports little.
"""

from __future__ import annotations

import fcntl
import json
import os
import pickle
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hostdeck.core.sim.hestia import HestiaNode
from hostdeck.core.sim.reply import Reply
from hostdeck.core.sim.stub_disk import mirror

OVERLAP = 99


@dataclass
class State:
    """What lies in `state.pickle`: the account book, and the paths it has put on the disk."""

    node: HestiaNode
    there: set[str] = field(default_factory=set)


@contextmanager
def opened(folder: Path) -> Iterator[State]:
    """The state under its lock; written back, and mirrored to the disk, when the block ends well."""
    with (folder / "state.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        state: State = pickle.loads((folder / "state.pickle").read_bytes())
        before = pickle.dumps(state)
        yield state
        if pickle.dumps(state) != before:
            save(folder, state)


def save(folder: Path, state: State) -> None:
    state.there = mirror(folder, state.node.machine, state.there)
    new = folder / "state.pickle.new"
    new.write_bytes(pickle.dumps(state))
    new.replace(folder / "state.pickle")


def run(folder: Path, name: str, args: Sequence[str]) -> Reply:
    """Runs it, with the latency, the overlap alarm and the journal."""
    argv, started = [name, *args], time.time()
    changing = name == "userdel" or HestiaNode.changes(argv)
    with (folder / "changing").open("a+") as marker:
        if changing and not _alone(marker.fileno()):
            marker.seek(0)
            text = f"OVERLAP: {' '.join(argv)} while {marker.read().strip()}\n"
            _append(folder / "overlaps.log", text)
            reply = Reply(OVERLAP, "", text)
        else:
            if changing:
                marker.truncate(0)
                marker.write(" ".join(argv))
                marker.flush()
            time.sleep(_latency(folder) * (1 if changing else 0.1))
            with opened(folder) as state:
                reply = _userdel(state.node, args) if name == "userdel" else state.node.run(argv)
        told = {"argv": argv, "exit": reply.exit, "started": started, "ended": time.time()}
        _append(folder / "journal.jsonl", json.dumps(told) + "\n")
    return reply


def _alone(marker: int) -> bool:
    try:
        fcntl.flock(marker, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _append(path: Path, line: str) -> None:
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, line.encode("utf-8", "surrogateescape"))
    finally:
        os.close(file)


def _latency(folder: Path) -> float:
    file = folder / "latency_ms"
    return float(file.read_text() or 0) / 1000 if file.exists() else 0.0


def _userdel(node: HestiaNode, args: Sequence[str]) -> Reply:
    """`userdel -f -r USER`: the account and its home, nothing of Hestia's."""
    user, book = args[-1], node.book
    account = book.passwd.pop(user, None)
    if account is None:
        return Reply(6, "", f"userdel: user '{user}' does not exist\n")
    if user in book.hestia_users:
        book.hestia_users.remove(user)
    book.remove_tree(account.home)
    return Reply(0)


def main() -> int:
    folder, name, *args = sys.argv[1:]
    reply = run(Path(folder), name, args)
    sys.stdout.buffer.write(reply.stdout.encode("utf-8", "surrogateescape"))
    sys.stdout.buffer.flush()
    sys.stderr.buffer.write(reply.stderr.encode("utf-8", "surrogateescape"))
    return reply.exit


if __name__ == "__main__":
    sys.exit(main())
