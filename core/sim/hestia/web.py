"""Web domains (`hestia.md` 6.1)."""

from __future__ import annotations

from collections.abc import Callable

from hostdeck.core.sim.hestia import checks, domains, format, services, templates
from hostdeck.core.sim.hestia.args import Args
from hostdeck.core.sim.hestia.book import Row, User, found
from hostdeck.core.sim.hestia.defaults import PROXY_EXTENSIONS
from hostdeck.core.sim.hestia.machine import Machine, count, drop, is_suspended, not_suspended, one
from hostdeck.core.sim.hestia.refused import EXISTS, INVALID, NOT_EXIST, Refused
from hostdeck.core.sim.hestia.words import words
from hostdeck.core.sim.reply import Reply

_PARTS = ("public_html", "document_errors", "cgi-bin", "private", "stats", "logs")
_NOISE = "grep: warning: ? at start of expression\n" * 2
ONE = words(
    "IP IP6 DOCUMENT_ROOT U_DISK U_BANDWIDTH TPL ALIAS STATS STATS_USER SSL SSL_FORCE SSL_HSTS SSL_HOME "
    "LETSENCRYPT FTP_USER FTP_PATH AUTH_USER BACKEND PROXY PROXY_EXT FASTCGI_CACHE FASTCGI_DURATION "
    "REDIRECT REDIRECT_CODE CUSTOM_DOCROOT SUSPENDED TIME DATE"
)
_LACKING = ("SSL_FORCE", "SSL_HSTS", "FASTCGI_CACHE", "FASTCGI_DURATION", "REDIRECT", "REDIRECT_CODE", "CUSTOM_DOCROOT")
MANY = [key for key in ONE if key not in _LACKING]


def row_of(user: User, domain: str) -> Row:
    return one(user.web, "web", "DOMAIN", domain)


def folder(machine: Machine, name: str, domain: str) -> str:
    return f"{machine.homes}/{name}/web/{domain}"


def needs_web(machine: Machine, args: Args) -> None:
    """v-add-web-domain looks at WEB_SYSTEM before it counts its arguments (`hestia.md` 15)."""
    machine.enabled("WEB_SYSTEM")


def needs_alias(machine: Machine, args: Args) -> None:
    if not domains.normal_aliases(args[3]):
        raise Refused(INVALID, "Invalid alias format: empty")


def live(machine: Machine, how: str) -> None:
    services.restart(machine, "web", how)
    services.restart(machine, "proxy", how)


def _alias(machine: Machine, domain: str, aliases: str, ip: str) -> str:
    """`www.` for a registrable name, none for deeper ones; `none` means none (`hestia.md` 6.1)."""
    if aliases == "none":
        return ""
    deep = domain.count(".") > 1 and not machine.is_suffix(domain)
    names = aliases or ("" if deep else f"www.{domain}")
    own = domains.local_ip(machine, ip)
    label = machine.book.ips[own]["NAME"] if own else ""
    return f"{names},{domain.replace('.', '-')}.{label}" if label else names


def add(machine: Machine, args: Args) -> Reply:
    name, given, ip, how, extensions = args[1] or machine.root, args[2], args[3], args[4], args[6]
    domain, aliases = domains.normal(given), domains.normal_aliases(args[5])
    checks.valid(user=name, domain=domain, aliases=aliases, ip=ip, restart=how)
    user = machine.active_user(name)
    domains.room(user, "WEB_DOMAINS", len(user.web))
    if aliases != "none":
        domains.room(user, "WEB_ALIASES", len(aliases.split(",")))
    domains.is_new(machine, name, "web", f"{given},{aliases}")
    domains.not_an_ip(domain)
    domains.owns_base(machine, name, f"{domain},{aliases}")
    if ip:
        domains.check_ip(machine, name, ip)
    else:
        ip = domains.first_ip(machine, name)
    home = folder(machine, name, domain)
    if home.rstrip("/") in machine.book.folders:
        raise Refused(EXISTS, f"Web domain folder for {domain} should not exist")
    machine.book.make(home, *(f"{home}/{part}" for part in _PARTS), f"{machine.homes}/{name}/conf/web/{domain}")
    alias = _alias(machine, domain, aliases, ip)
    conf = user.values
    row = {"DOMAIN": domain, "IP": ip, "IP6": "", "CUSTOM_DOCROOT": "", "ALIAS": alias}
    row |= {"TPL": conf.get("WEB_TEMPLATE") or "default", "SSL": "no", "SSL_FORCE": "no", "SSL_HOME": "same"}
    row |= {"LETSENCRYPT": "no", "FTP_USER": "", "FTP_PATH": "", "BACKEND": "", "PROXY": "", "PROXY_EXT": ""}
    if machine.conf("WEB_BACKEND"):
        row["BACKEND"] = conf.get("BACKEND_TEMPLATE") or "default"
    if machine.conf("PROXY_SYSTEM"):
        row |= {"PROXY": conf.get("PROXY_TEMPLATE") or "default", "PROXY_EXT": extensions or PROXY_EXTENSIONS}
    row |= {"STATS": "", "STATS_USER": "", "U_DISK": "0", "U_BANDWIDTH": "0", "SUSPENDED": "no", **machine.stamp()}
    user.web.append(row)
    count_ip(machine, name, ip, 1)
    count(user, "U_WEB_DOMAINS")
    count(user, "U_WEB_ALIASES", len(alias.split(",")) if alias else 0)
    live(machine, how)
    return Reply(0, "", _NOISE)


