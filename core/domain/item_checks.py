"""What people say of an item becomes its spec, or is refused before anything is sent.

What the node would misread is refused here, with the reason: backslashes are lost from its cron listings
(`hestia.md` 3.2), the account's name is put before a database's even where it stands there already (`hestia.md` 16).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from hostdeck.core.domain.inputs import check_domain, check_email, check_mailbox, parse_quota
from hostdeck.core.domain.item_fields import ENGINES, FIELDS
from hostdeck.core.domain.item_specs import (
    CronSpec,
    DatabaseSpec,
    FtpSpec,
    MailboxSpec,
    MailDomainSpec,
    Spec,
    WebsiteSpec,
)
from hostdeck.core.domain.items import ItemKind
from hostdeck.core.domain.text import control_character, invisible_character, safe
from hostdeck.core.errors import Invalid

DATABASE_USER_LIMIT = 32
DATABASE_LIMIT = 63
LOGIN_LIMIT = 30
"""With the account's name and the underscore (`hestia.md` 5.2)."""

AUTOREPLY_LIMIT = 1000
COMMAND_LIMIT = 1000
CRON_NAMES = ("minute", "hour", "day", "month", "weekday")
CRON_WORDS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
"""As crontab(5) has them. The panel keeps five fields, and has nothing for `@reboot`."""
CRON_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))

