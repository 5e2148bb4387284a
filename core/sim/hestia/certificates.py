"""Certificates of web and mail domains; Let's Encrypt with an outcome set per node (`hestia.md` 6.2)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime, timedelta

from hostdeck.core.sim.hestia import checks, domains, format, mail, web
from hostdeck.core.sim.hestia.args import Args
from hostdeck.core.sim.hestia.book import Row, User
from hostdeck.core.sim.hestia.machine import Machine, count, not_suspended
from hostdeck.core.sim.hestia.refused import CONNECT, EXISTS, INVALID, NOT_EXIST, Refused
from hostdeck.core.sim.hestia.words import words
from hostdeck.core.sim.reply import Reply

KEYS = words("CRT KEY CA SUBJECT ALIASES NOT_BEFORE NOT_AFTER SIGNATURE PUB_KEY ISSUER")
_KEY = "-----BEGIN PRIVATE KEY-----\\n" + "A" * 64 + "\\n-----END PRIVATE KEY-----"
_CRT = "-----BEGIN CERTIFICATE-----\\n" + "A" * 64 + "\\n-----END CERTIFICATE-----"


def _openssl(moment: datetime) -> str:
    return moment.strftime("%b ") + f"{moment.day:2d}" + moment.strftime(" %H:%M:%S %Y GMT")


def make(machine: Machine, names: list[str], issuer: str) -> Row:
    """What v-list-web-domain-ssl prints of a certificate of 90 days."""
    now = machine.clock()
    row = {"CRT": _CRT, "KEY": _KEY, "CA": "", "SUBJECT": names[0], "ALIASES": ",".join(names)}
    row |= {"NOT_BEFORE": _openssl(now), "NOT_AFTER": _openssl(now + timedelta(days=90))}
    return row | {"SIGNATURE": "sha256WithRSAEncryption", "PUB_KEY": "2048 bit", "ISSUER": issuer}


def files(machine: Machine, words: Sequence[str]) -> Reply:
    """The fixed text `certificate-files FOLDER DOMAIN CERTIFICATE KEY [CHAIN]`."""
    folder, domain, *scratch = words
    for path, kind in zip(scratch, ("crt", "key", "ca"), strict=False):
        text = machine.files.read(path)
        if text is None:
            return Reply(1, "", f"{path}: No such file or directory\n")
        machine.files.write(f"{folder}/{domain}.{kind}", base64.b64decode(text).decode())
    return Reply(0)


def _given(machine: Machine, folder: str, domain: str, names: list[str]) -> Row:
    """What lies in SSL_DIR. Only what is no PEM at all, as in the recordings' stand-ins, is taken at its word."""
    text = {kind: machine.files.read(f"{folder}/{domain}.{kind}") for kind in ("crt", "key", "ca")}
    for kind in ("crt", "key"):
        if text[kind] is None:
            raise Refused(NOT_EXIST, f"{folder}/{domain}.{kind} not found")
    crt, key, chain = text["crt"] or "", text["key"] or "", text["ca"] or ""
    if "-----BEGIN" not in crt:
        return make(machine, names, f"CN = {domain}")
    # Here, because a stub node's commands start anew each time and most have nothing to do with certificates.
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        leaf = x509.load_pem_x509_certificate(crt.encode())
        same = leaf.public_key() == load_pem_private_key(key.encode(), None).public_key()
        above = x509.load_pem_x509_certificates(chain.encode()) if chain else []
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Refused(INVALID, "SSL Certificate is not valid") from None
    if not same:
        raise Refused(INVALID, "SSL Key is not valid")
    if above and above[0].subject != leaf.issuer:
        raise Refused(NOT_EXIST, "SSL intermediate chain is not valid")
    named = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    row = {"CRT": _escaped(crt), "KEY": _escaped(key), "CA": _escaped(chain), "SUBJECT": leaf.subject.rfc4514_string()}
    row |= {"ALIASES": ",".join(named.get_values_for_type(x509.DNSName))}
    row |= {"NOT_BEFORE": _openssl(leaf.not_valid_before_utc), "NOT_AFTER": _openssl(leaf.not_valid_after_utc)}
    row |= {"SIGNATURE": "sha256WithRSAEncryption", "PUB_KEY": "2048 bit", "ISSUER": leaf.issuer.rfc4514_string()}
    return row


