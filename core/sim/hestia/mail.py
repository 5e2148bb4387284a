"""Mail domains, DKIM and webmail, with the records they leave in a local zone (`hestia.md` 7)."""

from __future__ import annotations

import base64
import hashlib

from hostdeck.core.sim.hestia import checks, domains, records, services, zone
from hostdeck.core.sim.hestia.args import Args
from hostdeck.core.sim.hestia.book import Row, User
from hostdeck.core.sim.hestia.machine import Machine, count, drop, is_suspended, not_suspended, one
from hostdeck.core.sim.hestia.refused import EXISTS, INVALID, NOT_EXIST, Refused
from hostdeck.core.sim.reply import Reply

_NOISE = "grep: warning: ? at start of expression\n" * 2
_NO_ALIAS = "Error: WEBMAIL_ALIAS is not defined in hestia.conf.\n"


def row_of(user: User, domain: str) -> Row:
    return one(user.mail, "mail", "DOMAIN", domain)


def active(machine: Machine, name: str, domain: str) -> tuple[User, Row]:
    """User and mail domain, both there and not suspended."""
    machine.enabled("MAIL_SYSTEM")
    user = machine.active_user(name)
    row = row_of(user, domain)
    not_suspended(user.mail, "mail", "DOMAIN", domain)
    return user, row


