"""What is sold: a mode, ticked roles, and limits, resolved once at order time and stored with the service."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from hostdeck.core.domain.inputs import parse_quota
from hostdeck.core.domain.vocabulary import Mode, Role
from hostdeck.core.errors import Invalid

Quota = int | Literal["unlimited"]
"""0 switches off, a number is a ceiling (MB or pieces), "unlimited" is none. Server capacity reads 0 otherwise."""


@dataclass(frozen=True, slots=True)
class LimitSpec:
    """One limit key: its default, whether it is text instead of a number, whether it may be unlimited, its words;
    `empty` is what an empty one means."""

    key: str
    default: str
    label: str
    unit: str = ""
    text: bool = False
    unlimited: bool = True
    empty: str = "-"


LIMITS: tuple[LimitSpec, ...] = (
    LimitSpec("web_disk_quota", "1024", "Web disk", "MB"),
    LimitSpec("web_bandwidth", "unlimited", "Bandwidth", "MB/month"),
    LimitSpec("web_databases", "5", "Databases"),
    LimitSpec("web_ftp_accounts", "10", "FTP accounts"),
    LimitSpec("web_cron_jobs", "10", "Cron jobs"),
    LimitSpec("web_backups", "5", "Web backups", unlimited=False),
    LimitSpec("web_aliases", "5", "Web aliases"),
    LimitSpec("web_php", "", "PHP version", text=True, empty="node's own"),
    LimitSpec("mail_disk_quota", "1024", "Mail disk", "MB"),
    LimitSpec("mail_accounts", "10", "Mailboxes"),
    LimitSpec("mail_backups", "2", "Mail backups", unlimited=False),
    LimitSpec("dns_records", "500", "DNS records"),
    LimitSpec("account_backups", "5", "Account backups", unlimited=False),
    LimitSpec("backup_every", "", "Backed up every", text=True, empty="as set for all"),
    LimitSpec("vanity_site_disk_quota", "1024", "Vanity site disk", "MB"),
    LimitSpec("vanity_mail_quota", "512", "Vanity mailbox", "MB"),
    LimitSpec("vanity_domain", "", "Vanity parent", text=True),
    LimitSpec("final_backup", "no", "Last backup", text=True),
)
LIMIT_BY_KEY = {spec.key: spec for spec in LIMITS}


def check_limits(values: Mapping[str, str], field: str) -> dict[str, str]:
    """The given limits, checked and normalised; Invalid names the key. `field` is where they came from."""
    checked: dict[str, str] = {}
    for key, raw in values.items():
        spec = LIMIT_BY_KEY.get(key)
        if spec is None:
            raise Invalid(field, f"no limit is called '{key[:64]}'; accepted: {', '.join(LIMIT_BY_KEY)}", "LIM_KEY")
        if spec.text:
            checked[key] = _check_text(key, raw)
        else:
            checked[key] = str(parse_quota(raw, field=key, unlimited_ok=spec.unlimited))
    return checked


def _check_text(key: str, raw: str) -> str:
    if key == "backup_every":
        return check_every(raw)
    if key == "web_php" and raw and not (raw.replace(".", "").isdigit() and raw.count(".") == 1 and raw.isascii()):
        raise Invalid(key, "use a version such as 8.3, or leave it empty for the node's own", "LIM_PHP")
    if key == "final_backup" and raw not in ("yes", "no"):
        raise Invalid(key, "use yes (a backup is taken before a termination removes anything) or no", "LIM_YESNO")
    return raw


EVERY_LIMIT = 8760
"""Hours between two backups at most; the setting's bound is the same."""

_every = re.compile(r"(\d{1,4})([hd])")


def check_every(raw: str) -> str:
    """How often hostdeck takes a backup by itself: `24h`, `7d`, `0` for never, or empty for what is set for all."""
    text = raw.strip().lower()
    if text in ("", "0"):
        return text
    if (found := _every.fullmatch(text)) and 0 < hours_of(text) <= EVERY_LIMIT:
        return f"{int(found[1])}{found[2]}"
    raise Invalid("backup_every", f"use hours or days such as 24h or 7d ({EVERY_LIMIT}h at most), or 0", "LIM_EVERY")


def hours_of(every: str) -> int:
    """Of a checked `backup_every` that is not empty; 0 is never."""
    return 0 if every == "0" else int(every[:-1]) * (24 if every[-1] == "d" else 1)


@dataclass(frozen=True, slots=True)
class Limits:
    """A complete set of limits, and where each value came from (`default`, `product` or `option`)."""

    values: Mapping[str, str]
    origin: Mapping[str, str]

    def quota(self, key: str) -> Quota:
        value = self.values[key]
        return "unlimited" if value == "unlimited" else int(value)

    def text(self, key: str) -> str:
        return self.values[key]


def resolve_limits(product: Mapping[str, str], options: Mapping[str, str]) -> Limits:
    """Option over product over default, key by key (`features.md` 26)."""
    values: dict[str, str] = {}
    origin: dict[str, str] = {}
    for spec in LIMITS:
        for name, source in (("option", options), ("product", product)):
            if spec.key in source:
                values[spec.key], origin[spec.key] = source[spec.key], name
                break
        else:
            values[spec.key], origin[spec.key] = spec.default, "default"
    return Limits(values, origin)


@dataclass(frozen=True, slots=True)
class ProductSpec:
    """A product as the decisions see it."""

    name: str
    mode: Mode
    roles: frozenset[Role]
    limits: Mapping[str, str]


def check_product_roles(roles: frozenset[Role], limits: Mapping[str, str], mode: Mode = Mode.SPLIT) -> None:
    """Refuses a product that could build neither a website nor mailboxes (`features.md` 33)."""
    from hostdeck.core.domain.roles import enabled_roles

    if not enabled_roles(roles, resolve_limits(limits, {}), mode) & {Role.WEB, Role.MAIL}:
        raise Invalid("product", "tick at least one of Web and Mail", "PRD_NO_ROLE")
