"""`hostdeck service add|change|remove|items`: what is inside a service."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hostdeck.tui.cli import life, records
from hostdeck.tui.cli import resync as _resync  # noqa: F401  puts its verb into the table
from hostdeck.tui.cli.item_words import Item, PasswordStdin, Service, Timeout, Wait, answer, fields_of, typed_password
from hostdeck.tui.cli.services import service
from hostdeck.tui.cli.session import opened, refuse_read_only
from hostdeck.tui.cli.shape import table, verb

add = table("Put a mailbox, a database and so on into a service.")
change = table("Change one of them, or the settings of website and mail domain.")
TABLES = {**life.TABLES, "service add": add, "service change": change}
records.register(add, change)

Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]
Suspended = Annotated[bool | None, typer.Option("--suspend/--open", help="Close it, or open it again.")]
NewPassword = Annotated[bool, typer.Option("--new-password", help="Make a new password and show it once.")]
Quota = Annotated[str | None, typer.Option(metavar="MB", help="Or unlimited.")]
Forward = Annotated[
    list[str] | None, typer.Option(metavar="ADDR", help="Gets a copy; repeat for all it has. '' for none.")
]
Keep = Annotated[bool | None, typer.Option("--keep/--no-keep", help="Whether what is forwarded is kept here too.")]
Alias = Annotated[
    list[str] | None, typer.Option(metavar="NAME", help="Another name; repeat for all it has. '' for none.")
]
Autoreply = Annotated[
    Path | None, typer.Option("--autoreply-file", metavar="FILE", help="The reply's text; an empty file for none.")
]
Schedule = Annotated[str | None, typer.Option(metavar='"M H D M W"', help="Five fields of crontab.")]
Command = Annotated[str | None, typer.Option(metavar="TEXT", help="What is run.")]


@verb(service, "items", "hostdeck service items customer.com mailbox")
def service_items(
    key: Service,
    kind: Annotated[
        str,
        typer.Argument(metavar="KIND", help="mailbox database ftp cron record backup certificate", show_default=False),
    ],
) -> None:
    """What there is of a kind inside a service, and how each is."""
    from hostdeck.core.domain.items import ItemKind
    from hostdeck.core.queries.items import items
    from hostdeck.tui.cli.item_words import show_items
    from hostdeck.tui.cli.words import one_of

    with opened():
        wanted = one_of(ItemKind, kind, "kind")
        rows = items(key, wanted)
    show_items(wanted, rows, key)


def _add(kind: str, key: str, name: str, fields: dict[str, str], password: str | None, wait: bool, to: float) -> int:
    from hostdeck.core.domain.items import ItemKind
    from hostdeck.core.intents.items import add_item
    from hostdeck.core.queries.services import service_id

    with opened() as door:
        refuse_read_only(f"{kind}.add", door.read_only)
        deed = add_item(door, service_id(key), ItemKind(kind), name, fields, password)
        return answer(deed, wait, to)


def _change(
    kind: str, key: str, item: str, fields: dict[str, str], password: str | None, new: bool, wait: bool, to: float
) -> int:
    from hostdeck.core.domain.inputs import check_password
    from hostdeck.core.domain.items import ItemKind
    from hostdeck.core.errors import Invalid
    from hostdeck.core.intents.items import change_item, reset_password
    from hostdeck.core.queries.services import service_id

    if password is not None and new:
        raise Invalid("password", "give one of --password-stdin and --new-password", "PWD_TWICE")
    if password is not None:
        check_password(password)
    with opened() as door:
        refuse_read_only(f"{kind}.change", door.read_only)
        number, asked = service_id(key), password is not None or new
        if fields or not asked:
            deed = change_item(door, number, ItemKind(kind), item, fields, password, renew=asked)
        else:
            deed = reset_password(door, number, ItemKind(kind), item, password)
        return answer(deed, wait, to)


def _autoreply(path: Path | None) -> str | None:
    from hostdeck.tui.cli.words import file_text

    return None if path is None else file_text(path, "autoreply", "MBX_REPLY").strip().replace("\n", " ")


@verb(add, "mailbox", "hostdeck service add mailbox customer.com info --quota 2048 --forward boss@example.com --wait")
def add_mailbox(
    key: Service,
    name: Name,
    quota: Quota = None,
    password_stdin: PasswordStdin = False,
    forward: Forward = None,
    keep: Keep = None,
    alias: Alias = None,
    autoreply_file: Autoreply = None,
    wait: Wait = False,
    timeout: Timeout = 900,
) -> int:
    """A mailbox; its password is made and shown once unless it is given."""
    fields = fields_of(
        {"quota": quota, "forwards": forward, "keep": keep, "aliases": alias, "autoreply": _autoreply(autoreply_file)}
    )
    return _add("mailbox", key, name, fields, typed_password(password_stdin), wait, timeout)


@verb(add, "database", "hostdeck service add database customer.com shop --engine mysql --wait")
def add_database(
    key: Service,
    name: Name,
    engine: Annotated[str | None, typer.Option(metavar="mysql|pgsql")] = None,
    charset: Annotated[str | None, typer.Option(help="Such as utf8mb4.")] = None,
    user: Annotated[str | None, typer.Option(help="Its user, if not named as the database.")] = None,
    password_stdin: PasswordStdin = False,
    wait: Wait = False,
    timeout: Timeout = 900,
) -> int:
    """A database and its user; the account's name is put before both."""
    fields = fields_of({"engine": engine, "charset": charset, "user": user})
    return _add("database", key, name, fields, typed_password(password_stdin), wait, timeout)


