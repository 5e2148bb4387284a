"""The fixed shell texts about the provider's own, run by a real bash against files; the simulator's twins answer byte
for byte the same.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from hostdeck.core.drivers.hestia import scripts as hestia
from hostdeck.core.drivers.hestia.layout import Layout
from hostdeck.core.drivers.powerdns import scripts as powerdns
from hostdeck.core.sim.hestia import DiskFiles, HestiaNode, MemoryFiles
from hostdeck.core.sim.powerdns import PowerDnsNode
from hostdeck.core.sim.reply import Reply
from hostdeck.core.sim.stub_command import opened
from hostdeck.core.sim.stubs import StubNode, install
from hostdeck.core.sim.zone import Record, Zone

RECORDINGS = Path(__file__).resolve().parents[1] / "transcripts"
PARENT = "names.test"


def run(argv: Sequence[str], tools: Path | None = None) -> Reply:
    """By the bash of this machine, with the environment the guard gives."""
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    env = {"PATH": path if tools is None else f"{tools}:{path}", "HOME": "/root", "LC_ALL": "C"}
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, env=env, check=False, timeout=30)
    out, err = (text.decode("utf-8", "surrogateescape") for text in (done.stdout, done.stderr))
    return Reply(done.returncode, out, err)


# ------------------------------------------------------------------------------------------ records of a Hestia zone


def recorded_line() -> str:
    """The sold name's line as a real node wrote it."""
    for text in (RECORDINGS / "34-vanity.jsonl").read_text("utf-8").splitlines():
        for line in json.loads(text)["stdout"].splitlines():
            if line.startswith("+parent-shop.com.conf: ID="):
                return str(line.partition(": ")[2])
    raise LookupError("34-vanity.jsonl has no line of a record file")


ALICE = recorded_line()


def line(number: int, name: str, kind: str, value: str, ttl: str = "") -> str:
    stamp = "SUSPENDED='no' TIME='15:46:46' DATE='2026-11-23'"
    return f"ID='{number}' RECORD='{name}' TYPE='{kind}' PRIORITY='' VALUE='{value}' {stamp}" + ttl


ZONE = (
    line(1, "@", "NS", "ns1.example.net."),
    line(2, "@", "A", "203.0.113.10"),
    line(3, "anna", "A", "203.0.113.10", " TTL='3600'"),
    line(4, "annas", "A", "203.0.113.11", " TTL='3600'"),
    line(5, "joanna", "A", "203.0.113.12"),
    line(6, "anna.dept", "A", "203.0.113.13"),
    line(7, "two", "A", "203.0.113.14"),
    line(8, "two", "A", "203.0.113.15"),
    line(9, "mixed", "A", "203.0.113.16"),
    line(10, "mixed", "TXT", '"v=spf1 -all"'),
    line(11, "old", "A", "203.0.113.17"),
    line(12, "bxb", "A", "203.0.113.18"),
    line(13, "text", "TXT", '"the RECORD of anna; TYPE=A *"'),
    line(14, "umlaut", "TXT", '"gr\u00fc\u00dfe"'),
    line(15, "shop", "CNAME", "anna.example.net."),
    ALICE,
)

AT_NAME = {
    "the line a real node wrote": ("alice", 0, [ALICE]),
    "a name with a TTL": ("anna", 0, [ZONE[2]]),
    "a name without a TTL": ("old", 0, [ZONE[10]]),
    "a prefix of others": ("ann", 3, []),
    "a suffix of others": ("nna", 3, []),
    "the first label of another": ("dept", 3, []),
    "two lines of one type": ("two", 0, [ZONE[6], ZONE[7]]),
    "a TXT beside an A": ("mixed", 0, [ZONE[8], ZONE[9]]),
    "a CNAME": ("shop", 0, [ZONE[14]]),
    "a value beyond ASCII": ("umlaut", 0, [ZONE[13]]),
    "a dot is no pattern": ("b.b", 3, []),
    "a star is no pattern": ("*", 3, []),
    "a class is no pattern": ("[a-z]*", 3, []),
    "an anchor is no pattern": ("^anna$", 3, []),
    "a quote": ("an'na", 3, []),
    "a quote at the end": ("anna'", 3, []),
    "a double quote and a dollar": ('"$(id)`id`', 3, []),
    "a backslash": ("\\", 3, []),
    "an option": ("-v", 3, []),
    "another case": ("Anna", 3, []),
    "nothing at all": ("", 3, []),
}


@pytest.fixture
def zone_file(tmp_path: Path) -> Path:
    file = tmp_path / "names.test.conf"
    file.write_text("".join(f"{one}\n" for one in ZONE), "utf-8")
    return file