def _escaped(pem: str) -> str:
    return pem.replace("\n", "\\n")


def install(user: User, row: Row, certificate: Row) -> None:
    if row["SSL"] != "yes":
        count(user, "U_WEB_SSL")
    row["SSL"] = "yes"
    user.certificates[row["DOMAIN"]] = certificate


def _web_names(row: Row) -> list[str]:
    return [row["DOMAIN"], *filter(None, row["ALIAS"].split(","))]


def add(machine: Machine, args: Args) -> None:
    """SSL_DIR holds DOMAIN.crt and DOMAIN.key, and the chain in DOMAIN.ca."""
    name, domain, folder, home, how = args[1] or machine.root, args[2], args[3], args.absent(4, "same"), args[5]
    checks.valid(user=name, domain=domain, restart=how)
    machine.enabled("WEB_SYSTEM")
    user = machine.active_user(name)
    row = web.row_of(user, domain)
    not_suspended(user.web, "web", "DOMAIN", domain)
    if row["SSL"] == "yes":
        raise Refused(EXISTS, "SSL=yes already exists")
    certificate = _given(machine, folder, domain, _web_names(row))
    row["SSL_HOME"] = home or "same"
    install(user, row, certificate)
    web.live(machine, how)


def update(machine: Machine, args: Args) -> None:
    """Leaves LETSENCRYPT as it was, and the chain where no new one is given."""
    name, domain, folder, how = args[1] or machine.root, args[2], args[3], args[4]
    checks.valid(user=name, domain=domain, restart=how)
    machine.enabled("WEB_SYSTEM")
    user = machine.active_user(name)
    row = web.row_of(user, domain)
    not_suspended(user.web, "web", "DOMAIN", domain)
    _needs_ssl(row)
    _replace(user, domain, _given(machine, folder, domain, _web_names(row)))
    web.live(machine, how)


def _replace(user: User, held: str, certificate: Row) -> None:
    user.certificates[held] = certificate | {"CA": certificate["CA"] or user.certificates.get(held, {}).get("CA", "")}


def add_mail(machine: Machine, args: Args) -> None:
    """The files are called after the domain, although what they are for is mail.DOMAIN."""
    user, row, domain, folder = _mail_row(machine, args)
    if row["SSL"] == "yes":
        raise Refused(EXISTS, "SSL=yes already exists")
    user.certificates[f"mail.{domain}"] = _given(machine, folder, domain, [f"mail.{domain}"])
    row["SSL"] = "yes"
    count(user, "U_MAIL_SSL")


def update_mail(machine: Machine, args: Args) -> None:
    user, row, domain, folder = _mail_row(machine, args)
    _needs_ssl(row)
    user.certificates[f"mail.{domain}"] = _given(machine, folder, domain, [f"mail.{domain}"])


def delete_mail(machine: Machine, args: Args) -> None:
    user, row, domain, _ = _mail_row(machine, args)
    _needs_ssl(row)
    row |= {"SSL": "no", "LETSENCRYPT": "no"}
    user.certificates.pop(f"mail.{domain}", None)
    count(user, "U_MAIL_SSL", -1)


def _mail_row(machine: Machine, args: Args) -> tuple[User, Row, str, str]:
    name, domain = args[1] or machine.root, domains.normal(args[2])
    checks.valid(user=name, domain=domain)
    machine.enabled("MAIL_SYSTEM")
    user, row = mail.active(machine, name, domain)
    return user, row, domain, args[3]


