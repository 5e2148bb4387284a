"""The provider's own accounts and domains, and the few commands that may name them (`hestia.md` 13.4).

The guard asks here while it makes the text of an exec: a command that names a provider's user, parent domain or zone
and is not on the list can't be made at all, whatever a plan, a row or a bug wants.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath

from hostdeck.core.errors import Permanent

LOOKS = ("v-list-", "v-search-")
COMMANDS = frozenset({
    "v-add-mail-account", "v-change-mail-account-password", "v-change-mail-account-quota", "v-suspend-mail-account",
    "v-unsuspend-mail-account", "v-delete-mail-account", "v-add-dns-record", "v-delete-dns-record",
})  # fmt: skip
TEXTS = frozenset({
    "parent-state", "alias-of", "at-name", "record-is", "rrset-at", "rrset-is", "served", "answers", "node-usage",
})  # fmt: skip
"""Fixed texts that only look, by their labels."""

PDNSUTIL = frozenset({"list-zone", "show-zone", "replace-rrset", "delete-rrset", "increase-serial", "check-zone"})
PDNS_CONTROL = frozenset({"purge"})
SETTING_KEYS = frozenset({
    "v-change-sys-config-value", "v-change-sys-language", "v-change-sys-webmail", "v-change-sys-db-alias",
    "v-change-sys-api",
})  # fmt: skip
"""They set keys of the panel: a value is nobody's account."""

FREE_TEXT = {
    "v-add-mail-account-autoreply": 4,
    "v-add-cron-job": 7,
    "v-change-cron-job": 8,
    "cron-is": 8,
}
"""Where a command is told what a customer wrote: a web address in it touches nothing of the provider's."""

LOOKING_TOOLS = frozenset({"dig", "named-checkzone"})

ONE_RECORD = frozenset({"replace-rrset", "delete-rrset"})


class Unsendable(Permanent):
    """A command that would touch what is the provider's; it was never made."""


@dataclass(frozen=True, slots=True)
class Provider:
    """Users and domains that are the provider's, in lower case."""

    users: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()

    def named_in(self, argument: str) -> bool:
        """Whether an argument is one of them: a user alone or as a folder of users, a domain as any part of a path and
        with what tools put behind a name."""
        parts = argument.lower().split("/")
        owners = {argument.lower()} | {part for above, part in pairwise(parts) if above in ("users", "home")}
        bare = {part.rstrip(".$").removesuffix(".conf").removesuffix(".db").rstrip(".") for part in parts}
        return bool(owners & self.users or bare & self.domains)


NOBODY = Provider()


def refuse_unlisted(argv: tuple[str, ...], provider: Provider, server: str) -> None:
    """Unsendable where a command names the provider and may not. `argv` without its secrets."""
    naming = next((argument for argument in _arguments(argv) if provider.named_in(argument)), None)
    if naming is not None and not _is_listed(argv):
        raise Unsendable(
            f"{server}: '{_name(argv)}' would touch '{naming[:64]}', which is the provider's own; it was not "
            "sent. Nothing that hostdeck does needs it: look for what asked for it [VAN_UNSENDABLE]"
        )


def _arguments(argv: tuple[str, ...]) -> tuple[str, ...]:
    """What a command is told, without its own name; lines for a scratch file touch nothing yet."""
    if PurePosixPath(argv[0]).name != "bash":
        return _without_text(argv, argv[1:])
    if _name(argv) == "put" or (_name(argv) == "config-set" and _sets_keys_only(argv[8:])):
        return ()
    return _without_text(argv, argv[6:])


def _without_text(argv: tuple[str, ...], words: tuple[str, ...]) -> tuple[str, ...]:
    place = FREE_TEXT.get(_name(argv), 0)
    return words if not place else (*words[: place - 1], *words[place:])


def _sets_keys_only(words: tuple[str, ...]) -> bool:
    """Whether a `config-set` runs nothing but commands for keys: KEY SHOWN COUNT WORD..., again and again."""
    while words:
        if len(words) < 4 or not words[2].isdecimal() or words[3] not in SETTING_KEYS:
            return False
        words = words[3 + int(words[2]) :]
    return True


def _name(argv: tuple[str, ...]) -> str:
    name = PurePosixPath(argv[0]).name
    return argv[5] if name == "bash" and len(argv) > 5 else name


def _is_listed(argv: tuple[str, ...]) -> bool:
    name = _name(argv)
    if PurePosixPath(argv[0]).name == "bash":
        return name in TEXTS
    if name.startswith(LOOKS) or name in LOOKING_TOOLS:
        return True
    words = [word for word in argv[1:] if not word.startswith("--config-dir=")]
    if name in ("pdnsutil", "pdns_control"):
        verb = words[0] if words else ""
        if name == "pdns_control":
            return verb in PDNS_CONTROL
        return verb in PDNSUTIL and (verb not in ONE_RECORD or _is_one_label(words[2:3]))
    if name == "v-delete-dns-record":
        return words[2:3] != [""] and "".join(words[2:3]).isdigit()
    return name in COMMANDS and _is_one_label(words[2:3])


def _is_one_label(word: list[str]) -> bool:
    """A plain name below the apex: no dot, which would be a pattern to Hestia and another name to pdnsutil."""
    return bool(word) and bool(word[0]) and not set(word[0]) & set(".@*[]\\/ ")