def simulated() -> HestiaNode:
    """A node that reads this machine's disk."""
    return HestiaNode("ns01.example.net", "203.0.113.10", files=DiskFiles())


def both(argv: tuple[str, ...]) -> Reply:
    """What bash says; the simulator says the same."""
    told = run(argv)
    assert simulated().run(argv) == told
    return told


@pytest.mark.parametrize("case", AT_NAME)
def test_at_name_prints_what_stands_exactly_at_a_name(case: str, zone_file: Path) -> None:
    name, code, lines = AT_NAME[case]
    told = both(hestia.script(hestia.AT_NAME, "at-name", str(zone_file), name))
    assert told == Reply(code, "".join(f"{one}\n" for one in lines))


def test_at_name_tells_a_zone_that_is_not_there_from_a_name_that_is_free(tmp_path: Path, zone_file: Path) -> None:
    for missing in (tmp_path / "other.test.conf", tmp_path):
        assert both(hestia.script(hestia.AT_NAME, "at-name", str(missing), "anna")) == Reply(5)
    zone_file.write_text("")
    assert both(hestia.script(hestia.AT_NAME, "at-name", str(zone_file), "anna")) == Reply(3)


BOXES = (
    "ACCOUNT='info' ALIAS='contact,sales' AUTOREPLY='no' FWD='' FWD_ONLY='' QUOTA='64' U_DISK='0' SUSPENDED='no'",
    "ACCOUNT='ben' ALIAS='' AUTOREPLY='no' FWD='contact@names.test' FWD_ONLY='' QUOTA='64' U_DISK='0' SUSPENDED='no'",
)


@pytest.mark.parametrize(
    ("name", "holder"),
    [
        ("contact", "info"),
        ("sales", "info"),
        ("contac", None),
        ("ontact", None),
        ("ben", None),
        ("*", None),
    ],
)
def test_alias_of_knows_an_alias_by_its_whole_name(tmp_path: Path, name: str, holder: str | None) -> None:
    file = tmp_path / "names.test.conf"
    file.write_text("".join(f"{one}\n" for one in BOXES), "utf-8")
    told = both(hestia.script(hestia.ALIAS_OF, "alias-of", str(file), name))
    assert told == Reply(0, f"{holder}\n" if holder else "")


def test_aliases_are_none_without_a_file_and_unknown_where_it_cannot_be_read(tmp_path: Path) -> None:
    assert both(hestia.script(hestia.ALIAS_OF, "alias-of", str(tmp_path / "none"), "anna")) == Reply(0)
    told = run(hestia.script(hestia.ALIAS_OF, "alias-of", "/proc/self/mem", "anna"))
    assert (told.exit, told.stdout) == (5, "")


def test_a_record_file_that_cannot_be_read_is_never_a_free_name() -> None:
    unreadable = "/proc/self/mem"  # a regular file of which even root gets no byte at its beginning
    for argv in (
        hestia.script(hestia.AT_NAME, "at-name", unreadable, "anna"),
        hestia.script(hestia.RECORD_IS, "record-is", unreadable, "3", "anna", "A", "203.0.113.10"),
    ):
        assert run(argv) == Reply(5)


RECORD_IS = {
    "the line a real node wrote": (("23", "alice", "A", "203.0.113.10"), 0, []),
    "exactly it, with a TTL": (("3", "anna", "A", "203.0.113.10"), 0, []),
    "exactly it, without a TTL": (("11", "old", "A", "203.0.113.17"), 0, []),
    "another id": (("4", "anna", "A", "203.0.113.10"), 4, [ZONE[2]]),
    "an id that begins the same": (("2", "alice", "A", "203.0.113.10"), 4, [ALICE]),
    "another value": (("3", "anna", "A", "203.0.113.1"), 4, [ZONE[2]]),
    "a value that is a pattern of it": (("3", "anna", "A", "203.0.113.*"), 4, [ZONE[2]]),
    "a value of one question mark": (("3", "anna", "A", "203.0.113.1?"), 4, [ZONE[2]]),
    "no value": (("3", "anna", "A", ""), 4, [ZONE[2]]),
    "another type": (("3", "anna", "AAAA", "203.0.113.10"), 4, [ZONE[2]]),
    "a type that is a pattern of it": (("3", "anna", "*", "203.0.113.10"), 4, [ZONE[2]]),
    "an id that is a pattern of it": (("*", "anna", "A", "203.0.113.10"), 4, [ZONE[2]]),
    "a second line of its type": (("7", "two", "A", "203.0.113.14"), 4, [ZONE[6], ZONE[7]]),
    "a TXT beside it": (("9", "mixed", "A", "203.0.113.16"), 4, [ZONE[8], ZONE[9]]),
    "a CNAME in its place": (("15", "shop", "A", "203.0.113.10"), 4, [ZONE[14]]),
    "a quoted TXT": (("13", "text", "TXT", '"the RECORD of anna; TYPE=A *"'), 0, []),
    "a TXT whose star is a letter": (("13", "text", "TXT", '"the RECORD *"'), 4, [ZONE[12]]),
    "nothing there": (("3", "ann", "A", "203.0.113.10"), 3, []),
    "a name that is a pattern": (("12", "b.b", "A", "203.0.113.18"), 3, []),
    "a value that would go on behind its quote": (("3", "anna", "A", "203.0.113.10' SUSPENDED='no"), 4, [ZONE[2]]),
    "a type that would go on behind its quote": (("3", "anna", "A' PRIORITY='", "203.0.113.10"), 4, [ZONE[2]]),
    "a backslash in the value": (("3", "anna", "A", "203.0.113.10\\"), 4, [ZONE[2]]),
}


