"""Backups: the list, the queue, and restores that bring nothing back but the user (`hestia.md` 9)."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Sequence
from copy import deepcopy
from datetime import datetime

from hostdeck.core.sim.hestia import checks, format
from hostdeck.core.sim.hestia.args import Args
from hostdeck.core.sim.hestia.book import Row, User
from hostdeck.core.sim.hestia.machine import Machine, one
from hostdeck.core.sim.hestia.refused import DISABLED, EXISTS, LOADED, NOT_EXIST, SUSPENDED, Refused
from hostdeck.core.sim.reply import Reply

KEYS = ["TYPE", "SIZE", "WEB", "DNS", "MAIL", "DB", "CRON", "UDIR", "RUNTIME", "TIME", "DATE"]
_HOME = ".bash_logout,.bashrc,.cache,.composer,.config,.local,.npm,.profile,.ssh,.vscode-server,.wp-cli"


def _allowed(user: User) -> int:
    most = user.values.get("BACKUPS", "")
    if not most.isdigit() or int(most) <= 0:
        raise Refused(DISABLED, "user backup is disabled")
    return int(most)


def schedule(machine: Machine, args: Args) -> None:
    name = args[1] or machine.root
    checks.valid(user=name)
    machine.enabled("BACKUP_SYSTEM")
    _allowed(machine.user(name))
    queue = machine.book.queues.setdefault("backup", [])
    if any(f" {name} " in line and "backup" in line for line in queue):
        raise Refused(EXISTS, "backup is already scheduled")
    log = f"{machine.home}/log/backup.log"
    queue.append(f"{machine.home}/bin/v-backup-user {name} yes >> {log} 2>&1")


def _names(rows: list[Row], key: str = "DOMAIN") -> str:
    return ",".join(row[key] for row in rows)


def run(machine: Machine, args: Args) -> str:
    """Adds an archive and rotates the oldest out; an archive named like the last one takes its place."""
    name = args[1] or machine.root
    checks.valid(user=name)
    machine.enabled("BACKUP_SYSTEM")
    user = machine.user(name)
    if user.values.get("SUSPENDED") == "yes" and machine.conf("POLICY_BACKUP_SUSPENDED_USERS") != "yes":
        raise Refused(SUSPENDED, f"user {name} is suspended")
    most = _allowed(user)
    stamp = machine.stamp()
    archive = f"{name}.{stamp['DATE']}_{stamp['TIME'].replace(':', '-')}.tar"
    row = {"BACKUP": archive, "TYPE": "local", "SIZE": "1", "WEB": _names(user.web), "DNS": _names(user.dns)}
    row |= {"MAIL": _names(user.mail), "DB": _names(user.db, "DB"), "CRON": "", "UDIR": _HOME, "RUNTIME": "1", **stamp}
    kept = [one for one in user.backups if one["BACKUP"] != archive]
    user.backups = [*kept, row][-most:]
    machine.book.archives[path_of(machine, archive)] = machine.clock().timestamp()
    machine.book.snapshots[archive] = User(
        mailboxes=deepcopy(user.mailboxes), db=deepcopy(user.db), cron=deepcopy(user.cron)
    )
    for gone in kept:
        if gone not in user.backups:
            machine.book.archives.pop(path_of(machine, gone["BACKUP"]), None)
    user.values["U_BACKUPS"] = str(len(user.backups))
    queue = machine.book.queues.setdefault("backup", [])
    queue[:] = [line for line in queue if f" {name} " not in line]
    now = f"{stamp['DATE']} {stamp['TIME']}"
    parts = [
        ("WEB", user.web, "DOMAIN"),
        ("DNS", user.dns, "DOMAIN"),
        ("MAIL", user.mail, "DOMAIN"),
        ("DB", user.db, "DB"),
    ]
    out = f"-- SYSTEM --\n{now} {name}.conf\n\n"
    for word, rows, key in parts:
        if rows:
            out += f"\n-- {word} --\n" + "".join(f"{now} {one_row[key]}\n" for one_row in rows)
    return out + f"\n-- SUMMARY --\n{now} Archive: /backup/{archive}\n{now} Size: 1 MB\n"


def path_of(machine: Machine, archive: str) -> str:
    return f"{machine.conf('BACKUP') or '/backup'}/{archive}"


def take_queue(machine: Machine) -> list[list[str]]:
    """The commands of the backup queue, which is empty afterwards."""
    lines = machine.book.queues.pop("backup", [])
    return [shlex.split(line.partition(" >> ")[0]) for line in lines]


def leave(machine: Machine, argv: Sequence[str], code: int) -> None:
    """A restore that fails at its first looks leaves its line, and is tried again with the next round."""
    if argv[0].endswith("/v-restore-user") and code in (NOT_EXIST, SUSPENDED):
        machine.book.queues.setdefault("backup", []).append(_restore_line(machine, argv[1:]))


def _restore_line(machine: Machine, words: Sequence[str]) -> str:
    parts = " ".join(f"'{word}'" for word in [*words[2:8], *("",) * 6][:6])
    log = f"{machine.home}/log/restore.log"
    return f"{machine.home}/bin/v-restore-user {words[0]} {words[1]} {parts}  yes >> {log} 2>&1"


def restores(machine: Machine, words: Sequence[str]) -> Reply:
    """The fixed text `restores USER ARCHIVE ...`."""
    user, archive, book, lines = words[0], words[1], machine.book, []
    queue = book.queues.get("backup", [])
    if any(f"/v-restore-user {user} {archive} " in line for line in queue):
        lines.append("queued=1")
    elif any(f"/v-restore-user {user} " in line for line in queue):
        lines.append("busy=1")
    logs = (("asked", book.system_log, "v-schedule-user-restore"), ("done", book.system_log, "v-restore-user"))
    for key, log, name in (*logs, ("failed", book.error_log, "v-restore-user")):
        found = [line for line in log if f" {name}  '{user}' '{archive}'" in line]
        if found:
            then = datetime.strptime(found[-1][:19], "%Y-%m-%d %H:%M:%S").replace(tzinfo=machine.clock().tzinfo)
            code = f" {found[-1].rpartition('[Error ')[2].rstrip(']')}" if key == "failed" else ""
            lines.append(f"{key}={int(machine.clock().timestamp()) - int(then.timestamp())}{code}")
    return Reply(0, "".join(f"{line}\n" for line in lines))


def ages(machine: Machine, words: Sequence[str]) -> Reply:
    """The fixed text `backups USER ...`: age of every archive, whether one is queued, and what the node allows."""
    name, book = words[0], machine.book
    user = book.users.get(name)
    now, lines = machine.clock(), [f"folder={path_of(machine, '').rstrip('/')}"]
    for row in user.backups if user else ():
        path = path_of(machine, row["BACKUP"])
        made = datetime.strptime(f"{row['DATE']} {row['TIME']}", "%Y-%m-%d %H:%M:%S").replace(tzinfo=now.tzinfo)
        kind, then = ("file", book.archives[path]) if path in book.archives else ("name", made.timestamp())
        lines.append(f"archive={kind} {int(now.timestamp()) - int(then)} {row['BACKUP']}")
    if any(f"/v-backup-user {name} " in line for line in book.queues.get("backup", [])):
        lines.append("queued=1")
    if machine.conf("POLICY_BACKUP_SUSPENDED_USERS") == "yes":
        lines.append("suspended_too=1")
    if machine.conf("BACKUP_SYSTEM"):
        lines.append("system=1")
    return Reply(0, "".join(f"{line}\n" for line in lines))


def proof(machine: Machine, words: Sequence[str]) -> Reply:
    """The fixed text `proof ARCHIVE ...`: all is whole, unless the machine's `archive` or its `dump` is broken."""
    archive = words[0]
    if path_of(machine, archive) not in machine.book.archives:
        return Reply(0, "absent=1\nend=1\n")
    if "archive" in machine.broken:
        return Reply(0, "torn=1\nend=1\n")
    digest = hashlib.sha256(archive.encode()).hexdigest()
    return Reply(0, "".join(f"{line}\n" for line in (*_parts(machine, archive), f"sum={digest}", "end=1")))


