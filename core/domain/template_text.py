"""A zone template as people write it: one record a line, `NAME TTL TYPE [PRIORITY] VALUE`, comments after `#`.

Checked when it is set, line by line and as whole zones of every kind of service, so that no order fails by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from hostdeck.core.domain.text import safe
from hostdeck.core.domain.vocabulary import RecordType
from hostdeck.core.domain.zone import Nameserver, check_record, check_zone
from hostdeck.core.domain.zone_template import (
    PLACEHOLDER,
    PLACEHOLDERS,
    Template,
    TemplateRecord,
    ZoneValues,
    render,
    render_line,
)
from hostdeck.core.errors import Invalid

LINES_LIMIT = 200
WITH_PRIORITY = (RecordType.MX, RecordType.SRV)
SHAPE = "NAME TTL TYPE [PRIORITY] VALUE, for example '@ 3600 MX 10 {mail_host}'"

_WEB, _MAIL, _KEY = "192.0.2.10", "192.0.2.20", "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0"
_ONE = (Nameserver("ns1.example.net.", "192.0.2.1"),)
_TWO = (*_ONE, Nameserver("ns2.example.net.", "192.0.2.2"))
SAMPLES: tuple[tuple[str, ZoneValues], ...] = (
    ("a service with web and mail", ZoneValues("example.com", _TWO, _WEB, _MAIL)),
    ("a service whose DKIM key is known", ZoneValues("example.com", _TWO, _WEB, _MAIL, _KEY)),
    ("a service without mail", ZoneValues("example.com", _TWO, _WEB, None)),
    ("a service without a website", ZoneValues("example.com", _TWO, None, _MAIL, _KEY)),
    ("a service on one node with one nameserver", ZoneValues("example.com", _ONE, _WEB, _WEB, _KEY)),
    ("a service with IPv6 addresses", ZoneValues("example.com", _TWO, "2001:db8::10", "2001:db8::20", _KEY)),
)


Variables = Mapping[str, str | None]


def parse_template(text: str, variables: Variables | None = None) -> Template:
    """The template a text holds; Invalid [TPL_*] names the line and what is accepted. `variables` are the group's own
    placeholders; one that is None is known and has no value: its records are left out."""
    own = dict(variables or {})
    lines = []
    for number, raw in enumerate(text.splitlines(), 1):
        if line := _without_comment(raw).strip():
            lines.append(_record(number, line, own))
    if not lines:
        raise Invalid("template", f"it has no record; write lines of {SHAPE}", "TPL_EMPTY")
    if len(lines) > LINES_LIMIT:
        raise Invalid("template", f"it has {len(lines)} records; at most {LINES_LIMIT} are accepted", "TPL_LONG")
    template = tuple(lines)
    for sample, values in SAMPLES:
        try:
            check_zone(values.domain, render(template, replace(values, variables=own)))
        except Invalid as error:
            text = error.text.removeprefix(f"{values.domain}: ")
            raise Invalid("template", f"for {sample} it would not load: {text}", error.code) from None
    return template


def template_text(template: Iterable[TemplateRecord]) -> str:
    """The text of a template, in columns; `parse_template` reads it back."""
    rows = [
        (line.name, str(line.ttl), str(line.type), "" if line.priority is None else str(line.priority), _value(line))
        for line in template
    ]
    wide = [max((len(row[column]) for row in rows), default=0) for column in range(4)]
    return "\n".join("  ".join([*(cell.ljust(width) for cell, width in zip(row, wide, strict=False)), row[4]])
                     for row in rows) + "\n"  # fmt: skip


def _value(line: TemplateRecord) -> str:
    return f'"{line.value}"' if line.type is RecordType.TXT else line.value


def _record(number: int, line: str, own: Variables) -> TemplateRecord:
    words = line.split(None, 3)
    if len(words) < 4:
        raise _bad(number, f"'{safe(line)}' is no whole record; write {SHAPE}", "TPL_SHAPE")
    name, ttl, kind, value = words
    if not (ttl.isascii() and ttl.isdigit() and len(ttl) <= 9):
        raise _bad(number, f"TTL '{safe(ttl)}' is not a number of seconds; write {SHAPE}", "TPL_TTL")
    try:
        known = RecordType(kind.upper())
    except ValueError:
        raise _bad(number, f"type '{safe(kind)}' is not known; use {', '.join(RecordType)}", "TPL_TYPE") from None
    priority = None
    if known in WITH_PRIORITY:
        first, _, value = value.partition(" ")
        if not (first.isascii() and first.isdigit() and len(first) <= 5) or not value.strip():
            raise _bad(number, f"{known} needs a priority from 0 to 65535 and then a value; write {SHAPE}", "TPL_PRIO")
        priority, value = int(first), value.strip()
    if known is RecordType.TXT and len(value) > 1 and value[0] == value[-1] == '"':
        value = value[1:-1]
    elif known not in (RecordType.TXT, RecordType.CAA):
        value = value.lower()
    record = TemplateRecord(name.lower(), known, value, priority, int(ttl))
    _check_placeholders(number, record, own)
    _check_filled(number, record, own)
    return record


def _check_placeholders(number: int, record: TemplateRecord, own: Variables) -> None:
    for text in (record.name, record.value):
        for name in PLACEHOLDER.findall(text):
            if name not in PLACEHOLDERS and name not in own:
                text = f"'{{{safe(name)}}}' is no placeholder; use {_accepted()}, or a variable of the group"
                raise _bad(number, f"{text} (hostdeck group variable)", "TPL_PLACEHOLDER")
        if set(PLACEHOLDER.sub("", text)) & set("{}"):
            raise _bad(number, f"a brace stands alone; placeholders are {_accepted()}", "TPL_PLACEHOLDER")
    whole = record.type is RecordType.TXT and record.value == "{domainkey}" and record.name.endswith("._domainkey")
    if record.holds("domainkey") and not whole:
        text = "{domainkey} is all the value of a TXT record, and its name ends in ._domainkey"
        raise _bad(number, f"{text}: mail._domainkey 3600 TXT {{domainkey}}", "TPL_DKIM")


def _check_filled(number: int, record: TemplateRecord, own: Variables) -> None:
    made = any(name in own and not own[name] for name in PLACEHOLDER.findall(record.name + record.value))
    for _, values in SAMPLES:
        for filled in render_line(record, replace(values, variables=own)):
            made = True
            try:
                check_record(values.domain, filled)
            except Invalid as error:
                raise _bad(number, error.text.removeprefix(f"{values.domain}: "), error.code) from None
    if not made and not any(record.holds(f"ns{later}") for later in range(len(_TWO) + 1, 9)):
        raise _bad(number, "no service would ever get it: its placeholders exclude each other", "TPL_NEVER")


def _accepted() -> str:
    shown = (name for name in PLACEHOLDERS if not (name[:2] == "ns" and name[2:] not in ("", "1", "8")))
    return " ".join(f"{{{name}}}" for name in shown).replace("{ns1} {ns8}", "{ns1}…{ns8}")


def _without_comment(line: str) -> str:
    """A `#` begins a comment at the start of a line or after a space, but not between double quotes."""
    return "".join(_uncommented(line))


def _uncommented(line: str) -> Iterator[str]:
    quoted = False
    for at, char in enumerate(line):
        if char == '"':
            quoted = not quoted
        elif char == "#" and not quoted and (at == 0 or line[at - 1].isspace()):
            return
        yield char


def _bad(number: int, text: str, code: str) -> Invalid:
    return Invalid("template", f"line {number}: {text}", code)
