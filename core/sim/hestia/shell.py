"""The commands of the system that a driver runs beside Hestia's own, on the virtual state."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from hostdeck.core.sim.hestia import backups, certificates, named, usage, zone
from hostdeck.core.sim.hestia.machine import Machine
from hostdeck.core.sim.reply import Reply

_NO_FILE = "No such file or directory"


def is_folder(machine: Machine, path: str) -> bool:
    """Homes and what is below them, data folders of users, and the fixed folders of a node."""
    path = path.rstrip("/") or "/"
    data = f"{machine.home}/data/users"
    if path in ("/", "/tmp", "/backup", machine.home, machine.homes, data, f"{machine.home}/data"):
        return True
    inside = path.removeprefix(data + "/")
    if inside != path:
        name, _, rest = inside.partition("/")
        return name in machine.book.users and rest in ("", "dns", "mail", "ssl")
    return path in machine.book.folders


def text_of(machine: Machine, path: str) -> str | None:
    """A virtual file: user.conf, web.conf and their kin, zone record files, zone files, sshd's line, hestia.conf, what
    is queued, logs."""
    data = f"{machine.home}/data/users/"
    if path.startswith(data):
        return _data_file(machine, path.removeprefix(data))
    if path == f"{machine.home}/conf/hestia.conf":
        return _pairs(sorted(machine.book.config.items()))
    if path == "/etc/passwd":
        return "".join(account.line(name) + "\n" for name, account in machine.book.passwd.items())
    if path == "/etc/ssh/sshd_config":
        return "# Hestia SFTP Chroot\nMatch User " + ",".join(machine.book.jail) + "\n"
    hit = re.fullmatch(re.escape(machine.homes) + r"/([^/]+)/conf/dns/([^/]+)\.db", path)
    if hit:
        file = machine.book.zone_files.get((hit[1], hit[2]))
        return zone.file_text(file, hit[2]) if file else None
    package = re.fullmatch(re.escape(machine.home) + r"/data/packages/([^/]+)\.pkg", path)
    if package:
        row = machine.book.packages.get(package[1])
        return _pairs(row.items()) + "\n" if row is not None else None
    queue = re.fullmatch(re.escape(machine.home) + r"/data/queue/([^/]+)\.pipe", path)
    if queue:
        return "".join(f"{line}\n" for line in machine.book.queues.get(queue[1], []))
    logs = {f"{machine.home}/log/{name}.log": f"{name}_log" for name in ("system", "error")}
    if path in logs:
        return "".join(f"{line}\n" for line in getattr(machine.book, logs[path]))
    return "(tar)\n" if path in machine.book.archives else machine.files.read(path)


def _pairs(pairs: Iterable[tuple[str, str]]) -> str:
    return "".join(f"{key}='{value}'\n" for key, value in pairs)


def _data_file(machine: Machine, path: str) -> str | None:
    name, _, file = path.partition("/")
    user = machine.book.users.get(name)
    if user is None:
        return None
    if file == "user.conf":
        return _pairs(user.conf.items()) if user.conf is not None else None
    rows = {"web.conf": user.web, "mail.conf": user.mail, "dns.conf": user.dns, "db.conf": user.db}
    rows |= {"cron.conf": user.cron, "backup.conf": user.backups}
    folder, _, rest = file.partition("/")
    if folder == "dns" and rest.removesuffix(".conf") in user.zones:
        return "".join(f"{line}\n" for line in user.zones[rest.removesuffix(".conf")])
    if folder == "mail" and rest.removesuffix(".conf") in user.mailboxes:
        rows[file] = user.mailboxes[rest.removesuffix(".conf")]
    if folder == "mail" and rest.endswith(".msg"):
        return user.messages.get(rest.removesuffix(".msg"))
    if file not in rows:
        return None
    return "".join(" ".join(f"{key}='{value}'" for key, value in row.items()) + "\n" for row in rows[file])


def getent(machine: Machine, words: Sequence[str]) -> Reply:
    book = machine.book
    lines = []
    for name in words[1:]:
        if words[0] == "passwd" and name in book.passwd:
            lines.append(book.passwd[name].line(name))
        elif words[0] == "group" and name == "hestia-users":
            lines.append(f"hestia-users:x:997:{','.join(book.hestia_users)}")
        elif words[0] == "group" and name in book.passwd:
            lines.append(f"{name}:x:{book.passwd[name].uid}:")
    missing = len(words) > 1 and len(lines) < len(words) - 1
    return Reply(2 if missing else 0, "".join(f"{line}\n" for line in lines))


def test(machine: Machine, words: Sequence[str]) -> Reply:
    """`test -d|-e|-f|-s PATH`, also several joined by `-a`."""
    joined: list[list[str]] = [[]]
    for word in words:
        if word == "-a":
            joined.append([])
        else:
            joined[-1].append(word)
    return Reply(0 if all(_one_test(machine, part) for part in joined) else 1)


def _one_test(machine: Machine, words: Sequence[str]) -> bool:
    if words and words[0] == "!":
        return not _one_test(machine, words[1:])
    if len(words) != 2:
        return False
    folder, text = is_folder(machine, words[1]), text_of(machine, words[1])
    return {"-d": folder, "-e": folder or text is not None, "-f": text is not None, "-s": bool(text)}.get(
        words[0], False
    )


def cat(machine: Machine, words: Sequence[str]) -> Reply:
    out, err = "", ""
    for path in words:
        text = text_of(machine, path)
        if text is None:
            err += f"cat: {path}: {'Is a directory' if is_folder(machine, path) else _NO_FILE}\n"
        else:
            out += text
    return Reply(1 if err else 0, out, err)


def checkzone(machine: Machine, words: Sequence[str]) -> Reply:
    """`named-checkzone [-q] DOMAIN FILE` on a rendered zone."""
    quiet = "-q" in words
    names = [word for word in words if not word.startswith("-")]
    if len(names) < 2:
        return Reply(1, "usage: named-checkzone [-q] zonename filename\n")
    domain, path = names[0], names[1]
    hit = re.fullmatch(re.escape(machine.homes) + r"/([^/]+)/conf/dns/([^/]+)\.db", path)
    file = machine.book.zone_files.get((hit[1], hit[2])) if hit else None
    zone_line = f"zone {domain}/IN:"
    if file is None:
        out = f"{zone_line} loading from master file {path} failed: file not found\n"
        return Reply(1, "" if quiet else f"{out}{zone_line} not loaded due to errors.\n")
    faults = zone.faults(file, domain)
    if not faults:
        return Reply(0, "" if quiet else f"{zone_line} loaded serial {file.serial}\nOK\n")
    reason = faults[0]
    if "other data" in reason:
        text = f"dns_master_load: {path}: {reason}\n{zone_line} loading from master file {path} failed: "
        text += "CNAME and other data\n"
    else:
        text = f"{zone_line} {reason}\n"
    return Reply(1, "" if quiet else f"{text}{zone_line} not loaded due to errors.\n")


def dig(machine: Machine, words: Sequence[str]) -> Reply:
    """`dig +short @127.0.0.1 NAME [TYPE]`; other flags are ignored."""
    names = [word for word in words if not word.startswith(("+", "@", "-"))]
    name, kind = names[0], names[1].upper() if len(names) > 1 else "A"
    return Reply(0, "".join(f"{line}\n" for line in named.answer(machine, name, kind)))


PAGES = {"live": "<title>Success</title>\n", "suspended": "<title>Access Denied</title>\n"}


def curl(machine: Machine, words: Sequence[str]) -> Reply:
    """`curl [OPTION...] http://DOMAIN/`: what the web server on this node shows a visitor."""
    domain = words[-1].partition("://")[2].strip("/")
    page = PAGES.get(machine.book.sites.get(domain, ""))
    return Reply(7) if page is None else Reply(0, page)


def passwd_state(machine: Machine, words: Sequence[str]) -> Reply:
    """`passwd -S USER`: L for a locked password."""
    account = machine.book.passwd.get(words[-1]) if words else None
    if account is None:
        return Reply(1, "", f"passwd: user '{words[-1] if words else ''}' does not exist\n")
    return Reply(0, f"{words[-1]} {'L' if account.locked else 'P'} {machine.stamp()['DATE']} 0 99999 7 -1\n")


COMMANDS = {
    "getent": getent,
    "test": test,
    "cat": cat,
    "named-checkzone": checkzone,
    "dig": dig,
    "curl": curl,
    "passwd": passwd_state,
}


def put(machine: Machine, words: Sequence[str]) -> Reply:
    """The fixed text `put FILE LINE...` of the driver."""
    machine.files.write(words[0], "".join(f"{line}\n" for line in words[1:]) if len(words) > 1 else "\n")
    return Reply(0)


def user_state(machine: Machine, words: Sequence[str]) -> Reply:
    """The fixed text `user-state USER ...`: what v-list-user does not say (`hestia-recipes.md` 2)."""
    name, book = words[0], machine.book
    user = book.users.get(name)
    whole = all(is_folder(machine, f"{machine.homes}/{name}/{part}") for part in ("web", "conf", "tmp"))
    facts = {
        "data": user is not None,
        "conf": user is not None and user.conf is not None,
        "group": name in book.hestia_users,
        "jail": name in book.jail,
        "home": whole,
    }
    if any(f"/v-restore-user {name} " in queued for queued in book.queues.get("backup", [])):
        facts["restore"] = True
    line = book.passwd[name].line(name) if name in book.passwd else ""
    return Reply(0, f"passwd={line}\n" + "".join(f"{key}={int(value)}\n" for key, value in facts.items()))


def undo(machine: Machine, words: Sequence[str]) -> Reply:
    """The fixed text `undo USER MARK ...`: 0 done, 3 gone, 4 not our mark, 5 whole, 6 half with a data folder."""
    name, mark = words[0], words[1]
    account = machine.book.passwd.get(name)
    if account is None:
        return Reply(3)
    if account.gecos != mark or account.uid < 1000 or account.home != f"{machine.homes}/{name}":
        return Reply(4)
    user = machine.book.users.get(name)
    if user is not None:
        folders = all(is_folder(machine, f"{machine.homes}/{name}/{part}") for part in ("web", "conf", "tmp"))
        written = bool(user.values.get("NAME") and user.values.get("PACKAGE"))
        return Reply(5 if written and folders and name in machine.book.hestia_users else 6)
    del machine.book.passwd[name]
    if name in machine.book.hestia_users:
        machine.book.hestia_users.remove(name)
    machine.book.remove_tree(f"{machine.homes}/{name}")
    return Reply(0)


def owned(machine: Machine, words: Sequence[str]) -> Reply:
    """The fixed text `owned USER NAME ...`: 0 ours, 3 no such user, 4 another's, whose NAME it prints."""
    user = machine.book.users.get(words[0])
    if user is None or user.conf is None:
        return Reply(3)
    name = user.values.get("NAME", "")
    return Reply(0) if name == words[1] else Reply(4, f"{name}\n")


