"""A Let's Encrypt certificate, once the names resolve to the node."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hostdeck.core.domain.actions import Action, CertificateArgs
from hostdeck.core.drivers.language import AskCertificate, CertificateFacts, Change, IssueCertificate, Owner, Service
from hostdeck.core.errors import NotMeant, NotYet
from hostdeck.core.steps.base import Step, step

RENEW_BEFORE = timedelta(days=30)
NEVER_PUBLIC = (".test", ".example", ".invalid", ".localhost", ".local", ".onion", ".internal", ".alt")


@step(Action.SSL_SEED)
class EnsureCertificate(Step[CertificateArgs, CertificateFacts]):
    """Each run of Hestia's own command orders a certificate, so it is sent only when none is valid and every name
    resolves (`hestia.md` 6.2)."""

    flush = (Service.WEB, Service.PROXY)

    async def wait_for_world(self) -> None:
        args = self.args
        if args.domain.endswith(NEVER_PUBLIC):
            # Never asked of anybody: such names do not exist in public DNS (RFC 6761).
            raise NotMeant(f"{args.domain} is a reserved name: it never resolves in public, so nobody certifies it")
        for host in args.hosts:
            found = await self.world.resolve(host)
            if args.ip not in found:
                where = f"to {', '.join(sorted(found))}" if found else "to nothing yet"
                raise NotYet(f"waiting for DNS: {host} resolves {where}, not to {args.ip}")

    def owner(self) -> Owner:
        return Owner(self.args.user, self.args.mark)

    def question(self) -> AskCertificate:
        return AskCertificate(self.args.user, self.args.domain)

    def decide(self, found: CertificateFacts) -> tuple[Change, ...]:
        valid = found.not_after is not None and found.not_after - datetime.now(UTC) > RENEW_BEFORE
        if found.ssl and valid:
            return ()
        aliases = tuple(host for host in self.args.hosts if host != self.args.domain)
        return (IssueCertificate(self.args.user, self.args.domain, aliases),)

    def blank(self) -> CertificateFacts:
        return CertificateFacts(False, False, None)

    def expect(self, found: CertificateFacts, changes: Sequence[Change]) -> CertificateFacts:
        return CertificateFacts(True, True, datetime.now(UTC) + timedelta(days=90)) if changes else found
