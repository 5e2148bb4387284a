"""The managed keys of `hestia.conf`: what each is, which nodes it is for, and how a new value takes effect.

Out of `hestia.md` 10. A key whose value alone would change nothing goes by its own command; one that would break a
running panel, or that only the installer may choose, is refused with the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hostdeck.core.domain.config_values import (
    ADDRESSES,
    ANY,
    LABEL,
    LANGUAGE,
    MAIL_ADDRESS,
    NAME,
    TEXT,
    TRUE_FALSE,
    YES_NO,
    Values,
    is_sendable,
    one_of,
    whole,
)
from hostdeck.core.domain.text import safe
from hostdeck.core.domain.vocabulary import Target
from hostdeck.core.errors import Invalid

Command = tuple[str, ...]
RAW = "v-change-sys-config-value"

SECRET_KEYS = frozenset({"SERVER_SMTP_PASSWD", "PHPMYADMIN_KEY"})
"""Never read, shown or set (`hestia.md` 14.26)."""


@dataclass(frozen=True, slots=True)
class ConfigKey:
    """`default` is a fresh installation's. `own` makes the command that applies a value where the raw one would not;
    `refused` says why a key can't be managed, empty where it can."""

    key: str
    label: str
    target: Target
    default: str
    values: Values
    hint: str = ""
    own: Callable[[str], Command] | None = None
    refused: str = ""

    def command(self, value: str) -> Command:
        """The command and its arguments that set the value. An empty one goes raw: the keys' own commands want a
        name."""
        if self.own is not None and value:
            return self.own(value)
        return (RAW, self.key, value)


_A, _W, _M, _D = Target.ALL, Target.WEB, Target.MAIL, Target.DNS


def _yes(key: str, label: str, default: str, hint: str = "", target: Target = _A) -> ConfigKey:
    return ConfigKey(key, label, target, default, YES_NO, hint)


def _true(key: str, label: str, default: str, hint: str = "", target: Target = _A) -> ConfigKey:
    return ConfigKey(key, label, target, default, TRUE_FALSE, hint)


def _no(key: str, label: str, target: Target, default: str, why: str) -> ConfigKey:
    return ConfigKey(key, label, target, default, ANY, "", None, why)


def _api(kind: str) -> Callable[[str], Command]:
    def command(value: str) -> Command:
        return ("v-change-sys-api", "enable" if value in ("yes", "1") else "disable", kind)

    return command


INSTALLED = "chosen when the node is installed; changing the key on a running node breaks it"
PORTS = (
    "the server's own Listen lines don't follow it: templates would name a port on which nothing answers. Change it on "
    "the node, then rebuild its domains there"
)
NEVER = "the panel's own; Hestia's updates and commands set it"

