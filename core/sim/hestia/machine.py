"""The simulated node as its commands see it: state, clock, files, settings and the checks they all share."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

from hostdeck.core.sim.hestia.book import Account, Book, Row, User, found
from hostdeck.core.sim.hestia.defaults import SHELLS
from hostdeck.core.sim.hestia.files import Files
from hostdeck.core.sim.hestia.refused import DISABLED, EXISTS, INVALID, NOT_EXIST, SUSPENDED, UNSUSPENDED, Refused

RESERVED_NAMES = "aria aria_log mysql mysql_upgrade ib ib_buffer ddl ddl_recovery performance sudo"


def utc_now() -> datetime:
    """The real clock, used when none is given."""
    return datetime.now(UTC)


@lru_cache(maxsize=1)
def _public_suffixes() -> object:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(accept_unknown=False)


@dataclass
class Machine:
    """State of one node and what surrounds it."""

    hostname: str
    ip: str
    files: Files
    home: str
    homes: str
    version: str
    clock: Callable[[], datetime]
    suffixes: frozenset[str] | None
    book: Book = field(default_factory=Book)
    letsencrypt: str = "unresolved"
    broken: set[str] = field(default_factory=set)

    # --- small facts -------------------------------------------------------------------------------------------

    @property
    def root(self) -> str:
        return self.book.config.get("ROOT_USER", "admin")

    def conf(self, key: str) -> str:
        return self.book.config.get(key, "")

    def stamp(self) -> Row:
        now = self.clock()
        return {"TIME": now.strftime("%H:%M:%S"), "DATE": now.strftime("%Y-%m-%d")}

    def draw(self, purpose: str, length: int = 16) -> str:
        """A word that looks random; the same node draws the same words again."""
        self.book.drawn += 1
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        seed = hashlib.shake_256(f"{self.hostname}/{purpose}/{self.book.drawn}".encode()).digest(length)
        return "".join(letters[byte % len(letters)] for byte in seed)

    def base_domain(self, name: str) -> str:
        """The registrable part: the last two labels, three when the last two are a public suffix (`hestia.md` 6.1)."""
        labels = name.split(".")
        return ".".join(labels[-3:] if self.is_suffix(name) else labels[-2:])

    def is_suffix(self, name: str) -> bool:
        last_two = ".".join(name.split(".")[-2:])
        if self.suffixes is not None:
            return last_two in self.suffixes
        if last_two.count(".") != 1:
            return False
        known = _public_suffixes()
        return bool(known.publicsuffix(last_two) == last_two)  # type: ignore[attr-defined]

    # --- checks every command makes ----------------------------------------------------------------------------

    def enabled(self, key: str) -> None:
        if self.conf(key) in ("", "no"):
            raise Refused(DISABLED, f"{key} is not enabled")

    def user(self, name: str) -> User:
        """The user's folder; an existing folder is all Hestia asks for (`hestia.md` 5.3)."""
        user = self.book.users.get(name)
        if user is None:
            raise Refused(NOT_EXIST, f"user {name} doesn't exist")
        return user

    def active_user(self, name: str) -> User:
        user = self.user(name)
        if user.values.get("SUSPENDED") == "yes":
            raise Refused(SUSPENDED, f"user {name} is suspended")
        return user

    def password(self, given: str) -> str:
        """A password, or the first line of the file below /tmp it names (`hestia.md` 4)."""
        if not given.startswith("/tmp/") or "../" in given:
            return given
        text = self.files.read(given)
        return given if text is None else text.split("\n", 1)[0]

    def pam(self, password: str) -> None:
        if not password or "\n" in password:
            raise Refused(INVALID, "Password not accepted due to PAM restrictions")

    # --- accounts of the system --------------------------------------------------------------------------------

    def add_account(self, name: str, gecos: str, home: str, shell: str, uid: int | None = None) -> Account:
        if uid is None:
            uid = self.book.next_uid
            self.book.next_uid += 1
        account = Account(uid=uid, gecos=gecos, home=home, shell=shell)
        self.book.passwd[name] = account
        return account

    def digest(self, name: str, password: str) -> str:
        return hashlib.blake2b(password.encode("utf-8", "surrogateescape"), salt=name.encode()[:16]).hexdigest()


def shell_path(word: str) -> str:
    """`grep -w WORD /etc/shells`; a word that matches no line is refused."""
    name = word.rsplit("/", 1)[-1]
    if name not in SHELLS:
        raise Refused(INVALID, f"shell {word} is not valid")
    return SHELLS[name]


def one(rows: list[Row], kind: str, key: str, value: str, word: str = "") -> Row:
    """The first line found, or "doesn't exist"; `kind` and `word` make Hestia's text."""
    hits = found(rows, key, value)
    if not hits:
        raise Refused(NOT_EXIST, f"{kind} {word or key.lower()} {value} doesn't exist")
    return hits[0]


def _suspended(rows: list[Row], key: str, value: str) -> bool:
    return any(row.get("SUSPENDED") == "yes" for row in found(rows, key, value))


def not_suspended(rows: list[Row], kind: str, key: str, value: str) -> None:
    if _suspended(rows, key, value):
        raise Refused(SUSPENDED, f"{kind} {value} is suspended")


def is_suspended(rows: list[Row], kind: str, key: str, value: str) -> None:
    if not _suspended(rows, key, value):
        raise Refused(UNSUSPENDED, f"{kind} {value} is not suspended")


def is_new(rows: list[Row], key: str, value: str) -> None:
    if found(rows, key, value):
        raise Refused(EXISTS, f"{key}={value} already exists")


def drop(rows: list[Row], key: str, value: str) -> None:
    """`sed "/KEY='value'/d"`: takes out every line found, look-alikes included (`hestia.md` 6.1, 7)."""
    for row in found(rows, key, value):
        rows.remove(row)


def count(user: User, key: str, by: int = 1) -> None:
    """Adds to a counter of user.conf; it never falls below 0."""
    if user.conf is not None and key in user.conf:
        user.conf[key] = str(max(0, int(user.conf[key] or 0) + by))