def _parts(machine: Machine, archive: str) -> list[str]:
    """What either text says of the parts of an archive."""
    rows = [row for user in machine.book.users.values() for row in user.backups if row["BACKUP"] == archive]
    kept = machine.book.snapshots.get(archive, User())
    lines = []
    for part in ("web", "mail", "db", "udir"):
        for name in (rows[0][part.upper()] if rows else "").split(","):
            boxes = len(kept.mailboxes.get(name, ()))
            if part == "mail" and name:
                lines.append(f"box={boxes} {name}")
            if name and (part != "mail" or boxes):
                broken = part == "db" and "dump" in machine.broken
                lines.append(f"bad={part} {name}" if broken else f"ok={part} 3 {name}")
    return lines


def trial(machine: Machine, words: Sequence[str]) -> Reply:
    """The fixed text `trial NAME ARCHIVE ...`: what is free is the machine's `room`, if that is broken."""
    name, archive = words[0], words[1]
    lines = ["size=1" if path_of(machine, archive) in machine.book.archives else "gone=1"]
    lines.append("free=64" if "room" in machine.broken else "free=64000")
    if name in machine.book.trials:
        begun, *rest = machine.book.trials[name]
        lines += [begun, *(("running=1",) if "slow" in machine.broken else rest)]
    return Reply(0, "".join(f"{line}\n" for line in lines))


