"""What a group's new zones start with: records with placeholders, filled in when a service is ordered.

| placeholder | stands for | empty |
|---|---|---|
| `{domain}` | the service's domain, without a final dot | |
| `{server_ip}` | the website's node, else the mail node | |
| `{web_ip}` `{web_host}` | the website's node; `DOMAIN.` | without a website |
| `{mail_server_ip}` `{mail_host}` | the mail node; `mail.DOMAIN.` | without mail |
| `{ns}` | each nameserver's name in turn, one record for each | without nameservers |
| `{ns1}` … `{ns8}` | one nameserver's name, with its final dot | beyond the last |
| `{domainkey}` | the DKIM key, once the mail node has told it | until then |
| `{if_web}` `{if_no_web}` `{if_mail}` `{if_no_mail}` | nothing: they only say when a record is wanted | otherwise |

Any other word in braces is a variable of the group. A record with an empty placeholder is left out. A and AAAA are
told apart by what the address is. The address of a nameserver inside the zone is added by itself: without it no
nameserver loads the zone.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hostdeck.core.domain.vocabulary import RecordType
from hostdeck.core.domain.zone import DEFAULT_TTL, Nameserver, ZoneRecord, address

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
NS_LIMIT = 8
"""As many as a Hestia zone can be given (`hestia.md` 8.1)."""

PLACEHOLDERS = (
    "domain", "server_ip", "web_ip", "web_host", "mail_server_ip", "mail_host", "domainkey",
    "ns", *(f"ns{number}" for number in range(1, NS_LIMIT + 1)),
    "if_web", "if_no_web", "if_mail", "if_no_mail",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TemplateRecord:
    """As a ZoneRecord, but `name` and `value` may hold placeholders."""

    name: str
    type: RecordType
    value: str
    priority: int | None = None
    ttl: int = DEFAULT_TTL

    def holds(self, placeholder: str) -> bool:
        return f"{{{placeholder}}}" in self.name + self.value


Template = tuple[TemplateRecord, ...]


@dataclass(frozen=True, slots=True)
class ZoneValues:
    """What an order knows of its zone; None where the service has no such part, or nobody knows it yet. `variables` are
    the group's own placeholders."""

    domain: str
    nameservers: Sequence[Nameserver]
    web_ip: str | None
    mail_ip: str | None
    dkim: str | None = None
    variables: Mapping[str, str | None] = field(default_factory=dict)


_T = RecordType
DEFAULT: Template = (
    TemplateRecord("@", _T.NS, "{ns}"),
    TemplateRecord("@", _T.A, "{server_ip}"),
    TemplateRecord("www", _T.CNAME, "{web_host}"),
    TemplateRecord("ftp", _T.CNAME, "{web_host}"),
    TemplateRecord("@", _T.CAA, '{if_web}0 issue "letsencrypt.org"'),
    TemplateRecord("mail", _T.A, "{mail_server_ip}"),
    *(TemplateRecord(name, _T.CNAME, "{mail_host}") for name in ("autoconfig", "autodiscover", "webmail")),
    TemplateRecord("@", _T.MX, "{mail_host}", 10),
    TemplateRecord("@", _T.TXT, "{if_mail}v=spf1 mx a -all"),
    TemplateRecord("@", _T.TXT, "{if_no_mail}v=spf1 -all"),
    TemplateRecord("_dmarc", _T.TXT, "{if_mail}v=DMARC1; p=quarantine; adkim=s; aspf=s"),
    *(
        TemplateRecord(f"_{service}._tcp", _T.SRV, f"1 {port} {{mail_host}}", 0)
        for service, port in (("imaps", 993), ("submission", 587), ("submissions", 465))
    ),
    # Hestia signs with one selector, `mail` (`hestia.md` 7).
    TemplateRecord("mail._domainkey", _T.TXT, "{domainkey}"),
)
"""NS, addresses, mail with SPF, DMARC and DKIM, CAA: the one that counts where a group has none of its own."""


