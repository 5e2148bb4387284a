"""Templates of zones: what they make, and which are refused when they are set."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdeck.core.domain.template_text import parse_template, template_text
from hostdeck.core.domain.vocabulary import RecordType as T
from hostdeck.core.domain.zone import Nameserver, ZoneRecord, address, check_zone
from hostdeck.core.domain.zone_template import (
    DEFAULT,
    ZoneValues,
    default_zone,
    dkim_lines,
    dkim_records,
    render,
    stored,
    template_of,
)
from hostdeck.core.errors import Invalid

APEX = "@ 3600 NS {ns}\n@ 3600 A {server_ip}\n"
NS = (Nameserver("ns1.host.net.", "203.0.113.1"), Nameserver("ns2.host.net.", "203.0.113.2"))
BOTH = ZoneValues("shop.com", NS, "203.0.113.10", "203.0.113.20")


def written_out(
    domain: str, nameservers: Sequence[Nameserver], web_ip: str | None, mail_ip: str | None, dkim: str | None
) -> tuple[ZoneRecord, ...]:
    """The built-in zone, record by record."""
    apex = web_ip or mail_ip
    records = [ZoneRecord("@", T.NS, server.name) for server in nameservers]
    for server in nameservers:
        if server.name.endswith(f".{domain}."):
            records.append(address(server.name.removesuffix(f".{domain}."), server.ip))
    if apex:
        records.append(address("@", apex))
    if web_ip:
        records.append(ZoneRecord("www", T.CNAME, f"{domain}."))
        records.append(ZoneRecord("ftp", T.CNAME, f"{domain}."))
        records.append(ZoneRecord("@", T.CAA, '0 issue "letsencrypt.org"'))
    if mail_ip:
        records.append(address("mail", mail_ip))
        records += (ZoneRecord(n, T.CNAME, f"mail.{domain}.") for n in ("autoconfig", "autodiscover", "webmail"))
        records.append(ZoneRecord("@", T.MX, f"mail.{domain}.", priority=10))
        records.append(ZoneRecord("@", T.TXT, "v=spf1 mx a -all"))
        records.append(ZoneRecord("_dmarc", T.TXT, "v=DMARC1; p=quarantine; adkim=s; aspf=s"))
        for service, port in (("imaps", 993), ("submission", 587), ("submissions", 465)):
            records.append(ZoneRecord(f"_{service}._tcp", T.SRV, f"1 {port} mail.{domain}.", priority=0))
    else:
        records.append(ZoneRecord("@", T.TXT, "v=spf1 -all"))
    if dkim:
        records.append(ZoneRecord("mail._domainkey", T.TXT, dkim))
    return tuple(sorted(records))


addresses = st.none() | st.ip_addresses().map(str)
nameservers = st.lists(
    st.builds(
        lambda number, inside, ip: (number, inside, ip), st.integers(1, 99), st.booleans(), st.ip_addresses().map(str)
    ),
    max_size=10,
    unique_by=lambda one: one[0],
)


@given(nameservers, addresses, addresses, st.none() | st.just("v=DKIM1; p=abc"))
def test_the_built_in_template_makes_the_zone_as_it_always_was(
    servers: list[tuple[int, bool, str]], web_ip: str | None, mail_ip: str | None, dkim: str | None
) -> None:
    attached = [Nameserver(f"ns{n}.{'shop.com' if inside else 'host.net'}.", ip) for n, inside, ip in servers]
    made = default_zone("shop.com", attached, web_ip=web_ip, mail_ip=mail_ip, dkim=dkim)
    assert made == written_out("shop.com", attached, web_ip, mail_ip, dkim)


def test_a_template_is_the_same_after_its_text_and_after_its_json() -> None:
    assert parse_template(template_text(DEFAULT)) == DEFAULT
    assert template_of(stored(DEFAULT)) == DEFAULT
    assert template_of(None) == DEFAULT


def made(text: str, values: ZoneValues = BOTH) -> list[str]:
    shown = (f"{r.name} {r.ttl} {r.type} {r.value}" for r in render(parse_template(APEX + text), values))
    return [line for line in shown if not line.startswith(("@ 3600 NS", "@ 3600 A"))]


def test_placeholders_are_filled_in_and_comments_are_no_records() -> None:
    text = """
    # what we sell
    status 300 CNAME www.{domain}.      # a page of ours
    b 60 A {mail_server_ip}
    note 60 TXT "a # is text between quotes"
    """
    assert made(text) == [
        "b 60 A 203.0.113.20",
        "note 60 TXT a # is text between quotes",
        "status 300 CNAME www.shop.com.",
    ]


def test_a_record_whose_placeholder_is_empty_is_left_out() -> None:
    text = "m 60 A {mail_server_ip}\nw 60 CNAME {web_host}\nthird 60 CNAME {ns3}\nk._domainkey 60 TXT {domainkey}\n"
    assert made(text) == ["m 60 A 203.0.113.20", "w 60 CNAME shop.com."]
    assert made(text, ZoneValues("shop.com", NS, "203.0.113.10", None)) == ["w 60 CNAME shop.com."]


def test_a_record_is_wanted_only_where_its_condition_holds() -> None:
    text = "a 60 TXT {if_mail}sends\na 60 TXT {if_no_mail}silent\n"
    assert made(text) == ["a 60 TXT sends"]
    assert made(text, ZoneValues("shop.com", NS, "203.0.113.10", None)) == ["a 60 TXT silent"]


def test_an_address_decides_whether_it_is_a_or_aaaa() -> None:
    six = ZoneValues("shop.com", NS, "2001:db8::1", "203.0.113.20")
    assert made("w 60 A {web_ip}\nm 60 AAAA {mail_server_ip}\n", six) == [
        "m 60 A 203.0.113.20",
        "w 60 AAAA 2001:db8::1",
    ]


def test_a_nameserver_inside_the_zone_has_its_address_once() -> None:
    inside = ZoneValues("shop.com", (Nameserver("ns1.shop.com.", "203.0.113.1"),), "203.0.113.10", None)
    assert made("", inside) == ["ns1 3600 A 203.0.113.1"]
    assert made("ns1 60 A 203.0.113.1", inside) == ["ns1 60 A 203.0.113.1"]


def test_the_key_stands_where_the_template_has_it() -> None:
    template = parse_template(APEX + "eu1._domainkey 300 TXT {domainkey}\n")
    assert dkim_records(dkim_lines(template), "v=DKIM1; p=x") == (
        ZoneRecord("eu1._domainkey", T.TXT, "v=DKIM1; p=x", ttl=300),
    )
    assert dkim_records(dkim_lines(parse_template(APEX)), "v=DKIM1; p=x") == ()


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("www 3600 CNAME", "TPL_SHAPE", "line 3: 'www 3600 CNAME' is no whole record; write NAME TTL TYPE"),
        ("www soon A {web_ip}", "TPL_TTL", "line 3: TTL 'soon' is not a number"),
        ("www 3600 SPF x", "TPL_TYPE", "line 3: type 'SPF' is not known; use A, AAAA, NS"),
        ("@ 3600 MX {mail_host}", "TPL_PRIO", "line 3: MX needs a priority"),
        ("@ 3600 SRV x 1 993 {mail_host}", "TPL_PRIO", "line 3: SRV needs a priority"),
        ("\n\nwww 3600 A {web-ip}", "TPL_PLACEHOLDER", "line 5: '{web-ip}' is no placeholder; use {domain}"),
        ("www 3600 A {web_ip", "TPL_PLACEHOLDER", "line 3: a brace stands alone"),
        (
            "www 3600 CNAME {domain}",
            "ZONE_VALUE",
            "line 3: www CNAME: 'example.com' is not a full name with its final dot",
        ),
        ("www 1 A {web_ip}", "ZONE_TTL", "line 3: www A: TTL 1 is not within"),
        ("-x 60 A {web_ip}", "ZONE_NAME", "line 3: name '-x' is not a record name"),
        ("x 60 TXT it's", "ZONE_VALUE", "line 3: x TXT"),
        ("dkim 60 TXT {domainkey}", "TPL_DKIM", "line 3: {domainkey} is all the value of a TXT record"),
        ("x 60 TXT {if_web}{if_no_web}x", "TPL_NEVER", "line 3: no service would ever get it"),
        ("@ 60 A 192.0.2.10", "ZONE_DOUBLE", "for a service with web and mail it would not load"),
        ("a 60 CNAME {web_host}\na 60 A {mail_server_ip}", "ZONE_CNAME", "it would not load: a has a CNAME"),
    ],
)
def test_a_template_that_could_never_load_is_refused_with_its_line(text: str, code: str, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_template(APEX + text)
    assert (refused.value.field, refused.value.code) == ("template", code)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("# nothing\n", "TPL_EMPTY", "it has no record"),
        ("@ 60 NS {ns2}\n@ 60 A {server_ip}", "ZONE_NS", "with one nameserver it would not load"),
        ("@ 60 NS {ns}\n@ 60 A {web_ip}", "ZONE_APEX", "for a service without a website it would not load"),
        (APEX + "".join(f"n{n} 60 A {{server_ip}}\n" for n in range(200)), "TPL_LONG", "at most 200"),
    ],
)
def test_a_template_that_fails_one_kind_of_service_is_refused(text: str, code: str, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_template(text)
    assert refused.value.code == code
    assert words in str(refused.value)


@given(st.text(alphabet=st.sampled_from("@w.{}#\" \n36Atxns_0\\'"), max_size=60))
def test_no_text_makes_a_template_that_does_not_load(text: str) -> None:
    try:
        template = parse_template(APEX + text)
    except Invalid:
        return
    check_zone("shop.com", render(template, BOTH))
    assert parse_template(template_text(template)) == template