def begin_trial(machine: Machine, words: Sequence[str]) -> Reply:
    """The fixed text `try NAME ARCHIVE SINCE ...`: what came of it is known at once."""
    name, archive, since = words[:3]
    if name in machine.book.trials:
        return Reply(4)
    if path_of(machine, archive) not in machine.book.archives:
        return Reply(1)
    lines = ["torn=1"] if "archive" in machine.broken else _parts(machine, archive)
    if "full" in machine.broken:
        lines = ["fault=web site No space left on device"]
    machine.book.trials[name] = [f"begun={since} {archive}", *(() if "reboot" in machine.broken else (*lines, "end=1"))]
    return Reply(0)


def end_trial(machine: Machine, words: Sequence[str]) -> Reply:
    """The fixed text `end-trial NAME STATE`."""
    machine.book.trials.pop(words[0], None)
    return Reply(0)


def restore(machine: Machine, args: Args) -> str:
    """Databases and mailboxes come back as they were, cron jobs all at once; domains that stand keep their settings."""
    name, archive = args[1] or machine.root, args[2]
    checks.valid(user=name, backup=archive)
    user = machine.user(name)
    if not any(row["BACKUP"] == archive for row in user.backups):
        raise Refused(NOT_EXIST, f"backup file {archive} doesn't exist in '/backup' folder")
    machine.active_user(name)
    if "load" in machine.broken:
        raise Refused(LOADED, "LoadAverage 9 is above threshold")
    kept = machine.book.snapshots.get(archive, User())
    if args[5] != "no":
        here = {row["DOMAIN"] for row in user.mail}
        user.mailboxes |= {domain: deepcopy(rows) for domain, rows in kept.mailboxes.items() if domain in here}
    if args[6] != "no":
        wanted = args[6].split(",") if args[6] not in ("", "*") else [row["DB"] for row in kept.db]
        here = {row["DB"] for row in user.db}
        user.db += [dict(row) for row in kept.db if row["DB"] in wanted and row["DB"] not in here]
    if args[7] != "no":
        user.cron[:] = deepcopy(kept.cron)
    titles = zip(("WEB", "DNS", "MAIL", "DB", "CRON", "USER FILES"), range(3, 9), strict=True)
    return "".join(f"\n-- {word} --\n" for word, place in titles if args[place] != "no")


def schedule_restore(machine: Machine, args: Args) -> None:
    """Only queued: `SimNode.run_backup_queue` runs the queue."""
    name, archive = args[1] or machine.root, args[2]
    checks.valid(user=name, backup=archive)
    machine.enabled("BACKUP_SYSTEM")
    one(machine.user(name).backups, "backup", "BACKUP", archive)
    queue = machine.book.queues.setdefault("backup", [])
    if any(f"v-restore-user {name} " in line for line in queue):
        raise Refused(EXISTS, "restore is already scheduled")
    queue.append(_restore_line(machine, [name, *args.values[1:]]))


def delete(machine: Machine, args: Args) -> None:
    name, archive = args[1] or machine.root, args[2]
    checks.valid(user=name, backup=archive)
    machine.enabled("BACKUP_SYSTEM")
    user = machine.user(name)
    user.backups.remove(one(user.backups, "backup", "BACKUP", archive))
    machine.book.archives.pop(path_of(machine, archive), None)
    user.values["U_BACKUPS"] = str(len(user.backups))


def show(machine: Machine, args: Args) -> str:
    name, archive = args[1] or machine.root, args[2]
    checks.valid(user=name, backup=archive)
    row = one(machine.user(name).backups, "backup", "BACKUP", archive)
    return format.listing([(archive, format.pick(row, KEYS))]) if args[3] == "json" else ""


def show_all(machine: Machine, args: Args) -> str:
    name = args[1] or machine.root
    checks.valid(user=name)
    rows = machine.user(name).backups
    if args[2] == "plain":  # without the databases
        return format.plain([[row["BACKUP"], *(row[key] for key in KEYS if key != "DB")] for row in rows])
    return format.listing((row["BACKUP"], format.pick(row, KEYS)) for row in rows) if args[2] == "json" else ""


def exclusions(machine: Machine, args: Args) -> str:
    name = args[1] or machine.root
    checks.valid(user=name)
    machine.user(name)
    if args[2] != "json":
        return ""
    return format.listing([], close="") if not name else _empty(("WEB", "DNS", "MAIL", "DB", "CRON", "USER"))


def _empty(words: tuple[str, ...]) -> str:
    return "{\n" + ",\n".join(f'    "{word}": {{\n    }}' for word in words) + "\n}\n"