@pytest.mark.parametrize("case", RECORD_IS)
def test_record_is_says_yes_to_one_line_only(case: str, zone_file: Path) -> None:
    what, code, lines = RECORD_IS[case]
    told = both(hestia.script(hestia.RECORD_IS, "record-is", str(zone_file), *what))
    assert told == Reply(code, "".join(f"{one}\n" for one in lines))


def test_record_is_tells_a_zone_that_is_not_there(tmp_path: Path) -> None:
    missing = str(tmp_path / "other.test.conf")
    assert both(hestia.script(hestia.RECORD_IS, "record-is", missing, "3", "anna", "A", "203.0.113.10")) == Reply(5)


def recorded_file() -> str:
    """The longest record file that a real node has written."""
    rows = [json.loads(text) for text in (RECORDINGS / "35-zone-swap.jsonl").read_text("utf-8").splitlines()]
    return max((str(row["stdout"]) for row in rows if row["stdout"].startswith("ID='")), key=len)


def test_every_line_of_a_file_that_a_real_node_wrote_is_found_and_told_from_the_others(tmp_path: Path) -> None:
    file = tmp_path / "recorded.conf"
    file.write_text(recorded_file(), "utf-8")
    lines = file.read_text("utf-8").splitlines()
    keys = [dict(re.findall(r"([A-Z]+)='([^']*)'", one)) for one in lines]
    names = Counter(key["RECORD"] for key in keys)
    assert len(lines) > 20
    for key in keys:
        here = [one for one, other in zip(lines, keys, strict=True) if other["RECORD"] == key["RECORD"]]
        told = both(hestia.script(hestia.AT_NAME, "at-name", str(file), key["RECORD"]))
        assert told == Reply(0, "".join(f"{one}\n" for one in here))
        exactly = (key["ID"], key["RECORD"], key["TYPE"], key["VALUE"])
        told = both(hestia.script(hestia.RECORD_IS, "record-is", str(file), *exactly))
        assert told.exit == (0 if names[key["RECORD"]] == 1 else 4)


# --------------------------------------------------------------------------------- who may stand below a web domain


@pytest.fixture
def stub(tmp_path: Path) -> StubNode:
    return install(tmp_path / "hestia", "web01.example.net", "203.0.113.10")


def parent_state(stub: StubNode, domain: str = PARENT) -> str:
    at = Layout(str(stub.folder))
    argv = hestia.script(hestia.PARENT_STATE, "parent-state", domain, at.users, at.conf)
    told = run(argv)
    with opened(stub.folder) as state:
        assert state.node.run(argv) == told
    assert (told.exit, told.stderr) == (0, "")
    return told.stdout


def give(stub: StubNode, user: str, *domains: str, allow: Sequence[str] = (), enforce: str | None = None) -> None:
    with opened(stub.folder) as state:
        node = state.node
        assert node.run(["v-add-user", user, "secret-9", f"{user}@example.org", "default", user]).exit == 0
        for domain in domains:
            assert node.run(["v-add-web-domain", user, domain, "203.0.113.10", "no", "none"]).exit == 0
        for domain in allow:
            assert node.run(["v-add-web-domain-allow-users", user, domain]).exit == 0
        if enforce is not None:
            node.book.config["ENFORCE_SUBDOMAIN_OWNERSHIP"] = enforce


