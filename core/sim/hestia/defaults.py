"""A fresh node: configuration, the two shipped packages, templates, system accounts (recordings 01-system)."""

from __future__ import annotations

from hostdeck.core.sim.hestia.book import Row
from hostdeck.core.sim.hestia.words import words

CONFIG_KEYS = words(
    "ANTISPAM_SYSTEM ANTIVIRUS_SYSTEM API API_ALLOWED_IP API_SYSTEM APP_NAME BACKEND_PORT BACKUP "
    "BACKUP_GZIP BACKUP_INCREMENTAL BACKUP_MODE BACKUP_SYSTEM CRON_SYSTEM DB_PGA_ALIAS DB_PMA_ALIAS "
    "DB_SYSTEM DEBUG_MODE DEMO_MODE DISABLE_IP_CHECK DISK_QUOTA RESOURCES_LIMIT DNS_CLUSTER "
    "DNS_CLUSTER_SYSTEM DNS_SYSTEM ENFORCE_SUBDOMAIN_OWNERSHIP FILE_MANAGER FIREWALL_EXTENSION "
    "FIREWALL_SYSTEM FROM_EMAIL FROM_NAME FTP_SYSTEM HIDE_DOCS IMAP_SYSTEM INACTIVE_SESSION_TIMEOUT "
    "LANGUAGE LOGIN_STYLE MAIL_SYSTEM PHPMYADMIN_KEY PLUGIN_APP_INSTALLER PLUGIN_FILE_MANAGER "
    "PMA_RESTRICT_ACCESS POLICY_BACKUP_SUSPENDED_USERS POLICY_CSRF_STRICTNESS POLICY_SYNC_ERROR_DOCUMENTS "
    "POLICY_SYNC_SKELETON POLICY_SYSTEM_ENABLE_BACON POLICY_SYSTEM_HIDE_ADMIN POLICY_SYSTEM_HIDE_SERVICES "
    "POLICY_SYSTEM_PASSWORD_RESET POLICY_SYSTEM_PROTECTED_ADMIN POLICY_USER_CHANGE_THEME "
    "POLICY_USER_DELETE_LOGS POLICY_USER_EDIT_DETAILS POLICY_USER_EDIT_DNS_TEMPLATES "
    "POLICY_USER_EDIT_WEB_TEMPLATES POLICY_USER_VIEW_LOGS POLICY_USER_VIEW_SUSPENDED PROXY_PORT "
    "PROXY_SSL_PORT PROXY_SYSTEM RELEASE_BRANCH REPOSITORY ROOT_USER SERVER_SMTP_ADDR SERVER_SMTP_HOST "
    "SERVER_SMTP_PASSWD SERVER_SMTP_PORT SERVER_SMTP_SECURITY SERVER_SMTP_USER SMTP_RELAY SMTP_RELAY_HOST "
    "SMTP_RELAY_PORT SMTP_RELAY_USER STATS_SYSTEM SUBJECT_EMAIL SUPPORT_DNSSEC THEME TITLE "
    "UPDATE_AVAILABLE UPGRADE_SEND_EMAIL UPGRADE_SEND_EMAIL_LOG USE_SERVER_SMTP VERSION WEBMAIL_ALIAS "
    "WEBMAIL_SYSTEM WEB_BACKEND WEB_PORT WEB_RGROUPS WEB_SSL WEB_SSL_PORT WEB_SYSTEM WEB_TERMINAL "
    "WEB_TERMINAL_PORT"
)
"""The keys v-list-sys-config prints, in its order (`hestia.md` 10)."""