CATALOGUE: tuple[ConfigKey, ...] = (
    ConfigKey("LANGUAGE", "Language", _A, "en", LANGUAGE, "must be installed on the node",
              lambda value: ("v-change-sys-language", value)),
    ConfigKey("THEME", "Theme", _A, "dark", NAME, "dark, default, flat, vestia, or one of your own"),
    ConfigKey("LOGIN_STYLE", "Login page", _A, "default", one_of("default", "old")),
    ConfigKey("INACTIVE_SESSION_TIMEOUT", "Session timeout", _A, "60", whole(1, 10080), "minutes"),
    ConfigKey("API", "Legacy API", _A, "no", YES_NO, "by v-change-sys-api, which opens the API's file too",
              _api("legacy")),
    ConfigKey("API_SYSTEM", "API with access keys", _A, "0", one_of("0", "1"), "by v-change-sys-api", _api("api")),
    ConfigKey("API_ALLOWED_IP", "API allowed from", _A, "", ADDRESSES),
    _true("DEBUG_MODE", "Debug mode", "false"),
    _yes("DISABLE_IP_CHECK", "No IP check of sessions", "no"),
    _yes("HIDE_DOCS", "Hide documentation", "no"),
    _yes("ENFORCE_SUBDOMAIN_OWNERSHIP", "Names below a domain are its owner's", "yes",
         "with yes, sold names need a node that does not host the parent"),
    ConfigKey("APP_NAME", "Panel name", _A, "Hestia Control Panel", TEXT),
    ConfigKey("TITLE", "Page title", _A, "{{page}} - {{hostname}} - {{appname}}", TEXT),
    ConfigKey("SUBJECT_EMAIL", "Subject of its mails", _A, "{{subject}}", TEXT),
    ConfigKey("BACKUP_MODE", "Backup compression", _A, "zstd", one_of("zstd", "gzip"), "from the next backup on"),
    ConfigKey("BACKUP_GZIP", "Compression level", _A, "4", whole(1, 19), "above 9 with zstd only"),
    _yes("BACKUP_INCREMENTAL", "Incremental backups", "no"),
    _true("UPGRADE_SEND_EMAIL", "Mail about updates", "true"),
    _true("UPGRADE_SEND_EMAIL_LOG", "Mail the update log", "false"),
    _true("POLICY_SYSTEM_ENABLE_BACON", "Bacon mode", "false"),
    _yes("POLICY_SYSTEM_HIDE_SERVICES", "Hide server settings", "no", "from administrators who are not the first"),
    _yes("POLICY_SYSTEM_PASSWORD_RESET", "Password reset", "no"),
    _yes("POLICY_SYSTEM_PROTECTED_ADMIN", "Protect the first administrator", "no"),
    _yes("POLICY_SYSTEM_HIDE_ADMIN", "Hide the first administrator", "no"),
    _yes("POLICY_USER_CHANGE_THEME", "Users choose a theme", "yes"),
    _yes("POLICY_USER_DELETE_LOGS", "Users delete logs", "yes"),
    _yes("POLICY_USER_EDIT_DETAILS", "Users edit their details", "yes"),
    _yes("POLICY_USER_EDIT_DNS_TEMPLATES", "Users choose DNS templates", "yes"),
    _yes("POLICY_USER_EDIT_WEB_TEMPLATES", "Users choose web templates", "yes"),
    _yes("POLICY_USER_VIEW_LOGS", "Users see logs", "yes"),
    _yes("POLICY_USER_VIEW_SUSPENDED", "Suspended users log in", "no", "changes what suspending locks"),
    _yes("POLICY_BACKUP_SUSPENDED_USERS", "Back up suspended users", "no", "from the next backup on"),
    ConfigKey("POLICY_CSRF_STRICTNESS", "CSRF strictness", _A, "1", one_of("0", "1", "2")),
    _no("DISK_QUOTA", "Disk quota", _A, "no", "switch it with v-add-sys-quota on the node: it changes the file system"),
    _no("RESOURCES_LIMIT", "Resource limits", _A, "no", "switch it with v-add-sys-cgroups on the node"),
    _yes("POLICY_SYNC_ERROR_DOCUMENTS", "Sync error pages", "yes", "at the next rebuild", _W),
    _yes("POLICY_SYNC_SKELETON", "Sync skeleton", "yes", "at the next rebuild", _W),
    _yes("DOMAINDIR_WRITABLE", "Domain folder writable", "no", "for domains added from then on", _W),
    ConfigKey("DB_PMA_ALIAS", "phpMyAdmin path", _W, "phpmyadmin", NAME, "by v-change-sys-db-alias, reloads",
              lambda value: ("v-change-sys-db-alias", "pma", value)),
    ConfigKey("DB_PGA_ALIAS", "phpPgAdmin path", _W, "phppgadmin", NAME, "by v-change-sys-db-alias, reloads",
              lambda value: ("v-change-sys-db-alias", "pga", value)),
    _no("WEB_PORT", "Web server port", _W, "8080", PORTS),
    _no("WEB_SSL_PORT", "Web server TLS port", _W, "8443", PORTS),
    _no("PROXY_PORT", "Proxy port", _W, "80", PORTS),
    _no("PROXY_SSL_PORT", "Proxy TLS port", _W, "443", PORTS),
    _no("WEB_BACKEND", "PHP backend", _W, "php-fpm", INSTALLED),
    _no("WEB_SYSTEM", "Web server", _W, "apache2", INSTALLED),
    _no("PROXY_SYSTEM", "Proxy", _W, "nginx", INSTALLED),
    _no("WEB_RGROUPS", "Web server's groups", _W, "www-data", INSTALLED),
    _no("WEB_SSL", "Web server's TLS", _W, "mod_ssl", INSTALLED),
    _no("DB_SYSTEM", "Databases", _W, "mysql", INSTALLED),
    _no("FTP_SYSTEM", "FTP server", _W, "vsftpd", INSTALLED),
    _no("STATS_SYSTEM", "Statistics", _W, "awstats", INSTALLED),
    ConfigKey("WEBMAIL_ALIAS", "Webmail host", _M, "webmail", LABEL, "by v-change-sys-webmail: does every mail domain",
              lambda value: ("v-change-sys-webmail", value)),
    _true("USE_SERVER_SMTP", "Panel mails by SMTP", "false", "host and password are set on the node", _M),
    ConfigKey("FROM_EMAIL", "Panel mails from", _M, "", MAIL_ADDRESS, "empty: noreply at the host name"),
    ConfigKey("FROM_NAME", "Panel mails' sender", _M, "", TEXT, "empty: the panel name"),
    _no("MAIL_SYSTEM", "Mail server", _M, "exim4", INSTALLED),
    _no("IMAP_SYSTEM", "IMAP server", _M, "dovecot", INSTALLED),
    _no("SIEVE_SYSTEM", "Sieve", _M, "", INSTALLED),
    ConfigKey("ANTISPAM_SYSTEM", "Spam filter", _M, "spamassassin", one_of("spamassassin", "spamd", empty=True),
              "a flag: the daemon must be there and exim set up for it"),
    ConfigKey("ANTIVIRUS_SYSTEM", "Virus filter", _M, "", one_of("clamav-daemon", empty=True),
              "a flag: the daemon must be there and exim set up for it"),
    _no("WEBMAIL_SYSTEM", "Webmail", _M, "roundcube", "use v-add-sys-roundcube or v-add-sys-snappymail on the node"),
    _no("SERVER_SMTP_PASSWD", "SMTP password", _M, "", "a secret; use v-add-sys-smtp on the node"),
    *(_no(f"SERVER_SMTP_{word}", f"SMTP {word.lower()}", _M, "", "set as one with its password: v-add-sys-smtp")
      for word in ("HOST", "PORT", "SECURITY", "USER", "ADDR")),
    *(_no(key, "SMTP relay", _M, "", "set as one with its password: v-add-sys-smtp-relay")
      for key in ("SMTP_RELAY", "SMTP_RELAY_HOST", "SMTP_RELAY_PORT", "SMTP_RELAY_USER")),
    ConfigKey("DNS_CLUSTER_SYSTEM", "DNS cluster kind", _D, "hestia", one_of("hestia", "hestia-zone"),
              "hestia-zone is what DNSSEC needs"),
    _no("DNS_CLUSTER", "DNS cluster", _D, "",
        "v-add-remote-dns-host and v-delete-remote-dns-host set it; alone it fills a queue that nobody empties"),
    _no("DNSSEC", "DNSSEC", _D, "", "no key of the node: zones are signed one by one"),
    _no("DNS_SYSTEM", "DNS server", _D, "bind9", INSTALLED),
    _no("BACKEND_PORT", "Panel port", _A, "8083", "use v-change-sys-port on the node"),
    *(_no(key, "Panel", _A, "", NEVER) for key in (
        "VERSION", "RELEASE_BRANCH", "ROOT_USER", "BACKUP_SYSTEM", "CRON_SYSTEM", "FIREWALL_SYSTEM",
        "FIREWALL_EXTENSION", "FILE_MANAGER", "WEB_TERMINAL", "WEB_TERMINAL_PORT", "DEMO_MODE", "REPOSITORY",
        "UPDATE_AVAILABLE", "BACKUP", "PLUGIN_APP_INSTALLER", "PLUGIN_FILE_MANAGER", "PMA_RESTRICT_ACCESS",
    )),
    _no("PHPMYADMIN_KEY", "phpMyAdmin key", _W, "", "a secret of the node's own"),
)  # fmt: skip

