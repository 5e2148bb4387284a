"""Every key has a name, such as `tasks.retry`, by which `[keys]` in hostdeck.toml gives it another key."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from textual.binding import Binding, BindingType

from hostdeck.core.errors import Invalid

IDS: dict[str, Binding] = {}
"""Every name there is, with what it was bound to first."""


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
    """The map as Textual takes it. Invalid names the nearest where there is no such key."""
    names = list(known)
    for name in keys:
        if name not in names:
            near = ", ".join(difflib.get_close_matches(name, names, 3, 0.4)) or "see ':keys' in the console"
            raise Invalid("keys", f"there is no '{name}'; nearest: {near}", "SET_KEYS")
    return dict(keys)
