"""Servers, groups and products as a file: its shape, and what it would change. Pure.

What a file does not say is left as it is, and what it does not name is left alone: nothing is ever removed by a file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hostdeck.core.domain.vocabulary import Target
from hostdeck.core.errors import Invalid


class Entry(BaseModel):
    """None: the file does not say."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: str


class VanityEntry(BaseModel):
    """A domain whose names a group sells."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    domain: str
    mail_server: str
    mail_user: str
    web_servers: list[str] = Field(default_factory=list)
    reserved: list[str] = Field(default_factory=list)


class FileEntry(BaseModel):
    """A standard file, with its text."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    path: str
    to: str = Target.WEB.value
    content: str


class GroupEntry(Entry):
    """`config` are managed keys of all categories, `nameservers` those that shall be attached at least."""

    nameservers: list[str] | None = None
    variables: dict[str, str] | None = None
    config: dict[str, str] | None = None
    vanity: list[VanityEntry] | None = None
    file: list[FileEntry] | None = None


class ServerEntry(Entry):
    """`host_key` is a fingerprint. The credential is read when the server is added, and never again: from `key_file`,
    or for a password from `password_file`."""

    host: str | None = None
    ip: str | None = None
    ssh_port: int | None = None
    ssh_user: str | None = None
    driver: str | None = None
    capabilities: list[str] | None = None
    group: str | None = None
    max_accounts: int | None = None
    node_dir: str | None = None
    host_key: str | None = None
    key_file: str | None = None
    password_file: str | None = None


class ProductEntry(Entry):
    group: str | None = None
    mode: str | None = None
    roles: list[str] | None = None
    limits: dict[str, str] | None = None


class FleetFile(BaseModel):
    """The whole file: tables `[[group]]`, `[[server]]`, `[[product]]`."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    group: list[GroupEntry] = Field(default_factory=list)
    server: list[ServerEntry] = Field(default_factory=list)
    product: list[ProductEntry] = Field(default_factory=list)


class Kind(StrEnum):
    GROUP = "group"
    SERVER = "server"
    PRODUCT = "product"


class Difference(BaseModel):
    """One value that the file would change; `before` None where the object, or that part of it, is not there. `field`
    is empty where the object itself is new."""

    model_config = ConfigDict(frozen=True)

    kind: Kind
    name: str
    field: str
    before: str | None
    after: str


CREDENTIALS = frozenset({"key_file", "password_file"})


def parse(values: Mapping[str, Any]) -> FleetFile:
    """Invalid [FLT_*] names the table, the object and the field."""
    try:
        file = FleetFile.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        raise Invalid(_place(first["loc"], values), first["msg"].lower(), "FLT_VALUE") from None
    for kind, entries in _tables(file):
        names = [entry.name for entry in entries]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise Invalid(f"{kind} {twice}", "stands in the file twice", "FLT_TWICE")
    return file


def _place(loc: tuple[int | str, ...], values: Mapping[str, Any]) -> str:
    """`server web01: ssh_port` rather than a path of numbers."""
    words = [str(part) for part in loc]
    if len(loc) >= 2 and isinstance(loc[1], int):
        try:
            words[1] = str(values[str(loc[0])][loc[1]]["name"])
        except (KeyError, TypeError, IndexError):
            words[1] = f"#{loc[1] + 1}"
    return " ".join(words[:2]) + "".join(f".{word}" for word in words[2:])


def _tables(file: FleetFile) -> Iterator[tuple[Kind, list[Any]]]:
    yield Kind.GROUP, list(file.group)
    yield Kind.SERVER, list(file.server)
    yield Kind.PRODUCT, list(file.product)


def differences(wanted: FleetFile, now: FleetFile) -> tuple[Difference, ...]:
    """What the file would change of what there is; empty where nothing."""
    found: list[Difference] = []
    there = {kind: {entry.name: entry for entry in entries} for kind, entries in _tables(now)}
    for kind, entries in _tables(wanted):
        for entry in entries:
            known = there[kind].get(entry.name)
            if known is None:
                found.append(Difference(kind=kind, name=entry.name, field="", before=None, after="new"))
            found += _of_entry(kind, entry, known)
    return tuple(found)


def _of_entry(kind: Kind, wanted: Entry, known: Entry | None) -> Iterator[Difference]:
    have = flat(known) if known is not None else {}
    for name, value in flat(wanted).items():
        if name not in CREDENTIALS and have.get(name) != value:
            yield Difference(kind=kind, name=wanted.name, field=name, before=have.get(name), after=value)


def flat(entry: Entry) -> dict[str, str]:
    """What an entry says, one text a part: `config.THEME`, `nameservers.ns1`, `vanity.names.test`."""
    parts: dict[str, str] = {}
    for name, value in entry.model_dump(exclude={"name"}, exclude_none=True).items():
        match value:
            case dict():
                parts |= {f"{name}.{key}": one for key, one in value.items()}
            case list() if name == "nameservers":
                parts |= {f"{name}.{one}": "attached" for one in value}
            case list() if value and isinstance(value[0], dict):
                parts |= dict(_of_table(name, one) for one in value)
            case list():
                parts[name] = ", ".join(sorted(value))
            case _:
                parts[name] = str(value)
    return parts


def _of_table(name: str, row: dict[str, Any]) -> tuple[str, str]:
    """A row of a table within an entry, by its own name."""
    key = row.get("domain") or row["path"]
    told = {part: value for part, value in row.items() if part not in ("domain", "path")}
    if "content" in told:
        told["content"] = f"{len(told['content'])} characters, {hash_of(told['content'])}"
    return f"{name}.{key}", "; ".join(f"{part} {_text(value)}" for part, value in told.items())


def _text(value: Any) -> str:
    return ", ".join(sorted(value)) or "-" if isinstance(value, list) else str(value)


def hash_of(text: str) -> str:
    """The first digits of a text's SHA-256, for people to tell two apart."""
    from hashlib import sha256

    return sha256(text.encode()).hexdigest()[:12]