BY_KEY: dict[str, ConfigKey] = {spec.key: spec for spec in CATALOGUE}
ALIASES = {"DB_PGADMIN_ALIAS": "DB_PGA_ALIAS", "FROM_EXIM": "FROM_EMAIL"}
"""Names that are told of and that Hestia does not know (`hestia.md` 14.20)."""

MANAGED = tuple(spec for spec in CATALOGUE if not spec.refused)


def known_key(typed: str) -> ConfigKey:
    """The key of that name; Invalid [CFG_KEY] where Hestia has none that can be managed by that name."""
    name = typed.strip().upper()
    spec = BY_KEY.get(ALIASES.get(name, name))
    if spec is None:
        raise Invalid(
            "key",
            f"'{safe(typed)}' is no key of hestia.conf that can be managed; 'hostdeck group keys' lists them",
            "CFG_KEY",
        )
    return spec


def check_pair(typed: str, value: str, target: Target) -> ConfigKey:
    """The key, if a group may set it to this for these nodes. Invalid: [CFG_KEY] no such key, [CFG_REFUSED] with the
    reason, [CFG_TARGET] names the right category, [CFG_VALUE] what is accepted."""
    spec = known_key(typed)
    if spec.refused:
        raise Invalid("key", f"{spec.key} is not set from here: {spec.refused}", "CFG_REFUSED")
    if spec.target is not target:
        raise Invalid("key", f"{spec.key} is a key of category {spec.target}, not {target}", "CFG_TARGET")
    if not is_sendable(value):
        raise Invalid("value", f"{spec.key}: Hestia takes no ' \" | and no line break in a value", "CFG_VALUE")
    if (not value and not spec.values.empty) or (value and not spec.values.accepts(value)):
        raise Invalid("value", f"{spec.key}: '{safe(value)}' is not accepted; use {spec.values.words}", "CFG_VALUE")
    return spec
