"""What is kept of an operator's lists, and how it is written. Read before the first picture, so by nothing that takes
long to load.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class ListView:
    """`order`: a column's key, and whether it is turned round. `cursor`: the key of a row."""

    filter: str = ""
    order: tuple[str, bool] | None = None
    hidden: frozenset[str] = frozenset()
    wide: bool = False
    cursor: int | str | None = None


@dataclass(frozen=True)
class NamedView:
    """A view of the list under that section, to come back to by its own `:` word."""

    section: str
    view: ListView


@dataclass
class Kept:
    """`typed`: the `:` lines of before, the newest last."""

    lists: dict[str, ListView] = field(default_factory=dict)
    named: dict[str, NamedView] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)


def written(kept: Kept) -> str:
    """As JSON, with what is hidden in the order of its letters."""
    import json

    return json.dumps(asdict(kept), default=sorted)


def read(text: bytes) -> Kept:
    """What of it can be understood; the rest is as if it had never been written, for nothing of the fleet is in it."""
    import json

    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return Kept()
    if not isinstance(said, dict):
        return Kept()
    return Kept(
        _each(said.get("lists"), _list_view),
        _each(said.get("named"), _named_view),
        [line for line in _list(said.get("typed")) if isinstance(line, str)],
    )


def _each(said: Any, one: Callable[[Any], T | None]) -> dict[str, T]:
    read = {name: one(part) for name, part in said.items()} if isinstance(said, dict) else {}
    return {name: part for name, part in read.items() if part is not None}


def _named_view(said: Any) -> NamedView | None:
    if not isinstance(said, dict) or not isinstance(section := said.get("section"), str):
        return None
    view = _list_view(said.get("view"))
    return None if view is None else NamedView(section, view)


def _list_view(said: Any) -> ListView | None:
    if not isinstance(said, dict):
        return None
    view = ListView(hidden=frozenset(key for key in _list(said.get("hidden")) if isinstance(key, str)))
    if isinstance(text := said.get("filter"), str):
        view = replace(view, filter=text)
    match said.get("order"):
        case [str(key), bool(turned)]:
            view = replace(view, order=(key, turned))
    if isinstance(wide := said.get("wide"), bool):
        view = replace(view, wide=wide)
    if isinstance(cursor := said.get("cursor"), int | str):
        view = replace(view, cursor=cursor)
    return view


def _list(said: Any) -> list[Any]:
    return said if isinstance(said, list) else []
