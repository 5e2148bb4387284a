"""What can be said of an item, field by field: the same words for the command line, CSV files and forms."""

from __future__ import annotations

from dataclasses import dataclass

from hostdeck.core.domain.items import ItemKind


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """`key` is the field of the kind's spec; `many`: several, with commas or spaces between them; `flag`: yes or no;
    `choices` are what a form offers, the first of them by itself."""

    key: str
    label: str
    hint: str
    default: str = ""
    many: bool = False
    flag: bool = False
    choices: tuple[str, ...] = ()


ENGINES = ("mysql", "pgsql")
CHARSETS = (
    "utf8mb4", "utf8", "latin1", "latin2", "latin5", "latin7", "ascii", "cp1250", "cp1251", "cp1256", "cp1257", "koi8r",
    "koi8u", "greek", "hebrew", "big5", "gbk", "sjis", "euckr", "binary",
)  # fmt: skip
"""The usual ones of those that a node knows: it takes any name, and so does the command line."""

NAME = {
    ItemKind.MAILBOX: FieldSpec("name", "Mailbox", "the part before the @"),
    ItemKind.DATABASE: FieldSpec("name", "Database", "a-z, 0-9 and _; the account's name is put before it"),
    ItemKind.FTP: FieldSpec("name", "Login", "a-z and 0-9; the account's name is put before it"),
    ItemKind.RECORD: FieldSpec("name", "Name", "below the domain; @ is the domain itself"),
}
"""Kinds whose items have a name of their own; a cron job is known by its number."""

FIELDS: dict[ItemKind, tuple[FieldSpec, ...]] = {
    ItemKind.MAILBOX: (
        FieldSpec("quota", "Quota", "MB, or unlimited", "unlimited"),
        FieldSpec("forwards", "Forwards", "addresses that get a copy", many=True),
        FieldSpec("keep", "Keep a copy", "no: what is forwarded is not kept here", "yes", flag=True),
        FieldSpec("aliases", "Aliases", "other names before the @", many=True),
        FieldSpec("autoreply", "Auto-reply", "one line; empty: none"),
        FieldSpec("suspended", "Suspended", "yes: nobody can log in; mail is still kept", "no", flag=True),
    ),
    ItemKind.DATABASE: (
        FieldSpec("user", "User", "as the database, unless another is given"),
        FieldSpec("engine", "Engine", "mysql is MariaDB too", "mysql", choices=ENGINES),
        FieldSpec("charset", "Charset", "utf8mb4 holds any text", "utf8mb4", choices=CHARSETS),
        FieldSpec("suspended", "Suspended", "yes: its user can't log in", "no", flag=True),
    ),
    ItemKind.FTP: (FieldSpec("path", "Folder", "inside the website's folder, such as /public_html; empty: all of it"),),
    ItemKind.CRON: (
        FieldSpec("schedule", "Schedule", "minute hour day month weekday, such as */5 * * * *"),
        FieldSpec("command", "Command", "one line, without \\ ` and %"),
        FieldSpec("suspended", "Suspended", "yes: it does not run", "no", flag=True),
    ),
    ItemKind.RECORD: (
        FieldSpec("type", "Type", "A AAAA NS CNAME MX TXT SRV CAA", "A"),
        FieldSpec("value", "Value", "an address, a full name, a text"),
        FieldSpec("priority", "Priority", "of MX and SRV"),
        FieldSpec("ttl", "TTL", "seconds a resolver may keep it", "3600"),
    ),
    ItemKind.CERTIFICATE: (
        FieldSpec("cert", "Certificate", "a PEM file on this machine"),
        FieldSpec("key", "Key", "its private key, a PEM file without a password"),
        FieldSpec("chain", "Chain", "a PEM file; empty where the certificate's file holds it"),
        FieldSpec("role", "For", "web or mail", "web"),
    ),
    ItemKind.WEBSITE: (
        FieldSpec("php", "PHP version", "such as 8.3; empty: the node's own"),
        FieldSpec("aliases", "Aliases", "other names; certified once they resolve", many=True),
        FieldSpec("redirect", "Redirect", "an address that visitors are sent to; empty: none"),
        FieldSpec("redirect_code", "Redirect as", "301 for good, 302 for now"),
        FieldSpec("force_https", "Force HTTPS", "needs a certificate", "no", flag=True),
        FieldSpec("hsts", "HSTS", "browsers refuse plain HTTP for a year; needs a certificate", "no", flag=True),
        FieldSpec("proxy", "Proxy template", "of the node, such as default or caching", "default"),
    ),
    ItemKind.MAIL_DOMAIN: (
        FieldSpec("catchall", "Catch-all", "an address that gets mail for unknown names; empty: none"),
        FieldSpec("antispam", "Antispam", "where the node has it", "yes", flag=True),
        FieldSpec("antivirus", "Antivirus", "where the node has it", "yes", flag=True),
    ),
}