def _public_key(machine: Machine, domain: str, size: str) -> str:
    """Text that looks like an RSA public key; drawn, not computed."""
    seed = f"{machine.hostname}/{domain}/{machine.draw('dkim')}"
    length = max(1, int(size or "2048") // 8)
    body = hashlib.shake_256(seed.encode()).digest(length)
    head = bytes.fromhex("30820122300d06092a864886f70d01010105000382010f003082010a0282010100")
    return base64.b64encode(head + body + bytes.fromhex("0203010001")).decode()


def _quiet_add(machine: Machine, name: str, domain: str, *values: str) -> str:
    """v-add-dns-record inside another command: a refusal is only printed (`hestia.md` 7)."""
    try:
        records.add(machine, Args((name, domain, *values)))
    except Refused as refusal:
        return refusal.line
    return ""


def _add_key(machine: Machine, name: str, row: Row, size: str) -> str:
    user, domain = machine.book.users[name], row["DOMAIN"]
    user.dkim[domain] = _public_key(machine, domain, size)
    if machine.conf("DNS_SYSTEM") and domain in user.zones:
        value = f'"v=DKIM1\\; k=rsa\\; p={user.dkim[domain]}"'
        return _quiet_add(machine, name, domain, "mail._domainkey", "TXT", value, "", "", "yes")
    return ""


def _drop_records(machine: Machine, name: str, domain: str, names: tuple[str, ...], how: str) -> str:
    out = ""
    for line in list(machine.book.users[name].zones.get(domain, [])):
        row = zone.parse(line)
        if row.get("RECORD") not in names:
            continue
        try:
            records.delete(machine, Args((name, domain, row["ID"], how)))
        except Refused as refusal:
            out += refusal.line
    return out


def add_webmail(machine: Machine, name: str, domain: str, how: str, client: str = "") -> str:
    """Sets the client and, in a local zone without one, the webmail record; refusals are printed only."""
    if not machine.conf("WEB_SYSTEM") or not machine.conf("IMAP_SYSTEM"):
        return ""
    clients = [one for one in machine.conf("WEBMAIL_SYSTEM").split(",") if one]
    client = client or (clients[-1] if clients else "")
    if client not in (*clients, "disabled"):
        return f"Error: {client} type is invalid\n"
    user, out, alias = machine.book.users[name], "", machine.conf("WEBMAIL_ALIAS")
    if not alias:
        machine.book.config["WEBMAIL_ALIAS"] = "webmail"
    elif machine.conf("DNS_SYSTEM") and domain in user.zones:
        kind, value = ("A", _address(machine, name, domain)) if alias != "mail" else ("CNAME", f"mail.{domain}.")
        label = alias if alias != "mail" else "webmail"
        there = any(zone.parse(line).get("RECORD") == label for line in user.zones[domain])
        if not there:
            out = _quiet_add(machine, name, domain, label, kind, value, "", "", how)
    row_of(user, domain)["WEBMAIL"] = client
    return out


def _address(machine: Machine, name: str, domain: str) -> str:
    row = next((row for row in machine.book.users[name].web if row["DOMAIN"] == domain), None)
    return domains.public(machine, row["IP"]) if row else domains.first_ip(machine, name)


def delete_webmail(machine: Machine, name: str, domain: str, how: str) -> str:
    if not machine.conf("WEB_SYSTEM") or not machine.conf("IMAP_SYSTEM"):
        return ""
    alias, out = machine.conf("WEBMAIL_ALIAS"), ""
    if not alias:
        out = _NO_ALIAS
    elif machine.conf("DNS_SYSTEM"):
        out = _drop_records(machine, name, domain, (alias if alias != "mail" else "webmail",), how)
    row_of(machine.book.users[name], domain)["WEBMAIL"] = ""
    return out


def add(machine: Machine, args: Args) -> Reply:
    name, given = args[1] or machine.root, args[2]
    spam, virus, dkim = args.absent(3, "yes"), args.absent(4, "yes"), args.absent(5, "yes")
    size, how, reject = args.absent(6, "2048"), args[7], args.absent(8, "no")
    domain = domains.normal(given)
    flags = {"antispam": spam, "antivirus": virus, "dkim": dkim, "dkim_size": size, "restart": how, "reject": reject}
    checks.valid(user=name, domain=domain, **flags)
    machine.enabled("MAIL_SYSTEM")
    user = machine.active_user(name)
    domains.is_new(machine, name, "mail", given)
    domains.not_an_ip(domain)
    domains.room(user, "MAIL_DOMAINS", len(user.mail))
    domains.owns_base(machine, name, domain)
    _address(machine, name, domain)
    if not machine.conf("ANTISPAM_SYSTEM"):
        spam = reject = "no"
    if not machine.conf("ANTIVIRUS_SYSTEM"):
        virus = "no"
    row = {"DOMAIN": domain, "ANTIVIRUS": virus, "ANTISPAM": spam, "REJECT": reject, "DKIM": dkim, "WEBMAIL": ""}
    row |= {"SSL": "no", "LETSENCRYPT": "no", "CATCHALL": "", "ACCOUNTS": "0"}
    row |= {"RATE_LIMIT": user.values.get("RATE_LIMIT", ""), "U_DISK": "0", "SUSPENDED": "no", **machine.stamp()}
    user.mail.append(row)
    user.mailboxes[domain] = []
    machine.book.make(f"{machine.homes}/{name}/mail/{domain}", f"{machine.homes}/{name}/conf/mail/{domain}")
    out = _add_key(machine, name, row, size) if dkim == "yes" else ""
    out += add_webmail(machine, name, domain, "no")
    count(user, "U_MAIL_DOMAINS")
    if dkim == "yes":
        count(user, "U_MAIL_DKIM")
    services.restart(machine, "web", how)
    services.restart(machine, "proxy", how)
    return Reply(0, out, _NOISE)


def remove(machine: Machine, name: str, domain: str) -> str:
    user = machine.book.users[name]
    row = row_of(user, domain)
    out = ""
    if row["DKIM"] == "yes":
        out = _drop_records(machine, name, domain, ("mail._domainkey", "_domainkey"), "")
    out += delete_webmail(machine, name, domain, "yes")
    accounts = len(user.mailboxes.pop(domain, []))
    user.dkim.pop(domain, None)
    drop(user.mail, "DOMAIN", domain)
    machine.book.remove_tree(f"{machine.homes}/{name}/mail/{domain}")
    machine.book.remove_tree(f"{machine.homes}/{name}/conf/mail/{domain}")
    count(user, "U_MAIL_DOMAINS", -1)
    if row["DKIM"] == "yes":
        count(user, "U_MAIL_DKIM", -1)
    count(user, "U_MAIL_ACCOUNTS", -accounts)
    if row["SUSPENDED"] == "yes":
        count(user, "SUSPENDED_MAIL", -1)
    return out


def delete(machine: Machine, args: Args) -> str:
    name, domain = args[1] or machine.root, args[2]
    checks.valid(user=name, domain=domain)
    machine.enabled("MAIL_SYSTEM")
    row_of(machine.user(name), domain)
    return remove(machine, name, domain)


def set_suspended(machine: Machine, name: str, domain: str, to: str, how: str = "yes") -> str:
    """Flags the domain and all its mailboxes: unsuspending frees those suspended one by one too (`hestia.md` 7)."""
    user = machine.book.users[name]
    out = delete_webmail(machine, name, domain, "yes") if to == "yes" else ""
    row_of(user, domain)["SUSPENDED"] = to
    for box in user.mailboxes[domain]:
        box["SUSPENDED"] = to
    count(user, "SUSPENDED_MAIL", 1 if to == "yes" else -1)
    if to == "no" and machine.conf("WEBMAIL_SYSTEM"):
        out = add_webmail(machine, name, domain, how)
    return out


def suspend(machine: Machine, args: Args) -> str:
    name, domain = args[1] or machine.root, args[2]
    checks.valid(user=name, domain=domain)
    active(machine, name, domain)
    return set_suspended(machine, name, domain, "yes")


def unsuspend(machine: Machine, args: Args) -> Reply:
    name, domain, how = args[1] or machine.root, args[2], args.absent(3, "yes")
    checks.valid(user=name, domain=domain, restart=how)
    machine.enabled("MAIL_SYSTEM")
    user = machine.user(name)
    row_of(user, domain)
    is_suspended(user.mail, "mail", "DOMAIN", domain)
    return Reply(0, set_suspended(machine, name, domain, "no", how), _NOISE)


def add_dkim(machine: Machine, args: Args) -> str:
    name, domain, size = args[1] or machine.root, args[2], args.absent(3, "2048")
    checks.valid(user=name, domain=domain, dkim_size=size)
    user, row = active(machine, name, domain)
    if row["DKIM"] not in ("", "no"):
        raise Refused(EXISTS, f"DKIM={row['DKIM']} already exists")
    out = _add_key(machine, name, row, size)
    row["DKIM"] = "yes"
    count(user, "U_MAIL_DKIM")
    return out


def delete_dkim(machine: Machine, args: Args) -> str:
    name, domain = args[1] or machine.root, args[2].lower()
    checks.valid(user=name, domain=domain)
    machine.enabled("MAIL_SYSTEM")
    user = machine.user(name)
    row = row_of(user, domain)
    if row["DKIM"] in ("", "no"):
        raise Refused(NOT_EXIST, f"DKIM={row['DKIM']} doesn't exist")
    user.dkim.pop(domain, None)
    out = _drop_records(machine, name, domain, ("mail._domainkey", "_domainkey"), "yes")
    row["DKIM"] = "no"
    count(user, "U_MAIL_DKIM", -1)
    return out


def set_catchall(machine: Machine, args: Args) -> None:
    name, domain, email = args[1] or machine.root, args[2], args[3]
    checks.valid(user=name, domain=domain, email=email)
    _, row = active(machine, name, domain)
    if row["CATCHALL"] not in ("", "no"):
        raise Refused(EXISTS, f"CATCHALL={row['CATCHALL']} already exists")
    row["CATCHALL"] = email


def webmail(machine: Machine, args: Args) -> str:
    name, domain, client, how = args[1] or machine.root, args[2], args[3], args.absent(4, "yes")
    checks.valid(user=name, domain=domain, restart=how)
    machine.enabled("WEB_SYSTEM")
    machine.enabled("IMAP_SYSTEM")
    if client and client not in (*machine.conf("WEBMAIL_SYSTEM").split(","), "disabled"):
        raise Refused(INVALID, f"{client} type is invalid")
    active(machine, name, domain)
    return add_webmail(machine, name, domain, how, client)
