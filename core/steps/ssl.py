"""A Let's Encrypt certificate, once the names resolve to the node."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hostdeck.core.domain.acme import NEVER_PUBLIC
from hostdeck.core.domain.action_args import CertificateArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.findings import (
    CertificateAsked,
    CertificateIssued,
    CertificateSeen,
    CertificateUnsent,
    Finding,
)
from hostdeck.core.domain.vocabulary import Role
from hostdeck.core.drivers.changes import IssueCertificate
from hostdeck.core.drivers.language import AskCertificate, CertificateFacts, Change, Owner, Service
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
        self._hosts = args.hosts
        self._reported = False

    def prepare(self) -> None:
        if self.world.own_certificate(Role(self.args.kind)):
            raise NotMeant(f"{self.args.domain} has a certificate of its own for {self.args.kind}: that one stays")
        self._nameservers = self.world.nameservers()

    async def wait_for_world(self) -> None:
        args = self.args
        if args.domain.endswith(NEVER_PUBLIC):
            raise NotMeant(f"{args.domain} is a reserved name: it never resolves in public, so nobody certifies it")
        await self._ask_nameservers()
        for host in args.hosts:
            found = await self.world.resolve(host)
            if args.ip not in found:
                raise NotYet(f"waiting for DNS: in public {host} resolves {_shown(found)}, not to {args.ip}")

    async def _ask_nameservers(self) -> None:
        """All of ours before the public view: a name asked too early is remembered as missing by resolvers."""
        places = [(name, ip, host) for name, ip in self._nameservers for host in self.args.hosts]
        answers = await asyncio.gather(*(self.world.ask_nameserver(ip, host) for _, ip, host in places))
        for (name, ip, host), found in zip(places, answers, strict=True):
            if found is None:
                raise NotYet(f"waiting for DNS: {name} ({ip}) does not answer for {host}; if it is out, disable it")
            if self.args.ip not in found:
                raise NotYet(f"waiting for DNS: {name} ({ip}) resolves {host} {_shown(found)}, not to {self.args.ip}")

    def owner(self) -> Owner:
        return Owner(self.args.user, self.args.mark)

    def question(self) -> AskCertificate:
        return AskCertificate(self.args.user, self.args.domain, self._mail)

    def decide(self, found: CertificateFacts) -> tuple[Change, ...]:
        args = self.args
        if not found.exists:
            what = f"{args.kind} domain {args.domain} of user {args.user}"
            raise Transient(f"{self.world.server}: there is no {what}; redeploy the service, then retry this step")
        if self._mail:
            self._hosts = self._mail_hosts(found.webmail)
        valid = found.not_after is not None and found.not_after - datetime.now(UTC) > RENEW_BEFORE
        custom = found.ssl and not found.letsencrypt and found.not_after is not None
        if (found.ssl and valid) or custom:
            return ()
        if self._reported:
            until = f"{found.not_after:%Y-%m-%d}" if found.not_after else "-"
            raise Transient(
                f"{self.world.server}: Hestia reported a certificate for {args.domain}, but it is not installed "
                f"(SSL is {'on' if found.ssl else 'off'}, valid until {until}); its log on the node says why: "
                f"/var/log/hestia/LE-{args.user}-{args.domain}*"
            )
        aliases = () if self._mail else tuple(host for host in args.hosts if host != args.domain)
        return (IssueCertificate(args.user, args.domain, aliases, self._mail),)

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

    def after(
        self, changes: tuple[Change, ...], trouble: StepError | None, found: CertificateFacts
    ) -> tuple[Finding, ...]:
        """Exit 3 comes before the order: a name does not resolve there (`hestia.md` 6.2)."""
        if not changes:
            return ()
        self._reported = trouble is None
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
        seen = CertificateSeen(found.issuer, found.not_after)
        # An answer that was lost on its way: the certificate is there, so its order was not a failure.
        return (seen, CertificateIssued(self._account, self._hosts)) if found.letsencrypt else (seen,)

    def blank(self) -> CertificateFacts:
        """The domain is there by then, without a certificate."""
        webmail = f"webmail.{self.args.domain}" if self._mail else None
        return CertificateFacts(True, False, False, None, None, webmail)

    def expect(self, found: CertificateFacts, changes: Sequence[Change]) -> CertificateFacts:
        if not changes:
            return found
        return replace(found, ssl=True, letsencrypt=True, not_after=datetime.now(UTC) + timedelta(days=90))


def _shown(found: frozenset[str]) -> str:
    return f"to {', '.join(sorted(found))}" if found else "to nothing yet"