def render(template: Iterable[TemplateRecord], values: ZoneValues) -> tuple[ZoneRecord, ...]:
    """The records of one zone, sorted; not checked."""
    records = [record for line in template for record in render_line(line, values)]
    here = {(record.name, record.type, record.value) for record in records}
    for server in values.nameservers:
        if server.name.endswith(f".{values.domain}."):
            glue = address(server.name.removesuffix(f".{values.domain}."), server.ip)
            if (glue.name, glue.type, glue.value) not in here:
                records.append(glue)
    return tuple(sorted(records))


def render_line(line: TemplateRecord, values: ZoneValues) -> Iterator[ZoneRecord]:
    """The records one line makes: none where a placeholder is empty, several by `{ns}`."""
    known = _known(values)
    for own in [{"ns": server.name} for server in values.nameservers] if line.holds("ns") else [{}]:
        texts = [_filled(text, known | own) for text in (line.name, line.value)]
        name, value = texts
        if name is not None and value is not None:
            yield ZoneRecord(name, _type_of(line.type, value), value, line.priority, line.ttl)


def default_zone(
    domain: str, nameservers: Sequence[Nameserver], *, web_ip: str | None, mail_ip: str | None, dkim: str | None = None
) -> tuple[ZoneRecord, ...]:
    """The zone of the built-in template."""
    return render(DEFAULT, ZoneValues(domain, nameservers, web_ip, mail_ip, dkim))


def dkim_lines(template: Iterable[TemplateRecord]) -> list[dict[str, Any]]:
    """The lines that wait for the DKIM key, as JSON: an order keeps them, so that its zone stays its own when the
    group's template changes before the key is known."""
    return stored(line for line in template if line.holds("domainkey"))


def dkim_records(lines: Iterable[Mapping[str, Any]], key: str) -> tuple[ZoneRecord, ...]:
    """Those lines with the key in them."""
    return tuple(ZoneRecord(line.name, line.type, key, line.priority, line.ttl) for line in template_of(lines))


def stored(template: Iterable[TemplateRecord]) -> list[dict[str, Any]]:
    """A template as JSON."""
    return [
        {"name": line.name, "ttl": line.ttl, "type": str(line.type), "priority": line.priority, "value": line.value}
        for line in template
    ]


def template_of(lines: Iterable[Mapping[str, Any]] | None) -> Template:
    """A template out of its JSON; the built-in one for None."""
    if lines is None:
        return DEFAULT
    return tuple(
        TemplateRecord(line["name"], RecordType(line["type"]), line["value"], line["priority"], line["ttl"])
        for line in lines
    )


def _known(values: ZoneValues) -> dict[str, str | None]:
    web, mail = values.web_ip, values.mail_ip
    numbered = {f"ns{number}": server.name for number, server in enumerate(values.nameservers[:NS_LIMIT], 1)}
    conditions = {"if_web": web, "if_no_web": not web, "if_mail": mail, "if_no_mail": not mail}
    return {
        **{name: value or None for name, value in values.variables.items()},
        "domain": values.domain,
        "server_ip": web or mail,
        "web_ip": web,
        "web_host": f"{values.domain}." if web else None,
        "mail_server_ip": mail,
        "mail_host": f"mail.{values.domain}." if mail else None,
        "domainkey": values.dkim,
        **numbered,
        **{name: "" if holds else None for name, holds in conditions.items()},
    }


def _filled(text: str, known: Mapping[str, str | None]) -> str | None:
    """The text with its placeholders filled in; None where one of them is empty."""
    found = {name: known.get(name) for name in PLACEHOLDER.findall(text)}
    if None in found.values():
        return None
    return PLACEHOLDER.sub(lambda match: found[match[1]] or "", text)


def _type_of(kind: RecordType, value: str) -> RecordType:
    if kind not in (RecordType.A, RecordType.AAAA):
        return kind
    try:
        return RecordType.AAAA if ipaddress.ip_address(value).version == 6 else RecordType.A
    except ValueError:
        return kind
