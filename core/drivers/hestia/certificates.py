"""Certificates of one's own, as Hestia takes them: from a folder with files of the domain's name (`hestia.md` 6.2)."""

from __future__ import annotations

from dataclasses import replace

from hostdeck.core.drivers import changes as tell
from hostdeck.core.drivers.guard import GuardStep, Scratch
from hostdeck.core.drivers.hestia import scripts
from hostdeck.core.drivers.hestia.argv import Steps, act
from hostdeck.core.drivers.hestia.layout import Layout

FOLDER = Scratch("tls")


def install(change: tell.InstallCertificate, at: Layout) -> Steps:
    """`v-update-*-ssl` leaves Let's Encrypt's mark, with which the next renewal would put its own in place of ours, and
    the chain of the one before: there the old one is taken away first. Nothing is reloaded in between by us; of a
    website's the node itself may reload its server once, which then serves it without TLS for a second or two."""
    kind = "mail" if change.mail else "web"
    chain = () if change.chain is None else (change.chain,)
    files = (*scripts.BASH, scripts.CERTIFICATE_FILES, "certificate-files", FOLDER, change.domain)
    steps = [GuardStep((*files, change.certificate, change.key, *chain), looks=True)]
    if change.anew:
        steps.append(_delete(kind, change.user, change.domain, at))
    if change.stands and not change.anew:
        steps.append(act(at, f"v-update-{kind}-domain-ssl", change.user, change.domain, FOLDER, "no"))
    else:
        home = () if change.mail else ("same",)
        steps.append(act(at, f"v-add-{kind}-domain-ssl", change.user, change.domain, FOLDER, *home, "no"))
    if change.anew and change.forced:
        steps.append(act(at, "v-add-web-domain-ssl-force", change.user, change.domain, "no"))
    if change.anew and change.hsts:
        steps.append(act(at, "v-add-web-domain-ssl-hsts", change.user, change.domain, "no"))
    return (*(replace(step, accept="0") for step in steps[:-1]), steps[-1])


def remove(change: tell.RemoveCertificate, at: Layout) -> Steps:
    return (_delete("mail" if change.mail else "web", change.user, change.domain, at),)


def _delete(kind: str, user: str, domain: str, at: Layout) -> GuardStep:
    return act(at, f"v-delete-{kind}-domain-ssl", user, domain, "no")
