"""What is wanted of an item, by kind: what its row holds, and what its step reads when it runs.

Names are the part that the customer chose: a database `shop` of account `s4711` is `s4711_shop` on the node.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from hostdeck.core.domain.items import ItemKind
from hostdeck.core.domain.vocabulary import Role


class Spec(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MailboxSpec(Spec):
    """`quota` in MB, or unlimited; `keep` False: what is forwarded is not kept here; `autoreply` empty: none."""

    quota: str = "unlimited"
    forwards: tuple[str, ...] = ()
    keep: bool = True
    aliases: tuple[str, ...] = ()
    autoreply: str = ""
    suspended: bool = False


class DatabaseSpec(Spec):
    """`user` is the part of the database user's name after `ACCOUNT_`."""

    user: str
    engine: Literal["mysql", "pgsql"] = "mysql"
    charset: str = "utf8mb4"
    suspended: bool = False


class FtpSpec(Spec):
    """`path` inside the website's folder, with a leading slash; empty is the folder itself."""

    path: str = ""


class CronSpec(Spec):
    """`schedule` are the five fields of crontab(5), one space between them."""

    schedule: str
    command: str
    suspended: bool = False


class BackupSpec(Spec):
    """A backup of the account that holds `role`, not older than `since` (seconds since 1970)."""

    role: Role
    since: int


class CertificateSpec(Spec):
    """A certificate of one's own for the website or the mail domain; `certificate` and `chain` are PEM, the key is the
    item's secret."""

    role: Role
    hosts: tuple[str, ...]
    issuer: str
    not_after: datetime
    certificate: str
    chain: str = ""


class WebsiteSpec(Spec):
    """None leaves it as the order has it. `redirect` empty: none, its code 301 unless another is said; `proxy` is a
    template's name."""

    php: str | None = None
    aliases: tuple[str, ...] | None = None
    redirect: str | None = None
    redirect_code: Literal["301", "302"] | None = None
    force_https: bool | None = None
    hsts: bool | None = None
    proxy: str | None = None


class MailDomainSpec(Spec):
    """None leaves it as it is; `catchall` empty: nobody."""

    catchall: str | None = None
    antispam: bool | None = None
    antivirus: bool | None = None


SPECS: dict[ItemKind, type[Spec]] = {
    ItemKind.MAILBOX: MailboxSpec,
    ItemKind.DATABASE: DatabaseSpec,
    ItemKind.FTP: FtpSpec,
    ItemKind.CRON: CronSpec,
    ItemKind.BACKUP: BackupSpec,
    ItemKind.CERTIFICATE: CertificateSpec,
    ItemKind.WEBSITE: WebsiteSpec,
    ItemKind.MAIL_DOMAIN: MailDomainSpec,
}


def spec_of(kind: ItemKind, wanted: dict[str, Any]) -> Spec:
    """What a row holds, as its kind's own type."""
    return SPECS[kind].model_validate(wanted)