_part = re.compile(r"[a-z][a-z0-9_]*")
_login = re.compile(r"[a-z0-9][a-z0-9]*")
_charset = re.compile(r"[a-z0-9_]{2,32}")
_path = re.compile(r"(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
_version = re.compile(r"\d\.\d{1,2}")
_template = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_url = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?(/[A-Za-z0-9._~/?=&+-]*)?", re.ASCII)
_cron_piece = re.compile(r"(\*|(\d{1,2})(-(\d{1,2}))?)(/(\d{1,2}))?")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item is to be: its service's domain, and the account's name on the node."""

    domain: str
    username: str


def check_item(kind: ItemKind, name: str, fields: Mapping[str, str], place: Place, old: Spec | None = None) -> Checked:
    """Name and spec of an item; fields that are not given keep what `old` has, else their default. Invalid otherwise;
    its codes are MBX_* DB_* FTP_* CRN_* WEB_* MDM_*."""
    unknown = sorted(set(fields) - {spec.key for spec in FIELDS[kind]})
    if unknown:
        accepted = ", ".join(spec.key for spec in FIELDS[kind])
        raise Invalid(unknown[0], f"a {kind} has no such field; accepted: {accepted}", "ITEM_FIELD")
    for key, value in fields.items():
        if found := control_character.search(value) or invisible_character.search(value):
            raise Invalid(key, f"character U+{ord(found[0]):04X} not allowed", "ITEM_CONTROL")
    return CHECKS[kind](name, fields, place, old)


@dataclass(frozen=True, slots=True)
class Checked:
    name: str
    spec: Spec


def _given(fields: Mapping[str, str], old: Spec | None, read: Mapping[str, Callable[[str], Any]]) -> dict[str, Any]:
    """The spec's values: what is given read by its reader, the rest from the old one."""
    kept = old.model_dump() if old is not None else {}
    return kept | {key: read[key](value) for key, value in fields.items()}


def many(text: str) -> tuple[str, ...]:
    """Words with commas or spaces between them, each once, in their order."""
    return tuple(dict.fromkeys(word for word in re.split(r"[,\s]+", text) if word))


@contextmanager
def _named(field: str, text: str) -> Iterator[None]:
    """What is wrong with one of several names is said at their field, and of which."""
    try:
        yield
    except Invalid as error:
        raise Invalid(field, f"'{safe(text)}': {error.text}", error.code) from None


def yes_no(key: str) -> Callable[[str], bool]:
    def read(text: str) -> bool:
        if text.lower() not in ("yes", "no"):
            raise Invalid(key, "use yes or no", "ITEM_YESNO")
        return text.lower() == "yes"

    return read


# ------------------------------------------------------------------------------------------------------------- mailbox


def _mailbox(name: str, fields: Mapping[str, str], place: Place, old: Spec | None) -> Checked:
    account = check_mailbox(name.removesuffix(f"@{place.domain}"))
    values = _given(
        fields,
        old,
        {
            "quota": lambda text: _quota(text),
            "forwards": lambda text: tuple(check_email_field("forwards", one) for one in many(text)),
            "keep": yes_no("keep"),
            "aliases": lambda text: tuple(_other_box(one, place) for one in many(text)),
            "autoreply": _autoreply,
            "suspended": yes_no("suspended"),
        },
    )
    spec = MailboxSpec(**values)
    if f"{account}@{place.domain}" in spec.forwards:
        raise Invalid("forwards", "a mailbox can't forward to itself", "MBX_LOOP")
    if account in spec.aliases:
        raise Invalid("aliases", f"'{account}' is the mailbox's own name", "MBX_ALIAS")
    if not spec.keep and not spec.forwards:
        raise Invalid("keep", "without a forward its mail would be kept nowhere", "MBX_KEEP")
    return Checked(account, spec)


def _other_box(text: str, place: Place) -> str:
    with _named("aliases", text):
        return check_mailbox(text.removesuffix(f"@{place.domain}"))


def _quota(text: str) -> str:
    quota = parse_quota(text)
    return "unlimited" if quota == 0 else str(quota)


def check_email_field(field: str, text: str) -> str:
    try:
        return check_email(text)
    except Invalid:
        raise Invalid(field, f"'{safe(text)}' is not a valid address", "EML_INVALID") from None


def _autoreply(text: str) -> str:
    if len(text) > AUTOREPLY_LIMIT:
        raise Invalid("autoreply", f"longer than {AUTOREPLY_LIMIT} characters ({len(text)})", "MBX_REPLY")
    if found := set(text) & set("\\'\"`$"):
        raise Invalid("autoreply", f"character {min(found)} not allowed: the panel would change it", "MBX_REPLY")
    return text.strip()


# ------------------------------------------------------------------------------------------------------------ database


def _without_account(name: str, place: Place) -> str:
    """The panel puts the account's name before it, also where it stands there already (`hestia.md` 16)."""
    return name.removeprefix(f"{place.username}_")


def _part_of(field: str, text: str, place: Place, limit: int, code: str) -> str:
    part = _without_account(text, place)
    if not part:
        raise Invalid(field, "is required", f"{code}_EMPTY")
    if not _part.fullmatch(part):
        raise Invalid(field, f"'{safe(part)}': use a-z, 0-9 and _, a letter first", f"{code}_CHAR")
    whole = f"{place.username}_{part}"
    if len(whole) > limit:
        raise Invalid(field, f"'{safe(whole)}' is longer than {limit} characters ({len(whole)})", f"{code}_LONG")
    return part


def _database(name: str, fields: Mapping[str, str], place: Place, old: Spec | None) -> Checked:
    part = _part_of("database", name, place, DATABASE_LIMIT, "DB")
    values = _given(
        fields,
        old,
        {"user": str, "engine": _engine, "charset": _charset_of, "suspended": yes_no("suspended")},
    )
    user = _part_of("user", values.get("user") or part, place, DATABASE_USER_LIMIT, "DB")
    spec = DatabaseSpec(**values | {"user": user})
    if spec.engine == "pgsql" and "-" in place.username:
        text = f"pgsql takes no name with a '-', and the account's '{place.username}' is put before it; use mysql"
        raise Invalid("engine", text, "DB_ENGINE")
    if isinstance(old, DatabaseSpec) and (spec.engine, spec.charset, spec.user) != (old.engine, old.charset, old.user):
        raise Invalid("database", "engine, charset and user stay as they are: remove it and add another", "DB_FIXED")
    return Checked(part, spec)


def _engine(text: str) -> str:
    if text not in ENGINES:
        raise Invalid("engine", f"use {' or '.join(ENGINES)}", "DB_ENGINE")
    return text


def _charset_of(text: str) -> str:
    if not _charset.fullmatch(text.lower()):
        raise Invalid("charset", "use a name such as utf8mb4", "DB_CHARSET")
    return text.lower()


# ----------------------------------------------------------------------------------------------------------------- FTP


def _ftp(name: str, fields: Mapping[str, str], place: Place, old: Spec | None) -> Checked:
    part = _without_account(name, place)
    if not part:
        raise Invalid("ftp", "is required", "FTP_EMPTY")
    if not _login.fullmatch(part):
        raise Invalid("ftp", f"'{safe(part)}': use a-z and 0-9", "FTP_CHAR")
    whole = f"{place.username}_{part}"
    if len(whole) > LOGIN_LIMIT:
        room = LOGIN_LIMIT - len(place.username) - 1
        raise Invalid("ftp", f"'{safe(whole)}' is longer than {LOGIN_LIMIT} characters; {room} are left", "FTP_LONG")
    return Checked(part, FtpSpec(**_given(fields, old, {"path": _folder})))


def _folder(text: str) -> str:
    path = "/" + text.strip("/") if text.strip("/") else ""
    if not _path.fullmatch(path) or len(path) > 255:
        raise Invalid("path", f"'{safe(text)}': a folder inside the website, of letters, digits, _ . and -", "FTP_PATH")
    return path


# ---------------------------------------------------------------------------------------------------------------- cron


def _cron(name: str, fields: Mapping[str, str], place: Place, old: Spec | None) -> Checked:
    read = {"schedule": check_schedule, "command": _command, "suspended": yes_no("suspended")}
    values = _given(fields, old, read)
    for key in ("schedule", "command"):
        if not values.get(key):
            raise Invalid(key, "is required", "CRN_EMPTY")
    spec = CronSpec(**values)
    return Checked(f"{spec.schedule} {spec.command}"[:255], spec)


def check_schedule(text: str) -> str:
    """Five fields of crontab(5), numbers only, or a word that stands for them; Invalid [CRN_SCHEDULE] otherwise."""
    parts = CRON_WORDS.get(text.strip().lower(), text).split()
    if len(parts) != len(CRON_NAMES):
        raise Invalid(
            "schedule", "give five fields: minute hour day month weekday; or @daily and the like", "CRN_SCHEDULE"
        )
    for name, part, (low, high) in zip(CRON_NAMES, parts, CRON_RANGES, strict=True):
        if not all(_is_piece(piece, low, high) for piece in part.split(",")):
            raise Invalid("schedule", f"{name} '{safe(part)}': use *, {low}-{high}, ranges and steps", "CRN_SCHEDULE")
    return " ".join(parts)


def _is_piece(piece: str, low: int, high: int) -> bool:
    match = _cron_piece.fullmatch(piece)
    if match is None or not piece.isascii():
        return False
    numbers = [int(number) for number in (match[2], match[4]) if number]
    step = int(match[6]) if match[6] else 1
    return all(low <= number <= high for number in numbers) and numbers == sorted(numbers) and 1 <= step <= high


def _command(text: str) -> str:
    for mark, why in (
        ("\\", "the panel loses it"),
        ("`", "the panel refuses it; use $( )"),
        ("%", "cron ends the line there; put the command into a script"),
        ("'", 'the panel keeps it as another text; use "'),
    ):
        if mark in text:
            raise Invalid("command", f"character {mark} not allowed: {why}", "CRN_CHAR")
    if not text.isascii():
        raise Invalid("command", "use ASCII characters only", "CRN_CHAR")
    if len(text) > COMMAND_LIMIT:
        raise Invalid("command", f"longer than {COMMAND_LIMIT} characters ({len(text)})", "CRN_LONG")
    return text.strip()


# ------------------------------------------------------------------------------------------- settings of site and mail


def _website(name: str, fields: Mapping[str, str], place: Place, old: Spec | None) -> Checked:
    values = _given(
        fields,
        old,
        {
            "php": _php,
            "aliases": lambda text: tuple(_alias(one, place) for one in many(text)),
            "redirect": _redirect,
            "redirect_code": _redirect_code,
            "force_https": yes_no("force_https"),
            "hsts": yes_no("hsts"),
            "proxy": _proxy,
        },
    )
    return Checked(place.domain, WebsiteSpec(**values))


def _php(text: str) -> str:
    if text and not _version.fullmatch(text):
        raise Invalid("php", "use a version such as 8.3, or leave it empty for the node's own", "WEB_PHP")
    return text


def _alias(text: str, place: Place) -> str:
    bare = text.lower()
    if bare == f"www.{place.domain}":
        return bare
    with _named("aliases", text):
        alias = check_domain(bare.removeprefix("www."), reserved_ok=True)
    if bare == place.domain:
        raise Invalid("aliases", f"'{bare}' is the site's own name", "WEB_ALIAS")
    return f"www.{alias}" if bare.startswith("www.") else alias


def _redirect(text: str) -> str:
    if text and not _url.fullmatch(text):
        raise Invalid("redirect", "use an address such as https://www.example.com", "WEB_REDIRECT")
    return text


def _redirect_code(text: str) -> str:
    if text not in ("301", "302"):
        raise Invalid("redirect_code", "use 301 (for good) or 302 (for now)", "WEB_REDIRECT")
    return text


def _proxy(text: str) -> str:
    if not _template.fullmatch(text):
        raise Invalid("proxy", "use the name of a template", "WEB_PROXY")
    return text


def _mail_domain(name: str, fields: Mapping[str, str], place: Place, old: Spec | None) -> Checked:
    values = _given(
        fields,
        old,
        {
            "catchall": lambda text: check_email_field("catchall", text) if text else "",
            "antispam": yes_no("antispam"),
            "antivirus": yes_no("antivirus"),
        },
    )
    return Checked(place.domain, MailDomainSpec(**values))


CHECKS: dict[ItemKind, Callable[[str, Mapping[str, str], Place, Spec | None], Checked]] = {
    ItemKind.MAILBOX: _mailbox,
    ItemKind.DATABASE: _database,
    ItemKind.FTP: _ftp,
    ItemKind.CRON: _cron,
    ItemKind.WEBSITE: _website,
    ItemKind.MAIL_DOMAIN: _mail_domain,
}
