"""Which command does what: function, usage line, least arguments, whether it changes the node."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hostdeck.core.sim.hestia import (
    backups,
    certificates,
    cronjobs,
    databases,
    dns,
    ftp,
    lifecycle,
    mail,
    mailboxes,
    maillists,
    packages,
    pair,
    records,
    services,
    settings,
    sysconfig,
    system,
    templates,
    userlists,
    users,
    web,
)
from hostdeck.core.sim.hestia.args import Args
from hostdeck.core.sim.hestia.defaults import BACKEND_TEMPLATES, PROXY_TEMPLATES, WEB_TEMPLATES
from hostdeck.core.sim.hestia.machine import Machine
from hostdeck.core.sim.reply import Reply

Run = Callable[[Machine, Args], Reply | str | None]


@dataclass(frozen=True)
class Command:
    """One `v-*` command. `secret` is the place of an argument that no log may keep; `first` runs before the count."""

    run: Run
    usage: str
    least: int
    changes: bool
    secret: int = 0
    first: Run | None = None


def _reads(run: Run, usage: str = "[FORMAT]") -> Command:
    return Command(run, usage, _least(usage), changes=False)


def _acts(run: Run, usage: str, *, secret: int = 0, first: Run | None = None) -> Command:
    return Command(run, usage, _least(usage), True, secret, first)


def _least(usage: str) -> int:
    return len([word for word in usage.split() if not word.startswith("[")])


_U = "USER [FORMAT]"
_D = "USER DOMAIN"
_DF = "USER DOMAIN [FORMAT]"
_DR = "USER DOMAIN [RESTART]"
_A = "USER DOMAIN ACCOUNT"
_B = "USER DATABASE"
_RESTART = "[RESTART]"

_PACKAGES = {
    "v-list-user-package": _reads(packages.show, "PACKAGE [FORMAT]"),
    "v-list-user-packages": _reads(packages.show_all),
    "v-add-user-package": _acts(packages.add, "PKG_DIR PACKAGE"),
    "v-copy-user-package": _acts(packages.copy, "PACKAGE NEW_PACKAGE"),
    "v-update-user-package": _acts(packages.update, "PACKAGE"),
    "v-delete-user-package": _acts(packages.delete, "PACKAGE"),
}
_USERS = {
    "v-list-user": _reads(userlists.show, _U),
    "v-list-users": _reads(userlists.show_all),
    "v-list-sys-users": _reads(userlists.system_users),
    "v-list-user-ns": _reads(userlists.servers, _U),
    "v-list-user-ips": _reads(userlists.ips, _U),
    "v-get-user-value": _reads(users.value, "USER KEY"),
    "v-check-user-password": Command(users.check_password, "USER PASSWORD [IP] [RETURN_HASH]", 2, False, secret=2),
    "v-add-user": _acts(users.add, "USER PASSWORD EMAIL [PACKAGE] [NAME] ", secret=2),
    "v-add-user-sftp-jail": _acts(users.add_jail, "USER"),
    "v-change-user-package": _acts(users.change_package, "USER PACKAGE [FORCE]"),
    "v-change-user-contact": _acts(users.change_contact, "USER EMAIL"),
    "v-change-user-name": _acts(users.change_name, "USER NAME [LAST_NAME]"),
    "v-change-user-password": _acts(users.change_password, "USER [PASSWORD]", secret=2),
    "v-change-user-shell": _acts(users.change_shell, "USER SHELL"),
    "v-change-user-language": _acts(users.change_language, "USER LANGUAGE"),
    "v-change-user-ns": _acts(users.change_ns, "USER NS1 NS2 [NS3] [NS4] [NS5] [NS6] [NS7] [NS8]"),
    "v-suspend-user": _acts(lifecycle.suspend, "USER [RESTART]"),
    "v-unsuspend-user": _acts(lifecycle.unsuspend, "USER [RESTART]"),
    "v-delete-user": _acts(lifecycle.delete, "USER [RESTART]"),
    "v-update-user-counters": _acts(lifecycle.update_counters, "[USER]"),
    **{
        f"v-update-{what}": _acts(system.user_only, "USER")
        for what in ("user-disk", "user-stats", "web-domains-disk", "mail-domains-disk", "databases-disk")
    },
    "v-rebuild-user": _acts(system.user_only, "USER [RESTART]"),
    "v-search-domain-owner": _reads(system.domain_owner, "DOMAIN [TYPE]"),
}
_WEB = {
    "v-list-web-domain": _reads(web.show, _DF),
    "v-list-web-domains": _reads(web.show_all, _U),
    "v-list-web-domain-ssl": _reads(certificates.show, _DF),
    "v-add-web-domain": _acts(web.add, "USER DOMAIN [IP] [RESTART] [ALIASES] [PROXY_EXTENSIONS]", first=web.needs_web),
    "v-delete-web-domain": _acts(web.delete, _DR),
    "v-suspend-web-domain": _acts(web.suspend, _DR),
    "v-unsuspend-web-domain": _acts(web.unsuspend, _DR),
    "v-suspend-web-domains": _acts(lifecycle.each(web.set_suspended, "web", "no", "yes"), "USER [RESTART]"),
    "v-unsuspend-web-domains": _acts(lifecycle.each(web.set_suspended, "web", "yes", "no"), "USER [RESTART]"),
    "v-add-web-domain-alias": _acts(web.add_alias, "USER DOMAIN ALIASES [RESTART]", first=web.needs_alias),
    "v-delete-web-domain-alias": _acts(web.delete_alias, "USER DOMAIN DOM_ALIAS [RESTART]"),
    "v-change-web-domain-tpl": _acts(web.change_template("TPL"), "USER DOMAIN TEMPLATE [RESTART]"),
    "v-change-web-domain-backend-tpl": _acts(web.change_template("BACKEND"), "USER DOMAIN TEMPLATE [RESTART]"),
    "v-change-web-domain-proxy-tpl": _acts(web.change_template("PROXY"), "USER DOMAIN TEMPLATE [EXTENTIONS] [RESTART]"),
    "v-change-web-domain-name": _acts(web.rename, "USER DOMAIN NEW_DOMAIN [RESTART]"),
    "v-add-web-domain-allow-users": _acts(web.allow_users("yes"), _D),
    "v-delete-web-domain-allow-users": _acts(web.allow_users("no"), _D),
    "v-rebuild-web-domain": _acts(system.web_only, _DR),
    "v-rebuild-web-domains": _acts(system.user_only, "USER [RESTART]"),
    "v-add-web-domain-ssl": _acts(certificates.add, "USER DOMAIN SSL_DIR [SSL_HOME] [RESTART]"),
    "v-update-web-domain-ssl": _acts(certificates.update, "USER DOMAIN SSL_DIR [RESTART]"),
    "v-add-web-domain-ssl-force": _acts(settings.https("SSL_FORCE", "yes"), _DR),
    "v-delete-web-domain-ssl-force": _acts(settings.https("SSL_FORCE", "no"), _DR),
    "v-add-web-domain-ssl-hsts": _acts(settings.https("SSL_HSTS", "yes"), _DR),
    "v-delete-web-domain-ssl-hsts": _acts(settings.https("SSL_HSTS", "no"), _DR),
    "v-add-web-domain-redirect": _acts(settings.redirect, "USER DOMAIN REDIRECT [HTTPCODE] [RESTART]"),
    "v-delete-web-domain-redirect": _acts(settings.delete_redirect, _DR),
    "v-delete-web-domain-ssl": _acts(certificates.delete, _DR),
    "v-add-letsencrypt-domain": _acts(certificates.letsencrypt, "USER DOMAIN [ALIASES] [MAIL]"),
    "v-add-web-domain-ftp": _acts(ftp.add, "USER DOMAIN FTP_USER FTP_PASSWORD [FTP_PATH]", secret=4),
    "v-delete-web-domain-ftp": _acts(ftp.delete, "USER DOMAIN FTP_USER"),
    "v-change-web-domain-ftp-password": _acts(ftp.change_password, "USER DOMAIN FTP_USER FTP_PASSWORD", secret=4),
    "v-change-web-domain-ftp-path": _acts(ftp.change_path, "USER DOMAIN FTP_USER FTP_PATH"),
    "v-add-domain": _acts(pair.add, "USER DOMAIN [IP] [RESTART]"),
    "v-delete-domain": _acts(pair.delete, _DR),
}
_MAIL = {
    "v-list-mail-domain": _reads(maillists.show, _DF),
    "v-list-mail-domains": _reads(maillists.show_all, _U),
    "v-list-mail-domain-dkim": _reads(maillists.show_dkim, _DF),
    "v-list-mail-domain-dkim-dns": _reads(maillists.show_dkim_dns, _DF),
    "v-list-mail-domain-ssl": _reads(certificates.show_mail, _DF),
    "v-add-mail-domain-ssl": _acts(certificates.add_mail, "USER DOMAIN SSL_DIR [RESTART]"),
    "v-update-mail-domain-ssl": _acts(certificates.update_mail, "USER DOMAIN SSL_DIR [RESTART]"),
    "v-delete-mail-domain-ssl": _acts(certificates.delete_mail, _D),
    "v-add-mail-domain": _acts(
        mail.add, "USER DOMAIN [ANTISPAM] [ANTIVIRUS] [DKIM] [DKIM_SIZE] [RESTART] [REJECT_SPAM]"
    ),
    "v-delete-mail-domain": _acts(mail.delete, _D),
    "v-suspend-mail-domain": _acts(mail.suspend, _D),
    "v-unsuspend-mail-domain": _acts(mail.unsuspend, _DR),
    "v-suspend-mail-domains": _acts(lifecycle.each(mail.set_suspended, "mail", "no", "yes"), "USER"),
    "v-unsuspend-mail-domains": _acts(lifecycle.each(mail.set_suspended, "mail", "yes", "no"), "USER"),
    "v-add-mail-domain-dkim": _acts(mail.add_dkim, "USER DOMAIN [DKIM_SIZE]"),
    "v-delete-mail-domain-dkim": _acts(mail.delete_dkim, _D),
    "v-add-mail-domain-catchall": _acts(mail.set_catchall, "USER DOMAIN EMAIL"),
    "v-delete-mail-domain-catchall": _acts(settings.delete_catchall, _D),
    "v-add-mail-domain-antispam": _acts(settings.mail_filter("ANTISPAM", "yes"), _D),
    "v-delete-mail-domain-antispam": _acts(settings.mail_filter("ANTISPAM", "no"), _D),
    "v-add-mail-domain-antivirus": _acts(settings.mail_filter("ANTIVIRUS", "yes"), _D),
    "v-delete-mail-domain-antivirus": _acts(settings.mail_filter("ANTIVIRUS", "no"), _D),
    "v-add-mail-domain-webmail": _acts(mail.webmail, "USER DOMAIN [WEBMAIL] [RESTART]"),
    "v-list-mail-account": _reads(mailboxes.show, "USER DOMAIN ACCOUNT [FORMAT]"),
    "v-list-mail-accounts": _reads(mailboxes.show_all, _DF),
    "v-add-mail-account": _acts(mailboxes.add, "USER DOMAIN ACCOUNT PASSWORD [QUOTA]", secret=4),
    "v-delete-mail-account": _acts(mailboxes.delete, _A),
    "v-suspend-mail-account": _acts(mailboxes.suspend, _A),
    "v-unsuspend-mail-account": _acts(mailboxes.unsuspend, _A),
    "v-change-mail-account-password": _acts(mailboxes.change_password, "USER DOMAIN ACCOUNT PASSWORD", secret=4),
    "v-change-mail-account-quota": _acts(mailboxes.change_quota, "USER DOMAIN ACCOUNT QUOTA"),
    "v-add-mail-account-alias": _acts(mailboxes.add_alias, "USER DOMAIN ACCOUNT ALIAS"),
    "v-delete-mail-account-alias": _acts(mailboxes.delete_alias, "USER DOMAIN ACCOUNT ALIAS"),
    "v-add-mail-account-forward": _acts(mailboxes.add_forward, "USER DOMAIN ACCOUNT FORWARD"),
    "v-delete-mail-account-forward": _acts(mailboxes.delete_forward, "USER DOMAIN ACCOUNT FORWARD"),
    "v-add-mail-account-autoreply": _acts(mailboxes.set_autoreply, "USER DOMAIN ACCOUNT MESSAGE"),
    "v-delete-mail-account-autoreply": _acts(mailboxes.delete_autoreply, _A),
    "v-add-mail-account-fwd-only": _acts(mailboxes.add_forward_only, _A),
    "v-delete-mail-account-fwd-only": _acts(mailboxes.delete_forward_only, _A),
}
_DNS = {
    "v-list-dns-domain": _reads(dns.show, _DF),
    "v-list-dns-domains": _reads(dns.show_all, _U),
    "v-list-dns-records": _reads(records.show, _DF),
    "v-add-dns-domain": _acts(dns.add, "USER DOMAIN IP [NS1] [NS2] [NS3] [..] [NS8] [RESTART]"),
    "v-add-dns-on-web-alias": _acts(dns.add_for_alias, "USER ALIAS IP [RESTART]"),
    "v-delete-dns-domain": _acts(dns.delete, _DR),
    "v-suspend-dns-domain": _acts(dns.suspend, _DR),
    "v-unsuspend-dns-domain": _acts(dns.unsuspend, _D),
    "v-suspend-dns-domains": _acts(lifecycle.each(dns.set_suspended, "dns", "no", "yes"), "USER [RESTART]"),
    "v-unsuspend-dns-domains": _acts(lifecycle.each(dns.set_suspended, "dns", "yes", "no"), "USER [RESTART]"),
    "v-add-dns-record": _acts(
        records.add,
        "USER DOMAIN RECORD TYPE VALUE [PRIORITY] [ID] [RESTART] [TTL]",
        first=records.root_alias_first,
    ),
    "v-change-dns-record": _acts(records.change, "USER DOMAIN ID RECORD TYPE VALUE [PRIORITY] [RESTART] [TTL]"),
    "v-delete-dns-record": _acts(records.delete, "USER DOMAIN ID [RESTART]"),
    "v-suspend-dns-record": _acts(records.suspend, "USER DOMAIN ID [RESTART]"),
    "v-insert-dns-records": _acts(dns.insert_records, "USER DOMAIN DATAFILE [RESTART]"),
    "v-rebuild-dns-domain": _acts(dns.rebuild_zone, "USER DOMAIN [RESTART] [UPDATE_SERIAL]"),
    "v-change-dns-domain-ttl": _acts(dns.change("TTL"), "USER DOMAIN TTL [RESTART]"),
    "v-change-dns-domain-ip": _acts(dns.change("IP"), "USER DOMAIN IP [RESTART]"),
    "v-change-dns-domain-exp": _acts(dns.change("EXP"), "USER DOMAIN EXP"),
    "v-change-dns-domain-soa": _acts(dns.change("SOA"), "USER DOMAIN SOA [RESTART]"),
    "v-change-dns-domain-tpl": _acts(dns.change("TPL"), "USER DOMAIN TEMPLATE [RESTART]"),
    "v-sync-dns-cluster": _acts(system.cluster, "[HOST]"),
}
_OTHER = {
    "v-list-databases": _reads(databases.show_all, _U),
    "v-list-database": _reads(databases.show, "USER DATABASE [FORMAT]"),
    "v-list-database-hosts": _reads(databases.hosts),
    "v-add-database": _acts(databases.add, "USER DATABASE DBUSER DBPASS [TYPE] [HOST] [CHARSET]", secret=4),
    "v-delete-database": _acts(databases.delete, _B),
    "v-suspend-database": _acts(databases.suspend, _B),
    "v-unsuspend-database": _acts(databases.unsuspend, _B),
    "v-change-database-password": _acts(databases.change_password, "USER DATABASE DBPASS", secret=3),
    "v-change-database-user": _acts(databases.change_user, "USER DATABASE DBUSER [DBPASS]", secret=4),
    "v-list-cron-jobs": _reads(cronjobs.show_all, _U),
    "v-list-cron-job": _reads(cronjobs.show, "USER JOB [FORMAT]"),
    "v-add-cron-job": _acts(cronjobs.add, "USER MIN HOUR DAY MONTH WDAY CRON_COMMAND [JOB] [RESTART]"),
    "v-change-cron-job": Command(
        cronjobs.change, "USER JOB MIN HOUR DAY MONTH WDAY CRON_COMMAND", least=7, changes=True
    ),
    "v-delete-cron-job": _acts(cronjobs.delete, "USER JOB [RESTART]"),
    "v-suspend-cron-job": _acts(cronjobs.suspend, "USER JOB [RESTART]"),
    "v-unsuspend-cron-job": _acts(cronjobs.unsuspend, "USER JOB [RESTART]"),
    "v-list-user-backups": _reads(backups.show_all, _U),
    "v-list-user-backup": _reads(backups.show, "USER BACKUP [FORMAT]"),
    "v-list-user-backup-exclusions": _reads(backups.exclusions, _U),
    "v-schedule-user-backup": _acts(backups.schedule, "USER"),
    "v-backup-user": _acts(backups.run, "USER [NOTIFY]"),
    "v-restore-user": _acts(backups.restore, "USER BACKUP [WEB] [DNS] [MAIL] [DB] [CRON] [UDIR] [NOTIFY]"),
    "v-schedule-user-restore": _acts(backups.schedule_restore, "USER BACKUP [WEB] [DNS] [MAIL] [DB] [CRON] [UDIR]"),
    "v-delete-user-backup": _acts(backups.delete, "USER BACKUP"),
}
_SYSTEM = {
    "v-list-sys-info": _reads(system.info),
    "v-list-sys-services": _reads(system.services),
    "v-list-sys-ips": _reads(system.ips),
    "v-list-sys-ip": _reads(system.ip, "IP [FORMAT]"),
    "v-list-sys-config": _reads(system.config),
    "v-list-sys-hestia-updates": _reads(system.updates),
    "v-list-sys-themes": _reads(templates.names(())),
    "v-list-sys-php": _reads(system.php),
    "v-list-sys-shells": _reads(system.shells),
    "v-list-sys-languages": _reads(system.languages),
    "v-list-web-templates": _reads(templates.names(WEB_TEMPLATES)),
    "v-list-web-templates-backend": _reads(templates.names(BACKEND_TEMPLATES)),
    "v-list-web-templates-proxy": _reads(templates.names(PROXY_TEMPLATES)),
    "v-list-dns-templates": _reads(templates.names(tuple(templates.ZONES), "    ")),
    "v-list-database-types": _reads(templates.names(("mysql",), "    ")),
    "v-list-remote-dns-hosts": _reads(system.nothing),
    "v-add-sys-ip": _acts(system.add_ip, "IP NETMASK [INTERFACE] [USER] [IP_STATUS] [IP_NAME] [NAT_IP]"),
    "v-delete-sys-ip": _acts(system.delete_ip, "IP"),
    "v-change-sys-config-value": _acts(system.change_config, "KEY VALUE"),
    "v-change-sys-language": _acts(system.change_language, "LANGUAGE [UPDATE_USERS]"),
    "v-change-sys-webmail": _acts(sysconfig.change_webmail, "WEBMAIL [RESTART]"),
    "v-change-sys-db-alias": _acts(sysconfig.change_db_alias, "TYPE ALIAS"),
    "v-change-sys-api": _acts(sysconfig.change_api, "STATUS [METHOD]"),
    **{
        f"v-restart-{service}": _acts(services.command(service), _RESTART)
        for service in ("web", "web-backend", "proxy", "mail", "dns", "cron")
    },
    "v-restart-service": _acts(system.nothing, "SERVICE [RESTART]"),
}

COMMANDS: dict[str, Command] = {**_PACKAGES, **_USERS, **_WEB, **_MAIL, **_DNS, **_OTHER, **_SYSTEM}