ENFORCED = {"yes": 1, "no": 0, "": 0, "yes ": 0, "YES": 0}


@pytest.mark.parametrize("value", ENFORCED)
def test_a_node_keeps_names_for_the_owner_of_their_parent_only_where_it_says_yes(stub: StubNode, value: str) -> None:
    give(stub, "prov", PARENT, enforce=value)
    assert parent_state(stub) == f"enforced={ENFORCED[value]}\nallowed=0\n"


def test_a_node_without_that_setting_keeps_no_names(stub: StubNode) -> None:
    with opened(stub.folder) as state:
        state.node.book.config.pop("ENFORCE_SUBDOMAIN_OWNERSHIP", None)
    assert parent_state(stub) == "enforced=0\nallowed=0\n"


@pytest.mark.parametrize(
    ("domains", "allow", "allowed"),
    [
        ((), (), 0),
        ((PARENT,), (), 0),
        ((PARENT,), (PARENT,), 1),
        ((PARENT, "other.test"), ("other.test",), 0),
        (("surnames.test",), ("surnames.test",), 0),
        (("names.test.example",), ("names.test.example",), 0),
        (("namesxtest.org",), ("namesxtest.org",), 0),
    ],
)
def test_only_the_parents_own_web_domain_lets_others_in(
    stub: StubNode, domains: tuple[str, ...], allow: tuple[str, ...], allowed: int
) -> None:
    give(stub, "prov", *domains, allow=allow, enforce="yes")
    assert parent_state(stub) == f"enforced=1\nallowed={allowed}\n"


@pytest.mark.parametrize("strange", ["names.*", ".*", "*", "' ", "$(id)", "", "[n]ames.test", "-v"])
def test_a_parent_is_no_pattern(stub: StubNode, strange: str) -> None:
    give(stub, "prov", PARENT, allow=(PARENT,), enforce="yes")
    assert parent_state(stub, strange) == "enforced=1\nallowed=0\n"


def test_a_user_without_web_domains_or_half_made_is_passed_over(stub: StubNode) -> None:
    give(stub, "zoe", PARENT, allow=(PARENT,), enforce="yes")
    stub.half_made("alex", "x@hostdeck.invalid", "data")
    assert parent_state(stub) == "enforced=1\nallowed=1\n"


# --------------------------------------------------------------------------------------- records of a PowerDNS zone


def record(name: str, kind: str, content: str) -> Record:
    return Record(f"{name}.{PARENT}" if name else PARENT, 3600, kind, content)


RECORDS = [
    record("", "SOA", f"ns1.{PARENT} hostmaster.{PARENT} 7 10800 3600 604800 3600"),
    record("", "NS", "ns1.example.net."),
    record("", "A", "198.51.100.1"),
    record("anna", "A", "203.0.113.10"),
    record("annas", "A", "203.0.113.11"),
    record("joanna", "A", "203.0.113.12"),
    record("dept.anna", "A", "203.0.113.13"),
    record("two", "A", "203.0.113.14"),
    record("two", "A", "203.0.113.15"),
    record("mixed", "TXT", '"v=spf1 -all"'),
    record("mixed", "A", "203.0.113.16"),
    record("bxb", "A", "203.0.113.18"),
    record("text", "TXT", '"a  b\\"c\\\\ * $(id)" "d"'),
    record("shop", "CNAME", "anna.example.net."),
    record("*.wild", "A", "203.0.113.19"),
]

RRSET_AT = {
    "one record": ("anna", 0, [RECORDS[3]]),
    "a prefix of others": ("ann", 3, []),
    "a suffix of others": ("nna", 3, []),
    "a name that is only above another": ("wild", 3, []),
    "a name below another": ("dept.anna", 0, [RECORDS[6]]),
    "two of one type": ("two", 0, RECORDS[7:9]),
    "a TXT beside an A": ("mixed", 0, RECORDS[10:8:-1]),
    "a text with spaces, quotes and backslashes": ("text", 0, [RECORDS[12]]),
    "a CNAME": ("shop", 0, [RECORDS[13]]),
    "a star is a letter": ("*.wild", 0, [RECORDS[14]]),
    "a star is no pattern": ("*", 3, []),
    "a dot is no pattern": ("b.b", 3, []),
    "a class is no pattern": ("[a-z]*", 3, []),
    "a backslash": ("\\", 3, []),
    "quotes and a dollar": ("'\"$(id)`id`", 3, []),
    "an option of test": ("-n", 3, []),
}

