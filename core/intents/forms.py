"""What an operator fills in; as typed, before any check."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class OrderForm:
    """An order: `options` override limits, `fields` are the customer's answers, `meta` is the billing side's."""

    domain: str
    product: str
    email: str = ""
    options: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    meta: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ServerForm:
    """A server; exactly one of `key` (a private key's text) and `password` is given. `host_key` is the public key
    in OpenSSH form, already compared by whoever fills the form in."""

    name: str
    host: str
    capabilities: tuple[str, ...]
    host_key: str
    ip: str = ""
    ssh_port: str = "22"
    ssh_user: str = "root"
    key: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    driver: str = "hestiacp"
    group: str = ""
    max_accounts: str = "0"
    node_dir: str = ""


@dataclass(frozen=True, slots=True)
class ServerChange:
    """What is to be different; None leaves as it is, and so does an empty key or password. An empty `group` is none,
    an empty `node_dir` the usual one. `host_key` is the public key of the new place, already compared."""

    host: str | None = None
    ip: str | None = None
    ssh_port: str | None = None
    ssh_user: str | None = None
    key: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    capabilities: tuple[str, ...] | None = None
    driver: str | None = None
    group: str | None = None
    max_accounts: str | None = None
    node_dir: str | None = None
    host_key: str = ""


@dataclass(frozen=True, slots=True)
class ProductForm:
    name: str
    group: str
    mode: str
    roles: tuple[str, ...]
    limits: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProductChange:
    """What is to be different; None and empty leave as it is. `unset` limits go back to their defaults."""

    group: str = ""
    mode: str = ""
    roles: tuple[str, ...] | None = None
    limits: dict[str, str] = field(default_factory=dict)
    unset: tuple[str, ...] = ()