def package_users(machine: Machine, words: Sequence[str]) -> Reply:
    """The fixed text `package-users PACKAGE ...`: USER=NAME of everybody who lives by it."""
    users = sorted((name, user.values) for name, user in machine.book.users.items() if user.conf is not None)
    living = [f"{name}={conf.get('NAME', '')}\n" for name, conf in users if conf.get("PACKAGE") == words[0]]
    return Reply(0, "".join(living))


def hosting_live(machine: Machine, words: Sequence[str]) -> Reply:
    """The fixed text `hosting-live USER DOMAIN ...`."""
    user = machine.book.users.get(words[0])
    site = (
        machine.book.sites.get(words[1], "none") if user and any(r["DOMAIN"] == words[1] for r in user.web) else "none"
    )
    mail = user is not None and any(r["DOMAIN"] == words[1] and r["SUSPENDED"] != "yes" for r in user.mail)
    return Reply(0, f"site={site}\nmail={int(mail)}\n")


def parent_state(machine: Machine, words: Sequence[str]) -> Reply:
    """The fixed text `parent-state DOMAIN ...`."""
    rows = (row for user in machine.book.users.values() for row in user.web if row["DOMAIN"] == words[0])
    allowed = any(row.get("ALLOW_USERS") == "yes" for row in rows)
    enforced = machine.conf("ENFORCE_SUBDOMAIN_OWNERSHIP") == "yes"
    return Reply(0, f"enforced={int(enforced)}\nallowed={int(allowed)}\n")


