"""What people type of a record becomes what nameservers take, or is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdeck.core.domain.records import TXT_PART, read_record, relative, txt_parts, zone_difference
from hostdeck.core.domain.vocabulary import RecordType
from hostdeck.core.domain.zone import ZoneRecord
from hostdeck.core.errors import Invalid

DOMAIN = "customer.com"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("www", "www"), ("WWW.customer.com", "www"), ("www.customer.com.", "www"), ("@", "@"), ("", "@"),
        ("customer.com", "@"), ("_dmarc", "_dmarc"), ("*.shop", "*.shop"), ("bücher", "xn--bcher-kva"),
    ],
)  # fmt: skip
def test_a_name_is_the_same_however_it_is_said(typed: str, kept: str) -> None:
    assert relative(DOMAIN, typed) == kept


@pytest.mark.parametrize(
    ("kind", "typed", "value", "priority"),
    [
        ("a", "192.0.2.1", "192.0.2.1", None),
        ("CNAME", "www", "www.customer.com.", None),
        ("CNAME", "shop.example.net", "shop.example.net.", None),
        ("CNAME", "@", "customer.com.", None),
        ("MX", "mail", "mail.customer.com.", 10),
        ("MX", "20 mx.example.net.", "mx.example.net.", 20),
        ("SRV", "5 1 993 mail", "1 993 mail.customer.com.", 5),
        ("SRV", "1 993 mail", "1 993 mail.customer.com.", 10),
        ("TXT", '"v=spf1 -all"', "v=spf1 -all", None),
        ("TXT", '"part one" "part two"', "part onepart two", None),
        ("CAA", "0 issue letsencrypt.org", '0 issue "letsencrypt.org"', None),
        ("NS", "ns1.example.net", "ns1.example.net.", None),
    ],
)
def test_a_value_is_kept_as_nameservers_take_it(kind: str, typed: str, value: str, priority: int | None) -> None:
    record = read_record(DOMAIN, "x", kind, typed)
    assert (record.value, record.priority) == (value, priority)


@pytest.mark.parametrize(
    ("name", "kind", "value", "code"),
    [
        ("x", "PTR", "a.b.", "ZONE_TYPE"),
        ("x", "A", "::1", "ZONE_VALUE"),
        ("x", "AAAA", "192.0.2.1", "ZONE_VALUE"),
        ("x y", "A", "192.0.2.1", "ZONE_NAME"),
        ("x", "TXT", 'a "quoted" word', "ZONE_VALUE"),
        ("x", "TXT", "a \\ b", "ZONE_VALUE"),
        ("x", "MX", "not a name at all", "ZONE_VALUE"),
        ("x", "CAA", "0 issue", "ZONE_VALUE"),
        ("x", "SRV", "mail", "ZONE_VALUE"),
    ],
)
def test_what_no_nameserver_would_take_is_refused(name: str, kind: str, value: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_record(DOMAIN, name, kind, value)
    assert refused.value.code == code


@pytest.mark.parametrize(("field", "value"), [("priority", "-1"), ("ttl", "1h"), ("ttl", "١٢")])
def test_numbers_are_ascii_digits(field: str, value: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_record(DOMAIN, "x", "MX", "mail", **{field: value})
    assert (refused.value.field, refused.value.code) == (field, "ZONE_NUMBER")


def test_a_ttl_beyond_bounds_is_refused() -> None:
    with pytest.raises(Invalid, match="TTL 5 is not within"):
        read_record(DOMAIN, "x", "A", "192.0.2.1", ttl="5")


@given(st.text(st.characters(codec="ascii", exclude_characters='"\\', categories=["L", "N", "P", "Zs"]), min_size=1))
def test_a_long_text_is_split_without_losing_a_character(text: str) -> None:
    parts = txt_parts(text)[1:-1].split('" "')
    assert "".join(parts) == text
    assert all(len(part) <= TXT_PART for part in parts)


def test_a_difference_says_what_goes_and_what_comes() -> None:
    old = ZoneRecord("www", RecordType.A, "192.0.2.1")
    new = ZoneRecord("www", RecordType.A, "192.0.2.2")
    stays = ZoneRecord("@", RecordType.A, "192.0.2.1")
    gone, comes = zone_difference([old, stays], [new, stays])
    assert gone.startswith("- www")
    assert gone.endswith("192.0.2.1")
    assert comes.startswith("+ www")
    assert comes.endswith("192.0.2.2")
