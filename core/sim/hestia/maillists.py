"""Listings of mail domains and of their keys (`hestia.md` 7)."""

from __future__ import annotations

from hostdeck.core.sim.hestia import checks, format
from hostdeck.core.sim.hestia.args import Args
from hostdeck.core.sim.hestia.machine import Machine
from hostdeck.core.sim.hestia.mail import row_of
from hostdeck.core.sim.hestia.words import words

ONE = words(
    "ANTIVIRUS ANTISPAM DKIM CATCHALL ACCOUNTS RATE_LIMIT REJECT U_DISK SSL LETSENCRYPT SUSPENDED TIME "
    "DATE WEBMAIL_ALIAS WEBMAIL U_SMTP_RELAY U_SMTP_RELAY_HOST U_SMTP_RELAY_PORT U_SMTP_RELAY_USERNAME"
)
MANY = words(
    "ANTIVIRUS ANTISPAM REJECT RATE_LIMIT DKIM CATCHALL ACCOUNTS U_DISK SSL SUSPENDED TIME DATE WEBMAIL_ALIAS WEBMAIL"
)
_TIGHT = ("WEBMAIL", "U_SMTP_RELAY", "U_SMTP_RELAY_HOST", "U_SMTP_RELAY_PORT", "U_SMTP_RELAY_USERNAME")


def show(machine: Machine, args: Args) -> str:
    name, domain = args[1] or machine.root, args[2]
    checks.valid(user=name, domain=domain)
    row = dict(row_of(machine.user(name), domain))
    if args[3] != "json":
        return ""
    alias = machine.conf("WEBMAIL_ALIAS")
    row["WEBMAIL_ALIAS"] = f"{alias}.{row['DOMAIN']}"
    return format.listing([(row["DOMAIN"], format.pick(row, ONE))], close="        }", tight=_TIGHT)


def show_all(machine: Machine, args: Args) -> str:
    """WEBMAIL_ALIAS is the bare prefix here (`hestia.md` 7)."""
    name = args[1] or machine.root
    checks.valid(user=name)
    rows = [{**row, "WEBMAIL_ALIAS": machine.conf("WEBMAIL_ALIAS")} for row in machine.user(name).mail]
    return format.listing((row["DOMAIN"], format.pick(row, MANY)) for row in rows) if args[2] == "json" else ""


def show_dkim(machine: Machine, args: Args) -> str:
    """The private key is a row of A's: nothing here ever signs."""
    name, domain = args[1] or machine.root, args[2]
    checks.valid(user=name, domain=domain)
    user = machine.user(name)
    row_of(user, domain)
    if args[3] != "json":
        return ""
    public = user.dkim.get(domain, "")
    wrapped = "\\n".join(public[at : at + 64] for at in range(0, len(public), 64))
    pem = f"-----BEGIN PRIVATE KEY-----\\n{'A' * 64}\\n-----END PRIVATE KEY-----" if public else ""
    pub = f"-----BEGIN PUBLIC KEY-----\\n{wrapped}\\n-----END PUBLIC KEY-----" if public else ""
    return f'{{\n\t"{domain}": {{\n        "PEM": "{pem}",\n        "PUB": "{pub}"\n\t}}\n}}\n'


def show_dkim_dns(machine: Machine, args: Args) -> str:
    """The value stands in single quotes; without a key it says so and still exits 0 (`hestia.md` 7)."""
    name, domain = args[1] or machine.root, args[2]
    checks.valid(user=name, domain=domain)
    user = machine.user(name)
    row_of(user, domain)
    key = user.dkim.get(domain, "DKIM-SUPPORT-IS-NOT-ACTIVATED")
    if args[3] == "plain":
        return f'mail._domainkey\t3600\tIN\tTXT\t"v=DKIM1; k=rsa; p={key}"\n'
    if args[3] != "json":
        return ""
    text = f"'v=DKIM1; k=rsa; p={key}'"
    pad = " " * 12
    return f'{{\n\n\t"mail._domainkey": {{\n{pad}"TTL": "3600",\n{pad}"TXT": "{text}"\n\t}}\n}}\n'
