"""Names that become accounts on a node, and the names of our own objects."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from hostdeck.core.domain.text import Raw, quoted, read, safe
from hostdeck.core.errors import Conflict, Invalid

NAME_LIMIT = 64
MAILBOX_LIMIT = 64
USERNAME_LIMIT = 30

_RESERVED_LINES = (
    # Hestia's own, and the words it refuses
    "admin hestia hestiaweb hestiamail aria ib ddl performance",
    # users of every Debian and Ubuntu machine
    "root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc gnats nobody",
    "messagebus sshd syslog debian ubuntu",
    # users of what serves a hosting node
    "mysql postgres redis memcache bind named ftp vsftpd proftpd exim debian-exim dovecot dovenull vmail clamav",
    "debian-spamd spamd debian-snmp snmp ntp chrony nginx apache apache2 httpd php-fpm roundcube pdns",
    # groups: useradd makes one of the user's name
    "adm tty disk kmem dialout fax voice cdrom floppy tape sudo audio dip operator src shadow utmp video sasl",
    "plugdev staff users nogroup input sgx kvm render crontab wheel docker lxd ssl-cert sftp-only ssh",
)
RESERVED = frozenset(name for line in _RESERVED_LINES for name in line.split())


class _Rule(NamedTuple):
    """A pattern that the whole name must match, and what to say if it does not."""

    pattern: re.Pattern[str]
    text: str
    code: str


_USERNAME = (
    _Rule(re.compile(r"[^A-Z]*"), "use lower case only", "USR_CASE"),
    _Rule(re.compile(r"[a-z].*"), "must start with a letter", "USR_START"),
    _Rule(re.compile(r".*[a-z0-9]"), "must end with a letter or digit", "USR_END"),
    _Rule(re.compile(r".{2,}"), "use at least 2 characters", "USR_SHORT"),
)
_MAILBOX = (
    _Rule(re.compile(r"(?!\.)(?!.*\.\.).*(?<!\.)"), "must not start or end with '.' or contain '..'", "MBX_DOT"),
    _Rule(re.compile(r"[a-z0-9].*"), "must start with a letter or digit", "MBX_START"),
)


def check_username(raw: Raw) -> str:
    """A Hestia account's name; Invalid [USR_*] otherwise. No '_': Hestia puts it between user and database."""
    name = _characters(read(raw, "username", "USR_CHAR"), "A-Za-z0-9-", "username", "USR")
    _apply(_USERNAME, name, "username")
    if len(name) > USERNAME_LIMIT:
        raise Invalid("username", f"longer than {USERNAME_LIMIT} characters ({len(name)})", "USR_LONG")
    if name in RESERVED or name.startswith("systemd-"):
        raise Invalid("username", f"'{name}' is reserved", "USR_RESERVED")
    return name


def check_mailbox(raw: Raw) -> str:
    """The part before the '@', in lower case; Invalid [MBX_*] otherwise."""
    name = _characters(read(raw, "mailbox", "MBX_CHAR"), "A-Za-z0-9._-", "mailbox", "MBX").lower()
    _apply(_MAILBOX, name, "mailbox")
    if len(name) > MAILBOX_LIMIT:
        raise Invalid("mailbox", f"longer than {MAILBOX_LIMIT} characters ({len(name)})", "MBX_LONG")
    return name


def check_name(raw: Raw, field: str, *, what: str) -> str:
    """The name of a server, group or product (`what`), in lower case; Invalid [NAM_*] otherwise."""
    name = _characters(read(raw, field, "NAM_CHAR"), "A-Za-z0-9._-", field, "NAM", f" in a {what} name").lower()
    if name[0] in "._-":
        raise Invalid(field, f"a {what} name starts with a letter or digit", "NAM_CHAR")
    if len(name) > NAME_LIMIT:
        raise Invalid(field, f"longer than {NAME_LIMIT} characters ({len(name)})", "NAM_LENGTH")
    return name


def refuse_foreign(account: str, server_name: str) -> Conflict:
    """An account that stands on a node without our mark: never adopted, changed or deleted."""
    text = f"account '{safe(account)}' on {safe(server_name)} is not managed by hostdeck"
    return Conflict("conflict", text, "OWN_FOREIGN")


def _characters(text: str, allowed: str, field: str, code: str, where: str = "") -> str:
    """The text if it is not empty and has no other character; `code` is the family of the refusal."""
    if not text.strip(" "):
        raise Invalid(field, "is required", f"{code}_EMPTY")
    if found := re.search(f"[^{allowed}]", text):
        raise Invalid(field, f"character {quoted(found[0])} not allowed{where}", f"{code}_CHAR")
    return text


def _apply(rules: Sequence[_Rule], name: str, field: str) -> None:
    for rule in rules:
        if not rule.pattern.fullmatch(name):
            raise Invalid(field, rule.text, rule.code)
