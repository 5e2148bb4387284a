"""Certificates of web and mail domains; Let's Encrypt with an outcome set per node (`hestia.md` 6.2)."""

from __future__ import annotations

from datetime import datetime, timedelta

from hostdeck.core.sim.hestia import checks, domains, format, mail, web
from hostdeck.core.sim.hestia.args import Args
from hostdeck.core.sim.hestia.book import Row, User
from hostdeck.core.sim.hestia.machine import Machine, count, not_suspended
from hostdeck.core.sim.hestia.refused import CONNECT, EXISTS, NOT_EXIST, Refused
from hostdeck.core.sim.hestia.words import words

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


def install(machine: Machine, user: User, row: Row, names: list[str], issuer: str) -> None:
    if row["SSL"] != "yes":
        count(user, "U_WEB_SSL")
    row["SSL"] = "yes"
    user.certificates[row["DOMAIN"]] = make(machine, names, issuer)


def add(machine: Machine, args: Args) -> None:
    """SSL_DIR holds DOMAIN.crt and DOMAIN.key."""
    name, domain, folder, home, how = args[1] or machine.root, args[2], args[3], args.absent(4, "same"), args[5]
    checks.valid(user=name, domain=domain, restart=how)
    machine.enabled("WEB_SYSTEM")
    user = machine.active_user(name)
    row = web.row_of(user, domain)
    not_suspended(user.web, "web", "DOMAIN", domain)
    if row["SSL"] == "yes":
        raise Refused(EXISTS, "SSL=yes already exists")
    for kind in ("crt", "key"):
        if machine.files.read(f"{folder}/{domain}.{kind}") is None:
            raise Refused(NOT_EXIST, f"{folder}/{domain}.{kind} not found")
    row["SSL_HOME"] = home or "same"
    install(machine, user, row, [domain, *filter(None, row["ALIAS"].split(","))], f"CN = {domain}")
    web.live(machine, how)


def delete(machine: Machine, args: Args) -> None:
    name, domain, how = args[1] or machine.root, args[2], args[3]
    checks.valid(user=name, domain=domain, restart=how)
    machine.enabled("WEB_SYSTEM")
    user = machine.active_user(name)
    row = web.row_of(user, domain)
    not_suspended(user.web, "web", "DOMAIN", domain)
    _needs_ssl(row)
    row |= {"SSL": "no", "SSL_FORCE": "no", "LETSENCRYPT": "no"}
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
    _order(machine, names)
    if machine.letsencrypt == "issue":
        install(machine, user, row, names, "C = US, O = Let's Encrypt, CN = R11")
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
