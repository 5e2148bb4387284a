"""Every key has a name, such as `tasks.retry`, by which `[keys]` in hostdeck.toml gives it another key."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from textual.binding import Binding, BindingType
from textual.keys import KEY_NAME_REPLACEMENTS, Keys

from hostdeck.core.errors import Invalid

IDS: dict[str, Binding] = {}
"""Every name there is, with what it was bound to first."""
HELD = frozenset({"ctrl", "shift", "alt", "super", "meta", "hyper"})
NAMES = frozenset({*(key.value for key in Keys), *KEY_NAME_REPLACEMENTS.values()})
"""Of keys that are no character, and of characters that are called otherwise than in Unicode."""


def named(owner: str, bindings: Sequence[BindingType]) -> list[BindingType]:
    """The bindings, each with its name: the owner's and, in one word, what it does."""
    out: list[BindingType] = []
    for binding in bindings:
        if not isinstance(binding, Binding):
            raise TypeError(f"{owner}: {binding!r} has to be a Binding, so that it has a description")
        word = re.sub(r"[^a-z0-9]+", "-", binding.description.casefold()).strip("-")
        one = replace(binding, id=binding.id or f"{owner}.{word}")
        IDS.setdefault(str(one.id), one)
        out.append(one)
    return out


def check_keys(keys: Mapping[str, str], known: Iterable[str]) -> dict[str, str]:
    """The map as Textual takes it. Invalid names the nearest where there is no such key, and what no key is called."""
    names = list(known)
    for name in keys:
        if name not in names:
            near = ", ".join(difflib.get_close_matches(name, names, 3, 0.4)) or "see ':keys' in the console"
            raise Invalid("keys", f"there is no '{name}'; nearest: {near}", "SET_KEYS")
        wrong = next((word for word in keys[name].split(",") if not _is_key(word.strip())), None)
        if wrong is not None:
            text = f"{name}: no key is called '{wrong}'; such as \"ctrl+g\", see ':keys' in the console"
            raise Invalid("keys", text, "SET_KEYS")
    return dict(keys)


def _is_key(word: str) -> bool:
    """One character, or a name as `:keys` shows it, whatever is held down with it."""
    *held, key = word.split("+") if len(word) > 1 else [word]
    if not set(held) <= HELD:
        return False
    return (len(key) == 1 and key.isprintable() and not key.isspace()) or key in NAMES or _is_character(key)


def _is_character(name: str) -> bool:
    try:
        unicodedata.lookup(name.replace("_", " "))
    except KeyError:
        return False
    return True