RRSET_IS = {
    "exactly it": (("anna", "A", "203.0.113.10"), 0, ""),
    "another content": (("anna", "A", "203.0.113.1"), 4, "A 203.0.113.10\n"),
    "a content that is a pattern of it": (("anna", "A", "203.0.113.*"), 4, "A 203.0.113.10\n"),
    "another type": (("anna", "AAAA", "203.0.113.10"), 4, "A 203.0.113.10\n"),
    "a type that is a pattern of it": (("anna", "*", "203.0.113.10"), 4, "A 203.0.113.10\n"),
    "no content": (("anna", "A", ""), 4, "A 203.0.113.10\n"),
    "the first of two": (("two", "A", "203.0.113.14"), 4, "A 203.0.113.14\nA 203.0.113.15\n"),
    "the second of two": (("two", "A", "203.0.113.15"), 4, "A 203.0.113.14\nA 203.0.113.15\n"),
    "a TXT after it": (("mixed", "A", "203.0.113.16"), 4, 'A 203.0.113.16\nTXT "v=spf1 -all"\n'),
    "an A before it": (("mixed", "TXT", '"v=spf1 -all"'), 4, 'A 203.0.113.16\nTXT "v=spf1 -all"\n'),
    "a text with spaces, quotes and backslashes": (("text", "TXT", '"a  b\\"c\\\\ * $(id)" "d"'), 0, ""),
    "a text with other spaces": (("text", "TXT", '"a b\\"c\\\\ * $(id)" "d"'), 4, f"TXT {RECORDS[12].content}\n"),
    "a CNAME": (("shop", "A", "203.0.113.10"), 4, "CNAME anna.example.net.\n"),
    "nothing there": (("ann", "A", "203.0.113.10"), 3, ""),
    "a name that is a pattern": (("b.b", "A", "203.0.113.18"), 3, ""),
}


@pytest.fixture
def pdns() -> PowerDnsNode:
    node = PowerDnsNode("ns02.example.net", "203.0.113.10", files=MemoryFiles())
    node.zones[PARENT] = Zone(PARENT, list(RECORDS))
    return node


@pytest.fixture
def pdnsutil(tmp_path: Path, pdns: PowerDnsNode) -> Path:
    """A program that says what list-zone says; the real one is asked the same in `tests/real`."""
    for zone in (PARENT, "missing.test"):
        told = pdns.run(["pdnsutil", "list-zone", zone])
        (tmp_path / f"{zone}.out").write_text(told.stdout)
        (tmp_path / f"{zone}.err").write_text(told.stderr)
        (tmp_path / f"{zone}.exit").write_text(f"{told.exit}\n")
    program = tmp_path / "pdnsutil"
    program.write_text(
        f'#!/bin/sh\n[ "$#:$1" = "2:list-zone" ] || exit 99\ncd {tmp_path}\n'
        'cat "$2.out"; cat "$2.err" >&2; read e <"$2.exit"; exit "$e"\n'
    )
    program.chmod(0o755)
    return program


@pytest.mark.parametrize("case", RRSET_AT)
def test_rrset_at_prints_what_stands_exactly_at_a_name(case: str, pdns: PowerDnsNode, pdnsutil: Path) -> None:
    name, code, records = RRSET_AT[case]
    argv = powerdns.script(powerdns.RRSET_AT, "rrset-at", PARENT, name, "pdnsutil")
    told = run(argv, pdnsutil.parent)
    assert told == Reply(code, "".join(f"{one.line()}\n" for one in records))
    assert pdns.run(argv) == told


@pytest.mark.parametrize("case", RRSET_IS)
def test_rrset_is_says_yes_to_one_record_alone(case: str, pdns: PowerDnsNode, pdnsutil: Path) -> None:
    what, code, said = RRSET_IS[case]
    argv = powerdns.script(powerdns.RRSET_IS, "rrset-is", PARENT, *what, "pdnsutil")
    told = run(argv, pdnsutil.parent)
    assert told == Reply(code, said)
    assert pdns.run(argv) == told


def test_a_zone_that_cannot_be_read_is_never_a_free_name(pdns: PowerDnsNode, pdnsutil: Path) -> None:
    for argv in (
        powerdns.script(powerdns.RRSET_AT, "rrset-at", "missing.test", "anna", "pdnsutil"),
        powerdns.script(powerdns.RRSET_IS, "rrset-is", "missing.test", "anna", "A", "203.0.113.10", "pdnsutil"),
    ):
        told = run(argv, pdnsutil.parent)
        assert told == Reply(7, "Zone 'missing.test' not found!\n")
        assert pdns.run(argv) == told
        assert run((*argv[:-1], "/no/such/pdnsutil")).exit == 7
