"""What happened to the real node between the recorded commands, done to the simulated one by hand."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from .replay import SECRETS, Bench, Row

UPLOAD = re.compile(r"umask \d+; cat > (\S+)$")
BACKUP = re.compile(r"exec (v-backup-user|timeout)\b.*?(\w+)'$")
ADDED = {  # users made inside longer shell lines, which the recordings keep as one string
    ("17", 6): ["v-add-user", "sudopw", "/tmp/sudo-pw", "sp@example.org"],
    ("17", 10): ["v-add-user", "linkpw", "/tmp/stdin-link", "l@example.org"],
    ("17", 12): ["v-add-user", "pslook", "Visible-Pass-1", "p@example.org"],
    ("17", 15): ["v-add-web-domain", "bob", "cut.example"],
    ("30", 35): ["v-add-user", "kp1", "@S1", "hdk@hostdeck.invalid", "default", "hdk 1"],
    ("30", 43): ["v-add-user", "um1", "xY-12345", "u@hostdeck.invalid"],
    ("36", 2): ["v-add-web-domain", "um", "umask-one.com", "203.0.113.10", "no"],
}
HALF = {("17", 13): "hup1", ("17", 14): "term1", ("36", 150): "hmconf"}
BROKEN = {("18", 0): "proxy", ("36", 118): "proxy", ("36", 131): "dns"}
MENDED = {("18", 9): "proxy", ("36", 126): "proxy", ("36", 137): "dns"}
ARCHIVES = {("16", 1): (14, 39, 31), ("10", 4): (14, 52, 29), ("10", 10): (14, 52, 40)}


def begin(bench: Bench, name: str) -> None:
    """The state a recording started from, where it is not the end of the one before."""
    node = bench.node
    if name == "01":
        node.book.config.update(WEBMAIL_ALIAS="", WEBMAIL_SYSTEM="")
    if name >= "19":
        bench.secrets()
    node.machine.add_account("deploy", "", "/home/deploy", "/bin/bash", uid=1000)


def before(bench: Bench, name: str, index: int, rows: list[Row]) -> None:
    """Brings the node to where the real one was when the row began."""
    node, key, argv = bench.node, (name, index), rows[index]["argv"]
    if key in ADDED:
        bench.run(ADDED[key])
    if key in HALF:
        node.half_made(HALF[key], f"{HALF[key]}@hostdeck.invalid", "conf" if name == "36" else "data")
    if key == ("17", 16):  # a client with a tty was killed
        node.book.make("/home/bob/web/cut2.example")
    if key in BROKEN:
        node.broken.add(BROKEN[key])
    if key in MENDED:
        node.broken.discard(MENDED[key])
    if key == ("04", 55):
        node.letsencrypt = "fail"
    if name == "30":
        for later in rows[index + 1 : index + 3]:
            if later["argv"][0] == "KILL-TEST" and rows[index]["argv"][0].startswith("v-list"):
                bench.run(later["argv"][1:])
    _files(bench, argv, rows[index])


def _files(bench: Bench, argv: list[str], row: Row) -> None:
    node = bench.node
    if len(argv) == 1:
        upload = UPLOAD.match(argv[0])
        if upload:
            bench.files.write(upload[1], row.get("stdin") or "")
        if "openssl req" in argv[0]:
            bench.files.write("/tmp/crt/alpha.example.crt", "crt")
            bench.files.write("/tmp/crt/alpha.example.key", "key")
        if "mariadb stop" in argv[0]:
            node.broken.add("db")
        if "mariadb start" in argv[0]:
            node.broken.discard("db")
    if argv[0] == "bash" and "put" in argv:
        place = argv.index("put")
        path = SECRETS.get(argv[place + 1], argv[place + 1])
        bench.files.write(path, "".join(f"{line}\n" for line in argv[place + 2 :]))
    if argv[0] == "bash" and "undo" in argv:
        node.run(["bash", "--noprofile", "--norc", "-c", argv[2], *argv[argv.index("undo") :]])
    if argv[0] == "usermod":
        node.book.passwd[argv[3]].gecos = argv[2]
    if argv[0] == "kill -9 of v-add-user":
        user = f"hm{argv[1]}"
        node.half_made(user, f"hdk-4711.{user}@hostdeck.invalid", argv[1], f"hdk 4711 {user}")


def archive(bench: Bench, name: str, index: int, row: Row) -> None:
    """Backups ran inside `unshare`; the archive is named after the second it was finished in."""
    if (name, index) in ARCHIVES:
        hour, minute, second = ARCHIVES[name, index]
        kept = bench.clock.now
        bench.clock.now = datetime(2026, 11, 23, hour, minute, second - 1, tzinfo=UTC)
        bench.run(["v-backup-user", row["argv"][0].rsplit(" ", 1)[1].strip("'")])
        bench.clock.now = kept
