"""A certificate of one's own for the website or the mail domain, in place of Let's Encrypt's."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hostdeck.core.domain.findings import Finding, OwnCertificateGone, OwnCertificateSeen
from hostdeck.core.domain.item_specs import CertificateSpec
from hostdeck.core.domain.items import ItemKind
from hostdeck.core.domain.pem import fingerprint
from hostdeck.core.domain.vocabulary import Role
from hostdeck.core.drivers.changes import InstallCertificate, RemoveCertificate
from hostdeck.core.drivers.language import AskCertificate, CertificateFacts, Change, Service
from hostdeck.core.errors import NotMeant, Permanent, Transient
from hostdeck.core.steps.base import item_step
from hostdeck.core.steps.item import ItemStep
from hostdeck.core.transport.base import Secret


@item_step(ItemKind.CERTIFICATE)
class EnsureOwnCertificate(ItemStep[CertificateFacts]):
    """Done when the node lists exactly this one, by its fingerprint, and Let's Encrypt's renewal is off. One of Let's
    Encrypt stands for nobody's wish and is replaced; another's upload is left alone."""

    keeps_secret = True
    adds = (InstallCertificate,)
    flush: tuple[Service, ...] = (Service.WEB, Service.PROXY)

    def prepare(self) -> None:
        super().prepare()
        assert isinstance(self.item.wanted, CertificateSpec)
        self._wanted = self.item.wanted
        self._mail = self._wanted.role is Role.MAIL
        self._fingerprint = fingerprint(self._wanted.certificate)
        if self._mail:
            self.flush = (*self.flush, Service.MAIL)

    def question(self) -> AskCertificate:
        return AskCertificate(self.args.user, self.args.domain, self._mail)

    def decide(self, found: CertificateFacts) -> tuple[Change, ...]:
        if self._is_wanted(found):
            # Nobody else has its key: an answer was lost on its way.
            self._ours = True
        elif self.stands(found) and found.fingerprint not in (None, self.item.known.get("fingerprint")):
            self._refuse_other(found)
        return super().decide(found)

    def _refuse_other(self, found: CertificateFacts) -> None:
        """Neither the wanted nor the one that was last installed from here: its owner has put it there."""
        where = f"{self.args.domain} on {self.world.server}"
        if self.item.removing:
            raise NotMeant(f"{where} has a certificate by now that hostdeck has not installed; it is left alone")
        raise Permanent(
            f"{where} has a certificate that hostdeck has not installed; it was left alone. Add it here with its key "
            f"(hostdeck service add certificate {self.args.domain}), or remove it there [ITEM_FOREIGN]"
        )

    def _is_wanted(self, found: CertificateFacts) -> bool:
        return found.ssl and found.fingerprint is not None and found.fingerprint == self._fingerprint

    def stands(self, found: CertificateFacts) -> bool:
        uploaded = found.ssl and found.not_after is not None and not found.letsencrypt
        return self._is_wanted(found) or uploaded

    def make(self, found: CertificateFacts) -> tuple[Change, ...]:
        if not found.exists:
            what = f"{self._wanted.role} domain {self.args.domain} of user {self.args.user}"
            raise Transient(f"{self.world.server}: there is no {what}; redeploy the service, then retry this step")
        return (self._install(found),)

    def adjust(self, found: CertificateFacts) -> tuple[Change, ...]:
        right = self._is_wanted(found) and not found.letsencrypt and found.has_chain == bool(self._wanted.chain)
        return () if right else (self._install(found),)

    def _install(self, found: CertificateFacts) -> InstallCertificate:
        wanted = self._wanted
        if wanted.not_after <= datetime.now(UTC):
            raise Permanent(
                f"the certificate kept for {self.args.domain} ran out on {wanted.not_after:%Y-%m-%d}; it was not "
                f"installed. Add a newer one, or remove it to have Let's Encrypt's [CRT_EXPIRED]"
            )
        if self.item.password is None:
            raise Permanent(f"the key for {self.args.domain} is not kept any more; add the certificate again [CRT_KEY]")
        return InstallCertificate(
            user=self.args.user,
            domain=self.args.domain,
            certificate=_line(wanted.certificate),
            key=_line(self.item.password.reveal()),
            chain=_line(wanted.chain) if wanted.chain else None,
            mail=self._mail,
            stands=found.ssl,
            anew=found.ssl and (found.letsencrypt or (found.has_chain and not wanted.chain)),
            forced=found.forced,
            hsts=found.hsts,
        )

    def drop(self, found: CertificateFacts) -> tuple[Change, ...]:
        return (RemoveCertificate(self.args.user, self.args.domain, self._mail),)

    def known(self, found: CertificateFacts) -> dict[str, Any]:
        until = found.not_after.isoformat() if found.not_after else None
        return {"fingerprint": found.fingerprint, "issuer": found.issuer, "not_after": until}

    def learn(self, found: CertificateFacts) -> tuple[Finding, ...]:
        kind, learnt = str(self._wanted.role), super().learn(found)
        if self.item.removing:
            return (*learnt, OwnCertificateGone(kind))
        assert found.not_after is not None
        return (*learnt, OwnCertificateSeen(kind, self._wanted.hosts, found.issuer, found.not_after))

    def blank(self) -> CertificateFacts:
        """The domain is there by then, without a certificate."""
        return CertificateFacts(True, False, False, None)

    def expect(self, found: CertificateFacts, changes: Sequence[Change]) -> CertificateFacts:
        if not changes:
            return found
        if self.item.removing:
            return replace(
                found, ssl=False, letsencrypt=False, not_after=None, issuer=None, fingerprint=None, has_chain=False,
                forced=False, hsts=False,
            )  # fmt: skip
        return replace(
            found, ssl=True, letsencrypt=False, not_after=self._wanted.not_after, issuer=self._wanted.issuer,
            fingerprint=self._fingerprint, has_chain=bool(self._wanted.chain),
        )  # fmt: skip


def _line(pem: str) -> Secret:
    """As the guard takes it: one line."""
    return Secret(base64.b64encode(pem.encode()).decode())
