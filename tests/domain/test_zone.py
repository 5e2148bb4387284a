"""The records a zone starts with, and what would not load."""

from __future__ import annotations

import pytest

from hostdeck.core.domain.vocabulary import RecordType as T
from hostdeck.core.domain.zone import Nameserver, ZoneRecord, check_zone, nameserver_of
from hostdeck.core.domain.zone_template import default_zone
from hostdeck.core.errors import Invalid

NS = (Nameserver("ns1.host.net.", "203.0.113.1"), Nameserver("ns2.host.net.", "203.0.113.2"))


def zone(**values: str | None) -> tuple[ZoneRecord, ...]:
    given = {"web_ip": "203.0.113.10", "mail_ip": "203.0.113.20", "dkim": None} | values
    return default_zone("customer.com", NS, **given)


def of(records: tuple[ZoneRecord, ...], kind: T, name: str = "@") -> list[str]:
    return [record.value for record in records if (record.type, record.name) == (kind, name)]


def test_the_default_zone_has_spf_dmarc_mx_and_caa() -> None:
    records = zone()
    assert of(records, T.TXT) == ["v=spf1 mx a -all"]
    assert of(records, T.TXT, "_dmarc")[0].startswith("v=DMARC1")
    assert of(records, T.MX) == ["mail.customer.com."]
    assert of(records, T.CAA) == ['0 issue "letsencrypt.org"']
    assert of(records, T.NS) == ["ns1.host.net.", "ns2.host.net."]


def test_dkim_stands_under_hestias_selector_once_it_is_known() -> None:
    assert of(zone(), T.TXT, "mail._domainkey") == []
    assert of(zone(dkim="v=DKIM1; p=x"), T.TXT, "mail._domainkey") == ["v=DKIM1; p=x"]


def test_without_mail_there_is_no_mx_and_spf_forbids_all() -> None:
    records = zone(mail_ip=None)
    assert of(records, T.MX) == []
    assert of(records, T.TXT) == ["v=spf1 -all"]


def test_without_a_website_the_apex_is_the_mail_node() -> None:
    records = zone(web_ip=None)
    assert of(records, T.A) == ["203.0.113.20"]
    assert of(records, T.CNAME, "www") == []


def test_the_default_zone_always_loads() -> None:
    for records in (zone(), zone(mail_ip=None), zone(web_ip=None), zone(dkim="v=DKIM1; p=" + "A" * 400)):
        assert check_zone("customer.com", records) == records


@pytest.mark.parametrize(
    ("server", "hostname", "name"),
    [
        ("ns1", "isp-ns1.uuq.pl", "isp-ns1.uuq.pl."),
        ("ns1.host.net", "127.0.0.1", "ns1.host.net."),
        ("ns1", "127.0.0.1", "ns1.customer.com."),
    ],
)
def test_a_nameserver_goes_by_a_name_never_by_an_address(server: str, hostname: str, name: str) -> None:
    assert nameserver_of(server, hostname, "203.0.113.1", "customer.com").name == name


def test_a_nameserver_inside_the_zone_gets_glue() -> None:
    inside = (Nameserver("ns1.customer.com.", "203.0.113.1"),)
    assert of(default_zone("customer.com", inside, web_ip="203.0.113.10", mail_ip=None), T.A, "ns1") == ["203.0.113.1"]


def bad(record: ZoneRecord, drop: T | None = None) -> str:
    records = [r for r in zone() if r.type is not drop or r.name != "@"]
    with pytest.raises(Invalid) as refused:
        check_zone("customer.com", [*records, record])
    return refused.value.code


@pytest.mark.parametrize(
    ("record", "code"),
    [
        (ZoneRecord("mail", T.CNAME, "x.net."), "ZONE_CNAME"),
        (ZoneRecord("@", T.CNAME, "x.net."), "ZONE_CNAME"),
        (ZoneRecord("shop", T.CNAME, "x.net"), "ZONE_VALUE"),
        (ZoneRecord("@", T.MX, "mx", priority=10), "ZONE_VALUE"),
        (ZoneRecord("@", T.MX, "mx.net."), "ZONE_VALUE"),
        (ZoneRecord("a", T.TXT, 'say "x"'), "ZONE_VALUE"),
        (ZoneRecord("a", T.TXT, "back\\slash"), "ZONE_VALUE"),
        (ZoneRecord("a", T.TXT, "it's"), "ZONE_VALUE"),
        (ZoneRecord("a", T.A, "2001:db8::1"), "ZONE_VALUE"),
        (ZoneRecord("a", T.AAAA, "203.0.113.1"), "ZONE_VALUE"),
        (ZoneRecord("a b", T.A, "203.0.113.1"), "ZONE_NAME"),
        (ZoneRecord("a", T.A, "203.0.113.1", ttl=1), "ZONE_TTL"),
        (ZoneRecord("@", T.A, "203.0.113.10"), "ZONE_DOUBLE"),
        (ZoneRecord("_x._tcp", T.SRV, "1 993 mail", priority=0), "ZONE_VALUE"),
        (ZoneRecord("@", T.CAA, "0 issue letsencrypt.org"), "ZONE_VALUE"),
    ],
)
def test_a_zone_the_nameserver_would_refuse_is_never_sent(record: ZoneRecord, code: str) -> None:
    assert bad(record) == code


@pytest.mark.parametrize(("missing", "code"), [(T.NS, "ZONE_NS"), (T.A, "ZONE_APEX")])
def test_the_apex_needs_a_nameserver_and_an_address(missing: T, code: str) -> None:
    assert bad(ZoneRecord("x", T.A, "203.0.113.9"), drop=missing) == code