def count_ip(machine: Machine, name: str, ip: str, by: int) -> None:
    """The address keeps a count of web domains and the names of its users."""
    own = domains.local_ip(machine, ip)
    if own is None:
        return
    row = machine.book.ips[own]
    row["U_WEB_DOMAINS"] = str(max(0, int(row["U_WEB_DOMAINS"]) + by))
    users = [one for one in row["U_SYS_USERS"].split(",") if one and one != name]
    still = any(web["IP"] == ip for web in machine.book.users[name].web)
    at = row["U_SYS_USERS"].split(",").index(name) if name in row["U_SYS_USERS"].split(",") else len(users)
    if still:
        users.insert(at, name)
    row["U_SYS_USERS"] = ",".join(users)


def remove(machine: Machine, name: str, domain: str) -> None:
    """Every line that looks like the name goes, the files of the name itself (`hestia.md` 6.1)."""
    user = machine.book.users[name]
    row = row_of(user, domain)
    for login in filter(None, row.get("FTP_USER", "").split(":")):
        machine.book.passwd.pop(login, None)
        if login in machine.book.jail:
            machine.book.jail.remove(login)
    drop(user.web, "DOMAIN", domain)
    user.certificates.pop(domain, None)
    machine.book.remove_tree(folder(machine, name, domain))
    machine.book.remove_tree(f"{machine.homes}/{name}/conf/web/{domain}")
    count_ip(machine, name, row["IP"], -1)
    count(user, "U_WEB_DOMAINS", -1)
    if row["SSL"] == "yes":
        count(user, "U_WEB_SSL", -1)
    if row["ALIAS"]:
        count(user, "U_WEB_ALIASES", -len(row["ALIAS"].split(",")))
    if row["SUSPENDED"] == "yes":
        count(user, "SUSPENDED_WEB", -1)


def delete(machine: Machine, args: Args) -> None:
    name, domain, how = args[1] or machine.root, domains.normal(args[2]), args[3]
    checks.valid(user=name, domain=domain, restart=how)
    machine.enabled("WEB_SYSTEM")
    row_of(machine.user(name), domain)
    remove(machine, name, domain)
    live(machine, how)
    services.restart(machine, "web-backend", how)


def add_alias(machine: Machine, args: Args) -> Reply:
    name, domain, how = args[1] or machine.root, domains.normal(args[2]), args[4]
    aliases = domains.normal_aliases(args[3])
    checks.valid(user=name, domain=domain, aliases=aliases, restart=how)
    machine.enabled("WEB_SYSTEM")
    user = machine.active_user(name)
    row = row_of(user, domain)
    not_suspended(user.web, "web", "DOMAIN", domain)
    domains.is_new(machine, name, "web", aliases)
    domains.owns_base(machine, name, aliases)
    alias = f"{row['ALIAS']},{aliases}" if row["ALIAS"] else aliases
    domains.room(user, "WEB_ALIASES", len(alias.split(",")))
    row["ALIAS"] = alias
    count(user, "U_WEB_ALIASES")
    live(machine, how)
    return Reply(0, "", _NOISE)


def delete_alias(machine: Machine, args: Args) -> Reply:
    name, domain, alias, how = args[1] or machine.root, args[2], args[3], args[4]
    checks.valid(user=name, domain=domain, aliases=alias, restart=how)
    machine.enabled("WEB_SYSTEM")
    user = machine.user(name)
    row = row_of(user, domain)
    names = row["ALIAS"].split(",")
    if not found([{"A": one} for one in names], "A", alias):
        raise Refused(NOT_EXIST, f"alias {alias} doesn't exist")
    row["ALIAS"] = ",".join(one for one in names if not domains.same_name(alias, one))
    count(user, "U_WEB_ALIASES", -1)
    live(machine, how)
    return Reply(0, "", _NOISE)