@verb(add, "ftp", "hostdeck service add ftp customer.com shop --path /public_html --wait")
def add_ftp(
    key: Service,
    name: Name,
    path: Annotated[str | None, typer.Option(metavar="DIR", help="Inside the website's folder.")] = None,
    password_stdin: PasswordStdin = False,
    wait: Wait = False,
    timeout: Timeout = 900,
) -> int:
    """An FTP login; the account's name is put before it."""
    return _add("ftp", key, name, fields_of({"path": path}), typed_password(password_stdin), wait, timeout)


@verb(add, "cron", 'hostdeck service add cron customer.com --schedule "*/5 * * * *" --command "php run.php" --wait')
def add_cron(
    key: Service, schedule: Schedule = None, command: Command = None, wait: Wait = False, timeout: Timeout = 900
) -> int:
    """A cron job."""
    return _add("cron", key, "", fields_of({"schedule": schedule, "command": command}), None, wait, timeout)


RoleOf = Annotated[str, typer.Option("--role", metavar="web|mail", help="Of which account; without, the usual.")]


@verb(add, "backup", "hostdeck service add backup customer.com --wait")
def add_backup(key: Service, role: RoleOf = "", wait: Wait = False, timeout: Timeout = 3600) -> int:
    """Have the node take a backup of each account with a website or mailboxes; it is done when it is listed there."""
    from hostdeck.tui.cli import backups

    return backups.add_backup(key, role, wait, timeout)


@verb(add, "certificate", "hostdeck service add certificate customer.com --cert site.crt --key site.key --wait")
def add_certificate(
    key: Service,
    cert: Annotated[Path, typer.Option("--cert", metavar="FILE", help="The certificate, PEM.", show_default=False)],
    key_file: Annotated[Path, typer.Option("--key", metavar="FILE", help="Its private key, PEM.", show_default=False)],
    chain: Annotated[Path | None, typer.Option("--chain", metavar="FILE", help="What leads to its issuer.")] = None,
    role: RoleOf = "",
    wait: Wait = False,
    timeout: Timeout = 900,
) -> int:
    """A certificate of one's own instead of Let's Encrypt's; key, names and chain are checked before it is sent."""
    from hostdeck.tui.cli import own_certificates

    return own_certificates.add_certificate(key, cert, key_file, chain, role, wait, timeout)


@verb(change, "mailbox", "hostdeck service change mailbox customer.com info --quota 4096 --new-password")
def change_mailbox(
    key: Service,
    item: Item,
    quota: Quota = None,
    forward: Forward = None,
    keep: Keep = None,
    alias: Alias = None,
    autoreply_file: Autoreply = None,
    suspended: Suspended = None,
    password_stdin: PasswordStdin = False,
    new_password: NewPassword = False,
    wait: Wait = False,
    timeout: Timeout = 900,
) -> int:
    """Change a mailbox; what is not named stays."""
    fields = fields_of(
        {
            "quota": quota,
            "forwards": forward,
            "keep": keep,
            "aliases": alias,
            "autoreply": _autoreply(autoreply_file),
            "suspended": suspended,
        }
    )
    return _change("mailbox", key, item, fields, typed_password(password_stdin), new_password, wait, timeout)


@verb(change, "database", "hostdeck service change database customer.com shop --new-password")
def change_database(
    key: Service,
    item: Item,
    suspended: Suspended = None,
    password_stdin: PasswordStdin = False,
    new_password: NewPassword = False,
    wait: Wait = False,
    timeout: Timeout = 900,
) -> int:
    """Give a database's user another password, close or open it."""
    fields = fields_of({"suspended": suspended})
    return _change("database", key, item, fields, typed_password(password_stdin), new_password, wait, timeout)


@verb(change, "ftp", "hostdeck service change ftp customer.com shop --path /public_html/shop")
def change_ftp(
    key: Service,
    item: Item,
    path: Annotated[str | None, typer.Option(metavar="DIR", help="Inside the website's folder.")] = None,
    password_stdin: PasswordStdin = False,
    new_password: NewPassword = False,
    wait: Wait = False,
    timeout: Timeout = 900,
) -> int:
    """Give an FTP login another folder or password."""
    fields = fields_of({"path": path})
    return _change("ftp", key, item, fields, typed_password(password_stdin), new_password, wait, timeout)


