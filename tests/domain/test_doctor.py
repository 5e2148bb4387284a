"""What the doctor thinks of what somebody else has looked at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hostdeck.core.domain import doctor
from hostdeck.core.domain.doctor import Beat, Node, State
from hostdeck.core.domain.vocabulary import HealthState, ServerStatus

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
GB = 1 << 30


@pytest.mark.parametrize(
    ("free", "total", "state"),
    [(50 * GB, 100 * GB, "ok"), (5 * GB, 100 * GB, "warn"), (1 * GB, 3 * GB, "warn"), (GB // 4, 100 * GB, "failed")],
)
def test_room_is_judged_by_what_is_left(free: int, total: int, state: str) -> None:
    assert doctor.room("/srv/hostdeck", free, total).state == state


@pytest.mark.parametrize(
    ("newest", "up", "state"),
    [(None, 1.0, "ok"), (timedelta(seconds=-5), 1.0, "ok"), (timedelta(seconds=20), 1.0, "ok"),
     (timedelta(seconds=45), 1.0, "failed"), (None, 0.0, "failed")],
)  # fmt: skip
def test_a_clock_behind_the_database_is_wrong(newest: timedelta | None, up: float, state: str) -> None:
    found = doctor.clock(NOW, None if newest is None else NOW + newest, up)
    assert found.state == state
    assert bool(found.mend) == (state != "ok")


@pytest.mark.parametrize(
    ("environ", "size", "encoding", "state", "word"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, (120, 36), "utf-8", "ok", "120x36"),
        ({"TERM": "xterm-256color"}, (120, 36), "UTF-8", "warn", "COLORTERM"),
        ({"TERM": "tmux-256color", "TMUX": "/tmp/x"}, (120, 36), "utf-8", "warn", "tmux.conf"),
        ({"TERM": "dumb"}, (120, 36), "utf-8", "warn", "TERM"),
        ({}, (120, 36), "utf-8", "warn", "TERM"),
        ({"TERM": "xterm", "COLORTERM": "24bit"}, (120, 36), "ascii", "warn", "UTF-8"),
        ({"TERM": "xterm", "COLORTERM": "24bit"}, (79, 24), "utf-8", "warn", "80x24"),
        ({}, None, "", "ok", "none here"),
    ],
)
def test_a_terminal_is_judged_by_what_it_says_of_itself(
    environ: dict[str, str], size: tuple[int, int] | None, encoding: str, state: str, word: str
) -> None:
    found = doctor.terminal(environ, size, encoding)
    assert found.state == state
    assert word in found.text + found.mend


def test_a_worker_that_beats_is_enough_whoever_else_died() -> None:
    beats = [Beat("mgmt", 7, 9000, False), Beat("mgmt", 8, 3, True)]
    found = doctor.worker(beats, 4, "start it")
    assert (found.state, found.text, found.mend) == (State.OK, "pid 8 on mgmt, beat 3 s ago", "")


def test_a_worker_that_is_down_is_told_with_what_waits_for_it() -> None:
    found = doctor.worker([Beat("mgmt", 7, 7200, False)], 1, "start it")
    assert found.text == "DOWN: pid 7 on mgmt last beat 2 hours ago; 1 task waits"
    assert (found.state, found.mend) == (State.FAILED, "start it")
    assert doctor.worker([], 0, "start it").text == "none is running"


@pytest.mark.parametrize(
    ("changes", "state", "mend"),
    [
        ({}, "ok", ""),
        ({"status": ServerStatus.DRAINING}, "ok", ""),
        ({"status": ServerStatus.DISABLED, "health": HealthState.ERROR, "error": "x"}, "ok", ""),
        ({"status": ServerStatus.QUARANTINED}, "failed", "hostdeck server activate web01"),
        ({"breaker": "no answer on port 22"}, "failed", "hostdeck server check web01"),
        ({"health": HealthState.ERROR, "error": "ssh: refused"}, "failed", "hostdeck server check web01"),
        ({"health": HealthState.UNKNOWN, "age": None}, "warn", "hostdeck server check web01"),
        ({"age": 7201.0}, "warn", "hostdeck server refresh web01"),
    ],
)
def test_a_server_is_judged_by_its_rows(changes: dict[str, object], state: str, mend: str) -> None:
    values = {"name": "web01", "status": ServerStatus.ACTIVE, "health": HealthState.OK, "error": None, "age": 60.0}
    found = doctor.server(Node(**(values | changes)))  # type: ignore[arg-type]
    assert found.state == state
    assert mend in found.mend
    assert bool(found.mend) == (state != "ok")


def test_a_nameserver_must_answer_over_both() -> None:
    assert doctor.nameserver("ns1", "192.0.2.1", "a.com", "", "").state is State.OK
    one = doctor.nameserver("ns1", "192.0.2.1", "a.com", "", "no answer: it timed out")
    assert (one.state, "TCP: no answer" in one.text, "port 53" in one.mend) == (State.FAILED, True, True)
    other = doctor.nameserver("ns1", "192.0.2.1", "a.com", *["not authoritative for a.com"] * 2)
    assert "hostdeck zone redeploy a.com" in other.mend


def test_a_refusal_brings_its_own_mend() -> None:
    found = doctor.refused("home", "/srv/x is open to others; run: chmod 700 /srv/x")
    assert (found.text, found.mend) == ("/srv/x is open to others", "run: chmod 700 /srv/x")


def test_warnings_alone_are_no_failure() -> None:
    checks = [doctor.ok("a", "x"), doctor.warn("b", "x", "y")]
    assert doctor.verdict(checks) == 0
    assert doctor.verdict([*checks, doctor.failed("c", "x", "y")]) == 1