_CONFIG = {
    "ANTISPAM_SYSTEM": "spamd", "API": "no", "API_ALLOWED_IP": "", "API_SYSTEM": "0",
    "APP_NAME": "Hestia Control Panel", "BACKEND_PORT": "8083", "BACKUP_GZIP": "4", "BACKUP_INCREMENTAL": "no",
    "BACKUP_MODE": "zstd", "BACKUP_SYSTEM": "local", "CRON_SYSTEM": "cron", "DB_PMA_ALIAS": "phpmyadmin",
    "DB_SYSTEM": "mysql", "DEBUG_MODE": "false", "DISABLE_IP_CHECK": "no", "DISK_QUOTA": "no",
    "DNS_CLUSTER_SYSTEM": "hestia", "DNS_SYSTEM": "bind9", "DOMAINDIR_WRITABLE": "no",
    "ENFORCE_SUBDOMAIN_OWNERSHIP": "yes", "FILE_MANAGER": "false", "FROM_EMAIL": "", "FROM_NAME": "",
    "FTP_SYSTEM": "vsftpd", "HIDE_DOCS": "no", "IMAP_SYSTEM": "dovecot", "INACTIVE_SESSION_TIMEOUT": "60",
    "LANGUAGE": "en", "LOGIN_STYLE": "default", "MAIL_SYSTEM": "exim4", "PHPMYADMIN_KEY": "",
    "PLUGIN_APP_INSTALLER": "true", "POLICY_BACKUP_SUSPENDED_USERS": "no", "POLICY_CSRF_STRICTNESS": "1",
    "POLICY_SYNC_ERROR_DOCUMENTS": "yes", "POLICY_SYNC_SKELETON": "yes", "POLICY_SYSTEM_ENABLE_BACON": "false",
    "POLICY_SYSTEM_HIDE_SERVICES": "no", "POLICY_SYSTEM_PASSWORD_RESET": "no",
    "POLICY_SYSTEM_PROTECTED_ADMIN": "yes", "POLICY_USER_CHANGE_THEME": "yes", "POLICY_USER_DELETE_LOGS": "yes",
    "POLICY_USER_EDIT_DETAILS": "yes", "POLICY_USER_EDIT_DNS_TEMPLATES": "yes",
    "POLICY_USER_EDIT_WEB_TEMPLATES": "yes", "POLICY_USER_VIEW_LOGS": "yes", "POLICY_USER_VIEW_SUSPENDED": "no",
    "PROXY_PORT": "80", "PROXY_SSL_PORT": "443", "PROXY_SYSTEM": "nginx", "RELEASE_BRANCH": "release",
    "RESOURCES_LIMIT": "no", "ROOT_USER": "admin", "SERVER_SMTP_ADDR": "", "SERVER_SMTP_HOST": "",
    "SERVER_SMTP_PASSWD": "", "SERVER_SMTP_PORT": "", "SERVER_SMTP_SECURITY": "", "SERVER_SMTP_USER": "",
    "STATS_SYSTEM": "awstats", "SUBJECT_EMAIL": "{{subject}}", "THEME": "dark",
    "TITLE": "{{page}} - {{hostname}} - {{appname}}", "UPGRADE_SEND_EMAIL": "true",
    "UPGRADE_SEND_EMAIL_LOG": "false", "USE_SERVER_SMTP": "false", "VERSION": "", "WEBMAIL_ALIAS": "webmail",
    "WEBMAIL_SYSTEM": "roundcube", "WEB_BACKEND": "php-fpm", "WEB_PORT": "8080", "WEB_RGROUPS": "www-data",
    "WEB_SSL": "mod_ssl", "WEB_SSL_PORT": "8443", "WEB_SYSTEM": "apache2", "WEB_TERMINAL": "false",
    "WEB_TERMINAL_PORT": "8085",
}  # fmt: skip

_BY_ROLE = {
    "web": ("WEB_SYSTEM", "WEB_BACKEND", "WEB_SSL", "PROXY_SYSTEM", "FTP_SYSTEM", "STATS_SYSTEM"),
    "mail": ("MAIL_SYSTEM", "IMAP_SYSTEM", "ANTISPAM_SYSTEM", "WEBMAIL_SYSTEM"),
    "dns": ("DNS_SYSTEM",),
    "db": ("DB_SYSTEM",),
    "cron": ("CRON_SYSTEM",),
}