@verb(change, "cron", 'hostdeck service change cron customer.com 12 --schedule "0 3 * * *"')
def change_cron(
    key: Service,
    item: Item,
    schedule: Schedule = None,
    command: Command = None,
    suspended: Suspended = None,
    wait: Wait = False,
    timeout: Timeout = 900,
) -> int:
    """Change a cron job; it keeps its number."""
    fields = fields_of({"schedule": schedule, "command": command, "suspended": suspended})
    return _change("cron", key, item, fields, None, False, wait, timeout)


@verb(change, "website", "hostdeck service change website customer.com --php 8.3 --force-https --wait")
def change_website(
    key: Service,
    php: Annotated[str | None, typer.Option(metavar="X.Y", help="PHP version; '' for the node's own.")] = None,
    alias: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Another name; repeat for all it has. '' for none.")
    ] = None,
    redirect: Annotated[str | None, typer.Option(metavar="URL", help="Where visitors are sent; '' for no.")] = None,
    redirect_code: Annotated[str | None, typer.Option(metavar="301|302", help="For good, or for now.")] = None,
    force_https: Annotated[bool | None, typer.Option("--force-https/--no-force-https")] = None,
    hsts: Annotated[bool | None, typer.Option("--hsts/--no-hsts")] = None,
    proxy: Annotated[str | None, typer.Option(metavar="TEMPLATE", help="The node's proxy template.")] = None,
    wait: Wait = False,
    timeout: Timeout = 900,
) -> int:
    """Settings of the website; what is not named stays."""
    fields = fields_of(
        {
            "php": php,
            "aliases": alias,
            "redirect": redirect,
            "redirect_code": redirect_code,
            "force_https": force_https,
            "hsts": hsts,
            "proxy": proxy,
        }
    )
    return _change("website", key, "", fields, None, False, wait, timeout)


@verb(change, "maildomain", "hostdeck service change maildomain customer.com --catchall info@customer.com")
def change_maildomain(
    key: Service,
    catchall: Annotated[str | None, typer.Option(metavar="ADDR", help="Mail for unknown names; '' for no.")] = None,
    antispam: Annotated[bool | None, typer.Option("--antispam/--no-antispam")] = None,
    antivirus: Annotated[bool | None, typer.Option("--antivirus/--no-antivirus")] = None,
    wait: Wait = False,
    timeout: Timeout = 900,
) -> int:
    """Settings of the mail domain; what is not named stays."""
    fields = fields_of({"catchall": catchall, "antispam": antispam, "antivirus": antivirus})
    return _change("maildomain", key, "", fields, None, False, wait, timeout)


@verb(service, "import", "hostdeck service import mailbox new-people.csv --plan")
def service_import(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="mailbox database ftp cron record", show_default=False)],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV with a header; - is stdin.", show_default=False)],
    plan: Annotated[bool, typer.Option("--plan", help="Check every line; write nothing.")] = False,
    wait: Wait = False,
    timeout: Timeout = 900,
) -> int:
    """Items in bulk: all lines of the file, or none; each bad line is named.

    Columns: service (number or domain), name, the fields that `service add KIND` takes, and password (empty: one is
    made and shown once).
    """
    from hostdeck.tui.cli.item_import import import_file

    return import_file(kind, file, plan, wait, timeout)


@verb(service, "remove", "hostdeck service remove mailbox customer.com info --wait")
def service_remove(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="mailbox database ftp cron record backup certificate")],
    key: Service,
    item: Item,
    plan: Annotated[bool, typer.Option("--plan", help="Of a record: say what would change.")] = False,
    wait: Wait = False,
    timeout: Timeout = 900,
) -> int:
    """Remove an item from the node, with what is in it."""
    from hostdeck.core.domain.items import ItemKind
    from hostdeck.core.errors import Invalid
    from hostdeck.core.intents.items import ONE_OF_EACH, remove_item
    from hostdeck.core.queries.services import service_id
    from hostdeck.tui.cli import backups, own_certificates
    from hostdeck.tui.cli.words import one_of

    wanted = one_of(ItemKind, kind, "kind")
    if wanted is ItemKind.RECORD:
        return records.remove(key, item, plan, wait, timeout)
    if wanted is ItemKind.BACKUP:
        return backups.remove_backup(key, item, wait, timeout)
    if wanted is ItemKind.CERTIFICATE:
        return own_certificates.remove_certificate(key, item, wait, timeout)
    if wanted in ONE_OF_EACH:
        raise Invalid("kind", f"a {wanted} goes with its service; change it instead", "ITEM_KIND")
    with opened() as door:
        refuse_read_only(f"{kind}.remove", door.read_only)
        return answer(remove_item(door, service_id(key), wanted, item), wait, timeout)
