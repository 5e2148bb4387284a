"""The simulated node against the recordings of a real one: every difference is listed here, with its reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pytest

from hostdeck.core.sim.hestia.table import COMMANDS

from .replay import Bench, Row, differences, rows
from .staging import archive, before, begin

GROUPS = (
    (
        "01",
        "02",
        "03",
        "04",
        "06",
        "14",
        "10",
        "05b",
        "07",
        "08",
        "09",
        "11",
        "12",
        "13",
        "15",
        "16",
        "17",
        "18",
        "05-",
    ),
    ("19", "20", "21", "22"),
    *((name,) for name in ("30", "31", "32", "33", "34", "35", "36")),
)
"""State carries on inside a group. The first is in the order the recordings were made, not of their numbers."""

_RACE = "two commands ran at once on the real node; here they run one after the other (overlap is the runner's alarm)"
_ORDER = "the order in which parallel commands ended on the real node"
_LONG = "folders with names over 255 letters cannot be made on a real disk"
_ADMIN = "the real admin had got a notification"
_HUMAN = "this plain or shell layout is not simulated: a driver reads json only"

INTENDED: dict[tuple[str, int], tuple[str, str]] = {
    # (recording, row): (kinds of difference, reason)
    ("01", 5): ("lines", "load and uptime come from the host name"),
    ("01", 9): ("lines", _HUMAN),
    ("01", 14): ("json", "the real node's packages were not installed as packages"),
    ("03", 7): ("lines", _HUMAN),
    ("03", 9): ("lines", "random keys, and a tab at the end of each line"),
    ("03", 90): ("json", _ADMIN),
    ("04", 30): ("told", _LONG),
    ("04", 46): ("told", _LONG),
    ("04", 62): ("told", _LONG),
    ("04", 66): ("json", "v-rebuild-web-domains counts one alias too many on the real node"),
    ("05-", 7): ("lines", _HUMAN),
    ("05b", 7): ("lines", _HUMAN),
    ("08", 3): ("json", "v-add-web-domain-stats is not simulated"),
    ("11", 18): ("json", _ADMIN),
    ("11", 26): ("json", "counters of aliases (04, 66) and records drift differently"),
    ("12", 19): ("lines", _HUMAN),
    ("15", 4): ("lines", _ORDER),
    ("15", 7): ("exit told", _RACE),
    ("15", 8): ("exit told", _RACE),
    ("15", 16): ("lines", _ORDER),
    ("15", 22): ("json", _ORDER),
    ("15", 25): ("exit told", _RACE),
    ("15", 26): ("exit told", _RACE),
    ("15", 27): ("json", _ORDER),
    ("15", 31): ("exit told", _RACE),
    ("15", 33): ("exit told json", _RACE),
    ("15", 45): ("lines", _ORDER),
    ("15", 54): ("json", _RACE),
    ("15", 56): ("lines", _ORDER),
    ("16", 8): ("json", "the admin's counter of users had drifted in the races of 15"),
    ("30", 43): ("told", "the umask of a caller is not simulated"),
}

NOT_SIMULATED = {
    "v-list-sys-interfaces": "no network cards here",
    "v-list-sys-memory-status": "output of free and vmstat",
    "v-list-sys-disk-status": "output of df and iostat",
    "v-list-sys-nginx-config": "no web server behind it",
    "v-list-firewall": "no firewall",
    "v-list-user-stats": "monthly statistics",
    "v-list-user-log": "the panel's history",
    "v-list-user-auth-log": "the panel's history",
    "v-search-user-object": "not used",
    "v-change-web-domain-docroot": "not used",
    "v-add-web-domain-stats": "not used",
    "v-list-web-domain-accesslog": "no visitors",
    "v-dump-database": "no database server",
    "v-change-sys-hostname": "not used",
    "v-change-sys-timezone": "not used",
    "v-change-sys-service-config": "not used",
}


@dataclass
class Score:
    """What a replay came to."""

    compared: int = 0
    same_exit: int = 0
    same: int = 0
    by_format: Counter[str] = field(default_factory=Counter)
    differing: dict[tuple[str, int], tuple[str, list[str]]] = field(default_factory=dict)
    missing: Counter[str] = field(default_factory=Counter)
    untold: int = 0
    system: dict[tuple[str, int], list[str]] = field(default_factory=dict)
    system_compared: int = 0


def _replay(score: Score, names: tuple[str, ...]) -> None:
    bench = Bench()
    begin(bench, names[0])
    for name in names:
        recorded = rows(name)
        for index, row in enumerate(recorded):
            before(bench, name, index, recorded)
            archive(bench, name, index, row)
            _judge(score, bench, name, index, row)


def _judge(score: Score, bench: Bench, name: str, index: int, row: Row) -> None:
    command = row["argv"][0].rsplit("/", 1)[-1]
    if command in ("getent", "dig", "named-checkzone") and "+noall" not in row["argv"]:
        got = bench.run(row["argv"])
        exact = command == "dig" and row["exit"] == 0 and row["stdout"] != got.stdout
        if got.exit != row["exit"] or exact:
            score.system[name, index] = [str(row["argv"]), str(got), row["stdout"]]
        score.system_compared += 1
        return
    if not command.startswith("v-") or " " in command:
        score.untold += 1
        return
    if command not in COMMANDS:
        if command != "v-no-such-command":
            score.missing[command] += 1
        return
    found = differences(row, bench.run(row["argv"]))
    score.compared += 1
    score.same_exit += not any(one.startswith("exit") for one in found)
    score.same += not found
    score.by_format[row["argv"][-1] if row["argv"][-1] in ("json", "plain", "list") else "other"] += 1
    if found:
        score.differing[name, index] = (" ".join(one.split()[0] for one in found), [str(row["argv"]), *found])


@pytest.fixture(scope="module")
def score() -> Score:
    total = Score()
    for names in GROUPS:
        _replay(total, names)
    return total


def test_every_difference_is_listed(score: Score) -> None:
    strange = {key: found for key, (kinds, found) in score.differing.items() if INTENDED.get(key, ("", ""))[0] != kinds}
    assert strange == {}


def test_every_listed_difference_still_differs(score: Score) -> None:
    assert set(INTENDED) - set(score.differing) == set()


def test_commands_left_out_are_listed_and_no_others(score: Score) -> None:
    assert set(score.missing) == set(NOT_SIMULATED)


def test_named_and_accounts_answer_as_recorded(score: Score) -> None:
    """Exit codes of getent and named-checkzone, and every answer of `dig +short`."""
    assert score.system == {}
    assert score.system_compared >= 42


def test_counts(score: Score) -> None:
    text = (
        f"{score.compared} v-* rows compared, {score.same_exit} with the same exit code, {score.same} the same in all, "
        f"{len(score.differing)} intended differences, {sum(score.missing.values())} rows of "
        f"{len(score.missing)} commands not simulated, {score.system_compared} rows of getent, dig and "
        f"named-checkzone, {score.untold} shell helpers; formats {dict(score.by_format)}"
    )
    print(text)  # noqa: T201
    assert score.compared >= 1190, text
    assert score.same_exit >= score.compared - 6, text
    assert score.same >= score.compared - len(INTENDED), text