def _at_name(machine: Machine, path: str, name: str) -> list[str] | None:
    text = text_of(machine, path)
    return None if text is None else [line for line in text.splitlines() if f" RECORD='{name}' " in line]


def alias_of(machine: Machine, words: Sequence[str]) -> Reply:
    """The fixed text `alias-of ACCOUNT_FILE NAME`."""
    for line in (text_of(machine, words[0]) or "").splitlines():
        row = dict(re.findall(r"(\w+)='([^']*)'", line))
        if words[1] in row.get("ALIAS", "").split(","):
            return Reply(0, f"{row['ACCOUNT']}\n")
    return Reply(0)


def at_name(machine: Machine, words: Sequence[str]) -> Reply:
    """The fixed text `at-name RECORD_FILE NAME`."""
    lines = _at_name(machine, words[0], words[1])
    if lines is None:
        return Reply(5)
    return Reply(0 if lines else 3, "".join(f"{line}\n" for line in lines))


def record_is(machine: Machine, words: Sequence[str]) -> Reply:
    """The fixed text `record-is RECORD_FILE ID NAME TYPE VALUE`."""
    path, number, name, kind, value = words[:5]
    lines = _at_name(machine, path, name)
    if not lines:
        return Reply(5 if lines is None else 3)
    begins = f"ID='{number}' RECORD='{name}' TYPE='{kind}' PRIORITY='"
    goes_on = lines[0].removeprefix(begins) if lines[0].startswith(begins) else ""
    same = len(lines) == 1 and f"' VALUE='{value}' SUSPENDED='" in goes_on
    return Reply(0) if same else Reply(4, "".join(f"{line}\n" for line in lines))


TEXTS = {
    "put": put,
    "user-state": user_state,
    "undo": undo,
    "owned": owned,
    "package-users": package_users,
    "hosting-live": hosting_live,
    "parent-state": parent_state,
    "alias-of": alias_of,
    "at-name": at_name,
    "record-is": record_is,
    "backups": backups.ages,
    "certificate-files": certificates.files,
    "restores": backups.restores,
    "proof": backups.proof,
    "trial": backups.trial,
    "try": backups.begin_trial,
    "end-trial": backups.end_trial,
    "node-usage": usage.beside_the_listing,
}
"""The driver's fixed bash texts, recognised by their label only."""
