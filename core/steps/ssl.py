"""A Let's Encrypt certificate, once the names resolve to the node."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hostdeck.core.domain.acme import MOST_NAMES, NEVER_PUBLIC
from hostdeck.core.domain.action_args import CertificateArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.findings import (
    CertificateAsked,
    CertificateIssued,
    CertificateSeen,
    CertificateUnsent,
    Finding,
    Partly,
)
from hostdeck.core.domain.vocabulary import Role
from hostdeck.core.drivers.changes import IssueCertificate
from hostdeck.core.drivers.language import AskCertificate, CertificateFacts, Change, Owner, Service
from hostdeck.core.drivers.site import SetRedirect, SwitchHttps
from hostdeck.core.errors import NotMeant, NotYet, Permanent, StepError, Transient
from hostdeck.core.steps.base import Step, World, step

RENEW_BEFORE = timedelta(days=30)
"""Hestia's nightly job renews earlier, at 31 days: what is nearer to its end than this was not renewed."""


@step(Action.SSL_SEED)
class EnsureCertificate(Step[CertificateArgs, CertificateFacts]):
    """Each run of Hestia's own command orders a certificate, so it is sent only when none is valid, every name
    resolves and the authority's limits leave room. It exits 0 even where the install failed, so only the listing
    counts (`hestia.md` 6.2)."""

    flush: tuple[Service, ...] = (Service.WEB, Service.PROXY)

    def __init__(self, args: CertificateArgs, world: World) -> None:
        super().__init__(args, world)
        self._mail = args.kind == "mail"
        if self._mail:
            self.flush = (*self.flush, Service.MAIL)
        self._nameservers: tuple[tuple[str, str], ...] = ()
        self._needed = self._hosts = args.hosts
        self._more: tuple[str, ...] = ()
        self._late: dict[str, str] = {}
        self._reported: tuple[str, ...] = ()
        self._stood: CertificateFacts | None = None

    def prepare(self) -> None:
        if self.world.own_certificate(Role(self.args.kind)):
            raise NotMeant(f"{self.args.domain} has a certificate of its own for {self.args.kind}: that one stays")
        self._nameservers = self.world.nameservers()
        if not self._mail and (names := self.world.site_names()) is not None:
            self._choose(names)

    def _choose(self, names: tuple[str, ...]) -> None:
        """Names that were added to the site are asked for once there is a certificate, which none of them holds up; one
        of the order's that was taken off the site can't be asked for."""
        args = self.args
        self._needed = tuple(host for host in args.hosts if host == args.domain or host in names)
        more = (name for name in names if name not in args.hosts and not name.endswith(NEVER_PUBLIC))
        self._more = tuple(more)[: MOST_NAMES - len(self._needed)]

    async def wait_for_world(self) -> None:
        domain = self.args.domain
        if domain.endswith(NEVER_PUBLIC):
            raise NotMeant(f"{domain} is a reserved name: it never resolves in public, so nobody certifies it")
        if late := await self._unready(self._needed):
            raise NotYet(f"waiting for DNS: {next(iter(late.values()))}")
        self._late = await self._unready(self._more)

    async def _unready(self, hosts: tuple[str, ...]) -> dict[str, str]:
        """Those that do not resolve to the node yet, and why. All of our nameservers come before the public view: a
        name asked too early is remembered as missing by resolvers."""
        late = await self._asked_of_ours(tuple(host for host in hosts if self._is_in_zone(host)))
        for host in hosts:
            if host in late:
                continue
            found = await self.world.resolve(host)
            if self.args.ip not in found:
                late[host] = f"in public {host} resolves {_shown(found)}, not to {self.args.ip}"
        return late

    def _is_in_zone(self, host: str) -> bool:
        return host == self.args.domain or host.endswith(f".{self.args.domain}")

    async def _asked_of_ours(self, hosts: tuple[str, ...]) -> dict[str, str]:
        places = [(name, ip, host) for name, ip in self._nameservers for host in hosts]
        answers = await asyncio.gather(*(self.world.ask_nameserver(ip, host) for _, ip, host in places))
        late: dict[str, str] = {}
        for (name, ip, host), found in zip(places, answers, strict=True):
            if found is None:
                late.setdefault(host, f"{name} ({ip}) does not answer for {host}; if it is out, disable it")
            elif self.args.ip not in found:
                where = f"{name} ({ip}) resolves {host} {_shown(found)}, not to {self.args.ip}"
                late.setdefault(host, where + ("" if found else self._missing(host)))
        return late

    def _missing(self, host: str) -> str:
        """The order's own names stand in the zone from the beginning."""
        if host not in self._more:
            return ""
        label = host.removesuffix(f".{self.args.domain}")
        return f"; put it there: hostdeck service add record {self.args.domain} {label} A {self.args.ip}"

    def owner(self) -> Owner:
        return Owner(self.args.user, self.args.mark)

    def question(self) -> AskCertificate:
        return AskCertificate(self.args.user, self.args.domain, self._mail)

    def decide(self, found: CertificateFacts) -> tuple[Change, ...]:
        args = self.args
        self._stood = self._stood or found
        if not found.exists:
            what = f"{args.kind} domain {args.domain} of user {args.user}"
            raise Transient(f"{self.world.server}: there is no {what}; redeploy the service, then retry this step")
        valid = found.not_after is not None and found.not_after - datetime.now(UTC) > RENEW_BEFORE
        stands = found.ssl and valid
        first = self._mail_hosts(found.webmail) if self._mail else self._had(found)
        self._hosts = self._with_more(first, found) if stands else first
        if found.ssl and not found.letsencrypt and found.not_after is not None:
            return ()  # somebody's own
        if stands and (self._covers(found) or self._reported == first):
            return self._wait_for_the_rest(found)
        if stands and any(host.startswith("*.") for host in found.hosts):
            rest = ", ".join(host for host in self._hosts if not _is_named(host, found))
            whole = f"{args.domain} has a certificate for all names below it, which was made on {self.world.server}"
            raise NotMeant(f"{whole}: that one stays, and {rest} is not on it")
        if self._reported:
            until = f"{found.not_after:%Y-%m-%d}" if found.not_after else "-"
            raise Transient(
                f"{self.world.server}: Hestia reported a certificate for {', '.join(self._hosts)}, but it is not "
                f"installed (SSL is {'on' if found.ssl else 'off'}, valid until {until}); its log on the node says "
                f"why: /var/log/hestia/LE-{args.user}-{args.domain}*"
            )
        aliases = () if self._mail else tuple(host for host in self._hosts if host != args.domain)
        return (IssueCertificate(args.user, args.domain, aliases, self._mail),)

    def _had(self, found: CertificateFacts) -> tuple[str, ...]:
        """Of the order's names those that the site has: Hestia asks for no others."""
        return tuple(host for host in self._needed if host == self.args.domain or host in found.aliases)

    def _with_more(self, first: tuple[str, ...], found: CertificateFacts) -> tuple[str, ...]:
        """With the names that resolve by now."""
        for name in self._more:
            if name not in found.aliases:
                self._late[name] = f"the site on {self.world.server} does not have that name yet"
        return (*first, *(name for name in self._more if name not in self._late))

    def _covers(self, found: CertificateFacts) -> bool:
        """Hestia renews a certificate for the names that it is for, whatever names the site has got since."""
        return self._mail or not found.hosts or all(_is_named(host, found) for host in self._hosts)

    def _wait_for_the_rest(self, found: CertificateFacts) -> tuple[Change, ...]:
        rest = {name: self._late.get(name, "it is asked for next") for name in self._more if not _is_named(name, found)}
        if rest and found.hosts:
            why = next(iter(rest.values()))
            raise Partly(f"certified for all but {', '.join(rest)}: {why}", self.learn(found))
        return ()

    def _mail_hosts(self, webmail: str | None) -> tuple[str, ...]:
        """Hestia asks for the webmail host on its own where the domain has one, and for nothing else."""
        if webmail is not None and webmail not in self.args.hosts:
            raise Permanent(
                f"{self.world.server}: the webmail of {self.args.domain} is {webmail} there, which is not in our zone; "
                f"set WEBMAIL_ALIAS to 'webmail' on the node, then retry this step"
            )
        mail = f"mail.{self.args.domain}"
        return (mail, webmail) if webmail else (mail,)

    def before(self, changes: tuple[Change, ...]) -> tuple[Finding, ...]:
        return (CertificateAsked(self._account, self._hosts),) if changes else ()

    def leave(self, found: CertificateFacts) -> tuple[Change, ...]:
        """Hestia takes the way to HTTPS and a redirect off the site before it asks; before 1.9.5 nobody puts them back
        where that fails."""
        was, user, domain = self._stood, self.args.user, self.args.domain
        back: list[Change] = []
        if was is not None and was.forced and found.ssl and not found.forced:
            back.append(SwitchHttps(user, domain, "force", True))
        if was is not None and was.redirect is not None and found.redirect is None:
            back.append(SetRedirect(user, domain, *was.redirect))
        return tuple(back)

    def after(
        self, changes: tuple[Change, ...], trouble: StepError | None, found: CertificateFacts
    ) -> tuple[Finding, ...]:
        """Exit 3 comes before the order: a name does not resolve there (`hestia.md` 6.2)."""
        if not changes:
            return ()
        self._reported = self._hosts if trouble is None else ()
        if isinstance(trouble, NotYet):
            return (CertificateUnsent(self._account, self._hosts),)
        return (CertificateIssued(self._account, self._hosts),) if trouble is None else ()

    def unsent(self, changes: tuple[Change, ...]) -> tuple[Finding, ...]:
        return (CertificateUnsent(self._account, self._hosts),) if changes else ()

    @property
    def _account(self) -> str:
        return f"{self.world.server}/{self.args.user}"

    def learn(self, found: CertificateFacts) -> tuple[Finding, ...]:
        if found.not_after is None:
            return ()
        also = (host for host in found.hosts if host not in self._hosts)
        hosts = (*(host for host in self._hosts if host in found.hosts), *also) or self._hosts
        seen = CertificateSeen(found.issuer, found.not_after, hosts)
        # An answer that was lost on its way: the certificate is there, so its order was not a failure.
        return (seen, CertificateIssued(self._account, self._hosts)) if found.letsencrypt else (seen,)

    def blank(self) -> CertificateFacts:
        """The domain is there by then with all its names, without a certificate."""
        webmail = f"webmail.{self.args.domain}" if self._mail else None
        return CertificateFacts(True, False, False, None, None, webmail, aliases=(*self._needed, *self._more))

    def is_foreseen(self, changes: tuple[Change, ...]) -> bool:
        """Which of the added names resolve by then no plan can know."""
        return not any(name in self._hosts for name in self._more)

    def expect(self, found: CertificateFacts, changes: Sequence[Change]) -> CertificateFacts:
        if not changes:
            return found
        until = datetime.now(UTC) + timedelta(days=90)
        return replace(found, ssl=True, letsencrypt=True, not_after=until, hosts=self._hosts)


def _is_named(host: str, found: CertificateFacts) -> bool:
    return host in found.hosts or f"*.{host.partition('.')[2]}" in found.hosts


def _shown(found: frozenset[str]) -> str:
    return f"to {', '.join(sorted(found))}" if found else "to nothing yet"
