"""Settings of a website and of a mail domain: what is not said stays as the node has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any, Literal, cast

from hostdeck.core.domain.item_specs import MailDomainSpec, WebsiteSpec
from hostdeck.core.domain.items import ItemKind
from hostdeck.core.drivers.changes import AddWebDomain, ChangeBackend
from hostdeck.core.drivers.language import Change, Service
from hostdeck.core.drivers.site import (
    AddAlias,
    AskMailSettings,
    AskSite,
    ChangeProxy,
    DropCatchall,
    DropRedirect,
    MailDomainFacts,
    RemoveAlias,
    SetCatchall,
    SetRedirect,
    SiteFacts,
    SwitchFilter,
    SwitchHttps,
)
from hostdeck.core.errors import NotYet, Permanent
from hostdeck.core.steps.base import item_step
from hostdeck.core.steps.item import F, ItemStep


class _Settings(ItemStep[F]):
    """They come and go with what they are of."""

    def prepare(self) -> None:
        super().prepare()
        self._ours = True

    def make(self, found: F) -> tuple[Change, ...]:
        raise Permanent(
            f"{self.world.server}: account '{self.args.user}' has no {self.args.kind} {self.args.domain}; bring it "
            f"back first: hostdeck service redeploy {self.args.domain}"
        )

    def drop(self, found: F) -> tuple[Change, ...]:
        return ()


@item_step(ItemKind.WEBSITE)
class EnsureWebsite(_Settings[SiteFacts]):
    flush = (Service.WEB_BACKEND, Service.WEB, Service.PROXY)

    @property
    def wanted(self) -> WebsiteSpec:
        return cast(WebsiteSpec, self.item.wanted)

    def question(self) -> AskSite:
        return AskSite(self.args.user, self.args.domain)

    def stands(self, found: SiteFacts) -> bool:
        return found.exists

    def adjust(self, found: SiteFacts) -> tuple[Change, ...]:
        user, domain, wanted = self.args.user, self.args.domain, self.wanted
        changes: list[Change] = []
        if wanted.php is not None:
            template = f"PHP-{wanted.php.replace('.', '_')}" if wanted.php else "default"
            if found.backend != template:
                changes.append(ChangeBackend(user, domain, template))
        if wanted.proxy is not None and found.proxy != wanted.proxy:
            changes.append(ChangeProxy(user, domain, wanted.proxy))
        if wanted.aliases is not None:
            gone = [alias for alias in found.aliases if alias not in wanted.aliases]
            changes += [RemoveAlias(user, domain, alias) for alias in gone]
            new = [alias for alias in wanted.aliases if alias not in found.aliases]
            changes += [AddAlias(user, domain, alias) for alias in new]
        changes += self._redirect(found)
        if changes and not found.ssl:
            return tuple(changes)  # what needs no certificate waits for none
        changes += self._https(found)
        return tuple(changes)

    def _redirect(self, found: SiteFacts) -> list[Change]:
        wanted = self.wanted
        if wanted.redirect is None:
            return []
        if not wanted.redirect:
            return [DropRedirect(self.args.user, self.args.domain)] if found.redirect else []
        code = wanted.redirect_code or "301"
        if (found.redirect, found.redirect_code) == (wanted.redirect, code):
            return []
        return [SetRedirect(self.args.user, self.args.domain, wanted.redirect, code)]

    def _https(self, found: SiteFacts) -> list[Change]:
        switches: list[Change] = []
        both: tuple[tuple[Literal["force", "hsts"], bool | None, bool], ...] = (
            ("force", self.wanted.force_https, found.force_https),
            ("hsts", self.wanted.hsts, found.hsts),
        )
        for what, on, is_on in both:
            if on is None or on == is_on:
                continue
            if on and not found.ssl:
                raise NotYet(f"{self.args.domain} has no certificate yet; HTTPS can't be made the only way before")
            switches.append(SwitchHttps(self.args.user, self.args.domain, what, on))
        return switches

    def known(self, found: SiteFacts) -> dict[str, Any]:
        return asdict(found)

    def blank(self) -> SiteFacts:
        """What a deployment leaves: the site, its certificate, everything else by default."""
        return SiteFacts(exists=True, ssl=True, backend="default", proxy="default")

    def given(self, found: SiteFacts, earlier: Sequence[Change]) -> SiteFacts:
        """A site that is built before comes with other names of its own."""
        found = super().given(found, earlier)
        for change in earlier:
            if isinstance(change, AddWebDomain) and change.domain == self.args.domain:
                found = replace(found, aliases=change.aliases)
        return found

    def expect(self, found: SiteFacts, changes: Sequence[Change]) -> SiteFacts:
        for change in changes:
            match change:
                case ChangeBackend(template=template):
                    found = replace(found, backend=template)
                case ChangeProxy(template=template):
                    found = replace(found, proxy=template)
                case AddAlias(alias=alias):
                    found = replace(found, aliases=(*found.aliases, alias))
                case RemoveAlias(alias=alias):
                    found = replace(found, aliases=tuple(one for one in found.aliases if one != alias))
                case SetRedirect(target=target, code=code):
                    found = replace(found, redirect=target, redirect_code=code)
                case DropRedirect():
                    found = replace(found, redirect="", redirect_code="")
                case SwitchHttps(what="force", on=on):
                    found = replace(found, force_https=on)
                case SwitchHttps(on=on):
                    found = replace(found, hsts=on)
        return found


@item_step(ItemKind.MAIL_DOMAIN)
class EnsureMailSettings(_Settings[MailDomainFacts]):
    @property
    def wanted(self) -> MailDomainSpec:
        return cast(MailDomainSpec, self.item.wanted)

    def question(self) -> AskMailSettings:
        return AskMailSettings(self.args.user, self.args.domain)

    def stands(self, found: MailDomainFacts) -> bool:
        return found.exists

    def adjust(self, found: MailDomainFacts) -> tuple[Change, ...]:
        user, domain, wanted = self.args.user, self.args.domain, self.wanted
        changes: list[Change] = []
        if wanted.catchall and wanted.catchall != found.catchall:
            changes.append(SetCatchall(user, domain, wanted.catchall, bool(found.catchall)))
        if wanted.catchall == "" and found.catchall:
            changes.append(DropCatchall(user, domain))
        if wanted.antispam is not None and wanted.antispam != found.antispam:
            changes.append(SwitchFilter(user, domain, "antispam", wanted.antispam))
        if wanted.antivirus is not None and wanted.antivirus != found.antivirus:
            changes.append(SwitchFilter(user, domain, "antivirus", wanted.antivirus))
        return tuple(changes)

    def known(self, found: MailDomainFacts) -> dict[str, Any]:
        return asdict(found)

    def blank(self) -> MailDomainFacts:
        return MailDomainFacts(exists=True, antispam=True, antivirus=True)

    def expect(self, found: MailDomainFacts, changes: Sequence[Change]) -> MailDomainFacts:
        for change in changes:
            match change:
                case SetCatchall(address=address):
                    found = replace(found, catchall=address)
                case DropCatchall():
                    found = replace(found, catchall="")
                case SwitchFilter(what="antispam", on=on):
                    found = replace(found, antispam=on)
                case SwitchFilter(on=on):
                    found = replace(found, antivirus=on)
        return found
