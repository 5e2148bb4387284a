"""Zones as files and back, and the serial that comes next."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdeck.core.domain.vocabulary import RecordType
from hostdeck.core.domain.zone import Nameserver, ZoneRecord
from hostdeck.core.domain.zone_template import default_zone
from hostdeck.core.drivers import changes as tell
from hostdeck.core.drivers.guard import GuardStep, StepResult
from hostdeck.core.drivers.powerdns.commands import Tools, steps_of
from hostdeck.core.drivers.powerdns.driver import is_absent
from hostdeck.core.drivers.powerdns.zonefile import next_serial, read_zone, zone_lines
from hostdeck.core.sim.zone import load

DOMAIN = "customer.com"
RECORDS = default_zone(
    DOMAIN,
    (Nameserver("ns1.example.net.", "192.0.2.1"),),
    web_ip="192.0.2.10",
    mail_ip="2001:db8::20",
    dkim="v=DKIM1; k=rsa; p=" + "A" * 400,
)


def shown(records: tuple[ZoneRecord, ...]) -> str:
    """As `list-zone` prints what `load-zone` has read."""
    return "".join(f"{record.line()}\n" for record in load(DOMAIN, "\n".join(zone_lines(DOMAIN, records, 7))))


def test_what_is_loaded_reads_back_the_same() -> None:
    assert read_zone(DOMAIN, shown(RECORDS)) == (frozenset(RECORDS), "7")


@given(st.text(st.sampled_from("abc =;+/-_:."), max_size=600))
def test_a_text_of_any_length_comes_back_whole(text: str) -> None:
    record = ZoneRecord("@", RecordType.TXT, text)
    assert read_zone(DOMAIN, shown((record,)))[0] == {record}


def test_a_record_of_a_kind_we_do_not_keep_never_equals_a_wanted_one() -> None:
    records, serial = read_zone(DOMAIN, f"{DOMAIN}\t3600\tIN\tTLSA\t3 1 1 abcd\n")
    assert serial is None
    assert not records & frozenset(RECORDS)
    assert len(records) == 1


def test_the_file_begins_with_its_soa_and_names_the_first_nameserver() -> None:
    first = zone_lines(DOMAIN, RECORDS, 9)[0]
    assert first.startswith(f"{DOMAIN}. 3600 IN SOA ns1.example.net. hostmaster.{DOMAIN}. 9 ")


@pytest.mark.parametrize(
    ("current", "wanted"),
    [(None, 2026112400), ("0", 2026112400), ("2026112403", 2026112404), ("2030010100", 2030010101)],
)
def test_a_serial_grows_and_is_of_today_at_least(current: str | None, wanted: int) -> None:
    assert next_serial(current, "20261124") == wanted


def test_powerdns_is_told_of_zones_and_nothing_else() -> None:
    with pytest.raises(TypeError, match="SuspendUser"):
        steps_of((tell.SuspendUser("somebody", "hdk 1 ab"),), 1, Tools())


def test_whose_a_zone_is_stands_before_everything_that_changes_it() -> None:
    for change in (tell.SwapZone("hdk 1 ab", DOMAIN, RECORDS), tell.RemoveZone("hdk 1 ab", DOMAIN)):
        first = steps_of((change,), 1, Tools("/etc/other"))[0]
        assert "owned-zone" in first.argv
        assert "--config-dir=/etc/other" in first.argv
        assert "any" not in first.accept


@pytest.mark.parametrize(
    ("exit", "said", "absent"),
    [
        (1, f"Zone '{DOMAIN}' not found!\n", True),
        (1, f"Warning: something else\nZone '{DOMAIN}.' not found!\n", True),
        (0, f"Zone '{DOMAIN}' not found!\n", False),
        (1, f"Zone 'other.{DOMAIN}' not found!\n", False),
        (1, "Zone 'customerxcom' not found!\n", False),
        (1, "Unable to launch godbc connection: data source name not found and no default driver\n", False),
        (127, "bash: pdnsutil: command not found\n", False),
        (255, "", False),
    ],
)
def test_only_pdnsutils_own_word_on_this_zone_makes_it_absent(exit: int, said: str, absent: bool) -> None:
    result = StepResult(GuardStep(("pdnsutil", "list-zone", DOMAIN)), exit, 1, b"", said.encode())
    assert is_absent(result, DOMAIN) is absent
