"""One frozen set of settings, from `hostdeck.toml` in the home, the environment and the command line, in that order
of weight. Times in seconds.

They are plain dataclasses, which pydantic is asked to read only where something is not yet what it has to be: a console
shows its first picture in less time than pydantic takes to load.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, is_dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeVar, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

from hostdeck.core.errors import Invalid

ENVIRONMENT = {
    "HOSTDECK_DATABASE_URL": "database_url",
    "HOSTDECK_QUEUE_URL": "queue_url",
    "HOSTDECK_KEY_FILE": "key_file",
    "HOSTDECK_ENV": "env",
    "HOSTDECK_DNS_PORT": "dns_port",
    "HOSTDECK_NOTIFY": "notify",
}
TABLES = frozenset({"console"})
"""Settings of several parts, of which a flag says one."""
LISTS = frozenset({"notify"})
"""Settings of several words, with spaces between them in the environment."""

TOLD = {"unexpected_keyword_argument": "there is no such setting", "dataclass_type": "it has to be a table"}
"""What pydantic says of its own classes, in our words."""
SECRET = re.compile(r"([?&](?:ssl)?password=)[^&]*", re.IGNORECASE)

S = TypeVar("S")


@dataclass(frozen=True)
class ConsoleSettings:
    """How the console looks and behaves: `[console]` in the file, or a flag. `slow` is for lines of a few kB a second,
    `bell` rings when a task fails."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    theme: str = ""
    color: Literal["auto", "truecolor", "256", "16", "none"] = "auto"
    ascii: bool = False
    mouse: bool = True
    slow: bool = False
    bell: bool = False


@dataclass(frozen=True)
class Settings:
    """Where things are and how they behave; `interface.md` Global names the flags and variables."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    home: Path
    database_url: str = field(default="", repr=False)
    queue_url: str = field(default="", repr=False)
    key_file: Path | None = None
    env: str = ""
    read_only: bool = False
    reserved_domains: bool = False
    demo: bool = False
    workers: int = 8
    connect_timeout: float = 10.0
    login_timeout: float = 20.0
    dns_port: int = 53
    log_file: Path | None = None
    console: ConsoleSettings = ConsoleSettings()
    keys: dict[str, str] = field(default_factory=dict)
    # Apprise addresses hold their secrets in themselves: they are in no row, and shown nowhere.
    notify: tuple[str, ...] = field(default=(), repr=False)

    def command(self, words: str) -> str:
        """A command line for a person to type, naming this home where it is not the one they get anyway."""
        usual = default_home() == self.home
        return f"hostdeck {words}" if usual else f"hostdeck --home {self.home} {words}"

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.home / 'hostdeck.db'}"

    @property
    def queue(self) -> str:
        if self.queue_url:
            return self.queue_url
        if self.database.startswith("sqlite:"):
            return f"sqlite:///{self.home / 'queue.db'}"
        return self.database

    @property
    def worker_log(self) -> Path:
        """A relative one is meant from the home on."""
        return self.home / (self.log_file or "log/worker.log")

    @property
    def worker_key(self) -> Path:
        return self.key_file or self.home / "worker.key"


def default_home(environ: Mapping[str, str] = os.environ) -> Path:
    """`HOSTDECK_HOME`, else the platform's user data folder."""
    if named := environ.get("HOSTDECK_HOME"):
        return Path(named).expanduser().absolute()
    from platformdirs import user_data_path

    return user_data_path("hostdeck")


def load_settings(
    home: Path | None = None, flags: Mapping[str, Any] | None = None, environ: Mapping[str, str] = os.environ
) -> Settings:
    """Flag over environment over file over default. Invalid names the setting, and the file where it is the file's."""
    values, source = _said(home, flags, environ)
    if (plain := as_said(Settings, values)) is not None:
        return plain
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(Settings).validate_python(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "setting"
        whole = ".".join(str(part) for part in first["loc"]) or name
        said_by = source.get(whole) or source.get(name, "hostdeck.toml")
        raise Invalid(whole, f"{TOLD.get(first['type'], first['msg'])} (from {said_by})", "SET_VALUE") from None


def as_said(settings: type[S], values: Mapping[str, Any]) -> S | None:
    """The settings, where each value is of its type already and each name is known; None: somebody has to read them."""
    types = get_type_hints(settings)
    read = dict(values)
    for name, value in values.items():
        wanted = types.get(name)
        if isinstance(wanted, type) and is_dataclass(wanted) and isinstance(value, dict):
            read[name] = as_said(wanted, value)
            if read[name] is None:
                return None
        elif not _is(value, wanted):
            return None
    return settings(**read)


def _is(value: Any, wanted: Any) -> bool:
    """Whether there is nothing to read: a plain value of just that type, or one of the words it may be."""
    if get_origin(wanted) is Literal:
        return isinstance(value, str) and value in get_args(wanted)
    if get_origin(wanted) is dict:
        return isinstance(value, dict) and all(type(part) is str for pair in value.items() for part in pair)
    return type(value) is wanted or (wanted is Path and isinstance(value, Path))


def _parts(table: Any) -> Iterable[str]:
    return table if isinstance(table, dict) else ()


def settings_sources(
    home: Path | None = None, flags: Mapping[str, Any] | None = None, environ: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """Who said each setting that is not as it comes: the file, a variable or a flag."""
    return _said(home, flags, environ)[1]


def _said(
    home: Path | None, flags: Mapping[str, Any] | None, environ: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, str]]:
    home = (home or default_home(environ)).expanduser().absolute()
    values: dict[str, Any] = {}
    source: dict[str, str] = {}
    path = home / "hostdeck.toml"
    if path.is_file():
        import tomllib

        try:
            values |= tomllib.loads(path.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise Invalid("hostdeck.toml", f"{path}: {error}", "SET_FILE") from None
        source |= dict.fromkeys(values, "hostdeck.toml")
        source |= {f"{name}.{part}": "hostdeck.toml" for name in TABLES for part in _parts(values.get(name))}
    for variable, name in ENVIRONMENT.items():
        if variable in environ:
            values[name] = environ[variable].split() if name in LISTS else environ[variable]
            source[name] = variable
    for name, value in (flags or {}).items():
        if name in TABLES and isinstance(value, dict):
            said = values.get(name, {})
            if isinstance(said, dict):  # else it is told what is wrong with the file
                values[name] = {**said, **value}
                source |= {name: "flags"} if value else {}
                source |= {f"{name}.{part}": f"--{part}" for part in value}
        elif value is not None:
            values[name], source[name] = value, f"--{name.replace('_', '-')}"
    values["home"] = home
    return values, source


def sqlite_path(url: str) -> Path | None:
    """The file behind a `sqlite:///` address, None for any other."""
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None


def without_password(url: str) -> str:
    """An address as it may be shown: no password before the host, nor among what libpq takes after `?`."""
    parts = urlsplit(url)
    url = url.replace(f":{parts.password}@", ":•••@") if parts.password else url
    return SECRET.sub(r"\1•••", url)
