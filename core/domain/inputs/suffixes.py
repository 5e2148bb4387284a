"""Where one owner's names end: the public suffixes, from the list that `publicsuffixlist` ships."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList


def is_suffix(domain: str) -> bool:
    """Whether nobody can own this name because others register below it; private suffixes count too."""
    return bool(_suffixes_under(_tld(domain)).is_public(domain))


def registrable(domain: str) -> str:
    """The domain one label below its public suffix; a public suffix itself comes back as it is."""
    return _suffixes_under(_tld(domain)).privatesuffix(domain) or domain


def parents_of(domain: str) -> tuple[str, ...]:
    """The names above this one that an owner can have, nearest first: `a.b.ex.com` gives `b.ex.com`, `ex.com`."""
    labels = domain.split(".")
    depth = len(labels) - len(registrable(domain).split("."))
    return tuple(".".join(labels[i:]) for i in range(1, depth + 1))


def _tld(domain: str) -> str:
    return domain.rpartition(".")[2]


@cache
def _rules() -> str:
    import publicsuffixlist

    with open(publicsuffixlist.PSLFILE, encoding="utf-8") as rules:
        return rules.read()


@lru_cache(maxsize=64)
def _suffixes_under(tld: str) -> PublicSuffixList:
    """The rules of one top-level domain only: reading all of them costs 45 ms, these a few at most."""
    from publicsuffixlist import PublicSuffixList

    rules = re.findall(rf"(?m)^(?:[^\s/]*\.)?{re.escape(_listed(tld))}$", _rules())
    return PublicSuffixList(rules, accept_encoded_idn=not "".join(rules).isascii())


def _listed(tld: str) -> str:
    """The spelling of the list, which is the Unicode one."""
    if not tld.startswith("xn--"):
        return tld
    import idna

    try:
        return idna.ulabel(tld)
    except UnicodeError:
        return tld
