"""The pretend PowerDNS node answers as pdnsutil 4.7 did (`hestia.md` 12)."""

from __future__ import annotations

import pickle

import pytest
from tests.sim.calls import NONCE, client, guard_command

from hostdeck.core.sim.hestia.files import MemoryFiles
from hostdeck.core.sim.node import SimNode
from hostdeck.core.sim.powerdns import PowerDnsNode
from hostdeck.core.sim.reply import Reply

ZONE = """\
example.org. 3600 IN SOA ns1.x.net. hostmaster.x.net. 7 10800 3600 604800 3600
example.org. 3600 IN NS ns1.x.net.
example.org. 3600 IN MX 10 mail.example.org.
www.example.org. 300 IN CNAME example.org.
example.org. 3600 IN A 203.0.113.7
example.org. 3600 IN TXT "v=spf1 a; -all"
"""
LISTED = """\
$ORIGIN .
example.org\t3600\tIN\tA\t203.0.113.7
example.org\t3600\tIN\tMX\t10 mail.example.org.
example.org\t3600\tIN\tNS\tns1.x.net.
example.org\t3600\tIN\tSOA\tns1.x.net hostmaster.x.net 7 10800 3600 604800 3600
example.org\t3600\tIN\tTXT\t"v=spf1 a; -all"
www.example.org\t300\tIN\tCNAME\texample.org.
"""


class Node:
    def __init__(self) -> None:
        self.files = MemoryFiles()
        self.account = PowerDnsNode("ns1", "203.0.113.53", files=self.files)

    def __call__(self, *args: str) -> Reply:
        return self.account.run(["/usr/bin/pdnsutil", *args])

    def control(self, *args: str) -> Reply:
        return self.account.run(["pdns_control", *args])

    def load(self, text: str, zone: str = "example.org") -> Reply:
        self.files.write("/tmp/zone", text)
        return self("load-zone", zone, "/tmp/zone")


@pytest.fixture
def node() -> Node:
    return Node()


@pytest.fixture
def loaded(node: Node) -> Node:
    assert node.load(ZONE).exit == 0
    return node


def test_a_loaded_zone_lists_with_targets_dotted_and_names_not(loaded: Node) -> None:
    assert loaded("list-zone", "example.org") == Reply(0, LISTED)
    assert loaded("list-zone", "EXAMPLE.ORG.") == Reply(0, LISTED)


def test_what_list_zone_prints_can_be_loaded_again_once_the_origin_is_taken(loaded: Node) -> None:
    listed = loaded("list-zone", "example.org").stdout
    absolute = listed.replace("\nexample.org\t", "\nexample.org.\t").replace(
        "\nwww.example.org\t", "\nwww.example.org.\t"
    )
    assert loaded.load(absolute).exit == 0
    assert loaded("list-zone", "example.org").stdout == listed


def test_a_missing_argument_is_exit_zero_and_an_unknown_zone_one(node: Node) -> None:
    assert node("list-zone").exit == 0
    assert node("list-zone", "nowhere.org").exit == 1


def test_increase_serial_prints_the_new_one_and_is_255_for_an_unknown_zone(loaded: Node) -> None:
    assert "8" in loaded("increase-serial", "example.org").stdout
    assert " 8 10800" in loaded("list-zone", "example.org").stdout
    assert loaded("increase-serial", "nowhere.org").exit == 255


def test_create_zone_twice_is_one_in_any_case_of_letters(node: Node) -> None:
    assert node("create-zone", "example.org", "ns1.x.net").exit == 0
    again = node("create-zone", "EXAMPLE.org")
    assert again.exit == 1
    assert "exists already" in again.stderr
    assert node("check-zone", "example.org").exit == 0


def test_a_zone_created_without_a_name_server_does_not_check(node: Node) -> None:
    assert node("create-zone", "example.org").exit == 0
    assert node("check-zone", "example.org").exit == 1


def test_a_failed_load_keeps_the_old_contents(loaded: Node) -> None:
    assert loaded.load(ZONE + "www.example.org. 300 IN A not-an-address\n").exit == 1
    assert loaded.load(ZONE + "www.other.org. 300 IN A 203.0.113.1\n").exit == 1
    assert loaded("list-zone", "example.org") == Reply(0, LISTED)


def test_a_failed_load_of_a_new_zone_leaves_a_hidden_empty_one_that_a_good_load_repairs(node: Node) -> None:
    assert node.load("rubbish\n").exit == 1
    assert node("list-all-zones").stdout == ""
    assert node("list-all-zones", "-v").stdout == "example.org\nAll zonecount: 1\n"
    assert node("create-zone", "example.org").exit == 1
    assert node.load(ZONE).exit == 0
    assert node("list-all-zones").stdout == "example.org\n"


def test_a_file_without_soa_loads_and_leaves_a_dead_zone(node: Node) -> None:
    assert node.load("example.org. 3600 IN A 203.0.113.7\n").exit == 0
    assert node("list-all-zones").stdout == ""
    assert node("check-zone", "example.org").exit == 1


def test_load_zone_refuses_a_device_and_a_file_that_is_not_there(node: Node) -> None:
    assert node("load-zone", "example.org", "/dev/stdin").exit == 1
    assert node("load-zone", "example.org", "/tmp/nothing").exit == 1


def test_delete_zone_is_silent_once_and_not_found_after(loaded: Node) -> None:
    assert loaded("delete-zone", "example.org") == Reply(0)
    again = loaded("delete-zone", "example.org")
    assert again.exit == 1
    assert "not found" in again.stderr


