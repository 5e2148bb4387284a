"""A simulated HestiaCP node: commands in, replies out (`hestia.md` 15)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from hostdeck.core.sim.hestia import (
    backups,
    conffile,
    defaults,
    foreign,
    item_texts,
    named,
    probe,
    shell,
    system,
    users,
)
from hostdeck.core.sim.hestia.args import Args
from hostdeck.core.sim.hestia.book import Book, User
from hostdeck.core.sim.hestia.files import Files
from hostdeck.core.sim.hestia.machine import Machine, utc_now
from hostdeck.core.sim.hestia.refused import ARGS, Refused
from hostdeck.core.sim.hestia.table import COMMANDS, Command
from hostdeck.core.sim.reply import Reply

_ALL = frozenset({"web", "mail", "dns", "db", "cron"})
_TEXT_LABEL = 5


class HestiaNode:
    """One node. It can be pickled; an unpickled node has the real clock until `clock` is set again."""

    def __init__(
        self,
        hostname: str = "web01.sim",
        ip: str = "127.0.0.1",
        *,
        files: Files,
        home: str = "/usr/local/hestia",
        homes: str = "/home",
        version: str = "1.10.3",
        clock: Callable[[], datetime] = utc_now,
        systems: frozenset[str] = _ALL,
        public_suffixes: frozenset[str] | None = None,
    ) -> None:
        self.machine = Machine(hostname, ip, files, home, homes, version, clock, public_suffixes)
        self.served = self.machine.book.named
        _furnish(self.machine, systems)

    def __getstate__(self) -> dict[str, Any]:
        machine = dict(vars(self.machine))
        del machine["clock"]
        return machine

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.machine = Machine.__new__(Machine)
        vars(self.machine).update(state, clock=utc_now)
        self.served = self.machine.book.named

    # --- settings of a test ------------------------------------------------------------------------------------

    @property
    def book(self) -> Book:
        return self.machine.book

    @property
    def ip(self) -> str:
        return self.machine.ip

    @property
    def clock(self) -> Callable[[], datetime]:
        return self.machine.clock

    @clock.setter
    def clock(self, clock: Callable[[], datetime]) -> None:
        self.machine.clock = clock

    @property
    def letsencrypt(self) -> str:
        """`unresolved` (3), `issue` (0), `fail` (15), or `lose` (0, and what was issued is not installed: `hestia.md`
        6.2)."""
        return self.machine.letsencrypt

    @letsencrypt.setter
    def letsencrypt(self, outcome: str) -> None:
        self.machine.letsencrypt = outcome

    @property
    def broken(self) -> set[str]:
        """Services whose configuration is broken: web, proxy, web-backend, dns, mail, cron give 20; db gives 15.

        `stop-NAME` lists a service as stopped.
        """
        return self.machine.broken

    def add_foreign_user(self, name: str, contact: str, name_text: str) -> None:
        """A whole user that is not ours."""
        foreign.add_user(self.machine, name, contact, name_text)

    def half_made(self, user: str, mark: str = "", stage: str = "data", name_text: str = "") -> None:
        """A user v-add-user was killed on; stage: useradd, home, data, conf or jail. The mark is its address."""
        foreign.half(self.machine, user, mark or f"{user}@half-made.invalid", stage, name_text)

    def set_usage(self, user: str, disk_mb: int, bandwidth_mb: int) -> None:
        """The figures Hestia's nightly jobs would have counted (`hestia.md` 5.3)."""
        conf = self.machine.user(user).values
        conf.update(U_DISK=str(disk_mb), U_DISK_WEB=str(disk_mb), U_BANDWIDTH=str(bandwidth_mb))

    # --- what runs on the node ---------------------------------------------------------------------------------

    @staticmethod
    def commands() -> frozenset[str]:
        """The names of the Hestia commands this node has."""
        return frozenset(COMMANDS)

    @staticmethod
    def changes(argv: Sequence[str]) -> bool:
        """Whether a command changes the node: two such at once are an overlap (`hestia.md` 3.3)."""
        name = argv[0].rsplit("/", 1)[-1]
        if name in COMMANDS:
            return COMMANDS[name].changes
        if name == "bash" and len(argv) > _TEXT_LABEL:
            return argv[_TEXT_LABEL] in ("undo", "try", "end-trial", *conffile.CHANGING)
        return name.startswith("v-") and not name.startswith(("v-list-", "v-search-", "v-get-", "v-check-"))

    def run(self, argv: Sequence[str]) -> Reply:
        """Runs one command; the folder of argv[0] does not matter."""
        name = argv[0].rsplit("/", 1)[-1]
        if name in COMMANDS:
            return self._hestia(name, COMMANDS[name], Args(argv[1:]))
        if name in shell.COMMANDS:
            return shell.COMMANDS[name](self.machine, argv[1:])
        if name == "bash" and len(argv) > _TEXT_LABEL and argv[_TEXT_LABEL] in shell.TEXTS:
            return shell.TEXTS[argv[_TEXT_LABEL]](self.machine, argv[_TEXT_LABEL + 1 :])
        if name == "bash" and len(argv) > _TEXT_LABEL and argv[_TEXT_LABEL] in conffile.TEXTS:
            return conffile.TEXTS[argv[_TEXT_LABEL]](self.machine, argv[_TEXT_LABEL + 1 :], self.run)
        if name == "bash" and len(argv) > _TEXT_LABEL and argv[_TEXT_LABEL] in item_texts.TEXTS:
            return item_texts.TEXTS[argv[_TEXT_LABEL]](self.machine, argv[_TEXT_LABEL + 1 :])
        if name == "true":
            return Reply(0)
        where = "No such file or directory" if "/" in argv[0] else "command not found"
        return Reply(127, "", f"bash: line 1: {argv[0]}: {where}\n")

    def run_backup_queue(self) -> list[str]:
        """What Hestia's cron does every five minutes: takes what is queued. Returns the commands that ran."""
        ran = []
        for argv in backups.take_queue(self.machine):
            code = self.run(argv).exit
            backups.leave(self.machine, argv, code)
            ran.append(f"{' '.join(argv)}: {code}")
        return ran

    def probe(self) -> str:
        """The health probe's lines."""
        return probe.probe(self.machine)

    def dns_answer(self, domain: str, type: str = "SOA") -> list[str]:
        """What named answers for a name; nothing when it does not serve the zone."""
        return named.answer(self.machine, domain, type)

    def site(self, domain: str) -> str | None:
        """What visitors see: `live`, `suspended`, or None where no site is served."""
        return self.machine.book.sites.get(domain)

    def _hestia(self, name: str, command: Command, args: Args) -> Reply:
        try:
            if command.first is not None:
                command.first(self.machine, args)
            if len(args) < command.least:
                raise Refused(ARGS, f"Usage: {name} {command.usage}\n", raw=True)
            result = command.run(self.machine, args)
        except Refused as refusal:
            self._log(name, command, args, refusal.code)
            return Reply(refusal.code, refusal.line)
        reply = result if isinstance(result, Reply) else Reply(0, result or "")
        if command.changes or reply.exit:
            self._log(name, command, args, reply.exit)
        return reply

    def _log(self, name: str, command: Command, args: Args, code: int) -> None:
        """The node's own logs; a password's place holds `******` (`hestia.md` 3.2)."""
        words = ["******" if place == command.secret else value for place, value in enumerate(args.values, 1)]
        stamp = self.machine.stamp()
        line = f"{stamp['DATE']} {stamp['TIME']} {name}  " + " ".join(f"'{word}'" for word in words)
        if code:
            self.machine.book.error_log.append(f"{line} [Error {code}]")
        else:
            self.machine.book.system_log.append(line)


def _furnish(machine: Machine, systems: frozenset[str]) -> None:
    """A freshly installed node: the admin with the site of the host name, one shared address."""
    book = machine.book
    book.config = defaults.config(machine.version, systems)
    book.packages = defaults.packages()
    for place, name in enumerate(defaults.SYSTEM_ACCOUNTS):
        machine.add_account(name, name, f"/var/{name}", "/usr/sbin/nologin", uid=place)
    admin, contact = machine.root, f"admin@{machine.hostname.partition('.')[2] or 'example.net'}"
    book.ips[machine.ip] = system.ip_row(machine, admin, "255.255.255.0", "eth0")
    machine.add_account(admin, contact, f"{machine.homes}/{admin}", "/sbin/nologin")
    users.make_home(machine, admin)
    conf = users.make_conf(machine, admin, "default", contact, "System Administrator", role="admin")
    book.users[admin] = User(conf={**conf, "LANGUAGE": "en"})
    users.jail(machine, admin)
    if "web" in systems:
        COMMANDS["v-add-web-domain"].run(machine, Args((admin, machine.hostname, machine.ip, "", "none")))