def rename(machine: Machine, args: Args) -> Reply:
    """v-change-web-domain-name: the old name goes, its folder moves."""
    name, domain, new, how = args[1] or machine.root, domains.normal(args[2]), domains.normal(args[3]), args[4]
    checks.valid(user=name, domain=domain, restart=how)
    checks.domain(new)
    machine.enabled("WEB_SYSTEM")
    user = machine.active_user(name)
    row = row_of(user, domain)
    not_suspended(user.web, "web", "DOMAIN", domain)
    domains.is_new(machine, name, "web", new)
    old, home = folder(machine, name, domain), folder(machine, name, new)
    machine.book.remove_tree(old)
    machine.book.make(home, *(f"{home}/{part}" for part in _PARTS))
    row["DOMAIN"] = new
    row["ALIAS"] = ",".join(alias.replace(domain, new) for alias in row["ALIAS"].split(","))
    live(machine, how)
    return Reply(0, "", _NOISE)


def set_suspended(machine: Machine, name: str, domain: str, to: str) -> None:
    user = machine.book.users[name]
    row_of(user, domain)["SUSPENDED"] = to
    count(user, "SUSPENDED_WEB", 1 if to == "yes" else -1)


def suspend(machine: Machine, args: Args) -> Reply:
    name, domain, how = args[1] or machine.root, args[2], args[3]
    checks.valid(user=name, domain=domain, restart=how)
    machine.enabled("WEB_SYSTEM")
    user = machine.user(name)
    row_of(user, domain)
    not_suspended(user.web, "web", "DOMAIN", domain)
    set_suspended(machine, name, domain, "yes")
    live(machine, how)
    return Reply(0, "", _NOISE)


def unsuspend(machine: Machine, args: Args) -> Reply:
    name, domain, how = args[1] or machine.root, args[2], args[3]
    checks.valid(user=name, domain=domain, restart=how)
    machine.enabled("WEB_SYSTEM")
    user = machine.user(name)
    row_of(user, domain)
    is_suspended(user.web, "web", "DOMAIN", domain)
    set_suspended(machine, name, domain, "no")
    live(machine, how)
    return Reply(0, "", _NOISE)


def change_template(key: str) -> Callable[[Machine, Args], Reply]:
    """v-change-web-domain-tpl, -backend-tpl and -proxy-tpl: idempotent."""
    check = {"TPL": templates.check_web, "BACKEND": templates.check_backend, "PROXY": templates.check_proxy}[key]
    system = {"TPL": "WEB_SYSTEM", "BACKEND": "WEB_BACKEND", "PROXY": "PROXY_SYSTEM"}[key]

    def run(machine: Machine, args: Args) -> Reply:
        name, domain, template = args[1] or machine.root, args[2], args[3]
        how = args[5] if key == "PROXY" else args[4]
        checks.valid(user=name, domain=domain, template=template, restart=how)
        machine.enabled(system)
        user = machine.active_user(name)
        row = row_of(user, domain)
        not_suspended(user.web, "web", "DOMAIN", domain)
        check(machine, template)
        row[key] = template
        if key == "BACKEND":
            services.restart(machine, "web-backend", how)
        live(machine, how)
        return Reply(0, "", _NOISE)

    return run


def allow_users(to: str) -> Callable[[Machine, Args], None]:
    """Lets other users have subdomains of this web domain, or not (`hestia.md` 6.1)."""

    def run(machine: Machine, args: Args) -> None:
        name, domain = args[1] or machine.root, args[2]
        checks.valid(user=name, domain=domain)
        user = machine.active_user(name)
        row = row_of(user, domain)
        not_suspended(user.web, "web", "DOMAIN", domain)
        row["ALLOW_USERS"] = to

    return run


def shown(machine: Machine, name: str, row: Row) -> Row:
    root = row.get("CUSTOM_DOCROOT") or f"{folder(machine, name, row['DOMAIN'])}/public_html/"
    return {**row, "DOCUMENT_ROOT": root}


def show(machine: Machine, args: Args) -> str:
    """The key printed is the stored name, which need not be the one asked for (`hestia.md` 3.2)."""
    name, domain = args[1] or machine.root, args[2]
    checks.valid(user=name, domain=domain)
    row = shown(machine, name, row_of(machine.user(name), domain))
    return format.listing([(row["DOMAIN"], format.pick(row, ONE))]) if args[3] == "json" else ""


def show_all(machine: Machine, args: Args) -> str:
    name = args[1] or machine.root
    checks.valid(user=name)
    rows = [shown(machine, name, row) for row in machine.user(name).web]
    if args[2] == "plain":
        return format.plain([[row["DOMAIN"], *(row.get(key, "") for key in MANY)] for row in rows])
    return format.listing((row["DOMAIN"], format.pick(row, MANY)) for row in rows) if args[2] == "json" else ""