def delete(machine: Machine, args: Args) -> None:
    name, domain, how = args[1] or machine.root, args[2], args[3]
    checks.valid(user=name, domain=domain, restart=how)
    machine.enabled("WEB_SYSTEM")
    user = machine.active_user(name)
    row = web.row_of(user, domain)
    not_suspended(user.web, "web", "DOMAIN", domain)
    _needs_ssl(row)
    row |= {"SSL": "no", "SSL_FORCE": "no", "SSL_HSTS": "no", "LETSENCRYPT": "no"}
    user.certificates.pop(domain, None)
    count(user, "U_WEB_SSL", -1)
    web.live(machine, how)


def _needs_ssl(row: Row) -> None:
    if row["SSL"] != "yes":
        raise Refused(NOT_EXIST, f"SSL={row['SSL']} doesn't exist")


def _order(machine: Machine, names: list[str]) -> None:
    """The CA's side: `unresolved` 3, `fail` 15, `issue` and `lose` a certificate."""
    if machine.letsencrypt in ("issue", "lose"):
        return
    if machine.letsencrypt == "unresolved":
        raise Refused(NOT_EXIST, f"{names[0]} does not resolve to this server")
    raise Refused(CONNECT, "Let's Encrypt acc registration failed ")


def letsencrypt(machine: Machine, args: Args) -> None:
    """No test for a certificate already there: each run orders one (`hestia.md` 6.2)."""
    name, domain, aliases, on_mail = args[1] or machine.root, args[2], args[3], args[4].replace(" ", "")
    checks.valid(user=name, domain=domain, aliases=aliases)
    user = machine.active_user(name)
    checks.valid(mail=on_mail)
    if on_mail == "yes":
        _, row = mail.active(machine, name, domain)
        names = [f"mail.{domain}"] + [f"{machine.conf('WEBMAIL_ALIAS')}.{domain}"] * bool(row["WEBMAIL"])
        _order(machine, names)
        row["LETSENCRYPT"] = "yes"
        if machine.letsencrypt == "lose":
            return
        row["SSL"] = "yes"
        user.certificates[f"mail.{domain}"] = make(machine, names, "C = US, O = Let's Encrypt, CN = R11")
        return
    machine.enabled("WEB_SYSTEM")
    row = web.row_of(user, domain)
    not_suspended(user.web, "web", "DOMAIN", domain)
    wanted = [alias for alias in aliases.split(",") if alias]
    missing = sorted(alias for alias in wanted if alias not in row["ALIAS"].split(","))
    if missing and aliases != f"*.{domain}":
        raise Refused(NOT_EXIST, f"domain alias {missing[0]} doesn't exist")
    names = [domain, *wanted]
    # Off while the authority looks; up to 1.9.4 nobody puts them back where it refuses.
    stood: Row = {key: row[key] for key in ("SSL_FORCE", "REDIRECT", "REDIRECT_CODE") if key in row}
    row |= {"SSL_FORCE": "no"} if stood.get("SSL_FORCE") == "yes" else {}
    row |= {key: "" for key in stood if key.startswith("REDIRECT")}
    _order(machine, names)
    row |= stood
    if machine.letsencrypt == "issue":
        install(user, row, make(machine, names, "C = US, O = Let's Encrypt, CN = R11"))
    row["LETSENCRYPT"] = "yes"
    web.live(machine, "")


def show(machine: Machine, args: Args) -> str:
    name, domain = args[1] or machine.root, args[2]
    checks.valid(user=name, domain=domain)
    user = machine.user(name)
    web.row_of(user, domain)
    return _shown(user, domain, domain, args[3])


def show_mail(machine: Machine, args: Args) -> str:
    name, domain = args[1] or machine.root, domains.normal(args[2])
    checks.valid(user=name, domain=domain)
    user = machine.user(name)
    mail.row_of(user, domain)
    return _shown(user, f"mail.{domain}", domain, args[3])


def _shown(user: User, held: str, domain: str, wanted: str) -> str:
    if wanted != "json":
        return ""
    row = user.certificates.get(held, {})
    text = format.listing([(domain, format.pick(row, KEYS))], close="\t}")
    return text.replace(f'    "{domain}": {{', f'\t"{domain}": {{', 1)