def config(version: str, systems: frozenset[str]) -> Row:
    """hestia.conf of a node with these roles; a subsystem that is not installed has an empty key."""
    values = {**_CONFIG, "VERSION": version}
    for role, keys in _BY_ROLE.items():
        if role not in systems:
            values.update(dict.fromkeys(keys, ""))
    return values


PACKAGE_KEYS = words(
    "WEB_TEMPLATE PROXY_TEMPLATE BACKEND_TEMPLATE DNS_TEMPLATE WEB_DOMAINS WEB_ALIASES DNS_DOMAINS "
    "DNS_RECORDS MAIL_DOMAINS MAIL_ACCOUNTS RATE_LIMIT DATABASES CRON_JOBS DISK_QUOTA CPU_QUOTA "
    "CPU_QUOTA_PERIOD MEMORY_LIMIT SWAP_LIMIT BANDWIDTH NS SHELL BACKUPS BACKUPS_INCREMENTAL"
)
"""A package file's keys in the order v-add-user-package writes them (`hestia.md` 5.1)."""

LIMITS = words(
    "WEB_DOMAINS WEB_ALIASES DNS_DOMAINS DNS_RECORDS MAIL_DOMAINS MAIL_ACCOUNTS DATABASES CRON_JOBS "
    "RATE_LIMIT DISK_QUOTA BANDWIDTH"
)

_NS = "ns1.example.net,ns2.example.net"
_DEFAULT = {
    **dict.fromkeys(PACKAGE_KEYS[:4], "default"), **dict.fromkeys(PACKAGE_KEYS[4:19], "unlimited"),
    "RATE_LIMIT": "200", "NS": _NS, "SHELL": "nologin", "BACKUPS": "1", "BACKUPS_INCREMENTAL": "no",
}  # fmt: skip


def packages() -> dict[str, Row]:
    """The packages a node is born with."""
    small = dict.fromkeys(("WEB_DOMAINS", "WEB_ALIASES", "DNS_DOMAINS", "MAIL_DOMAINS", "MAIL_ACCOUNTS"), "1")
    return {
        "default": {**_DEFAULT, "TIME": "18:00:00", "DATE": "2019-01-15"},
        "system": {**_DEFAULT, **small, "DATABASES": "0", "TIME": "00:00:00", "DATE": "2022-01-20"},
    }


SYSTEM_ACCOUNTS = words(
    "root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc nobody systemd- "
    "network sshd mysql bind ftp Debian-exim dovecot dovenull debian-spamd hestiaweb hestiamail"
)

SHELLS = {
    "bash": "/bin/bash", "dash": "/usr/bin/dash", "jailbash": "/usr/sbin/jailbash", "nologin": "/sbin/nologin",
    "rbash": "/usr/bin/rbash", "sh": "/bin/sh",
}  # fmt: skip
"""The last parts of the lines of /etc/shells and the first whole line for each."""

WEB_TEMPLATES = ("default",)
BACKEND_TEMPLATES = ("PHP-8_2", "default", "no-php", "socket")
PROXY_TEMPLATES = ("caching", "default", "hosting", "suspended")
PHP_VERSIONS = ("8.2",)

LANGUAGES = words(
    "en ar az bg bn bs ca cs da de el es et fa fi fr hr hu id it ja ka ko ku lo nl no pl pt-br pt ro ru "
    "sk sq sr sv th tr uk ur vi zh-cn zh-tw"
)

PROXY_EXTENSIONS = (
    "css,htm,html,js,mjs,json,xml,apng,avif,bmp,cur,gif,ico,jfif,jpg,jpeg,pjp,pjpeg,png,svg,tif,tiff,webp,aac,caf,"
    "flac,m4a,midi,mp3,ogg,opus,wav,3gp,av1,avi,m4v,mkv,mov,mpg,mpeg,mp4,mp4v,webm,otf,ttf,woff,woff2,doc,docx,odf,"
    "odp,ods,odt,pdf,ppt,pptx,rtf,txt,xls,xlsx,7z,bz2,gz,rar,tar,tgz,zip,apk,appx,bin,dmg,exe,img,iso,jar,msi,"
    "webmanifest"
)
