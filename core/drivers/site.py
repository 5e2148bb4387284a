"""What a node can be asked and told of the settings of a website and of a mail domain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hostdeck.core.drivers.language import Change, Question


@dataclass(frozen=True)
class SiteFacts:
    """A web domain's settings as `v-list-web-domain` has them; `exists` False: there is none."""

    exists: bool
    ssl: bool = False
    backend: str = ""
    proxy: str = ""
    aliases: tuple[str, ...] = ()
    redirect: str = ""
    redirect_code: str = ""
    force_https: bool = False
    hsts: bool = False


@dataclass(frozen=True)
class AskSite(Question[SiteFacts]):
    user: str
    domain: str


@dataclass(frozen=True)
class MailDomainFacts:
    """A mail domain's settings; `catchall` empty: none."""

    exists: bool
    catchall: str = ""
    antispam: bool = False
    antivirus: bool = False


@dataclass(frozen=True)
class AskMailSettings(Question[MailDomainFacts]):
    user: str
    domain: str


@dataclass(frozen=True)
class AddAlias(Change):
    user: str
    domain: str
    alias: str


@dataclass(frozen=True)
class RemoveAlias(Change):
    user: str
    domain: str
    alias: str


@dataclass(frozen=True)
class SetRedirect(Change):
    """Sends visitors to `target`; one that is there already is replaced."""

    user: str
    domain: str
    target: str
    code: str


@dataclass(frozen=True)
class DropRedirect(Change):
    user: str
    domain: str


@dataclass(frozen=True)
class SwitchHttps(Change):
    """`what`: sending plain HTTP to HTTPS, or HSTS. Both need a certificate (`hestia.md` 6.2)."""

    user: str
    domain: str
    what: Literal["force", "hsts"]
    on: bool


@dataclass(frozen=True)
class ChangeProxy(Change):
    user: str
    domain: str
    template: str


@dataclass(frozen=True)
class SetCatchall(Change):
    """`replaces`: there is another, which goes first: the panel refuses a second (`hestia.md` 7)."""

    user: str
    domain: str
    address: str
    replaces: bool


@dataclass(frozen=True)
class DropCatchall(Change):
    user: str
    domain: str


@dataclass(frozen=True)
class SwitchFilter(Change):
    user: str
    domain: str
    what: Literal["antispam", "antivirus"]
    on: bool
