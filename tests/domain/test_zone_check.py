"""Answers held against what should be answered."""

from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from hostdeck.core.domain.vocabulary import RecordType
from hostdeck.core.domain.zone import Nameserver, ZoneRecord
from hostdeck.core.domain.zone_check import Answers, Verdict, judge, wanted_sets
from hostdeck.core.domain.zone_template import default_zone

RECORDS = default_zone(
    "customer.com",
    (Nameserver("ns1.example.net.", "192.0.2.1"), Nameserver("ns2.example.net.", "192.0.2.2")),
    web_ip="192.0.2.10",
    mail_ip="192.0.2.20",
    dkim="v=DKIM1; k=rsa; p=" + "A" * 400,
)
SETS = wanted_sets(RECORDS)


def answered(**changes: object) -> Answers:
    return dataclasses.replace(Answers("ns1", serial="7", sets=SETS), **changes)  # type: ignore[arg-type]


def test_what_is_answered_as_wanted_is_the_same() -> None:
    assert judge(SETS, answered(), "7").verdict is Verdict.SAME


def test_the_order_of_a_set_and_the_case_of_a_name_do_not_matter() -> None:
    shouted = [dataclasses.replace(r, value=r.value.upper()) if r.type == "NS" else r for r in reversed(RECORDS)]
    assert judge(SETS, answered(sets=wanted_sets(shouted)), None).verdict is Verdict.SAME


@given(st.sampled_from(sorted(SETS)))
def test_a_set_that_is_missing_is_named(key: tuple[str, str]) -> None:
    found = judge(SETS, answered(sets={k: v for k, v in SETS.items() if k != key}), "7")
    assert found.verdict is Verdict.DIFFERS
    assert [(d.name, d.type, d.got) for d in found.differences] == [(*key, ())]
    assert f"{key[0]} {key[1]}" in found.reason


@given(st.sampled_from(RECORDS))
def test_a_changed_ttl_is_a_difference(record: ZoneRecord) -> None:
    others = [r for r in RECORDS if r != record]
    found = judge(SETS, answered(sets=wanted_sets([*others, dataclasses.replace(record, ttl=1)])), None)
    assert [(d.name, d.type) for d in found.differences] == [(record.name, record.type)]


def test_a_text_differs_by_its_case() -> None:
    loud = [dataclasses.replace(r, value=r.value.upper()) if r.type is RecordType.TXT else r for r in RECORDS]
    assert judge(SETS, answered(sets=wanted_sets(loud)), None).verdict is Verdict.DIFFERS


def test_a_serial_below_what_the_server_had_is_stale() -> None:
    assert judge(SETS, answered(serial="6"), "7").verdict is Verdict.STALE
    assert judge(SETS, answered(serial="8"), "7").verdict is Verdict.SAME
    assert judge(SETS, answered(serial="2"), str((1 << 32) - 1)).verdict is Verdict.SAME


def test_silence_and_a_zone_it_does_not_know_are_told_apart() -> None:
    assert judge(SETS, Answers("ns1", error="it timed out"), "7").verdict is Verdict.SILENT
    found = judge(SETS, Answers("ns1", authoritative=False), "7")
    assert (found.verdict, found.reason) == (Verdict.DIFFERS, "it does not know the zone: no authoritative SOA")