def test_names_of_rrsets_are_relative_even_with_a_final_dot(loaded: Node) -> None:
    assert loaded("replace-rrset", "example.org", "alice", "A", "3600", "203.0.113.9").exit == 0
    assert loaded("replace-rrset", "example.org", "www.example.org.", "A", "3600", "203.0.113.9").exit == 0
    listed = loaded("list-zone", "example.org").stdout
    assert "\nalice.example.org\t3600\tIN\tA\t203.0.113.9\n" in listed
    assert "\nwww.example.org.example.org\t" in listed


def test_replace_rrset_is_idempotent_and_leaves_the_serial_alone(loaded: Node) -> None:
    for _ in range(2):
        assert loaded("replace-rrset", "example.org", "@", "A", "60", "203.0.113.1", "203.0.113.2").exit == 0
    listed = loaded("list-zone", "example.org").stdout
    assert listed.count("\tIN\tA\t") == 2
    assert " 7 10800" in listed


def test_a_cname_beside_others_and_bad_content_are_refused_and_change_nothing(loaded: Node) -> None:
    assert loaded("replace-rrset", "example.org", "www", "A", "60", "203.0.113.1").exit == 1
    assert loaded("replace-rrset", "example.org", "@", "CNAME", "60", "other.org.").exit == 1
    assert loaded("replace-rrset", "example.org", "@", "A", "60", "300.1.1.1").exit == 1
    assert loaded("replace-rrset", "example.org", "t", "TXT", "60", "unquoted").exit == 1
    assert loaded("replace-rrset", "nowhere.org", "@", "A", "60", "203.0.113.1").exit == 1
    assert loaded("list-zone", "example.org") == Reply(0, LISTED)


def test_delete_rrset_of_nothing_is_zero_and_of_an_unknown_zone_one(loaded: Node) -> None:
    assert loaded("delete-rrset", "example.org", "www", "CNAME").exit == 0
    assert loaded("delete-rrset", "example.org", "www", "CNAME").exit == 0
    assert "www" not in loaded("list-zone", "example.org").stdout
    assert loaded("delete-rrset", "nowhere.org", "www", "A").exit == 1


def test_kind_account_and_metadata_are_kept_and_shown(loaded: Node) -> None:
    assert loaded("set-kind", "example.org", "primary").exit == 0
    assert loaded("set-account", "example.org", "svc-4711").exit == 0
    assert loaded("set-meta", "example.org", "X-HOSTDECK", "4711.ab12").exit == 0
    assert loaded("get-meta", "example.org", "X-HOSTDECK").stdout == "X-HOSTDECK = 4711.ab12\n"
    shown = loaded("show-zone", "example.org").stdout
    assert "Primary zone" in shown
    assert "svc-4711" in shown
    assert loaded("list-all-zones", "native").stdout == ""
    assert loaded("set-meta", "example.org", "X-HOSTDECK").exit == 0
    assert loaded("get-meta", "example.org", "X-HOSTDECK").stdout == "X-HOSTDECK = \n"


def test_the_server_answers_the_old_records_until_it_is_purged(loaded: Node) -> None:
    loaded.control("rediscover")
    loaded.control("purge", "example.org$")
    loaded("increase-serial", "example.org")
    assert " 7 " in loaded.account.served["example.org"][0].content
    assert loaded.control("purge", "example.org$").stdout == "6\n"
    assert " 8 " in loaded.account.served["example.org"][0].content


def test_a_new_zone_is_not_answered_before_the_server_has_rediscovered_its_zones(loaded: Node) -> None:
    loaded.control("purge", "example.org$")
    assert "example.org" not in loaded.account.served
    loaded.control("rediscover")
    loaded.control("purge", "example.org$")
    assert "example.org" in loaded.account.served


def test_the_server_pings_and_notifies_only_zones_it_has(loaded: Node) -> None:
    assert loaded.control("rping") == Reply(0, "PONG\n")
    assert loaded.control("notify", "example.org").exit == 0
    assert loaded.control("notify", "nowhere.org").exit == 1


def test_an_unknown_verb_is_one_and_an_unknown_program_127(node: Node) -> None:
    assert node("explode").exit == 1
    assert node.account.run(["v-list-users"]).exit == 127


def test_looks_and_changes_are_told_apart() -> None:
    assert not PowerDnsNode.changes(["/usr/bin/pdnsutil", "list-zone", "x"])
    assert not PowerDnsNode.changes(["pdns_control", "rping"])
    assert PowerDnsNode.changes(["pdnsutil", "load-zone", "x", "f"])


def test_the_state_can_be_pickled(loaded: Node) -> None:
    again = pickle.loads(pickle.dumps(loaded.account))
    assert again.run(["pdnsutil", "list-zone", "example.org"]).stdout == LISTED


async def test_a_zone_goes_up_through_the_guard_over_ssh() -> None:
    put = ["/bin/bash", "--noprofile", "--norc", "-c", "f=$1 ...", "put", f"@{NONCE}:zone", *ZONE.splitlines()]
    steps = [
        ("0", put),
        ("0", ["/usr/bin/pdnsutil", "load-zone", "example.org", f"@{NONCE}:zone"]),
        ("0", ["/usr/bin/pdnsutil", "list-zone", "example.org"]),
    ]
    async with SimNode("ns1", driver="powerdns") as node, client(node) as conn:
        result = await conn.run(guard_command(steps, home="/etc/powerdns"), input=f"go {NONCE}\n")
        assert result.exit_status == 0
        assert LISTED in str(result.stdout)
        assert str((await conn.run("sh -s", input="x")).stdout).endswith("probe=end\n")
